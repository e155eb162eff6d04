//! Errors and warnings about a text: what is wrong, where, why, and what to do.
//!
//! Every diagnostic is built by a named function, so that a message can be found by searching for it. Rendering is in
//! `render`; nothing here prints.

mod located;
pub(super) mod syntax;

pub use located::{Located, LocatedLabel, Place};

use crate::program::Span;
use serde::Serialize;

/// One message about one scenario's text.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Diagnostic {
    /// `E0203`, `W0101`: stable, documented in the reference.
    pub code: &'static str,
    /// Whether the text can be used.
    pub severity: Severity,
    /// One sentence fragment, lower case, without a final stop.
    pub message: String,
    /// The span a person would edit.
    pub span: Span,
    /// What stands under that span; may be empty.
    pub label: String,
    /// Other places that explain it: the declaration it conflicts with, the brace that was opened.
    pub related: Vec<Related>,
    /// What to do, one line each.
    pub help: Vec<String>,
}

/// How bad it is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// The text has no meaning.
    Error,
    /// Legal, and probably wrong.
    Warning,
}

/// Another place that belongs to a diagnostic.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Related {
    /// Where.
    pub span: Span,
    /// What is there.
    pub label: String,
}

impl Diagnostic {
    /// An error with this code and message at this span.
    #[must_use]
    pub fn error(code: &'static str, span: Span, message: impl Into<String>) -> Self {
        Self {
            code,
            severity: Severity::Error,
            message: message.into(),
            span,
            label: String::new(),
            related: Vec::new(),
            help: Vec::new(),
        }
    }

    /// A warning with this code and message at this span.
    #[must_use]
    pub fn warning(code: &'static str, span: Span, message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(code, span, message) }
    }

    /// Adds the text under the span.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    /// Adds another place.
    #[must_use]
    pub fn related(mut self, span: Span, label: impl Into<String>) -> Self {
        self.related.push(Related { span, label: label.into() });
        self
    }

    /// Adds a line that says what to do.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help.push(help.into());
        self
    }
}

/// E0901: a construct of the language that this release does not have. `what` is the construct in words of the language.
#[must_use]
pub fn unsupported(span: Span, what: &str) -> Diagnostic {
    Diagnostic::error("E0901", span, format!("`{what}` is not supported yet"))
}
