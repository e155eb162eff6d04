//! One step of one thread: the visible operation, then all local instructions up to the next one.

use super::layout::{Status, View, ViewMut};
use super::step::{At, Effect, Offers, Step};
use super::{
    Semantics, Visible, atomic, atomically, barrier, broadcast, channel, choice, closing, condvar, event, is_visible,
    mutex, once, oneshot, queue, rwlock, semaphore, spawn, thread, timer, var, visible_at, watch,
};
use crate::explore::Arrival;
use crate::finding::{Detail, Finding, LimitHit, Misuse, Returned, Statement};
use crate::program::{Fault, InstrKind, ObjectId, Op, Pc, Place, ResultTag, ThreadId};
use crate::schedule::Pick;

/// What the world can choose for a thread: the guard of the operation it stands at.
#[inline]
pub(super) fn offers(semantics: &Semantics<'_>, view: View<'_>, thread: ThreadId) -> Offers {
    if !view.status(thread).is_alive() {
        return Offers::Ended;
    }
    let at = At { semantics, view, thread };
    match visible_at(semantics.program, view, thread) {
        Visible::Op(op) => operation_offers(at, op).unwrap_or(Offers::Only),
        Visible::Block { end } => atomically::offers(at, end),
    }
}

/// The guard of an operation. A fault while it is asked means that the step is possible: it panics.
#[inline]
pub(super) fn operation_offers(at: At<'_>, op: &Op) -> Result<Offers, Fault> {
    match op {
        Op::Var { .. } | Op::Fence(_) | Op::Timer { .. } | Op::Pause(_) | Op::End => Ok(Offers::Only),
        Op::Atomic { atomic, op } => atomic::offers(at, atomic.resolve(at.locals())?, op),
        Op::Mutex { mutex, op } => Ok(mutex::offers(at, mutex.resolve(at.locals())?, op)),
        Op::RwLock { rwlock, op } => Ok(rwlock::offers(at, rwlock.resolve(at.locals())?, op)),
        Op::Condvar { condvar, op } => condvar::offers(at, condvar.resolve(at.locals())?, op),
        Op::Semaphore { semaphore, op } => Ok(semaphore::offers(at, semaphore.resolve(at.locals())?, op)),
        Op::Barrier { barrier, op } => Ok(barrier::offers(at, barrier.resolve(at.locals())?, op)),
        Op::Event { event, op } => Ok(event::offers(at, event.resolve(at.locals())?, op)),
        Op::Once { once, op } => Ok(once::offers(at, once.resolve(at.locals())?, op)),
        Op::Channel { channel, op } => Ok(channel::offers(at, channel.resolve(at.locals())?, op)),
        Op::Oneshot { oneshot, op } => Ok(oneshot::offers(at, oneshot.resolve(at.locals())?, op)),
        Op::Watch { watch, op } => watch::offers(at, watch.resolve(at.locals())?, op),
        Op::Broadcast { broadcast, op } => Ok(broadcast::offers(at, broadcast.resolve(at.locals())?, op)),
        Op::Queue { queue, op } => Ok(queue::offers(at, queue.resolve(at.locals())?, op)),
        Op::Thread { thread, op } => Ok(thread::offers(at, thread.resolve(at.locals())?, op)),
        Op::Spawn { function, op } => spawn::offers(at, *function, op),
        Op::Choice(op) => choice::offers(at, op),
    }
}

/// The effect of an operation.
#[inline]
pub(super) fn operation_effect(step: &mut Step<'_>, op: &Op, pick: Pick) -> Result<Effect, Fault> {
    let thread = step.thread;
    match op {
        Op::Var { var, op } => {
            let object = var.resolve(step.state.view().locals(thread))?;
            var::apply(step, object, op)
        }
        Op::Atomic { atomic, op } => {
            let object = atomic.resolve(step.state.view().locals(thread))?;
            atomic::apply(step, object, op, pick)
        }
        Op::Fence(_) | Op::Pause(_) => Ok(Effect::Next),
        Op::Mutex { mutex, op } => {
            let object = mutex.resolve(step.state.view().locals(thread))?;
            Ok(mutex::apply(step, object, op, pick))
        }
        Op::RwLock { rwlock, op } => {
            let object = rwlock.resolve(step.state.view().locals(thread))?;
            Ok(rwlock::apply(step, object, op))
        }
        Op::Condvar { condvar, op } => {
            let object = condvar.resolve(step.state.view().locals(thread))?;
            condvar::apply(step, object, op, pick)
        }
        Op::Semaphore { semaphore, op } => {
            let object = semaphore.resolve(step.state.view().locals(thread))?;
            Ok(semaphore::apply(step, object, op, pick))
        }
        Op::Barrier { barrier, op } => {
            let object = barrier.resolve(step.state.view().locals(thread))?;
            Ok(barrier::apply(step, object, op, pick))
        }
        Op::Event { event, op } => {
            let object = event.resolve(step.state.view().locals(thread))?;
            Ok(event::apply(step, object, op))
        }
        Op::Once { once, op } => {
            let object = once.resolve(step.state.view().locals(thread))?;
            Ok(once::apply(step, object, op))
        }
        Op::Timer { timer, op } => {
            let object = timer.resolve(step.state.view().locals(thread))?;
            Ok(timer::apply(step, object, op))
        }
        Op::Channel { channel, op } => {
            let object = channel.resolve(step.state.view().locals(thread))?;
            channel::apply(step, object, op, pick)
        }
        Op::Oneshot { oneshot, op } => {
            let object = oneshot.resolve(step.state.view().locals(thread))?;
            oneshot::apply(step, object, op, pick)
        }
        Op::Watch { watch, op } => {
            let object = watch.resolve(step.state.view().locals(thread))?;
            watch::apply(step, object, op)
        }
        Op::Broadcast { broadcast, op } => {
            let object = broadcast.resolve(step.state.view().locals(thread))?;
            broadcast::apply(step, object, op, pick)
        }
        Op::Queue { queue, op } => {
            let object = queue.resolve(step.state.view().locals(thread))?;
            queue::apply(step, object, op, pick)
        }
        Op::Thread { thread: other, op } => {
            let other = other.resolve(step.state.view().locals(thread))?;
            Ok(thread::apply(step, other, op))
        }
        Op::Spawn { function, op } => spawn::apply(step, *function, op),
        Op::Choice(op) => choice::apply(step, op, pick),
        Op::End => Ok(Effect::End),
    }
}

