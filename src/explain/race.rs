//! Races: both accesses, what each thread held, and what is missing between them.

use super::ledger::Ledger;
use super::{Explanation, words};
use crate::finding::{Access, AccessKind, Event};
use crate::program::{ObjectId, Program};

pub(super) fn explain(
    program: &Program,
    events: &[Event],
    object: Option<ObjectId>,
    accesses: &[Access],
) -> Explanation {
    let name = object.map_or_else(|| "a variable".to_owned(), |object| words::object(program, object));
    let headline = match accesses {
        [first, second] => format!(
            "{} {} {name} (line {}) while {} {} it (line {})",
            words::thread(program, first.thread),
            verb(first.kind),
            words::line(program, first.thread, first.pc),
            words::thread(program, second.thread),
            verb(second.kind),
            words::line(program, second.thread, second.pc),
        ),
        _ => format!("two accesses of {name} are not ordered"),
    };
    let mut facts: Vec<String> = accesses.iter().map(|access| side(program, events, *access, &name)).collect();
    facts.push(match accesses {
        [_, _] => "no happens-before edge orders the two accesses".to_owned(),
        _ => "the engine cannot tell which accesses; no happens-before edge orders them".to_owned(),
    });
    Explanation { what: "race".to_owned(), headline, waits: Vec::new(), facts }
}

/// One access and the locks held there.
fn side(program: &Program, events: &[Event], access: Access, name: &str) -> String {
    let happened = position(events, access);
    let before = Ledger::after(program, &events[..happened.unwrap_or(events.len())]);
    let held: Vec<String> = before
        .held_by(access.thread)
        .map(|(mutex, place)| {
            let line = words::at_line(program, place.thread, place.pc);
            let how = if before.reads_of(mutex).contains(&place) { " for reading" } else { "" };
            format!("{}{how} (taken at {line})", words::object(program, mutex))
        })
        .collect();
    let holding =
        if held.is_empty() { "holding no lock".to_owned() } else { format!("holding {}", words::list(&held)) };
    let step = happened.map_or_else(String::new, |step| format!("step {}, ", step + 1));
    format!(
        "{} {} {name} ({step}{}), {holding}",
        words::thread(program, access.thread),
        verb(access.kind),
        words::at_line(program, access.thread, access.pc),
    )
}

/// The step of an access: the last one that its thread took there.
pub(super) fn position(events: &[Event], access: Access) -> Option<usize> {
    let is = |event: &Event| event.thread == access.thread && event.pc == access.pc;
    events.iter().rposition(|event| is(event) || event.inside.iter().any(is))
}

fn verb(kind: AccessKind) -> &'static str {
    match kind {
        AccessKind::Read => "reads",
        AccessKind::Write => "writes",
    }
}
