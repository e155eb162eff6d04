//! One-shot channels, watched values and broadcasts: what each printed step does to one.

use super::machine::{Machine, Object, Pending, Refusal, Status, same};
use super::row::Call;
use std::collections::BTreeMap;

/// A one-shot channel.
#[derive(Clone, Debug, Default)]
pub(crate) struct Oneshot {
    /// The value, between its send and its receive.
    pub(crate) value: Option<i64>,
    /// Whether it was ever sent.
    pub(crate) sent: bool,
    pub(crate) closed: bool,
    /// Whose end closes it, where it closes itself.
    pub(crate) closed_by: Option<Vec<String>>,
}

/// A watched value.
#[derive(Clone, Debug, Default)]
pub(crate) struct Watch {
    pub(crate) value: i64,
    /// How often it was sent.
    pub(crate) version: u64,
    /// The latest version that each thread has seen.
    pub(crate) seen: BTreeMap<String, u64>,
    pub(crate) closed: bool,
    pub(crate) closed_by: Option<Vec<String>>,
}

/// A broadcast.
#[derive(Clone, Debug, Default)]
pub(crate) struct Broadcast {
    pub(crate) room: usize,
    pub(crate) sent: Vec<i64>,
    /// How many values are behind each thread.
    pub(crate) gone: BTreeMap<String, usize>,
    pub(crate) closed: bool,
    pub(crate) closed_by: Option<Vec<String>>,
}

impl Machine {
    /// An operation on an object of one of these kinds; `None` where it is another.
    pub(crate) fn handover_call(&mut self, thread: &str, name: &str, call: &Call) -> Option<Result<(), Refusal>> {
        match self.objects.get(name) {
            Some(Object::Oneshot(_)) => Some(self.oneshot_call(thread, name, call)),
            Some(Object::Watch(_)) => Some(self.watch_call(thread, name, call)),
            Some(Object::Broadcast(_)) => Some(self.broadcast_call(thread, name, call)),
            _ => None,
        }
    }

    /// Whether a thread can never take this operation as things are; `None` where the object is of another kind.
    pub(crate) fn is_stuck_at_handover(&self, thread: &str, name: &str, call: &Pending) -> Option<bool> {
        match self.objects.get(name) {
            Some(Object::Oneshot(oneshot)) => Some(*call == Pending::Recv && oneshot.is_awaited()),
            Some(Object::Watch(watch)) => {
                // Which value it waits for the report does not say.
                Some(!watch.closed && (*call == Pending::WaitFor || !watch.is_new_for(thread)))
            }
            Some(Object::Broadcast(broadcast)) => {
                let gone = broadcast.gone.get(thread).copied().unwrap_or(0);
                Some(*call == Pending::Recv && gone == broadcast.sent.len() && !broadcast.closed)
            }
            _ => None,
        }
    }

    fn watch_call(&mut self, thread: &str, name: &str, call: &Call) -> Result<(), Refusal> {
        let Some(Object::Watch(watch)) = self.objects.get_mut(name) else { return Err("no watched value".to_owned()) };
        match (call, watch.closed) {
            (Call::Send(_), true) => {
                self.status.insert(thread.to_owned(), Status::Failed);
                Ok(())
            }
            (Call::Send(value), false) => {
                watch.value = *value;
                watch.version += 1;
                self.order.through(thread, name);
                Ok(())
            }
            (Call::Borrow { value, update }, _) => {
                if *update {
                    watch.seen.insert(thread.to_owned(), watch.version);
                }
                self.order.acquire(thread, name);
                same(name, watch.value, *value)
            }
            (Call::HasChanged(answer), _) => same(name, i64::from(watch.is_new_for(thread)), i64::from(*answer)),
            (Call::Changed { closed: false }, _) if watch.is_new_for(thread) => {
                watch.seen.insert(thread.to_owned(), watch.version);
                self.order.acquire(thread, name);
                Ok(())
            }
            (Call::Changed { closed: true }, _) if !watch.is_new_for(thread) => self.hears_the_end(thread, name),
            (Call::WaitFor { value, closed: false }, _) => {
                watch.seen.insert(thread.to_owned(), watch.version);
                self.order.acquire(thread, name);
                same(name, watch.value, *value)
            }
            (Call::WaitFor { value, closed: true }, _) if watch.value != *value => self.hears_the_end(thread, name),
            (Call::Close, _) => {
                watch.closed = true;
                self.order.release(thread, name);
                Ok(())
            }
            (other, closed) => Err(format!("closed: {closed}, and now {other:?}")),
        }
    }

