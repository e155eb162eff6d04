//! Every example in the language reference is a scenario that is compiled, explored, and exactly as it says.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use interleaver::explore::explore;
use interleaver::judgement::{Judgement, judge};
use interleaver::language::{Colour, compile, compile_gathered, gather, object_words, operations, render, render_all};
use interleaver::limits::{Limits, Unwatched};
use interleaver::program::Source;
use std::collections::{BTreeMap, BTreeSet};

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

/// The parts of a text that stand in backticks.
fn quoted(text: &str) -> BTreeSet<&str> {
    text.split('`').skip(1).step_by(2).collect()
}

/// The rows of the table below a line of the reference that begins like this: name and cells.
fn rows(below: &str) -> BTreeMap<&'static str, Vec<&'static str>> {
    let text = REFERENCE.split(below).nth(1).unwrap();
    let lines = text.lines().skip_while(|line| !line.starts_with("| [")).take_while(|line| line.starts_with("| ["));
    let row = |line: &'static str| {
        let cells: Vec<&str> = line.trim_matches('|').split(" |").map(str::trim).collect();
        (cells[0].trim_start_matches('[').split(']').next().unwrap(), cells[1..].to_vec())
    };
    lines.map(row).collect()
}

#[test]
fn the_table_of_operations_is_what_the_language_has() {
    let rows = rows("How each is declared, and all of its operations:");
    let mut declared: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for (mut words, object) in object_words() {
        if !words.ends_with(object) {
            words = format!("{words} {object}");
        }
        declared.entry(object).or_default().insert(words);
    }
    let objects: BTreeSet<&str> = declared.keys().copied().chain(["threads"]).collect();
    assert_eq!(rows.keys().copied().collect::<BTreeSet<_>>(), objects);
    for (object, words) in declared {
        let words: BTreeSet<&str> = words.iter().map(String::as_str).collect();
        assert_eq!(quoted(rows[object][0]), words, "how `{object}` is declared");
    }
    for (object, has) in operations().into_iter().filter(|(object, _)| !matches!(*object, "thread" | "handle")) {
        assert_eq!(quoted(rows[object][1]), has.iter().copied().collect(), "the operations of `{object}`");
    }
    let has = |what| operations().into_iter().find(|(of, _)| *of == what).unwrap().1.iter().copied().collect();
    let (of_thread, of_handle) = rows["threads"][1].split_once(';').unwrap();
    assert_eq!((quoted(of_thread), quoted(of_handle)), (has("thread"), has("handle")));
}

/// Steps are told in the section of an object: each of its operations stands there in a table, as it is written.
#[test]
fn every_operation_is_described_in_the_section_of_its_object() {
    for (object, operations) in operations() {
        let heading = match object {
            "thread" => "\n## Threads\n".to_owned(),
            "handle" => "\n### Threads started at run time\n".to_owned(),
            _ => format!("\n### {object}\n"),
        };
        let section = REFERENCE.split(&heading).nth(1).unwrap_or_else(|| panic!("no section {heading:?}"));
        let section = section.split("\n### ").next().unwrap().split("\n## ").next().unwrap();
        let mentioned: String = section.lines().filter(|line| !line.starts_with("```")).collect();
        for operation in operations {
            let is_there = [format!("`{operation}`"), format!(".{operation}(")].iter().any(|it| mentioned.contains(it));
            assert!(is_there || mentioned.contains(&format!(".{operation} ")), "`{operation}` of `{object}`");
        }
    }
}

#[test]
fn what_blocks_is_an_operation_of_its_object() {
    for (object, cells) in rows("### All of them at a glance") {
        let operations: BTreeSet<&str> = operations()
            .into_iter()
            .filter(|(of, _)| *of == object || (object == "threads" && matches!(*of, "thread" | "handle")))
            .flat_map(|(_, operations)| operations.iter().copied())
            .collect();
        let blocking = quoted(cells[0]);
        assert!(blocking.is_subset(&operations), "`{object}` has no {:?}", blocking.difference(&operations));
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
