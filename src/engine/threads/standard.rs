//! The standard library as a backend: real mutexes, condition variables and atomics on real threads.
//!
//! Plain variables are relaxed atomics: as unordered as memory gets without undefined behaviour. The one thing that is not
//! the library's own is what the language forbids: condition variables do not wake up for no reason (see `condvar`).
//!
//! When a run is over, threads that still wait give up by unwinding, so that they can play in the next run.

use super::barrier::Meeting;
use super::condvar::Condvar;
use super::mpsc::Mpsc;
use super::over::Over;
use super::pool::Later;
use super::rwlock::Shared;
use super::seat::Seat;
use crate::engine::interpreter::{
    Backend, Exchange, Fit, Nature, PausePlace, Sections, Seen, Stamp, Waited, effective,
};
use crate::program::{Memory, Ordering, PauseKind, RmwOp, ThreadId};
use std::sync::atomic::{self, AtomicI64};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};
use std::time::Duration;

/// The operating system's threads in one run.
#[derive(Debug)]
pub(super) struct Standard {
    over: Arc<Over>,
    later: Arc<Later>,
}

impl Standard {
    /// The threads of a run that ends with `over`; `later` starts those that are started at run time.
    pub(super) fn new(over: &Arc<Over>, later: &Arc<Later>) -> Self {
        Self { over: Arc::clone(over), later: Arc::clone(later) }
    }
}

/// Time passes so many times faster than the scenario says, and never more than a moment at once.
const HASTE: u64 = 20;
const MOMENT: u64 = 1_000;

/// How long something takes that takes so many microseconds in the scenario.
pub(super) fn hurried(micros: u64) -> Duration {
    Duration::from_micros((micros / HASTE).min(MOMENT))
}

/// A held mutex.
#[derive(Debug)]
pub(super) struct Held<'a> {
    mutex: &'a Mutex<()>,
    guard: MutexGuard<'a, ()>,
}

/// An atomic.
#[derive(Debug)]
pub(super) struct Atomic {
    memory: Memory,
    value: AtomicI64,
}

impl Backend for Standard {
    type Mutex = Mutex<()>;
    type Guard<'a> = Held<'a>;
    type Condvar = Arc<Condvar>;
    type Atomic = Atomic;
    type Cell = AtomicI64;
    type Channel = Mpsc;
    type Barrier = Meeting;
    type RwLock = Shared;

    const NATURE: Nature = Nature {
        serial: false,
        indivisible: false,
        try_lock: true,
        notify_longest: false,
        own_waits: true,
        own_cells: true,
    };

    fn mutex(&self) -> Mutex<()> {
        Mutex::new(())
    }

