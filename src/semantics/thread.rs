//! What one thread asks of another: `join` and `is_alive`.
//!
//! `join` blocks until the other has ended, and happens after its end. `is_alive` orders nothing.

use super::layout::Status;
use super::step::{At, Effect, Offers, Step};
use crate::finding::BlockCause;
use crate::program::{ResultTag, ThreadId, ThreadOp};

/// Only `join` can block.
pub(super) fn offers(at: At<'_>, other: ThreadId, op: &ThreadOp) -> Offers {
    match op {
        ThreadOp::Join { .. } if !at.view.status(other).has_ended() => {
            Offers::Blocked(BlockCause::NotEnded { thread: other })
        }
        ThreadOp::Join { .. } | ThreadOp::IsAlive { .. } => Offers::Only,
    }
}

/// Takes effect.
pub(super) fn apply(step: &mut Step<'_>, other: ThreadId, op: &ThreadOp) -> Effect {
    step.note_thread(other);
    let status = step.state.view().status(other);
    match op {
        ThreadOp::Join { tag } => {
            step.learn_from_thread(other);
            let case = if status == Status::Failed { ResultTag::Failed } else { ResultTag::Some };
            step.give_result(*tag, case, None);
        }
        ThreadOp::IsAlive { to } => step.give(*to, i64::from(!status.has_ended())),
    }
    Effect::Next
}
