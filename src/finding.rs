//! Shared plain results: what happened (events, traces), what was found, and what was searched.
//!
//! Every engine returns an [`Evidence`] in these terms, whatever it ran on; it can cross a process border as JSON. This
//! module computes nothing and prints nothing.

use crate::program::{CodeId, FindingKind, Line, ObjectId, Pc, ResultTag, SpawnId, ThreadId, Value};
use crate::schedule::{Choice, Diverged, Pick};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// One visible step that happened.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct Event {
    /// Who stepped.
    pub thread: ThreadId,
    /// What the world decided besides.
    pub pick: Pick,
    /// The instruction.
    pub pc: Pc,
    /// Which part of the operation, where it has two steps.
    pub phase: Phase,
    /// The object or thread it touched.
    pub target: Option<Target>,
    /// Evaluated operands in the order of the text: the message of a send, the value of a store, both of a
    /// compare-exchange.
    pub operands: Vec<Value>,
    /// What the operation gave to the thread.
    pub returned: Option<Returned>,
    /// New value of the variable or atomic it wrote.
    pub wrote: Option<Value>,
    /// Threads that this step woke (a notification), in order of index.
    pub woke: Vec<ThreadId>,
    /// The operations inside an indivisible block, in order.
    pub inside: Vec<Event>,
}

impl Event {
    /// The choice that produced it.
    #[must_use]
    pub fn choice(&self) -> Choice {
        Choice { thread: self.thread, pick: self.pick }
    }
}

/// Which part of an operation a step is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Phase {
    /// The whole operation.
    Whole,
    /// The first step of two: release-and-wait, or arriving at a rendezvous.
    Arrive,
    /// Between the two: a waiter goes on by itself, because its time-out has fired.
    Wake,
    /// The second step of two: re-acquire, or completing a rendezvous.
    Complete,
}

/// What an operation touched.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Target {
    /// A shared object.
    Object(ObjectId),
    /// Another thread.
    Thread(ThreadId),
}

/// What an operation gave.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub enum Returned {
    /// A value.
    Value(Value),
    /// A result: its case, with the value of `some` and `failed`.
    Tagged(ResultTag, Option<Value>),
}

/// An execution, or the part of it that leads to a finding.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Trace {
    /// The steps in order.
    pub events: Vec<Event>,
    /// Number of steps that were another thread's while the thread before was still enabled.
    pub preemptions: u64,
    /// Whether the search proved that no shorter trace shows the same.
    pub least: Leastness,
    /// Where the steps can go on for ever: number of steps after which the state was that at the end already.
    pub back_to: Option<usize>,
}

/// What became of a schedule that somebody followed.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Replay {
    /// The steps that were taken.
    pub trace: Trace,
    /// Where they have led.
    pub end: ReplayEnd,
    /// What they show, each with these steps as its trace.
    pub found: Vec<Finding>,
}

/// Where a schedule has led.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum ReplayEnd {
    /// It asked for a step that was not on offer; the steps before it were taken.
    Diverged(Diverged),
    /// Its end is not that of the execution.
    GoesOn {
        /// What is on offer.
        enabled: Vec<Choice>,
    },
    /// Some non-daemon thread has not ended and nothing can step.
    Deadlock,
    /// Every non-daemon thread has ended, none by panic or misuse.
    NormalEnd(Outcome),
    /// Every non-daemon thread has ended, at least one by panic or misuse.
    AbnormalEnd,
    /// A failed `assert` or `always` has ended the execution.
    Stopped,
    /// A false `assume` has discarded the execution.
    Discarded,
    /// A limit was met.
    Cut(LimitHit),
}

/// What is known about a trace among all traces that show the same finding.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Leastness {
    /// Fewest steps that nobody may count on, fewest preemptions among those, and fewest steps among those.
    Proven,
    /// Neither is known to be least: the explanation search met its limit, or the engine does not look.
    NotProven,
}

