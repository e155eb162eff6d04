//! Events: one slot, 1 where it is set.
//!
//! `wait` blocks while the event is not set; a wait that blocks has not begun, so a `clear` right behind the `set` may
//! come before it. `wait_timeout` is one step that is always possible: where the event is not set, its time-out fires.
//! Every earlier `set` happens before a wait that returns; `is_set` and a time-out order nothing.
//!
//! # Source
//! Python's `threading.Event`; the manual-reset event of Windows.

use super::gate::Gate;
use super::step::{At, Effect, Offers, Step};
use crate::finding::BlockCause;
use crate::program::{EventOp, ObjectId};

/// Only `wait` can block.
pub(super) fn offers(at: At<'_>, event: ObjectId, op: &EventOp) -> Offers {
    let is_set = at.view.object(event, 0) != 0;
    match op {
        EventOp::Wait if !is_set => Offers::Blocked(BlockCause::NotSet { event }),
        EventOp::WaitTimeout { .. } if !is_set => Offers::Timeout,
        EventOp::Set | EventOp::Clear | EventOp::IsSet { .. } | EventOp::Wait | EventOp::WaitTimeout { .. } => {
            Offers::Only
        }
    }
}

/// Set or not is all that matters; a time-out is a choice of its own.
pub(super) fn gate(op: &EventOp, slot: Option<usize>) -> Gate {
    match op {
        EventOp::Wait => slot.map_or(Gate::Ask, Gate::UnlessZero),
        EventOp::WaitTimeout { .. } => Gate::Ask,
        EventOp::Set | EventOp::Clear | EventOp::IsSet { .. } => Gate::Open,
    }
}

/// Takes effect.
pub(super) fn apply(step: &mut Step<'_>, event: ObjectId, op: &EventOp) -> Effect {
    step.note_object(event);
    let is_set = step.state.view().object(event, 0);
    match op {
        EventOp::Set => {
            step.state.set_object(event, 0, 1);
            step.release(event);
        }
        EventOp::Clear => step.state.set_object(event, 0, 0),
        EventOp::IsSet { to } => step.give(*to, is_set),
        EventOp::Wait => {
            assert!(is_set != 0, "the guard said that it is set");
            step.acquire(event);
        }
        EventOp::WaitTimeout { to } => {
            if is_set != 0 {
                step.acquire(event);
            }
            step.give(*to, is_set);
        }
    }
    Effect::Next
}