    fn lock<'a>(&self, mutex: &'a Mutex<()>) -> Held<'a> {
        // Only a lock that has to wait is a wait.
        let guard = match self.try_lock(mutex) {
            Some(held) => held.guard,
            None => {
                let guard = Seat::waiting(|| mutex.lock().unwrap_or_else(PoisonError::into_inner));
                self.over.check();
                guard
            }
        };
        Held { mutex, guard }
    }

    fn try_lock<'a>(&self, mutex: &'a Mutex<()>) -> Option<Held<'a>> {
        match mutex.try_lock() {
            Ok(guard) => Some(Held { mutex, guard }),
            Err(TryLockError::Poisoned(guard)) => Some(Held { mutex, guard: guard.into_inner() }),
            Err(TryLockError::WouldBlock) => None,
        }
    }

    fn condvar(&self) -> Arc<Condvar> {
        let condvar = Arc::new(Condvar::default());
        self.over.leads_out(Arc::<Condvar>::clone(&condvar));
        condvar
    }

    fn wait<'a>(&self, condvar: &Arc<Condvar>, guard: Self::Guard<'a>) -> Self::Guard<'a> {
        let mutex = guard.mutex;
        Seat::waiting(|| condvar.wait(move || drop(guard), || self.over.declared()));
        // Also one that was notified at the very end: what it would do next is no longer part of the run.
        self.over.check();
        // What was waited for takes effect only now.
        Seat::takes_effect(&self.over);
        self.lock(mutex)
    }

    fn wait_at_most<'a>(
        &self,
        condvar: &Arc<Condvar>,
        guard: Self::Guard<'a>,
        micros: u64,
    ) -> (Self::Guard<'a>, Waited) {
        let mutex = guard.mutex;
        // No wait of the scenario: it ends by itself.
        let time = Seat::patience(hurried(micros));
        let waited = condvar.wait_at_most(time, move || drop(guard), || self.over.declared());
        self.over.check();
        Seat::takes_effect(&self.over);
        (self.lock(mutex), waited)
    }

    fn notify_one(&self, condvar: &Arc<Condvar>) {
        condvar.notify_one();
    }

    fn notify_all(&self, condvar: &Arc<Condvar>) {
        condvar.notify_all();
    }

    fn atomic(&self, memory: Memory, initial: i64) -> Atomic {
        Atomic { memory, value: AtomicI64::new(initial) }
    }

    fn load(&self, atomic: &Atomic, ordering: Ordering) -> Seen {
        seen(atomic.value.load(loading(effective(atomic.memory, ordering))))
    }

    fn store(&self, atomic: &Atomic, value: i64, ordering: Ordering) -> Stamp {
        atomic.value.store(value, storing(effective(atomic.memory, ordering)));
        ANY
    }

    fn rmw(&self, atomic: &Atomic, op: RmwOp, operand: i64, ordering: Ordering) -> (Seen, Stamp) {
        let ordering = full(effective(atomic.memory, ordering));
        let value = &atomic.value;
        let old = match op {
            RmwOp::Swap => value.swap(operand, ordering),
            RmwOp::Add => value.fetch_add(operand, ordering),
            RmwOp::Subtract => value.fetch_sub(operand, ordering),
            RmwOp::And => value.fetch_and(operand, ordering),
            RmwOp::Or => value.fetch_or(operand, ordering),
            RmwOp::Xor => value.fetch_xor(operand, ordering),
            RmwOp::Max => value.fetch_max(operand, ordering),
            RmwOp::Min => value.fetch_min(operand, ordering),
        };
        (seen(old), ANY)
    }

    fn compare_exchange(&self, atomic: &Atomic, exchange: Exchange) -> (Seen, Option<Stamp>) {
        let Exchange { expected, new, success, failure, weak } = exchange;
        let success = full(effective(atomic.memory, success));
        let failure = loading(effective(atomic.memory, failure));
        let result = if weak {
            atomic.value.compare_exchange_weak(expected, new, success, failure)
        } else {
            atomic.value.compare_exchange(expected, new, success, failure)
        };
        match result {
            Ok(old) => (seen(old), Some(ANY)),
            Err(old) => (seen(old), None),
        }
    }

    fn fence(&self, ordering: Ordering) {
        match ordering {
            Ordering::Plain | Ordering::Relaxed => {}
            Ordering::Acquire | Ordering::Release | Ordering::AcqRel | Ordering::SeqCst => {
                atomic::fence(full(ordering));
            }
        }
    }

    fn last_value(&self, atomic: &Atomic) -> i64 {
        atomic.value.load(atomic::Ordering::SeqCst)
    }

    fn channel(&self, fit: &Fit) -> Option<Mpsc> {
        // The library wakes a thread that waits once its message has been handed over. A daemon that has not come back
        // from there when the program ends would look as if it waited still.
        (!fit.used_by_daemon).then(|| Mpsc::new(fit, &self.over))
    }

    fn barrier(&self, threads: u32) -> Option<Meeting> {
        Some(Meeting::new(threads, &self.over))
    }

    fn rwlock(&self, sections: Sections) -> Option<Shared> {
        match sections {
            Sections::Apart | Sections::Untried => None,
            Sections::Brief => Some(Shared::new(&self.over)),
        }
    }

    fn cell(&self, initial: i64) -> AtomicI64 {
        AtomicI64::new(initial)
    }

    fn read(&self, cell: &AtomicI64) -> i64 {
        cell.load(atomic::Ordering::Relaxed)
    }

    fn write(&self, cell: &AtomicI64, value: i64) {
        cell.store(value, atomic::Ordering::Relaxed);
    }

    fn peek(&self, cell: &AtomicI64) -> i64 {
        self.read(cell)
    }

    fn overwrite(&self, cell: &AtomicI64, value: i64) {
        self.write(cell, value);
    }

    fn spawn(&self, thread: ThreadId) {
        self.later.start(thread.index());
    }

    fn visible(&self, _thread: ThreadId) {
        Seat::step(&self.over);
        self.over.check();
    }

    fn blocking(&self, _thread: ThreadId) {}

    fn resumed(&self, _thread: ThreadId) {}

    fn pause(&self, kind: PauseKind, _place: PausePlace) {
        match kind {
            PauseKind::Yield | PauseKind::Progress => std::thread::yield_now(),
            PauseKind::Sleep(time) | PauseKind::Io(time) => std::thread::sleep(Seat::pause(hurried(time))),
            PauseKind::Work(time) => {
                let (begun, time) = (std::time::Instant::now(), Seat::pause(hurried(time)));
                while begun.elapsed() < time {
                    std::hint::spin_loop();
                }
            }
        }
        // It has no effect, so its effect is as late as its end.
        Seat::takes_effect(&self.over);
    }

    fn choose(&self, count: u64) -> u64 {
        Seat::choose(count)
    }
}

/// Nobody looks at stamps where threads really run at the same time.
const ANY: Stamp = Stamp(0);

fn seen(value: i64) -> Seen {
    Seen { value, stamp: ANY }
}

fn full(ordering: Ordering) -> atomic::Ordering {
    match ordering {
        Ordering::Plain | Ordering::Relaxed => atomic::Ordering::Relaxed,
        Ordering::Acquire => atomic::Ordering::Acquire,
        Ordering::Release => atomic::Ordering::Release,
        Ordering::AcqRel => atomic::Ordering::AcqRel,
        Ordering::SeqCst => atomic::Ordering::SeqCst,
    }
}

/// The part of an ordering that a load can have.
fn loading(ordering: Ordering) -> atomic::Ordering {
    match ordering {
        Ordering::Plain | Ordering::Relaxed | Ordering::Release => atomic::Ordering::Relaxed,
        Ordering::Acquire | Ordering::AcqRel => atomic::Ordering::Acquire,
        Ordering::SeqCst => atomic::Ordering::SeqCst,
    }
}

/// The part of an ordering that a store can have.
fn storing(ordering: Ordering) -> atomic::Ordering {
    match ordering {
        Ordering::Plain | Ordering::Relaxed | Ordering::Acquire => atomic::Ordering::Relaxed,
        Ordering::Release | Ordering::AcqRel => atomic::Ordering::Release,
        Ordering::SeqCst => atomic::Ordering::SeqCst,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::own_types;

    #[test]
    fn what_a_program_cannot_tell_from_the_languages_is_the_librarys_own() {
        let over = Arc::new(Over::new(Vec::new()));
        let own = own_types::on(Standard::new(&over, &Arc::default()));
        assert_eq!(own, ["meeting", "brief", "unbounded", "bounded", "meet"]);
    }
}
