//! Lines: who waits for an object that is served in order of arrival. One slot for each thread of the program: the
//! index plus 1 of whoever waits there, the longest waiter first, and 0 behind the last one.
//!
//! An operation that can wait is two steps: its thread arrives, which never blocks and puts it at the end of the line,
//! and completes once it is its turn. An object that is free belongs to those at the head of its line from that moment
//! on: nobody else can have it. Whose turn it is says the file of the primitive.

use super::layout::{Status, View};
use super::step::Step;
use crate::finding::Phase;
use crate::program::{ObjectId, ThreadId};

/// Who waits, the longest waiter first. `first`: position of the line among the object's slots.
pub(super) fn waiting(view: View<'_>, object: ObjectId, first: usize) -> impl Iterator<Item = ThreadId> + '_ {
    let slots = (first..first + view.layout.threads()).map(move |position| view.object(object, position));
    slots
        .take_while(|slot| *slot != 0)
        .map(|slot| ThreadId(u8::try_from(slot - 1).expect("the slot holds a thread's index plus 1")))
}

/// Who stands before a thread: all who wait, where it is not in the line itself.
pub(super) fn ahead(
    view: View<'_>,
    object: ObjectId,
    first: usize,
    thread: ThreadId,
) -> impl Iterator<Item = ThreadId> + '_ {
    waiting(view, object, first).take_while(move |other| *other != thread)
}

/// Whether a thread has come to the operation it stands at, and waits for its turn.
#[inline]
pub(super) fn has_arrived(view: View<'_>, thread: ThreadId) -> bool {
    view.status(thread) == Status::Arrived
}

/// The first step: the stepping thread has come.
pub(super) fn arrive(step: &mut Step<'_>) {
    step.note_phase(Phase::Arrive);
    step.state.set_status(step.thread, Status::Arrived);
}

/// The second step: it waits no longer.
pub(super) fn complete(step: &mut Step<'_>) {
    step.note_phase(Phase::Complete);
    step.state.set_status(step.thread, Status::Running);
}

/// As `arrive`, at the end of the line.
pub(super) fn join(step: &mut Step<'_>, object: ObjectId, first: usize) {
    arrive(step);
    let behind = waiting(step.state.view(), object, first).count();
    step.state.set_object(object, first + behind, i64::from(step.thread.0) + 1);
}

/// As `complete`, and those behind move up.
pub(super) fn leave(step: &mut Step<'_>, object: ObjectId, first: usize) {
    complete(step);
    let place = ahead(step.state.view(), object, first, step.thread).count();
    let end = first + step.state.layout.threads() - 1;
    for position in first + place..end {
        let next = step.state.view().object(object, position + 1);
        step.state.set_object(object, position, next);
    }
    step.state.set_object(object, end, 0);
}

/// Threads as a set of bits by index.
pub(super) fn set_of(threads: impl Iterator<Item = ThreadId>) -> u64 {
    threads.fold(0, |set, thread| set | (1 << thread.0))
}
