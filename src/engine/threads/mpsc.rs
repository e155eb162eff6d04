//! The standard library's channel, where a channel of the scenario is one: several senders, one receiver, closed by the
//! end of its senders alone.

use super::over::{Leavable, Over};
use super::seat::Seat;
use super::standard::hurried;
use crate::engine::interpreter::{Fit, OwnChannel, Received, lock_std};
use crate::program::{Capacity, ThreadId};
use std::sync::mpsc::{
    Receiver, RecvTimeoutError, Sender, SyncSender, TryRecvError, TrySendError, channel, sync_channel,
};
use std::sync::{Arc, Mutex};

/// One channel.
#[derive(Debug)]
pub(super) struct Mpsc {
    ends: Arc<Ends>,
    over: Arc<Over>,
}

/// The ends of a channel. Whoever operates on one has taken it out, so nobody waits at the slots.
#[derive(Debug)]
struct Ends {
    /// One for each thread that sends or whose end the channel waits for, where it closes itself.
    senders: Vec<(ThreadId, Mutex<Option<Sending>>)>,
    /// Keeps a channel open that does not close itself.
    opener: Mutex<Option<Sending>>,
    receiver: Mutex<Option<Receiver<i64>>>,
}

/// The library has two types for one thing.
#[derive(Clone, Debug)]
enum Sending {
    Unbounded(Sender<i64>),
    Bounded(SyncSender<i64>),
}

/// The library answers that the other end is gone, which only the end of a run explains.
const GONE: &str = "the ends of a channel outlive their run";
/// Only one thread receives, and no thread sends two messages at once.
const TAKEN: &str = "a thread has its end of a channel to itself";

impl Mpsc {
    /// A channel without messages that has a run to its end.
    pub(super) fn new(fit: &Fit, over: &Arc<Over>) -> Self {
        let (sending, receiver) = match fit.capacity {
            Capacity::Unbounded => {
                let (sender, receiver) = channel();
                (Sending::Unbounded(sender), receiver)
            }
            Capacity::Bounded(room) => bounded(room),
            Capacity::Rendezvous => bounded(0),
        };
        let senders = fit.senders.iter().map(|thread| (*thread, Mutex::new(Some(sending.clone())))).collect();
        let opener = Mutex::new((!fit.closes).then_some(sending));
        let ends = Arc::new(Ends { senders, opener, receiver: Mutex::new(Some(receiver)) });
        over.leads_out(Arc::<Ends>::clone(&ends));
        Self { ends, over: Arc::clone(over) }
    }

    /// Runs `operate` on the end in a slot. An end that is gone, before or after, is the end of the run.
    fn with<T, R>(&self, slot: &Mutex<Option<T>>, operate: impl FnOnce(&T) -> Option<R>) -> R {
        let end = lock_std(slot).take();
        let Some(end) = end else {
            self.over.check();
            unreachable!("{TAKEN}")
        };
        let result = operate(&end);
        *lock_std(slot) = Some(end);
        if self.over.declared() {
            // The slots may have been emptied already.
            drop(lock_std(slot).take());
            self.over.check();
        }
        result.expect(GONE)
    }

    fn sender(&self, thread: ThreadId) -> &Mutex<Option<Sending>> {
        let sender = self.ends.senders.iter().find(|(sender, _)| *sender == thread);
        &sender.expect("every thread that sends has an end").1
    }
}

fn bounded(room: u32) -> (Sending, Receiver<i64>) {
    let (sender, receiver) = sync_channel(usize::try_from(room).expect("u32 fits into usize"));
    (Sending::Bounded(sender), receiver)
}

impl OwnChannel for Mpsc {
    fn send(&self, sender: ThreadId, value: i64) {
        self.with(self.sender(sender), |end| match end {
            Sending::Unbounded(end) => end.send(value).ok(),
            Sending::Bounded(end) => Seat::waiting(|| end.send(value)).ok(),
        });
    }

    fn try_send(&self, sender: ThreadId, value: i64) -> bool {
        self.with(self.sender(sender), |end| match end {
            Sending::Unbounded(end) => end.send(value).ok().map(|()| true),
            Sending::Bounded(end) => match end.try_send(value) {
                Ok(()) => Some(true),
                Err(TrySendError::Full(_)) => Some(false),
                Err(TrySendError::Disconnected(_)) => None,
            },
        })
    }

    fn recv(&self) -> Received {
        self.with(&self.ends.receiver, |end| match Seat::waiting(|| end.recv()) {
            Ok(value) => Some(Received::Message(value)),
            Err(_) => Some(Received::Closed),
        })
    }

    fn try_recv(&self) -> Received {
        self.with(&self.ends.receiver, |end| match end.try_recv() {
            Ok(value) => Some(Received::Message(value)),
            Err(TryRecvError::Empty) => Some(Received::Nothing),
            Err(TryRecvError::Disconnected) => Some(Received::Closed),
        })
    }

    fn recv_timeout(&self, micros: u64) -> Received {
        let received = self.with(&self.ends.receiver, |end| match end.recv_timeout(Seat::patience(hurried(micros))) {
            Ok(value) => Some(Received::Message(value)),
            Err(RecvTimeoutError::Timeout) => Some(Received::Nothing),
            Err(RecvTimeoutError::Disconnected) => Some(Received::Closed),
        });
        if received != Received::Nothing {
            return received;
        }
        // It has slept for a while, and what daemons did meanwhile may have been before it: but only if there is still
        // nothing.
        Seat::takes_effect(&self.over);
        self.try_recv()
    }

    fn leave(&self, sender: ThreadId) {
        drop(lock_std(self.sender(sender)).take());
    }
}

impl Leavable for Ends {
    /// Whoever waits at one end sees that the other end is gone.
    fn lead_out(&self) {
        for (_, sender) in &self.senders {
            drop(lock_std(sender).take());
        }
        drop(lock_std(&self.opener).take());
        drop(lock_std(&self.receiver).take());
    }
}
