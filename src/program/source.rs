//! The text of a scenario and places in it.

use serde::{Deserialize, Serialize};

/// A half-open range of bytes in the scenario's text, always on character boundaries.
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
