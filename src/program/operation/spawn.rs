//! Operations on threads that are started at run time.

use crate::program::{LocalExpr, LocalId};
use serde::{Deserialize, Serialize};

/// On the threads that one function is started as. A *handle* is the number of one of them in a local of the thread that
/// has started it, counted from 1; 0 is none.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub enum SpawnOp {
    /// `spawn f(…)`: starts the next of them.
    Start {
        /// What its parameters are.
        args: Vec<LocalExpr>,
        /// Where the handle goes; `None` where nobody keeps it.
        to: Option<LocalId>,
    },
    /// `h.join();`: blocks until it has ended; nobody looks at how.
    Wait {
        /// The handle.
        handle: LocalExpr,
    },
    /// `h.join()`: blocks until it has ended, and looks at how.
    Join {
        /// The handle.
        handle: LocalExpr,
        /// Where the tag goes: `some`, or `failed` if it ended by panic or misuse.
        tag: LocalId,
        /// Where what the function returned goes; `None` where it returns nothing.
        to: Option<LocalId>,
    },
    /// `h.is_finished()`
    IsFinished {
        /// The handle.
        handle: LocalExpr,
        /// Where the Boolean goes.
        to: LocalId,
    },
}

impl SpawnOp {
    /// The handle that it is on; starting has none.
    #[must_use]
    pub fn handle(&self) -> Option<&LocalExpr> {
        match self {
            SpawnOp::Start { .. } => None,
            SpawnOp::Wait { handle } | SpawnOp::Join { handle, .. } | SpawnOp::IsFinished { handle, .. } => {
                Some(handle)
            }
        }
    }
}
