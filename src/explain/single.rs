//! Findings that are about one statement, one property or one outcome.

use super::ledger::{Ledger, Place};
use super::{Explanation, rounds, words};
use crate::finding::{Event, Idle, Misuse, Outcome, Target, Trace};
use crate::program::{
    Expr, InstrKind, MutexOp, ObjectId, ObjectRef, Op, Pc, Program, Property, RwLockOp, SpawnOp, StateExpr, StateRead,
    ThreadId,
};

/// Letters of the text of a `panic` that a headline repeats.
const PANIC_TEXT: usize = 100;

fn explanation(what: &str, headline: String, facts: Vec<String>) -> Explanation {
    Explanation { what: what.to_owned(), headline, waits: Vec::new(), facts }
}

pub(super) fn assertion(program: &Program, events: &[Event], thread: ThreadId, pc: Pc) -> Explanation {
    let instr = program.instr(thread, pc);
    let text = if let InstrKind::Assert { message: Some(message), .. } = &instr.kind {
        format!(": \"{message}\"")
    } else {
        String::new()
    };
    let headline = format!("{} fails at {}{text}", words::thread(program, thread), words::at_line(program, thread, pc));
    // A read that the thread has just made, but for the locks it has given back since, is what the condition is about; an
    // earlier one need not be.
    let last = events.iter().rposition(|event| event.thread == thread && !gives_back(program, event));
    let ledger = Ledger::after(program, events);
    let read = ledger.last_read(thread).filter(|read| Some(read.at.step) == last).map(|read| {
        format!(
            "{} has just read `{} → {}` ({})",
            words::thread(program, thread),
            program.object(read.object).name,
            read.value,
            words::at(program, read.at),
        )
    });
    let statement = format!("`{}` is false", statement(program.source.quote(instr.span)));
    explanation("assertion", headline, [statement].into_iter().chain(read).collect())
}

/// Whether a step gives a lock back.
fn gives_back(program: &Program, event: &Event) -> bool {
    let op = program.instr(event.thread, event.pc).kind.op();
    matches!(
        op,
        Some(
            Op::Mutex { op: MutexOp::Unlock { .. }, .. }
                | Op::RwLock { op: RwLockOp::ReadUnlock { .. } | RwLockOp::WriteUnlock { .. }, .. }
        )
    )
}

pub(super) fn invariant(program: &Program, events: &[Event], property: usize) -> Explanation {
    let Some(declared) = program.properties.get(property) else { return unknown_property("invariant") };
    let last = events.last().map_or_else(
        || "in the initial state".to_owned(),
        |event| {
            let step = events.len();
            let line = words::at_line(program, event.thread, event.pc);
            format!("after step {step} ({}, {line})", words::thread(program, event.thread))
        },
    );
    explanation(
        "invariant",
        format!("{} is false {last}", quoted(program, declared)),
        values(program, events, declared),
    )
}

pub(super) fn finally(program: &Program, events: &[Event], property: usize) -> Explanation {
    let Some(declared) = program.properties.get(property) else { return unknown_property("final") };
    let headline = format!("{} is false at the end", quoted(program, declared));
    explanation("final", headline, values(program, events, declared))
}

pub(super) fn eventually(program: &Program, trace: Option<&Trace>, property: usize, waiting: &[Idle]) -> Explanation {
    let Some(declared) = program.properties.get(property) else { return unknown_property("eventually") };
    rounds::eventually(program, trace, &quoted(program, declared), waiting)
}

pub(super) fn impossible(program: &Program, property: Option<usize>) -> Explanation {
    let headline = match property.map(|property| program.properties.get(property)) {
        Some(Some(declared)) => format!("no normal end satisfies {}", quoted(program, declared)),
        Some(None) => return unknown_property("impossible"),
        None => "`assume` discards every execution: nothing was tested".to_owned(),
    };
    explanation("impossible", headline, Vec::new())
}

pub(super) fn unexpected_outcome(program: &Program, outcome: &Outcome) -> Explanation {
    let headline = format!("{} = {outcome} occurs, and no `expect outcomes` lists it", observed(program));
    explanation("outcome", headline, Vec::new())
}

pub(super) fn missing_outcome(program: &Program, pattern: &str) -> Explanation {
    explanation("outcome", format!("{} = {pattern} is expected and never occurs", observed(program)), Vec::new())
}

