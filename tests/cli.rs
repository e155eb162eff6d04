//! The command line as a user meets it: the built executable, its exit codes, and what it prints where.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use tempfile::TempDir;

/// What one run of the executable did.
#[derive(PartialEq, Eq, Debug)]
struct Ran {
    code: i32,
    out: String,
    err: String,
}

/// Runs the executable in a folder.
fn run_in(folder: &Path, arguments: &[&str]) -> Ran {
    let output = command(folder, arguments).output().unwrap();
    ran(&output)
}

fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_interleaver"));
    command.current_dir(folder).args(arguments).stdin(Stdio::null()).env_remove("NO_COLOR");
    command
}

fn ran(output: &Output) -> Ran {
    Ran {
        code: output.status.code().unwrap(),
        out: String::from_utf8(output.stdout.clone()).unwrap(),
        err: String::from_utf8(output.stderr.clone()).unwrap(),
    }
}

/// A folder with these scenario files.
fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = TempDir::new().unwrap();
    for (name, text) in files {
        let path: PathBuf = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

/// Two threads that add one each, unlocked: the update of one can be lost.
const LOST_UPDATE: &str = "//! A counter without a lock.
expect race(count);
expect final;
var count = 0;
finally count == 2, \"an update is lost\";
thread adder[i in 0..2] { count += 1; }
";

/// The same with a lock.
const COUNTER: &str = "//! A counter with a lock.
mutex m;
var count = 0;
finally count == 2, \"an update is lost\";
thread adder[i in 0..2] { with m { count += 1; } }
";

/// Deadlocks, and expects nothing.
const SURPRISE: &str = "//! Nobody sends.
channel c(1);
thread reader { let v = c.recv(); }
";

/// Deadlocks exactly when asked to.
const PARAMETER: &str = "//! As many permits as asked for.
param PERMITS = 1 in 0..=1;
expect ok;
semaphore s(PERMITS);
thread taker { s.acquire(); }
";

/// Never ends.
const ENDLESS: &str = "//! Counts for ever.
atomic count = 0;
thread counter { loop { count.fetch_add(1); } }
";

const BROKEN: &str = "mutex m\nthread t { m.lock(); m.unlock(); }\n";

#[test]
fn as_expected_is_0_and_says_nothing_on_stderr() {
    let folder = folder(&[("one.ilv", COUNTER)]);
    let ran = run_in(folder.path(), &["check", "one.ilv", "--engine", "native"]);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{}", ran.out);
    assert!(ran.out.starts_with("holds     "), "{}", ran.out);
    assert!(ran.out.contains("\njudgement as expected\n"), "{}", ran.out);
    assert!(ran.out.contains("\nclaim     complete · sc · native\n"), "{}", ran.out);
}

#[test]
fn an_expected_mistake_is_0_too() {
    let folder = folder(&[("lost.ilv", LOST_UPDATE)]);
    let ran = run_in(folder.path(), &["check", "lost.ilv", "--engine", "native"]);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{}", ran.out);
    assert!(ran.out.starts_with("violated  race: "), "{}", ran.out);
    assert!(ran.out.contains("\nalso      final: "), "{}", ran.out);
}

#[test]
fn not_as_expected_is_1_and_names_the_finding() {
    let folder = folder(&[("a.ilv", COUNTER), ("b/surprise.ilv", SURPRISE)]);
    let ran = run_in(folder.path(), &["check", ".", "--engine", "native"]);
    assert_eq!((ran.code, ran.err.as_str()), (1, ""), "{}", ran.out);
    assert!(
        ran.out.contains("not as expected\n          - no expectation covers the deadlock (channel_empty) at line 3\n"),
        "{}",
        ran.out
    );
    assert!(ran.out.ends_with("\n2 files: 1 as expected, 1 not as expected\n"), "{}", ran.out);
    assert!(!ran.out.contains("holds     nothing"), "a file that is as expected is only in the table: {}", ran.out);
}

#[test]
fn an_unmet_expectation_is_1() {
    let text = COUNTER.replace("mutex m;", "expect deadlock;\nmutex m;");
    let folder = folder(&[("one.ilv", &text)]);
    let ran = run_in(folder.path(), &["check", "one.ilv", "--engine", "native"]);
    assert_eq!((ran.code, ran.err.as_str()), (1, ""), "{}", ran.out);
    assert!(ran.out.contains("- nothing found meets `expect deadlock` (line 2)\n"), "{}", ran.out);
}

#[test]
fn a_cut_search_is_3_never_a_pass() {
    let folder = folder(&[("endless.ilv", ENDLESS)]);
    let ran = run_in(folder.path(), &["check", "endless.ilv", "--engine", "native", "--max-states", "1000"]);
    assert_eq!((ran.code, ran.err.as_str()), (3, ""), "{}", ran.out);
    assert!(ran.out.starts_with("inconclusive"), "{}", ran.out);
    assert!(ran.out.contains("more than 1000 states"), "{}", ran.out);
    assert!(!ran.out.contains("claim     complete"), "{}", ran.out);
    // What is sampled besides is said, and changes nothing where it finds nothing.
    assert!(ran.out.contains("\nsampled   ") && ran.out.contains("uniform (seed 1), 0 with a finding"), "{}", ran.out);
    let limits = ["--max-states", "1000", "--samples", "0"];
    let ran = run_in(folder.path(), &[["check", "endless.ilv", "--engine", "native"].as_slice(), &limits].concat());
    assert_eq!(ran.code, 3, "{ran:?}");
    assert!(ran.out.starts_with("inconclusive") && !ran.out.contains("\nsampled "), "{}", ran.out);
}

#[test]
fn a_limit_names_the_option_that_moves_it() {
    for (option, low, text, said) in [
        ("--max-states", "5", COUNTER, "more than 5 states (--max-states)"),
        (
            "--max-len",
            "2",
            "channel c; thread t { for i in 0..3 { c.send(i); } }",
            "more than 2 messages in `c` (--max-len)",
        ),
        ("--max-len", "2", "queue q; thread t { for i in 0..3 { q.put(i); } }", "more than 2 items in `q` (--max-len)"),
        (
            "--max-local-steps",
            "20",
            "thread t {\n    let n = 0;\n    while n < 50 { n += 1; }\n    assert n == 50;\n}",
            "`t` at line 3 goes 20 local instructions without a visible operation (--max-local-steps)",
        ),
        (
            "--max-threads",
            "2",
            "fn f() { yield; }\nthread t { for i in 0..3 { spawn f(); } }",
            "more than 2 threads started as `f` (--max-threads)",
        ),
    ] {
        let folder = folder(&[("one.ilv", text)]);
        let check = ["check", "one.ilv", "--engine", "native"];
        let ran = run_in(folder.path(), &check);
        assert_eq!(ran.code, 0, "{option}: {ran:?}");
        let ran = run_in(folder.path(), &[check.as_slice(), &[option, low]].concat());
        assert_eq!(ran.code, 3, "{option}: {ran:?}");
        let words = ran.out.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(words.contains(said), "{option}: {}", ran.out);
    }
}

#[test]
fn errors_in_a_file_are_2_and_on_stderr() {
    let folder = folder(&[("a.ilv", COUNTER), ("broken.ilv", BROKEN)]);
    let ran = run_in(folder.path(), &["check", ".", "--engine", "native"]);
    assert_eq!(ran.code, 2, "{ran:?}");
    assert!(ran.err.contains("broken.ilv:1:8"), "{}", ran.err);
    assert!(ran.out.ends_with("\n2 files: 1 as expected, 1 with errors\n"), "{}", ran.out);
}

#[test]
fn paths_that_mean_no_scenario_are_2() {
    let folder = folder(&[("notes.txt", "hello"), ("empty/readme.md", "")]);
    for (path, message) in [
        ("missing.ilv", "error: `missing.ilv` does not exist\n"),
        ("empty", "error: there is no scenario (*.ilv) in `empty`\n"),
        ("notes.txt", "error: `notes.txt` is not a scenario: its name does not end in .ilv\n"),
    ] {
        for subcommand in ["check", "list", "run", "sweep"] {
            let ran = run_in(folder.path(), &[subcommand, path]);
            assert_eq!(ran, Ran { code: 2, out: String::new(), err: message.to_owned() });
        }
    }
    let ran = run_in(folder.path(), &["check"]);
    assert_eq!(ran.err, "error: `scenarios` does not exist\n");
}

#[test]
fn bytes_that_are_no_scenario_are_2() {
    let folder = folder(&[("huge.ilv", &"a".repeat(5_000_000)), ("empty.ilv", "")]);
    fs::write(folder.path().join("binary.ilv"), [0xff, 0xfe, 0x00]).unwrap();
    for (file, message) in [("huge.ilv", "larger than"), ("empty.ilv", "declares nothing"), ("binary.ilv", "not UTF-8")]
    {
        for subcommand in ["check", "list", "run"] {
            let ran = run_in(folder.path(), &[subcommand, file]);
            assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{ran:?}");
            assert!(ran.err.contains(message) && ran.err.contains(file), "{}", ran.err);
        }
    }
}

#[test]
fn run_shows_frequencies_beside_the_model() {
    let text = "//! Two threads add one, atomically or not.
observe x;
atomic x = 0;
thread adder[i in 0..2] { let seen = x.load(); x.store(seen + 1); }
";
    let folder = folder(&[("one.ilv", text)]);
    let ran = run_in(folder.path(), &["run", "one.ilv", "--times", "20"]);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{}", ran.out);
    assert!(ran.out.starts_with("ran       one.ilv on OS threads, 20 runs\n"), "{}", ran.out);
    for outcome in ["(1)", "(2)"] {
        let row = ran.out.lines().find(|line| line.contains(outcome)).unwrap();
        assert!(row.ends_with("  yes"), "{row}");
    }
    assert!(ran.out.contains("\nends      20 normal, 0 otherwise\nfindings  none\n"), "{}", ran.out);
    assert!(ran.out.ends_with("verdict   inside the model\n"), "{}", ran.out);
}

#[test]
fn run_says_how_often_a_bug_shows_and_how_the_model_comes_to_it() {
    let text = "//! An update is lost.\nexpect final;\nfinally x == 2;\natomic x = 0;\n
thread adder[i in 0..2] { x.store(x.load() + 1); }\n";
    let folder = folder(&[("a.ilv", text)]);
    let ran = run_in(folder.path(), &["run", "a.ilv", "--times", "300", "--jitter", "yield"]);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{}", ran.out);
    let rate = ran.out.lines().find(|line| line.starts_with("rate      ")).unwrap();
    assert!(rate.ends_with(" of 300 runs show a finding"), "{}", ran.out);
    assert!(ran.out.contains(" of 300 that yield\n"), "{}", ran.out);
    assert!(ran.out.contains("model     final: "), "{}", ran.out);
    let line = ran.out.lines().find_map(|line| line.strip_prefix("schedule  ")).unwrap();
    let replayed = run_in(folder.path(), &["replay", "a.ilv", line]);
    assert!(replayed.out.starts_with("replayed  final: "), "{}", replayed.out);
    // Whose only finding no run of so few can show: every thread is alone.
    let never = folder_with_a_rare_bug();
    let ran = run_in(never.path(), &["run", "rare.ilv", "--times", "3", "--jitter", "free"]);
    assert!(ran.out.contains("rate      0 of 3 runs that came to an end show what the model finds\n"), "{}", ran.out);
}

/// A bug that needs one value of a thousand, twice.
fn folder_with_a_rare_bug() -> TempDir {
    folder(&[(
        "rare.ilv",
        "//! Two lots are alike.\nexpect assertion;\n\nthread drawer {\n    let a = choose(0..1000);\n    let b = choose(0..1000);
    assert a != 7 || b != 7;\n}\n",
    )])
}

