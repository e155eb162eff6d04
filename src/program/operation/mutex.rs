//! Operations on a mutex.

use super::Scoped;
use crate::program::LocalId;
use serde::{Deserialize, Serialize};

/// On a `mutex`.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub enum MutexOp {
    /// `lock()`, or entering `with m { }`. Blocks while anybody holds it, this thread included; the owner of a reentrant
    /// mutex holds it once more.
    Lock {
        /// Whether every way out releases it.
        scoped: Scoped,
    },
    /// `try_lock()`
    TryLock {
        /// Where the Boolean goes.
        to: LocalId,
    },
    /// `lock_timeout(d)`: as `lock`, but gives false where it could not go on.
    LockTimeout {
        /// How long it waits, in microseconds.
        micros: u64,
        /// Where the Boolean goes.
        to: LocalId,
    },
    /// `unlock()`, or leaving `with m { }`. Misuse by anybody but the holder.
    Unlock {
        /// Whether it is the end of a `with`.
        scoped: Scoped,
    },
    /// `is_locked()`
    IsLocked {
        /// Where the Boolean goes.
        to: LocalId,
    },
}