pub(super) fn panic(program: &Program, thread: ThreadId, pc: Pc, reason: &str) -> Explanation {
    let place = words::at_line(program, thread, pc);
    let statement = statement(program.source.quote(program.instr(thread, pc).span));
    let facts = if statement.is_empty() { Vec::new() } else { vec![format!("it ends at `{statement}`")] };
    // The statement says it in full.
    let reason = words::beginning(reason, PANIC_TEXT);
    explanation("panic", format!("{} panics at {place}: {reason}", words::thread(program, thread)), facts)
}

/// That the program has ended is part of the finding, so what is missing is a look, not a step.
pub(super) fn unobserved_failure(program: &Program, events: &[Event], thread: ThreadId, pc: Pc) -> Explanation {
    let (who, place) = (words::thread(program, thread), words::at_line(program, thread, pc));
    let ends = format!("it ends at `{}`", statement(program.source.quote(program.instr(thread, pc).span)));
    let about = events.iter().enumerate().filter(|(_, event)| event.target == Some(Target::Thread(thread)));
    let told = about.filter_map(|(step, event)| {
        let place = Place { step, thread: event.thread, pc: event.pc };
        let (who, at) = (words::thread(program, event.thread), words::at(program, place));
        match program.instr(event.thread, event.pc).kind.op() {
            Some(Op::Spawn { op: SpawnOp::Start { .. }, .. }) => Some(format!("{who} has started it ({at})")),
            Some(Op::Spawn { op: SpawnOp::Wait { .. }, .. }) => {
                Some(format!("{who} waits for its end and does not look at how it ended ({at})"))
            }
            _ => None,
        }
    });
    let mut facts: Vec<String> = [ends].into_iter().chain(told).collect();
    if facts.len() <= 2 {
        facts.push("nobody joins it".to_owned());
    }
    explanation("unobserved_failure", format!("{who} panics at {place}, and nobody looks at how it ended"), facts)
}

pub(super) fn misuse(
    program: &Program,
    events: &[Event],
    thread: ThreadId,
    pc: Pc,
    object: Option<ObjectId>,
    misuse: Misuse,
) -> Explanation {
    let name = object.map_or_else(|| "an object".to_owned(), |object| words::object(program, object));
    let (who, place) = (words::thread(program, thread), words::at_line(program, thread, pc));
    let ledger = Ledger::after(program, events);
    let holder = object.and_then(|object| ledger.hold(object));
    let headline = match misuse {
        Misuse::UnlockNotHeld => format!("{who} unlocks {name} at {place}, which it does not hold"),
        Misuse::ReadUnlockNotHeld => {
            format!("{who} gives {name} back at {place}, which it does not hold for reading")
        }
        Misuse::WriteUnlockNotHeld => {
            format!("{who} gives {name} back at {place}, which it does not hold for writing")
        }
        Misuse::WaitNotHeld => format!("{who} waits at {place} without holding {name}"),
        Misuse::ReleaseAboveBound => format!("{who} releases {name} at {place}, which has all of its permits"),
        Misuse::SendAfterClose => format!("{who} sends into {name} at {place}, which is closed"),
        Misuse::SentTwice => format!("{who} sends into {name} at {place}, where a value was sent before"),
        Misuse::StartedTwice => format!("{who} starts {name} at {place}, which was started before"),
        Misuse::NotStarted => format!("{who} joins {name} at {place}, which was not started"),
        Misuse::TaskDoneTooOften => format!("{who} finishes an item of {name} at {place}, and all are finished"),
        Misuse::EndedHolding => format!("{who} ends while it holds {name}"),
    };
    let taken = object.and_then(|object| ledger.taken(object, thread));
    let reads = object.map_or(&[][..], |object| ledger.reads_of(object));
    let fact = match (misuse, holder) {
        (Misuse::EndedHolding, _) => {
            taken.map(|place| format!("it took {name} at {} and nothing gives it back", words::at(program, place)))
        }
        (Misuse::ReadUnlockNotHeld | Misuse::WriteUnlockNotHeld, Some(held)) => {
            let holder = words::thread(program, held.thread);
            Some(format!("{holder} holds {name} for writing since {}", words::at(program, held)))
        }
        (Misuse::ReadUnlockNotHeld | Misuse::WriteUnlockNotHeld, None) if reads.is_empty() => {
            object.map(|_| format!("nobody holds {name} there"))
        }
        (Misuse::ReadUnlockNotHeld | Misuse::WriteUnlockNotHeld, None) => {
            let reader = |place: &Place| {
                format!("{} since {}", words::thread(program, place.thread), words::at(program, *place))
            };
            let readers: Vec<String> = reads.iter().map(reader).collect();
            Some(format!("{name} is held for reading by {}", words::list(&readers)))
        }
        (Misuse::UnlockNotHeld | Misuse::WaitNotHeld, Some(held)) if held.thread != thread => {
            let holder = words::thread(program, held.thread);
            Some(format!("{holder} holds {name} since {}", words::at(program, held)))
        }
        (Misuse::UnlockNotHeld | Misuse::WaitNotHeld, None) if object.is_some() => {
            Some(format!("nobody holds {name} there"))
        }
        (
            Misuse::UnlockNotHeld
            | Misuse::WaitNotHeld
            | Misuse::ReleaseAboveBound
            | Misuse::SendAfterClose
            | Misuse::SentTwice
            | Misuse::StartedTwice
            | Misuse::NotStarted
            | Misuse::TaskDoneTooOften,
            _,
        ) => None,
    };
    explanation("misuse", headline, fact.into_iter().collect())
}