#[test]
fn wrong_usage_is_2() {
    let folder = folder(&[("one.ilv", PARAMETER)]);
    for arguments in [
        &[] as &[&str],
        &["chek"],
        &["check", "--engine", "spin"],
        &["check", "--set", "N"],
        &["check", "--set", "N=many"],
        &["check", "--max-states", "-1"],
        &["run", "one.ilv", "--times", "0"],
        &["run", "one.ilv", "--jitter", "often"],
        &["check", "--format", "xml"],
        &["check", "one.ilv", "--set", "NOBODY=1"],
    ] {
        let ran = run_in(folder.path(), arguments);
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{arguments:?}: {ran:?}");
        assert!(!ran.err.is_empty(), "{arguments:?}");
    }
}

#[test]
fn a_parameter_can_be_set() {
    let folder = folder(&[("one.ilv", PARAMETER)]);
    let with = |set: &[&str]| run_in(folder.path(), &[&["check", "one.ilv", "--engine", "native"], set].concat());
    assert_eq!(with(&[]).code, 0);
    let ran = with(&["--set", "PERMITS=0"]);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.out.contains("claim     complete · sc · PERMITS=0 · native"), "{}", ran.out);
}

/// The example of the reference: it deadlocks exactly when there are more threads than twice its capacity.
const BUFFER: &str = include_str!("data/bounded_buffer.ilv");

#[test]
fn a_sweep_shows_every_combination() {
    let folder = folder(&[("buffer.ilv", BUFFER)]);
    let ran = run_in(folder.path(), &["sweep", "buffer.ilv"]);
    let expected = "sweep     buffer.ilv, 27 combinations of PRODUCERS, CONSUMERS, CAPACITY

PRODUCERS=1
           CAPACITY
CONSUMERS  1         2      3
        1  holds     holds  holds
        2  deadlock  holds  holds
        3  deadlock  holds  holds

PRODUCERS=2
           CAPACITY
CONSUMERS  1         2         3
        1  deadlock  holds     holds
        2  deadlock  holds     holds
        3  deadlock  deadlock  holds

PRODUCERS=3
           CAPACITY
CONSUMERS  1         2         3
        1  deadlock  holds     holds
        2  deadlock  deadlock  holds
        3  deadlock  deadlock  holds

27 combinations: 27 as expected
";
    assert_eq!(ran, Ran { code: 0, out: expected.to_owned(), err: String::new() });
}

