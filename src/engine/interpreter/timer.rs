//! `timer`: a monitor around how far it is, and a thread of the runtime that `start` starts.
//!
//! A thread whose timer is cancelled has ended by the books at that moment; the runtime's leaves when it next comes to
//! run, without a step. `join` and `is_alive` ask the monitor, which knows of the end of the block, too: whether there is
//! something to wait for and whether it is over is one question. Where a daemon cancels, the end of the program can come
//! with that step; free threads are left out there.

use super::Execution;
use super::backend::Backend;
use super::control::Settled;
use super::frame::{Frame, Trouble};
use super::poison;
use super::record::End;
use super::wants::{Footprint, Wants};
use crate::finding::{BlockCause, Misuse, Phase, Returned, Target};
use crate::program::{ObjectId, ObjectKind, Pc, ThreadId, ThreadOp, TimerOp, Value};

/// How far a timer is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) enum Clock {
    /// Neither started nor cancelled.
    #[default]
    Idle,
    /// May fire.
    Started,
    /// Has fired.
    Fired,
    /// Has fired, and its block has ended. Known where somebody can ask.
    Ended(End),
    /// Was started and never fires.
    Cancelled,
    /// Was cancelled before it was started.
    CancelledFirst,
}

impl Clock {
    /// What a `join` comes to; `None` as long as it waits.
    fn joined(self) -> Option<Result<End, Misuse>> {
        match self {
            Clock::Idle | Clock::CancelledFirst => Some(Err(Misuse::NotStarted)),
            Clock::Started | Clock::Fired => None,
            Clock::Ended(end) => Some(Ok(end)),
            Clock::Cancelled => Some(Ok(End::Normal)),
        }
    }

    /// What keeps a `join` from going on; `thread` runs the block.
    pub(crate) fn obstacle(self, thread: ThreadId) -> Option<BlockCause> {
        self.joined().is_none().then_some(BlockCause::NotEnded { thread })
    }
}

