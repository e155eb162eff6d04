//! Expressions, with Rust's precedence.

use super::super::diagnostic::{syntax, unsupported};
use super::super::lexer::TokenKind;
use super::super::tree::{Expr, ExprKind, Ident, Range};
use super::recovery::Place;
use super::{Length, MAX_OPERATORS, MAX_POSTFIXES, Parsed, Parser, broken, literals, words};
use crate::program::{BinaryOp, Span, UnaryOp};

/// How strongly an operator binds; a later one binds more strongly.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Level {
    Or,
    And,
    Comparison,
    BitOr,
    BitXor,
    BitAnd,
    Shift,
    Sum,
    Product,
    Unary,
}

impl Level {
    /// The level of the right operand: one more, because all operators group from the left.
    fn next(self) -> Self {
        match self {
            Level::Or => Level::And,
            Level::And => Level::Comparison,
            Level::Comparison => Level::BitOr,
            Level::BitOr => Level::BitXor,
            Level::BitXor => Level::BitAnd,
            Level::BitAnd => Level::Shift,
            Level::Shift => Level::Sum,
            Level::Sum => Level::Product,
            Level::Product | Level::Unary => Level::Unary,
        }
    }
}

/// What stands between two operands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Infix {
    Binary(BinaryOp),
    And,
    Or,
    Is,
}

/// The comparison that the left operand is, if it is one: `a < b` in `a < b < c`.
#[derive(Clone, Copy)]
struct Comparison {
    whole: Span,
    right: Span,
    reported: bool,
}

