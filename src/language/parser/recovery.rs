//! Complaints, and where to go on after one.
//!
//! A complaint is about a lexeme or about the gap before it. About each place there is at most one, so a function may
//! complain without knowing who else did. After an error the parser looks for the end of the statement or declaration:
//! its `;`, the end of its block, or a line that begins with a word.

use super::super::diagnostic::{Diagnostic, syntax};
use super::super::lexer::{Token, TokenKind};
use super::super::suggest::nearest;
use super::super::tree::Expr;
use super::{Lexeme, Parsed, Parser, Reported, broken, lexemes};
use crate::program::Span;
use std::collections::BTreeSet;

/// What a complaint is about.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Place {
    /// The next lexeme.
    Lexeme,
    /// Something missing before the next lexeme.
    Gap,
}

/// The place of a complaint in the text.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Complaint {
    at: usize,
    place: Place,
}

/// How far the parser looks ahead on a line for the end of a block without a beginning.
const LOOK_AHEAD: usize = 100;

/// Leaves out what was said about lines with a token that is not well formed (stray characters, half a text, no number):
/// such a line has lost a part of itself, and whatever else seems wrong with it is wrong because of that.
pub(super) fn without_echoes(diagnostics: Vec<Diagnostic>, text: &str, tokens: &[Token]) -> Vec<Diagnostic> {
    let newlines: Vec<usize> = text.match_indices('\n').map(|(at, _)| at).collect();
    let line = |span: Span| newlines.partition_point(|newline| *newline < span.range().start);
    let damaged = tokens
        .iter()
        .filter(|token| matches!(token.kind, TokenKind::Stray | TokenKind::OpenText | TokenKind::MalformedNumber));
    let damaged: BTreeSet<usize> = damaged.map(|token| line(token.span)).collect();
    diagnostics.into_iter().filter(|diagnostic| !damaged.contains(&line(diagnostic.span))).collect()
}

