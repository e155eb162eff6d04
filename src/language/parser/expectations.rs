//! `expect` and `observe`.

use super::super::diagnostic::{syntax, unsupported};
use super::super::lexer::TokenKind;
use super::super::suggest::nearest;
use super::super::tree::{Expect, Expr, ExprKind, ItemKind, OutcomeTuple, OutcomeValue, When};
use super::recovery::Place;
use super::{Parsed, Parser, words};
use crate::program::FindingKind;

impl Parser<'_> {
    pub(super) fn expect_declaration(&mut self) -> Parsed<ItemKind> {
        self.bump();
        let what = self.expected_thing()?;
        let when = if self.eat_word("otherwise") {
            When::Otherwise
        } else if self.eat_word("if") {
            When::If(self.value())
        } else {
            When::Always
        };
        self.semicolon_or("`if`, `otherwise` or `;`", &["otherwise"])?;
        Ok(ItemKind::Expect { what, when })
    }

    fn expected_thing(&mut self) -> Parsed<Expect> {
        let Some(word) = self.word() else { return Err(self.expected("what to expect, such as `deadlock`")) };
        let span = self.next().span;
        if word == "ok" {
            self.bump();
            return Ok(Expect::Ok);
        }
        if word == "outcomes" {
            self.bump();
            return self.outcomes();
        }
        let Some(kind) = FindingKind::ALL.into_iter().find(|kind| kind.word() == word) else {
            let known = FindingKind::ALL.map(FindingKind::word).into_iter();
            let unknown = syntax::unknown_expectation(span, word);
            let diagnostic = match nearest(word, known.chain(["ok", "outcomes"])) {
                Some(meant) => unknown.help(format!("did you mean `{meant}`?")),
                None => unknown.help("expected `ok`, `outcomes` or a kind of finding, such as `deadlock` or `race`"),
            };
            return Err(self.complain(Place::Lexeme, diagnostic));
        };
        self.bump();
        let subject = match self.kind() {
            TokenKind::LeftParen if kind == FindingKind::Deadlock => return self.cause(),
            TokenKind::LeftParen => Some(self.subject()?),
            _ => None,
        };
        Ok(Expect::Finding { kind, subject })
    }

    /// `(x)`, `(reader[0])`
    fn subject(&mut self) -> Parsed<Expr> {
        self.bracketed(TokenKind::RightParen, |parser| {
            let subject = parser.expression()?;
            match &subject.kind {
                ExprKind::Name(_) | ExprKind::Error => Ok(subject),
                ExprKind::Index { base, .. } if matches!(base.kind, ExprKind::Name(_)) => Ok(subject),
                _ => {
                    parser.report(syntax::not_a_subject(subject.span));
                    Err(super::Reported)
                }
            }
        })
    }

    /// `(lost_wakeup)`
    fn cause(&mut self) -> Parsed<Expect> {
        self.bracketed(TokenKind::RightParen, |parser| {
            let Some(word) = parser.word() else { return Err(parser.expected("a cause of deadlock")) };
            if let Some(cause) = words::cause(word) {
                parser.bump();
                return Ok(Expect::Deadlock { cause });
            }
            let span = parser.next().span;
            let diagnostic = if words::is_refused_cause(word) {
                unsupported(span, &format!("expect deadlock({word})"))
            } else {
                let unknown = syntax::unknown_cause(span, word);
                match words::nearest_cause(word) {
                    Some(meant) => unknown.help(format!("did you mean `{meant}`?")),
                    None => unknown.help(format!("the causes are {}", words::causes())),
                }
            };
            Err(parser.complain(Place::Lexeme, diagnostic))
        })
    }

    /// `{ (0, 1), 2, _ }`
    fn outcomes(&mut self) -> Parsed<Expect> {
        if !self.is(TokenKind::LeftBrace) {
            return Err(self.expected("`{`"));
        }
        let closing = TokenKind::RightBrace;
        let tuples = self.bracketed(closing, |parser| parser.separated(closing, Self::outcome))?;
        Ok(Expect::Outcomes(tuples))
    }

    fn outcome(&mut self) -> Parsed<OutcomeTuple> {
        let start = self.at;
        let values = if self.is(TokenKind::LeftParen) {
            let closing = TokenKind::RightParen;
            self.bracketed(closing, |parser| parser.separated(closing, Self::outcome_value))?
        } else {
            vec![self.outcome_value()?]
        };
        Ok(OutcomeTuple { values, span: self.span_from(start) })
    }

    fn outcome_value(&mut self) -> Parsed<OutcomeValue> {
        match self.word() {
            Some("none") => Ok(OutcomeValue::None(self.bump().span)),
            Some("_") => Ok(OutcomeValue::Any(self.bump().span)),
            _ => Ok(OutcomeValue::Value(self.expression()?)),
        }
    }

    pub(super) fn observe(&mut self) -> Parsed<ItemKind> {
        self.bump();
        let mut what = vec![self.value()];
        while self.eat(TokenKind::Comma) {
            what.push(self.value());
        }
        self.semicolon_or("`,` or `;`", &[])?;
        Ok(ItemKind::Observe { what })
    }
}
