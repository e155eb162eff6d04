//! `semaphore`: a monitor around the number of permits.

use super::backend::Backend;
use super::frame::{Frame, Trouble};
use super::wants::{Footprint, Wants};
use crate::finding::{LimitHit, Misuse, Phase, Target};
use crate::program::{ObjectId, ObjectKind, SemaphoreOp};
use crate::schedule::Pick;

impl<B: Backend> Frame<'_, B> {
    /// An operation on a semaphore.
    pub(super) fn semaphore(&mut self, semaphore: ObjectId, op: &SemaphoreOp) -> Result<(), Trouble> {
        let execution = self.execution;
        let (backend, thread) = (&execution.backend, self.thread);
        let permits = execution.world.semaphore(semaphore);
        let target = Some(Target::Object(semaphore));
        let take = |permits: &mut i64, wanted: i64| {
            let free = *permits >= wanted;
            if free {
                *permits -= wanted;
            }
            free
        };
        match op {
            SemaphoreOp::Acquire { permits: wanted, .. } => {
                self.announce(Wants::Permits(semaphore, *wanted), Footprint::writes(semaphore))?;
                permits.take(backend, thread, |permits| take(permits, *wanted).then_some(()));
                self.happened(self.event(Phase::Whole, target), |record| record.order.acquire(thread, semaphore))
            }
            SemaphoreOp::TryAcquire { to } | SemaphoreOp::AcquireTimeout { to } => {
                self.announce(Wants::Nothing, Footprint::writes(semaphore))?;
                let taken = permits.change(backend, |permits| take(permits, 1));
                self.set(*to, i64::from(taken));
                let mut answer = self.answer(semaphore, taken);
                if !taken && matches!(op, SemaphoreOp::AcquireTimeout { .. }) {
                    answer.pick = Pick::Timeout;
                }
                self.happened(answer, |record| {
                    if taken {
                        record.order.acquire(thread, semaphore);
                    }
                })
            }
            SemaphoreOp::Release { permits: given, .. } => {
                self.announce(Wants::Nothing, Footprint::writes(semaphore))?;
                let kind = &execution.run.program.object(semaphore).kind;
                let most = if let ObjectKind::Semaphore { bound: Some(bound), .. } = kind { *bound } else { i64::MAX };
                let inside = permits.enter(backend);
                let more = inside.data(|permits| permits.checked_add(*given));
                match more.filter(|more| *more <= most) {
                    Some(more) => {
                        self.happened(self.event(Phase::Whole, target), |record| {
                            record.order.release(thread, semaphore);
                        })?;
                        inside.data(|permits| *permits = more);
                        inside.leave_changed();
                        Ok(())
                    }
                    None if most == i64::MAX => Err(super::Halt::Cut(LimitHit::Counter { object: semaphore }).into()),
                    None => Err(Trouble::Misuse(Misuse::ReleaseAboveBound, Some(semaphore))),
                }
            }
        }
    }
}
