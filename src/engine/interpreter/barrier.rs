//! `barrier`: the runtime's own where nobody does more than wait at it, otherwise a monitor around who has come, and how
//! those who need not wait any longer leave.

use super::backend::Backend;
use super::frame::{Frame, Trouble};
use super::monitor::Monitor;
use super::own_barrier::OwnBarrier;
use super::poison;
use super::wants::{Footprint, Wants};
use crate::finding::{Phase, Returned, Target};
use crate::program::{BarrierOp, LocalId, ObjectId, ResultTag, ThreadId, Value};
use crate::schedule::Pick;
use std::collections::BTreeMap;
use std::sync::Mutex;

/// What a barrier is made of.
pub(crate) enum BarrierBuild<B: Backend> {
    /// The runtime's own, with the books about who has come; where the backend is not serial they stay empty.
    Own(B::Barrier, Mutex<Round>),
    /// A monitor.
    Monitor(Monitor<B, Round>),
}

impl<B: Backend> BarrierBuild<B> {
    /// A barrier to which nobody has come.
    pub(crate) fn new(backend: &B, own: Option<B::Barrier>, round: Round) -> Self {
        match own {
            Some(own) => BarrierBuild::Own(own, Mutex::new(round)),
            None => BarrierBuild::Monitor(Monitor::new(backend, round)),
        }
    }

    /// Who has come, by the books.
    pub(crate) fn round<R>(&self, look: impl FnOnce(&Round) -> R) -> R {
        match self {
            BarrierBuild::Own(_, books) => look(&poison::lock(books)),
            BarrierBuild::Monitor(monitor) => monitor.peek(look),
        }
    }

    /// Whether a thread that stands here has to wait for others. Without books only threads that do are asked about.
    pub(crate) fn waits(&self, thread: ThreadId) -> bool {
        match self {
            BarrierBuild::Own(..) if !B::NATURE.serial => true,
            BarrierBuild::Own(..) | BarrierBuild::Monitor(_) => self.round(|round| round.waits(thread)),
        }
    }
}

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

impl Leaves {
    /// How a thread leaves a barrier that does not break; `last`: whether it came last.
    fn last(last: bool) -> Self {
        if last { Leaves::Leader } else { Leaves::Follower }
    }
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
    fn waits(&self, thread: ThreadId) -> bool {
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
        let backend = &execution.backend;
        let round = match (execution.world.barrier(barrier), op) {
            (BarrierBuild::Monitor(round), _) => round,
            (BarrierBuild::Own(own, books), BarrierOp::Wait { tag, to }) if B::NATURE.serial => {
                let leads = self.wait_by_the_books(barrier, own, books)?;
                return self.left(barrier, Some(Leaves::last(leads)), *tag, *to, Vec::new());
            }
            (BarrierBuild::Own(own, _), BarrierOp::Wait { tag, to }) => {
                self.announce(Wants::All(barrier), Footprint::writes(barrier))?;
                let leads = own.wait();
                return self.left(barrier, Some(Leaves::last(leads)), *tag, *to, Vec::new());
            }
            (
                BarrierBuild::Own(..),
                BarrierOp::WaitTimeout { .. } | BarrierOp::Abort | BarrierOp::Reset | BarrierOp::IsBroken { .. },
            ) => unreachable!("such a barrier does not fit"),
        };
        match op {
            BarrierOp::Wait { tag, to } => {
                self.arrive(barrier, round)?;
                self.announce(Wants::All(barrier), Footprint::writes(barrier))?;
                let thread = self.thread;
                let leaves = round.take(backend, thread, |round| round.leaving.remove(&thread));
                self.left(barrier, Some(leaves), *tag, *to, Vec::new())
            }
            BarrierOp::WaitTimeout { tag, to } => {
                self.arrive(barrier, round)?;
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
    fn arrive(&mut self, barrier: ObjectId, round: &Monitor<B, Round>) -> Result<(), Trouble> {
        let thread = self.thread;
        self.announce(Wants::Nothing, Footprint::writes(barrier))?;
        let inside = round.enter(&self.execution.backend);
        let (broken, last) = inside.data(|round| (round.broken, round.arrive(thread)));
        self.arrived(barrier, broken, last)?;
        inside.leave_changed();
        Ok(())
    }

    /// A wait at a barrier of the runtime's own, up to its second step: two steps, one call. Whether the thread leads.
    fn wait_by_the_books(
        &mut self,
        barrier: ObjectId,
        own: &B::Barrier,
        books: &Mutex<Round>,
    ) -> Result<bool, Trouble> {
        let thread = self.thread;
        let touched = Footprint::writes(barrier);
        self.announce(Wants::Nothing, touched)?;
        let last = poison::lock(books).arrive(thread);
        let comes_last = last.is_some();
        self.arrived(barrier, false, last)?;
        if !comes_last {
            // Whoever has to wait takes its second step inside the call, when it is let go.
            self.note(Wants::All(barrier), touched)?;
        }
        let leads = own.wait();
        if comes_last {
            self.announce(Wants::All(barrier), touched)?;
        } else {
            self.execution.proceed()?;
        }
        poison::lock(books).leaving.remove(&thread);
        Ok(leads)
    }

    /// The log of the first step. `last`: those that this thread lets go.
    fn arrived(&mut self, barrier: ObjectId, broken: bool, last: Option<Vec<ThreadId>>) -> Result<(), Trouble> {
        let thread = self.thread;
        let mut event = self.event(Phase::Arrive, Some(Target::Object(barrier)));
        event.woke = last.clone().unwrap_or_default();
        self.happened(event, |record| {
            if !broken {
                record.order.release(thread, barrier);
            }
            if let Some(mut all) = last {
                all.push(thread);
                record.order.hand_out_to(&all, barrier);
            }
        })
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
