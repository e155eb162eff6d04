//! Shared objects: what exists before the first step.

use super::{Span, ThreadId, Type, Value};
use serde::{Deserialize, Serialize};

/// One instance of a primitive; the elements of an array are objects of their own.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Object {
    /// `fork[1]`, or `ready` for a single object.
    pub name: String,
    /// `fork`: what the declaration calls all of them.
    pub group: String,
    /// What it is, with its initial value.
    pub kind: ObjectKind,
    /// The declaration.
    pub span: Span,
}

/// The primitives, with what a declaration fixes.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum ObjectKind {
    /// `var x = 0;`: plain memory, checked for data races.
    Var {
        /// Value before the first step.
        initial: Value,
    },
    /// `atomic a = 0;`
    Atomic {
        /// Value before the first step.
        initial: Value,
    },
    /// `mutex m;`
    Mutex(MutexKind),
    /// `rwlock l;`
    RwLock(Preference),
    /// `condvar c;`
    Condvar {
        /// Whom a notification wakes.
        service: Service,
        /// What ends a wait.
        wake_ups: WakeUps,
    },
    /// `semaphore s(n);`
    Semaphore {
        /// Permits before the first step, at least 0.
        permits: i64,
        /// `bounded semaphore`: more permits than this are misuse.
        bound: Option<i64>,
        /// Who gets permits first.
        service: Service,
    },
    /// `event e;`
    Event,
    /// `once o;`
    Once,
    /// `timer t(10ms) { }`
    Timer {
        /// The thread that runs its block.
        thread: ThreadId,
    },
    /// `barrier b(n);`
    Barrier {
        /// How many threads meet, at least 1.
        threads: u32,
    },
    /// `channel c(k);`
    Channel {
        /// How many messages it holds.
        capacity: Capacity,
        /// Type of its messages.
        element: Type,
        /// `closed by producer`: it closes itself when all of these have ended (at once if the group is empty); `None`
        /// where only `close` closes it.
        closed_by: Option<Vec<ThreadId>>,
    },
    /// `oneshot o;`
    Oneshot {
        /// Type of its value.
        element: Type,
        /// As of a channel.
        closed_by: Option<Vec<ThreadId>>,
    },
    /// `watch w = 0;`
    Watch {
        /// Value before the first step.
        initial: Value,
        /// The threads that ask for changes, in order.
        listeners: Vec<ThreadId>,
        /// As of a channel.
        closed_by: Option<Vec<ThreadId>>,
    },
    /// `broadcast b(k);`
    Broadcast {
        /// How many values it keeps for the slowest receiver, at least 1.
        room: u32,
        /// The threads that receive, in order.
        listeners: Vec<ThreadId>,
        /// Whether it is counted how many values a receiver has missed.
        lag: Lag,
        /// As of a channel.
        closed_by: Option<Vec<ThreadId>>,
    },
    /// `queue q(k);`
    Queue {
        /// Which item comes out next.
        order: QueueOrder,
        /// How many items it holds, at least 1; `None`: as many as the limit on lengths allows.
        room: Option<u32>,
        /// Type of its items.
        element: Type,
        /// Whether unfinished items are counted.
        tasks: Tasks,
    },
}

