//! What a thread stands before: the step it is about to take, whether it can take effect now, and what it touches.

use crate::program::{ObjectId, Pc, ThreadId};

/// A thread's next step.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pending {
    /// The instruction.
    pub(crate) pc: Pc,
    /// What it waits for, if it may have to.
    pub(crate) wants: Wants,
    /// What it touches.
    pub(crate) footprint: Footprint,
}

impl Pending {
    /// Whether the thread waits and may wake for no reason.
    pub(crate) fn may_wake_for_nothing(&self) -> bool {
        matches!(self.wants, Wants::SignalOrSpurious { .. })
    }

    /// Whether only trying shows that the step can take effect.
    pub(crate) fn is_conditional(&self) -> bool {
        self.wants == Wants::Condition
    }
}

/// What a step needs before it can take effect.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Wants {
    /// Nothing: it is always enabled.
    Nothing,
    /// The mutex free.
    Mutex(ObjectId),
    /// That nobody writes under the lock.
    Read(ObjectId),
    /// That nobody reads or writes under the lock.
    Write(ObjectId),
    /// A notification, then the mutex free.
    Signal {
        /// The condition variable.
        condvar: ObjectId,
        /// The mutex to take again.
        mutex: ObjectId,
    },
    /// A notification, then the mutex free; or nothing, where its time-out may fire before.
    SignalOrTime {
        /// The condition variable.
        condvar: ObjectId,
        /// The mutex to take again.
        mutex: ObjectId,
    },
    /// A notification, then the mutex free. Without one it may wake for no reason, which is no step that anybody counts
    /// on.
    SignalOrSpurious {
        /// The condition variable.
        condvar: ObjectId,
        /// The mutex to take again.
        mutex: ObjectId,
    },
    /// The mutex free, after a wait; in its turn, where there is a line.
    Back(ObjectId),
    /// As many permits.
    Permits(ObjectId, i64),
    /// That all have come to the barrier.
    All(ObjectId),
    /// That nobody runs the block of the once.
    Stage(ObjectId),
    /// The event set.
    Set(ObjectId),
    /// Room in the channel, or its end.
    Room(ObjectId),
    /// A message in the channel, or its end.
    Message(ObjectId),
    /// That a receiver has taken the message.
    Taken(ObjectId),
    /// The value of the one-shot channel, or its end.
    Answer(ObjectId),
    /// A value of the watch that the thread has not seen, or its end.
    News(ObjectId),
    /// This value of the watch, or its end.
    Value(ObjectId, i64),
    /// A value of the broadcast for this thread, or its end.
    Next(ObjectId),
    /// Room in the queue.
    Place(ObjectId),
    /// An item in the queue.
    Item(ObjectId),
    /// That every item of the queue is finished.
    Finished(ObjectId),
    /// The end of a thread.
    End(ThreadId),
    /// That a timer has nothing more to do, or has never begun.
    Over(ObjectId),
    /// The condition of a `when`.
    Condition,
}

/// The objects that a step reads and writes, as sets of bits by index modulo 64: two objects may share a bit, which
/// makes steps dependent that are not, never the other way round.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Footprint {
    reads: u64,
    writes: u64,
    /// Threads whose end it observes or is.
    ends: u64,
    /// Whether it is an indivisible block.
    block: bool,
    /// Whether an `always` can see that it has happened.
    seen: bool,
    /// Whether it is a step of a daemon.
    daemon: bool,
    /// Whether its thread, no daemon, may end with it; then so may the program.
    last: bool,
}

impl Footprint {
    /// Touches nothing.
    pub(crate) const NOTHING: Footprint =
        Footprint { reads: 0, writes: 0, ends: 0, block: false, seen: false, daemon: false, last: false };
    /// Is an indivisible block: all of them are ordered among each other.
    pub(crate) const BLOCK: Footprint = Footprint { block: true, ..Self::NOTHING };

    /// Reads one object.
    pub(crate) fn reads(object: ObjectId) -> Self {
        Self { reads: 1 << (object.index() % 64), ..Self::NOTHING }
    }

    /// Writes one object, or changes its state otherwise.
    pub(crate) fn writes(object: ObjectId) -> Self {
        Self { writes: 1 << (object.index() % 64), ..Self::NOTHING }
    }

    /// Is, or observes, the end of a thread.
    pub(crate) fn end(thread: ThreadId) -> Self {
        Self { ends: 1 << (thread.index() % 64), ..Self::NOTHING }
    }

    /// An `always` sees it where it writes one of the objects that `watched` reads.
    pub(crate) fn seen_by(self, watched: Self) -> Self {
        Self { seen: self.seen || self.writes & watched.reads != 0, ..self }
    }

    /// An `always` sees every such step.
    pub(crate) const SEEN: Footprint = Footprint { seen: true, ..Self::NOTHING };
    /// Is a step of a daemon.
    pub(crate) const DAEMON: Footprint = Footprint { daemon: true, ..Self::NOTHING };
    /// Is a step with which its thread may end.
    pub(crate) const LAST: Footprint = Footprint { last: true, ..Self::NOTHING };

    /// Touches what both touch.
    pub(crate) fn and(self, other: Self) -> Self {
        Self {
            reads: self.reads | other.reads,
            writes: self.writes | other.writes,
            ends: self.ends | other.ends,
            block: self.block || other.block,
            seen: self.seen || other.seen,
            daemon: self.daemon || other.daemon,
            last: self.last || other.last,
        }
    }

    /// Whether the order of two such steps can matter.
    pub(crate) fn depends_on(self, other: Self) -> bool {
        self.writes & (other.reads | other.writes) != 0
            || self.reads & other.writes != 0
            || self.ends & other.ends != 0
            || self.block && other.block
            || self.seen && other.seen
            || self.daemon && other.last
            || self.last && other.daemon
    }
}
