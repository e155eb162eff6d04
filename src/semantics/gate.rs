//! Guards that one slot decides, found once for each instruction.
//!
//! A search asks every thread in every state what it can do, and most threads stand at a lock, a semaphore or an
//! operation that is always possible. For these a gate answers by reading one slot. It is an answer in advance, not a
//! second rule: each primitive's file says what its gate is beside its guard, everything else is asked, and in debug
//! builds every answer is compared with the guard's.

use super::execute;
use super::layout::{Layout, Status, View};
use super::step::Offers;
use super::{Semantics, atomic, barrier, condvar, event, mutex, once, rwlock, semaphore};
use crate::program::{InstrKind, LocalObject, Op, Program, ThreadId};
use crate::schedule::Choice;

/// What decides about an operation of a thread that has not ended and does not wait for a notification.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Gate {
    /// One step, always.
    Open,
    /// One step where this slot is 0, otherwise none.
    WhileZero(usize),
    /// None where this slot is 0, otherwise one step.
    UnlessZero(usize),
    /// None where this slot is positive, otherwise one step.
    UnlessPositive(usize),
    /// One step; for a thread that was notified, only where this slot is 0.
    ReacquireWhileZero(usize),
    /// The guard has to be asked.
    Ask,
}

/// The gate of every instruction, by code and position.
#[derive(Debug)]
pub(super) struct Gates(Vec<Vec<Gate>>);

impl Gates {
    /// Finds the gates of a program.
    pub(super) fn of(program: &Program, layout: &Layout) -> Self {
        let of_code = |code: &crate::program::Code| {
            code.instrs.iter().map(|instr| of_kind(program, &instr.kind, layout)).collect()
        };
        Self(program.codes.iter().map(of_code).collect())
    }

    /// Appends the choices of all threads, in ascending order.
    pub(super) fn choices(&self, semantics: &Semantics<'_>, view: View<'_>, out: &mut Vec<Choice>) {
        for (thread, declared) in semantics.program.thread_ids().zip(&semantics.program.threads) {
            let status = view.status(thread);
            let gate = match status {
                Status::Ended | Status::Failed | Status::Unobserved | Status::NotStarted => continue,
                Status::Waiting => {
                    let gate = self.0[declared.code.index()][view.pc(thread).index()];
                    // Without a time-out it waits for a notification and nothing else.
                    match gate {
                        Gate::ReacquireWhileZero(_) => continue,
                        Gate::Open | Gate::WhileZero(_) | Gate::UnlessZero(_) | Gate::UnlessPositive(_) | Gate::Ask => {
                            gate
                        }
                    }
                }
                Status::Running
                | Status::Notified
                | Status::TimedOut
                | Status::Arrived
                | Status::Matched
                | Status::UnwindingPanic
                | Status::UnwindingMisuse => self.0[declared.code.index()][view.pc(thread).index()],
            };
            let open = match gate {
                Gate::Open => true,
                Gate::WhileZero(slot) => view.slots[slot] == 0,
                Gate::UnlessZero(slot) => view.slots[slot] != 0,
                Gate::UnlessPositive(slot) => view.slots[slot] <= 0,
                Gate::ReacquireWhileZero(slot) => status != Status::Notified || view.slots[slot] == 0,
                Gate::Ask => {
                    execute::offers(semantics, view, thread).list(thread, out);
                    continue;
                }
            };
            debug_assert_eq!(open, is_open(semantics, view, thread), "{gate:?} of {thread:?}");
            if open {
                out.push(Choice::only(thread));
            }
        }
    }
}

/// What the guard says, where a gate knows the answer.
fn is_open(semantics: &Semantics<'_>, view: View<'_>, thread: ThreadId) -> bool {
    match execute::offers(semantics, view, thread) {
        Offers::Only => true,
        Offers::Blocked(_) => false,
        other @ (Offers::Ended
        | Offers::Waiters(_)
        | Offers::Values { .. }
        | Offers::Branches(_)
        | Offers::WeakCompareExchange
        | Offers::Timeout
        | Offers::Spurious(_)
        | Offers::TimeoutOrSpurious
        | Offers::Several { .. }) => unreachable!("no gate stands for {other:?}"),
    }
}

/// The gate of an instruction.
fn of_kind(program: &Program, kind: &InstrKind, layout: &Layout) -> Gate {
    let InstrKind::Op(op) = kind else { return Gate::Ask };
    // Which element of an array it is depends on the state.
    let slot = |object: &LocalObject| object.index.is_none().then(|| layout.object(object.base));
    match op {
        Op::Var { .. } | Op::Fence(_) | Op::Timer { .. } | Op::Pause(_) | Op::End => Gate::Open,
        Op::Atomic { op, .. } => atomic::gate(op),
        Op::Mutex { mutex, op } => mutex::gate(mutex::kind(program, mutex.base), op, slot(mutex)),
        Op::RwLock { rwlock, op } => rwlock::gate(rwlock::preference(program, rwlock.base), op, slot(rwlock)),
        Op::Condvar { condvar, op } => condvar::gate(program, condvar.base, op, slot),
        Op::Semaphore { semaphore, op } => {
            semaphore::gate(semaphore::service(program, semaphore.base), op, slot(semaphore))
        }
        Op::Event { event, op } => event::gate(op, slot(event)),
        Op::Once { op, .. } => once::gate(op),
        Op::Barrier { op, .. } => barrier::gate(op),
        Op::Channel { .. }
        | Op::Oneshot { .. }
        | Op::Watch { .. }
        | Op::Broadcast { .. }
        | Op::Queue { .. }
        | Op::Thread { .. }
        | Op::Spawn { .. }
        | Op::Choice(_) => Gate::Ask,
    }
}
