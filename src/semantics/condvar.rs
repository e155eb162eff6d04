//! Condition variables: the waiters are the threads whose status is `Waiting` at a wait on it. Only a `fifo` one has
//! slots of its own: who waits, in order of arrival, as indices plus 1.
//!
//! `wait(m)` is two steps: it gives `m` back and waits (misuse without `m`); once notified it takes `m` again. While a
//! `wait_timeout` waits, its time-out may fire, which is a step of its own; then it takes `m` again, too. A notification
//! wakes waiters in the notifier's step and is lost where nobody waits; `notify_one` wakes any one of them, `notify(n)`
//! any so many, and of a `fifo` one both wake those that have waited longest. A notification orders nothing:
//! happens-before comes from the mutex.
//!
//! With a fifo mutex, whoever waits no longer first stands in the mutex's line, a step of its own that never blocks;
//! before it a newcomer may come. With a poisoning mutex a wait gives whether it is poisoned when it is taken again.
//!
//! Under `option spurious_wakeups` a thread that waits may also wake for no reason, a step of its own that nobody may count
//! on; to it that is as if it had been notified.
//!
//! # Source
//! `std::sync::Condvar`, POSIX `pthread_cond_wait` (both allow spurious wake-ups) and Python's `threading.Condition`.

use super::choice::VALUES_MAX;
use super::gate::Gate;
use super::layout::{Status, View};
use super::step::{At, Effect, Offers, Step, threads_of};
use super::{Semantics, Visible, mutex, visible_at};
use crate::finding::{BlockCause, LimitHit, Misuse, Phase};
use crate::program::{
    CondvarOp, Fault, LocalExpr, LocalId, LocalObject, ObjectId, ObjectKind, Op, Program, ResultTag, Service, ThreadId,
    WakeUps,
};
use crate::schedule::Pick;

/// Number of slots.
pub(super) fn slots(service: Service, threads: usize) -> usize {
    match service {
        Service::Anybody => 0,
        Service::Fifo => threads,
    }
}

fn service(semantics: &Semantics<'_>, condvar: ObjectId) -> Service {
    let ObjectKind::Condvar { service, .. } = semantics.program.object(condvar).kind else {
        unreachable!("not a condvar")
    };
    service
}

/// What ends a wait.
fn wake_ups(program: &Program, condvar: ObjectId) -> WakeUps {
    let ObjectKind::Condvar { wake_ups, .. } = program.object(condvar).kind else { unreachable!("not a condvar") };
    wake_ups
}

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
        CondvarOp::Wait { mutex, .. } | CondvarOp::WaitTimeout { mutex, .. } => match at.view.status(at.thread) {
            Status::Waiting => {
                let blocked = Offers::Blocked(BlockCause::NotNotified { condvar });
                let offers = if matches!(op, CondvarOp::WaitTimeout { .. }) { blocked.or_timeout() } else { blocked };
                Ok(match wake_ups(at.semantics.program, condvar) {
                    WakeUps::Notified => offers,
                    WakeUps::Spurious => offers.or_spurious(),
                })
            }
            status @ (Status::Notified | Status::TimedOut | Status::Arrived) => {
                let mutex = mutex.resolve(at.locals())?;
                let lines_up = status != Status::Arrived && mutex::is_fifo(at.semantics.program, mutex);
                Ok(if lines_up { Offers::Only } else { mutex::offers_after_wait(at, mutex) })
            }
            Status::Running
            | Status::Matched
            | Status::UnwindingPanic
            | Status::UnwindingMisuse
            | Status::Ended
            | Status::Failed
            | Status::Unobserved
            | Status::NotStarted => Ok(Offers::Only),
        },
        CondvarOp::NotifyAll => Ok(Offers::Only),
        CondvarOp::NotifyOne | CondvarOp::Notify { .. } if service(at.semantics, condvar) == Service::Fifo => {
            Ok(Offers::Only)
        }
        CondvarOp::NotifyOne => match waiters(at.semantics, at.view, condvar) {
            0 => Ok(Offers::Only),
            waiters => Ok(Offers::Waiters(waiters)),
        },
        CondvarOp::Notify { count } => {
            let count = how_many(count.eval_locals(at.locals())?);
            let of = waiters(at.semantics, at.view, condvar);
            let chooses =
                count > 0 && count < of.count_ones() && ways(of.count_ones(), count) <= u128::from(VALUES_MAX);
            Ok(if chooses { Offers::Several { of, count } } else { Offers::Only })
        }
    }
}

