//! Names and the order of declarations mean nothing.

use super::edits::Edit;
use super::gallery::{Seen, gallery, look};
use interleaver::language::lexer::{TokenKind, lex};
use interleaver::language::parse;
use interleaver::language::tree::{Item, ItemKind};
use interleaver::program::Source;
use std::collections::BTreeSet;

/// States of the scenarios that are tried.
const STATES: u64 = 20_000;

#[test]
fn other_names_change_nothing() {
    let mut tried = 0;
    for source in gallery() {
        let Some(plain) = look(&source, STATES) else { continue };
        let names: BTreeSet<String> = items(&source).iter().filter_map(|item| name(item).map(str::to_owned)).collect();
        let tokens = lex(&source.text);
        let mut pieces = Vec::new();
        let mut after_dot = false;
        for token in &tokens {
            let text = source.quote(token.span);
            if token.kind == TokenKind::Word && !after_dot && names.contains(text) {
                pieces.push((token.span, format!("other_{text}")));
            }
            after_dot = token.kind == TokenKind::Dot;
        }
        same(&Edit { what: "other names".to_owned(), pieces }, &source, &plain);
        tried += 1;
    }
    assert!(tried >= 80, "{tried}");
}

#[test]
fn the_order_of_declarations_changes_nothing() {
    let mut tried = 0;
    for source in gallery() {
        let Some(plain) = look(&source, STATES) else { continue };
        let items = items(&source);
        for of_interest in [is_thread, is_object] {
            let spans: Vec<_> = items.iter().filter(|item| of_interest(item)).map(|item| item.span).collect();
            let texts = spans.iter().rev().map(|span| source.quote(*span).to_owned());
            let pieces = spans.iter().copied().zip(texts).collect();
            same(&Edit { what: "the other way round".to_owned(), pieces }, &source, &plain);
            tried += 1;
        }
    }
    assert!(tried >= 160, "{tried}");
}

fn same(edit: &Edit, source: &Source, plain: &Seen) {
    let edited = edit.apply(source);
    let seen = look(&edited, STATES).unwrap_or_else(|| panic!("{}: {}\n{}", source.name, edit.what, edited.text));
    assert!(seen.agrees(plain) && seen.states == plain.states, "{}: {}\n{}", source.name, edit.what, edited.text);
}

fn items(source: &Source) -> Vec<Item> {
    parse(source).0.items
}

fn is_thread(item: &Item) -> bool {
    matches!(item.kind, ItemKind::Thread { .. })
}

fn is_object(item: &Item) -> bool {
    matches!(item.kind, ItemKind::Object { .. })
}

fn name(item: &Item) -> Option<&str> {
    if let ItemKind::Thread { name, .. } | ItemKind::Object { name, .. } = &item.kind { Some(&name.name) } else { None }
}
