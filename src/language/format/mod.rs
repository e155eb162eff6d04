//! The one layout of scenario files: from text to the same text, tidied.
//!
//! It works on the lossless tokens, so comments and every token stay, in their order. Where lines end is the author's
//! decision wherever that can be read well: a block on one line stays there while it fits, and short statements that
//! belong together may share a line. Spaces, indentation, the braces of blocks that do not fit on a line, and blank lines
//! (at most one) are not. Trailing comments stay in the author's columns. A text with errors has no layout.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a rule names the tokens that it is about, and all others are alike to it"
)]

mod pieces;
mod space;

use super::diagnostic::{Diagnostic, Severity};
use super::lexer::TokenKind;
use super::parser::parse;
use crate::program::Source;
use pieces::Piece;
use std::iter;

/// The longest line without its comment; blocks on one line are opened where they would pass it.
const WIDTH: usize = 120;

/// How far the inside of a block is indented.
const STEP: usize = 4;

/// The text of a scenario in the common layout. Formatting its result again changes nothing.
///
/// # Errors
/// The errors of a text that cannot be parsed, and its warnings.
pub fn format(source: &Source) -> Result<String, Vec<Diagnostic>> {
    let (_, found) = parse(source);
    if found.iter().any(|diagnostic| diagnostic.severity == Severity::Error) {
        return Err(found);
    }
    let pieces = pieces::collect(&source.text);
    let mut layouts: Vec<Layout> = (0..pieces.len()).map(|at| authored(&pieces, at)).collect();
    loop {
        let mut printer = Printer::new(&pieces, &layouts);
        printer.print();
        if printer.too_long.is_empty() {
            return Ok(printer.text);
        }
        for open in printer.too_long {
            layouts[open] = Layout::Opened;
        }
    }
}

/// How the braces around a block or a list are set. Only looked at where a piece opens one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Layout {
    /// On one line, as the author has it.
    Line,
    /// The braces end and begin lines; inside, the author's lines.
    Block,
    /// The author has it on one line, where it does not fit: everything inside gets a line of its own.
    Opened,
}

/// The layout that the author has chosen for the braces that open here.
fn authored(pieces: &[Piece<'_>], open: usize) -> Layout {
    let close = pieces[open].partner.unwrap_or(open);
    let inside = pieces.get(open + 1..=close).unwrap_or_default();
    // Nothing inside is nothing to set on lines of its own.
    if inside.len() > 1 && inside.iter().any(|piece| piece.lines_before > 0) { Layout::Block } else { Layout::Line }
}

/// What stands between two pieces.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Gap {
    /// So many blanks.
    Blanks(usize),
    /// The end of a line.
    Line,
    /// The end of a line, and a blank one.
    BlankLine,
}

impl Gap {
    /// The author's line ends, at least one and at most two.
    fn lines(authored: usize) -> Self {
        if authored > 1 { Gap::BlankLine } else { Gap::Line }
    }
}

/// Brackets that are open.
#[derive(Clone, Copy, Debug)]
struct Open {
    /// Position of the opening bracket; `None` for the file.
    at: Option<usize>,
    /// Indentation of what begins a line inside.
    inner: usize,
}

struct Printer<'a> {
    pieces: &'a [Piece<'a>],
    layouts: &'a [Layout],
    text: String,
    open: Vec<Open>,
    /// Indentation of the current line.
    indent: usize,
    /// Position of the first piece of the current line.
    line: usize,
    /// Width of the current line so far.
    reached: usize,
    /// The same without its comment.
    width: usize,
    /// Braces on one line that does not fit.
    too_long: Vec<usize>,
}

