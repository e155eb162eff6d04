//! Small graphs with known answers.

use super::toy::{To, Toy, assertion, patterns};
use crate::explore::{Questions, explore_system};
use crate::finding::{Coverage, DeadlockScope, Detail, Evidence, Finding, Leastness, LimitHit, Outcome};
use crate::limits::{Limits, Unwatched, Watch};
use crate::program::{Memory, Value};
use std::sync::atomic::{AtomicU64, Ordering};

use To::{Cut, Discarded, State, Stopped};

fn explore(toy: &Toy) -> Evidence {
    explore_within(toy, &toy.questions(), u64::MAX)
}

fn explore_within(toy: &Toy, questions: &Questions, states: u64) -> Evidence {
    explore_system(toy, questions, &Limits { states, samples: 0, ..Limits::default() }, &Unwatched)
}

/// Threads of the trace, one per step.
fn schedule(finding: &Finding) -> Vec<usize> {
    finding.trace.as_ref().unwrap().events.iter().map(|event| event.thread.index()).collect()
}

/// Scope and threads of the only finding, which is a deadlock.
fn deadlock(evidence: &Evidence) -> (DeadlockScope, Vec<usize>) {
    let [finding] = &evidence.findings[..] else { panic!("{:#?}", evidence.findings) };
    let Detail::Deadlock { scope, blocked } = &finding.detail else { panic!("{finding:#?}") };
    (*scope, blocked.iter().map(|blocked| blocked.thread.index()).collect())
}

#[test]
fn an_empty_program_ends_at_once() {
    let evidence = explore(&Toy::new(0, 1, &[], &[(0, 7)]));
    assert_eq!(evidence.coverage, Coverage::Complete);
    assert_eq!((evidence.counts.states, evidence.counts.steps), (1, 0));
    assert_eq!(evidence.outcomes.into_iter().collect::<Vec<_>>(), [(Outcome(vec![Some(Value::Int(7))]), 0)]);
    assert_eq!(evidence.findings, []);
}

#[test]
fn a_self_loop_is_one_state() {
    let evidence = explore(&Toy::new(1, 1, &[(0, 0, State(0))], &[]));
    assert_eq!((evidence.counts.states, evidence.counts.steps), (1, 1));
    assert_eq!(evidence.findings, []);
}

#[test]
fn paths_that_meet_are_explored_once() {
    let diamond = [(0, 0, State(1)), (0, 1, State(2)), (1, 1, State(3)), (2, 0, State(3))];
    let evidence = explore(&Toy::new(0b11, 4, &diamond, &[(3, 0)]));
    assert_eq!((evidence.counts.states, evidence.counts.steps), (4, 4));
    assert_eq!(evidence.coverage, Coverage::Complete);
}

#[test]
fn a_state_without_steps_is_a_deadlock_unless_it_is_an_end() {
    let evidence = explore(&Toy::new(0b11, 3, &[(0, 0, State(1)), (0, 1, State(2))], &[(1, 0)]));
    assert_eq!(deadlock(&evidence), (DeadlockScope::Whole, vec![0, 1]));
    assert_eq!(schedule(&evidence.findings[0]), [1]);
}

#[test]
fn an_end_is_not_left_by_daemons() {
    // Thread 1 is a daemon that could still step when thread 0 has ended.
    let evidence = explore(&Toy::new(0b1, 3, &[(0, 0, State(1)), (1, 1, State(2)), (2, 1, State(2))], &[(1, 0)]));
    assert_eq!((evidence.counts.states, evidence.counts.steps), (2, 1));
    assert_eq!(evidence.findings, []);
}

#[test]
fn a_thread_that_can_never_step_again_is_a_partial_deadlock() {
    // After its first step thread 0 is stuck; thread 1 goes round for ever.
    let lasso = [(0, 0, State(1)), (0, 1, State(0)), (1, 1, State(2)), (2, 1, State(1))];
    let evidence = explore(&Toy::new(0b11, 3, &lasso, &[]));
    assert_eq!(deadlock(&evidence), (DeadlockScope::Partial, vec![0]));
    assert_eq!(schedule(&evidence.findings[0]), [0]);
}

#[test]
fn a_thread_that_is_only_passed_over_is_not_deadlocked() {
    let evidence = explore(&Toy::new(0b11, 2, &[(0, 1, State(1)), (1, 1, State(0)), (1, 0, State(1))], &[]));
    assert_eq!(evidence.findings, []);
}

