//! Laws of the formatter, on every scenario of the house and on the same texts with their white space and comments
//! scattered at random: nothing but white space changes, the meaning stays, and a second time changes nothing.

use interleaver::language::lexer::{TokenKind, lex};
use interleaver::language::{self, compile, parse};
use interleaver::program::Source;
use interleaver::scenario;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use std::path::Path;

fn source(text: String) -> Source {
    Source { name: "test.ilv".to_owned(), text }
}

/// All scenarios of the package, with their names.
fn scenarios() -> Vec<(String, String)> {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folders = ["scenarios", "benches/models", "tests/regressions", "tests/agreement"];
    let files = folders.iter().flat_map(|folder| scenario::below(&package.join(folder)).unwrap());
    let mut all: Vec<_> = files.map(|file| (file.name.clone(), std::fs::read_to_string(&file.path).unwrap())).collect();
    let reference = std::fs::read_to_string(package.join("docs/language.md")).unwrap();
    let examples = reference.split("```ilv\n").skip(1).enumerate();
    all.extend(examples.map(|(at, rest)| (format!("example {at}"), rest.split("```").next().unwrap().to_owned())));
    assert!(all.len() > 100, "only {} scenarios found", all.len());
    all
}

/// What must not change: every token that is not white space, comments without blanks at their end.
fn visible(text: &str) -> Vec<(TokenKind, String)> {
    let tokens = lex(text).into_iter().filter(|token| token.kind != TokenKind::WhiteSpace);
    tokens.map(|token| (token.kind, text[token.span.range()].trim_end().to_owned())).collect()
}

/// What `Debug` shows of a tree or a program, without places in the text.
fn without_places(shown: &str) -> String {
    let mut rest = shown;
    let mut kept = String::new();
    while let Some((before, after)) = rest.split_once("Span { ") {
        kept.push_str(before);
        rest = after.split_once(" }").unwrap().1;
    }
    kept + rest
}

/// The tree of a text.
fn tree(text: &str) -> String {
    without_places(&format!("{:?}", parse(&source(text.to_owned())).0))
}

/// The program of a text, without its text.
fn program(text: &str) -> String {
    let mut program = compile(&source(text.to_owned()), &[]).unwrap().program;
    program.source = source(String::new()).into();
    without_places(&format!("{program:?}"))
}

/// The layout of a text, after checking the laws on it.
fn formatted(text: &str) -> String {
    let once = language::format(&source(text.to_owned())).unwrap_or_else(|errors| panic!("{errors:#?}\n{text}"));
    assert_eq!(visible(&once), visible(text), "a token or a comment has changed:\n{text}\n---\n{once}");
    assert_eq!(tree(&once), tree(text), "the tree has changed:\n{text}\n---\n{once}");
    let twice = language::format(&source(once.clone())).unwrap();
    assert_eq!(twice, once, "the second time changes something:\n{text}");
    once
}

#[test]
fn formatting_keeps_tokens_comments_trees_and_programs() {
    for (name, text) in scenarios() {
        let once = formatted(&text);
        if compile(&source(text.clone()), &[]).is_ok() {
            assert_eq!(program(&once), program(&text), "{name}");
        }
    }
}

#[test]
fn every_scenario_is_in_the_common_layout() {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut wrong = Vec::new();
    for file in scenario::below(&package.join("scenarios")).unwrap() {
        let text = std::fs::read_to_string(&file.path).unwrap();
        if formatted(&text) != text {
            wrong.push(file.name);
        }
    }
    assert!(wrong.is_empty(), "run `interleaver fmt`: {wrong:#?}");
}

/// What may stand between two tokens instead of what does.
const GAPS: [&str; 10] =
    [" ", " ", " ", "", "  ", "\n", "\n\n\n", "\t", " // a note \n", "\n// a note\n    // and another\n\n"];

/// The text with other white space. What stood together may stand apart, but not the reverse: tokens could merge.
fn scattered(text: &str, choices: &[usize]) -> String {
    let tokens: Vec<_> = lex(text).into_iter().filter(|token| token.kind != TokenKind::WhiteSpace).collect();
    let mut scattered = String::new();
    for (at, token) in tokens.iter().enumerate() {
        let gap = GAPS[choices[at % choices.len()] % GAPS.len()];
        if let Some(before) = at.checked_sub(1).map(|before| tokens[before]) {
            let apart = before.span.end < token.span.start;
            let is_comment = matches!(before.kind, TokenKind::Comment | TokenKind::Description);
            // A `return` at the end of a line returns nothing.
            let is_return = &text[before.span.range()] == "return";
            scattered.push_str(match (is_comment, is_return || (gap.is_empty() && apart)) {
                (true, _) => "\n",
                (false, true) => " ",
                (false, false) => gap,
            });
        }
        scattered.push_str(text[token.span.range()].trim_end());
    }
    scattered
}

#[test]
fn any_white_space_and_any_comments_are_laid_out() {
    let all = scenarios();
    let config = Config { cases: 300, failure_persistence: None, max_shrink_iters: 500, ..Config::default() };
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let strategy = (0..all.len(), prop::collection::vec(0..GAPS.len(), 1..200));
    TestRunner::new_with_rng(config, rng)
        .run(&strategy, |(at, choices)| {
            formatted(&scattered(&all[at].1, &choices));
            Ok(())
        })
        .unwrap_or_else(|error| panic!("{error}"));
}

#[test]
fn long_lines_are_opened_and_stay_so() {
    for (_, text) in scenarios() {
        // Everything on as few lines as comments allow.
        let tight = scattered(&text, &[0]);
        formatted(&tight);
    }
}
