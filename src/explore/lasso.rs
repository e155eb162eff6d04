//! Rounds: executions that come back to a state in which they have been, and so can go on for ever.
//!
//! Says of one execution what its round shows: whether it is fair, who goes round without progress, who is passed over.
//! It looks at nothing but the steps of the round, so it is the definition that the search for rounds (`liveness`) must
//! meet, and what a replay asks of the steps it was given.
//!
//! # Fairness
//! *Weak*, per thread: in the round a thread steps, or somewhere in it cannot. *Strong*: it steps, or can nowhere. What
//! the world chooses besides who is next (`choose`, whom a notification wakes, whether a time-out fires) is not fair: it
//! may be the same in every round. A step that nobody may count on makes nobody able to step, and a round with one is none.

use super::graph::{bit, members};
use super::questions::Questions;
use super::system::System;
use crate::finding::{Detail, Finding, Idle, Statement, Trace};
use crate::program::{Fairness, ThreadId};
use crate::schedule::Choice;

/// An execution whose last state is one in which it has been before.
pub(super) struct Lasso<'a, S: ?Sized> {
    system: &'a S,
    questions: &'a Questions,
    trace: &'a Trace,
    /// One more than there are steps.
    states: Vec<Vec<i64>>,
    /// Number of steps before the round.
    from: usize,
    /// The non-daemon threads that have not ended; nobody ends in a round.
    unfinished: u64,
    /// Who steps in the round.
    stepping: u64,
    /// Who makes progress in it.
    progressing: u64,
    /// Who can step in all of its states.
    always: u64,
    /// Who can step in some of its states.
    sometimes: u64,
}

/// The threads that can step and may count on it, as a set of bits by index.
fn able(choices: &[Choice]) -> u64 {
    choices.iter().filter(|choice| choice.pick.is_reliable()).fold(0, |able, choice| able | bit(choice.thread))
}

/// Who of those that take no step in a round is kept from it although it had to have its turn there.
pub(super) fn without_turn(fairness: Fairness, stepping: u64, always: u64, sometimes: u64) -> u64 {
    let entitled = match fairness {
        Fairness::Weak => always,
        Fairness::Strong => sometimes,
    };
    entitled & !stepping
}

impl<'a, S: System + ?Sized> Lasso<'a, S> {
    /// The longest round at the end of an execution; `None` where its last state is new, or where a spurious wake-up
    /// is in the round.
    pub(super) fn of(system: &'a S, questions: &'a Questions, trace: &'a Trace) -> Option<Self> {
        let states = states(system, trace);
        let (last, before) = states.split_last()?;
        let from = before.iter().position(|state| state == last)?;
        let unfinished = system.unfinished(last);
        let mut lasso = Self {
            system,
            questions,
            trace,
            states,
            from,
            unfinished,
            stepping: 0,
            progressing: 0,
            always: u64::MAX,
            sometimes: 0,
        };
        let mut choices = Vec::new();
        for (state, event) in lasso.states.iter().zip(&trace.events).skip(from) {
            choices.clear();
            system.choices(state, &mut choices);
            let choice = event.choice();
            if !choice.pick.is_reliable() {
                return None;
            }
            lasso.stepping |= bit(choice.thread);
            if system.progresses(state, choice) {
                lasso.progressing |= bit(choice.thread);
            }
            lasso.always &= able(&choices);
            lasso.sometimes |= able(&choices);
        }
        Some(lasso)
    }

    fn is_fair(&self) -> bool {
        without_turn(self.questions.liveness.fairness, self.stepping, self.always, self.sometimes) == 0
    }

    /// The livelock that the round is: some non-daemon thread steps, and none makes progress.
    pub(super) fn livelock(&self) -> Option<Finding> {
        let round = self.stepping & self.unfinished;
        let is_one = self.is_fair() && round != 0 && self.progressing & self.unfinished == 0;
        let threads = members(round).collect();
        is_one.then(|| self.finding(Detail::Livelock { threads, waiting: self.waiting() }, self.statements(round)))
    }

