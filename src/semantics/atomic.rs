//! Atomics, sequentially consistent: one slot, the value.
//!
//! Every operation is one step and always enabled. Orderings change nothing here: under `memory sc` every access counts
//! as `seq_cst`, and a file that needs a weaker model is reported as explored under `sc` only. `plain` loads and stores
//! race like a `var`.
//!
//! # Source
//! `std::sync::atomic` for values (`fetch_add` wraps around; a weak compare-exchange may fail although it could succeed).

use super::gate::Gate;
use super::step::{At, Effect, Offers, Step};
use super::var::value_type;
use crate::finding::AccessKind;
use crate::program::{AtomicOp, Fault, ObjectId, Ordering, ResultTag, RmwOp, Type, Value};
use crate::schedule::Pick;

/// Always enabled; a weak compare-exchange that would succeed may fail.
pub(super) fn offers(at: At<'_>, atomic: ObjectId, op: &AtomicOp) -> Result<Offers, Fault> {
    match op {
        AtomicOp::CompareExchange { expected, weak: true, .. } => {
            let expected = expected.eval_locals(at.locals())?;
            let could_succeed = at.view.object(atomic, 0) == expected;
            Ok(if could_succeed { Offers::WeakCompareExchange } else { Offers::Only })
        }
        AtomicOp::CompareExchange { weak: false, .. }
        | AtomicOp::Load { .. }
        | AtomicOp::Store { .. }
        | AtomicOp::Rmw { .. } => Ok(Offers::Only),
    }
}

/// Only a weak compare-exchange has a choice.
pub(super) fn gate(op: &AtomicOp) -> Gate {
    match op {
        AtomicOp::CompareExchange { weak: true, .. } => Gate::Ask,
        AtomicOp::CompareExchange { weak: false, .. }
        | AtomicOp::Load { .. }
        | AtomicOp::Store { .. }
        | AtomicOp::Rmw { .. } => Gate::Open,
    }
}

/// Takes effect.
pub(super) fn apply(step: &mut Step<'_>, atomic: ObjectId, op: &AtomicOp, pick: Pick) -> Result<Effect, Fault> {
    let old = step.state.view().object(atomic, 0);
    match op {
        AtomicOp::Load { ordering, to } => {
            step.note_object(atomic);
            read(step, atomic, *ordering);
            step.give(*to, old);
        }
        AtomicOp::Store { ordering, value } => {
            let value = step.eval(value)?;
            step.note_object(atomic);
            if *ordering == Ordering::Plain {
                step.access(atomic, AccessKind::Write);
            } else {
                step.atomic_access(atomic, AccessKind::Write);
                step.release_replacing(atomic);
            }
            note_operand(step, atomic, value);
            write(step, atomic, value);
        }
        AtomicOp::Rmw { op, ordering: _, value, to } => {
            let operand = step.eval(value)?;
            let new = combine(*op, value_type(step, atomic), old, operand);
            step.note_object(atomic);
            read_modify_write(step, atomic);
            note_operand(step, atomic, operand);
            write(step, atomic, new);
            if let Some(to) = to {
                step.give(*to, old);
            }
        }
        AtomicOp::CompareExchange { expected, new, tag, to, .. } => {
            let expected = step.eval(expected)?;
            let new = step.eval(new)?;
            step.note_object(atomic);
            note_operand(step, atomic, expected);
            note_operand(step, atomic, new);
            if old == expected && pick != Pick::WeakFailure {
                read_modify_write(step, atomic);
                write(step, atomic, new);
                step.give_result(*tag, ResultTag::Some, Some((*to, old)));
            } else {
                read(step, atomic, Ordering::SeqCst);
                step.give_result(*tag, ResultTag::Failed, Some((*to, old)));
            }
        }
    }
    Ok(Effect::Next)
}

/// The value a read-modify-write writes; Booleans stay Booleans.
fn combine(op: RmwOp, ty: Type, old: i64, operand: i64) -> i64 {
    let new = op.apply(old, operand);
    match ty {
        Type::Int => new,
        Type::Bool => new & 1,
    }
}

/// The happens-before side of a load.
fn read(step: &mut Step<'_>, atomic: ObjectId, ordering: Ordering) {
    if ordering == Ordering::Plain {
        step.access(atomic, AccessKind::Read);
    } else {
        step.atomic_access(atomic, AccessKind::Read);
        step.acquire(atomic);
    }
}

/// The happens-before side of a read-modify-write: it acquires, and goes on the release sequence.
fn read_modify_write(step: &mut Step<'_>, atomic: ObjectId) {
    step.atomic_access(atomic, AccessKind::Write);
    step.acquire(atomic);
    step.release(atomic);
}

fn write(step: &mut Step<'_>, atomic: ObjectId, value: i64) {
    step.state.set_object(atomic, 0, value);
    if step.event.is_some() {
        let value = typed(step, atomic, value);
        step.note_written(value);
    }
}

fn note_operand(step: &mut Step<'_>, atomic: ObjectId, value: i64) {
    if step.event.is_some() {
        let value = typed(step, atomic, value);
        step.note_operand(value);
    }
}

fn typed(step: &Step<'_>, atomic: ObjectId, value: i64) -> Value {
    value_type(step, atomic).value(value)
}