/// One thing found. Identity: [`Finding::key`].
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Finding {
    /// What was found.
    pub detail: Detail,
    /// The statements it is about, in ascending order, each once; empty where an engine cannot tell.
    pub statements: Vec<Statement>,
    /// An execution that shows it; `None` where its absence is what was found, or where the engine cannot tell.
    pub trace: Option<Trace>,
}

impl Finding {
    /// Its kind.
    #[must_use]
    pub fn kind(&self) -> FindingKind {
        match &self.detail {
            Detail::Deadlock { .. } => FindingKind::Deadlock,
            Detail::Race { .. } => FindingKind::Race,
            Detail::Assertion { .. } => FindingKind::Assertion,
            Detail::Invariant { .. } => FindingKind::Invariant,
            Detail::Final { .. } => FindingKind::Final,
            Detail::Impossible { .. } => FindingKind::Impossible,
            Detail::UnexpectedOutcome { .. } | Detail::MissingOutcome { .. } => FindingKind::Outcome,
            Detail::Panic { .. } => FindingKind::Panic,
            Detail::UnobservedFailure { .. } => FindingKind::UnobservedFailure,
            Detail::Misuse { .. } => FindingKind::Misuse,
            Detail::Eventually { .. } => FindingKind::Eventually,
            Detail::Livelock { .. } => FindingKind::Livelock,
            Detail::Starvation { .. } => FindingKind::Starvation,
        }
    }

    /// What makes it the same as another finding. Ordered as reports list findings.
    #[must_use]
    pub fn key(&self) -> FindingKey {
        let (scope, objects, particular): (_, BTreeSet<ObjectId>, _) = match &self.detail {
            Detail::Deadlock { scope, blocked } => {
                (Some(*scope), blocked.iter().filter_map(|b| b.cause.object()).collect(), Particular::Nothing)
            }
            Detail::Race { object, .. } => (None, object.iter().copied().collect(), Particular::Nothing),
            Detail::Assertion { .. } | Detail::Panic { .. } | Detail::UnobservedFailure { .. } => {
                (None, BTreeSet::new(), Particular::Nothing)
            }
            Detail::Livelock { .. } | Detail::Starvation { .. } => (None, BTreeSet::new(), Particular::Nothing),
            Detail::Invariant { property } | Detail::Final { property } | Detail::Eventually { property, .. } => {
                (None, BTreeSet::new(), Particular::Property(Some(*property)))
            }
            Detail::Impossible { property } => (None, BTreeSet::new(), Particular::Property(*property)),
            Detail::UnexpectedOutcome { outcome } => (None, BTreeSet::new(), Particular::Outcome(outcome.clone())),
            Detail::MissingOutcome { pattern } => (None, BTreeSet::new(), Particular::Pattern(pattern.clone())),
            Detail::Misuse { object, misuse, .. } => {
                (None, object.iter().copied().collect(), Particular::Misuse(*misuse))
            }
        };
        FindingKey {
            kind: self.kind(),
            scope,
            objects: objects.into_iter().collect(),
            statements: self.statements.clone(),
            particular,
        }
    }
}

/// What makes two findings the same: kind, objects and statements, without thread indices.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct FindingKey {
    kind: FindingKind,
    scope: Option<DeadlockScope>,
    objects: Vec<ObjectId>,
    statements: Vec<Statement>,
    particular: Particular,
}

/// What distinguishes findings that are about the same objects and statements.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
enum Particular {
    Nothing,
    Property(Option<usize>),
    Outcome(Outcome),
    Pattern(String),
    Misuse(Misuse),
}

/// An instruction, whoever runs it: what identifies a place in the program.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct Statement {
    /// Which code.
    pub code: CodeId,
    /// Which instruction.
    pub pc: Pc,
}

/// What was found, with what explains it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
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
pub enum DeadlockScope {
    /// Some non-daemon thread is unfinished and no thread can step.
    Whole,
    /// The blocked threads can never step again, although others can.
    Partial,
}

