//! `once`: a monitor around how far its block is.

use super::backend::Backend;
use super::frame::{Frame, Trouble};
use super::wants::{Footprint, Wants};
use crate::finding::{BlockCause, Phase, Returned, Target};
use crate::program::{ObjectId, OnceOp, ResultTag, ThreadId, Value};

/// How far a block is that is run once.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) enum Stage {
    /// Nobody has called yet.
    #[default]
    Fresh,
    /// This thread runs it.
    Running(ThreadId),
    /// It is finished.
    Finished,
    /// It has failed.
    Poisoned,
}

impl Stage {
    /// Whether the block is finished.
    pub(crate) fn is_finished(&self) -> bool {
        *self == Stage::Finished
    }

    /// What keeps a caller from going on.
    pub(crate) fn obstacle(&self, once: ObjectId) -> Option<BlockCause> {
        match self {
            Stage::Running(runner) => Some(BlockCause::Held { mutex: once, holder: *runner }),
            Stage::Fresh | Stage::Finished | Stage::Poisoned => None,
        }
    }
}

impl<B: Backend> Frame<'_, B> {
    /// An operation on a once.
    pub(super) fn once(&mut self, once: ObjectId, op: &OnceOp) -> Result<(), Trouble> {
        let execution = self.execution;
        let (backend, thread) = (&execution.backend, self.thread);
        let stage = execution.world.once(once);
        match op {
            OnceOp::Begin { tag, runs } => {
                self.announce(Wants::Stage(once), Footprint::writes(once))?;
                let before = stage.take(backend, thread, |stage| match *stage {
                    Stage::Running(_) => None,
                    Stage::Fresh => Some(std::mem::replace(stage, Stage::Running(thread))),
                    passed @ (Stage::Finished | Stage::Poisoned) => Some(passed),
                });
                let begins = before == Stage::Fresh;
                let poisoned = before == Stage::Poisoned;
                let case = if poisoned { ResultTag::Poisoned } else { ResultTag::Some };
                self.set(*tag, case.slot());
                if !poisoned {
                    self.set(*runs, i64::from(begins));
                }
                let mut event = self.event(Phase::Whole, Some(Target::Object(once)));
                event.returned = Some(Returned::Tagged(case, (!poisoned).then_some(Value::Bool(begins))));
                self.happened(event, |record| {
                    if !begins {
                        record.order.acquire(thread, once);
                    }
                })
            }
            OnceOp::End => {
                self.announce(Wants::Nothing, Footprint::writes(once))?;
                let whole = self.event(Phase::Whole, Some(Target::Object(once)));
                // The log first: what comes after it may already be another thread's.
                self.happened(whole, |record| record.order.release(thread, once))?;
                let end = if self.cursor.failed.is_some() { Stage::Poisoned } else { Stage::Finished };
                stage.change(backend, |stage| *stage = end);
                Ok(())
            }
            OnceOp::IsCompleted { to } => {
                self.announce(Wants::Nothing, Footprint::reads(once))?;
                let completed = stage.look(backend, Stage::is_finished);
                self.set(*to, i64::from(completed));
                self.happened(self.answer(once, completed), |record| {
                    if completed {
                        record.order.acquire(thread, once);
                    }
                })
            }
        }
    }
}
