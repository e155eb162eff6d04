//! Semaphores: one slot, the permits.
//!
//! `acquire(k)` takes k permits at once and blocks where there are fewer; any waiting thread may be served, and a
//! newcomer may overtake. `release(k)` adds k, whoever calls it; above the bound of a `bounded semaphore` it is misuse.
//! `acquire_timeout` is one step that is always possible: where there is no permit, its time-out fires. Every earlier
//! release happens before an acquire. Left out: `fifo`.
//!
//! # Source
//! Dijkstra's P and V; Python's `threading.Semaphore` and `BoundedSemaphore`.

use super::Semantics;
use super::gate::Gate;
use super::step::{At, Effect, Offers, Step};
use crate::finding::{BlockCause, LimitHit, Misuse};
use crate::limits::COUNTER_MAX;
use crate::program::{ObjectId, ObjectKind, SemaphoreOp};

/// Only `acquire` can block.
pub(super) fn offers(at: At<'_>, semaphore: ObjectId, op: &SemaphoreOp) -> Offers {
    let free = at.view.object(semaphore, 0);
    match op {
        SemaphoreOp::Acquire { permits, .. } if free < *permits => Offers::Blocked(BlockCause::NoPermit { semaphore }),
        SemaphoreOp::AcquireTimeout { .. } if free == 0 => Offers::Timeout,
        SemaphoreOp::Acquire { .. }
        | SemaphoreOp::TryAcquire { .. }
        | SemaphoreOp::AcquireTimeout { .. }
        | SemaphoreOp::Release { .. } => Offers::Only,
    }
}

/// Where it takes one permit, a permit or none is all that matters.
pub(super) fn gate(op: &SemaphoreOp, slot: Option<usize>) -> Gate {
    match op {
        SemaphoreOp::Acquire { permits: 1, .. } => slot.map_or(Gate::Ask, Gate::UnlessZero),
        SemaphoreOp::Acquire { .. } | SemaphoreOp::AcquireTimeout { .. } => Gate::Ask,
        SemaphoreOp::TryAcquire { .. } | SemaphoreOp::Release { .. } => Gate::Open,
    }
}

/// Takes effect.
pub(super) fn apply(step: &mut Step<'_>, semaphore: ObjectId, op: &SemaphoreOp) -> Effect {
    step.note_object(semaphore);
    let permits = step.state.view().object(semaphore, 0);
    match op {
        SemaphoreOp::Acquire { permits: wanted, .. } => take(step, semaphore, *wanted),
        SemaphoreOp::TryAcquire { to } | SemaphoreOp::AcquireTimeout { to } => {
            if permits > 0 {
                take(step, semaphore, 1);
            }
            step.give(*to, i64::from(permits > 0));
        }
        SemaphoreOp::Release { permits: given, .. } => {
            if bound(step.semantics, semaphore).is_some_and(|bound| permits > bound - given) {
                return Effect::Misuse(Some(semaphore), Misuse::ReleaseAboveBound);
            }
            let Some(more) = permits.checked_add(*given).filter(|permits| *permits <= COUNTER_MAX) else {
                return Effect::Cut(LimitHit::Counter { object: semaphore });
            };
            step.release(semaphore);
            step.state.set_object(semaphore, 0, more);
        }
    }
    Effect::Next
}

/// The most permits that it may have.
fn bound(semantics: &Semantics<'_>, semaphore: ObjectId) -> Option<i64> {
    let ObjectKind::Semaphore { bound, .. } = semantics.program.object(semaphore).kind else {
        unreachable!("not a semaphore")
    };
    bound
}

fn take(step: &mut Step<'_>, semaphore: ObjectId, wanted: i64) {
    let permits = step.state.view().object(semaphore, 0);
    assert!(permits >= wanted, "the guard said that there are enough");
    step.state.set_object(semaphore, 0, permits - wanted);
    step.acquire(semaphore);
}
