//! `channel`: a monitor around messages, and around who meets whom where there is no room for messages.

use super::backend::Backend;
use super::closing::{Closes, Lid};
use super::frame::{Frame, Trouble};
use super::monitor::Monitor;
use super::own_channel::{OwnChannel, Received};
use super::wants::{Footprint, Wants};
use super::{Execution, Halt};
use crate::finding::{BlockCause, Event, LimitHit, Misuse, Phase, Returned, Target};
use crate::program::{Capacity, ChannelOp, LocalId, ObjectId, ResultTag, ThreadId, Value};
use crate::schedule::Pick;
use std::collections::VecDeque;

/// A channel on a backend.
pub(crate) struct Channel<B: Backend> {
    pub(crate) capacity: Capacity,
    pub(crate) state: Monitor<B, Messages>,
    /// The runtime's own, which is then used instead.
    pub(crate) own: Option<B::Channel>,
}

/// What is in a channel, and who stands at it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Messages {
    queue: VecDeque<i64>,
    lid: Lid,
    /// Rendezvous: senders that have arrived, in order of arrival.
    offers: Vec<Offer>,
    /// Rendezvous: receivers that have arrived, in order of arrival.
    receivers: Vec<Receiver>,
}

#[derive(Clone, Debug)]
struct Offer {
    sender: ThreadId,
    value: i64,
    taken: bool,
}

#[derive(Clone, Debug)]
struct Receiver {
    thread: ThreadId,
    given: Option<i64>,
}

impl Messages {
    /// A channel before the first step; `closers`: how many ends it waits for, if it closes itself.
    pub(crate) fn new(closers: Option<usize>) -> Self {
        Self { lid: Lid::new(closers), ..Self::default() }
    }

    /// Number of messages in it.
    pub(crate) fn len(&self) -> usize {
        self.queue.len()
    }

    fn has_room(&self, capacity: Capacity) -> bool {
        match capacity {
            Capacity::Unbounded => true,
            Capacity::Bounded(room) => u32::try_from(self.queue.len()).is_ok_and(|len| len < room),
            Capacity::Rendezvous => false,
        }
    }

    /// Positions of the offers that nobody has taken.
    fn open_offers(&self) -> Vec<usize> {
        (0..self.offers.len()).filter(|position| !self.offers[*position].taken).collect()
    }

    /// Positions of the receivers that nobody has given anything.
    fn open_receivers(&self) -> Vec<usize> {
        (0..self.receivers.len()).filter(|position| self.receivers[*position].given.is_none()).collect()
    }

    /// Why a send cannot take effect.
    pub(crate) fn send_obstacle(&self, channel: ObjectId, capacity: Capacity) -> Option<BlockCause> {
        (!self.lid.closed && !self.has_room(capacity)).then_some(BlockCause::Full { channel })
    }

    /// Why the second step of a rendezvous send cannot take effect.
    pub(crate) fn taken_obstacle(&self, channel: ObjectId, sender: ThreadId) -> Option<BlockCause> {
        let taken = self.offers.iter().any(|offer| offer.sender == sender && offer.taken);
        (!taken && !self.lid.closed).then_some(BlockCause::NoPartner { channel })
    }

    /// Why a receive (of a rendezvous its second step) cannot take effect.
    pub(crate) fn recv_obstacle(
        &self,
        channel: ObjectId,
        capacity: Capacity,
        receiver: ThreadId,
    ) -> Option<BlockCause> {
        if self.lid.closed {
            return None;
        }
        match capacity {
            Capacity::Rendezvous => {
                let given = self.receivers.iter().any(|other| other.thread == receiver && other.given.is_some());
                (!given && self.open_offers().is_empty()).then_some(BlockCause::NoPartner { channel })
            }
            Capacity::Unbounded | Capacity::Bounded(_) => {
                self.queue.is_empty().then_some(BlockCause::Empty { channel })
            }
        }
    }
}

