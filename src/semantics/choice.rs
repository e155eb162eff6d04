//! Choices of the world: `choose` and `either`. One step each; every possibility is explored.

use super::step::{At, Effect, Offers, Step};
use crate::finding::LimitHit;
use crate::program::{ChoiceOp, Fault};
use crate::schedule::Pick;

/// Never blocks. An empty range is a fault, and one that is too large is a cut, when the step is taken.
pub(super) fn offers(at: At<'_>, op: &ChoiceOp) -> Result<Offers, Fault> {
    match op {
        ChoiceOp::Value { from, to, .. } => {
            let from = from.eval_locals(at.locals())?;
            let to = to.eval_locals(at.locals())?;
            let is_explored = from < to && to.checked_sub(from).is_some_and(|count| count <= i64::from(VALUES_MAX));
            Ok(if is_explored { Offers::Values { from, to } } else { Offers::Only })
        }
        ChoiceOp::Branch { branches } => {
            Ok(Offers::Branches(u32::try_from(branches.len()).expect("a text of 1 MiB has fewer branches")))
        }
    }
}

/// A `choose` from more values is not explored.
pub(super) const VALUES_MAX: u32 = 1_024;

/// Takes effect.
pub(super) fn apply(step: &mut Step<'_>, op: &ChoiceOp, pick: Pick) -> Result<Effect, Fault> {
    match (op, pick) {
        (ChoiceOp::Value { into, .. }, Pick::Value(value)) => {
            step.give(*into, value);
            Ok(Effect::Next)
        }
        (ChoiceOp::Value { from, to, .. }, _) => {
            if step.eval(from)? >= step.eval(to)? {
                return Err(Fault::EmptyChoice);
            }
            Ok(Effect::Cut(LimitHit::Choices { limit: VALUES_MAX, thread: step.thread, pc: step.pc }))
        }
        (ChoiceOp::Branch { branches }, Pick::Branch(branch)) => {
            let position = usize::try_from(branch).expect("u32 fits into usize");
            Ok(Effect::Goto(branches[position]))
        }
        (ChoiceOp::Branch { .. }, other) => unreachable!("an `either` picks a branch, not {other:?}"),
    }
}
