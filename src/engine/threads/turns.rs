//! Real threads that step one at a time, in the order of a schedule.
//!
//! A judge gives the turn to one thread of the operating system, which takes one visible step and gives it back. Mutexes
//! and atomics are those of the standard library and really taken; a wait is emulated: the mutex is given back, the thread
//! sleeps until the schedule gives it the turn, and takes the mutex again. So nothing is left to the system's scheduler,
//! and nobody ever waits for anything but the judge.

use crate::engine::interpreter::{
    Backend, Exchange, Execution, Exit, Fit, Holding, Nature, NoBarrier, NoChannel, NoRwLock, PausePlace, Run, Seen,
    Stamp, Way, lock_std,
};
use crate::engine::quiet;
use crate::limits::Watch;
use crate::program::{Memory, Ordering, PauseKind, RmwOp, ThreadId};
use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicI64, Ordering as StdOrdering, fence};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, TryLockError};
use std::thread;

/// Follows a schedule, and does what comes behind it.
pub(in crate::engine) fn follow(way: Way<'_>, watch: &dyn Watch) -> (Arc<Run>, quiet::Left<()>) {
    let run = Run::following::<Turns>(way);
    let left = replay(&run, watch);
    (run, left)
}

/// Follows the schedule of a run.
fn replay(run: &Arc<Run>, watch: &dyn Watch) -> quiet::Left<()> {
    quiet::run(watch, |signal| {
        run.listen(signal);
        judge(run)
    })
    .and_then(|judged| judged.map_err(|message| -> Box<dyn Any + Send> { Box::new(message) }))
}

/// Makes the threads and gives them their turns. The error: what went wrong besides the program.
fn judge(run: &Arc<Run>) -> Result<(), String> {
    let baton = Baton::default();
    let execution = Execution::start(Arc::clone(run), Turns { baton: baton.clone(), started: Mutex::new(None) });
    if !execution.begun() {
        execution.finish();
        return Ok(());
    }
    let faults = Mutex::new(Vec::new());
    let (playing, baton_of_all, faults_of_all) = (&execution, &baton, &faults);
    thread::scope(|scope| {
        let _dismissal = Dismissal(&baton);
        let begin = |thread: ThreadId| {
            let play = move || play(playing, baton_of_all, thread, faults_of_all);
            if let Err(error) = thread::Builder::new().spawn_scoped(scope, play) {
                lock_std(faults_of_all).push(format!("no thread of the operating system: {error}"));
                return false;
            }
            // Up to its first visible step.
            baton_of_all.hand_to(thread);
            true
        };
        if !playing.declared().all(begin) {
            return;
        }
        while let Some(thread) = playing.decide() {
            baton_of_all.hand_to(thread);
            let started = lock_std(&playing.backend().started).take();
            if started.is_some_and(|started| !begin(started)) {
                return;
            }
        }
    });
    let first = lock_std(&faults).drain(..).next();
    first.map_or(Ok(()), Err)
}

/// One thread, from its first turn to its last.
fn play(execution: &Execution<Turns>, baton: &Baton, thread: ThreadId, faults: &Mutex<Vec<String>>) {
    let played = catch_unwind(AssertUnwindSafe(|| {
        baton.wait_for(thread);
        execution.run_then(thread, |exit, holding| {
            if exit == Exit::Last {
                execution.finish();
                execution.abandon();
            }
            // What it holds at its end stays locked as long as the others run.
            if holding == Holding::Something && !execution.halted() {
                baton.give_back(thread);
            }
        });
    }));
    if let Err(payload) = played
        && !payload.is::<Dismissed>()
    {
        execution.abandon();
        lock_std(faults).push(quiet::message(&*payload).to_owned());
    }
    baton.leave(thread);
}

/// Whose turn it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
enum Turn {
    #[default]
    Judge,
    Thread(ThreadId),
    /// Everybody leaves.
    Over,
}

/// What the judge and the threads hand to each other.
#[derive(Clone, Debug, Default)]
struct Baton(Arc<(Mutex<Turn>, Condvar)>);

