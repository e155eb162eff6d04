//! Mutexes: one slot, 0 where free, otherwise the holder's index plus 1. A reentrant mutex has a second: how often its
//! holder has locked it; a poisoning one: whether it is poisoned. A fifo mutex has a line of those who wait.
//!
//! `lock` blocks while anybody holds it, the same thread included (self-deadlock); any of the waiting threads may be
//! served, and a newcomer may overtake. The holder of a reentrant mutex may lock it again, and gives it back with the
//! last of as many unlocks. `unlock` by anybody but the holder is misuse. `lock_timeout` is `lock` whose time-out fires
//! exactly where it would block. A poisoning mutex is poisoned for ever once a thread that fails gives it back on its way
//! out of `with`; then `lock` says so, and holds it all the same. Unlock happens before every later lock.
//!
//! A fifo mutex is handed over in order of arrival: `lock` and `lock_timeout` are two steps, arrive and complete. Whoever
//! has arrived with a time-out may give up in a step of its own wherever it is not its turn. `try_lock` overtakes nobody.
//! Whoever has waited on a condition variable with it stands in the same line to have it back.
//!
//! # Source
//! `std::sync::Mutex` (which panics or deadlocks on re-locking; here it always deadlocks); Python's `threading.RLock`;
//! poisoning is that of `std::sync::Mutex`.

use super::gate::Gate;
use super::layout::View;
use super::step::{At, Effect, Offers, Step};
use super::{Semantics, line};
use crate::finding::{BlockCause, LimitHit, Misuse};
use crate::limits::COUNTER_MAX;
use crate::program::{MutexKind, MutexOp, ObjectId, ObjectKind, Program, ResultTag, ThreadId};
use crate::schedule::Pick;

const HOLDER: usize = 0;
const LEVELS: usize = 1;
const POISONED: usize = 1;
const LINE: usize = 1;

/// Which sort of mutex it is.
pub(super) fn kind(program: &Program, mutex: ObjectId) -> MutexKind {
    let ObjectKind::Mutex(kind) = program.object(mutex).kind else { unreachable!("not a mutex") };
    kind
}

/// Number of slots.
pub(super) fn slots(kind: MutexKind, threads: usize) -> usize {
    match kind {
        MutexKind::Plain => 1,
        MutexKind::Reentrant | MutexKind::Poisoning => 2,
        MutexKind::Fifo => LINE + threads,
    }
}

/// Who holds it.
pub(super) fn holder(view: View<'_>, mutex: ObjectId) -> Option<ThreadId> {
    match view.object(mutex, HOLDER) {
        0 => None,
        holder => Some(ThreadId(u8::try_from(holder - 1).expect("the slot holds a thread's index plus 1"))),
    }
}

/// Whether anybody holds it. One that is free and waited for is the longest waiter's.
pub(super) fn is_locked(program: &Program, view: View<'_>, mutex: ObjectId) -> bool {
    let waited_for = || is_fifo(program, mutex) && line::waiting(view, mutex, LINE).next().is_some();
    holder(view, mutex).is_some() || waited_for()
}

/// The mutexes a thread holds, in order of index.
pub(super) fn held_by(semantics: &Semantics<'_>, view: View<'_>, thread: ThreadId) -> Vec<ObjectId> {
    let program = semantics.program;
    let is_held = |mutex: &ObjectId| {
        matches!(program.object(*mutex).kind, ObjectKind::Mutex(_)) && holder(view, *mutex) == Some(thread)
    };
    program.object_ids().filter(is_held).collect()
}

/// Whether it is handed over in order of arrival.
pub(super) fn is_fifo(program: &Program, mutex: ObjectId) -> bool {
    kind(program, mutex) == MutexKind::Fifo
}

/// Only `lock` can block.
#[inline]
pub(super) fn offers(at: At<'_>, mutex: ObjectId, op: &MutexOp) -> Offers {
    let arrives = is_fifo(at.semantics.program, mutex) && !line::has_arrived(at.view, at.thread);
    match op {
        MutexOp::Lock { .. } | MutexOp::LockTimeout { .. } if arrives => Offers::Only,
        MutexOp::Lock { .. } | MutexOp::LockChecked { .. } => lock_offers(at, mutex),
        MutexOp::LockTimeout { .. } => lock_offers(at, mutex).or_timeout(),
        MutexOp::TryLock { .. } | MutexOp::Unlock { .. } | MutexOp::IsLocked { .. } => Offers::Only,
    }
}

