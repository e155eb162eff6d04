//! Names that are declared and never used.
//!
//! No local may be called like a declaration, so a name is used exactly where its word stands a second time, unless as
//! the name of an operation or of a thread's local (behind a `.`). What an imported file declares may be there for others.

use super::super::Gathered;
use super::super::diagnostic::Diagnostic;
use super::super::lexer::{Token, TokenKind, lex};
use super::super::tree::{Ident, ItemKind};
use super::{uncalled_function, unused_constant, unused_handle, unused_object};
use crate::program::Span;
use std::collections::BTreeMap;

/// What the scenario's own file declares and nobody uses.
pub(super) fn warnings(gathered: &Gathered) -> Vec<Diagnostic> {
    let used = words(&gathered.sources.whole().text);
    let is_unused = |name: &Ident| {
        let here = gathered.sources.file(name.span).0.is_none();
        here && used.get(name.name.as_str()).is_none_or(|count| *count <= 1)
    };
    let mut found = Vec::new();
    for item in &gathered.file.items {
        match &item.kind {
            ItemKind::Object { name, .. } if is_unused(name) => found.push(unused_object(name)),
            ItemKind::Thread { name, timer: Some(_), .. } if is_unused(name) => found.push(unused_object(name)),
            ItemKind::Function { name, .. } if is_unused(name) => found.push(uncalled_function(name)),
            ItemKind::Param { name, .. } | ItemKind::Const { name, .. } if is_unused(name) => {
                found.push(unused_constant(name));
            }
            ItemKind::Object { .. }
            | ItemKind::Function { .. }
            | ItemKind::Param { .. }
            | ItemKind::Const { .. }
            | ItemKind::Version { .. }
            | ItemKind::Import { .. }
            | ItemKind::Require { .. }
            | ItemKind::Memory { .. }
            | ItemKind::Preference { .. }
            | ItemKind::SpuriousWakeUps
            | ItemKind::Liveness { .. }
            | ItemKind::Expect { .. }
            | ItemKind::Observe { .. }
            | ItemKind::Property { .. }
            | ItemKind::Thread { .. }
            | ItemKind::Error { .. } => {}
        }
    }
    found
}

/// Handles of started threads whose name stands nowhere else in their thread or function: `let h = spawn f();`.
pub(super) fn handles(gathered: &Gathered) -> Vec<Diagnostic> {
    let text = &gathered.sources.whole().text;
    let mut found = Vec::new();
    for item in &gathered.file.items {
        let has_body = matches!(item.kind, ItemKind::Thread { .. } | ItemKind::Function { .. });
        if !has_body || gathered.sources.file(item.span).0.is_some() {
            continue;
        }
        let body = &text[item.span.range()];
        let used = words(body);
        let tokens: Vec<Token> = lex(body).into_iter().filter(|token| !token.kind.is_trivia()).collect();
        let word = |token: &Token| &body[token.span.range()];
        for five in tokens.windows(5) {
            let [first, name, _, started, function] = five else { continue };
            let starts = word(first) == "let" && word(started) == "spawn" && function.kind == TokenKind::Word;
            if starts && used.get(word(name)).is_none_or(|count| *count <= 1) {
                let at = Span::new(item.span.start + name.span.start, item.span.start + name.span.end);
                found.push(unused_handle(at, word(name)));
            }
        }
    }
    found
}

/// How often each word stands in a text, except behind a `.`.
fn words(text: &str) -> BTreeMap<&str, usize> {
    let mut words = BTreeMap::new();
    let mut before = TokenKind::WhiteSpace;
    for token in lex(text) {
        if token.kind == TokenKind::Word && before != TokenKind::Dot {
            *words.entry(&text[token.span.range()]).or_default() += 1;
        }
        if !token.kind.is_trivia() {
            before = token.kind;
        }
    }
    words
}