/// What a thread unwinds with when everybody leaves.
struct Dismissed;

/// At its end everybody leaves, also where the judge unwinds.
struct Dismissal<'a>(&'a Baton);

impl Drop for Dismissal<'_> {
    fn drop(&mut self) {
        self.0.put(Turn::Over);
    }
}

impl Baton {
    fn put(&self, turn: Turn) {
        *lock_std(&self.0.0) = turn;
        self.0.1.notify_all();
    }

    /// Sleeps until it is somebody's turn for whom `is_due` holds.
    fn sleep_until(&self, is_due: impl Fn(Turn) -> bool) -> Turn {
        let mut turn = lock_std(&self.0.0);
        while !is_due(*turn) {
            turn = self.0.1.wait(turn).unwrap_or_else(std::sync::PoisonError::into_inner);
        }
        *turn
    }

    /// The judge gives a thread its turn, and waits until it is over.
    fn hand_to(&self, thread: ThreadId) {
        self.put(Turn::Thread(thread));
        self.sleep_until(|turn| turn == Turn::Judge);
    }

    /// A thread waits for its turn; where everybody leaves it unwinds.
    fn wait_for(&self, thread: ThreadId) {
        if self.sleep_until(|turn| turn == Turn::Thread(thread) || turn == Turn::Over) == Turn::Over {
            resume_unwind(Box::new(Dismissed));
        }
    }

    /// A thread gives its turn back, and waits for the next.
    fn give_back(&self, thread: ThreadId) {
        self.leave(thread);
        self.wait_for(thread);
    }

    /// A thread gives its turn back, if it has it.
    fn leave(&self, thread: ThreadId) {
        let has_it = *lock_std(&self.0.0) == Turn::Thread(thread);
        if has_it {
            self.put(Turn::Judge);
        }
    }

    /// A thread has to wait inside its step.
    fn wait_inside(&self) {
        let turn = *lock_std(&self.0.0);
        match turn {
            Turn::Thread(thread) => self.give_back(thread),
            Turn::Judge | Turn::Over => resume_unwind(Box::new(Dismissed)),
        }
    }
}

/// The standard library on threads that step in turns.
#[derive(Debug)]
struct Turns {
    baton: Baton,
    /// The thread that was started in the latest turn.
    started: Mutex<Option<ThreadId>>,
}

/// A held mutex.
#[derive(Debug)]
struct Held<'a> {
    mutex: &'a Mutex<()>,
    _guard: MutexGuard<'a, ()>,
}

/// An atomic, with the number of its last store.
#[derive(Debug)]
struct Atomic {
    value: AtomicI64,
    stores: Mutex<usize>,
}

impl Atomic {
    fn last(&self) -> Stamp {
        Stamp(*lock_std(&self.stores))
    }

    fn stored(&self) -> Stamp {
        *lock_std(&self.stores) += 1;
        self.last()
    }
}

const ORDER: StdOrdering = StdOrdering::SeqCst;

impl Backend for Turns {
    type Mutex = Mutex<()>;
    type Guard<'a> = Held<'a>;
    /// Who waits is in the books, and the judge wakes nobody else.
    type Condvar = ();
    type Atomic = Atomic;
    type Cell = AtomicI64;
    type Channel = NoChannel;
    type Barrier = NoBarrier;
    type RwLock = NoRwLock;

    const NATURE: Nature = Nature {
        serial: true,
        indivisible: true,
        try_lock: true,
        notify_longest: false,
        own_waits: false,
        own_cells: true,
    };

    fn mutex(&self) -> Mutex<()> {
        Mutex::new(())
    }

