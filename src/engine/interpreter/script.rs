//! A schedule that an execution follows: it says who steps and what the world chooses, and whatever else happens is a
//! divergence. It is followed by serial backends only; whoever schedules their threads asks it before each step.
//!
//! What else would have been on offer is found out by trying: one more execution for each thread, which takes the same
//! steps and then lets that thread go on. So an engine needs no rules for it, and says what it would really do.

use super::{Execution, Halt, Run, backend::Backend, poison};
use crate::engine::quiet::Signal;
use crate::finding::{Detail, Emulated, Event, Finding, Leastness, LimitHit, Replay, ReplayEnd, Trace};
use crate::limits::Limits;
use crate::program::{FindingKind, Program, ThreadId};
use crate::schedule::{Choice, Diverged, Pick};
use std::sync::{Arc, Mutex, OnceLock};

/// The schedule, and how far it was followed.
#[derive(Debug)]
pub(crate) struct Script {
    choices: Vec<Choice>,
    behind: Behind,
    /// Who may say that it is enough.
    signal: OnceLock<Arc<Signal>>,
    told: Mutex<Told>,
}

/// A schedule of a program, and what comes behind it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Way<'a> {
    pub(crate) program: &'a Program,
    pub(crate) limits: &'a Limits,
    pub(crate) choices: &'a [Choice],
    pub(crate) behind: Behind,
}

/// What comes behind the last choice.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Behind {
    /// Nothing: whether the execution goes on is seen, and it is left there.
    Nothing,
    /// A step of this thread is begun, to see what it would be.
    Try(ThreadId),
}

#[derive(Debug, Default)]
struct Told {
    /// One for each choice that was taken.
    events: Vec<Event>,
    preemptions: u64,
    /// Who could have gone on where another thread is to step now.
    interrupted: Option<Ready>,
    /// Steps after which another thread than before went on, where only trying shows whether that could have gone on.
    uncertain: Vec<Uncertain>,
    /// Threads that were told to step and did not, since the last step.
    tried: Vec<ThreadId>,
    /// The first choice that was not on offer, and its position, counted from 1.
    diverged: Option<(usize, Choice)>,
    /// Whether somebody can step behind the last choice.
    goes_on: bool,
    /// What the thread that is tried behind the last choice can do.
    offered: Vec<Choice>,
    emulated: Vec<Emulated>,
}

/// What became of a schedule.
#[derive(Debug)]
pub(crate) struct Followed {
    /// What is seen without trying anything: nothing is said to be on offer yet.
    pub(crate) replay: Replay,
    /// The preemptions that trying may add.
    pub(crate) uncertain: Vec<Uncertain>,
}

/// Another thread went on, and the one before stood at a condition.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Uncertain {
    /// Number of steps before.
    pub(crate) steps: usize,
    /// Whose step was the last of them.
    pub(crate) thread: ThreadId,
}

/// A thread that may step.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Ready {
    pub(crate) thread: ThreadId,
    /// Whether only trying shows that its step can take effect.
    pub(crate) conditional: bool,
    /// Whether anybody may count on it: it would not wake for no reason.
    pub(crate) reliable: bool,
}

/// What comes next.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Decision {
    /// A step of this thread, or its attempt.
    Step(ThreadId),
    /// Nothing: the schedule is at its end, or has diverged.
    Stop,
    /// Nothing: nobody can step.
    Stuck,
}

impl Script {
    /// An execution begins in which this is not of the runtime.
    pub(super) fn begins(&self, emulated: Vec<Emulated>) {
        poison::lock(&self.told).emulated = emulated;
    }

    /// The choice of the next step.
    fn next(&self) -> Option<Choice> {
        self.choices.get(poison::lock(&self.told).events.len()).copied()
    }

    /// The thread that is tried, once all choices are taken.
    fn tried(&self) -> Option<ThreadId> {
        match self.behind {
            Behind::Try(thread) if self.next().is_none() => Some(thread),
            Behind::Try(_) | Behind::Nothing => None,
        }
    }

