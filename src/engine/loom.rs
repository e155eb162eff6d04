//! loom: every execution up to its partial-order reduction, with C11 effects of weak orderings.
//!
//! loom is a witness with a known list of differences, which are rows of its table below: it stops at its first
//! deadlock, race or failed assertion; it cannot stop one execution and go on with another.

mod gate;
mod rwlock;

pub(super) use gate::{follow, follows};

use super::Engine;
use super::capabilities::{Capabilities, Checkable, Checked, Room, Support};
use super::construct::Construct;
use super::interpreter::{
    Backend, Exchange, Execution, Exit, Fit, Length, Nature, NoBarrier, NoChannel, PausePlace, Run, Sections, Seen,
    Stamp, effective, lock_std,
};
use super::quiet;
use crate::finding::{Coverage, Detail, EngineName, Evidence, Finding, LimitHit, Unsupported};
use crate::limits::{Limits, Watch};
use crate::program::{Memory, Ordering, PauseKind, Program, RmwOp, ThreadId};
use ::loom::sync::atomic::{AtomicUsize, Ordering as LoomOrdering, fence};
use ::loom::sync::{Mutex, MutexGuard};
use rwlock::Shared;
use std::any::Any;
use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind, panic_any};
use std::sync::atomic::{AtomicI64, AtomicUsize as StdAtomicUsize, Ordering as StdOrdering};
use std::sync::{Arc, Mutex as StdMutex, PoisonError};

/// The engine.
#[derive(Clone, Copy, Debug, Default)]
pub struct Loom;

/// What loom can express and check.
pub static CAPABILITIES: Capabilities = Capabilities {
    engine: EngineName::Loom,
    room: Some(Room { threads: ROOM }),
    constructs: &[
        (Construct::Var, Support::Own("loom::cell::UnsafeCell")),
        (Construct::Atomic, Support::Own("loom::sync::atomic")),
        (Construct::WeakExchange, Support::Own("loom::sync::atomic")),
        (Construct::PlainAccess, Support::Own("loom::sync::atomic")),
        (Construct::Fence, Support::Own("loom::sync::atomic::fence")),
        (Construct::Mutex, Support::Own("loom::sync::Mutex")),
        (Construct::TryLock, Support::Monitor),
        (Construct::IsLocked, Support::Monitor),
        (Construct::RwLock, Support::Own("loom::sync::RwLock where no thread enters twice, else a monitor")),
        (Construct::RwLockTry, Support::MonitorBecause("loom's `try_read` does not show both answers")),
        (Construct::Preference, Support::Monitor),
        (Construct::Fifo, Support::Monitor),
        (Construct::Reentrant, Support::Own("loom::sync::Mutex, its levels counted")),
        (Construct::Poisoning, Support::Own("loom::sync::Mutex, its poison noted")),
        (Construct::Condvar, Support::Own("loom::sync::Condvar")),
        (Construct::NotifyOne, Support::Own("loom::sync::Condvar")),
        (Construct::SpuriousWakeUps, Support::Unsupported("loom's waits end by notifications only")),
        (Construct::NotifySeveral, Support::Monitor),
        (Construct::Semaphore, Support::Monitor),
        (Construct::TryAcquire, Support::Monitor),
        (Construct::Barrier, Support::Monitor),
        (Construct::Event, Support::Monitor),
        (Construct::Once, Support::Monitor),
        (Construct::Timer, Support::Own("loom::thread::spawn")),
        (Construct::TimerBesideDaemon, Support::Unsupported("loom runs every thread to its end")),
        (Construct::Channel, Support::Monitor),
        (Construct::ChannelTry, Support::Monitor),
        (Construct::Rendezvous, Support::Monitor),
        (Construct::Oneshot, Support::Monitor),
        (Construct::Watch, Support::Monitor),
        (Construct::Broadcast, Support::Monitor),
        (Construct::Queue, Support::Monitor),
        (Construct::Timeout, Support::Unsupported("loom knows no time")),
        (Construct::ClosedBy, Support::Monitor),
        (Construct::Join, Support::Monitor),
        (Construct::Spawn, Support::Own("loom::thread::spawn")),
        (Construct::IsFinished, Support::Monitor),
        (Construct::IsAlive, Support::Monitor),
        (Construct::Daemon, Support::Unsupported("loom runs every thread to its end")),
        (Construct::Pause, Support::Own("loom::thread::yield_now")),
        (Construct::Choose, Support::Unsupported("loom has no choice of values")),
        (Construct::Either, Support::Unsupported("loom has no choice of values")),
        (Construct::Assume, Support::Unsupported("loom cannot abandon one execution and go on with another")),
        (Construct::Block, Support::Monitor),
        (
            Construct::OpenBlock,
            Support::Unsupported("a monitor around the block does not hold back accesses outside it"),
        ),
    ],
    properties: &[
        (Checkable::WholeDeadlock, Checked::Yes),
        (Checkable::PartialDeadlock, Checked::No("an execution that never ends is never complete")),
        (Checkable::Race, Checked::Yes),
        (Checkable::Assertion, Checked::Yes),
        (Checkable::Invariant, Checked::No("loom has no moment between two steps at which everything can be read")),
        (Checkable::Final, Checked::Yes),
        (Checkable::Possible, Checked::Yes),
        (Checkable::Outcomes, Checked::Yes),
        (Checkable::Panic, Checked::Yes),
        (Checkable::UnobservedFailure, Checked::Yes),
        (Checkable::Misuse, Checked::Yes),
        (Checkable::Liveness, Checked::No("an execution that never ends is never complete")),
        (Checkable::WeakMemory, Checked::Yes),
    ],
};

