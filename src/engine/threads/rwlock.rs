//! The standard library's reader-writer lock, for brief sections: it holds readers up as long as a writer waits.

use super::over::Over;
use super::seat::Seat;
use crate::engine::interpreter::OwnRwLock;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard, TryLockError, TryLockResult};

/// A lock that has a run to its end.
#[derive(Debug)]
pub(super) struct Shared {
    own: RwLock<()>,
    over: Arc<Over>,
}

/// Proof that a thread is inside.
#[derive(Debug)]
#[expect(dead_code, reason = "they are there to be dropped")]
pub(super) enum Inside<'a> {
    Reading(RwLockReadGuard<'a, ()>),
    Writing(RwLockWriteGuard<'a, ()>),
}

impl Shared {
    /// A free lock.
    pub(super) fn new(over: &Arc<Over>) -> Self {
        Self { own: RwLock::new(()), over: Arc::clone(over) }
    }

    /// Only a lock that has to wait is a wait.
    fn enter<G>(&self, now: Option<G>, wait: impl FnOnce() -> G) -> G {
        now.unwrap_or_else(|| {
            let guard = Seat::waiting(wait);
            self.over.check();
            guard
        })
    }
}

impl OwnRwLock for Shared {
    type Guard<'a> = Inside<'a>;

    fn read(&self) -> Inside<'_> {
        let wait = || Inside::Reading(self.own.read().unwrap_or_else(PoisonError::into_inner));
        self.enter(self.try_read(), wait)
    }

    fn write(&self) -> Inside<'_> {
        let wait = || Inside::Writing(self.own.write().unwrap_or_else(PoisonError::into_inner));
        self.enter(self.try_write(), wait)
    }

    fn try_read(&self) -> Option<Inside<'_>> {
        taken(self.own.try_read()).map(Inside::Reading)
    }

    fn try_write(&self) -> Option<Inside<'_>> {
        taken(self.own.try_write()).map(Inside::Writing)
    }
}

/// Threads that leave at the end of a run unwind, which poisons; nothing is kept in here that could be broken.
fn taken<G>(tried: TryLockResult<G>) -> Option<G> {
    match tried {
        Ok(guard) => Some(guard),
        Err(TryLockError::Poisoned(guard)) => Some(guard.into_inner()),
        Err(TryLockError::WouldBlock) => None,
    }
}
