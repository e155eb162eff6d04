//! One file: from its bytes to a program or to what is wrong with it.

use super::files::ScenarioFile;

use crate::language::diagnostic::Diagnostic;
use crate::language::{self, Colour, Compiled, Override};
use crate::program::{Program, Source};
use std::fs::File;
use std::io::Read;

/// More than the language allows: the rest of a huge file is not even read.
const READ_AT_MOST: u64 = 2 << 20;

/// A program, and the warnings about its text as they are printed.
#[derive(Debug)]
pub(super) struct Loaded {
    pub(super) program: Program,
    /// Rendered; empty if there are none.
    pub(super) warnings: String,
}

/// Reads and compiles a file.
///
/// # Errors
/// What is wrong with it, rendered.
pub(super) fn load(file: &ScenarioFile, set: &[Override], colour: Colour) -> Result<Loaded, String> {
    let mut bytes = Vec::new();
    File::open(&file.path)
        .and_then(|open| open.take(READ_AT_MOST).read_to_end(&mut bytes))
        .map_err(|error| format!("error: cannot read `{}`: {error}", file.name))?;
    let unread = Source { name: file.name.clone(), text: String::new() };
    let render = |diagnostics: &[Diagnostic], source: &Source| language::render(diagnostics, source, colour);
    let source = language::read(&file.name, bytes).map_err(|errors| render(&errors, &unread))?;
    match language::compile(&source, set) {
        Ok(Compiled { program, warnings }) => {
            let warnings = if warnings.is_empty() { String::new() } else { render(&warnings, &source) };
            Ok(Loaded { program, warnings })
        }
        Err(errors) => Err(render(&errors, &source)),
    }
}