/// Threads of a program that loom has room for: one of them runs in the model's closure.
const ROOM: usize = ::loom::MAX_THREADS;

impl Engine for Loom {
    fn name(&self) -> EngineName {
        EngineName::Loom
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
            Ok(()) => explore(&run, watch),
        };
        let collected = std::mem::take(&mut *lock_std(&run.collected));
        collected.into_evidence(EngineName::Loom, program, coverage, &CAPABILITIES)
    }
}

/// loom's branch points for each visible step of ours: a monitor takes several.
const BRANCHES_PER_STEP: usize = 8;

/// What our code panics with to make loom stop; what there is to say has been said before.
struct Stop;

thread_local! {
    /// The execution that loom runs now: all of its threads share one of the system's, and a deadlock is explained
    /// after loom has left.
    static CURRENT: RefCell<Option<Arc<Execution<Runtime>>>> = const { RefCell::new(None) };
}

/// Lets loom run everything.
fn explore(run: &Arc<Run>, watch: &dyn Watch) -> Coverage {
    let left = quiet::run(watch, |signal| {
        let shared = Arc::clone(run);
        let model = move || {
            begin(&shared, &signal);
            let runtime = Runtime { memory: shared.program.memory, started: StdMutex::default() };
            #[expect(clippy::arc_with_non_send_sync, reason = "all threads of a model are coroutines of one OS thread")]
            let execution = Arc::new(Execution::start(Arc::clone(&shared), runtime));
            CURRENT.set(Some(Arc::clone(&execution)));
            execute(&execution);
            signal.executed();
        };
        let checked = catch_unwind(AssertUnwindSafe(|| builder(&run.limits).check(model)));
        let current = CURRENT.take();
        match checked {
            Ok(()) => Coverage::Complete,
            Err(payload) => explain(&*payload, run, current),
        }
    });
    left.unwrap_or_else(|payload| Coverage::Failed { message: quiet::message(&*payload).to_owned() })
}

