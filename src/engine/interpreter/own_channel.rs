//! Channels of the runtime's own, where a channel of the scenario asks for no more than such a one gives: messages from
//! several threads to one, closed by nothing but the end of its senders.

use super::backend::Backend;
use super::frame::{Frame, Trouble};
use super::plan::visit;
use super::wants::{Footprint, Wants};
use crate::engine::construct::elements;
use crate::program::{
    Capacity, ChannelOp, CodeId, InstrKind, LocalId, ObjectId, ObjectKind, Op, Program, ResultTag, StateRead, ThreadId,
};
use std::collections::{BTreeMap, BTreeSet};

/// A channel of a runtime. Where the backend is serial, books are kept beside it.
pub(crate) trait OwnChannel {
    /// Sends; blocks while there is no room, and without any room until it is received.
    fn send(&self, sender: ThreadId, value: i64);
    /// Sends if there is room, or, without any room, if a receiver waits.
    fn try_send(&self, sender: ThreadId, value: i64) -> bool;
    /// Receives; blocks while there is nothing and somebody may still send.
    fn recv(&self) -> Received;
    /// Receives if there is something.
    fn try_recv(&self) -> Received;
    /// Receives; gives up after a while.
    fn recv_timeout(&self, micros: u64) -> Received;
    /// The end of a thread that the channel waits for.
    fn leave(&self, sender: ThreadId);
}

/// What a receiver got.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Received {
    /// A message.
    Message(i64),
    /// Nothing, for now.
    Nothing,
    /// Nothing, for ever.
    Closed,
}

/// For backends without channels.
#[derive(Debug)]
pub(crate) enum NoChannel {}

impl OwnChannel for NoChannel {
    fn send(&self, _sender: ThreadId, _value: i64) {
        match *self {}
    }

    fn try_send(&self, _sender: ThreadId, _value: i64) -> bool {
        match *self {}
    }

    fn recv(&self) -> Received {
        match *self {}
    }

    fn try_recv(&self) -> Received {
        match *self {}
    }

    fn recv_timeout(&self, _micros: u64) -> Received {
        match *self {}
    }

    fn leave(&self, _sender: ThreadId) {
        match *self {}
    }
}

/// What a channel of a runtime has to do.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Fit {
    /// How many messages it holds.
    pub(crate) capacity: Capacity,
    /// Threads that send, and where it closes itself all those whose end it waits for.
    pub(crate) senders: BTreeSet<ThreadId>,
    /// Whether it closes itself.
    pub(crate) closes: bool,
    /// Whether a daemon sends or receives: then a runtime must not be done with a message before the thread is that it
    /// lets go, because the program may end in between.
    pub(crate) used_by_daemon: bool,
}

/// The channels of a program that a runtime's own would do for. `observable`: threads whose end an instruction can
/// observe; `closes`: the channels that each thread's end closes.
pub(super) fn fits(
    program: &Program,
    observable: &BTreeSet<ThreadId>,
    closes: &[Vec<ObjectId>],
) -> BTreeMap<ObjectId, Fit> {
    let mut uses: BTreeMap<ObjectId, Uses> = BTreeMap::new();
    for (index, code) in program.codes.iter().enumerate() {
        let threads: Vec<ThreadId> =
            program.thread_ids().filter(|thread| program.thread(*thread).code == CodeId::new(index)).collect();
        let mut inside = false;
        for instr in &code.instrs {
            match &instr.kind {
                InstrKind::Op(Op::Channel { channel, op }) => {
                    for id in elements(channel) {
                        uses.entry(id).or_default().note(op, &threads, inside);
                    }
                }
                InstrKind::Atomically { .. } => inside = true,
                InstrKind::EndAtomically => inside = false,
                InstrKind::Op(_)
                | InstrKind::Set { .. }
                | InstrKind::Jump(_)
                | InstrKind::Branch { .. }
                | InstrKind::Assert { .. }
                | InstrKind::Assume { .. }
                | InstrKind::Panic { .. }
                | InstrKind::Guard { .. }
                | InstrKind::Halt
                | InstrKind::Unwound => {}
            }
        }
    }
    for property in &program.properties {
        visit(&property.condition, &mut |read| match read {
            StateRead::Length(object) => {
                let len = usize::try_from(object.len).expect("u32 fits into usize");
                for id in (object.base.index()..object.base.index() + len).map(ObjectId::new) {
                    uses.entry(id).or_default().more = true;
                }
            }
            StateRead::Object(_) | StateRead::IsLocked(_) | StateRead::Local { .. } => {}
        });
    }
    // The end of a thread is one step: nobody may see that a channel is closed and something else of that end is not.
    let alone = |thread: &ThreadId| closes[thread.index()].len() == 1 && !observable.contains(thread);
    let fits = uses.into_iter().filter_map(|(id, uses)| Some((id, uses.fit(program, id)?)));
    fits.filter(|(_, fit)| !fit.closes || fit.senders.iter().all(alone)).collect()
}

