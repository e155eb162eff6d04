//! What each engine can express and check, as data: `supports` is computed from it, and so is the table in the docs.
//!
//! A construct that an engine cannot express makes a program unsupported there, decided before anything runs. A
//! property that it cannot check does not: the program runs, and the evidence lists what was not checked. Where an
//! engine sees fewer or more behaviours than the language allows, a row of `agreement` says so.

use super::construct::{self, Construct};
use crate::finding::{EngineName, Unsupported};
use crate::program::{Instr, InstrKind, Line, Memory, ObjectKind, Program, PropertyKind};

/// One engine's table.
#[derive(Clone, Copy, Debug)]
pub struct Capabilities {
    /// Whose.
    pub engine: EngineName,
    /// How many threads of a program it has room for, and why.
    pub room: Option<Room>,
    /// Each construct of the language once, in the order of [`Construct::ALL`].
    pub constructs: &'static [(Construct, Support)],
    /// Each property once, in the order of [`Checkable::ALL`].
    pub properties: &'static [(Checkable, Checked)],
}

/// A limit on threads.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Room {
    /// Threads of the program.
    pub threads: usize,
}

/// How an engine expresses a construct.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Support {
    /// By a type or function of its runtime.
    Own(&'static str),
    /// By a monitor of the interpreter, made of the runtime's mutex and condition variable.
    Monitor,
    /// By such a monitor although the runtime has a type for it, because.
    MonitorBecause(&'static str),
    /// By the interpreter alone; no object of the runtime is involved.
    Interpreter,
    /// Not at all, because.
    Unsupported(&'static str),
}

/// What can be looked for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Checkable {
    /// Nothing can step.
    WholeDeadlock,
    /// Some threads can never step again while others can.
    PartialDeadlock,
    /// Data races.
    Race,
    /// `assert`.
    Assertion,
    /// `always`.
    Invariant,
    /// `finally`.
    Final,
    /// `possible`.
    Possible,
    /// `expect outcomes`.
    Outcomes,
    /// `panic` and what panics.
    Panic,
    /// Failures of threads started at run time that nobody looks at.
    UnobservedFailure,
    /// Misuse of a primitive.
    Misuse,
    /// Executions without end.
    Liveness,
    /// Behaviours that only orderings weaker than `seq_cst` allow.
    WeakMemory,
}

impl Checkable {
    /// All of them, in the order of every table.
    pub const ALL: [Checkable; 13] = [
        Checkable::WholeDeadlock,
        Checkable::PartialDeadlock,
        Checkable::Race,
        Checkable::Assertion,
        Checkable::Invariant,
        Checkable::Final,
        Checkable::Possible,
        Checkable::Outcomes,
        Checkable::Panic,
        Checkable::UnobservedFailure,
        Checkable::Misuse,
        Checkable::Liveness,
        Checkable::WeakMemory,
    ];

    /// In words for people.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Checkable::WholeDeadlock => "whole deadlocks",
            Checkable::PartialDeadlock => "partial deadlocks",
            Checkable::Race => "data races",
            Checkable::Assertion => "`assert`",
            Checkable::Invariant => "`always`",
            Checkable::Final => "`finally`",
            Checkable::Possible => "`possible`",
            Checkable::Outcomes => "outcomes",
            Checkable::Panic => "panics",
            Checkable::UnobservedFailure => "unobserved failures",
            Checkable::Misuse => "misuse",
            Checkable::Liveness => "`eventually`, livelocks, starvation",
            Checkable::WeakMemory => "weak memory",
        }
    }

    /// Whether a program asks for it, or can show it.
    fn concerns(self, program: &Program) -> bool {
        let has = |kind| program.properties.iter().any(|property| property.kind == kind);
        match self {
            Checkable::Race => program.objects.iter().any(|object| matches!(object.kind, ObjectKind::Var { .. })),
            Checkable::Invariant => has(PropertyKind::Always),
            Checkable::Final => has(PropertyKind::Finally),
            Checkable::Possible => has(PropertyKind::Possible),
            Checkable::Outcomes => !program.observed.is_empty(),
            Checkable::WeakMemory => program.memory == Memory::Rc11,
            Checkable::UnobservedFailure => !program.spawned.is_empty(),
            Checkable::Liveness => program.asks_liveness(),
            Checkable::PartialDeadlock => program.threads.len() > 1 && goes_round(program),
            Checkable::WholeDeadlock | Checkable::Assertion | Checkable::Panic | Checkable::Misuse => true,
        }
    }
}