impl Parser<'_> {
    pub(super) fn expression(&mut self) -> Parsed<Expr> {
        if self.length.open == 0 {
            self.length = Length::default();
        }
        self.length.open += 1;
        let parsed = self.binary(Level::Or);
        self.length.open -= 1;
        parsed
    }

    /// `a..b` or `a..=b`
    pub(super) fn range(&mut self) -> Parsed<Range> {
        let from = self.expression()?;
        let inclusive = match self.kind() {
            TokenKind::DotDot => false,
            TokenKind::DotDotEqual => true,
            _ => return Err(self.expected("`..` or `..=`")),
        };
        self.bump();
        let to = self.expression()?;
        Ok(Range { from, to, inclusive })
    }

    fn binary(&mut self, weakest: Level) -> Parsed<Expr> {
        let start = self.at;
        let mut left = self.operand()?;
        let mut comparison: Option<Comparison> = None;
        while let Some((level, infix)) = self.infix()
            && level >= weakest
        {
            if self.length.operators == MAX_OPERATORS {
                let too_many = syntax::too_many_operators(self.next().span, MAX_OPERATORS);
                return Err(self.complain(Place::Lexeme, too_many));
            }
            self.length.operators += 1;
            let operator = self.bump().span;
            let right_start = self.at;
            let kind = match infix {
                Infix::Is => ExprKind::Is { value: Box::new(left), pattern: self.binding_nothing()? },
                Infix::And => ExprKind::And { left: Box::new(left), right: Box::new(self.binary(level.next())?) },
                Infix::Or => ExprKind::Or { left: Box::new(left), right: Box::new(self.binary(level.next())?) },
                Infix::Binary(op) => {
                    ExprKind::Binary { op, left: Box::new(left), right: Box::new(self.binary(level.next())?) }
                }
            };
            left = Expr { kind, span: self.span_from(start) };
            if level == Level::Comparison {
                let right = self.span_from(right_start);
                let chained = comparison.inspect(|first| self.chained(*first, operator, right)).is_some();
                if chained {
                    left = broken(left.span);
                }
                comparison = Some(Comparison { whole: left.span, right, reported: chained });
            } else {
                comparison = None;
            }
        }
        Ok(left)
    }

    fn chained(&mut self, first: Comparison, operator: Span, last: Span) {
        if first.reported {
            return;
        }
        let [whole, middle, last] = [first.whole, first.right, last].map(|span| self.quote(span));
        let mended = format!("write `{whole} && {middle} {} {last}`", self.quote(operator));
        let diagnostic = syntax::chained_comparison(operator, first.whole);
        // A rewriting that fills the screen helps nobody.
        let short = mended.len() <= 80 && !mended.contains('\n');
        self.report(if short { diagnostic.help(mended) } else { diagnostic });
    }

    fn infix(&self) -> Option<(Level, Infix)> {
        let binary = |level, op| Some((level, Infix::Binary(op)));
        match self.kind() {
            TokenKind::OrOr => Some((Level::Or, Infix::Or)),
            TokenKind::AndAnd => Some((Level::And, Infix::And)),
            TokenKind::Word if self.is_word("is") => Some((Level::Comparison, Infix::Is)),
            TokenKind::Equal => binary(Level::Comparison, BinaryOp::Equal),
            TokenKind::NotEqual => binary(Level::Comparison, BinaryOp::NotEqual),
            TokenKind::Less => binary(Level::Comparison, BinaryOp::Less),
            TokenKind::LessEqual => binary(Level::Comparison, BinaryOp::LessOrEqual),
            TokenKind::Greater => binary(Level::Comparison, BinaryOp::Greater),
            TokenKind::GreaterEqual => binary(Level::Comparison, BinaryOp::GreaterOrEqual),
            TokenKind::Or => binary(Level::BitOr, BinaryOp::BitOr),
            TokenKind::Caret => binary(Level::BitXor, BinaryOp::BitXor),
            TokenKind::And => binary(Level::BitAnd, BinaryOp::BitAnd),
            TokenKind::ShiftLeft => binary(Level::Shift, BinaryOp::ShiftLeft),
            TokenKind::ShiftRight => binary(Level::Shift, BinaryOp::ShiftRight),
            TokenKind::Plus => binary(Level::Sum, BinaryOp::Add),
            TokenKind::Minus => binary(Level::Sum, BinaryOp::Subtract),
            TokenKind::Star => binary(Level::Product, BinaryOp::Multiply),
            TokenKind::Slash => binary(Level::Product, BinaryOp::Divide),
            TokenKind::Percent => binary(Level::Product, BinaryOp::Remainder),
            _ => None,
        }
    }

    /// An operand with its unary operators.
    pub(super) fn operand(&mut self) -> Parsed<Expr> {
        self.reject_references();
        let start = self.at;
        let op = match self.kind() {
            TokenKind::Bang => UnaryOp::Not,
            TokenKind::Minus => UnaryOp::Negate,
            _ => return self.postfix(),
        };
        if let Some(least) = self.least_integer() {
            return Ok(least);
        }
        self.nested(|parser| {
            parser.bump();
            let operand = Box::new(parser.operand()?);
            Ok(Expr { kind: ExprKind::Unary { op, operand }, span: parser.span_from(start) })
        })
    }

    /// `-9223372036854775808`: the one negative integer whose digits alone are too large.
    fn least_integer(&mut self) -> Option<Expr> {
        let digits = self.nth(1);
        if !self.is(TokenKind::Minus) || digits.kind != TokenKind::Integer {
            return None;
        }
        let start = self.at;
        let least = literals::integer(self.written(digits)) == Some(i64::MIN.unsigned_abs());
        least.then(|| {
            self.bump();
            self.bump();
            Expr { kind: ExprKind::Int(i64::MIN), span: self.span_from(start) }
        })
    }

    fn postfix(&mut self) -> Parsed<Expr> {
        let start = self.at;
        let mut expression = self.primary()?;
        loop {
            let kind = match self.kind() {
                TokenKind::Dot | TokenKind::LeftBracket | TokenKind::LeftParen
                    if self.length.postfixes == MAX_POSTFIXES =>
                {
                    let too_many = syntax::too_many_postfixes(self.next().span, MAX_POSTFIXES);
                    return Err(self.complain(Place::Lexeme, too_many));
                }
                TokenKind::Dot => self.operation(expression)?,
                TokenKind::LeftBracket => {
                    let index = self.bracketed(TokenKind::RightBracket, Self::expression)?;
                    ExprKind::Index { base: Box::new(expression), index: Box::new(index) }
                }
                TokenKind::LeftParen => self.call(expression)?,
                TokenKind::Question => {
                    self.reject_question_mark();
                    continue;
                }
                _ => return Ok(expression),
            };
            self.length.postfixes += 1;
            expression = Expr { kind, span: self.span_from(start) };
        }
    }

    /// `.operation(…)` or `.local`
    fn operation(&mut self, receiver: Expr) -> Parsed<ExprKind> {
        self.bump();
        if self.word().is_none() {
            return Err(self.expected("an operation"));
        }
        if self.is_word("await") && self.nth(1).kind != TokenKind::LeftParen {
            let refused = unsupported(self.next().span, "await");
            return Err(self.complain(Place::Lexeme, refused));
        }
        let method = self.ident();
        let receiver = Box::new(receiver);
        if self.is(TokenKind::LeftParen) {
            Ok(ExprKind::Method { receiver, method, args: self.arguments()? })
        } else {
            Ok(ExprKind::Field { base: receiver, field: method })
        }
    }

    fn call(&mut self, function: Expr) -> Parsed<ExprKind> {
        let ExprKind::Name(name) = function.kind else { return Err(self.expected("an operator or `;`")) };
        let function = Ident { name, span: function.span };
        Ok(ExprKind::Call { function, args: self.arguments()? })
    }

    pub(super) fn arguments(&mut self) -> Parsed<Vec<Expr>> {
        let closing = TokenKind::RightParen;
        self.bracketed(closing, |parser| parser.separated(closing, Self::argument))
    }

    /// A value, or a duration: whether the operation has one is not known here.
    fn argument(&mut self) -> Parsed<Expr> {
        let lexeme = self.next();
        if !self.is(TokenKind::Duration) {
            return self.expression();
        }
        self.bump();
        let kind = literals::duration(self.written(lexeme)).map_or_else(
            || {
                self.report(syntax::number_too_large(lexeme.span));
                ExprKind::Error
            },
            ExprKind::Duration,
        );
        Ok(Expr { kind, span: lexeme.span })
    }

    fn primary(&mut self) -> Parsed<Expr> {
        let start = self.at;
        let kind = match self.kind() {
            TokenKind::Integer => self.integer(),
            TokenKind::MalformedNumber => {
                self.bump();
                ExprKind::Error
            }
            TokenKind::Duration => {
                let misplaced = syntax::misplaced_duration(self.next().span);
                return Err(self.complain(Place::Lexeme, misplaced));
            }
            TokenKind::LeftParen => return self.bracketed(TokenKind::RightParen, Self::expression),
            TokenKind::Word => return self.word_expression(),
            _ => return Err(self.expected_expression()),
        };
        Ok(Expr { kind, span: self.span_from(start) })
    }

    fn integer(&mut self) -> ExprKind {
        let lexeme = self.bump();
        match literals::integer(self.written(lexeme)).and_then(|value| i64::try_from(value).ok()) {
            Some(value) => ExprKind::Int(value),
            None => {
                self.report(syntax::number_too_large(lexeme.span));
                ExprKind::Error
            }
        }
    }

    fn word_expression(&mut self) -> Parsed<Expr> {
        let start = self.at;
        let Some(word) = self.word() else { return Err(self.expected_expression()) };
        if self.is_macro_call() {
            return Err(self.reject_macro(self.next().span));
        }
        let next = self.nth(1);
        let kind = match word {
            "true" | "false" => {
                self.bump();
                ExprKind::Bool(word == "true")
            }
            "_" => return Err(self.expected_expression()),
            "if" if begins_operand(next.kind) => return self.if_expression(),
            "choose" if next.kind == TokenKind::LeftParen && !self.functions.contains(word) => {
                self.bump();
                ExprKind::Choose(Box::new(self.bracketed(TokenKind::RightParen, Self::range)?))
            }
            "spawn" if self.is_spawn() => self.spawn()?,
            _ => {
                self.reject_unsupported_value(word)?;
                let goes_on =
                    next.kind == TokenKind::Word && !next.starts_line && !matches!(self.nth_word(1), Some("is" | "in"));
                if words::statement(word).is_some() && goes_on {
                    let wrong = syntax::statement_as_value(self.next().span, word);
                    return Err(self.complain(Place::Lexeme, wrong));
                }
                if next.kind == TokenKind::ColonColon {
                    return Ok(self.reject_path());
                }
                self.bump();
                ExprKind::Name(word.to_owned())
            }
        };
        Ok(Expr { kind, span: self.span_from(start) })
    }

    /// Whether `spawn` starts a thread, and is no name: a function follows, with its arguments where it is on another line.
    fn is_spawn(&self) -> bool {
        let next = self.nth(1);
        let is_near = !next.starts_line || self.nth(2).kind == TokenKind::LeftParen;
        next.kind == TokenKind::Word && is_near && !self.follows_name()
    }

    /// `spawn f(3)`
    fn spawn(&mut self) -> Parsed<ExprKind> {
        self.bump();
        let function = self.ident();
        if !self.is(TokenKind::LeftParen) {
            return Err(self.expected("`(`"));
        }
        Ok(ExprKind::Spawn { function, args: self.arguments()? })
    }

    /// `if c { a } else { b }` where a value is needed.
    fn if_expression(&mut self) -> Parsed<Expr> {
        let start = self.at;
        self.nested(|parser| {
            parser.bump();
            let condition = Box::new(parser.head(Self::expression)?);
            let then = Box::new(parser.bracketed(TokenKind::RightBrace, Self::expression)?);
            if !parser.is_word("else") {
                let missing = syntax::if_without_else(parser.gap());
                return Err(parser.complain(Place::Gap, missing));
            }
            parser.bump();
            let otherwise = if parser.is_word("if") {
                parser.if_expression()?
            } else if parser.is(TokenKind::LeftBrace) {
                parser.bracketed(TokenKind::RightBrace, Self::expression)?
            } else {
                return Err(parser.expected_block());
            };
            let kind = ExprKind::If { condition, then, otherwise: Box::new(otherwise) };
            Ok(Expr { kind, span: parser.span_from(start) })
        })
    }
}

/// Whether an expression can begin with this token.
pub(super) fn begins_operand(kind: TokenKind) -> bool {
    matches!(
        kind,
        TokenKind::Integer
            | TokenKind::MalformedNumber
            | TokenKind::Word
            | TokenKind::LeftParen
            | TokenKind::Bang
            | TokenKind::Minus
    )
}