    /// Decides who steps next of those who can.
    pub(crate) fn decide(&self, ready: &[Ready]) -> Decision {
        let (next, tried) = (self.next(), self.tried());
        let mut told = poison::lock(&self.told);
        let open: Vec<Ready> = ready.iter().filter(|it| !told.tried.contains(&it.thread)).copied().collect();
        let is_open = |thread| open.iter().any(|it| it.thread == thread);
        let thread = match (next, tried) {
            (Some(next), _) if is_open(next.thread) => {
                let last = told.events.last().map(|event| event.thread);
                let last = last.filter(|last| *last != next.thread);
                told.interrupted = open.iter().find(|it| Some(it.thread) == last && it.reliable).copied();
                next.thread
            }
            (Some(wanted), _) => {
                told.diverge(wanted);
                return Decision::Stop;
            }
            (None, Some(tried)) if is_open(tried) => tried,
            (None, Some(_)) => return Decision::Stop,
            // Whether a condition holds is found out by trying; only then is it known that nobody can step.
            (None, None) => {
                match (open.iter().find(|it| it.reliable && !it.conditional), open.iter().find(|it| it.reliable)) {
                    (None, Some(attempt)) => attempt.thread,
                    (Some(_), _) => {
                        told.goes_on = true;
                        return Decision::Stop;
                    }
                    (None, None) => return Decision::Stuck,
                }
            }
        };
        told.tried.push(thread);
        Decision::Step(thread)
    }

    /// A step has happened; whether it is the one that the schedule asks for.
    fn followed(&self, event: &Event) -> bool {
        let next = self.next();
        let mut told = poison::lock(&self.told);
        if told.diverged.is_some() {
            return false;
        }
        told.tried.clear();
        match next {
            Some(wanted) if wanted == event.choice() => {
                match told.interrupted.take() {
                    Some(Ready { conditional: false, .. }) => told.preemptions += 1,
                    Some(Ready { conditional: true, thread, .. }) => {
                        let steps = told.events.len();
                        told.uncertain.push(Uncertain { steps, thread });
                    }
                    None => {}
                }
                told.events.push(event.clone());
            }
            Some(wanted) => {
                told.diverge(wanted);
                return false;
            }
            None => {
                told.goes_on = true;
                if told.offered.is_empty() {
                    told.offered.push(event.choice());
                }
                return false;
            }
        }
        true
    }

    /// The step that a thread has begun can be any of these.
    fn offer(&self, thread: ThreadId, picks: &[Pick]) {
        if self.tried() == Some(thread) {
            let choices = picks.iter().map(|pick| Choice { thread, pick: *pick });
            poison::lock(&self.told).offered = choices.collect();
        }
    }
}

impl Told {
    /// The first divergence counts.
    fn diverge(&mut self, wanted: Choice) {
        let step = self.events.len() + 1;
        self.diverged.get_or_insert((step, wanted));
    }
}

impl Run {
    /// A run of one execution that follows a schedule.
    pub(crate) fn following<B: Backend>(way: Way<'_>) -> Arc<Self> {
        let Way { program, limits, choices, behind } = way;
        let steps = u64::try_from(choices.len()).unwrap_or(u64::MAX);
        let limits = Limits { execution_steps: limits.execution_steps.max(steps.saturating_add(1)), ..limits.clone() };
        let script = Script { choices: choices.to_vec(), behind, signal: OnceLock::new(), told: Mutex::default() };
        let mut run = Self { script: Some(script), ..Self::plain::<B>(program, &limits) };
        // A schedule says whom a notification is for.
        run.plan.settles_notifications = true;
        Arc::new(run)
    }

    /// Listens to whoever may interrupt.
    pub(crate) fn listen(&self, signal: Arc<Signal>) {
        if let Some(script) = &self.script {
            script.signal.get_or_init(|| signal);
        }
    }

    /// Whether somebody has interrupted; that is noted.
    pub(crate) fn is_interrupted(&self) -> bool {
        let signal = self.script.as_ref().and_then(|script| script.signal.get());
        let interrupted = signal.is_some_and(|signal| signal.interrupted());
        if interrupted {
            poison::lock(&self.collected).limit.get_or_insert(LimitHit::Interrupted);
        }
        interrupted
    }

    /// What the thread that was tried behind the schedule can do there, in ascending order; nothing where it cannot step.
    pub(crate) fn offered(&self) -> Vec<Choice> {
        let mut offered =
            self.script.as_ref().map(|script| poison::lock(&script.told).offered.clone()).unwrap_or_default();
        offered.sort_unstable();
        offered
    }

