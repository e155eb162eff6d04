//! From tokens to the tree: recursive descent with recovery.
//!
//! Every function that parses something returns [`Parsed`]: `Err` means that an error was reported and that the caller
//! (at the latest, the list of statements or declarations) finds the next place to go on from. No two complaints are
//! made about one place, and nothing that was skipped is complained about, so each error stands for a mistake of its own.
//!
//! All recursion goes through [`Parser::nested`], and expressions are limited in length, so no text can exhaust the
//! stack, neither here nor when a tree is walked or dropped. The parser knows no names but those of the language.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a kind of token that a rule of the grammar does not name is an error there, whatever it is"
)]

mod blocks;
mod expectations;
mod expressions;
mod foreign;
mod items;
mod lexemes;
mod literals;
mod objects;
mod patterns;
mod recovery;
mod statements;
mod words;

use super::diagnostic::{Diagnostic, syntax};
use super::lexer::{TokenKind, lex};
use super::tree::{Expr, ExprKind, File, Ident, Item};
use crate::program::{Source, Span};
use lexemes::Lexeme;
use recovery::{Complaint, Place};
use std::collections::BTreeSet;
pub use words::{keywords, object_words};

/// The longest text that is read, in bytes.
pub const MAX_BYTES: usize = 1024 * 1024;
/// How deeply blocks, brackets and unary operators may stand in each other.
pub const MAX_NESTING: usize = 64;
/// How many binary operators one expression may have.
pub const MAX_OPERATORS: usize = 1000;
/// How many calls, indices and fields one expression may have.
pub const MAX_POSTFIXES: usize = 100;

/// Parses a whole file.
///
/// The tree holds everything that could be understood; it is good for further checks even where there are errors,
/// because what was not understood is marked ([`ExprKind::Error`], [`ItemKind::Error`](super::tree::ItemKind::Error)).
/// The diagnostics are in the order of their places.
#[must_use]
pub fn parse(source: &Source) -> (File, Vec<Diagnostic>) {
    if source.text.len() > MAX_BYTES {
        let file = File { description: Vec::new(), items: Vec::new() };
        return (file, vec![syntax::too_large(MAX_BYTES)]);
    }
    let mut diagnostics = Vec::new();
    let tokens = lex(&source.text);
    let lexemes = lexemes::collect(&source.text, &tokens, &mut diagnostics);
    let mut parser = Parser::new(&source.text, lexemes.all);
    parser.file();
    diagnostics.extend(recovery::without_echoes(parser.diagnostics, &source.text, &tokens));
    diagnostics.sort_by_key(|diagnostic| diagnostic.span);
    (File { description: lexemes.description, items: parser.items }, diagnostics)
}

/// An error was reported; nothing is left to say about it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Reported;

type Parsed<T> = Result<T, Reported>;

/// The state of a parse.
struct Parser<'a> {
    text: &'a str,
    lexemes: Vec<Lexeme>,
    /// Position of the next lexeme.
    at: usize,
    /// How many levels of nesting are open.
    depth: usize,
    /// How much of its limits the current expression has used.
    length: Length,
    /// Names of the functions that the file declares: `work(3)` is a call where there is a function of that name.
    functions: BTreeSet<&'a str>,
    items: Vec<Item>,
    /// Name of the declaration being parsed, as soon as it is known.
    declared: Option<Ident>,
    /// Blocks whose braces are indented differently, in the order in which they were closed.
    misaligned: Vec<(usize, usize)>,
    /// Place of the last complaint.
    last_complaint: Option<Complaint>,
    diagnostics: Vec<Diagnostic>,
}

/// Length of an expression.
#[derive(Clone, Copy, Default, Debug)]
struct Length {
    /// How many expressions are open around the current place.
    open: usize,
    operators: usize,
    postfixes: usize,
}

impl<'a> Parser<'a> {
    fn new(text: &'a str, lexemes: Vec<Lexeme>) -> Self {
        let word = |lexeme: &Lexeme| (lexeme.kind == TokenKind::Word).then(|| &text[lexeme.span.range()]);
        let function = |pair: &[Lexeme]| if word(&pair[0]) == Some("fn") { word(&pair[1]) } else { None };
        let functions = lexemes.windows(2).filter_map(function).collect();
        Self {
            text,
            lexemes,
            at: 0,
            depth: 0,
            length: Length::default(),
            functions,
            items: Vec::new(),
            declared: None,
            misaligned: Vec::new(),
            last_complaint: None,
            diagnostics: Vec::new(),
        }
    }

    /// The lexeme `ahead` places from here; the end of the text for ever behind the last.
    fn nth(&self, ahead: usize) -> Lexeme {
        self.lexemes[(self.at + ahead).min(self.lexemes.len() - 1)]
    }

    fn next(&self) -> Lexeme {
        self.nth(0)
    }

    fn kind(&self) -> TokenKind {
        self.next().kind
    }

    fn is(&self, kind: TokenKind) -> bool {
        self.kind() == kind
    }