impl<'a> Printer<'a> {
    fn new(pieces: &'a [Piece<'a>], layouts: &'a [Layout]) -> Self {
        Self {
            pieces,
            layouts,
            text: String::new(),
            open: vec![Open { at: None, inner: 0 }],
            indent: 0,
            line: 0,
            reached: 0,
            width: 0,
            too_long: Vec::new(),
        }
    }

    fn print(&mut self) {
        for at in 0..self.pieces.len() {
            match if at == 0 { Gap::Blanks(0) } else { self.gap(at) } {
                Gap::Blanks(blanks) => self.blanks(blanks),
                Gap::Line => self.begin_line(at),
                Gap::BlankLine => {
                    self.text.push('\n');
                    self.begin_line(at);
                }
            }
            self.piece(at);
        }
        self.end_line(self.pieces.len());
    }

    fn piece(&mut self, at: usize) {
        let piece = self.pieces[at];
        self.text.push_str(piece.written);
        self.reached += piece.written.chars().count();
        if !piece.is_comment() {
            self.width = self.reached;
        }
        if piece.is_opening() {
            let beside = matches!(piece.kind, TokenKind::LeftBrace) && self.in_braces();
            let outer = if beside { self.inside().inner } else { self.indent };
            self.open.push(Open { at: Some(at), inner: outer + STEP });
        } else if piece.is_closing() {
            self.open.pop();
        }
    }

    /// The innermost open brackets.
    fn inside(&self) -> Open {
        self.open.last().copied().unwrap_or(Open { at: None, inner: 0 })
    }

    /// Whether statements or declarations stand here, and not the inside of parentheses.
    fn in_braces(&self) -> bool {
        self.inside().at.is_none_or(|open| self.pieces[open].kind == TokenKind::LeftBrace)
    }

    fn begin_line(&mut self, at: usize) {
        self.end_line(at);
        let inner = self.inside().inner;
        self.indent = if self.pieces[at].is_closing() {
            inner.saturating_sub(STEP)
        } else if self.begins_item(at) {
            inner
        } else {
            inner + STEP
        };
        self.line = at;
        (self.reached, self.width) = (0, 0);
        self.blanks(self.indent);
    }

    fn blanks(&mut self, blanks: usize) {
        self.text.extend(iter::repeat_n(' ', blanks));
        self.reached += blanks;
    }

    /// Ends the line before the piece at `next`.
    fn end_line(&mut self, next: usize) {
        self.text.push('\n');
        if self.width <= WIDTH {
            return;
        }
        let mut at = self.line;
        while at < next {
            let close = self.pieces[at].partner.filter(|_| self.pieces[at].kind == TokenKind::LeftBrace);
            match close {
                Some(close) if close < next && self.layouts[at] == Layout::Line => {
                    if close > at + 1 {
                        self.too_long.push(at);
                    }
                    at = close;
                }
                Some(_) | None => {}
            }
            at += 1;
        }
    }

    /// Whether the piece begins a declaration, a statement or an element of a list, and does not go on with one.
    fn begins_item(&self, at: usize) -> bool {
        let Some(last) = self.pieces[at].previous.map(|last| self.pieces[last]) else { return true };
        match last.kind {
            TokenKind::Semicolon => true,
            TokenKind::Comma => {
                let is_arm = last.previous.is_some_and(|before| self.pieces[before].kind == TokenKind::RightBrace);
                !self.in_braces() || self.in_list() || is_arm
            }
            TokenKind::RightBrace => self.in_braces() && !space::goes_on(self.pieces, at),
            _ => last.is_opening(),
        }
    }

    /// Whether the innermost brackets are the braces of a list: `in {1, 2}`, `outcomes { 1, 2 }`.
    fn in_list(&self) -> bool {
        self.inside().at.is_some_and(|open| space::is_list(self.pieces, open))
    }

    /// What stands before the piece at `at`, which is not the first.
    fn gap(&self, at: usize) -> Gap {
        let (before, this) = (self.pieces[at - 1], self.pieces[at]);
        let at_edge = before.kind == TokenKind::LeftBrace || this.kind == TokenKind::RightBrace;
        let lines = if at_edge { Gap::Line } else { Gap::lines(this.lines_before) };
        if before.kind == TokenKind::Description && !this.is_comment() {
            return Gap::BlankLine;
        }
        if before.is_comment() || (this.is_comment() && this.lines_before > 0) {
            return lines;
        }
        if this.is_comment() {
            return Gap::Blanks(this.blanks_before.max(1));
        }
        if self.must_break(at) {
            return lines;
        }
        if this.lines_before > 0 && !at_edge && !space::joins(self.pieces, at) {
            return lines;
        }
        Gap::Blanks(usize::from(space::between(self.pieces, at)))
    }

    /// Whether a line ends before the piece, whatever the author has.
    fn must_break(&self, at: usize) -> bool {
        let (before, this) = (self.pieces[at - 1], self.pieces[at]);
        let opens_block = before.kind == TokenKind::LeftBrace && self.layouts[at - 1] != Layout::Line;
        if opens_block {
            return true;
        }
        if this.kind == TokenKind::RightBrace {
            return self.inside().at.is_some_and(|open| self.layouts[open] != Layout::Line);
        }
        let ends_block = before.kind == TokenKind::RightBrace && self.in_braces() && !space::goes_on(self.pieces, at);
        if ends_block && before.partner.is_some_and(|open| self.layouts[open] != Layout::Line) {
            return true;
        }
        let opened = self.inside().at.is_some_and(|open| self.layouts[open] == Layout::Opened);
        let ends_item = ends_block
            || before.kind == TokenKind::Semicolon
            || (before.kind == TokenKind::Comma && self.begins_item(at));
        opened && ends_item
    }
}
