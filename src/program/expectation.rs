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
    /// `expect race(x);`: at least one finding of this kind, and all such findings are expected.
    Finding {
        /// The kind.
        kind: FindingKind,
        /// The object or thread it must be about; `None` where the line names none.
        subject: Option<Subject>,
    },
    /// `expect outcomes { (0, 1) };`: exactly these; several such lines form a union.
    Outcomes(Vec<OutcomePattern>),
}

/// What a finding is about, by the name of a declaration or of one element.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Subject {
    /// An object or an array of objects (`x`, `flag[0]`, `flag`).
    Object(String),
    /// A thread or a group of threads.
    Thread(String),
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
}

impl FindingKind {
    /// All kinds, in the order in which reports list them.
    pub const ALL: [FindingKind; 10] = [
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
        }
    }
}

impl fmt::Display for FindingKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}
