//! The search: breadth-first over all interleavings, with no reduction.
//!
//! It visits every reachable state once and takes every choice of each. This is the oracle that later, cleverer searches
//! are tested against, so it stays as plain as it is. States are expanded in the order in which they were found, choices
//! in their order; nothing else decides, so equal inputs give equal results.
//!
//! # Limits
//! The *level* of a state is its distance from the initial state. A level is expanded completely or not at all: where the
//! states of the next level do not all fit into `Limits::states`, the search takes the remaining steps of the current
//! level, looking at what they report and where they arrive, and ends there. What it claims are the states it expanded,
//! which are the complete levels, never more than the limit. A step that meets a limit of its own is not followed; the
//! search goes on everywhere else. The first limit in search order is the one that is reported. An interruption ends the
//! search at once, in the middle of a level.
//!
//! It never matches on a primitive. It leaves out partial deadlocks (`deadlock`) and readable witnesses (`witness`),
//! which are questions about the finished graph.

use super::deadlock::{deadlock, is_stuck};
use super::graph::{EdgeId, Graph};
use super::questions::Questions;
use super::sightings::{Place, Sightings};
use super::store::{Insertion, StateId, Store};
use super::system::{Arrival, System};
use crate::finding::{Counts, DeadlockScope, Detail, Finding, LimitHit, Outcome};
use crate::limits::{Limits, Watch};
use crate::schedule::Choice;
use std::collections::BTreeSet;

/// States that are stored together: memory answers many questions nearly as fast as one.
const BATCH: usize = 64;

/// States between two looks at the watch, at most.
const WATCH_INTERVAL: usize = 4096;
/// States with many slots take longer: no more slots than this lie between two looks.
const WATCHED_SLOTS: usize = 1 << 18;

/// What a search has seen.
#[derive(Debug)]
pub struct Explored {
    /// All states that were found; those of the graph are expanded.
    pub(super) store: Store,
    /// The steps of all states that were expanded.
    pub(super) graph: Graph,
    /// What was found, and where.
    pub(super) sightings: Sightings,
    /// Outcomes of the normal ends.
    pub(super) outcomes: BTreeSet<Outcome>,
    /// The `possible` properties that no normal end satisfies.
    pub(super) unsatisfied: Vec<usize>,
    /// How executions have ended.
    pub(super) endings: Endings,
    /// The first limit that was met; `None`: every reachable state was expanded.
    pub(super) cut: Option<LimitHit>,
    /// The states in which all non-daemon threads have ended, in order.
    ends: Vec<StateId>,
}

/// How executions have ended, by number of steps that ended one.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Endings {
    /// Discarded by a false `assume`.
    pub(super) discarded: u64,
    /// In any other way: by the end of all threads, a failed assertion, or in a whole deadlock.
    pub(super) others: u64,
}

impl Explored {
    /// Whether nobody can count on a step in an expanded state although some non-daemon thread has not ended.
    #[must_use]
    pub(super) fn is_deadlock(&self, state: StateId) -> bool {
        self.graph.reliable_steps(state).next().is_none() && !self.is_end(state)
    }

    /// Whether all non-daemon threads have ended in a state.
    #[must_use]
    pub(super) fn is_end(&self, state: StateId) -> bool {
        self.ends.binary_search(&state).is_ok()
    }

    /// What the search cost.
    ///
    /// # Panics
    /// Never: counts fit into 64 bits.
    #[must_use]
    pub fn counts(&self) -> Counts {
        let count = |number| u64::try_from(number).expect("usize is at most 64 bits");
        Counts { states: count(self.graph.states()), steps: count(self.graph.edges()), executions: 0 }
    }

    /// The first limit that was met; `None`: every reachable state was expanded.
    #[must_use]
    pub fn cut(&self) -> Option<&LimitHit> {
        self.cut.as_ref()
    }

    /// Bytes that states and graph take: our own accounting, the same on every machine.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.store.bytes() + self.graph.bytes()
    }
}

/// Explores all executions of a system within `limits.states`.
///
/// # Determinism
/// Depends on nothing but the arguments, unless `watch` interrupts it.
pub fn search<S: System + ?Sized>(system: &S, questions: &Questions, limits: &Limits, watch: &dyn Watch) -> Explored {
    let mut state = vec![0; system.width()];
    let mut found = Vec::new();
    let arrival = system.initial(&mut state, &mut found);
    let limit = limits.states.min(Store::MOST);
    let mut search = Search {
        system,
        questions,
        explored: Explored {
            store: Store::new(&state, limit),
            graph: Graph::new(),
            sightings: Sightings::default(),
            outcomes: BTreeSet::new(),
            unsatisfied: questions.possible.clone(),
            endings: Endings::default(),
            cut: None,
            ends: Vec::new(),
        },
        ends_passed: 0,
        no_room: false,
        next: state.clone(),
        state,
        choices: Vec::new(),
        found,
        arriving: Vec::new(),
    };
    search.arrive(arrival, Place::Start);
    search.store_arriving();
    search.run(limit, watch);
    search.explored
}