impl Closes for Messages {
    fn lid(&mut self) -> &mut Lid {
        &mut self.lid
    }
}

/// How an attempt to send went.
enum Sent {
    Yes,
    NoRoom,
    Closed,
    TooLong,
}

/// How an attempt to receive went.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Got {
    Message(i64),
    /// A message of this sender, by rendezvous.
    From(ThreadId, i64),
    Nothing,
    TimedOut,
    Closed,
}

/// What is wrong where they do: the interpreter, and nothing that it finds can be trusted.
const DIFFER: &str = "the runtime's channel and the books differ about what is in it";

impl Got {
    /// What the runtime's own channel gave; the books follow.
    fn by_own<B: Backend>(received: Received, channel: &Channel<B>) -> Self {
        let got = match received {
            Received::Message(value) => Got::Message(value),
            Received::Nothing => Got::Nothing,
            Received::Closed => Got::Closed,
        };
        assert_eq!(got, channel.state.keep(receive), "{DIFFER}");
        got
    }

    /// What a receive with a time-out makes of it.
    fn or_timeout(self) -> Self {
        if matches!(self, Got::Nothing) { Got::TimedOut } else { self }
    }
}

impl<B: Backend> Frame<'_, B> {
    /// An operation on a channel.
    pub(super) fn channel(&mut self, id: ObjectId, op: &ChannelOp) -> Result<(), Trouble> {
        let execution = self.execution;
        let channel = execution.world.channel(id);
        match &channel.own {
            Some(own) if B::NATURE.serial => return self.channel_by_the_books(id, channel, own, op),
            Some(own) => return self.own_channel(id, own, op),
            None => {}
        }
        match op {
            ChannelOp::Send { value } => {
                let value = value.eval_locals(self.locals())?;
                match channel.capacity {
                    Capacity::Rendezvous => self.offer(id, channel, value),
                    Capacity::Unbounded | Capacity::Bounded(_) => self.send(id, channel, value),
                }
            }
            ChannelOp::Recv { tag, to } => match channel.capacity {
                Capacity::Rendezvous => {
                    self.arrive_to_receive(id, channel)?;
                    self.meet(id, channel, *tag, *to)
                }
                Capacity::Unbounded | Capacity::Bounded(_) => {
                    self.announce(Wants::Message(id), Footprint::writes(id))?;
                    let got = channel.state.exchange(&execution.backend, self.thread, |state| {
                        Some(receive(state)).filter(|got| !matches!(got, Got::Nothing))
                    });
                    self.received(id, got, Phase::Whole, *tag, *to)
                }
            },
            ChannelOp::TrySend { value, to } => {
                let value = value.eval_locals(self.locals())?;
                self.try_send(id, channel, value, *to)
            }
            ChannelOp::TryRecv { tag, to } => {
                self.announce(Wants::Nothing, Footprint::writes(id))?;
                let (backend, thread) = (&execution.backend, self.thread);
                let got = channel.state.change(backend, |state| match channel.capacity {
                    Capacity::Rendezvous => take_offer(state, execution, thread),
                    Capacity::Unbounded | Capacity::Bounded(_) => receive(state),
                });
                self.received(id, got, Phase::Whole, *tag, *to)
            }
            ChannelOp::RecvTimeout { tag, to, .. } => {
                let rendezvous = channel.capacity == Capacity::Rendezvous;
                if rendezvous {
                    self.arrive_to_receive(id, channel)?;
                }
                // A time-out can always fire, so this waits for nobody.
                self.announce(Wants::Nothing, Footprint::writes(id))?;
                let (backend, thread) = (&execution.backend, self.thread);
                let got = channel.state.change(backend, |state| match channel.capacity {
                    Capacity::Rendezvous => give_up_meeting(state, execution, thread),
                    Capacity::Unbounded | Capacity::Bounded(_) => receive(state),
                });
                let phase = if rendezvous { Phase::Complete } else { Phase::Whole };
                self.received(id, got.or_timeout(), phase, *tag, *to)
            }
            ChannelOp::Close => {
                self.announce(Wants::Nothing, Footprint::writes(id))?;
                let thread = self.thread;
                let event = self.event(Phase::Whole, Some(Target::Object(id)));
                self.happened(event, |record| record.order.release(thread, id))?;
                channel.state.change(&execution.backend, |state| state.lid.closed = true);
                Ok(())
            }
            ChannelOp::Len { to } => {
                self.announce(Wants::Nothing, Footprint::reads(id))?;
                let len = channel.state.look(&execution.backend, Messages::len);
                let len = i64::try_from(len).unwrap_or(i64::MAX);
                self.set(*to, len);
                let mut event = self.event(Phase::Whole, Some(Target::Object(id)));
                event.returned = Some(Returned::Value(Value::Int(len)));
                self.happened(event, |_| {})
            }
        }
    }

    /// An operation on a channel of the runtime's own where every step is logged. A thread is given its turn only once
    /// there is room or a message, so that none of these calls waits.
    fn channel_by_the_books(
        &mut self,
        id: ObjectId,
        channel: &Channel<B>,
        own: &B::Channel,
        op: &ChannelOp,
    ) -> Result<(), Trouble> {
        let touched = Footprint::writes(id);
        let limit = self.execution.run.limits.channel_length;
        match op {
            ChannelOp::Send { value } => {
                let value = value.eval_locals(self.locals())?;
                self.announce(Wants::Room(id), touched)?;
                let sent = channel.state.keep(|state| put(state, channel.capacity, limit, value));
                assert!(!matches!(sent, Sent::NoRoom), "a thread sends where there is no room by the books");
                if matches!(sent, Sent::Yes) {
                    own.send(self.thread, value);
                }
                let event = self.event(Phase::Whole, Some(Target::Object(id)));
                self.sent(id, channel.capacity, &sent, value, event).map(drop)
            }
            ChannelOp::TrySend { value, to } => {
                let value = value.eval_locals(self.locals())?;
                self.announce(Wants::Nothing, touched)?;
                let sent = channel.state.keep(|state| put(state, channel.capacity, limit, value));
                if matches!(sent, Sent::Yes | Sent::NoRoom) {
                    let by_own = own.try_send(self.thread, value);
                    assert_eq!(by_own, matches!(sent, Sent::Yes), "{DIFFER}");
                }
                let event = self.answer(id, matches!(sent, Sent::Yes));
                let done = self.sent(id, channel.capacity, &sent, value, event)?;
                self.set(*to, i64::from(done));
                Ok(())
            }
            ChannelOp::Recv { tag, to } => {
                self.announce(Wants::Message(id), touched)?;
                let got = Got::by_own(own.recv(), channel);
                self.received(id, got, Phase::Whole, *tag, *to)
            }
            ChannelOp::TryRecv { tag, to } => {
                self.announce(Wants::Nothing, touched)?;
                let got = Got::by_own(own.try_recv(), channel);
                self.received(id, got, Phase::Whole, *tag, *to)
            }
            ChannelOp::RecvTimeout { tag, to, .. } => {
                // A time-out can always fire, so this waits for nobody.
                self.announce(Wants::Nothing, touched)?;
                let got = Got::by_own(own.try_recv(), channel);
                self.received(id, got.or_timeout(), Phase::Whole, *tag, *to)
            }
            ChannelOp::Close | ChannelOp::Len { .. } => unreachable!("such a channel does not fit"),
        }
    }

    /// `send` where messages are held.
    fn send(&mut self, id: ObjectId, channel: &Channel<B>, value: i64) -> Result<(), Trouble> {
        let execution = self.execution;
        self.announce(Wants::Room(id), Footprint::writes(id))?;
        let limit = execution.run.limits.channel_length;
        let sent = channel.state.exchange(&execution.backend, self.thread, |state| {
            Some(put(state, channel.capacity, limit, value)).filter(|sent| !matches!(sent, Sent::NoRoom))
        });
        let event = self.event(Phase::Whole, Some(Target::Object(id)));
        self.sent(id, channel.capacity, &sent, value, event).map(drop)
    }

    fn try_send(&mut self, id: ObjectId, channel: &Channel<B>, value: i64, to: LocalId) -> Result<(), Trouble> {
        self.announce(Wants::Nothing, Footprint::writes(id))?;
        let execution = self.execution;
        let backend = &execution.backend;
        if channel.capacity == Capacity::Rendezvous {
            let (closed, given) = channel.state.change(backend, |state| {
                let open = state.open_receivers();
                let given = (!state.lid.closed && !open.is_empty()).then(|| {
                    let threads: Vec<ThreadId> = open.iter().map(|at| state.receivers[*at].thread).collect();
                    let receiver = &mut state.receivers[open[partner(execution, self.thread, &threads)]];
                    receiver.given = Some(value);
                    receiver.thread
                });
                (state.lid.closed, given)
            });
            let operands = vec![self.value_type(id).value(value)];
            if closed {
                let event = Event { operands, ..self.event(Phase::Whole, Some(Target::Object(id))) };
                return Err(self.forbidden(event, id, Misuse::SendAfterClose));
            }
            self.set(to, i64::from(given.is_some()));
            let mut event = Event { operands, ..self.answer(id, given.is_some()) };
            event.pick = given.map_or(Pick::Only, Pick::Waiter);
            let sender = self.thread;
            return self.happened(event, |record| {
                if let Some(receiver) = given {
                    record.order.meet(sender, receiver);
                }
            });
        }
        let limit = execution.run.limits.channel_length;
        let sent = channel.state.change(backend, |state| put(state, channel.capacity, limit, value));
        let event = self.answer(id, matches!(sent, Sent::Yes));
        let done = self.sent(id, channel.capacity, &sent, value, event)?;
        self.set(to, i64::from(done));
        Ok(())
    }

    /// What follows an attempt to send where messages are held; says whether it was sent.
    fn sent(
        &mut self,
        id: ObjectId,
        capacity: Capacity,
        sent: &Sent,
        value: i64,
        mut event: Event,
    ) -> Result<bool, Trouble> {
        event.operands = vec![self.value_type(id).value(value)];
        let thread = self.thread;
        match sent {
            Sent::Yes => {
                let room = match capacity {
                    Capacity::Bounded(room) => usize::try_from(room).ok(),
                    Capacity::Unbounded | Capacity::Rendezvous => None,
                };
                self.happened(event, |record| record.order.send(thread, id, room))?;
                Ok(true)
            }
            Sent::NoRoom => {
                self.happened(event, |_| {})?;
                Ok(false)
            }
            Sent::Closed => {
                event.returned = None;
                Err(self.forbidden(event, id, Misuse::SendAfterClose))
            }
            Sent::TooLong => {
                let limit = self.execution.run.limits.channel_length;
                Err(Halt::Cut(LimitHit::ChannelLength { limit, channel: id }).into())
            }
        }
    }

    /// `send` of a rendezvous: arrives, then waits until its message is taken.
    fn offer(&mut self, id: ObjectId, channel: &Channel<B>, value: i64) -> Result<(), Trouble> {
        let execution = self.execution;
        let sender = self.thread;
        self.announce(Wants::Nothing, Footprint::writes(id))?;
        let mut event = self.event(Phase::Arrive, Some(Target::Object(id)));
        event.operands = vec![self.value_type(id).value(value)];
        let closed = channel.state.change(&execution.backend, |state| {
            if !state.lid.closed {
                state.offers.push(Offer { sender, value, taken: false });
            }
            state.lid.closed
        });
        if closed {
            event.phase = Phase::Whole;
            return Err(self.forbidden(event, id, Misuse::SendAfterClose));
        }
        self.happened(event.clone(), |_| {})?;
        self.announce(Wants::Taken(id), Footprint::writes(id))?;
        let taken = channel.state.take(&execution.backend, sender, |state| {
            let position = state.offers.iter().position(|offer| offer.sender == sender)?;
            let taken = state.offers[position].taken;
            (taken || state.lid.closed).then(|| {
                state.offers.remove(position);
                taken
            })
        });
        if !taken {
            event.phase = Phase::Whole;
            return Err(self.forbidden(event, id, Misuse::SendAfterClose));
        }
        event.phase = Phase::Complete;
        self.happened(event, |_| {})
    }

    /// First step of a receive at a rendezvous.
    fn arrive_to_receive(&mut self, id: ObjectId, channel: &Channel<B>) -> Result<(), Trouble> {
        let thread = self.thread;
        self.announce(Wants::Nothing, Footprint::writes(id))?;
        let receiver = Receiver { thread, given: None };
        channel.state.change(&self.execution.backend, |state| state.receivers.push(receiver));
        self.happened(self.event(Phase::Arrive, Some(Target::Object(id))), |_| {})
    }

    /// Second step of `recv` at a rendezvous: waits for a sender.
    fn meet(&mut self, id: ObjectId, channel: &Channel<B>, tag: LocalId, to: LocalId) -> Result<(), Trouble> {
        let execution = self.execution;
        let thread = self.thread;
        self.announce(Wants::Message(id), Footprint::writes(id))?;
        let got = channel.state.exchange(&execution.backend, thread, |state| {
            let got = met(state, execution, thread);
            if matches!(got, Got::Nothing) {
                return None;
            }
            state.receivers.retain(|receiver| receiver.thread != thread);
            Some(got)
        });
        self.received(id, got, Phase::Complete, tag, to)
    }

    /// What follows an attempt to receive.
    fn received(&mut self, id: ObjectId, got: Got, phase: Phase, tag: LocalId, to: LocalId) -> Result<(), Trouble> {
        let (result, message) = match got {
            Got::Message(value) | Got::From(_, value) => (ResultTag::Some, Some(value)),
            Got::Nothing => (ResultTag::None, None),
            Got::TimedOut => (ResultTag::Timeout, None),
            Got::Closed => (ResultTag::Closed, None),
        };
        self.set(tag, result.slot());
        if let Some(value) = message {
            self.set(to, value);
        }
        let ty = self.value_type(id);
        let mut event = self.event(phase, Some(Target::Object(id)));
        event.returned = Some(Returned::Tagged(result, message.map(|value| ty.value(value))));
        let receiver = self.thread;
        let rendezvous = self.execution.world.channel(id).capacity == Capacity::Rendezvous;
        if let Got::From(sender, _) = got {
            event.pick = Pick::Waiter(sender);
        } else if matches!(got, Got::TimedOut) {
            event.pick = Pick::Timeout;
        }
        self.happened(event, |record| match got {
            // A receiver that was given its message by `try_send` met the sender then.
            Got::Message(_) if rendezvous => {}
            Got::Message(_) => record.order.receive(receiver, id),
            Got::From(sender, _) => record.order.meet(sender, receiver),
            Got::Closed => record.order.acquire(receiver, id),
            Got::Nothing | Got::TimedOut => {}
        })
    }
}

