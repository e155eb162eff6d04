//! What a layout arranges: the tokens without the white space, each with what the author had before it.

use super::super::lexer::{TokenKind, lex};

/// A token that is not white space.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Piece<'a> {
    /// What it is.
    pub(super) kind: TokenKind,
    /// Its text; of a comment, without blanks at its end.
    pub(super) written: &'a str,
    /// How many lines end between the piece before and this one.
    pub(super) lines_before: usize,
    /// How many characters of white space stand before it.
    pub(super) blanks_before: usize,
    /// For a bracket: the position of the other one.
    pub(super) partner: Option<usize>,
    /// Position of the last piece before it that is no comment.
    pub(super) previous: Option<usize>,
}

impl Piece<'_> {
    pub(super) fn is_comment(&self) -> bool {
        matches!(self.kind, TokenKind::Comment | TokenKind::Description)
    }

    pub(super) fn is_opening(&self) -> bool {
        matches!(self.kind, TokenKind::LeftBrace | TokenKind::LeftParen | TokenKind::LeftBracket)
    }

    pub(super) fn is_closing(&self) -> bool {
        matches!(self.kind, TokenKind::RightBrace | TokenKind::RightParen | TokenKind::RightBracket)
    }
}

/// The pieces of a text without errors: its brackets match.
pub(super) fn collect(text: &str) -> Vec<Piece<'_>> {
    let mut pieces: Vec<Piece<'_>> = Vec::new();
    let mut open = Vec::new();
    let (mut lines_before, mut blanks_before) = (0, 0);
    let mut previous = None;
    for token in lex(text) {
        let written = &text[token.span.range()];
        if token.kind == TokenKind::WhiteSpace {
            lines_before = written.matches('\n').count();
            blanks_before = written.chars().count();
            continue;
        }
        let (kind, written) = (token.kind, written.trim_end());
        let mut piece = Piece { kind, written, lines_before, blanks_before, partner: None, previous };
        (lines_before, blanks_before) = (0, 0);
        if piece.is_opening() {
            open.push(pieces.len());
        } else if piece.is_closing() {
            piece.partner = open.pop();
            if let Some(partner) = piece.partner {
                pieces[partner].partner = Some(pieces.len());
            }
        }
        if !piece.is_comment() {
            previous = Some(pieces.len());
        }
        pieces.push(piece);
    }
    pieces
}
