//! Random graphs, against definitions written down as slowly and plainly as possible.

use super::toy::{To, Toy, ToyState, ToyStep, assertion, patterns, race};
use crate::explore::deadlock::find_partial;
use crate::explore::trace::{Parents, accesses};
use crate::explore::{Questions, explore_system, search};
use crate::finding::{
    BlockCause, Blocked, Coverage, DeadlockScope, Detail, Evidence, Finding, FindingKey, Leastness, LimitHit, Outcome,
    Statement,
};
use crate::limits::{Limits, Unwatched};
use crate::program::{CodeId, ObjectId, Pc, ThreadId, Value};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// Steps that nobody may count on, preemptions, steps.
type Cost = (u64, u64, u64);

/// Threads 0 to 2; one or two of them are no daemons.
pub(super) const THREADS: usize = 3;

pub(super) fn toys() -> impl Strategy<Value = Toy> {
    (1..9_usize).prop_flat_map(|count| {
        let to = prop_oneof![
            40 => (0..count).prop_map(To::State),
            1 => Just(To::Stopped),
            1 => Just(To::Discarded),
        ];
        let step = (
            (0..THREADS, to),
            proptest::option::weighted(0.1, 0..2_usize),
            proptest::bool::weighted(0.8),
            proptest::bool::weighted(0.2),
        )
            .prop_map(|((thread, to), fails, is_reliable, progress)| ToyStep {
                thread,
                to,
                is_reliable,
                fails,
                progress,
            });
        let state = (
            proptest::collection::vec(step, 0..4),
            proptest::option::weighted(0.15, 0..3_i64),
            proptest::collection::vec((0..THREADS, 0..THREADS), 0..2),
            proptest::bool::weighted(0.2),
        )
            .prop_map(|(mut steps, end, races, good)| {
                steps.sort_by_key(|step| step.thread);
                for position in 1..steps.len() {
                    let is_last = steps[position - 1].thread != steps[position].thread;
                    steps[position - 1].is_reliable |= !is_last;
                }
                let alone = |thread| matches!(of(&steps, thread)[..], [step] if step.is_reliable);
                let possible = |(one, other): &(usize, usize)| one != other && alone(*one) && alone(*other);
                let races = races.into_iter().filter(possible).collect();
                ToyState { steps, races, end, good }
            });
        (proptest::collection::vec(state, count), 1..4_u64).prop_map(|(mut states, threads)| {
            let all = states.clone();
            for (number, state) in states.iter_mut().enumerate() {
                state.races.retain(|(one, other)| after_first(&all, number, *one, *other).is_some());
            }
            Toy { states, threads, start: Vec::new() }
        })
    })
}

/// The steps of a thread.
fn of(steps: &[ToyStep], thread: usize) -> Vec<&ToyStep> {
    steps.iter().filter(|step| step.thread == thread).collect()
}

/// Everything that is to be known of a toy, from the definitions.
struct Oracle<'a> {
    toy: &'a Toy,
    /// Distance of each reachable state.
    levels: BTreeMap<usize, usize>,
    /// What a preemption costs, and a step that nobody may count on: 1, or 0 for shortest traces.
    weight: u64,
    /// Least cost of each pair of state and thread that stepped last.
    costs: BTreeMap<(usize, Option<usize>), Cost>,
}

impl<'a> Oracle<'a> {
    fn new(toy: &'a Toy, weight: u64) -> Self {
        let levels = BTreeMap::from([(0, 0)]);
        let costs = BTreeMap::from([((0, None), (0, 0, 0))]);
        let mut this = Self { toy, levels, weight, costs };
        let mut queue = VecDeque::from([0]);
        while let Some(state) = queue.pop_front() {
            for next in this.successors(state) {
                if !this.levels.contains_key(&next) {
                    this.levels.insert(next, this.levels[&state] + 1);
                    queue.push_back(next);
                }
            }
        }
        loop {
            let mut better = this.costs.clone();
            for ((state, last), cost) in &this.costs {
                for step in this.steps(*state) {
                    if let To::State(to) = step.to {
                        let next = this.cost_after(*state, *last, *cost, step);
                        let known = better.entry((to, Some(step.thread))).or_insert(next);
                        *known = next.min(*known);
                    }
                }
            }
            if better == this.costs {
                return this;
            }
            this.costs = better;
        }
    }

