//! `mutex`. A fifo mutex is a monitor around who holds it and who waits.

use super::Holding;
use super::backend::Backend;
use super::frame::{Frame, Trouble};
use super::line::{Line, behind};
use super::wants::{Footprint, Wants};
use super::world::{Lock, LockBuild};
use crate::finding::{BlockCause, Misuse, Phase, Returned, Target};
use crate::program::{MutexKind, MutexOp, ObjectId, ResultTag, Scoped, ThreadId, Value};
use crate::schedule::Pick;
use std::mem::ManuallyDrop;
use std::sync::atomic::Ordering;

/// A fifo mutex at one moment.
#[derive(Clone, Debug, Default)]
pub(crate) struct Served {
    holder: Option<ThreadId>,
    line: Line<()>,
}

impl Served {
    /// Whether nobody holds it or waits for it.
    pub(crate) fn is_free(&self) -> bool {
        self.holder.is_none() && self.line.is_empty()
    }

    /// What keeps a thread from having it.
    fn obstacle(&self, mutex: ObjectId, thread: ThreadId) -> Option<BlockCause> {
        let held = self.holder.map(|holder| BlockCause::Held { mutex, holder });
        held.or_else(|| behind(mutex, self.line.ahead(thread)))
    }

    /// Gives it to a thread that can have it; then it waits no longer.
    fn take(&mut self, mutex: ObjectId, thread: ThreadId) -> bool {
        let can = self.obstacle(mutex, thread).is_none();
        if can {
            self.holder = Some(thread);
            self.line.leave(thread);
        }
        can
    }
}

/// Why a thread cannot have a mutex now, by the books.
pub(super) fn obstacle<B: Backend>(lock: &Lock<B>, mutex: ObjectId, thread: ThreadId) -> Option<BlockCause> {
    match &lock.build {
        LockBuild::Line(served) => served.peek(|served| served.obstacle(mutex, thread)),
        LockBuild::Own(_) | LockBuild::Monitor(_) => lock.holder().map(|holder| BlockCause::Held { mutex, holder }),
    }
}

