//! From text to tokens.
//!
//! Lossless: every byte belongs to exactly one token, white space and comments included, so a formatter can be built on
//! the same tokens. It reports nothing: a token that is not well formed has a kind of its own, and the parser says what
//! is wrong with it. It knows no words of the language; a word is a word.

use crate::program::Span;

/// A piece of the text.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Token {
    /// What it is.
    pub kind: TokenKind,
    /// Where it is.
    pub span: Span,
}

/// The kinds of tokens.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum TokenKind {
    /// Blanks, tabs and line ends.
    WhiteSpace,
    /// `// …` up to the end of the line.
    Comment,
    /// `//! …` up to the end of the line.
    Description,
    /// `/* … */`, which the language does not have; up to the end of the text if it is not closed.
    BlockComment,
    /// A name or a word of the language; `_` is one, too.
    Word,
    /// `1_000`
    Integer,
    /// `10ms`
    Duration,
    /// What begins with a digit and is neither an integer nor a duration: `0x1f`, `1.5`, `3rd`.
    MalformedNumber,
    /// `"…"`
    Text,
    /// `"…` without a closing quote on its line; ends before the line end.
    OpenText,
    /// Characters that no token begins with.
    Stray,
    /// `{`
    LeftBrace,
    /// `}`
    RightBrace,
    /// `(`
    LeftParen,
    /// `)`
    RightParen,
    /// `[`
    LeftBracket,
    /// `]`
    RightBracket,
    /// `;`
    Semicolon,
    /// `,`
    Comma,
    /// `.`
    Dot,
    /// `..`
    DotDot,
    /// `..=`
    DotDotEqual,
    /// `:`
    Colon,
    /// `::`
    ColonColon,
    /// `?`
    Question,
    /// `->`
    Arrow,
    /// `=>`
    FatArrow,
    /// `=`
    Assign,
    /// `+=`
    PlusAssign,
    /// `-=`
    MinusAssign,
    /// `*=`
    StarAssign,
    /// `/=`
    SlashAssign,
    /// `%=`
    PercentAssign,
    /// `&=`
    AndAssign,
    /// `|=`
    OrAssign,
    /// `^=`
    CaretAssign,
    /// `<<=`
    ShiftLeftAssign,
    /// `>>=`
    ShiftRightAssign,
    /// `==`
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterEqual,
    /// `&&`
    AndAnd,
    /// `||`
    OrOr,
    /// `!`
    Bang,
    /// `+`
    Plus,
    /// `-`
    Minus,
    /// `*`
    Star,
    /// `/`
    Slash,
    /// `%`
    Percent,
    /// `&`
    And,
    /// `|`
    Or,
    /// `^`
    Caret,
    /// `<<`
    ShiftLeft,
    /// `>>`
    ShiftRight,
    /// The end of the text: what the parser sees behind the last token. The lexer never makes one.
    End,
}

/// Punctuation; where one is the beginning of another, the longer one stands first.
const PUNCTUATION: [(&str, TokenKind); 46] = [
    ("..=", TokenKind::DotDotEqual),
    ("<<=", TokenKind::ShiftLeftAssign),
    (">>=", TokenKind::ShiftRightAssign),
    ("..", TokenKind::DotDot),
    ("::", TokenKind::ColonColon),
    ("->", TokenKind::Arrow),
    ("=>", TokenKind::FatArrow),
    ("==", TokenKind::Equal),
    ("!=", TokenKind::NotEqual),
    ("<=", TokenKind::LessEqual),
    (">=", TokenKind::GreaterEqual),
    ("<<", TokenKind::ShiftLeft),
    (">>", TokenKind::ShiftRight),
    ("&&", TokenKind::AndAnd),
    ("||", TokenKind::OrOr),
    ("+=", TokenKind::PlusAssign),
    ("-=", TokenKind::MinusAssign),
    ("*=", TokenKind::StarAssign),
    ("/=", TokenKind::SlashAssign),
    ("%=", TokenKind::PercentAssign),
    ("&=", TokenKind::AndAssign),
    ("|=", TokenKind::OrAssign),
    ("^=", TokenKind::CaretAssign),
    ("{", TokenKind::LeftBrace),
    ("}", TokenKind::RightBrace),
    ("(", TokenKind::LeftParen),
    (")", TokenKind::RightParen),
    ("[", TokenKind::LeftBracket),
    ("]", TokenKind::RightBracket),
    (";", TokenKind::Semicolon),
    (",", TokenKind::Comma),
    (".", TokenKind::Dot),
    (":", TokenKind::Colon),
    ("?", TokenKind::Question),
    ("=", TokenKind::Assign),
    ("<", TokenKind::Less),
    (">", TokenKind::Greater),
    ("!", TokenKind::Bang),
    ("+", TokenKind::Plus),
    ("-", TokenKind::Minus),
    ("*", TokenKind::Star),
    ("/", TokenKind::Slash),
    ("%", TokenKind::Percent),
    ("&", TokenKind::And),
    ("|", TokenKind::Or),
    ("^", TokenKind::Caret),
];

