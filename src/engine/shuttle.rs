//! shuttle: every interleaving where that fits its budget, otherwise random ones with fixed seeds.
//!
//! Its scheduler is ours (`scheduler`), so that a step is what the language calls a step, executions end quietly, and
//! all findings are collected. Its atomics are sequentially consistent; races are found by the interpreter.

mod barrier;
mod mpsc;
mod rwlock;
mod scheduler;
mod strategy;

use super::Engine;
use super::capabilities::{Capabilities, Checkable, Checked, Support};
use super::construct::Construct;
use super::interpreter::{
    Backend, Exchange, Execution, Exit, Fit, Holding, Nature, PausePlace, Run, Sections, Seen, Stamp, Way, lock_std,
};
use super::quiet;
use crate::finding::{Coverage, EngineName, Evidence, LimitHit, Unsupported};
use crate::limits::{Limits, Watch};
use crate::program::{Memory, Ordering, PauseKind, Program, RmwOp, ThreadId};
use ::shuttle::rand::RngCore;
use ::shuttle::sync::atomic::{AtomicI64, Ordering as ShuttleOrdering};
use ::shuttle::sync::{Condvar, Mutex, MutexGuard};
use ::shuttle::{Config, FailurePersistence, MaxSteps, Runner};
use barrier::Meeting;
use mpsc::Mpsc;
use rwlock::Shared;
use scheduler::{Control, Driver, Phase, SPURIOUS_MAX};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicI64 as StdAtomicI64, Ordering as StdOrdering};
use std::sync::{Arc, Mutex as StdMutex, PoisonError};
use strategy::{Dictated, Exhaustive, Priorities, Random, Reduction, Strategy};

/// The engine.
#[derive(Clone, Copy, Debug, Default)]
pub struct Shuttle;

/// What shuttle can express and check.
pub static CAPABILITIES: Capabilities = Capabilities {
    engine: EngineName::Shuttle,
    room: None,
    constructs: &[
        (Construct::Var, Support::Interpreter),
        (Construct::Atomic, Support::Own("shuttle::sync::atomic")),
        (Construct::WeakExchange, Support::Own("shuttle::sync::atomic")),
        (Construct::PlainAccess, Support::Own("shuttle::sync::atomic")),
        (Construct::Fence, Support::Own("shuttle::sync::atomic::fence")),
        (Construct::Mutex, Support::Own("shuttle::sync::Mutex")),
        (Construct::TryLock, Support::Own("shuttle::sync::Mutex")),
        (Construct::IsLocked, Support::Own("shuttle::sync::Mutex")),
        (Construct::RwLock, Support::Own("shuttle::sync::RwLock where no thread enters twice, else a monitor")),
        (Construct::RwLockTry, Support::Own("shuttle::sync::RwLock where no thread enters twice, else a monitor")),
        (Construct::Preference, Support::Monitor),
        (Construct::Fifo, Support::Monitor),
        (Construct::Reentrant, Support::Own("shuttle::sync::Mutex, its levels counted")),
        (Construct::Poisoning, Support::Own("shuttle::sync::Mutex, its poison noted")),
        (Construct::Condvar, Support::Own("shuttle::sync::Condvar")),
        (Construct::NotifyOne, Support::Own("shuttle::sync::Condvar")),
        (Construct::SpuriousWakeUps, Support::Monitor),
        (Construct::NotifySeveral, Support::Own("shuttle::sync::Condvar")),
        (Construct::Semaphore, Support::Monitor),
        (Construct::TryAcquire, Support::Monitor),
        (Construct::Barrier, Support::Own("shuttle::sync::Barrier where it is only waited at, else a monitor")),
        (Construct::Event, Support::Monitor),
        (
            Construct::Once,
            Support::MonitorBecause("its `call_once` runs a closure, and the block is steps of its thread"),
        ),
        (Construct::Timer, Support::Own("shuttle::thread::spawn")),
        (Construct::TimerBesideDaemon, Support::Own("shuttle::thread::spawn")),
        (Construct::Channel, Support::Own("shuttle::sync::mpsc where one thread receives, else a monitor")),
        (Construct::ChannelTry, Support::Own("shuttle::sync::mpsc where one thread receives; `len` by a monitor")),
        (Construct::Rendezvous, Support::MonitorBecause("shuttle's serves its senders in order of arrival")),
        (Construct::Oneshot, Support::Monitor),
        (Construct::Watch, Support::Monitor),
        (Construct::Broadcast, Support::Monitor),
        (Construct::Queue, Support::Monitor),
        (
            Construct::Timeout,
            Support::MonitorBecause("shuttle's own never fires; `recv_timeout` is a `try_recv` on its mpsc"),
        ),
        (Construct::ClosedBy, Support::Own("dropped senders of shuttle::sync::mpsc, else a monitor")),
        (Construct::Join, Support::Monitor),
        (Construct::Spawn, Support::Own("shuttle::thread::spawn")),
        (Construct::IsFinished, Support::Monitor),
        (Construct::IsAlive, Support::Monitor),
        (Construct::Daemon, Support::Own("shuttle::thread")),
        (Construct::Pause, Support::Own("shuttle::thread::yield_now")),
        (Construct::Choose, Support::Own("shuttle::rand")),
        (Construct::Either, Support::Own("shuttle::rand")),
        (Construct::Assume, Support::Interpreter),
        (Construct::Block, Support::Monitor),
        (Construct::OpenBlock, Support::Monitor),
    ],
    properties: &[
        (Checkable::WholeDeadlock, Checked::Yes),
        (Checkable::PartialDeadlock, Checked::No("an execution that never ends is never complete")),
        (Checkable::Race, Checked::Yes),
        (Checkable::Assertion, Checked::Yes),
        (Checkable::Invariant, Checked::Yes),
        (Checkable::Final, Checked::Yes),
        (Checkable::Possible, Checked::Yes),
        (Checkable::Outcomes, Checked::Yes),
        (Checkable::Panic, Checked::Yes),
        (Checkable::UnobservedFailure, Checked::Yes),
        (Checkable::Misuse, Checked::Yes),
        (Checkable::Liveness, Checked::No("an execution that never ends is never complete")),
        (Checkable::WeakMemory, Checked::No("shuttle's atomics are sequentially consistent")),
    ],
};