    fn steps(&self, state: usize) -> &'a [ToyStep] {
        if self.toy.states[state].end.is_some() { &[] } else { &self.toy.states[state].steps }
    }

    fn successors(&self, state: usize) -> Vec<usize> {
        let to = |step: &ToyStep| if let To::State(to) = step.to { Some(to) } else { None };
        self.steps(state).iter().filter_map(to).collect()
    }

    /// The same by steps that may be counted on.
    fn reliable_successors(&self, state: usize) -> Vec<usize> {
        let to =
            |step: &ToyStep| if let To::State(to) = step.to { Some(to).filter(|_| step.is_reliable) } else { None };
        self.steps(state).iter().filter_map(to).collect()
    }

    fn enabled(&self, state: usize, thread: usize) -> bool {
        self.steps(state).iter().any(|step| step.thread == thread && step.is_reliable)
    }

    fn cost_after(&self, state: usize, last: Option<usize>, cost: Cost, step: &ToyStep) -> Cost {
        let preempts = last.is_some_and(|last| last != step.thread && self.enabled(state, last));
        let weigh = |is: bool| if is { self.weight } else { 0 };
        (cost.0 + weigh(!step.is_reliable), cost.1 + weigh(preempts), cost.2 + 1)
    }

    /// States that are reachable by at least one step, by steps that may be counted on.
    fn later(&self, state: usize) -> BTreeSet<usize> {
        let mut later = BTreeSet::new();
        let mut queue = self.reliable_successors(state);
        while let Some(next) = queue.pop() {
            if later.insert(next) {
                queue.extend(self.reliable_successors(next));
            }
        }
        later
    }

    fn reachable(&self, state: usize) -> BTreeSet<usize> {
        let mut reachable = self.later(state);
        reachable.insert(state);
        reachable
    }

    fn is_whole_deadlock(&self, state: usize) -> bool {
        self.toy.states[state].end.is_none() && !self.steps(state).iter().any(|step| step.is_reliable)
    }

    fn stuck(&self, state: usize) -> Vec<usize> {
        let steps = |thread| self.reachable(state).iter().any(|state| self.enabled(*state, thread));
        let unfinished = if self.toy.states[state].end.is_some() { 0 } else { self.toy.threads };
        (0..THREADS).filter(|thread| unfinished >> thread & 1 == 1 && !steps(*thread)).collect()
    }

    fn goes_on_for_ever(&self, state: usize) -> bool {
        self.reachable(state).iter().any(|state| self.later(*state).contains(state))
    }

    fn is_partial_deadlock(&self, state: usize) -> bool {
        let stuck = self.stuck(state);
        let reachable = self.reachable(state);
        !stuck.is_empty()
            && self.goes_on_for_ever(state)
            && !reachable.iter().any(|state| self.is_whole_deadlock(*state))
            && !reachable.iter().any(|state| self.stuck(*state) != stuck && self.goes_on_for_ever(*state))
    }

    fn deadlock(scope: DeadlockScope, threads: &[usize]) -> Finding {
        let blocked = |thread: &usize| Blocked {
            thread: ThreadId::new(*thread),
            pc: Pc::new(0),
            cause: BlockCause::NotNotified { condvar: ObjectId::new(*thread) },
        };
        let statement = |thread: &usize| Statement { code: CodeId::new(*thread), pc: Pc::new(0) };
        Finding {
            detail: Detail::Deadlock { scope, blocked: threads.iter().map(blocked).collect() },
            statements: threads.iter().map(statement).collect(),
            trace: None,
        }
    }

    /// All findings with a trace, each with the least cost of one.
    fn findings(&self, questions: &Questions) -> BTreeMap<FindingKey, Cost> {
        let mut findings = BTreeMap::new();
        let mut see = |finding: Finding, cost: Cost| {
            let known = findings.entry(finding.key()).or_insert(cost);
            *known = cost.min(*known);
        };
        let mut end = |state: usize, cost| {
            let Some(value) = self.toy.states[state].end else { return };
            let outcome = Outcome(vec![Some(Value::Int(value))]);
            if !questions.allows(&outcome) {
                see(
                    Finding { detail: Detail::UnexpectedOutcome { outcome }, statements: Vec::new(), trace: None },
                    cost,
                );
            }
        };
        end(0, (0, 0, 0));
        for ((state, last), cost) in &self.costs {
            for step in self.steps(*state) {
                if let To::State(to) = step.to {
                    end(to, self.cost_after(*state, *last, *cost, step));
                }
            }
        }
        for ((state, last), cost) in &self.costs {
            let all: Vec<usize> = (0..THREADS).filter(|thread| self.toy.threads >> thread & 1 == 1).collect();
            if self.is_whole_deadlock(*state) {
                see(Self::deadlock(DeadlockScope::Whole, &all), *cost);
            }
            if self.is_partial_deadlock(*state) {
                see(Self::deadlock(DeadlockScope::Partial, &self.stuck(*state)), *cost);
            }
            if self.toy.states[*state].end.is_none() {
                for (one, other) in &self.toy.states[*state].races {
                    for cost in self.race_costs(*state, *last, *cost, (*one, *other)) {
                        see(race(*one, *other), cost);
                    }
                }
            }
            for step in self.steps(*state) {
                let cost = self.cost_after(*state, *last, *cost, step);
                if let Some(number) = step.fails {
                    see(assertion(step.thread, number), cost);
                }
            }
        }
        findings
    }

    /// Costs of a race by taking its accesses in either order, where that is possible.
    fn race_costs(&self, state: usize, last: Option<usize>, cost: Cost, (one, other): (usize, usize)) -> Vec<Cost> {
        let mut costs = Vec::new();
        for (first, second) in [(one, other), (other, one)] {
            if let Some(between) = after_first(&self.toy.states, state, first, second) {
                let step = |state, thread| of(self.steps(state), thread)[0];
                let after_first = self.cost_after(state, last, cost, step(state, first));
                costs.push(self.cost_after(between, Some(first), after_first, step(between, second)));
            }
        }
        costs
    }
}

