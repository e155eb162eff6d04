//! shuttle's reader-writer lock.

use super::super::interpreter::OwnRwLock;
use ::shuttle::sync::{RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::sync::PoisonError;

/// A lock that lets in whoever can go in: shuttle makes it of a semaphore without any order, and of all permits for a
/// writer.
///
/// It refuses a second `read` by the same task, so it is for sections that are apart. A task is given its turn only once
/// it can go in, so none of these calls waits.
#[derive(Debug, Default)]
pub(super) struct Shared(RwLock<()>);

/// Proof that a task is inside.
#[expect(dead_code, reason = "they are there to be dropped")]
pub(super) enum Inside<'a> {
    Reading(RwLockReadGuard<'a, ()>),
    Writing(RwLockWriteGuard<'a, ()>),
}

impl OwnRwLock for Shared {
    type Guard<'a> = Inside<'a>;

    fn read(&self) -> Inside<'_> {
        Inside::Reading(self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn write(&self) -> Inside<'_> {
        Inside::Writing(self.0.write().unwrap_or_else(PoisonError::into_inner))
    }

    fn try_read(&self) -> Option<Inside<'_>> {
        self.0.try_read().ok().map(Inside::Reading)
    }

    fn try_write(&self) -> Option<Inside<'_>> {
        self.0.try_write().ok().map(Inside::Writing)
    }
}
