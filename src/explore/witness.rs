//! The explanation search: for every finding the execution that is easiest to read.
//!
//! Fewest steps that nobody may count on first, then least preemptions, then fewest steps; among equals the one that is found first when choices are taken in their
//! order. A *preemption* is a step of another thread although the thread that stepped last could go on, and could count on
//! that. The cost of a
//! step thus depends on who stepped last, so the search goes over pairs (state, thread that stepped last), cheapest
//! first; it reads the recorded graph and takes no steps.
//!
//! # Source
//! Musuvathi and Qadeer, *Iterative context bounding for systematic testing of multithreaded programs*, 2007 (the order);
//! Dijkstra, *A note on two problems in connexion with graphs*, 1959 (the search).
//!
//! # Limits
//! It gives up after `Limits::states` times [`PAIRS_PER_STATE`] pairs. Findings without an explanation then keep the
//! breadth-first execution that found them, labelled as not proven least. So are all findings where a limit has cut the
//! graph: an execution with less preemptions may be longer than what was explored.

use super::graph::{Edge, EdgeId, bit};
use super::search::Explored;
use super::sightings::{First, KeyId, Place, VariantId};
use super::store::StateId;
use super::system::{Arrival, System};
use super::trace::{Parents, Route, accesses, in_order_of};
use crate::finding::{Access, Finding, Leastness};
use crate::limits::{Limits, Watch};
use crate::program::ThreadId;
use crate::schedule::Choice;
use std::collections::BTreeMap;

/// Pairs that the explanation search looks at, for each state that the search may store.
pub const PAIRS_PER_STATE: u64 = 4;

/// Pairs between two looks at the watch.
const WATCH_INTERVAL: usize = 4096;

/// Gives each distinct finding its witness, in the order in which they were first seen.
pub(super) fn witnesses<S: System + ?Sized>(
    system: &S,
    explored: &Explored,
    limits: &Limits,
    watch: &dyn Watch,
) -> Vec<Finding> {
    if explored.sightings.is_empty() {
        return Vec::new();
    }
    let explanations = Explanation::search(system, explored, limits, watch);
    let mut parents = None;
    let sightings = &explored.sightings;
    let witness = |(key, first): (KeyId, First)| {
        let (variant, route, least) = match &explanations[key.index()] {
            Some((variant, route)) if explored.cut.is_none() => (*variant, route.clone(), Leastness::Proven),
            Some((variant, route)) => (*variant, route.clone(), Leastness::NotProven),
            None => {
                let parents = parents.get_or_insert_with(|| Parents::new(&explored.graph, explored.store.len()));
                let edges = parents.edges_to(&explored.graph, first.place);
                let race = match first.place {
                    Place::Start | Place::Step(_) => None,
                    Place::State(state) => accesses(&sightings.variant(first.variant).finding)
                        .map(|race| orders(system, explored, state, race)[0].accesses),
                };
                (first.variant, Route { edges, race }, Leastness::NotProven)
            }
        };
        let mut finding = in_order_of(&route, sightings.variant(variant).finding.clone());
        finding.trace = Some(route.trace(system, explored, least));
        finding
    };
    sightings.firsts().map(witness).collect()
}

/// Steps that nobody may count on, preemptions, steps.
type Cost = (u64, u64, u64);

/// Position of a settled pair in [`Explanation::settled`].
type PairId = u32;

/// A state with the thread whose step led there.
#[derive(Clone, Copy, Debug)]
struct Pair {
    state: StateId,
    /// `None`: nobody has stepped yet.
    last: Option<ThreadId>,
    /// Where it came from, by the first step of `last` that leads to `state`.
    parent: Option<PairId>,
}

/// A way to show a finding.
#[derive(Clone, Copy, Debug)]
struct Goal {
    variant: VariantId,
    from: PairId,
    end: GoalEnd,
}

/// What comes after the state of the goal's pair.
#[derive(Clone, Copy, Debug)]
enum GoalEnd {
    /// Nothing.
    Here,
    /// A step.
    Step(EdgeId),
    /// The two accesses of a race.
    Race([Access; 2]),
}

/// What has the same cost, in the order in which it was found.
#[derive(Debug, Default)]
struct Bucket {
    pairs: Vec<Pair>,
    goals: Vec<Goal>,
}

