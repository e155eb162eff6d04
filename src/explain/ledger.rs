//! What a trace says about who holds what: a reading of events that happened, step by step.
//!
//! Decides nothing about what may happen (that is `semantics`): it only adds up what the events report. So it reads
//! traces of every engine alike.

use super::reach;
use crate::finding::{Event, Phase, Returned, Target};
use crate::program::{
    CondvarOp, EventOp, InstrKind, LocalObject, MutexOp, ObjectId, ObjectKind, OnceOp, Op, Pc, Program, QueueOp,
    RwLockOp, SemaphoreOp, SpawnOp, ThreadId, TimerOp, Value,
};
use crate::schedule::Pick;
use std::collections::{BTreeMap, BTreeSet};

/// A place in a trace: the step, who took it, and where that thread stood.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Place {
    /// Position in the trace, counted from 0.
    pub(super) step: usize,
    /// Who.
    pub(super) thread: ThreadId,
    /// Where.
    pub(super) pc: Pc,
}

/// A thread that has begun to wait on a condition variable.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Wait {
    /// Where it began.
    pub(super) at: Place,
    /// On what.
    pub(super) condvar: ObjectId,
    /// The mutex it gave back and will need again.
    pub(super) mutex: Option<ObjectId>,
    /// How often it held that mutex.
    pub(super) levels: usize,
    /// What has ended it besides a notification: its time-out, or nothing at all.
    pub(super) ended_by: Option<Pick>,
}

/// One notification.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Notification {
    /// Where.
    pub(super) at: Place,
    /// Of what.
    pub(super) condvar: ObjectId,
    /// Whom it woke.
    pub(super) woke: Vec<ThreadId>,
}

/// One read of shared memory.
#[derive(Clone, Debug)]
pub(super) struct Read {
    /// Where.
    pub(super) at: Place,
    /// Of what.
    pub(super) object: ObjectId,
    /// What was seen.
    pub(super) value: Value,
    /// The locks that the reader held.
    pub(super) held: Vec<ObjectId>,
}

/// The books after some steps of a trace.
#[derive(Clone, Debug, Default)]
pub(super) struct Ledger {
    /// Mutexes held, and reader-writer locks held for writing; where they were taken, as often as they are held.
    holds: BTreeMap<ObjectId, Vec<Place>>,
    /// Reader-writer locks held for reading: every read that was not given back, in order of taking.
    reads_held: BTreeMap<ObjectId, Vec<Place>>,
    /// Threads between the two steps of a wait, notified or not.
    waits: BTreeMap<ThreadId, Wait>,
    /// Permits taken and not yet given back by the same thread, per semaphore in order of taking.
    permits: BTreeMap<ObjectId, Vec<Place>>,
    /// Threads between the two steps of a lock or an acquire, per object in order of arrival.
    lines: BTreeMap<ObjectId, Vec<Place>>,
    /// For each event: where it was set last, and where it was cleared after that.
    events: BTreeMap<ObjectId, (Place, Option<Place>)>,
    /// For each queue: how many items were put in, and how many were finished.
    items: BTreeMap<ObjectId, (u64, u64)>,
    /// What was written last to whatever holds a value.
    memory: BTreeMap<ObjectId, Value>,
    /// Onces whose block is being run: where it began.
    running: BTreeMap<ObjectId, Place>,
    /// Where threads stand that have stepped: one instruction, or all those to which the last step can have led.
    stands: BTreeMap<ThreadId, Vec<Pc>>,
    /// Places where threads have stepped.
    been: BTreeSet<(ThreadId, Pc)>,
    /// Threads that were started at run time.
    started: BTreeSet<ThreadId>,
    /// All notifications so far.
    notifications: Vec<Notification>,
    /// The last read of each thread since it last began to wait.
    reads: BTreeMap<ThreadId, Read>,
    /// Where the last wait of each thread was ended, by a notification or by itself.
    woken: BTreeMap<ThreadId, usize>,
    /// Number of steps read.
    steps: usize,
}