/// The units of durations, with their length in microseconds.
pub(super) const UNITS: [(&str, u64); 3] = [("us", 1), ("ms", 1_000), ("s", 1_000_000)];

impl TokenKind {
    /// Whether the parser passes over it without a word.
    #[must_use]
    pub fn is_trivia(self) -> bool {
        matches!(
            self,
            TokenKind::WhiteSpace
                | TokenKind::Comment
                | TokenKind::Description
                | TokenKind::BlockComment
                | TokenKind::Stray
        )
    }

    /// How punctuation is written; `None` for tokens whose text varies.
    #[must_use]
    pub fn spelling(self) -> Option<&'static str> {
        PUNCTUATION.iter().find(|(_, kind)| *kind == self).map(|(text, _)| *text)
    }
}

/// Cuts a text of at most 4 GiB into tokens.
///
/// The tokens follow each other without gaps: their texts put together are the text.
///
/// # Panics
/// If the text is longer than 4 GiB; [`read`](super::read()) and [`parse`](super::parse()) refuse far smaller ones.
#[must_use]
pub fn lex(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let (kind, len) = token(rest, first);
        let at = |rest: &str| u32::try_from(text.len() - rest.len()).expect("the caller bounds the length");
        let start = at(rest);
        rest = &rest[len..];
        tokens.push(Token { kind, span: Span::new(start, at(rest)) });
    }
    tokens
}

/// The token that `rest` begins with, and its length in bytes. `first` is its first character.
fn token(rest: &str, first: char) -> (TokenKind, usize) {
    if is_blank(first) {
        return (TokenKind::WhiteSpace, length_while(rest, is_blank));
    }
    if rest.starts_with("//") {
        let kind = if rest.starts_with("//!") { TokenKind::Description } else { TokenKind::Comment };
        return (kind, length_while(rest, |c| c != '\n'));
    }
    if rest.starts_with("/*") {
        return (TokenKind::BlockComment, rest.find("*/").map_or(rest.len(), |end| end + "*/".len()));
    }
    if first.is_ascii_digit() {
        return number(rest);
    }
    if is_word(first) {
        return (TokenKind::Word, length_while(rest, is_word));
    }
    if first == '"' {
        return text_literal(rest);
    }
    match punctuation(rest) {
        Some((spelling, kind)) => (kind, spelling.len()),
        None => (TokenKind::Stray, stray(rest)),
    }
}

/// A byte order mark counts as blank: editors put it there, and nobody sees it.
fn is_blank(c: char) -> bool {
    c.is_whitespace() || c == '\u{feff}'
}

/// Letters outside ASCII belong to words, so that the parser can complain about a whole word.
fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn punctuation(rest: &str) -> Option<(&'static str, TokenKind)> {
    PUNCTUATION.into_iter().find(|(spelling, _)| rest.starts_with(spelling))
}

fn length_while(text: &str, belongs: impl Fn(char) -> bool) -> usize {
    text.find(|c| !belongs(c)).unwrap_or(text.len())
}