    fn broadcast_call(&mut self, thread: &str, name: &str, call: &Call) -> Result<(), Refusal> {
        let Some(Object::Broadcast(broadcast)) = self.objects.get_mut(name) else {
            return Err("no broadcast".to_owned());
        };
        let (sent, gone) = (broadcast.sent.len(), broadcast.gone.get(thread).copied().unwrap_or(0));
        let oldest = sent.saturating_sub(broadcast.room);
        let nothing = gone == sent;
        match (call, broadcast.closed) {
            (Call::Send(_), true) => {
                self.status.insert(thread.to_owned(), Status::Failed);
                Ok(())
            }
            (Call::Send(value), false) => {
                broadcast.sent.push(*value);
                self.order.send(thread, name, None);
                Ok(())
            }
            (Call::Recv(Some(value)) | Call::TryRecv(Ok(Some(value))) | Call::TimedRecv(Ok(Some(value))), _)
                if gone >= oldest && !nothing =>
            {
                let next = broadcast.sent[gone];
                broadcast.gone.insert(thread.to_owned(), gone + 1);
                self.order.receive_number(thread, name, gone);
                same(name, next, *value)
            }
            (Call::Missed(missed), _) if gone < oldest => {
                broadcast.gone.insert(thread.to_owned(), oldest);
                let really = i64::try_from(oldest - gone).map_err(|error| error.to_string())?;
                same(name, really, missed.unwrap_or(really))
            }
            (Call::Recv(None) | Call::TryRecv(Ok(None)) | Call::TimedRecv(Ok(None)), _) if nothing => {
                self.hears_the_end(thread, name)
            }
            (Call::TryRecv(Err(())) | Call::TimedRecv(Err(())), false) if nothing => Ok(()),
            (Call::Subscribe, _) => {
                broadcast.gone.insert(thread.to_owned(), sent);
                Ok(())
            }
            // Who receives later than this the rows so far do not say.
            (Call::Len(len), _) if usize::try_from(*len).is_ok_and(|len| len <= sent - oldest) => Ok(()),
            (Call::Close, _) => {
                broadcast.closed = true;
                self.order.release(thread, name);
                Ok(())
            }
            (other, closed) => Err(format!("{gone} of {sent} gone, closed: {closed}, and now {other:?}")),
        }
    }

    /// Nothing will come any more, and the thread knows who has seen to that.
    fn hears_the_end(&mut self, thread: &str, name: &str) -> Result<(), Refusal> {
        self.learn_that_it_is_over(thread, name)?;
        let closed = match self.objects.get(name) {
            Some(Object::Watch(Watch { closed, .. }) | Object::Broadcast(Broadcast { closed, .. })) => *closed,
            _ => false,
        };
        if closed { Ok(()) } else { Err(format!("`{name}` is open")) }
    }

    /// An operation on a one-shot channel.
    fn oneshot_call(&mut self, thread: &str, name: &str, call: &Call) -> Result<(), Refusal> {
        let oneshot = self.oneshot_mut(name)?;
        match (call, oneshot.sent) {
            (Call::SendAnswered { message, sent }, false) => {
                same(name, i64::from(!oneshot.closed), i64::from(*sent))?;
                if *sent {
                    oneshot.value = Some(*message);
                    oneshot.sent = true;
                    self.order.send(thread, name, None);
                }
                Ok(())
            }
            (Call::Send(_), true) => {
                self.status.insert(thread.to_owned(), Status::Failed);
                Ok(())
            }
            (
                Call::Recv(Some(message)) | Call::TryRecv(Ok(Some(message))) | Call::TimedRecv(Ok(Some(message))),
                true,
            ) => {
                let value = oneshot.value.take().ok_or_else(|| format!("`{name}` holds nothing"))?;
                self.order.receive(thread, name);
                same(name, value, *message)
            }
            (Call::Recv(None) | Call::TryRecv(Ok(None)) | Call::TimedRecv(Ok(None)), sent) => {
                if oneshot.value.is_some() {
                    return Err(format!("`{name}` holds its value"));
                }
                if sent && !oneshot.closed {
                    return Ok(());
                }
                self.learn_that_it_is_over(thread, name)?;
                let closed = self.oneshot_mut(name)?.closed;
                if closed { Ok(()) } else { Err(format!("`{name}` is open")) }
            }
            (Call::TryRecv(Err(())) | Call::TimedRecv(Err(())), _) => same(name, i64::from(oneshot.is_awaited()), 1),
            (Call::Close, _) => {
                oneshot.closed = true;
                self.order.release(thread, name);
                Ok(())
            }
            (other, sent) => Err(format!("sent: {sent}, and now {other:?}")),
        }
    }

    fn oneshot_mut(&mut self, name: &str) -> Result<&mut Oneshot, Refusal> {
        let Some(Object::Oneshot(oneshot)) = self.objects.get_mut(name) else {
            return Err(format!("`{name}` is no one-shot channel"));
        };
        Ok(oneshot)
    }
}

impl Watch {
    fn is_new_for(&self, thread: &str) -> bool {
        self.seen.get(thread).copied().unwrap_or(0) < self.version
    }
}

impl Oneshot {
    fn is_awaited(&self) -> bool {
        !self.sent && !self.closed
    }
}
