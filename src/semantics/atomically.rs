//! Conditional critical regions: `when c { }` and `atomically { }`, one indivisible step.
//!
//! A `when` whose condition is false is disabled as if it had not begun. Only operations that cannot block and that
//! leave the world no choice may stand inside (the compiler refuses others). All such steps are ordered among each
//! other as if by one lock.

use super::execute::{Flow, operation_effect, operation_offers, run_local};
use super::layout::ViewMut;
use super::step::{At, Effect, Offers, Step, empty_event};
use crate::explore::Arrival;
use crate::finding::{BlockCause, LimitHit};
use crate::program::{InstrKind, Op, Pc};
use crate::schedule::{Choice, Pick};

/// Blocks while the condition is false. Found out by trying on a copy.
pub(super) fn offers(at: At<'_>, end: Pc) -> Offers {
    let mut slots = at.view.slots.to_vec();
    let mut found = Vec::new();
    let pc = at.view.pc(at.thread);
    let state = ViewMut { layout: at.view.layout, slots: &mut slots };
    let mut step = Step { semantics: at.semantics, state, thread: at.thread, pc, found: &mut found, event: None };
    match run(&mut step, end) {
        Ok(Done::Disabled) => Offers::Blocked(BlockCause::ConditionFalse),
        Ok(Done::Effect(_)) | Err(_) => Offers::Only,
    }
}

/// Runs the whole block.
pub(super) fn apply(step: &mut Step<'_>, end: Pc) -> Result<Effect, Arrival> {
    step.acquire_block_order();
    let done = run(step, end)?;
    step.release_block_order();
    match done {
        Done::Effect(effect) => Ok(effect),
        Done::Disabled => unreachable!("the guard said that the condition holds"),
    }
}

/// How a block came to its end.
enum Done {
    /// The condition is false.
    Disabled,
    /// It ran; `step.pc` is where it stopped.
    Effect(Effect),
}

/// Runs from the instruction after `step.pc` up to `end`. `Err` where the execution ends inside.
fn run(step: &mut Step<'_>, end: Pc) -> Result<Done, Arrival> {
    let limit = step.semantics.limits.local_steps;
    step.pc.0 += 1;
    for _ in 0..limit {
        match &step.semantics.program.instr(step.thread, step.pc).kind {
            InstrKind::EndAtomically => {
                assert_eq!(step.pc, end, "blocks do not nest");
                return Ok(Done::Effect(Effect::Next));
            }
            InstrKind::Guard { condition } => match step.eval(condition) {
                Ok(0) => return Ok(Done::Disabled),
                Ok(_) => step.pc.0 += 1,
                Err(fault) => return Ok(Done::Effect(Effect::Fault(fault))),
            },
            InstrKind::Op(op) => match inside(step, op) {
                Effect::Next => step.pc.0 += 1,
                Effect::Goto(pc) => step.pc = pc,
                Effect::Stay | Effect::Started(_) | Effect::End => {
                    unreachable!("operations inside a block cannot wait")
                }
                effect @ (Effect::Fault(_) | Effect::Misuse(..) | Effect::Cut(_)) => return Ok(Done::Effect(effect)),
            },
            // The block ends here, and the local instructions after it begin with the panic.
            InstrKind::Panic { .. } => return Ok(Done::Effect(Effect::Goto(step.pc))),
            kind @ (InstrKind::Set { .. }
            | InstrKind::Jump(_)
            | InstrKind::Branch { .. }
            | InstrKind::Assert { .. }
            | InstrKind::Assume { .. }
            | InstrKind::Atomically { .. }
            | InstrKind::Halt
            | InstrKind::Unwound) => match run_local(step, kind) {
                Ok(Flow::Goto(pc)) => step.pc = pc,
                Ok(Flow::Stop(arrival)) => return Err(arrival),
                Ok(Flow::Ended) => unreachable!("a thread ends behind a block"),
                Err(fault) => return Ok(Done::Effect(Effect::Fault(fault))),
            },
        }
    }
    Err(Arrival::Cut(LimitHit::LocalSteps { limit, thread: step.thread, pc: step.pc }))
}

/// One operation inside a block, with a record of its own.
fn inside(step: &mut Step<'_>, op: &Op) -> Effect {
    let at = At { semantics: step.semantics, view: step.state.view(), thread: step.thread };
    match operation_offers(at, op) {
        Ok(offers) => {
            assert_eq!(offers, Offers::Only, "the compiler lets no blocking or choosing operation into a block")
        }
        Err(fault) => return Effect::Fault(fault),
    }
    let mut event = empty_event(Choice::only(step.thread), step.pc);
    let effect = {
        let mut inner = Step {
            semantics: step.semantics,
            state: ViewMut { layout: step.state.layout, slots: step.state.slots },
            thread: step.thread,
            pc: step.pc,
            found: step.found,
            event: step.event.is_some().then_some(&mut event),
        };
        operation_effect(&mut inner, op, Pick::Only).unwrap_or_else(Effect::Fault)
    };
    if let Some(outer) = &mut step.event {
        outer.inside.push(event);
    }
    effect
}
