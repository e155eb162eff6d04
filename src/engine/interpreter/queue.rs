//! `queue`: a monitor around the items, which is what Python's is.

use super::backend::Backend;
use super::frame::{Frame, Trouble};
use super::monitor::Monitor;
use super::wants::{Footprint, Wants};
use super::{Execution, Halt};
use crate::finding::{BlockCause, Event, LimitHit, Misuse, Phase, Returned, Target};
use crate::program::{LocalId, ObjectId, Patience, QueueOp, QueueOrder, ResultTag, Value};
use crate::schedule::Pick;

/// What is in a queue.
#[derive(Clone, Debug)]
pub(crate) struct Items {
    order: QueueOrder,
    room: Option<u32>,
    /// In order of arrival.
    items: Vec<i64>,
    /// Items that `task_done` has not been called for.
    unfinished: u64,
}

impl Items {
    /// An empty queue.
    pub(crate) fn new(order: QueueOrder, room: Option<u32>) -> Self {
        Self { order, room, items: Vec::new(), unfinished: 0 }
    }

    /// Number of items.
    pub(crate) fn len(&self) -> usize {
        self.items.len()
    }

    fn is_full(&self) -> bool {
        self.room.is_some_and(|room| u32::try_from(self.items.len()).is_ok_and(|len| len >= room))
    }

    fn put(&mut self, item: i64, limit: u32) -> Put {
        if self.is_full() {
            return Put::NoRoom;
        }
        if self.room.is_none() && u32::try_from(self.items.len()).is_ok_and(|len| len >= limit) {
            return Put::TooLong;
        }
        self.items.push(item);
        self.unfinished += 1;
        Put::Done
    }

    fn take(&mut self) -> Option<i64> {
        let next = match self.order {
            QueueOrder::Fifo => (!self.items.is_empty()).then_some(0),
            QueueOrder::Lifo => self.items.len().checked_sub(1),
            QueueOrder::Priority => (0..self.items.len()).min_by_key(|position| self.items[*position]),
        };
        next.map(|position| self.items.remove(position))
    }
}

/// How an attempt to put an item in went.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Put {
    Done,
    NoRoom,
    TooLong,
}

