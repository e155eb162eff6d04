//! Reader-writer locks: slot 0 is 0 where free, the writer's index plus 1, or minus the number of reads; then for each
//! thread how often it reads. A fifo lock has a line of those who wait besides.
//!
//! `read` blocks while anybody writes, `write` while anybody reads or writes, the same thread included: who reads and
//! then wants to write waits for itself. Who reads may read again, and gives back as often. `read_unlock` by a thread
//! that does not read and `write_unlock` by one that does not write are misuse.
//!
//! Whoever can, may: any of the waiting threads may be served, and a newcomer may overtake; unless somebody goes first.
//! Then `read` and `write` are two steps, arrive and complete, and `try_` overtakes nobody either:
//! - `fifo`: whoever has waited longest; neighbouring readers enter together;
//! - writers: nobody begins to read while a writer waits, not even who reads already;
//! - readers: nobody begins to write while a reader waits.
//!
//! Happens-before: a `write_unlock` before every later `read` and `write`, a `read_unlock` before every later `write`.
//! Reads order nothing among each other, nor does waiting. Left out: downgrading.
//!
//! # Source
//! Courtois, Heymans, Parnas: *Concurrent Control with "Readers" and "Writers"*, 1971, whose two problems are the two
//! preferences; `std::sync::RwLock`, which leaves the preference to the system.

use super::gate::Gate;
use super::layout::View;
use super::step::{At, Effect, Offers, Step};
use super::{Semantics, Visible, line, visible_at};
use crate::finding::{BlockCause, LimitHit, Misuse};
use crate::limits::COUNTER_MAX;
use crate::program::{ObjectId, ObjectKind, Op, Preference, Program, RwLockOp, ThreadId};

const STATE: usize = 0;
const READS: usize = 1;

/// One side of the lock.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Side {
    Read,
    Write,
}

/// Number of slots.
pub(super) fn slots(preference: Preference, threads: usize) -> usize {
    match preference {
        Preference::Anybody | Preference::Writers | Preference::Readers => READS + threads,
        Preference::Fifo => READS + 2 * threads,
    }
}

/// Position of the line of a fifo lock.
fn line_of(semantics: &Semantics<'_>) -> usize {
    READS + semantics.program.threads.len()
}

