//! What a runtime gives to the interpreter: a mutex, a condition variable, atomics, plain memory, and a place to stop.
//!
//! Everything else (semaphores, channels, joins, indivisible blocks, checks of misuse, races) the interpreter builds
//! from these, the same for every engine. A value of a backend lives as long as one execution; it may carry what its
//! runtime needs.

use super::own_barrier::OwnBarrier;
use super::own_channel::{Fit, OwnChannel};
use super::own_rwlock::{OwnRwLock, Sections};
use crate::program::{Memory, Ordering, PauseKind, RmwOp, ThreadId};

/// One runtime: loom's, shuttle's, the operating system's.
///
/// The interpreter calls `visible` before each visible step and then the methods that the step needs. A method blocks
/// exactly as long as its runtime does; only `lock` and `wait` block.
pub(crate) trait Backend: Sized + 'static {
    /// The runtime's mutex. What it guards is kept elsewhere.
    type Mutex;
    /// Proof that the mutex is held; dropped to unlock, forgotten to stay locked.
    type Guard<'a>;
    /// The runtime's condition variable.
    type Condvar;
    /// The runtime's atomic integer.
    type Atomic;
    /// The runtime's channel; [`NoChannel`](super::NoChannel) where it has none.
    type Channel: OwnChannel;
    /// The runtime's barrier; [`NoBarrier`](super::NoBarrier) where it has none.
    type Barrier: OwnBarrier;
    /// The runtime's reader-writer lock; [`NoRwLock`](super::NoRwLock) where it has none.
    type RwLock: OwnRwLock;
    /// Plain memory; a runtime that finds races itself is told of each access.
    type Cell;

    /// What the interpreter may rely on.
    const NATURE: Nature;

    /// A free mutex.
    fn mutex(&self) -> Self::Mutex;
    /// Locks; blocks while it is held.
    fn lock<'a>(&self, mutex: &'a Self::Mutex) -> Self::Guard<'a>;
    /// Locks if it is free.
    fn try_lock<'a>(&self, mutex: &'a Self::Mutex) -> Option<Self::Guard<'a>>;

    /// A condition variable without waiters.
    fn condvar(&self) -> Self::Condvar;
    /// A condition variable for the inside of a monitor: all of its operations happen while the monitor's mutex is held,
    /// and nobody but the monitor sees it.
    fn queue(&self) -> Self::Condvar {
        self.condvar()
    }
    /// Unlocks, waits for a notification, and locks again.
    fn wait<'a>(&self, condvar: &Self::Condvar, guard: Self::Guard<'a>) -> Self::Guard<'a>;
    /// As `wait`, and may come back at any time; where time really passes, when so much of it has, at the latest.
    fn wait_at_most<'a>(
        &self,
        _condvar: &Self::Condvar,
        guard: Self::Guard<'a>,
        _micros: u64,
    ) -> (Self::Guard<'a>, Waited) {
        (guard, Waited::LongEnough)
    }
    /// Wakes one waiter.
    fn notify_one(&self, condvar: &Self::Condvar);
    /// Wakes all waiters.
    fn notify_all(&self, condvar: &Self::Condvar);

    /// An atomic. Under `Memory::Sc` every access is to be sequentially consistent whatever its `Ordering`; `Plain` is
    /// an access that the language does not call atomic, to be done without ordering.
    fn atomic(&self, memory: Memory, initial: i64) -> Self::Atomic;
    /// Loads.
    fn load(&self, atomic: &Self::Atomic, ordering: Ordering) -> Seen;
    /// Stores.
    fn store(&self, atomic: &Self::Atomic, value: i64, ordering: Ordering) -> Stamp;
    /// Reads and writes in one step.
    fn rmw(&self, atomic: &Self::Atomic, op: RmwOp, operand: i64, ordering: Ordering) -> (Seen, Stamp);
    /// Replaces `expected` by `new`; the stamp is there where it did.
    fn compare_exchange(&self, atomic: &Self::Atomic, exchange: Exchange) -> (Seen, Option<Stamp>);
    /// A fence.
    fn fence(&self, ordering: Ordering);
    /// The value at the end of an execution, when no other thread runs any more; between steps where the backend is
    /// serial.
    fn last_value(&self, atomic: &Self::Atomic) -> i64;

    /// A channel for this purpose, where the runtime has one of its own.
    fn channel(&self, fit: &Fit) -> Option<Self::Channel>;
    /// A barrier for so many threads, where the runtime has one of its own.
    fn barrier(&self, _threads: u32) -> Option<Self::Barrier> {
        None
    }
    /// A reader-writer lock with such sections, where the runtime has one of its own that does for them.
    fn rwlock(&self, _sections: Sections) -> Option<Self::RwLock> {
        None
    }

    /// Plain memory.
    fn cell(&self, initial: i64) -> Self::Cell;
    /// Reads plain memory.
    fn read(&self, cell: &Self::Cell) -> i64;
    /// Writes plain memory.
    fn write(&self, cell: &Self::Cell, value: i64);
    /// Reads plain memory without an access of the scenario: at the end of an execution, or where an access is known to
    /// race.
    fn peek(&self, cell: &Self::Cell) -> i64;
    /// Writes plain memory where the access is known to race.
    fn overwrite(&self, cell: &Self::Cell, value: i64);

    /// Starts a thread of the runtime that runs `thread`, which the interpreter has made ready.
    fn spawn(&self, thread: ThreadId);
    /// `thread` has run its local instructions and stands before its next visible step: a scheduling point of runtimes
    /// that the interpreter schedules, the place where a free-running engine notes where its threads are.
    fn visible(&self, thread: ThreadId);
    /// `thread` is about to wait for another thread inside the step it has begun (a monitor's condition is false).
    fn blocking(&self, thread: ThreadId);
    /// It goes on.
    fn resumed(&self, thread: ThreadId);
    /// `yield;` and the passing of time: the whole effect of such a step.
    fn pause(&self, kind: PauseKind, place: PausePlace);
    /// A number in `0..count` that the world chooses.
    fn choose(&self, count: u64) -> u64;
}

