//! Replay: takes a given list of choices, one after the other, and says where it leads and what it shows.
//!
//! What a schedule shows is what its own steps show: a race between two accesses that it takes, a failure, a deadlock
//! at its end. That threads can never step again although others go on for ever is a question about everything that
//! may come after the last step; there the search is asked.

use super::deadlock::{self, deadlock, is_stuck};
use super::graph::bit;
use super::lasso::{Lasso, ended_without, holds_nowhere};
use super::questions::Questions;
use super::search::search;
use super::store::StateId;
use super::system::{Arrival, System};
use super::trace::accesses;
use crate::finding::{
    Access, Blocked, DeadlockScope, Detail, Event, Finding, FindingKey, Leastness, Outcome, Replay, ReplayEnd, Trace,
};
use crate::limits::{Limits, Watch};
use crate::program::{FindingKind, ThreadId};
use crate::schedule::{Choice, Diverged};

/// Takes the choices in order, from the initial state, as far as they are on offer.
pub fn replay<S: System + ?Sized>(
    system: &S,
    questions: &Questions,
    choices: &[Choice],
    limits: &Limits,
    watch: &dyn Watch,
) -> Replay {
    let mut state = vec![0; system.width()];
    let mut found = Vec::new();
    let mut arrival = system.initial(&mut state, &mut found);
    let mut trace =
        Trace { events: Vec::with_capacity(choices.len()), preemptions: 0, least: Leastness::NotProven, back_to: None };
    // Races, each with the step before which both threads stand at their accesses.
    let mut races: Vec<(usize, Finding)> = Vec::new();
    let mut diverged = None;
    for (position, choice) in choices.iter().enumerate() {
        let enabled = enabled(system, &arrival, &state);
        if !enabled.contains(choice) {
            diverged = Some(Diverged { step: position + 1, wanted: *choice, enabled });
            break;
        }
        let last = trace.events.last().map(|event| event.thread);
        let goes_on = |last| enabled.iter().any(|other| other.thread == last && other.pick.is_reliable());
        let interrupts = last.is_some_and(|last| last != choice.thread && goes_on(last));
        trace.preemptions += u64::from(interrupts);
        let mut seen = Vec::new();
        system.races(&state, &mut seen);
        races.extend(seen.into_iter().map(|race| (position, race)));
        let (next, event) = system.step_with_event(&mut state, *choice, &mut found);
        arrival = next;
        trace.events.push(event);
    }
    found.extend(races.into_iter().filter_map(|(position, race)| taken(&trace.events[position..], race)));
    let end = match diverged {
        Some(diverged) => ReplayEnd::Diverged(diverged),
        None => {
            let end = end(system, questions, &arrival, &state, limits, watch, &mut found);
            found.extend(for_ever(system, questions, &trace, &end, &found));
            end
        }
    };
    let mut keys: Vec<FindingKey> = Vec::new();
    found.retain(|finding| {
        let key = finding.key();
        let is_new = !keys.contains(&key);
        keys.push(key);
        is_new
    });
    for finding in &mut found {
        finding.trace.get_or_insert_with(|| trace.clone());
    }
    // What the steps end in comes before the races on the way.
    found.sort_by_cached_key(|finding| (finding.kind() == FindingKind::Race, super::report_order(finding)));
    Replay { trace, end, found, emulated: Vec::new() }
}

/// Where the last step has led; adds what is found only there.
fn end<S: System + ?Sized>(
    system: &S,
    questions: &Questions,
    arrival: &Arrival,
    state: &[i64],
    limits: &Limits,
    watch: &dyn Watch,
    found: &mut Vec<Finding>,
) -> ReplayEnd {
    match arrival {
        Arrival::Running => {
            let enabled = enabled(system, arrival, state);
            if is_stuck(&enabled) {
                let threads = system.unfinished(state);
                found.push(deadlock(system, questions, state, DeadlockScope::Whole, threads));
                return ReplayEnd::Deadlock;
            }
            found.extend(stuck(&From { system, state }, questions, limits, watch));
            ReplayEnd::GoesOn { enabled }
        }
        Arrival::NormalEnd => {
            let outcome = system.outcome(state);
            if !questions.allows(&outcome) {
                let detail = Detail::UnexpectedOutcome { outcome: outcome.clone() };
                found.push(Finding { detail, statements: Vec::new(), trace: None });
            }
            ReplayEnd::NormalEnd(outcome)
        }
        Arrival::AbnormalEnd => ReplayEnd::AbnormalEnd,
        Arrival::Stopped => ReplayEnd::Stopped,
        Arrival::Discarded => ReplayEnd::Discarded,
        Arrival::Cut(limit) => ReplayEnd::Cut(limit.clone()),
    }
}

