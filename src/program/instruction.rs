//! Instructions: local ones, which belong to the step before them, and visible operations, which are a step each.

use super::{ChoiceOp, LocalExpr, LocalId, Op, Pc, Span, Type};
use serde::{Deserialize, Serialize};

/// What the threads of one declaration run. Execution starts at instruction 0.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Code {
    /// Name of the declaration (`producer`).
    pub name: String,
    /// The locals: declared ones, then the compiler's own.
    pub locals: Vec<Local>,
    /// The instructions. The last one reached on any path is `Halt`, `Unwound` or `Op(End)`.
    pub instrs: Vec<Instr>,
}

/// A local variable.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Local {
    /// Name in the text; empty for a temporary of the compiler.
    pub name: String,
    /// What it holds.
    pub ty: Type,
}

/// One instruction with what every executor needs to know about its place.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Instr {
    /// What it does.
    pub kind: InstrKind,
    /// The text a report quotes: the call or the access, otherwise the statement's head.
    pub span: Span,
    /// Where the thread goes on when this instruction panics or is misuse: the releases that `with` owes, and `Unwound`
    /// behind them; `Op(End)` where others can observe the end of the thread. `None`: it ends as failed at once.
    pub unwind: Option<Pc>,
    /// Locals that nobody reads any more once the thread has come to stand here, in ascending order. A canonical state
    /// holds 0 in them. Filled at visible operations and ends; empty elsewhere.
    pub dead: Vec<LocalId>,
}

impl Instr {
    /// Everywhere a thread can go on from here, which is at `at`: also where it panics, and both into an indivisible block
    /// and behind it.
    #[must_use]
    pub fn successors(&self, at: Pc) -> Vec<Pc> {
        let next = Pc::new(at.index() + 1);
        let mut successors = match &self.kind {
            InstrKind::Jump(to) => vec![*to],
            InstrKind::Branch { then, otherwise, .. } => vec![*then, *otherwise],
            InstrKind::Op(Op::Choice(ChoiceOp::Branch { branches })) => branches.clone(),
            InstrKind::Atomically { end } => vec![*end, next],
            InstrKind::Panic { .. } | InstrKind::Halt | InstrKind::Unwound | InstrKind::Op(Op::End) => Vec::new(),
            InstrKind::Set { .. }
            | InstrKind::Assert { .. }
            | InstrKind::Assume { .. }
            | InstrKind::Op(_)
            | InstrKind::Guard { .. }
            | InstrKind::EndAtomically => vec![next],
        };
        successors.extend(self.unwind);
        successors
    }
}

/// A local that can be assigned: one local, or an element of a local array.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub enum Place {
    /// One local.
    Local(LocalId),
    /// An element of a local array that occupies `len` locals from `base`.
    Element {
        /// Element 0.
        base: LocalId,
        /// Number of elements.
        len: u32,
        /// Which.
        index: LocalExpr,
    },
}

/// What an instruction does. Every kind but `Op` and `Atomically` is local.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub enum InstrKind {
    /// Assigns a local; goes on at the next instruction. A fault panics.
    Set {
        /// What is assigned.
        to: Place,
        /// The new value.
        value: LocalExpr,
    },
    /// Goes on elsewhere.
    Jump(Pc),
    /// Goes on at one of two places.
    Branch {
        /// Boolean.
        condition: LocalExpr,
        /// Where it is true.
        then: Pc,
        /// Where it is false.
        otherwise: Pc,
    },
    /// Ends the *execution* where the condition is false (finding `assertion`).
    Assert {
        /// Boolean.
        condition: LocalExpr,
        /// The text of the file.
        message: Option<String>,
    },
    /// Discards the rest of the execution where the condition is false.
    Assume {
        /// Boolean.
        condition: LocalExpr,
    },
    /// Panics: records the finding, then goes on at `unwind`, or ends the thread as failed.
    Panic {
        /// `panic "text";`, or why the compiler put it here (`recv() gave closed`).
        message: String,
    },
    /// A visible operation; goes on at the next instruction unless it says otherwise.
    Op(Op),
    /// `when c { }` / `atomically { }`: a visible operation that runs everything up to `EndAtomically` as one step.
    /// Inside are local instructions, at most one `Guard`, and operations that cannot block; a `with` is not allowed.
    Atomically {
        /// Position of the matching `EndAtomically`.
        end: Pc,
    },
    /// Inside `Atomically`, before any effect: where the condition is false the whole step is disabled (nothing has
    /// happened). The reads of the condition stand between `Atomically` and here.
    Guard {
        /// Boolean.
        condition: LocalExpr,
    },
    /// The end of an indivisible block.
    EndAtomically,
    /// The thread has ended; nobody can observe when.
    Halt,
    /// The thread has ended by panic or misuse, and everything `with` owed is released.
    Unwound,
}

impl InstrKind {
    /// The operation, where it is one.
    #[must_use]
    pub fn op(&self) -> Option<&Op> {
        match self {
            InstrKind::Op(op) => Some(op),
            InstrKind::Set { .. }
            | InstrKind::Jump(_)
            | InstrKind::Branch { .. }
            | InstrKind::Assert { .. }
            | InstrKind::Assume { .. }
            | InstrKind::Panic { .. }
            | InstrKind::Atomically { .. }
            | InstrKind::Guard { .. }
            | InstrKind::EndAtomically
            | InstrKind::Halt
            | InstrKind::Unwound => None,
        }
    }
}
