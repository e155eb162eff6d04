//! Operations on barriers.

use crate::program::LocalId;
use serde::{Deserialize, Serialize};

/// On a `barrier`.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub enum BarrierOp {
    /// `wait()`: two steps, arrive and complete.
    Wait {
        /// Where the tag goes: `some`, or `failed` where the barrier is broken.
        tag: LocalId,
        /// Where the Boolean goes: whether this thread was the last one to come.
        to: LocalId,
    },
    /// `wait_timeout(d)`: as `wait`; while it waits its time-out may fire, which breaks the barrier.
    WaitTimeout {
        /// Where the tag goes: `some`, `timeout`, or `failed` where the barrier is broken.
        tag: LocalId,
        /// Where the Boolean goes.
        to: LocalId,
    },
    /// `abort()`: breaks it; whoever waits fails, and so does whoever comes.
    Abort,
    /// `reset()`: whoever waits fails; whoever comes finds it whole.
    Reset,
    /// `is_broken()`
    IsBroken {
        /// Where the Boolean goes.
        to: LocalId,
    },
}
