//! How fast the native checker is: states per second of the bare search, and the whole way to the evidence.
//!
//! The models are those of the comparison with other checkers (`compare/README.md`), and so are the numbers of states: a
//! search that gets faster by losing states fails here. Every search runs on one core, without any reduction.

use criterion::{Criterion, Throughput};
use interleaver::explore::{Questions, explore, search};
use interleaver::language::compile;
use interleaver::limits::{Limits, Unwatched};
use interleaver::program::{Program, Source};
use interleaver::semantics::Semantics;
use std::hint::black_box;
use std::path::Path;

/// Models with the number of their states at their default parameters. The first one is the acceptance: at least 500,000
/// states per second.
const MODELS: [(&str, u64); 8] = [
    ("buffer", 3_796_529),
    ("buffer_finite", 2_397_588),
    ("buffer_two_conditions", 1_488_527),
    ("dining", 1_684_801),
    ("counter", 3_892_125),
    ("filter_lock", 201_953),
    ("readers_writers", 771_200),
    ("pipeline", 1_155_884),
];

fn main() {
    let mut criterion = Criterion::default().sample_size(10).configure_from_args();
    search_alone(&mut criterion);
    with_explanations(&mut criterion);
    criterion.final_summary();
}

/// The search with its graph, without deadlock analysis and witnesses.
fn search_alone(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("search");
    for (model, states) in MODELS {
        let program = program(model);
        let (questions, limits) = (Questions::of(&program), limits());
        group.throughput(Throughput::Elements(states));
        group.bench_function(model, |bencher| {
            bencher.iter_with_large_drop(|| {
                let explored = search(&Semantics::new(&program, &limits), &questions, &limits, &Unwatched);
                assert_eq!((explored.cut(), explored.counts().states), (None, states));
                explored
            });
        });
    }
}

/// All that `check` does on the native engine.
fn with_explanations(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("explore");
    for (model, states) in MODELS {
        let program = program(model);
        let limits = limits();
        group.throughput(Throughput::Elements(states));
        group.bench_function(model, |bencher| bencher.iter(|| black_box(explore(&program, &limits, &Unwatched))));
    }
}

/// Enough for every model.
fn limits() -> Limits {
    Limits { states: 10_000_000, ..Limits::default() }
}

fn program(model: &str) -> Program {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/models").join(format!("{model}.ilv"));
    let text = std::fs::read_to_string(path).expect("the models stand beside the benchmark");
    compile(&Source { name: format!("{model}.ilv"), text }, &[]).expect("the models are correct").program
}
