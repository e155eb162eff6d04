//! Laws: random scenarios on several engines. Whatever one engine sees, the others must explain.
//!
//! Programs are sized so that both sides complete; those that do not are counted and passed over. How evidence is
//! compared is not said here a second time: it is the comparison that every report uses, with its table of known
//! differences. A failure shrinks to a small scenario, printed ready to paste into a file.
//!
//! ```text
//! INTERLEAVER_CASES=20000 cargo test --test laws -- --nocapture native_and_shuttle
//! ```
//!
//! sets the number of programs of each law (a small fixed sample by default) and prints how many there were, how many
//! of them were complete on both sides, and how many could be compared. `INTERLEAVER_SEED=7` takes other programs.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod extra;
#[cfg(all(feature = "loom", feature = "shuttle", feature = "threads"))]
mod faults;
mod generate;
#[cfg(all(feature = "loom", feature = "shuttle", feature = "threads"))]
mod replay;

use generate::{Family, Palette, Scenario, scenario, scenario_about};
use interleaver::engine::agreement::{Agreement, compare};
use interleaver::engine::{Engine, Loom, Shuttle, Threads, isolate};
use interleaver::explore::explore;
use interleaver::finding::{BlockCause, Coverage, Detail, EngineName, Evidence, Finding};
use interleaver::language::compile;
use interleaver::limits::{Limits, Unwatched};
use interleaver::program::{Program, Source};
use proptest::strategy::Strategy;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};
use std::cell::RefCell;

/// Runs of each program on free threads.
const RUNS: u64 = 40;

fn limits() -> Limits {
    Limits {
        states: 50_000,
        shuttle_executions: 30_000,
        shuttle_samples: 1,
        loom_executions: 5_000,
        thread_runs: RUNS,
        ..Limits::default()
    }
}

/// The runner of a law: the same programs every time, unless `INTERLEAVER_SEED` asks for others.
fn runner(cases: u32) -> TestRunner {
    let config = Config { cases, failure_persistence: None, max_shrink_iters: 4_000, ..Config::default() };
    let random = std::env::var("INTERLEAVER_SEED").map_or_else(
        |_| TestRng::deterministic_rng(RngAlgorithm::ChaCha),
        |text| {
            let number: u64 = text.parse().unwrap();
            let mut seed = [0; 32];
            seed[..8].copy_from_slice(&number.to_le_bytes());
            TestRng::from_seed(RngAlgorithm::ChaCha, &seed)
        },
    );
    TestRunner::new_with_rng(config, random)
}

fn program_of(scenario: &Scenario) -> Program {
    let text = scenario.to_string();
    let source = Source { name: "random.ilv".to_owned(), text: text.clone() };
    compile(&source, &[]).unwrap_or_else(|errors| panic!("{errors:#?}\n{text}")).program
}

/// What a law is about.
#[derive(Clone, Copy, Debug)]
struct Law {
    /// The engine beside the native checker.
    engine: EngineName,
    palette: Palette,
    threads: usize,
    /// Most statements of a thread.
    length: usize,
    /// Programs, unless `INTERLEAVER_CASES` says otherwise.
    cases: u32,
}

/// How many programs a law has looked at.
#[derive(Clone, Copy, Default, Debug)]
struct Tally {
    programs: u32,
    /// Both sides looked at everything.
    complete: u32,
    /// The comparison says something: everything was the same, or the engine stopped at what native has found too, or
    /// all that a sample saw is among what native has.
    compared: u32,
}

impl Law {
    /// Runs it over random scenarios.
    fn holds(self) {
        self.holds_over(scenario(self.palette, self.threads, self.length));
    }

    /// Runs it over these scenarios. Most of them can be compared, otherwise it says nothing.
    #[expect(clippy::print_stderr, reason = "figures for people: `-- --nocapture`")]
    fn holds_over(self, scenarios: impl Strategy<Value = Scenario>) {
        let tally = RefCell::new(Tally::default());
        let cases = std::env::var("INTERLEAVER_CASES").map_or(self.cases, |text| text.parse().unwrap());
        let outcome = runner(cases).run(&scenarios, |scenario| {
            let compared = self.holds_for(&scenario)?;
            let mut tally = tally.borrow_mut();
            tally.programs += 1;
            tally.complete += u32::from(compared == Compared::Complete);
            tally.compared += u32::from(compared != Compared::PassedOver);
            Ok(())
        });
        if let Err(error) = outcome {
            panic!("{error}");
        }
        let Tally { programs, complete, compared } = *tally.borrow();
        eprintln!(
            "native and {}, {} threads: {programs} programs, {complete} complete on both sides, {compared} compared",
            self.engine.word(),
            self.threads
        );
        assert!(compared * 2 > programs, "only {compared} of {programs} programs could be compared");
    }

    fn holds_for(self, scenario: &Scenario) -> Result<Compared, TestCaseError> {
        let program = program_of(scenario);
        let native = run(EngineName::Native, &program);
        let other = run(self.engine, &program);
        if other.engine == EngineName::Threads && other.findings.iter().any(has_unknown_cause) {
            return Err(TestCaseError::fail(format!("a deadlock without a reason\n{scenario}\n{other:#?}")));
        }
        agree(&program, &native, &other).map_err(|why| {
            let engine = self.engine.word();
            TestCaseError::fail(format!("{why}\n{scenario}\nnative: {native:#?}\n{engine}: {other:#?}"))
        })
    }
}

