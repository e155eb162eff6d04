//! Channels: a buffer of messages, oldest first.
//!
//! `send` blocks while a bounded channel is full, `recv` while it is open and empty. After close a send is misuse (also
//! one that was blocked when the channel closed); what is in the channel can still be received, then `recv` gives
//! `closed`.
//!
//! A rendezvous (capacity 0) has no messages: send and receive are two steps each, arrive and complete; a receiver picks
//! any of the senders that have arrived.
//!
//! `recv_timeout` is `recv` whose time-out fires exactly where it would block; at a rendezvous it has arrived by then.
//!
//! Happens-before: each send before its receive, the k-th receive before the (k + capacity)-th send, close before a
//! receive of `closed`.
//!
//! # Source
//! `std::sync::mpsc` and Go's channels; `send after close` is Go's panic.

use super::buffer;
use super::closing::{self, is_closed};
use super::layout::{Status, View};
use super::step::{At, Effect, Offers, Step};
use super::{Semantics, Visible, visible_at};
use crate::finding::{BlockCause, LimitHit, Misuse, Phase};
use crate::program::{Capacity, ChannelOp, Fault, ObjectId, ObjectKind, Op, Program, ResultTag, ThreadId, Type};
use crate::schedule::Pick;

fn capacity(program: &Program, channel: ObjectId) -> Capacity {
    let ObjectKind::Channel { capacity, .. } = &program.object(channel).kind else { unreachable!("not a channel") };
    *capacity
}

fn element_type(program: &Program, channel: ObjectId) -> Type {
    let ObjectKind::Channel { element, .. } = &program.object(channel).kind else { unreachable!("not a channel") };
    *element
}

/// Number of messages in a channel; 0 in a rendezvous.
fn length(view: View<'_>, channel: ObjectId) -> i64 {
    i64::try_from(buffer::length(view, channel)).expect("lengths are small")
}

fn is_full(program: &Program, view: View<'_>, channel: ObjectId) -> bool {
    match capacity(program, channel) {
        Capacity::Bounded(capacity) => length(view, channel) >= i64::from(capacity),
        Capacity::Unbounded | Capacity::Rendezvous => false,
    }
}

/// Which side of a rendezvous.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Sender,
    Receiver,
}

/// The threads that have arrived at this side of a rendezvous and have no partner yet, as a set of bits by index.
fn arrived(semantics: &Semantics<'_>, view: View<'_>, channel: ObjectId, side: Side) -> u64 {
    let stands_here = |thread: &ThreadId| {
        if view.status(*thread) != Status::Arrived {
            return false;
        }
        // It may as well stand at a barrier.
        let Visible::Op(Op::Channel { channel: other, op }) = visible_at(semantics.program, view, *thread) else {
            return false;
        };
        let theirs = if matches!(op, ChannelOp::Send { .. }) { Side::Sender } else { Side::Receiver };
        theirs == side && other.resolve(view.locals(*thread)).expect("it was resolved on arrival") == channel
    };
    semantics.program.thread_ids().filter(stands_here).fold(0, |set, thread| set | (1 << thread.0))
}

/// `send` and `recv` can block, and the second steps of a rendezvous.
pub(super) fn offers(at: At<'_>, channel: ObjectId, op: &ChannelOp) -> Offers {
    let program = at.semantics.program;
    let rendezvous = capacity(program, channel) == Capacity::Rendezvous;
    let status = at.view.status(at.thread);
    let closed = is_closed(at.view, channel);
    match op {
        ChannelOp::Send { .. } if rendezvous => {
            let waits = status == Status::Arrived && !closed;
            if waits { Offers::Blocked(BlockCause::NoPartner { channel }) } else { Offers::Only }
        }
        ChannelOp::Send { .. } if !closed && is_full(program, at.view, channel) => {
            Offers::Blocked(BlockCause::Full { channel })
        }
        ChannelOp::Recv { .. } => recv_offers(at, channel),
        ChannelOp::RecvTimeout { .. } => recv_offers(at, channel).or_timeout(),
        ChannelOp::TrySend { .. } if rendezvous && !closed => {
            partners(arrived(at.semantics, at.view, channel, Side::Receiver))
        }
        ChannelOp::TryRecv { .. } if rendezvous && !closed => {
            partners(arrived(at.semantics, at.view, channel, Side::Sender))
        }
        ChannelOp::Send { .. }
        | ChannelOp::TrySend { .. }
        | ChannelOp::TryRecv { .. }
        | ChannelOp::Close
        | ChannelOp::Len { .. } => Offers::Only,
    }
}

