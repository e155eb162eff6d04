//! Operations on a watched value.

use super::super::{LocalExpr, LocalId};
use serde::{Deserialize, Serialize};

/// On a `watch`.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub enum WatchOp {
    /// `send(v)`: never blocks; misuse after close.
    Send {
        /// The value.
        value: LocalExpr,
    },
    /// `borrow()`: the value, which stays as new as it was.
    Borrow {
        /// Where it goes.
        to: LocalId,
    },
    /// `borrow_and_update()`: the value, which this thread has seen then.
    BorrowAndUpdate {
        /// Where it goes.
        to: LocalId,
    },
    /// `has_changed()`
    HasChanged {
        /// Where the Boolean goes: whether there is a value that this thread has not seen.
        to: LocalId,
    },
    /// `changed()`: blocks until there is a value that this thread has not seen, or the end.
    Changed {
        /// Where the tag goes: `some` or `closed`.
        tag: LocalId,
    },
    /// `wait_for(v)`: blocks until this is the value, or the end.
    WaitFor {
        /// The value.
        value: LocalExpr,
        /// Where the tag goes: `some` or `closed`.
        tag: LocalId,
    },
    /// `close()`: no more sends. A second close does nothing.
    Close,
}

impl WatchOp {
    /// Whether it depends on what its thread has seen.
    #[must_use]
    pub fn listens(&self) -> bool {
        match self {
            WatchOp::HasChanged { .. } | WatchOp::Changed { .. } => true,
            // They change what has been seen, which matters to those who ask.
            WatchOp::BorrowAndUpdate { .. } | WatchOp::WaitFor { .. } => false,
            WatchOp::Send { .. } | WatchOp::Borrow { .. } | WatchOp::Close => false,
        }
    }
}
