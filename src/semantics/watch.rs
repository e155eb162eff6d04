//! Watched values: the latest value, and for each thread that asks for changes whether it has seen it. Slot 0 holds the
//! value, slot 1 whether it is closed (`closing`), then a slot for each of those threads, 1 where it has not.
//!
//! `send` replaces the value, which nobody has seen then; values in between are lost. `changed` waits for a value that
//! its thread has not seen, `wait_for` for a certain one; both have seen it then, and so has `borrow_and_update`.
//! `changed` of a closed one still gives a value that was not seen.
//!
//! Happens-before: a send before each later send and each later operation that gives the value or waits for one; closing
//! before whatever gives `closed`. `has_changed` orders nothing.
//!
//! # Source
//! `tokio::sync::watch`, every thread with a receiver from its start: the value that is there then counts as seen.

use super::closing::{self, is_closed};
use super::layout::{Status, View};
use super::step::{At, Effect, Offers, Step};
use crate::finding::{BlockCause, Misuse};
use crate::program::{Fault, ObjectId, ObjectKind, Program, ResultTag, ThreadId, Type, WatchOp};

const VALUE: usize = 0;
const UNSEEN: usize = 2;

/// Number of slots.
pub(super) fn slots(listeners: &[ThreadId]) -> usize {
    UNSEEN + listeners.len()
}

fn listeners(program: &Program, watch: ObjectId) -> &[ThreadId] {
    let ObjectKind::Watch { listeners, .. } = &program.object(watch).kind else { unreachable!("not a watch") };
    listeners
}

fn value_type(program: &Program, watch: ObjectId) -> Type {
    let ObjectKind::Watch { initial, .. } = &program.object(watch).kind else { unreachable!("not a watch") };
    initial.ty()
}

/// The slot that says whether a thread has not seen the value; `None` where it never asks.
fn unseen(program: &Program, watch: ObjectId, thread: ThreadId) -> Option<usize> {
    listeners(program, watch).iter().position(|listener| *listener == thread).map(|position| UNSEEN + position)
}

fn is_new(program: &Program, view: View<'_>, watch: ObjectId, thread: ThreadId) -> bool {
    unseen(program, watch, thread).is_some_and(|slot| view.object(watch, slot) != 0)
}

/// `changed` and `wait_for` can block.
pub(super) fn offers(at: At<'_>, watch: ObjectId, op: &WatchOp) -> Result<Offers, Fault> {
    let waits = match op {
        WatchOp::Changed { .. } => !is_new(at.semantics.program, at.view, watch, at.thread),
        WatchOp::WaitFor { value, .. } => at.view.object(watch, VALUE) != value.eval_locals(at.locals())?,
        WatchOp::Send { .. }
        | WatchOp::Borrow { .. }
        | WatchOp::BorrowAndUpdate { .. }
        | WatchOp::HasChanged { .. }
        | WatchOp::Close => false,
    };
    let blocked = waits && !is_closed(at.view, watch);
    Ok(if blocked { Offers::Blocked(BlockCause::Empty { channel: watch }) } else { Offers::Only })
}

/// Takes effect.
pub(super) fn apply(step: &mut Step<'_>, watch: ObjectId, op: &WatchOp) -> Result<Effect, Fault> {
    step.note_object(watch);
    let program = step.semantics.program;
    let current = step.state.view().object(watch, VALUE);
    match op {
        WatchOp::Send { value } => {
            let value = step.eval(value)?;
            step.note_operand(value_type(program, watch).value(value));
            if is_closed(step.state.view(), watch) {
                return Ok(Effect::Misuse(Some(watch), Misuse::SendAfterClose));
            }
            step.note_written(value_type(program, watch).value(value));
            step.state.set_object(watch, VALUE, value);
            for (position, listener) in listeners(program, watch).iter().enumerate() {
                if step.state.view().status(*listener) != Status::NotStarted {
                    step.state.set_object(watch, UNSEEN + position, 1);
                }
            }
            step.acquire(watch);
            step.release(watch);
        }
        WatchOp::Borrow { to } => {
            step.acquire(watch);
            step.give(*to, current);
        }
        WatchOp::BorrowAndUpdate { to } => {
            see(step, watch);
            step.give(*to, current);
        }
        WatchOp::HasChanged { to } => {
            let new = is_new(program, step.state.view(), watch, step.thread);
            step.give(*to, i64::from(new));
        }
        WatchOp::Changed { tag } => {
            let new = is_new(program, step.state.view(), watch, step.thread);
            waited(step, watch, *tag, new);
        }
        WatchOp::WaitFor { value, tag } => {
            let wanted = step.eval(value)?;
            step.note_operand(value_type(program, watch).value(wanted));
            waited(step, watch, *tag, current == wanted);
        }
        WatchOp::Close => closing::close(step, watch),
    }
    Ok(Effect::Next)
}

/// The thread has seen the value.
fn see(step: &mut Step<'_>, watch: ObjectId) {
    step.acquire(watch);
    if let Some(slot) = unseen(step.semantics.program, watch, step.thread) {
        step.state.set_object(watch, slot, 0);
    }
}

/// A wait is over: `came`, or it is closed.
fn waited(step: &mut Step<'_>, watch: ObjectId, tag: crate::program::LocalId, came: bool) {
    if came {
        see(step, watch);
        step.give_result(tag, ResultTag::Some, None);
    } else {
        step.learn_close(watch);
        step.give_result(tag, ResultTag::Closed, None);
    }
}
