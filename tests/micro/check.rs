//! One case of a table.

use super::pairs::{LIST, note};
use interleaver::engine::agreement::{Agreement, compare};
use interleaver::engine::{Engine, Loom, Shuttle, Threads, isolate};
use interleaver::explore::{Questions, explore, replay};
use interleaver::finding::{Coverage, Evidence, ReplayEnd};
use interleaver::language::compile;
use interleaver::limits::{Limits, Unwatched};
use interleaver::program::{FindingKind, Program, Source};
use interleaver::schedule;
use interleaver::semantics::Semantics;
use std::collections::BTreeSet;
use std::fmt::Display;

/// Runs of each case on free threads.
const FREE_RUNS: u64 = 8;

/// Compiles a case.
pub(crate) fn program(text: &str) -> Program {
    let source = Source { name: "test.ilv".to_owned(), text: text.to_owned() };
    compile(&source, &[]).unwrap_or_else(|errors| panic!("{errors:#?}\n{text}")).program
}

/// What the native checker sees.
pub(crate) fn evidence(text: &str) -> Evidence {
    explore(&program(text), &Limits::default(), &Unwatched)
}

/// What shuttle sees.
pub(crate) fn on_shuttle(text: &str) -> Evidence {
    Shuttle.run(&program(text), &Limits::default(), &Unwatched)
}

/// The outcomes as `1,2` or `none`, sorted, and the kinds of all findings.
fn results(evidence: &Evidence) -> (String, String) {
    let tuples = evidence.outcomes.keys().map(|outcome| {
        let values = outcome.0.iter().map(|value| value.map_or("none".to_owned(), |value| value.to_string()));
        values.collect::<Vec<_>>().join(",")
    });
    let kinds: BTreeSet<FindingKind> = evidence.findings.iter().map(|finding| finding.kind()).collect();
    let kinds: Vec<&str> = kinds.into_iter().map(FindingKind::word).collect();
    (tuples.collect::<Vec<_>>().join(" "), kinds.join(" "))
}

/// Explores a scenario to its end and compares its outcomes and the kinds of its findings with what a person wrote; every
/// other engine that can express it sees the same.
#[track_caller]
pub(crate) fn check(text: &str, outcomes: &str, kinds: &str) {
    for (engine, agreement) in compared(text, outcomes, kinds) {
        assert_eq!(agreement, Agreement::Agrees, "{engine}\n{text}");
    }
}

/// Two threads `a` and `b` that each put what they saw into `r`; each outcome is `(a.r, b.r)`.
///
/// Each thread takes a step before: `a` goes first by it or `b` does, and either may still be first in what follows. So
/// each outcome occurs with both, unless there is no scheduling point between that step and the next one.
#[track_caller]
pub(crate) fn check_pair<T: Display>(objects: &str, (a, b): (&str, &str), outcomes: &[(T, T)], kinds: &str) {
    let text = format!(
        "{objects} atomic gone = 0; observe a.r, b.r, b.late;
         thread a {{ gone.store(1); {a} }} thread b {{ let late = gone.load(); {b} }}"
    );
    let mut tuples: Vec<String> =
        outcomes.iter().flat_map(|(a, b)| [0, 1].map(|late| format!("{a},{b},{late}"))).collect();
    tuples.sort();
    check(&text, &tuples.join(" "), kinds);
}

/// As [`check_pair`], in both orders of declaration; each outcome is written for the first order.
#[track_caller]
pub(crate) fn check_both_ways<T: Display>(objects: &str, (a, b): (&str, &str), outcomes: &[(T, T)], kinds: &str) {
    check_pair(objects, (a, b), outcomes, kinds);
    let turned: Vec<(&T, &T)> = outcomes.iter().map(|(a, b)| (b, a)).collect();
    check_pair(objects, (b, a), &turned, kinds);
}

