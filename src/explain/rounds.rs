//! Rounds that can go on for ever: who goes round, who is passed over, and which promise is missing that would forbid it.

use super::ledger::Ledger;
use super::{Explanation, WaitRow, deadlock, words};
use crate::finding::{Event, Idle, Trace};
use crate::program::{Fairness, Line, MutexKind, ObjectId, ObjectKind, Preference, Program, Service, ThreadId};
use std::collections::{BTreeMap, BTreeSet};

/// Threads that are named in a headline; more are counted.
const NAMED: usize = 4;

pub(super) fn livelock(
    program: &Program,
    trace: Option<&Trace>,
    threads: &[ThreadId],
    waiting: &[Idle],
) -> Explanation {
    let names: Vec<String> = threads.iter().map(|thread| words::thread(program, *thread)).collect();
    let headline = match names.as_slice() {
        [only] => format!("{only} goes round for ever without making progress"),
        several if several.len() <= NAMED => {
            format!("{} go round for ever, and none of them makes progress", words::list(several))
        }
        several => format!("{} go round for ever, and none makes progress", words::count(several.len(), "thread")),
    };
    explanation(program, trace, "livelock", headline, waiting)
}

pub(super) fn starvation(
    program: &Program,
    trace: Option<&Trace>,
    threads: &[ThreadId],
    waiting: &[Idle],
) -> Explanation {
    let names: Vec<String> = threads.iter().map(|thread| words::thread(program, *thread)).collect();
    let (first, rest) = names.split_first().map_or(("a thread", &[][..]), |(first, rest)| (first.as_str(), rest));
    let headline = format!("{first} can be passed over for ever");
    let mut explanation = explanation(program, trace, "starvation", headline, waiting);
    let passed_over = waiting.iter().find(|idle| threads.first() == Some(&idle.blocked.thread));
    let object = passed_over.and_then(|idle| idle.blocked.cause.object());
    explanation.facts.extend(object.and_then(|object| no_promise(program, object)));
    if !rest.is_empty() {
        explanation.facts.push(format!("the same can happen to {}", words::list(rest)));
    }
    explanation
}

/// `quoted`: the declaration, with its line.
pub(super) fn eventually(program: &Program, trace: Option<&Trace>, quoted: &str, waiting: &[Idle]) -> Explanation {
    let ends = trace.is_some_and(|trace| trace.back_to.is_none());
    let how = if ends { "the execution ends without it" } else { "a round without it can go on for ever" };
    explanation(program, trace, "eventually", format!("{quoted} need not come true: {how}"), waiting)
}

fn explanation(
    program: &Program,
    trace: Option<&Trace>,
    what: &str,
    headline: String,
    waiting: &[Idle],
) -> Explanation {
    let round = trace.and_then(|trace| Some((trace.events.as_slice(), trace.back_to?)));
    let (waits, facts) = match round {
        None => (Vec::new(), Vec::new()),
        Some((events, from)) => {
            let waits = waiting.iter().map(|idle| row(program, events, idle)).collect();
            let mut facts = goes_round(program, &events[from..]);
            facts.push(fairness(program));
            (waits, facts)
        }
    };
    Explanation { what: what.to_owned(), headline, waits, facts }
}

/// A thread that takes no step in the round, and why it could not at some point of it.
fn row(program: &Program, events: &[Event], idle: &Idle) -> WaitRow {
    let ledger = Ledger::after(program, &events[..idle.after]);
    let row = deadlock::row(program, ledger, &idle.blocked);
    WaitRow { reason: format!("after step {}, {}", idle.after, row.reason), ..row }
}

/// Who steps in the round, and where.
fn goes_round(program: &Program, round: &[Event]) -> Vec<String> {
    let mut lines: BTreeMap<ThreadId, BTreeSet<Line>> = BTreeMap::new();
    for event in round {
        lines.entry(event.thread).or_default().insert(words::line(program, event.thread, event.pc));
    }
    lines
        .into_iter()
        .map(|(thread, lines)| {
            let lines = words::lines(lines.into_iter().collect());
            format!("{} goes round: {lines}", words::thread(program, thread))
        })
        .collect()
}

/// By which rule the round is an execution that counts.
fn fairness(program: &Program) -> String {
    match program.liveness.fairness {
        Fairness::Weak => {
            "every thread has its turn: it steps in the round, or cannot step somewhere in it (weak fairness)"
                .to_owned()
        }
        Fairness::Strong => {
            "every thread has its turn: it steps in the round, or can step nowhere in it (strong fairness)".to_owned()
        }
    }
}

/// That an object promises no turn to those that wait for it.
fn no_promise(program: &Program, object: ObjectId) -> Option<String> {
    let (name, kind) = (words::object(program, object), &program.object(object).kind);
    let free = matches!(
        kind,
        ObjectKind::Mutex(MutexKind::Plain | MutexKind::Reentrant | MutexKind::Poisoning)
            | ObjectKind::RwLock(Preference::Anybody)
            | ObjectKind::Semaphore { service: Service::Anybody, .. }
    );
    if free {
        return Some(format!(
            "{name} promises nobody a turn: any waiter may be served, and a newcomer may overtake; a `fifo` one serves in \
             order of arrival"
        ));
    }
    let ObjectKind::RwLock(preference @ (Preference::Readers | Preference::Writers)) = kind else { return None };
    let option = preference.option()?;
    Some(format!("under `{option}` {name} promises the others no turn; a `fifo` one serves in order of arrival"))
}
