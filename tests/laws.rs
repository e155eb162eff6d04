//! Laws: random scenarios on several engines. Whatever one engine sees, the others must explain.
//!
//! Programs are sized so that both sides complete; those that do not are counted and passed over. The number of programs
//! is set by `INTERLEAVER_CASES` (a small fixed sample by default). A failure shrinks to a small scenario, printed ready
//! to paste into a file.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

#[path = "laws/generate.rs"]
mod generate;

use generate::{Palette, Scenario, scenario};
use interleaver::engine::agreement::{Agreement, compare};
use interleaver::engine::{Engine as _, Loom, Shuttle};
use interleaver::explore::explore;
use interleaver::finding::{Coverage, EngineName, Evidence};
use interleaver::language::compile;
use interleaver::limits::{Limits, Unwatched};
use interleaver::program::{FindingKind, Program, Source};
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};
use std::cell::Cell;
use std::collections::BTreeSet;

/// Programs per law, unless `INTERLEAVER_CASES` says otherwise.
const CASES: u32 = 150;

fn cases() -> u32 {
    std::env::var("INTERLEAVER_CASES").map_or(CASES, |text| text.parse().unwrap())
}

fn limits() -> Limits {
    Limits {
        states: 50_000,
        shuttle_executions: 30_000,
        shuttle_samples: 1,
        loom_executions: 5_000,
        ..Limits::default()
    }
}

fn program_of(scenario: &Scenario) -> Program {
    let text = scenario.to_string();
    let source = Source { name: "random.ilv".to_owned(), text: text.clone() };
    compile(&source, &[]).unwrap_or_else(|errors| panic!("{errors:#?}\n{text}")).program
}

fn kinds(evidence: &Evidence) -> BTreeSet<FindingKind> {
    evidence.findings.iter().map(|finding| finding.kind()).collect()
}

/// Runs a law over random scenarios; says how many were complete on both sides.
fn law(palette: Palette, threads: usize, length: usize, check: impl Fn(&Scenario) -> Result<Compared, TestCaseError>) {
    let config = Config { cases: cases(), failure_persistence: None, max_shrink_iters: 4_000, ..Config::default() };
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let complete = Cell::new(0);
    let outcome = TestRunner::new_with_rng(config, rng).run(&scenario(palette, threads, length), |scenario| {
        if check(&scenario)? == Compared::Complete {
            complete.set(complete.get() + 1);
        }
        Ok(())
    });
    if let Err(error) = outcome {
        panic!("{error}");
    }
    assert!(
        complete.get() * 2 > cases(),
        "only {} of {} programs were complete on both sides",
        complete.get(),
        cases()
    );
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Compared {
    Complete,
    PassedOver,
}

/// Runs an engine in this very process: the test's executable answers no hidden subcommand.
fn run(engine: EngineName, program: &Program) -> Evidence {
    match engine {
        EngineName::Native => explore(program, &limits(), &Unwatched),
        EngineName::Loom => Loom.run(program, &limits(), &Unwatched),
        EngineName::Shuttle => Shuttle.run(program, &limits(), &Unwatched),
        EngineName::Threads => panic!("a sample obeys other laws"),
    }
}

fn same_on_both(scenario: &Scenario, engine: EngineName) -> Result<Compared, TestCaseError> {
    let program = program_of(scenario);
    let native = run(EngineName::Native, &program);
    let other = run(engine, &program);
    let fail = |what: &str| {
        Err(TestCaseError::fail(format!("{what}\n{scenario}\nnative: {native:#?}\n{}: {other:#?}", engine.word())))
    };
    if native.coverage != Coverage::Complete {
        return Ok(Compared::PassedOver);
    }
    let (native_kinds, other_kinds) = (kinds(&native), kinds(&other));
    match &other.coverage {
        Coverage::Complete => {
            if native_kinds.contains(&FindingKind::Race) || other_kinds.contains(&FindingKind::Race) {
                if !(native_kinds.contains(&FindingKind::Race) && other_kinds.contains(&FindingKind::Race)) {
                    return fail("one engine finds a race, the other does not");
                }
                return Ok(Compared::Complete);
            }
            if native_kinds != other_kinds {
                return fail("the engines find different kinds");
            }
            if !native.outcomes.keys().eq(other.outcomes.keys()) {
                return fail("the engines see different outcomes");
            }
            Ok(Compared::Complete)
        }
        Coverage::StoppedAtFinding => {
            if !other_kinds.is_subset(&native_kinds) {
                return fail("an engine finds what the native checker does not");
            }
            Ok(Compared::Complete)
        }
        Coverage::Sampled { .. } | Coverage::Cut(_) => {
            if !other_kinds.is_subset(&native_kinds) {
                return fail("an engine finds what the native checker does not");
            }
            Ok(Compared::PassedOver)
        }
        Coverage::Unsupported(_) => Ok(Compared::PassedOver),
        Coverage::Failed { .. } => fail("an engine failed"),
    }
}

#[test]
fn native_and_shuttle_agree_on_two_threads() {
    law(Palette::Full, 2, 3, |scenario| same_on_both(scenario, EngineName::Shuttle));
}

#[test]
fn native_and_shuttle_agree_on_three_threads() {
    law(Palette::Full, 3, 1, |scenario| same_on_both(scenario, EngineName::Shuttle));
}

#[test]
fn native_and_loom_agree_on_two_threads() {
    law(Palette::Loom, 2, 3, |scenario| same_on_both(scenario, EngineName::Loom));
}

/// Scenarios on which engines once disagreed.
#[test]
fn past_disagreements_stay_settled() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/regressions");
    let mut paths: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    assert!(!paths.is_empty(), "the folder of past disagreements is empty");
    for path in paths {
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        let source = Source { name: name.clone(), text: std::fs::read_to_string(&path).unwrap() };
        let program = compile(&source, &[]).unwrap_or_else(|errors| panic!("{name}: {errors:#?}")).program;
        let native = run(EngineName::Native, &program);
        assert_eq!(native.coverage, Coverage::Complete, "{name}");
        for engine in [EngineName::Shuttle, EngineName::Loom] {
            let agreement = compare(&program, &native, &run(engine, &program));
            assert_eq!(agreement, Agreement::Agrees, "{name} on {}", engine.word());
        }
    }
}
