//! One thread of one execution: local instructions, then a visible step, until the end.

use super::backend::Backend;
use super::control::{Cursor, Failure, Halt, Settled};
use super::record::{End, Record};
use super::rwlock::{Share, ShareGuard};
use super::wants::{Footprint, Pending, Wants};
use super::{Execution, finding, poison};
use crate::finding::{Detail, Event, Finding, LimitHit, Misuse, Phase, Returned, Target};
use crate::program::{
    Code, Fault, Instr, InstrKind, LocalId, ObjectId, ObjectKind, Op, Pc, Scoped, ThreadId, TimerOp, Type, Value,
};
use crate::schedule::Pick;
use std::mem::ManuallyDrop;

/// What runs one thread.
///
/// Guards are borrowed from the execution's objects and are never dropped by going out of scope: a mutex that its
/// thread did not unlock stays locked, also while an engine unwinds.
pub(crate) struct Frame<'e, B: Backend> {
    pub(super) execution: &'e Execution<B>,
    pub(super) thread: ThreadId,
    pub(super) cursor: Cursor,
    /// Guards of the runtime's own mutexes.
    pub(super) guards: Vec<(ObjectId, ManuallyDrop<B::Guard<'e>>)>,
    /// Guards of the runtime's own reader-writer locks.
    pub(super) share_guards: Vec<(ObjectId, ManuallyDrop<ShareGuard<'e, B>>)>,
    /// Mutexes it holds, and how they were taken; a reentrant one as often as it holds it.
    pub(super) held: Vec<(ObjectId, Scoped)>,
    /// Reader-writer locks it reads or writes under, as often as it does.
    pub(super) shares: Vec<(ObjectId, Share)>,
    /// The visible steps it has taken.
    steps: u64,
    /// Whether it is inside an indivisible block; its operations are collected then.
    pub(super) block: Option<Vec<Event>>,
    /// How far it is with its step.
    progress: Progress,
    /// Whether it has come to its end, by itself.
    ended: bool,
    /// How much had been found when it came to its last step, where the backend is not serial.
    found_before: usize,
    /// Whose instructions it runs: those at the beginning of a thread that it starts belong to its step.
    acting: ThreadId,
}

/// Threads that really run at the same time are not all stopped at once: one that leaves before its end lets the others
/// have what it held, so that they can leave, too.
impl<B: Backend> Drop for Frame<'_, B> {
    fn drop(&mut self) {
        if !B::NATURE.serial && !self.ended {
            self.unlock_all();
        }
    }
}

/// How far a thread is with its step.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Progress {
    /// Nobody knows of it.
    Fresh,
    /// Others have had their chance to go first.
    Announced,
    /// It is in the log.
    Logged,
}

/// Why an operation did not take effect.
#[derive(Debug)]
pub(super) enum Trouble {
    /// An expression has no value: the thread panics.
    Fault(Fault),
    /// The primitive forbids it.
    Misuse(Misuse, Option<ObjectId>),
    /// The execution does not go on.
    Halt(Halt),
}

impl From<Fault> for Trouble {
    fn from(fault: Fault) -> Self {
        Trouble::Fault(fault)
    }
}

impl From<Halt> for Trouble {
    fn from(halt: Halt) -> Self {
        Trouble::Halt(halt)
    }
}

impl<'e, B: Backend> Frame<'e, B> {
    pub(super) fn new(execution: &'e Execution<B>, thread: ThreadId, cursor: Cursor) -> Self {
        Self {
            execution,
            thread,
            cursor,
            guards: Vec::new(),
            share_guards: Vec::new(),
            held: Vec::new(),
            shares: Vec::new(),
            steps: 0,
            block: None,
            progress: Progress::Fresh,
            ended: false,
            found_before: 0,
            acting: thread,
        }
    }

    /// Runs the thread from its first visible step to its end.
    ///
    /// # Errors
    /// Why the execution does not go on.
    pub(super) fn run(&mut self) -> Result<End, Halt> {
        loop {
            let after = match self.step() {
                Ok(settled) => settled,
                Err(Trouble::Fault(fault)) => {
                    self.log_failure()?;
                    self.panics(&fault)
                }
                Err(Trouble::Misuse(misuse, object)) => {
                    self.log_failure()?;
                    self.misuses(misuse, object)
                }
                Err(Trouble::Halt(halt)) => return Err(halt),
            };
            if after == Settled::Ended || self.settle()? == Settled::Ended {
                return Ok(self.end());
            }
        }
    }