impl Ledger {
    /// Whether a thread has begun: a declared one has, from the start.
    pub(super) fn has_begun(&self, program: &Program, thread: ThreadId) -> bool {
        program.thread(thread).starts_with_program() || self.started.contains(&thread)
    }

    /// The books after all of these steps.
    pub(super) fn after(program: &Program, events: &[Event]) -> Self {
        let mut ledger = Self::default();
        for event in events {
            ledger.enter(program, event);
        }
        ledger
    }

    /// Adds one step.
    pub(super) fn enter(&mut self, program: &Program, event: &Event) {
        let at = Place { step: self.steps, thread: event.thread, pc: event.pc };
        let stands = match event.phase {
            Phase::Arrive | Phase::Wake | Phase::LineUp => vec![event.pc],
            Phase::Whole | Phase::Complete => reach::behind(program, event.thread, event.pc),
        };
        self.stands.insert(event.thread, stands);
        self.enter_at(program, event, at);
        for inner in &event.inside {
            self.enter_at(program, inner, Place { pc: inner.pc, ..at });
        }
        self.steps += 1;
    }

    fn enter_at(&mut self, program: &Program, event: &Event, at: Place) {
        self.been.insert((event.thread, event.pc));
        let InstrKind::Op(op) = &program.instr(event.thread, event.pc).kind else { return };
        let target = match event.target {
            Some(Target::Object(object)) => Some(object),
            Some(Target::Thread(_)) | None => None,
        };
        if let (Some(object), Some(value)) = (target, event.wrote) {
            self.memory.insert(object, value);
        }
        match op {
            Op::Var { var, .. } | Op::Atomic { atomic: var, .. } => {
                if let (Some(object), Some(value)) = (known(var, target), seen(event)) {
                    let held = self.held_by(event.thread).map(|(mutex, _)| mutex).collect();
                    self.reads.insert(event.thread, Read { at, object, value, held });
                }
            }
            Op::Mutex { mutex, op } => {
                if let Some(mutex) = known(mutex, target)
                    && self.line_up(mutex, event, at)
                {
                    self.mutex(mutex, op, event, at);
                }
            }
            Op::RwLock { rwlock, op } => {
                if let Some(rwlock) = known(rwlock, target)
                    && self.line_up(rwlock, event, at)
                {
                    self.rwlock(rwlock, op, event, at);
                }
            }
            Op::Condvar { condvar, op } => {
                if let Some(condvar) = known(condvar, target) {
                    self.condvar(condvar, op, event, at);
                }
            }
            Op::Semaphore { semaphore, op } => {
                if let Some(semaphore) = known(semaphore, target)
                    && self.line_up(semaphore, event, at)
                {
                    self.semaphore(semaphore, op, event, at);
                }
            }
            Op::Once { once, op } => {
                if let Some(once) = known(once, target) {
                    self.once(once, op, event, at);
                }
            }
            Op::Timer { timer, op: TimerOp::Start } => {
                if let Some(timer) = known(timer, target)
                    && let ObjectKind::Timer { thread } = program.object(timer).kind
                {
                    self.started.insert(thread);
                }
            }
            Op::Queue { queue, op } => {
                if let Some(queue) = known(queue, target) {
                    self.queue(queue, op, event);
                }
            }
            Op::Event { event: reference, op } => {
                if let Some(object) = known(reference, target) {
                    self.event(object, op, at);
                }
            }
            Op::Spawn { op: SpawnOp::Start { .. }, .. } => {
                if let Some(Target::Thread(thread)) = event.target {
                    self.started.insert(thread);
                }
            }
            Op::Timer { op: TimerOp::Cancel { .. } | TimerOp::Fire, .. }
            | Op::Barrier { .. }
            | Op::Channel { .. }
            | Op::Oneshot { .. }
            | Op::Watch { .. }
            | Op::Broadcast { .. }
            | Op::Fence(_)
            | Op::Thread { .. }
            | Op::Spawn { op: SpawnOp::Wait { .. } | SpawnOp::Join { .. } | SpawnOp::IsFinished { .. }, .. }
            | Op::Pause(_)
            | Op::Choice(_)
            | Op::End => {}
        }
    }

