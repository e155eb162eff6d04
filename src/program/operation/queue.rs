//! Operations on a queue.

use super::super::{LocalExpr, LocalId};
use serde::{Deserialize, Serialize};

/// On a `queue`.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub enum QueueOp {
    /// `put(v)`, `try_put(v)`, `put_timeout(v, d)`: needs room.
    Put {
        /// The item.
        value: LocalExpr,
        /// What it does where there is no room.
        patience: Patience,
        /// Where the Boolean goes that says whether it was put in; `None` for `put`.
        done: Option<LocalId>,
    },
    /// `get()`, `try_get()`, `get_timeout(d)`: needs an item.
    Get {
        /// What it does where there is no item.
        patience: Patience,
        /// Where the tag goes: `some`, or `none` or `timeout`; `None` for `get`.
        tag: Option<LocalId>,
        /// Where the item goes (unchanged where there is none).
        to: LocalId,
    },
    /// `len()`
    Len {
        /// Where the number goes.
        to: LocalId,
    },
    /// `is_empty()`
    IsEmpty {
        /// Where the Boolean goes.
        to: LocalId,
    },
    /// `is_full()`
    IsFull {
        /// Where the Boolean goes.
        to: LocalId,
    },
    /// `task_done()`: one item that was put in is finished. Misuse where all of them are.
    TaskDone,
    /// `join()`: blocks until every item that was put in is finished.
    Join,
}

/// What an operation does that cannot go on.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub enum Patience {
    /// It waits.
    Forever,
    /// It gives up at once: `try_…`.
    NotAtAll,
    /// It waits for a time: `…_timeout`.
    Timed {
        /// How long, in microseconds.
        micros: u64,
    },
}
