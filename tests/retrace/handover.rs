//! One-shot channels: what each printed step does to one.

use super::machine::{Machine, Object, Pending, Refusal, Status, same};
use super::row::Call;

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

impl Machine {
    /// An operation on a one-shot channel.
    pub(crate) fn oneshot_call(&mut self, thread: &str, name: &str, call: &Call) -> Result<(), Refusal> {
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

    /// Whether a thread can never take this operation on a one-shot channel as things are.
    pub(crate) fn is_stuck_at_oneshot(&self, name: &str, call: &Pending) -> bool {
        let Some(Object::Oneshot(oneshot)) = self.objects.get(name) else { return false };
        *call == Pending::Recv && oneshot.is_awaited()
    }

    fn oneshot_mut(&mut self, name: &str) -> Result<&mut Oneshot, Refusal> {
        let Some(Object::Oneshot(oneshot)) = self.objects.get_mut(name) else {
            return Err(format!("`{name}` is no one-shot channel"));
        };
        Ok(oneshot)
    }
}

impl Oneshot {
    fn is_awaited(&self) -> bool {
        !self.sent && !self.closed
    }
}
