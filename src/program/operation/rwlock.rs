//! Operations on a reader-writer lock.

use super::Scoped;
use crate::program::LocalId;
use serde::{Deserialize, Serialize};

/// On an `rwlock`.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub enum RwLockOp {
    /// `read()`, or entering `with l.read() { }`. Blocks while anybody writes, this thread included.
    Read {
        /// Whether every way out releases it.
        scoped: Scoped,
    },
    /// `write()`, or entering `with l.write() { }`. Blocks while anybody reads or writes, this thread included.
    Write {
        /// Whether every way out releases it.
        scoped: Scoped,
    },
    /// `try_read()`
    TryRead {
        /// Where the Boolean goes.
        to: LocalId,
    },
    /// `try_write()`
    TryWrite {
        /// Where the Boolean goes.
        to: LocalId,
    },
    /// `read_unlock()`, or leaving `with l.read() { }`. Misuse by a thread that does not read.
    ReadUnlock {
        /// Whether it is the end of a `with`.
        scoped: Scoped,
    },
    /// `write_unlock()`, or leaving `with l.write() { }`. Misuse by a thread that does not write.
    WriteUnlock {
        /// Whether it is the end of a `with`.
        scoped: Scoped,
    },
}
