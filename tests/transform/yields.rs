//! `yield;` is a step that does nothing, so it changes no outcome, wherever it stands.

use super::edits::{Edit, before, blocks};
use super::gallery::{gallery, look};

/// States of the scenarios that are tried.
const STATES: u64 = 5_000;
/// Places tried in each scenario, unless `INTERLEAVER_CASES` says otherwise.
const PLACES: usize = 12;

#[test]
fn a_yield_changes_nothing() {
    let places = std::env::var("INTERLEAVER_CASES").map_or(PLACES, |text| text.parse().unwrap());
    let (mut files, mut tried) = (0, 0);
    for (number, source) in gallery().iter().enumerate() {
        let Some(plain) = look(source, STATES) else { continue };
        files += 1;
        let statements: Vec<_> = blocks(source).into_iter().flat_map(|block| block.statements).collect();
        // Spread over the file, at other places in each.
        let stride = statements.len().div_ceil(places).max(1);
        for statement in statements.iter().skip(number % stride).step_by(stride) {
            let edit = Edit::replace(source, "a yield before the statement", before(statement.span), "yield; ");
            let edited = edit.apply(source);
            let seen = look(&edited, STATES * 50).unwrap_or_else(|| panic!("{}", edited.text));
            assert!(seen.states >= plain.states, "{}: {}", source.name, edit.what);
            assert!(seen.agrees(&plain), "{}: {}\n{plain:#?}\n{seen:#?}", source.name, edit.what);
            tried += 1;
        }
    }
    assert!(files >= 60 && tried >= 150, "{files} files, {tried} places");
}
