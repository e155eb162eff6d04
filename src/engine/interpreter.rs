//! One interpreter for all engines: runs a program's instructions on whatever runtime a [`Backend`] stands for.
//!
//! What a runtime lacks is built here from its mutex and condition variable; what no runtime checks (misuse, threads
//! that end holding a lock, races by happens-before) is checked here. It shares nothing with the native checker's
//! semantics, so that agreement means something.
//!
//! It does not know when a runtime runs which thread, nor what a deadlock looks like there: drivers (`loom`, `shuttle`,
//! `threads`) do.

mod backend;
mod barrier;
mod block;
mod broadcast;
mod channel;
mod choice;
mod closing;
mod condvar;
mod control;
mod event;
mod finding;
mod frame;
mod line;
mod lock;
mod memory;
mod monitor;
mod once;
mod oneshot;
mod order;
mod own_barrier;
mod own_channel;
mod own_rwlock;
mod plan;
mod poison;
mod queue;
mod record;
mod rwlock;
mod script;
mod semaphore;
mod spawn;
mod state;
mod thread;
mod timer;
mod unconfirmed;
mod waiters;
mod wants;
mod watch;
mod world;

pub(crate) use backend::{Backend, Exchange, Nature, PausePlace, Seen, Stamp, Waited};
pub(crate) use control::Halt;
pub(crate) use finding::{Collected, Length};
pub(crate) use memory::effective;
pub(crate) use own_barrier::{NoBarrier, OwnBarrier};
pub(crate) use own_channel::{Fit, NoChannel, OwnChannel, Received};
pub(crate) use own_rwlock::{NoRwLock, OwnRwLock, Sections};
pub(crate) use plan::Plan;
pub(crate) use poison::lock as lock_std;
pub(crate) use record::End;
pub(crate) use script::{Behind, Decision, Followed, Ready, Script, Uncertain, Way};
pub(crate) use unconfirmed::by;
pub(crate) use wants::Footprint;

use crate::finding::{BlockCause, Blocked, DeadlockScope, Detail, Event, Finding, LimitHit};
use crate::limits::Limits;
use crate::program::{Memory, ObjectId, OutcomePattern, Program, ThreadId};
use crate::schedule::{Choice, Pick};
use control::{Cursor, Settled};
use frame::Frame;
use order::Order;
use record::Record;
use rwlock::Share;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use unconfirmed::Unconfirmed;
use wants::{Pending, Wants};
use world::World;

/// What all executions of one run share.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) program: Program,
    pub(crate) limits: Limits,
    pub(crate) plan: Plan,
    /// The tuples that `expect outcomes` lists.
    listed: Option<Vec<OutcomePattern>>,
    /// What every execution follows, if anything.
    pub(crate) script: Option<Script>,
    pub(crate) collected: Mutex<Collected>,
}

impl Run {
    /// A run of which nothing has been executed.
    pub(crate) fn new<B: Backend>(program: &Program, limits: &Limits) -> Arc<Self> {
        Arc::new(Self::plain::<B>(program, limits))
    }

    fn plain<B: Backend>(program: &Program, limits: &Limits) -> Self {
        let listed = finding::expected_outcomes(program).map(|patterns| patterns.into_iter().cloned().collect());
        Self {
            program: program.clone(),
            limits: limits.clone(),
            plan: Plan::new::<B>(program),
            listed,
            script: None,
            collected: Mutex::new(Collected::default()),
        }
    }
}

/// One execution. Its threads call [`Execution::run`] on it, each for one thread of the program.
pub(crate) struct Execution<B: Backend> {
    run: Arc<Run>,
    backend: B,
    world: World<B>,
    record: Mutex<Record>,
    /// Each thread's next step; `None` before its first and after its last. Where the backend is not serial, only steps
    /// that may have to wait: to note the others would put the threads in step with each other.
    pending: Vec<Mutex<Option<Pending>>>,
    /// Findings that are not sure yet, where the backend is not serial.
    unconfirmed: Unconfirmed,
    /// Where each thread stands before its first visible step; taken when it starts.
    starts: Mutex<Vec<Option<(Cursor, Settled)>>>,
    /// Locals of the threads that a property or an outcome looks at, as of their last step.
    locals: Vec<Mutex<Vec<i64>>>,
    /// Whether the execution is over before its end.
    halted: AtomicBool,
}

/// How a thread left the interpreter.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Exit {
    /// It has ended.
    Ended,
    /// It has ended, and every other non-daemon thread had ended before: the execution is to be finished now.
    Last,
    /// The execution is over before its end, by this thread or by another.
    Stopped,
}