    /// Runs local instructions.
    pub(super) fn settle(&mut self) -> Result<Settled, Halt> {
        let mut found = Vec::new();
        let execution = self.execution;
        let settled = self.cursor.settle(&execution.run.program, &execution.run.limits, self.thread, &mut found);
        for finding in found.into_iter().filter(|finding| self.tells(&finding.detail)) {
            execution.found(finding);
        }
        // Where states are read at ends only, a note at every step would put the threads in step with each other.
        let daemon = execution.run.program.thread(self.thread).daemon;
        if B::NATURE.indivisible || daemon || settled == Ok(Settled::Ended) {
            execution.publish(self.thread, &self.cursor.locals);
        }
        settled
    }

    /// Takes the visible step that the thread stands before.
    fn step(&mut self) -> Result<Settled, Trouble> {
        let execution = self.execution;
        let limit = execution.run.limits.execution_steps;
        self.progress = Progress::Fresh;
        self.steps += 1;
        if self.steps > limit {
            return Err(Halt::Cut(LimitHit::Steps { limit }).into());
        }
        let instr = self.instr();
        match &instr.kind {
            InstrKind::Op(Op::End) => {
                self.announce(Wants::Nothing, Footprint::end(self.thread).and(self.closing()))?;
                Ok(Settled::Ended)
            }
            InstrKind::Op(Op::Timer { timer, op: TimerOp::Fire }) => self.fire(timer.resolve(self.locals())?),
            InstrKind::Op(op) => {
                self.operation(op)?;
                Ok(Settled::AtStep)
            }
            InstrKind::Atomically { end } => self.block(*end),
            InstrKind::Set { .. }
            | InstrKind::Jump(_)
            | InstrKind::Branch { .. }
            | InstrKind::Assert { .. }
            | InstrKind::Assume { .. }
            | InstrKind::Panic { .. }
            | InstrKind::Guard { .. }
            | InstrKind::EndAtomically
            | InstrKind::Halt
            | InstrKind::Unwound => unreachable!("local instructions are run by `settle`"),
        }
    }

    /// One operation, at the thread's position; then the position is where it goes on.
    pub(super) fn operation(&mut self, op: &Op) -> Result<(), Trouble> {
        match op {
            Op::Var { var, op } => self.var(var.resolve(self.locals())?, op)?,
            Op::Atomic { atomic, op } => self.atomic(atomic.resolve(self.locals())?, op)?,
            Op::Fence(ordering) => self.fence(*ordering)?,
            Op::Mutex { mutex, op } => self.mutex(mutex.resolve(self.locals())?, op)?,
            Op::RwLock { rwlock, op } => self.rwlock(rwlock.resolve(self.locals())?, op)?,
            Op::Condvar { condvar, op } => self.condvar(condvar.resolve(self.locals())?, op)?,
            Op::Semaphore { semaphore, op } => self.semaphore(semaphore.resolve(self.locals())?, op)?,
            Op::Barrier { barrier, op } => self.barrier(barrier.resolve(self.locals())?, op)?,
            Op::Timer { timer, op } => self.timer(timer.resolve(self.locals())?, op)?,
            Op::Once { once, op } => self.once(once.resolve(self.locals())?, op)?,
            Op::Event { event, op } => self.happening(event.resolve(self.locals())?, op)?,
            Op::Channel { channel, op } => self.channel(channel.resolve(self.locals())?, op)?,
            Op::Oneshot { oneshot, op } => self.oneshot(oneshot.resolve(self.locals())?, op)?,
            Op::Watch { watch, op } => self.watch(watch.resolve(self.locals())?, op)?,
            Op::Broadcast { broadcast, op } => self.broadcast(broadcast.resolve(self.locals())?, op)?,
            Op::Queue { queue, op } => self.queue(queue.resolve(self.locals())?, op)?,
            Op::Thread { thread, op } => self.observe(thread.resolve(self.locals())?, op)?,
            Op::Pause(kind) => {
                self.announce(Wants::Nothing, Footprint::NOTHING)?;
                let run = &self.execution.run;
                let place = run.plan.pause_place(&run.program, self.thread, self.cursor.pc);
                self.execution.backend.pause(*kind, place);
                self.happened(self.event(Phase::Whole, None), |_| {})?;
            }
            Op::Spawn { function, op } => self.spawn(*function, op)?,
            Op::Choice(choice) => return self.choice(choice),
            Op::End => unreachable!("the end of a thread stands in no block"),
        }
        self.cursor.pc = Pc(self.cursor.pc.0 + 1);
        Ok(())
    }

