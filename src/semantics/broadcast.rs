//! Broadcasts: a buffer of the newest values, and for each thread that receives how many of them it has still to get
//! (`BEHIND`) and how many it has missed (`MISSED`). A value is kept until every receiver has it, but no more than there
//! is room for.
//!
//! `send` never blocks: where there is no room, the oldest value goes, and whoever has not got it has missed it. `recv`
//! gives `failed` first where values were missed, then the oldest that is left; it blocks while there is nothing for its
//! thread. After close what is there can still be received.
//!
//! Happens-before: each send before each receive of its value, closing before a receive that gives `closed`. Everything
//! else orders nothing.
//!
//! # Source
//! `tokio::sync::broadcast`, every receiving thread subscribed from its start. Its room is rounded up to a power of two;
//! here it is what the declaration says.

use super::buffer;
use super::closing::{self, is_closed};
use super::layout::Status;
use super::step::{At, Effect, Offers, Step};
use crate::finding::{BlockCause, LimitHit, Misuse};
use crate::limits::COUNTER_MAX;
use crate::program::{BroadcastOp, Fault, Lag, LocalId, ObjectId, ObjectKind, Program, ResultTag, ThreadId, Type};
use crate::schedule::Pick;

const BEHIND: usize = 0;
const MISSED: usize = 1;
/// Slots of one receiver.
const RECEIVER: usize = 2;

/// Number of slots.
pub(super) fn slots(room: u32, listeners: &[ThreadId]) -> usize {
    buffer::HEAD + cells(room) + listeners.len() * RECEIVER
}

fn cells(room: u32) -> usize {
    usize::try_from(room).expect("u32 fits into usize")
}

/// What a declaration fixes.
#[derive(Clone, Copy)]
struct Declared<'p> {
    room: usize,
    listeners: &'p [ThreadId],
    lag: Lag,
}

impl<'p> Declared<'p> {
    fn of(program: &'p Program, broadcast: ObjectId) -> Self {
        let ObjectKind::Broadcast { room, listeners, lag, .. } = &program.object(broadcast).kind else {
            unreachable!("not a broadcast")
        };
        Self { room: cells(*room), listeners, lag: *lag }
    }

    /// A slot of the receiver in this position.
    fn slot(self, position: usize, which: usize) -> usize {
        buffer::HEAD + self.room + position * RECEIVER + which
    }

    fn receiver(self, thread: ThreadId) -> usize {
        self.listeners.iter().position(|listener| *listener == thread).expect("every thread that receives is listed")
    }
}

/// Only `recv` can block.
pub(super) fn offers(at: At<'_>, broadcast: ObjectId, op: &BroadcastOp) -> Offers {
    match op {
        BroadcastOp::Recv { patience, .. } => {
            let declared = Declared::of(at.semantics.program, broadcast);
            let receiver = declared.receiver(at.thread);
            let has = |which| at.view.object(broadcast, declared.slot(receiver, which)) > 0;
            let hindered = !has(BEHIND) && !has(MISSED) && !is_closed(at.view, broadcast);
            if hindered { Offers::hindered(*patience, BlockCause::Empty { channel: broadcast }) } else { Offers::Only }
        }
        BroadcastOp::Send { .. } | BroadcastOp::Subscribe | BroadcastOp::Len { .. } | BroadcastOp::Close => {
            Offers::Only
        }
    }
}

/// Takes effect.
pub(super) fn apply(step: &mut Step<'_>, broadcast: ObjectId, op: &BroadcastOp, pick: Pick) -> Result<Effect, Fault> {
    step.note_object(broadcast);
    match op {
        BroadcastOp::Send { value } => {
            let value = step.eval(value)?;
            step.note_operand(Type::Int.value(value));
            if is_closed(step.state.view(), broadcast) {
                return Ok(Effect::Misuse(Some(broadcast), Misuse::SendAfterClose));
            }
            return Ok(send(step, broadcast, value));
        }
        BroadcastOp::Recv { tag, to, .. } => receive(step, broadcast, (*tag, *to), pick),
        BroadcastOp::Subscribe => {
            let declared = Declared::of(step.semantics.program, broadcast);
            if declared.listeners.contains(&step.thread) {
                let receiver = declared.receiver(step.thread);
                step.state.set_object(broadcast, declared.slot(receiver, BEHIND), 0);
                step.state.set_object(broadcast, declared.slot(receiver, MISSED), 0);
                drop_what_all_have(step, broadcast);
            }
        }
        BroadcastOp::Len { to } => {
            let length = buffer::length(step.state.view(), broadcast);
            step.give(*to, i64::try_from(length).expect("lengths are small"));
        }
        BroadcastOp::Close => closing::close(step, broadcast),
    }
    Ok(Effect::Next)
}