impl<B: Backend> Frame<'_, B> {
    /// An operation on a mutex.
    pub(super) fn mutex(&mut self, mutex: ObjectId, op: &MutexOp) -> Result<(), Trouble> {
        let thread = self.thread;
        let target = Some(Target::Object(mutex));
        match op {
            MutexOp::Lock { scoped } => {
                let phase = self.queue_for_mutex(mutex)?;
                let again = self.may_lock_again(mutex);
                let wants = if again { Wants::Nothing } else { Wants::Mutex(mutex) };
                self.announce(wants, Footprint::writes(mutex))?;
                if again {
                    self.held.push((mutex, *scoped));
                } else {
                    self.take(mutex, *scoped);
                }
                self.happened(self.event(phase, target), |record| record.order.acquire(thread, mutex))
            }
            MutexOp::LockChecked { scoped, tag } => {
                self.announce(Wants::Mutex(mutex), Footprint::writes(mutex))?;
                self.take(mutex, *scoped);
                let case = self.case_of(mutex);
                self.set(*tag, case.slot());
                let mut event = self.event(Phase::Whole, target);
                event.returned = Some(Returned::Tagged(case, None));
                self.happened(event, |record| record.order.acquire(thread, mutex))
            }
            MutexOp::TryLock { to } | MutexOp::LockTimeout { to, .. } => {
                let timed = matches!(op, MutexOp::LockTimeout { .. });
                let phase = if timed { self.queue_for_mutex(mutex)? } else { Phase::Whole };
                // A time-out can always fire, so this waits for nobody.
                self.announce(Wants::Nothing, Footprint::writes(mutex))?;
                let taken = self.try_take(mutex);
                self.set(*to, i64::from(taken));
                let mut event = self.event(phase, target);
                event.returned = Some(Returned::Value(Value::Bool(taken)));
                if !taken && timed {
                    event.pick = Pick::Timeout;
                }
                self.happened(event, |record| {
                    if taken {
                        record.order.acquire(thread, mutex);
                    }
                })
            }
            MutexOp::Unlock { scoped } => {
                self.announce(Wants::Nothing, Footprint::writes(mutex))?;
                if !self.holds(mutex) {
                    return Err(self.forbidden(self.event(Phase::Whole, target), mutex, Misuse::UnlockNotHeld));
                }
                // The log first: what comes after the unlock may already be another thread's.
                self.happened(self.event(Phase::Whole, target), |record| record.order.release(thread, mutex))?;
                self.give(mutex, *scoped);
                Ok(())
            }
            MutexOp::IsLocked { to } => {
                self.announce(Wants::Nothing, Footprint::reads(mutex))?;
                let lock = self.execution.world.mutex(mutex);
                let locked = match &lock.build {
                    LockBuild::Own(_) => lock.holder().is_some(),
                    LockBuild::Monitor(monitor) => monitor.look(&self.execution.backend, Option::is_some),
                    LockBuild::Line(monitor) => !monitor.look(&self.execution.backend, Served::is_free),
                };
                self.set(*to, i64::from(locked));
                self.happened(self.answer(mutex, locked), |_| {})
            }
        }
    }

    /// Locks; blocks while it is held.
    fn take(&mut self, mutex: ObjectId, scoped: Scoped) {
        let lock = self.execution.world.mutex(mutex);
        match &lock.build {
            LockBuild::Own(own) => {
                let guard = self.execution.backend.lock(own);
                self.guards.push((mutex, ManuallyDrop::new(guard)));
            }
            LockBuild::Monitor(_) | LockBuild::Line(_) => self.take_built(mutex),
        }
        lock.set_holder(Some(self.thread));
        self.held.push((mutex, scoped));
    }

    /// Takes a mutex that is not the runtime's own; blocks as long as the thread cannot have it.
    pub(super) fn take_built(&self, mutex: ObjectId) {
        let thread = self.thread;
        let backend = &self.execution.backend;
        match &self.execution.world.mutex(mutex).build {
            LockBuild::Monitor(monitor) => monitor.take(backend, thread, |holder| match holder {
                None => {
                    *holder = Some(thread);
                    Some(())
                }
                Some(_) => None,
            }),
            LockBuild::Line(monitor) => {
                monitor.take(backend, thread, |served| served.take(mutex, thread).then_some(()));
            }
            LockBuild::Own(_) => unreachable!("it is the runtime's own"),
        }
    }

    /// Makes such a mutex free.
    pub(super) fn let_go(&self, mutex: ObjectId) {
        let backend = &self.execution.backend;
        match &self.execution.world.mutex(mutex).build {
            LockBuild::Monitor(monitor) => monitor.change(backend, |holder| *holder = None),
            LockBuild::Line(monitor) => monitor.change(backend, |served| served.holder = None),
            LockBuild::Own(_) => unreachable!("it is the runtime's own"),
        }
    }

    /// Whether it is handed over in order of arrival.
    pub(super) fn has_line(&self, mutex: ObjectId) -> bool {
        self.execution.world.mutex(mutex).has_line()
    }

    /// Stands in the line of a mutex that has one.
    pub(super) fn join_line(&self, mutex: ObjectId) {
        if let LockBuild::Line(monitor) = &self.execution.world.mutex(mutex).build {
            monitor.change(&self.execution.backend, |served| served.line.arrive(self.thread, ()));
        }
    }

    /// What taking a poisoning mutex, which the thread holds, gives.
    pub(super) fn case_of(&self, mutex: ObjectId) -> ResultTag {
        let poisoned = self.execution.world.mutex(mutex).poisoned.load(Ordering::Relaxed);
        if poisoned { ResultTag::Poisoned } else { ResultTag::Some }
    }

    fn try_take(&mut self, mutex: ObjectId) -> bool {
        if self.may_lock_again(mutex) {
            self.held.push((mutex, Scoped::Call));
            return true;
        }
        let lock = self.execution.world.mutex(mutex);
        let thread = self.thread;
        let taken = match &lock.build {
            LockBuild::Own(own) => match self.execution.backend.try_lock(own) {
                Some(guard) => {
                    self.guards.push((mutex, ManuallyDrop::new(guard)));
                    true
                }
                None => false,
            },
            LockBuild::Monitor(monitor) => monitor.change(&self.execution.backend, |holder| match holder {
                None => {
                    *holder = Some(thread);
                    true
                }
                Some(_) => false,
            }),
            LockBuild::Line(monitor) => monitor.change(&self.execution.backend, |served| {
                let taken = served.take(mutex, thread);
                served.line.leave(thread);
                taken
            }),
        };
        if taken {
            lock.set_holder(Some(thread));
            self.held.push((mutex, Scoped::Call));
        }
        taken
    }

    /// Unlocks what this thread holds; of a reentrant mutex one level.
    fn give(&mut self, mutex: ObjectId, scoped: Scoped) {
        let alike = self.held.iter().rposition(|held| *held == (mutex, scoped));
        let position = alike.or_else(|| self.held.iter().rposition(|(held, _)| *held == mutex));
        if let Some(position) = position {
            self.held.remove(position);
        }
        if self.holds(mutex) {
            return;
        }
        let lock = self.execution.world.mutex(mutex);
        // What gives it back after a failure is `with`.
        if lock.kind == MutexKind::Poisoning && self.cursor.failed.is_some() {
            lock.poisoned.store(true, Ordering::Relaxed);
        }
        lock.set_holder(None);
        match &lock.build {
            LockBuild::Own(_) => drop(self.take_guard(mutex)),
            LockBuild::Monitor(_) | LockBuild::Line(_) => self.let_go(mutex),
        }
    }

    /// The first of two steps, where the mutex is handed over in order of arrival; then the other one completes.
    fn queue_for_mutex(&mut self, mutex: ObjectId) -> Result<Phase, Trouble> {
        if !self.has_line(mutex) {
            return Ok(Phase::Whole);
        }
        self.announce(Wants::Nothing, Footprint::writes(mutex))?;
        self.join_line(mutex);
        self.happened(self.event(Phase::Arrive, Some(Target::Object(mutex))), |_| {})?;
        Ok(Phase::Complete)
    }

    /// Unlocks whatever it holds of the runtime's own: the execution is over, and this is no step of it.
    pub(super) fn unlock_all(&mut self) {
        for (_, guard) in self.guards.drain(..) {
            drop(ManuallyDrop::into_inner(guard));
        }
        for (_, guard) in self.share_guards.drain(..) {
            drop(ManuallyDrop::into_inner(guard));
        }
    }

    /// Whether it holds locks of the runtime.
    pub(super) fn holding(&self) -> Holding {
        if self.guards.is_empty() && self.share_guards.is_empty() { Holding::Nothing } else { Holding::Something }
    }

    /// Whether the mutex is one that its holder may lock again, and this thread is the holder.
    fn may_lock_again(&self, mutex: ObjectId) -> bool {
        match self.execution.world.mutex(mutex).kind {
            MutexKind::Plain | MutexKind::Poisoning | MutexKind::Fifo => false,
            MutexKind::Reentrant => self.holds(mutex),
        }
    }

    pub(super) fn holds(&self, mutex: ObjectId) -> bool {
        self.held.iter().any(|(held, _)| *held == mutex)
    }
}

impl<'e, B: Backend> Frame<'e, B> {
    pub(super) fn take_guard(&mut self, mutex: ObjectId) -> B::Guard<'e> {
        let position = self.guards.iter().position(|(held, _)| *held == mutex);
        let (_, guard) = self.guards.swap_remove(position.expect("a mutex that is held has its guard here"));
        ManuallyDrop::into_inner(guard)
    }
}