#[test]
fn a_sweep_with_a_wrong_law_names_the_smallest_counterexample() {
    let wrong = BUFFER.replace("> 2 * CAPACITY", "> 2 * CAPACITY + 1");
    let folder = folder(&[("buffer.ilv", &wrong)]);
    let ran = run_in(folder.path(), &["sweep", "buffer.ilv"]);
    assert_eq!((ran.code, ran.err.as_str()), (1, ""), "{}", ran.out);
    assert!(ran.out.contains("\n        2  deadlock !  holds  holds\n"), "{}", ran.out);
    assert!(ran.out.contains("\n27 combinations: 23 as expected, 4 not as expected\n"), "{}", ran.out);
    let (_, smallest) = ran.out.split_once("\nsmallest  ").unwrap();
    assert!(smallest.starts_with("not as expected with PRODUCERS=1 CONSUMERS=2 CAPACITY=1\n\nviolated"), "{smallest}");
    assert!(smallest.contains("\nschedule  v1 PRODUCERS=1 CONSUMERS=2 hash="), "{smallest}");

    let set = run_in(folder.path(), &["sweep", "buffer.ilv", "--set", "PRODUCERS=1", "--set", "CAPACITY=1"]);
    let rows = "\nCONSUMERS  verdict\n        1  holds\n        2  deadlock !\n        3  deadlock\n";
    assert!(set.code == 1 && set.out.contains(rows), "{}", set.out);
}

#[test]
fn a_sweep_says_what_it_left_out() {
    let text = "//! Never ends where it runs at all.
param N = 1 in 1..=2;
param FAST = true in {false, true};
require FAST || N == 2;
atomic count = 0;
thread counter { loop { count.fetch_add(N); } }
";
    let folder = folder(&[("endless.ilv", text)]);
    let ran = run_in(folder.path(), &["sweep", "endless.ilv", "--max-states", "100"]);
    assert_eq!((ran.code, ran.err.as_str()), (3, ""), "{}", ran.out);
    let grid = "
   FAST
N  false           true
1  -               inconclusive ?
2  inconclusive ?  inconclusive ?

`?` the search was not complete, `-` excluded by `require`

3 combinations: 3 inconclusive

smallest  inconclusive with N=1 FAST=true
";
    assert!(ran.out.contains(grid), "{}", ran.out);
}

#[test]
fn a_sweep_of_what_cannot_be_swept_is_2() {
    let excluded = "param N = 1 in 1..=2;\nrequire N > 2;\nthread t { }\n";
    let sized = "param N = 1 in 0..=1;\nvar cell[N] = 0;\nthread t { cell[0] = 1; }\n";
    let folder = folder(&[("a.ilv", COUNTER), ("b.ilv", BROKEN), ("c.ilv", excluded), ("d.ilv", sized)]);
    for (path, message) in [
        ("a.ilv", "`a.ilv` has no parameter with values to try"),
        ("b.ilv", "b.ilv:1:8"),
        ("c.ilv", "`require` in `c.ilv` excludes all combinations"),
        ("missing.ilv", "`missing.ilv` does not exist"),
        (".", "`sweep` takes one scenario file, not a folder"),
    ] {
        let ran = run_in(folder.path(), &["sweep", path]);
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{ran:?}");
        assert!(ran.err.contains(message), "{}", ran.err);
    }
    // One combination has a meaning, the other has not.
    let ran = run_in(folder.path(), &["sweep", "d.ilv"]);
    assert_eq!(ran.code, 2, "{ran:?}");
    assert!(ran.err.contains("error[E0506]: an array cannot have 0 elements"), "{}", ran.err);
    assert!(ran.out.contains("\nN  verdict\n0  ·\n1  holds\n"), "{}", ran.out);
    assert!(ran.out.contains("\n2 combinations: 1 as expected, 1 with errors\n"), "{}", ran.out);
}

#[test]
fn warnings_are_on_stderr_and_change_no_exit_code() {
    let text = "//! One mutex too many.\nparam N = 1 in 1..=2;\nmutex m;\nthread t[i in 0..N] { yield; }\n";
    let folder = folder(&[("a.ilv", text), ("b.ilv", COUNTER)]);
    for arguments in [
        &["check", "a.ilv", "--engine", "native"] as &[&str],
        &["check", ".", "--engine", "native"],
        &["check", ".", "--engine", "native", "--sweep"],
        &["sweep", "a.ilv"],
        &["run", "a.ilv", "--times", "5"],
        &["list", "."],
    ] {
        let ran = run_in(folder.path(), arguments);
        assert_eq!(ran.code, 0, "{arguments:?}: {ran:?}");
        assert_eq!(ran.err.matches("warning[W0101]: nobody uses `m`\n --> a.ilv:3:7\n").count(), 1, "{ran:?}");
        assert!(!ran.out.contains("W0101"), "{}", ran.out);
    }
}

#[test]
fn check_sweeps_whole_folders() {
    let folder = folder(&[("a.ilv", COUNTER), ("b.ilv", PARAMETER)]);
    let ran = run_in(folder.path(), &["check", ".", "--sweep", "--engine", "native"]);
    assert_eq!((ran.code, ran.err.as_str()), (1, ""), "{}", ran.out);
    assert!(ran.out.contains("claim     complete · sc · PERMITS=0 · native"), "{}", ran.out);
    assert!(ran.out.contains("\nb.ilv PERMITS=0  NOT AS EXPECTED  violated\n"), "{}", ran.out);
    assert!(ran.out.contains("\nb.ilv            as expected      holds\n"), "{}", ran.out);
    assert!(ran.out.ends_with("\n3 combinations: 2 as expected, 1 not as expected\n"), "{}", ran.out);
}

#[test]
fn fail_fast_stops_after_the_first_failure() {
    let folder = folder(&[("a.ilv", COUNTER), ("b.ilv", SURPRISE), ("c.ilv", COUNTER), ("d.ilv", SURPRISE)]);
    let ran = run_in(folder.path(), &["check", ".", "--engine", "native", "--fail-fast"]);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.out.ends_with("\n4 files: 1 as expected, 1 not as expected, 2 not explored\n"), "{}", ran.out);
}

#[test]
fn two_runs_print_identical_bytes() {
    let folder = folder(&[("a.ilv", COUNTER), ("b.ilv", SURPRISE), ("c.ilv", LOST_UPDATE), ("d.ilv", PARAMETER)]);
    for arguments in [
        &["check", ".", "--verbose"] as &[&str],
        &["check", ".", "--format", "json"],
        &["list", "."],
        &["list", ".", "--format", "json"],
        &["sweep", "d.ilv", "--format", "json"],
        &["replay", "a.ilv", "v1 adder[0]", "--format", "json"],
    ] {
        let (first, second) = (run_in(folder.path(), arguments), run_in(folder.path(), arguments));
        assert_eq!(first, second);
        assert_eq!(first.err, "", "{arguments:?}");
        assert!(!first.out.contains('\u{1b}'), "no colours where nobody looks");
    }
}