/// Whether a thread that has left holds locks of the runtime.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Holding {
    /// At least one.
    Something,
    /// None.
    Nothing,
}

impl<B: Backend> Execution<B> {
    /// The initial state: every thread has run its local instructions up to its first visible step.
    pub(crate) fn start(run: Arc<Run>, backend: B) -> Self {
        let program = &run.program;
        let count = program.threads.len();
        let order = Order::new(program.memory, count, program.objects.len());
        let live = program.declared().filter(|thread| !thread.daemon).count();
        let execution = Self {
            world: World::new(program, &run.plan, &backend),
            backend,
            record: Mutex::new(Record::new(count, live, order)),
            pending: (0..count).map(|_| Mutex::new(None)).collect(),
            unconfirmed: Unconfirmed::default(),
            starts: Mutex::new(Vec::new()),
            locals: program.threads.iter().map(|thread| Mutex::new(thread.initial.clone())).collect(),
            halted: AtomicBool::new(false),
            run,
        };
        poison::lock(&execution.run.collected).executions += 1;
        if let Some(script) = &execution.run.script {
            script.begins(execution.world.emulated());
        }
        let mut starts = Vec::with_capacity(count);
        for thread in execution.run.program.thread_ids() {
            if !execution.run.program.thread(thread).starts_with_program() {
                starts.push(None);
                continue;
            }
            let mut frame = Frame::new(&execution, thread, Cursor::start(&execution.run.program, thread));
            match frame.settle() {
                Ok(settled) => {
                    if settled == Settled::Ended {
                        let end = frame.end();
                        execution.ends(thread, end);
                    }
                    starts.push(Some((frame.cursor.clone(), settled)));
                }
                Err(halt) => {
                    execution.halt(halt);
                    starts.push(None);
                }
            }
        }
        *poison::lock(&execution.starts) = starts;
        if let Err(halt) = execution.check_state() {
            execution.halt(halt);
        }
        execution
    }

    /// Whether there is anything to run: false where the initial state is already an end.
    pub(crate) fn begun(&self) -> bool {
        !self.halted.load(Ordering::Relaxed) && poison::lock(&self.record).live > 0
    }

    /// The objects that are of a type of the runtime's own although a monitor could stand for them.
    #[cfg(test)]
    pub(crate) fn own_objects(&self) -> Vec<&str> {
        use crate::finding::Emulated;
        use crate::program::ObjectKind;
        let (program, emulated) = (&self.run.program, self.world.emulated());
        let is_own = |id: &ObjectId| {
            let kind = &program.object(*id).kind;
            let is_either =
                matches!(kind, ObjectKind::Barrier { .. } | ObjectKind::RwLock(_) | ObjectKind::Channel { .. });
            is_either && !emulated.contains(&Emulated::Object(*id))
        };
        program.object_ids().filter(is_own).map(|id| program.object(id).name.as_str()).collect()
    }

    /// Whether the execution is over before its end.
    pub(crate) fn halted(&self) -> bool {
        self.halted.load(Ordering::Relaxed)
    }

