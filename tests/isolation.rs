//! Children that really crash: by an abort, an overflown stack, a panic, too much memory. Whatever it is, it is the
//! failure of that engine alone; and no child outlives its parent.
//!
//! This executable is the command `interleaver` with one difference: started with [`ENGINE`] and [`WAY`] in its
//! environment, its child for that engine reads what it is asked and then crashes. The command itself knows of no such
//! thing.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use interleaver::engine::{Engine, Loom, Shuttle, isolate};
use interleaver::language::compile;
use interleaver::limits::{Limits, Unwatched};
use interleaver::program::Source;
use libtest_mimic::{Arguments, Trial};
use std::hint::black_box;
use std::io::BufRead;
use std::path::Path;
use std::process::{Command, ExitCode, Output, Stdio};
use std::time::{Duration, Instant};

/// That this process runs the engines and then panics itself.
const PANICS: &str = "INTERLEAVER_TEST_PANIC";

/// Whose child crashes.
const ENGINE: &str = "INTERLEAVER_TEST_ENGINE";

/// How the child crashes.
const WAY: &str = "INTERLEAVER_TEST_CRASH";

fn main() -> ExitCode {
    if let (Ok(engine), Ok(way)) = (std::env::var(ENGINE), std::env::var(WAY)) {
        let arguments: Vec<String> = std::env::args().skip(1).collect();
        if arguments == [isolate::SUBCOMMAND, &engine] {
            crash(&way);
        }
        return interleaver::cli::main();
    }
    if std::env::var_os(PANICS).is_some() {
        return panic_beside_the_engines();
    }
    let tests: [(&'static str, fn()); 7] = [
        ("an_abort_is_the_failure_of_one_engine", an_abort_is_the_failure_of_one_engine),
        ("an_overflown_stack_is_the_failure_of_one_engine", an_overflown_stack_is_the_failure_of_one_engine),
        ("a_panic_is_the_failure_of_one_engine", a_panic_is_the_failure_of_one_engine),
        ("too_much_memory_is_the_failure_of_one_engine", too_much_memory_is_the_failure_of_one_engine),
        ("a_crash_in_a_replay_is_the_failure_of_the_engine", a_crash_in_a_replay_is_the_failure_of_the_engine),
        ("no_child_outlives_a_parent_that_is_killed", no_child_outlives_a_parent_that_is_killed),
        (
            "a_panic_beside_the_engines_is_reported_as_without_them",
            a_panic_beside_the_engines_is_reported_as_without_them,
        ),
    ];
    let trial = |(name, test): (&'static str, fn())| {
        Trial::test(name, move || {
            test();
            Ok(())
        })
    };
    libtest_mimic::run(&Arguments::from_args(), tests.map(trial).into()).exit_code()
}

/// The life of a child that crashes: it has heard the request by then.
fn crash(way: &str) {
    std::io::stdin().lock().read_line(&mut String::new()).unwrap();
    match way {
        "abort" => std::process::abort(),
        "stack" => drop(black_box(deep(0))),
        "panic" => panic!("the child gives up"),
        "memory" => {
            let mut hoard: Vec<Vec<u8>> = Vec::new();
            loop {
                // Taken and not touched: the machine that runs this test keeps its memory.
                hoard.push(black_box(Vec::with_capacity(64 << 20)));
            }
        }
        other => panic!("there is no way `{other}`"),
    }
}

fn deep(level: u64) -> u64 {
    let local = black_box([level; 64]);
    if level == u64::MAX { 0 } else { deep(level + 1) + black_box(local)[0] }
}

/// A scenario of the gallery on which all engines say the same.
fn scenario(name: &str) -> String {
    format!("{}/scenarios/{name}.ilv", env!("CARGO_MANIFEST_DIR"))
}

/// The engines whose children crash, and how they stand to the native checker where they do not.
const ENGINES: [(&str, &str); 3] = [("loom", "agrees"), ("shuttle", "agrees"), ("threads", "inside")];

/// The command, where the child of one engine crashes.
fn crashing(engine: &str, way: &str, arguments: &[&str]) -> Output {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(arguments).env(ENGINE, engine).env(WAY, way).output().unwrap()
}

/// Checks a scenario while the child of one engine after the other crashes; gives what was said about that engine, which
/// is the same of each.
fn checked(way: &str) -> String {
    let mut said: Vec<String> = ENGINES.iter().map(|(engine, _)| checked_beside(engine, way)).collect();
    said.dedup();
    assert_eq!(said.len(), 1, "{said:?}");
    said.remove(0)
}

fn checked_beside(crashes: &str, way: &str) -> String {
    let output = crashing(crashes, way, &["check", "--format", "json", &scenario("locks/abba")]);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "", "a child keeps its complaints to itself");
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let report = &json["reports"][0];
    assert_eq!(report["verdict"], "violated", "the native checker goes on: {report}");
    let engines = report["engines"].as_array().unwrap();
    let said = |engine: &str| {
        let row = engines.iter().find(|row| row["engine"] == engine).unwrap_or_else(|| panic!("{report}"));
        row["agreement"].clone()
    };
    for (engine, agreement) in ENGINES.iter().filter(|(engine, _)| *engine != crashes) {
        assert_eq!(said(engine), *agreement, "{engine} goes on beside {crashes}");
    }
    said(crashes)["failed"].as_str().unwrap_or_else(|| panic!("{report}")).to_owned()
}

