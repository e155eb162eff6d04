//! Mutexes: one slot, 0 where free, otherwise the holder's index plus 1. A reentrant mutex has a second: how often its
//! holder has locked it; a poisoning one: whether it is poisoned.
//!
//! `lock` blocks while anybody holds it, the same thread included (self-deadlock); any of the waiting threads may be
//! served, and a newcomer may overtake. The holder of a reentrant mutex may lock it again, and gives it back with the
//! last of as many unlocks. `unlock` by anybody but the holder is misuse. `lock_timeout` is `lock` whose time-out fires
//! exactly where it would block. A poisoning mutex is poisoned for ever once a thread that fails gives it back on its way
//! out of `with`; then `lock` says so, and holds it all the same. Unlock happens before every later lock. Left out:
//! `fifo` mutexes, waiting with a poisoning one.
//!
//! # Source
//! `std::sync::Mutex` (which panics or deadlocks on re-locking; here it always deadlocks); Python's `threading.RLock`;
//! poisoning is that of `std::sync::Mutex`.

use super::Semantics;
use super::gate::Gate;
use super::layout::View;
use super::step::{At, Effect, Offers, Step};
use crate::finding::{BlockCause, LimitHit, Misuse};
use crate::limits::COUNTER_MAX;
use crate::program::{MutexKind, MutexOp, ObjectId, ObjectKind, Program, ResultTag, ThreadId};
use crate::schedule::Pick;

const HOLDER: usize = 0;
const LEVELS: usize = 1;
const POISONED: usize = 1;

/// Which sort of mutex it is.
pub(super) fn kind(program: &Program, mutex: ObjectId) -> MutexKind {
    let ObjectKind::Mutex(kind) = program.object(mutex).kind else { unreachable!("not a mutex") };
    kind
}

/// Number of slots.
pub(super) fn slots(kind: MutexKind) -> usize {
    match kind {
        MutexKind::Plain => 1,
        MutexKind::Reentrant | MutexKind::Poisoning => 2,
    }
}

/// Who holds it.
pub(super) fn holder(view: View<'_>, mutex: ObjectId) -> Option<ThreadId> {
    match view.object(mutex, HOLDER) {
        0 => None,
        holder => Some(ThreadId(u8::try_from(holder - 1).expect("the slot holds a thread's index plus 1"))),
    }
}

/// The mutexes a thread holds, in order of index.
pub(super) fn held_by(semantics: &Semantics<'_>, view: View<'_>, thread: ThreadId) -> Vec<ObjectId> {
    let program = semantics.program;
    let is_held = |mutex: &ObjectId| {
        matches!(program.object(*mutex).kind, ObjectKind::Mutex(_)) && holder(view, *mutex) == Some(thread)
    };
    program.object_ids().filter(is_held).collect()
}

/// Only `lock` can block.
#[inline]
pub(super) fn offers(at: At<'_>, mutex: ObjectId, op: &MutexOp) -> Offers {
    match op {
        MutexOp::Lock { .. } | MutexOp::LockChecked { .. } => lock_offers(at, mutex),
        MutexOp::LockTimeout { .. } => lock_offers(at, mutex).or_timeout(),
        MutexOp::TryLock { .. } | MutexOp::Unlock { .. } | MutexOp::IsLocked { .. } => Offers::Only,
    }
}

/// A lock waits until nobody holds it, or nobody else where the holder may lock again.
fn lock_offers(at: At<'_>, mutex: ObjectId) -> Offers {
    match holder(at.view, mutex) {
        None => Offers::Only,
        Some(holder) if holder == at.thread && kind(at.semantics.program, mutex) == MutexKind::Reentrant => {
            Offers::Only
        }
        Some(holder) => Offers::Blocked(BlockCause::Held { mutex, holder }),
    }
}

/// Free or not is all that matters, unless the holder may lock again.
pub(super) fn gate(kind: MutexKind, op: &MutexOp, slot: Option<usize>) -> Gate {
    match (op, kind) {
        (MutexOp::Lock { .. } | MutexOp::LockChecked { .. }, MutexKind::Plain | MutexKind::Poisoning) => {
            slot.map_or(Gate::Ask, Gate::WhileZero)
        }
        (MutexOp::Lock { .. } | MutexOp::LockChecked { .. }, MutexKind::Reentrant)
        | (MutexOp::LockTimeout { .. }, _) => Gate::Ask,
        (MutexOp::TryLock { .. } | MutexOp::Unlock { .. } | MutexOp::IsLocked { .. }, _) => Gate::Open,
    }
}

