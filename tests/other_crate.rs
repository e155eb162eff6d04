//! Another crate with its own scenarios, built and run as its owner would: `cargo test` and, where it is installed,
//! `cargo nextest`, passing and failing. A changed scenario is explored without building anything.
//!
//! The package is copied, so that nothing here is written into, and takes the versions of this package's lock file, so
//! that no network is needed.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use interleaver::scenario::files_below;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const PACKAGE: &str = env!("CARGO_MANIFEST_DIR");
const SCENARIO: &str = "scenarios/locks/tickets.ilv";

/// What a command printed, and its exit code.
struct Ran {
    text: String,
    code: i32,
}

impl Ran {
    fn says(&self, what: &str) {
        assert!(self.text.contains(what), "`{what}` is not in\n{}", self.text);
    }

    fn built_something(&self) -> bool {
        self.text.lines().any(|line| line.trim_start().starts_with("Compiling "))
    }
}

/// A fresh copy of the package. What was built in an earlier run stays: it is in a folder of its own.
fn copy() -> PathBuf {
    let from = Path::new(PACKAGE).join("tests/other_crate");
    let to = Path::new(env!("CARGO_TARGET_TMPDIR")).join("other_crate");
    if to.exists() {
        fs::remove_dir_all(&to).unwrap();
    }
    for file in files_below(&from).unwrap() {
        let copied = to.join(file.strip_prefix(&from).unwrap());
        fs::create_dir_all(copied.parent().unwrap()).unwrap();
        fs::copy(&file, copied).unwrap();
    }
    let manifest = fs::read_to_string(to.join("Cargo.toml")).unwrap();
    let here = format!("path = {PACKAGE:?}");
    assert!(manifest.contains(r#"path = "../..""#));
    fs::write(to.join("Cargo.toml"), manifest.replace(r#"path = "../..""#, &here)).unwrap();
    fs::copy(Path::new(PACKAGE).join("Cargo.lock"), to.join("Cargo.lock")).unwrap();
    to
}

/// Runs cargo in the package, with the environment of a person and not that of this test.
fn cargo(package: &Path, arguments: &[&str]) -> Ran {
    let mut command = Command::new(std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned()));
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy().into_owned();
        let of_this_run = ["INSTA_", "NEXTEST", "CARGO_PKG", "CARGO_MANIFEST", "CARGO_BIN", "TF_BUILD"];
        if name == "CI" || of_this_run.iter().any(|start| name.starts_with(start)) {
            command.env_remove(name);
        }
    }
    command.args(arguments).current_dir(package);
    command.env("CARGO_TARGET_DIR", Path::new(env!("CARGO_TARGET_TMPDIR")).join("other_crate_target"));
    command.env("CARGO_TERM_COLOR", "never").env("CARGO_PROFILE_DEV_DEBUG", "0").env("CARGO_NET_OFFLINE", "true");
    let output = command.output().unwrap();
    let text = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap()).concat();
    Ran { text, code: output.status.code().unwrap() }
}

#[test]
fn scenarios_of_another_crate_pass_fail_and_need_no_rebuild() {
    let package = copy();
    let nextest = cargo(&package, &["nextest", "--version"]).code == 0;

    let passing = cargo(&package, &["test"]);
    assert_eq!(passing.code, 0, "{}", passing.text);
    for name in ["condvar/late_listener::native", "locks/tickets::threads", "locks/tickets::snapshot"] {
        let ended = |line: &str| line.starts_with(&format!("test {name} ")) && line.ends_with(" ok");
        assert!(passing.text.lines().any(ended), "{name} did not pass:\n{}", passing.text);
    }
    if nextest {
        let passing = cargo(&package, &["nextest", "run"]);
        assert_eq!(passing.code, 0, "{}", passing.text);
        passing.says("locks/tickets::native");
    }

    // The lock is left out.
    let text = fs::read_to_string(package.join(SCENARIO)).unwrap();
    let broken = text.replace("with till { sold += 1; }", "sold += 1;");
    assert_ne!(broken, text);
    fs::write(package.join(SCENARIO), broken).unwrap();
    let failing = cargo(&package, &["test"]);
    assert_eq!(failing.code, 101, "{}", failing.text);
    assert!(!failing.built_something(), "a scenario is no Rust code:\n{}", failing.text);
    failing.says("scenarios/locks/tickets.ilv is not as expected");
    failing.says("condvar/late_listener::native");
    assert!(!failing.text.contains("late_listener.ilv is not as expected"), "{}", failing.text);
    if nextest {
        let failing = cargo(&package, &["nextest", "run", "--no-fail-fast"]);
        assert_eq!(failing.code, 100, "{}", failing.text);
        assert!(!failing.built_something(), "a scenario is no Rust code:\n{}", failing.text);
        failing.says("scenarios/locks/tickets.ilv is not as expected");
    }

    // Mended again, everything is as it was.
    fs::write(package.join(SCENARIO), text).unwrap();
    let mended = cargo(&package, &["test"]);
    assert_eq!((mended.code, mended.built_something()), (0, false), "{}", mended.text);
}