#[test]
fn daemons_are_never_deadlocked_and_keep_a_deadlock_partial() {
    let toy = Toy::new(0b1, 2, &[(0, 0, State(1)), (1, 1, State(1))], &[]);
    assert_eq!(deadlock(&explore(&toy)), (DeadlockScope::Partial, vec![0]));
    let toy = Toy::new(0b10, 2, &[(0, 0, State(1)), (1, 1, State(1))], &[]);
    assert_eq!(explore(&toy).findings, []);
}

#[test]
fn a_partial_deadlock_that_can_become_whole_is_reported_as_whole() {
    let toy = Toy::new(0b11, 3, &[(0, 0, State(1)), (1, 1, State(1)), (1, 1, State(2))], &[]);
    assert_eq!(deadlock(&explore(&toy)), (DeadlockScope::Whole, vec![0, 1]));
}

#[test]
fn a_partial_deadlock_is_reported_at_its_greatest_extent() {
    // Thread 0 gets stuck, then perhaps thread 1; the daemon, thread 2, goes on.
    let toy = Toy::new(
        0b11,
        3,
        &[(0, 0, State(1)), (1, 1, State(1)), (1, 2, State(1)), (1, 1, State(2)), (2, 2, State(2))],
        &[],
    );
    assert_eq!(deadlock(&explore(&toy)), (DeadlockScope::Partial, vec![0, 1]));
}

#[test]
fn nobody_waits_for_ever_where_the_execution_ends() {
    for end in [Stopped, Discarded] {
        let toy = Toy::new(0b11, 2, &[(0, 0, State(1)), (1, 1, end)], &[]);
        let kinds: Vec<_> = explore(&toy).findings.iter().map(Finding::kind).collect();
        assert!(!kinds.contains(&crate::program::FindingKind::Deadlock), "{end:?}: {kinds:?}");
    }
}

#[test]
fn a_way_out_by_a_failed_assertion_does_not_hide_a_partial_deadlock() {
    let toy = Toy::new(0b11, 3, &[(0, 0, State(1)), (1, 1, State(1)), (1, 1, State(2)), (2, 1, Discarded)], &[]);
    assert_eq!(deadlock(&explore(&toy)), (DeadlockScope::Partial, vec![0]));
}

#[test]
fn outcomes_are_compared_with_what_is_expected() {
    let toy = Toy::new(1, 3, &[(0, 0, State(1)), (0, 0, State(2))], &[(1, 1), (2, 2)]);
    let questions = Questions { outcomes: patterns(&[2, 3]), possible: vec![0, 1, 2], ..toy.questions() };
    let details: Vec<_> =
        explore_within(&toy, &questions, 100).findings.into_iter().map(|finding| finding.detail).collect();
    assert_eq!(
        details,
        [
            Detail::Impossible { property: Some(2) },
            Detail::UnexpectedOutcome { outcome: Outcome(vec![Some(Value::Int(1))]) },
            Detail::MissingOutcome { pattern: "(3)".to_owned() },
        ]
    );
}

#[test]
fn nothing_absent_is_claimed_where_the_search_was_cut() {
    let toy = Toy::new(1, 3, &[(0, 0, State(1)), (0, 0, Cut), (1, 0, State(2))], &[(2, 1)]);
    let questions = Questions { outcomes: patterns(&[1, 3]), possible: vec![1], ..toy.questions() };
    let evidence = explore_within(&toy, &questions, 100);
    assert!(matches!(evidence.coverage, Coverage::Cut(LimitHit::Counter { .. })));
    assert_eq!(evidence.findings, []);
    assert_eq!(evidence.outcomes.len(), 1);
}

#[test]
fn rc11_is_cut_by_its_memory_model_and_nothing_absent_is_claimed() {
    let toy = Toy::new(1, 2, &[(0, 0, State(1))], &[(1, 1)]);
    let questions = Questions { outcomes: patterns(&[2]), possible: vec![1], memory: Memory::Rc11, ..toy.questions() };
    let evidence = explore_within(&toy, &questions, 100);
    assert_eq!(evidence.coverage, Coverage::Cut(LimitHit::MemoryModel));
    let [finding] = &evidence.findings[..] else { panic!("{:#?}", evidence.findings) };
    assert!(matches!(finding.detail, Detail::UnexpectedOutcome { .. }));
}

#[test]
fn a_scenario_whose_executions_are_all_discarded_proves_nothing() {
    let impossible =
        |toy: &Toy| explore(toy).findings.iter().any(|finding| finding.detail == Detail::Impossible { property: None });
    assert!(impossible(&Toy::new(1, 2, &[(0, 0, State(1)), (1, 0, Discarded)], &[])));
    assert!(!impossible(&Toy::new(1, 3, &[(0, 0, State(1)), (1, 0, Discarded), (1, 0, State(2))], &[(2, 0)])));
    assert!(!impossible(&Toy::new(1, 2, &[(0, 0, State(1)), (1, 0, Discarded), (1, 0, State(0))], &[])));
    assert!(!impossible(&Toy::new(1, 2, &[(0, 0, State(1)), (1, 0, Discarded), (1, 0, Stopped)], &[])));
}

