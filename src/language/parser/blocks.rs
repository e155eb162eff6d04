//! Blocks, and what kind of statement each of their statements is.

use super::super::diagnostic::{syntax, unsupported};
use super::super::lexer::TokenKind;
use super::super::tree::{Block, Expr, ExprKind, Stmt, StmtKind};
use super::recovery::Place;
use super::words::{self, Statement};
use super::{Parsed, Parser, Reported, broken};
use crate::program::BinaryOp;

impl Parser<'_> {
    /// `{ … }`
    ///
    /// A block whose `}` is missing is reported and ends where it must have ended. Where only the `{` is missing, the
    /// indentation of the next line says whether there is a block.
    pub(super) fn block(&mut self) -> Parsed<Block> {
        let start = self.at;
        let statements = self.braced(Self::statement_into)?;
        Ok(Block { statements, span: self.span_from(start) })
    }

    /// What `each` parses, any number of times, between braces.
    pub(super) fn braced<T>(&mut self, each: impl Fn(&mut Self, &mut Vec<T>)) -> Parsed<Vec<T>> {
        if !self.is(TokenKind::LeftBrace) {
            let missing = self.expected_block();
            if !self.lacks_only_brace() {
                return Err(missing);
            }
        }
        self.up_to_brace(each)
    }

    /// The same behind a `{` that is missing and was complained about, or that is the next lexeme.
    pub(super) fn up_to_brace<T>(&mut self, each: impl Fn(&mut Self, &mut Vec<T>)) -> Parsed<Vec<T>> {
        self.nested(|parser| {
            let open = parser.at;
            parser.eat(TokenKind::LeftBrace);
            let mut all = Vec::new();
            while !parser.is(TokenKind::RightBrace) {
                if parser.blocks_end_here() {
                    parser.unclosed_block(open);
                    return Ok(all);
                }
                each(parser, &mut all);
            }
            let close = parser.at;
            parser.bump();
            let [opening, closing] = [parser.lexemes[open], parser.lexemes[close]];
            if closing.starts_line && closing.indent != opening.indent {
                parser.misaligned.push((open, close));
            }
            Ok(all)
        })
    }

    /// One statement, or nothing where it was refused; after an error, the rest of it is skipped.
    fn statement_into(&mut self, statements: &mut Vec<Stmt>) {
        if self.eat(TokenKind::Semicolon) {
            return;
        }
        let start = self.at;
        // In a body, `always(1)` is a call.
        if self.at_declaration() && self.nth(1).kind != TokenKind::LeftParen {
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
            if self.is_macro_call() {
                return Err(self.reject_macro(self.next().span));
            }
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
            Statement::Progress => next == TokenKind::Semicolon,
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
            Some(statement) => self.guess(|parser| parser.worded_statement(statement)),
            None => Err(reported),
        }
    }

    fn assignment_or_call(&mut self) -> Parsed<StmtKind> {
        let target = self.expression()?;
        if let Some(op) = assignment(self.kind()) {
            if !is_place(&target) {
                self.report(syntax::not_assignable(target.span));
            }
            self.bump();
            let value = self.value();
            self.semicolon()?;
            return Ok(StmtKind::Assign { target, op, value });
        }
        if self.is(TokenKind::LeftBrace)
            && let ExprKind::Field { base, field } = &target.kind
            && field.name == "call"
        {
            let object = base.as_ref().clone();
            return Ok(StmtKind::CallOnce { object, body: self.block()? });
        }
        let does_something = matches!(
            target.kind,
            ExprKind::Call { .. } | ExprKind::Method { .. } | ExprKind::Spawn { .. } | ExprKind::Error
        );
        if !does_something && (self.is(TokenKind::Semicolon) || self.is_at_gap()) {
            self.idle(&target);
            return Err(Reported);
        }
        self.semicolon_or("`;` or an operator", &[])?;
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
        self.report(match meant {
            Some(meant) => idle.help(meant),
            None => idle,
        });
    }
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
