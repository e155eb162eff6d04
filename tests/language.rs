//! What the front of the language says about texts, good and broken.

use interleaver::language;
use interleaver::program::Source;

/// The complete example of the language reference.
const BOUNDED_BUFFER: &str = include_str!("data/bounded_buffer.ilv");

#[test]
fn the_example_of_the_reference_is_understood() {
    let source = Source { name: "bounded_buffer.ilv".to_owned(), text: BOUNDED_BUFFER.to_owned() };
    let (file, diagnostics) = language::parse(&source);
    assert_eq!(diagnostics, []);
    assert_eq!(file.items.len(), 11);
    assert_eq!(file.description[0], "Bounded buffer with one condition variable.");
}
