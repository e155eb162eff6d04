//! Rounds in random graphs, against the definition: every set of states is looked at by itself.

use super::oracle::{THREADS, toys};
use super::toy::{GOOD, To, Toy, ToyStep};
use crate::explore::{Questions, explore_system};
use crate::finding::{Coverage, Detail, LimitHit};
use crate::limits::{Limits, Unwatched, Watch};
use crate::program::{Fairness, Liveness};
use proptest::prelude::*;
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU64, Ordering};

/// What a question leaves in the graph: a step of a state.
type Keeps<'k> = &'k dyn Fn(usize, &ToyStep) -> bool;

fn steps(toy: &Toy, state: usize) -> &[ToyStep] {
    if toy.states[state].end.is_some() { &[] } else { &toy.states[state].steps }
}

/// Whether a thread can step and may count on it.
fn able(toy: &Toy, state: usize, thread: usize) -> bool {
    steps(toy, state).iter().any(|step| step.thread == thread && step.is_reliable)
}

/// The states that can be reached from one by steps that are kept, with itself.
fn reached(toy: &Toy, from: usize, keeps: Keeps<'_>) -> BTreeSet<usize> {
    let (mut reached, mut open) = (BTreeSet::from([from]), vec![from]);
    while let Some(state) = open.pop() {
        for step in steps(toy, state).iter().filter(|step| keeps(state, step)) {
            if let To::State(to) = step.to
                && reached.insert(to)
            {
                open.push(to);
            }
        }
    }
    reached
}

/// A set of states that a round can go through, with the steps that it can take.
struct Round<'t> {
    states: BTreeSet<usize>,
    steps: Vec<&'t ToyStep>,
}

/// Every set of reachable states that a fair round by kept steps can go through: all of it, and nothing else.
fn fair_rounds<'t>(toy: &'t Toy, fairness: Fairness, keeps: Keeps<'_>) -> Vec<Round<'t>> {
    let reachable: Vec<usize> = reached(toy, 0, &|_, _| true).into_iter().collect();
    let mut rounds = Vec::new();
    for subset in 1..1_usize << reachable.len() {
        let chosen = |position: &usize| subset >> position & 1 == 1;
        let states: BTreeSet<usize> = (0..reachable.len()).filter(chosen).map(|position| reachable[position]).collect();
        let inside = |state: usize, step: &ToyStep| {
            step.is_reliable
                && keeps(state, step)
                && matches!(step.to, To::State(to) if states.contains(&to))
                && states.contains(&state)
        };
        let taken: Vec<&ToyStep> = states
            .iter()
            .flat_map(|state| steps(toy, *state).iter().filter(|step| inside(*state, step)).collect::<Vec<_>>())
            .collect();
        let connected = states.iter().all(|state| reached(toy, *state, &inside) == states);
        let able = |state: &usize, thread: usize| able(toy, *state, thread);
        let has_turn = |thread: usize| {
            let idle = match fairness {
                Fairness::Weak => states.iter().any(|state| !able(state, thread)),
                Fairness::Strong => states.iter().all(|state| !able(state, thread)),
            };
            idle || taken.iter().any(|step| step.thread == thread)
        };
        if !taken.is_empty() && connected && (0..THREADS).all(has_turn) {
            rounds.push(Round { states, steps: taken });
        }
    }
    rounds
}

/// What there is to find: an `eventually`, a livelock, and who can be passed over.
type Found = (bool, bool, BTreeSet<usize>);

fn by_definition(toy: &Toy, fairness: Fairness) -> Found {
    let is_mine = |thread: usize| toy.threads >> thread & 1 == 1;
    let bad = |state: usize| !toy.states[state].good;
    let without = |state: usize, step: &ToyStep| bad(state) && matches!(step.to, To::State(to) if bad(to));
    let before = if bad(0) { reached(toy, 0, &without) } else { BTreeSet::new() };
    let ends = before.iter().any(|state| !(0..THREADS).any(|thread| able(toy, *state, thread)));
    let rounds = fair_rounds(toy, fairness, &without);
    let never = ends || rounds.iter().any(|round| round.states.is_subset(&before));

    let rounds = fair_rounds(toy, fairness, &|_, step| !(step.progress && is_mine(step.thread)));
    let livelock = rounds.iter().any(|round| round.steps.iter().any(|step| is_mine(step.thread)));

    let starves = |thread: &usize| {
        let is_stuck = |round: &Round| {
            let later = reached(toy, *round.states.first().unwrap(), &|_, step| step.is_reliable);
            !later.iter().any(|state| able(toy, *state, *thread))
        };
        let others = fair_rounds(toy, fairness, &|_, step| !(step.progress && step.thread == *thread));
        let progress = |round: &&Round| round.steps.iter().any(|step| is_mine(step.thread) && step.progress);
        let daemons = fair_rounds(toy, fairness, &|_, step| !is_mine(step.thread));
        others.iter().filter(progress).chain(&daemons).any(|round| !is_stuck(round))
    };
    (never, livelock, (0..THREADS).filter(|thread| is_mine(*thread)).filter(starves).collect())
}

