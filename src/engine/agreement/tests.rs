//! Every rule of the comparison, on hand-made evidence.

use super::*;
use crate::finding::{Counts, LimitHit, Misuse, OtherEnds};
use crate::program::{Code, CodeId, Expr, Instr, InstrKind, Line, Memory, Pc, Source, Span, ThreadId, Value};
use std::collections::BTreeMap;

fn program() -> Program {
    Program {
        title: String::new(),
        source: Source { name: "test.ilv".to_owned(), text: String::new() }.into(),
        parameters: Vec::new(),
        memory: Memory::Sc,
        option_lines: Vec::new(),
        objects: Vec::new(),
        threads: Vec::new(),
        spawned: Vec::new(),
        codes: Vec::new(),
        properties: Vec::new(),
        observed: Vec::new(),
        expectations: Vec::new(),
        liveness: crate::program::Liveness::UNASKED,
    }
}

fn evidence(engine: EngineName, coverage: Coverage, details: &[Detail], outcomes: &[i64]) -> Evidence {
    Evidence {
        engine,
        coverage,
        counts: Counts::default(),
        findings: details
            .iter()
            .map(|detail| Finding { detail: detail.clone(), statements: Vec::new(), trace: None })
            .collect(),
        outcomes: outcomes.iter().map(|value| (outcome(*value), 1)).collect::<BTreeMap<_, _>>(),
        other_ends: OtherEnds::default(),
        samples: Vec::new(),
        not_checked: Vec::new(),
    }
}

fn outcome(value: i64) -> Outcome {
    Outcome(vec![Some(Value::Int(value))])
}

fn deadlock(scope: DeadlockScope) -> Detail {
    Detail::Deadlock { scope, blocked: Vec::new() }
}

fn race() -> Detail {
    Detail::Race { object: None, accesses: Vec::new() }
}

fn assertion() -> Detail {
    Detail::Assertion { thread: ThreadId(0), pc: Pc(0) }
}

fn invariant() -> Detail {
    Detail::Invariant { property: 0 }
}

fn misuse() -> Detail {
    Detail::Misuse { thread: ThreadId(0), pc: Pc(0), object: None, misuse: Misuse::UnlockNotHeld }
}

fn cut() -> Coverage {
    Coverage::Cut(LimitHit::Executions { limit: 1 })
}

fn sampled() -> Coverage {
    Coverage::Sampled { how: "at random".to_owned() }
}

/// Native, complete, against another engine.
fn against(native: (&[Detail], &[i64]), other: Evidence) -> Agreement {
    compare(&program(), &evidence(EngineName::Native, Coverage::Complete, native.0, native.1), &other)
}

fn contradicts(contradiction: Contradiction) -> Agreement {
    Agreement::Contradicts(vec![contradiction])
}

#[test]
fn complete_engines_have_the_same_outcomes() {
    let shuttle = |outcomes: &[i64]| evidence(EngineName::Shuttle, Coverage::Complete, &[], outcomes);
    assert_eq!(against((&[], &[1, 2]), shuttle(&[1, 2])), Agreement::Agrees);
    assert_eq!(against((&[], &[1, 2]), shuttle(&[1])), contradicts(Contradiction::MissedOutcome(outcome(2))));
    assert_eq!(against((&[], &[1]), shuttle(&[1, 2])), contradicts(Contradiction::AddedOutcome(outcome(2))));
}

#[test]
fn a_complete_engine_has_every_kind_it_sees() {
    let kinds = [deadlock(DeadlockScope::Whole), assertion(), misuse()];
    for kind in kinds {
        let missed = contradicts(Contradiction::Missed(somewhere(evidence_kind(&kind))));
        let without = evidence(EngineName::Shuttle, Coverage::Complete, &[], &[]);
        assert_eq!(against((std::slice::from_ref(&kind), &[]), without), missed);
        let with = evidence(EngineName::Shuttle, Coverage::Complete, std::slice::from_ref(&kind), &[]);
        assert_eq!(against((std::slice::from_ref(&kind), &[]), with), Agreement::Agrees);
    }
}

