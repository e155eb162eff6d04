//! What closes: one slot, 1 where it is closed, the same for channels of every kind.
//!
//! `close` closes, and where the declaration says `closed by` the end of the last of those threads. Nothing opens again,
//! and closing twice does nothing. Closing, and the end of each of those threads, happens before whatever learns that
//! nothing will come any more.

use super::Semantics;
use super::buffer;
use super::layout::View;
use super::step::Step;
use crate::program::ObjectId;

/// The slot, of an object that closes.
const CLOSED: usize = buffer::OWN;

/// Whether it is closed.
pub(super) fn is_closed(view: View<'_>, object: ObjectId) -> bool {
    view.object(object, CLOSED) != 0
}

/// The stepping thread closes it.
pub(super) fn close(step: &mut Step<'_>, object: ObjectId) {
    step.publish_close(object);
    step.state.set_object(object, CLOSED, 1);
}

/// Closes what is `closed by` a group without threads.
pub(super) fn without_closers(semantics: &Semantics<'_>, slots: &mut [i64], object: ObjectId) {
    let group_is_empty = semantics.program.object(object).kind.closed_by().is_some_and(<[_]>::is_empty);
    slots[semantics.layout.object(object) + CLOSED] = i64::from(group_is_empty);
}

/// Closes what is `closed by` a group that has ended with the stepping thread.
pub(super) fn behind(step: &mut Step<'_>) {
    let program = step.semantics.program;
    for (object, id) in program.objects.iter().zip(program.object_ids()) {
        let Some(closers) = object.kind.closed_by().filter(|closers| closers.contains(&step.thread)) else { continue };
        step.publish_close(id);
        let view = step.state.view();
        if closers.iter().all(|closer| view.status(*closer).has_ended()) {
            step.state.set_object(id, CLOSED, 1);
        }
    }
}
