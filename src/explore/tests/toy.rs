//! State graphs written by hand: the smallest systems.

use crate::explore::{Arrival, Questions, System};
use crate::finding::{
    Access, AccessKind, BlockCause, Blocked, Detail, Event, Finding, LimitHit, Outcome, Phase, Statement,
};
use crate::program::{CodeId, Liveness, Memory, ObjectId, OutcomePattern, PatternValue, Pc, ThreadId, Value};
use crate::schedule::{Choice, Pick};

/// A system given by its graph. Slot 0 holds the position of the state, slot 1 something that grows with it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Toy {
    pub(crate) states: Vec<ToyState>,
    /// The non-daemon threads, as a set of bits; none of them ends before the end of the program.
    pub(crate) threads: u64,
    /// Found before the first step.
    pub(crate) start: Vec<Finding>,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct ToyState {
    pub(crate) steps: Vec<ToyStep>,
    /// Pairs of threads that race here.
    pub(crate) races: Vec<(usize, usize)>,
    /// The outcome, where the state is an end.
    pub(crate) end: Option<i64>,
    /// Whether the property [`GOOD`] holds.
    pub(crate) good: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct ToyStep {
    pub(crate) thread: usize,
    pub(crate) to: To,
    /// Whether the thread may count on it; false for the last of a thread's steps at most.
    pub(crate) is_reliable: bool,
    /// The assertion that fails on this step.
    pub(crate) fails: Option<usize>,
    /// Whether its thread makes progress.
    pub(crate) progress: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum To {
    State(usize),
    Stopped,
    Discarded,
    Cut,
}

impl Toy {
    /// A graph of running states from a list of steps (from, thread, to). States without a step are ends if they are
    /// listed there.
    pub(crate) fn new(threads: u64, states: usize, steps: &[(usize, usize, To)], ends: &[(usize, i64)]) -> Self {
        let mut toy = Self { states: vec![ToyState::default(); states], threads, start: Vec::new() };
        for (from, thread, to) in steps {
            toy.states[*from].steps.push(ToyStep {
                thread: *thread,
                to: *to,
                is_reliable: true,
                fails: None,
                progress: false,
            });
        }
        for state in &mut toy.states {
            state.steps.sort_by_key(|step| step.thread);
        }
        for (state, outcome) in ends {
            toy.states[*state].end = Some(*outcome);
        }
        toy
    }

    /// Questions without any; all threads have different code.
    pub(crate) fn questions(&self) -> Questions {
        Questions {
            codes: (0..64).map(CodeId::new).collect(),
            outcomes: None,
            possible: Vec::new(),
            eventually: Vec::new(),
            liveness: Liveness::UNASKED,
            memory: Memory::Sc,
        }
    }

    pub(crate) fn index(state: &[i64]) -> usize {
        usize::try_from(state[0]).unwrap()
    }

    fn write(state: &mut [i64], index: usize) {
        state[0] = i64::try_from(index).unwrap();
        state[1] = state[0] * state[0] * 1000 - 5;
    }

    fn arrive(&self, state: &mut [i64], to: To) -> Arrival {
        match to {
            To::State(index) => {
                Self::write(state, index);
                if self.states[index].end.is_some() { Arrival::NormalEnd } else { Arrival::Running }
            }
            To::Stopped => Arrival::Stopped,
            To::Discarded => Arrival::Discarded,
            To::Cut => Arrival::Cut(LimitHit::Counter { object: ObjectId::new(0) }),
        }
    }

    fn chosen(&self, state: &[i64], choice: Choice) -> &ToyStep {
        let mut choices = Vec::new();
        self.choices(state, &mut choices);
        let position = choices.iter().position(|other| *other == choice).unwrap();
        &self.states[Self::index(state)].steps[position]
    }
}

/// The property that holds in good states.
pub(crate) const GOOD: usize = 9;

/// The assertion with this number, failed by a thread.
pub(crate) fn assertion(thread: usize, number: usize) -> Finding {
    let pc = Pc::new(number);
    let detail = Detail::Assertion { thread: ThreadId::new(thread), pc };
    Finding { detail, statements: vec![Statement { code: CodeId::new(0), pc }], trace: None }
}

/// The race between two threads; all races are the same finding.
pub(crate) fn race(one: usize, other: usize) -> Finding {
    let access = |thread, kind| Access { thread: ThreadId::new(thread), pc: Pc::new(0), kind };
    let detail = Detail::Race {
        object: Some(ObjectId::new(0)),
        accesses: vec![access(one, AccessKind::Read), access(other, AccessKind::Write)],
    };
    Finding { detail, statements: vec![Statement { code: CodeId::new(0), pc: Pc::new(0) }], trace: None }
}

/// Exactly these outcomes.
pub(crate) fn patterns(outcomes: &[i64]) -> Option<Vec<OutcomePattern>> {
    let pattern = |value: &i64| OutcomePattern { values: vec![PatternValue::Value(Value::Int(*value))] };
    Some(outcomes.iter().map(pattern).collect())
}

impl System for Toy {
    fn width(&self) -> usize {
        2
    }

    fn initial(&self, state: &mut [i64], found: &mut Vec<Finding>) -> Arrival {
        found.extend_from_slice(&self.start);
        self.arrive(state, To::State(0))
    }

    fn choices(&self, state: &[i64], out: &mut Vec<Choice>) {
        let steps = &self.states[Self::index(state)].steps;
        for (position, step) in steps.iter().enumerate() {
            let thread = ThreadId::new(step.thread);
            let alone = steps.iter().filter(|other| other.thread == step.thread).count() == 1;
            let branch = steps[..position].iter().filter(|other| other.thread == step.thread).count();
            let pick = match (step.is_reliable, alone) {
                (false, _) => Pick::Spurious,
                (true, true) => Pick::Only,
                (true, false) => Pick::Branch(u32::try_from(branch).unwrap()),
            };
            out.push(Choice { thread, pick });
        }
    }

    fn step(&self, state: &mut [i64], choice: Choice, found: &mut Vec<Finding>) -> Arrival {
        let step = self.chosen(state, choice);
        found.extend(step.fails.map(|number| assertion(step.thread, number)));
        self.arrive(state, step.to)
    }

    fn step_with_event(&self, state: &mut [i64], choice: Choice, found: &mut Vec<Finding>) -> (Arrival, Event) {
        let event = Event {
            thread: choice.thread,
            pick: choice.pick,
            pc: Pc::new(0),
            phase: Phase::Whole,
            target: None,
            operands: Vec::new(),
            returned: None,
            wrote: None,
            woke: Vec::new(),
            inside: Vec::new(),
        };
        (self.step(state, choice, found), event)
    }

    fn races(&self, state: &[i64], found: &mut Vec<Finding>) {
        found.extend(self.states[Self::index(state)].races.iter().map(|(one, other)| race(*one, *other)));
    }

    fn unfinished(&self, state: &[i64]) -> u64 {
        if self.states[Self::index(state)].end.is_some() { 0 } else { self.threads }
    }

    /// Each thread waits for a condition of its own, so that deadlocks of different threads are different findings.
    fn blocked(&self, state: &[i64], thread: ThreadId) -> Blocked {
        let mut choices = Vec::new();
        self.choices(state, &mut choices);
        assert!(
            choices.iter().all(|choice| choice.thread != thread || !choice.pick.is_reliable()),
            "{thread:?} is not blocked in {state:?}"
        );
        Blocked { thread, pc: Pc::new(0), cause: BlockCause::NotNotified { condvar: ObjectId::new(thread.index()) } }
    }

    fn outcome(&self, state: &[i64]) -> Outcome {
        Outcome(vec![self.states[Self::index(state)].end.map(Value::Int)])
    }

    /// Property 0: the outcome is 1. Property 1: it is 2. [`GOOD`]: the state is good.
    fn holds(&self, state: &[i64], property: usize) -> bool {
        let state = &self.states[Self::index(state)];
        if property == GOOD { state.good } else { state.end == Some(i64::try_from(property).unwrap() + 1) }
    }

    fn progresses(&self, state: &[i64], choice: Choice) -> bool {
        self.chosen(state, choice).progress
    }
}
