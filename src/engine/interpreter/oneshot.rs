//! `oneshot`: a monitor around the value and where it is.

use super::backend::Backend;
use super::closing::{Closes, Lid};
use super::frame::{Frame, Trouble};
use super::wants::{Footprint, Wants};
use crate::finding::{Event, Misuse, Phase, Returned, Target};
use crate::program::{ObjectId, OneshotOp, Patience, ResultTag};
use crate::schedule::Pick;

/// What is known about the one value.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Answer {
    value: Where,
    lid: Lid,
}

#[derive(Clone, Copy, Debug)]
enum Where {
    /// With its sender, who may never send it.
    Sender,
    /// Here.
    Here(i64),
    /// With its receiver.
    Receiver,
}

/// How an attempt to send went.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sent {
    Yes,
    TooLate,
    Twice,
}

/// How an attempt to receive went.
#[derive(Clone, Copy)]
enum Got {
    Value(i64),
    /// Nothing yet.
    Nothing,
    /// Nothing, because it is closed.
    Closed,
    /// Nothing, because somebody has the value.
    Gone,
}

impl Answer {
    /// Before the first step; `closers`: how many ends it waits for, if it closes itself.
    pub(crate) fn new(closers: Option<usize>) -> Self {
        Self { value: Where::Sender, lid: Lid::new(closers) }
    }

    /// Whether a receiver would have to wait.
    pub(crate) fn is_awaited(&self) -> bool {
        matches!(self.value, Where::Sender) && !self.lid.closed
    }

    fn send(&mut self, value: i64) -> Sent {
        match self.value {
            Where::Here(_) | Where::Receiver => Sent::Twice,
            Where::Sender if self.lid.closed => Sent::TooLate,
            Where::Sender => {
                self.value = Where::Here(value);
                Sent::Yes
            }
        }
    }

    fn receive(&mut self) -> Got {
        match (self.value, self.lid.closed) {
            (Where::Here(value), _) => {
                self.value = Where::Receiver;
                Got::Value(value)
            }
            (Where::Sender | Where::Receiver, true) => Got::Closed,
            (Where::Sender, false) => Got::Nothing,
            (Where::Receiver, false) => Got::Gone,
        }
    }
}

impl Closes for Answer {
    fn lid(&mut self) -> &mut Lid {
        &mut self.lid
    }
}

impl<B: Backend> Frame<'_, B> {
    /// An operation on a one-shot channel.
    pub(super) fn oneshot(&mut self, id: ObjectId, op: &OneshotOp) -> Result<(), Trouble> {
        let execution = self.execution;
        let (backend, thread) = (&execution.backend, self.thread);
        let answer = execution.world.oneshot(id);
        let touched = Footprint::writes(id);
        match op {
            OneshotOp::Send { value, to } => {
                let value = value.eval_locals(self.locals())?;
                self.announce(Wants::Nothing, touched)?;
                let sent = answer.change(backend, |answer| answer.send(value));
                let operands = vec![self.value_type(id).value(value)];
                if sent == Sent::Twice {
                    let event = Event { operands, ..self.event(Phase::Whole, Some(Target::Object(id))) };
                    return Err(self.forbidden(event, id, Misuse::SentTwice));
                }
                let sent = sent == Sent::Yes;
                self.set(*to, i64::from(sent));
                let event = Event { operands, ..self.answer(id, sent) };
                self.happened(event, |record| {
                    if sent {
                        record.order.send(thread, id, None);
                    }
                })
            }
            OneshotOp::Recv { patience, tag, to } => {
                let got = match patience {
                    Patience::Forever => {
                        self.announce(Wants::Answer(id), touched)?;
                        answer.exchange(backend, thread, |answer| {
                            Some(answer.receive()).filter(|got| !matches!(got, Got::Nothing))
                        })
                    }
                    Patience::NotAtAll | Patience::Timed { .. } => {
                        self.announce(Wants::Nothing, touched)?;
                        answer.change(backend, Answer::receive)
                    }
                };
                let mut event = self.event(Phase::Whole, Some(Target::Object(id)));
                let (result, value) = match (got, patience) {
                    (Got::Value(value), _) => (ResultTag::Some, Some(value)),
                    (Got::Closed | Got::Gone, _) => (ResultTag::Closed, None),
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
                event.returned = Some(Returned::Tagged(result, value.map(|value| self.value_type(id).value(value))));
                self.happened(event, |record| match got {
                    Got::Value(_) => record.order.receive(thread, id),
                    Got::Closed => record.order.acquire(thread, id),
                    Got::Nothing | Got::Gone => {}
                })
            }
            OneshotOp::Close => {
                self.announce(Wants::Nothing, touched)?;
                let event = self.event(Phase::Whole, Some(Target::Object(id)));
                self.happened(event, |record| record.order.release(thread, id))?;
                answer.change(backend, |answer| answer.lid.closed = true);
                Ok(())
            }
        }
    }
}
