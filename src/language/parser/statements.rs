//! The statements that begin with a word of their own.

use super::super::diagnostic::syntax;
use super::super::lexer::TokenKind;
use super::super::tree::{Arm, Block, Expr, Ident, Pattern, PatternKind, PauseWord, Range, Stmt, StmtKind};
use super::recovery::Place;
use super::words::Statement;
use super::{Parsed, Parser, Reported, broken, literals};

impl Parser<'_> {
    /// The statement whose word stands here (or one that was meant to be it).
    pub(super) fn worded_statement(&mut self, statement: Statement) -> Parsed<StmtKind> {
        match statement {
            Statement::If => self.if_statement(),
            Statement::While => self.while_statement(),
            Statement::For => self.for_statement(),
            Statement::Match => self.match_statement(),
            Statement::Either => self.either_statement(),
            Statement::Loop => {
                self.bump();
                Ok(StmtKind::Loop { body: self.block()? })
            }
            Statement::With => {
                self.bump();
                let object = self.head(Self::expression)?;
                Ok(StmtKind::With { object, body: self.block()? })
            }
            Statement::When => {
                self.bump();
                let condition = Some(self.head(Self::expression)?);
                Ok(StmtKind::Atomically { condition, body: self.block()? })
            }
            Statement::Atomically => {
                self.bump();
                Ok(StmtKind::Atomically { condition: None, body: self.block()? })
            }
            Statement::Let
            | Statement::Break
            | Statement::Continue
            | Statement::Return
            | Statement::Assert
            | Statement::Panic
            | Statement::Assume
            | Statement::Yield
            | Statement::Progress
            | Statement::Fence
            | Statement::Sleep
            | Statement::Work
            | Statement::Io => {
                let kind = self.simple_statement(statement)?;
                self.semicolon()?;
                Ok(kind)
            }
        }
    }

    /// A statement without a block, up to its `;`.
    fn simple_statement(&mut self, statement: Statement) -> Parsed<StmtKind> {
        self.bump();
        Ok(match statement {
            Statement::Let => return self.let_statement(),
            Statement::Break => StmtKind::Break,
            Statement::Continue => StmtKind::Continue,
            Statement::Yield => StmtKind::Yield,
            Statement::Progress => StmtKind::Progress,
            Statement::Return if self.is(TokenKind::Semicolon) || self.is_at_gap() => StmtKind::Return(None),
            Statement::Return => StmtKind::Return(Some(self.value())),
            Statement::Assert => {
                let condition = self.value();
                StmtKind::Assert { condition, message: self.comma_message()? }
            }
            Statement::Assume => StmtKind::Assume { condition: self.value() },
            Statement::Panic => StmtKind::Panic { message: self.message() },
            Statement::Fence => {
                let ordering = self.bracketed(TokenKind::RightParen, |parser| match parser.word() {
                    Some(_) if parser.nth(1).kind == TokenKind::ColonColon => {
                        let path = parser.reject_path();
                        Ok(Ident { name: parser.quote(path.span).to_owned(), span: path.span })
                    }
                    Some(_) => Ok(parser.ident()),
                    None => Err(parser.expected("an ordering")),
                })?;
                StmtKind::Fence { ordering }
            }
            Statement::Sleep => self.pause(PauseWord::Sleep)?,
            Statement::Work => self.pause(PauseWord::Work)?,
            Statement::Io => self.pause(PauseWord::Io)?,
            Statement::If
            | Statement::While
            | Statement::Loop
            | Statement::For
            | Statement::Match
            | Statement::Either
            | Statement::With
            | Statement::When
            | Statement::Atomically => unreachable!("statements with a block are parsed by `worded_statement`"),
        })
    }

    fn let_statement(&mut self) -> Parsed<StmtKind> {
        self.reject_mut();
        let name = self.name("the local")?;
        self.reject_type();
        if self.is(TokenKind::LeftBracket) {
            let len = self.bracketed(TokenKind::RightBracket, Self::expression).unwrap_or(broken(name.span));
            return Ok(StmtKind::LetArray { name, len });
        }
        if !self.eat(TokenKind::Assign) {
            let start = self.at;
            let gap = self.gap();
            if matches!(self.kind(), TokenKind::Semicolon) || self.is_at_gap() {
                self.complain(Place::Gap, syntax::missing_initial_value(gap, "let", &name.name));
            } else {
                self.expected("`=`");
            }
            self.skip_to_end_of_statement(start);
            return Ok(StmtKind::Let { name, value: broken(gap) });
        }
        let value = self.value();
        Ok(StmtKind::Let { name, value })
    }

    /// `sleep(10ms)` and the like, behind the word.
    fn pause(&mut self, kind: PauseWord) -> Parsed<StmtKind> {
        let micros = self.span_of_time()?;
        Ok(StmtKind::Pause { kind, micros })
    }

    /// `(10ms)`, in microseconds.
    pub(super) fn span_of_time(&mut self) -> Parsed<u64> {
        if !self.is(TokenKind::LeftParen) {
            return Err(self.expected("`(`"));
        }
        self.bracketed(TokenKind::RightParen, |parser| {
            let next = parser.next();
            match next.kind {
                TokenKind::Duration => {
                    parser.bump();
                    Ok(literals::duration(parser.written(next)).unwrap_or_else(|| {
                        parser.report(syntax::number_too_large(next.span));
                        0
                    }))
                }
                TokenKind::MalformedNumber => {
                    parser.bump();
                    Ok(0)
                }
                _ => {
                    let wrong = syntax::expected_duration(next.span, &parser.found());
                    Err(parser.complain(Place::Lexeme, wrong))
                }
            }
        })
    }

    fn if_statement(&mut self) -> Parsed<StmtKind> {
        self.bump();
        if self.at_let() {
            let (pattern, value) = self.let_head()?;
            let then = self.block()?;
            return Ok(StmtKind::IfLet { pattern, value, then, otherwise: self.else_block()? });
        }
        let condition = self.head(Self::expression)?;
        let then = self.block()?;
        Ok(StmtKind::If { condition, then, otherwise: self.else_block()? })
    }

    fn else_block(&mut self) -> Parsed<Option<Block>> {
        if !self.eat_word("else") {
            return Ok(None);
        }
        if !self.is_word("if") {
            return Ok(Some(self.block()?));
        }
        let start = self.at;
        let kind = self.nested(Self::if_statement)?;
        let span = self.span_from(start);
        Ok(Some(Block { statements: vec![Stmt { kind, span }], span }))
    }

    fn while_statement(&mut self) -> Parsed<StmtKind> {
        self.bump();
        if self.at_let() {
            let (pattern, value) = self.let_head()?;
            return Ok(StmtKind::WhileLet { pattern, value, body: self.block()? });
        }
        let condition = self.head(Self::expression)?;
        Ok(StmtKind::While { condition, body: self.block()? })
    }

    /// Whether `let PATTERN` follows an `if` or a `while`.
    fn at_let(&self) -> bool {
        let next = self.nth(1).kind;
        self.is_word("let")
            && matches!(next, TokenKind::Word | TokenKind::Integer | TokenKind::Minus | TokenKind::LeftParen)
    }

    /// `let PATTERN = VALUE` before a block.
    fn let_head(&mut self) -> Parsed<(Pattern, Expr)> {
        self.bump();
        let start = self.at;
        let mut pattern = None;
        let value = self.head(|parser| {
            pattern = Some(parser.pattern()?);
            parser.expect(TokenKind::Assign, "`=`")?;
            parser.expression()
        })?;
        let span = self.span_from(start);
        Ok((pattern.unwrap_or_else(|| broken_pattern(broken(span))), value))
    }

    fn for_statement(&mut self) -> Parsed<StmtKind> {
        self.bump();
        let name = self.name("the loop's local");
        let mut end = None;
        let first = self.head(|parser| {
            name.clone()?;
            parser.expect_word("in")?;
            let first = parser.expression()?;
            let inclusive = parser.is(TokenKind::DotDotEqual);
            if inclusive || parser.is(TokenKind::DotDot) {
                parser.bump();
                end = Some((parser.expression()?, inclusive));
            }
            Ok(first)
        })?;
        let body = self.block()?;
        let name = name?;
        Ok(match end {
            Some((to, inclusive)) => StmtKind::For { name, range: Range { from: first, to, inclusive }, body },
            None => StmtKind::ForEach { name, channel: first, body },
        })
    }

    fn match_statement(&mut self) -> Parsed<StmtKind> {
        self.bump();
        let is_there = |parser: &Self| parser.lacks_only_brace() || parser.lacks_only_brace_of_arms();
        let value = self.head_before(Self::expression, is_there)?;
        let arms = if self.lacks_only_brace_of_arms() {
            self.expected_block();
            self.up_to_brace(Self::arm_into)?
        } else {
            self.braced(Self::arm_into)?
        };
        Ok(StmtKind::Match { value, arms })
    }

    /// One arm; after an error, the rest of it is skipped.
    fn arm_into(&mut self, arms: &mut Vec<Arm>) {
        let start = self.at;
        match self.arm() {
            Ok(arm) => arms.push(arm),
            Err(Reported) => self.skip_arm(start),
        }
    }

    /// `PATTERN => { … }` and a comma, if there is one.
    fn arm(&mut self) -> Parsed<Arm> {
        let start = self.at;
        let pattern = self.pattern().and_then(|pattern| {
            self.expect(TokenKind::FatArrow, "`=>`")?;
            Ok(pattern)
        });
        let pattern = match pattern {
            Ok(_) if !self.is(TokenKind::LeftBrace) && !self.lacks_only_brace() => {
                let bare = syntax::arm_without_braces(self.next().span);
                return Err(self.complain(Place::Lexeme, bare));
            }
            Ok(pattern) => pattern,
            Err(Reported) => {
                self.skip_to_block()?;
                broken_pattern(broken(self.span_from(start)))
            }
        };
        let body = self.block()?;
        self.eat(TokenKind::Comma);
        Ok(Arm { pattern, body })
    }

    fn either_statement(&mut self) -> Parsed<StmtKind> {
        self.bump();
        let mut branches = vec![self.block()?];
        if !self.is_word("or") {
            return Err(self.expected_words("`or`", &["or"]));
        }
        while self.eat_word("or") {
            branches.push(self.block()?);
        }
        Ok(StmtKind::Either { branches })
    }
}

/// A pattern that is broken; nothing further is said about it.
fn broken_pattern(expression: Expr) -> Pattern {
    let span = expression.span;
    Pattern { kind: PatternKind::Value(Box::new(expression)), span }
}