fn evidence_kind(detail: &Detail) -> FindingKind {
    Finding { detail: detail.clone(), statements: Vec::new(), trace: None }.kind()
}

fn somewhere(kind: FindingKind) -> Place {
    Place { kind, lines: Vec::new() }
}

/// A program of so many lines, with one instruction on each.
fn long_program(lines: u32) -> Program {
    let instr = |line: u32| {
        let kind = InstrKind::Assume { condition: Expr::Const(1) };
        Instr { kind, span: Span { start: line, end: line + 1 }, unwind: None, dead: Vec::new() }
    };
    let code = Code { name: String::new(), locals: Vec::new(), instrs: (0..lines).map(instr).collect() };
    let text = "\n".repeat(lines as usize);
    let source = Source { name: "test.ilv".to_owned(), text }.into();
    Program { source, codes: vec![code], ..program() }
}

#[test]
fn findings_of_one_kind_at_different_places_are_not_the_same() {
    let program = long_program(3);
    let at = |engine, pcs: &[u32]| {
        let mut evidence = evidence(engine, Coverage::Complete, &[], &[]);
        let statement = |pc: &u32| Statement { code: CodeId(0), pc: Pc(*pc) };
        let statements = pcs.iter().map(statement).collect();
        evidence.findings = vec![Finding { detail: deadlock(DeadlockScope::Whole), statements, trace: None }];
        evidence
    };
    let here = |lines: &[u32]| Place {
        kind: FindingKind::Deadlock,
        lines: lines.iter().map(|line| Line::Own(*line)).collect(),
    };
    let native = at(EngineName::Native, &[0, 2]);
    assert_eq!(compare(&program, &native, &at(EngineName::Shuttle, &[0, 2])), Agreement::Agrees);
    let both = vec![Contradiction::Added(here(&[1, 3, 2])), Contradiction::Missed(here(&[1, 3]))];
    assert_eq!(compare(&program, &native, &at(EngineName::Shuttle, &[0, 2, 1])), Agreement::Contradicts(both.clone()));
    let said: Vec<String> = both.iter().map(ToString::to_string).collect();
    assert_eq!(
        said,
        ["it finds deadlock at lines 1, 3, 2, native does not", "native finds deadlock at lines 1, 3, it does not"]
    );
    let stopped = Evidence { coverage: Coverage::StoppedAtFinding, ..at(EngineName::Loom, &[1]) };
    assert_eq!(compare(&program, &native, &stopped), contradicts(Contradiction::Added(here(&[2]))));
    // The threads look at a part; what they show has to be in the model as well.
    let sample = Evidence { coverage: sampled(), ..at(EngineName::Threads, &[1]) };
    assert_eq!(compare(&program, &native, &sample), contradicts(Contradiction::Added(here(&[2]))));
}

#[test]
fn an_engine_owes_nothing_that_it_does_not_look_for() {
    let loom = evidence(EngineName::Loom, Coverage::Complete, &[], &[]);
    assert_eq!(against((&[invariant()], &[]), loom), Agreement::Agrees);
    let shuttle = evidence(EngineName::Shuttle, Coverage::Complete, &[], &[]);
    assert_eq!(against((&[deadlock(DeadlockScope::Partial)], &[]), shuttle), Agreement::Agrees);
}

#[test]
fn nobody_finds_what_a_complete_native_search_does_not() {
    for coverage in [Coverage::Complete, Coverage::StoppedAtFinding, sampled(), cut()] {
        for engine in [EngineName::Loom, EngineName::Shuttle, EngineName::Threads] {
            let other = evidence(engine, coverage.clone(), &[misuse()], &[]);
            assert_eq!(against((&[], &[]), other), contradicts(Contradiction::Added(somewhere(FindingKind::Misuse))));
        }
    }
}

