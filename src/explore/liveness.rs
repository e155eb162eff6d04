//! Liveness: what can be put off for ever although every thread has its turn.
//!
//! All three questions are about rounds in the state graph, so about strongly connected sets of states:
//!
//! - `eventually`: among the states that are reachable without it, a state where the execution ends, or a fair round.
//! - *livelock*: a fair round without the steps by which non-daemon threads make progress, in which one of them steps.
//! - *starvation* of a thread: a fair round without the steps by which it makes progress, in which others do, or in which
//!   only daemons step. Not of a thread that could never step again anyway, which is a partial deadlock.
//!
//! What fairness and progress are is said in `lasso`, which also looks at every round found here once more. The steps
//! that a question forbids are taken out of the graph first; what remains is taken apart into components. A component is
//! fair if every thread has its turn in it, and then a round through all of it is. Under weak fairness no part of an
//! unfair component can be fair. Under strong fairness one can be, without the states in which a thread that takes no step
//! could take one: those are taken out, and the rest is taken apart again.
//!
//! Each finding is shown by the shortest way to a component, and a short round through witnesses of what makes it fair.
//!
//! # Source
//! Emerson and Lei, *Modalities for model checking: branching time logic strikes back*, 1987 (strong fairness).
//!
//! # Limits
//! It is asked only of a graph that no limit has cut. Its rounds are short, not proven shortest.

use super::components::{components, position};
use super::graph::{Edge, EdgeId, Graph, bit, members};
use super::lasso::{self, Lasso, without_turn};
use super::questions::Questions;
use super::search::Explored;
use super::store::StateId;
use super::system::System;
use super::trace::Route;
use crate::finding::{Detail, Finding, Leastness, Trace};
use crate::limits::Watch;
use crate::program::{Fairness, ThreadId};
use crate::schedule::Choice;
use rustc_hash::FxHashMap;
use std::collections::VecDeque;

/// Finds everything that can be put off for ever, of what the questions ask for; `None` where `watch` interrupts it.
///
/// # Panics
/// If the search was cut.
pub(super) fn find<S: System + ?Sized>(
    system: &S,
    questions: &Questions,
    explored: &Explored,
    watch: &dyn Watch,
) -> Option<Vec<Finding>> {
    assert!(explored.cut.is_none(), "what was not explored may make a thread able to step");
    let mut findings = Vec::new();
    if !questions.ask_liveness() {
        return Some(findings);
    }
    let rounds = Rounds { system, questions, explored, facts: Facts::of(system, explored, watch)? };
    for property in &questions.eventually {
        go_on(watch)?;
        findings.extend(rounds.eventually(*property));
    }
    if questions.liveness.livelock {
        go_on(watch)?;
        findings.extend(rounds.livelock());
    }
    if questions.liveness.starvation {
        findings.extend(rounds.starvations(watch)?);
    }
    Some(findings)
}

/// How many states are looked at between two questions whether the search shall stop.
const BETWEEN_LOOKS: usize = 1 << 14;

/// `None` where the search shall stop. Asked before each look at the whole graph, and on the way through it where every
/// state is asked something.
fn go_on(watch: &dyn Watch) -> Option<()> {
    (!watch.interrupted()).then_some(())
}

/// What the graph does not say about its states and steps.
struct Facts {
    /// For each state the non-daemon threads that have not ended.
    unfinished: Vec<u64>,
    /// For each step whether its thread makes progress by it.
    progress: Vec<bool>,
}

impl Facts {
    /// `None` where `watch` interrupts it.
    fn of<S: System + ?Sized>(system: &S, explored: &Explored, watch: &dyn Watch) -> Option<Self> {
        let graph = &explored.graph;
        let mut facts =
            Self { unfinished: Vec::with_capacity(graph.states()), progress: Vec::with_capacity(graph.edges()) };
        let mut state = vec![0; system.width()];
        let mut choices: Vec<Choice> = Vec::new();
        for id in graph.state_ids() {
            if id.index().is_multiple_of(BETWEEN_LOOKS) {
                go_on(watch)?;
            }
            explored.store.read(id, &mut state);
            facts.unfinished.push(system.unfinished(&state));
            choices.clear();
            // The graph has no steps where the program has ended.
            if graph.steps(id).len() > 0 {
                system.choices(&state, &mut choices);
            }
            facts.progress.extend(choices.iter().map(|choice| system.progresses(&state, *choice)));
        }
        Some(facts)
    }
}

/// Which states and steps a question leaves in the graph.
type Keeps<'k> = &'k dyn Fn(StateId, &Edge) -> bool;