/// What loom means by a panic.
fn explain(payload: &(dyn Any + Send), run: &Run, current: Option<Arc<Execution<Runtime>>>) -> Coverage {
    if payload.is::<Stop>() {
        let limit = lock_std(&run.collected).limit.clone();
        return limit.map_or(Coverage::StoppedAtFinding, Coverage::Cut);
    }
    let message = quiet::message(payload);
    if message.starts_with("deadlock") {
        if let Some(execution) = current {
            execution.deadlocked();
        }
        Coverage::StoppedAtFinding
    } else if message.starts_with("Causality violation") {
        let detail = Detail::Race { object: None, accesses: Vec::new() };
        let race = Finding { detail, statements: Vec::new(), trace: None };
        lock_std(&run.collected).add(race, Length::default(), || None);
        Coverage::StoppedAtFinding
    } else if message.starts_with("Model exceeded maximum number of branches") {
        Coverage::Cut(LimitHit::Steps { limit: run.limits.execution_steps })
    } else {
        Coverage::Failed { message: message.to_owned() }
    }
}

/// Every setting explicitly: the defaults come from the environment.
fn builder(limits: &Limits) -> ::loom::model::Builder {
    let mut builder = ::loom::model::Builder::new();
    builder.max_threads = ::loom::MAX_THREADS;
    builder.max_branches = usize::try_from(limits.execution_steps).unwrap_or(usize::MAX / 16) * BRANCHES_PER_STEP;
    // Executions are counted in `begin`, which can tell a limit from the end; here both look alike.
    builder.max_permutations = None;
    builder.max_duration = None;
    builder.preemption_bound = None;
    builder.checkpoint_file = None;
    builder.checkpoint_interval = 1;
    builder.expect_explicit_explore = false;
    builder.location = false;
    builder.log = false;
    builder
}

/// Stops where a limit or a person says so.
fn begin(run: &Run, signal: &quiet::Signal) {
    let mut collected = lock_std(&run.collected);
    let limit = run.limits.loom_executions;
    if collected.executions >= limit {
        collected.limit.get_or_insert(LimitHit::Executions { limit });
    } else if signal.interrupted() {
        collected.limit.get_or_insert(LimitHit::Interrupted);
    } else {
        return;
    }
    drop(collected);
    panic_any(Stop);
}

/// One execution: the first thread of the program runs in the model's closure, which saves one of loom's threads.
fn execute(execution: &Arc<Execution<Runtime>>) {
    if !execution.begun() {
        return finish(execution);
    }
    let others: Vec<_> = execution
        .declared()
        .skip(1)
        .map(|thread| {
            let execution = Arc::clone(execution);
            ::loom::thread::spawn(move || run_thread(&execution, thread))
        })
        .collect();
    if let Some(first) = execution.declared().next() {
        run_thread(execution, first);
    }
    if execution.joins_at_end() {
        for other in others {
            // A thread that panics ends the whole model before anybody joins it.
            drop(other.join());
        }
        // Whoever has been joined starts nobody any more, but those that it has started may.
        while let Some(started) = execution.backend().started() {
            drop(started.join());
        }
        finish(execution);
    }
}

fn run_thread(execution: &Execution<Runtime>, thread: ThreadId) {
    match execution.run(thread) {
        // Whoever ends last finishes: to join would only give loom more to explore.
        Exit::Last if !execution.joins_at_end() => finish(execution),
        Exit::Ended | Exit::Last => {}
        Exit::Stopped => panic_any(Stop),
    }
}

fn finish(execution: &Execution<Runtime>) {
    execution.finish();
    // A race makes values meaningless, and loom itself would stop at it.
    if execution.halted() || execution.raced() {
        panic_any(Stop);
    }
}

/// Makes loom (and what it is built on) install its panic hook.
pub(super) fn provoke_hook() {
    let checked = catch_unwind(AssertUnwindSafe(|| {
        builder(&Limits::default()).check(|| drop(::loom::thread::spawn(|| {}).join()));
    }));
    // An empty model cannot fail; if it does, the first real one says so.
    drop(checked);
}

/// One execution's runtime.
struct Runtime {
    memory: Memory,
    /// Threads that were started at run time, where they are to be joined at the end.
    started: StdMutex<Vec<::loom::thread::JoinHandle<()>>>,
}