#[test]
fn json_holds_what_the_text_shows() {
    let folder = folder(&[("a.ilv", LOST_UPDATE), ("broken.ilv", BROKEN)]);
    let ran = run_in(folder.path(), &["check", ".", "--engine", "native", "--format", "json"]);
    assert_eq!((ran.code, ran.err.as_str()), (2, ""));
    let document: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(document["version"], 3);
    let report = &document["reports"][0];
    assert_eq!(report["path"], "a.ilv");
    assert_eq!(report["verdict"], "violated");
    assert_eq!(report["judgement"], "as_expected");
    assert_eq!(report["findings"][0]["kind"], "race");
    let rows = report["findings"][1]["trace"]["rows"].as_array().unwrap();
    assert!(rows.iter().any(|row| row["operation"] == "count → 0"), "{rows:?}");
    assert_eq!(document["errors"][0]["path"], "broken.ilv");
    let missing = serde_json::json!({
        "code": "E0111",
        "severity": "error",
        "message": "missing `;`",
        "file": "broken.ilv",
        "span": { "start": 7, "end": 7, "line": 1, "column": 8, "end_line": 1, "end_column": 8 },
        "label": "add `;` here",
        "related": [],
        "help": [],
    });
    assert_eq!(document["diagnostics"], serde_json::json!([missing]));
    assert!(include_str!("../docs/json.md").contains(&serde_json::to_string_pretty(&missing).unwrap()));
}

/// What a run prints as JSON, with its exit code; nothing else is printed.
fn document(folder: &Path, arguments: &[&str]) -> (i32, serde_json::Value) {
    let ran = run_in(folder, &[arguments, &["--format", "json"]].concat());
    assert_eq!(ran.err, "", "{arguments:?}");
    let document: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(document["version"], 3, "{arguments:?}");
    (ran.code, document)
}

#[test]
fn a_list_as_json_has_what_cannot_be_listed_too() {
    let folder = folder(&[("a.ilv", COUNTER), ("b/lost.ilv", LOST_UPDATE), ("broken.ilv", BROKEN)]);
    let (code, list) = document(folder.path(), &["list", "."]);
    assert_eq!(code, 2);
    let expected = serde_json::json!([
        { "path": "a.ilv", "title": "A counter with a lock.", "expectations": ["ok"] },
        { "path": "b/lost.ilv", "title": "A counter without a lock.", "expectations": ["race(count)", "final"] },
    ]);
    assert_eq!(list["scenarios"], expected);
    assert_eq!(list["errors"][0]["path"], "broken.ilv");
    assert_eq!(list["diagnostics"][0]["code"], "E0111");
}

#[test]
fn a_sweep_as_json_has_every_combination_and_names_the_smallest_counterexample() {
    let folder = folder(&[("one.ilv", PARAMETER), ("none.ilv", COUNTER)]);
    let (code, document_of_sweep) = document(folder.path(), &["sweep", "one.ilv"]);
    assert_eq!(code, 1);
    let sweep = &document_of_sweep["sweep"];
    assert_eq!(sweep["path"], "one.ilv");
    assert_eq!(sweep["parameters"], serde_json::json!(["PERMITS"]));
    assert_eq!(sweep["smallest"], serde_json::json!([0]));
    let rows = sweep["combinations"].as_array().unwrap();
    let verdicts: Vec<_> = rows.iter().map(|row| (&row["values"][0], &row["report"]["verdict"])).collect();
    assert_eq!(serde_json::json!(verdicts), serde_json::json!([[0, "violated"], [1, "holds"]]));
    assert_eq!(document_of_sweep["errors"], serde_json::json!([]));

    let (code, nothing) = document(folder.path(), &["sweep", "none.ilv"]);
    assert_eq!((code, &nothing["sweep"]), (2, &serde_json::Value::Null));
    let message = nothing["errors"][0]["message"].as_str().unwrap();
    assert!(message.starts_with("error: `none.ilv` has no parameter with values to try"), "{message}");
}

#[test]
fn a_run_as_json_counts_what_the_threads_did() {
    let text = COUNTER.replace("var count", "observe count;\nvar count");
    let folder = folder(&[("one.ilv", &text), ("broken.ilv", BROKEN)]);
    let (code, ran) = document(folder.path(), &["run", "one.ilv", "--times", "20"]);
    assert_eq!((code, &ran["run"]["runs"]), (0, &serde_json::json!(20)));
    let outcome = serde_json::json!([{ "outcome": [2], "runs": 20, "in_the_model": "yes" }]);
    assert_eq!(ran["run"]["outcomes"], outcome);
    assert_eq!(ran["run"]["agreement"], "inside");
    assert_eq!(ran["run"]["ways"][0]["to"], "outcome (2)");

    let (code, nothing) = document(folder.path(), &["run", "broken.ilv"]);
    assert_eq!((code, &nothing["run"]), (2, &serde_json::Value::Null));
    assert_eq!(nothing["diagnostics"][0]["code"], "E0111");
}

#[test]
fn a_replay_as_json_has_the_steps_and_where_they_lead() {
    let folder = folder(&[("one.ilv", COUNTER)]);
    let (code, replayed) = document(folder.path(), &["replay", "one.ilv", "v1 adder[1]"]);
    assert_eq!(code, 0);
    let replay = &replayed["replay"];
    assert_eq!((&replay["engine"], &replay["found"]), (&serde_json::json!("native"), &serde_json::json!([])));
    assert_eq!(replay["trace"]["rows"].as_array().unwrap().len(), 1);
    assert_eq!(replay["end"], serde_json::json!({ "goes_on": { "enabled": ["adder[1]"] } }));

    let (code, diverged) = document(folder.path(), &["replay", "one.ilv", "v1 adder[1] adder[0]"]);
    assert_eq!(code, 1);
    let end = serde_json::json!({ "diverged": { "step": 2, "wanted": "adder[0]", "enabled": ["adder[1]"] } });
    assert_eq!(diverged["replay"]["end"], end);

    let (code, refused) = document(folder.path(), &["replay", "one.ilv", "v1 hash=00000000 adder[1]"]);
    assert_eq!((code, &refused["replay"]), (2, &serde_json::Value::Null));
    let message = refused["errors"][0]["message"].as_str().unwrap();
    assert!(message.contains("has changed since the schedule was made"), "{message}");
}

#[test]
fn where_there_is_no_file_json_says_so_as_text() {
    let folder = folder(&[("one.ilv", COUNTER)]);
    for arguments in [
        &["list", "nowhere"] as &[&str],
        &["run", "nowhere.ilv"],
        &["sweep", "."],
        &["replay", "nowhere.ilv", "v1"],
        &["check", "nowhere"],
    ] {
        let ran = run_in(folder.path(), &[arguments, &["--format", "json"]].concat());
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{arguments:?}");
        assert!(ran.err.starts_with("error: "), "{arguments:?}: {}", ran.err);
    }
}

const UNTIDY: &str = "//! Spaces.\n\nmutex  m;\nthread t\n{\n  with m { }   // why\n}";
const TIDY: &str = "//! Spaces.\n\nmutex m;\nthread t {\n    with m {}   // why\n}\n";

#[test]
fn fmt_brings_files_into_the_common_layout() {
    let folder = folder(&[("a.ilv", UNTIDY), ("b/tidy.ilv", TIDY)]);
    let ran = run_in(folder.path(), &["fmt", "."]);
    assert_eq!(ran, Ran { code: 0, out: String::new(), err: String::new() });
    for name in ["a.ilv", "b/tidy.ilv"] {
        assert_eq!(fs::read_to_string(folder.path().join(name)).unwrap(), TIDY);
    }
}

