//! Numbers of states and steps that other checkers agree on.
//!
//! One number catches lost and duplicated behaviour. These are from SPIN without partial-order reduction, for models that
//! take the same steps (`benches/compare/README.md`); stateright, TLC and Rumur give the same where they were run.

#![expect(clippy::unwrap_used, reason = "tests")]

use interleaver::explore::{Arrival, Questions, System, explore, search};
use interleaver::language::{Override, compile};
use interleaver::limits::{Limits, Unwatched};
use interleaver::program::{Source, Value};
use interleaver::scenario;
use interleaver::semantics::Semantics;
use std::collections::BTreeSet;
use std::path::Path;

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

/// States and steps, by the plainest search there is: whole states in an ordered set.
fn plain_counts(system: &dyn System) -> (u64, u64) {
    let mut state = vec![0; system.width()];
    let mut found = Vec::new();
    let stored = |arrival| match arrival {
        Arrival::Running => Some(true),
        Arrival::NormalEnd | Arrival::AbnormalEnd => Some(false),
        Arrival::Stopped | Arrival::Discarded | Arrival::Cut(_) => None,
    };
    let Some(goes_on) = stored(system.initial(&mut state, &mut found)) else { return (0, 0) };
    let mut seen = BTreeSet::from([state.clone()]);
    let mut open = if goes_on { vec![state] } else { Vec::new() };
    let mut steps = 0;
    while let Some(state) = open.pop() {
        let mut choices = Vec::new();
        system.choices(&state, &mut choices);
        for choice in choices {
            steps += 1;
            let mut next = state.clone();
            if let Some(goes_on) = stored(system.step(&mut next, choice, &mut found))
                && seen.insert(next.clone())
                && goes_on
            {
                open.push(next);
            }
        }
    }
    (u64::try_from(seen.len()).unwrap(), steps)
}

#[test]
fn the_search_visits_what_the_plainest_search_visits() {
    let files = scenario::below(Path::new("scenarios")).unwrap();
    assert!(files.len() >= 24, "{files:?}");
    for file in files {
        let program = file.load(&[]).unwrap().program;
        let limits = Limits::default();
        let semantics = Semantics::new(&program, &limits);
        let counts = search(&semantics, &Questions::of(&program), &limits, &Unwatched).counts();
        assert_eq!((counts.states, counts.steps), plain_counts(&semantics), "{}", file.name);
    }
}

/// A sample is paid for by the slots it looks at: thousands in each state leave room for a few steps only.
#[test]
fn walks_through_wide_states_are_fewer() {
    let text = "thread t[i in 0..8] { let a[1000]; loop { a[i] = choose(0..2); yield; } }";
    let source = Source { name: "wide.ilv".to_owned(), text: text.to_owned() };
    let program = compile(&source, &[]).unwrap().program;
    let limits = Limits { states: 100, samples: 10, ..Limits::default() };
    let samples = explore(&program, &limits, &Unwatched).samples;
    // A walk has 100 steps of 4,096 slots to spend; a step here looks at some 8,000 slots for each choice.
    assert!(samples.len() == 5 && samples.iter().all(|sample| sample.walks == 1), "{samples:?}");
}