/// The search over pairs.
struct Explanation<'a, S: ?Sized> {
    system: &'a S,
    explored: &'a Explored,
    queue: BTreeMap<Cost, Bucket>,
    /// Pairs whose least cost is known.
    settled: Vec<Pair>,
    /// For each state, the last threads for which its pair is settled, as a set of bits.
    settled_with: Vec<u64>,
    /// Whether something is seen in a state or on one of its steps.
    interesting: Vec<bool>,
    /// For each finding the least cost of a way that was found to show it.
    best: Vec<Option<Cost>>,
    /// For each finding the best way to show it, once that is known.
    explanations: Vec<Option<(VariantId, Route)>>,
    /// Findings that have none yet.
    open: usize,
}

impl<'a, S: System + ?Sized> Explanation<'a, S> {
    fn search(
        system: &'a S,
        explored: &'a Explored,
        limits: &Limits,
        watch: &dyn Watch,
    ) -> Vec<Option<(VariantId, Route)>> {
        let sightings = &explored.sightings;
        let mut interesting = vec![false; explored.graph.states()];
        let sources = sightings.steps().map(|edge| explored.graph.source(edge));
        for state in sightings.states().chain(sources) {
            interesting[state.index()] = true;
        }
        let mut search = Self {
            system,
            explored,
            queue: BTreeMap::new(),
            settled: Vec::new(),
            settled_with: vec![0; explored.graph.states()],
            interesting,
            best: vec![None; sightings.len()],
            explanations: vec![None; sightings.len()],
            open: sightings.len(),
        };
        for (key, first) in sightings.firsts() {
            if first.place == Place::Start {
                search.explanations[key.index()] = Some((first.variant, Route { edges: Vec::new(), race: None }));
                search.open -= 1;
            }
        }
        if explored.graph.states() > 0 {
            let start = Pair { state: StateId::INITIAL, last: None, parent: None };
            search.queue.entry((0, 0, 0)).or_default().pairs.push(start);
        }
        search.run(limits.states.saturating_mul(PAIRS_PER_STATE), watch);
        search.explanations
    }

    fn run(&mut self, limit: u64, watch: &dyn Watch) {
        let limit = usize::try_from(limit)
            .unwrap_or(usize::MAX)
            .min(usize::try_from(PairId::MAX).expect("indices are narrower than usize"));
        while let Some((cost, bucket)) = self.queue.pop_first() {
            for goal in bucket.goals {
                self.settle_goal(goal);
            }
            for pair in bucket.pairs {
                if self.open == 0 || self.settled.len() == limit {
                    return;
                }
                if self.settled.len().is_multiple_of(WATCH_INTERVAL) && watch.interrupted() {
                    return;
                }
                self.settle_pair(pair, cost);
            }
        }
    }

    /// The first goal of a finding that comes up is its best.
    fn settle_goal(&mut self, goal: Goal) {
        let key = self.explored.sightings.variant(goal.variant).key;
        if self.explanations[key.index()].is_some() {
            return;
        }
        let mut edges = Vec::new();
        let mut race = None;
        match goal.end {
            GoalEnd::Here => {}
            GoalEnd::Step(edge) => edges.push(edge),
            GoalEnd::Race(accesses) => race = Some(accesses),
        }
        let mut pair = self.pair(goal.from);
        while let Some(parent) = pair.parent {
            let before = self.pair(parent);
            let leads_here = |edge: &Edge| Some(edge.thread) == pair.last && edge.target == Some(pair.state);
            let step = self.explored.graph.steps(before.state).filter(leads_here).min_by_key(|edge| !edge.is_reliable);
            edges.push(step.expect("a pair was reached by a step from its parent").id);
            pair = before;
        }
        edges.reverse();
        self.explanations[key.index()] = Some((goal.variant, Route { edges, race }));
        self.open -= 1;
    }

    fn pair(&self, id: PairId) -> Pair {
        self.settled[usize::try_from(id).expect("indices are narrower than usize")]
    }

