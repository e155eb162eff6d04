//! Which pieces of one line have a blank between them, and which belong on one line.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a rule names the tokens that it is about, and all others are alike to it"
)]

use super::super::lexer::TokenKind as T;
use super::pieces::Piece;

/// Words that an expression follows: a sign behind one is a sign of its operand, and a parenthesis no call.
const BEFORE_EXPRESSION: [&str; 16] = [
    "if", "while", "match", "return", "assert", "assume", "in", "is", "require", "always", "finally", "possible",
    "observe", "with", "when", "else",
];

/// Whether a blank stands between the piece at `at` and the one before it on the same line.
pub(super) fn between(pieces: &[Piece<'_>], at: usize) -> bool {
    let (before, this) = (pieces[at - 1], pieces[at]);
    if before.kind == T::LeftBrace {
        return this.kind != T::RightBrace && !is_set(pieces, at - 1);
    }
    if this.kind == T::RightBrace {
        return !this.partner.is_some_and(|open| is_set(pieces, open));
    }
    if matches!(before.kind, T::LeftParen | T::LeftBracket | T::Dot | T::DotDot | T::DotDotEqual) {
        return false;
    }
    match this.kind {
        T::RightParen | T::RightBracket | T::Semicolon | T::Comma | T::Dot | T::DotDot | T::DotDotEqual => false,
        T::LeftParen => !ends_operand(pieces, at - 1) && !is_sign(pieces, at - 1),
        T::LeftBracket => !ends_operand(pieces, at - 1),
        _ => !is_sign(pieces, at - 1),
    }
}

/// Whether the piece stays on the line of the one before it, whatever the author has.
pub(super) fn joins(pieces: &[Piece<'_>], at: usize) -> bool {
    let (before, this) = (pieces[at - 1], pieces[at]);
    match this.kind {
        // A brace that begins a statement is a block of its own.
        T::LeftBrace => !matches!(before.kind, T::Semicolon | T::LeftBrace | T::RightBrace),
        T::Semicolon => !matches!(before.kind, T::Semicolon | T::LeftBrace),
        T::Comma => true,
        T::Word => before.kind == T::RightBrace && goes_on(pieces, at),
        _ => false,
    }
}

/// Whether the piece behind a `}` belongs to what the brace has ended: `else`, `or`, an operator, a bracket.
pub(super) fn goes_on(pieces: &[Piece<'_>], at: usize) -> bool {
    let this = pieces[at];
    match this.kind {
        T::Word => match this.written {
            "else" => true,
            // `or` may also be the name of something that is assigned or called.
            "or" => pieces.get(at + 1).is_some_and(|next| next.kind == T::LeftBrace),
            _ => false,
        },
        T::Minus => !begins_negative_arm(pieces, at),
        T::Comment | T::Description | T::LeftBrace | T::LeftParen | T::Integer | T::Bang | T::Text => false,
        _ => true,
    }
}

/// Whether the braces that open here hold a list and no statements.
pub(super) fn is_list(pieces: &[Piece<'_>], open: usize) -> bool {
    is_set(pieces, open) || before(pieces, open).is_some_and(|piece| piece.written == "outcomes")
}

/// Whether the braces that open here are those of a set: `in {1, 2}`.
fn is_set(pieces: &[Piece<'_>], open: usize) -> bool {
    before(pieces, open).is_some_and(|piece| piece.written == "in")
}

/// The piece before the one at `at`, comments apart.
fn before<'a>(pieces: &[Piece<'a>], at: usize) -> Option<Piece<'a>> {
    pieces[at].previous.map(|before| pieces[before])
}

/// Whether an operand may end with the piece: what follows is then an operator or the bracket of a call or index.
fn ends_operand(pieces: &[Piece<'_>], at: usize) -> bool {
    let piece = pieces[at];
    match piece.kind {
        T::Word => {
            // After a dot and after `fn` every word is a name.
            let named = before(pieces, at).is_some_and(|piece| piece.kind == T::Dot || piece.written == "fn");
            named || !BEFORE_EXPRESSION.contains(&piece.written)
        }
        T::Integer | T::Duration | T::RightParen | T::RightBracket => true,
        _ => false,
    }
}

/// Whether the piece is a sign of the operand behind it.
fn is_sign(pieces: &[Piece<'_>], at: usize) -> bool {
    match pieces[at].kind {
        T::Bang => true,
        T::Minus => {
            let Some(last) = pieces[at].previous else { return true };
            match pieces[last].kind {
                T::RightBrace => begins_negative_arm(pieces, at),
                _ => !ends_operand(pieces, last),
            }
        }
        _ => false,
    }
}

/// Whether an arm of a `match` begins here: `-1 => { }`.
fn begins_negative_arm(pieces: &[Piece<'_>], at: usize) -> bool {
    pieces[at].kind == T::Minus && pieces.get(at + 2).is_some_and(|piece| piece.kind == T::FatArrow)
}