/// Whether it is a deadlock in which it is not known what for a thread waits.
fn has_unknown_cause(finding: &Finding) -> bool {
    let Detail::Deadlock { blocked, .. } = &finding.detail else { return false };
    blocked.iter().any(|blocked| blocked.cause == BlockCause::Unknown)
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Compared {
    /// Both sides looked at everything, and saw the same.
    Complete,
    /// The engine stopped at what the native checker has found too.
    Stopped,
    /// The engine took a sample, and the native checker has all of it.
    Inside,
    /// A side did not look at everything.
    PassedOver,
}

/// Whether two pieces of evidence stand in the relation that the table of known differences gives.
fn agree(program: &Program, native: &Evidence, other: &Evidence) -> Result<Compared, String> {
    match compare(program, native, other) {
        Agreement::Contradicts(contradictions) => {
            let lines: Vec<String> = contradictions.iter().map(ToString::to_string).collect();
            Err(format!("the engines disagree: {}", lines.join("; ")))
        }
        Agreement::Failed(message) => Err(format!("an engine failed: {message}")),
        Agreement::Agrees if native.coverage == Coverage::Complete => Ok(match other.coverage {
            Coverage::Complete => Compared::Complete,
            Coverage::StoppedAtFinding => Compared::Stopped,
            Coverage::Sampled { .. } | Coverage::Cut(_) | Coverage::Unsupported(_) | Coverage::Failed { .. } => {
                Compared::PassedOver
            }
        }),
        Agreement::Inside if other.engine == EngineName::Threads => Ok(Compared::Inside),
        Agreement::Agrees | Agreement::Inside | Agreement::Inconclusive(_) | Agreement::Unsupported(_) => {
            Ok(Compared::PassedOver)
        }
    }
}

/// Runs an engine, in this very process where that can be done: the test's own executable answers no hidden subcommand.
fn run(engine: EngineName, program: &Program) -> Evidence {
    match engine {
        EngineName::Native => explore(program, &limits(), &Unwatched),
        EngineName::Loom => Loom.run(program, &limits(), &Unwatched),
        EngineName::Shuttle => Shuttle.run(program, &limits(), &Unwatched),
        EngineName::Threads => {
            isolate::use_executable(env!("CARGO_BIN_EXE_interleaver").into());
            Threads.run(program, &limits(), &Unwatched)
        }
    }
}

/// Shuttle, with everything that both can express.
const fn shuttle(threads: usize, length: usize) -> Law {
    Law { engine: EngineName::Shuttle, palette: Palette::Full, threads, length, cases: 150 }
}

/// loom, within what it can express.
const fn loom(threads: usize, length: usize) -> Law {
    Law { engine: EngineName::Loom, palette: Palette::Loom, threads, length, cases: 150 }
}

/// Free threads of the system, a sample of each program.
const fn free(threads: usize, length: usize) -> Law {
    Law { engine: EngineName::Threads, palette: Palette::Atomic, threads, length, cases: 30 }
}

#[test]
fn native_and_shuttle_agree_on_two_threads() {
    shuttle(2, 3).holds();
}

#[test]
fn native_and_shuttle_agree_on_three_threads() {
    shuttle(3, 2).holds();
}

#[test]
fn native_and_shuttle_agree_on_four_threads() {
    shuttle(4, 1).holds();
}

/// Where a daemon cancels a timer the program may end with that.
#[test]
fn native_and_shuttle_agree_on_timers_beside_daemons() {
    let scenarios = scenario_about(&[Family::Timer], Palette::Full, 3, 2);
    shuttle(3, 2).holds_over(scenarios.prop_map(|scenario| Scenario { daemon: true, ..scenario }));
}

#[test]
fn native_and_loom_agree_on_two_threads() {
    loom(2, 3).holds();
}

#[test]
fn native_and_loom_agree_on_three_threads() {
    loom(3, 1).holds();
}

#[test]
fn native_and_loom_agree_on_four_threads() {
    loom(4, 1).holds();
}

#[test]
fn native_has_what_two_free_threads_show() {
    free(2, 3).holds();
}

#[test]
fn native_has_what_three_free_threads_show() {
    free(3, 2).holds();
}

#[test]
fn native_has_what_four_free_threads_show() {
    free(4, 1).holds();
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
        let engines: [&dyn Engine; 3] = [&Shuttle, &Loom, &Threads];
        let able: Vec<_> = engines.into_iter().filter(|engine| engine.supports(&program).is_ok()).collect();
        assert!(!able.is_empty(), "{name} is for no other engine");
        for engine in able.into_iter().map(Engine::name) {
            let agreement = compare(&program, &native, &run(engine, &program));
            let expected = if engine == EngineName::Threads { Agreement::Inside } else { Agreement::Agrees };
            assert_eq!(agreement, expected, "{name} on {}", engine.word());
        }
    }
}