fn put(state: &mut Messages, capacity: Capacity, limit: u32, value: i64) -> Sent {
    if state.lid.closed {
        return Sent::Closed;
    }
    if !state.has_room(capacity) {
        return Sent::NoRoom;
    }
    if capacity == Capacity::Unbounded && u32::try_from(state.queue.len()).is_ok_and(|len| len >= limit) {
        return Sent::TooLong;
    }
    state.queue.push_back(value);
    Sent::Yes
}

fn receive(state: &mut Messages) -> Got {
    match state.queue.pop_front() {
        Some(value) => Got::Message(value),
        None if state.lid.closed => Got::Closed,
        None => Got::Nothing,
    }
}

/// Takes the message of a sender that has arrived: which, the world chooses.
fn take_offer<B: Backend>(state: &mut Messages, execution: &Execution<B>, receiver: ThreadId) -> Got {
    if state.lid.closed {
        return Got::Closed;
    }
    let open = state.open_offers();
    if open.is_empty() {
        return Got::Nothing;
    }
    let senders: Vec<ThreadId> = open.iter().map(|at| state.offers[*at].sender).collect();
    let offer = &mut state.offers[open[partner(execution, receiver, &senders)]];
    offer.taken = true;
    Got::From(offer.sender, offer.value)
}

/// What a receiver that has arrived at a rendezvous gets now.
fn met<B: Backend>(state: &mut Messages, execution: &Execution<B>, receiver: ThreadId) -> Got {
    let given = state.receivers.iter().find(|other| other.thread == receiver).and_then(|other| other.given);
    given.map_or_else(|| take_offer(state, execution, receiver), Got::Message)
}