/// A fair component of what a question leaves.
struct Component {
    /// In ascending order.
    states: Vec<StateId>,
    /// Who steps in it.
    stepping: u64,
}

impl Component {
    /// Whether a step that arrives there stays inside.
    fn holds(&self, target: Option<StateId>) -> bool {
        target.is_some_and(|target| self.states.binary_search(&target).is_ok())
    }
}

/// The search for rounds.
struct Rounds<'a, S: ?Sized> {
    system: &'a S,
    questions: &'a Questions,
    explored: &'a Explored,
    facts: Facts,
}

impl<S: System + ?Sized> Rounds<'_, S> {
    fn eventually(&self, property: usize) -> Option<Finding> {
        let mut state = vec![0; self.system.width()];
        let mut never = Vec::with_capacity(self.graph().states());
        for id in self.graph().state_ids() {
            self.explored.store.read(id, &mut state);
            never.push(!self.system.holds(&state, property));
        }
        if !never[StateId::INITIAL.index()] {
            return None;
        }
        let on_the_way = |source: StateId, edge: &Edge| {
            never[source.index()] && edge.target.is_some_and(|target| never[target.index()])
        };
        // An end shows it best: it needs no fairness.
        let ends = |state: StateId| self.graph().enabled(state) == 0;
        if let Some(way) = self.way(&on_the_way, &ends) {
            return Some(lasso::ended_without(property, self.trace(way)));
        }
        let reached = self.reached(&on_the_way);
        let keeps =
            |source: StateId, edge: &Edge| reached[source.index()] && on_the_way(source, edge) && edge.is_reliable;
        let components = self.fair(&keeps);
        let (stem, component) = self.nearest(&on_the_way, &components)?;
        let trace = self.lasso(stem, component, &keeps, &|_| false);
        Some(self.round(&trace).never(property).expect("nowhere in the component it holds"))
    }

    fn livelock(&self) -> Option<Finding> {
        let keeps = |source: StateId, edge: &Edge| {
            let progresses = self.facts.progress[edge.id.index()] && self.is_unfinished(source, edge.thread);
            !progresses && edge.is_reliable
        };
        let mut components = self.fair(&keeps);
        components.retain(|component| component.stepping & self.facts.unfinished[component.states[0].index()] != 0);
        let (stem, component) = self.nearest(&|_, _| true, &components)?;
        let by_somebody = |edge: &Edge| self.is_unfinished(component.states[0], edge.thread);
        let trace = self.lasso(stem, component, &keeps, &by_somebody);
        Some(self.round(&trace).livelock().expect("no step of the component is progress"))
    }

    /// One finding for each code of which some thread can be passed over; `None` where `watch` interrupts it.
    fn starvations(&self, watch: &dyn Watch) -> Option<Vec<Finding>> {
        let able_later = self.able_later();
        let everybody = self.facts.unfinished.iter().fold(0, |all, these| all | these);
        let mut findings: Vec<(Vec<ThreadId>, Finding)> = Vec::new();
        for thread in members(everybody) {
            go_on(watch)?;
            let code = |thread: ThreadId| self.questions.codes[thread.index()];
            let known = findings.iter().position(|(threads, _)| code(threads[0]) == code(thread));
            let Some(finding) = self.starvation(thread, &able_later) else { continue };
            match known {
                Some(known) => findings[known].0.push(thread),
                None => findings.push((vec![thread], finding)),
            }
        }
        let named = |(all, mut finding): (Vec<ThreadId>, Finding)| {
            if let Detail::Starvation { threads, .. } = &mut finding.detail {
                *threads = all;
            }
            finding
        };
        Some(findings.into_iter().map(named).collect())
    }

    /// That this thread can be passed over. `able_later`: for each state the threads that step in some later one.
    fn starvation(&self, thread: ThreadId, able_later: &[u64]) -> Option<Finding> {
        let progresses = |edge: &Edge| self.facts.progress[edge.id.index()];
        let keeps = |source: StateId, edge: &Edge| {
            let by_itself = edge.thread == thread && progresses(edge);
            !by_itself && edge.is_reliable && self.is_unfinished(source, thread)
        };
        let by_another = |edge: &Edge, unfinished: u64| progresses(edge) && unfinished & bit(edge.thread) != 0;
        let mut components = self.fair(&keeps);
        components.retain(|component| {
            let unfinished = self.facts.unfinished[component.states[0].index()];
            component.states.iter().any(|state| {
                let inside = |edge: &Edge| keeps(*state, edge) && component.holds(edge.target);
                self.graph().steps(*state).any(|edge| inside(&edge) && by_another(&edge, unfinished))
            })
        });
        // A part of a component may be a round in which only daemons step.
        let by_daemons = |source: StateId, edge: &Edge| keeps(source, edge) && !self.is_unfinished(source, edge.thread);
        let is_stuck = |component: &Component| able_later[component.states[0].index()] & bit(thread) == 0;
        let only_daemons = self.fair(&by_daemons);
        let kept: [(Keeps<'_>, Vec<Component>); 2] = [(&keeps, components), (&by_daemons, only_daemons)];
        for (keeps, mut components) in kept {
            components.retain(|component| !is_stuck(component));
            let Some((stem, component)) = self.nearest(&|_, _| true, &components) else { continue };
            let unfinished = self.facts.unfinished[component.states[0].index()];
            let trace = self.lasso(stem, component, keeps, &|edge| by_another(edge, unfinished));
            let stuck = unfinished & !able_later[component.states[0].index()];
            let mut starved = self.round(&trace).starvations(stuck).into_iter();
            let is_it = |finding: &Finding| matches!(&finding.detail, Detail::Starvation { threads, .. } if threads.contains(&thread));
            return Some(starved.find(is_it).expect("no step of the component is its progress"));
        }
        None
    }

    /// The round at the end of a trace. To say nothing where it is none would be to say that nothing was found.
    fn round<'t>(&'t self, trace: &'t Trace) -> Lasso<'t, S> {
        Lasso::of(self.system, self.questions, trace).expect("the component is fair, and the round goes through it")
    }

    fn graph(&self) -> &Graph {
        &self.explored.graph
    }

    /// Whether a thread is a non-daemon thread that has not ended.
    fn is_unfinished(&self, state: StateId, thread: ThreadId) -> bool {
        self.facts.unfinished[state.index()] & bit(thread) != 0
    }

    fn mask(&self, states: &[StateId]) -> Vec<bool> {
        let mut mask = vec![false; self.graph().states()];
        for state in states {
            mask[state.index()] = true;
        }
        mask
    }

    /// For each state the threads that step there or in a later one, by steps that they may count on.
    fn able_later(&self) -> Vec<u64> {
        let mut of_component: Vec<u64> = Vec::new();
        let mut of_state = vec![0; self.graph().states()];
        components(self.graph(), |states, component_of| {
            let this = component_of(states[0]);
            let later = states.iter().flat_map(|state| self.graph().reliable_steps(*state)).fold(0, |later, edge| {
                let next = edge.target.map(component_of).filter(|next| *next != this);
                later | bit(edge.thread) | next.map_or(0, |next| of_component[position(next)])
            });
            of_component.push(later);
            for state in states {
                of_state[state.index()] = later;
            }
        });
        of_state
    }

    /// The states that can be reached from the initial one by steps that are kept.
    fn reached(&self, keeps: Keeps<'_>) -> Vec<bool> {
        let mut reached = self.mask(&[StateId::INITIAL]);
        let mut open = vec![StateId::INITIAL];
        while let Some(state) = open.pop() {
            for edge in self.graph().steps(state).filter(|edge| keeps(state, edge)) {
                if let Some(target) = edge.target.filter(|target| !reached[target.index()]) {
                    reached[target.index()] = true;
                    open.push(target);
                }
            }
        }
        reached
    }

    /// The fair components of what is kept.
    fn fair(&self, keeps: Keeps<'_>) -> Vec<Component> {
        let fairness = self.questions.liveness.fairness;
        let mut open = vec![true; self.graph().states()];
        let mut fair = Vec::new();
        loop {
            let rest = self.graph().part(&|source, edge| {
                let stays = open[source.index()] && edge.target.is_some_and(|target| open[target.index()]);
                stays && keeps(source, edge)
            });
            let mut again = false;
            components(&rest, |states, component_of| {
                let this = component_of(states[0]);
                let (mut stepping, mut always, mut sometimes) = (0, u64::MAX, 0);
                for state in states {
                    let inside = |edge: &Edge| edge.target.map(component_of) == Some(this);
                    stepping = rest.steps(*state).filter(inside).fold(stepping, |all, edge| all | bit(edge.thread));
                    always &= self.graph().enabled(*state);
                    sometimes |= self.graph().enabled(*state);
                }
                let without_turn = without_turn(fairness, stepping, always, sometimes);
                let goes_on = stepping != 0 && without_turn != 0 && fairness == Fairness::Strong;
                for state in states {
                    open[state.index()] = goes_on && self.graph().enabled(*state) & without_turn == 0;
                }
                again |= goes_on;
                if stepping != 0 && without_turn == 0 {
                    let mut states = states.to_vec();
                    states.sort_unstable();
                    fair.push(Component { states, stepping });
                }
            });
            if !again {
                return fair;
            }
        }
    }

    /// The component that is reached soonest by steps that are kept, and the way there.
    fn nearest<'c>(&self, keeps: Keeps<'_>, components: &'c [Component]) -> Option<(Vec<EdgeId>, &'c Component)> {
        let all: Vec<StateId> = components.iter().flat_map(|component| component.states.iter().copied()).collect();
        let mask = self.mask(&all);
        let stem = self.way(keeps, &|state| mask[state.index()])?;
        let end = self.end(&stem, StateId::INITIAL);
        Some((stem, components.iter().find(|component| component.holds(Some(end)))?))
    }

    /// The shortest way from the initial state to a goal by steps that are kept.
    fn way(&self, keeps: Keeps<'_>, goal: &dyn Fn(StateId) -> bool) -> Option<Vec<EdgeId>> {
        if goal(StateId::INITIAL) {
            return Some(Vec::new());
        }
        self.way_to_step(StateId::INITIAL, keeps, &|edge| edge.target.is_some_and(goal))
    }

    /// The shortest way, by steps that are kept, whose last step is a goal; it has at least one step.
    fn way_to_step(&self, from: StateId, keeps: Keeps<'_>, goal: &dyn Fn(&Edge) -> bool) -> Option<Vec<EdgeId>> {
        let mut found_by: FxHashMap<StateId, Option<EdgeId>> = FxHashMap::default();
        found_by.insert(from, None);
        let mut queue = VecDeque::from([from]);
        while let Some(state) = queue.pop_front() {
            for edge in self.graph().steps(state).filter(|edge| keeps(state, edge)) {
                if goal(&edge) {
                    let mut way = vec![edge.id];
                    let mut before = state;
                    while let Some(edge) = found_by.get(&before).copied().flatten() {
                        way.push(edge);
                        before = self.graph().source(edge);
                    }
                    way.reverse();
                    return Some(way);
                }
                if let Some(target) = edge.target
                    && !found_by.contains_key(&target)
                {
                    found_by.insert(target, Some(edge.id));
                    queue.push_back(target);
                }
            }
        }
        None
    }

    /// Where a way ends.
    fn end(&self, way: &[EdgeId], from: StateId) -> StateId {
        way.last().and_then(|last| self.graph().edge(*last).target).unwrap_or(from)
    }

    /// Who cannot step in a state, where that is a turn.
    fn idle(&self, state: Option<StateId>) -> u64 {
        match (self.questions.liveness.fairness, state) {
            (Fairness::Weak, Some(state)) => !self.graph().enabled(state),
            (Fairness::Weak, None) | (Fairness::Strong, _) => 0,
        }
    }

    /// The execution that goes to a fair component and once round in it, past a witness of everybody's turn and, where
    /// there is one, by a step that is wanted.
    fn lasso(
        &self,
        stem: Vec<EdgeId>,
        component: &Component,
        keeps: Keeps<'_>,
        wanted: &dyn Fn(&Edge) -> bool,
    ) -> Trace {
        let keeps = |source: StateId, edge: &Edge| keeps(source, edge) && component.holds(edge.target);
        let anchor = self.end(&stem, StateId::INITIAL);
        let steps = |state: &StateId| self.graph().steps(*state).filter(|edge| keeps(*state, edge)).collect::<Vec<_>>();
        // Who steps nowhere in the component is idle somewhere in it.
        let able = component.states.iter().fold(0, |all, state| all | self.graph().enabled(*state));
        let mut missing = able & !self.idle(Some(anchor));
        let mut wanting = component.states.iter().flat_map(steps).any(|edge| wanted(&edge));
        let mut round = Vec::new();
        let mut at = anchor;
        while missing != 0 || wanting {
            let helps =
                |edge: &Edge| (bit(edge.thread) | self.idle(edge.target)) & missing != 0 || wanting && wanted(edge);
            let way = self.way_to_step(at, &keeps, &helps).expect("a component is fair and has a step that is wanted");
            at = self.end(&way, at);
            for edge in way.iter().map(|step| self.graph().edge(*step)) {
                missing &= !(bit(edge.thread) | self.idle(edge.target));
                wanting &= !wanted(&edge);
            }
            round.extend(way);
        }
        if at != anchor || round.is_empty() {
            let back = self.way_to_step(at, &keeps, &|edge| edge.target == Some(anchor));
            round.extend(back.expect("every state of a component can be reached from every other"));
        }
        self.trace([stem, round].concat())
    }

    fn trace(&self, edges: Vec<EdgeId>) -> Trace {
        Route { edges, race: None }.trace(self.system, self.explored, Leastness::NotProven)
    }
}
