//! Diagnostics as people read them: the message, the lines of the text it is about, and what to do.
//!
//! It decides nothing but the layout. Whether there are colours is the caller's decision, because only the caller knows
//! where the text goes.

use super::diagnostic::{Diagnostic, Severity};
use crate::program::{Source, Sources, Span};
use annotate_snippets::{AnnotationKind, Element, Group, Level, Origin, Renderer, Snippet, normalize_untrusted_str};
use std::ops::Range;

/// How many errors and warnings are shown; the rest is counted.
const SHOWN: usize = 20;

/// How many characters of a message are shown: a broken text may have words of any length.
const LONGEST: usize = 300;

/// Whether a text may contain escape sequences for colours.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Colour {
    /// Plain text, for files, pipes and tests.
    Plain,
    /// For a terminal.
    Ansi,
}

/// The diagnostics about a text that stands alone, in the given order, at most 20 of them, and a last line that counts
/// the others.
#[must_use]
pub fn render(diagnostics: &[Diagnostic], source: &Source, colour: Colour) -> String {
    render_all(diagnostics, &source.clone().into(), colour)
}

/// The diagnostics about a scenario and what it imports; otherwise like [`render`].
#[must_use]
pub fn render_all(diagnostics: &[Diagnostic], sources: &Sources, colour: Colour) -> String {
    let renderer = match colour {
        Colour::Plain => Renderer::plain(),
        Colour::Ansi => Renderer::styled(),
    };
    let mut text = String::new();
    for diagnostic in diagnostics.iter().take(SHOWN) {
        text.push_str(&renderer.render(&[group(diagnostic, sources)]));
        text.push_str("\n\n");
    }
    if let Some(hidden) = hidden(diagnostics) {
        text.push_str(&hidden);
        text.push('\n');
    } else {
        text.truncate(text.trim_end().len());
        text.push('\n');
    }
    text
}

/// How many were not shown, in words.
fn hidden(diagnostics: &[Diagnostic]) -> Option<String> {
    let hidden = diagnostics.get(SHOWN..).filter(|hidden| !hidden.is_empty())?;
    let errors = hidden.iter().filter(|diagnostic| diagnostic.severity == Severity::Error).count();
    let counted = |count: usize, what: &str| match count {
        0 => None,
        1 => Some(format!("1 more {what}")),
        _ => Some(format!("{count} more {what}s")),
    };
    let parts: Vec<_> =
        [counted(errors, "error"), counted(hidden.len() - errors, "warning")].into_iter().flatten().collect();
    Some(format!("and {}", parts.join(" and ")))
}

fn group<'a>(diagnostic: &'a Diagnostic, sources: &'a Sources) -> Group<'a> {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let title = level.primary_title(shown(&diagnostic.message)).id(diagnostic.code);
    let group = title.elements(places(diagnostic, sources));
    group.elements(diagnostic.help.iter().map(|help| Level::HELP.message(shown(help))))
}

/// The lines that the diagnostic is about, file by file; only the file's name where there is no text.
fn places<'a>(diagnostic: &'a Diagnostic, sources: &'a Sources) -> Vec<Element<'a>> {
    if sources.whole().text.is_empty() {
        return vec![Origin::path(sources.name()).into()];
    }
    let at = std::iter::once((AnnotationKind::Primary, diagnostic.span, &diagnostic.label));
    let related = diagnostic.related.iter().map(|related| (AnnotationKind::Context, related.span, &related.label));
    let all: Vec<_> = at.chain(related).collect();
    let mut files: Vec<Span> = Vec::new();
    for (_, span, _) in &all {
        let (_, file) = sources.file(*span);
        if !files.contains(&file) {
            files.push(file);
        }
    }
    let here = |file: Span| all.iter().filter(move |(_, span, _)| sources.file(*span).1 == file);
    files
        .into_iter()
        .map(|file| {
            let text = &sources.whole().text[file.range()];
            let inside = |span: Span| Span::new(span.start - file.start, span.end - file.start);
            let window = lines(text, here(file).map(|(_, span, _)| inside(*span)));
            let line = 1 + text[..window.start].bytes().filter(|byte| *byte == b'\n').count();
            let at = |span: Span| inside(span).range().start - window.start..inside(span).range().end - window.start;
            Snippet::source(&text[window.clone()])
                .path(sources.file(file).0.unwrap_or(sources.name()))
                .line_start(line)
                .annotations(here(file).map(|(kind, span, text)| kind.span(at(*span)).label(label(text))))
                .into()
        })
        .collect()
}

