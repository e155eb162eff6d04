//! `semaphore`: a monitor around the number of permits.

use super::backend::Backend;
use super::frame::{Frame, Trouble};
use super::wants::{Footprint, Wants};
use crate::finding::{LimitHit, Phase, Target};
use crate::program::{ObjectId, SemaphoreOp};

impl<B: Backend> Frame<'_, B> {
    /// An operation on a semaphore.
    pub(super) fn semaphore(&mut self, semaphore: ObjectId, op: &SemaphoreOp) -> Result<(), Trouble> {
        let execution = self.execution;
        let (backend, thread) = (&execution.backend, self.thread);
        let permits = execution.world.semaphore(semaphore);
        let target = Some(Target::Object(semaphore));
        let take = |permits: &mut i64| {
            let free = *permits > 0;
            *permits -= i64::from(free);
            free
        };
        match op {
            SemaphoreOp::Acquire { .. } => {
                self.announce(Wants::Permit(semaphore), Footprint::writes(semaphore))?;
                permits.take(backend, thread, |permits| take(permits).then_some(()));
                self.happened(self.event(Phase::Whole, target), |record| record.order.acquire(thread, semaphore))
            }
            SemaphoreOp::TryAcquire { to } => {
                self.announce(Wants::Nothing, Footprint::writes(semaphore))?;
                let taken = permits.change(backend, take);
                self.set(*to, i64::from(taken));
                self.happened(self.answer(semaphore, taken), |record| {
                    if taken {
                        record.order.acquire(thread, semaphore);
                    }
                })
            }
            SemaphoreOp::Release { .. } => {
                self.announce(Wants::Nothing, Footprint::writes(semaphore))?;
                self.happened(self.event(Phase::Whole, target), |record| record.order.release(thread, semaphore))?;
                let released = permits.change(backend, |permits| match permits.checked_add(1) {
                    Some(more) => {
                        *permits = more;
                        true
                    }
                    None => false,
                });
                if released { Ok(()) } else { Err(super::Halt::Cut(LimitHit::Counter { object: semaphore }).into()) }
            }
        }
    }
}
