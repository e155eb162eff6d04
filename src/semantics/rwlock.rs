//! Reader-writer locks: slot 0 is 0 where free, the writer's index plus 1, or minus the number of reads; then for each
//! thread how often it reads.
//!
//! `read` blocks while anybody writes, `write` while anybody reads or writes, the same thread included: who reads and
//! then wants to write waits for itself. Who reads may read again, and gives back as often. Whoever can, may: any of
//! the waiting threads may be served, and a newcomer may overtake. `read_unlock` by a thread that does not read and
//! `write_unlock` by one that does not write are misuse.
//!
//! Happens-before: a `write_unlock` before every later `read` and `write`, a `read_unlock` before every later `write`.
//! Reads order nothing among each other. Left out: preference of readers or writers, `fifo`, downgrading.
//!
//! # Source
//! Courtois, Heymans, Parnas: *Concurrent Control with "Readers" and "Writers"*, 1971; `std::sync::RwLock`, which leaves
//! the preference to the system.

use super::Semantics;
use super::gate::Gate;
use super::layout::View;
use super::step::{At, Effect, Offers, Step};
use crate::finding::{BlockCause, LimitHit, Misuse};
use crate::limits::COUNTER_MAX;
use crate::program::{ObjectId, ObjectKind, RwLockOp, ThreadId};

const STATE: usize = 0;
const READS: usize = 1;

/// Number of slots.
pub(super) fn slots(threads: usize) -> usize {
    READS + threads
}

fn writer(view: View<'_>, rwlock: ObjectId) -> Option<ThreadId> {
    match view.object(rwlock, STATE) {
        writer @ 1.. => Some(ThreadId(u8::try_from(writer - 1).expect("the slot holds a thread's index plus 1"))),
        _ => None,
    }
}

/// How often a thread reads.
fn reads(view: View<'_>, rwlock: ObjectId, thread: ThreadId) -> i64 {
    view.object(rwlock, READS + thread.index())
}

/// Why nobody can write now.
fn obstacle(at: At<'_>, rwlock: ObjectId) -> Option<BlockCause> {
    if let Some(writer) = writer(at.view, rwlock) {
        return Some(BlockCause::Written { rwlock, writer });
    }
    let readers = at.semantics.program.thread_ids().filter(|thread| reads(at.view, rwlock, *thread) > 0);
    match readers.fold(0, |set, thread| set | (1 << thread.0)) {
        0 => None,
        readers => Some(BlockCause::BeingRead { rwlock, readers }),
    }
}

/// The locks under which a thread reads or writes, in order of index.
pub(super) fn held_by(semantics: &Semantics<'_>, view: View<'_>, thread: ThreadId) -> Vec<ObjectId> {
    let program = semantics.program;
    let is_held = |rwlock: &ObjectId| {
        program.object(*rwlock).kind == ObjectKind::RwLock
            && (writer(view, *rwlock) == Some(thread) || reads(view, *rwlock, thread) > 0)
    };
    program.object_ids().filter(is_held).collect()
}

/// Only `read` and `write` can block.
pub(super) fn offers(at: At<'_>, rwlock: ObjectId, op: &RwLockOp) -> Offers {
    match op {
        RwLockOp::Read { .. } => match writer(at.view, rwlock) {
            None => Offers::Only,
            Some(writer) => Offers::Blocked(BlockCause::Written { rwlock, writer }),
        },
        RwLockOp::Write { .. } => obstacle(at, rwlock).map_or(Offers::Only, Offers::Blocked),
        RwLockOp::TryRead { .. }
        | RwLockOp::TryWrite { .. }
        | RwLockOp::ReadUnlock { .. }
        | RwLockOp::WriteUnlock { .. } => Offers::Only,
    }
}

/// Free, read or written is all that matters.
pub(super) fn gate(op: &RwLockOp, slot: Option<usize>) -> Gate {
    match op {
        RwLockOp::Read { .. } => slot.map_or(Gate::Ask, Gate::UnlessPositive),
        RwLockOp::Write { .. } => slot.map_or(Gate::Ask, Gate::WhileZero),
        RwLockOp::TryRead { .. }
        | RwLockOp::TryWrite { .. }
        | RwLockOp::ReadUnlock { .. }
        | RwLockOp::WriteUnlock { .. } => Gate::Open,
    }
}

/// Takes effect.
pub(super) fn apply(step: &mut Step<'_>, rwlock: ObjectId, op: &RwLockOp) -> Effect {
    step.note_object(rwlock);
    let state = step.state.view().object(rwlock, STATE);
    match op {
        RwLockOp::Read { .. } => {
            assert!(state <= 0, "the guard said that nobody writes");
            return read(step, rwlock, state);
        }
        RwLockOp::Write { .. } => write(step, rwlock),
        RwLockOp::TryRead { to } => {
            if state <= 0
                && let cut @ Effect::Cut(_) = read(step, rwlock, state)
            {
                return cut;
            }
            step.give(*to, i64::from(state <= 0));
        }
        RwLockOp::TryWrite { to } => {
            if state == 0 {
                write(step, rwlock);
            }
            step.give(*to, i64::from(state == 0));
        }
        RwLockOp::ReadUnlock { .. } => {
            let reads = reads(step.state.view(), rwlock, step.thread);
            if reads == 0 {
                return Effect::Misuse(Some(rwlock), Misuse::ReadUnlockNotHeld);
            }
            step.release_as_reader(rwlock);
            step.state.set_object(rwlock, READS + step.thread.index(), reads - 1);
            step.state.set_object(rwlock, STATE, state + 1);
        }
        RwLockOp::WriteUnlock { .. } => {
            if writer(step.state.view(), rwlock) != Some(step.thread) {
                return Effect::Misuse(Some(rwlock), Misuse::WriteUnlockNotHeld);
            }
            step.release(rwlock);
            step.state.set_object(rwlock, STATE, 0);
        }
    }
    Effect::Next
}

/// The stepping thread reads (once more).
fn read(step: &mut Step<'_>, rwlock: ObjectId, state: i64) -> Effect {
    if -state >= COUNTER_MAX {
        return Effect::Cut(LimitHit::Counter { object: rwlock });
    }
    let reads = reads(step.state.view(), rwlock, step.thread);
    step.state.set_object(rwlock, READS + step.thread.index(), reads + 1);
    step.state.set_object(rwlock, STATE, state - 1);
    step.acquire(rwlock);
    Effect::Next
}

/// The stepping thread writes.
fn write(step: &mut Step<'_>, rwlock: ObjectId) {
    assert_eq!(step.state.view().object(rwlock, STATE), 0, "the guard said that it is free");
    step.state.set_object(rwlock, STATE, i64::from(step.thread.0) + 1);
    step.acquire_as_writer(rwlock);
}