impl<B: Backend> Frame<'_, B> {
    /// An operation on a timer by another thread, or by its block.
    pub(super) fn timer(&mut self, timer: ObjectId, op: &TimerOp) -> Result<(), Trouble> {
        let execution = self.execution;
        let (backend, thread) = (&execution.backend, self.thread);
        let clock = execution.world.timer(timer);
        let own = execution.thread_of(timer);
        let whole = self.event(Phase::Whole, Some(Target::Object(timer)));
        let touched = Footprint::writes(timer);
        let touched = match op {
            TimerOp::Start => {
                let all = touched.and(Footprint::end(own));
                execution.listened_by(own).into_iter().fold(all, |all, heard| all.and(Footprint::writes(heard)))
            }
            // The program can end with it.
            TimerOp::Cancel { .. } if execution.run.program.thread(thread).daemon => {
                touched.and(Footprint::end(own)).and(Footprint::LAST)
            }
            TimerOp::Cancel { .. } => touched.and(Footprint::end(own)),
            TimerOp::Fire => touched,
        };
        self.announce(Wants::Nothing, touched)?;
        match op {
            TimerOp::Start => {
                // Whoever starts it is there, so nobody sees a number that is too great for a moment.
                execution.lives(1);
                let inside = clock.enter(backend);
                let before = inside.data(|clock| {
                    let before = *clock;
                    *clock = match before {
                        Clock::Idle => Clock::Started,
                        Clock::CancelledFirst => Clock::Cancelled,
                        other @ (Clock::Started | Clock::Fired | Clock::Ended(_) | Clock::Cancelled) => other,
                    };
                    before
                });
                match before {
                    Clock::Idle => {
                        execution.listen(own);
                        self.happened(whole, |record| record.order.start(thread, own))?;
                        inside.leave_changed();
                        if let Err(halt) = execution.begin(own, &[]) {
                            self.acts_for(own);
                            return Err(halt.into());
                        }
                        Ok(())
                    }
                    Clock::CancelledFirst => {
                        execution.lives(-1);
                        self.happened(whole, |record| {
                            record.order.start(thread, own);
                            record.order.end(own);
                        })?;
                        inside.leave_changed();
                        Ok(())
                    }
                    Clock::Started | Clock::Fired | Clock::Ended(_) | Clock::Cancelled => {
                        execution.lives(-1);
                        Err(self.forbidden(whole, timer, Misuse::StartedTwice))
                    }
                }
            }
            TimerOp::Cancel { to } => {
                let inside = clock.enter(backend);
                let before = inside.data(|clock| {
                    let before = *clock;
                    *clock = match before {
                        Clock::Idle => Clock::CancelledFirst,
                        Clock::Started => Clock::Cancelled,
                        other @ (Clock::Fired | Clock::Ended(_) | Clock::Cancelled | Clock::CancelledFirst) => other,
                    };
                    before
                });
                if before == Clock::Started {
                    execution.never_fires(own);
                }
                let unfired = !matches!(before, Clock::Fired | Clock::Ended(_));
                self.set(*to, i64::from(unfired));
                self.happened(self.answer(timer, unfired), |record| {
                    // Where it keeps the block from running, a `join` comes behind it.
                    if matches!(before, Clock::Idle | Clock::Started) {
                        record.order.start(thread, own);
                    }
                    if before == Clock::Started {
                        record.order.end(own);
                    }
                })?;
                inside.leave_changed();
                Ok(())
            }
            TimerOp::Fire => unreachable!("the first step of the timer's own thread"),
        }
    }

    /// The first step of the timer's own thread: it fires, or the thread leaves without a step.
    pub(super) fn fire(&mut self, timer: ObjectId) -> Result<Settled, Trouble> {
        let execution = self.execution;
        let whole = self.event(Phase::Whole, Some(Target::Object(timer)));
        self.announce(Wants::Nothing, Footprint::writes(timer))?;
        let fires = execution.world.timer(timer).change(&execution.backend, |clock| {
            let fires = *clock == Clock::Started;
            if fires {
                *clock = Clock::Fired;
            }
            fires
        });
        if !fires {
            return Ok(Settled::Ended);
        }
        self.happened(whole, |_| {})?;
        self.cursor.pc = Pc(self.cursor.pc.0 + 1);
        Ok(Settled::AtStep)
    }

    /// `join` and `is_alive`.
    pub(super) fn observe_timer(&mut self, timer: ObjectId, own: ThreadId, op: &ThreadOp) -> Result<(), Trouble> {
        let execution = self.execution;
        let clock = execution.world.timer(timer);
        let touched = Footprint::reads(timer).and(Footprint::end(own));
        let mut event = self.event(Phase::Whole, Some(Target::Thread(own)));
        let thread = self.thread;
        match op {
            ThreadOp::Join { tag } => {
                self.announce(Wants::Over(timer), touched)?;
                let joined = clock.take(&execution.backend, thread, |clock| clock.joined());
                let end = match joined {
                    Ok(end) => end,
                    Err(misuse) => return Err(self.forbidden(event, timer, misuse)),
                };
                let result = end.tag();
                self.set(*tag, result.slot());
                event.returned = Some(Returned::Tagged(result, None));
                self.happened(event, |record| record.order.join(thread, own))
            }
            ThreadOp::IsAlive { to } => {
                self.announce(Wants::Nothing, touched)?;
                let is_running = |clock: &Clock| matches!(clock, Clock::Started | Clock::Fired);
                let alive = clock.look(&execution.backend, is_running);
                self.set(*to, i64::from(alive));
                event.returned = Some(Returned::Value(Value::Bool(alive)));
                self.happened(event, |_| {})
            }
        }
    }
}

impl<B: Backend> Execution<B> {
    /// The thread that runs the block of a timer.
    pub(super) fn thread_of(&self, timer: ObjectId) -> ThreadId {
        let ObjectKind::Timer { thread } = self.run.program.object(timer).kind else { unreachable!("not a timer") };
        thread
    }

    /// Whether a thread is that of a timer which was cancelled before it could fire.
    pub(crate) fn is_cancelled(&self, thread: ThreadId) -> bool {
        let timer = self.run.program.thread(thread).timer;
        timer.is_some_and(|timer| self.world.timer(timer).peek(|clock| *clock == Clock::Cancelled))
    }

    /// So many more threads keep the program alive.
    fn lives(&self, more: isize) {
        let mut record = poison::lock(&self.record);
        record.live = record.live.saturating_add_signed(more);
    }

    /// A thread that was started takes no step any more; somebody else keeps the program alive.
    fn never_fires(&self, thread: ThreadId) {
        let mut record = poison::lock(&self.record);
        record.ended[thread.index()] = Some(End::Normal);
        record.live -= 1;
    }
}