impl Engine for Shuttle {
    fn name(&self) -> EngineName {
        EngineName::Shuttle
    }

    fn capabilities(&self) -> &'static Capabilities {
        &CAPABILITIES
    }

    fn supports(&self, program: &Program) -> Result<(), Unsupported> {
        CAPABILITIES.supports(program)
    }

    fn run(&self, program: &Program, limits: &Limits, watch: &dyn Watch) -> Evidence {
        let run = Run::new::<Runtime>(program, limits);
        let coverage = match self.supports(program) {
            Err(unsupported) => Coverage::Unsupported(unsupported),
            Ok(()) => {
                let explored = quiet::run(watch, |signal| explore(&run, &signal));
                explored.unwrap_or_else(|payload| Coverage::Failed { message: quiet::message(&*payload).to_owned() })
            }
        };
        let collected = std::mem::take(&mut *lock_std(&run.collected));
        collected.into_evidence(EngineName::Shuttle, program, coverage, &CAPABILITIES)
    }
}

/// Follows a schedule, and does what comes behind it.
pub(super) fn follow(way: Way<'_>, watch: &dyn Watch) -> (Arc<Run>, quiet::Left<()>) {
    let run = Run::following::<Runtime>(way);
    let left = replay(&run, watch);
    (run, left)
}

/// Follows a schedule: the scheduler picks whom it names, the interpreter what it says the world chooses.
fn replay(run: &Arc<Run>, watch: &dyn Watch) -> quiet::Left<()> {
    quiet::run(watch, |signal| {
        run.listen(Arc::clone(&signal));
        let budget = Budget::Exhaustive { executions: u64::MAX };
        drive(run, &signal, Dictated::new(run), budget);
    })
}

const RANDOM_SEED: u64 = 1;
const PRIORITIES_SEED: u64 = 2;
/// Three priorities that fall find every mistake that needs four ordered steps with a known probability.
const PRIORITY_CHANGES: usize = 3;