    /// Keeps the line of an object; false where a thread has only come to it.
    fn line_up(&mut self, object: ObjectId, event: &Event, at: Place) -> bool {
        match event.phase {
            Phase::Whole | Phase::Wake | Phase::LineUp => true,
            Phase::Arrive => {
                self.lines.entry(object).or_default().push(at);
                false
            }
            Phase::Complete => {
                let line = self.lines.entry(object).or_default();
                line.retain(|place| place.thread != event.thread);
                true
            }
        }
    }

    fn mutex(&mut self, mutex: ObjectId, op: &MutexOp, event: &Event, at: Place) {
        match op {
            MutexOp::Lock { .. } | MutexOp::LockChecked { .. } => {
                self.take(mutex, at);
            }
            MutexOp::TryLock { .. } | MutexOp::LockTimeout { .. } => {
                if is_true(event) {
                    self.take(mutex, at);
                }
            }
            MutexOp::Unlock { .. } => self.give_back(mutex, event.thread),
            MutexOp::IsLocked { .. } => {}
        }
    }

    fn rwlock(&mut self, rwlock: ObjectId, op: &RwLockOp, event: &Event, at: Place) {
        match op {
            RwLockOp::Read { .. } => self.reads_held.entry(rwlock).or_default().push(at),
            RwLockOp::Write { .. } => {
                self.take(rwlock, at);
            }
            RwLockOp::TryRead { .. } => {
                if is_true(event) {
                    self.reads_held.entry(rwlock).or_default().push(at);
                }
            }
            RwLockOp::TryWrite { .. } => {
                if is_true(event) {
                    self.take(rwlock, at);
                }
            }
            RwLockOp::ReadUnlock { .. } => {
                let reads = self.reads_held.entry(rwlock).or_default();
                if let Some(position) = reads.iter().rposition(|place| place.thread == event.thread) {
                    reads.remove(position);
                }
            }
            RwLockOp::WriteUnlock { .. } => self.give_back(rwlock, event.thread),
        }
    }

    fn condvar(&mut self, condvar: ObjectId, op: &CondvarOp, event: &Event, at: Place) {
        match op {
            CondvarOp::Wait { mutex, .. } | CondvarOp::WaitTimeout { mutex, .. } => match event.phase {
                Phase::Arrive => {
                    let mutex = self.mutex_of_wait(mutex, event.thread);
                    let levels = mutex.and_then(|mutex| self.holds.remove(&mutex)).map_or(0, |levels| levels.len());
                    self.waits.insert(event.thread, Wait { at, condvar, mutex, levels, ended_by: None });
                }
                Phase::Complete => {
                    if let Some(Wait { mutex: Some(mutex), levels, .. }) = self.waits.remove(&event.thread) {
                        self.holds.insert(mutex, vec![at; levels]);
                        if let Some(line) = self.lines.get_mut(&mutex) {
                            line.retain(|place| place.thread != event.thread);
                        }
                    }
                    self.reads.remove(&event.thread);
                }
                Phase::Wake => {
                    if let Some(wait) = self.waits.get_mut(&event.thread) {
                        wait.ended_by = Some(event.pick);
                        self.woken.insert(event.thread, at.step);
                    }
                }
                Phase::LineUp => {
                    if let Some(Wait { mutex: Some(mutex), .. }) = self.waits.get(&event.thread) {
                        self.lines.entry(*mutex).or_default().push(at);
                    }
                }
                Phase::Whole => {}
            },
            CondvarOp::NotifyOne | CondvarOp::Notify { .. } | CondvarOp::NotifyAll => {
                self.woken.extend(event.woke.iter().map(|thread| (*thread, at.step)));
                self.notifications.push(Notification { at, condvar, woke: event.woke.clone() });
            }
        }
    }

