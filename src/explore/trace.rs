//! Routes through the state graph, and the traces they stand for.

use super::graph::{EdgeId, Graph};
use super::search::Explored;
use super::sightings::Place;
use super::store::StateId;
use super::system::{Arrival, System};
use crate::finding::{Access, Detail, Finding, Leastness, Trace};
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
        let mut trace = Trace { events: Vec::new(), preemptions: 0, least };
        let mut slots = vec![0; system.width()];
        if self.edges.is_empty() && self.race.is_none() {
            return trace;
        }
        explored.store.read(StateId::INITIAL, &mut slots);
        let mut choices = Vec::new();
        // Who stepped last, if the execution went on after it.
        let mut last = None;
        let mut take = |slots: &mut [i64], choice: &dyn Fn(&[Choice]) -> Choice| {
            choices.clear();
            system.choices(slots, &mut choices);
            let choice = choice(&choices);
            let interrupts = |last| last != choice.thread && choices.iter().any(|choice| choice.thread == last);
            trace.preemptions += u64::from(last.is_some_and(interrupts));
            let (arrival, event) = system.step_with_event(slots, choice, &mut Vec::new());
            last = (arrival == Arrival::Running).then_some(choice.thread);
            trace.events.push(event);
        };
        let mut state = Some(StateId::INITIAL);
        for edge in &self.edges {
            let source = state.expect("only the last step of a route may lead nowhere");
            let position = explored.graph.position(source, *edge);
            take(&mut slots, &|choices| choices[position]);
            state = explored.graph.edge(*edge).target;
        }
        for access in self.race.iter().flatten() {
            take(&mut slots, &|_| Choice::only(access.thread));
        }
        trace
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
