//! `timer`: a monitor around how far it is, and a thread of the runtime that `start` starts.
//!
//! A thread whose timer is cancelled has ended by the books at that moment; the runtime's leaves when it next comes to
//! run, without a step. Left out: programs with daemons, where the end of the program can come with a `cancel`.

use super::Execution;
use super::backend::Backend;
use super::frame::{Frame, Trouble};
use super::poison;
use super::record::End;
use super::wants::{Footprint, Wants};
use crate::finding::{Misuse, Phase, Target};
use crate::program::{InstrKind, ObjectId, ObjectKind, Pc, ThreadId, TimerOp};

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
    /// Was started and never fires.
    Cancelled,
    /// Was cancelled before it was started.
    CancelledFirst,
}

impl<B: Backend> Frame<'_, B> {
    /// An operation on a timer.
    pub(super) fn timer(&mut self, timer: ObjectId, op: &TimerOp) -> Result<(), Trouble> {
        let execution = self.execution;
        let (backend, thread) = (&execution.backend, self.thread);
        let clock = execution.world.timer(timer);
        let own = execution.thread_of(timer);
        let whole = self.event(Phase::Whole, Some(Target::Object(timer)));
        let touched = Footprint::writes(timer);
        let touched = match op {
            TimerOp::Start => {
                execution.listened_by(own).into_iter().fold(touched, |all, heard| all.and(Footprint::writes(heard)))
            }
            TimerOp::Cancel { .. } | TimerOp::Fire => touched,
        };
        self.announce(Wants::Nothing, touched)?;
        match op {
            TimerOp::Start => {
                // Whoever starts it is there, so nobody sees a number that is too great for a moment.
                execution.lives(1);
                let before = clock.change(backend, |clock| {
                    let before = *clock;
                    *clock = match before {
                        Clock::Idle => Clock::Started,
                        Clock::CancelledFirst => Clock::Cancelled,
                        other @ (Clock::Started | Clock::Fired | Clock::Cancelled) => other,
                    };
                    before
                });
                if before == Clock::Idle {
                    execution.listen(own);
                    self.happened(whole, |record| record.order.start(thread, own))?;
                    if let Err(halt) = execution.begin(own, &[]) {
                        self.acts_for(own);
                        return Err(halt.into());
                    }
                    return Ok(());
                }
                execution.lives(-1);
                if before == Clock::CancelledFirst {
                    return self.happened(whole, |_| {});
                }
                Err(Trouble::Misuse(Misuse::StartedTwice, Some(timer)))
            }
            TimerOp::Cancel { to } => {
                let before = clock.change(backend, |clock| {
                    let before = *clock;
                    *clock = match before {
                        Clock::Idle => Clock::CancelledFirst,
                        Clock::Started => Clock::Cancelled,
                        other @ (Clock::Fired | Clock::Cancelled | Clock::CancelledFirst) => other,
                    };
                    before
                });
                if before == Clock::Started {
                    execution.never_fires(own);
                }
                let unfired = before != Clock::Fired;
                self.set(*to, i64::from(unfired));
                self.happened(self.answer(timer, unfired), |_| {})
            }
            TimerOp::Fire => {
                let before = clock.change(backend, |clock| {
                    let before = *clock;
                    if before == Clock::Started {
                        *clock = Clock::Fired;
                    }
                    before
                });
                if before == Clock::Started {
                    return self.happened(whole, |_| {});
                }
                self.skip_to_end();
                Ok(())
            }
        }
    }

    /// Goes to where the code ends normally, from the instruction before.
    fn skip_to_end(&mut self) {
        let end = self.code().instrs.iter().position(|instr| instr.kind == InstrKind::Halt);
        let end = end.expect("the code of a timer comes to its end");
        // The caller goes on at the next instruction.
        self.cursor.pc = Pc::new(end.saturating_sub(1));
    }
}

impl<B: Backend> Execution<B> {
    /// The thread that runs the block of a timer.
    fn thread_of(&self, timer: ObjectId) -> ThreadId {
        let ObjectKind::Timer { thread } = self.run.program.object(timer).kind else { unreachable!("not a timer") };
        thread
    }

    /// Whether a thread is that of a timer which was cancelled before it could fire.
    pub(super) fn is_cancelled(&self, thread: ThreadId) -> bool {
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