/// How many threads `notify(n)` wakes where enough of them wait.
fn how_many(count: i64) -> u32 {
    u32::try_from(count.max(0)).unwrap_or(u32::MAX)
}

/// In how many ways so many waiters can be chosen from so many.
fn ways(of: u32, count: u32) -> u128 {
    let count = count.min(of - count);
    (0..count).fold(1, |ways, taken| ways * u128::from(of - taken) / u128::from(taken + 1))
}

/// A wait that was notified needs the mutex. Whom a notification may wake has to be asked, and whether a wait may end for
/// no reason, and where there is a line.
pub(super) fn gate(
    program: &Program,
    condvar: ObjectId,
    op: &CondvarOp,
    slot: impl Fn(&LocalObject) -> Option<usize>,
) -> Gate {
    match (op, wake_ups(program, condvar)) {
        (CondvarOp::Wait { mutex, .. }, _) if mutex::is_fifo(program, mutex.base) => Gate::Ask,
        (CondvarOp::Wait { mutex, .. }, WakeUps::Notified) => slot(mutex).map_or(Gate::Ask, Gate::ReacquireWhileZero),
        (CondvarOp::Wait { .. }, WakeUps::Spurious)
        | (CondvarOp::WaitTimeout { .. } | CondvarOp::NotifyOne | CondvarOp::Notify { .. }, _) => Gate::Ask,
        (CondvarOp::NotifyAll, _) => Gate::Open,
    }
}

/// Takes effect.
pub(super) fn apply(step: &mut Step<'_>, condvar: ObjectId, op: &CondvarOp, pick: Pick) -> Result<Effect, Fault> {
    step.note_object(condvar);
    match op {
        CondvarOp::Wait { mutex, tag } => {
            let mutex = mutex.resolve(step.state.view().locals(step.thread))?;
            return Ok(wait(step, condvar, mutex, (*tag, None), pick));
        }
        CondvarOp::WaitTimeout { mutex, tag, to, .. } => {
            let mutex = mutex.resolve(step.state.view().locals(step.thread))?;
            return Ok(wait(step, condvar, mutex, (*tag, Some(*to)), pick));
        }
        CondvarOp::NotifyOne => notify(step, condvar, 1, pick),
        CondvarOp::Notify { count } => return notify_some(step, condvar, count, pick),
        CondvarOp::NotifyAll => notify(step, condvar, u32::MAX, pick),
    }
    Ok(Effect::Next)
}

fn notify_some(step: &mut Step<'_>, condvar: ObjectId, count: &LocalExpr, pick: Pick) -> Result<Effect, Fault> {
    let count = step.eval(count)?;
    step.note_operand(crate::program::Value::Int(count));
    let count = how_many(count);
    let there = waiters(step.semantics, step.state.view(), condvar).count_ones();
    let open = pick == Pick::Only && service(step.semantics, condvar) == Service::Anybody;
    if open && count > 0 && count < there {
        return Ok(Effect::Cut(LimitHit::Choices { limit: VALUES_MAX, thread: step.thread, pc: step.pc }));
    }
    notify(step, condvar, count, pick);
    Ok(Effect::Next)
}

/// Wakes whom the world has picked, otherwise so many of those that have waited longest; of a condition variable that is
/// not `fifo` these are then all or none.
fn notify(step: &mut Step<'_>, condvar: ObjectId, count: u32, pick: Pick) {
    let waiters = waiters(step.semantics, step.state.view(), condvar);
    let woken = match (pick, service(step.semantics, condvar)) {
        (Pick::Waiter(waiter), _) => 1 << waiter.0,
        (Pick::Waiters(set), _) => set,
        (_, Service::Fifo) => longest(step, condvar, count),
        (_, Service::Anybody) if count == 0 => 0,
        (_, Service::Anybody) => waiters,
    };
    threads_of(woken).for_each(|waiter| wake(step, condvar, waiter));
}

/// Notifies one waiter.
fn wake(step: &mut Step<'_>, condvar: ObjectId, waiter: ThreadId) {
    leave(step, condvar, waiter);
    step.state.set_status(waiter, Status::Notified);
    step.note_woken(waiter);
}

