//! One thing found, and what makes it the same as another one.

use super::{DeadlockScope, Detail, Misuse, Outcome, Trace};
use crate::program::{CodeId, FindingKind, ObjectId, Pc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

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

    /// What any engine can tell of it.
    #[must_use]
    pub fn symptom(&self) -> Symptom {
        let FindingKey { kind, scope, objects: _, statements, particular } = self.key();
        Symptom { kind, scope, statements, particular }
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

/// What any engine can tell of a finding: kind, statements and which rule was broken. Objects are left out, because an
/// engine may see that a thread waits and not why.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Symptom {
    kind: FindingKind,
    scope: Option<DeadlockScope>,
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