impl Runtime {
    /// One of the threads that were started at run time, each once.
    fn started(&self) -> Option<::loom::thread::JoinHandle<()>> {
        lock_std(&self.started).pop()
    }
}

/// A held mutex of loom.
struct Guard<'a> {
    guard: MutexGuard<'a, ()>,
    mutex: &'a Mutex<()>,
}

/// What threads wait for.
enum Signal {
    /// loom's own condition variable.
    Own(::loom::sync::Condvar),
    /// Inside a monitor whoever waits and whoever wakes holds the monitor's mutex, which is all that loom has to order:
    /// a condition variable of its own would be explored once more.
    Parked(StdMutex<Vec<::loom::thread::Thread>>),
}

/// An atomic, as a turn that loom orders, and beside it the values that were stored.
///
/// loom keeps only the last access of an atomic for its reduction, and takes two loads for independent: after a load of
/// its own a thread's store is no more seen to conflict with an earlier load of another thread. So each access takes a
/// turn first, by a read-modify-write that never changes anything; all turns depend on each other.
struct Atomic {
    turn: AtomicUsize,
    build: Build,
    values: StdMutex<Vec<i64>>,
}

enum Build {
    /// Sequentially consistent: the turns are the order of all accesses, and the last store is what a load sees.
    InTurn(StdAtomicUsize),
    /// loom's own atomic. It holds which store it is, so that a load says what it has read.
    Weak(AtomicUsize),
}

/// Plain memory: loom looks for races on a cell of its own that holds nothing.
struct Cell {
    races: ::loom::cell::UnsafeCell<()>,
    value: AtomicI64,
}

impl Backend for Runtime {
    type Mutex = Mutex<()>;
    type Guard<'a> = Guard<'a>;
    type Condvar = Signal;
    type Atomic = Atomic;
    type Cell = Cell;
    type Channel = NoChannel;
    type Barrier = NoBarrier;
    type RwLock = Shared;

    const NATURE: Nature = Nature {
        serial: true,
        indivisible: false,
        try_lock: false,
        notify_longest: true,
        own_waits: true,
        own_cells: true,
    };

    fn mutex(&self) -> Mutex<()> {
        Mutex::new(())
    }

