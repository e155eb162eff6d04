//! Static facts about locks: which ones a thread certainly holds at an instruction.
//!
//! A forward must-analysis over each piece of code. Only locks that the text names without a variable index count, and
//! `try_` operations count for nothing: a fact that fails to hold would hide races, one that is missing only costs states.

use crate::program::{Code, Expr, InstrKind, LocalObject, MutexOp, ObjectId, Op, Pc, RwLockOp, SemaphoreOp};
use std::collections::BTreeSet;

/// What orders two accesses that both happen under it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Guard {
    /// A mutex.
    Mutex(ObjectId),
    /// A reader-writer lock, read or written under: only writers are kept out.
    Reading(ObjectId),
    /// A reader-writer lock, written under: everybody else is kept out.
    Writing(ObjectId),
    /// All indivisible blocks are ordered as if by one lock.
    Block,
}

/// The guards certainly held before each instruction; `None` where it cannot be reached.
pub(super) fn held(code: &Code) -> Vec<Option<BTreeSet<Guard>>> {
    let mut held: Vec<Option<BTreeSet<Guard>>> = vec![None; code.instrs.len()];
    let mut work = Vec::new();
    flow(&mut held, &mut work, Pc(0), &BTreeSet::new());
    while let Some(pc) = work.pop() {
        let before = held[pc.index()].clone().expect("only reached instructions are on the list");
        let instr = &code.instrs[pc.index()];
        if let Some(handler) = instr.unwind {
            let mut outside = before.clone();
            outside.remove(&Guard::Block);
            flow(&mut held, &mut work, handler, &outside);
        }
        let after = after(&instr.kind, &before);
        for next in successors(pc, &instr.kind) {
            flow(&mut held, &mut work, next, &after);
        }
    }
    held
}

/// Merges what is held on one more way to an instruction.
fn flow(held: &mut [Option<BTreeSet<Guard>>], work: &mut Vec<Pc>, to: Pc, now: &BTreeSet<Guard>) {
    let slot = &mut held[to.index()];
    let merged = match slot {
        None => now.clone(),
        Some(old) => old.intersection(now).copied().collect(),
    };
    if slot.as_ref() != Some(&merged) {
        *slot = Some(merged);
        work.push(to);
    }
}

/// Where an instruction can lead, apart from its unwind handler.
fn successors(pc: Pc, kind: &InstrKind) -> Vec<Pc> {
    let next = Pc(pc.0 + 1);
    match kind {
        InstrKind::Jump(to) => vec![*to],
        InstrKind::Branch { then, otherwise, .. } => vec![*then, *otherwise],
        InstrKind::Op(Op::Choice(crate::program::ChoiceOp::Branch { branches })) => branches.clone(),
        InstrKind::Panic { .. } | InstrKind::Halt | InstrKind::Unwound | InstrKind::Op(Op::End) => Vec::new(),
        InstrKind::Set { .. }
        | InstrKind::Assert { .. }
        | InstrKind::Assume { .. }
        | InstrKind::Op(_)
        | InstrKind::Atomically { .. }
        | InstrKind::Guard { .. }
        | InstrKind::EndAtomically => vec![next],
    }
}

fn after(kind: &InstrKind, before: &BTreeSet<Guard>) -> BTreeSet<Guard> {
    let mut after = before.clone();
    match kind {
        InstrKind::Op(Op::Mutex { mutex, op }) => match (op, constant(mutex)) {
            (MutexOp::Lock { .. } | MutexOp::LockChecked { .. }, Some(mutex)) => {
                after.insert(Guard::Mutex(mutex));
            }
            (MutexOp::Unlock { .. }, Some(mutex)) => {
                after.remove(&Guard::Mutex(mutex));
            }
            (MutexOp::Unlock { .. }, None) => after.retain(|guard| !could_be(mutex, guard)),
            (
                MutexOp::Lock { .. }
                | MutexOp::LockChecked { .. }
                | MutexOp::TryLock { .. }
                | MutexOp::LockTimeout { .. }
                | MutexOp::IsLocked { .. },
                _,
            ) => {}
        },
        InstrKind::Op(Op::RwLock { rwlock, op }) => match (op, constant(rwlock)) {
            (RwLockOp::Read { .. }, Some(rwlock)) => {
                after.insert(Guard::Reading(rwlock));
            }
            (RwLockOp::Write { .. }, Some(rwlock)) => {
                after.extend([Guard::Reading(rwlock), Guard::Writing(rwlock)]);
            }
            (RwLockOp::ReadUnlock { .. } | RwLockOp::WriteUnlock { .. }, _) => {
                after.retain(|guard| !could_be(rwlock, guard));
            }
            (
                RwLockOp::Read { .. } | RwLockOp::Write { .. } | RwLockOp::TryRead { .. } | RwLockOp::TryWrite { .. },
                _,
            ) => {}
        },
        InstrKind::Atomically { .. } => {
            after.insert(Guard::Block);
        }
        InstrKind::EndAtomically => {
            after.remove(&Guard::Block);
        }
        InstrKind::Op(
            // A wait has its mutex again when it is over.
            Op::Condvar { .. }
            | Op::Semaphore {
                op:
                    SemaphoreOp::Acquire { .. }
                    | SemaphoreOp::TryAcquire { .. }
                    | SemaphoreOp::AcquireTimeout { .. }
                    | SemaphoreOp::Release { .. },
                ..
            }
            | Op::Var { .. }
            | Op::Atomic { .. }
            | Op::Event { .. }
            | Op::Once { .. }
            | Op::Timer { .. }
            | Op::Barrier { .. }
            | Op::Fence(_)
            | Op::Channel { .. }
            | Op::Oneshot { .. }
            | Op::Watch { .. }
            | Op::Broadcast { .. }
            | Op::Queue { .. }
            | Op::Thread { .. }
            | Op::Spawn { .. }
            | Op::Pause(_)
            | Op::Choice(_)
            | Op::End,
        )
        | InstrKind::Set { .. }
        | InstrKind::Jump(_)
        | InstrKind::Branch { .. }
        | InstrKind::Assert { .. }
        | InstrKind::Assume { .. }
        | InstrKind::Panic { .. }
        | InstrKind::Guard { .. }
        | InstrKind::Halt
        | InstrKind::Unwound => {}
    }
    after
}

/// The object a reference names, if the text alone says which.
pub(super) fn constant(object: &LocalObject) -> Option<ObjectId> {
    match object.index.as_deref() {
        None => Some(object.base),
        Some(Expr::Const(index)) => object.at(*index).ok(),
        Some(_) => None,
    }
}

/// The objects a reference can name.
pub(super) fn candidates(object: &LocalObject) -> Vec<ObjectId> {
    if let Some(one) = constant(object) {
        return vec![one];
    }
    let first = object.base.index();
    let len = usize::try_from(object.len).expect("u32 fits into usize");
    (first..first + len).map(ObjectId::new).collect()
}

fn could_be(lock: &LocalObject, guard: &Guard) -> bool {
    match guard {
        Guard::Mutex(held) | Guard::Reading(held) | Guard::Writing(held) => candidates(lock).contains(held),
        Guard::Block => false,
    }
}
