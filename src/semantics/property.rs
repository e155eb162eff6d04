//! Properties and outcomes of a state: what `always`, `finally`, `possible` and `observe` read.

use super::layout::View;
use super::{Semantics, buffer, mutex};
use crate::finding::{Detail, Finding, Outcome};
use crate::program::{Expr, Fault, ObjectRef, ObservedRead, Program, PropertyKind, StateExpr, StateRead};

/// Whether the property at this position holds; one that has no value does not.
pub(super) fn holds(semantics: &Semantics<'_>, view: View<'_>, property: usize) -> bool {
    eval(semantics, view, &semantics.program.properties[property].condition).is_ok_and(|value| value != 0)
}

/// Looks at every `always`; the first that fails is found and ends the execution.
pub(super) fn some_invariant_fails(semantics: &Semantics<'_>, slots: &[i64], found: &mut Vec<Finding>) -> bool {
    let fails = failing(semantics, slots, PropertyKind::Always).next();
    found.extend(fails.map(|property| finding(Detail::Invariant { property })));
    fails.is_some()
}

/// Looks at every `finally`; all that fail are found.
pub(super) fn check_final(semantics: &Semantics<'_>, slots: &[i64], found: &mut Vec<Finding>) {
    found.extend(failing(semantics, slots, PropertyKind::Finally).map(|property| finding(Detail::Final { property })));
}

/// The observed tuple.
pub(super) fn outcome(semantics: &Semantics<'_>, view: View<'_>) -> Outcome {
    let read = |observed: &crate::program::Observed| {
        let slot = match observed.read {
            ObservedRead::Object(object) => view.object(object, 0),
            ObservedRead::Local { thread, local, assigned } => {
                let locals = view.locals(thread);
                if locals[assigned.index()] == 0 {
                    return None;
                }
                locals[local.index()]
            }
        };
        Some(observed.ty.value(slot))
    };
    Outcome(semantics.program.observed.iter().map(read).collect())
}

/// The locals that properties and outcomes read after their thread has ended, by code and local.
pub(super) fn kept_locals(program: &Program) -> Vec<Vec<bool>> {
    let mut kept: Vec<Vec<bool>> = program.codes.iter().map(|code| vec![false; code.locals.len()]).collect();
    for spawnable in &program.spawned {
        if let Some(result) = spawnable.result {
            kept[spawnable.code.index()][result.index()] = true;
        }
    }
    let mut keep = |thread, local: crate::program::LocalId| {
        kept[program.thread(thread).code.index()][local.index()] = true;
    };
    for observed in &program.observed {
        if let ObservedRead::Local { thread, local, assigned } = observed.read {
            keep(thread, local);
            keep(thread, assigned);
        }
    }
    for property in &program.properties {
        for_each_local(&property.condition, &mut keep);
    }
    kept
}

/// The properties of one kind that fail in a state.
fn failing<'a>(semantics: &'a Semantics<'_>, slots: &'a [i64], kind: PropertyKind) -> impl Iterator<Item = usize> + 'a {
    let properties = semantics.program.properties.iter().enumerate();
    properties
        .filter(move |(_, property)| property.kind == kind)
        .map(|(position, _)| position)
        .filter(move |position| !holds(semantics, semantics.view(slots), *position))
}

fn finding(detail: Detail) -> Finding {
    Finding { detail, statements: Vec::new(), trace: None }
}

fn eval(semantics: &Semantics<'_>, view: View<'_>, expr: &StateExpr) -> Result<i64, Fault> {
    expr.eval(&mut |leaf| match leaf {
        StateRead::Object(object) => Ok(view.object(resolve(semantics, view, object)?, 0)),
        StateRead::Length(object) => {
            let length = buffer::length(view, resolve(semantics, view, object)?);
            Ok(i64::try_from(length).expect("lengths are small"))
        }
        StateRead::IsLocked(mutex) => {
            let mutex = resolve(semantics, view, mutex)?;
            Ok(i64::from(mutex::is_locked(semantics.program, view, mutex)))
        }
        StateRead::Local { thread, local, assigned } => {
            let locals = view.locals(*thread);
            if locals[assigned.index()] == 0 { Err(Fault::Unassigned) } else { Ok(locals[local.index()]) }
        }
    })
}

fn resolve(
    semantics: &Semantics<'_>,
    view: View<'_>,
    object: &ObjectRef<StateRead>,
) -> Result<crate::program::ObjectId, Fault> {
    match &object.index {
        None => Ok(object.base),
        Some(index) => object.at(eval(semantics, view, index)?),
    }
}

/// Calls `keep` for every local an expression reads.
fn for_each_local(expr: &StateExpr, keep: &mut impl FnMut(crate::program::ThreadId, crate::program::LocalId)) {
    match expr {
        Expr::Const(_) => {}
        Expr::Read(StateRead::Local { thread, local, assigned }) => {
            keep(*thread, *local);
            keep(*thread, *assigned);
        }
        Expr::Read(StateRead::Object(object) | StateRead::Length(object) | StateRead::IsLocked(object)) => {
            if let Some(index) = &object.index {
                for_each_local(index, keep);
            }
        }
        Expr::Unary(_, a) => for_each_local(a, keep),
        Expr::Binary(_, a, b) | Expr::And(a, b) | Expr::Or(a, b) => {
            for_each_local(a, keep);
            for_each_local(b, keep);
        }
        Expr::If(a, b, c) => {
            for_each_local(a, keep);
            for_each_local(b, keep);
            for_each_local(c, keep);
        }
    }
}
