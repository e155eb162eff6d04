//! Barriers: one slot, 1 where it is broken; who waits is told by the threads' statuses.
//!
//! `wait` is two steps: a thread arrives, which never blocks, and completes once as many have arrived as the barrier is
//! for, or once it has failed. The last one to arrive lets all of them go, and the next round begins with whoever arrives
//! after that. `abort` breaks the barrier: whoever waits fails, and so does whoever comes. `reset` lets whoever waits
//! fail, and makes the barrier whole. A `wait_timeout` that waits may give up in a step of its own, which breaks the
//! barrier as `abort` does.
//!
//! Every arrival of a round happens before everybody's leaving. Failing orders nothing.
//!
//! # Source
//! Python's `threading.Barrier` and Java's `CyclicBarrier`, whose rounds break one at a time as here; Rust's and C++'s
//! have no failures.

use super::gate::Gate;
use super::layout::{Status, View};
use super::step::{At, Effect, Offers, Step, threads_of};
use super::{Semantics, Visible, visible_at};
use crate::finding::{BlockCause, Phase};
use crate::program::{BarrierOp, LocalId, ObjectId, ObjectKind, Op, ResultTag, ThreadId};
use crate::schedule::Pick;

/// What a thread that need not wait any longer has in its `pending` slot.
const FOLLOWS: i64 = 0;
const LEADS: i64 = 1;
const FAILED: i64 = 2;

/// The threads that wait at it, as a set of bits by index.
fn waiting(semantics: &Semantics<'_>, view: View<'_>, barrier: ObjectId) -> u64 {
    let waits_here = |thread: &ThreadId| {
        if view.status(*thread) != Status::Arrived {
            return false;
        }
        let Visible::Op(Op::Barrier { barrier: other, .. }) = visible_at(semantics.program, view, *thread) else {
            return false;
        };
        other.resolve(view.locals(*thread)).expect("it was resolved on arrival") == barrier
    };
    semantics.program.thread_ids().filter(waits_here).fold(0, |set, thread| set | (1 << thread.0))
}

/// Whoever has arrived waits for the others; a time-out may fire meanwhile.
pub(super) fn offers(at: At<'_>, barrier: ObjectId, op: &BarrierOp) -> Offers {
    let waits = at.view.status(at.thread) == Status::Arrived;
    match op {
        BarrierOp::Wait { .. } if waits => Offers::Blocked(BlockCause::NotAll { barrier }),
        BarrierOp::WaitTimeout { .. } if waits => Offers::Timeout,
        BarrierOp::Wait { .. }
        | BarrierOp::WaitTimeout { .. }
        | BarrierOp::Abort
        | BarrierOp::Reset
        | BarrierOp::IsBroken { .. } => Offers::Only,
    }
}

/// What a wait can do depends on where its thread stands.
pub(super) fn gate(op: &BarrierOp) -> Gate {
    match op {
        BarrierOp::Wait { .. } | BarrierOp::WaitTimeout { .. } => Gate::Ask,
        BarrierOp::Abort | BarrierOp::Reset | BarrierOp::IsBroken { .. } => Gate::Open,
    }
}

/// Takes effect.
pub(super) fn apply(step: &mut Step<'_>, barrier: ObjectId, op: &BarrierOp, pick: Pick) -> Effect {
    step.note_object(barrier);
    match op {
        BarrierOp::Wait { tag, to } | BarrierOp::WaitTimeout { tag, to } => {
            return wait(step, barrier, (*tag, *to), pick);
        }
        BarrierOp::Abort => fail_all(step, barrier, 1),
        BarrierOp::Reset => fail_all(step, barrier, 0),
        BarrierOp::IsBroken { to } => {
            let broken = step.state.view().object(barrier, 0);
            step.give(*to, broken);
        }
    }
    Effect::Next
}

/// Any of the steps of a wait; `(tag, to)` are where its result goes.
fn wait(step: &mut Step<'_>, barrier: ObjectId, (tag, to): (LocalId, LocalId), pick: Pick) -> Effect {
    let thread = step.thread;
    match step.state.view().status(thread) {
        Status::Matched => {
            step.note_phase(Phase::Complete);
            let how = step.state.view().pending(thread);
            step.state.set_pending(thread, 0);
            step.state.set_status(thread, Status::Running);
            if how == FAILED {
                step.give_result(tag, ResultTag::Failed, None);
            } else {
                step.give_result(tag, ResultTag::Some, Some((to, i64::from(how == LEADS))));
            }
            Effect::Next
        }
        Status::Arrived => {
            assert_eq!(pick, Pick::Timeout, "the guard lets only a time-out fire here");
            step.note_phase(Phase::Complete);
            step.state.set_status(thread, Status::Running);
            fail_all(step, barrier, 1);
            step.give_result(tag, ResultTag::Timeout, None);
            Effect::Next
        }
        Status::Running
        | Status::Waiting
        | Status::Notified
        | Status::TimedOut
        | Status::UnwindingPanic
        | Status::UnwindingMisuse
        | Status::Ended
        | Status::Failed
        | Status::Unobserved
        | Status::NotStarted => {
            step.note_phase(Phase::Arrive);
            arrive(step, barrier);
            Effect::Stay
        }
    }
}

/// A thread comes to the barrier; the last one lets all go.
fn arrive(step: &mut Step<'_>, barrier: ObjectId) {
    let thread = step.thread;
    if step.state.view().object(barrier, 0) != 0 {
        let_go(step, thread, FAILED);
        return;
    }
    step.release(barrier);
    let others = waiting(step.semantics, step.state.view(), barrier);
    let ObjectKind::Barrier { threads } = step.semantics.program.object(barrier).kind else {
        unreachable!("not a barrier")
    };
    if others.count_ones() + 1 < threads {
        step.state.set_status(thread, Status::Arrived);
        return;
    }
    step.hand_out(barrier, others | (1 << thread.0));
    for other in threads_of(others) {
        let_go(step, other, FOLLOWS);
        step.note_woken(other);
    }
    let_go(step, thread, LEADS);
}

fn let_go(step: &mut Step<'_>, thread: ThreadId, how: i64) {
    step.state.set_status(thread, Status::Matched);
    step.state.set_pending(thread, how);
}

/// Whoever waits fails; then it is broken or whole.
fn fail_all(step: &mut Step<'_>, barrier: ObjectId, broken: i64) {
    let others = waiting(step.semantics, step.state.view(), barrier);
    for other in threads_of(others) {
        let_go(step, other, FAILED);
        step.note_woken(other);
    }
    step.forget(barrier);
    step.state.set_object(barrier, 0, broken);
}
