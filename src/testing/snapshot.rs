//! Snapshots, compared and written by insta in a child process of this test binary.
//!
//! insta takes its settings from the environment and prints to standard output as it goes. In a process of its own it
//! gets the settings it needs for files of any package, and what it prints becomes part of one failure text instead of
//! being scattered among the lines of other tests. All its variables (`INSTA_UPDATE`, `INSTA_FORCE_PASS` of
//! `cargo insta test`, `CI`, …) work as documented: where `CI` is set, nothing is written.

use std::ffi::OsStr;
use std::io::{self, Read, Write};
use std::panic;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

/// The hidden first argument that turns a test binary into a comparer of snapshots.
const SUBCOMMAND: &str = "__snapshot";
/// What the child returns where the texts differ; everything else but 0 is a failure of the comparison itself.
const DIFFERENT: u8 = 1;

/// What a comparison came to.
pub(super) enum Compared {
    /// The text is the accepted one, or has been accepted now, as the environment asks.
    Same,
    /// It is not.
    Different {
        /// Line by line.
        difference: String,
    },
    /// Nothing was accepted so far.
    Missing {
        /// What would be.
        text: String,
    },
}

/// Compares a text with the snapshot at `file`, and writes what the environment asks for.
///
/// # Errors
/// The comparison itself failed; nothing is known.
pub(super) fn compare(file: &Path, text: &str) -> io::Result<Compared> {
    let missing = !file.exists();
    let mut child = Command::new(std::env::current_exe()?)
        .arg(SUBCOMMAND)
        .arg(std::path::absolute(file)?)
        // Headers name our source relative to this; the same in whatever package the snapshot is.
        .env("INSTA_WORKSPACE_ROOT", env!("CARGO_MANIFEST_DIR"))
        .env("INSTA_OUTPUT", "diff")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    if let Some(mut input) = child.stdin.take() {
        input.write_all(text.as_bytes())?;
    }
    let output = child.wait_with_output()?;
    match output.status.code() {
        Some(0) => Ok(Compared::Same),
        Some(code) if code == i32::from(DIFFERENT) && missing => Ok(Compared::Missing { text: text.to_owned() }),
        Some(code) if code == i32::from(DIFFERENT) => {
            Ok(Compared::Different { difference: changed_lines(&String::from_utf8_lossy(&output.stdout)) })
        }
        _ => Err(io::Error::other(String::from_utf8_lossy(&output.stderr).trim().to_owned())),
    }
}

/// Becomes the child if the arguments say so.
pub(super) fn serve_if_asked() -> Option<ExitCode> {
    let mut arguments = std::env::args_os().skip(1);
    if arguments.next().as_deref() != Some(OsStr::new(SUBCOMMAND)) {
        return None;
    }
    let file = PathBuf::from(arguments.next().unwrap_or_default());
    let mut text = String::new();
    if io::stdin().read_to_string(&mut text).is_err() {
        return Some(ExitCode::from(2));
    }
    Some(assert(&file, &text))
}

/// Lets insta compare the text with the file.
fn assert(file: &Path, text: &str) -> ExitCode {
    let (Some(folder), Some(name)) = (file.parent(), file.file_stem().and_then(OsStr::to_str)) else {
        return ExitCode::from(2);
    };
    // insta reports a difference by a panic, whose message says nothing more.
    panic::set_hook(Box::new(|_| {}));
    let same = panic::catch_unwind(|| {
        let mut settings = insta::Settings::new();
        settings.set_snapshot_path(folder);
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        settings.bind(|| insta::assert_snapshot!(name, text));
    });
    if same.is_ok() { ExitCode::SUCCESS } else { ExitCode::from(DIFFERENT) }
}

/// The table of changed lines from what insta printed; everything, if there is no such table.
fn changed_lines(printed: &str) -> String {
    let is_rule = |line: &&str| line.starts_with('─') && (line.contains('┬') || line.contains('┴'));
    let rules: Vec<usize> = printed.lines().enumerate().filter(|(_, line)| is_rule(line)).map(|(at, _)| at).collect();
    let lines = match rules.as_slice() {
        [first, .., last] => printed.lines().skip(first + 1).take(last - first - 1).collect::<Vec<_>>(),
        _ => printed.lines().collect(),
    };
    lines.join("\n")
}
