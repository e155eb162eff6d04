//! What lints cannot say about this house, checked like everything else: who may import whom, which words belong to
//! which rooms, that every file says what it is for, and that the map in the crate's documentation is true.
//!
//! Every rule is a pure function from texts to problems, so that rules are tested on small bad inputs. A problem reads
//! `path:line: error: what, use what instead`. That scenarios and snapshots belong together one to one is not said
//! here: `interleaver::testing` says it to every crate that has scenarios.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod headers;
mod layers;
mod map;
mod source;
mod words;

use source::File;
use std::fmt;
use std::path::Path;

/// Something that is not as this house wants it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
struct Problem {
    path: String,
    line: usize,
    what: String,
    instead: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: error: {}, {}", self.path, self.line, self.what, self.instead)
    }
}

/// Fails with all problems, one line each.
fn expect_none(mut problems: Vec<Problem>) {
    problems.sort();
    let lines: Vec<String> = problems.iter().map(Problem::to_string).collect();
    assert!(lines.is_empty(), "{} problems:\n{}", lines.len(), lines.join("\n"));
}

/// All Rust files of the package.
fn files() -> Vec<File> {
    let files = source::read(Path::new(env!("CARGO_MANIFEST_DIR")), &["src", "tests", "benches", "build.rs"]);
    assert!(files.len() > 20, "only {} files found", files.len());
    files
}

#[test]
fn every_layer_imports_only_what_it_may() {
    expect_none(files().iter().flat_map(layers::check).collect());
}

#[test]
fn every_dependency_has_a_home() {
    let manifest = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml")).unwrap();
    expect_none(layers::check_dependencies(&manifest));
}

#[test]
fn words_stay_in_their_rooms() {
    expect_none(files().iter().flat_map(words::check).collect());
}

#[test]
fn every_file_says_what_it_is_for() {
    expect_none(files().iter().flat_map(headers::check).collect());
}

#[test]
fn the_map_of_the_house_is_true() {
    let lib = files().into_iter().find(|file| file.path == "src/lib.rs").unwrap();
    expect_none(map::check(&lib));
}
