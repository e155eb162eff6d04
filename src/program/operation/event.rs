//! Operations on events.

use crate::program::LocalId;
use serde::{Deserialize, Serialize};

/// On an `event`.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub enum EventOp {
    /// `set()`
    Set,
    /// `clear()`
    Clear,
    /// `is_set()`
    IsSet {
        /// Where the Boolean goes.
        to: LocalId,
    },
    /// `wait()`: blocks while it is not set.
    Wait,
    /// `wait_timeout(d)`: never blocks for ever.
    WaitTimeout {
        /// Where the Boolean goes: whether it was set.
        to: LocalId,
    },
}
