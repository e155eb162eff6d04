//! Findings to reasons: why it happened, in terms of the scenario.
//!
//! Takes a finding with the trace that shows it, and says what a reader would work out by hand: who waits for what, who
//! holds it and since which line, who could have helped and why nobody will. Every sentence follows from the trace, the
//! finding and the text of the program; where they do not suffice, nothing is said. What would have happened otherwise is
//! asked of `semantics`.
//!
//! Plain data only: nothing here prints, and nothing decides whether something is a finding.

mod deadlock;
mod deed;
mod ledger;
mod notes;
pub mod operation;
mod race;
mod reach;
mod recipient;
mod rounds;
mod single;
mod users;
mod woken;
mod words;

pub use notes::notes;

use crate::finding::{Blocked, Detail, Event, Finding};
use crate::program::{DeadlockCause, Line, ObjectId, Program};
use ledger::Ledger;
use serde::Serialize;

/// Why one finding is one.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Explanation {
    /// The kind, where it is known with its cause: `deadlock (lock_cycle)`.
    pub what: String,
    /// What happened, in one sentence fragment: `` `first` and `second` wait for each other``.
    pub headline: String,
    /// One row for each thread that waits for ever, or for several that do so alike; empty for other kinds.
    pub waits: Vec<WaitRow>,
    /// Further facts, one sentence each.
    pub facts: Vec<String>,
}

/// A row of the wait-for table.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct WaitRow {
    /// Who waits.
    pub thread: String,
    /// At which line.
    pub line: Line,
    /// At which operation, as traces print it.
    pub operation: String,
    /// For what: who holds it and where it was taken, or what is missing.
    pub reason: String,
    /// Who could have ended the wait, and why nobody will, one sentence each.
    pub helpers: Vec<String>,
    /// Further threads of the same group that wait at the same operation for the same reason, where there are many.
    pub alike: Vec<String>,
}

/// Explains a finding.
#[must_use]
pub fn explain(program: &Program, finding: &Finding) -> Explanation {
    let trace = finding.trace.as_ref();
    let events = trace.map_or(&[][..], |trace| trace.events.as_slice());
    match &finding.detail {
        Detail::Deadlock { scope, blocked } => deadlock::explain(program, events, *scope, blocked),
        Detail::Race { object, accesses } => race::explain(program, events, *object, accesses),
        Detail::Assertion { thread, pc } => single::assertion(program, events, *thread, *pc),
        Detail::Invariant { property } => single::invariant(program, events, *property),
        Detail::Final { property } => single::finally(program, events, *property),
        Detail::Impossible { property } => single::impossible(program, *property),
        Detail::UnexpectedOutcome { outcome } => single::unexpected_outcome(program, outcome),
        Detail::MissingOutcome { pattern } => single::missing_outcome(program, pattern),
        Detail::Panic { thread, pc, reason } => single::panic(program, *thread, *pc, reason),
        Detail::UnobservedFailure { thread, pc } => single::unobserved_failure(program, events, *thread, *pc),
        Detail::Misuse { thread, pc, object, misuse } => {
            single::misuse(program, events, *thread, *pc, *object, *misuse)
        }
        Detail::Eventually { property, waiting } => single::eventually(program, trace, *property, waiting),
        Detail::Livelock { threads, waiting } => rounds::livelock(program, trace, threads, waiting),
        Detail::Starvation { threads, waiting } => rounds::starvation(program, trace, threads, waiting),
    }
}

/// Who waits for what in a deadlock of which nobody knows the steps.
#[must_use]
pub fn seen_waiting(program: &Program, blocked: &[Blocked]) -> Vec<WaitRow> {
    deadlock::seen(program, blocked)
}

/// The cause of a deadlock, where the execution that shows it proves one; `None` for other kinds.
#[must_use]
pub fn cause(program: &Program, finding: &Finding) -> Option<DeadlockCause> {
    let events = finding.trace.as_ref().map_or(&[][..], |trace| trace.events.as_slice());
    let Detail::Deadlock { scope, blocked } = &finding.detail else { return None };
    deadlock::cause(program, events, *scope, blocked)
}

/// `line 4`, `lines 4 and 7`: each line once, in ascending order.
#[must_use]
pub fn lines(lines: &[Line]) -> String {
    words::lines(lines.to_vec())
}

/// For each step of a trace, the mutex that a condition variable's wait gives back or takes again.
#[must_use]
pub fn mutexes_of_waits(program: &Program, events: &[Event]) -> Vec<Option<ObjectId>> {
    let mut ledger = Ledger::default();
    let mut mutexes = Vec::with_capacity(events.len());
    for event in events {
        let before = ledger.wait(event.thread);
        ledger.enter(program, event);
        mutexes.push(ledger.wait(event.thread).or(before).and_then(|wait| wait.mutex));
    }
    mutexes
}