fn label(text: &str) -> Option<String> {
    if text.is_empty() { None } else { Some(shown(text)) }
}

/// A message without characters that a terminal obeys, and not too long.
fn shown(text: &str) -> String {
    let mut shown: String = text.chars().take(LONGEST).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    normalize_untrusted_str(&shown)
}

/// The lines from the first to the last span: the renderer need not look at the rest.
fn lines(text: &str, spans: impl Iterator<Item = Span> + Clone) -> Range<usize> {
    let first = spans.clone().map(|span| span.range().start).min().unwrap_or(0);
    let last = spans.map(|span| span.range().end).max().unwrap_or(0);
    let start = text[..first].rfind('\n').map_or(0, |newline| newline + 1);
    let end = text[last..].find('\n').map_or(text.len(), |newline| last + newline);
    start..end
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(text: &str) -> Source {
        Source { name: "a.ilv".to_owned(), text: text.to_owned() }
    }

    fn error(start: u32, end: u32) -> Diagnostic {
        Diagnostic::error("E0999", Span::new(start, end), "something is wrong")
    }

    #[test]
    fn all_parts_of_a_diagnostic_are_shown() {
        let source = source("var x = 0;\nvar y = 0;\nvar x = 1;\n");
        let twice = error(26, 27).label("again").related(Span::new(4, 5), "first here").help("rename one");
        insta::assert_snapshot!(render(&[twice], &source, Colour::Plain), @r"
        error[E0999]: something is wrong
         --> a.ilv:3:5
          |
        1 | var x = 0;
          |     - first here
        2 | var y = 0;
        3 | var x = 1;
          |     ^ again
          |
          = help: rename one
        ");
    }

    #[test]
    fn twenty_are_shown_and_the_rest_is_counted() {
        let source = source("var x = 0;\n");
        let mut warning = error(0, 3);
        warning.severity = Severity::Warning;
        let mut many = vec![error(0, 3); 20];
        assert!(!render(&many, &source, Colour::Plain).contains("more"));
        many.push(error(0, 3));
        assert!(render(&many, &source, Colour::Plain).ends_with("\n\nand 1 more error\n"));
        many.extend([error(0, 3), warning]);
        let text = render(&many, &source, Colour::Plain);
        assert!(text.ends_with("\n\nand 2 more errors and 1 more warning\n"), "{text}");
        assert_eq!(text.matches("error[E0999]").count(), 20);
    }

    #[test]
    fn places_at_the_edges_of_a_text_are_shown() {
        let text = "é\nx";
        for (start, end) in [(0, 0), (0, 2), (2, 2), (2, 3), (3, 3), (3, 4), (4, 4), (0, 4)] {
            let shown = render(&[error(start, end)], &source(text), Colour::Plain);
            assert!(shown.starts_with("error[E0999]: something is wrong\n --> a.ilv:"), "{shown}");
        }
        insta::assert_snapshot!(render(&[error(0, 0)], &source(""), Colour::Plain), @"
        error[E0999]: something is wrong
        --> a.ilv
        ");
    }

    #[test]
    fn only_the_caller_wants_colours() {
        let source = source("var x = 0;\n");
        assert!(!render(&[error(0, 3)], &source, Colour::Plain).contains('\u{1b}'));
        assert!(render(&[error(0, 3)], &source, Colour::Ansi).contains('\u{1b}'));
    }

    #[test]
    fn terminals_obey_no_message() {
        let source = source("var x = \u{1b}[31m;\n");
        let shown = render(&[Diagnostic::error("E0999", Span::new(8, 9), "\u{1b}[31m")], &source, Colour::Plain);
        assert!(!shown.contains('\u{1b}'), "{shown}");
    }

    #[test]
    fn long_words_do_not_fill_the_screen() {
        let long = Diagnostic::error("E0999", Span::new(0, 3), "x".repeat(1000));
        assert!(render(&[long], &source("var x = 0;\n"), Colour::Plain).len() < 500);
    }
}
