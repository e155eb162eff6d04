//! Diagnostics for other programs: every place with its file, bytes, line and column. The format is described in
//! `docs/json.md`; fields may be added, and none goes away or changes its meaning.

use super::{Diagnostic, Severity};
use crate::program::{Sources, Span};
use serde::Serialize;

/// A diagnostic whose places can be found without the texts at hand.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Located {
    code: &'static str,
    severity: Severity,
    message: String,
    file: String,
    span: Place,
    label: String,
    related: Vec<LocatedLabel>,
    help: Vec<String>,
}

/// Another place that belongs to it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct LocatedLabel {
    file: String,
    span: Place,
    label: String,
}

/// A range of a file: in bytes from 0, half open, and in lines and columns from 1; columns are counted in characters.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub struct Place {
    start: usize,
    end: usize,
    line: usize,
    column: usize,
    end_line: usize,
    end_column: usize,
}

impl Located {
    /// A diagnostic about these texts.
    #[must_use]
    pub fn new(diagnostic: &Diagnostic, sources: &Sources) -> Self {
        let (file, span) = place(sources, diagnostic.span);
        let related = diagnostic.related.iter().map(|related| {
            let (file, span) = place(sources, related.span);
            LocatedLabel { file, span, label: related.label.clone() }
        });
        Self {
            code: diagnostic.code,
            severity: diagnostic.severity,
            message: diagnostic.message.clone(),
            file,
            span,
            label: diagnostic.label.clone(),
            related: related.collect(),
            help: diagnostic.help.clone(),
        }
    }
}

/// The file of a span, and where it is there.
fn place(sources: &Sources, span: Span) -> (String, Place) {
    let (name, file) = sources.file(span);
    let text = sources.quote(file);
    let offset = |at: u32| usize::try_from(at - file.start).unwrap_or(text.len()).min(text.len());
    let (start, end) = (offset(span.start), offset(span.end));
    let (line, column) = position(text, start);
    let (end_line, end_column) = position(text, end);
    let name = name.unwrap_or_else(|| sources.name()).to_owned();
    (name, Place { start, end, line, column, end_line, end_column })
}

/// Line and column of a byte.
fn position(text: &str, at: usize) -> (usize, usize) {
    let before = &text[..at];
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    (line, column)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::program::Source;

    #[test]
    fn places_are_those_of_the_file_they_are_in() {
        let source = |name: &str, text: &str| Source { name: name.to_owned(), text: text.to_owned() };
        let mut sources = Sources::from(source("a.ilv", "é = 1;\nx\n"));
        sources.add(&source("b.ilv", "one\ntwo"));
        let all = &sources.whole().text;
        let at = u32::try_from(all.find("two").expect("it is there")).expect("it is short");
        let first = Place { start: 3, end: 4, line: 1, column: 3, end_line: 1, end_column: 4 };
        assert_eq!(place(&sources, Span::new(3, 4)), ("a.ilv".to_owned(), first));
        let imported = Place { start: 4, end: 7, line: 2, column: 1, end_line: 2, end_column: 4 };
        assert_eq!(place(&sources, Span::new(at, at + 3)), ("b.ilv".to_owned(), imported));
    }
}
