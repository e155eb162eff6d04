//! Routes through the state graph, and the traces they stand for.

use super::graph::{EdgeId, Graph};
use super::search::Explored;
use super::sightings::Place;
use super::store::StateId;
use super::system::{Arrival, System};
use crate::finding::{Access, Detail, Finding, Leastness, Trace};
use crate::program::ThreadId;
use crate::schedule::Choice;

/// An execution that shows a finding.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Route {
    /// Its steps in the graph.
    pub(super) edges: Vec<EdgeId>,
    /// The two accesses of a race, which are taken after that, in this order.
    pub(super) race: Option<[Access; 2]>,
}

impl Route {
    /// Makes the trace of this execution by taking its steps once more.
    ///
    /// # Panics
    /// If it is not a route of this system.
    #[must_use]
    pub(super) fn trace<S: System + ?Sized>(&self, system: &S, explored: &Explored, least: Leastness) -> Trace {
        let mut following = Following::new(system, least);
        if self.edges.is_empty() && self.race.is_none() {
            return following.trace;
        }
        explored.store.read(StateId::INITIAL, &mut following.state);
        let mut state = Some(StateId::INITIAL);
        for edge in &self.edges {
            let source = state.expect("only the last step of a route may lead nowhere");
            let position = explored.graph.position(source, *edge);
            following.take(&|choices| choices[position]);
            state = explored.graph.edge(*edge).target;
        }
        for access in self.race.iter().flatten() {
            following.take(&|_| Choice::only(access.thread));
        }
        following.trace
    }
}

/// The trace of the execution that takes these choices.
///
/// # Panics
/// If one of them is not enabled.
#[must_use]
pub(super) fn follow<S: System + ?Sized>(system: &S, choices: &[Choice], least: Leastness) -> Trace {
    let mut following = Following::new(system, least);
    system.initial(&mut following.state, &mut Vec::new());
    for choice in choices {
        following.take(&|_| *choice);
    }
    following.trace
}

/// A trace that is being made.
struct Following<'s, S: ?Sized> {
    system: &'s S,
    state: Vec<i64>,
    choices: Vec<Choice>,
    /// Who stepped last, if the execution went on after it.
    last: Option<ThreadId>,
    trace: Trace,
}

impl<'s, S: System + ?Sized> Following<'s, S> {
    /// Before the first step; the state is still to be written.
    fn new(system: &'s S, least: Leastness) -> Self {
        let trace = Trace { events: Vec::new(), preemptions: 0, least, back_to: None };
        Self { system, state: vec![0; system.width()], choices: Vec::new(), last: None, trace }
    }

    /// Takes one of the enabled choices.
    fn take(&mut self, choose: &dyn Fn(&[Choice]) -> Choice) {
        self.choices.clear();
        self.system.choices(&self.state, &mut self.choices);
        let choice = choose(&self.choices);
        let goes_on = |last| self.choices.iter().any(|choice| choice.thread == last && choice.pick.is_reliable());
        let interrupts = |last| last != choice.thread && goes_on(last);
        self.trace.preemptions += u64::from(self.last.is_some_and(interrupts));
        let (arrival, event) = self.system.step_with_event(&mut self.state, choice, &mut Vec::new());
        self.last = (arrival == Arrival::Running).then_some(choice.thread);
        self.trace.events.push(event);
    }
}

/// The finding with the accesses of a race in the order in which a route takes them.
#[must_use]
pub(super) fn in_order_of(route: &Route, mut finding: Finding) -> Finding {
    if let (Detail::Race { accesses, .. }, Some(race)) = (&mut finding.detail, route.race) {
        *accesses = race.to_vec();
    }
    finding
}

/// The accesses of a finding that is a race between two known ones.
#[must_use]
pub(super) fn accesses(finding: &Finding) -> Option<[Access; 2]> {
    let Detail::Race { accesses, .. } = &finding.detail else { return None };
    accesses[..].try_into().ok()
}

/// For each expanded or known state, the step by which the search found it: shortest routes.
#[derive(Debug)]
pub(super) struct Parents {
    /// The step; `None` for the initial state.
    found_by: Vec<Option<EdgeId>>,
}

impl Parents {
    /// Reads them off the graph: the search numbers states in the order of the steps that found them.
    #[must_use]
    pub(super) fn new(graph: &Graph, states: usize) -> Self {
        let mut found_by = vec![None; states];
        for edge in graph.state_ids().flat_map(|state| graph.steps(state)) {
            if let Some(target) = edge.target
                && target != StateId::INITIAL
                && found_by[target.index()].is_none()
            {
                found_by[target.index()] = Some(edge.id);
            }
        }
        Self { found_by }
    }

    /// The steps by which the search came to a place first; the last one is that of the place itself.
    ///
    /// # Panics
    /// If the place is not of this graph.
    #[must_use]
    pub(super) fn edges_to(&self, graph: &Graph, place: Place) -> Vec<EdgeId> {
        let (mut edges, mut state) = match place {
            Place::Start => (Vec::new(), StateId::INITIAL),
            Place::State(state) => (Vec::new(), state),
            Place::Step(edge) => (vec![edge], graph.source(edge)),
        };
        while let Some(edge) = self.found_by.get(state.index()).copied().flatten() {
            edges.push(edge);
            state = graph.source(edge);
        }
        edges.reverse();
        edges
    }
}