impl<B: Backend> Frame<'_, B> {
    /// An operation on a queue.
    pub(super) fn queue(&mut self, id: ObjectId, op: &QueueOp) -> Result<(), Trouble> {
        let execution = self.execution;
        let (backend, thread) = (&execution.backend, self.thread);
        let queue = execution.world.queue(id);
        let touched = Footprint::writes(id);
        match op {
            QueueOp::Put { value, patience, done } => {
                let item = value.eval_locals(self.locals())?;
                let limit = execution.run.limits.channel_length;
                let put = match patience {
                    Patience::Forever => {
                        self.announce(Wants::Place(id), touched)?;
                        queue.exchange(backend, thread, |items| {
                            Some(items.put(item, limit)).filter(|put| *put != Put::NoRoom)
                        })
                    }
                    Patience::NotAtAll | Patience::Timed { .. } => {
                        self.announce(Wants::Nothing, touched)?;
                        queue.change(backend, |items| items.put(item, limit))
                    }
                };
                if put == Put::TooLong {
                    return Err(Halt::Cut(LimitHit::ChannelLength { limit, channel: id }).into());
                }
                let mut event = self.event(Phase::Whole, Some(Target::Object(id)));
                event.operands = vec![self.value_type(id).value(item)];
                if let Some(done) = done {
                    self.set(*done, i64::from(put == Put::Done));
                    event.returned = Some(Returned::Value(Value::Bool(put == Put::Done)));
                }
                event.pick = given_up(*patience, put == Put::NoRoom);
                self.passed(id, event)
            }
            QueueOp::Get { patience, tag, to } => {
                let item = match patience {
                    Patience::Forever => {
                        self.announce(Wants::Item(id), touched)?;
                        Some(queue.exchange(backend, thread, Items::take))
                    }
                    Patience::NotAtAll | Patience::Timed { .. } => {
                        self.announce(Wants::Nothing, touched)?;
                        queue.change(backend, Items::take)
                    }
                };
                self.got(id, *patience, item, *tag, *to)
            }
            QueueOp::Len { to } => {
                let len = self.look(id, |items| i64::try_from(items.len()).unwrap_or(i64::MAX))?;
                self.answered(id, *to, len, Value::Int(len))
            }
            QueueOp::IsEmpty { to } => {
                let empty = self.look(id, |items| items.len() == 0)?;
                self.answered(id, *to, i64::from(empty), Value::Bool(empty))
            }
            QueueOp::IsFull { to } => {
                let full = self.look(id, Items::is_full)?;
                self.answered(id, *to, i64::from(full), Value::Bool(full))
            }
            QueueOp::TaskDone => {
                self.announce(Wants::Nothing, touched)?;
                let finished = queue.change(backend, |items| {
                    let less = items.unfinished.checked_sub(1);
                    items.unfinished = less.unwrap_or(0);
                    less.is_some()
                });
                let event = self.event(Phase::Whole, Some(Target::Object(id)));
                if !finished {
                    return Err(self.forbidden(event, id, Misuse::TaskDoneTooOften));
                }
                self.passed(id, event)
            }
            QueueOp::Join => {
                self.announce(Wants::Finished(id), touched)?;
                queue.take(backend, thread, |items| (items.unfinished == 0).then_some(()));
                self.passed(id, self.event(Phase::Whole, Some(Target::Object(id))))
            }
        }
    }

    fn look<R>(&mut self, id: ObjectId, look: impl FnOnce(&Items) -> R) -> Result<R, Trouble> {
        // It takes the queue's lock, and so is ordered like everything else.
        self.announce(Wants::Nothing, Footprint::writes(id))?;
        Ok(self.execution.world.queue(id).look(&self.execution.backend, look))
    }

    fn answered(&mut self, id: ObjectId, to: LocalId, slot: i64, value: Value) -> Result<(), Trouble> {
        self.set(to, slot);
        let mut event = self.event(Phase::Whole, Some(Target::Object(id)));
        event.returned = Some(Returned::Value(value));
        self.passed(id, event)
    }

    fn got(
        &mut self,
        id: ObjectId,
        patience: Patience,
        item: Option<i64>,
        tag: Option<LocalId>,
        to: LocalId,
    ) -> Result<(), Trouble> {
        let value = item.map(|item| self.value_type(id).value(item));
        if let Some(item) = item {
            self.set(to, item);
        }
        let mut event = self.event(Phase::Whole, Some(Target::Object(id)));
        event.pick = given_up(patience, item.is_none());
        event.returned = match tag {
            None => value.map(Returned::Value),
            Some(tag) => {
                let result = match (item, event.pick) {
                    (Some(_), _) => ResultTag::Some,
                    (None, Pick::Timeout) => ResultTag::Timeout,
                    (None, _) => ResultTag::None,
                };
                self.set(tag, result.slot());
                Some(Returned::Tagged(result, value))
            }
        };
        self.passed(id, event)
    }

    /// An operation went through the queue's lock.
    fn passed(&mut self, id: ObjectId, event: Event) -> Result<(), Trouble> {
        let thread = self.thread;
        self.happened(event, |record| {
            record.order.acquire(thread, id);
            record.order.release(thread, id);
        })
    }
}

/// What the world decided about an operation that went on, or gave up.
fn given_up(patience: Patience, gave_up: bool) -> Pick {
    match patience {
        Patience::Timed { .. } if gave_up => Pick::Timeout,
        Patience::Timed { .. } | Patience::Forever | Patience::NotAtAll => Pick::Only,
    }
}

impl<B: Backend> Execution<B> {
    /// Why an operation on a queue cannot take effect.
    pub(super) fn queue_obstacle(&self, id: ObjectId, wants: Wants) -> Option<BlockCause> {
        let queue: &Monitor<B, Items> = self.world.queue(id);
        queue.peek(|items| {
            if wants == Wants::Place(id) {
                items.is_full().then_some(BlockCause::Full { channel: id })
            } else if wants == Wants::Item(id) {
                (items.len() == 0).then_some(BlockCause::Empty { channel: id })
            } else {
                (items.unfinished > 0).then_some(BlockCause::Unfinished { queue: id })
            }
        })
    }
}