    fn written(&self, lexeme: Lexeme) -> &'a str {
        &self.text[lexeme.span.range()]
    }

    fn quote(&self, span: Span) -> &'a str {
        &self.text[span.range()]
    }

    /// The word `ahead` places from here, if it is one.
    fn nth_word(&self, ahead: usize) -> Option<&'a str> {
        let lexeme = self.nth(ahead);
        (lexeme.kind == TokenKind::Word).then(|| self.written(lexeme))
    }

    fn word(&self) -> Option<&'a str> {
        self.nth_word(0)
    }

    fn is_word(&self, word: &str) -> bool {
        self.word() == Some(word)
    }

    /// Passes over the next lexeme. The end of the text is never passed.
    fn bump(&mut self) -> Lexeme {
        let lexeme = self.next();
        if lexeme.kind != TokenKind::End {
            self.at += 1;
        }
        lexeme
    }

    fn eat(&mut self, kind: TokenKind) -> bool {
        let found = self.is(kind);
        if found {
            self.bump();
        }
        found
    }

    fn eat_word(&mut self, word: &str) -> bool {
        let found = self.is_word(word);
        if found {
            self.bump();
        }
        found
    }

    fn expect(&mut self, kind: TokenKind, what: &str) -> Parsed<Lexeme> {
        if self.is(kind) { Ok(self.bump()) } else { Err(self.expected(what)) }
    }

    fn expect_word(&mut self, word: &str) -> Parsed<Lexeme> {
        if self.is_word(word) { Ok(self.bump()) } else { Err(self.expected_words(&format!("`{word}`"), &[word])) }
    }

    /// Everything from the lexeme at `start` to the last one passed.
    fn span_from(&self, start: usize) -> Span {
        let first = self.lexemes[start].span;
        if self.at > start { first.to(self.lexemes[self.at - 1].span) } else { Span::new(first.start, first.start) }
    }

    /// The place right behind the last lexeme passed.
    fn gap(&self) -> Span {
        let end = if self.at == 0 { 0 } else { self.lexemes[self.at - 1].span.end };
        Span::new(end, end)
    }

    /// Runs `parse` one level of nesting deeper.
    fn nested<T>(&mut self, parse: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        if self.depth == MAX_NESTING {
            let too_deep = syntax::nested_too_deeply(self.next().span, MAX_NESTING);
            let reported = self.complain(Place::Lexeme, too_deep);
            if self.is(TokenKind::LeftBrace) {
                self.skip_block();
            }
            return Err(reported);
        }
        self.depth += 1;
        let parsed = parse(self);
        self.depth -= 1;
        parsed
    }

    /// What stands between the opening bracket here and its partner.
    ///
    /// After an error inside, the parser stands behind the partner, if there is one.
    fn bracketed<T>(&mut self, closing: TokenKind, parse: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        let open = self.at;
        let parsed = self.nested(|parser| {
            parser.bump();
            let inside = parse(parser)?;
            parser.close(open, closing)?;
            Ok(inside)
        });
        if parsed.is_err()
            && let Some(close) = self.lexemes[open].partner
            && close >= self.at
        {
            self.at = close + 1;
        }
        parsed
    }

    /// What `parse` parses, any number of times with commas between and, if wanted, behind, up to `closing`.
    fn separated<T>(&mut self, closing: TokenKind, mut parse: impl FnMut(&mut Self) -> Parsed<T>) -> Parsed<Vec<T>> {
        let mut all = Vec::new();
        // At the other three nothing can follow: the caller will miss the closing bracket.
        while !self.is(closing) && !matches!(self.kind(), TokenKind::Semicolon | TokenKind::RightBrace | TokenKind::End)
        {
            all.push(parse(self)?);
            if !self.eat(TokenKind::Comma) {
                break;
            }
        }
        Ok(all)
    }

    /// A name; `of` says whose, for the message (`the mutex`).
    fn name(&mut self, of: &str) -> Parsed<Ident> {
        let Some(word) = self.word() else { return Err(self.expected(&format!("a name for {of}"))) };
        if matches!(word, "true" | "false" | "_") {
            let wrong = syntax::not_a_name(self.next().span, word);
            return Err(self.complain(Place::Lexeme, wrong));
        }
        Ok(self.ident())
    }

    /// The word here, whatever it is.
    ///
    /// Only called where a word was seen.
    fn ident(&mut self) -> Ident {
        let lexeme = self.bump();
        Ident { name: self.written(lexeme).to_owned(), span: lexeme.span }
    }

    /// A text in quotes, if there is one.
    fn message(&mut self) -> Option<String> {
        if !matches!(self.kind(), TokenKind::Text | TokenKind::OpenText) {
            return None;
        }
        let lexeme = self.bump();
        Some(literals::text(self.written(lexeme)))
    }

    /// `, "text"`, if there is a comma.
    fn comma_message(&mut self) -> Parsed<Option<String>> {
        if !self.eat(TokenKind::Comma) {
            return Ok(None);
        }
        match self.message() {
            Some(message) => Ok(Some(message)),
            None => Err(self.expected("a text in quotes")),
        }
    }
}

/// Where an expression is broken: nothing further is said about it.
fn broken(span: Span) -> Expr {
    Expr { kind: ExprKind::Error, span }
}