fn number(rest: &str) -> (TokenKind, usize) {
    let len = length_while(rest, is_word);
    let digits = length_while(rest, |c| c.is_ascii_digit() || c == '_');
    if let Some(fraction) = rest[len..].strip_prefix('.')
        && fraction.starts_with(|c: char| c.is_ascii_digit())
    {
        return (TokenKind::MalformedNumber, len + 1 + length_while(fraction, is_word));
    }
    let kind = match &rest[digits..len] {
        "" => TokenKind::Integer,
        unit if UNITS.iter().any(|(name, _)| *name == unit) => TokenKind::Duration,
        _ => TokenKind::MalformedNumber,
    };
    (kind, len)
}

/// A text ends on its line; what a backslash precedes does not end it.
fn text_literal(rest: &str) -> (TokenKind, usize) {
    let mut escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        match c {
            '\n' => return (TokenKind::OpenText, rest[..at].trim_end_matches('\r').len()),
            '"' if !escaped => return (TokenKind::Text, at + 1),
            _ => escaped = c == '\\' && !escaped,
        }
    }
    (TokenKind::OpenText, rest.len())
}

/// Neighbouring stray characters are one token, hence one complaint.
fn stray(rest: &str) -> usize {
    let begins_token = |at: usize, c: char| is_blank(c) || is_word(c) || c == '"' || punctuation(&rest[at..]).is_some();
    rest.char_indices().find(|(at, c)| begins_token(*at, *c)).map_or(rest.len(), |(at, _)| at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use TokenKind as T;

    /// The tokens without white space, as kind and text.
    fn tokens(text: &str) -> Vec<(TokenKind, &str)> {
        let all = lex(text);
        let joined: String = all.iter().map(|token| &text[token.span.range()]).collect();
        assert_eq!(joined, text, "every byte belongs to a token");
        let visible = all.into_iter().filter(|token| token.kind != T::WhiteSpace);
        visible.map(|token| (token.kind, &text[token.span.range()])).collect()
    }

    #[test]
    fn the_longest_punctuation_wins() {
        assert_eq!(tokens("0..=3"), [(T::Integer, "0"), (T::DotDotEqual, "..="), (T::Integer, "3")]);
        assert_eq!(tokens("a<<=b"), [(T::Word, "a"), (T::ShiftLeftAssign, "<<="), (T::Word, "b")]);
        for (spelling, kind) in PUNCTUATION {
            assert_eq!(tokens(spelling), [(kind, spelling)]);
        }
    }

    #[test]
    fn numbers_durations_and_what_only_looks_like_them() {
        assert_eq!(tokens("1_000"), [(T::Integer, "1_000")]);
        assert_eq!(tokens("10ms 5us 1s"), [(T::Duration, "10ms"), (T::Duration, "5us"), (T::Duration, "1s")]);
        assert_eq!(tokens("0x1f"), [(T::MalformedNumber, "0x1f")]);
        assert_eq!(tokens("1.5s"), [(T::MalformedNumber, "1.5s")]);
        assert_eq!(tokens("5m"), [(T::MalformedNumber, "5m")]);
    }

    #[test]
    fn texts_end_on_their_line() {
        assert_eq!(tokens(r#""a\"b" x"#), [(T::Text, r#""a\"b""#), (T::Word, "x")]);
        assert_eq!(tokens("\"open;\r\nx"), [(T::OpenText, "\"open;"), (T::Word, "x")]);
        assert_eq!(tokens("\"\\\nx\""), [(T::OpenText, "\"\\"), (T::Word, "x"), (T::OpenText, "\"")]);
    }

    #[test]
    fn comments_and_descriptions() {
        assert_eq!(tokens("//! t\n// c\nx"), [(T::Description, "//! t"), (T::Comment, "// c"), (T::Word, "x")]);
        assert_eq!(tokens("/* a */x"), [(T::BlockComment, "/* a */"), (T::Word, "x")]);
        assert_eq!(tokens("/* a"), [(T::BlockComment, "/* a")]);
    }

    #[test]
    fn neighbouring_stray_characters_are_one_token() {
        assert_eq!(tokens("x@#$;"), [(T::Word, "x"), (T::Stray, "@#$"), (T::Semicolon, ";")]);
        assert_eq!(tokens("\u{feff}größe"), [(T::Word, "größe")]);
    }
}