/// Who goes first.
pub(super) fn preference(program: &Program, rwlock: ObjectId) -> Preference {
    let ObjectKind::RwLock(preference) = program.object(rwlock).kind else { unreachable!("not a reader-writer lock") };
    preference
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

/// Why a thread cannot enter now; `None` where it can.
fn obstacle(
    semantics: &Semantics<'_>,
    view: View<'_>,
    rwlock: ObjectId,
    thread: ThreadId,
    side: Side,
) -> Option<BlockCause> {
    if let Some(writer) = writer(view, rwlock) {
        return Some(BlockCause::Written { rwlock, writer });
    }
    if side == Side::Write {
        let readers = semantics.program.thread_ids().filter(|thread| reads(view, rwlock, *thread) > 0);
        let readers = line::set_of(readers);
        if readers != 0 {
            return Some(BlockCause::BeingRead { rwlock, readers });
        }
    }
    let waiting = |side: Side| {
        let waits = move |thread: &ThreadId| waits_at(semantics, view, rwlock, *thread) == Some(side);
        line::set_of(semantics.program.thread_ids().filter(waits))
    };
    let first = match (preference(semantics.program, rwlock), side) {
        (Preference::Anybody, _) | (Preference::Writers, Side::Write) | (Preference::Readers, Side::Read) => 0,
        (Preference::Writers, Side::Read) => waiting(Side::Write),
        (Preference::Readers, Side::Write) => waiting(Side::Read),
        (Preference::Fifo, _) => {
            let before = line::ahead(view, rwlock, line_of(semantics), thread);
            // Readers hold no reader up.
            let counts = |other: &ThreadId| {
                side == Side::Write || waits_at(semantics, view, rwlock, *other) == Some(Side::Write)
            };
            line::set_of(before.filter(counts))
        }
    };
    (first != 0).then_some(BlockCause::Behind { object: rwlock, ahead: first })
}

/// On which side of the lock a thread waits, if it does.
fn waits_at(semantics: &Semantics<'_>, view: View<'_>, rwlock: ObjectId, thread: ThreadId) -> Option<Side> {
    if !line::has_arrived(view, thread) {
        return None;
    }
    let Visible::Op(Op::RwLock { rwlock: other, op }) = visible_at(semantics.program, view, thread) else {
        return None;
    };
    if other.resolve(view.locals(thread)).expect("it was resolved on arrival") != rwlock {
        return None;
    }
    match op {
        RwLockOp::Read { .. } => Some(Side::Read),
        RwLockOp::Write { .. } => Some(Side::Write),
        RwLockOp::TryRead { .. }
        | RwLockOp::TryWrite { .. }
        | RwLockOp::ReadUnlock { .. }
        | RwLockOp::WriteUnlock { .. } => None,
    }
}

/// The locks under which a thread reads or writes, in order of index.
pub(super) fn held_by(semantics: &Semantics<'_>, view: View<'_>, thread: ThreadId) -> Vec<ObjectId> {
    let program = semantics.program;
    let is_held = |rwlock: &ObjectId| {
        matches!(program.object(*rwlock).kind, ObjectKind::RwLock(_))
            && (writer(view, *rwlock) == Some(thread) || reads(view, *rwlock, thread) > 0)
    };
    program.object_ids().filter(is_held).collect()
}

/// Only `read` and `write` can block; where somebody goes first they arrive before.
pub(super) fn offers(at: At<'_>, rwlock: ObjectId, op: &RwLockOp) -> Offers {
    let waits = |side: Side| {
        if arrives(at.semantics, at.view, rwlock, at.thread) {
            return Offers::Only;
        }
        obstacle(at.semantics, at.view, rwlock, at.thread, side).map_or(Offers::Only, Offers::Blocked)
    };
    match op {
        RwLockOp::Read { .. } => waits(Side::Read),
        RwLockOp::Write { .. } => waits(Side::Write),
        RwLockOp::TryRead { .. }
        | RwLockOp::TryWrite { .. }
        | RwLockOp::ReadUnlock { .. }
        | RwLockOp::WriteUnlock { .. } => Offers::Only,
    }
}

/// Whether the next step of a `read` or `write` is the first of two.
fn arrives(semantics: &Semantics<'_>, view: View<'_>, rwlock: ObjectId, thread: ThreadId) -> bool {
    preference(semantics.program, rwlock) != Preference::Anybody && !line::has_arrived(view, thread)
}

/// Free, read or written is all that matters, unless somebody goes first.
pub(super) fn gate(preference: Preference, op: &RwLockOp, slot: Option<usize>) -> Gate {
    match op {
        RwLockOp::Read { .. } | RwLockOp::Write { .. } if preference != Preference::Anybody => Gate::Ask,
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
    let semantics = step.semantics;
    let state = step.state.view().object(rwlock, STATE);
    match op {
        RwLockOp::Read { .. } | RwLockOp::Write { .. }
            if arrives(semantics, step.state.view(), rwlock, step.thread) =>
        {
            match preference(semantics.program, rwlock) {
                Preference::Fifo => line::join(step, rwlock, line_of(semantics)),
                Preference::Anybody | Preference::Writers | Preference::Readers => line::arrive(step),
            }
            return Effect::Stay;
        }
        RwLockOp::Read { .. } => {
            assert!(state <= 0, "the guard said that nobody writes");
            wait_no_longer(step, rwlock);
            return read(step, rwlock, state);
        }
        RwLockOp::Write { .. } => {
            wait_no_longer(step, rwlock);
            write(step, rwlock);
        }
        RwLockOp::TryRead { to } => {
            let enters = obstacle(semantics, step.state.view(), rwlock, step.thread, Side::Read).is_none();
            if enters && let cut @ Effect::Cut(_) = read(step, rwlock, state) {
                return cut;
            }
            step.give(*to, i64::from(enters));
        }
        RwLockOp::TryWrite { to } => {
            let enters = obstacle(semantics, step.state.view(), rwlock, step.thread, Side::Write).is_none();
            if enters {
                write(step, rwlock);
            }
            step.give(*to, i64::from(enters));
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

/// The second step, where there are two.
fn wait_no_longer(step: &mut Step<'_>, rwlock: ObjectId) {
    let semantics = step.semantics;
    match preference(semantics.program, rwlock) {
        Preference::Anybody => {}
        Preference::Writers | Preference::Readers => line::complete(step),
        Preference::Fifo => line::leave(step, rwlock, line_of(semantics)),
    }
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
