//! Visible operations: each is one step and a scheduling point (a wait and a rendezvous are two).
//!
//! One enum per primitive, so that adding a primitive breaks every table that ignores it. What an operation *does* is
//! not said here; the reference says it for users, `semantics` for the native checker, `engine` for the others.

mod condvar;
mod mutex;
mod rwlock;

pub use condvar::CondvarOp;
pub use mutex::MutexOp;
pub use rwlock::RwLockOp;

mod barrier;
mod event;
mod once;

pub use barrier::BarrierOp;
pub use event::EventOp;
pub use once::OnceOp;

mod broadcast;
mod oneshot;
mod queue;
mod spawn;
mod timer;
mod watch;

mod results;

pub use broadcast::BroadcastOp;
pub use oneshot::OneshotOp;
pub use queue::{Patience, QueueOp};
pub use spawn::SpawnOp;
pub use timer::TimerOp;
pub use watch::WatchOp;

use super::{LocalExpr, LocalId, LocalRead, ObjectRef, Pc, SpawnId, ThreadId};
use serde::{Deserialize, Serialize};

/// An object as a thread names it.
pub type LocalObject = ObjectRef<LocalRead>;

/// A visible operation: one object (or none) and what is done to it.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub enum Op {
    /// Plain memory.
    Var {
        /// Which variable.
        var: LocalObject,
        /// What is done.
        op: VarOp,
    },
    /// An atomic.
    Atomic {
        /// Which atomic.
        atomic: LocalObject,
        /// What is done.
        op: AtomicOp,
    },
    /// `fence(o);`
    Fence(Ordering),
    /// A mutex.
    Mutex {
        /// Which mutex.
        mutex: LocalObject,
        /// What is done.
        op: MutexOp,
    },
    /// A condition variable.
    Condvar {
        /// Which condition variable.
        condvar: LocalObject,
        /// What is done.
        op: CondvarOp,
    },
    /// A reader-writer lock.
    RwLock {
        /// Which lock.
        rwlock: LocalObject,
        /// What is done.
        op: RwLockOp,
    },
    /// A semaphore.
    Semaphore {
        /// Which semaphore.
        semaphore: LocalObject,
        /// What is done.
        op: SemaphoreOp,
    },
    /// A barrier.
    Barrier {
        /// Which barrier.
        barrier: LocalObject,
        /// What is done.
        op: BarrierOp,
    },
    /// An event.
    Event {
        /// Which event.
        event: LocalObject,
        /// What is done.
        op: EventOp,
    },
    /// A once.
    Once {
        /// Which once.
        once: LocalObject,
        /// What is done.
        op: OnceOp,
    },
    /// A timer.
    Timer {
        /// Which timer.
        timer: LocalObject,
        /// What is done.
        op: TimerOp,
    },
    /// A channel.
    Channel {
        /// Which channel.
        channel: LocalObject,
        /// What is done.
        op: ChannelOp,
    },
    /// A one-shot channel.
    Oneshot {
        /// Which one.
        oneshot: LocalObject,
        /// What is done.
        op: OneshotOp,
    },
    /// A watched value.
    Watch {
        /// Which one.
        watch: LocalObject,
        /// What is done.
        op: WatchOp,
    },
    /// A broadcast.
    Broadcast {
        /// Which one.
        broadcast: LocalObject,
        /// What is done.
        op: BroadcastOp,
    },
    /// A queue.
    Queue {
        /// Which queue.
        queue: LocalObject,
        /// What is done.
        op: QueueOp,
    },
    /// Another declared thread.
    Thread {
        /// Which thread.
        thread: ThreadRef,
        /// What is done.
        op: ThreadOp,
    },
    /// A thread that is started at run time.
    Spawn {
        /// What it runs.
        function: SpawnId,
        /// What is done.
        op: SpawnOp,
    },
    /// `yield;` and the passing of time.
    Pause(PauseKind),
    /// A choice of the world.
    Choice(ChoiceOp),
    /// The end of this thread, where somebody can observe it (otherwise the code ends with `InstrKind::Halt`).
    End,
}

/// On a `var`. Reads and writes of one `x += 1` are two operations.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub enum VarOp {
    /// Reads the value.
    Read {
        /// Where to.
        to: LocalId,
    },
    /// Writes a value.
    Write {
        /// What.
        value: LocalExpr,
    },
}

