//! What the parser walks over: the tokens that mean something, each with what its surroundings say.
//!
//! One pass over the tokens drops white space and comments, complains about tokens that are not well formed, and notes
//! for every other token whether it begins its line, how far that line is indented, and which bracket closes it. Recovery
//! rests on these notes: looking at them costs nothing, so broken texts of any shape are read in linear time.

use super::super::diagnostic::{Diagnostic, syntax};
use super::super::lexer::{Token, TokenKind};
use super::{literals, words};
use crate::program::Span;

/// A token that means something.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Lexeme {
    /// What it is.
    pub(super) kind: TokenKind,
    /// Where it is.
    pub(super) span: Span,
    /// Whether nothing but white space stands before it on its line.
    pub(super) starts_line: bool,
    /// How far its line is indented, in bytes.
    pub(super) indent: u32,
    /// For an opening bracket: the position of the bracket that closes it.
    pub(super) partner: Option<usize>,
    /// Whether it begins a declaration at the margin: whatever is still open there was forgotten to be closed.
    pub(super) starts_declaration: bool,
}

/// The result of the pass.
#[derive(Debug)]
pub(super) struct Lexemes {
    /// In order, with one [`TokenKind::End`] behind the last.
    pub(super) all: Vec<Lexeme>,
    /// The `//!` lines before the first declaration, without their markers.
    pub(super) description: Vec<String>,
}

/// Walks over the tokens of `text` once and says what is wrong with those that are not well formed.
pub(super) fn collect(text: &str, tokens: &[Token], diagnostics: &mut Vec<Diagnostic>) -> Lexemes {
    let mut all: Vec<Lexeme> = Vec::new();
    let mut description = Vec::new();
    let (mut line_start, mut indent) = (0, 0);
    let mut starts_line = true;
    for token in tokens {
        let written = &text[token.span.range()];
        complain(*token, written, diagnostics);
        if token.kind == TokenKind::Description && all.is_empty() {
            let line = written.trim_start_matches("//!").trim_end();
            description.push(line.strip_prefix(' ').unwrap_or(line).to_owned());
        }
        if let Some(newline) = written.rfind('\n') {
            line_start = token.span.start + u32::try_from(newline + 1).expect("texts are at most 1 MiB");
            starts_line = true;
        }
        if !token.kind.is_trivia() {
            if starts_line {
                indent = token.span.start - line_start;
            }
            let (partner, starts_declaration) = (None, false);
            let (kind, span) = (token.kind, token.span);
            all.push(Lexeme { kind, span, starts_line, indent, partner, starts_declaration });
            starts_line = false;
        }
    }
    let end = u32::try_from(text.len()).expect("texts are at most 1 MiB");
    let (kind, span, starts_line, indent) = (TokenKind::End, Span::new(end, end), true, 0);
    let (partner, starts_declaration) = (None, false);
    all.push(Lexeme { kind, span, starts_line, indent, partner, starts_declaration });
    match_brackets(text, &mut all);
    Lexemes { all, description }
}

/// Says what is wrong with one token.
fn complain(token: Token, written: &str, diagnostics: &mut Vec<Diagnostic>) {
    match token.kind {
        TokenKind::Stray => diagnostics.push(syntax::stray_characters(token.span, written)),
        TokenKind::OpenText => diagnostics.push(syntax::open_text(token.span)),
        TokenKind::BlockComment => diagnostics.push(syntax::block_comment(token.span)),
        TokenKind::MalformedNumber => diagnostics.push(syntax::malformed_number(token.span, written)),
        TokenKind::Word if !written.is_ascii() => diagnostics.push(syntax::name_not_ascii(token.span, written)),
        TokenKind::Text => diagnostics.extend(literals::text_errors(token.span, written)),
        _ => {}
    }
}

/// Finds the partner of every bracket, and the declarations at the margin.
///
/// A `(` or `[` cannot reach beyond a `;` or the `}` of the block it stands in; a declaration at the margin closes
/// everything. So one forgotten bracket spoils no other one.
fn match_brackets(text: &str, all: &mut [Lexeme]) {
    let mut open: Vec<usize> = Vec::new();
    let mut margin = 0;
    for at in 0..all.len() {
        let kind = all[at].kind;
        if all[at].starts_line && begins_declaration(text, all, at) && (open.is_empty() || all[at].indent <= margin) {
            open.clear();
            margin = all[at].indent;
            all[at].starts_declaration = true;
        }
        match kind {
            TokenKind::LeftBrace | TokenKind::LeftParen | TokenKind::LeftBracket => open.push(at),
            TokenKind::Semicolon => close_until_brace(all, &mut open),
            TokenKind::RightBrace => {
                close_until_brace(all, &mut open);
                pair(all, &mut open, at, TokenKind::LeftBrace);
            }
            TokenKind::RightParen => pair(all, &mut open, at, TokenKind::LeftParen),
            TokenKind::RightBracket => pair(all, &mut open, at, TokenKind::LeftBracket),
            _ => {}
        }
    }
}

fn close_until_brace(all: &[Lexeme], open: &mut Vec<usize>) {
    while open.last().is_some_and(|last| all[*last].kind != TokenKind::LeftBrace) {
        open.pop();
    }
}

fn pair(all: &mut [Lexeme], open: &mut Vec<usize>, close: usize, opening: TokenKind) {
    if let Some(last) = open.pop_if(|last| all[*last].kind == opening) {
        all[last].partner = Some(close);
    }
}

/// Whether the word at this position has the shape of a declaration, wherever it stands.
pub(super) fn begins_declaration(text: &str, all: &[Lexeme], at: usize) -> bool {
    let Lexeme { kind: TokenKind::Word, span, .. } = all[at] else { return false };
    let word = &text[span.range()];
    let next = all.get(at + 1).map_or(TokenKind::End, |next| next.kind);
    words::begins_declaration(word)
        && match next {
            TokenKind::Word => true,
            TokenKind::Text => word == "import",
            TokenKind::Integer => word == "scenario",
            TokenKind::LeftParen | TokenKind::Bang | TokenKind::Minus => {
                matches!(word, "require" | "always" | "finally" | "possible" | "eventually")
            }
            _ => false,
        }
}