    /// The threads that start with the program.
    pub(crate) fn declared(&self) -> impl Iterator<Item = ThreadId> + '_ {
        let program = &self.run.program;
        program.thread_ids().filter(|thread| program.thread(*thread).starts_with_program())
    }

    /// What the execution runs on.
    pub(crate) fn backend(&self) -> &B {
        &self.backend
    }

    /// The threads of the program, and the slots for those that are started at run time.
    pub(crate) fn threads(&self) -> impl Iterator<Item = ThreadId> + use<B> {
        self.run.program.thread_ids()
    }

    /// Whether the final values of atomics are only known to a thread that has joined all others.
    pub(crate) fn joins_at_end(&self) -> bool {
        self.run.plan.final_atomics && self.run.program.memory == Memory::Rc11
    }

    /// Whether some execution so far has shown a race.
    pub(crate) fn raced(&self) -> bool {
        poison::lock(&self.run.collected).raced
    }

    /// Runs one thread from its first visible step to its end.
    pub(crate) fn run(&self, thread: ThreadId) -> Exit {
        self.run_then(thread, |_, _| {})
    }

    /// Runs one thread; `then` is told how it left and whether it still holds locks of the runtime. Where a step is
    /// indivisible they are given back behind it, so that the threads that are left can be led out.
    pub(crate) fn run_then(&self, thread: ThreadId, then: impl FnOnce(Exit, Holding)) -> Exit {
        let start = poison::lock(&self.starts).get_mut(thread.index()).and_then(Option::take);
        let Some((cursor, settled)) = start else { return Exit::Stopped };
        if settled == Settled::Ended {
            return Exit::Ended;
        }
        let mut frame = Frame::new(self, thread, cursor);
        let exit = match frame.run().and_then(|end| self.check_state().map(|()| end)) {
            Ok(end) => self.ends(thread, end),
            Err(halt) => {
                let at_once = matches!(halt, Halt::Stopped | Halt::Discarded);
                if self.halt(halt) && at_once {
                    self.unconfirmed.ended_by(frame.acting(), frame.found_before());
                }
                Exit::Stopped
            }
        };
        then(exit, frame.holding());
        if B::NATURE.indivisible {
            frame.unlock_all();
        }
        exit
    }

    /// Every thread of the program that is not a daemon has ended: judges the end.
    pub(crate) fn finish(&self) {
        if !self.halted() {
            state::judge_end(self);
        }
    }

    /// The runtime says that nothing can go on: records the deadlock.
    pub(crate) fn deadlocked(&self) {
        let blocked: Vec<Blocked> = {
            let record = poison::lock(&self.record);
            let program = &self.run.program;
            let stuck = program.thread_ids().filter(|thread| !program.thread(*thread).daemon);
            stuck
                .filter(|thread| record.ended[thread.index()].is_none())
                .filter_map(|thread| (*poison::lock(&self.pending[thread.index()])).map(|pending| (thread, pending)))
                .map(|(thread, pending)| {
                    let otherwise = if let Wants::Signal { condvar, .. } = pending.wants
                        && !B::NATURE.serial
                    {
                        // On free threads the books are a moment ahead of the condition variable: what they took for a
                        // notification of this thread came too early for it, which is why it sleeps.
                        BlockCause::NotNotified { condvar }
                    } else if matches!(pending.wants, Wants::Condition) {
                        BlockCause::ConditionFalse
                    } else {
                        BlockCause::Unknown
                    };
                    let cause = self.obstacle(thread, pending.wants, &record).unwrap_or(otherwise);
                    Blocked { thread, pc: pending.pc, cause }
                })
                .collect()
        };
        let mut statements: Vec<_> = blocked
            .iter()
            .map(|blocked| finding::statement(self.run.program.thread(blocked.thread).code, blocked.pc))
            .collect();
        statements.sort_unstable();
        statements.dedup();
        let detail = Detail::Deadlock { scope: DeadlockScope::Whole, blocked };
        self.found(Finding { detail, statements, trace: None });
        let mut collected = poison::lock(&self.run.collected);
        collected.keep();
        collected.other_ends.deadlocks += 1;
    }

    /// The next step of a thread, and whether it can take effect now by the books.
    pub(crate) fn next_step(&self, thread: ThreadId) -> Option<(Pending, Option<BlockCause>)> {
        let record = poison::lock(&self.record);
        let pending = (*poison::lock(&self.pending[thread.index()]))?;
        Some((pending, self.obstacle(thread, pending.wants, &record)))
    }

    /// Ends the execution without counting it: it is over, or nothing new lies behind.
    pub(crate) fn abandon(&self) {
        self.halted.store(true, Ordering::Relaxed);
    }

    /// A limit was met, and the execution goes on.
    pub(crate) fn meets(&self, limit: LimitHit) {
        poison::lock(&self.run.collected).limit.get_or_insert(limit);
    }

    /// Wakes everybody who waits for a notification, so that they see that the execution is over.
    pub(crate) fn wake_all(&self) {
        self.world.wake_all(&self.backend);
    }

    /// Asks the runtime's own mutexes whether they are held, where the books say that threads wait for them.
    ///
    /// # Panics
    /// If the runtime contradicts: then the interpreter is wrong, and nothing that it found can be trusted.
    pub(crate) fn confirm_deadlock(&self) {
        for thread in self.threads() {
            if let Some((Pending { wants: Wants::Mutex(mutex), .. }, Some(_))) = self.next_step(thread) {
                let free = self.world.mutex(mutex).is_free(&self.backend);
                assert!(!free, "the runtime's mutex is free although a thread holds it by the books");
            }
        }
    }

    /// Ends the execution before its end; false where it was over already.
    pub(crate) fn halt(&self, halt: Halt) -> bool {
        if halt == Halt::Elsewhere || self.halted.swap(true, Ordering::Relaxed) {
            return false;
        }
        let mut collected = poison::lock(&self.run.collected);
        match halt {
            Halt::Stopped => {
                collected.keep();
                collected.other_ends.stopped += 1;
            }
            Halt::Discarded => collected.other_ends.discarded += 1,
            Halt::Cut(limit) => {
                collected.keep();
                collected.other_ends.cut += 1;
                collected.limit.get_or_insert(limit);
            }
            Halt::Elsewhere => {}
        }
        true
    }

    /// Whether the execution goes on.
    fn proceed(&self) -> Result<(), Halt> {
        if self.halted() { Err(Halt::Elsewhere) } else { Ok(()) }
    }

    /// Adds a finding, with the log up to here as its trace.
    fn found(&self, finding: Finding) {
        poison::lock(&self.record).found(&finding.detail);
        if !B::NATURE.serial {
            self.unconfirmed.add(finding);
            return;
        }
        let record = poison::lock(&self.record);
        poison::lock(&self.run.collected).add(finding, record.length(), || record.trace());
    }

    /// Where the backend is not serial: takes the findings for sure, except those that `spurious` knows better about.
    /// Gives their number.
    pub(crate) fn confirm(&self, spurious: impl Fn(&Finding) -> bool) -> usize {
        let mut collected = poison::lock(&self.run.collected);
        let sure = self.unconfirmed.take().into_iter().filter(|finding| !spurious(finding));
        sure.map(|finding| collected.add(finding, Default::default(), || None)).count()
    }

    /// Keeps the locals that properties and outcomes look at.
    fn publish(&self, thread: ThreadId, locals: &[i64]) {
        if self.run.plan.watched.contains(&thread) {
            poison::lock(&self.locals[thread.index()]).copy_from_slice(locals);
        }
    }

    /// Notes what a thread stands before: the step before it, with the local instructions behind, is over.
    fn announce(&self, thread: ThreadId, mut pending: Pending) -> Result<(), Halt> {
        let plan = &self.run.plan;
        pending.footprint = plan.footprint(&self.run.program, thread, pending.pc, pending.footprint);
        if B::NATURE.serial || pending.wants != Wants::Nothing {
            *poison::lock(&self.pending[thread.index()]) = Some(pending);
        }
        if B::NATURE.serial {
            let mut record = poison::lock(&self.record);
            let enabled = self.obstacle(thread, pending.wants, &record).is_none();
            record.announce(thread, enabled);
        }
        self.check_state()?;
        if B::NATURE.indivisible && self.is_deserted() {
            self.finish();
            self.abandon();
            return Err(Halt::Elsewhere);
        }
        Ok(())
    }

    /// Whether the step before was that of a daemon which has cancelled the timer that alone kept the program alive.
    fn is_deserted(&self) -> bool {
        self.run.plan.daemons && poison::lock(&self.record).live == 0
    }

    /// Checks what must hold in every state, where the runtime lets us look.
    fn check_state(&self) -> Result<(), Halt> {
        if B::NATURE.indivisible { state::check_invariants(self) } else { Ok(()) }
    }

    /// Adds a step to the log.
    fn happened(&self, event: Event) -> Result<(), Halt> {
        self.follow(&event)?;
        let steps = {
            let mut record = poison::lock(&self.record);
            record.push(event);
            u64::try_from(record.log.len()).unwrap_or(u64::MAX)
        };
        poison::lock(&self.run.collected).steps += 1;
        // A condition of a block may have become true by a step that is no block.
        if let Some(blocks) = self.world.blocks.as_ref().filter(|_| B::NATURE.indivisible) {
            blocks.poke(&self.backend);
        }
        let limit = self.run.limits.execution_steps;
        if steps > limit { Err(Halt::Cut(LimitHit::Steps { limit })) } else { Ok(()) }
    }

    /// A notification turns out to have been for this thread.
    fn settle_notification(&self, position: usize, thread: ThreadId) {
        if let Some(event) = poison::lock(&self.record).log.get_mut(position) {
            event.woke.push(thread);
            event.woke.sort_unstable();
            event.pick = Pick::waiters(event.woke.iter().fold(0, |set, woken| set | (1 << woken.0)));
        }
    }

    /// A thread has ended.
    fn ends(&self, thread: ThreadId, end: End) -> Exit {
        // Whoever has cancelled its timer sees to the rest, now or in a moment.
        if self.is_cancelled(thread) {
            return Exit::Ended;
        }
        let mut record = poison::lock(&self.record);
        record.ended[thread.index()] = Some(end);
        let last = poison::lock(&self.pending[thread.index()]).take();
        if last.is_some_and(|last| self.run.plan.surprises(&self.run.program, thread, last.pc)) {
            poison::lock(&self.run.collected).surprised = true;
        }
        if !self.run.program.thread(thread).daemon {
            record.live -= 1;
            if record.live == 0 {
                return Exit::Last;
            }
        }
        drop(record);
        // A daemon that ends with such a step.
        if B::NATURE.indivisible && self.is_deserted() { Exit::Last } else { Exit::Ended }
    }

    /// What keeps a thread that waits no longer, and stands in the line if there is one, from its mutex.
    fn reacquire(&self, thread: ThreadId, mutex: ObjectId) -> Option<BlockCause> {
        let obstacle = lock::obstacle(self.world.mutex(mutex), mutex, thread)?;
        let held = if let BlockCause::Held { holder, .. } = obstacle { Some(holder) } else { None };
        Some(held.map_or(obstacle, |holder| BlockCause::Reacquire { mutex, holder }))
    }

    /// What keeps a thread that need not wait any longer from its next step: nothing keeps it from coming to a line.
    fn woken(&self, thread: ThreadId, mutex: ObjectId) -> Option<BlockCause> {
        if self.world.mutex(mutex).has_line() { None } else { self.reacquire(thread, mutex) }
    }

    /// Why a step cannot take effect now, by the books; `None` where it can.
    fn obstacle(&self, thread: ThreadId, wants: Wants, record: &Record) -> Option<BlockCause> {
        match wants {
            Wants::Nothing => None,
            Wants::Mutex(mutex) => lock::obstacle(self.world.mutex(mutex), mutex, thread),
            Wants::Read(rwlock) => {
                self.world.rwlock(rwlock).holders(|holders| holders.obstacle(rwlock, thread, Share::Read))
            }
            Wants::Write(rwlock) => {
                self.world.rwlock(rwlock).holders(|holders| holders.obstacle(rwlock, thread, Share::Write))
            }
            Wants::Signal { condvar, mutex } => {
                if !condvar::notified(self.world.condvar(condvar), thread) {
                    return Some(BlockCause::NotNotified { condvar });
                }
                self.woken(thread, mutex)
            }
            // Whoever is not notified goes on by its time-out.
            Wants::SignalOrTime { condvar, mutex } => {
                if condvar::notified(self.world.condvar(condvar), thread) {
                    self.woken(thread, mutex)
                } else {
                    None
                }
            }
            Wants::SignalOrSpurious { condvar, mutex } => {
                if condvar::notified(self.world.condvar(condvar), thread) {
                    self.woken(thread, mutex)
                } else {
                    let wakes = self.dictates(Choice { thread, pick: Pick::Spurious });
                    (!wakes).then_some(BlockCause::NotNotified { condvar })
                }
            }
            Wants::Back(mutex) => self.reacquire(thread, mutex),
            Wants::End(other) => {
                record.ended[other.index()].is_none().then_some(BlockCause::NotEnded { thread: other })
            }
            Wants::Over(timer) => self.world.timer(timer).peek(|clock| clock.obstacle(self.thread_of(timer))),
            Wants::Permits(semaphore, wanted) => {
                self.world.semaphore(semaphore).peek(|permits| permits.obstacle(semaphore, thread, wanted))
            }
            Wants::All(barrier) => self.world.barrier(barrier).waits(thread).then_some(BlockCause::NotAll { barrier }),
            Wants::Stage(once) => self.world.once(once).peek(|stage| stage.obstacle(once)),
            Wants::Set(event) => {
                let unset = self.world.event(event).peek(|set| !set);
                unset.then_some(BlockCause::NotSet { event })
            }
            Wants::Room(_) | Wants::Message(_) | Wants::Taken(_) => self.channel_obstacle(thread, wants),
            Wants::Answer(oneshot) => {
                let nothing = self.world.oneshot(oneshot).peek(oneshot::Answer::is_awaited);
                nothing.then_some(BlockCause::Empty { channel: oneshot })
            }
            Wants::News(watch) => {
                let nothing = self.world.watch(watch).peek(|board| board.awaits_news(thread));
                nothing.then_some(BlockCause::Empty { channel: watch })
            }
            Wants::Value(watch, wanted) => {
                let another = self.world.watch(watch).peek(|board| board.awaits(wanted));
                another.then_some(BlockCause::Empty { channel: watch })
            }
            Wants::Next(broadcast) => {
                let nothing = self.world.broadcast(broadcast).peek(|ring| ring.has_nothing_for(thread));
                nothing.then_some(BlockCause::Empty { channel: broadcast })
            }
            Wants::Place(queue) | Wants::Item(queue) | Wants::Finished(queue) => self.queue_obstacle(queue, wants),
            // Whether the condition holds is found out by trying.
            Wants::Condition => None,
        }
    }
}
