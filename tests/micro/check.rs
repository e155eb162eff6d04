//! One case of a table.

use interleaver::engine::agreement::{Agreement, compare};
use interleaver::engine::{Engine, Loom, Shuttle};
use interleaver::explore::explore;
use interleaver::finding::{Coverage, Evidence};
use interleaver::language::compile;
use interleaver::limits::{Limits, Unwatched};
use interleaver::program::{FindingKind, Program, Source};
use std::collections::BTreeSet;

fn program(text: &str) -> Program {
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

/// Explores a scenario to its end and compares its outcomes and the kinds of its findings with what a person wrote;
/// no other engine that can express it may contradict.
#[track_caller]
pub(crate) fn check(text: &str, outcomes: &str, kinds: &str) {
    let program = program(text);
    let limits =
        Limits { loom_executions: 20_000, shuttle_executions: 20_000, shuttle_samples: 10, ..Limits::default() };
    let native = explore(&program, &limits, &Unwatched);
    assert_eq!(native.coverage, Coverage::Complete, "{text}");
    assert_eq!(results(&native), (outcomes.to_owned(), kinds.to_owned()), "{text}");
    let others: [&dyn Engine; 2] = [&Loom, &Shuttle];
    for engine in others.into_iter().filter(|engine| engine.supports(&program).is_ok()) {
        let other = engine.run(&program, &limits, &Unwatched);
        let agreement = compare(&program, &native, &other);
        let name = engine.name().word();
        // What never ends is inconclusive where executions are taken one by one.
        let contradicts = matches!(agreement, Agreement::Contradicts(_) | Agreement::Failed(_));
        assert!(!contradicts, "{name}: {agreement:#?}\n{text}\n{other:#?}");
    }
}