/// Everything if it fits the budget, otherwise samples.
fn explore(run: &Arc<Run>, signal: &Arc<quiet::Signal>) -> Coverage {
    let budget = Budget::Exhaustive { executions: run.limits.shuttle_executions };
    let mut left = drive(run, signal, Exhaustive::new(Reduction::SleepSets), budget);
    if lock_std(&run.collected).surprised {
        // The reduction took the end of a thread for something that no daemon can see.
        left = drive(run, signal, Exhaustive::new(Reduction::None), budget);
    }
    let (exhaustive, cut) = {
        let mut collected = lock_std(&run.collected);
        (collected.executions, collected.limit.take())
    };
    match (left, cut) {
        (Left::Exhausted, None) => return Coverage::Complete,
        (_, Some(LimitHit::Interrupted)) => return Coverage::Cut(LimitHit::Interrupted),
        (Left::Exhausted | Left::Stopped, _) => {}
    }
    let samples = run.limits.shuttle_samples;
    let budget = Budget::Samples { steps: samples.saturating_mul(STEPS_PER_SAMPLE) };
    let threads = run.program.threads.len();
    drive(run, signal, Random::new(RANDOM_SEED, samples), budget);
    let random = lock_std(&run.collected).executions - exhaustive;
    drive(run, signal, Priorities::new(PRIORITIES_SEED, samples, threads, PRIORITY_CHANGES), budget);
    let collected = lock_std(&run.collected);
    let priorities = collected.executions - exhaustive - random;
    match collected.limit.clone() {
        Some(LimitHit::Interrupted) => Coverage::Cut(LimitHit::Interrupted),
        // Nothing was found, and some executions had to be given up: nothing can be said.
        Some(limit) if collected.is_empty() => Coverage::Cut(limit),
        Some(_) | None => Coverage::Sampled {
            how: format!(
                "{exhaustive} depth first, {random} at random (seed {RANDOM_SEED}), {priorities} by priorities (seed \
                 {PRIORITIES_SEED}, {PRIORITY_CHANGES} changes)"
            ),
        },
    }
}

/// How much one strategy may run.
#[derive(Clone, Copy, Debug)]
enum Budget {
    /// So many executions; cut at the first one that cannot be finished, too, because it cannot be complete any more.
    Exhaustive { executions: u64 },
    /// So many steps of all executions together, and what the strategy itself says.
    Samples { steps: u64 },
}

/// A sample of executions ends early where they are longer than this, on average.
const STEPS_PER_SAMPLE: u64 = 100;

/// How a strategy came to its end.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Left {
    /// It has no more executions.
    Exhausted,
    /// It was stopped before.
    Stopped,
}

/// Runs one strategy.
fn drive<S: Strategy + Send + 'static>(
    run: &Arc<Run>,
    signal: &Arc<quiet::Signal>,
    strategy: S,
    budget: Budget,
) -> Left {
    let control = Arc::new(Control::default());
    let (for_stop, told) = (Arc::clone(run), Arc::clone(signal));
    let (executions_before, steps_before, surprised_before) = {
        let collected = lock_std(&run.collected);
        (collected.executions, collected.steps, collected.surprised)
    };
    let stop = move || {
        let mut collected = lock_std(&for_stop.collected);
        if told.interrupted() {
            collected.limit = Some(LimitHit::Interrupted);
            return true;
        }
        match budget {
            Budget::Exhaustive { executions: limit } => {
                if collected.executions - executions_before >= limit {
                    collected.limit.get_or_insert(LimitHit::Executions { limit });
                }
                collected.limit.is_some() || collected.surprised != surprised_before
            }
            // A thread that goes round without end inside one step does so in most samples, and each takes long.
            Budget::Samples { steps } => {
                collected.steps - steps_before >= steps || matches!(collected.limit, Some(LimitHit::LocalSteps { .. }))
            }
        }
    };
    let strategy = Arc::new(StdMutex::new(strategy));
    let withheld = match budget {
        Budget::Exhaustive { .. } => Some(LimitHit::SpuriousWakeUps { limit: SPURIOUS_MAX }),
        Budget::Samples { .. } => None,
    };
    let driver = Driver::new(Arc::clone(&control), strategy, Arc::clone(signal), withheld, stop);
    let run = Arc::clone(run);
    let told = Arc::clone(&control);
    Runner::new(driver, config()).run(move || execute(&run, &told));
    if control.is_exhausted() { Left::Exhausted } else { Left::Stopped }
}

fn config() -> Config {
    let mut config = Config::new();
    config.failure_persistence = FailurePersistence::None;
    // Steps are counted by the interpreter, which can tell a limit from the end.
    config.max_steps = MaxSteps::None;
    config.max_time = None;
    config.silence_warnings = true;
    config
}

