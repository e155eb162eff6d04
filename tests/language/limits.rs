//! Huge and deeply nested texts: an error, soon, and no exhausted stack.

use interleaver::language::{self, Colour, MAX_BYTES, MAX_NESTING, MAX_OPERATORS, MAX_POSTFIXES};
use interleaver::program::Source;
use std::sync::mpsc::channel;
use std::thread::Builder;
use std::time::Duration;

/// Half of what the thread of a test has.
const STACK: usize = 1024 * 1024;
/// Far more than any of these needs on a busy machine, and far less than one quadratic loop.
const PATIENCE: Duration = Duration::from_secs(60);

/// The codes of what is said about these bytes, by the whole front of the language, each once.
fn codes(bytes: impl Into<Vec<u8>>) -> Vec<&'static str> {
    let bytes = bytes.into();
    let (send, receive) = channel();
    let read = move || {
        let nothing = Source { name: "huge.ilv".to_owned(), text: String::new() };
        let (source, diagnostics) = match language::read("huge.ilv", bytes) {
            Err(errors) => (nothing, errors),
            Ok(source) => {
                let diagnostics = language::compile(&source, &[]).map_or_else(|errors| errors, |it| it.warnings);
                (source, diagnostics)
            }
        };
        let rendered = language::render(&diagnostics, &source, Colour::Plain);
        assert!(rendered.len() < 20_000, "{} bytes are too much to read", rendered.len());
        let mut codes: Vec<_> = diagnostics.iter().map(|diagnostic| diagnostic.code).collect();
        codes.sort_unstable();
        codes.dedup();
        send.send(codes)
    };
    let reader = Builder::new().stack_size(STACK).spawn(read).expect("a thread");
    let codes = receive.recv_timeout(PATIENCE).expect("an answer in time");
    reader.join().expect("no panic").expect("somebody listens");
    codes
}

/// A thread with this statement.
fn thread(statement: &str) -> String {
    format!("thread t {{ let x = 0; {statement} }}\n")
}

#[test]
fn ten_thousand_levels_are_too_deep() {
    let many = |text: &str| text.repeat(10_000);
    for (text, code) in [
        (thread(&format!("{} {}", many("{"), many("}"))), "E0150"),
        (thread(&format!("x = {} 1 {};", many("("), many(")"))), "E0150"),
        (thread(&format!("x = x{} 0 {};", many("[x"), many("]"))), "E0150"),
        (thread(&format!("x = {} 1;", many("!"))), "E0150"),
        (thread(&format!("x = {} 1;", many("- "))), "E0150"),
        (thread(&format!("x = {} 1;", many("f("))), "E0150"),
        (thread(&format!("x = {} 1;", many("choose("))), "E0150"),
        (thread(&format!("x = {} 1;", many("if "))), "E0150"),
        (thread(&format!("x = {} {{ 1 }};", many("if x { 1 } else "))), "E0150"),
        (thread(&format!("{} {{ }}", many("if x == 0 { } else "))), "E0150"),
        (thread(&many("loop { ")), "E0150"),
        (thread(&many("while x == ( ")), "E0136"),
        (thread(&many("whlie x { ")), "E0116"),
        (thread(&many("match x { _ => { ")), "E0150"),
        (thread(&many("either { ")), "E0150"),
        (thread(&many("thread u { ")), "E0150"),
        (thread(&format!("match x {{ {} => {{ }} }}", many("-"))), "E0150"),
        (many("{"), "E0110"),
        (many("("), "E0110"),
        (many("!"), "E0110"),
        (many("}"), "E0114"),
        (many("thread a { "), "E0150"),
        (many("treahd a { "), "E0115"),
        (format!("expect outcomes {} ", many("{ (")), "E0110"),
    ] {
        let found = codes(text.clone());
        assert!(found.contains(&code), "{code} is not among {found:?} for {}", &text[..60]);
    }
}

#[test]
fn nesting_up_to_the_limit_is_fine() {
    // The body of the thread is a level of its own.
    let nested = |levels: usize| thread(&format!("x = {}1{};", "(".repeat(levels), ")".repeat(levels)));
    assert_eq!(codes(nested(MAX_NESTING - 1)), Vec::<&str>::new());
    assert_eq!(codes(nested(MAX_NESTING)), ["E0150"]);
}

#[test]
fn long_expressions_end_at_a_limit() {
    let sum = |terms: usize| thread(&format!("x = 1{};", " + 1".repeat(terms)));
    assert_eq!(codes(sum(MAX_OPERATORS)), Vec::<&str>::new());
    assert_eq!(codes(sum(MAX_OPERATORS + 1)), ["E0151"]);
    assert_eq!(codes(sum(100_000)), ["E0151"]);
    assert_eq!(codes(thread(&format!("x = 1{};", " && 1".repeat(100_000)))), ["E0151"]);
    // In one expression, also where brackets divide it.
    assert_eq!(codes(thread(&format!("x = (1{0}) + (1{0});", " + 1".repeat(MAX_OPERATORS / 2)))), ["E0151"]);
    let chain = |length: usize| spots_of_parser(&thread(&format!("x{};", ".f()".repeat(length))));
    assert_eq!(chain(MAX_POSTFIXES), Vec::<&str>::new());
    assert_eq!(chain(MAX_POSTFIXES + 1), ["E0152"]);
    assert_eq!(chain(100_000), ["E0152"]);
    assert_eq!(spots_of_parser(&thread(&format!("x{} = 1;", "[0]".repeat(100_000)))), ["E0152"]);
}

/// Codes of the parser alone.
fn spots_of_parser(text: &str) -> Vec<&'static str> {
    crate::spots(text).into_iter().map(|(code, _)| code).collect()
}

#[test]
fn what_is_no_scenario_at_all_is_refused() {
    assert_eq!(codes(vec![b'x'; 5_000_000]), ["E0153"]);
    assert_eq!(codes(vec![0xff; 1000]), ["E0154"]);
    assert_eq!(codes(""), ["E0155"]);
    assert_eq!(codes("\n \n"), ["E0155"]);
    assert_eq!(codes("// nothing\n"), ["E0155"]);
}

#[test]
fn much_of_anything_is_read_soon() {
    let fill = |text: &str| text.repeat(MAX_BYTES / 4 / text.len());
    for (text, code) in [
        (fill("@ "), "E0101"),
        (fill("\""), "E0110"),
        (fill("x"), "E0115"),
        (fill("x "), "E0115"),
        (fill("9"), "E0110"),
        (fill("/* "), "E0106"),
        (fill("var x;\n"), "E0140"),
        (fill("mutex m\n"), "E0111"),
        (fill("thread a { f(\n"), "E0113"),
        (fill("fn f( {\n"), "E0110"),
        (thread(&fill("f(\n")[1000..]), "E0113"),
        (thread(&fill("if a b; ")[1000..]), "E0110"),
        (thread(&fill("x = [ ( ")[1000..]), "E0110"),
        (thread(&fill("x y\n")[1000..]), "E0116"),
        (thread(&fill("x < y < z;")[1000..]), "E0120"),
    ] {
        let found = codes(text.clone());
        assert!(found.contains(&code), "{code} is not among {found:?} for {}", &text[..40]);
    }
    assert_eq!(codes(thread(&fill("{ } "))), Vec::<&str>::new());
}
