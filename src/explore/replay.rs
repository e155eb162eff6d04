//! Replay: takes a given list of choices, one after the other, and says where it leads.

use super::{Arrival, System};
use crate::finding::{Event, Finding};
use crate::schedule::Choice;
use std::fmt;

/// What happened along a schedule.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Replayed {
    /// One event per choice.
    pub events: Vec<Event>,
    /// In what kind of state the last step arrived.
    pub arrival: Arrival,
    /// The slots of that state.
    pub state: Vec<i64>,
    /// What the steps found, and the races of the states passed, without traces.
    pub found: Vec<Finding>,
    /// The choices that are enabled in the last state.
    pub enabled: Vec<Choice>,
}

/// A schedule asks for a step that the program does not offer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Diverged {
    /// Which choice of the schedule, counted from 1.
    pub step: usize,
    /// What it asks for.
    pub wanted: Choice,
    /// What is on offer; empty where the execution has ended.
    pub enabled: Vec<Choice>,
}

impl fmt::Display for Diverged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "diverged at step {}: wanted {:?}, enabled {:?}", self.step, self.wanted, self.enabled)
    }
}

impl std::error::Error for Diverged {}

/// Takes the choices in order, from the initial state.
///
/// # Errors
/// [`Diverged`] at the first choice that is not enabled.
pub fn replay(system: &impl System, choices: &[Choice]) -> Result<Replayed, Diverged> {
    let mut state = vec![0; system.width()];
    let mut found = Vec::new();
    let mut arrival = system.initial(&mut state, &mut found);
    let mut events = Vec::with_capacity(choices.len());
    for (position, choice) in choices.iter().enumerate() {
        let enabled = enabled(system, &arrival, &state);
        if !enabled.contains(choice) {
            return Err(Diverged { step: position + 1, wanted: *choice, enabled });
        }
        system.races(&state, &mut found);
        let (next, event) = system.step_with_event(&mut state, *choice, &mut found);
        arrival = next;
        events.push(event);
    }
    let enabled = enabled(system, &arrival, &state);
    Ok(Replayed { events, arrival, state, found, enabled })
}

/// The choices on offer; none where the execution has ended.
fn enabled(system: &impl System, arrival: &Arrival, state: &[i64]) -> Vec<Choice> {
    let mut enabled = Vec::new();
    if *arrival == Arrival::Running {
        system.choices(state, &mut enabled);
    }
    enabled
}
