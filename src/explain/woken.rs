//! What would happen if a thread that waits on a condition variable were woken: not told by the trace, but asked of the
//! one definition of execution, in the states that the trace leads through.
//!
//! It is asked of a program in which every wait may also end for no reason. Its executions are those of the real one and
//! some more, so the trace is one of them; and who is woken for no reason does what anybody does who is woken.

use super::deed::{Deed, deed};
use crate::explore::{Arrival, System};
use crate::finding::{Event, Returned, Target};
use crate::limits::Limits;
use crate::program::{ObjectId, ObjectKind, Program, ThreadId, Value, WakeUps};
use crate::schedule::{Choice, Pick};
use crate::semantics::Semantics;

/// Steps that a woken thread may take before it has shown what it does.
const STEPS: usize = 1_000;

/// The same program, in which waits may also end for no reason.
pub(super) fn where_waits_may_end(program: &Program) -> Program {
    let mut program = program.clone();
    for object in &mut program.objects {
        if let ObjectKind::Condvar { wake_ups, .. } = &mut object.kind {
            *wake_ups = WakeUps::Spurious;
        }
    }
    program
}

/// An execution with the states that it leads through.
pub(super) struct Execution<'p> {
    semantics: Semantics<'p>,
    /// One more than steps.
    states: Vec<Vec<i64>>,
}

impl<'p> Execution<'p> {
    /// Takes these steps again. `program` is one [`where_waits_may_end`]; `None` where it does not take exactly these
    /// steps: another engine knows less about them, or a limit was raised for them.
    pub(super) fn of(program: &'p Program, events: &[Event]) -> Option<Self> {
        let semantics = Semantics::new(program, &Limits::default());
        let mut state = vec![0; semantics.width()];
        if semantics.initial(&mut state, &mut Vec::new()) != Arrival::Running {
            return None;
        }
        let mut states = vec![state.clone()];
        for event in events {
            if !is_on_offer(&semantics, &state, event.choice()) {
                return None;
            }
            let (arrival, took) = semantics.step_with_event(&mut state, event.choice(), &mut Vec::new());
            if arrival != Arrival::Running || took != *event {
                return None;
            }
            states.push(state.clone());
        }
        Some(Self { semantics, states })
    }

    /// What a waiting thread would read, if it were woken after so many steps and had the program to itself, until it
    /// does something else than look: then it has gone on. `None` where it would wait again, or where nobody can tell.
    pub(super) fn would_read(&self, after: usize, waiter: ThreadId) -> Option<Vec<(ObjectId, Value)>> {
        let mut state = self.states.get(after)?.clone();
        let mut choice = Choice { thread: waiter, pick: Pick::Spurious };
        let mut reads = Vec::new();
        if !is_on_offer(&self.semantics, &state, choice) {
            return None;
        }
        self.semantics.step(&mut state, choice, &mut Vec::new());
        for _ in 0..STEPS {
            if self.semantics.unfinished(&state) & (1 << waiter.0) == 0 {
                return Some(reads);
            }
            choice = self.only_step(&state, waiter)?;
            let (arrival, event) = self.semantics.step_with_event(&mut state, choice, &mut Vec::new());
            for event in parts(&event) {
                match deed(self.semantics.program(), event) {
                    Deed::Passes => {}
                    Deed::Reads => reads.extend(read(event)),
                    Deed::Acts => return Some(reads),
                    Deed::Looks | Deed::Waits | Deed::Tries => return None,
                }
            }
            match arrival {
                Arrival::Running => {}
                Arrival::NormalEnd | Arrival::AbnormalEnd | Arrival::Stopped => return Some(reads),
                Arrival::Discarded | Arrival::Cut(_) => return None,
            }
        }
        None
    }

    /// Whether a thread stands after so many steps exactly as it stood after so many others.
    pub(super) fn stands_alike(&self, thread: ThreadId, after: usize, before: usize) -> bool {
        match (self.states.get(after), self.states.get(before)) {
            (Some(one), Some(other)) => self.semantics.stands_alike(thread, one, other),
            (Some(_) | None, _) => false,
        }
    }

    /// The step that a thread takes next; `None` where it can take none, and any where the world chooses: whoever notifies
    /// acts, whomever it wakes.
    fn only_step(&self, state: &[i64], thread: ThreadId) -> Option<Choice> {
        let mut choices = Vec::new();
        self.semantics.choices(state, &mut choices);
        choices.into_iter().find(|choice| choice.thread == thread && choice.pick.is_reliable())
    }
}

fn is_on_offer(semantics: &Semantics<'_>, state: &[i64], choice: Choice) -> bool {
    let mut choices = Vec::new();
    semantics.choices(state, &mut choices);
    choices.contains(&choice)
}

/// The step; of an indivisible block the steps inside.
pub(super) fn parts(event: &Event) -> &[Event] {
    if event.inside.is_empty() { std::slice::from_ref(event) } else { &event.inside }
}

/// The variable or atomic that a step has read, with what it saw.
pub(super) fn read(event: &Event) -> Option<(ObjectId, Value)> {
    match (event.target, event.returned) {
        (Some(Target::Object(object)), Some(Returned::Value(value))) => Some((object, value)),
        (
            Some(Target::Object(_) | Target::Thread(_)) | None,
            Some(Returned::Value(_) | Returned::Tagged(..)) | None,
        ) => None,
    }
}