#[test]
fn what_is_found_before_the_first_step_has_an_empty_trace() {
    let toy = Toy { start: vec![assertion(0, 0)], ..Toy::new(1, 2, &[(0, 0, State(1))], &[(1, 0)]) };
    let evidence = explore(&toy);
    assert_eq!(schedule(&evidence.findings[0]), [0; 0]);
    assert_eq!(evidence.findings[0].trace.as_ref().unwrap().least, Leastness::Proven);
}

#[test]
fn a_witness_has_few_preemptions_rather_than_few_steps() {
    // Three steps with a preemption (0, 1, 0), or five without.
    let steps = [
        (0, 0, State(1)),
        (1, 1, State(2)),
        (1, 0, State(3)),
        (3, 0, State(4)),
        (4, 1, State(5)),
        (5, 1, State(6)),
        (2, 1, State(6)),
    ];
    let toy = Toy::new(0b11, 7, &steps, &[]);
    let evidence = explore(&toy);
    let trace = evidence.findings[0].trace.as_ref().unwrap();
    assert_eq!(schedule(&evidence.findings[0]), [0, 0, 0, 1, 1]);
    assert_eq!((trace.preemptions, trace.least), (0, Leastness::Proven));
}

#[test]
fn a_limit_on_states_claims_complete_levels_only() {
    // Levels of 1, 2, 4 and 8 states.
    let tree: Vec<_> =
        (0..7).flat_map(|state| [(state, 0, State(2 * state + 1)), (state, 1, State(2 * state + 2))]).collect();
    let mut toy = Toy::new(0b11, 15, &tree, &[]);
    toy.states[6].steps[1].fails = Some(1);
    let states_within = |limit| {
        let evidence = explore_within(&toy, &toy.questions(), limit);
        assert_eq!(
            evidence.coverage,
            if limit < 15 { Coverage::Cut(LimitHit::States { limit }) } else { Coverage::Complete }
        );
        (evidence.counts.states, evidence.counts.steps, evidence.findings.len())
    };
    assert_eq!(states_within(0), (0, 0, 0));
    assert_eq!(states_within(1), (1, 2, 0));
    assert_eq!(states_within(2), (1, 2, 0));
    assert_eq!(states_within(3), (3, 6, 0));
    assert_eq!(states_within(6), (3, 6, 0));
    assert_eq!(states_within(7), (7, 14, 1), "the last level takes its steps, and reports what they find");
    assert_eq!(states_within(14), (7, 14, 1));
    assert_eq!(states_within(15), (15, 14, 2));
}

#[test]
fn an_interrupted_search_says_so() {
    struct Impatient(AtomicU64);
    impl Watch for Impatient {
        fn progress(&self, done: u64) {
            self.0.store(done, Ordering::Relaxed);
        }
        fn interrupted(&self) -> bool {
            self.0.load(Ordering::Relaxed) >= 4096
        }
    }
    let line: Vec<_> = (0..10_000).map(|state| (state, 0, State(state + 1))).collect();
    let toy = Toy::new(1, 10_001, &line, &[]);
    let evidence = explore_system(&toy, &toy.questions(), &Limits::default(), &Impatient(AtomicU64::new(0)));
    assert_eq!(evidence.coverage, Coverage::Cut(LimitHit::Interrupted));
    assert_eq!(evidence.counts.states, 4096);
}

#[test]
fn an_explanation_that_meets_its_limit_leaves_the_shortest_trace() {
    // Three states, but 14 pairs without a preemption, and the assertion fails only after one.
    let mut steps: Vec<_> = (0..12).map(|thread| (0, thread, State(0))).collect();
    steps.extend([(0, 12, State(1)), (1, 12, State(1)), (1, 13, State(2))]);
    let mut toy = Toy::new(1 << 13, 3, &steps, &[(2, 0)]);
    toy.states[1].steps[1].fails = Some(0);
    let trace_within = |states| explore_within(&toy, &toy.questions(), states).findings.remove(0).trace.unwrap();
    let (proven, cut) = (trace_within(4), trace_within(3));
    assert_eq!((proven.least, cut.least), (Leastness::Proven, Leastness::NotProven));
    for trace in [proven, cut] {
        assert_eq!((trace.events.len(), trace.preemptions), (2, 1));
    }
}
