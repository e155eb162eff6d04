//! shuttle's scheduler: switches threads only before visible steps, and lets every execution end quietly.
//!
//! shuttle's own scheduling points lie inside a step of ours; there the thread that steps goes on. A thread is picked
//! only if its step can take effect by the interpreter's books. Where none can, task 0, which is no thread of the
//! program and always runnable, asks shuttle's own mutexes whether that is so. So a deadlock is an ordinary end.
//! At an end the threads that are left are led out, which shuttle itself would leak.

use super::Runtime;
use super::strategy::{Candidate, Strategy};
use crate::engine::interpreter::{Execution, lock_std};
use crate::engine::quiet::Signal;
use crate::finding::{BlockCause, LimitHit};
use crate::program::ThreadId;
use ::shuttle::scheduler::{Schedule, Scheduler, Task, TaskId};
use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

/// What the scheduler, the runtime and task 0 tell each other.
#[derive(Default)]
pub(super) struct Control {
    state: Mutex<State>,
    /// Whether the strategy has no more executions.
    exhausted: AtomicBool,
}

#[derive(Default)]
struct State {
    execution: Option<Arc<Execution<Runtime>>>,
    /// The thread that each task runs, from task 1 on.
    threads: Vec<ThreadId>,
    /// Tasks that have not come to their first visible step.
    unstarted: VecDeque<TaskId>,
    /// The task that is inside a visible step.
    stepping: Option<TaskId>,
    /// The thread of the last step.
    last: Option<ThreadId>,
    /// Wake-ups for no reason so far.
    spurious: u32,
    finished: usize,
    phase: Phase,
    /// How many numbers a choice of the world has.
    count: u64,
    /// Times that task 0 was picked in a row to lead others out.
    idle: u32,
    /// Whether task 0 has seen the end.
    has_ended: bool,
}

/// Where an execution is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) enum Phase {
    /// Task 0 makes the other tasks.
    #[default]
    Making,
    /// Threads step.
    Running,
    /// No thread can step by the books: task 0 asks shuttle.
    Stuck,
    /// It is over; the threads that are left are led out.
    Over,
}

/// Wake-ups for no reason in one execution, at most: a thread that looks and waits again could go on like that for ever.
pub(super) const SPURIOUS_MAX: u32 = 8;

/// After so many turns of task 0 without any other task that can run, those that are left stay.
const IDLE_MAX: u32 = 8;

impl Control {
    /// A new execution begins.
    pub(super) fn begin(&self, execution: &Arc<Execution<Runtime>>) {
        *lock_std(&self.state) = State { execution: Some(Arc::clone(execution)), ..State::default() };
    }

    /// The next task that is made runs this thread.
    pub(super) fn add(&self, thread: ThreadId) {
        let mut state = lock_std(&self.state);
        state.threads.push(thread);
        let task = TaskId::from(state.threads.len());
        state.unstarted.push_back(task);
    }

    /// The execution that is going on.
    pub(super) fn execution(&self) -> Option<Arc<Execution<Runtime>>> {
        lock_std(&self.state).execution.clone()
    }

    /// All tasks are made.
    pub(super) fn made(&self) {
        lock_std(&self.state).phase = Phase::Running;
    }

    /// Where the execution is.
    pub(super) fn phase(&self) -> Phase {
        lock_std(&self.state).phase
    }

    /// The execution is over.
    pub(super) fn over(&self) {
        lock_std(&self.state).phase = Phase::Over;
    }

    /// The running thread has come to a visible step.
    pub(super) fn at_step(&self) {
        lock_std(&self.state).stepping = None;
    }

    /// A task has ended.
    pub(super) fn finished(&self) {
        lock_std(&self.state).finished += 1;
    }

    /// Whether every task has ended.
    pub(super) fn all_finished(&self) -> bool {
        let state = lock_std(&self.state);
        state.finished == state.threads.len()
    }

    /// The next number that the world chooses is in `0..count`.
    pub(super) fn choose(&self, count: u64) {
        lock_std(&self.state).count = count;
    }

    /// Whether the strategy has no more executions.
    pub(super) fn is_exhausted(&self) -> bool {
        self.exhausted.load(Ordering::Relaxed)
    }

    /// Forgets the execution, which has come to its end: its objects are to be dropped while shuttle is there.
    pub(super) fn end(&self) {
        let ended = std::mem::replace(&mut *lock_std(&self.state), State { has_ended: true, ..State::default() });
        drop(ended);
    }
}

/// Drives shuttle by a strategy.
pub(super) struct Driver<S> {
    control: Arc<Control>,
    strategy: Arc<Mutex<S>>,
    stop: Box<dyn FnMut() -> bool>,
    signal: Arc<Signal>,
    /// What is met where an execution would have more wake-ups for no reason than [`SPURIOUS_MAX`].
    withheld: Option<LimitHit>,
    executions: u64,
}