fn an_abort_is_the_failure_of_one_engine() {
    assert_eq!(checked("abort"), "signal 6 ended its process");
}

fn an_overflown_stack_is_the_failure_of_one_engine() {
    let said = checked("stack");
    assert!(said.starts_with("signal ") && said.contains("stack overflow"), "{said}");
}

fn a_panic_is_the_failure_of_one_engine() {
    let said = checked("panic");
    assert!(said.starts_with("its process ended without an answer (exit status: 101)"), "{said}");
}

fn too_much_memory_is_the_failure_of_one_engine() {
    if cfg!(target_os = "linux") {
        assert_eq!(checked("memory"), "signal 6 ended its process: memory allocation of 67108864 bytes failed");
    }
}

fn a_crash_in_a_replay_is_the_failure_of_the_engine() {
    for (engine, _) in ENGINES {
        let file = scenario("locks/abba");
        let output = crashing(engine, "abort", &["replay", &file, "v1", "--engine", engine]);
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(said.contains("the engine failed: signal 6 ended its process"), "{engine}: {said}");
        assert_eq!(output.status.code(), Some(1), "{engine}: {said}");
    }
}

fn no_child_outlives_a_parent_that_is_killed() {
    if !Path::new("/proc/self/stat").exists() {
        return;
    }
    let mut command = Command::new(env!("CARGO_BIN_EXE_interleaver"));
    command.args(["run", &scenario("locks/abba_fixed"), "--times", "1000000000"]);
    let mut parent = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let child = wait_for("a child", || children(parent.id()).pop());
    // Nothing can be done about this signal, so nobody is told.
    parent.kill().unwrap();
    parent.wait().unwrap();
    wait_for("the end of the child", || (!is_alive(child)).then_some(()));
}

/// Waits for something that has to come.
fn wait_for<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(seen) = look() {
            return seen;
        }
        assert!(begun.elapsed() < Duration::from_secs(120), "{what} does not come");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// The state of a process and the number of its parent.
fn status(process: u32) -> Option<(char, u32)> {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    let mut fields = stat.rsplit_once(") ")?.1.split(' ');
    Some((fields.next()?.chars().next()?, fields.next()?.parse().ok()?))
}

fn is_alive(process: u32) -> bool {
    status(process).is_some_and(|(state, _)| state != 'Z')
}

fn children(parent: u32) -> Vec<u32> {
    let processes = std::fs::read_dir("/proc").unwrap();
    let numbers = processes.filter_map(|entry| entry.unwrap().file_name().to_str()?.parse().ok());
    numbers.filter(|process| status(*process).is_some_and(|(_, of)| of == parent)).collect()
}

/// The engines install panic hooks; what they would say about a panic of somebody else is nonsense.
fn panic_beside_the_engines() -> ExitCode {
    let source = Source { name: "test.ilv".to_owned(), text: "thread t { panic; }".to_owned() };
    let program = compile(&source, &[]).unwrap().program;
    // Not those of the table: these run in this very process.
    let engines: [&dyn Engine; 2] = [&Loom, &Shuttle];
    for engine in engines {
        engine.run(&program, &Limits::default(), &Unwatched);
    }
    let caught = std::panic::catch_unwind(|| panic!("ours"));
    if caught.is_err() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn a_panic_beside_the_engines_is_reported_as_without_them() {
    let mut child = Command::new(std::env::current_exe().unwrap());
    let output = child.env(PANICS, "1").env("RUST_BACKTRACE", "0").output().unwrap();
    assert!(output.status.success());
    let said = String::from_utf8(output.stderr).unwrap();
    let lines: Vec<&str> = said.lines().filter(|line| !line.is_empty() && !line.starts_with("note: ")).collect();
    assert!(matches!(lines[..], [place, "ours"] if place.contains("panicked at tests/isolation.rs")), "{said}");
}