impl ObjectKind {
    /// The word that declares it, without the words that say which kind of it.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            ObjectKind::Var { .. } => "var",
            ObjectKind::Atomic { .. } => "atomic",
            ObjectKind::Mutex(_) => "mutex",
            ObjectKind::RwLock(_) => "rwlock",
            ObjectKind::Condvar { .. } => "condvar",
            ObjectKind::Semaphore { .. } => "semaphore",
            ObjectKind::Event => "event",
            ObjectKind::Once => "once",
            ObjectKind::Timer { .. } => "timer",
            ObjectKind::Barrier { .. } => "barrier",
            ObjectKind::Channel { .. } => "channel",
            ObjectKind::Oneshot { .. } => "oneshot",
            ObjectKind::Watch { .. } => "watch",
            ObjectKind::Broadcast { .. } => "broadcast",
            ObjectKind::Queue { .. } => "queue",
        }
    }

    /// The value that it holds at first, where it holds one.
    #[must_use]
    pub fn initial(&self) -> Option<Value> {
        match self {
            ObjectKind::Var { initial } | ObjectKind::Atomic { initial } | ObjectKind::Watch { initial, .. } => {
                Some(*initial)
            }
            ObjectKind::Mutex(_)
            | ObjectKind::RwLock(_)
            | ObjectKind::Condvar { .. }
            | ObjectKind::Semaphore { .. }
            | ObjectKind::Event
            | ObjectKind::Once
            | ObjectKind::Timer { .. }
            | ObjectKind::Barrier { .. }
            | ObjectKind::Channel { .. }
            | ObjectKind::Oneshot { .. }
            | ObjectKind::Broadcast { .. }
            | ObjectKind::Queue { .. } => None,
        }
    }

    /// The threads with whose end it closes, where it closes itself.
    #[must_use]
    pub fn closed_by(&self) -> Option<&[ThreadId]> {
        match self {
            ObjectKind::Channel { closed_by, .. }
            | ObjectKind::Oneshot { closed_by, .. }
            | ObjectKind::Watch { closed_by, .. }
            | ObjectKind::Broadcast { closed_by, .. } => closed_by.as_deref(),
            ObjectKind::Var { .. }
            | ObjectKind::Atomic { .. }
            | ObjectKind::Mutex(_)
            | ObjectKind::RwLock(_)
            | ObjectKind::Condvar { .. }
            | ObjectKind::Semaphore { .. }
            | ObjectKind::Event
            | ObjectKind::Once
            | ObjectKind::Timer { .. }
            | ObjectKind::Barrier { .. }
            | ObjectKind::Queue { .. } => None,
        }
    }
}

/// Whether the program asks how many values of a broadcast a receiver has missed.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub enum Lag {
    /// By naming the number: `failed(missed)`.
    Counted,
    /// Never: that it has missed some is enough, and keeps the number of states finite.
    Noted,
}

/// Which item of a queue comes out next.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum QueueOrder {
    /// `queue`: the oldest.
    Fifo,
    /// `lifo queue`: the newest.
    Lifo,
    /// `priority queue`: the least.
    Priority,
}

/// Whether the program asks which items of a queue are finished.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Tasks {
    /// By `task_done` or `join`.
    Counted,
    /// Never: to count them would only make states different that nobody can tell apart.
    Ignored,
}

/// What a mutex does besides keeping others out.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum MutexKind {
    /// `mutex m;`: nothing. A holder that locks it again waits for itself.
    Plain,
    /// `reentrant mutex m;`: its holder may lock it again, and has to unlock it as often.
    Reentrant,
    /// `poisoning mutex m;`: it remembers that a holder failed inside `with`, and tells whoever locks it.
    Poisoning,
    /// `fifo mutex m;`: it is handed over in order of arrival.
    Fifo,
}

/// Which of the threads that wait for an object is served.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Service {
    /// Any of them; a newcomer may overtake.
    Anybody,
    /// `fifo`: the one that has waited longest.
    Fifo,
}

/// What ends a wait on a condition variable.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum WakeUps {
    /// A notification, or the time-out where there is one.
    Notified,
    /// `option spurious_wakeups;`: nothing at all, too, but nobody may count on that.
    Spurious,
}

impl WakeUps {
    /// The word of the option that asks for it, if it is one.
    #[must_use]
    pub fn option(self) -> Option<&'static str> {
        match self {
            WakeUps::Notified => None,
            WakeUps::Spurious => Some("spurious_wakeups"),
        }
    }
}

/// Who goes first at a reader-writer lock.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Preference {
    /// Whoever can, may; a newcomer may overtake.
    Anybody,
    /// `fifo rwlock l;`: whoever has waited longest; neighbouring readers enter together.
    Fifo,
    /// `option writer_preference;`: nobody begins to read while a writer waits.
    Writers,
    /// `option reader_preference;`: nobody begins to write while a reader waits.
    Readers,
}

impl Preference {
    /// The word of the option that asks for it, if it is one.
    #[must_use]
    pub fn option(self) -> Option<&'static str> {
        match self {
            Preference::Anybody | Preference::Fifo => None,
            Preference::Writers => Some("writer_preference"),
            Preference::Readers => Some("reader_preference"),
        }
    }
}

/// How many messages a channel holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Capacity {
    /// `channel c;`: as many as the limit on lengths allows; passing that limit is inconclusive.
    Unbounded,
    /// `channel c(k);` with `k >= 1`.
    Bounded(u32),
    /// `channel c(0);`: a send and a receive meet.
    Rendezvous,
}
