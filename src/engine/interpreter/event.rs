//! `event`: a monitor around whether it is set.

use super::backend::Backend;
use super::frame::{Frame, Trouble};
use super::wants::{Footprint, Wants};
use crate::finding::{Phase, Target};
use crate::program::{EventOp, ObjectId};
use crate::schedule::Pick;

impl<B: Backend> Frame<'_, B> {
    /// An operation on an event.
    pub(super) fn happening(&mut self, event: ObjectId, op: &EventOp) -> Result<(), Trouble> {
        let execution = self.execution;
        let (backend, thread) = (&execution.backend, self.thread);
        let flag = execution.world.event(event);
        let whole = self.event(Phase::Whole, Some(Target::Object(event)));
        match op {
            EventOp::Set => {
                self.announce(Wants::Nothing, Footprint::writes(event))?;
                self.happened(whole, |record| record.order.release(thread, event))?;
                flag.change(backend, |set| *set = true);
                Ok(())
            }
            EventOp::Clear => {
                self.announce(Wants::Nothing, Footprint::writes(event))?;
                flag.change(backend, |set| *set = false);
                self.happened(whole, |_| {})
            }
            EventOp::IsSet { to } => {
                self.announce(Wants::Nothing, Footprint::reads(event))?;
                let set = flag.look(backend, |set| *set);
                self.set(*to, i64::from(set));
                self.happened(self.answer(event, set), |_| {})
            }
            EventOp::Wait => {
                self.announce(Wants::Set(event), Footprint::reads(event))?;
                flag.take(backend, thread, |set| set.then_some(()));
                self.happened(whole, |record| record.order.acquire(thread, event))
            }
            EventOp::WaitTimeout { to } => {
                self.announce(Wants::Nothing, Footprint::reads(event))?;
                let set = flag.look(backend, |set| *set);
                self.set(*to, i64::from(set));
                let mut answer = self.answer(event, set);
                if !set {
                    answer.pick = Pick::Timeout;
                }
                self.happened(answer, |record| {
                    if set {
                        record.order.acquire(thread, event);
                    }
                })
            }
        }
    }
}