    fn lock<'a>(&self, mutex: &'a Mutex<()>) -> Held<'a> {
        // A step is given a turn only where it need not wait.
        self.try_lock(mutex).unwrap_or_else(|| {
            resume_unwind(Box::new(
                "a mutex of the standard library is held although it is free by the books".to_owned(),
            ))
        })
    }

    fn try_lock<'a>(&self, mutex: &'a Mutex<()>) -> Option<Held<'a>> {
        match mutex.try_lock() {
            Ok(guard) => Some(Held { mutex, _guard: guard }),
            Err(TryLockError::Poisoned(guard)) => Some(Held { mutex, _guard: guard.into_inner() }),
            Err(TryLockError::WouldBlock) => None,
        }
    }

    fn condvar(&self) {}

    fn wait<'a>(&self, _condvar: &(), guard: Self::Guard<'a>) -> Self::Guard<'a> {
        let mutex = guard.mutex;
        drop(guard);
        self.baton.wait_inside();
        self.lock(mutex)
    }

    fn notify_one(&self, _condvar: &()) {}

    fn notify_all(&self, _condvar: &()) {}

    fn atomic(&self, _memory: Memory, initial: i64) -> Atomic {
        Atomic { value: AtomicI64::new(initial), stores: Mutex::new(0) }
    }

    fn load(&self, atomic: &Atomic, _ordering: Ordering) -> Seen {
        Seen { value: atomic.value.load(ORDER), stamp: atomic.last() }
    }

    fn store(&self, atomic: &Atomic, value: i64, _ordering: Ordering) -> Stamp {
        atomic.value.store(value, ORDER);
        atomic.stored()
    }

    fn rmw(&self, atomic: &Atomic, op: RmwOp, operand: i64, _ordering: Ordering) -> (Seen, Stamp) {
        let (value, stamp) = (&atomic.value, atomic.last());
        let old = match op {
            RmwOp::Swap => value.swap(operand, ORDER),
            RmwOp::Add => value.fetch_add(operand, ORDER),
            RmwOp::Subtract => value.fetch_sub(operand, ORDER),
            RmwOp::And => value.fetch_and(operand, ORDER),
            RmwOp::Or => value.fetch_or(operand, ORDER),
            RmwOp::Xor => value.fetch_xor(operand, ORDER),
            RmwOp::Max => value.fetch_max(operand, ORDER),
            RmwOp::Min => value.fetch_min(operand, ORDER),
        };
        (Seen { value: old, stamp }, atomic.stored())
    }

    fn compare_exchange(&self, atomic: &Atomic, exchange: Exchange) -> (Seen, Option<Stamp>) {
        let stamp = atomic.last();
        match atomic.value.compare_exchange(exchange.expected, exchange.new, ORDER, ORDER) {
            Ok(value) => (Seen { value, stamp }, Some(atomic.stored())),
            Err(value) => (Seen { value, stamp }, None),
        }
    }

    fn fence(&self, _ordering: Ordering) {
        fence(ORDER);
    }

    fn last_value(&self, atomic: &Atomic) -> i64 {
        atomic.value.load(ORDER)
    }

    fn channel(&self, _fit: &Fit) -> Option<NoChannel> {
        None
    }

    fn cell(&self, initial: i64) -> AtomicI64 {
        AtomicI64::new(initial)
    }

    fn read(&self, cell: &AtomicI64) -> i64 {
        cell.load(StdOrdering::Relaxed)
    }

    fn write(&self, cell: &AtomicI64, value: i64) {
        cell.store(value, StdOrdering::Relaxed);
    }

    fn peek(&self, cell: &AtomicI64) -> i64 {
        self.read(cell)
    }

    fn overwrite(&self, cell: &AtomicI64, value: i64) {
        self.write(cell, value);
    }

    fn spawn(&self, thread: ThreadId) {
        // The thread of the operating system is made by the judge, when the turn is over.
        *lock_std(&self.started) = Some(thread);
    }

    fn visible(&self, thread: ThreadId) {
        self.baton.give_back(thread);
    }

    fn blocking(&self, _thread: ThreadId) {}

    fn resumed(&self, _thread: ThreadId) {}

    fn pause(&self, _kind: PauseKind, _place: PausePlace) {}

    fn choose(&self, _count: u64) -> u64 {
        // Where a schedule is followed it says what the world chooses.
        0
    }
}