impl<S: Strategy> Driver<S> {
    /// `withheld`: the limit that more wake-ups for no reason meet; none where executions are a sample anyway.
    /// `stop`: asked before each execution whether a limit or a person says that it is enough.
    pub(super) fn new(
        control: Arc<Control>,
        strategy: Arc<Mutex<S>>,
        signal: Arc<Signal>,
        withheld: Option<LimitHit>,
        stop: impl FnMut() -> bool + 'static,
    ) -> Self {
        Self { control, strategy, stop: Box::new(stop), signal, withheld, executions: 0 }
    }
}

const WATCHDOG: usize = 0;

impl<S: Strategy> Scheduler for Driver<S> {
    fn new_execution(&mut self) -> Option<Schedule> {
        // Otherwise the execution before was not what the strategy takes it for, and nothing could be called complete.
        let before = std::mem::take(&mut *lock_std(&self.control.state));
        assert!(self.executions == 0 || before.has_ended, "an execution was left before its end");
        self.executions += 1;
        self.signal.executed();
        // The strategy first: where nothing is left there is nothing to stop.
        if !lock_std(&self.strategy).begin() {
            self.control.exhausted.store(true, Ordering::Relaxed);
            return None;
        }
        if (self.stop)() { None } else { Some(Schedule::new(0)) }
    }

    fn next_task(&mut self, runnable: &[&Task], _current: Option<TaskId>, _yields: bool) -> Option<TaskId> {
        let mut state = lock_std(&self.control.state);
        let state = &mut *state;
        let runs = |task: TaskId| runnable.iter().any(|other| other.id() == task);
        if state.phase == Phase::Making {
            return Some(TaskId::from(WATCHDOG));
        }
        if let Some(task) = state.stepping.filter(|task| runs(*task)) {
            return Some(task);
        }
        if let Some(task) = state.unstarted.pop_front() {
            return Some(task);
        }
        let execution = Arc::clone(state.execution.as_ref()?);
        if execution.halted() {
            state.phase = Phase::Over;
        }
        if state.phase == Phase::Running
            && let Some(task) = self.step(state, &execution, runnable)
        {
            return Some(task);
        }
        lead_out(state, runnable)
    }

    fn next_u64(&mut self) -> u64 {
        let count = lock_std(&self.control.state).count;
        lock_std(&self.strategy).value(count)
    }
}

impl<S: Strategy> Driver<S> {
    /// The task whose thread takes the next step; `None` where the phase has changed.
    fn step(&self, state: &mut State, execution: &Execution<Runtime>, runnable: &[&Task]) -> Option<TaskId> {
        let mut candidates = Vec::new();
        // Who can only wake for no reason can step, and can count on nothing.
        let mut spurious = Vec::new();
        for task in runnable {
            let Some(position) = usize::from(task.id()).checked_sub(1) else { continue };
            let thread = state.threads[position];
            let Some((pending, obstacle)) = execution.next_step(thread) else { continue };
            if execution.is_cancelled(thread) {
                // It has ended by the books, takes no step, and leaves at once: when it does makes no difference.
                state.stepping = Some(task.id());
                return state.stepping;
            }
            let conditional = pending.is_conditional();
            let candidate =
                Candidate { thread, footprint: pending.footprint, conditional, reliable: obstacle.is_none() };
            match obstacle {
                None => candidates.push(candidate),
                Some(BlockCause::NotNotified { .. }) if pending.may_wake_for_nothing() => spurious.push(candidate),
                Some(_) => {}
            }
        }
        if state.spurious == SPURIOUS_MAX && !spurious.is_empty() {
            spurious.clear();
            if let Some(limit) = &self.withheld {
                execution.meets(limit.clone());
            }
        }
        if candidates.is_empty() {
            if spurious.is_empty() {
                state.phase = Phase::Stuck;
                return None;
            }
            // A deadlock, and not yet the end of the execution.
            execution.deadlocked();
        }
        let reliable = candidates.len();
        candidates.extend(spurious);
        let last = state.last.filter(|last| candidates[..reliable].iter().any(|candidate| candidate.thread == *last));
        let Some(picked) = lock_std(&self.strategy).pick(&candidates, last) else {
            execution.abandon();
            state.phase = Phase::Over;
            return None;
        };
        let thread = candidates[picked].thread;
        state.spurious += u32::from(picked >= reliable);
        state.last = Some(thread);
        let position = state.threads.iter().position(|other| *other == thread)?;
        state.stepping = Some(TaskId::from(position + 1));
        state.stepping
    }
}

/// Runs whoever can run, task 0 last, so that everybody comes to an end.
fn lead_out(state: &mut State, runnable: &[&Task]) -> Option<TaskId> {
    let watchdog = TaskId::from(WATCHDOG);
    let other = runnable.iter().map(|task| task.id()).find(|task| *task != watchdog);
    match other.filter(|_| state.phase == Phase::Over) {
        Some(task) => {
            state.idle = 0;
            Some(task)
        }
        None => {
            state.idle += 1;
            (state.idle <= IDLE_MAX).then_some(watchdog)
        }
    }
}
