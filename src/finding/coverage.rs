//! How completely an engine looked, and what kept it from looking further.

use crate::program::{Line, ObjectId, Pc, SpawnId, ThreadId};
use serde::{Deserialize, Serialize};
use std::fmt;

/// How completely an engine looked.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Coverage {
    /// Every execution within the engine's semantics.
    Complete,
    /// It stops at its first finding, and did.
    StoppedAtFinding,
    /// A number of executions out of an unknown number (random schedulers, free-running threads).
    Sampled {
        /// How they were chosen, with seeds, in words for people.
        how: String,
    },
    /// A limit cut the search.
    Cut(LimitHit),
    /// The engine cannot express the program; nothing was run.
    Unsupported(Unsupported),
    /// The engine itself failed (a crash of its process, an internal error): never a statement about the program.
    Failed {
        /// What is known about it.
        message: String,
    },
}

/// What an engine cannot express.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Unsupported {
    /// The construct in words of the language (`try_lock`, `6 threads`).
    pub construct: String,
    /// Line of the first place, counted from 1; 0 if it is not about a place.
    pub line: Line,
    /// Why (`loom has room for 4`).
    pub reason: String,
}

impl fmt::Display for Unsupported {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.line {
            Line::Own(0) => write!(f, "{}: {}", self.construct, self.reason),
            line @ (Line::Own(_) | Line::Imported { .. }) => {
                write!(f, "{} (line {line}): {}", self.construct, self.reason)
            }
        }
    }
}

/// Which limit cut a search.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LimitHit {
    /// More states than allowed.
    States {
        /// The limit.
        limit: u64,
    },
    /// More executions than allowed.
    Executions {
        /// The limit.
        limit: u64,
    },
    /// One execution with more steps than allowed.
    Steps {
        /// The limit.
        limit: u64,
    },
    /// One execution with more wake-ups for no reason than allowed.
    SpuriousWakeUps {
        /// The limit.
        limit: u32,
    },
    /// A thread ran too many local instructions without a visible operation.
    LocalSteps {
        /// The limit.
        limit: u64,
        /// Who.
        thread: ThreadId,
        /// Where it was.
        pc: Pc,
    },
    /// An unbounded channel grew too long.
    ChannelLength {
        /// The limit.
        limit: u32,
        /// Which.
        channel: ObjectId,
    },
    /// A `choose` from more values than are explored.
    Choices {
        /// The limit.
        limit: u32,
        /// Who.
        thread: ThreadId,
        /// Where.
        pc: Pc,
    },
    /// A counter (the permits of a semaphore) left the range that is explored.
    Counter {
        /// Which.
        object: ObjectId,
    },
    /// A thread was to be started at run time, and there was no slot left for it.
    Threads {
        /// Number of slots.
        limit: u32,
        /// For which function.
        function: SpawnId,
    },
    /// The scenario needs a memory model that this engine does not explore; it was explored under `sc` only.
    MemoryModel,
    /// Somebody pressed Ctrl-C.
    Interrupted,
    /// Somebody pressed Ctrl-C when every state had been explored and rounds without progress were looked for.
    RoundsInterrupted,
}