#[test]
fn an_engine_that_stopped_found_one_of_natives() {
    let native = [deadlock(DeadlockScope::Whole), assertion()];
    let loom = evidence(EngineName::Loom, Coverage::StoppedAtFinding, &[assertion()], &[1]);
    assert_eq!(against((&native, &[1, 2]), loom), Agreement::Agrees);
}

#[test]
fn whoever_finds_the_same_agrees_however_far_it_looked() {
    let native = [deadlock(DeadlockScope::Whole), assertion()];
    for coverage in [sampled(), cut(), Coverage::StoppedAtFinding] {
        let shuttle = evidence(EngineName::Shuttle, coverage.clone(), &[deadlock(DeadlockScope::Whole)], &[]);
        assert_eq!(against((&native, &[]), shuttle), Agreement::Agrees);
        let threads = evidence(EngineName::Threads, coverage, &[deadlock(DeadlockScope::Whole)], &[]);
        assert_eq!(against((&native, &[]), threads), Agreement::Inside, "what they find differs between two runs");
    }
}

#[test]
fn a_part_proves_nothing_but_stays_inside() {
    let native = [deadlock(DeadlockScope::Whole)];
    let threads = evidence(EngineName::Threads, sampled(), &[], &[1]);
    assert_eq!(against((&native, &[1, 2]), threads), Agreement::Inside);
    let threads = evidence(EngineName::Threads, sampled(), &[], &[3]);
    assert_eq!(against((&native, &[1, 2]), threads), contradicts(Contradiction::AddedOutcome(outcome(3))));
    let shuttle = evidence(EngineName::Shuttle, cut(), &[], &[1]);
    assert_eq!(against((&native, &[1, 2]), shuttle), Agreement::Inconclusive(Undecided::EngineCut));
}

#[test]
fn under_a_race_only_the_race_counts() {
    let loom = evidence(EngineName::Loom, Coverage::StoppedAtFinding, &[race()], &[]);
    assert_eq!(against((&[race(), assertion()], &[1]), loom), Agreement::Agrees);
    let shuttle = evidence(EngineName::Shuttle, Coverage::Complete, &[], &[1]);
    assert_eq!(
        against((&[race()], &[1, 2]), shuttle),
        contradicts(Contradiction::Missed(somewhere(FindingKind::Race)))
    );
    let threads = evidence(EngineName::Threads, sampled(), &[], &[7]);
    assert_eq!(against((&[race()], &[1, 2]), threads), Agreement::Inconclusive(Undecided::Race));
    let loom = evidence(EngineName::Loom, Coverage::StoppedAtFinding, &[race()], &[]);
    assert_eq!(against((&[], &[]), loom), contradicts(Contradiction::Added(somewhere(FindingKind::Race))));
}

#[test]
fn what_an_incomplete_native_search_lacks_is_no_contradiction() {
    let native = |details: &[Detail], outcomes: &[i64]| evidence(EngineName::Native, cut(), details, outcomes);
    let more = evidence(EngineName::Loom, Coverage::StoppedAtFinding, &[misuse()], &[9]);
    let open = Agreement::Inconclusive(Undecided::NativeIncomplete);
    assert_eq!(compare(&program(), &native(&[], &[1]), &more), open);
    let complete = evidence(EngineName::Shuttle, Coverage::Complete, &[], &[1, 2]);
    assert_eq!(compare(&program(), &native(&[], &[1]), &complete), open);
    // What it found is real all the same.
    let missing = evidence(EngineName::Shuttle, Coverage::Complete, &[], &[1]);
    let missed = contradicts(Contradiction::MissedOutcome(outcome(2)));
    assert_eq!(compare(&program(), &native(&[], &[1, 2]), &missing), missed);
}