fn send(step: &mut Step<'_>, broadcast: ObjectId, value: i64) -> Effect {
    let declared = Declared::of(step.semantics.program, broadcast);
    let view = step.state.view();
    let is_subscribed = |position: &usize| view.status(declared.listeners[*position]) != Status::NotStarted;
    let subscribed: Vec<usize> = (0..declared.listeners.len()).filter(is_subscribed).collect();
    if subscribed.is_empty() {
        return Effect::Next;
    }
    let full = i64::try_from(declared.room).expect("rooms are small");
    if buffer::length(step.state.view(), broadcast) == declared.room {
        drop_oldest(step, broadcast);
    }
    for position in subscribed {
        let (behind, missed) = (declared.slot(position, BEHIND), declared.slot(position, MISSED));
        let now = step.state.view().object(broadcast, behind);
        if now < full {
            step.state.set_object(broadcast, behind, now + 1);
            continue;
        }
        let more = step.state.view().object(broadcast, missed) + 1;
        if more > COUNTER_MAX {
            return Effect::Cut(LimitHit::Counter { object: broadcast });
        }
        let noted = match declared.lag {
            Lag::Counted => more,
            Lag::Noted => 1,
        };
        step.state.set_object(broadcast, missed, noted);
    }
    let position = buffer::length(step.state.view(), broadcast);
    buffer::insert(&mut step.state, broadcast, position, value);
    step.publish_message_at(broadcast, position);
    Effect::Next
}

/// `result` are the locals for tag and value.
fn receive(step: &mut Step<'_>, broadcast: ObjectId, result: (LocalId, LocalId), pick: Pick) {
    let (tag, to) = result;
    let declared = Declared::of(step.semantics.program, broadcast);
    let receiver = declared.receiver(step.thread);
    let view = step.state.view();
    let behind = view.object(broadcast, declared.slot(receiver, BEHIND));
    let missed = view.object(broadcast, declared.slot(receiver, MISSED));
    if missed > 0 {
        step.state.set_object(broadcast, declared.slot(receiver, MISSED), 0);
        let number = (declared.lag == Lag::Counted).then_some((to, missed));
        step.give_result(tag, ResultTag::Failed, number);
    } else if behind > 0 {
        let back = usize::try_from(behind).expect("what is still to get is a number of values");
        let position = buffer::length(view, broadcast) - back;
        let value = buffer::message(view, broadcast, position);
        step.learn_message_at(broadcast, position);
        step.state.set_object(broadcast, declared.slot(receiver, BEHIND), behind - 1);
        drop_what_all_have(step, broadcast);
        step.give_result(tag, ResultTag::Some, Some((to, value)));
    } else if is_closed(view, broadcast) {
        step.learn_close(broadcast);
        step.give_result(tag, ResultTag::Closed, None);
    } else {
        let nothing = if pick == Pick::Timeout { ResultTag::Timeout } else { ResultTag::None };
        step.give_result(tag, nothing, None);
    }
}

fn drop_oldest(step: &mut Step<'_>, broadcast: ObjectId) {
    buffer::remove(&mut step.state, broadcast, 0);
    step.forget_first_message(broadcast, buffer::length(step.state.view(), broadcast));
}

/// Values that every receiver has are kept no longer.
fn drop_what_all_have(step: &mut Step<'_>, broadcast: ObjectId) {
    let declared = Declared::of(step.semantics.program, broadcast);
    let view = step.state.view();
    let behind = |position| view.object(broadcast, declared.slot(position, BEHIND));
    let most = (0..declared.listeners.len()).map(behind).max().unwrap_or(0);
    let most = usize::try_from(most).expect("what is still to get is a number of values");
    while buffer::length(step.state.view(), broadcast) > most {
        drop_oldest(step, broadcast);
    }
}