/// A thread that waits, and for what.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Blocked {
    /// Who.
    pub thread: ThreadId,
    /// At which operation.
    pub pc: Pc,
    /// Why the operation cannot take effect.
    pub cause: BlockCause,
}

/// Why an operation cannot take effect now.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum BlockCause {
    /// The mutex is held, or the block of the once is being run; by itself: `holder` is the waiting thread.
    Held {
        /// The mutex, or the once.
        mutex: ObjectId,
        /// Who holds it, or runs the block.
        holder: ThreadId,
    },
    /// Somebody writes under the lock; itself: `writer` is the waiting thread.
    Written {
        /// The lock.
        rwlock: ObjectId,
        /// Who writes.
        writer: ThreadId,
    },
    /// It would write, and these read under the lock; the waiting thread may be one of them.
    BeingRead {
        /// The lock.
        rwlock: ObjectId,
        /// Who reads, as a set of bits by index; never empty.
        readers: u64,
    },
    /// It waits where order of arrival or a preference decides, and these go first.
    Behind {
        /// The object.
        object: ObjectId,
        /// Who goes first, as a set of bits by index; never empty.
        ahead: u64,
    },
    /// It waits for a notification.
    NotNotified {
        /// The condition variable.
        condvar: ObjectId,
    },
    /// It was notified and needs the mutex back.
    Reacquire {
        /// The mutex.
        mutex: ObjectId,
        /// Who holds it.
        holder: ThreadId,
    },
    /// There is no permit.
    NoPermit {
        /// The semaphore.
        semaphore: ObjectId,
    },
    /// Not all threads have come to the barrier.
    NotAll {
        /// The barrier.
        barrier: ObjectId,
    },
    /// The event is not set.
    NotSet {
        /// The event.
        event: ObjectId,
    },
    /// The channel is full.
    Full {
        /// The channel.
        channel: ObjectId,
    },
    /// The channel is open and empty.
    Empty {
        /// The channel.
        channel: ObjectId,
    },
    /// A rendezvous without a partner.
    NoPartner {
        /// The channel.
        channel: ObjectId,
    },
    /// An item of the queue is not finished.
    Unfinished {
        /// The queue.
        queue: ObjectId,
    },
    /// Another thread has not ended.
    NotEnded {
        /// Which.
        thread: ThreadId,
    },
    /// The condition of a `when` is false.
    ConditionFalse,
    /// The engine knows that the thread waits, not why.
    Unknown,
}

impl BlockCause {
    /// The object that the operation is on; for a re-acquisition the mutex.
    #[must_use]
    pub fn object(&self) -> Option<ObjectId> {
        match *self {
            BlockCause::Held { mutex, .. } | BlockCause::Reacquire { mutex, .. } => Some(mutex),
            BlockCause::Written { rwlock, .. } | BlockCause::BeingRead { rwlock, .. } => Some(rwlock),
            BlockCause::Behind { object, .. } => Some(object),
            BlockCause::NotNotified { condvar } => Some(condvar),
            BlockCause::NoPermit { semaphore } => Some(semaphore),
            BlockCause::NotAll { barrier } => Some(barrier),
            BlockCause::NotSet { event } => Some(event),
            BlockCause::Unfinished { queue } => Some(queue),
            BlockCause::Full { channel } | BlockCause::Empty { channel } | BlockCause::NoPartner { channel } => {
                Some(channel)
            }
            BlockCause::NotEnded { .. } | BlockCause::ConditionFalse | BlockCause::Unknown => None,
        }
    }
}

/// One side of a race.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct Access {
    /// Who.
    pub thread: ThreadId,
    /// Where.
    pub pc: Pc,
    /// Read or write.
    pub kind: AccessKind,
}

/// What an access does to memory.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum AccessKind {
    /// It reads.
    Read,
    /// It writes (or reads and writes).
    Write,
}

