//! Reports as JSON, for other programs: the same value that the text shows, field by field.

use super::Report;
use serde::Serialize;
use std::io::{self, Write};

/// Version of the format: raised when a field changes its meaning or goes away.
const VERSION: u32 = 1;

/// What one run of `check` prints.
#[derive(Debug, Serialize)]
pub struct Document<'a, D: Serialize> {
    version: u32,
    /// One per scenario, in the order of the text output.
    reports: &'a [Report],
    /// Files that could not be used, with the rendered reason.
    errors: &'a [FileError],
    /// What is wrong, or probably wrong, with texts, place by place.
    diagnostics: &'a [D],
}

/// A file that could not be used.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct FileError {
    /// Path as the user gave it.
    pub path: String,
    /// Why, as the text output prints it.
    pub message: String,
}

/// Prints all reports of a run as one document. `diagnostics` are printed as they are: what they look like is the
/// language's business.
///
/// # Errors
/// Those of `out`.
pub fn print<D: Serialize>(
    out: &mut dyn Write,
    reports: &[Report],
    errors: &[FileError],
    diagnostics: &[D],
) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, &Document { version: VERSION, reports, errors, diagnostics })?;
    writeln!(out)
}
