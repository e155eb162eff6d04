//! `atomically` and `when`: one visible step that runs a block of operations which cannot block.

use super::super::construct;
use super::backend::Backend;
use super::control::{Halt, Settled};
use super::frame::{Frame, Trouble};
use super::poison;
use super::wants::{Footprint, Wants};
use crate::finding::{Event, LimitHit, Phase};
use crate::program::{InstrKind, Pc};

/// How the inside of a block went.
enum Ran {
    /// To its end, or to a panic.
    Through(Settled),
    /// Its condition is false; nothing has happened.
    Not,
}

impl<B: Backend> Frame<'_, B> {
    /// Runs the block that ends at `end`; then the position is behind it.
    pub(super) fn block(&mut self, end: Pc) -> Result<Settled, Trouble> {
        let execution = self.execution;
        let instrs = &self.code().instrs[self.cursor.pc.index()..end.index()];
        let conditional = instrs.iter().any(|instr| matches!(instr.kind, InstrKind::Guard { .. }));
        let objects = instrs.iter().filter_map(|instr| instr.kind.op()).flat_map(construct::touched);
        let touched = objects.fold(Footprint::BLOCK, |all, object| all.and(Footprint::writes(object)));
        let program = &execution.run.program;
        let ends = instrs.iter().filter_map(|instr| instr.kind.op()).flat_map(|op| construct::observed(program, op));
        let touched = ends.fold(touched, |all, thread| all.and(Footprint::end(thread)));
        self.announce(if conditional { Wants::Condition } else { Wants::Nothing }, touched)?;
        let blocks = execution.world.blocks.as_ref().expect("the plan has seen this block");
        let begin = self.cursor.clone();
        let event = self.event(Phase::Whole, None);
        let mut inside = blocks.enter(&execution.backend);
        loop {
            self.block = Some(Vec::new());
            let serial = conditional && B::NATURE.serial;
            let standing = serial.then(|| poison::lock(&execution.record).order.standing(self.thread));
            let ran = self.inside();
            let events = self.block.take().unwrap_or_default();
            match ran {
                Ok(Ran::Not) => {
                    self.cursor = begin.clone();
                    if let Some(standing) = standing {
                        poison::lock(&execution.record).order.step_back(self.thread, standing);
                    }
                    inside = inside.wait(self.thread);
                    execution.proceed()?;
                }
                Ok(Ran::Through(settled)) => {
                    self.leave(event, events)?;
                    inside.leave_changed();
                    return Ok(settled);
                }
                // What it did before it failed has happened.
                Err(trouble) => {
                    self.leave(event, events)?;
                    inside.leave_changed();
                    return Err(trouble);
                }
            }
        }
    }

    /// Adds the block to the log.
    fn leave(&mut self, mut event: Event, inside: Vec<Event>) -> Result<(), Trouble> {
        event.inside = inside;
        let thread = self.thread;
        self.happened(event, |record| record.order.leave_block(thread))
    }

    /// Runs from the start of a block to its end, without letting anybody go first.
    fn inside(&mut self) -> Result<Ran, Trouble> {
        self.cursor.pc = Pc(self.cursor.pc.0 + 1);
        if B::NATURE.serial {
            poison::lock(&self.execution.record).order.enter_block(self.thread);
        }
        let limit = self.execution.run.limits.local_steps;
        for _ in 0..limit {
            let settled = self.settle()?;
            if self.cursor.failed.is_some() {
                return Ok(Ran::Through(settled));
            }
            match &self.instr().kind {
                InstrKind::Op(op) => self.operation(op)?,
                InstrKind::Guard { condition } => {
                    if condition.eval_locals(self.locals())? == 0 {
                        return Ok(Ran::Not);
                    }
                    self.cursor.pc = Pc(self.cursor.pc.0 + 1);
                }
                InstrKind::EndAtomically => {
                    self.cursor.pc = Pc(self.cursor.pc.0 + 1);
                    return Ok(Ran::Through(Settled::AtStep));
                }
                InstrKind::Set { .. }
                | InstrKind::Jump(_)
                | InstrKind::Branch { .. }
                | InstrKind::Assert { .. }
                | InstrKind::Assume { .. }
                | InstrKind::Panic { .. }
                | InstrKind::Atomically { .. }
                | InstrKind::Halt
                | InstrKind::Unwound => unreachable!("local instructions are run by `settle`, and blocks do not nest"),
            }
        }
        Err(Halt::Cut(LimitHit::LocalSteps { limit, thread: self.thread, pc: self.cursor.pc }).into())
    }
}
