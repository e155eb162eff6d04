//! `condvar`: the runtime's own where it does what the language asks for, otherwise a monitor around who waits.
//!
//! With a fifo mutex, whoever waits no longer lines up for it in a step of its own.

use super::backend::{Backend, Waited};
use super::frame::{Frame, Trouble};
use super::monitor::Monitor;
use super::waiters::Waiters;
use super::wants::{Footprint, Wants};
use super::world::{LockBuild, Signal};
use super::{Halt, poison};
use crate::finding::{LimitHit, Misuse, Phase, Returned, Target};
use crate::program::{CondvarOp, LocalId, ObjectId, ObjectKind, ResultTag, Scoped, Service, ThreadId, Value, WakeUps};
use crate::schedule::Pick;
use std::mem::ManuallyDrop;

impl<B: Backend> Frame<'_, B> {
    /// An operation on a condition variable.
    pub(super) fn condvar(&mut self, condvar: ObjectId, op: &CondvarOp) -> Result<(), Trouble> {
        match op {
            CondvarOp::Wait { mutex, tag } => {
                let mutex = mutex.resolve(self.locals())?;
                if B::NATURE.indivisible && self.may_wake_for_nothing(condvar) {
                    self.wait_or_wake(condvar, mutex, *tag)
                } else {
                    self.wait(condvar, mutex, *tag)
                }
            }
            CondvarOp::WaitTimeout { mutex, micros, tag, to } => {
                let mutex = mutex.resolve(self.locals())?;
                self.wait_timeout(condvar, mutex, *micros, (*tag, *to))
            }
            CondvarOp::NotifyOne => {
                self.announce(Wants::Nothing, Footprint::writes(condvar))?;
                self.notify_some(condvar, Some(1), Vec::new())
            }
            CondvarOp::Notify { count } => {
                self.announce(Wants::Nothing, Footprint::writes(condvar))?;
                let count = count.eval_locals(self.locals())?;
                let operands = vec![Value::Int(count)];
                let count = usize::try_from(count.max(0)).unwrap_or(usize::MAX);
                // Where nobody is left out, nothing is chosen. Where threads run at the same time, more may come until then.
                let open = self.execution.world.condvar(condvar).waiters(Waiters::open);
                let all = B::NATURE.serial && count >= open;
                self.notify_some(condvar, (!all).then_some(count), operands)
            }
            CondvarOp::NotifyAll => {
                self.announce(Wants::Nothing, Footprint::writes(condvar))?;
                self.notify_some(condvar, None, Vec::new())
            }
        }
    }

    /// Notifies so many waiters, or all of them, in one step.
    fn notify_some(&mut self, condvar: ObjectId, count: Option<usize>, operands: Vec<Value>) -> Result<(), Trouble> {
        let execution = self.execution;
        let backend = &execution.backend;
        let fifo =
            matches!(execution.run.program.object(condvar).kind, ObjectKind::Condvar { service: Service::Fifo, .. });
        let whom = match count {
            None => Whom::All,
            Some(count) if fifo => Whom::Longest(count),
            Some(count) if execution.run.plan.settles_notifications => Whom::These(self.chosen(condvar, count)?),
            Some(count) if B::NATURE.notify_longest && execution.run.plan.own_locks => Whom::Longest(count),
            Some(count) => Whom::Any(count, poison::lock(&execution.record).log.len()),
        };
        let mut woke = match execution.world.condvar(condvar) {
            Signal::Own(own, books) => {
                let woke = whom.notify(&mut poison::lock(books));
                match count {
                    None => backend.notify_all(own),
                    Some(count) => (0..count).for_each(|_| backend.notify_one(own)),
                }
                woke
            }
            Signal::Monitor(monitor) => monitor.change(backend, |waiters| whom.notify(waiters)),
        };
        woke.sort_unstable();
        let mut event = self.event(Phase::Whole, Some(Target::Object(condvar)));
        event.operands = operands;
        if count.is_some() && !fifo {
            event.pick = Pick::waiters(bits(&woke));
        }
        event.woke = woke;
        self.happened(event, |_| {})
    }

    /// The world chooses so many of those who wait.
    fn chosen(&self, condvar: ObjectId, count: usize) -> Result<Vec<ThreadId>, Trouble> {
        let mut there = self.execution.world.condvar(condvar).waiters(Waiters::unnotified);
        there.sort_unstable();
        let limit = super::choice::VALUES_MAX;
        let mut parts = parts(&there, count.min(there.len()));
        if parts.len() > usize::try_from(limit).expect("u32 fits into usize") {
            return Err(Halt::Cut(LimitHit::Choices { limit, thread: self.thread, pc: self.cursor.pc }).into());
        }
        let picks: Vec<Pick> = parts.iter().map(|part| Pick::waiters(bits(part))).collect();
        let position = if picks.len() > 1 { self.execution.choose(self.thread, &picks) } else { 0 };
        Ok(parts.swap_remove(position))
    }

    /// Release-and-wait, then re-acquire; `tag` is where it goes whether the mutex is poisoned.
    fn wait(&mut self, condvar: ObjectId, mutex: ObjectId, tag: Option<LocalId>) -> Result<(), Trouble> {
        let thread = self.thread;
        let levels = self.begin_to_wait(condvar, mutex)?;
        let touched = Footprint::writes(condvar).and(Footprint::writes(mutex));
        let execution = self.execution;
        let backend = &execution.backend;
        let lock = execution.world.mutex(mutex);
        let pending = Wants::Signal { condvar, mutex };
        let woken_by = match (execution.world.condvar(condvar), &lock.build) {
            (Signal::Own(own, books), LockBuild::Own(_)) => {
                poison::lock(books).arrive(thread);
                lock.set_holder(None);
                self.note(pending, touched)?;
                let guard = self.take_guard(mutex);
                backend.blocking(thread);
                let guard = backend.wait(own, guard);
                backend.resumed(thread);
                self.guards.push((mutex, ManuallyDrop::new(guard)));
                poison::lock(books).go_on(thread)
            }
            (Signal::Monitor(signal), LockBuild::Monitor(_) | LockBuild::Line(_)) => {
                self.leave_to_wait(signal, mutex);
                let woken_by = if B::NATURE.indivisible {
                    // It gets its turn only once it may go on, or where the execution is over.
                    self.announce(pending, touched)?;
                    signal.change(backend, |waiters| waiters.go_on(thread))
                } else {
                    self.note(pending, touched)?;
                    signal.take(backend, thread, |waiters| waiters.may_go_on(thread).then(|| waiters.go_on(thread)))
                };
                self.come_back(condvar, mutex, woken_by)?;
                woken_by.filter(|_| !self.has_line(mutex))
            }
            (Signal::Own(..), LockBuild::Monitor(_) | LockBuild::Line(_)) | (Signal::Monitor(_), LockBuild::Own(_)) => {
                unreachable!("all locks of a program that anybody waits with are built alike")
            }
        };
        self.is_back(mutex, levels)?;
        self.settle_notification(woken_by);
        self.waited(condvar, mutex, (tag, None))
    }

    /// Whether a wait on it may end for no reason.
    fn may_wake_for_nothing(&self, condvar: ObjectId) -> bool {
        let kind = &self.execution.run.program.object(condvar).kind;
        matches!(kind, ObjectKind::Condvar { wake_ups: WakeUps::Spurious, .. })
    }

    /// As `wait`, where the thread may wake for no reason; that is a step between the two.
    fn wait_or_wake(&mut self, condvar: ObjectId, mutex: ObjectId, tag: Option<LocalId>) -> Result<(), Trouble> {
        let thread = self.thread;
        let levels = self.begin_to_wait(condvar, mutex)?;
        let touched = Footprint::writes(condvar).and(Footprint::writes(mutex));
        let execution = self.execution;
        let Signal::Monitor(signal) = execution.world.condvar(condvar) else {
            unreachable!("no runtime's own wait ends where the world says so")
        };
        self.leave_to_wait(signal, mutex);
        // It gets its turn only once it may go on, where the world wakes it, or where the execution is over.
        self.announce(Wants::SignalOrSpurious { condvar, mutex }, touched)?;
        let notified = signal.change(&execution.backend, |waiters| {
            let notified = waiters.may_go_on(thread);
            if notified {
                waiters.go_on(thread);
            } else {
                waiters.give_up(thread);
            }
            notified
        });
        if !notified {
            self.wakes(condvar, mutex, Pick::Spurious)?;
        }
        self.come_back(condvar, mutex, None)?;
        self.is_back(mutex, levels)?;
        self.waited(condvar, mutex, (tag, None))
    }

    /// The step of a thread that waits no longer although nobody has notified it.
    fn wakes(&mut self, condvar: ObjectId, mutex: ObjectId, pick: Pick) -> Result<(), Trouble> {
        let mut event = self.event(Phase::Wake, Some(Target::Object(condvar)));
        event.pick = pick;
        self.happened(event, |_| {})?;
        // To come to a line is always possible.
        let wants = if self.has_line(mutex) { Wants::Nothing } else { Wants::Back(mutex) };
        Ok(self.announce(wants, Footprint::writes(mutex))?)
    }

    /// As `wait`; a time-out that fires is a step between the two, and so is a wake-up for no reason. `to` is where it goes
    /// whether it ended before its time-out.
    fn wait_timeout(
        &mut self,
        condvar: ObjectId,
        mutex: ObjectId,
        micros: u64,
        (tag, to): (Option<LocalId>, LocalId),
    ) -> Result<(), Trouble> {
        let thread = self.thread;
        let levels = self.begin_to_wait(condvar, mutex)?;
        let touched = Footprint::writes(condvar).and(Footprint::writes(mutex));
        let execution = self.execution;
        let Signal::Monitor(signal) = execution.world.condvar(condvar) else {
            unreachable!("no runtime's own wait has a time-out of ours")
        };
        self.leave_to_wait(signal, mutex);
        self.announce(Wants::SignalOrTime { condvar, mutex }, touched)?;
        let mut inside = signal.enter(&execution.backend);
        let wakes_alone = loop {
            if inside.data(|waiters| waiters.may_go_on(thread)) {
                inside.data(|waiters| waiters.go_on(thread));
                break None;
            }
            let (again, waited) = inside.wait_at_most(micros);
            inside = again;
            if waited == Waited::LongEnough && !inside.data(|waiters| waiters.may_go_on(thread)) {
                inside.data(|waiters| waiters.give_up(thread));
                let spurious = B::NATURE.indivisible && self.may_wake_for_nothing(condvar);
                let picks: &[Pick] = if spurious { &[Pick::Timeout, Pick::Spurious] } else { &[Pick::Timeout] };
                break Some(picks[if spurious { execution.choose(thread, picks) } else { 0 }]);
            }
        };
        drop(inside);
        if let Some(pick) = wakes_alone {
            self.wakes(condvar, mutex, pick)?;
        }
        let in_time = wakes_alone != Some(Pick::Timeout);
        self.come_back(condvar, mutex, None)?;
        self.is_back(mutex, levels)?;
        self.waited(condvar, mutex, (tag, Some((to, in_time))))
    }

    /// The first step of a wait, up to the moment at which the mutex is given back: gives how it was held, all levels of
    /// a reentrant one.
    fn begin_to_wait(&mut self, condvar: ObjectId, mutex: ObjectId) -> Result<Vec<(ObjectId, Scoped)>, Trouble> {
        let thread = self.thread;
        self.announce(Wants::Nothing, Footprint::writes(condvar).and(Footprint::writes(mutex)))?;
        if !self.holds(mutex) {
            let event = self.event(Phase::Whole, Some(Target::Object(condvar)));
            return Err(self.forbidden(event, mutex, Misuse::WaitNotHeld));
        }
        let levels = self.held.extract_if(.., |(held, _)| *held == mutex).collect();
        let event = self.event(Phase::Arrive, Some(Target::Object(condvar)));
        self.happened(event, |record| record.order.release(thread, mutex))?;
        Ok(levels)
    }

    /// Gives the mutex back inside the monitor of the condition variable: no notification comes between.
    fn leave_to_wait(&self, signal: &Monitor<B, Waiters>, mutex: ObjectId) {
        let inside = signal.enter(&self.execution.backend);
        inside.data(|waiters| waiters.arrive(self.thread));
        self.execution.world.mutex(mutex).set_holder(None);
        self.let_go(mutex);
    }

    /// Takes the mutex again after a wait, where it is not the runtime's own; `woken_by`: the step that woke the thread,
    /// where that is settled only now.
    fn come_back(&mut self, condvar: ObjectId, mutex: ObjectId, woken_by: Option<usize>) -> Result<(), Trouble> {
        if !self.has_line(mutex) {
            // Where a step is indivisible it is free now.
            if !B::NATURE.indivisible {
                self.note(Wants::Back(mutex), Footprint::writes(mutex))?;
            }
            self.take_built(mutex);
            return Ok(());
        }
        // Where a step is indivisible this is the one that was announced.
        if !B::NATURE.indivisible {
            self.note(Wants::Nothing, Footprint::writes(mutex))?;
        }
        self.execution.proceed()?;
        self.join_line(mutex);
        self.settle_notification(woken_by);
        self.happened(self.event(Phase::LineUp, Some(Target::Object(condvar))), |_| {})?;
        self.announce(Wants::Back(mutex), Footprint::writes(mutex))?;
        self.take_built(mutex);
        Ok(())
    }

    /// It holds the mutex again, as it did before.
    fn is_back(&mut self, mutex: ObjectId, levels: Vec<(ObjectId, Scoped)>) -> Result<(), Trouble> {
        self.execution.world.mutex(mutex).set_holder(Some(self.thread));
        self.held.extend(levels);
        Ok(self.execution.proceed()?)
    }

    /// The last step of a wait: whether the mutex is poisoned and whether it ended in time, each with where that goes, if
    /// it is asked for.
    fn waited(
        &mut self,
        condvar: ObjectId,
        mutex: ObjectId,
        (tag, in_time): (Option<LocalId>, Option<(LocalId, bool)>),
    ) -> Result<(), Trouble> {
        let thread = self.thread;
        let case = tag.map(|tag| (tag, self.case_of(mutex)));
        let value = in_time.filter(|_| case.is_none_or(|(_, case)| case == ResultTag::Some));
        if let Some((tag, case)) = case {
            self.set(tag, case.slot());
        }
        if let Some((to, in_time)) = value {
            self.set(to, i64::from(in_time));
        }
        let value = value.map(|(_, in_time)| Value::Bool(in_time));
        let mut event = self.event(Phase::Complete, Some(Target::Object(condvar)));
        event.returned = match case {
            Some((_, case)) => Some(Returned::Tagged(case, value)),
            None => value.map(Returned::Value),
        };
        self.happened(event, |record| record.order.acquire(thread, mutex))
    }

    /// A notification turns out to have been for this thread.
    fn settle_notification(&self, woken_by: Option<usize>) {
        if let Some(position) = woken_by {
            self.execution.settle_notification(position, self.thread);
        }
    }
}

