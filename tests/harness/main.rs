//! The test harness as other crates meet it: what it lists, what it says when something fails, how a report is accepted,
//! and that cargo nextest understands it.
//!
//! Each test makes a guest package in a temporary folder. The guest's test binary is this very executable: started by
//! `guest`, it is the `main` that the documentation of `interleaver::testing` tells other crates to write.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod guest;
mod nextest;

use guest::Guest;
use libtest_mimic::{Arguments, Trial};
use std::process::ExitCode;

/// The mended and the broken version of one scenario differ in what they expect and in one character.
const MENDED: &str = "semaphore/starts_open_fixed";
/// The line of that character.
const LINE: usize = 8;
/// Another scenario, which nobody touches.
const UNTOUCHED: &str = "locks/abba";

fn main() -> ExitCode {
    if guest::is_this() {
        return interleaver::testing::main();
    }
    let tests: [(&str, fn()); 11] = [
        ("every_scenario_is_listed_once_per_engine", every_scenario_is_listed_once_per_engine),
        ("filters_choose_by_part_or_by_exact_name", filters_choose_by_part_or_by_exact_name),
        ("a_first_run_says_how_to_accept", a_first_run_says_how_to_accept),
        ("accepted_reports_pass_and_stay_the_same", accepted_reports_pass_and_stay_the_same),
        ("one_character_fails_that_file_only", one_character_fails_that_file_only),
        ("accepting_a_report_accepts_no_verdict", accepting_a_report_accepts_no_verdict),
        ("in_ci_nothing_is_written", in_ci_nothing_is_written),
        ("a_text_with_errors_fails_with_its_lines", a_text_with_errors_fails_with_its_lines),
        ("what_an_engine_cannot_run_is_listed_as_ignored", what_an_engine_cannot_run_is_listed_as_ignored),
        ("snapshots_without_scenarios_fail", snapshots_without_scenarios_fail),
        ("a_package_without_scenarios_fails", a_package_without_scenarios_fails),
    ];
    let mut trials: Vec<Trial> = tests
        .map(|(name, test)| {
            Trial::test(name, move || {
                test();
                Ok(())
            })
        })
        .into();
    trials.push(Trial::ignorable_test("nextest_fails_that_file_only", nextest::fails_that_file_only));
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

/// All tests of a scenario, as the features of this build have it.
fn tests_of(name: &str) -> Vec<String> {
    let engines = interleaver::engine::all().iter().map(|engine| engine.name().word());
    ["native"].into_iter().chain(engines).chain(["snapshot"]).map(|what| format!("{name}::{what}")).collect()
}

fn every_scenario_is_listed_once_per_engine() {
    let guest = Guest::new(&[UNTOUCHED, MENDED]);
    let listed = guest.run(&["--list", "--format", "terse"]);
    let names = ["snapshots::orphans", "snapshots::pending"].map(str::to_owned).into_iter();
    let names: Vec<String> = names.chain(tests_of(UNTOUCHED)).chain(tests_of(MENDED)).collect();
    let wanted: String = names.iter().map(|name| format!("{name}: test\n")).collect();
    assert_eq!((listed.stdout.as_str(), listed.stderr.as_str(), listed.code), (wanted.as_str(), "", 0));
    let ignored = guest.run(&["--list", "--format", "terse", "--ignored"]);
    assert_eq!((ignored.stdout.as_str(), ignored.stderr.as_str(), ignored.code), ("", "", 0));
}

fn filters_choose_by_part_or_by_exact_name() {
    let guest = Guest::new(&[UNTOUCHED, MENDED]);
    assert_eq!(guest.run(&["semaphore", "--list", "--format", "terse"]).stdout.lines().count(), tests_of(MENDED).len());
    let name = format!("{UNTOUCHED}::native");
    assert_eq!(guest.run(&[&name, "--exact", "--nocapture"]).passed(), [name]);
}

fn a_first_run_says_how_to_accept() {
    let guest = Guest::new(&[UNTOUCHED]);
    let run = guest.run(&[]);
    assert_eq!(run.failed(), ["locks/abba::snapshot"]);
    run.says("snapshots/locks/abba.snap does not exist yet; exploring scenarios/locks/abba.ilv finds");
    run.says("violated  deadlock");
    run.says("cargo insta review");
    run.says("INSTA_UPDATE=always cargo test locks/abba::snapshot");
    assert_eq!(guest.files("snapshots"), ["locks/abba.snap.new"]);
}

fn accepted_reports_pass_and_stay_the_same() {
    let guest = Guest::accepted(&[UNTOUCHED, MENDED]);
    let first = guest.read("snapshots/locks/abba.snap");
    assert!(first.starts_with("---\nsource: src/testing/snapshot.rs\n---\nviolated  deadlock"), "{first}");
    assert!(!first.contains(guest.path()), "a path of this machine is in a snapshot:\n{first}");
    let run = guest.run(&[]);
    assert_eq!((run.failed(), run.code), (Vec::new(), 0), "{}", run.stdout);
    assert_eq!(guest.files("snapshots"), ["locks/abba.snap", "semaphore/starts_open_fixed.snap"]);
    let again = Guest::accepted(&[UNTOUCHED, MENDED]);
    assert_eq!(again.read("snapshots/locks/abba.snap"), first);
}

/// A guest whose reports are accepted, and in which then one character was changed.
fn changed() -> Guest {
    let guest = Guest::accepted(&[UNTOUCHED, MENDED]);
    guest.edit(MENDED, "semaphore green(0);", "semaphore green(1);");
    guest
}

fn one_character_fails_that_file_only() {
    let guest = changed();
    let run = guest.run(&[]);
    assert_eq!(run.failed(), [format!("{MENDED}::native"), format!("{MENDED}::snapshot")], "{}", run.stdout);
    assert_eq!(run.code, 101);
    let file = format!("scenarios/{MENDED}.ilv");
    run.says(&format!("{file} is not as expected"));
    run.says(&format!("{file}:18: no expectation covers the assertion at line 18"));
    run.says(&format!("Either mend the program (lines 12, 18 of {file}), or, if this is what it should show,"));
    run.says("for example `expect race; expect assertion;`.");
    run.says(&format!("snapshots/{MENDED}.snap is not what exploring {file} finds now (- accepted, + now)"));
    run.says("│-holds ");
    run.says("│+violated ");
    run.says(&format!("INSTA_UPDATE=always cargo test {MENDED}::snapshot"));
    assert!(guest.files("snapshots").contains(&format!("{MENDED}.snap.new")), "nothing waits for review");

    // Undone, everything is as it was.
    guest.edit(MENDED, "semaphore green(1);", "semaphore green(0);");
    assert_eq!(guest.run(&[]).failed(), Vec::<String>::new());
    assert_eq!(guest.files("snapshots"), ["locks/abba.snap", "semaphore/starts_open_fixed.snap"]);
    assert_eq!(guest.line(MENDED, LINE), "semaphore green(0);");
}

fn accepting_a_report_accepts_no_verdict() {
    let guest = changed();
    let run = guest.run_with(&[], &[("INSTA_UPDATE", "always")]);
    assert_eq!(run.failed(), [format!("{MENDED}::native")], "{}", run.stdout);
    assert_eq!(guest.run(&[]).failed(), [format!("{MENDED}::native")]);
}

fn in_ci_nothing_is_written() {
    let guest = changed();
    let before = guest.files("");
    let run = guest.run_with(&[], &[("CI", "true")]);
    assert_eq!(run.failed(), [format!("{MENDED}::native"), format!("{MENDED}::snapshot")]);
    assert_eq!(guest.files(""), before);
}

fn a_text_with_errors_fails_with_its_lines() {
    let guest = Guest::accepted(&[UNTOUCHED, MENDED]);
    guest.edit(MENDED, "green.acquire();", "green.acquire()");
    let run = guest.run(&[]);
    let mut all = tests_of(MENDED);
    all.sort();
    assert_eq!(run.failed(), all, "{}", run.stdout);
    run.says(&format!("scenarios/{MENDED}.ilv has errors\n\nerror[E0111]: missing `;`\n"));
    run.says(&format!("--> scenarios/{MENDED}.ilv:17:20"));
    run.says(&format!("scenarios/{MENDED}.ilv has errors; {MENDED}::native shows them"));
}

fn what_an_engine_cannot_run_is_listed_as_ignored() {
    let guest = Guest::new(&[]);
    let text = "//! Six threads.\n\natomic a = 0;\n\nthread t[i in 0..6] { a.fetch_add(1); }\n";
    guest.write("scenarios/threads/six.ilv", text);
    let run = guest.run(&["::loom"]);
    if interleaver::engine::by_name(interleaver::finding::EngineName::Loom).is_some() {
        run.says("test threads/six::loom ... ignored (");
    }
    assert_eq!((run.failed(), run.code), (Vec::new(), 0));
}

fn snapshots_without_scenarios_fail() {
    let guest = Guest::accepted(&[UNTOUCHED]);
    guest.write("snapshots/locks/gone.snap", "---\n---\n");
    guest.write("snapshots/waiting.snap.new", "---\n---\n");
    let run = guest.run(&[]);
    assert_eq!(run.failed(), ["snapshots::orphans", "snapshots::pending"]);
    run.says("  snapshots/locks/gone.snap");
    run.says("  snapshots/waiting.snap.new");
}

fn a_package_without_scenarios_fails() {
    let missing = Guest::new(&[]);
    let run = missing.run(&["some_filter"]);
    assert_eq!((run.failed(), run.code), (vec!["scenarios::found".to_owned()], 101));
    run.says("nothing is tested: there is no folder `scenarios` in this package");
    missing.write("scenarios/notes.txt", "");
    let empty = missing.run(&[]);
    assert_eq!((empty.failed(), empty.code), (vec!["scenarios::found".to_owned()], 101));
    empty.says("there is no scenario (*.ilv) in `scenarios`");
    assert_eq!(missing.run(&["--list", "--format", "terse"]).stdout, "scenarios::found: test\n");
}
