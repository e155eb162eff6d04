//! loom's reader-writer lock.

use super::super::interpreter::OwnRwLock;
use ::loom::sync::{RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::sync::PoisonError;

/// A lock that lets in whoever can go in: loom blocks a reader only by a writer that is inside.
///
/// It keeps its readers in a set, so a second `read` by the same thread would be given back with the first: it is for
/// sections that are apart. To only try is for a monitor, as with loom's mutex.
pub(super) struct Shared(RwLock<()>);

/// Proof that a thread is inside.
#[expect(dead_code, reason = "they are there to be dropped")]
pub(super) enum Inside<'a> {
    Reading(RwLockReadGuard<'a, ()>),
    Writing(RwLockWriteGuard<'a, ()>),
}

impl Shared {
    /// A free lock.
    pub(super) fn new() -> Self {
        Self(RwLock::new(()))
    }
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
