//! Condition variables: no slot of their own; the waiters are the threads whose status is `Waiting` at a wait on it.
//!
//! `wait(m)` is two steps: it gives `m` back and waits (misuse without `m`); once notified it takes `m` again. A
//! notification wakes waiters in the notifier's step and is lost where nobody waits; `notify_one` wakes any one of them.
//! A notification orders nothing: happens-before comes from the mutex. Left out: spurious wake-ups, time-outs, `fifo`.
//!
//! # Source
//! `std::sync::Condvar` and POSIX `pthread_cond_wait`, without spurious wake-ups.

use super::gate::Gate;
use super::layout::{Status, View};
use super::step::{At, Effect, Offers, Step, threads_of};
use super::{Semantics, Visible, mutex, visible_at};
use crate::finding::{BlockCause, Misuse, Phase};
use crate::program::{CondvarOp, Fault, LocalObject, ObjectId, Op, ThreadId};
use crate::schedule::Pick;

/// The threads that wait on it, as a set of bits by index.
fn waiters(semantics: &Semantics<'_>, view: View<'_>, condvar: ObjectId) -> u64 {
    let waits_here = |thread: &ThreadId| {
        if view.status(*thread) != Status::Waiting {
            return false;
        }
        let Visible::Op(Op::Condvar { condvar: other, .. }) = visible_at(semantics.program, view, *thread) else {
            unreachable!("a waiting thread stands at a wait")
        };
        other.resolve(view.locals(*thread)).expect("it was resolved when the wait began") == condvar
    };
    semantics.program.thread_ids().filter(waits_here).fold(0, |set, thread| set | (1 << thread.0))
}

/// A wait that has begun blocks until it is notified, then until the mutex is free.
pub(super) fn offers(at: At<'_>, condvar: ObjectId, op: &CondvarOp) -> Result<Offers, Fault> {
    match op {
        CondvarOp::Wait { mutex } => match at.view.status(at.thread) {
            Status::Waiting => Ok(Offers::Blocked(BlockCause::NotNotified { condvar })),
            Status::Notified => {
                let mutex = mutex.resolve(at.locals())?;
                Ok(match mutex::holder(at.view, mutex) {
                    None => Offers::Only,
                    Some(holder) => Offers::Blocked(BlockCause::Reacquire { mutex, holder }),
                })
            }
            Status::Running
            | Status::Arrived
            | Status::Matched
            | Status::UnwindingPanic
            | Status::UnwindingMisuse
            | Status::Ended
            | Status::Failed => Ok(Offers::Only),
        },
        CondvarOp::NotifyOne => match waiters(at.semantics, at.view, condvar) {
            0 => Ok(Offers::Only),
            waiters => Ok(Offers::Waiters(waiters)),
        },
        CondvarOp::NotifyAll => Ok(Offers::Only),
    }
}

/// A wait that was notified needs the mutex. Whom `notify_one` may wake has to be asked.
pub(super) fn gate(op: &CondvarOp, slot: impl Fn(&LocalObject) -> Option<usize>) -> Gate {
    match op {
        CondvarOp::Wait { mutex } => slot(mutex).map_or(Gate::Ask, Gate::ReacquireWhileZero),
        CondvarOp::NotifyOne => Gate::Ask,
        CondvarOp::NotifyAll => Gate::Open,
    }
}

/// Takes effect.
pub(super) fn apply(step: &mut Step<'_>, condvar: ObjectId, op: &CondvarOp, pick: Pick) -> Result<Effect, Fault> {
    step.note_object(condvar);
    match op {
        CondvarOp::Wait { mutex } => {
            let mutex = mutex.resolve(step.state.view().locals(step.thread))?;
            Ok(wait(step, mutex))
        }
        CondvarOp::NotifyOne => {
            if let Pick::Waiter(waiter) = pick {
                wake(step, waiter);
            }
            Ok(Effect::Next)
        }
        CondvarOp::NotifyAll => {
            threads_of(waiters(step.semantics, step.state.view(), condvar)).for_each(|waiter| wake(step, waiter));
            Ok(Effect::Next)
        }
    }
}

/// Either of the two steps of a wait.
fn wait(step: &mut Step<'_>, mutex: ObjectId) -> Effect {
    if step.state.view().status(step.thread) == Status::Notified {
        step.note_phase(Phase::Complete);
        step.state.set_status(step.thread, Status::Running);
        mutex::take_after_wait(step, mutex);
        return Effect::Next;
    }
    if mutex::holder(step.state.view(), mutex) != Some(step.thread) {
        return Effect::Misuse(Some(mutex), Misuse::WaitNotHeld);
    }
    step.note_phase(Phase::Arrive);
    mutex::give_back_to_wait(step, mutex);
    step.state.set_status(step.thread, Status::Waiting);
    Effect::Stay
}

/// Notifies one waiter.
fn wake(step: &mut Step<'_>, waiter: ThreadId) {
    step.state.set_status(waiter, Status::Notified);
    step.note_woken(waiter);
}