/// The outcomes of two threads, as `0,5 0,6`.
pub(crate) fn outcomes_of(text: &str) -> Vec<(&str, &str)> {
    let outcome = |outcome| str::split_once(outcome, ',').unwrap_or_else(|| panic!("`{outcome}` is no pair"));
    text.split_whitespace().map(outcome).collect()
}

/// Two operations by their names, what the first and the second thread saw in each outcome (`0,5 0,6`), and the kinds of
/// what is found.
pub(crate) type Row<'t> = (&'t str, &'t str, &'t str, &'t str);

/// A table of pairs: each operation is a name and what a thread does that puts what it saw into `r`. Each row is checked
/// in both orders of declaration.
#[track_caller]
pub(crate) fn check_pairs(objects: &str, operations: &[(&str, &str)], rows: &[Row<'_>]) {
    let text = |name: &str| {
        let found = operations.iter().find(|(known, _)| *known == name);
        found.unwrap_or_else(|| panic!("the table has no operation `{name}`")).1
    };
    for (one, other, outcomes, kinds) in rows {
        check_both_ways(objects, (text(one), text(other)), &outcomes_of(outcomes), kinds);
    }
}

/// As `check`, for executions without end, or too many of them for an engine that takes them one by one: nobody
/// contradicts.
#[track_caller]
pub(crate) fn check_endless(text: &str, outcomes: &str, kinds: &str) {
    for (engine, agreement) in compared(text, outcomes, kinds) {
        let contradicts = matches!(agreement, Agreement::Contradicts(_) | Agreement::Failed(_));
        assert!(!contradicts, "{engine}: {agreement:#?}\n{text}");
    }
}

#[track_caller]
fn compared(text: &str, outcomes: &str, kinds: &str) -> Vec<(&'static str, Agreement)> {
    let program = program(text);
    if let Some(list) = std::env::var_os(LIST) {
        note(&program, list.as_ref());
        return Vec::new();
    }
    let limits =
        Limits { loom_executions: 20_000, shuttle_executions: 20_000, shuttle_samples: 10, ..Limits::default() };
    let native = explore(&program, &limits, &Unwatched);
    assert_eq!(native.coverage, Coverage::Complete, "{text}");
    assert_eq!(results(&native), (outcomes.to_owned(), kinds.to_owned()), "{text}");
    stays_inside(&program, &native, text);
    let others: [&dyn Engine; 2] = [&Loom, &Shuttle];
    let able = others.into_iter().filter(|engine| engine.supports(&program).is_ok());
    able.map(|engine| {
        let other = engine.run(&program, &limits, &Unwatched);
        (engine.name().word(), compare(&program, &native, &other))
    })
    .collect()
}

/// Some runs on free threads, which are a sample and never more: what they show is among what native has.
#[track_caller]
fn stays_inside(program: &Program, native: &Evidence, text: &str) {
    if Threads.supports(program).is_err() {
        return;
    }
    isolate::use_executable(env!("CARGO_BIN_EXE_interleaver").into());
    let limits = Limits { thread_runs: FREE_RUNS, ..Limits::default() };
    let agreement = compare(program, native, &Threads.run(program, &limits, &Unwatched));
    let contradicts = matches!(agreement, Agreement::Contradicts(_) | Agreement::Failed(_));
    assert!(!contradicts, "free threads: {agreement:#?}\n{text}");
}

/// The step, counted from 1, at which a schedule asks for something that is not on offer; `None` where it never does.
#[track_caller]
pub(crate) fn divergence(text: &str, schedule: &str) -> Option<usize> {
    let program = program(text);
    let choices = schedule::parse(&program, schedule).unwrap_or_else(|error| panic!("{error:?}\n{text}")).choices;
    let limits = Limits::default();
    let semantics = Semantics::new(&program, &limits);
    let replayed = replay(&semantics, &Questions::of(&program), &choices, &limits, &Unwatched);
    matches!(replayed.end, ReplayEnd::Diverged(_)).then(|| replayed.trace.events.len() + 1)
}
