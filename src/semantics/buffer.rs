//! Messages in slots: slot 0 the length, slot 1 the owner's, then the messages in order, zero-filled.
//!
//! It knows neither who may put in or take out, nor which message is next: that is said by `channel` and `queue`.

use super::layout::{View, ViewMut};
use crate::program::ObjectId;

const LENGTH: usize = 0;
/// A slot that is the owner's: whether a channel is closed (`closing`), the unfinished items of a queue.
pub(super) const OWN: usize = 1;
const MESSAGES: usize = 2;
/// Slots in front of the messages.
pub(super) const HEAD: usize = MESSAGES;

/// Number of messages.
pub(super) fn length(view: View<'_>, object: ObjectId) -> usize {
    usize::try_from(view.object(object, LENGTH)).expect("a length is not negative")
}

/// The message at a position.
pub(super) fn message(view: View<'_>, object: ObjectId, position: usize) -> i64 {
    view.object(object, MESSAGES + position)
}

/// Puts a message in before the one at `position`.
pub(super) fn insert(state: &mut ViewMut<'_>, object: ObjectId, position: usize, new: i64) {
    let length = length(state.view(), object);
    for place in (position..length).rev() {
        let moved = message(state.view(), object, place);
        state.set_object(object, MESSAGES + place + 1, moved);
    }
    state.set_object(object, MESSAGES + position, new);
    set_length(state, object, length + 1);
}

/// Takes the message at `position` out.
pub(super) fn remove(state: &mut ViewMut<'_>, object: ObjectId, position: usize) -> i64 {
    let taken = message(state.view(), object, position);
    let left = length(state.view(), object) - 1;
    for place in position..left {
        let moved = message(state.view(), object, place + 1);
        state.set_object(object, MESSAGES + place, moved);
    }
    state.set_object(object, MESSAGES + left, 0);
    set_length(state, object, left);
    taken
}

fn set_length(state: &mut ViewMut<'_>, object: ObjectId, length: usize) {
    state.set_object(object, LENGTH, i64::try_from(length).expect("lengths are small"));
}