/// An engine reported a position that the program does not have: said, not hidden.
fn unknown_property(what: &str) -> Explanation {
    explanation(what, "a property that the program does not have (a fault of the engine)".to_owned(), Vec::new())
}

/// `` `always x <= 1`, "text"``.
fn quoted(program: &Program, property: &Property) -> String {
    let declaration = statement(program.source.quote(property.span));
    let line = program.source.line(property.span);
    format!("`{declaration}` (line {line})")
}

/// A statement's text on one line, without the semicolon.
fn statement(text: &str) -> String {
    let one_line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    one_line.trim_end_matches([';', ' ']).to_owned()
}

/// `(a, b)`: what outcomes consist of.
fn observed(program: &Program) -> String {
    let names: Vec<&str> = program.observed.iter().map(|observed| observed.name.as_str()).collect();
    format!("({})", names.join(", "))
}

/// The values of the variables and atomics that a property names, at the end of the trace.
fn values(program: &Program, events: &[Event], property: &Property) -> Vec<String> {
    let mut named = Vec::new();
    objects(&property.condition, &mut named);
    named.sort_unstable();
    named.dedup();
    let values: Vec<String> = named
        .into_iter()
        .filter_map(|object| {
            let initial = program.object(object).kind.initial()?;
            let written = events.iter().flat_map(|event| std::iter::once(event).chain(&event.inside));
            let value = written
                .filter(|event| event.target == Some(Target::Object(object)))
                .filter_map(|event| event.wrote)
                .next_back()
                .unwrap_or(initial);
            Some(format!("`{}` is {value}", program.object(object).name))
        })
        .collect();
    if values.is_empty() { Vec::new() } else { vec![words::list(&values)] }
}

/// The objects that an expression can name; of an array whose index is computed, all elements.
fn objects(expression: &StateExpr, into: &mut Vec<ObjectId>) {
    match expression {
        Expr::Const(_) => {}
        Expr::Read(StateRead::Object(reference) | StateRead::Length(reference) | StateRead::IsLocked(reference)) => {
            elements(reference, into);
        }
        Expr::Read(StateRead::Local { .. }) => {}
        Expr::Unary(_, a) => objects(a, into),
        Expr::Binary(_, a, b) | Expr::And(a, b) | Expr::Or(a, b) => {
            objects(a, into);
            objects(b, into);
        }
        Expr::If(condition, a, b) => {
            objects(condition, into);
            objects(a, into);
            objects(b, into);
        }
    }
}

fn elements(reference: &ObjectRef<StateRead>, into: &mut Vec<ObjectId>) {
    match reference.index.as_deref() {
        None => into.push(reference.base),
        Some(Expr::Const(index)) => into.extend(reference.at(*index).ok()),
        Some(index) => {
            objects(index, into);
            let first = reference.base.index();
            into.extend((first..first + usize::try_from(reference.len).unwrap_or(0)).map(ObjectId::new));
        }
    }
}