/// A rule that was broken.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Misuse {
    /// `unlock` by a thread that does not hold the mutex.
    UnlockNotHeld,
    /// `read_unlock` by a thread that does not read under the lock.
    ReadUnlockNotHeld,
    /// `write_unlock` by a thread that does not write under the lock.
    WriteUnlockNotHeld,
    /// `wait` by a thread that does not hold the mutex.
    WaitNotHeld,
    /// A release that gives a bounded semaphore more permits than it had at first.
    ReleaseAboveBound,
    /// A send on a closed channel, also one that was blocked when the channel closed.
    SendAfterClose,
    /// A second send on a one-shot channel.
    SentTwice,
    /// A second `start` of a timer.
    StartedTwice,
    /// `task_done` where every item was finished already.
    TaskDoneTooOften,
    /// A thread that ended, also by panic, while it held a lock taken with `lock()`.
    EndedHolding,
}

/// Final values of what the scenario observes; `None` for a local that was never assigned.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Outcome(pub Vec<Option<Value>>);

impl fmt::Display for Outcome {
    /// As `expect outcomes` writes it: `(0, none)`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let values: Vec<String> =
            self.0.iter().map(|value| value.map_or_else(|| "none".to_owned(), |value| value.to_string())).collect();
        write!(f, "({})", values.join(", "))
    }
}

/// The engines, in the order of every table.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EngineName {
    /// The native checker: its verdict decides.
    Native,
    /// loom.
    Loom,
    /// shuttle.
    Shuttle,
    /// Free-running OS threads.
    Threads,
}

impl EngineName {
    /// All engines, in the order of every table.
    pub const ALL: [EngineName; 4] = [EngineName::Native, EngineName::Loom, EngineName::Shuttle, EngineName::Threads];

    /// The word of the command line.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            EngineName::Native => "native",
            EngineName::Loom => "loom",
            EngineName::Shuttle => "shuttle",
            EngineName::Threads => "threads",
        }
    }
}

/// What one engine saw of one program, and how completely it looked.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Evidence {
    /// Who looked.
    pub engine: EngineName,
    /// How completely.
    pub coverage: Coverage,
    /// What it cost.
    pub counts: Counts,
    /// Distinct findings, in the order of reports: by kind, then by trace length, then by place.
    pub findings: Vec<Finding>,
    /// Outcomes at normal ends, each with the number of executions that ended so (0 where the engine does not count
    /// executions).
    #[serde(with = "outcome_list")]
    pub outcomes: BTreeMap<Outcome, u64>,
    /// What was sampled beside the search (native, where a limit has cut it); how often free threads were run in each way,
    /// and how often that showed a finding.
    pub samples: Vec<Sample>,
    /// What the scenario asks for and this engine does not look at (`always`, races), in words for people.
    pub not_checked: Vec<String>,
}

/// Executions that were chosen at random, beside a search that a limit has cut. They never make a verdict green.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Sample {
    /// How they were chosen, in words for people.
    pub strategy: String,
    /// What the random numbers were made of.
    pub seed: u64,
    /// Number of executions.
    pub walks: u64,
    /// How many of them showed a finding.
    pub hits: u64,
    /// Upper bound, in thousandths, on the probability that one more execution ends with an outcome that none of these
    /// has shown; wrong for at most one sample in twenty. `None` where nothing can be said.
    pub unseen: Option<u64>,
}

/// How completely an engine looked.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
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
}

/// What a search cost. All counts are deterministic except those of free-running threads.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Counts {
    /// Distinct states (native).
    pub states: u64,
    /// Steps explored (native: edges of the state graph).
    pub steps: u64,
    /// Executions from start to end (other engines).
    pub executions: u64,
}

/// JSON has no maps with structured keys: outcomes travel as a list of pairs.
mod outcome_list {
    use super::Outcome;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};
    use std::collections::BTreeMap;

    pub(super) fn serialize<S: Serializer>(map: &BTreeMap<Outcome, u64>, serializer: S) -> Result<S::Ok, S::Error> {
        map.iter().collect::<Vec<_>>().serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeMap<Outcome, u64>, D::Error> {
        Ok(Vec::deserialize(deserializer)?.into_iter().collect())
    }
}
