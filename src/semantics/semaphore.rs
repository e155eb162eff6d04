//! Semaphores: one slot, the permits.
//!
//! `acquire` takes a permit and blocks where there is none; any waiting thread may be served, and a newcomer may
//! overtake. `release` adds one, whoever calls it. Every earlier release happens before an acquire. Left out: bounded
//! semaphores, several permits at once, time-outs, `fifo`.
//!
//! # Source
//! Dijkstra's P and V; Python's `threading.Semaphore`.

use super::gate::Gate;
use super::step::{At, Effect, Offers, Step};
use crate::finding::{BlockCause, LimitHit};
use crate::program::{ObjectId, SemaphoreOp};

/// Only `acquire` can block.
pub(super) fn offers(at: At<'_>, semaphore: ObjectId, op: &SemaphoreOp) -> Offers {
    match op {
        SemaphoreOp::Acquire { .. } if at.view.object(semaphore, 0) == 0 => {
            Offers::Blocked(BlockCause::NoPermit { semaphore })
        }
        SemaphoreOp::Acquire { .. } | SemaphoreOp::TryAcquire { .. } | SemaphoreOp::Release { .. } => Offers::Only,
    }
}

/// A permit or none is all that matters.
pub(super) fn gate(op: &SemaphoreOp, slot: Option<usize>) -> Gate {
    match op {
        SemaphoreOp::Acquire { .. } => slot.map_or(Gate::Ask, Gate::UnlessZero),
        SemaphoreOp::TryAcquire { .. } | SemaphoreOp::Release { .. } => Gate::Open,
    }
}

/// Takes effect.
pub(super) fn apply(step: &mut Step<'_>, semaphore: ObjectId, op: &SemaphoreOp) -> Effect {
    step.note_object(semaphore);
    let permits = step.state.view().object(semaphore, 0);
    match op {
        SemaphoreOp::Acquire { .. } => take(step, semaphore, permits),
        SemaphoreOp::TryAcquire { to } => {
            if permits > 0 {
                take(step, semaphore, permits);
            }
            step.give(*to, i64::from(permits > 0));
        }
        SemaphoreOp::Release { .. } => {
            let Some(more) = permits.checked_add(1).filter(|permits| *permits <= PERMITS_MAX) else {
                return Effect::Cut(LimitHit::Counter { object: semaphore });
            };
            step.release(semaphore);
            step.state.set_object(semaphore, 0, more);
        }
    }
    Effect::Next
}

/// A loop that only releases would count for ever; beyond this many permits the exploration is cut.
const PERMITS_MAX: i64 = 1_000_000;

fn take(step: &mut Step<'_>, semaphore: ObjectId, permits: i64) {
    assert!(permits > 0, "the guard said that there is a permit");
    step.state.set_object(semaphore, 0, permits - 1);
    step.acquire(semaphore);
}
