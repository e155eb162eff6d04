//! Plain variables: one slot, the value.
//!
//! A read and a write are one step each and are always enabled. Whether two of them race is the business of `race`
//! (both accesses next) or `history` (happens-before), not of this file.

use super::step::{Effect, Step};
use crate::finding::AccessKind;
use crate::program::{Fault, ObjectId, ObjectKind, Type, VarOp};

/// Takes effect.
pub(super) fn apply(step: &mut Step<'_>, var: ObjectId, op: &VarOp) -> Result<Effect, Fault> {
    match op {
        VarOp::Read { to } => {
            let value = step.state.view().object(var, 0);
            step.note_object(var);
            step.access(var, AccessKind::Read);
            step.give(*to, value);
        }
        VarOp::Write { value } => {
            let value = step.eval(value)?;
            step.note_object(var);
            step.access(var, AccessKind::Write);
            step.state.set_object(var, 0, value);
            if step.event.is_some() {
                let value = value_type(step, var).value(value);
                step.note_operand(value);
                step.note_written(value);
            }
        }
    }
    Ok(Effect::Next)
}

/// The type of a variable's or an atomic's value.
pub(super) fn value_type(step: &Step<'_>, object: ObjectId) -> Type {
    match &step.semantics.program.object(object).kind {
        ObjectKind::Var { initial } | ObjectKind::Atomic { initial } => initial.ty(),
        ObjectKind::Mutex(_)
        | ObjectKind::RwLock(_)
        | ObjectKind::Condvar { .. }
        | ObjectKind::Semaphore { .. }
        | ObjectKind::Event
        | ObjectKind::Once
        | ObjectKind::Timer { .. }
        | ObjectKind::Barrier { .. }
        | ObjectKind::Channel { .. }
        | ObjectKind::Oneshot { .. }
        | ObjectKind::Watch { .. }
        | ObjectKind::Broadcast { .. }
        | ObjectKind::Queue { .. } => {
            unreachable!("only variables and atomics have a value")
        }
    }
}
