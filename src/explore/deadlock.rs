//! Deadlocks: states in which nothing can step, and threads that can never step again although others can.
//!
//! The first kind is seen while searching. The second kind, a *partial* deadlock, is a question about the whole graph:
//!
//! - A thread is *stuck* in a state if it is a non-daemon thread, has not ended, and takes no step in any state that is
//!   reachable from there. Once stuck it stays so: the set of stuck threads only grows along an execution.
//! - Stuck threads are reported where the others can go on for ever: a state from which a cycle can be reached. Where
//!   they cannot, the execution ends soon with a whole deadlock, which is reported instead, or by a failed assertion or a
//!   false `assume`, and then nobody waits for ever.
//! - They are reported at their greatest extent: not where a whole deadlock is reachable, and not where more threads can
//!   get stuck and the others then still go on for ever. So one fault is one finding.
//!
//! A step that nobody may count on ([`crate::schedule::Pick::is_reliable`]) saves nobody: both questions are about the
//! graph without such steps. States that only such a step leads to are part of it.
//!
//! It never looks at why a thread is blocked: `System::blocked` says so for the report.

use super::components::{components, position};
use super::graph::{bit, members};
use super::questions::Questions;
use super::search::Explored;
use super::sightings::Place;
use super::store::StateId;
use super::system::System;
use crate::finding::{DeadlockScope, Detail, Finding, Statement};
use crate::schedule::Choice;

/// The deadlock of `threads` in a state in which they are blocked.
pub(super) fn deadlock<S: System + ?Sized>(
    system: &S,
    questions: &Questions,
    state: &[i64],
    scope: DeadlockScope,
    threads: u64,
) -> Finding {
    let blocked: Vec<_> = members(threads).map(|thread| system.blocked(state, thread)).collect();
    let mut statements: Vec<_> = blocked
        .iter()
        .map(|blocked| Statement { code: questions.codes[blocked.thread.index()], pc: blocked.pc })
        .collect();
    statements.sort_unstable();
    statements.dedup();
    Finding { detail: Detail::Deadlock { scope, blocked }, statements, trace: None }
}

/// Whether nobody can count on any of these choices.
pub(super) fn is_stuck(choices: &[Choice]) -> bool {
    !choices.iter().any(|choice| choice.pick.is_reliable())
}

/// Whether some execution goes on for ever by steps that its threads may count on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Endless {
    /// None does.
    No,
    /// The graph has a cycle.
    Yes,
}

/// What is known about the states of one component, which can all reach the same.
#[derive(Clone, Copy, Debug)]
struct Below {
    /// Threads that step in some reachable state.
    stepping: u64,
    /// Threads that are stuck; looked up only where `endless`.
    stuck: u64,
    /// Whether a cycle is reachable.
    endless: bool,
    /// Whether a whole deadlock is reachable.
    whole: bool,
    /// Whether more threads can get stuck and the others then go on for ever.
    grows: bool,
}

impl Below {
    /// Whether the stuck threads are a finding in these states.
    fn is_reported(&self) -> bool {
        self.stuck != 0 && self.endless && !self.whole && !self.grows
    }
}

/// Finds partial deadlocks in a graph that no limit has cut, and adds them to the sightings: at every state where an
/// execution may see them first.
///
/// # Panics
/// If the search was cut.
pub(super) fn find_partial<S: System + ?Sized>(system: &S, questions: &Questions, explored: &mut Explored) -> Endless {
    assert!(explored.cut.is_none(), "what was not explored may set a thread free");
    let graph = &explored.graph;
    // If every step leads to a later state, there is no cycle. It is often so in programs without loops.
    let forward = |state: StateId| graph.steps(state).all(|edge| edge.target.is_none_or(|target| target > state));
    if graph.state_ids().all(forward) {
        return Endless::No;
    }

    let mut buffer = vec![0; system.width()];
    let mut below: Vec<Below> = Vec::new();
    let mut component_of_state = vec![0; graph.states()];
    components(graph, |states, component_of| {
        let this = component_of(states[0]);
        let mut all = Below { stepping: 0, stuck: 0, endless: states.len() > 1, whole: false, grows: false };
        for state in states {
            component_of_state[state.index()] = this;
            all.whole |= explored.is_deadlock(*state);
            for edge in graph.reliable_steps(*state) {
                all.stepping |= bit(edge.thread);
                match edge.target.map(component_of) {
                    None => {}
                    Some(component) if component == this => all.endless = true,
                    Some(component) => {
                        let next = below[position(component)];
                        all.stepping |= next.stepping;
                        all.endless |= next.endless;
                        all.whole |= next.whole;
                    }
                }
            }
        }
        if all.endless {
            explored.store.read(states[0], &mut buffer);
            all.stuck = system.unfinished(&buffer) & !all.stepping;
            all.grows =
                states.iter().flat_map(|state| graph.reliable_steps(*state)).filter_map(|edge| edge.target).any(
                    |target| {
                        let component = component_of(target);
                        component != this && {
                            let next = below[position(component)];
                            if next.stuck == all.stuck { next.grows } else { next.endless }
                        }
                    },
                );
        }
        below.push(all);
    });

    let below_state = |state: StateId| below[position(component_of_state[state.index()])];
    if below.iter().any(|below| below.endless) {
        let mut seen_first = vec![false; graph.states()];
        seen_first[StateId::INITIAL.index()] = true;
        for state in graph.state_ids() {
            let here = below_state(state);
            for target in graph.steps(state).filter_map(|edge| edge.target) {
                let next = below_state(target);
                if !here.is_reported() || here.stuck != next.stuck {
                    seen_first[target.index()] = true;
                }
            }
        }
        for state in graph.state_ids() {
            let here = below_state(state);
            if seen_first[state.index()] && here.is_reported() {
                explored.store.read(state, &mut buffer);
                let finding = deadlock(system, questions, &buffer, DeadlockScope::Partial, here.stuck);
                explored.sightings.see(finding, Place::State(state));
            }
        }
        return Endless::Yes;
    }
    Endless::No
}
