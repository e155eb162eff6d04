//! `barrier`: a monitor around who has come, and how those who need not wait any longer leave.

use super::backend::Backend;
use super::frame::{Frame, Trouble};
use super::wants::{Footprint, Wants};
use crate::finding::{Phase, Returned, Target};
use crate::program::{BarrierOp, LocalId, ObjectId, ResultTag, ThreadId, Value};
use crate::schedule::Pick;
use std::collections::BTreeMap;

/// A barrier at one moment.
#[derive(Clone, Debug)]
pub(crate) struct Round {
    /// How many meet.
    size: usize,
    broken: bool,
    /// Who waits, in order of arrival.
    here: Vec<ThreadId>,
    /// How those leave that need not wait any longer, and have not left yet.
    leaving: BTreeMap<ThreadId, Leaves>,
}

/// How a thread leaves.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Leaves {
    Leader,
    Follower,
    Failed,
}

impl Round {
    /// Nobody has come to a barrier for `size` threads.
    pub(crate) fn new(size: u32) -> Self {
        let size = usize::try_from(size).expect("u32 fits into usize");
        Self { size, broken: false, here: Vec::new(), leaving: BTreeMap::new() }
    }

    /// Whether it is broken.
    pub(crate) fn is_broken(&self) -> bool {
        self.broken
    }

    /// Whether the thread has come and has to wait for others.
    pub(crate) fn waits(&self, thread: ThreadId) -> bool {
        self.here.contains(&thread)
    }

    /// A thread comes; gives those who waited where it is the last one.
    fn arrive(&mut self, thread: ThreadId) -> Option<Vec<ThreadId>> {
        if self.broken {
            self.leaving.insert(thread, Leaves::Failed);
            return None;
        }
        if self.here.len() + 1 < self.size {
            self.here.push(thread);
            return None;
        }
        let mut others = std::mem::take(&mut self.here);
        others.sort_unstable();
        self.leaving.extend(others.iter().map(|other| (*other, Leaves::Follower)));
        self.leaving.insert(thread, Leaves::Leader);
        Some(others)
    }

    /// Whoever waits fails; gives them.
    fn fail(&mut self) -> Vec<ThreadId> {
        let mut here = std::mem::take(&mut self.here);
        here.sort_unstable();
        self.leaving.extend(here.iter().map(|waiter| (*waiter, Leaves::Failed)));
        here
    }
}

impl<B: Backend> Frame<'_, B> {
    /// An operation on a barrier.
    pub(super) fn barrier(&mut self, barrier: ObjectId, op: &BarrierOp) -> Result<(), Trouble> {
        let execution = self.execution;
        let (backend, round) = (&execution.backend, execution.world.barrier(barrier));
        match op {
            BarrierOp::Wait { tag, to } => {
                self.arrive(barrier)?;
                self.announce(Wants::All(barrier), Footprint::writes(barrier))?;
                let thread = self.thread;
                let leaves = round.take(backend, thread, |round| round.leaving.remove(&thread));
                self.left(barrier, Some(leaves), *tag, *to, Vec::new())
            }
            BarrierOp::WaitTimeout { tag, to } => {
                self.arrive(barrier)?;
                self.announce(Wants::Nothing, Footprint::writes(barrier))?;
                let thread = self.thread;
                let inside = round.enter(backend);
                let (leaves, woke) = inside.data(|round| {
                    let leaves = round.leaving.remove(&thread);
                    if leaves.is_some() {
                        return (leaves, Vec::new());
                    }
                    round.here.retain(|waiter| *waiter != thread);
                    round.broken = true;
                    (None, round.fail())
                });
                self.left(barrier, leaves, *tag, *to, woke)?;
                inside.leave_changed();
                Ok(())
            }
            BarrierOp::Abort | BarrierOp::Reset => {
                self.announce(Wants::Nothing, Footprint::writes(barrier))?;
                let mut event = self.event(Phase::Whole, Some(Target::Object(barrier)));
                let inside = round.enter(backend);
                event.woke = inside.data(|round| {
                    round.broken = matches!(op, BarrierOp::Abort);
                    round.fail()
                });
                self.happened(event, |record| record.order.forget(barrier))?;
                inside.leave_changed();
                Ok(())
            }
            BarrierOp::IsBroken { to } => {
                self.announce(Wants::Nothing, Footprint::reads(barrier))?;
                let broken = round.look(backend, Round::is_broken);
                self.set(*to, i64::from(broken));
                self.happened(self.answer(barrier, broken), |_| {})
            }
        }
    }

    /// The first step of a wait.
    fn arrive(&mut self, barrier: ObjectId) -> Result<(), Trouble> {
        let execution = self.execution;
        let thread = self.thread;
        self.announce(Wants::Nothing, Footprint::writes(barrier))?;
        let mut event = self.event(Phase::Arrive, Some(Target::Object(barrier)));
        let inside = execution.world.barrier(barrier).enter(&execution.backend);
        let (broken, last) = inside.data(|round| (round.broken, round.arrive(thread)));
        event.woke = last.clone().unwrap_or_default();
        self.happened(event, |record| {
            if !broken {
                record.order.release(thread, barrier);
            }
            if let Some(mut all) = last {
                all.push(thread);
                record.order.hand_out_to(&all, barrier);
            }
        })?;
        inside.leave_changed();
        Ok(())
    }

    /// The second step of a wait; `None`: its time-out has fired, and `woke` fail because of it.
    fn left(
        &mut self,
        barrier: ObjectId,
        leaves: Option<Leaves>,
        tag: LocalId,
        to: LocalId,
        woke: Vec<ThreadId>,
    ) -> Result<(), Trouble> {
        let mut event = self.event(Phase::Complete, Some(Target::Object(barrier)));
        let (result, leader) = match leaves {
            Some(Leaves::Leader) => (ResultTag::Some, Some(true)),
            Some(Leaves::Follower) => (ResultTag::Some, Some(false)),
            Some(Leaves::Failed) => (ResultTag::Failed, None),
            None => (ResultTag::Timeout, None),
        };
        self.set(tag, result.slot());
        if let Some(leader) = leader {
            self.set(to, i64::from(leader));
        }
        if leaves.is_none() {
            event.pick = Pick::Timeout;
        }
        event.returned = Some(Returned::Tagged(result, leader.map(Value::Bool)));
        event.woke = woke;
        self.happened(event, |record| {
            if leaves.is_none() {
                record.order.forget(barrier);
            }
        })
    }
}
