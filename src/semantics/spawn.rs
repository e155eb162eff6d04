//! Threads that are started at run time: `spawn`, and `join` and `is_finished` on their handles.
//!
//! `spawn` takes the first slot of its function that nobody has taken, and everything before it happens before the new
//! thread's start. `join` blocks until the thread has ended and happens after its end. A thread that panics keeps the
//! place in mind until somebody looks at how it ended; what nobody has looked at when the program ends is found there.

use super::Semantics;
use super::layout::{Status, View};
use super::step::{At, Effect, Offers, Step};
use crate::finding::{BlockCause, Detail, Finding, LimitHit, Statement};
use crate::program::{Fault, LocalId, Pc, ResultTag, SpawnId, SpawnOp};

/// Only `join` can block.
pub(super) fn offers(at: At<'_>, function: SpawnId, op: &SpawnOp) -> Result<Offers, Fault> {
    let spawnable = at.semantics.program.spawnable(function);
    match op {
        SpawnOp::Wait { handle } | SpawnOp::Join { handle, .. } => {
            let thread = spawnable.thread(handle.eval_locals(at.locals())?)?;
            let ended = at.view.status(thread).has_ended();
            Ok(if ended { Offers::Only } else { Offers::Blocked(BlockCause::NotEnded { thread }) })
        }
        SpawnOp::Start { .. } | SpawnOp::IsFinished { .. } => Ok(Offers::Only),
    }
}

/// Takes effect. A new thread stands at the beginning of its code; its local instructions are part of this step.
pub(super) fn apply(step: &mut Step<'_>, function: SpawnId, op: &SpawnOp) -> Result<Effect, Fault> {
    let spawnable = step.semantics.program.spawnable(function);
    match op {
        SpawnOp::Start { args, to } => {
            let args = args.iter().map(|arg| step.eval(arg)).collect::<Result<Vec<i64>, Fault>>()?;
            let free = |status: Status| status == Status::NotStarted;
            let Some(thread) = spawnable.threads().find(|thread| free(step.state.view().status(*thread))) else {
                return Ok(Effect::Cut(LimitHit::Threads { limit: spawnable.slots, function }));
            };
            step.note_thread(thread);
            let locals = &step.semantics.program.code_of(thread).locals;
            for (position, (arg, parameter)) in args.into_iter().zip(locals).enumerate() {
                step.state.set_local(thread, LocalId::new(position), arg);
                step.note_operand(parameter.ty.value(arg));
            }
            step.state.set_status(thread, Status::Running);
            step.teach_thread(thread);
            if let Some(to) = to {
                step.assign(*to, spawnable.handle(thread));
            }
            Ok(Effect::Started(thread))
        }
        SpawnOp::Wait { handle } => {
            let thread = spawnable.thread(step.eval(handle)?)?;
            step.note_thread(thread);
            step.learn_from_thread(thread);
            Ok(Effect::Next)
        }
        SpawnOp::Join { handle, tag, to } => {
            let thread = spawnable.thread(step.eval(handle)?)?;
            step.note_thread(thread);
            step.learn_from_thread(thread);
            match step.state.view().status(thread) {
                Status::Ended => {
                    let locals = step.state.view().locals(thread);
                    let value = to.zip(spawnable.result.map(|result| locals[result.index()]));
                    step.give_result(*tag, ResultTag::Some, value);
                }
                Status::Unobserved | Status::Failed => {
                    step.state.set_status(thread, Status::Failed);
                    step.state.set_pending(thread, 0);
                    step.give_result(*tag, ResultTag::Failed, None);
                }
                other @ (Status::NotStarted
                | Status::Running
                | Status::Waiting
                | Status::Notified
                | Status::TimedOut
                | Status::Arrived
                | Status::Matched
                | Status::UnwindingPanic
                | Status::UnwindingMisuse) => unreachable!("the guard said that the thread has ended: {other:?}"),
            }
            Ok(Effect::Next)
        }
        SpawnOp::IsFinished { handle, to } => {
            let thread = spawnable.thread(step.eval(handle)?)?;
            step.note_thread(thread);
            let finished = step.state.view().status(thread).has_ended();
            step.give(*to, i64::from(finished));
            Ok(Effect::Next)
        }
    }
}

/// The thread panics: where it does is kept until somebody looks.
pub(super) fn keep_place(step: &mut Step<'_>) {
    let place = i64::from(step.pc.0) + 1;
    step.state.set_pending(step.thread, place);
}

/// What is found at the end of the program: the threads that have failed and that nobody has looked at.
pub(super) fn unobserved(semantics: &Semantics<'_>, view: View<'_>, found: &mut Vec<Finding>) -> bool {
    let before = found.len();
    for thread in semantics.program.spawned.iter().flat_map(crate::program::Spawnable::threads) {
        if view.status(thread) == Status::Unobserved {
            let place = u32::try_from(view.pending(thread) - 1).expect("a position in the code, plus 1");
            let (pc, code) = (Pc(place), semantics.program.thread(thread).code);
            let detail = Detail::UnobservedFailure { thread, pc };
            found.push(Finding { detail, statements: vec![Statement { code, pc }], trace: None });
        }
    }
    found.len() > before
}