/// The state between the accesses of a race, if the second one is possible after the first.
fn after_first(states: &[ToyState], state: usize, first: usize, second: usize) -> Option<usize> {
    let To::State(between) = states[state].steps.iter().find(|step| step.thread == first)?.to else { return None };
    let alone = matches!(of(&states[between].steps, second)[..], [step] if step.is_reliable);
    (states[between].end.is_none() && alone).then_some(between)
}

fn explored(toy: &Toy, questions: &Questions, states: u64) -> Evidence {
    explore_system(toy, questions, &Limits { states, samples: 0, ..Limits::default() }, &Unwatched)
}

/// Number of steps of the trace by which the search came to a finding first.
fn shortest(toy: &Toy, questions: &Questions, key: &FindingKey) -> Option<u64> {
    let mut explored = search(toy, questions, &Limits::default(), &Unwatched);
    find_partial(toy, questions, &mut explored);
    let finding = |variant| &explored.sightings.variant(variant).finding;
    let (_, first) = explored.sightings.firsts().find(|(_, first)| finding(first.variant).key() == *key)?;
    let edges = Parents::new(&explored.graph, explored.store.len()).edges_to(&explored.graph, first.place);
    let accesses = accesses(finding(first.variant)).map_or(0, |accesses| accesses.len());
    Some(u64::try_from(edges.len() + accesses).unwrap())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_search_agrees_with_the_definitions(toy in toys()) {
        let questions = Questions { outcomes: patterns(&[0, 1]), ..toy.questions() };
        let oracle = Oracle::new(&toy, 1);
        let evidence = explored(&toy, &questions, 1000);

        prop_assert_eq!(&evidence, &explored(&toy, &questions, 1000), "two runs");
        prop_assert_eq!(evidence.coverage, Coverage::Complete);
        let states: Vec<usize> = oracle.levels.keys().copied().collect();
        let steps: usize = states.iter().map(|state| oracle.steps(*state).len()).sum();
        prop_assert_eq!(evidence.counts.states, u64::try_from(states.len()).unwrap());
        prop_assert_eq!(evidence.counts.steps, u64::try_from(steps).unwrap());
        let ends: BTreeSet<_> = states.iter().filter_map(|state| toy.states[*state].end).collect();
        let outcomes: BTreeSet<_> = evidence.outcomes.keys().map(|outcome| outcome.0[0].unwrap().slot()).collect();
        prop_assert_eq!(&outcomes, &ends);
        let missing: BTreeSet<_> = [0, 1].into_iter().filter(|value| !ends.contains(value)).collect();

        let mut found = BTreeMap::new();
        let mut found_missing = BTreeSet::new();
        for finding in &evidence.findings {
            let key = finding.key();
            if let Some(trace) = &finding.trace {
                prop_assert_eq!(trace.least, Leastness::Proven);
                let steps = u64::try_from(trace.events.len()).unwrap();
                let lucky = trace.events.iter().filter(|event| !event.pick.is_reliable()).count();
                let cost = (u64::try_from(lucky).unwrap(), trace.preemptions, steps);
                prop_assert!(found.insert(key, cost).is_none(), "twice: {:?}", finding);
            } else if let Detail::MissingOutcome { pattern } = &finding.detail {
                found_missing.insert(pattern[1..pattern.len() - 1].parse::<i64>().unwrap());
            } else {
                prop_assert_eq!(&finding.detail, &Detail::Impossible { property: None });
            }
        }
        prop_assert_eq!(found_missing, missing);
        prop_assert_eq!(found, oracle.findings(&questions));
    }

    #[test]
    fn a_limit_claims_the_levels_that_fit(toy in toys(), limit in 1..9_u64) {
        let oracle = Oracle::new(&toy, 1);
        let size = |level: usize| oracle.levels.values().filter(|other| **other <= level).count();
        let fits = |level: usize| u64::try_from(size(level)).unwrap() <= limit;
        let deepest = oracle.levels.values().copied().max().unwrap();
        let evidence = explored(&toy, &toy.questions(), limit);
        if fits(deepest) {
            prop_assert_eq!(evidence.coverage, Coverage::Complete);
        } else {
            let last = (0..deepest).filter(|level| fits(*level)).max().unwrap();
            prop_assert_eq!(evidence.coverage, Coverage::Cut(LimitHit::States { limit }));
            prop_assert_eq!(evidence.counts.states, u64::try_from(size(last)).unwrap());
            for finding in &evidence.findings {
                prop_assert_eq!(finding.trace.as_ref().unwrap().least, Leastness::NotProven);
            }
        }
    }

    #[test]
    fn without_an_explanation_traces_are_shortest(toy in toys()) {
        let oracle = Oracle::new(&toy, 0);
        let questions = Questions { outcomes: patterns(&[0, 1]), ..toy.questions() };
        for (key, (_, _, steps)) in oracle.findings(&questions) {
            let found = shortest(&toy, &questions, &key);
            prop_assert_eq!(found, Some(steps));
        }
    }
}
