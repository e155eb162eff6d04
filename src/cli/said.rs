//! What is said about files: to people at once, to other programs in the document at the end.

use super::{Done, Exit, Terminal};
use crate::language::Colour;
use crate::language::diagnostic::{Diagnostic, Located};
use crate::program::Sources;
use crate::report::json::{self, Body, FileError};
use crate::scenario::{Loaded, Unusable};
use clap::ValueEnum;
use std::collections::BTreeSet;
use std::io::Write;

/// For whom results are printed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(super) enum Format {
    /// For people
    Text,
    /// One JSON document for other programs
    Json,
}

/// Errors and warnings of one run of a subcommand.
pub(super) struct Said<'a> {
    terminal: &'a Terminal,
    format: Format,
    errors: Vec<FileError>,
    /// What is wrong with texts, each once.
    diagnostics: Vec<Located>,
    /// What people have read. Most of what is wrong with a text is wrong under every combination of its parameters: it is
    /// said once.
    printed: BTreeSet<String>,
}

impl<'a> Said<'a> {
    pub(super) fn new(terminal: &'a Terminal, format: Format) -> Self {
        Self { terminal, format, errors: Vec::new(), diagnostics: Vec::new(), printed: BTreeSet::new() }
    }

    /// How many files, or combinations of their parameters, could not be used.
    pub(super) fn errors(&self) -> usize {
        self.errors.len()
    }

    /// A file cannot be used.
    pub(super) fn unusable(&mut self, path: &str, unusable: &Unusable) {
        if let Unusable::Wrong { sources, diagnostics } = unusable {
            self.note(diagnostics, sources);
        }
        self.print(unusable.render(self.terminal.diagnostics()));
        self.errors.push(FileError { path: path.to_owned(), message: unusable.render(Colour::Plain) });
    }

    /// What is asked of a file cannot be done, for a reason in words.
    pub(super) fn error(&mut self, path: &str, reason: &str) {
        let message = format!("error: {reason}");
        self.print(message.clone());
        self.errors.push(FileError { path: path.to_owned(), message });
    }

    /// What is probably wrong with a file.
    pub(super) fn warnings(&mut self, loaded: &Loaded) {
        self.note(&loaded.warnings, &loaded.program.source);
        self.print(loaded.rendered_warnings(self.terminal.diagnostics()));
    }

    fn note(&mut self, diagnostics: &[Diagnostic], sources: &Sources) {
        for located in diagnostics.iter().map(|diagnostic| Located::new(diagnostic, sources)) {
            if !self.diagnostics.contains(&located) {
                self.diagnostics.push(located);
            }
        }
    }

    fn print(&mut self, message: String) {
        if self.format == Format::Text && !message.is_empty() && !self.printed.contains(&message) {
            self.terminal.say(&message);
            self.printed.insert(message);
        }
    }

    /// Prints the document for other programs: `body` and everything that was said.
    pub(super) fn document(&self, body: &Body<'_>, exit: Exit) -> Done {
        let mut out = self.terminal.out();
        json::print(&mut out, body, &self.errors, &self.diagnostics)?;
        out.flush()?;
        Ok(exit)
    }

    /// Ends a run about which people have read everything; other programs get the document.
    pub(super) fn end(&self, body: &Body<'_>, exit: Exit) -> Done {
        match self.format {
            Format::Json => self.document(body, exit),
            Format::Text => Ok(exit),
        }
    }
}