    fn semaphore(&mut self, semaphore: ObjectId, op: &SemaphoreOp, event: &Event, at: Place) {
        let taken = self.permits.entry(semaphore).or_default();
        match op {
            SemaphoreOp::Acquire { permits, .. } => taken.extend((0..*permits).map(|_| at)),
            SemaphoreOp::TryAcquire { .. } | SemaphoreOp::AcquireTimeout { .. } => {
                if is_true(event) {
                    taken.push(at);
                }
            }
            SemaphoreOp::Release { permits, .. } => {
                for _ in 0..*permits {
                    let Some(position) = taken.iter().rposition(|place| place.thread == event.thread) else { break };
                    taken.remove(position);
                }
            }
        }
    }

    fn event(&mut self, event: ObjectId, op: &EventOp, at: Place) {
        match op {
            EventOp::Set => {
                self.events.insert(event, (at, None));
            }
            EventOp::Clear => {
                if let Some((_, cleared)) = self.events.get_mut(&event) {
                    cleared.get_or_insert(at);
                }
            }
            EventOp::IsSet { .. } | EventOp::Wait | EventOp::WaitTimeout { .. } => {}
        }
    }

    fn queue(&mut self, queue: ObjectId, op: &QueueOp, event: &Event) {
        let (put, finished) = self.items.entry(queue).or_default();
        match op {
            QueueOp::Put { done, .. } => *put += u64::from(done.is_none() || is_true(event)),
            // One too many is a misuse and finishes nothing.
            QueueOp::TaskDone => *finished = (*finished + 1).min(*put),
            QueueOp::Get { .. }
            | QueueOp::Len { .. }
            | QueueOp::IsEmpty { .. }
            | QueueOp::IsFull { .. }
            | QueueOp::Join => {}
        }
    }

    fn once(&mut self, once: ObjectId, op: &OnceOp, event: &Event, at: Place) {
        match op {
            OnceOp::Begin { .. } => {
                if seen(event) == Some(Value::Bool(true)) {
                    self.running.insert(once, at);
                }
            }
            OnceOp::End => {
                self.running.remove(&once);
            }
            OnceOp::IsCompleted { .. } => {}
        }
    }

    /// Which mutex a wait gives back: the declared one, or of an array the element that the thread holds, if only one.
    pub(super) fn mutex_of_wait(&self, mutex: &LocalObject, thread: ThreadId) -> Option<ObjectId> {
        if mutex.index.is_none() {
            return Some(mutex.base);
        }
        let elements = mutex.base.index()..mutex.base.index() + usize::try_from(mutex.len).ok()?;
        let mut held = self.held_by(thread).map(|(held, _)| held).filter(|held| elements.contains(&held.index()));
        match (held.next(), held.next()) {
            (Some(only), None) => Some(only),
            (Some(_), Some(_)) | (None, _) => None,
        }
    }

    fn take(&mut self, lock: ObjectId, at: Place) {
        self.holds.entry(lock).or_default().push(at);
    }

    /// Gives one level back.
    fn give_back(&mut self, lock: ObjectId, thread: ThreadId) {
        if let Some(levels) = self.holds.get_mut(&lock)
            && levels.last().is_some_and(|place| place.thread == thread)
        {
            levels.pop();
        }
    }

    /// Where the lock was taken first by the one who holds it alone.
    pub(super) fn hold(&self, lock: ObjectId) -> Option<Place> {
        self.holds.get(&lock)?.first().copied()
    }

    /// The locks that a thread holds, and where it took them, in order of declaration; first those that it holds alone.
    pub(super) fn held_by(&self, thread: ThreadId) -> impl Iterator<Item = (ObjectId, Place)> {
        let alone = self.holds.iter().filter_map(|(lock, levels)| Some((*lock, *levels.first()?)));
        let reads = self.reads_held.iter().flat_map(|(lock, reads)| reads.iter().map(|place| (*lock, *place)));
        alone.chain(reads).filter(move |(_, place)| place.thread == thread)
    }