/// How a wait that lasts for so long at most came to its end.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Waited {
    /// Somebody has woken the thread, or nobody.
    Woken,
    /// The time has passed.
    LongEnough,
}

/// Where a pause stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum PausePlace {
    /// The thread comes here once at most.
    Straight,
    /// The thread may come here again and again.
    InLoop,
}

/// What the interpreter may rely on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Nature {
    /// At most one thread runs between two scheduling points, they are only inside the methods of the backend, and
    /// every `Seen` and `Stamp` is exact: then there is a log, and races can be found in it.
    pub(crate) serial: bool,
    /// Besides, no other thread runs from `visible` to the end of the step: then objects can be read between two steps,
    /// and `always` is checked in every state.
    pub(crate) indivisible: bool,
    /// `try_lock` of the runtime's own mutex shows both results wherever both are possible.
    pub(crate) try_lock: bool,
    /// `notify_one` of the runtime's own condition variable wakes the longest waiter.
    pub(crate) notify_longest: bool,
    /// A wait is the runtime's own; otherwise a thread that waits is held back, and takes the mutex again.
    pub(crate) own_waits: bool,
    /// Plain memory is memory of the runtime, or real memory.
    pub(crate) own_cells: bool,
}

/// Which store of an atomic: 0 is its initial value. A backend that is not serial gives any.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Stamp(pub(crate) usize);

/// What a load saw.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Seen {
    /// The value.
    pub(crate) value: i64,
    /// The store it came from.
    pub(crate) stamp: Stamp,
}

/// A compare-exchange.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Exchange {
    /// The value to replace.
    pub(crate) expected: i64,
    /// The value to write.
    pub(crate) new: i64,
    /// Ordering where it succeeds.
    pub(crate) success: Ordering,
    /// Ordering where it fails.
    pub(crate) failure: Ordering,
    /// Whether it may fail for no reason.
    pub(crate) weak: bool,
}