/// A search under way, with the buffers that every step uses again.
struct Search<'a, S: ?Sized> {
    system: &'a S,
    questions: &'a Questions,
    explored: Explored,
    /// How many of `explored.ends` have been reached again, as states to expand.
    ends_passed: usize,
    /// Whether a new state did not fit.
    no_room: bool,
    /// The state that is being expanded.
    state: Vec<i64>,
    /// The state after a step.
    next: Vec<i64>,
    choices: Vec<Choice>,
    /// What the last call of the system has found.
    found: Vec<Finding>,
    /// The steps that led to the states in the store's queue.
    arriving: Vec<Arriving>,
}

/// A step whose target is not known yet.
struct Arriving {
    /// `None`: the target is the initial state.
    edge: Option<EdgeId>,
    /// Whether all non-daemon threads have ended there.
    ends: bool,
}

impl<S: System + ?Sized> Search<'_, S> {
    fn run(&mut self, limit: u64, watch: &dyn Watch) {
        let mut level = 0..self.explored.store.len();
        let interval = (WATCHED_SLOTS / self.system.width().max(1)).clamp(1, WATCH_INTERVAL);
        loop {
            if self.no_room {
                self.explored.cut.get_or_insert(LimitHit::States { limit });
                return;
            }
            if level.is_empty() {
                return;
            }
            for state in level.clone() {
                if state.is_multiple_of(interval) {
                    watch.progress(u64::try_from(state).expect("usize is at most 64 bits"));
                    if watch.interrupted() {
                        self.explored.cut.get_or_insert(LimitHit::Interrupted);
                        return;
                    }
                }
                self.expand(StateId::new(state));
                if self.arriving.len() >= BATCH {
                    self.store_arriving();
                }
            }
            self.store_arriving();
            level = level.end..self.explored.store.len();
        }
    }

    /// Looks at a state and takes all its choices.
    fn expand(&mut self, state: StateId) {
        if self.explored.ends.get(self.ends_passed) == Some(&state) {
            self.ends_passed += 1;
            self.explored.graph.end_state();
            return;
        }
        self.explored.store.load(state, &mut self.state);
        self.system.races(&self.state, &mut self.found);
        self.see_found(Place::State(state));

        self.choices.clear();
        self.system.choices(&self.state, &mut self.choices);
        if is_stuck(&self.choices) {
            let threads = self.system.unfinished(&self.state);
            let finding = deadlock(self.system, self.questions, &self.state, DeadlockScope::Whole, threads);
            self.explored.sightings.see(finding, Place::State(state));
            self.explored.endings.others += 1;
        }
        for position in 0..self.choices.len() {
            let choice = self.choices[position];
            self.next.copy_from_slice(&self.state);
            let arrival = self.system.step(&mut self.next, choice, &mut self.found);
            let edge = self.explored.graph.push(choice);
            self.arrive(arrival, Place::Step(edge));
        }
        self.explored.graph.end_state();
    }

    /// Records what was found on the way to `next`, and queues that state if it is one that is stored.
    fn arrive(&mut self, arrival: Arrival, place: Place) {
        self.see_found(place);
        match arrival {
            Arrival::Running => self.submit(place, false),
            Arrival::NormalEnd => {
                self.normal_end(place);
                self.submit(place, true);
            }
            Arrival::AbnormalEnd => self.submit(place, true),
            Arrival::Stopped => self.explored.endings.others += 1,
            Arrival::Discarded => self.explored.endings.discarded += 1,
            Arrival::Cut(limit) => {
                self.explored.cut.get_or_insert(limit);
            }
        }
    }

    /// Records what the last call of the system has found.
    fn see_found(&mut self, place: Place) {
        if !self.found.is_empty() {
            self.found.drain(..).for_each(|finding| self.explored.sightings.see(finding, place));
        }
    }

    /// Queues `next` for the store.
    fn submit(&mut self, place: Place, ends: bool) {
        let edge = match place {
            Place::Start => None,
            Place::Step(edge) => Some(edge),
            Place::State(_) => unreachable!("states are arrived at by steps"),
        };
        self.explored.store.submit(&self.next);
        self.arriving.push(Arriving { edge, ends });
    }

    /// Stores the queued states, and says to their steps where they have arrived.
    fn store_arriving(&mut self) {
        let Explored { store, graph, ends, endings, .. } = &mut self.explored;
        let mut arriving = self.arriving.drain(..);
        store.insert_queued(|insertion| {
            let step = arriving.next().expect("each queued state was arrived at");
            if let (Some(edge), Some(target)) = (step.edge, insertion.state()) {
                graph.set_target(edge, target);
            }
            if step.ends {
                endings.others += 1;
                if let Insertion::Fresh(state) = insertion {
                    ends.push(state);
                }
            }
            self.no_room |= insertion == Insertion::NoRoom;
        });
    }

    /// Reads off what the scenario asks for at a normal end.
    fn normal_end(&mut self, place: Place) {
        let (system, state) = (self.system, &self.next);
        self.explored.unsatisfied.retain(|property| !system.holds(state, *property));
        let outcome = system.outcome(state);
        if !self.questions.allows(&outcome) {
            let detail = Detail::UnexpectedOutcome { outcome: outcome.clone() };
            self.explored.sightings.see(Finding { detail, statements: Vec::new(), trace: None }, place);
        }
        self.explored.outcomes.insert(outcome);
    }
}