    /// The first time that a pair comes up is by its least cost.
    fn settle_pair(&mut self, pair: Pair, cost: Cost) {
        let threads = &mut self.settled_with[pair.state.index()];
        let this = pair.last.map_or(0, bit);
        if *threads & this != 0 {
            return;
        }
        *threads |= this;
        let id = PairId::try_from(self.settled.len()).expect("the limit is below");
        self.settled.push(pair);

        let enabled = self.explored.graph.enabled(pair.state);
        // What a step of this thread costs here.
        let step = |thread, is_reliable: bool| {
            let preempts = pair.last.is_some_and(|last| last != thread && enabled & bit(last) != 0);
            (cost.0 + u64::from(!is_reliable), cost.1 + u64::from(preempts), cost.2 + 1)
        };
        if self.interesting[pair.state.index()] {
            self.look(id, pair, cost, &step);
        }
        for edge in self.explored.graph.steps(pair.state) {
            let Some(target) = edge.target else { continue };
            let expanded = target.index() < self.explored.graph.states();
            if expanded && self.settled_with[target.index()] & bit(edge.thread) == 0 {
                let next = Pair { state: target, last: Some(edge.thread), parent: Some(id) };
                self.queue.entry(step(edge.thread, edge.is_reliable)).or_default().pairs.push(next);
            }
        }
    }

    /// Adds what can be seen at a pair to the goals.
    fn look(&mut self, id: PairId, pair: Pair, cost: Cost, step: &dyn Fn(ThreadId, bool) -> Cost) {
        let explored = self.explored;
        for (_, variant) in explored.sightings.in_state(pair.state) {
            match accesses(&explored.sightings.variant(*variant).finding) {
                None => self.offer(Goal { variant: *variant, from: id, end: GoalEnd::Here }, cost),
                Some(given) => {
                    // No order is cheaper than this.
                    let least = given.map(|access| step(access.thread, true)).into_iter().min();
                    let least = least.map_or(cost, |first| (first.0, first.1, first.2 + 1));
                    if !self.improves(*variant, least) {
                        continue;
                    }
                    for race in orders(self.system, explored, pair.state, given) {
                        let first = step(race.accesses[0].thread, true);
                        let cost = (first.0, first.1 + u64::from(race.preempts), first.2 + 1);
                        let goal = Goal { variant: *variant, from: id, end: GoalEnd::Race(race.accesses) };
                        self.offer(goal, cost);
                    }
                }
            }
        }
        for (edge, variant) in explored.sightings.on_steps(explored.graph.range(pair.state)) {
            let edge_seen = explored.graph.edge(*edge);
            let cost = step(edge_seen.thread, edge_seen.is_reliable);
            self.offer(Goal { variant: *variant, from: id, end: GoalEnd::Step(*edge) }, cost);
        }
    }

    /// Queues a goal, if it is better than what is known.
    fn offer(&mut self, goal: Goal, cost: Cost) {
        if self.improves(goal.variant, cost) {
            self.best[self.explored.sightings.variant(goal.variant).key.index()] = Some(cost);
            self.queue.entry(cost).or_default().goals.push(goal);
        }
    }

    /// Whether a way to show a finding would be better than those that are known.
    fn improves(&self, variant: VariantId, cost: Cost) -> bool {
        self.best[self.explored.sightings.variant(variant).key.index()].is_none_or(|best| cost < best)
    }
}

/// The accesses of a race in one order.
struct Order {
    accesses: [Access; 2],
    /// Whether the second one is a preemption.
    preempts: bool,
}

/// The orders in which the accesses of a race can be taken in a state. Both, as a rule; but the first one may end the
/// execution, or keep an indivisible block from making its access. Where neither works it is the given order.
fn orders<S: System + ?Sized>(system: &S, explored: &Explored, state: StateId, given: [Access; 2]) -> Vec<Order> {
    let [one, other] = given;
    let orders: Vec<Order> =
        [[one, other], [other, one]].into_iter().filter_map(|race| order(system, explored, state, race)).collect();
    if orders.is_empty() { vec![Order { accesses: given, preempts: false }] } else { orders }
}

/// Takes the accesses in this order. `None` if the second one does not happen then.
fn order<S: System + ?Sized>(system: &S, explored: &Explored, state: StateId, accesses: [Access; 2]) -> Option<Order> {
    let [first, second] = accesses.map(|access| Choice::only(access.thread));
    let mut slots = vec![0; system.width()];
    explored.store.read(state, &mut slots);
    if system.step(&mut slots, first, &mut Vec::new()) != Arrival::Running {
        return None;
    }
    let mut choices = Vec::new();
    system.choices(&slots, &mut choices);
    if !choices.contains(&second) {
        return None;
    }
    let (_, event) = system.step_with_event(&mut slots, second, &mut Vec::new());
    let happens = event.pc == accesses[1].pc || event.inside.iter().any(|event| event.pc == accesses[1].pc);
    let preempts = choices.iter().any(|choice| choice.thread == first.thread && choice.pick.is_reliable());
    happens.then_some(Order { accesses, preempts })
}
