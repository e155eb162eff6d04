//! From the text of a literal to its value.

use super::super::diagnostic::{Diagnostic, syntax};
use super::super::lexer::UNITS;
use crate::program::Span;

/// The value of an integer without a sign; `None` if it has more than 64 bits.
pub(super) fn integer(written: &str) -> Option<u64> {
    written.replace('_', "").parse().ok()
}

/// A duration in microseconds; `None` if it has more than 64 bits.
pub(super) fn duration(written: &str) -> Option<u64> {
    let unit_at = written.find(|c: char| c.is_ascii_alphabetic())?;
    let (number, unit) = written.split_at(unit_at);
    let (_, micros) = UNITS.iter().find(|(name, _)| *name == unit)?;
    integer(number)?.checked_mul(*micros)
}

/// What is wrong with a text in quotes.
pub(super) fn text_errors(span: Span, written: &str) -> Vec<Diagnostic> {
    let unknown = pieces(written).filter(|piece| piece.value.is_none());
    let complain = |piece: Piece<'_>| {
        let start = span.start + u32::try_from(piece.at).expect("texts are at most 1 MiB");
        let end = start + u32::try_from(piece.written.len()).expect("texts are at most 1 MiB");
        syntax::unknown_escape(Span::new(start, end), piece.written)
    };
    unknown.map(complain).collect()
}

/// The value of a text in quotes; what is wrong with it was said by [`text_errors`].
pub(super) fn text(written: &str) -> String {
    pieces(written).filter_map(|piece| piece.value).collect()
}

/// One character of a text, as written and as meant.
struct Piece<'a> {
    /// Where it begins, in bytes from the opening quote.
    at: usize,
    written: &'a str,
    /// `None` for an escape that means nothing.
    value: Option<char>,
}

fn pieces(quoted: &str) -> impl Iterator<Item = Piece<'_>> {
    let end = if quoted.len() > 1 && quoted.ends_with('"') { quoted.len() - 1 } else { quoted.len() };
    let mut at = 1;
    std::iter::from_fn(move || {
        let rest = quoted.get(at..end)?;
        let first = rest.chars().next()?;
        let (len, value) = if first == '\\' { escape(rest) } else { (first.len_utf8(), Some(first)) };
        let piece = Piece { at, written: &rest[..len], value };
        at += len;
        Some(piece)
    })
}

/// Length and meaning of the escape that `rest` begins with.
fn escape(rest: &str) -> (usize, Option<char>) {
    let Some(letter) = rest[1..].chars().next() else { return (1, None) };
    let len = 1 + letter.len_utf8();
    match letter {
        'n' => (len, Some('\n')),
        'r' => (len, Some('\r')),
        't' => (len, Some('\t')),
        '0' => (len, Some('\0')),
        '\\' | '"' | '\'' => (len, Some(letter)),
        'u' => match rest[len..].strip_prefix('{').and_then(|code| code.split_once('}')) {
            Some((code, _)) => {
                let value = u32::from_str_radix(code, 16).ok().and_then(char::from_u32);
                (len + code.len() + "{}".len(), value)
            }
            None => (len, None),
        },
        _ => (len, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_and_durations() {
        assert_eq!(integer("1_000"), Some(1000));
        assert_eq!(integer("18446744073709551616"), None);
        assert_eq!(duration("10ms"), Some(10_000));
        assert_eq!(duration("2s"), Some(2_000_000));
        assert_eq!(duration("5us"), Some(5));
        assert_eq!(duration("18446744073709551615s"), None);
    }

    #[test]
    fn escapes_mean_what_they_mean_in_rust() {
        assert_eq!(text(r#""a\n\t\"\\\u{e9}é""#), "a\n\t\"\\éé");
        assert_eq!(text(r#""""#), "");
        assert!(text_errors(Span::new(0, 10), r#""\n\u{41}""#).is_empty());
    }

    #[test]
    fn wrong_escapes_are_pointed_at() {
        let errors = text_errors(Span::new(10, 30), r#""a\qb\u{110000}\u12""#);
        let spans: Vec<_> = errors.iter().map(|error| (error.span.start, error.span.end)).collect();
        assert_eq!(spans, [(12, 14), (15, 25), (25, 27)]);
    }
}