/// One execution: task 0 makes the others, waits until nothing goes on, and leads out who is left.
fn execute(run: &Arc<Run>, control: &Arc<Control>) {
    let execution = Arc::new(Execution::start(Arc::clone(run), Runtime { control: Arc::clone(control) }));
    if !execution.begun() {
        execution.finish();
        control.end();
        return;
    }
    control.begin(&execution);
    for thread in execution.declared() {
        make(&execution, control, thread);
    }
    control.made();
    while !control.all_finished() {
        ::shuttle::thread::yield_now();
        match control.phase() {
            Phase::Making | Phase::Running => {}
            Phase::Stuck => {
                execution.confirm_deadlock();
                execution.deadlocked();
                execution.abandon();
                control.over();
            }
            Phase::Over => execution.wake_all(),
        }
    }
    control.end();
}

/// Makes the task that runs a thread. Nobody joins it: task 0 waits until all have ended.
fn make(execution: &Arc<Execution<Runtime>>, control: &Arc<Control>, thread: ThreadId) {
    let (execution, control) = (Arc::clone(execution), Arc::clone(control));
    control.add(thread);
    drop(::shuttle::thread::spawn(move || {
        let ended = execution.run_then(thread, |exit, holding| {
            if exit == Exit::Last {
                execution.finish();
                execution.abandon();
            }
            // What it holds at its end stays locked as long as the others run.
            while holding == Holding::Something && !execution.halted() {
                control.at_step();
                ::shuttle::thread::yield_now();
            }
        });
        debug_assert!(ended == Exit::Ended || execution.halted());
        control.at_step();
        control.finished();
    }));
}

/// Whether this thread is inside an execution of shuttle.
pub(super) fn is_executing() -> bool {
    ::shuttle::current::try_get_current_task().is_some()
}

/// Makes shuttle install its panic hook.
pub(super) fn provoke_hook() {
    let ran = catch_unwind(AssertUnwindSafe(|| {
        Runner::new(::shuttle::scheduler::RoundRobinScheduler::new(1), config()).run(|| {});
    }));
    // An empty model cannot fail; if it does, the first real one says so.
    drop(ran);
}

/// One execution's runtime.
struct Runtime {
    control: Arc<Control>,
}

/// An atomic of shuttle, with the number of its last store.
struct Atomic {
    value: AtomicI64,
    last: StdMutex<Seen>,
}

impl Backend for Runtime {
    type Mutex = Mutex<()>;
    type Guard<'a> = MutexGuard<'a, ()>;
    type Condvar = Condvar;
    type Atomic = Atomic;
    type Cell = StdAtomicI64;
    type Channel = Mpsc;
    type Barrier = Meeting;
    type RwLock = Shared;

    const NATURE: Nature = Nature {
        serial: true,
        indivisible: true,
        try_lock: true,
        notify_longest: false,
        own_waits: true,
        own_cells: false,
    };

    fn mutex(&self) -> Mutex<()> {
        Mutex::new(())
    }

