//! What must hold, what must be possible, and what an outcome consists of.

use super::{LocalId, ObjectId, Span, StateExpr, ThreadId, Type};
use serde::{Deserialize, Serialize};

/// One `always`, `finally` or `possible`.
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
