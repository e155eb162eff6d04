//! What one thread asks of another: `join` and `is_alive`.
//!
//! `join` blocks until the other has ended, and happens after its end. `is_alive` orders nothing. The thread of a timer
//! may not have been started: to join it is misuse then, as in Python, and it is not alive.

use super::layout::Status;
use super::step::{At, Effect, Offers, Step};
use crate::finding::{BlockCause, Misuse};
use crate::program::{ResultTag, ThreadId, ThreadOp};

/// Only `join` can block.
pub(super) fn offers(at: At<'_>, other: ThreadId, op: &ThreadOp) -> Offers {
    match op {
        ThreadOp::Join { .. } if at.view.status(other).is_alive() => {
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
        ThreadOp::Join { .. } if status == Status::NotStarted => {
            return Effect::Misuse(step.semantics.program.thread(other).timer, Misuse::NotStarted);
        }
        ThreadOp::Join { tag } => {
            step.learn_from_thread(other);
            let case = if status == Status::Failed { ResultTag::Failed } else { ResultTag::Some };
            step.give_result(*tag, case, None);
        }
        ThreadOp::IsAlive { to } => step.give(*to, i64::from(status.is_alive())),
    }
    Effect::Next
}
