//! Texts nobody has written: whatever is read, nothing panics and every place lies in the text.

use interleaver::language::lexer::{Token, lex};
use interleaver::language::{self, Colour};
use interleaver::program::{Source, Span};
use interleaver::scenario;
use proptest::prelude::*;
use std::fs;
use std::path::Path;

/// Every scenario of the gallery that is one text and imports no other, and the example of the reference.
fn valid_files() -> Vec<String> {
    let files = scenario::below(Path::new("scenarios")).expect("a folder");
    let texts = files.iter().map(|file| fs::read_to_string(&file.path).expect("a scenario"));
    let alone = texts.filter(|text| !text.contains("\nimport "));
    std::iter::once(crate::BOUNDED_BUFFER.to_owned()).chain(alone).collect()
}

/// Reads, compiles and renders a text, and returns how many errors it has.
fn check(text: &str) -> usize {
    let tokens = lex(text);
    let joined: String = tokens.iter().map(|token| &text[token.span.range()]).collect();
    assert_eq!(joined, text, "tokens are lossless");
    let source = Source { name: "test.ilv".to_owned(), text: text.to_owned() };
    let (_, errors) = language::parse(&source);
    let all = language::compile(&source, &[]).map_or_else(|errors| errors, |compiled| compiled.warnings);
    for diagnostic in errors.iter().chain(&all) {
        let related = diagnostic.related.iter().map(|related| related.span);
        for span in std::iter::once(diagnostic.span).chain(related) {
            let is_place = span.start <= span.end && text.get(span.range()).is_some();
            assert!(is_place, "{diagnostic:?} is not in the text");
        }
    }
    assert!(language::render(&all, &source, Colour::Plain).len() < 1_000_000);
    errors.len()
}

#[test]
fn valid_files_have_no_errors() {
    for text in valid_files() {
        assert_eq!(check(&text), 0, "{text}");
    }
}

/// Recovery is good enough that one forgotten token is one error, two where it has changed the shape of what follows.
#[test]
fn one_forgotten_token_is_at_most_two_errors() {
    let (mut single, mut twofold) = (0, 0);
    for text in valid_files() {
        for token in lex(&text).into_iter().filter(|token| !token.kind.is_trivia()) {
            let range = token.span.range();
            let broken = format!("{}{}", &text[..range.start], &text[range.end..]);
            let source = Source { name: "test.ilv".to_owned(), text: broken };
            let (_, errors) = language::parse(&source);
            match errors.len() {
                0 => {}
                1 => single += 1,
                2 => twofold += 1,
                _ => panic!("{}", language::render(&errors, &source, Colour::Plain)),
            }
        }
    }
    assert!(twofold * 50 < single, "{twofold} of {} forgotten tokens are two errors", single + twofold);
}

/// What can be done to a text, with positions as fractions of its length.
#[derive(Clone, Debug)]
enum Mutation {
    Delete(prop::sample::Index),
    Double(prop::sample::Index),
    Swap(prop::sample::Index, prop::sample::Index),
    Replace(prop::sample::Index, prop::sample::Index),
    Insert(prop::sample::Index, String),
    Cut(prop::sample::Index),
}

fn mutation() -> impl Strategy<Value = Mutation> {
    let index = any::<prop::sample::Index>;
    prop_oneof![
        index().prop_map(Mutation::Delete),
        index().prop_map(Mutation::Double),
        (index(), index()).prop_map(|(a, b)| Mutation::Swap(a, b)),
        (index(), index()).prop_map(|(a, b)| Mutation::Replace(a, b)),
        (index(), fragment()).prop_map(|(at, text)| Mutation::Insert(at, text)),
        index().prop_map(Mutation::Cut),
    ]
}

/// Pieces that mean something to the parser, and some that mean nothing.
fn fragment() -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(vec![
        "{",
        "}",
        "(",
        ")",
        "[",
        "]",
        ";",
        ",",
        ".",
        "..",
        "..=",
        ":",
        "::",
        "?",
        "=>",
        "->",
        "=",
        "+=",
        "==",
        "<",
        "&&",
        "||",
        "!",
        "-",
        "*",
        "&",
        "thread",
        "fn",
        "var",
        "mutex",
        "channel",
        "semaphore",
        "atomic",
        "param",
        "expect",
        "outcomes",
        "observe",
        "always",
        "daemon",
        "let",
        "if",
        "else",
        "while",
        "for",
        "in",
        "match",
        "some",
        "none",
        "is",
        "with",
        "when",
        "either",
        "or",
        "return",
        "choose",
        "sleep",
        "fence",
        "spawn",
        "await",
        "barrier",
        "once",
        "timer",
        "call",
        "class",
        "x",
        "y",
        "m",
        "c",
        "_",
        "true",
        "0",
        "3",
        "9223372036854775808",
        "10ms",
        "1.5",
        "0x1",
        "\"text\"",
        "\"open",
        "// comment\n",
        "//! line\n",
        "/*",
        "@",
        "é",
        "“",
        "\n",
        "\n    ",
        "\t",
        "\u{feff}",
        "\r\n",
    ]);
    prop_oneof![9 => pieces.prop_map(str::to_owned), 1 => any::<char>().prop_map(|c| c.to_string())]
}

fn apply(text: &str, mutation: &Mutation) -> String {
    let tokens = lex(text);
    if tokens.is_empty() {
        return text.to_owned();
    }
    let quote = |token: &Token| text[token.span.range()].to_owned();
    let mut pieces: Vec<String> = tokens.iter().map(quote).collect();
    match mutation {
        Mutation::Delete(at) => pieces[at.index(tokens.len())].clear(),
        Mutation::Double(at) => {
            let at = at.index(tokens.len());
            pieces[at] = format!("{0} {0}", pieces[at]);
        }
        Mutation::Swap(a, b) => pieces.swap(a.index(tokens.len()), b.index(tokens.len())),
        Mutation::Replace(a, b) => pieces[a.index(tokens.len())] = pieces[b.index(tokens.len())].clone(),
        Mutation::Insert(at, new) => pieces[at.index(tokens.len())].insert_str(0, new),
        Mutation::Cut(at) => pieces.truncate(at.index(tokens.len())),
    }
    pieces.concat()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        if let Ok(source) = language::read("test.ilv", bytes) {
            check(&source.text);
        }
    }

    #[test]
    fn any_text(text in "\\PC{0,100}") {
        check(&text);
    }

    #[test]
    fn any_soup_of_tokens(pieces in prop::collection::vec(fragment(), 0..60), blanks in any::<bool>()) {
        check(&pieces.join(if blanks { " " } else { "" }));
    }

    #[test]
    fn any_soup_in_a_thread(pieces in prop::collection::vec(fragment(), 0..60)) {
        check(&format!("var x = 0;\nmutex m;\nthread t {{\n    {}\n}}\n", pieces.join(" ")));
    }

    #[test]
    fn any_mutations_of_a_scenario(
        file in prop::sample::select(valid_files()),
        mutations in prop::collection::vec(mutation(), 1..6),
    ) {
        check(&mutations.iter().fold(file, |text, mutation| apply(&text, mutation)));
    }

    #[test]
    fn spans_of_tokens_touch(text in "\\PC{0,100}") {
        let mut end = 0;
        for Token { span: Span { start, end: next }, .. } in lex(&text) {
            prop_assert_eq!(start, end);
            prop_assert!(next > start);
            end = next;
        }
        prop_assert_eq!(usize::try_from(end), Ok(text.len()));
    }
}
