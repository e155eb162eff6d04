//! Operations on condition variables.

use super::LocalObject;
use crate::program::{LocalExpr, LocalId};
use serde::{Deserialize, Serialize};

/// On a `condvar`. A `wait_while` is a loop around `wait`.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub enum CondvarOp {
    /// `wait(m)`: two steps, release-and-wait, then re-acquire; with a fifo mutex it lines up for it between them, a step
    /// of its own. Misuse without the mutex.
    Wait {
        /// The mutex given back while waiting.
        mutex: LocalObject,
        /// Where the tag goes, with a poisoning mutex: `some` or `poisoned`. It is held again in both cases.
        tag: Option<LocalId>,
    },
    /// `wait_timeout(m, d)`: as `wait`; while it waits, its time-out may fire, a step of its own.
    WaitTimeout {
        /// The mutex given back while waiting.
        mutex: LocalObject,
        /// After this many microseconds.
        micros: u64,
        /// As of `Wait`.
        tag: Option<LocalId>,
        /// Where the Boolean goes: whether the wait ended before its time-out. It is the value of `some`, where there is
        /// a tag.
        to: LocalId,
    },
    /// `notify_one()`: any one of the waiters; nothing where nobody waits.
    NotifyOne,
    /// `notify(n)`: any so many of the waiters, or all where fewer wait.
    Notify {
        /// How many; below 1 nobody.
        count: LocalExpr,
    },
    /// `notify_all()`
    NotifyAll,
}

impl CondvarOp {
    /// The mutex that a wait gives back; `None` where it is a notification.
    #[must_use]
    pub fn waits_with(&self) -> Option<&LocalObject> {
        match self {
            CondvarOp::Wait { mutex, .. } | CondvarOp::WaitTimeout { mutex, .. } => Some(mutex),
            CondvarOp::NotifyOne | CondvarOp::Notify { .. } | CondvarOp::NotifyAll => None,
        }
    }
}
