//! What must hold, what must be possible, and what an outcome consists of.

use super::{LocalId, ObjectId, Span, StateExpr, ThreadId, Type};
use serde::{Deserialize, Serialize};

/// One `always`, `finally`, `possible` or `eventually`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Property {
    /// When it is looked at.
    pub kind: PropertyKind,
    /// Boolean over a whole state. A fault counts as false.
    pub condition: StateExpr,
    /// The text of the file.
    pub message: Option<String>,
    /// The whole declaration.
    pub span: Span,
}

/// When a property is looked at.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub enum PropertyKind {
    /// In every state (finding `invariant`; it ends the execution).
    Always,
    /// Whenever every non-daemon thread has ended (finding `final`).
    Finally,
    /// Some normal end must satisfy it (finding `impossible`).
    Possible,
    /// Every fair execution must come to a state where it holds (finding `eventually`).
    Eventually,
}

/// What a scenario asks about executions that never end, besides `eventually`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Liveness {
    /// Whether it asks for livelocks.
    pub livelock: bool,
    /// Whether it asks for threads that can be passed over.
    pub starvation: bool,
    /// Which executions count.
    pub fairness: Fairness,
}

impl Liveness {
    /// Nothing is asked.
    pub const UNASKED: Liveness = Liveness { livelock: false, starvation: false, fairness: Fairness::Weak };
}

/// Which executions that never end count.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Fairness {
    /// A thread that can step from some point on steps again and again.
    Weak,
    /// `option strong_fairness;`: a thread that can step again and again does so again and again.
    Strong,
}

impl Fairness {
    /// In words for people.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Fairness::Weak => "weak fairness",
            Fairness::Strong => "strong fairness",
        }
    }
}

/// One component of an outcome.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Observed {
    /// As written: `x`, `flag[0]`, `reader[1].r1`.
    pub name: String,
    /// Type of the value.
    pub ty: Type,
    /// What is read.
    pub read: ObservedRead,
}

/// Where a component of an outcome is read.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub enum ObservedRead {
    /// The value of a `var` or an `atomic`, or the permits of a semaphore.
    Object(ObjectId),
    /// A local; `none` where `assigned` is 0.
    Local {
        /// Whose.
        thread: ThreadId,
        /// Which.
        local: LocalId,
        /// The local that is 1 once `local` was assigned.
        assigned: LocalId,
    },
}
