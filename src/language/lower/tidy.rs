//! From labels to positions: jumps to jumps are shortened, and what nothing reaches is left out.

use super::builder::{Builder, Label};
use crate::program::{ChoiceOp, Instr, InstrKind, Op, Pc};

/// The finished instructions of a builder whose labels are all bound.
pub(super) fn finish(builder: &mut Builder) -> Vec<Instr> {
    let mut instrs = std::mem::take(&mut builder.instrs);
    let positions: Vec<usize> = builder.labels.iter().map(|position| position.unwrap_or(instrs.len())).collect();
    let at = |label: Label| positions[label.index()];
    let ends: Vec<usize> = (0..instrs.len()).map(|position| end_of_jumps(&instrs, position, at)).collect();
    let resolve = |label: Label| {
        let position = at(label);
        pc(ends.get(position).copied().unwrap_or(position))
    };
    for instr in &mut instrs {
        for_each_target(&mut instr.kind, |target| *target = resolve(*target));
        // The end of a block is a place, not a way.
        instr.unwind = instr.unwind.map(resolve);
    }

    let reached = reached(&instrs);
    // Position of the first instruction that is kept, from each place on.
    let mut keep = vec![false; instrs.len()];
    let mut first_kept = vec![usize::MAX; instrs.len() + 1];
    for (position, instr) in instrs.iter().enumerate().rev() {
        let goes_to_next = matches!(instr.kind, InstrKind::Jump(to)
            if to.index() > position && first_kept[to.index()] == first_kept[position + 1]);
        keep[position] = reached[position] && !goes_to_next;
        first_kept[position] = if keep[position] { position } else { first_kept[position + 1] };
    }
    let mut number = vec![0; instrs.len()];
    let mut next = 0;
    for (position, keep) in keep.iter().enumerate() {
        number[position] = next;
        next += usize::from(*keep);
    }
    let renumber = |target: Pc| pc(number[first_kept[target.index()]]);
    let mut kept = Vec::with_capacity(next);
    for (mut instr, keep) in instrs.into_iter().zip(keep) {
        if keep {
            for_each_target(&mut instr.kind, |target| *target = renumber(*target));
            instr.unwind = instr.unwind.map(renumber);
            kept.push(instr);
        }
    }
    kept
}

/// Where a chain of jumps that starts at a position ends.
fn end_of_jumps(instrs: &[Instr], start: usize, at: impl Fn(Label) -> usize) -> usize {
    let mut position = start;
    // An endless loop of jumps ends anywhere on it.
    for _ in 0..instrs.len() {
        match instrs.get(position).map(|instr| &instr.kind) {
            Some(InstrKind::Jump(to)) => position = at(*to),
            _ => break,
        }
    }
    position
}

/// Which instructions can be reached from the first one.
fn reached(instrs: &[Instr]) -> Vec<bool> {
    let mut reached = vec![false; instrs.len()];
    let mut work = vec![0];
    while let Some(position) = work.pop() {
        if position < instrs.len() && !std::mem::replace(&mut reached[position], true) {
            for_each_successor(&instrs[position], position, |next| work.push(next));
        }
    }
    reached
}

/// Calls `visit` with every position where execution may go on; the end of an indivisible block counts, so that it
/// always has one.
pub(in crate::language) fn for_each_successor(instr: &Instr, position: usize, mut visit: impl FnMut(usize)) {
    instr.successors(Pc::new(position)).into_iter().for_each(|next| visit(next.index()));
}

fn for_each_target(kind: &mut InstrKind, mut visit: impl FnMut(&mut Pc)) {
    match kind {
        InstrKind::Jump(to) => visit(to),
        InstrKind::Branch { then, otherwise, .. } => {
            visit(then);
            visit(otherwise);
        }
        InstrKind::Op(Op::Choice(ChoiceOp::Branch { branches })) => branches.iter_mut().for_each(visit),
        InstrKind::Atomically { end } => visit(end),
        InstrKind::Set { .. }
        | InstrKind::Assert { .. }
        | InstrKind::Assume { .. }
        | InstrKind::Panic { .. }
        | InstrKind::Op(_)
        | InstrKind::Guard { .. }
        | InstrKind::EndAtomically
        | InstrKind::Halt
        | InstrKind::Unwound => {}
    }
}

fn pc(position: usize) -> Pc {
    Pc(u32::try_from(position).expect("code is bounded"))
}