/// A receive waits for a message or the end; at a rendezvous it arrives, then waits for a sender.
fn recv_offers(at: At<'_>, channel: ObjectId) -> Offers {
    let rendezvous = capacity(at.semantics.program, channel) == Capacity::Rendezvous;
    if is_closed(at.view, channel) || (rendezvous && at.view.status(at.thread) != Status::Arrived) {
        return Offers::Only;
    }
    if !rendezvous {
        let empty = length(at.view, channel) == 0;
        return if empty { Offers::Blocked(BlockCause::Empty { channel }) } else { Offers::Only };
    }
    match arrived(at.semantics, at.view, channel, Side::Sender) {
        0 => Offers::Blocked(BlockCause::NoPartner { channel }),
        senders => Offers::Waiters(senders),
    }
}

/// A non-blocking half of a rendezvous meets one of those who wait, or nobody.
fn partners(set: u64) -> Offers {
    if set == 0 { Offers::Only } else { Offers::Waiters(set) }
}

/// Takes effect.
pub(super) fn apply(step: &mut Step<'_>, channel: ObjectId, op: &ChannelOp, pick: Pick) -> Result<Effect, Fault> {
    step.note_object(channel);
    let rendezvous = capacity(step.semantics.program, channel) == Capacity::Rendezvous;
    let closed = is_closed(step.state.view(), channel);
    match op {
        ChannelOp::Send { value } => {
            let message = operand(step, channel, value)?;
            if rendezvous {
                return Ok(meet_receiver(step, channel));
            }
            if closed {
                return Ok(Effect::Misuse(Some(channel), Misuse::SendAfterClose));
            }
            Ok(push(step, channel, message))
        }
        ChannelOp::Recv { tag, to } | ChannelOp::RecvTimeout { tag, to, .. } => {
            if rendezvous {
                return Ok(meet_sender(step, channel, (*tag, *to), pick));
            }
            if pick == Pick::Timeout {
                step.give_result(*tag, ResultTag::Timeout, None);
            } else if length(step.state.view(), channel) > 0 {
                let message = pop(step, channel);
                step.give_result(*tag, ResultTag::Some, Some((*to, message)));
            } else {
                assert!(closed, "the guard said that there is a message or that it is closed");
                receive_closed(step, channel, *tag);
            }
            Ok(Effect::Next)
        }
        ChannelOp::TrySend { value, to } => {
            let message = operand(step, channel, value)?;
            if closed {
                return Ok(Effect::Misuse(Some(channel), Misuse::SendAfterClose));
            }
            if rendezvous {
                if let Pick::Waiter(receiver) = pick {
                    step.state.set_status(receiver, Status::Matched);
                    step.state.set_pending(receiver, message);
                    step.exchange_knowledge(receiver);
                }
                step.give(*to, i64::from(pick != Pick::Only));
                return Ok(Effect::Next);
            }
            let room = !is_full(step.semantics.program, step.state.view(), channel);
            if room && let cut @ Effect::Cut(_) = push(step, channel, message) {
                return Ok(cut);
            }
            step.give(*to, i64::from(room));
            Ok(Effect::Next)
        }
        ChannelOp::TryRecv { tag, to } => {
            if let Pick::Waiter(sender) = pick {
                let message = take_from(step, sender)?;
                step.give_result(*tag, ResultTag::Some, Some((*to, message)));
            } else if length(step.state.view(), channel) > 0 {
                let message = pop(step, channel);
                step.give_result(*tag, ResultTag::Some, Some((*to, message)));
            } else if closed {
                receive_closed(step, channel, *tag);
            } else {
                step.give_result(*tag, ResultTag::None, None);
            }
            Ok(Effect::Next)
        }
        ChannelOp::Close => {
            closing::close(step, channel);
            Ok(Effect::Next)
        }
        ChannelOp::Len { to } => {
            let length = length(step.state.view(), channel);
            step.give(*to, length);
            Ok(Effect::Next)
        }
    }
}

