//! The texts of a scenario, its own and those it imports, and places in them.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A half-open range of bytes in the scenario's texts ([`Sources`]), always on character boundaries.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize)]
pub struct Span {
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// The span from `start` to `end`.
    #[must_use]
    pub fn new(start: u32, end: u32) -> Self {
        Self { start, end }
    }

    /// The smallest span that holds both.
    #[must_use]
    pub fn to(self, other: Span) -> Self {
        Self { start: self.start.min(other.start), end: self.end.max(other.end) }
    }

    /// The range of bytes, for slicing the text.
    ///
    /// # Panics
    /// Never: texts are at most 1 MiB, so offsets fit.
    #[must_use]
    pub fn range(self) -> std::ops::Range<usize> {
        let at = |byte: u32| usize::try_from(byte).expect("texts are at most 1 MiB");
        at(self.start)..at(self.end)
    }
}

/// A scenario's text under the name that reports use for it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Source {
    /// Path as the user gave it, with `/` between folders; never absolute in results.
    pub name: String,
    /// The whole text.
    pub text: String,
}

impl Source {
    /// Line of a span's first byte, counted from 1.
    ///
    /// # Panics
    /// Never: texts are at most 1 MiB, so lines fit.
    #[must_use]
    pub fn line(&self, span: Span) -> u32 {
        let before = &self.text.as_bytes()[..span.range().start.min(self.text.len())];
        let newlines = before.iter().filter(|byte| **byte == b'\n').count();
        u32::try_from(newlines + 1).expect("texts are at most 1 MiB")
    }

    /// The text of a span.
    #[must_use]
    pub fn quote(&self, span: Span) -> &str {
        self.text.get(span.range()).unwrap_or("")
    }
}

/// The texts of a scenario, one behind the other in one space of bytes: its own first, then those it imports. No span
/// reaches from one into the next.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Sources {
    /// All texts, each with a newline behind it, under the scenario's own name.
    whole: Source,
    /// Where each imported text begins, with its name; in ascending order.
    imported: Vec<(u32, String)>,
    /// Length of the scenario's own text.
    own: u32,
}

impl From<Source> for Sources {
    fn from(source: Source) -> Self {
        let own = length(&source.text);
        Self { whole: source, imported: Vec::new(), own }
    }
}

impl Sources {
    /// The name of the scenario's own file.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.whole.name
    }

    /// All texts as one.
    #[must_use]
    pub fn whole(&self) -> &Source {
        &self.whole
    }

    /// The text of the scenario's own file.
    #[must_use]
    pub fn own(&self) -> &str {
        &self.whole.text[Span::new(0, self.own).range()]
    }

    /// Names of the imported files, in the order in which they were first imported.
    pub fn imported(&self) -> impl Iterator<Item = &str> {
        self.imported.iter().map(|(_, name)| name.as_str())
    }

    /// Adds an imported text.
    pub fn add(&mut self, source: &Source) {
        self.whole.text.push('\n');
        self.imported.push((length(&self.whole.text), source.name.clone()));
        self.whole.text.push_str(&source.text);
    }

    /// Line of a span's first byte, in its own file.
    ///
    /// # Panics
    /// Never: texts are at most 1 MiB, so lines fit.
    #[must_use]
    pub fn line(&self, span: Span) -> Line {
        let (name, file) = self.file(span);
        let before = &self.whole.text.as_bytes()[..span.range().start.min(self.whole.text.len())];
        let newlines = before.iter().skip(file.range().start).filter(|byte| **byte == b'\n').count();
        let line = u32::try_from(newlines + 1).expect("texts are at most 1 MiB");
        match name {
            None => Line::Own(line),
            Some(file) => Line::Imported { file: file.to_owned(), line },
        }
    }

    /// The name of the imported file that a span is in, `None` for the scenario's own, and all of that file.
    #[must_use]
    pub fn file(&self, span: Span) -> (Option<&str>, Span) {
        let position = self.imported.partition_point(|(start, _)| *start <= span.start);
        let end = self.imported.get(position).map_or_else(|| length(&self.whole.text), |(start, _)| start - 1);
        match position.checked_sub(1).and_then(|position| self.imported.get(position)) {
            None => (None, Span::new(0, self.own)),
            Some((start, name)) => (Some(name), Span::new(*start, end)),
        }
    }

    /// The text of a span.
    #[must_use]
    pub fn quote(&self, span: Span) -> &str {
        self.whole.quote(span)
    }
}

fn length(text: &str) -> u32 {
    u32::try_from(text.len()).expect("texts are at most 1 MiB")
}

/// A line as people name it, counted from 1. As data it is a number, or an object with a file and a line.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Line {
    /// Of the scenario's own file.
    Own(u32),
    /// Of a file that it imports.
    Imported {
        /// Its name.
        file: String,
        /// The line in that file.
        line: u32,
    },
}

impl Line {
    /// `a.ilv:3`, for the scenario of this path.
    #[must_use]
    pub fn below(&self, path: &str) -> String {
        match self {
            Line::Own(line) => format!("{path}:{line}"),
            Line::Imported { file, line } => format!("{file}:{line}"),
        }
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Line::Own(line) => f.pad(&line.to_string()),
            Line::Imported { file, line } => f.pad(&format!("{line} of {file}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(name: &str, text: &str) -> Source {
        Source { name: name.to_owned(), text: text.to_owned() }
    }

    #[test]
    fn lines_are_counted_in_the_file_that_a_span_is_in() {
        let mut sources = Sources::from(source("a.ilv", "one\ntwo\n"));
        sources.add(&source("b.ilv", "three\nfour"));
        sources.add(&source("c.ilv", "five\n"));
        let line = |word: &str| {
            let at = length(&sources.whole().text[..sources.whole().text.find(word).expect("the word is there")]);
            let span = Span::new(at, at + length(word));
            assert_eq!(sources.quote(span), word);
            let (_, file) = sources.file(span);
            assert!(file.start <= span.start && span.end <= file.end, "{word}");
            sources.line(span).to_string()
        };
        assert_eq!(["one", "two"].map(line), ["1", "2"]);
        assert_eq!(["three", "four", "five"].map(line), ["1 of b.ilv", "2 of b.ilv", "1 of c.ilv"]);
        assert_eq!(sources.own(), "one\ntwo\n");
    }
}