/// Takes effect.
#[inline]
pub(super) fn apply(step: &mut Step<'_>, mutex: ObjectId, op: &MutexOp, pick: Pick) -> Effect {
    step.note_object(mutex);
    let held = holder(step.state.view(), mutex);
    let sort = kind(step.semantics.program, mutex);
    match op {
        MutexOp::Lock { .. } => return lock(step, mutex, sort),
        MutexOp::LockChecked { tag, .. } => {
            take(step, mutex);
            let poisoned = step.state.view().object(mutex, POISONED) != 0;
            let case = if poisoned { ResultTag::Poisoned } else { ResultTag::Some };
            step.give_result(*tag, case, None);
        }
        MutexOp::LockTimeout { to, .. } => {
            let locks = pick != Pick::Timeout;
            if locks && let cut @ Effect::Cut(_) = lock(step, mutex, sort) {
                return cut;
            }
            step.give(*to, i64::from(locks));
        }
        MutexOp::TryLock { to } => {
            let locks = held.is_none() || (sort == MutexKind::Reentrant && held == Some(step.thread));
            if locks && let cut @ Effect::Cut(_) = lock(step, mutex, sort) {
                return cut;
            }
            step.give(*to, i64::from(locks));
        }
        MutexOp::Unlock { .. } => {
            if held != Some(step.thread) {
                return Effect::Misuse(Some(mutex), Misuse::UnlockNotHeld);
            }
            unlock(step, mutex, sort);
        }
        MutexOp::IsLocked { to } => step.give(*to, i64::from(held.is_some())),
    }
    Effect::Next
}

/// The stepping thread holds the mutex, or holds it once more.
fn lock(step: &mut Step<'_>, mutex: ObjectId, sort: MutexKind) -> Effect {
    match sort {
        MutexKind::Plain | MutexKind::Poisoning => take(step, mutex),
        MutexKind::Reentrant => {
            let levels = step.state.view().object(mutex, LEVELS);
            if levels >= COUNTER_MAX {
                return Effect::Cut(LimitHit::Counter { object: mutex });
            }
            if levels == 0 {
                take(step, mutex);
            }
            step.state.set_object(mutex, LEVELS, levels + 1);
        }
    }
    Effect::Next
}

/// The holder gives the mutex back, or one of its levels.
fn unlock(step: &mut Step<'_>, mutex: ObjectId, sort: MutexKind) {
    match sort {
        MutexKind::Plain => give_back(step, mutex),
        MutexKind::Poisoning => {
            if step.state.view().status(step.thread).is_unwinding() {
                step.state.set_object(mutex, POISONED, 1);
            }
            give_back(step, mutex);
        }
        MutexKind::Reentrant => {
            let levels = step.state.view().object(mutex, LEVELS);
            if levels == 1 {
                give_back(step, mutex);
            }
            step.state.set_object(mutex, LEVELS, levels - 1);
        }
    }
}

/// Makes the mutex free, all of its levels, which come back with `take_after_wait`.
pub(super) fn give_back_to_wait(step: &mut Step<'_>, mutex: ObjectId) {
    if kind(step.semantics.program, mutex) == MutexKind::Reentrant {
        let levels = step.state.view().object(mutex, LEVELS);
        step.state.set_pending(step.thread, levels);
        step.state.set_object(mutex, LEVELS, 0);
    }
    give_back(step, mutex);
}

/// Makes the stepping thread the holder again, with as many levels as before.
pub(super) fn take_after_wait(step: &mut Step<'_>, mutex: ObjectId) {
    take(step, mutex);
    if kind(step.semantics.program, mutex) == MutexKind::Reentrant {
        let levels = step.state.view().pending(step.thread);
        step.state.set_pending(step.thread, 0);
        step.state.set_object(mutex, LEVELS, levels);
    }
}

/// Makes the stepping thread the holder of a free mutex.
#[inline]
fn take(step: &mut Step<'_>, mutex: ObjectId) {
    assert_eq!(step.state.view().object(mutex, HOLDER), 0, "the guard said that it is free");
    step.state.set_object(mutex, HOLDER, i64::from(step.thread.0) + 1);
    step.acquire(mutex);
}

/// Makes the mutex free.
#[inline]
fn give_back(step: &mut Step<'_>, mutex: ObjectId) {
    step.release(mutex);
    step.state.set_object(mutex, HOLDER, 0);
}
