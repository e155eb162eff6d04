//! What a thread can still come to from where it stands: found in the text of the program, so it is an upper bound of
//! what can happen, never less.

use crate::program::{InstrKind, Pc, Program, ThreadId};
use std::collections::BTreeSet;

/// The instructions that a thread can come to from these, themselves among them.
pub(super) fn from(program: &Program, thread: ThreadId, starts: Vec<Pc>) -> BTreeSet<Pc> {
    let mut reached: BTreeSet<Pc> = starts.iter().copied().collect();
    let mut work = starts;
    while let Some(at) = work.pop() {
        let next = program.instr(thread, at).successors(at);
        work.extend(next.into_iter().filter(|next| reached.insert(*next)));
    }
    reached
}

/// Where a thread can stand once the step at an instruction is done: an indivisible block is one step.
pub(super) fn behind(program: &Program, thread: ThreadId, at: Pc) -> Vec<Pc> {
    let instr = program.instr(thread, at);
    match &instr.kind {
        InstrKind::Atomically { end } => [*end].into_iter().chain(instr.unwind).collect(),
        InstrKind::Op(_)
        | InstrKind::Set { .. }
        | InstrKind::Jump(_)
        | InstrKind::Branch { .. }
        | InstrKind::Assert { .. }
        | InstrKind::Assume { .. }
        | InstrKind::Panic { .. }
        | InstrKind::Guard { .. }
        | InstrKind::EndAtomically
        | InstrKind::Halt
        | InstrKind::Unwound => instr.successors(at),
    }
}
