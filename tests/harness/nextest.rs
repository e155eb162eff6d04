//! cargo nextest, where it is installed, on a guest package whose test binary is already built.

use crate::guest::{Guest, Run, enter, finish};
use crate::{MENDED, UNTOUCHED, changed};
use libtest_mimic::{Completion, Failed};
use std::process::Command;

/// One character changed: the run fails, for that file only, and names the file and how to accept.
pub(crate) fn fails_that_file_only() -> Result<Completion, Failed> {
    if !is_installed() {
        return Ok(Completion::ignored_with("cargo nextest is not installed"));
    }
    let guest = changed();
    let run = run(&guest);
    let wanted = [format!("{MENDED}::native"), format!("{MENDED}::snapshot")];
    let all = format!("{}{}", run.stdout, run.stderr);
    let mut failed: Vec<&str> = all.lines().filter(|line| line.trim_start().starts_with("FAIL ")).collect();
    failed.sort_unstable();
    failed.dedup();
    for line in &failed {
        assert!(wanted.iter().any(|name| line.ends_with(name)), "`{line}` in\n{all}");
    }
    for name in &wanted {
        assert!(failed.iter().any(|line| line.ends_with(name)), "{name} did not fail:\n{all}");
    }
    assert!(all.contains(&format!("{UNTOUCHED}::native")), "{all}");
    assert!(all.contains(&format!("scenarios/{MENDED}.ilv is not as expected")), "{all}");
    assert!(all.contains("│+violated "), "{all}");
    assert!(all.contains(&format!("INSTA_UPDATE=always cargo test {MENDED}::snapshot")), "{all}");
    assert_eq!(run.code, 100, "{all}");
    Ok(Completion::Completed)
}

fn is_installed() -> bool {
    Command::new(cargo()).args(["nextest", "--version"]).output().is_ok_and(|output| output.status.success())
}

fn cargo() -> String {
    std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned())
}

/// Runs all tests of a guest, as if cargo had built its test target.
fn run(guest: &Guest) -> Run {
    guest.write("Cargo.toml", MANIFEST);
    guest.write("tests/scenarios.rs", "fn main() {}\n");
    guest.write("src/lib.rs", "");
    let metadata =
        finish(Command::new(cargo()).args(["metadata", "--format-version=1", "--offline"]).current_dir(guest.folder()));
    assert_eq!(metadata.code, 0, "{}", metadata.stderr);
    let cargo_metadata: serde_json::Value = serde_json::from_str(&metadata.stdout).unwrap();
    let package = cargo_metadata["packages"][0]["id"].as_str().unwrap();
    let target = guest.folder().join("target");
    let binaries = serde_json::json!({
        "rust-build-meta": {
            "target-directory": target,
            "base-output-directories": ["debug"],
            "non-test-binaries": {},
            "build-script-out-dirs": {},
            "linked-paths": [],
            "platforms": null,
            "target-platforms": [],
            "target-platform": null,
        },
        "rust-binaries": {
            "guest::scenarios": {
                "binary-id": "guest::scenarios",
                "binary-name": "scenarios",
                "package-id": package,
                "kind": "test",
                "binary-path": std::env::current_exe().unwrap(),
                "build-platform": "target",
            }
        }
    });
    guest.write("target/cargo.json", &metadata.stdout);
    guest.write("target/binaries.json", &binaries.to_string());
    let mut command = Command::new(cargo());
    command.args(["nextest", "run", "--no-fail-fast", "--color=never", "--show-progress=none"]);
    command.args(["--cargo-metadata", "target/cargo.json", "--binaries-metadata", "target/binaries.json"]);
    finish(enter(&mut command, guest).current_dir(guest.folder()))
}

const MANIFEST: &str = r#"[package]
name = "guest"
version = "0.0.0"
edition = "2024"

[[test]]
name = "scenarios"
harness = false

[workspace]
"#;