fn by_the_search(toy: &Toy, fairness: Fairness) -> Found {
    let liveness = Liveness { livelock: true, starvation: true, fairness };
    let questions = Questions { eventually: vec![GOOD], liveness, ..toy.questions() };
    let evidence = explore_system(toy, &questions, &Limits { samples: 0, ..Limits::default() }, &Unwatched);
    let mut found = (false, false, BTreeSet::new());
    for finding in evidence.findings {
        let goes_round = finding.trace.as_ref().is_some_and(|trace| trace.back_to.is_some());
        if let Detail::Eventually { property, .. } = finding.detail {
            assert_eq!(property, GOOD);
            found.0 = true;
        } else if let Detail::Livelock { .. } = finding.detail {
            assert!(goes_round);
            found.1 = true;
        } else if let Detail::Starvation { threads, .. } = finding.detail {
            assert!(goes_round);
            // All threads of a toy have different code.
            found.2.extend(threads.iter().map(|thread| thread.index()));
        }
    }
    found
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn rounds_are_found_where_the_definition_has_one(toy in toys()) {
        for fairness in [Fairness::Weak, Fairness::Strong] {
            prop_assert_eq!(by_the_search(&toy, fairness), by_definition(&toy, fairness), "{:?}", fairness);
        }
    }
}

#[test]
fn a_round_of_one_state_is_one() {
    let spin = Toy::new(0b11, 2, &[(0, 0, To::State(0)), (0, 1, To::State(1)), (1, 0, To::State(1))], &[]);
    assert_eq!(by_the_search(&spin, Fairness::Weak), (true, true, BTreeSet::new()));
}

#[test]
fn an_interruption_between_two_questions_leaves_no_claim() {
    /// Patient for so many looks.
    struct Impatient(AtomicU64);
    impl Watch for Impatient {
        fn progress(&self, _: u64) {}
        fn interrupted(&self) -> bool {
            self.0.fetch_sub(1, Ordering::Relaxed) == 0
        }
    }
    let spin = Toy::new(0b11, 2, &[(0, 0, To::State(0)), (0, 1, To::State(1)), (1, 0, To::State(1))], &[]);
    let liveness = Liveness { livelock: true, starvation: true, fairness: Fairness::Weak };
    let questions = Questions { eventually: vec![GOOD], liveness, ..spin.questions() };
    let coverage = |looks| {
        let watch = Impatient(AtomicU64::new(looks));
        explore_system(&spin, &questions, &Limits { samples: 0, ..Limits::default() }, &watch).coverage
    };
    // The search of the states looks once, the facts about them, `eventually` and livelock once each, starvation once for
    // each thread.
    assert_eq!(coverage(0), Coverage::Cut(LimitHit::Interrupted));
    for looks in 1..6 {
        assert_eq!(coverage(looks), Coverage::Cut(LimitHit::RoundsInterrupted), "after {looks} looks");
    }
    assert_eq!(coverage(6), Coverage::Complete);
}

#[test]
fn strong_fairness_looks_into_parts_of_a_component() {
    // Thread 1 can step in state 0 only; the round of state 1 alone gives it no turn to miss.
    let toy = [(0, 0, To::State(1)), (1, 0, To::State(0)), (1, 2, To::State(1)), (0, 1, To::State(2))];
    let toy = Toy::new(0b111, 3, &toy, &[(2, 0)]);
    assert!(by_the_search(&toy, Fairness::Weak).1);
    assert_eq!(by_the_search(&toy, Fairness::Strong), by_definition(&toy, Fairness::Strong));
}
