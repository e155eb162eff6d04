//! Blocks and statements.

use super::super::diagnostic::{syntax, unsupported};
use super::super::lexer::TokenKind;
use super::super::tree::{Arm, Block, Expr, ExprKind, Ident, Pattern, PatternKind, PauseWord, Stmt, StmtKind};
use super::recovery::Place;
use super::words::{self, Statement};
use super::{Parsed, Parser, Reported, broken, literals};
use crate::program::BinaryOp;

impl Parser<'_> {
    /// `{ … }`
    ///
    /// A block whose `}` is missing is reported and ends where it must have ended. Where only the `{` is missing, the
    /// indentation of the next line says whether there is a block.
    pub(super) fn block(&mut self) -> Parsed<Block> {
        if !self.is(TokenKind::LeftBrace) {
            let head_indent = if self.at == 0 { 0 } else { self.lexemes[self.at - 1].indent };
            let missing = self.expected_block();
            if !self.next().starts_line || self.next().indent <= head_indent || self.is(TokenKind::End) {
                return Err(missing);
            }
        }
        self.nested(|parser| {
            let open = parser.at;
            parser.eat(TokenKind::LeftBrace);
            let mut statements = Vec::new();
            while !parser.is(TokenKind::RightBrace) {
                if parser.blocks_end_here() {
                    parser.unclosed_block(open);
                    return Ok(Block { statements, span: parser.span_from(open) });
                }
                parser.statement_into(&mut statements);
            }
            let close = parser.at;
            parser.bump();
            let [opening, closing] = [parser.lexemes[open], parser.lexemes[close]];
            if closing.starts_line && closing.indent != opening.indent {
                parser.misaligned.push((open, close));
            }
            Ok(Block { statements, span: parser.span_from(open) })
        })
    }

    /// One statement, or nothing where it was refused; after an error, the rest of it is skipped.
    fn statement_into(&mut self, statements: &mut Vec<Stmt>) {
        if self.eat(TokenKind::Semicolon) {
            return;
        }
        let start = self.at;
        if self.at_declaration() {
            self.declaration_in_body();
        } else if self.is_word("let") && self.nth(1).kind == TokenKind::LeftParen {
            self.refused_tuple(statements);
        } else {
            match self.statement() {
                Ok(kind) => statements.push(Stmt { kind, span: self.span_from(start) }),
                Err(Reported) => self.skip_statement(start),
            }
        }
    }

    /// A declaration that stands in a body by mistake: reported, and declared all the same.
    fn declaration_in_body(&mut self) {
        let word = self.word().unwrap_or_default().to_owned();
        let inside = syntax::declaration_inside(self.next().span, &word);
        self.complain(Place::Lexeme, inside);
        self.declaration_into_file();
    }

    /// `let (a, b) = …`: refused, but its names are declared.
    fn refused_tuple(&mut self, statements: &mut Vec<Stmt>) {
        let start = self.at;
        self.bump();
        let open = self.at;
        let end = self.lexemes[open].partner.unwrap_or(open);
        let span = self.lexemes[start].span.to(self.lexemes[end].span);
        let refused = unsupported(span, self.quote(span));
        self.complain(Place::Lexeme, refused);
        while self.at < end {
            if self.word().is_some_and(|word| word != "_") {
                let name = self.ident();
                let span = name.span;
                statements.push(Stmt { kind: StmtKind::Let { name, value: broken(span) }, span });
            } else {
                self.bump();
            }
        }
        self.skip_statement(start);
    }

    fn statement(&mut self) -> Parsed<StmtKind> {
        if self.is(TokenKind::LeftBrace) {
            return Ok(StmtKind::Block(self.block()?));
        }
        if let Some(word) = self.word() {
            self.refused_statement(word)?;
            if let Some(statement) = words::statement(word)
                && self.has_shape(word, statement)
            {
                return self.worded_statement(statement);
            }
            if self.begins_nothing() {
                return self.unknown_statement(word);
            }
        }
        self.assignment_or_call()
    }

    /// Whether what follows the word shows that it begins a statement and is not a name.
    fn has_shape(&self, word: &str, statement: Statement) -> bool {
        let next = self.nth(1).kind;
        if assignment(next).is_some() || matches!(next, TokenKind::Dot | TokenKind::LeftBracket) {
            return false;
        }
        if next == TokenKind::LeftParen && self.functions.contains(word) {
            return false;
        }
        match statement {
            Statement::Let => next == TokenKind::Word,
            Statement::Sleep | Statement::Work | Statement::Io | Statement::Fence => {
                matches!(next, TokenKind::LeftParen | TokenKind::Duration | TokenKind::Integer)
            }
            Statement::If
            | Statement::While
            | Statement::Loop
            | Statement::For
            | Statement::Break
            | Statement::Continue
            | Statement::Return
            | Statement::Match
            | Statement::Assert
            | Statement::Panic
            | Statement::Assume
            | Statement::Yield
            | Statement::Either
            | Statement::With
            | Statement::When
            | Statement::Atomically => true,
        }
    }

    /// Statements of the language that this release refuses.
    fn refused_statement(&mut self, word: &str) -> Parsed<()> {
        let next = self.nth(1).kind;
        let refused = match word {
            "select" => next == TokenKind::LeftBrace,
            "progress" => next == TokenKind::Semicolon,
            _ => false,
        };
        if !refused {
            return Ok(());
        }
        let refused = unsupported(self.next().span, word);
        Err(self.complain(Place::Lexeme, refused))
    }

    /// Whether the word here is followed by something that no name can be followed by: a misspelt word of a statement.
    fn begins_nothing(&self) -> bool {
        let next = self.nth(1);
        let follows = match next.kind {
            TokenKind::Word => self.nth_word(1) != Some("is") && !matches!(self.word(), Some("spawn" | "spawn_task")),
            TokenKind::LeftBrace | TokenKind::Integer | TokenKind::Text | TokenKind::Duration => true,
            _ => false,
        };
        follows && !next.starts_line
    }

    /// Reports a word that begins no statement. If it is clear which one was meant, that one is parsed.
    fn unknown_statement(&mut self, word: &str) -> Parsed<StmtKind> {
        let unknown = syntax::unknown_statement(self.next().span, word);
        let meant = words::nearest_statement(word);
        let hint = meant.or_else(|| words::nearest_declaration(word));
        let diagnostic = match hint {
            Some(hint) => unknown.help(format!("did you mean `{hint}`?")),
            None => unknown,
        };
        let reported = self.complain(Place::Lexeme, diagnostic);
        match meant.and_then(words::statement) {
            Some(statement) => self.worded_statement(statement),
            None => Err(reported),
        }
    }

    /// The statement whose word stands here (or one that was meant to be it).
    fn worded_statement(&mut self, statement: Statement) -> Parsed<StmtKind> {
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

    /// `(10ms)`
    fn pause(&mut self, kind: PauseWord) -> Parsed<StmtKind> {
        if !self.is(TokenKind::LeftParen) {
            return Err(self.expected("`(`"));
        }
        let micros = self.bracketed(TokenKind::RightParen, |parser| {
            let next = parser.next();
            match next.kind {
                TokenKind::Duration => {
                    parser.bump();
                    Ok(literals::duration(parser.written(next)).unwrap_or_else(|| {
                        parser.object(syntax::number_too_large(next.span));
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
        })?;
        Ok(StmtKind::Pause { kind, micros })
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
            Some((to, inclusive)) => {
                StmtKind::For { name, range: super::super::tree::Range { from: first, to, inclusive }, body }
            }
            None => StmtKind::ForEach { name, channel: first, body },
        })
    }

    fn match_statement(&mut self) -> Parsed<StmtKind> {
        self.bump();
        let value = self.head(Self::expression)?;
        if !self.is(TokenKind::LeftBrace) {
            return Err(self.expected_block());
        }
        let arms = self.nested(|parser| {
            let open = parser.at;
            parser.bump();
            let mut arms = Vec::new();
            while !parser.eat(TokenKind::RightBrace) {
                if parser.blocks_end_here() {
                    parser.unclosed_block(open);
                    break;
                }
                let start = parser.at;
                match parser.arm() {
                    Ok(arm) => arms.push(arm),
                    Err(Reported) => parser.skip_statement(start),
                }
            }
            Ok(arms)
        })?;
        Ok(StmtKind::Match { value, arms })
    }

    /// `PATTERN => { … }` and a comma, if there is one.
    fn arm(&mut self) -> Parsed<Arm> {
        let start = self.at;
        let mut pattern = Err(Reported);
        let head = self.head(|parser| {
            pattern = parser.pattern();
            pattern.clone()?;
            parser.expect(TokenKind::FatArrow, "`=>`")?;
            if !parser.is(TokenKind::LeftBrace) {
                let bare = syntax::arm_without_braces(parser.next().span);
                return Err(parser.complain(Place::Lexeme, bare));
            }
            Ok(broken(parser.span_from(start)))
        })?;
        let body = self.block()?;
        self.eat(TokenKind::Comma);
        Ok(Arm { pattern: pattern.unwrap_or_else(|Reported| broken_pattern(head)), body })
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

    fn assignment_or_call(&mut self) -> Parsed<StmtKind> {
        let target = self.expression()?;
        if let Some(op) = assignment(self.kind()) {
            if !is_place(&target) {
                self.object(syntax::not_assignable(target.span));
            }
            self.bump();
            let value = self.value();
            self.semicolon()?;
            return Ok(StmtKind::Assign { target, op, value });
        }
        self.semicolon_or("`;` or an operator", &[])?;
        if !matches!(target.kind, ExprKind::Call { .. } | ExprKind::Method { .. } | ExprKind::Error) {
            self.idle(&target);
        }
        Ok(StmtKind::Expr(target))
    }

    /// Reports a statement that only computes a value.
    fn idle(&mut self, expression: &Expr) {
        let idle = syntax::no_effect(expression.span);
        let meant = match &expression.kind {
            ExprKind::Name(word) => words::nearest_statement(word).map(|meant| format!("did you mean `{meant}`?")),
            ExprKind::Binary { op: BinaryOp::Equal, left, .. } if is_place(left) => {
                Some("an assignment is written with `=`".to_owned())
            }
            ExprKind::Field { field, .. } => Some(format!("an operation is called with `{}()`", field.name)),
            _ => None,
        };
        self.object(match meant {
            Some(meant) => idle.help(meant),
            None => idle,
        });
    }
}

/// A pattern that is broken; nothing further is said about it.
fn broken_pattern(expression: Expr) -> Pattern {
    let span = expression.span;
    Pattern { kind: PatternKind::Value(Box::new(expression)), span }
}

/// Whether something can be assigned to: a name or an element.
fn is_place(expression: &Expr) -> bool {
    match &expression.kind {
        ExprKind::Name(_) | ExprKind::Error => true,
        ExprKind::Index { base, .. } => matches!(base.kind, ExprKind::Name(_)),
        _ => false,
    }
}

/// The assignment that a token stands for: `None` for no assignment, `Some(None)` for `=`.
fn assignment(kind: TokenKind) -> Option<Option<BinaryOp>> {
    Some(match kind {
        TokenKind::Assign => None,
        TokenKind::PlusAssign => Some(BinaryOp::Add),
        TokenKind::MinusAssign => Some(BinaryOp::Subtract),
        TokenKind::StarAssign => Some(BinaryOp::Multiply),
        TokenKind::SlashAssign => Some(BinaryOp::Divide),
        TokenKind::PercentAssign => Some(BinaryOp::Remainder),
        TokenKind::AndAssign => Some(BinaryOp::BitAnd),
        TokenKind::OrAssign => Some(BinaryOp::BitOr),
        TokenKind::CaretAssign => Some(BinaryOp::BitXor),
        TokenKind::ShiftLeftAssign => Some(BinaryOp::ShiftLeft),
        TokenKind::ShiftRightAssign => Some(BinaryOp::ShiftRight),
        _ => return None,
    })
}
