//! Many checks in a row in one process, on every engine: its memory stays what it was, and nobody prints but the command.
//!
//! Engines leave things behind: stacks of threads that are asleep for ever, frames of executions that were given up,
//! panic hooks that write to standard error. What must not stay with its process is in a child; this test sees whether
//! the rest is small. A small number of checks is part of `cargo test`; the long run is
//!
//! ```text
//! INTERLEAVER_CHECKS=1000 cargo test --test endurance -- --nocapture
//! ```

#![cfg(all(target_os = "linux", feature = "loom", feature = "shuttle", feature = "threads"))]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::io::Read as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

/// Scenarios that end in every way there is, and what `check` says about each.
const SCENARIOS: [(&str, &str); 12] = [
    ("condvar/lost_wakeup_fixed", "as expected  holds     agrees       agrees  inside"),
    ("locks/abba", "as expected  violated  agrees       agrees  inside"),
    ("locks/poisoned", "as expected  violated  agrees       agrees  inside"),
    ("locks/upgrade", "as expected  violated  agrees       agrees  inside"),
    ("locks/unlock_by_stranger", "as expected  violated  agrees       agrees  inside"),
    ("semaphore/opposite_order", "as expected  violated  agrees       agrees  inside"),
    ("barrier/one_short", "as expected  violated  agrees       agrees  inside"),
    ("channel/nobody_reads", "as expected  violated  agrees       agrees  inside"),
    ("channel/send_after_close", "as expected  violated  agrees       agrees  inside"),
    ("event/clear_after_set", "as expected  violated  agrees       agrees  inside"),
    ("threads/lost_update", "as expected  violated  agrees       agrees  open"),
    ("threads/exception_in_worker", "as expected  violated  agrees       agrees  inside"),
];

/// So many MiB may be added by all checks together.
const GROWTH: u64 = 64;

fn checks() -> usize {
    std::env::var("INTERLEAVER_CHECKS").map_or(36, |text| text.parse().unwrap())
}

/// Memory that a process has in use, in KiB; `None` once it has ended.
fn resident(process: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    Some(line.trim().trim_end_matches(" kB").parse().unwrap())
}

#[test]
#[expect(clippy::print_stderr, reason = "figures for people: `-- --nocapture`")]
fn many_checks_in_one_process_leave_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    let gallery = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    let names: Vec<String> = (0..checks()).map(|number| format!("{number:05}.ilv")).collect();
    for (name, (scenario, _)) in names.iter().zip(SCENARIOS.iter().cycle()) {
        fs::copy(gallery.join(scenario).with_extension("ilv"), folder.path().join(name)).unwrap();
    }

    let mut child = Command::new(env!("CARGO_BIN_EXE_interleaver"));
    child.arg("check").arg(".").current_dir(folder.path()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = child.spawn().unwrap();
    let (mut out, mut err) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
    let process = child.id();
    let readers = std::thread::spawn(move || {
        let (mut said, mut complained) = (String::new(), String::new());
        std::thread::scope(|scope| {
            scope.spawn(|| out.read_to_string(&mut said).unwrap());
            scope.spawn(|| err.read_to_string(&mut complained).unwrap());
        });
        (said, complained)
    });
    let mut sizes = Vec::new();
    while child.try_wait().unwrap().is_none() {
        sizes.extend(resident(process));
        std::thread::sleep(Duration::from_millis(10));
    }
    let (said, complained) = readers.join().unwrap();

    let (first, most) = (sizes.first().unwrap(), sizes.iter().max().unwrap());
    eprintln!("{} checks: {first} KiB at the beginning, {most} KiB at most", names.len());
    assert!(most - first < GROWTH * 1024, "grew from {first} KiB to {most} KiB");

    assert_eq!(complained, "");
    let mut lines = said.lines();
    assert_eq!(lines.next(), Some(""));
    let head: Vec<&str> = lines.next().unwrap().split_whitespace().collect();
    assert_eq!(head, ["file", "judgement", "native", "loom", "shuttle", "threads"]);
    for (name, (scenario, wanted)) in names.iter().zip(SCENARIOS.iter().cycle()) {
        let words: Vec<&str> = lines.next().unwrap().split_whitespace().collect();
        let wanted: Vec<&str> = wanted.split_whitespace().collect();
        assert!(words[0].ends_with(name), "{words:?}");
        assert_eq!(words[1..], wanted, "{scenario}");
    }
    assert_eq!(lines.collect::<Vec<_>>(), ["", &format!("{0} files: {0} as expected", names.len())]);
    assert!(child.wait().unwrap().success());
}