    fn lock<'a>(&self, mutex: &'a Mutex<()>) -> Self::Guard<'a> {
        Guard { guard: mutex.lock().unwrap_or_else(PoisonError::into_inner), mutex }
    }

    fn try_lock<'a>(&self, mutex: &'a Mutex<()>) -> Option<Self::Guard<'a>> {
        mutex.try_lock().ok().map(|guard| Guard { guard, mutex })
    }

    fn condvar(&self) -> Signal {
        Signal::Own(::loom::sync::Condvar::new())
    }

    fn queue(&self) -> Signal {
        Signal::Parked(StdMutex::default())
    }

    fn wait<'a>(&self, condvar: &Signal, guard: Self::Guard<'a>) -> Self::Guard<'a> {
        let Guard { guard, mutex } = guard;
        match condvar {
            Signal::Own(own) => Guard { guard: own.wait(guard).unwrap_or_else(PoisonError::into_inner), mutex },
            Signal::Parked(waiting) => {
                lock_std(waiting).push(::loom::thread::current());
                drop(guard);
                ::loom::thread::park();
                self.lock(mutex)
            }
        }
    }

    fn notify_one(&self, condvar: &Signal) {
        match condvar {
            Signal::Own(own) => own.notify_one(),
            Signal::Parked(_) => self.notify_all(condvar),
        }
    }

    fn notify_all(&self, condvar: &Signal) {
        match condvar {
            Signal::Own(own) => own.notify_all(),
            Signal::Parked(waiting) => {
                for thread in lock_std(waiting).drain(..) {
                    thread.unpark();
                }
            }
        }
    }

    fn spawn(&self, thread: ThreadId) {
        let Some(execution) = CURRENT.with_borrow(Clone::clone) else {
            unreachable!("a thread starts another one while loom runs its execution")
        };
        let joins = execution.joins_at_end();
        let handle = ::loom::thread::spawn(move || run_thread(&execution, thread));
        if joins {
            lock_std(&self.started).push(handle);
        }
    }

    fn atomic(&self, memory: Memory, initial: i64) -> Atomic {
        let build = match memory {
            Memory::Sc => Build::InTurn(StdAtomicUsize::new(0)),
            Memory::Rc11 => Build::Weak(AtomicUsize::new(0)),
        };
        Atomic { turn: AtomicUsize::new(0), build, values: StdMutex::new(vec![initial]) }
    }

    fn load(&self, atomic: &Atomic, ordering: Ordering) -> Seen {
        self.fenced(|| {
            atomic.take_turn();
            atomic.seen(match &atomic.build {
                Build::InTurn(latest) => latest.load(StdOrdering::Relaxed),
                Build::Weak(stamp) => stamp.load(load_ordering(ordering)),
            })
        })
    }

    fn store(&self, atomic: &Atomic, value: i64, ordering: Ordering) -> Stamp {
        self.fenced(|| {
            atomic.take_turn();
            let new = atomic.new_value(value);
            match &atomic.build {
                Build::InTurn(latest) => latest.store(new, StdOrdering::Relaxed),
                Build::Weak(stamp) => stamp.store(new, store_ordering(ordering)),
            }
            Stamp(new)
        })
    }

    fn rmw(&self, atomic: &Atomic, op: RmwOp, operand: i64, ordering: Ordering) -> (Seen, Stamp) {
        self.fenced(|| {
            atomic.take_turn();
            // The value is settled before any other thread can run: loom switches only at the start of the swap.
            let new = atomic.new_value(0);
            let seen = atomic.seen(match &atomic.build {
                Build::InTurn(latest) => latest.swap(new, StdOrdering::Relaxed),
                Build::Weak(stamp) => stamp.swap(new, loom_ordering(ordering)),
            });
            lock_std(&atomic.values)[new] = op.apply(seen.value, operand);
            (seen, Stamp(new))
        })
    }

    fn compare_exchange(&self, atomic: &Atomic, exchange: Exchange) -> (Seen, Option<Stamp>) {
        self.fenced(|| {
            atomic.take_turn();
            let new = atomic.new_value(exchange.new);
            match &atomic.build {
                Build::InTurn(latest) => {
                    let seen = atomic.seen(latest.load(StdOrdering::Relaxed));
                    let exchanged = (seen.value == exchange.expected).then_some(new);
                    if exchanged.is_some() {
                        latest.store(new, StdOrdering::Relaxed);
                    }
                    (seen, exchanged.map(Stamp))
                }
                Build::Weak(stamp) => {
                    let failure = load_ordering(exchange.failure);
                    let mut seen = atomic.seen(stamp.load(failure));
                    while seen.value == exchange.expected {
                        let success = loom_ordering(exchange.success);
                        match stamp.compare_exchange(seen.stamp.0, new, success, failure) {
                            Ok(_) => return (seen, Some(Stamp(new))),
                            Err(other) => seen = atomic.seen(other),
                        }
                    }
                    (seen, None)
                }
            }
        })
    }

    fn fence(&self, ordering: Ordering) {
        fence(loom_ordering(effective(self.memory, ordering)));
    }

    fn last_value(&self, atomic: &Atomic) -> i64 {
        let stamp = match &atomic.build {
            Build::InTurn(latest) => latest.load(StdOrdering::Relaxed),
            Build::Weak(stamp) => stamp.load(LoomOrdering::Relaxed),
        };
        atomic.seen(stamp).value
    }

    fn channel(&self, _fit: &Fit) -> Option<NoChannel> {
        None
    }

    fn rwlock(&self, sections: Sections) -> Option<Shared> {
        match sections {
            Sections::Apart => None,
            Sections::Untried | Sections::Brief => Some(Shared::new()),
        }
    }

    fn cell(&self, initial: i64) -> Cell {
        Cell { races: ::loom::cell::UnsafeCell::new(()), value: AtomicI64::new(initial) }
    }

    fn read(&self, cell: &Cell) -> i64 {
        cell.races.with(|_| ());
        self.peek(cell)
    }

    fn write(&self, cell: &Cell, value: i64) {
        cell.races.with_mut(|_| ());
        self.overwrite(cell, value);
    }

    fn peek(&self, cell: &Cell) -> i64 {
        cell.value.load(StdOrdering::Relaxed)
    }

    fn overwrite(&self, cell: &Cell, value: i64) {
        cell.value.store(value, StdOrdering::Relaxed);
    }

    fn visible(&self, _thread: ThreadId) {}

    fn blocking(&self, _thread: ThreadId) {}

    fn resumed(&self, _thread: ThreadId) {}

    fn pause(&self, _kind: PauseKind, place: PausePlace) {
        match place {
            PausePlace::Straight => {}
            // Without it a thread that waits in a loop would be run for ever.
            PausePlace::InLoop => ::loom::thread::yield_now(),
        }
    }

    fn choose(&self, _count: u64) -> u64 {
        0
    }
}

