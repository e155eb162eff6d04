//! Walks on hand-made graphs and on small programs.

#![expect(clippy::unwrap_used, reason = "tests")]

use super::*;
use crate::explore::explore_system;
use crate::explore::tests::toy::{To, Toy};
use crate::finding::{Coverage, LimitHit};
use crate::limits::Unwatched;

/// Two threads of some steps each; one interleaving in many ends with outcome 1, the others with 0.
fn rare() -> Toy {
    let mut steps = Vec::new();
    // Thread 0 goes first all the way: 0 → 1 → … → 5; any step of thread 1 leads away, to 6.
    for state in 0..5 {
        steps.push((state, 0, To::State(state + 1)));
        steps.push((state, 1, To::State(6)));
    }
    Toy::new(0b11, 7, &steps, &[(5, 1), (6, 0)])
}

fn limits(samples: u64) -> Limits {
    Limits { samples, ..Limits::default() }
}

fn sampled(toy: &Toy, samples: u64) -> Sampled {
    sample(toy, &toy.questions(), &limits(samples), &Unwatched)
}

#[test]
fn walks_end_where_executions_end() {
    let sampled = sampled(&rare(), 1_000);
    assert_eq!(sampled.samples.iter().map(|sample| sample.walks).collect::<Vec<_>>(), [200, 100, 100, 300, 300]);
    assert_eq!(sampled.outcomes.values().sum::<u64>(), 1_000);
    assert_eq!(sampled.outcomes.len(), 2, "{sampled:?}");
    assert!(sampled.findings.is_empty(), "{sampled:?}");
}

#[test]
fn every_strategy_finds_a_deadlock_and_says_how_to_get_there() {
    let mut toy = rare();
    toy.states[5].end = None;
    let sampled = sampled(&toy, 1_000);
    assert!(sampled.samples.iter().all(|sample| 0 < sample.hits && sample.hits < sample.walks), "{sampled:?}");
    let [finding] = &sampled.findings[..] else { panic!("{sampled:?}") };
    assert_eq!(finding.trace.as_ref().unwrap().events.len(), 5);
    assert_eq!(finding.trace.as_ref().unwrap().least, Leastness::NotProven);
}

#[test]
fn the_same_walks_are_taken_every_time() {
    let once = || format!("{:?}", sampled(&rare(), 200));
    assert_eq!(once(), once());
}

#[test]
fn a_race_is_shown_by_both_accesses() {
    let mut toy = Toy::new(
        0b11,
        4,
        &[(0, 0, To::State(1)), (0, 1, To::State(2)), (1, 1, To::State(3)), (2, 0, To::State(3))],
        &[(3, 0)],
    );
    toy.states[0].races.push((1, 0));
    let [race] = &sampled(&toy, 10).findings[..] else { panic!() };
    let threads: Vec<usize> = race.trace.as_ref().unwrap().events.iter().map(|event| event.thread.index()).collect();
    assert_eq!(threads, [1, 0]);
}

#[test]
fn walks_that_never_end_are_cut_and_so_is_their_number() {
    let toy = Toy::new(0b1, 1, &[(0, 0, To::State(0))], &[]);
    let sampled = sample(&toy, &toy.questions(), &limits(1_000), &Unwatched);
    // A thousand walks of a hundred steps are paid for; each takes a thousand. Where walks are independent the first
    // sixteen say so, and of what is left a quarter is kept back.
    assert_eq!(sampled.samples.iter().map(|sample| sample.walks).collect::<Vec<_>>(), [19, 10, 10, 26, 30]);
    assert!(sampled.outcomes.is_empty() && sampled.findings.is_empty());
}

/// One thread that takes so many steps and then ends.
fn long(steps: usize) -> Toy {
    let path: Vec<_> = (0..steps).map(|state| (state, 0, To::State(state + 1))).collect();
    Toy::new(0b1, steps + 1, &path, &[(steps, 0)])
}

#[test]
fn something_is_concluded_also_where_fewer_walks_can_be_paid_for_than_asked_for() {
    let unseen_of = |steps: usize, walks: u64| {
        let sampled = sampled(&long(steps), walks);
        (sampled.samples[0].walks, sampled.samples[0].unseen)
    };
    assert_eq!(unseen_of(50, 10_000), (2_000, Some(106)));
    // A quarter of what is paid for is kept back; concluded is from 1,488 walks and from 738.
    assert_eq!(unseen_of(100, 10_000), (1_504, Some(123)));
    assert_eq!(unseen_of(200, 10_000), (754, Some(172)));
}

#[test]
fn a_search_that_is_cut_goes_on_walking_and_is_never_complete() {
    let mut toy = rare();
    toy.states[5].end = None;
    let limits = Limits { states: 3, ..limits(1_000) };
    let evidence = explore_system(&toy, &toy.questions(), &limits, &Unwatched);
    assert_eq!(evidence.coverage, Coverage::Cut(LimitHit::States { limit: 3 }));
    assert_eq!(evidence.findings.len(), 1, "{evidence:?}");
    assert_eq!(evidence.samples.len(), 5);
    let unsampled = explore_system(&toy, &toy.questions(), &Limits { samples: 0, ..limits }, &Unwatched);
    assert!(unsampled.findings.is_empty() && unsampled.samples.iter().all(|sample| sample.walks == 0));
}

#[test]
fn what_may_be_unseen_is_bounded_where_there_are_enough_walks() {
    let unseen = |numbers: &[u64], walks: u64| {
        let outcome = |value: i64| Outcome(vec![Some(crate::program::Value::Int(value))]);
        let outcomes: BTreeMap<Outcome, u64> = (0..).map(outcome).zip(numbers.iter().copied()).collect();
        Ends { walks, outcomes }.unseen()
    };
    assert_eq!(unseen(&[], 0), None);
    assert_eq!(unseen(&[50, 31], 81), None, "more than one half");
    assert_eq!(unseen(&[200, 100], 300), Some(273));
    assert_eq!(unseen(&[9_999, 1], 10_000), Some(48));
    assert_eq!(unseen(&[1_000_000], 1_000_000), Some(5));
}
