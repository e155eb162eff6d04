//! From text to [`Program`], or to diagnostics.
//!
//! The stages, in reading order: `gather` (a file with those it imports), `lexer` (lossless tokens), `parser` (recursive
//! descent with recovery) into `tree`, `check` (names, types, constants) into `checked`, `lower` (instructions). Beside
//! them `format`, from a text to the same text in the common layout. It knows nothing of execution.

mod check;
mod checked;
pub mod diagnostic;
mod format;
mod gather;
pub mod lexer;
mod lower;
mod parser;
mod read;
pub mod reference;
mod render;
pub mod suggest;
mod sweep;
pub mod tree;
mod types;
mod warn;

pub use check::operations;
pub use format::format;
pub use gather::{Gathered, Loader, gather};
pub use parser::{MAX_BYTES, MAX_NESTING, MAX_OPERATORS, MAX_POSTFIXES, keywords, object_words, parse};
pub use read::read;
pub use render::{Colour, render, render_all};
pub use sweep::{MAX_COMBINATIONS, NoSweep, Sweep, sweep};

use crate::program::{Program, Source, Value};
use diagnostic::{Diagnostic, Severity};

/// A scenario that can be run.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Compiled {
    /// What engines run.
    pub program: Program,
    /// What is legal and probably wrong, in order of the text.
    pub warnings: Vec<Diagnostic>,
}

/// A value for a parameter that replaces its default (`--set N=3`).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Override {
    /// Name of the parameter.
    pub name: String,
    /// Its value.
    pub value: Value,
}

/// Compiles a scenario with these values for its parameters; of several values for one parameter the last counts.
///
/// # Errors
/// Everything that is wrong with the text or with the overrides, in order of the text; at least one is an error.
pub fn compile(source: &Source, overrides: &[Override]) -> Result<Compiled, Vec<Diagnostic>> {
    compile_gathered(&gather(source, &mut gather::nowhere), overrides)
}

/// Compiles a scenario with everything that it imports; otherwise like [`compile`].
///
/// # Errors
/// Everything that is wrong with the texts or with the overrides; render it with the sources that were gathered.
pub fn compile_gathered(gathered: &Gathered, overrides: &[Override]) -> Result<Compiled, Vec<Diagnostic>> {
    let Gathered { sources, file, found } = gathered;
    let mut found = found.clone();
    let checked = check::check(sources, file, &found, overrides);
    let is_broken = found.iter().any(|diagnostic| diagnostic.severity == Severity::Error);
    match checked {
        Ok(checked) if !is_broken => {
            let program = lower::lower(checked, sources)?;
            found.extend(warn::warnings(gathered, &program));
            Ok(Compiled { program, warnings: found })
        }
        Ok(_) => Err(found),
        Err(errors) => {
            found.extend(errors);
            found.sort_by_key(|diagnostic| diagnostic.span);
            Err(found)
        }
    }
}
