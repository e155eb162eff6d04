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
    /// `lock()`, or entering `with m { }`, of a poisoning mutex: as `Lock`, and says whether it is poisoned.
    LockChecked {
        /// Whether every way out releases it.
        scoped: Scoped,
        /// Where the tag goes: `some` or `poisoned`. It is held in both cases.
        tag: LocalId,
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
