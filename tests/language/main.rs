//! What the front of the language says about texts, good and broken, small and huge.

mod broken;
mod codes;
mod expressions;
mod limits;
mod mutations;
mod refused;
mod words;

use interleaver::language::{self, Colour};
use interleaver::program::Source;

/// The complete example of the language reference.
const BOUNDED_BUFFER: &str = include_str!("../data/bounded_buffer.ilv");

fn source(text: &str) -> Source {
    Source { name: "test.ilv".to_owned(), text: text.to_owned() }
}

/// Everything that is said about a text, from its characters to its names and types, as a person sees it.
fn said(text: &str) -> String {
    let source = source(text);
    let diagnostics = match language::compile(&source, &[]) {
        Ok(compiled) => compiled.warnings,
        Err(errors) => errors,
    };
    language::render(&diagnostics, &source, Colour::Plain)
}

/// What the parser says about a text: each code with the text it points at.
fn spots(text: &str) -> Vec<(&'static str, String)> {
    let source = source(text);
    let (_, diagnostics) = language::parse(&source);
    diagnostics.iter().map(|diagnostic| (diagnostic.code, source.quote(diagnostic.span).to_owned())).collect()
}

#[test]
fn the_example_of_the_reference_is_understood() {
    let (file, diagnostics) = language::parse(&source(BOUNDED_BUFFER));
    assert_eq!(diagnostics, []);
    assert_eq!(file.items.len(), 11);
    assert_eq!(file.description[0], "Bounded buffer with one condition variable.");
    assert_eq!(file.description[1], "");
}