    /// What became of the schedule, but for what else is on offer there; `None` where this run follows none.
    pub(crate) fn replayed(&self) -> Option<Followed> {
        let script = self.script.as_ref()?;
        let mut told = std::mem::take(&mut *poison::lock(&script.told));
        let collected = std::mem::take(&mut *poison::lock(&self.collected));
        if let Some(wanted) = script.choices.get(told.events.len()).filter(|_| collected.limit.is_none()) {
            told.diverge(*wanted);
        }
        let ended = collected.ended();
        let mut found = collected.into_findings();
        if told.diverged.is_some() {
            // What is found at the end of a schedule is not found before it.
            found.retain(|finding| finding.kind() != FindingKind::Deadlock);
        }
        let has = |is: fn(&Finding) -> bool| found.iter().any(is);
        let enabled = Vec::new();
        let end = if let Some((step, wanted)) = told.diverged {
            ReplayEnd::Diverged(Diverged { step, wanted, enabled })
        } else if let Some(end) = ended {
            end
        } else if has(|finding| matches!(finding.detail, Detail::Deadlock { .. })) {
            ReplayEnd::Deadlock
        } else if told.goes_on {
            ReplayEnd::GoesOn { enabled }
        } else if has(|finding| matches!(finding.detail, Detail::Assertion { .. } | Detail::Invariant { .. })) {
            ReplayEnd::Stopped
        } else {
            ReplayEnd::AbnormalEnd
        };
        let trace =
            Trace { events: told.events, preemptions: told.preemptions, least: Leastness::NotProven, back_to: None };
        for finding in &mut found {
            finding.trace = Some(trace.clone());
        }
        found.sort_by_cached_key(|finding| (finding.kind() == FindingKind::Race, finding.key()));
        let replay = Replay { trace, end, found, emulated: told.emulated };
        Some(Followed { replay, uncertain: told.uncertain })
    }
}

impl<B: Backend> Execution<B> {
    /// Who takes the next step by the schedule; nobody where it, or the execution, is at its end. If that is because
    /// nobody can, it is noted.
    pub(crate) fn decide(&self) -> Option<ThreadId> {
        let script = self.run.script.as_ref().filter(|_| !self.halted() && !self.run.is_interrupted())?;
        let step = |thread| match self.next_step(thread) {
            Some((pending, None)) => Some(Ready { thread, conditional: pending.is_conditional(), reliable: true }),
            Some((_, Some(_))) | None => None,
        };
        // The thread of a cancelled timer has ended by the books, though it has not left: it takes no step.
        let ready: Vec<Ready> = self.threads().filter(|thread| !self.is_cancelled(*thread)).filter_map(step).collect();
        let decision = if ready.is_empty() { Decision::Stuck } else { script.decide(&ready) };
        match decision {
            Decision::Step(thread) => Some(thread),
            Decision::Stop => None,
            Decision::Stuck => {
                self.confirm_deadlock();
                self.deadlocked();
                None
            }
        }
    }

    /// What the schedule says about the next step, where one is followed.
    pub(super) fn dictated(&self) -> Option<Pick> {
        self.run.script.as_ref()?.next().map(|choice| choice.pick)
    }

    /// Whether the schedule asks for this step next, or its thread is tried.
    pub(super) fn dictates(&self, choice: Choice) -> bool {
        let is_next = |script: &Script| script.next() == Some(choice) || script.tried() == Some(choice.thread);
        self.run.script.as_ref().is_some_and(is_next)
    }

    /// The step that a thread has begun can be any of these.
    pub(super) fn offer(&self, thread: ThreadId, picks: &[Pick]) {
        if let Some(script) = &self.run.script {
            script.offer(thread, picks);
        }
    }

    /// The world chooses one of these for a thread, or the schedule does; gives its position.
    pub(super) fn choose(&self, thread: ThreadId, picks: &[Pick]) -> usize {
        let Some(script) = &self.run.script else {
            let count = u64::try_from(picks.len()).expect("usize fits into u64");
            return usize::try_from(self.backend.choose(count)).expect("it is below the count");
        };
        let dictated = script.next();
        let position = dictated.and_then(|choice| picks.iter().position(|pick| *pick == choice.pick));
        script.offer(thread, picks);
        position.unwrap_or_else(|| {
            if let Some(wanted) = dictated {
                poison::lock(&script.told).diverge(wanted);
            }
            // The step is not taken for one of the schedule.
            0
        })
    }

    /// Tells the schedule about a step.
    pub(super) fn follow(&self, event: &Event) -> Result<(), Halt> {
        match &self.run.script {
            Some(script) if !script.followed(event) => {
                self.abandon();
                Err(Halt::Elsewhere)
            }
            Some(_) | None => Ok(()),
        }
    }
}