    /// Where a thread took a lock that it holds.
    pub(super) fn taken(&self, lock: ObjectId, thread: ThreadId) -> Option<Place> {
        self.held_by(thread).find(|(held, _)| *held == lock).map(|(_, place)| place)
    }

    /// Where the reads of a reader-writer lock that were not given back began.
    pub(super) fn reads_of(&self, rwlock: ObjectId) -> &[Place] {
        self.reads_held.get(&rwlock).map_or(&[], Vec::as_slice)
    }

    /// How many items were put into a queue, and how many of them are not finished.
    pub(super) fn items(&self, queue: ObjectId) -> (u64, u64) {
        let (put, finished) = self.items.get(&queue).copied().unwrap_or_default();
        (put, put.saturating_sub(finished))
    }

    /// What was written to an object last, if anything.
    pub(super) fn memory(&self, object: ObjectId) -> Option<Value> {
        self.memory.get(&object).copied()
    }

    /// Where the block of a once began that is being run.
    pub(super) fn running(&self, once: ObjectId) -> Option<Place> {
        self.running.get(&once).copied()
    }

    /// Where a thread stands, as far as its steps tell.
    pub(super) fn stands(&self, thread: ThreadId) -> Vec<Pc> {
        self.stands.get(&thread).cloned().unwrap_or_else(|| vec![Pc(0)])
    }

    /// Whether a thread has stepped there.
    pub(super) fn has_been(&self, thread: ThreadId, pc: Pc) -> bool {
        self.been.contains(&(thread, pc))
    }

    /// The wait that a thread has begun and not ended.
    pub(super) fn wait(&self, thread: ThreadId) -> Option<Wait> {
        self.waits.get(&thread).copied()
    }

    /// Permits of a semaphore that their takers have not given back.
    pub(super) fn permits(&self, semaphore: ObjectId) -> &[Place] {
        self.permits.get(&semaphore).map_or(&[], Vec::as_slice)
    }

    /// Who has come to an object and waits for it, in order of arrival.
    pub(super) fn line(&self, object: ObjectId) -> &[Place] {
        self.lines.get(&object).map_or(&[], Vec::as_slice)
    }

    /// Where an event was set last, and where it was cleared again, if it was.
    pub(super) fn set_and_cleared(&self, event: ObjectId) -> Option<(Place, Place)> {
        self.events.get(&event).and_then(|(set, cleared)| cleared.map(|cleared| (*set, cleared)))
    }

    /// Notifications of a condition variable, in order.
    pub(super) fn notifications(&self, condvar: ObjectId) -> impl DoubleEndedIterator<Item = &Notification> {
        self.notifications.iter().filter(move |notification| notification.condvar == condvar)
    }

    /// The step since which a thread has not looked at shared memory: that of its last read, or that in which its wait ended
    /// after that, or the first one.
    pub(super) fn last_look(&self, thread: ThreadId) -> usize {
        let woken = self.woken.get(&thread).copied();
        self.last_read(thread).map(|read| read.at.step).or(woken).unwrap_or(0)
    }

    /// The last read of a thread since it last came back from a wait.
    pub(super) fn last_read(&self, thread: ThreadId) -> Option<&Read> {
        self.reads.get(&thread)
    }
}

/// The object an event touched, or the only one the text can mean.
fn known(reference: &LocalObject, target: Option<ObjectId>) -> Option<ObjectId> {
    target.or_else(|| reference.index.is_none().then_some(reference.base))
}

/// The value that an access of memory saw, if it saw one.
fn seen(event: &Event) -> Option<Value> {
    match event.returned? {
        Returned::Value(value) => Some(value),
        Returned::Tagged(_, value) => value,
    }
}

fn is_true(event: &Event) -> bool {
    matches!(event.returned, Some(Returned::Value(Value::Bool(true))))
}
