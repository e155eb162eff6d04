//! Numbers of states and steps that other checkers agree on.
//!
//! One number catches lost and duplicated behaviour. These are from SPIN without partial-order reduction, for models that
//! take the same steps (`benches/compare/README.md`); stateright, TLC and Rumur give the same where they were run.

#![expect(clippy::unwrap_used, reason = "tests")]

use interleaver::explore::{Questions, search};
use interleaver::language::{Override, compile};
use interleaver::limits::{Limits, Unwatched};
use interleaver::program::{Source, Value};
use interleaver::semantics::Semantics;

/// Number of states of a model with these parameters.
fn states(model: &str, parameters: &[(&str, i64)]) -> u64 {
    let name = format!("benches/models/{model}.ilv");
    let text = std::fs::read_to_string(&name).unwrap();
    let value = |(name, value): &(&str, i64)| Override { name: (*name).to_owned(), value: Value::Int(*value) };
    let overrides: Vec<Override> = parameters.iter().map(value).collect();
    let program = compile(&Source { name, text }, &overrides).unwrap().program;
    let limits = Limits::default();
    let explored = search(&Semantics::new(&program, &limits), &Questions::of(&program), &limits, &Unwatched);
    assert_eq!(explored.cut(), None);
    explored.counts().states
}

#[test]
fn bounded_buffer() {
    let states = |producers, consumers, capacity| {
        states("buffer", &[("PRODUCERS", producers), ("CONSUMERS", consumers), ("CAPACITY", capacity)])
    };
    assert_eq!(states(3, 3, 2), 15_991);
    assert_eq!(states(4, 4, 3), 265_224);
}

#[test]
fn bounded_buffer_for_a_number_of_items() {
    let states = |producers, consumers, capacity, items| {
        let parameters = [("PRODUCERS", producers), ("CONSUMERS", consumers), ("CAPACITY", capacity), ("ITEMS", items)];
        states("buffer_finite", &parameters)
    };
    assert_eq!(states(1, 1, 1, 2), 51);
    assert_eq!(states(2, 1, 1, 1), 91);
    assert_eq!(states(2, 2, 2, 1), 235);
}

#[test]
fn dining_philosophers() {
    let states = |philosophers| states("dining", &[("N", philosophers)]);
    assert_eq!(states(8), 14_158);
    assert_eq!(states(9), 46_763);
}

#[test]
fn counter() {
    let states = |threads, rounds| states("counter", &[("THREADS", threads), ("ROUNDS", rounds)]);
    assert_eq!(states(2, 2), 57);
    assert_eq!(states(2, 3), 195);
    assert_eq!(states(3, 1), 59);
    assert_eq!(states(3, 2), 904);
}
