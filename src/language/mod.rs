//! From text to [`Program`](crate::program::Program), or to diagnostics.
//!
//! The stages, in reading order: `lexer` (lossless tokens), `parser` (recursive descent with recovery) into `tree`,
//! `check` (names, types, constants), `lower` (instructions). It knows nothing of execution.

mod check;
mod checked;
pub mod diagnostic;
pub mod lexer;
mod parser;
mod read;
mod render;
pub mod suggest;
pub mod tree;
mod types;

pub use parser::{MAX_BYTES, MAX_NESTING, MAX_OPERATORS, MAX_POSTFIXES, parse};
pub use read::read;
pub use render::{Colour, render};

/// A value for a parameter that replaces its default (`--set N=3`).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Override {
    /// Name of the parameter.
    pub name: String,
    /// Its value.
    pub value: crate::program::Value,
}
