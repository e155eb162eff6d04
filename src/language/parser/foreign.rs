//! What the language does not have, and what people write all the same: habits from Rust and others, and what this
//! release refuses by name.
//!
//! A habit is reported, passed over, and parsing goes on as if it had not been written.

use super::super::diagnostic::{syntax, unsupported};
use super::super::lexer::TokenKind;
use super::super::tree::{Expr, ExprKind};
use super::recovery::Place;
use super::{Parsed, Parser, Reported};
use crate::program::Span;

impl Parser<'_> {
    /// `&x`, `&mut x`, `*x`
    pub(super) fn reject_references(&mut self) {
        while let TokenKind::And | TokenKind::AndAnd | TokenKind::Star = self.kind() {
            let start = self.at;
            let first = self.next().span;
            let mutable = self.nth_word(1) == Some("mut") && self.nth(2).kind == TokenKind::Word;
            let span = if mutable { first.to(self.nth(1).span) } else { first };
            self.complain(Place::Lexeme, syntax::no_references(span));
            self.at = start + if mutable { 2 } else { 1 };
        }
    }

    /// `let mut x`
    pub(super) fn reject_mut(&mut self) {
        if self.is_word("mut") && self.nth(1).kind == TokenKind::Word {
            self.complain(Place::Lexeme, syntax::no_mut(self.next().span));
            self.bump();
        }
    }

    /// `: i64`, `-> i64`
    pub(super) fn reject_type(&mut self) {
        if !matches!(self.kind(), TokenKind::Colon | TokenKind::Arrow) {
            return;
        }
        let start = self.at;
        let mut end = self.at + 1;
        let ends_type = |kind| {
            matches!(
                kind,
                TokenKind::Assign
                    | TokenKind::Comma
                    | TokenKind::RightParen
                    | TokenKind::Semicolon
                    | TokenKind::LeftBrace
                    | TokenKind::RightBrace
                    | TokenKind::End
            )
        };
        while !ends_type(self.lexemes[end].kind) && !self.lexemes[end].starts_line {
            end = self.lexemes[end].partner.unwrap_or(end) + 1;
        }
        let span = self.lexemes[start].span.to(self.lexemes[end - 1].span);
        self.complain(Place::Lexeme, syntax::no_types(span));
        self.at = end;
    }

    /// `c.recv()?`
    pub(super) fn reject_question_mark(&mut self) {
        self.complain(Place::Lexeme, syntax::no_question_mark(self.next().span));
        self.bump();
    }

    /// Whether a word stands here in the shape of `name!(…)`; with a blank between, `assert !(…)` is a negation.
    pub(super) fn is_macro_call(&self) -> bool {
        let [word, bang, bracket] = [self.next(), self.nth(1), self.nth(2)];
        word.kind == TokenKind::Word
            && bang.kind == TokenKind::Bang
            && word.span.end == bang.span.start
            && matches!(bracket.kind, TokenKind::LeftParen | TokenKind::LeftBracket)
            && bang.span.end == bracket.span.start
    }

    /// `println!("…")`
    pub(super) fn reject_macro(&mut self, name: Span) -> Reported {
        let span = name.to(self.nth(1).span);
        self.complain(Place::Lexeme, syntax::no_macros(span, self.quote(name)))
    }

    /// `Ordering::SeqCst`
    pub(super) fn reject_path(&mut self) -> Expr {
        let start = self.at;
        while self.nth(1).kind == TokenKind::ColonColon && self.nth(2).kind == TokenKind::Word {
            self.at += 2;
        }
        let last = self.written(self.next());
        let name = match last {
            "SeqCst" => "seq_cst",
            "AcqRel" => "acq_rel",
            "Acquire" => "acquire",
            "Release" => "release",
            "Relaxed" => "relaxed",
            other => other,
        };
        let span = self.lexemes[start].span.to(self.next().span);
        self.complain(Place::Lexeme, syntax::no_paths(span, name));
        self.bump();
        // A `::` without a word behind it belongs to the same mistake.
        self.eat(TokenKind::ColonColon);
        Expr { kind: ExprKind::Name(name.to_owned()), span }
    }

    /// An expression should begin here.
    pub(super) fn expected_expression(&mut self) -> Reported {
        // `x++;` and `x--;` have been read as `x + (+ …` and `x - (- …`.
        if let Some(operator) = self.increment() {
            let diagnostic = syntax::no_increment(operator, self.quote(operator));
            return self.complain(Place::Lexeme, diagnostic);
        }
        self.expected("an expression")
    }

    /// The `++` or `--` around this place.
    fn increment(&self) -> Option<Span> {
        let adjacent = |first: usize, kind: TokenKind| {
            let [a, b] = [self.lexemes.get(first)?, self.lexemes.get(first + 1)?];
            (a.kind == kind && b.kind == kind && a.span.end == b.span.start).then(|| a.span.to(b.span))
        };
        let plus = self.at.checked_sub(1).and_then(|first| adjacent(first, TokenKind::Plus));
        plus.or_else(|| self.at.checked_sub(2).and_then(|first| adjacent(first, TokenKind::Minus)))
    }

    /// Values that this release refuses: `spawn_task g(1)`, `timeout(5ms, …)`.
    pub(super) fn reject_unsupported_value(&mut self, word: &str) -> Parsed<()> {
        let next = self.nth(1);
        let refused = match word {
            "spawn_task" => next.kind == TokenKind::Word && !next.starts_line && !self.follows_name(),
            "timeout" => next.kind == TokenKind::LeftParen && !self.functions.contains(word),
            _ => false,
        };
        if !refused {
            return Ok(());
        }
        let refused = unsupported(self.next().span, word);
        Err(self.complain(Place::Lexeme, refused))
    }

    /// Whether the word behind the next one shows that the next one is a name: `spawn is none`.
    pub(super) fn follows_name(&self) -> bool {
        matches!(self.nth_word(1), Some("is" | "in"))
    }
}
