//! `semaphore`: a monitor around the number of permits and, where it serves in order of arrival, who waits for how many.

use super::backend::Backend;
use super::frame::{Frame, Trouble};
use super::line::{Line, behind};
use super::wants::{Footprint, Wants};
use crate::finding::{BlockCause, LimitHit, Misuse, Phase, Returned, Target};
use crate::program::{LocalId, ObjectId, ObjectKind, SemaphoreOp, Service, ThreadId, Value};
use crate::schedule::Pick;

/// A semaphore at one moment.
#[derive(Clone, Debug)]
pub(crate) struct Permits {
    service: Service,
    free: i64,
    /// Nobody where it does not serve in order.
    line: Line<i64>,
}

impl Permits {
    /// Nobody waits.
    pub(crate) fn new(free: i64, service: Service) -> Self {
        Self { service, free, line: Line::default() }
    }

    /// How many there are.
    pub(crate) fn free(&self) -> i64 {
        self.free
    }

    /// Why a thread cannot have as many.
    pub(super) fn obstacle(&self, semaphore: ObjectId, thread: ThreadId, wanted: i64) -> Option<BlockCause> {
        if self.free < wanted {
            return Some(BlockCause::NoPermit { semaphore });
        }
        let promised = self.line.ahead(thread).fold(0, |sum: i64, (_, wants)| sum.saturating_add(*wants));
        if self.free - wanted < promised { behind(semaphore, self.line.ahead(thread)) } else { None }
    }

    /// Takes as many permits at once, where the thread can have them; then it waits no longer.
    fn take(&mut self, semaphore: ObjectId, thread: ThreadId, wanted: i64) -> bool {
        let can = self.obstacle(semaphore, thread, wanted).is_none();
        if can {
            self.free -= wanted;
            self.line.leave(thread);
        }
        can
    }
}

impl<B: Backend> Frame<'_, B> {
    /// An operation on a semaphore.
    pub(super) fn semaphore(&mut self, semaphore: ObjectId, op: &SemaphoreOp) -> Result<(), Trouble> {
        let execution = self.execution;
        let (backend, thread) = (&execution.backend, self.thread);
        let permits = execution.world.semaphore(semaphore);
        match op {
            SemaphoreOp::Acquire { permits: wanted, .. } => {
                let phase = self.queue_for_permits(semaphore, *wanted)?;
                self.announce(Wants::Permits(semaphore, *wanted), Footprint::writes(semaphore))?;
                permits.take(backend, thread, |permits| permits.take(semaphore, thread, *wanted).then_some(()));
                let event = self.event(phase, Some(Target::Object(semaphore)));
                self.happened(event, |record| record.order.acquire(thread, semaphore))
            }
            SemaphoreOp::TryAcquire { to } => {
                self.announce(Wants::Nothing, Footprint::writes(semaphore))?;
                let taken = permits.change(backend, |permits| permits.take(semaphore, thread, 1));
                self.permit_answer(semaphore, *to, Phase::Whole, Pick::Only, taken)
            }
            SemaphoreOp::AcquireTimeout { to } => {
                let phase = self.queue_for_permits(semaphore, 1)?;
                self.announce(Wants::Nothing, Footprint::writes(semaphore))?;
                let taken = permits.change(backend, |permits| {
                    let taken = permits.take(semaphore, thread, 1);
                    permits.line.leave(thread);
                    taken
                });
                let pick = if taken { Pick::Only } else { Pick::Timeout };
                self.permit_answer(semaphore, *to, phase, pick, taken)
            }
            SemaphoreOp::Release { permits: given, .. } => {
                self.announce(Wants::Nothing, Footprint::writes(semaphore))?;
                let kind = &execution.run.program.object(semaphore).kind;
                let most = if let ObjectKind::Semaphore { bound: Some(bound), .. } = kind { *bound } else { i64::MAX };
                let inside = permits.enter(backend);
                let more = inside.data(|permits| permits.free.checked_add(*given));
                let event = self.event(Phase::Whole, Some(Target::Object(semaphore)));
                match more.filter(|more| *more <= most) {
                    Some(more) => {
                        self.happened(event, |record| record.order.release(thread, semaphore))?;
                        inside.data(|permits| permits.free = more);
                        inside.leave_changed();
                        Ok(())
                    }
                    None if most == i64::MAX => Err(super::Halt::Cut(LimitHit::Counter { object: semaphore }).into()),
                    None => Err(self.forbidden(event, semaphore, Misuse::ReleaseAboveBound)),
                }
            }
        }
    }

    /// The first of two steps, where it serves in order; then the other one completes.
    fn queue_for_permits(&mut self, semaphore: ObjectId, wanted: i64) -> Result<Phase, Trouble> {
        let execution = self.execution;
        let thread = self.thread;
        let permits = execution.world.semaphore(semaphore);
        if permits.peek(|permits| permits.service) == Service::Anybody {
            return Ok(Phase::Whole);
        }
        self.announce(Wants::Nothing, Footprint::writes(semaphore))?;
        permits.change(&execution.backend, |permits| permits.line.arrive(thread, wanted));
        self.happened(self.event(Phase::Arrive, Some(Target::Object(semaphore))), |_| {})?;
        Ok(Phase::Complete)
    }

    /// Gives the answer of an operation that may go without a permit.
    fn permit_answer(
        &mut self,
        semaphore: ObjectId,
        to: LocalId,
        phase: Phase,
        pick: Pick,
        taken: bool,
    ) -> Result<(), Trouble> {
        let thread = self.thread;
        self.set(to, i64::from(taken));
        let mut event = self.event(phase, Some(Target::Object(semaphore)));
        event.pick = pick;
        event.returned = Some(Returned::Value(Value::Bool(taken)));
        self.happened(event, |record| {
            if taken {
                record.order.acquire(thread, semaphore);
            }
        })
    }
}