/// Takes the visible step a thread stands at, then its local instructions. `Some` where the execution ends in it.
pub(super) fn visible(step: &mut Step<'_>, pick: Pick) -> Option<Arrival> {
    let program = step.semantics.program;
    let effect = match visible_at(program, step.state.view(), step.thread) {
        Visible::Op(op) => operation_effect(step, op, pick).unwrap_or_else(Effect::Fault),
        Visible::Block { end } => match atomically::apply(step, end) {
            Ok(effect) => effect,
            Err(arrival) => return Some(arrival),
        },
    };
    match effect {
        Effect::Stay => return None,
        Effect::Cut(hit) => return Some(Arrival::Cut(hit)),
        Effect::End => {
            if step.state.view().status(step.thread).is_unwinding() {
                if let Some(event) = &mut step.event {
                    event.returned = Some(Returned::Tagged(ResultTag::Failed, None));
                }
                fail(step);
            } else {
                end(step);
            }
            return None;
        }
        Effect::Next => step.pc.0 += 1,
        Effect::Started(thread) => {
            if let Some(arrival) = begin(step, thread) {
                return Some(arrival);
            }
            step.pc.0 += 1;
        }
        Effect::Goto(pc) => step.pc = pc,
        Effect::Fault(fault) => {
            if !panics(step, fault.to_string()) {
                return None;
            }
        }
        Effect::Misuse(object, misuse) => {
            if !misuses(step, object, misuse) {
                return None;
            }
        }
    }
    local(step)
}

/// Runs the local instructions at the beginning of a thread that the step has started.
fn begin(step: &mut Step<'_>, thread: ThreadId) -> Option<Arrival> {
    let Step { semantics, state, found, .. } = step;
    let state = ViewMut { layout: state.layout, slots: state.slots };
    local(&mut Step { semantics, state, thread, pc: Pc(0), found, event: None })
}

/// Runs local instructions from `step.pc` up to the next visible operation or the end of the thread.
/// `Some` where the execution ends on the way.
pub(super) fn local(step: &mut Step<'_>) -> Option<Arrival> {
    let program = step.semantics.program;
    let limit = step.semantics.limits.local_steps;
    for _ in 0..limit {
        let instr = program.instr(step.thread, step.pc);
        if is_visible(&instr.kind) {
            step.state.set_pc(step.thread, step.pc);
            for local in &instr.dead {
                step.state.set_local(step.thread, *local, 0);
            }
            return None;
        }
        match run_local(step, &instr.kind) {
            Ok(Flow::Goto(pc)) => step.pc = pc,
            Ok(Flow::Ended) => return None,
            Ok(Flow::Stop(arrival)) => return Some(arrival),
            Err(fault) => {
                if !panics(step, fault.to_string()) {
                    return None;
                }
            }
        }
    }
    Some(Arrival::Cut(LimitHit::LocalSteps { limit, thread: step.thread, pc: step.pc }))
}

/// Where a local instruction leads.
pub(super) enum Flow {
    /// To another instruction.
    Goto(Pc),
    /// The thread has ended.
    Ended,
    /// The execution has ended.
    Stop(Arrival),
}