    /// The threads that the round passes over, one finding for those that run the same code. Not those of `stuck`, which
    /// could never step again anyway; and not all of them, which is a livelock.
    pub(super) fn starvations(&self, stuck: u64) -> Vec<Finding> {
        let others = |thread| self.progressing & self.unfinished & !bit(thread) != 0;
        let nobody = self.stepping & self.unfinished == 0;
        let starves = |thread: &ThreadId| others(*thread) || nobody;
        let passed_over = self.unfinished & !self.progressing & !stuck;
        let mut starved: Vec<ThreadId> = members(passed_over).filter(starves).collect();
        if !self.is_fair() {
            starved.clear();
        }
        let code = |thread: ThreadId| self.questions.codes[thread.index()];
        let mut findings = Vec::new();
        while let Some(first) = starved.first().copied() {
            let (threads, rest) = starved.into_iter().partition(|thread| code(*thread) == code(first));
            starved = rest;
            let statements = self.statements(bit(first));
            findings.push(self.finding(Detail::Starvation { threads, waiting: self.waiting() }, statements));
        }
        findings
    }

    /// That an `eventually` holds nowhere on the way and in the round.
    pub(super) fn never(&self, property: usize) -> Option<Finding> {
        let never = || self.states.iter().all(|state| !self.system.holds(state, property));
        let detail = || Detail::Eventually { property, waiting: self.waiting() };
        (self.is_fair() && never()).then(|| self.finding(detail(), Vec::new()))
    }

    fn finding(&self, detail: Detail, statements: Vec<Statement>) -> Finding {
        let trace = Trace { back_to: Some(self.from), ..self.trace.clone() };
        Finding { detail, statements, trace: Some(trace) }
    }

    /// Where these threads step in the round or, if they do not, where they wait.
    fn statements(&self, threads: u64) -> Vec<Statement> {
        let steps = self.trace.events[self.from..].iter().map(|event| (event.thread, event.pc));
        let waits = self.waiting().into_iter().map(|idle| (idle.blocked.thread, idle.blocked.pc));
        let mut statements: Vec<Statement> = steps
            .chain(waits)
            .filter(|(thread, _)| threads & bit(*thread) != 0)
            .map(|(thread, pc)| Statement { code: self.questions.codes[thread.index()], pc })
            .collect();
        statements.sort_unstable();
        statements.dedup();
        statements
    }

    /// Non-daemon threads that take no step in the round, each with why it cannot in the first state where it cannot.
    fn waiting(&self) -> Vec<Idle> {
        let mut waiting = Vec::new();
        let mut choices = Vec::new();
        for thread in members(self.unfinished & !self.stepping) {
            let blocked = self.states.iter().enumerate().skip(self.from).find(|(_, state)| {
                choices.clear();
                self.system.choices(state, &mut choices);
                able(&choices) & bit(thread) == 0
            });
            let idle = |(after, state): (usize, &Vec<i64>)| Idle { after, blocked: self.system.blocked(state, thread) };
            waiting.extend(blocked.map(idle));
        }
        waiting
    }
}

/// The states of an execution, from the initial one on.
fn states<S: System + ?Sized>(system: &S, trace: &Trace) -> Vec<Vec<i64>> {
    let mut state = vec![0; system.width()];
    system.initial(&mut state, &mut Vec::new());
    let mut states = vec![state.clone()];
    for event in &trace.events {
        system.step(&mut state, event.choice(), &mut Vec::new());
        states.push(state.clone());
    }
    states
}

/// Whether an `eventually` holds in no state of an execution.
pub(super) fn holds_nowhere<S: System + ?Sized>(system: &S, trace: &Trace, property: usize) -> bool {
    states(system, trace).iter().all(|state| !system.holds(state, property))
}

/// That an execution has ended before an `eventually` came true.
pub(super) fn ended_without(property: usize, trace: Trace) -> Finding {
    Finding { detail: Detail::Eventually { property, waiting: Vec::new() }, statements: Vec::new(), trace: Some(trace) }
}
