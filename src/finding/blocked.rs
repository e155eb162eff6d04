//! Threads that wait, and why their operations cannot take effect.

use crate::program::{ObjectId, Pc, ThreadId};
use serde::{Deserialize, Serialize};

/// A thread that waits, and for what.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Blocked {
    /// Who.
    pub thread: ThreadId,
    /// At which operation.
    pub pc: Pc,
    /// Why the operation cannot take effect.
    pub cause: BlockCause,
}

/// Why an operation cannot take effect now.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BlockCause {
    /// The mutex is held, or the block of the once is being run; by itself: `holder` is the waiting thread.
    Held {
        /// The mutex, or the once.
        mutex: ObjectId,
        /// Who holds it, or runs the block.
        holder: ThreadId,
    },
    /// Somebody writes under the lock; itself: `writer` is the waiting thread.
    Written {
        /// The lock.
        rwlock: ObjectId,
        /// Who writes.
        writer: ThreadId,
    },
    /// It would write, and these read under the lock; the waiting thread may be one of them.
    BeingRead {
        /// The lock.
        rwlock: ObjectId,
        /// Who reads, as a set of bits by index; never empty.
        readers: u64,
    },
    /// It waits where order of arrival or a preference decides, and these go first.
    Behind {
        /// The object.
        object: ObjectId,
        /// Who goes first, as a set of bits by index; never empty.
        ahead: u64,
    },
    /// It waits for a notification.
    NotNotified {
        /// The condition variable.
        condvar: ObjectId,
    },
    /// It was notified, or woke by itself, and needs the mutex back.
    Reacquire {
        /// The mutex.
        mutex: ObjectId,
        /// Who holds it.
        holder: ThreadId,
    },
    /// There is no permit.
    NoPermit {
        /// The semaphore.
        semaphore: ObjectId,
    },
    /// Not all threads have come to the barrier.
    NotAll {
        /// The barrier.
        barrier: ObjectId,
    },
    /// The event is not set.
    NotSet {
        /// The event.
        event: ObjectId,
    },
    /// The channel is full.
    Full {
        /// The channel.
        channel: ObjectId,
    },
    /// The channel is open and empty.
    Empty {
        /// The channel.
        channel: ObjectId,
    },
    /// A rendezvous without a partner.
    NoPartner {
        /// The channel.
        channel: ObjectId,
    },
    /// An item of the queue is not finished.
    Unfinished {
        /// The queue.
        queue: ObjectId,
    },
    /// Another thread has not ended.
    NotEnded {
        /// Which.
        thread: ThreadId,
    },
    /// The condition of a `when` is false.
    ConditionFalse,
    /// The engine knows that the thread waits, not why.
    Unknown,
}

impl BlockCause {
    /// The object that the operation is on; for a re-acquisition the mutex.
    #[must_use]
    pub fn object(&self) -> Option<ObjectId> {
        match *self {
            BlockCause::Held { mutex, .. } | BlockCause::Reacquire { mutex, .. } => Some(mutex),
            BlockCause::Written { rwlock, .. } | BlockCause::BeingRead { rwlock, .. } => Some(rwlock),
            BlockCause::Behind { object, .. } => Some(object),
            BlockCause::NotNotified { condvar } => Some(condvar),
            BlockCause::NoPermit { semaphore } => Some(semaphore),
            BlockCause::NotAll { barrier } => Some(barrier),
            BlockCause::NotSet { event } => Some(event),
            BlockCause::Unfinished { queue } => Some(queue),
            BlockCause::Full { channel } | BlockCause::Empty { channel } | BlockCause::NoPartner { channel } => {
                Some(channel)
            }
            BlockCause::NotEnded { .. } | BlockCause::ConditionFalse | BlockCause::Unknown => None,
        }
    }
}