    pub(super) fn code(&self) -> &'e Code {
        self.execution.run.program.code_of(self.thread)
    }

    pub(super) fn instr(&self) -> &'e Instr {
        &self.code().instrs[self.cursor.pc.index()]
    }

    pub(super) fn locals(&self) -> &[i64] {
        &self.cursor.locals
    }

    pub(super) fn set(&mut self, local: LocalId, value: i64) {
        self.cursor.locals[local.index()] = value;
    }

    /// The type of the values of a `var`, an `atomic` or a channel's messages.
    pub(super) fn value_type(&self, object: ObjectId) -> Type {
        match &self.execution.run.program.object(object).kind {
            ObjectKind::Var { initial } | ObjectKind::Atomic { initial } | ObjectKind::Watch { initial, .. } => {
                initial.ty()
            }
            ObjectKind::Channel { element, .. }
            | ObjectKind::Oneshot { element, .. }
            | ObjectKind::Queue { element, .. } => *element,
            ObjectKind::Mutex(_)
            | ObjectKind::RwLock(_)
            | ObjectKind::Condvar { .. }
            | ObjectKind::Semaphore { .. }
            | ObjectKind::Broadcast { .. }
            | ObjectKind::Event
            | ObjectKind::Once
            | ObjectKind::Timer { .. } => Type::Int,
            ObjectKind::Barrier { .. } => Type::Bool,
        }
    }

    /// Comes to a visible step: says what it is, and lets others go first. Inside an indivisible block nobody does.
    pub(super) fn announce(&mut self, wants: Wants, footprint: Footprint) -> Result<(), Halt> {
        if self.block.is_some() {
            return Ok(());
        }
        self.note(wants, footprint)?;
        self.progress = Progress::Announced;
        self.execution.backend.visible(self.thread);
        self.found_before = self.execution.unconfirmed.count();
        self.execution.proceed()
    }

    /// How much had been found when the thread came to its last step, where the backend is not serial.
    pub(super) fn found_before(&self) -> usize {
        self.found_before
    }

    /// Says what the thread stands before, without letting others go first: the second part of an operation that the
    /// runtime does in one call.
    pub(super) fn note(&self, wants: Wants, footprint: Footprint) -> Result<(), Halt> {
        let pending = Pending { pc: self.cursor.pc, wants, footprint };
        self.execution.announce(self.thread, pending)
    }

    /// Adds a step to the log; `order` says which happens-before edges it makes.
    pub(super) fn happened(&mut self, event: Event, order: impl FnOnce(&mut Record)) -> Result<(), Trouble> {
        if B::NATURE.serial {
            order(&mut poison::lock(&self.execution.record));
            match &mut self.block {
                Some(inside) => inside.push(event),
                None => {
                    self.progress = Progress::Logged;
                    self.execution.happened(event)?;
                }
            }
        }
        Ok(())
    }

    /// The primitive forbids the step, which is in the log all the same.
    pub(super) fn forbidden(&mut self, event: Event, object: ObjectId, misuse: Misuse) -> Trouble {
        match self.happened(event, |_| {}) {
            Ok(()) => Trouble::Misuse(misuse, Some(object)),
            Err(trouble) => trouble,
        }
    }

    /// A step that fails before it has done anything is one, too.
    fn log_failure(&mut self) -> Result<(), Halt> {
        if !B::NATURE.serial || self.progress == Progress::Logged {
            return Ok(());
        }
        if self.progress == Progress::Fresh {
            self.announce(Wants::Nothing, Footprint::NOTHING)?;
        }
        self.progress = Progress::Logged;
        self.execution.happened(self.event(Phase::Whole, None))
    }

    /// An event of this thread at this instruction.
    pub(super) fn event(&self, phase: Phase, target: Option<Target>) -> Event {
        Event {
            thread: self.thread,
            pick: Pick::Only,
            pc: self.cursor.pc,
            phase,
            target,
            operands: Vec::new(),
            returned: None,
            wrote: None,
            woke: Vec::new(),
            inside: Vec::new(),
        }
    }

    /// An event that gave a Boolean.
    pub(super) fn answer(&self, object: ObjectId, answer: bool) -> Event {
        let mut event = self.event(Phase::Whole, Some(Target::Object(object)));
        event.returned = Some(Returned::Value(Value::Bool(answer)));
        event
    }

    /// Whether it is a finding at once: that a thread which was started at run time panics is for others to look at.
    fn tells(&self, detail: &Detail) -> bool {
        let spawned = self.execution.run.program.thread(self.thread).spawned.is_some();
        !(spawned && matches!(detail, Detail::Panic { .. }))
    }

    /// It runs instructions of a thread that it starts.
    pub(super) fn acts_for(&mut self, thread: ThreadId) {
        self.acting = thread;
    }

    /// Whose instructions it has run last.
    pub(super) fn acting(&self) -> ThreadId {
        self.acting
    }

    /// Records a panic; the thread goes on where it releases what `with` owes, or ends.
    pub(super) fn panics(&mut self, fault: &Fault) -> Settled {
        let (thread, pc) = (self.thread, self.cursor.pc);
        let detail = Detail::Panic { thread, pc, reason: fault.to_string() };
        if self.tells(&detail) {
            self.found_here(detail);
        }
        self.cursor.fail_at(self.code(), Failure::Panic)
    }

    /// Records a misuse; goes on like a panic. A thread on its way out passes over what it does not owe any more.
    fn misuses(&mut self, misuse: Misuse, object: Option<ObjectId>) -> Settled {
        if self.cursor.failed.is_some() {
            self.cursor.pc = Pc(self.cursor.pc.0 + 1);
            return Settled::AtStep;
        }
        let (thread, pc) = (self.thread, self.cursor.pc);
        self.found_here(Detail::Misuse { thread, pc, object, misuse });
        self.cursor.fail_at(self.code(), Failure::Misuse)
    }

    /// Records a finding about this instruction.
    pub(super) fn found_here(&self, detail: Detail) {
        let code = self.execution.run.program.thread(self.thread).code;
        let statements = vec![finding::statement(code, self.cursor.pc)];
        self.execution.found(Finding { detail, statements, trace: None });
    }

    /// The thread has run its last instruction: it holds what it holds, and whoever waits for its end goes on.
    pub(super) fn end(&mut self) -> End {
        self.ended = true;
        self.execution.publish(self.thread, &self.cursor.locals);
        // Whoever was ended by misuse is not told again that it holds what it holds.
        if self.cursor.failed != Some(Failure::Misuse) {
            let called = self.held.iter().filter(|(_, scoped)| *scoped == Scoped::Call);
            // What `with` took of a reader-writer lock has been given back by now.
            let held: Vec<ObjectId> =
                called.map(|(mutex, _)| *mutex).chain(self.shares.iter().map(|(rwlock, _)| *rwlock)).collect();
            for lock in held {
                let (thread, pc, object) = (self.thread, self.cursor.pc, Some(lock));
                self.found_here(Detail::Misuse { thread, pc, object, misuse: Misuse::EndedHolding });
            }
        }
        let end = match self.cursor.failed {
            None => End::Normal,
            Some(Failure::Panic) if self.execution.run.program.thread(self.thread).spawned.is_some() => {
                poison::lock(&self.execution.record).crashes(self.thread, self.cursor.failed_at);
                End::Crashed
            }
            Some(Failure::Panic | Failure::Misuse) => End::Failed,
        };
        self.tell_end(end);
        end
    }
}
