//! shuttle's channel, where a channel of the scenario is one: several senders, one receiver, closed by the end of its
//! senders alone.
//!
//! shuttle serves tasks that wait in order of arrival, and the language in any order. That cannot be seen here: a task is
//! given its turn only once there is room or a message, so nobody waits inside. At a rendezvous whoever sends has to wait
//! inside, in that order, so a rendezvous is for a monitor.

use super::super::interpreter::{Fit, OwnChannel, Received, lock_std};
use crate::program::{Capacity, ThreadId};
use ::shuttle::sync::mpsc::{Receiver, Sender, SyncSender, TryRecvError, channel, sync_channel};
use std::sync::Mutex as StdMutex;

/// One channel. Whoever operates on an end has taken it out of its slot, so that no mutex is held where shuttle may switch
/// tasks.
pub(super) struct Mpsc {
    /// One for each thread that sends or whose end the channel waits for, where it closes itself.
    senders: Vec<(ThreadId, StdMutex<Option<Sending>>)>,
    /// Keeps a channel open that does not close itself.
    _opener: Option<Sending>,
    receiver: StdMutex<Option<Receiver<i64>>>,
}

/// shuttle has two types for one thing, as the standard library has.
#[derive(Clone)]
enum Sending {
    Unbounded(Sender<i64>),
    Bounded(SyncSender<i64>),
}

/// shuttle makes a clock for every place of a channel, in every execution: with more places than this a monitor is for it.
const ROOM_MAX: u32 = 256;

/// Its ends live as long as the execution.
const GONE: &str = "the other end of a channel is gone";

impl Mpsc {
    /// A channel without messages; none for a rendezvous, or for very much room.
    pub(super) fn new(fit: &Fit) -> Option<Self> {
        let (sending, receiver) = match fit.capacity {
            Capacity::Unbounded => {
                let (sender, receiver) = channel();
                (Sending::Unbounded(sender), receiver)
            }
            Capacity::Bounded(room) if room <= ROOM_MAX => {
                let (sender, receiver) = sync_channel(usize::try_from(room).expect("u32 fits into usize"));
                (Sending::Bounded(sender), receiver)
            }
            Capacity::Bounded(_) | Capacity::Rendezvous => return None,
        };
        let senders = fit.senders.iter().map(|thread| (*thread, StdMutex::new(Some(sending.clone())))).collect();
        Some(Self { senders, _opener: (!fit.closes).then_some(sending), receiver: StdMutex::new(Some(receiver)) })
    }

    fn sender(&self, thread: ThreadId) -> &StdMutex<Option<Sending>> {
        let sender = self.senders.iter().find(|(sender, _)| *sender == thread);
        &sender.expect("every thread that sends has an end").1
    }
}

/// Runs `operate` on the end in a slot.
fn with<T, R>(slot: &StdMutex<Option<T>>, operate: impl FnOnce(&T) -> R) -> R {
    let end = lock_std(slot).take().expect("a thread has its end of a channel to itself");
    let result = operate(&end);
    *lock_std(slot) = Some(end);
    result
}

impl OwnChannel for Mpsc {
    fn send(&self, sender: ThreadId, value: i64) {
        let sent = with(self.sender(sender), |end| match end {
            Sending::Unbounded(end) => end.send(value).is_ok(),
            Sending::Bounded(end) => end.send(value).is_ok(),
        });
        assert!(sent, "{GONE}");
    }

    fn try_send(&self, sender: ThreadId, value: i64) -> bool {
        with(self.sender(sender), |end| match end {
            Sending::Unbounded(end) => end.send(value).is_ok(),
            Sending::Bounded(end) => end.try_send(value).is_ok(),
        })
    }

    fn recv(&self) -> Received {
        with(&self.receiver, |end| end.recv().map_or(Received::Closed, Received::Message))
    }

    fn try_recv(&self) -> Received {
        with(&self.receiver, |end| match end.try_recv() {
            Ok(value) => Received::Message(value),
            Err(TryRecvError::Empty) => Received::Nothing,
            Err(TryRecvError::Disconnected) => Received::Closed,
        })
    }

    /// shuttle's never times out; here the world may always choose that.
    fn recv_timeout(&self, _micros: u64) -> Received {
        self.try_recv()
    }

    fn leave(&self, sender: ThreadId) {
        drop(lock_std(self.sender(sender)).take());
    }
}
