//! What was found, kind by kind.

use super::{Access, Blocked, Misuse, Outcome};
use crate::program::{ObjectId, Pc, ThreadId};
use serde::{Deserialize, Serialize};

/// What was found, with what explains it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Detail {
    /// Threads that wait for ever.
    Deadlock {
        /// Whether nothing can step, or only some threads never again.
        scope: DeadlockScope,
        /// The non-daemon threads that wait, in order of index.
        blocked: Vec<Blocked>,
    },
    /// Two unordered accesses.
    Race {
        /// The variable; `None` where an engine cannot tell.
        object: Option<ObjectId>,
        /// The two accesses, the earlier one of the trace first; empty where an engine cannot tell.
        accesses: Vec<Access>,
    },
    /// A failed `assert`.
    Assertion {
        /// Whose.
        thread: ThreadId,
        /// Where.
        pc: Pc,
    },
    /// A failed `always`.
    Invariant {
        /// Position in `Program::properties`.
        property: usize,
    },
    /// A failed `finally`.
    Final {
        /// Position in `Program::properties`.
        property: usize,
    },
    /// Something that should be possible never happens.
    Impossible {
        /// Position in `Program::properties`; `None`: `assume` discards every execution.
        property: Option<usize>,
    },
    /// A tuple that no `expect outcomes` lists.
    UnexpectedOutcome {
        /// The tuple.
        outcome: Outcome,
    },
    /// A tuple that an `expect outcomes` lists and that never occurs.
    MissingOutcome {
        /// The pattern as reports print it.
        pattern: String,
    },
    /// A thread ended by panic.
    Panic {
        /// Whose.
        thread: ThreadId,
        /// Where.
        pc: Pc,
        /// Why, in words for people.
        reason: String,
    },
    /// A thread that was started at run time ended by panic, and the program has ended without anybody looking at how it
    /// ended.
    UnobservedFailure {
        /// Whose.
        thread: ThreadId,
        /// Where it panicked.
        pc: Pc,
    },
    /// An operation that its primitive forbids.
    Misuse {
        /// Whose.
        thread: ThreadId,
        /// Where.
        pc: Pc,
        /// On what.
        object: Option<ObjectId>,
        /// Which rule was broken.
        misuse: Misuse,
    },
    /// An `eventually` that need not come true: the trace ends the execution without it, or goes round for ever.
    Eventually {
        /// Position in `Program::properties`.
        property: usize,
        /// The non-daemon threads that take no step in the round; empty where there is none.
        waiting: Vec<Idle>,
    },
    /// Threads go round for ever, and none makes progress.
    Livelock {
        /// The non-daemon threads that go round, in order of index.
        threads: Vec<ThreadId>,
        /// The other non-daemon threads that have not ended.
        waiting: Vec<Idle>,
    },
    /// A thread can be passed over for ever.
    Starvation {
        /// The threads of the same code of which each can be; the trace passes over the first.
        threads: Vec<ThreadId>,
        /// The non-daemon threads that take no step in the round.
        waiting: Vec<Idle>,
    },
}

/// A thread that takes no step in a round.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Idle {
    /// Number of steps of the trace after which it cannot step.
    pub after: usize,
    /// Why it cannot.
    pub blocked: Blocked,
}

/// How much of the program a deadlock stops.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeadlockScope {
    /// Some non-daemon thread is unfinished and no thread can step.
    Whole,
    /// The blocked threads can never step again, although others can.
    Partial,
}