/// Whether some thread can go on for ever: without that nobody is stuck while others are not.
fn goes_round(program: &Program) -> bool {
    let back = |(position, instr): (usize, &Instr)| match &instr.kind {
        InstrKind::Jump(to) => to.index() <= position,
        InstrKind::Branch { then, otherwise, .. } => then.index() <= position || otherwise.index() <= position,
        InstrKind::Set { .. }
        | InstrKind::Assert { .. }
        | InstrKind::Assume { .. }
        | InstrKind::Panic { .. }
        | InstrKind::Op(_)
        | InstrKind::Atomically { .. }
        | InstrKind::Guard { .. }
        | InstrKind::EndAtomically
        | InstrKind::Halt
        | InstrKind::Unwound => false,
    };
    program.codes.iter().any(|code| code.instrs.iter().enumerate().any(back))
}

/// Whether an engine looks for something.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Checked {
    /// It does.
    Yes,
    /// It does not, because.
    No(&'static str),
}

impl Capabilities {
    /// How the engine expresses a construct.
    ///
    /// # Panics
    /// Never: every table lists every construct, which a test checks.
    #[must_use]
    pub fn support(&self, construct: Construct) -> Support {
        let row = self.constructs.iter().find(|(listed, _)| *listed == construct);
        row.expect("every table lists every construct").1
    }

    /// Whether the engine can express a program.
    ///
    /// # Errors
    /// The first construct, in order of lines, that it cannot express.
    pub fn supports(&self, program: &Program) -> Result<(), Unsupported> {
        self.supports_besides(program, &[])
    }

    /// As [`Capabilities::supports`], where these constructs are expressed in another way.
    ///
    /// # Errors
    /// The first construct, in order of lines, that it cannot express.
    pub(super) fn supports_besides(&self, program: &Program, others: &[Construct]) -> Result<(), Unsupported> {
        self.has_room(program)?;
        let mut places = construct::places(program);
        places.sort_by_key(|(_, span)| span.start);
        for (construct, span) in places {
            if let Support::Unsupported(reason) = self.support(construct)
                && !others.contains(&construct)
            {
                return Err(Unsupported {
                    construct: construct.words().to_owned(),
                    line: program.source.line(span),
                    reason: reason.to_owned(),
                });
            }
        }
        Ok(())
    }

    /// Whether the engine has room for the threads of a program.
    ///
    /// # Errors
    /// How many it has room for.
    pub(super) fn has_room(&self, program: &Program) -> Result<(), Unsupported> {
        match self.room.filter(|room| program.threads.len() > room.threads) {
            None => Ok(()),
            Some(room) => Err(Unsupported {
                construct: format!("{} threads", program.threads.len()),
                line: Line::Own(0),
                reason: format!("{} has room for {}", self.engine.word(), room.threads),
            }),
        }
    }

    /// What the program asks for, or can show, and the engine does not look at.
    #[must_use]
    pub fn not_checked(&self, program: &Program) -> Vec<String> {
        self.not_checked_besides(program, &[])
    }

    /// The same without these.
    pub(super) fn not_checked_besides(&self, program: &Program, others: &[Checkable]) -> Vec<String> {
        self.properties
            .iter()
            .filter(|(what, _)| what.concerns(program) && !others.contains(what))
            .filter_map(|(what, checked)| match checked {
                Checked::Yes => None,
                Checked::No(why) => Some(format!("{}: {why}", what.words())),
            })
            .collect()
    }
}
