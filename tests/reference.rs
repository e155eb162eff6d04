//! Every example in the language reference is a scenario that is compiled, explored, and exactly as it says.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use interleaver::explore::explore;
use interleaver::judgement::{Judgement, judge};
use interleaver::language::{Colour, compile, compile_gathered, gather, render, render_all};
use interleaver::limits::{Limits, Unwatched};
use interleaver::program::Source;

const REFERENCE: &str = include_str!("../docs/language.md");

/// A block of code in the reference.
struct Example {
    /// What stands behind the opening fence.
    info: String,
    /// Its file, with a name that says where it stands.
    source: Source,
}

/// All blocks of code.
fn examples() -> Vec<Example> {
    let mut examples = Vec::new();
    let mut open: Option<Example> = None;
    for (number, line) in REFERENCE.lines().enumerate() {
        match (&mut open, line.strip_prefix("```")) {
            (None, Some(info)) => {
                let name = format!("docs/language.md, line {}", number + 1);
                open = Some(Example { info: info.to_owned(), source: Source { name, text: String::new() } });
            }
            (Some(_), Some(_)) => examples.extend(open.take()),
            (Some(example), None) => {
                example.source.text.push_str(line);
                example.source.text.push('\n');
            }
            (None, None) => {}
        }
    }
    assert!(open.is_none(), "a block of code is never closed");
    examples
}

/// The files that other examples import, by name.
fn libraries() -> Vec<Source> {
    let library = |example: Example| {
        let name = example.info.strip_prefix("ilv library ")?.to_owned();
        Some(Source { name, text: example.source.text })
    };
    examples().into_iter().filter_map(library).collect()
}

#[test]
fn every_block_is_of_a_known_sort() {
    let count = |info: &str| examples().iter().filter(|example| example.info == info).count();
    assert!(count("ilv") >= 25, "{} examples", count("ilv"));
    assert!(count("ilv refused") >= 2);
    assert_eq!(count("text"), 2, "the grammars of files and of schedules are the only blocks that are no scenarios");
    let others = count("ilv refused") + count("ilv warned") + count("text") + libraries().len();
    assert_eq!(examples().len(), count("ilv") + others);
}

#[test]
fn every_example_is_as_expected() {
    for example in examples().iter().filter(|example| example.info == "ilv") {
        let name = &example.source.name;
        let gathered = gather(&example.source, &mut |name| {
            let library = libraries().into_iter().find(|library| name.ends_with(&library.name));
            library.ok_or_else(|| "no example has this name".to_owned())
        });
        let compiled = match compile_gathered(&gathered, &[]) {
            Ok(compiled) => compiled,
            Err(errors) => panic!("{name}\n{}", render_all(&errors, &gathered.sources, Colour::Plain)),
        };
        let evidence = explore(&compiled.program, &Limits::default(), &Unwatched);
        let judgement = judge(&compiled.program, &evidence);
        assert_eq!(judgement, Judgement::AsExpected, "{name}: {:#?}", evidence.outcomes);
    }
}

#[test]
fn every_refused_example_is_refused_with_its_code() {
    for example in examples().iter().filter(|example| example.info == "ilv refused") {
        let name = &example.source.name;
        let code = example.source.text.strip_prefix("//! ").and_then(|text| text.split_once(':')).unwrap().0;
        let errors = compile(&example.source, &[]).expect_err(name);
        assert!(
            errors.iter().any(|error| error.code == code),
            "{name}: {}",
            render(&errors, &example.source, Colour::Plain)
        );
    }
}

#[test]
fn every_warned_example_gives_its_warning() {
    for example in examples().iter().filter(|example| example.info == "ilv warned") {
        let code = example.source.text.strip_prefix("//! ").and_then(|text| text.split_once(':')).unwrap().0;
        let warnings = compile(&example.source, &[]).unwrap().warnings;
        let codes: Vec<&str> = warnings.iter().map(|warning| warning.code).collect();
        assert_eq!(codes, [code], "{}", render(&warnings, &example.source, Colour::Plain));
    }
}

#[test]
fn the_reference_lists_every_operation_of_the_language() {
    // The words of the primitives, from the types that every engine must handle.
    use interleaver::program::{FindingKind, Ordering, ResultTag, RmwOp};
    let rmw = [RmwOp::Swap, RmwOp::Add, RmwOp::Subtract, RmwOp::And, RmwOp::Or, RmwOp::Xor, RmwOp::Max, RmwOp::Min];
    let orderings = [Ordering::Plain, Ordering::Relaxed, Ordering::Acquire, Ordering::Release, Ordering::AcqRel];
    let words = rmw.into_iter().map(RmwOp::word).chain(orderings.into_iter().map(Ordering::word));
    let kinds = FindingKind::ALL.into_iter().map(FindingKind::word);
    let results =
        [ResultTag::Some, ResultTag::None, ResultTag::Closed, ResultTag::Failed].into_iter().map(ResultTag::word);
    for word in words.chain(kinds).chain(results) {
        assert!(REFERENCE.contains(word), "the reference does not mention `{word}`");
    }
}

#[test]
fn every_object_has_a_row_at_a_glance() {
    let objects = REFERENCE.split("\n## Shared objects\n").nth(1).unwrap().split("\n## ").next().unwrap();
    let (glance, details) = objects.split_once("\n### var\n").unwrap();
    let headings = details.lines().filter_map(|line| line.strip_prefix("### "));
    for name in std::iter::once("var").chain(headings) {
        assert!(glance.contains(&format!("| [{name}](#{name}) |")), "`{name}` has no row in the table of all objects");
    }
}