/// What these steps show about executions without end: that they end without something, or what their last steps show
/// that are a round. `found`: what else was found; who is stuck for ever is not passed over.
fn for_ever<S: System + ?Sized>(
    system: &S,
    questions: &Questions,
    trace: &Trace,
    end: &ReplayEnd,
    found: &[Finding],
) -> Vec<Finding> {
    match end {
        ReplayEnd::NormalEnd(_) | ReplayEnd::AbnormalEnd | ReplayEnd::Deadlock => questions
            .eventually
            .iter()
            .filter(|property| holds_nowhere(system, trace, **property))
            .map(|property| ended_without(*property, trace.clone()))
            .collect(),
        ReplayEnd::GoesOn { .. } if questions.ask_liveness() => {
            let Some(lasso) = Lasso::of(system, questions, trace) else { return Vec::new() };
            let blocked = found.iter().filter_map(|finding| {
                if let Detail::Deadlock { blocked, .. } = &finding.detail { Some(blocked) } else { None }
            });
            let stuck = blocked.flatten().fold(0, |stuck, blocked| stuck | bit(blocked.thread));
            let mut shown: Vec<Finding> =
                questions.eventually.iter().filter_map(|property| lasso.never(*property)).collect();
            if questions.liveness.livelock {
                shown.extend(lasso.livelock());
            }
            if questions.liveness.starvation {
                shown.extend(lasso.starvations(stuck));
            }
            shown
        }
        ReplayEnd::GoesOn { .. }
        | ReplayEnd::Diverged(_)
        | ReplayEnd::Stopped
        | ReplayEnd::Discarded
        | ReplayEnd::Cut(_) => Vec::new(),
    }
}

/// The choices on offer; none where the execution has ended.
fn enabled<S: System + ?Sized>(system: &S, arrival: &Arrival, state: &[i64]) -> Vec<Choice> {
    let mut enabled = Vec::new();
    if *arrival == Arrival::Running {
        system.choices(state, &mut enabled);
    }
    enabled
}

/// The race with its accesses in the order in which these steps take them; `None` where they do not take both.
fn taken(events: &[Event], mut race: Finding) -> Option<Finding> {
    let at = |access: &Access| {
        let next = events.iter().position(|event| event.thread == access.thread)?;
        let event = &events[next];
        let is_it = event.pc == access.pc || event.inside.iter().any(|event| event.pc == access.pc);
        is_it.then_some(next)
    };
    let [first, second] = accesses(&race)?;
    let order = if at(&first)? < at(&second)? { [first, second] } else { [second, first] };
    if let Detail::Race { accesses, .. } = &mut race.detail {
        *accesses = order.to_vec();
    }
    Some(race)
}

/// The threads that are stuck for ever in the first state of a system in which others can step; nothing where a limit
/// cuts the search.
fn stuck(
    from: &From<'_, impl System + ?Sized>,
    questions: &Questions,
    limits: &Limits,
    watch: &dyn Watch,
) -> Vec<Finding> {
    let mut explored = search(from, questions, limits, watch);
    if explored.cut().is_some() {
        return Vec::new();
    }
    deadlock::find_partial(from, questions, &mut explored);
    explored.sightings.sort();
    let here = explored.sightings.in_state(StateId::INITIAL).iter();
    let findings = here.map(|(_, variant)| explored.sightings.variant(*variant).finding.clone());
    let is_partial =
        |finding: &Finding| matches!(finding.detail, Detail::Deadlock { scope: DeadlockScope::Partial, .. });
    findings.filter(is_partial).collect()
}

/// A system that begins in another state, one in which it runs.
struct From<'a, S: ?Sized> {
    system: &'a S,
    state: &'a [i64],
}

impl<S: System + ?Sized> System for From<'_, S> {
    fn width(&self) -> usize {
        self.system.width()
    }

    fn initial(&self, state: &mut [i64], _found: &mut Vec<Finding>) -> Arrival {
        state.copy_from_slice(self.state);
        Arrival::Running
    }

    fn choices(&self, state: &[i64], out: &mut Vec<Choice>) {
        self.system.choices(state, out);
    }

    fn step(&self, state: &mut [i64], choice: Choice, found: &mut Vec<Finding>) -> Arrival {
        self.system.step(state, choice, found)
    }

    fn step_with_event(&self, state: &mut [i64], choice: Choice, found: &mut Vec<Finding>) -> (Arrival, Event) {
        self.system.step_with_event(state, choice, found)
    }

    fn races(&self, _state: &[i64], _found: &mut Vec<Finding>) {
        // Nobody asks for them: what lies behind the last step of a schedule is not what it shows.
    }

    fn unfinished(&self, state: &[i64]) -> u64 {
        self.system.unfinished(state)
    }

    fn blocked(&self, state: &[i64], thread: ThreadId) -> Blocked {
        self.system.blocked(state, thread)
    }

    fn outcome(&self, state: &[i64]) -> Outcome {
        self.system.outcome(state)
    }

    fn holds(&self, state: &[i64], property: usize) -> bool {
        self.system.holds(state, property)
    }

    fn progresses(&self, state: &[i64], choice: Choice) -> bool {
        self.system.progresses(state, choice)
    }
}
