//! Patterns: of `match`, `if let`, `while let` and `is`.

use super::super::diagnostic::syntax;
use super::super::lexer::TokenKind;
use super::super::tree::{Ident, Pattern, PatternKind};
use super::recovery::Place;
use super::{Length, Parsed, Parser};

/// The words that mean something in a pattern; any other one is the name of a constant.
const PATTERN_WORDS: [&str; 7] = ["_", "some", "none", "closed", "timeout", "poisoned", "failed"];

impl Parser<'_> {
    pub(super) fn pattern(&mut self) -> Parsed<Pattern> {
        let start = self.at;
        let kind = match self.pattern_word() {
            Some("_") => self.worded(PatternKind::Any),
            Some("none") => self.worded(PatternKind::None),
            Some("closed") => self.worded(PatternKind::Closed),
            Some("timeout") => self.worded(PatternKind::Timeout),
            Some("poisoned") => self.worded(PatternKind::Poisoned),
            Some("some") => {
                self.bump();
                PatternKind::Some(self.binding()?)
            }
            Some("failed") => {
                self.bump();
                PatternKind::Failed(self.binding()?)
            }
            Some(_) if self.nth(1).kind == TokenKind::LeftParen => {
                return Err(self.expected_words("a pattern", &["some", "failed"]));
            }
            Some(_) => self.constant()?,
            None if matches!(self.kind(), TokenKind::Integer | TokenKind::MalformedNumber | TokenKind::Minus) => {
                self.constant()?
            }
            None => return Err(self.expected("a pattern")),
        };
        Ok(Pattern { kind, span: self.span_from(start) })
    }

    /// The pattern of `is`, which takes nothing out of the value.
    pub(super) fn binding_nothing(&mut self) -> Parsed<Pattern> {
        let mut pattern = self.pattern()?;
        if let PatternKind::Some(name) | PatternKind::Failed(name) = &mut pattern.kind
            && let Some(name) = name.take()
        {
            self.report(syntax::is_binds_nothing(name.span, &name.name));
        }
        Ok(pattern)
    }

    fn worded(&mut self, kind: PatternKind) -> PatternKind {
        self.bump();
        kind
    }

    /// The word here; Rust's patterns are reported and taken for ours.
    fn pattern_word(&mut self) -> Option<&'static str> {
        let word = self.word()?;
        let ours = match word {
            "Some" | "Ok" => "some",
            "None" => "none",
            "Err" => "failed",
            _ => return PATTERN_WORDS.into_iter().find(|known| *known == word).or(Some("")),
        };
        self.complain(Place::Lexeme, syntax::foreign_pattern(self.next().span, word, ours));
        Some(ours)
    }

    /// A constant: a name or a number with its sign.
    fn constant(&mut self) -> Parsed<PatternKind> {
        if self.length.open == 0 {
            self.length = Length::default();
        }
        Ok(PatternKind::Value(Box::new(self.operand()?)))
    }

    /// `(v)` or `(_)`, if it is there.
    fn binding(&mut self) -> Parsed<Option<Ident>> {
        if !self.is(TokenKind::LeftParen) {
            return Ok(None);
        }
        self.bracketed(TokenKind::RightParen, |parser| {
            let name = match parser.word() {
                Some("_") => {
                    parser.bump();
                    None
                }
                Some("true" | "false") | None => {
                    let rich = syntax::pattern_too_rich(parser.next().span);
                    return Err(parser.complain(Place::Lexeme, rich));
                }
                Some(_) => Some(parser.ident()),
            };
            if matches!(parser.kind(), TokenKind::LeftParen | TokenKind::Comma) {
                let rich = syntax::pattern_too_rich(parser.next().span);
                return Err(parser.complain(Place::Lexeme, rich));
            }
            Ok(name)
        })
    }
}