impl Parser<'_> {
    /// Reports an error about the place where the parser stands, unless one was reported there.
    pub(super) fn complain(&mut self, place: Place, diagnostic: Diagnostic) -> Reported {
        let complaint = Complaint { at: self.at, place };
        if self.last_complaint != Some(complaint) {
            self.diagnostics.push(diagnostic);
        }
        self.last_complaint = Some(complaint);
        Reported
    }

    /// Parses on as if `meant` had been written, after a complaint that it was not. If that fails, it was a bad guess:
    /// nothing is said about the attempt, and the parser stands where it stood.
    pub(super) fn guess<T>(&mut self, meant: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        let before = (self.at, self.diagnostics.len(), self.items.len(), self.misaligned.len(), self.last_complaint);
        let parsed = meant(self);
        if parsed.is_err() {
            self.at = before.0;
            self.diagnostics.truncate(before.1);
            self.items.truncate(before.2);
            self.misaligned.truncate(before.3);
            self.last_complaint = before.4;
        }
        parsed
    }

    /// Reports an error about something that was parsed.
    pub(super) fn report(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    /// Whether what is missing here belongs at the end of the line before, not in front of the next lexeme.
    pub(super) fn is_at_gap(&self) -> bool {
        let next = self.next();
        self.at > 0 && (next.starts_line || next.kind == TokenKind::RightBrace)
    }

    /// Says that `what` should stand here.
    pub(super) fn expected(&mut self, what: &str) -> Reported {
        self.expected_words(what, &[])
    }

    /// Says that `what` should stand here, which is one of `words` or something else.
    pub(super) fn expected_words(&mut self, what: &str, words: &[&str]) -> Reported {
        if self.is_at_gap() {
            let missing = syntax::expected_here(self.gap(), what);
            return self.complain(Place::Gap, missing);
        }
        let mut diagnostic = syntax::expected(self.next().span, what, &self.found());
        if let Some(word) = self.word().and_then(|word| nearest(word, words.iter().copied())) {
            diagnostic = diagnostic.help(format!("did you mean `{word}`?"));
        }
        self.complain(Place::Lexeme, diagnostic)
    }

    /// The next lexeme, in words for a message.
    pub(super) fn found(&self) -> String {
        let next = self.next();
        match next.kind {
            TokenKind::End => "the end of the file".to_owned(),
            TokenKind::Text | TokenKind::OpenText => "a text".to_owned(),
            _ => format!("`{}`", self.written(next)),
        }
    }

    /// The `;` of a statement or declaration. Where only that is missing, parsing goes on as if it were there.
    pub(super) fn semicolon(&mut self) -> Parsed<()> {
        self.semicolon_or("`;`", &[])
    }

    /// The `;`, where something else (`what`, beginning with one of `words`) could have stood as well.
    pub(super) fn semicolon_or(&mut self, what: &str, words: &[&str]) -> Parsed<()> {
        let mut unmatched_before = None;
        while let TokenKind::RightParen | TokenKind::RightBracket = self.kind() {
            let unmatched = syntax::unmatched_closing(self.next().span, self.written(self.next()));
            unmatched_before = Some(self.complain(Place::Lexeme, unmatched));
            self.bump();
        }
        if self.eat(TokenKind::Semicolon) {
            return Ok(());
        }
        if let Some(reported) = unmatched_before {
            return Err(reported);
        }
        if self.is_at_gap() {
            let missing = syntax::missing_semicolon(self.gap());
            self.complain(Place::Gap, missing);
            return Ok(());
        }
        Err(self.expected_words(what, words))
    }

    /// The bracket that closes the one at `open`.
    pub(super) fn close(&mut self, open: usize, closing: TokenKind) -> Parsed<()> {
        if self.eat(closing) {
            return Ok(());
        }
        let spelling = closing.spelling().expect("closing brackets are punctuation");
        if self.lexemes[open].partner.is_some_and(|close| close >= self.at) {
            return Err(self.expected(&format!("`,` or `{spelling}`")));
        }
        let opening = self.lexemes[open];
        let unclosed = syntax::unclosed_bracket(self.gap(), opening.span, self.written(opening), spelling);
        Err(self.complain(Place::Gap, unclosed))
    }

    /// Whether a block that is open here must have been forgotten to be closed.
    pub(super) fn blocks_end_here(&self) -> bool {
        self.is(TokenKind::End) || self.next().starts_declaration
    }

    /// Says which brace was forgotten: the one at `open`, or one inside it that the wrong brace has closed.
    pub(super) fn unclosed_block(&mut self, open: usize) {
        let inside = self.misaligned.iter().find(|(inner, _)| *inner > open).copied();
        let diagnostic = match inside {
            None => syntax::unclosed_brace(self.lexemes[open].span),
            Some((inner, close)) => syntax::unclosed_brace(self.lexemes[inner].span)
                .related(self.lexemes[close].span, "this `}` closes it, but is indented like the end of another block"),
        };
        let diagnostic = if self.is(TokenKind::End) {
            diagnostic.help("add the missing `}`")
        } else {
            diagnostic.related(self.next().span, "a declaration begins here")
        };
        self.complain(Place::Gap, diagnostic);
    }

    /// Whether the lexeme has the shape of a declaration.
    pub(super) fn at_declaration(&self) -> bool {
        lexemes::begins_declaration(self.text, &self.lexemes, self.at)
    }

    /// An expression that stands before `;`; where it is broken, the rest of the statement is skipped up to there.
    pub(super) fn value(&mut self) -> Expr {
        let start = self.at;
        match self.expression() {
            Ok(expression) => expression,
            Err(Reported) => {
                self.skip_to_end_of_statement(start);
                broken(self.span_from(start))
            }
        }
    }

    /// The condition or value before a block; where it is broken, the parser goes on at the block.
    pub(super) fn head(&mut self, parse: impl FnOnce(&mut Self) -> Parsed<Expr>) -> Parsed<Expr> {
        self.head_before(parse, Self::lacks_only_brace)
    }

    /// The same before what may be recognised (`is_there`) although its `{` is missing.
    pub(super) fn head_before(
        &mut self,
        parse: impl FnOnce(&mut Self) -> Parsed<Expr>,
        is_there: impl Fn(&Self) -> bool,
    ) -> Parsed<Expr> {
        let start = self.at;
        let parsed = parse(self);
        if parsed.is_ok() && (self.is(TokenKind::LeftBrace) || self.is_at_gap() || is_there(self)) {
            return parsed;
        }
        if parsed.is_ok() {
            self.expected_block();
        }
        self.skip_to_block()?;
        Ok(broken(self.span_from(start)))
    }

    /// Whether what follows is a block of which only the `{` is missing: its lines are indented more than the head, or
    /// it ends on this line.
    pub(super) fn lacks_only_brace(&self) -> bool {
        if self.is(TokenKind::LeftBrace) || self.is(TokenKind::End) {
            return false;
        }
        if self.next().starts_line {
            let head = self.at.checked_sub(1).map_or(0, |last| self.lexemes[last].indent);
            return self.next().indent > head;
        }
        let brace = self.rest_of_line().find(|kind| matches!(kind, TokenKind::LeftBrace | TokenKind::RightBrace));
        brace == Some(TokenKind::RightBrace)
    }

    /// Whether what follows are the arms of a `match` of which only the `{` is missing: one begins on this line.
    pub(super) fn lacks_only_brace_of_arms(&self) -> bool {
        let sign = self.rest_of_line().find(|kind| {
            matches!(kind, TokenKind::FatArrow | TokenKind::LeftBrace | TokenKind::RightBrace | TokenKind::Semicolon)
        });
        sign == Some(TokenKind::FatArrow)
    }

    /// What stands on this line from here on, as far as the parser looks ahead.
    fn rest_of_line(&self) -> impl Iterator<Item = TokenKind> {
        let line = (0..LOOK_AHEAD).map(|ahead| self.nth(ahead)).take_while(|lexeme| !lexeme.starts_line);
        line.map(|lexeme| lexeme.kind)
    }

    /// Says that a block should stand here.
    pub(super) fn expected_block(&mut self) -> Reported {
        if self.is(TokenKind::Assign) {
            let diagnostic = syntax::expected(self.next().span, "`{`", "`=`").help("values are compared with `==`");
            return self.complain(Place::Lexeme, diagnostic);
        }
        self.expected("`{`")
    }

    /// Skips the rest of a broken head. `Err` if no block follows on the same statement.
    pub(super) fn skip_to_block(&mut self) -> Parsed<()> {
        let start = self.at;
        loop {
            let next = self.next();
            match next.kind {
                TokenKind::LeftBrace => return Ok(()),
                TokenKind::Semicolon | TokenKind::RightBrace | TokenKind::End => return Err(Reported),
                TokenKind::Word if next.starts_line && self.at > start => return Err(Reported),
                _ => self.skip_one(),
            }
        }
    }

    /// Skips what is left of the statement that began at `start`, with its `;`.
    pub(super) fn skip_statement(&mut self, start: usize) {
        self.skip_to_end_of_statement(start);
        if !self.eat(TokenKind::Semicolon) && self.at == start && !self.blocks_end_here() {
            self.skip_one();
        }
        // What a misplaced `;` has cut off from its opening bracket.
        while matches!(self.kind(), TokenKind::RightParen | TokenKind::RightBracket) && !self.next().starts_line {
            self.bump();
        }
    }

    /// Skips to the `;` of the statement that began at `start`, or to where the next one begins.
    pub(super) fn skip_to_end_of_statement(&mut self, start: usize) {
        loop {
            let next = self.next();
            match next.kind {
                // A brace in the middle of a line belongs to the statement that the line began with.
                TokenKind::RightBrace if !next.starts_line && self.lexemes[start].starts_line => self.skip_one(),
                TokenKind::Semicolon | TokenKind::RightBrace | TokenKind::End => break,
                _ if next.starts_declaration => break,
                TokenKind::Word if next.starts_line && self.at > start && !self.continues_statement() => break,
                TokenKind::LeftBrace => {
                    self.skip_one();
                    if !self.continues_statement() {
                        break;
                    }
                }
                _ => self.skip_one(),
            }
        }
        // Whatever is missing here is missing because of the error.
        self.last_complaint = Some(Complaint { at: self.at, place: Place::Gap });
    }

    /// Whether the next lexeme belongs to the statement before it, even at the beginning of a line.
    fn continues_statement(&self) -> bool {
        self.is(TokenKind::Semicolon) || self.is_word("else") || self.is_word("or")
    }

    /// Skips what is left of the arm that began at `start`, with its comma.
    pub(super) fn skip_arm(&mut self, start: usize) {
        loop {
            let next = self.next();
            match next.kind {
                TokenKind::Comma | TokenKind::Semicolon => {
                    self.bump();
                    break;
                }
                TokenKind::RightBrace | TokenKind::End => break,
                _ if next.starts_declaration || (next.starts_line && self.at > start) => break,
                TokenKind::LeftBrace => {
                    self.skip_one();
                    self.eat(TokenKind::Comma);
                    break;
                }
                _ => self.skip_one(),
            }
        }
        self.last_complaint = Some(Complaint { at: self.at, place: Place::Gap });
    }

    /// Skips what is left of the declaration that began at `start`.
    pub(super) fn skip_declaration(&mut self, start: usize) {
        loop {
            let next = self.next();
            match next.kind {
                TokenKind::End => break,
                _ if next.starts_line && self.at > start && self.at_declaration() => break,
                TokenKind::Semicolon => {
                    self.bump();
                    break;
                }
                TokenKind::LeftBrace => {
                    self.skip_one();
                    // An `expect outcomes { … }` goes on behind its brace.
                    if !matches!(self.word(), Some("if" | "otherwise")) {
                        self.eat(TokenKind::Semicolon);
                        break;
                    }
                }
                _ => self.skip_one(),
            }
        }
        self.last_complaint = Some(Complaint { at: self.at, place: Place::Gap });
    }

    /// Skips to the next line that begins a declaration.
    pub(super) fn skip_to_declaration(&mut self, start: usize) {
        loop {
            let next = self.next();
            match next.kind {
                TokenKind::End => break,
                _ if next.starts_line && self.at > start && self.at_declaration() => break,
                _ => self.skip_one(),
            }
        }
        self.last_complaint = Some(Complaint { at: self.at, place: Place::Gap });
    }

    /// Skips a whole block; one that is never closed ends with the text, and nothing is said about that.
    pub(super) fn skip_block(&mut self) {
        self.at = self.next().partner.map_or(self.lexemes.len() - 1, |close| close + 1);
        self.last_complaint = Some(Complaint { at: self.at, place: Place::Gap });
    }

    /// Skips one lexeme, or everything up to its partner for an opening bracket.
    fn skip_one(&mut self) {
        let next: Lexeme = self.next();
        match next.partner {
            Some(close) => self.at = close + 1,
            None => {
                self.bump();
            }
        }
    }
}
