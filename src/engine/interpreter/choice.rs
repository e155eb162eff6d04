//! `choose` and `either`.

use super::Halt;
use super::backend::Backend;
use super::frame::{Frame, Trouble};
use super::wants::{Footprint, Wants};
use crate::finding::{LimitHit, Phase, Returned};
use crate::program::{ChoiceOp, Fault, Pc, Value};
use crate::schedule::Pick;

/// A `choose` from more values is not explored.
pub(super) const VALUES_MAX: u32 = 1_024;

impl<B: Backend> Frame<'_, B> {
    /// Lets the world choose; then the position is where the thread goes on.
    pub(super) fn choice(&mut self, op: &ChoiceOp) -> Result<(), Trouble> {
        self.announce(Wants::Nothing, Footprint::NOTHING)?;
        let mut event = self.event(Phase::Whole, None);
        match op {
            ChoiceOp::Value { from, to, into } => {
                let (from, to) = (from.eval_locals(self.locals())?, to.eval_locals(self.locals())?);
                if from >= to {
                    return Err(Fault::EmptyChoice.into());
                }
                let limit = VALUES_MAX;
                let count = to.checked_sub(from).and_then(|count| u32::try_from(count).ok());
                let Some(count) = count.filter(|count| *count <= limit) else {
                    let cut = LimitHit::Choices { limit, thread: self.thread, pc: self.cursor.pc };
                    return Err(Halt::Cut(cut).into());
                };
                let picks: Vec<Pick> = (from..from + i64::from(count)).map(Pick::Value).collect();
                let chosen = self.execution.choose(self.thread, &picks);
                let value = from + i64::try_from(chosen).expect("what is chosen is below the count");
                self.set(*into, value);
                event.pick = Pick::Value(value);
                event.returned = Some(Returned::Value(Value::Int(value)));
                self.happened(event, |_| {})?;
                self.cursor.pc = Pc(self.cursor.pc.0 + 1);
            }
            ChoiceOp::Branch { branches } => {
                let picks: Vec<Pick> = (0u32..).take(branches.len()).map(Pick::Branch).collect();
                let chosen = self.execution.choose(self.thread, &picks);
                event.pick = picks[chosen];
                self.happened(event, |_| {})?;
                self.cursor.pc = branches[chosen];
            }
        }
        Ok(())
    }
}