/// On an `atomic`. `plain` loads and stores are not atomic: they race like a `var`.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub enum AtomicOp {
    /// `load(o)`
    Load {
        /// Ordering of the access.
        ordering: Ordering,
        /// Where to.
        to: LocalId,
    },
    /// `store(v, o)`
    Store {
        /// Ordering of the access.
        ordering: Ordering,
        /// What.
        value: LocalExpr,
    },
    /// `swap`, `fetch_add`, …: reads the old value and writes a new one.
    Rmw {
        /// How the new value is made.
        op: RmwOp,
        /// Ordering of the access.
        ordering: Ordering,
        /// The operand.
        value: LocalExpr,
        /// Where the old value goes; `None` where nobody asks for it.
        to: Option<LocalId>,
    },
    /// `compare_exchange(old, new, ok, fail)`, `compare_exchange_weak`.
    CompareExchange {
        /// The value to replace.
        expected: LocalExpr,
        /// The value to write.
        new: LocalExpr,
        /// Ordering where it succeeds.
        success: Ordering,
        /// Ordering where it fails.
        failure: Ordering,
        /// Whether it may fail although the value is the expected one.
        weak: bool,
        /// Where the tag goes: `some` or `failed`.
        tag: LocalId,
        /// Where the value seen goes.
        to: LocalId,
    },
}

/// How a read-modify-write makes the new value. Integers wrap around, as Rust's atomics do.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub enum RmwOp {
    /// `swap`
    Swap,
    /// `fetch_add`
    Add,
    /// `fetch_sub`
    Subtract,
    /// `fetch_and`
    And,
    /// `fetch_or`
    Or,
    /// `fetch_xor`
    Xor,
    /// `fetch_max`
    Max,
    /// `fetch_min`
    Min,
}

impl RmwOp {
    /// The value written, from the old value and the operand.
    ///
    /// # Source
    /// `std::sync::atomic`: `fetch_add` and `fetch_sub` wrap around on overflow.
    #[must_use]
    pub fn apply(self, old: i64, operand: i64) -> i64 {
        match self {
            RmwOp::Swap => operand,
            RmwOp::Add => old.wrapping_add(operand),
            RmwOp::Subtract => old.wrapping_sub(operand),
            RmwOp::And => old & operand,
            RmwOp::Or => old | operand,
            RmwOp::Xor => old ^ operand,
            RmwOp::Max => old.max(operand),
            RmwOp::Min => old.min(operand),
        }
    }
}

/// Ordering of an atomic access or a fence, as in C11; `Plain` is a non-atomic access.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub enum Ordering {
    /// `plain`: not atomic at all.
    Plain,
    /// `relaxed`
    Relaxed,
    /// `acquire`
    Acquire,
    /// `release`
    Release,
    /// `acq_rel`
    AcqRel,
    /// `seq_cst`
    SeqCst,
}

/// How a resource was taken, for reports and for what a panic releases.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub enum Scoped {
    /// By a call; nobody releases it but another call.
    Call,
    /// By `with`; released on every way out, also by panic (the compiler has inserted the releases).
    With,
}

/// On a `semaphore`.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub enum SemaphoreOp {
    /// `acquire()`, `acquire(k)`, or entering `with s { }`. Blocks while there are fewer permits.
    Acquire {
        /// Whether every way out releases it.
        scoped: Scoped,
        /// How many, at least 1; all of them at once.
        permits: i64,
    },
    /// `try_acquire()`
    TryAcquire {
        /// Where the Boolean goes.
        to: LocalId,
    },
    /// `acquire_timeout(d)`: never blocks for ever.
    AcquireTimeout {
        /// Where the Boolean goes: whether it took a permit.
        to: LocalId,
    },
    /// `release()`, `release(k)`, or leaving `with s { }`.
    Release {
        /// Whether it is the end of a `with`.
        scoped: Scoped,
        /// How many, at least 1.
        permits: i64,
    },
}

/// On a `channel`.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub enum ChannelOp {
    /// `send(v)`: blocks while a bounded channel is full; misuse after close.
    Send {
        /// The message.
        value: LocalExpr,
    },
    /// `recv()`: blocks while the channel is open and empty.
    Recv {
        /// Where the tag goes: `some` or `closed`.
        tag: LocalId,
        /// Where the message goes (unchanged on `closed`).
        to: LocalId,
    },
    /// `try_send(v)`: true if there was room (rendezvous: if a receiver was waiting); misuse after close.
    TrySend {
        /// The message.
        value: LocalExpr,
        /// Where the Boolean goes.
        to: LocalId,
    },
    /// `try_recv()`
    TryRecv {
        /// Where the tag goes: `some`, `none` or `closed`.
        tag: LocalId,
        /// Where the message goes (unchanged otherwise).
        to: LocalId,
    },
    /// `recv_timeout(d)`: as `recv`, but gives `timeout` where it could not go on.
    RecvTimeout {
        /// How long it waits, in microseconds.
        micros: u64,
        /// Where the tag goes: `some`, `closed` or `timeout`.
        tag: LocalId,
        /// Where the message goes (unchanged otherwise).
        to: LocalId,
    },
    /// `close()`: no more sends; what is in it can still be received. A second close does nothing.
    Close,
    /// `len()`
    Len {
        /// Where the number goes.
        to: LocalId,
    },
}

/// A declared thread as another one names it: one, or an element of a group.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct ThreadRef {
    /// The thread, or the first of the group.
    pub base: ThreadId,
    /// Number of threads in the group; 1 for a single thread.
    pub len: u32,
    /// What the group's index variable is for `base`; an index counts from there.
    pub first: i64,
    /// Which; `None` for a single thread.
    pub index: Option<LocalExpr>,
}