/// Whom a notification wakes.
enum Whom {
    All,
    /// So many of those that have waited longest.
    Longest(usize),
    These(Vec<ThreadId>),
    /// So many, settled when they go on; the position of the step in the log.
    Any(usize, usize),
}

impl Whom {
    /// Keeps the books; gives those of whom it is sure.
    fn notify(self, waiters: &mut Waiters) -> Vec<ThreadId> {
        match self {
            Whom::All => waiters.notify_all(),
            Whom::Longest(count) => (0..count).map_while(|_| waiters.notify_longest()).collect(),
            Whom::These(these) => these.into_iter().filter(|waiter| waiters.notify(*waiter)).collect(),
            Whom::Any(count, position) => {
                (0..count.min(waiters.open())).filter_map(|_| waiters.notify_one(position)).collect()
            }
        }
    }
}

fn bits(threads: &[ThreadId]) -> u64 {
    threads.iter().fold(0, |set, thread| set | (1 << thread.0))
}

/// All choices of so many, up to one more than may be.
fn parts(of: &[ThreadId], count: usize) -> Vec<Vec<ThreadId>> {
    let most = usize::try_from(super::choice::VALUES_MAX).expect("u32 fits into usize") + 1;
    match (of, count) {
        (_, 0) => vec![Vec::new()],
        ([], _) => Vec::new(),
        ([first, rest @ ..], _) => {
            let mut parts = parts(rest, count - 1);
            parts.iter_mut().for_each(|part| part.push(*first));
            if parts.len() < most && rest.len() >= count {
                parts.extend(self::parts(rest, count));
            }
            parts.truncate(most);
            parts
        }
    }
}

/// Whether a thread may go on waiting for nothing: by the books, a notification may be for it.
pub(super) fn notified<B: Backend>(signal: &Signal<B>, thread: ThreadId) -> bool {
    signal.waiters(|waiters| waiters.may_go_on(thread))
}
