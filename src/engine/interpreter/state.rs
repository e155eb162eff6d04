//! Whole states: properties and outcomes read them at ends, and `always` between steps where a runtime allows it.

use super::backend::Backend;
use super::world::Shared;
use super::{Execution, Halt, poison};
use crate::finding::{Detail, Finding, Outcome};
use crate::program::{Fault, LocalId, ObjectId, ObservedRead, PropertyKind, StateExpr, StateRead, ThreadId};

/// Judges an end at which every non-daemon thread has ended: `finally`, and at a normal end `possible` and the outcome.
pub(super) fn judge_end<B: Backend>(execution: &Execution<B>) {
    let program = &execution.run.program;
    let normal = poison::lock(&execution.record).is_normal();
    let mut satisfied = Vec::new();
    for (position, property) in program.properties.iter().enumerate() {
        match property.kind {
            PropertyKind::Finally if !holds(execution, &property.condition) => {
                let detail = Detail::Final { property: position };
                execution.found(Finding { detail, statements: Vec::new(), trace: None });
            }
            PropertyKind::Possible if normal && holds(execution, &property.condition) => satisfied.push(position),
            PropertyKind::Always | PropertyKind::Finally | PropertyKind::Possible | PropertyKind::Eventually => {}
        }
    }
    let unobserved = poison::lock(&execution.record).unobserved();
    for (thread, pc) in unobserved {
        let statements = vec![super::finding::statement(program.thread(thread).code, pc)];
        execution.found(Finding { detail: Detail::UnobservedFailure { thread, pc }, statements, trace: None });
    }
    if normal {
        let outcome = outcome(execution);
        let listed = execution.run.listed.as_ref();
        if listed.is_some_and(|patterns| !patterns.iter().any(|pattern| pattern.covers(&outcome.0))) {
            let detail = Detail::UnexpectedOutcome { outcome: outcome.clone() };
            execution.found(Finding { detail, statements: Vec::new(), trace: None });
        }
        poison::lock(&execution.run.collected).normal_end(outcome);
    }
    let mut collected = poison::lock(&execution.run.collected);
    collected.other_ends.abnormal += u64::from(!normal);
    for property in satisfied {
        collected.satisfied(property);
    }
    collected.keep();
}

/// Checks `always` in this state; a broken one ends the execution.
pub(super) fn check_invariants<B: Backend>(execution: &Execution<B>) -> Result<(), Halt> {
    let program = &execution.run.program;
    let mut broken = false;
    for position in execution.run.plan.invariants.iter().copied() {
        if !holds(execution, &program.properties[position].condition) {
            broken = true;
            let detail = Detail::Invariant { property: position };
            execution.found(Finding { detail, statements: Vec::new(), trace: None });
        }
    }
    if broken { Err(Halt::Stopped) } else { Ok(()) }
}

/// Whether a property holds; a fault counts as false.
fn holds<B: Backend>(execution: &Execution<B>, condition: &StateExpr) -> bool {
    evaluate(execution, condition).is_ok_and(|value| value != 0)
}

fn evaluate<B: Backend>(execution: &Execution<B>, expr: &StateExpr) -> Result<i64, Fault> {
    expr.eval(&mut |read| {
        let element = |object: &crate::program::ObjectRef<StateRead>| {
            let index = object.index.as_ref().map_or(Ok(0), |index| evaluate(execution, index))?;
            object.at(index)
        };
        match read {
            StateRead::Object(object) => Ok(value(execution, element(object)?)),
            StateRead::Length(object) => Ok(length(execution, element(object)?)),
            StateRead::IsLocked(object) => Ok(i64::from(execution.world.mutex(element(object)?).is_locked())),
            StateRead::Local { thread, local, assigned } => {
                local_value(execution, *thread, *local, *assigned).ok_or(Fault::Unassigned)
            }
        }
    })
}

/// The value of a `var` or an `atomic`, the permits of a semaphore, whether an event is set, a barrier is broken or the
/// block of a once finished.
fn value<B: Backend>(execution: &Execution<B>, object: ObjectId) -> i64 {
    match &execution.world.objects[object.index()] {
        Shared::Var(cell) => execution.backend.peek(cell),
        Shared::Atomic(atomic) => execution.backend.last_value(atomic),
        Shared::Semaphore(permits) => permits.peek(super::semaphore::Permits::free),
        Shared::Watch(board) => board.peek(super::watch::Board::value),
        Shared::Event(set) => set.peek(|set| i64::from(*set)),
        Shared::Once(stage) => stage.peek(|stage| i64::from(stage.is_finished())),
        Shared::Barrier(build) => build.round(|round| i64::from(round.is_broken())),
        Shared::Mutex(_)
        | Shared::RwLock(_)
        | Shared::Condvar(_)
        | Shared::Timer(_)
        | Shared::Channel(_)
        | Shared::Oneshot(_)
        | Shared::Broadcast(_)
        | Shared::Queue(_) => 0,
    }
}

/// Number of messages in a channel or a broadcast, or of items in a queue.
fn length<B: Backend>(execution: &Execution<B>, object: ObjectId) -> i64 {
    let len = if let Shared::Queue(items) = &execution.world.objects[object.index()] {
        items.peek(super::queue::Items::len)
    } else if let Shared::Broadcast(ring) = &execution.world.objects[object.index()] {
        ring.peek(super::broadcast::Ring::len)
    } else {
        execution.world.channel(object).state.peek(super::channel::Messages::len)
    };
    i64::try_from(len).unwrap_or(i64::MAX)
}

fn local_value<B: Backend>(
    execution: &Execution<B>,
    thread: ThreadId,
    local: LocalId,
    assigned: LocalId,
) -> Option<i64> {
    let locals = poison::lock(&execution.locals[thread.index()]);
    (locals[assigned.index()] != 0).then(|| locals[local.index()])
}

fn outcome<B: Backend>(execution: &Execution<B>) -> Outcome {
    let observed = &execution.run.program.observed;
    Outcome(
        observed
            .iter()
            .map(|component| match component.read {
                ObservedRead::Object(object) => Some(component.ty.value(value(execution, object))),
                ObservedRead::Local { thread, local, assigned } => {
                    local_value(execution, thread, local, assigned).map(|slot| component.ty.value(slot))
                }
            })
            .collect(),
    )
}
