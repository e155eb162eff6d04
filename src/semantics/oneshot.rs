//! One-shot channels: one value, sent once and received once. Slot 0 says how far it is, slot 1 whether it is closed
//! (`closing`), slot 2 holds the value between its send and its receive.
//!
//! `send` never blocks; a second one is misuse, and one after the close sends nothing and says so. `recv` blocks while
//! nothing was sent and it is open. Behind the value nothing can come any more: who receives again gets `closed`.
//!
//! Happens-before: the send before the receive of its value, closing before a receive that gives `closed` because of it.
//! A send that says `false`, `none` and a time-out order nothing.
//!
//! # Source
//! `tokio::sync::oneshot`. Its halves cannot be used twice; here every thread may use either. Where its receiver panics
//! because it waits again behind the value, this gives what its `try_recv` gives then.

use super::closing::{self, is_closed};
use super::layout::View;
use super::step::{At, Effect, Offers, Step};
use crate::finding::{BlockCause, Misuse};
use crate::program::{Fault, ObjectId, ObjectKind, OneshotOp, ResultTag, Type};
use crate::schedule::Pick;

const STAGE: usize = 0;
const VALUE: usize = 2;
/// Number of slots.
pub(super) const SLOTS: usize = 3;

/// How far a one-shot channel is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Stage {
    Unsent,
    Sent,
    Received,
}

impl Stage {
    fn of(view: View<'_>, oneshot: ObjectId) -> Self {
        match view.object(oneshot, STAGE) {
            0 => Stage::Unsent,
            1 => Stage::Sent,
            _ => Stage::Received,
        }
    }

    fn slot(self) -> i64 {
        match self {
            Stage::Unsent => 0,
            Stage::Sent => 1,
            Stage::Received => 2,
        }
    }
}

fn element_type(step: &Step<'_>, oneshot: ObjectId) -> Type {
    let ObjectKind::Oneshot { element, .. } = &step.semantics.program.object(oneshot).kind else {
        unreachable!("not a one-shot channel")
    };
    *element
}

/// Only `recv` can block.
pub(super) fn offers(at: At<'_>, oneshot: ObjectId, op: &OneshotOp) -> Offers {
    let nothing_yet = Stage::of(at.view, oneshot) == Stage::Unsent && !is_closed(at.view, oneshot);
    match op {
        OneshotOp::Recv { patience, .. } if nothing_yet => {
            Offers::hindered(*patience, BlockCause::Empty { channel: oneshot })
        }
        OneshotOp::Recv { .. } | OneshotOp::Send { .. } | OneshotOp::Close => Offers::Only,
    }
}

/// Takes effect.
pub(super) fn apply(step: &mut Step<'_>, oneshot: ObjectId, op: &OneshotOp, pick: Pick) -> Result<Effect, Fault> {
    step.note_object(oneshot);
    let stage = Stage::of(step.state.view(), oneshot);
    let closed = is_closed(step.state.view(), oneshot);
    match op {
        OneshotOp::Send { value, to } => {
            let value = step.eval(value)?;
            step.note_operand(element_type(step, oneshot).value(value));
            if stage != Stage::Unsent {
                return Ok(Effect::Misuse(Some(oneshot), Misuse::SentTwice));
            }
            if !closed {
                step.state.set_object(oneshot, STAGE, Stage::Sent.slot());
                step.state.set_object(oneshot, VALUE, value);
                step.publish_message_at(oneshot, 0);
            }
            step.give(*to, i64::from(!closed));
        }
        OneshotOp::Recv { tag, to, .. } => match stage {
            Stage::Sent => {
                let value = step.state.view().object(oneshot, VALUE);
                step.state.set_object(oneshot, STAGE, Stage::Received.slot());
                step.state.set_object(oneshot, VALUE, 0);
                step.learn_message_at(oneshot, 0);
                step.give_result(*tag, ResultTag::Some, Some((*to, value)));
            }
            Stage::Unsent | Stage::Received if closed => {
                step.learn_close(oneshot);
                step.give_result(*tag, ResultTag::Closed, None);
            }
            Stage::Received => step.give_result(*tag, ResultTag::Closed, None),
            Stage::Unsent if pick == Pick::Timeout => step.give_result(*tag, ResultTag::Timeout, None),
            Stage::Unsent => step.give_result(*tag, ResultTag::None, None),
        },
        OneshotOp::Close => closing::close(step, oneshot),
    }
    Ok(Effect::Next)
}