/// Executes one local instruction.
pub(super) fn run_local(step: &mut Step<'_>, kind: &InstrKind) -> Result<Flow, Fault> {
    let next = Flow::Goto(Pc(step.pc.0 + 1));
    match kind {
        InstrKind::Set { to, value } => {
            let value = step.eval(value)?;
            let local = match to {
                Place::Local(local) => *local,
                Place::Element { base, len, index } => element(*base, *len, step.eval(index)?)?,
            };
            step.assign(local, value);
            Ok(next)
        }
        InstrKind::Jump(pc) => Ok(Flow::Goto(*pc)),
        InstrKind::Branch { condition, then, otherwise } => {
            Ok(Flow::Goto(if step.eval(condition)? != 0 { *then } else { *otherwise }))
        }
        InstrKind::Assert { condition, .. } => {
            if step.eval(condition)? != 0 {
                return Ok(next);
            }
            let detail = Detail::Assertion { thread: step.thread, pc: step.pc };
            report(step, detail);
            Ok(Flow::Stop(Arrival::Stopped))
        }
        InstrKind::Assume { condition } => {
            Ok(if step.eval(condition)? != 0 { next } else { Flow::Stop(Arrival::Discarded) })
        }
        InstrKind::Panic { message } => {
            let goes_on = panics(step, message.clone());
            Ok(if goes_on { Flow::Goto(step.pc) } else { Flow::Ended })
        }
        InstrKind::Halt => {
            end(step);
            Ok(Flow::Ended)
        }
        InstrKind::Unwound => {
            fail(step);
            Ok(Flow::Ended)
        }
        InstrKind::Op(_) | InstrKind::Atomically { .. } | InstrKind::Guard { .. } | InstrKind::EndAtomically => {
            unreachable!("not a local instruction: {kind:?}")
        }
    }
}

/// The local that holds an element of a local array.
fn element(base: crate::program::LocalId, len: u32, index: i64) -> Result<crate::program::LocalId, Fault> {
    let position = u32::try_from(index).ok().filter(|position| *position < len);
    let position = position.ok_or(Fault::IndexOutOfRange { index, len })?;
    Ok(crate::program::LocalId::new(base.index() + usize::try_from(position).expect("u32 fits into usize")))
}

/// Records a finding at the current instruction.
fn report(step: &mut Step<'_>, detail: Detail) {
    let code = step.semantics.program.thread(step.thread).code;
    step.found.push(Finding { detail, statements: vec![Statement { code, pc: step.pc }], trace: None });
}

/// Records a panic. True if the thread goes on at `step.pc` with the releases it owes; false if it has ended.
pub(super) fn panics(step: &mut Step<'_>, reason: String) -> bool {
    if step.semantics.program.thread(step.thread).spawned.is_some() {
        spawn::keep_place(step);
        return unwind(step, Status::UnwindingPanic);
    }
    step.state.set_abnormal();
    let detail = Detail::Panic { thread: step.thread, pc: step.pc, reason };
    report(step, detail);
    unwind(step, Status::UnwindingPanic)
}

/// Records a misuse; otherwise as `panics`. Inside an unwind handler a release that is not owed any more is passed over.
fn misuses(step: &mut Step<'_>, object: Option<ObjectId>, misuse: Misuse) -> bool {
    if step.state.view().status(step.thread).is_unwinding() {
        step.pc.0 += 1;
        return true;
    }
    let detail = Detail::Misuse { thread: step.thread, pc: step.pc, object, misuse };
    report(step, detail);
    step.state.set_abnormal();
    unwind(step, Status::UnwindingMisuse)
}

/// Sends a thread to its unwind handler, or ends it where it owes nothing.
fn unwind(step: &mut Step<'_>, status: Status) -> bool {
    step.state.set_status(step.thread, status);
    let handler = step.semantics.program.instr(step.thread, step.pc).unwind;
    match handler {
        Some(pc) => {
            step.pc = pc;
            true
        }
        None => {
            fail(step);
            false
        }
    }
}

/// Ends a thread by panic or misuse.
fn fail(step: &mut Step<'_>) {
    let panicked = step.state.view().status(step.thread) == Status::UnwindingPanic;
    if panicked {
        report_held_locks(step);
    }
    let spawned = step.semantics.program.thread(step.thread).spawned.is_some();
    leave(step, if panicked && spawned { Status::Unobserved } else { Status::Failed });
}

/// Ends a thread normally.
fn end(step: &mut Step<'_>) {
    report_held_locks(step);
    leave(step, Status::Ended);
}

/// A thread that ends while it holds a lock taken by a call: what `with` took is released by now.
fn report_held_locks(step: &mut Step<'_>) {
    let mut held = mutex::held_by(step.semantics, step.state.view(), step.thread);
    held.extend(rwlock::held_by(step.semantics, step.state.view(), step.thread));
    for held in held {
        let detail =
            Detail::Misuse { thread: step.thread, pc: step.pc, object: Some(held), misuse: Misuse::EndedHolding };
        report(step, detail);
        step.state.set_abnormal();
    }
}

/// Takes a thread out of the program: canonical program counter and locals, channels that its end closes.
fn leave(step: &mut Step<'_>, status: Status) {
    step.state.set_status(step.thread, status);
    step.state.set_pc(step.thread, Pc(0));
    let code = step.semantics.program.thread(step.thread).code;
    for (local, kept) in step.semantics.kept[code.index()].iter().enumerate() {
        if !kept {
            step.state.set_local(step.thread, crate::program::LocalId::new(local), 0);
        }
    }
    closing::behind(step);
}