/// A lock waits until nobody holds it, or nobody else where the holder may lock again; in a line also for its turn.
fn lock_offers(at: At<'_>, mutex: ObjectId) -> Offers {
    match holder(at.view, mutex) {
        None if is_fifo(at.semantics.program, mutex) => {
            match line::set_of(line::ahead(at.view, mutex, LINE, at.thread)) {
                0 => Offers::Only,
                ahead => Offers::Blocked(BlockCause::Behind { object: mutex, ahead }),
            }
        }
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
        (MutexOp::Lock { .. } | MutexOp::LockChecked { .. }, MutexKind::Reentrant | MutexKind::Fifo)
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
        MutexOp::Lock { .. } | MutexOp::LockTimeout { .. } if arrives(step, sort) => {
            line::join(step, mutex, LINE);
            return Effect::Stay;
        }
        MutexOp::Lock { .. } => return lock(step, mutex, sort),
        MutexOp::LockChecked { tag, .. } => {
            take(step, mutex);
            let case = case_of(step, mutex);
            step.give_result(*tag, case, None);
        }
        MutexOp::LockTimeout { to, .. } => {
            let locks = pick != Pick::Timeout;
            if locks && let cut @ Effect::Cut(_) = lock(step, mutex, sort) {
                return cut;
            }
            if !locks && sort == MutexKind::Fifo {
                line::leave(step, mutex, LINE);
            }
            step.give(*to, i64::from(locks));
        }
        MutexOp::TryLock { to } => {
            let free = !is_locked(step.semantics.program, step.state.view(), mutex);
            let locks = free || (sort == MutexKind::Reentrant && held == Some(step.thread));
            if locks && let cut @ Effect::Cut(_) = try_lock(step, mutex, sort) {
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
        MutexOp::IsLocked { to } => {
            let locked = is_locked(step.semantics.program, step.state.view(), mutex);
            step.give(*to, i64::from(locked));
        }
    }
    Effect::Next
}

/// Whether the step is the first of two.
fn arrives(step: &Step<'_>, sort: MutexKind) -> bool {
    sort == MutexKind::Fifo && !line::has_arrived(step.state.view(), step.thread)
}

/// The stepping thread holds the mutex, or holds it once more; it waits no longer.
fn lock(step: &mut Step<'_>, mutex: ObjectId, sort: MutexKind) -> Effect {
    if sort == MutexKind::Fifo {
        line::leave(step, mutex, LINE);
    }
    try_lock(step, mutex, sort)
}

/// The same for one that has not waited.
fn try_lock(step: &mut Step<'_>, mutex: ObjectId, sort: MutexKind) -> Effect {
    match sort {
        MutexKind::Plain | MutexKind::Poisoning | MutexKind::Fifo => take(step, mutex),
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
        MutexKind::Plain | MutexKind::Fifo => give_back(step, mutex),
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

/// What taking a poisoning mutex gives.
pub(super) fn case_of(step: &Step<'_>, mutex: ObjectId) -> ResultTag {
    if step.state.view().object(mutex, POISONED) != 0 { ResultTag::Poisoned } else { ResultTag::Some }
}

/// Whether a thread that waits no longer can have the mutex back: it needs it free, and its turn where there is a line.
pub(super) fn offers_after_wait(at: At<'_>, mutex: ObjectId) -> Offers {
    match holder(at.view, mutex) {
        None => lock_offers(at, mutex),
        Some(holder) => Offers::Blocked(BlockCause::Reacquire { mutex, holder }),
    }
}

/// A thread that waits no longer stands in the line, behind all others.
pub(super) fn line_up_after_wait(step: &mut Step<'_>, mutex: ObjectId) {
    line::join(step, mutex, LINE);
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
    if is_fifo(step.semantics.program, mutex) {
        line::leave(step, mutex, LINE);
    }
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
