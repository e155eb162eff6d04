//! Queues: a buffer whose own slot counts the items that were put in and are not finished.
//!
//! `put` blocks while a bounded queue is full, `get` while it is empty, `join` while an item is unfinished; `try_` and
//! `_timeout` give up where they would block. What comes out next is the oldest item, the newest (`lifo`) or the least
//! (`priority`). `task_done` when all items are finished is misuse. Items are counted only where somebody asks.
//!
//! Happens-before: a queue has one lock inside, so each operation on it happens before each later one.
//!
//! # Source
//! Python's `queue.Queue`, `LifoQueue`, `PriorityQueue`.

use super::buffer;
use super::layout::View;
use super::step::{At, Effect, Offers, Step};
use crate::finding::{BlockCause, LimitHit, Misuse};
use crate::limits::COUNTER_MAX;
use crate::program::{Fault, ObjectId, ObjectKind, Patience, Program, QueueOp, QueueOrder, ResultTag, Tasks, Type};
use crate::schedule::Pick;

/// What a declaration fixes.
struct Declared {
    order: QueueOrder,
    room: Option<u32>,
    element: Type,
    tasks: Tasks,
}

fn declared(program: &Program, queue: ObjectId) -> Declared {
    let ObjectKind::Queue { order, room, element, tasks } = program.object(queue).kind else {
        unreachable!("not a queue")
    };
    Declared { order, room, element, tasks }
}

fn unfinished(view: View<'_>, queue: ObjectId) -> i64 {
    view.object(queue, buffer::OWN)
}

fn is_full(program: &Program, view: View<'_>, queue: ObjectId) -> bool {
    let room = declared(program, queue).room.and_then(|room| usize::try_from(room).ok());
    room.is_some_and(|room| buffer::length(view, queue) >= room)
}

/// `put`, `get` and `join` can block.
pub(super) fn offers(at: At<'_>, queue: ObjectId, op: &QueueOp) -> Offers {
    match op {
        QueueOp::Put { patience, .. } => {
            let full = is_full(at.semantics.program, at.view, queue);
            unless(full, *patience, BlockCause::Full { channel: queue })
        }
        QueueOp::Get { patience, .. } => {
            unless(buffer::length(at.view, queue) == 0, *patience, BlockCause::Empty { channel: queue })
        }
        QueueOp::Join => unless(unfinished(at.view, queue) > 0, Patience::Forever, BlockCause::Unfinished { queue }),
        QueueOp::Len { .. } | QueueOp::IsEmpty { .. } | QueueOp::IsFull { .. } | QueueOp::TaskDone => Offers::Only,
    }
}

fn unless(hindered: bool, patience: Patience, cause: BlockCause) -> Offers {
    if hindered { Offers::hindered(patience, cause) } else { Offers::Only }
}

/// Takes effect.
pub(super) fn apply(step: &mut Step<'_>, queue: ObjectId, op: &QueueOp, pick: Pick) -> Result<Effect, Fault> {
    step.note_object(queue);
    step.acquire(queue);
    let effect = match op {
        QueueOp::Put { value, done, .. } => {
            let item = step.eval(value)?;
            let program = step.semantics.program;
            step.note_operand(declared(program, queue).element.value(item));
            let room = !is_full(program, step.state.view(), queue);
            let effect = if room { put(step, queue, item) } else { Effect::Next };
            if let Some(done) = done {
                step.give(*done, i64::from(room));
            }
            effect
        }
        QueueOp::Get { tag, to, .. } => {
            get(step, queue, *tag, *to, pick);
            Effect::Next
        }
        QueueOp::Len { to } => {
            let length = i64::try_from(buffer::length(step.state.view(), queue)).expect("lengths are small");
            step.give(*to, length);
            Effect::Next
        }
        QueueOp::IsEmpty { to } => {
            let empty = buffer::length(step.state.view(), queue) == 0;
            step.give(*to, i64::from(empty));
            Effect::Next
        }
        QueueOp::IsFull { to } => {
            let full = is_full(step.semantics.program, step.state.view(), queue);
            step.give(*to, i64::from(full));
            Effect::Next
        }
        QueueOp::TaskDone => match unfinished(step.state.view(), queue) {
            0 => return Ok(Effect::Misuse(Some(queue), Misuse::TaskDoneTooOften)),
            some => {
                step.state.set_object(queue, buffer::OWN, some - 1);
                Effect::Next
            }
        },
        QueueOp::Join => Effect::Next,
    };
    step.release(queue);
    Ok(effect)
}

fn put(step: &mut Step<'_>, queue: ObjectId, item: i64) -> Effect {
    let Declared { order, room, tasks, .. } = declared(step.semantics.program, queue);
    let view = step.state.view();
    let length = buffer::length(view, queue);
    let limit = step.semantics.limits.channel_length;
    if room.is_none() && u32::try_from(length).is_ok_and(|length| length >= limit) {
        return Effect::Cut(LimitHit::ChannelLength { limit, channel: queue });
    }
    let position = match order {
        QueueOrder::Fifo | QueueOrder::Lifo => length,
        QueueOrder::Priority => {
            (0..length).find(|position| buffer::message(view, queue, *position) > item).unwrap_or(length)
        }
    };
    if tasks == Tasks::Counted {
        let more = unfinished(view, queue) + 1;
        if more > COUNTER_MAX {
            return Effect::Cut(LimitHit::Counter { object: queue });
        }
        step.state.set_object(queue, buffer::OWN, more);
    }
    buffer::insert(&mut step.state, queue, position, item);
    Effect::Next
}

fn get(
    step: &mut Step<'_>,
    queue: ObjectId,
    tag: Option<crate::program::LocalId>,
    to: crate::program::LocalId,
    pick: Pick,
) {
    let length = buffer::length(step.state.view(), queue);
    if length == 0 {
        let nothing = if pick == Pick::Timeout { ResultTag::Timeout } else { ResultTag::None };
        step.give_result(tag.expect("a `get` without a result waits for an item"), nothing, None);
        return;
    }
    let position = match declared(step.semantics.program, queue).order {
        QueueOrder::Fifo | QueueOrder::Priority => 0,
        QueueOrder::Lifo => length - 1,
    };
    let item = buffer::remove(&mut step.state, queue, position);
    match tag {
        None => step.give(to, item),
        Some(tag) => step.give_result(tag, ResultTag::Some, Some((to, item))),
    }
}