/// Evaluates the message of a send.
fn operand(step: &mut Step<'_>, channel: ObjectId, value: &crate::program::LocalExpr) -> Result<i64, Fault> {
    let message = step.eval(value)?;
    if step.event.is_some() {
        let value = element_type(step.semantics.program, channel).value(message);
        step.note_operand(value);
    }
    Ok(message)
}

/// Appends a message.
fn push(step: &mut Step<'_>, channel: ObjectId, message: i64) -> Effect {
    let limit = step.semantics.limits.channel_length;
    let length = length(step.state.view(), channel);
    if capacity(step.semantics.program, channel) == Capacity::Unbounded && length >= i64::from(limit) {
        return Effect::Cut(LimitHit::ChannelLength { limit, channel });
    }
    let position = usize::try_from(length).expect("a length is not negative");
    buffer::insert(&mut step.state, channel, position, message);
    step.publish_message(channel, position);
    Effect::Next
}

/// Takes the oldest message out.
fn pop(step: &mut Step<'_>, channel: ObjectId) -> i64 {
    let message = buffer::remove(&mut step.state, channel, 0);
    step.learn_message(channel, buffer::length(step.state.view(), channel));
    message
}

fn receive_closed(step: &mut Step<'_>, channel: ObjectId, tag: crate::program::LocalId) {
    step.learn_close(channel);
    step.give_result(tag, ResultTag::Closed, None);
}

/// Either of the two steps of a rendezvous send.
fn meet_receiver(step: &mut Step<'_>, channel: ObjectId) -> Effect {
    let status = step.state.view().status(step.thread);
    if status == Status::Matched {
        step.note_phase(Phase::Complete);
        step.state.set_status(step.thread, Status::Running);
        return Effect::Next;
    }
    if is_closed(step.state.view(), channel) {
        step.state.set_status(step.thread, Status::Running);
        return Effect::Misuse(Some(channel), Misuse::SendAfterClose);
    }
    step.note_phase(Phase::Arrive);
    step.state.set_status(step.thread, Status::Arrived);
    Effect::Stay
}

/// Either of the two steps of a rendezvous receive; `result` are the locals for tag and message.
fn meet_sender(
    step: &mut Step<'_>,
    channel: ObjectId,
    result: (crate::program::LocalId, crate::program::LocalId),
    pick: Pick,
) -> Effect {
    let (tag, to) = result;
    match step.state.view().status(step.thread) {
        Status::Matched => {
            step.note_phase(Phase::Complete);
            let message = step.state.view().pending(step.thread);
            step.state.set_pending(step.thread, 0);
            step.state.set_status(step.thread, Status::Running);
            step.give_result(tag, ResultTag::Some, Some((to, message)));
            Effect::Next
        }
        Status::Arrived => {
            step.note_phase(Phase::Complete);
            step.state.set_status(step.thread, Status::Running);
            if let Pick::Waiter(sender) = pick {
                let message = take_from(step, sender).expect("the message was evaluated on arrival");
                step.give_result(tag, ResultTag::Some, Some((to, message)));
            } else if pick == Pick::Timeout {
                step.give_result(tag, ResultTag::Timeout, None);
            } else {
                receive_closed(step, channel, tag);
            }
            Effect::Next
        }
        Status::Running
        | Status::Waiting
        | Status::Notified
        | Status::TimedOut
        | Status::UnwindingPanic
        | Status::UnwindingMisuse
        | Status::Ended
        | Status::Failed
        | Status::Unobserved
        | Status::NotStarted => {
            step.note_phase(Phase::Arrive);
            step.state.set_status(step.thread, Status::Arrived);
            Effect::Stay
        }
    }
}

/// Takes the message of a sender that has arrived, which may then complete.
fn take_from(step: &mut Step<'_>, sender: ThreadId) -> Result<i64, Fault> {
    let view = step.state.view();
    let Visible::Op(Op::Channel { op: ChannelOp::Send { value }, .. }) =
        visible_at(step.semantics.program, view, sender)
    else {
        unreachable!("a sender stands at a send")
    };
    let message = value.eval_locals(view.locals(sender))?;
    step.state.set_status(sender, Status::Matched);
    step.exchange_knowledge(sender);
    Ok(message)
}
