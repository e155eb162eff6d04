//! Mutexes: one slot, 0 where free, otherwise the holder's index plus 1.
//!
//! `lock` blocks while anybody holds it, the same thread included (self-deadlock); any of the waiting threads may be
//! served, and a newcomer may overtake. `unlock` by anybody but the holder is misuse. Unlock happens before every later
//! lock. Left out: `reentrant`, `poisoning` and `fifo` mutexes, and time-outs.
//!
//! # Source
//! `std::sync::Mutex` (which panics or deadlocks on re-locking; here it always deadlocks).

use super::Semantics;
use super::gate::Gate;
use super::layout::View;
use super::step::{At, Effect, Offers, Step};
use crate::finding::{BlockCause, Misuse};
use crate::program::{MutexOp, ObjectId, ObjectKind, ThreadId};

/// Who holds it.
pub(super) fn holder(view: View<'_>, mutex: ObjectId) -> Option<ThreadId> {
    match view.object(mutex, 0) {
        0 => None,
        holder => Some(ThreadId(u8::try_from(holder - 1).expect("the slot holds a thread's index plus 1"))),
    }
}

/// The mutexes a thread holds, in order of index.
pub(super) fn held_by(semantics: &Semantics<'_>, view: View<'_>, thread: ThreadId) -> Vec<ObjectId> {
    let program = semantics.program;
    let is_held =
        |mutex: &ObjectId| program.object(*mutex).kind == ObjectKind::Mutex && holder(view, *mutex) == Some(thread);
    program.object_ids().filter(is_held).collect()
}

/// Only `lock` can block.
#[inline]
pub(super) fn offers(at: At<'_>, mutex: ObjectId, op: &MutexOp) -> Offers {
    match op {
        MutexOp::Lock { .. } => match holder(at.view, mutex) {
            None => Offers::Only,
            Some(holder) => Offers::Blocked(BlockCause::Held { mutex, holder }),
        },
        MutexOp::TryLock { .. } | MutexOp::Unlock { .. } | MutexOp::IsLocked { .. } => Offers::Only,
    }
}

/// Free or not is all that matters.
pub(super) fn gate(op: &MutexOp, slot: Option<usize>) -> Gate {
    match op {
        MutexOp::Lock { .. } => slot.map_or(Gate::Ask, Gate::WhileZero),
        MutexOp::TryLock { .. } | MutexOp::Unlock { .. } | MutexOp::IsLocked { .. } => Gate::Open,
    }
}

/// Takes effect.
#[inline]
pub(super) fn apply(step: &mut Step<'_>, mutex: ObjectId, op: &MutexOp) -> Effect {
    step.note_object(mutex);
    let held = holder(step.state.view(), mutex);
    match op {
        MutexOp::Lock { .. } => take(step, mutex),
        MutexOp::TryLock { to } => {
            if held.is_none() {
                take(step, mutex);
            }
            step.give(*to, i64::from(held.is_none()));
        }
        MutexOp::Unlock { .. } => {
            if held != Some(step.thread) {
                return Effect::Misuse(Some(mutex), Misuse::UnlockNotHeld);
            }
            give_back(step, mutex);
        }
        MutexOp::IsLocked { to } => step.give(*to, i64::from(held.is_some())),
    }
    Effect::Next
}

/// Makes the stepping thread the holder of a free mutex.
#[inline]
pub(super) fn take(step: &mut Step<'_>, mutex: ObjectId) {
    assert_eq!(step.state.view().object(mutex, 0), 0, "the guard said that it is free");
    step.state.set_object(mutex, 0, i64::from(step.thread.0) + 1);
    step.acquire(mutex);
}

/// Makes the mutex free.
#[inline]
pub(super) fn give_back(step: &mut Step<'_>, mutex: ObjectId) {
    step.release(mutex);
    step.state.set_object(mutex, 0, 0);
}