    fn lock<'a>(&self, mutex: &'a Mutex<()>) -> Self::Guard<'a> {
        mutex.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn try_lock<'a>(&self, mutex: &'a Mutex<()>) -> Option<Self::Guard<'a>> {
        mutex.try_lock().ok()
    }

    fn condvar(&self) -> Condvar {
        Condvar::new()
    }

    fn wait<'a>(&self, condvar: &Condvar, guard: Self::Guard<'a>) -> Self::Guard<'a> {
        condvar.wait(guard).unwrap_or_else(PoisonError::into_inner)
    }

    fn notify_one(&self, condvar: &Condvar) {
        condvar.notify_one();
    }

    fn notify_all(&self, condvar: &Condvar) {
        condvar.notify_all();
    }

    fn spawn(&self, thread: ThreadId) {
        if let Some(execution) = self.control.execution() {
            make(&execution, &self.control, thread);
        }
    }

    fn atomic(&self, _memory: Memory, initial: i64) -> Atomic {
        let last = StdMutex::new(Seen { value: initial, stamp: Stamp(0) });
        Atomic { value: AtomicI64::new(initial), last }
    }

    fn load(&self, atomic: &Atomic, _ordering: Ordering) -> Seen {
        let value = atomic.value.load(ShuttleOrdering::SeqCst);
        Seen { value, ..atomic.last() }
    }

    fn store(&self, atomic: &Atomic, value: i64, _ordering: Ordering) -> Stamp {
        atomic.value.store(value, ShuttleOrdering::SeqCst);
        atomic.stored(value)
    }

    fn rmw(&self, atomic: &Atomic, op: RmwOp, operand: i64, _ordering: Ordering) -> (Seen, Stamp) {
        let order = ShuttleOrdering::SeqCst;
        let stamp = atomic.last().stamp;
        let value = match op {
            RmwOp::Swap => atomic.value.swap(operand, order),
            RmwOp::Add => atomic.value.fetch_add(operand, order),
            RmwOp::Subtract => atomic.value.fetch_sub(operand, order),
            RmwOp::And => atomic.value.fetch_and(operand, order),
            RmwOp::Or => atomic.value.fetch_or(operand, order),
            RmwOp::Xor => atomic.value.fetch_xor(operand, order),
            RmwOp::Max => atomic.value.fetch_max(operand, order),
            RmwOp::Min => atomic.value.fetch_min(operand, order),
        };
        (Seen { value, stamp }, atomic.stored(op.apply(value, operand)))
    }

    fn compare_exchange(&self, atomic: &Atomic, exchange: Exchange) -> (Seen, Option<Stamp>) {
        let before = atomic.last();
        // shuttle's weak exchange never fails for no reason; the language's may.
        if exchange.weak && before.value == exchange.expected && self.choose(2) == 1 {
            return (Seen { value: atomic.value.load(ShuttleOrdering::SeqCst), ..before }, None);
        }
        let order = ShuttleOrdering::SeqCst;
        match atomic.value.compare_exchange(exchange.expected, exchange.new, order, order) {
            Ok(value) => (Seen { value, ..before }, Some(atomic.stored(exchange.new))),
            Err(value) => (Seen { value, ..before }, None),
        }
    }

    fn fence(&self, _ordering: Ordering) {
        ::shuttle::sync::atomic::fence(ShuttleOrdering::SeqCst);
    }

    fn last_value(&self, atomic: &Atomic) -> i64 {
        atomic.last().value
    }

    fn channel(&self, fit: &Fit) -> Option<Mpsc> {
        Mpsc::new(fit)
    }

    fn barrier(&self, threads: u32) -> Option<Meeting> {
        Some(Meeting::new(threads))
    }

    fn rwlock(&self, sections: Sections) -> Option<Shared> {
        match sections {
            Sections::Apart | Sections::Untried | Sections::Brief => Some(Shared::default()),
        }
    }

    fn cell(&self, initial: i64) -> StdAtomicI64 {
        StdAtomicI64::new(initial)
    }

    fn read(&self, cell: &StdAtomicI64) -> i64 {
        cell.load(StdOrdering::Relaxed)
    }

    fn write(&self, cell: &StdAtomicI64, value: i64) {
        cell.store(value, StdOrdering::Relaxed);
    }

    fn peek(&self, cell: &StdAtomicI64) -> i64 {
        self.read(cell)
    }

    fn overwrite(&self, cell: &StdAtomicI64, value: i64) {
        self.write(cell, value);
    }

    fn visible(&self, _thread: ThreadId) {
        self.control.at_step();
        ::shuttle::thread::yield_now();
    }

    fn blocking(&self, _thread: ThreadId) {}

    fn resumed(&self, _thread: ThreadId) {}

    fn pause(&self, _kind: PauseKind, _place: PausePlace) {}

    fn choose(&self, count: u64) -> u64 {
        self.control.choose(count);
        ::shuttle::rand::thread_rng().next_u64()
    }
}

impl Atomic {
    fn last(&self) -> Seen {
        *lock_std(&self.last)
    }

    fn stored(&self, value: i64) -> Stamp {
        let mut last = lock_std(&self.last);
        *last = Seen { value, stamp: Stamp(last.stamp.0 + 1) };
        last.stamp
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::own_types;

    #[test]
    fn what_a_program_cannot_tell_from_the_languages_is_shuttles_own() {
        let seen = Arc::new(StdMutex::new(Vec::new()));
        let told = Arc::clone(&seen);
        Runner::new(::shuttle::scheduler::RoundRobinScheduler::new(1), config()).run(move || {
            *lock_std(&told) = own_types::on(Runtime { control: Arc::default() });
        });
        assert_eq!(*lock_std(&seen), ["meeting", "brief", "waiting", "tried", "unbounded", "bounded", "kept"]);
    }
}
