//! Every known difference between an engine and the native checker is shown by a witness file: with its row the engines
//! agree, without it they contradict.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use interleaver::engine::agreement::{Agreement, RELATIONS, Relation, compare_with, needed};
use interleaver::engine::{Engine, Loom, Shuttle};
use interleaver::explore::explore;
use interleaver::finding::{EngineName, Evidence};
use interleaver::language::compile;
use interleaver::limits::{Limits, Unwatched};
use interleaver::program::{Program, Source};
use interleaver::report::{Report, text};
use std::collections::BTreeSet;
use std::path::Path;

fn program_of(witness: &str) -> Program {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(witness);
    let text = std::fs::read_to_string(path).unwrap();
    let source = Source { name: witness.to_owned(), text };
    compile(&source, &[]).unwrap_or_else(|errors| panic!("{witness}: {errors:#?}")).program
}

fn evidence(engine: EngineName, program: &Program) -> Evidence {
    let limits = Limits::default();
    match engine {
        EngineName::Native => explore(program, &limits, &Unwatched),
        EngineName::Loom => Loom.run(program, &limits, &Unwatched),
        EngineName::Shuttle => Shuttle.run(program, &limits, &Unwatched),
        EngineName::Threads => panic!("a sample has no known differences"),
    }
}

#[test]
fn each_known_difference_is_seen_in_its_witness() {
    for relation in RELATIONS {
        let program = program_of(relation.witness);
        let native = evidence(EngineName::Native, &program);
        let other = evidence(relation.engine, &program);
        let with = compare_with(RELATIONS, &program, &native, &other);
        assert_eq!(with, Agreement::Agrees, "{}: with the row", relation.witness);
        let needed: Vec<&str> = needed(&program, &native, &other).iter().map(|row| row.reason).collect();
        assert_eq!(needed, [relation.reason], "{}: what a report names", relation.witness);

        let printed = text::snapshot(&Report::new(&program, &native, std::slice::from_ref(&other)));
        let line =
            format!("known     {:9}{} ({})", relation.engine.word(), relation.difference.word(), relation.feature);
        assert!(printed.contains(&line), "{}: `{line}` is not in\n{printed}", relation.witness);

        let others: Vec<Relation> = RELATIONS.iter().filter(|other| !std::ptr::eq(*other, relation)).copied().collect();
        let without = compare_with(&others, &program, &native, &other);
        assert!(
            matches!(without, Agreement::Contradicts(_)),
            "{}: {} without the row that says \"{}\": {without:?}",
            relation.witness,
            relation.engine.word(),
            relation.reason
        );
    }
}

#[test]
fn every_witness_belongs_to_a_row() {
    let named: BTreeSet<&str> = RELATIONS.iter().map(|relation| relation.witness).collect();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/agreement");
    for entry in std::fs::read_dir(folder).unwrap() {
        let name = format!("tests/agreement/{}", entry.unwrap().file_name().to_str().unwrap());
        assert!(named.contains(name.as_str()), "{name} shows no known difference");
    }
}