#[test]
fn fmt_check_shows_what_would_change_and_changes_nothing() {
    let folder = folder(&[("a.ilv", UNTIDY), ("tidy.ilv", TIDY)]);
    let ran = run_in(folder.path(), &["fmt", "--check", "."]);
    assert_eq!((ran.code, ran.err.as_str()), (1, ""));
    assert!(ran.out.starts_with("--- a.ilv\n+++ a.ilv (formatted)\n@@ "), "{}", ran.out);
    assert!(ran.out.contains("\n-mutex  m;\n"), "{}", ran.out);
    assert!(!ran.out.contains("tidy.ilv"), "{}", ran.out);
    assert_eq!(fs::read_to_string(folder.path().join("a.ilv")).unwrap(), UNTIDY);
    assert_eq!(run_in(folder.path(), &["fmt", "--check", "tidy.ilv"]).code, 0);
}

#[test]
fn fmt_leaves_broken_files_alone() {
    let folder = folder(&[("a.ilv", UNTIDY), ("broken.ilv", BROKEN)]);
    let ran = run_in(folder.path(), &["fmt", "."]);
    assert_eq!((ran.code, ran.out.as_str()), (2, ""));
    assert!(ran.err.starts_with("error[E0111]: ") && ran.err.contains("broken.ilv:1:8"), "{}", ran.err);
    assert_eq!(fs::read_to_string(folder.path().join("broken.ilv")).unwrap(), BROKEN);
    assert_eq!(fs::read_to_string(folder.path().join("a.ilv")).unwrap(), TIDY, "the others are formatted");
}

#[test]
fn fmt_takes_standard_input() {
    let folder = folder(&[]);
    let with_input = |arguments: &[&str], text: &str| {
        let mut command = command(folder.path(), arguments);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
        ran(&child.wait_with_output().unwrap())
    };
    assert_eq!(with_input(&["fmt", "-"], UNTIDY), Ran { code: 0, out: TIDY.to_owned(), err: String::new() });
    assert_eq!(with_input(&["fmt", "-", "--check"], UNTIDY).code, 1);
    assert_eq!(with_input(&["fmt", "-", "--check"], TIDY).code, 0);
    let broken = with_input(&["fmt", "-"], BROKEN);
    assert_eq!((broken.code, broken.out.as_str()), (2, ""));
    assert!(broken.err.contains("--> -:1:8"), "{}", broken.err);
}

#[test]
fn explain_prints_the_entry_of_a_code() {
    let folder = folder(&[]);
    let ran = run_in(folder.path(), &["explain", "e0203"]);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    assert!(ran.out.starts_with("E0203: a local that would hide something shared\n\n"), "{}", ran.out);
    assert!(ran.out.contains("\n    thread t { let x = 1; }\n\nMended:\n\n    var x = 0;\n"), "{}", ran.out);
    let unknown = run_in(folder.path(), &["explain", "E0230"]);
    assert_eq!((unknown.code, unknown.out.as_str()), (2, ""));
    assert_eq!(unknown.err, "error: no error or warning has the code `E0230`: did you mean `E0130`?\n");
}

#[test]
fn help_prints_the_reference_and_knows_its_topics() {
    let folder = folder(&[]);
    let reference = run_in(folder.path(), &["help", "language"]);
    assert_eq!((reference.code, reference.err.as_str()), (0, ""));
    assert_eq!(reference.out, include_str!("../docs/language.md"));
    assert_eq!(run_in(folder.path(), &["help", "diagnostics"]).out, include_str!("../docs/diagnostics.md"));
    assert_eq!(run_in(folder.path(), &["help", "check"]), run_in(folder.path(), &["check", "--help"]));
    assert_eq!(run_in(folder.path(), &["help"]), run_in(folder.path(), &["--help"]));
    let unknown = run_in(folder.path(), &["help", "langauge"]);
    assert_eq!((unknown.code, unknown.out.as_str()), (2, ""));
    assert_eq!(unknown.err, "error: there is no help about `langauge`: did you mean `language`?\n");
}

#[test]
fn every_template_is_tidy_and_as_it_expects_to_be() {
    let templates = ["locks", "condvar", "semaphore", "pipeline", "producer-consumer", "atomics", "threads"];
    let help = run_in(folder(&[]).path(), &["new", "--help"]).out;
    assert_eq!(help.matches("          - ").count(), templates.len(), "a template without a test: {help}");
    let folder = folder(&[]);
    for template in templates {
        let name = format!("mine/{}", template.replace('-', "_"));
        let ran = run_in(folder.path(), &["new", &name, "--like", template]);
        assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{template}");
        assert!(ran.out.starts_with(&format!("wrote scenarios/{name}.ilv\n")), "{}", ran.out);
    }
    assert_eq!(run_in(folder.path(), &["fmt", "--check"]), Ran { code: 0, out: String::new(), err: String::new() });
    let ran = run_in(folder.path(), &["check"]);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{}", ran.out);
    assert!(ran.out.ends_with("\n7 files: 7 as expected\n"), "{}", ran.out);
}

#[test]
fn new_overwrites_nothing_and_stays_in_its_folder() {
    let folder = folder(&[("scenarios/locks/mine.ilv", COUNTER)]);
    let ran = run_in(folder.path(), &["new", "mine"]);
    assert_eq!((ran.code, ran.out.as_str()), (2, ""));
    assert_eq!(ran.err, "error: cannot write `scenarios/locks/mine.ilv`: it exists already\n");
    assert_eq!(fs::read_to_string(folder.path().join("scenarios/locks/mine.ilv")).unwrap(), COUNTER);
    assert_eq!(run_in(folder.path(), &["new", "../mine"]).code, 2);
}

#[test]
fn completions_know_every_subcommand() {
    let folder = folder(&[]);
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let ran = run_in(folder.path(), &["completions", shell]);
        assert_eq!((ran.code, ran.err.as_str()), (0, ""));
        for word in ["check", "explain", "fmt", "list", "new", "run", "sweep", "max-states"] {
            assert!(ran.out.contains(word), "{shell}: {word}");
        }
    }
}

#[test]
fn list_shows_titles_and_expectations() {
    let folder = folder(&[("a.ilv", COUNTER), ("b/lost.ilv", LOST_UPDATE)]);
    let ran = run_in(folder.path(), &["list", "."]);
    let expected = "a.ilv
    A counter with a lock.
    expect ok
b/lost.ilv
    A counter without a lock.
    expect race(count); final
";
    assert_eq!(ran, Ran { code: 0, out: expected.to_owned(), err: String::new() });
}

#[test]
fn help_and_version_are_0() {
    let folder = folder(&[]);
    for arguments in [
        &["--help"] as &[&str],
        &["check", "--help"],
        &["fmt", "--help"],
        &["list", "-h"],
        &["run", "--help"],
        &["--version"],
    ] {
        let ran = run_in(folder.path(), arguments);
        assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{arguments:?}");
    }
    let ran = run_in(folder.path(), &["check", "--help"]);
    for word in ["--engine", "--set", "--max-states", "--fail-fast", "--format", "[default: scenarios]", "130"] {
        assert!(ran.out.contains(word), "{word}: {}", ran.out);
    }
    assert!(!run_in(folder.path(), &["--help"]).out.contains("__engine"), "the engines' door is not for users");
}

