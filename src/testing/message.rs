//! Failure texts: which file, which lines to edit, what was found, and how to accept it. One named function each.

use super::subject::Subject;
use crate::engine::agreement::Contradiction;
use crate::finding::EngineName;
use crate::judgement::{Incomplete, Mismatch};
use crate::program::{Line, Program};
use crate::report;
use std::io;

/// The package has no scenarios.
pub(super) fn nothing_to_test(reason: &str) -> String {
    format!("nothing is tested: {reason}\nAdd a first scenario: a file `scenarios/<topic>/<name>.ilv`.")
}

/// The text of a scenario has errors.
pub(super) fn does_not_compile(subject: &Subject, diagnostics: &str) -> String {
    format!("{} has errors\n\n{}", subject.path(), diagnostics.trim_end())
}

/// The same, in a test that has nothing to add to what another one says.
pub(super) fn does_not_compile_either(subject: &Subject) -> String {
    format!("{} has errors; {}::native shows them", subject.path(), subject.name())
}

/// The native checker's findings and the `expect` lines differ.
pub(super) fn not_as_expected(subject: &Subject, program: &Program, mismatches: &[Mismatch]) -> String {
    let path = subject.path();
    let mut text = format!("{path} is not as expected\n");
    let mut expectations = Vec::new();
    let mut statements = Vec::new();
    for mismatch in mismatches {
        match mismatch {
            Mismatch::Unmet { line, .. } => {
                expectations.push(line.clone());
                text.push_str(&format!("  {}: {mismatch}\n", line.below(path)));
            }
            Mismatch::Unexpected { lines, .. } => {
                statements.extend(lines.iter().cloned());
                let at = lines.first().map_or_else(|| path.to_owned(), |line| line.below(path));
                text.push_str(&format!("  {at}: {mismatch}\n"));
            }
        }
    }
    expectations.extend(expect_lines(program));
    let mend = match lines_text(statements) {
        Some(lines) => format!("mend the program ({lines} of {path})"),
        None => format!("mend the program in {path}"),
    };
    let expect = match lines_text(expectations) {
        Some(lines) => format!("change what it expects ({lines})"),
        None => format!("say so at its top, for example `{}`", suggestion(mismatches)),
    };
    text.push_str(&format!(
        "\n{}\nEither {mend}, or, if this is what it should show, {expect}.\n",
        report(subject, program)
    ));
    text.push_str("What a file expects stands in the file: accepting a snapshot does not change it.");
    text
}

/// A limit cut the native search.
pub(super) fn inconclusive(subject: &Subject, program: &Program, reason: &Incomplete) -> String {
    format!(
        "{} is not as expected: the search is not complete ({})\n\n{}\nA search that a limit cut is never as expected. \
         Make the scenario smaller: fewer threads, fewer rounds, smaller parameters.",
        subject.path(),
        report::incomplete_text(program, reason),
        report(subject, program),
    )
}

/// An engine and the native checker cannot both be right.
pub(super) fn contradiction(
    subject: &Subject,
    program: &Program,
    engine: EngineName,
    contradictions: &[Contradiction],
) -> String {
    let list: String = contradictions.iter().map(|contradiction| format!("  {contradiction}\n")).collect();
    format!(
        "{}: the engines native and {} disagree, one of them is wrong\n{list}\n{}\nNo change of the scenario is \
         needed: this is a fault of Interleaver. Please report it with the file.",
        subject.path(),
        engine.word(),
        report(subject, program),
    )
}

/// An engine crashed.
pub(super) fn engine_failed(subject: &Subject, engine: EngineName, reason: &str) -> String {
    format!(
        "{}: the engine {} failed: {reason}\nThis says nothing about the scenario; it is a fault of Interleaver or of \
         this machine (memory, number of threads).",
        subject.path(),
        engine.word(),
    )
}

/// The report is not the accepted one.
pub(super) fn snapshot_differs(subject: &Subject, difference: &str) -> String {
    format!(
        "{} is not what exploring {} finds now (- accepted, + now)\n\n{difference}\n\n{}",
        snapshot_path(subject),
        subject.path(),
        how_to_accept(subject),
    )
}

/// No report was accepted yet.
pub(super) fn snapshot_missing(subject: &Subject, text: &str) -> String {
    format!(
        "{} does not exist yet; exploring {} finds\n\n{text}\n{}",
        snapshot_path(subject),
        subject.path(),
        how_to_accept(subject),
    )
}

/// The comparison itself went wrong.
pub(super) fn snapshot_failed(subject: &Subject, error: &io::Error) -> String {
    format!("{}: cannot compare it with the report of {}: {error}", snapshot_path(subject), subject.path())
}

/// Snapshots whose scenarios are gone.
pub(super) fn orphans(files: &[String]) -> String {
    format!(
        "these snapshots belong to no scenario, remove them or bring their scenarios back:\n  {}",
        files.join("\n  ")
    )
}

/// Snapshots that wait for review although there is nothing to review.
pub(super) fn pending(files: &[String]) -> String {
    format!("these wait for review and belong to no scenario, remove them:\n  {}", files.join("\n  "))
}

fn how_to_accept(subject: &Subject) -> String {
    let name = subject.name();
    format!(
        "If the new report is right, accept it and commit the snapshot with the scenario, by either of\n  \
         cargo insta review       (asks about each change; comes with `cargo install cargo-insta`)\n  \
         INSTA_UPDATE=always cargo test {name}::snapshot\n\
         (Where CI is set nothing is written: do it on your own machine.)"
    )
}

/// The report of the native checker, indented by nothing: it has columns.
fn report(subject: &Subject, program: &Program) -> String {
    subject.native_report(program)
}

/// `snapshots/condvar/lost_wakeup.snap`
fn snapshot_path(subject: &Subject) -> String {
    format!("snapshots/{}.snap", subject.name())
}

/// The lines of the `expect` declarations in force; none where the file has none.
fn expect_lines(program: &Program) -> impl Iterator<Item = Line> {
    let written = program.expectations.iter().filter(|expectation| !program.source.quote(expectation.span).is_empty());
    written.map(|expectation| program.source.line(expectation.span))
}

/// `line 3`, `lines 3, 7`; `None` for no line.
fn lines_text(mut lines: Vec<Line>) -> Option<String> {
    lines.sort_unstable();
    lines.dedup();
    let words: Vec<String> = lines.iter().map(Line::to_string).collect();
    match words.as_slice() {
        [] => None,
        [line] => Some(format!("line {line}")),
        lines => Some(format!("lines {}", lines.join(", "))),
    }
}

/// `expect` lines that cover what was found.
fn suggestion(mismatches: &[Mismatch]) -> String {
    let mut kinds: Vec<&str> = Vec::new();
    for mismatch in mismatches {
        match mismatch {
            Mismatch::Unexpected { kind, .. } if !kinds.contains(&kind.word()) => kinds.push(kind.word()),
            Mismatch::Unexpected { .. } | Mismatch::Unmet { .. } => {}
        }
    }
    let lines: Vec<String> = kinds.iter().map(|kind| format!("expect {kind};")).collect();
    lines.join(" ")
}
