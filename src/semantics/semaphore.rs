//! Semaphores: one slot, the permits. A fifo semaphore has a line of those who wait besides.
//!
//! `acquire(k)` takes k permits at once and blocks where there are fewer; any waiting thread may be served, and a
//! newcomer may overtake. `release(k)` adds k, whoever calls it; above the bound of a `bounded semaphore` it is misuse.
//! `acquire_timeout` is one step that is always possible: where there is no permit, its time-out fires. Every earlier
//! release happens before an acquire.
//!
//! A fifo semaphore serves in order of arrival: `acquire` and `acquire_timeout` are two steps, arrive and complete, and
//! whoever waits gets permits only where those before it get theirs, too: who wants many holds up who wants few. Whoever
//! has arrived with a time-out may give up in a step of its own wherever it is not its turn. `try_acquire` overtakes
//! nobody.
//!
//! # Source
//! Dijkstra's P and V; Python's `threading.Semaphore` and `BoundedSemaphore`; the line is that of `tokio::sync::Semaphore`
//! and of Java's fair one.

use super::gate::Gate;
use super::layout::View;
use super::step::{At, Effect, Offers, Step};
use super::{Semantics, Visible, line, visible_at};
use crate::finding::{BlockCause, LimitHit, Misuse};
use crate::limits::COUNTER_MAX;
use crate::program::{ObjectId, ObjectKind, Op, Program, SemaphoreOp, Service, ThreadId};
use crate::schedule::Pick;

const PERMITS: usize = 0;
const LINE: usize = 1;

/// Number of slots.
pub(super) fn slots(service: Service, threads: usize) -> usize {
    match service {
        Service::Anybody => LINE,
        Service::Fifo => LINE + threads,
    }
}

/// Who gets permits first.
pub(super) fn service(program: &Program, semaphore: ObjectId) -> Service {
    let ObjectKind::Semaphore { service, .. } = program.object(semaphore).kind else { unreachable!("not a semaphore") };
    service
}

/// Only `acquire` can block.
pub(super) fn offers(at: At<'_>, semaphore: ObjectId, op: &SemaphoreOp) -> Offers {
    let fifo = service(at.semantics.program, semaphore) == Service::Fifo;
    let arrives = fifo && !line::has_arrived(at.view, at.thread);
    let free = |wanted| obstacle(at.semantics, at.view, semaphore, at.thread, wanted);
    match op {
        SemaphoreOp::Acquire { .. } | SemaphoreOp::AcquireTimeout { .. } if arrives => Offers::Only,
        SemaphoreOp::Acquire { permits, .. } => free(*permits).map_or(Offers::Only, Offers::Blocked),
        SemaphoreOp::AcquireTimeout { .. } => free(1).map_or(Offers::Only, Offers::Blocked).or_timeout(),
        SemaphoreOp::TryAcquire { .. } | SemaphoreOp::Release { .. } => Offers::Only,
    }
}

/// Why a thread cannot have as many permits now; `None` where it can.
fn obstacle(
    semantics: &Semantics<'_>,
    view: View<'_>,
    semaphore: ObjectId,
    thread: ThreadId,
    wanted: i64,
) -> Option<BlockCause> {
    let free = view.object(semaphore, PERMITS);
    if free < wanted {
        return Some(BlockCause::NoPermit { semaphore });
    }
    if service(semantics.program, semaphore) == Service::Anybody {
        return None;
    }
    let ahead = || line::ahead(view, semaphore, LINE, thread);
    let left = ahead().fold(free, |left, other| left.saturating_sub(wanted_by(semantics, view, other)));
    (left < wanted).then(|| BlockCause::Behind { object: semaphore, ahead: line::set_of(ahead()) })
}

/// How many permits a thread that stands in a line wants.
fn wanted_by(semantics: &Semantics<'_>, view: View<'_>, thread: ThreadId) -> i64 {
    let Visible::Op(Op::Semaphore { op, .. }) = visible_at(semantics.program, view, thread) else {
        unreachable!("who waits for permits stands at a semaphore")
    };
    match op {
        SemaphoreOp::Acquire { permits, .. } => *permits,
        SemaphoreOp::TryAcquire { .. } | SemaphoreOp::AcquireTimeout { .. } | SemaphoreOp::Release { .. } => 1,
    }
}

/// Where it takes one permit without a line, a permit or none is all that matters.
pub(super) fn gate(service: Service, op: &SemaphoreOp, slot: Option<usize>) -> Gate {
    match op {
        SemaphoreOp::Acquire { permits: 1, .. } if service == Service::Anybody => {
            slot.map_or(Gate::Ask, Gate::UnlessZero)
        }
        SemaphoreOp::Acquire { .. } | SemaphoreOp::AcquireTimeout { .. } => Gate::Ask,
        SemaphoreOp::TryAcquire { .. } | SemaphoreOp::Release { .. } => Gate::Open,
    }
}

/// Takes effect.
pub(super) fn apply(step: &mut Step<'_>, semaphore: ObjectId, op: &SemaphoreOp, pick: Pick) -> Effect {
    step.note_object(semaphore);
    let permits = step.state.view().object(semaphore, PERMITS);
    let fifo = service(step.semantics.program, semaphore) == Service::Fifo;
    let arrives = fifo && !line::has_arrived(step.state.view(), step.thread);
    match op {
        SemaphoreOp::Acquire { .. } | SemaphoreOp::AcquireTimeout { .. } if arrives => {
            line::join(step, semaphore, LINE);
            return Effect::Stay;
        }
        SemaphoreOp::Acquire { permits: wanted, .. } => {
            if fifo {
                line::leave(step, semaphore, LINE);
            }
            take(step, semaphore, *wanted);
        }
        SemaphoreOp::AcquireTimeout { to } => {
            if fifo {
                line::leave(step, semaphore, LINE);
            }
            let taken = pick != Pick::Timeout;
            if taken {
                take(step, semaphore, 1);
            }
            step.give(*to, i64::from(taken));
        }
        SemaphoreOp::TryAcquire { to } => {
            let taken = obstacle(step.semantics, step.state.view(), semaphore, step.thread, 1).is_none();
            if taken {
                take(step, semaphore, 1);
            }
            step.give(*to, i64::from(taken));
        }
        SemaphoreOp::Release { permits: given, .. } => {
            if bound(step.semantics, semaphore).is_some_and(|bound| permits > bound - given) {
                return Effect::Misuse(Some(semaphore), Misuse::ReleaseAboveBound);
            }
            let Some(more) = permits.checked_add(*given).filter(|permits| *permits <= COUNTER_MAX) else {
                return Effect::Cut(LimitHit::Counter { object: semaphore });
            };
            step.release(semaphore);
            step.state.set_object(semaphore, PERMITS, more);
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
    let permits = step.state.view().object(semaphore, PERMITS);
    assert!(permits >= wanted, "the guard said that there are enough");
    step.state.set_object(semaphore, PERMITS, permits - wanted);
    step.acquire(semaphore);
}