#[test]
fn a_reader_that_goes_away_is_no_crash() {
    let folder = folder(&[("a.ilv", SURPRISE), ("b.ilv", SURPRISE)]);
    let mut child = command(folder.path(), &["check", ".", "--engine", "native"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(ran(&output), Ran { code: 141, out: String::new(), err: String::new() });
}

/// Waits until a process listens to Ctrl-C: its set of caught signals (proc_pid_status(5)) has SIGINT in it.
#[cfg(target_os = "linux")]
fn wait_until_it_listens(process: u32) {
    const SIGINT: u64 = 1 << 1;
    loop {
        let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap();
        let caught = status.lines().find_map(|line| line.strip_prefix("SigCgt:")).unwrap();
        if u64::from_str_radix(caught.trim(), 16).unwrap() & SIGINT != 0 {
            return;
        }
        std::thread::yield_now();
    }
}

/// What a command prints that is interrupted as soon as it listens to Ctrl-C.
#[cfg(target_os = "linux")]
fn interrupted_in(folder: &Path, arguments: &[&str]) -> Ran {
    let mut command = command(folder, arguments);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    wait_until_it_listens(child.id());
    let sent = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(sent.success());
    ran(&child.wait_with_output().unwrap())
}

#[test]
#[cfg(target_os = "linux")]
fn an_interrupted_sweep_is_130_and_prints_the_rest_as_not_explored() {
    let text = ENDLESS.replace("atomic", "param N = 1 in 1..=4;\natomic").replace("fetch_add(1)", "fetch_add(N)");
    let folder = folder(&[("endless.ilv", &text)]);
    let ran = interrupted_in(folder.path(), &["sweep", "endless.ilv", "--max-states", "1000000000"]);
    assert_eq!((ran.code, ran.err.as_str()), (130, ""), "{}", ran.out);
    assert!(ran.out.contains("\n4  ·\n") && ran.out.contains("`·` not explored\n"), "{}", ran.out);
    assert!(ran.out.ends_with("\ninterrupted\n"), "{}", ran.out);
}

#[test]
#[cfg(target_os = "linux")]
fn an_interrupted_run_is_130_and_prints_what_was_found_so_far() {
    // The first file is done at once; the second would take for ever.
    let folder = folder(&[("a.ilv", SURPRISE), ("b.ilv", ENDLESS), ("c.ilv", ENDLESS), ("d.ilv", COUNTER)]);
    let ran = interrupted_in(folder.path(), &["check", ".", "--engine", "native", "--max-states", "1000000000"]);
    assert_eq!((ran.code, ran.err.as_str()), (130, ""), "{}", ran.out);
    assert!(ran.out.contains("\n4 files: "), "{}", ran.out);
    assert!(ran.out.ends_with("\ninterrupted\n"), "{}", ran.out);
    assert!(!ran.out.contains("holds"), "the last file was never reached: {}", ran.out);
}

#[test]
#[cfg(target_os = "linux")]
fn runs_that_are_interrupted_say_so_and_how_many_there_were() {
    let folder = folder(&[("a.ilv", COUNTER)]);
    let ran = interrupted_in(folder.path(), &["run", "a.ilv", "--times", "1000000000"]);
    assert_eq!(ran.code, 130, "{}{}", ran.out, ran.err);
    assert!(ran.out.contains(" of 1000000000: interrupted\n"), "{}{}", ran.out, ran.err);
}

/// What the runs are that did not end normally is said, each way once, and the numbers add up.
#[test]
fn run_says_how_runs_ended_that_did_not_end_normally() {
    for (text, said) in [
        ("mutex m;\nthread t { m.lock(); m.lock(); }\nexpect deadlock;\n", "a deadlock"),
        ("thread t { panic \"no\"; }\nexpect panic;\n", "every thread has ended, not all of them normally"),
        ("thread t { yield; assert false; }\nexpect assertion;\n", "a failed property has ended them"),
        ("thread t { yield; assume false; }\nexpect impossible;\n", "`assume` discards them"),
        ("thread t { loop { yield; } }\n", "cut by a limit: an execution with more than 1000 steps"),
    ] {
        let folder = folder(&[("a.ilv", text)]);
        let ran = run_in(folder.path(), &["run", "a.ilv", "--times", "20"]);
        let ends = format!("\nends      0 normal, 20 otherwise\n          - 20: {said}\n");
        assert!(ran.out.contains(&ends), "{text}{}{}", ran.out, ran.err);
    }
    let text = "atomic x = 0;\nthread t { x.store(1); assume x.load() == 1; }\nthread u { x.store(2); }\n";
    let folder = folder(&[("a.ilv", text)]);
    let (_, ran) = document(folder.path(), &["run", "a.ilv", "--times", "50"]);
    let run = &ran["run"];
    let others = run["other_ends"].as_array().unwrap().iter().map(|end| end["runs"].as_u64().unwrap());
    assert_eq!(run["normal_ends"].as_u64().unwrap() + others.sum::<u64>(), 50, "{run}");
}

#[test]
#[cfg(feature = "loom")]
fn a_schedule_that_is_too_long_for_loom_is_refused_in_words() {
    let folder = folder(&[("a.ilv", ENDLESS)]);
    let ran = run_in(folder.path(), &["replay", "a.ilv", "v1 counter*200001", "--engine", "loom"]);
    assert_eq!(ran.code, 3, "{}{}", ran.out, ran.err);
    let said = "a schedule of 200001 steps: loom keeps every step of an execution in memory, and has room for 200000";
    assert!(format!("{}{}", ran.out, ran.err).contains(said), "{}{}", ran.out, ran.err);
}

/// What `check` prints for a schedule is what `replay` takes.
#[test]
fn a_replay_says_what_its_engine_does_not_look_at() {
    let spins = "expect livelock;\nthread t { loop { yield; loop { yield; } } progress; }\n";
    let folder = folder(&[("a.ilv", spins)]);
    let on = |engine: &str| run_in(folder.path(), &["replay", "a.ilv", "v1 t", "--engine", engine]).out;
    assert!(on("shuttle").contains("\nunchecked `eventually`, livelocks, starvation: "), "{}", on("shuttle"));
    assert!(!on("native").contains("unchecked"), "{}", on("native"));
}

/// Of each object it is said whether it is the runtime's, and nothing of objects that are not there.
#[test]
fn a_replay_says_what_its_engine_emulates_in_this_file() {
    let meeting = "barrier b(2);\nvar x = 0;\nmutex m[2];\nthread a { with m[0] { x = 1; } b.wait(); }\n\
                   thread c { b.wait(); a.join(); }\n";
    let folder = folder(&[("meeting.ilv", meeting), ("plain.ilv", "atomic x = 0;\nthread t { x.store(1); }\n")]);
    let on = |file: &str, engine: &str| {
        let ran = run_in(folder.path(), &["replay", file, "v1", "--engine", engine]);
        let said = ran.out.lines().skip_while(|line| !line.starts_with("engine"));
        let said: Vec<&str> = said.take_while(|line| !line.starts_with("unchecked")).collect();
        said.join(" ").split_whitespace().collect::<Vec<_>>().join(" ")
    };
    assert_eq!(on("meeting.ilv", "native"), "engine native");
    for (engine, own, emulation, emulated) in [
        (
            "threads",
            "the standard library, really used: var `x`, mutex `m`",
            "turns, a mutex of the standard library",
            "barrier `b`",
        ),
        ("loom", "loom: var `x`, mutex `m`", "a gate, a mutex of loom", "barrier `b`"),
        ("shuttle", "shuttle: barrier `b`, mutex `m`", "a mutex of shuttle", "var `x`"),
    ] {
        let said = on("meeting.ilv", engine);
        let both = format!(" of {own} emulated, by {emulation} and plain data: {emulated}, the ends of threads");
        assert!(said.ends_with(&both), "{engine}: {said}");
        let said = on("plain.ilv", engine);
        assert!(said.ends_with(": atomic `x`") && !said.contains("emulated"), "{engine}: {said}");
    }
}

/// An engine that follows a schedule knows what else is on offer: it tries.
#[test]
fn a_replay_lists_the_same_choices_on_every_engine() {
    let text = "condvar c;\nmutex m;\nthread a[i in 0..2] { with m { c.wait(m); } }\nthread k { c.notify_one(); }\n\
                thread v { let x = choose(0..2); let y = choose(x..2); }\nexpect deadlock;\n";
    let folder = folder(&[("a.ilv", text)]);
    for (line, enabled) in [
        ("v1 a[0]*2 a[1]*2", "`k/a[0]`, `k/a[1]`, `v/=0`, `v/=1`"),
        ("v1 a[0]*2", "`a[1]`, `k/a[0]`, `v/=0`, `v/=1`"),
        ("v1", "`a[0]`, `a[1]`, `k`, `v/=0`, `v/=1`"),
    ] {
        for engine in ["native", "loom", "shuttle", "threads"] {
            let on = |line: &str| run_in(folder.path(), &["replay", "a.ilv", line, "--engine", engine]).out;
            assert!(
                on(line).contains(&format!("the execution goes on: enabled {enabled}\n")),
                "{engine}: {}",
                on(line)
            );
            let wrong = on(&format!("{line} k/v"));
            assert!(wrong.contains(&format!("wanted `k/v`, enabled {enabled}")), "{engine}: {wrong}");
        }
    }
}

#[test]
fn replay_takes_the_steps_of_a_schedule_and_shows_where_they_lead() {
    let folder = folder(&[("a.ilv", LOST_UPDATE), ("b.ilv", SURPRISE)]);
    let ran = run_in(folder.path(), &["replay", "a.ilv", "v1 adder[0] adder[1]*2 adder[0]"]);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{ran:?}");
    assert!(ran.out.starts_with("replayed  final: "), "{}", ran.out);
    assert!(ran.out.contains("\n     4    count = 1"), "{}", ran.out);
    assert!(ran.out.contains("\nalso      race: "), "{}", ran.out);
    assert!(ran.out.contains("\nend       after 4 steps every thread has ended\nengine    native\n"), "{}", ran.out);
    let ran = run_in(folder.path(), &["replay", "b.ilv", "v1"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.out.starts_with("replayed  deadlock"), "{}", ran.out);
    assert!(ran.out.contains("\nend       after 0 steps nothing can step\n"), "{}", ran.out);
}

#[test]
fn a_schedule_that_asks_for_a_step_that_is_not_on_offer_diverges() {
    let folder = folder(&[("a.ilv", COUNTER)]);
    let ran = run_in(folder.path(), &["replay", "a.ilv", "v1", "adder[0]", "adder[1]"]);
    assert_eq!((ran.code, ran.err.as_str()), (1, ""), "{ran:?}");
    assert!(ran.out.starts_with("diverged  at step 2: wanted `adder[1]`, enabled `adder[0]`"), "{}", ran.out);
    assert!(ran.out.contains("\n     1    m.lock()"), "{}", ran.out);
    assert!(ran.out.contains("\nend       1 step before that\n"), "{}", ran.out);
}

#[test]
fn the_parameters_of_a_schedule_apply() {
    let folder = folder(&[("a.ilv", PARAMETER)]);
    let replay = |arguments: &[&str]| run_in(folder.path(), &[&["replay", "a.ilv"], arguments].concat());
    assert!(replay(&["v1 PERMITS=0"]).out.starts_with("replayed  deadlock"));
    assert!(replay(&["v1", "--set", "PERMITS=0"]).out.starts_with("replayed  deadlock"));
    let ran = replay(&["v1 taker"]);
    assert!(ran.out.starts_with("replayed  nothing is found in these steps"), "{}", ran.out);
    let ran = replay(&["v1 PERMITS=0", "--set", "PERMITS=1"]);
    assert_eq!(ran.code, 2, "{ran:?}");
    assert!(ran.err.contains("`PERMITS` is 0 in the schedule and 1 in `--set`"), "{}", ran.err);
    let ran = replay(&["v1 PERMITS=0 PERMITS=1"]);
    assert_eq!(ran.code, 2, "{ran:?}");
    assert!(ran.err.contains("`PERMITS=1` in the schedule: the parameter has a value already"), "{}", ran.err);
}

/// A race is one whether or not its accesses are neighbours in the schedule, on every engine; and none of them claims not
/// to look.
#[test]
fn a_replay_shows_a_race_of_accesses_that_are_no_neighbours() {
    let text = "memory sc;\nexpect race;\nvar x = 0;\natomic a = 0;\nthread w { a.store(1); x = 1; a.store(2); }\n\
                thread r { if a.load() > 0 { let seen = x; } }\nalways a < 3;\n";
    let folder = folder(&[("a.ilv", text)]);
    for engine in ["native", "loom", "shuttle", "threads"] {
        let ran = run_in(folder.path(), &["replay", "a.ilv", "v1 w*2 r*2", "--engine", engine]);
        assert!(ran.out.starts_with("replayed  race: `w` writes `x`"), "{engine}: {}", ran.out);
        assert!(!ran.out.contains("unchecked"), "{engine}: {}", ran.out);
    }
}

/// Who can only wake for no reason does not go on, also where another thread's condition was tried before.
#[test]
fn a_replay_knows_a_deadlock_with_spurious_wake_ups_on_every_engine_that_has_them() {
    let text = "option spurious_wakeups;\natomic a = 1;\nmutex m;\ncondvar c;\nthread w { with m { c.wait(m); } }\n\
                thread u { when a.load() == 0 { a.store(2); } }\nexpect deadlock;\n";
    let folder = folder(&[("a.ilv", text)]);
    for engine in ["native", "shuttle", "threads"] {
        let ran = run_in(folder.path(), &["replay", "a.ilv", "v1 w*2", "--engine", engine]);
        assert!(ran.out.contains("\nend       after 2 steps nothing can step\n"), "{engine}: {}", ran.out);
    }
}

/// Threads that run freely leave no steps, but who waited for what is known.
#[test]
fn run_says_who_waits_in_a_deadlock() {
    let text = "mutex m;\nthread a { m.lock(); m.lock(); }\nexpect deadlock;\n";
    let folder = folder(&[("a.ilv", text)]);
    let ran = run_in(folder.path(), &["run", "a.ilv", "--times", "5"]);
    assert!(ran.out.contains("\ndeadlock  `a` waits at line 2 in `m.lock()`: `a` holds `m`\n"), "{}", ran.out);
}

#[test]
fn a_schedule_that_cannot_be_read_is_refused_with_its_word() {
    let folder = folder(&[("a.ilv", COUNTER)]);
    for (line, reason) in [
        ("adder[0]", "`adder[0]` in the schedule: a schedule begins with its version, `v1`"),
        ("v1 nobody", "`nobody` in the schedule: no thread is called `nobody`; there are adder[0], adder[1]"),
        ("v1 adder[0]*0", "a number of steps is between 1 and"),
        ("v1 adder[0]/#x", "`x` is not a number"),
        ("v1 adder[0] N=2", "parameters stand before the steps"),
        ("v1 N=2", "N"),
        (
            "v1 hash=deadbeef N=2 adder[0]",
            "`hash=deadbeef` in the schedule: the hash stands behind the parameters and options",
        ),
        ("v1 option=progress N=2", "`option=progress` in the schedule: the options stand behind the parameters"),
        ("v1 adder[0] option=progress", "`option=progress` in the schedule: options stand before the steps"),
        ("v1 adder[0]/!foo", "`adder[0]/!foo` in the schedule: `!foo` is nothing that the world does; there are"),
        ("v1 hash=zzz adder[0]", "`hash=zzz` in the schedule: `zzz` is no hash"),
        ("v1 N=two adder[0]", "`N=two` in the schedule: `two` is no value of a parameter"),
        ("v1 adder[0]/", "`adder[0]/` in the schedule: nothing stands behind the `/`"),
        ("v1 adder[0]/adder[1]+", "`adder[0]/adder[1]+` in the schedule: the name of a thread is missing"),
        ("v1 *2", "`*2` in the schedule: the name of a thread is missing"),
        ("", "error: the schedule is empty: a schedule begins with its version, `v1`"),
    ] {
        let ran = run_in(folder.path(), &["replay", "a.ilv", line]);
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{line}");
        assert!(ran.err.contains(reason), "{line}: {}", ran.err);
    }
    let ran = run_in(folder.path(), &["replay", "a.ilv"]);
    assert_eq!(ran.code, 2, "{ran:?}");
}

#[test]
fn a_schedule_is_read_from_standard_input() {
    let folder = folder(&[("a.ilv", SURPRISE)]);
    let mut child = command(folder.path(), &["replay", "a.ilv", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(b"v1\n").unwrap();
    let ran = ran(&child.wait_with_output().unwrap());
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.out.starts_with("replayed  deadlock"), "{}", ran.out);
}

#[test]
fn other_engines_take_the_same_steps() {
    let folder = folder(&[("a.ilv", LOST_UPDATE)]);
    let schedule = "v1 adder[0] adder[1]*2 adder[0]";
    let steps = |engine: &str| {
        let ran = run_in(folder.path(), &["replay", "a.ilv", schedule, "--engine", engine]);
        assert_eq!(ran.code, 0, "{ran:?}");
        assert!(ran.out.contains(&format!("\nengine    {engine}\n")), "{}", ran.out);
        let from = ran.out.find("     1    ").unwrap();
        ran.out[from..].lines().take(4).map(|line| line.chars().take(30).collect::<String>()).collect::<Vec<_>>()
    };
    assert_eq!(steps("native"), steps("shuttle"));
    assert_eq!(steps("native"), steps("threads"));
    assert_eq!(steps("native"), steps("loom"));
    let ran = run_in(folder.path(), &["replay", "a.ilv", "v1 adder[0]*3", "--engine", "loom"]);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.out.starts_with("diverged  at step 3: wanted `adder[0]`, enabled `adder[1]`"), "{}", ran.out);
}

/// A line says under which options of its file it was made.
#[test]
fn a_schedule_names_the_options_of_its_file() {
    let with = "option writer_preference;\noption spurious_wakeups;\nrwlock l;\ncondvar c;\nmutex m;\n\
                thread w { with m { c.wait(m); } }\nexpect deadlock;\n";
    let without = with.replace("option spurious_wakeups;\n", "");
    let folder = folder(&[("with.ilv", with), ("without.ilv", &without)]);
    let checked = run_in(folder.path(), &["check", "with.ilv", "--engine", "native", "--verbose"]);
    let line = checked.out.lines().find_map(|line| line.strip_prefix("schedule  ")).unwrap().to_owned();
    assert!(line.starts_with("v1 option=spurious_wakeups option=writer_preference hash="), "{line}");
    let replay =
        |file: &str, line: &str, more: &[&str]| run_in(folder.path(), &[&["replay", file, line], more].concat());
    let ran = replay("with.ilv", &line, &[]);
    assert!(ran.out.starts_with("replayed  deadlock"), "{ran:?}");
    let refused = replay("without.ilv", &line, &[]);
    let said = "the schedule was made with `option spurious_wakeups;`, which `without.ilv` does not have";
    assert_eq!((refused.code, refused.out.as_str()), (2, ""));
    assert!(refused.err.contains(said), "{}", refused.err);
    let ran = replay("without.ilv", &line, &["--even-if-changed"]);
    assert!(ran.out.starts_with("replayed  deadlock"), "{ran:?}");
    let ran = replay("with.ilv", "v1 w*2 w/!spurious", &[]);
    assert_eq!(ran.code, 0, "a line that somebody writes need not name them: {ran:?}");
}

#[test]
fn a_schedule_of_an_edited_file_is_refused_or_replayed_on_request() {
    let edited = LOST_UPDATE.replace("count += 1;", "count += 2;");
    let spaced = LOST_UPDATE.replace("{ count += 1; }", "{\n    // Why not.\n    count  +=  1;\n}");
    let renamed = LOST_UPDATE.replace("adder", "summer");
    let files = [("a.ilv", LOST_UPDATE), ("edited.ilv", &edited), ("spaced.ilv", &spaced), ("renamed.ilv", &renamed)];
    let folder = folder(&files);
    let checked = run_in(folder.path(), &["check", "a.ilv", "--engine", "native", "--verbose"]);
    let line = checked.out.lines().find_map(|line| line.strip_prefix("schedule  ")).unwrap().to_owned();
    assert!(line.starts_with("v1 hash="), "{line}");
    let replay = |file: &str, more: &[&str]| run_in(folder.path(), &[&["replay", file, &line], more].concat());
    assert_eq!(replay("a.ilv", &[]).code, 0);
    assert_eq!(replay("spaced.ilv", &[]).code, 0, "comments and layout are nothing that changes");
    let refused = replay("edited.ilv", &[]);
    assert_eq!((refused.code, refused.out.as_str()), (2, ""));
    assert!(refused.err.contains("`edited.ilv` has changed since the schedule was made"), "{}", refused.err);
    let refused = replay("renamed.ilv", &[]);
    assert!(refused.err.contains("`renamed.ilv` has changed since the schedule was made"), "{}", refused.err);
    assert_eq!(replay("edited.ilv", &["--even-if-changed"]).code, 0);
}
