//! `broadcast`: a monitor around all that was sent, and where each receiver is in it.

use super::backend::Backend;
use super::closing::{Closes, Lid};
use super::frame::{Frame, Trouble};
use super::monitor::Inside;
use super::wants::{Footprint, Wants};
use super::watch::Listened;
use crate::finding::{Misuse, Phase, Returned, Target};
use crate::program::{BroadcastOp, Lag, ObjectId, ObjectKind, Patience, ResultTag, ThreadId, Type, Value};
use crate::schedule::Pick;
use std::collections::BTreeMap;

/// What was sent.
#[derive(Clone, Debug)]
pub(crate) struct Ring {
    room: usize,
    /// Everything, from the first value on.
    sent: Vec<i64>,
    /// For each receiver the number of the value that it gets next.
    next: BTreeMap<ThreadId, usize>,
    lid: Lid,
}

/// What a receiver got.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Got {
    /// A value, and its number.
    Value(i64, usize),
    /// So many were dropped before it came.
    Missed(usize),
    Nothing,
    Closed,
}

impl Ring {
    /// Before the first step; `closers`: how many ends it waits for, if it closes itself.
    pub(crate) fn new(room: u32, listeners: &[ThreadId], closers: Option<usize>) -> Self {
        Self {
            room: usize::try_from(room).unwrap_or(usize::MAX),
            sent: Vec::new(),
            next: listeners.iter().map(|listener| (*listener, 0)).collect(),
            lid: Lid::new(closers),
        }
    }

    /// The number of the oldest value that is not dropped for want of room.
    fn oldest(&self) -> usize {
        self.sent.len().saturating_sub(self.room)
    }

    /// How many values some receiver can still get.
    pub(crate) fn len(&self) -> usize {
        let slowest = self.next.values().copied().min().unwrap_or(self.sent.len());
        self.sent.len() - slowest.max(self.oldest())
    }

    /// Whether a receiver would have to wait.
    pub(crate) fn has_nothing_for(&self, thread: ThreadId) -> bool {
        self.next.get(&thread) == Some(&self.sent.len()) && !self.lid.closed
    }

    fn receive(&mut self, thread: ThreadId) -> Got {
        let oldest = self.oldest();
        let Some(next) = self.next.get_mut(&thread) else { return Got::Closed };
        if *next < oldest {
            let missed = oldest - *next;
            *next = oldest;
            return Got::Missed(missed);
        }
        match self.sent.get(*next) {
            Some(value) => {
                *next += 1;
                Got::Value(*value, *next - 1)
            }
            None if self.lid.closed => Got::Closed,
            None => Got::Nothing,
        }
    }
}

impl<B: Backend> Listened for Inside<'_, B, Ring> {
    fn begin_to_listen(&self, thread: ThreadId) {
        self.data(|ring| ring.next.insert(thread, ring.sent.len()));
    }
}

impl Closes for Ring {
    fn lid(&mut self) -> &mut Lid {
        &mut self.lid
    }
}

impl<B: Backend> Frame<'_, B> {
    /// An operation on a broadcast.
    pub(super) fn broadcast(&mut self, id: ObjectId, op: &BroadcastOp) -> Result<(), Trouble> {
        let execution = self.execution;
        let (backend, thread) = (&execution.backend, self.thread);
        let ring = execution.world.broadcast(id);
        let touched = Footprint::writes(id);
        let mut event = self.event(Phase::Whole, Some(Target::Object(id)));
        match op {
            BroadcastOp::Send { value } => {
                let value = value.eval_locals(self.locals())?;
                self.announce(Wants::Nothing, touched)?;
                let inside = ring.enter(backend);
                event.operands = vec![Value::Int(value)];
                if inside.data(|ring| ring.lid.closed) {
                    return Err(self.forbidden(event, id, Misuse::SendAfterClose));
                }
                inside.data(|ring| ring.sent.push(value));
                self.happened(event, |record| record.order.send(thread, id, None))?;
                inside.leave_changed();
                Ok(())
            }
            BroadcastOp::Recv { patience, tag, to, .. } => {
                let got = match patience {
                    Patience::Forever => {
                        self.announce(Wants::Next(id), touched)?;
                        ring.take(backend, thread, |ring| Some(ring.receive(thread)).filter(|got| *got != Got::Nothing))
                    }
                    Patience::NotAtAll | Patience::Timed { .. } => {
                        self.announce(Wants::Nothing, touched)?;
                        ring.change(backend, |ring| ring.receive(thread))
                    }
                };
                let counted =
                    matches!(&execution.run.program.object(id).kind, ObjectKind::Broadcast { lag: Lag::Counted, .. });
                let (result, value) = match (got, patience) {
                    (Got::Value(value, _), _) => (ResultTag::Some, Some(value)),
                    (Got::Missed(missed), _) if counted => (ResultTag::Failed, i64::try_from(missed).ok()),
                    (Got::Missed(_), _) => (ResultTag::Failed, None),
                    (Got::Closed, _) => (ResultTag::Closed, None),
                    (Got::Nothing, Patience::Timed { .. }) => {
                        event.pick = Pick::Timeout;
                        (ResultTag::Timeout, None)
                    }
                    (Got::Nothing, Patience::Forever | Patience::NotAtAll) => (ResultTag::None, None),
                };
                self.set(*tag, result.slot());
                if let Some(value) = value {
                    self.set(*to, value);
                }
                event.returned = Some(Returned::Tagged(result, value.map(|value| Type::Int.value(value))));
                self.happened(event, |record| match got {
                    Got::Value(_, number) => record.order.learn_message(thread, id, number),
                    Got::Closed => record.order.acquire(thread, id),
                    Got::Missed(_) | Got::Nothing => {}
                })
            }
            BroadcastOp::Subscribe => {
                self.announce(Wants::Nothing, touched)?;
                ring.change(backend, |ring| {
                    let end = ring.sent.len();
                    if let Some(next) = ring.next.get_mut(&thread) {
                        *next = end;
                    }
                });
                self.happened(event, |_| {})
            }
            BroadcastOp::Len { to } => {
                self.announce(Wants::Nothing, Footprint::reads(id))?;
                let len = i64::try_from(ring.look(backend, Ring::len)).unwrap_or(i64::MAX);
                self.set(*to, len);
                event.returned = Some(Returned::Value(Value::Int(len)));
                self.happened(event, |_| {})
            }
            BroadcastOp::Close => {
                self.announce(Wants::Nothing, touched)?;
                self.happened(event, |record| record.order.release(thread, id))?;
                ring.change(backend, |ring| ring.lid.closed = true);
                Ok(())
            }
        }
    }
}
