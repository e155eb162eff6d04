//! Observing the end of a thread: `join`, `is_alive`, `closed by`.

use super::backend::Backend;
use super::frame::{Frame, Trouble};
use super::own_channel::OwnChannel;
use super::poison;
use super::record::End;
use super::timer::Clock;
use super::wants::{Footprint, Wants};
use crate::finding::{Phase, Returned, Target};
use crate::program::{InstrKind, Op, ResultTag, ThreadId, ThreadOp, Value};

impl<B: Backend> Frame<'_, B> {
    /// An operation on another thread.
    pub(super) fn observe(&mut self, other: ThreadId, op: &ThreadOp) -> Result<(), Trouble> {
        let execution = self.execution;
        if let Some(timer) = execution.run.program.thread(other).timer {
            return self.observe_timer(timer, other, op);
        }
        let end = execution.world.end_of(other);
        let mut event = self.event(Phase::Whole, Some(Target::Thread(other)));
        match op {
            ThreadOp::Join { tag } => {
                self.announce(Wants::End(other), Footprint::end(other))?;
                let result = end.take(&execution.backend, self.thread, |end| *end).tag();
                self.set(*tag, result.slot());
                event.returned = Some(Returned::Tagged(result, None));
                let thread = self.thread;
                self.happened(event, |record| record.order.join(thread, other))
            }
            ThreadOp::IsAlive { to } => {
                self.announce(Wants::Nothing, Footprint::end(other))?;
                let alive = end.look(&execution.backend, Option::is_none);
                self.set(*to, i64::from(alive));
                event.returned = Some(Returned::Value(Value::Bool(alive)));
                self.happened(event, |_| {})
            }
        }
    }

    /// What the end of this thread changes besides itself: the channels that close with it.
    pub(super) fn closing(&self) -> Footprint {
        let channels = &self.execution.run.plan.closes[self.thread.index()];
        channels.iter().fold(Footprint::NOTHING, |all, channel| all.and(Footprint::writes(*channel)))
    }

    /// Tells whoever can observe it that this thread has ended, in one step: nobody sees a part of it.
    pub(super) fn tell_end(&mut self, end: End) {
        let execution = self.execution;
        let (backend, thread) = (&execution.backend, self.thread);
        if execution.is_cancelled(thread) {
            // Whoever has cancelled its timer has told it already.
            return;
        }
        let closes = &execution.run.plan.closes[thread.index()];
        if B::NATURE.serial {
            let mut record = poison::lock(&execution.record);
            for channel in closes {
                record.order.release(thread, *channel);
            }
            record.order.end(thread);
            drop(record);
            let at_end =
                self.code().instrs.get(self.cursor.pc.index()).is_some_and(|at| at.kind == InstrKind::Op(Op::End));
            if at_end {
                let mut event = self.event(Phase::Whole, None);
                event.returned = self.cursor.failed.map(|_| Returned::Tagged(ResultTag::Failed, None));
                if let Err(halt) = execution.happened(event) {
                    execution.halt(halt);
                }
            }
        }
        for channel in closes {
            if let Some(own) = execution.world.own_channel(*channel) {
                own.leave(thread);
            }
        }
        let channels: Vec<_> = closes.iter().map(|channel| execution.world.enter_closing(*channel, backend)).collect();
        let own = execution.world.ends[thread.index()].as_ref().map(|own| own.enter(backend));
        let timer =
            execution.run.program.thread(thread).timer.filter(|_| execution.run.plan.observable.contains(&thread));
        let timer = timer.map(|timer| execution.world.timer(timer).enter(backend));
        for channel in &channels {
            channel.closer_ended();
        }
        if let Some(own) = own {
            own.data(|ended| *ended = Some(end));
            own.leave_changed();
        }
        if let Some(timer) = timer {
            timer.data(|clock| *clock = Clock::Ended(end));
            timer.leave_changed();
        }
        for channel in channels {
            channel.leave();
        }
    }
}
