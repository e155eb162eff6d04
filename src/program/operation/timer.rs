//! Operations on timers.

use crate::program::LocalId;
use serde::{Deserialize, Serialize};

/// On a `timer`.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub enum TimerOp {
    /// `start()`: its thread begins, and may fire.
    Start,
    /// `cancel()`: it does not fire any more.
    Cancel {
        /// Where the Boolean goes: whether it had not fired.
        to: LocalId,
    },
    /// The first step of its own thread: the time is up, and the block runs.
    Fire,
}
