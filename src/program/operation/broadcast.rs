//! Operations on a broadcast.

use super::super::{Lag, LocalExpr, LocalId};
use super::Patience;
use serde::{Deserialize, Serialize};

/// On a `broadcast`.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub enum BroadcastOp {
    /// `send(v)`: never blocks; misuse after close.
    Send {
        /// The value.
        value: LocalExpr,
    },
    /// `recv()`, `try_recv()`, `recv_timeout(d)`.
    Recv {
        /// What it does where there is nothing for this thread.
        patience: Patience,
        /// Whether the thread asks how many values it has missed.
        lag: Lag,
        /// Where the tag goes: `some`, `failed` or `closed`, or `none` or `timeout`.
        tag: LocalId,
        /// Where the value of `some` and `failed` goes (unchanged otherwise).
        to: LocalId,
    },
    /// `subscribe()`: from now on this thread gets what is sent from now on.
    Subscribe,
    /// `len()`: how many values it keeps for receivers.
    Len {
        /// Where the number goes.
        to: LocalId,
    },
    /// `close()`: no more sends; what is in it can still be received. A second close does nothing.
    Close,
}

impl BroadcastOp {
    /// Whether its thread receives.
    #[must_use]
    pub fn listens(&self) -> bool {
        match self {
            BroadcastOp::Recv { .. } => true,
            BroadcastOp::Send { .. } | BroadcastOp::Subscribe | BroadcastOp::Len { .. } | BroadcastOp::Close => false,
        }
    }
}
