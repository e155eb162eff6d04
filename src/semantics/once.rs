//! Onces: two slots, whether the block has been run, and who runs it (its index plus 1; -1 where it is poisoned).
//!
//! The first `call` begins to run the block; every other one blocks until that is finished, and passes. The end of the
//! block is a step of whoever runs it. Where the block fails the once is poisoned for ever: every `call`, also one that
//! waits, says so and its thread panics. A `call` inside the block waits for itself. The end of the block happens before
//! every return of `call` and every `is_completed` that sees it.
//!
//! # Source
//! `std::sync::Once`; C++'s `std::call_once` lets the next caller try again instead where the block throws.

use super::gate::Gate;
use super::step::{At, Effect, Offers, Step};
use crate::finding::BlockCause;
use crate::program::{ObjectId, OnceOp, ResultTag, ThreadId};

/// Number of slots.
pub(super) const SLOTS: usize = 2;

const COMPLETED: usize = 0;
const RUNNER: usize = 1;

/// Who runs the block; of a poisoned once.
const POISONED: i64 = -1;

/// Only `call` can block.
pub(super) fn offers(at: At<'_>, once: ObjectId, op: &OnceOp) -> Offers {
    match op {
        OnceOp::Begin { .. } => match at.view.object(once, RUNNER) {
            0 | POISONED => Offers::Only,
            runner => {
                let holder = ThreadId(u8::try_from(runner - 1).expect("the slot holds a thread's index plus 1"));
                Offers::Blocked(BlockCause::Held { mutex: once, holder })
            }
        },
        OnceOp::End | OnceOp::IsCompleted { .. } => Offers::Only,
    }
}

/// Who runs the block decides.
pub(super) fn gate(op: &OnceOp) -> Gate {
    match op {
        OnceOp::Begin { .. } => Gate::Ask,
        OnceOp::End | OnceOp::IsCompleted { .. } => Gate::Open,
    }
}

/// Takes effect.
pub(super) fn apply(step: &mut Step<'_>, once: ObjectId, op: &OnceOp) -> Effect {
    step.note_object(once);
    let view = step.state.view();
    let (completed, runner) = (view.object(once, COMPLETED), view.object(once, RUNNER));
    match op {
        OnceOp::Begin { tag, .. } if runner == POISONED => {
            step.acquire(once);
            step.give_result(*tag, ResultTag::Poisoned, None);
        }
        OnceOp::Begin { tag, runs } => {
            assert_eq!(runner, 0, "the guard said that nobody runs the block");
            if completed == 0 {
                step.state.set_object(once, RUNNER, i64::from(step.thread.0) + 1);
            } else {
                step.acquire(once);
            }
            step.give_result(*tag, ResultTag::Some, Some((*runs, i64::from(completed == 0))));
        }
        OnceOp::End => {
            let fails = step.state.view().status(step.thread).is_unwinding();
            step.release(once);
            step.state.set_object(once, COMPLETED, i64::from(!fails));
            step.state.set_object(once, RUNNER, if fails { POISONED } else { 0 });
        }
        OnceOp::IsCompleted { to } => {
            if completed != 0 {
                step.acquire(once);
            }
            step.give(*to, completed);
        }
    }
    Effect::Next
}