/// On a declared thread.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub enum ThreadOp {
    /// `join()`: blocks until it has ended.
    Join {
        /// Where the tag goes: `some`, or `failed` if it ended by panic or misuse.
        tag: LocalId,
    },
    /// `is_alive()`
    IsAlive {
        /// Where the Boolean goes.
        to: LocalId,
    },
}

/// A step that touches nothing; durations change nothing in exploration.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub enum PauseKind {
    /// `yield;`
    Yield,
    /// `progress`: what counts as progress of the thread. Where a scenario asks for progress and has none of them, the
    /// outermost loops have one each.
    Progress,
    /// `sleep(d);`, in microseconds.
    Sleep(u64),
    /// `work(d);`, in microseconds.
    Work(u64),
    /// `io(d);`, in microseconds.
    Io(u64),
}

/// A choice that the world makes; every possibility is explored.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub enum ChoiceOp {
    /// `choose(a..b)`: any integer from `from` up to, but not including, `to`. An empty range is a fault of the thread.
    Value {
        /// Least value.
        from: LocalExpr,
        /// One past the greatest value.
        to: LocalExpr,
        /// Where the value goes.
        into: LocalId,
    },
    /// `either { } or { }`: goes on at any of these.
    Branch {
        /// Start of each branch, in order of the text.
        branches: Vec<Pc>,
    },
}

/// The case of a result (`T?` in the language's tables). Stored in a local as its number.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[repr(u8)]
pub enum ResultTag {
    /// `some(v)`
    Some = 0,
    /// `none`
    None = 1,
    /// `closed`
    Closed = 2,
    /// `timeout`
    Timeout = 3,
    /// `poisoned`
    Poisoned = 4,
    /// `failed(v)`
    Failed = 5,
}

impl Op {
    /// The watched value or the broadcast that it asks what its thread has still to hear.
    #[must_use]
    pub fn listens_to(&self) -> Option<&LocalObject> {
        if let Op::Watch { watch, op } = self
            && op.listens()
        {
            Some(watch)
        } else if let Op::Broadcast { broadcast, op } = self
            && op.listens()
        {
            Some(broadcast)
        } else {
            None
        }
    }
}

impl ResultTag {
    /// All cases, in order of their numbers.
    pub const ALL: [ResultTag; 6] = [
        ResultTag::Some,
        ResultTag::None,
        ResultTag::Closed,
        ResultTag::Timeout,
        ResultTag::Poisoned,
        ResultTag::Failed,
    ];

    /// The number stored in a local.
    #[must_use]
    pub fn slot(self) -> i64 {
        match self {
            ResultTag::Some => 0,
            ResultTag::None => 1,
            ResultTag::Closed => 2,
            ResultTag::Timeout => 3,
            ResultTag::Poisoned => 4,
            ResultTag::Failed => 5,
        }
    }

    /// The case with this number.
    #[must_use]
    pub fn from_slot(slot: i64) -> Option<Self> {
        Self::ALL.into_iter().find(|tag| tag.slot() == slot)
    }

    /// The word of the language, without the value.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            ResultTag::Some => "some",
            ResultTag::None => "none",
            ResultTag::Closed => "closed",
            ResultTag::Timeout => "timeout",
            ResultTag::Poisoned => "poisoned",
            ResultTag::Failed => "failed",
        }
    }
}

impl RmwOp {
    /// The operation's name in the language.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            RmwOp::Swap => "swap",
            RmwOp::Add => "fetch_add",
            RmwOp::Subtract => "fetch_sub",
            RmwOp::And => "fetch_and",
            RmwOp::Or => "fetch_or",
            RmwOp::Xor => "fetch_xor",
            RmwOp::Max => "fetch_max",
            RmwOp::Min => "fetch_min",
        }
    }
}

impl Ordering {
    /// The ordering's name in the language.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Ordering::Plain => "plain",
            Ordering::Relaxed => "relaxed",
            Ordering::Acquire => "acquire",
            Ordering::Release => "release",
            Ordering::AcqRel => "acq_rel",
            Ordering::SeqCst => "seq_cst",
        }
    }
}

impl ThreadRef {
    /// The thread meant, given the naming thread's locals.
    ///
    /// # Errors
    /// A fault of the index expression, or [`Fault::IndexOutOfRange`](super::Fault::IndexOutOfRange).
    pub fn resolve(&self, locals: &[i64]) -> Result<ThreadId, super::Fault> {
        match &self.index {
            None => Ok(self.base),
            Some(index) => {
                let index = index.eval_locals(locals)?;
                let position = index.checked_sub(self.first).ok_or(super::Fault::Overflow)?;
                super::expression::element(position, self.len)
                    .map(|position| ThreadId::new(self.base.index() + position))
                    .map_err(|_| super::Fault::IndexOutOfRange { index, len: self.len })
            }
        }
    }
}
