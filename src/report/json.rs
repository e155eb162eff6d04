//! Results as JSON, for other programs: the same values that the texts show, field by field.

use super::Report;
use super::histogram::RunReport;
use super::replay::ReplayReport;
use super::sweep::SweepReport;
use serde::Serialize;
use std::io::{self, Write};

/// Version of the format: raised when a field changes its meaning or goes away.
const VERSION: u32 = 3;

/// What one run of a subcommand prints.
#[derive(Debug, Serialize)]
struct Document<'a, D: Serialize> {
    version: u32,
    #[serde(flatten)]
    body: &'a Body<'a>,
    /// Files that could not be used, with the rendered reason.
    errors: &'a [FileError],
    /// What is wrong, or probably wrong, with texts, place by place.
    diagnostics: &'a [D],
}

/// What a subcommand is for: the field of the document that is called like the variant.
#[derive(Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Body<'a> {
    /// `check`: one per scenario, in the order of the text output.
    Reports(&'a [Report]),
    /// `run`: what free-running threads did; `None` where nothing was run.
    Run(Option<&'a RunReport>),
    /// `replay`: what became of a schedule; `None` where nothing was replayed.
    Replay(Option<&'a ReplayReport>),
    /// `sweep`: all combinations; `None` where nothing was explored.
    Sweep(Option<&'a SweepReport>),
    /// `list`: one per scenario, in the order of the text output.
    Scenarios(&'a [Listed]),
}

/// A scenario in a list.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Listed {
    /// Path as the user gave it.
    pub path: String,
    /// First line of the description.
    pub title: String,
    /// What it expects, in the words of its `expect` lines.
    pub expectations: Vec<String>,
}

/// A file that could not be used.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct FileError {
    /// Path as the user gave it.
    pub path: String,
    /// Why, as the text output prints it.
    pub message: String,
}

/// Prints what a run came to as one document. `diagnostics` are printed as they are: what they look like is the
/// language's business.
///
/// # Errors
/// Those of `out`.
pub fn print<D: Serialize>(
    out: &mut dyn Write,
    body: &Body<'_>,
    errors: &[FileError],
    diagnostics: &[D],
) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, &Document { version: VERSION, body, errors, diagnostics })?;
    writeln!(out)
}
