//! `yield;` is a step that does nothing, so it changes no outcome, wherever it stands.

use super::edits::{Edit, before, blocks};
use super::gallery::{gallery, look};

/// States of the largest scenario of the gallery, with room to spare.
const STATES: u64 = 50_000;

/// Before every statement of every scenario.
#[test]
fn a_yield_changes_nothing() {
    let mut tried = 0;
    for source in gallery() {
        let plain = look(&source, STATES).unwrap_or_else(|| panic!("{} is too large", source.name));
        for statement in blocks(&source).into_iter().flat_map(|block| block.statements) {
            let edit = Edit::replace(&source, "a yield before the statement", before(statement.span), "yield; ");
            let edited = edit.apply(&source);
            let seen = look(&edited, STATES * 50).unwrap_or_else(|| panic!("{}", edited.text));
            assert!(seen.states >= plain.states, "{}: {}", source.name, edit.what);
            assert!(seen.agrees(&plain), "{}: {}\n{plain:#?}\n{seen:#?}", source.name, edit.what);
            tried += 1;
        }
    }
    assert!(tried >= 1_500, "{tried} places");
}