impl Runtime {
    /// Under sequential consistency a full fence stands before and after each access: then whatever the language orders
    /// is ordered for loom, too, which looks for races on plain memory itself.
    fn fenced<R>(&self, access: impl FnOnce() -> R) -> R {
        match self.memory {
            Memory::Rc11 => access(),
            Memory::Sc => {
                fence(LoomOrdering::SeqCst);
                let result = access();
                fence(LoomOrdering::SeqCst);
                result
            }
        }
    }
}

impl Atomic {
    /// Lets loom decide who goes first. The exchange always fails: the turn is 0 for ever.
    fn take_turn(&self) {
        let unchanged = self.turn.compare_exchange(1, 1, LoomOrdering::Relaxed, LoomOrdering::Relaxed);
        debug_assert_eq!(unchanged, Err(0));
    }

    fn seen(&self, stamp: usize) -> Seen {
        Seen { value: lock_std(&self.values)[stamp], stamp: Stamp(stamp) }
    }

    /// Prepares a store: nobody can have read it yet.
    fn new_value(&self, value: i64) -> usize {
        let mut values = lock_std(&self.values);
        values.push(value);
        values.len() - 1
    }
}

fn load_ordering(ordering: Ordering) -> LoomOrdering {
    match ordering {
        Ordering::Plain | Ordering::Relaxed | Ordering::Release => LoomOrdering::Relaxed,
        Ordering::Acquire | Ordering::AcqRel => LoomOrdering::Acquire,
        Ordering::SeqCst => LoomOrdering::SeqCst,
    }
}

fn store_ordering(ordering: Ordering) -> LoomOrdering {
    match ordering {
        Ordering::Plain | Ordering::Relaxed | Ordering::Acquire => LoomOrdering::Relaxed,
        Ordering::Release | Ordering::AcqRel => LoomOrdering::Release,
        Ordering::SeqCst => LoomOrdering::SeqCst,
    }
}

fn loom_ordering(ordering: Ordering) -> LoomOrdering {
    match ordering {
        Ordering::Plain | Ordering::Relaxed => LoomOrdering::Relaxed,
        Ordering::Acquire => LoomOrdering::Acquire,
        Ordering::Release => LoomOrdering::Release,
        Ordering::AcqRel => LoomOrdering::AcqRel,
        Ordering::SeqCst => LoomOrdering::SeqCst,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::own_types;

    #[test]
    fn what_a_program_cannot_tell_from_the_languages_is_looms_own() {
        builder(&Limits::default()).check(|| {
            let runtime = Runtime { memory: Memory::Sc, started: StdMutex::default() };
            assert_eq!(own_types::on(runtime), ["brief", "waiting"]);
        });
    }
}
