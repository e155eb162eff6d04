//! Operations on a one-shot channel.

use super::super::{LocalExpr, LocalId};
use super::Patience;
use serde::{Deserialize, Serialize};

/// On a `oneshot`.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub enum OneshotOp {
    /// `send(v)`: never blocks. Misuse where a value was sent before.
    Send {
        /// The value.
        value: LocalExpr,
        /// Where the Boolean goes: whether it was sent, which it is unless the channel is closed.
        to: LocalId,
    },
    /// `recv()`, `try_recv()`, `recv_timeout(d)`.
    Recv {
        /// What it does where nothing was sent.
        patience: Patience,
        /// Where the tag goes: `some` or `closed`, or `none` or `timeout`.
        tag: LocalId,
        /// Where the value goes (unchanged where there is none).
        to: LocalId,
    },
    /// `close()`: nothing is sent any more; what was sent can still be received. A second close does nothing.
    Close,
}
