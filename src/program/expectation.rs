//! `expect` lines: what exploring the file must find, in the words of the closed list of findings.

use super::{Span, Value};
use serde::{Deserialize, Serialize};
use std::fmt;

/// One `expect` line whose condition holds under the parameters in force.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Expectation {
    /// What is expected.
    pub expected: Expected,
    /// The whole declaration.
    pub span: Span,
}

/// What an `expect` line names.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Expected {
    /// `expect ok;`: nothing is found.
    Ok,
    /// `expect race(x);`, `expect deadlock(relock);`: at least one such finding, and all such findings are expected.
    Finding {
        /// The kind.
        kind: FindingKind,
        /// The object or thread it must be about, or its cause; `None` where the line names none.
        subject: Option<Subject>,
    },
    /// `expect outcomes { (0, 1) };`: exactly these; several such lines form a union.
    Outcomes(Vec<OutcomePattern>),
}

/// What tells a finding from others of its kind: what it is about, by the name of a declaration or of one element, or
/// its cause.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Subject {
    /// An object or an array of objects (`x`, `flag[0]`, `flag`).
    Object(String),
    /// A thread or a group of threads.
    Thread(String),
    /// Why threads wait for ever, of a deadlock.
    Cause(DeadlockCause),
}

/// Why threads wait for ever, where that is certain. The same words in reports, `expect` and JSON.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeadlockCause {
    /// Threads in a ring, each waiting for a lock that the next one holds; all others wait for one of them.
    LockCycle,
    /// A thread waits for a lock that it holds itself; all others wait for it.
    Relock,
    /// Threads in a ring, each waiting for the next one to end; all others wait for one of them.
    JoinCycle,
    /// A notification came between the last look of a thread at shared memory and its wait, when nobody was waiting.
    LostWakeup,
    /// A notification went to threads to which it was of no use, while one waited that could have gone on.
    WrongRecipient,
    /// A thread waits on a condition variable that no thread's code notifies.
    NoNotifier,
    /// Every thread that waits, waits for permits (or for one that does).
    Permits,
    /// Every thread that waits, waits at a barrier for others that do not come (or for one that does).
    BarrierShortfall,
    /// Every thread that waits, waits for an event that is not set (or for one that does).
    EventNeverSet,
    /// Every thread that waits, waits for room in a channel (or for one that does).
    ChannelFull,
    /// Every thread that waits, waits for a message (or for one that does).
    ChannelEmpty,
    /// Every thread that waits has one of the other causes, and they are not all the same.
    Mixed,
}

impl DeadlockCause {
    /// All causes, in the order in which the reference lists them.
    pub const ALL: [DeadlockCause; 12] = [
        DeadlockCause::LockCycle,
        DeadlockCause::Relock,
        DeadlockCause::JoinCycle,
        DeadlockCause::LostWakeup,
        DeadlockCause::WrongRecipient,
        DeadlockCause::NoNotifier,
        DeadlockCause::Permits,
        DeadlockCause::BarrierShortfall,
        DeadlockCause::EventNeverSet,
        DeadlockCause::ChannelFull,
        DeadlockCause::ChannelEmpty,
        DeadlockCause::Mixed,
    ];

    /// The word of the language.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            DeadlockCause::LockCycle => "lock_cycle",
            DeadlockCause::Relock => "relock",
            DeadlockCause::JoinCycle => "join_cycle",
            DeadlockCause::LostWakeup => "lost_wakeup",
            DeadlockCause::WrongRecipient => "wrong_recipient",
            DeadlockCause::NoNotifier => "no_notifier",
            DeadlockCause::Permits => "permits",
            DeadlockCause::BarrierShortfall => "barrier_shortfall",
            DeadlockCause::EventNeverSet => "event_never_set",
            DeadlockCause::ChannelFull => "channel_full",
            DeadlockCause::ChannelEmpty => "channel_empty",
            DeadlockCause::Mixed => "mixed",
        }
    }
}

impl fmt::Display for DeadlockCause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// One tuple of `expect outcomes`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub struct OutcomePattern {
    /// One per observed component.
    pub values: Vec<PatternValue>,
}

/// One component of a pattern.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub enum PatternValue {
    /// This value.
    Value(Value),
    /// `none`: the local was never assigned.
    None,
    /// `_`
    Any,
}

impl OutcomePattern {
    /// Whether the pattern covers this tuple (`None` stands for `none`).
    #[must_use]
    pub fn covers(&self, outcome: &[Option<Value>]) -> bool {
        self.values.len() == outcome.len()
            && self.values.iter().zip(outcome).all(|(pattern, value)| match pattern {
                PatternValue::Value(expected) => *value == Some(*expected),
                PatternValue::None => value.is_none(),
                PatternValue::Any => true,
            })
    }
}

impl fmt::Display for OutcomePattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "(")?;
        for (position, value) in self.values.iter().enumerate() {
            let comma = if position == 0 { "" } else { ", " };
            match value {
                PatternValue::Value(value) => write!(f, "{comma}{value}")?,
                PatternValue::None => write!(f, "{comma}none")?,
                PatternValue::Any => write!(f, "{comma}_")?,
            }
        }
        write!(f, ")")
    }
}

/// The closed list of what can be found. The same words in reports, snapshots, `expect` and JSON.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FindingKind {
    /// Some thread is unfinished and no thread can step; or one can never step again.
    Deadlock,
    /// Two accesses of one variable, one a write, not both atomic, unordered by happens-before.
    Race,
    /// A failed `assert`.
    Assertion,
    /// A failed `always`.
    Invariant,
    /// A failed `finally`.
    Final,
    /// A `possible` that no normal end satisfies, or an `assume` that discards every execution.
    Impossible,
    /// An observed tuple outside `expect outcomes`, or one listed that never occurs.
    Outcome,
    /// A declared thread ended by `panic`, overflow, an index out of range, or unwrapping `none` or `closed`.
    Panic,
    /// A thread that was started at run time ended by panic, and nobody looked at how it ended.
    UnobservedFailure,
    /// An operation that the primitive forbids, or a thread that ends while it holds a lock.
    Misuse,
    /// An `eventually` that need not come true.
    Eventually,
    /// Threads go round for ever, and none makes progress.
    Livelock,
    /// One thread can be passed over for ever.
    Starvation,
}

impl FindingKind {
    /// All kinds, in the order in which reports list them.
    pub const ALL: [FindingKind; 13] = [
        FindingKind::Deadlock,
        FindingKind::Race,
        FindingKind::Assertion,
        FindingKind::Invariant,
        FindingKind::Final,
        FindingKind::Impossible,
        FindingKind::Outcome,
        FindingKind::Panic,
        FindingKind::UnobservedFailure,
        FindingKind::Misuse,
        FindingKind::Eventually,
        FindingKind::Livelock,
        FindingKind::Starvation,
    ];

    /// The word of the language.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            FindingKind::Deadlock => "deadlock",
            FindingKind::Race => "race",
            FindingKind::Assertion => "assertion",
            FindingKind::Invariant => "invariant",
            FindingKind::Final => "final",
            FindingKind::Impossible => "impossible",
            FindingKind::Outcome => "outcome",
            FindingKind::Panic => "panic",
            FindingKind::UnobservedFailure => "unobserved_failure",
            FindingKind::Misuse => "misuse",
            FindingKind::Eventually => "eventually",
            FindingKind::Livelock => "livelock",
            FindingKind::Starvation => "starvation",
        }
    }
}

impl fmt::Display for FindingKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}