/// The same for one that stays no longer.
fn give_up_meeting<B: Backend>(state: &mut Messages, execution: &Execution<B>, receiver: ThreadId) -> Got {
    let got = met(state, execution, receiver);
    state.receivers.retain(|other| other.thread != receiver);
    got
}

/// Whom of several the thread meets; a backend that cannot choose takes the first. Gives the position.
fn partner<B: Backend>(execution: &Execution<B>, thread: ThreadId, others: &[ThreadId]) -> usize {
    if others.len() < 2 {
        return 0;
    }
    let picks: Vec<Pick> = others.iter().copied().map(Pick::Waiter).collect();
    execution.choose(thread, &picks)
}

impl<B: Backend> Execution<B> {
    /// Whether only the runtime knows what is in a channel. Then only threads that wait there are asked about.
    fn is_without_books(&self, channel: ObjectId) -> bool {
        !B::NATURE.serial && self.world.channel(channel).own.is_some()
    }

    /// Why a step at a channel cannot take effect.
    pub(super) fn channel_obstacle(&self, thread: ThreadId, wants: Wants) -> Option<BlockCause> {
        match wants {
            Wants::Room(channel) if self.is_without_books(channel) => Some(BlockCause::Full { channel }),
            Wants::Taken(channel) if self.is_without_books(channel) => Some(BlockCause::NoPartner { channel }),
            Wants::Message(channel) if self.is_without_books(channel) => {
                Some(match self.world.channel(channel).capacity {
                    Capacity::Rendezvous => BlockCause::NoPartner { channel },
                    Capacity::Unbounded | Capacity::Bounded(_) => BlockCause::Empty { channel },
                })
            }
            Wants::Room(id) => {
                let channel = self.world.channel(id);
                channel.state.peek(|state| state.send_obstacle(id, channel.capacity))
            }
            Wants::Message(id) => {
                let channel = self.world.channel(id);
                channel.state.peek(|state| state.recv_obstacle(id, channel.capacity, thread))
            }
            Wants::Taken(id) => self.world.channel(id).state.peek(|state| state.taken_obstacle(id, thread)),
            Wants::Nothing
            | Wants::Mutex(_)
            | Wants::Read(_)
            | Wants::Write(_)
            | Wants::Signal { .. }
            | Wants::SignalOrTime { .. }
            | Wants::SignalOrSpurious { .. }
            | Wants::Back(_)
            | Wants::Permits(..)
            | Wants::All(_)
            | Wants::Set(_)
            | Wants::Stage(_)
            | Wants::Answer(_)
            | Wants::News(_)
            | Wants::Value(..)
            | Wants::Next(_)
            | Wants::Place(_)
            | Wants::Item(_)
            | Wants::Finished(_)
            | Wants::End(_)
            | Wants::Over(_)
            | Wants::Condition => None,
        }
    }
}