#[test]
fn absences_are_compared_as_outcomes() {
    let absent = Detail::MissingOutcome { pattern: "(2)".to_owned() };
    let loom = evidence(EngineName::Loom, Coverage::Complete, &[], &[1]);
    assert_eq!(against((std::slice::from_ref(&absent), &[1]), loom), Agreement::Agrees);
    let loom = evidence(EngineName::Loom, Coverage::Complete, &[absent], &[1, 2]);
    assert_eq!(against((&[], &[1, 2]), loom), Agreement::Agrees);
}

#[test]
fn known_differences_excuse_one_direction_only() {
    let relation = |difference| Relation {
        feature: "",
        upstream: None,
        engine: EngineName::Loom,
        applies: |_| true,
        difference,
        reason: "for the test",
        witness: "none",
    };
    let native = evidence(EngineName::Native, Coverage::Complete, &[], &[1, 2]);
    let loom = |outcomes: &[i64]| evidence(EngineName::Loom, Coverage::Complete, &[], outcomes);
    let compared =
        |difference, outcomes: &[i64]| compare_with(&[relation(difference)], &program(), &native, &loom(outcomes));
    assert_eq!(compared(Difference::Misses, &[1]), Agreement::Agrees);
    assert_eq!(compared(Difference::Adds, &[1, 2, 3]), Agreement::Agrees);
    let missed = contradicts(Contradiction::MissedOutcome(outcome(2)));
    assert_eq!(compared(Difference::Adds, &[1]), missed);
    let added = contradicts(Contradiction::AddedOutcome(outcome(3)));
    assert_eq!(compared(Difference::Misses, &[1, 2, 3]), added);
    let shuttle = evidence(EngineName::Shuttle, Coverage::Complete, &[], &[1]);
    let other_engine = compare_with(&[relation(Difference::Misses)], &program(), &native, &shuttle);
    assert_eq!(other_engine, missed, "a row is about one engine");
}

#[test]
fn an_engine_that_could_not_run_says_why() {
    let unsupported =
        Unsupported { construct: "6 threads".to_owned(), line: Line::Own(0), reason: "room for 5".to_owned() };
    let other = evidence(EngineName::Loom, Coverage::Unsupported(unsupported.clone()), &[], &[]);
    assert_eq!(against((&[misuse()], &[]), other), Agreement::Unsupported(unsupported));
    let other = evidence(EngineName::Loom, Coverage::Failed { message: "it crashed".to_owned() }, &[], &[]);
    assert_eq!(against((&[misuse()], &[]), other), Agreement::Failed("it crashed".to_owned()));
}

/// What the comparison says an engine looks for is what the engine's own table says.
#[test]
fn the_tables_of_the_engines_say_the_same() {
    use crate::engine::capabilities::{Capabilities, Checkable, Checked};
    let tables: &[&Capabilities] = &[
        #[cfg(feature = "loom")]
        &crate::engine::loom::CAPABILITIES,
        #[cfg(feature = "shuttle")]
        &crate::engine::shuttle::CAPABILITIES,
        #[cfg(feature = "threads")]
        &crate::engine::threads::CAPABILITIES,
    ];
    for table in tables {
        for (what, checked) in table.properties {
            let kind = match what {
                Checkable::WholeDeadlock => FindingKind::Deadlock,
                Checkable::Race => FindingKind::Race,
                Checkable::Assertion => FindingKind::Assertion,
                Checkable::Invariant => FindingKind::Invariant,
                Checkable::Final => FindingKind::Final,
                Checkable::Panic => FindingKind::Panic,
                Checkable::UnobservedFailure => FindingKind::UnobservedFailure,
                Checkable::Misuse => FindingKind::Misuse,
                Checkable::Liveness => FindingKind::Livelock,
                // Not compared as kinds: `certain_kinds` leaves them out, outcomes are compared as outcomes.
                Checkable::PartialDeadlock | Checkable::Possible | Checkable::Outcomes | Checkable::WeakMemory => {
                    continue;
                }
            };
            assert_eq!(sees(table.engine, kind), *checked == Checked::Yes, "{} {kind}", table.engine.word());
        }
    }
}