/// What a program does with a channel.
#[derive(Debug, Default)]
struct Uses {
    senders: BTreeSet<ThreadId>,
    receivers: BTreeSet<ThreadId>,
    /// It does more than send and receive.
    more: bool,
}

impl Uses {
    fn note(&mut self, op: &ChannelOp, threads: &[ThreadId], inside_block: bool) {
        self.more |= inside_block;
        match op {
            ChannelOp::Send { .. } | ChannelOp::TrySend { .. } => self.senders.extend(threads),
            ChannelOp::Recv { .. } | ChannelOp::TryRecv { .. } | ChannelOp::RecvTimeout { .. } => {
                self.receivers.extend(threads);
            }
            ChannelOp::Close | ChannelOp::Len { .. } => self.more = true,
        }
    }

    fn fit(mut self, program: &Program, channel: ObjectId) -> Option<Fit> {
        let ObjectKind::Channel { capacity, closed_by, .. } = &program.object(channel).kind else { return None };
        let closers: Option<BTreeSet<ThreadId>> = closed_by.as_ref().map(|threads| threads.iter().copied().collect());
        // A runtime's channel is closed once its senders are gone: no others may send, and there must have been some.
        let closes_so = closers.as_ref().is_none_or(|closers| !closers.is_empty() && self.senders.is_subset(closers));
        let used_by_daemon = self.senders.union(&self.receivers).any(|thread| program.thread(*thread).daemon);
        self.senders.extend(closers.iter().flatten());
        let fits = !self.more && self.receivers.len() <= 1 && closes_so;
        fits.then(|| Fit { capacity: *capacity, senders: self.senders, closes: closers.is_some(), used_by_daemon })
    }
}

impl<B: Backend> Frame<'_, B> {
    /// An operation on a channel of the runtime's own, without books.
    pub(super) fn own_channel(&mut self, id: ObjectId, own: &B::Channel, op: &ChannelOp) -> Result<(), Trouble> {
        let rendezvous = self.execution.world.channel(id).capacity == Capacity::Rendezvous;
        let touched = Footprint::writes(id);
        match op {
            ChannelOp::Send { value } => {
                let value = value.eval_locals(self.locals())?;
                self.announce(if rendezvous { Wants::Taken(id) } else { Wants::Room(id) }, touched)?;
                own.send(self.thread, value);
            }
            ChannelOp::TrySend { value, to } => {
                let value = value.eval_locals(self.locals())?;
                self.announce(Wants::Nothing, touched)?;
                let sent = own.try_send(self.thread, value);
                self.set(*to, i64::from(sent));
            }
            ChannelOp::Recv { tag, to } => {
                self.announce(Wants::Message(id), touched)?;
                let received = own.recv();
                self.keep_received(received, *tag, *to, ResultTag::None);
            }
            ChannelOp::TryRecv { tag, to } => {
                self.announce(Wants::Nothing, touched)?;
                let received = own.try_recv();
                self.keep_received(received, *tag, *to, ResultTag::None);
            }
            ChannelOp::RecvTimeout { micros, tag, to } => {
                self.announce(Wants::Nothing, touched)?;
                let received = own.recv_timeout(*micros);
                self.keep_received(received, *tag, *to, ResultTag::Timeout);
            }
            ChannelOp::Close | ChannelOp::Len { .. } => unreachable!("such a channel does not fit"),
        }
        Ok(())
    }

    /// `nothing`: what it is called that nothing came.
    fn keep_received(&mut self, received: Received, tag: LocalId, to: LocalId, nothing: ResultTag) {
        let result = match received {
            Received::Message(value) => {
                self.set(to, value);
                ResultTag::Some
            }
            Received::Nothing => nothing,
            Received::Closed => ResultTag::Closed,
        };
        self.set(tag, result.slot());
    }
}