/// What a thread that stands in the line of a fifo mutex behind its wait has in its `pending` slot: whether its time-out
/// has fired.
const IN_TIME: i64 = 0;
const TOO_LATE: i64 = 1;

/// Any of the steps of a wait; `(tag, to)` are where it goes whether the mutex is poisoned, and whether the wait ended
/// before its time-out.
fn wait(
    step: &mut Step<'_>,
    condvar: ObjectId,
    mutex: ObjectId,
    (tag, to): (Option<LocalId>, Option<LocalId>),
    pick: Pick,
) -> Effect {
    let status = step.state.view().status(step.thread);
    match status {
        Status::Notified | Status::TimedOut if mutex::is_fifo(step.semantics.program, mutex) => {
            mutex::line_up_after_wait(step, mutex);
            step.note_phase(Phase::LineUp);
            step.state.set_pending(step.thread, if status == Status::TimedOut { TOO_LATE } else { IN_TIME });
            Effect::Stay
        }
        Status::Notified | Status::TimedOut | Status::Arrived => {
            step.note_phase(Phase::Complete);
            let in_line = status == Status::Arrived;
            let in_time = status == Status::Notified || (in_line && step.state.view().pending(step.thread) == IN_TIME);
            if in_line {
                step.state.set_pending(step.thread, 0);
            }
            step.state.set_status(step.thread, Status::Running);
            mutex::take_after_wait(step, mutex);
            let value = to.map(|to| (to, i64::from(in_time)));
            match (tag, value) {
                (Some(tag), value) => {
                    let case = mutex::case_of(step, mutex);
                    step.give_result(tag, case, value.filter(|_| case == ResultTag::Some));
                }
                (None, Some((to, in_time))) => step.give(to, in_time),
                (None, None) => {}
            }
            Effect::Next
        }
        Status::Waiting => {
            step.note_phase(Phase::Wake);
            leave(step, condvar, step.thread);
            // Whoever wakes for no reason cannot tell that from a notification.
            let wakes = if pick == Pick::Spurious { Status::Notified } else { Status::TimedOut };
            step.state.set_status(step.thread, wakes);
            Effect::Stay
        }
        Status::Running
        | Status::Matched
        | Status::UnwindingPanic
        | Status::UnwindingMisuse
        | Status::Ended
        | Status::Failed
        | Status::Unobserved
        | Status::NotStarted => {
            if mutex::holder(step.state.view(), mutex) != Some(step.thread) {
                return Effect::Misuse(Some(mutex), Misuse::WaitNotHeld);
            }
            step.note_phase(Phase::Arrive);
            mutex::give_back_to_wait(step, mutex);
            step.state.set_status(step.thread, Status::Waiting);
            arrive(step, condvar);
            Effect::Stay
        }
    }
}

// The line of a `fifo` condition variable.

/// The stepping thread waits, behind all others.
fn arrive(step: &mut Step<'_>, condvar: ObjectId) {
    let view = step.state.view();
    let free = places(step, condvar).find(|place| view.object(condvar, *place) == 0);
    if let Some(free) = free {
        step.state.set_object(condvar, free, i64::from(step.thread.0) + 1);
    }
}

/// A thread waits no longer; those behind it move up.
fn leave(step: &mut Step<'_>, condvar: ObjectId, waiter: ThreadId) {
    let view = step.state.view();
    let mut line: Vec<i64> = places(step, condvar).map(|place| view.object(condvar, place)).collect();
    let before = line.len();
    line.retain(|place| *place != i64::from(waiter.0) + 1);
    line.resize(before, 0);
    for (place, who) in line.into_iter().enumerate() {
        step.state.set_object(condvar, place, who);
    }
}

/// So many of those that have waited longest, as a set of bits by index.
fn longest(step: &Step<'_>, condvar: ObjectId, count: u32) -> u64 {
    let view = step.state.view();
    let line = places(step, condvar).map(|place| view.object(condvar, place)).take_while(|who| *who != 0);
    let count = usize::try_from(count).unwrap_or(usize::MAX);
    line.take(count).fold(0, |set, who| set | (1 << (who - 1)))
}

/// The places of the line; none where nobody asks for an order.
fn places(step: &Step<'_>, condvar: ObjectId) -> std::ops::Range<usize> {
    0..slots(service(step.semantics, condvar), step.semantics.program.threads.len())
}
