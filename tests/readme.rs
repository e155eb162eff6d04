//! The README is executed: what it shows is what happens.
//!
//! Scenarios in it are files of the gallery, outputs are those of the command, lines for other crates are those of this
//! one, and its Rust is compiled by the doc test in `lib.rs`. `UPDATE_README=1 cargo test --test readme` fills in texts
//! and outputs; what stands around them is written by hand.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::Path;
use std::process::Command;

/// What the README calls the command, and this test runs as the built executable.
const COMMAND: &str = "cargo run --release -- ";

/// A part of the README.
#[derive(Clone, PartialEq, Eq, Debug)]
enum Part {
    Prose(String),
    /// A block in fences.
    Block {
        language: String,
        body: String,
    },
}

fn package() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(inside: &str) -> String {
    fs::read_to_string(package().join(inside)).unwrap()
}

fn parts(text: &str) -> Vec<Part> {
    let mut parts = vec![Part::Prose(String::new())];
    for line in text.split_inclusive('\n') {
        let fence = line.trim_end().strip_prefix("```");
        match (parts.last_mut().unwrap(), fence) {
            (Part::Prose(prose), None) => prose.push_str(line),
            (Part::Prose(_), Some(language)) => {
                parts.push(Part::Block { language: language.to_owned(), body: String::new() });
            }
            (Part::Block { .. }, Some(_)) => parts.push(Part::Prose(String::new())),
            (Part::Block { body, .. }, None) => body.push_str(line),
        }
    }
    parts
}

fn print(parts: &[Part]) -> String {
    let text = parts.iter().map(|part| match part {
        Part::Prose(prose) => prose.clone(),
        Part::Block { language, body } => format!("```{language}\n{body}```\n"),
    });
    text.collect()
}

/// The blocks of a language.
fn blocks(parts: &[Part], wanted: &str) -> Vec<String> {
    let bodies = parts.iter().filter_map(|part| match part {
        Part::Block { language, body } if language == wanted => Some(body.clone()),
        Part::Block { .. } | Part::Prose(_) => None,
    });
    bodies.collect()
}

/// The README as it should be: the same, with the texts of files and the outputs of commands as they are.
fn filled(parts: &[Part]) -> Vec<Part> {
    let mut before = String::new();
    let filled = parts.iter().map(|part| match part {
        Part::Prose(prose) => {
            before.clone_from(prose);
            part.clone()
        }
        Part::Block { language, body } => {
            let body = match language.as_str() {
                "ilv" => scenario(&before),
                "console" => console(body),
                _ => body.clone(),
            };
            Part::Block { language: language.clone(), body }
        }
    });
    filled.collect()
}

/// The scenario whose path ends the text before it.
fn scenario(before: &str) -> String {
    let last = before.trim_end().lines().next_back().unwrap();
    read(last.trim_matches('`'))
}

/// The commands of a block, each with what it prints, as far as the block shows that.
fn console(body: &str) -> String {
    let mut lines = body.lines().peekable();
    let mut filled = String::new();
    while let Some(line) = lines.next() {
        let command = line.strip_prefix("$ ").unwrap_or_else(|| panic!("`{line}` belongs to no command"));
        filled.push_str(&format!("{line}\n"));
        let mut shown = false;
        while lines.next_if(|line| !line.starts_with("$ ")).is_some() {
            shown = true;
        }
        // A block that is about one file shows what is found in it.
        if shown {
            filled.push_str(&output(command));
        }
    }
    filled
}

fn output(command: &str) -> String {
    let arguments = command.strip_prefix(COMMAND).unwrap_or_else(|| panic!("`{command}` cannot be shown with output"));
    let output = Command::new(env!("CARGO_BIN_EXE_interleaver"))
        .args(arguments.split(' '))
        .current_dir(package())
        .output()
        .unwrap();
    assert!(output.status.success(), "`{command}`: {output:?}");
    // A terminal shows both: warnings about the text first.
    let warnings = String::from_utf8(output.stderr).unwrap();
    assert!(warnings.is_empty() || warnings.starts_with("warning["), "`{command}`: {warnings}");
    warnings + &String::from_utf8(output.stdout).unwrap()
}

#[test]
fn texts_and_outputs_are_those_of_today() {
    let readme = read("README.md");
    let wanted = print(&filled(&parts(&readme)));
    if std::env::var_os("UPDATE_README").is_some() {
        fs::write(package().join("README.md"), &wanted).unwrap();
    } else {
        assert!(readme == wanted, "README.md should read (UPDATE_README=1 cargo test --test readme):\n\n{wanted}");
    }
    assert_eq!(blocks(&parts(&wanted), "ilv").len(), 1);
    assert!(wanted.contains("\nschedule  v1 "), "no counterexample is shown");
}

#[test]
fn the_two_commands_come_first_and_are_those_of_ci() {
    let first = blocks(&parts(&read("README.md")), "console").remove(0);
    let ci = read(".ci/run");
    let commands: Vec<&str> = first.lines().filter_map(|line| line.strip_prefix("$ ")).collect();
    assert_eq!(commands, ["cargo run --release -- check", "cargo test"]);
    for command in commands {
        assert!(ci.lines().any(|line| line == format!("step {command}")), ".ci/run does not run `{command}`");
    }
}

#[test]
fn every_command_is_one_that_is_tested() {
    for line in blocks(&parts(&read("README.md")), "console").concat().lines() {
        let Some(command) = line.strip_prefix("$ ") else { continue };
        let known = match command.split_once("cargo test ") {
            // What follows is a filter: it must choose a scenario.
            Some((_, filter)) => {
                package().join(format!("scenarios/{}.ilv", filter.trim_end_matches("::snapshot"))).exists()
            }
            None => command.starts_with(COMMAND) || command == "cargo test" || command == "cargo insta review",
        };
        assert!(known, "nothing sees to it that `{command}` works");
    }
}

#[test]
fn the_lines_for_other_crates_are_those_of_this_one() {
    let parts = parts(&read("README.md"));
    let harness = read("tests/scenarios.rs");
    assert_eq!(blocks(&parts, "rust,no_run"), [harness.split_once("\n\n").unwrap().1]);
    let manifest = read("Cargo.toml");
    let toml = blocks(&parts, "toml").concat();
    assert!(toml.contains("\ninterleaver = { path = "), "{toml}");
    let target = toml.split_once("[[test]]").unwrap().1;
    assert!(manifest.contains(&format!("[[test]]{target}")), "{toml}");
}

#[test]
fn parts_are_printed_as_they_were_read() {
    let text = "a\n```x\nb\n```\n\nc\n";
    assert_eq!(print(&parts(text)), text);
    let block = Part::Block { language: "x".to_owned(), body: "b\n".to_owned() };
    assert_eq!(parts(text), [Part::Prose("a\n".to_owned()), block, Part::Prose("\nc\n".to_owned())]);
    assert_eq!(console("$ cargo test\n$ cargo insta review\n"), "$ cargo test\n$ cargo insta review\n");
}
