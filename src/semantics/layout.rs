//! Where everything stands in a state: one flat array of slots, computed once from the program.
//!
//! A primitive reads and writes its slots through the accessors of [`View`]; nothing else knows offsets.

use super::{broadcast, buffer, condvar, mutex, once, oneshot, rwlock, semaphore, timer, watch};
use crate::limits::Limits;
use crate::program::{Capacity, LocalId, ObjectId, ObjectKind, Pc, Program, ThreadId};

/// Offsets of all parts of a state.
#[derive(Clone, Debug)]
pub(super) struct Layout {
    threads: Vec<ThreadSlots>,
    objects: Vec<usize>,
    width: usize,
}

/// Offsets of one thread. The program counter and the status stand in front of the locals.
#[derive(Clone, Copy, Debug)]
struct ThreadSlots {
    pc: usize,
    locals: usize,
    locals_end: usize,
}

/// Slot of the flag that says whether a thread has ended by panic or misuse.
const ABNORMAL: usize = 0;

/// What a thread is doing, besides standing at its program counter.
///
/// Invariant "status fits the place": `NotStarted` only in a slot for threads that are started at run time or of a timer, with program
/// counter 0 and its first locals, `Waiting`, `Notified` and `TimedOut` only at a condition variable's wait, `Arrived` and
/// `Matched` only at a send or receive of a rendezvous or a wait at a barrier (`Arrived` also at an operation of a lock that is served in order, a wait that needs it back included), `Unwinding…` only inside an unwind handler, `Ended…` only with
/// program counter 0. Established by the primitive's file, relied on by the same file's guard.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Status {
    /// Its next step is the operation at its program counter.
    Running,
    /// Waits for a notification.
    Waiting,
    /// Was notified and needs the mutex back.
    Notified,
    /// Its time-out has fired, and it needs the mutex back.
    TimedOut,
    /// Stands at a rendezvous without a partner, at a barrier before the others, or waits where it matters who waits.
    Arrived,
    /// Has a partner: a sender's message is taken, a receiver's message is in its `pending` slot. At a barrier it need not
    /// wait any longer; how it leaves is in its `pending` slot.
    Matched,
    /// Runs the releases that `with` owes after a panic.
    UnwindingPanic,
    /// Runs the releases that `with` owes after a misuse.
    UnwindingMisuse,
    /// Has ended normally.
    Ended,
    /// Has ended by panic or misuse.
    Failed,
    /// Was started at run time and has ended by panic, and nobody has looked at how it ended. Where it panicked is in its
    /// `pending` slot, as it is while it unwinds.
    Unobserved,
    /// Nobody has started it.
    NotStarted,
}

impl Status {
    const ALL: [Status; 12] = [
        Status::Running,
        Status::Waiting,
        Status::Notified,
        Status::TimedOut,
        Status::Arrived,
        Status::Matched,
        Status::UnwindingPanic,
        Status::UnwindingMisuse,
        Status::Ended,
        Status::Failed,
        Status::Unobserved,
        Status::NotStarted,
    ];

    #[inline]
    fn from_slot(slot: i64) -> Self {
        let position = usize::try_from(slot).expect("a status slot holds a small number");
        Self::ALL[position]
    }

    #[inline]
    fn slot(self) -> i64 {
        match self {
            Status::Running => 0,
            Status::Waiting => 1,
            Status::Notified => 2,
            Status::TimedOut => 3,
            Status::Arrived => 4,
            Status::Matched => 5,
            Status::UnwindingPanic => 6,
            Status::UnwindingMisuse => 7,
            Status::Ended => 8,
            Status::Failed => 9,
            Status::Unobserved => 10,
            Status::NotStarted => 11,
        }
    }

    /// Whether the thread takes no further step.
    #[inline]
    pub(super) fn has_ended(self) -> bool {
        matches!(self, Status::Ended | Status::Failed | Status::Unobserved)
    }

    /// Whether the thread has begun and takes further steps, if it can.
    #[inline]
    pub(super) fn is_alive(self) -> bool {
        self != Status::NotStarted && !self.has_ended()
    }

    /// Whether it is on its way out.
    #[inline]
    pub(super) fn is_unwinding(self) -> bool {
        matches!(self, Status::UnwindingPanic | Status::UnwindingMisuse)
    }
}

impl Layout {
    /// Lays out all threads, then all objects, then `extra` slots for the happens-before history.
    pub(super) fn new(program: &Program, limits: &Limits) -> Self {
        let mut next = ABNORMAL + 1;
        let mut take = |slots: usize| {
            let start = next;
            next += slots;
            start
        };
        let threads = program
            .thread_ids()
            .map(|thread| {
                let pc = take(3);
                let locals = take(program.code_of(thread).locals.len());
                ThreadSlots { pc, locals, locals_end: locals + program.code_of(thread).locals.len() }
            })
            .collect();
        let slots = |object: &crate::program::Object| slots_of(&object.kind, limits, program.threads.len());
        let objects = program.objects.iter().map(|object| take(slots(object))).collect();
        Self { threads, objects, width: next }
    }

    /// Reserves more slots at the end and says where they begin.
    pub(super) fn reserve(&mut self, slots: usize) -> usize {
        let start = self.width;
        self.width += slots;
        start
    }

    /// Number of slots of a state.
    pub(super) fn width(&self) -> usize {
        self.width
    }

    /// Number of threads.
    pub(super) fn threads(&self) -> usize {
        self.threads.len()
    }

    /// First slot of an object.
    #[inline]
    pub(super) fn object(&self, object: ObjectId) -> usize {
        self.objects[object.index()]
    }
}

/// Number of slots an object needs; each primitive's file says what they hold.
fn slots_of(kind: &ObjectKind, limits: &Limits, threads: usize) -> usize {
    let cells = |capacity: u32| usize::try_from(capacity).expect("u32 fits into usize");
    match kind {
        ObjectKind::Var { .. } | ObjectKind::Atomic { .. } => 1,
        ObjectKind::Mutex(kind) => mutex::slots(*kind, threads),
        ObjectKind::RwLock(preference) => rwlock::slots(*preference, threads),
        ObjectKind::Condvar { service, .. } => condvar::slots(*service, threads),
        ObjectKind::Semaphore { service, .. } => semaphore::slots(*service, threads),
        ObjectKind::Event | ObjectKind::Barrier { .. } => 1,
        ObjectKind::Once => once::SLOTS,
        ObjectKind::Timer { .. } => timer::SLOTS,
        ObjectKind::Channel { capacity: Capacity::Unbounded, .. } => buffer::HEAD + cells(limits.channel_length),
        ObjectKind::Channel { capacity: Capacity::Bounded(capacity), .. } => buffer::HEAD + cells(*capacity),
        ObjectKind::Channel { capacity: Capacity::Rendezvous, .. } => buffer::HEAD,
        ObjectKind::Oneshot { .. } => oneshot::SLOTS,
        ObjectKind::Watch { listeners, .. } => watch::slots(listeners),
        ObjectKind::Broadcast { room, listeners, .. } => broadcast::slots(*room, listeners),
        ObjectKind::Queue { room, .. } => buffer::HEAD + cells(room.unwrap_or(limits.channel_length)),
    }
}

/// A state being read.
#[derive(Clone, Copy, Debug)]
pub(super) struct View<'a> {
    pub(super) layout: &'a Layout,
    pub(super) slots: &'a [i64],
}

impl<'a> View<'a> {
    /// The instruction a thread stands at.
    #[inline]
    pub(super) fn pc(&self, thread: ThreadId) -> Pc {
        let slot = self.slots[self.layout.threads[thread.index()].pc];
        Pc(u32::try_from(slot).expect("a program counter is a position in the code"))
    }

    /// What a thread is doing.
    #[inline]
    pub(super) fn status(&self, thread: ThreadId) -> Status {
        Status::from_slot(self.slots[self.layout.threads[thread.index()].pc + 1])
    }

    /// The message a matched receiver has got, or the levels of a reentrant mutex that a waiting thread has given back, or
    /// how a wait ended whose thread stands in the line of a fifo mutex.
    pub(super) fn pending(&self, thread: ThreadId) -> i64 {
        self.slots[self.layout.threads[thread.index()].pc + 2]
    }

    /// A thread's locals.
    #[inline]
    pub(super) fn locals(&self, thread: ThreadId) -> &'a [i64] {
        let slots = self.layout.threads[thread.index()];
        &self.slots[slots.locals..slots.locals_end]
    }

    /// An object's slot at this position.
    #[inline]
    pub(super) fn object(&self, object: ObjectId, position: usize) -> i64 {
        self.slots[self.layout.object(object) + position]
    }

    /// Whether some thread has ended by panic or misuse.
    pub(super) fn abnormal(&self) -> bool {
        self.slots[ABNORMAL] != 0
    }
}

/// A state being written.
#[derive(Debug)]
pub(super) struct ViewMut<'a> {
    pub(super) layout: &'a Layout,
    pub(super) slots: &'a mut [i64],
}

impl ViewMut<'_> {
    /// The same state, for reading.
    #[inline]
    pub(super) fn view(&self) -> View<'_> {
        View { layout: self.layout, slots: self.slots }
    }

    /// Moves a thread.
    #[inline]
    pub(super) fn set_pc(&mut self, thread: ThreadId, pc: Pc) {
        self.slots[self.layout.threads[thread.index()].pc] = i64::from(pc.0);
    }

    /// Changes what a thread is doing.
    #[inline]
    pub(super) fn set_status(&mut self, thread: ThreadId, status: Status) {
        self.slots[self.layout.threads[thread.index()].pc + 1] = status.slot();
    }

    /// Hands a message to a matched receiver.
    pub(super) fn set_pending(&mut self, thread: ThreadId, message: i64) {
        self.slots[self.layout.threads[thread.index()].pc + 2] = message;
    }

    /// Assigns a local.
    #[inline]
    pub(super) fn set_local(&mut self, thread: ThreadId, local: LocalId, value: i64) {
        self.slots[self.layout.threads[thread.index()].locals + local.index()] = value;
    }

    /// Writes an object's slot at this position.
    #[inline]
    pub(super) fn set_object(&mut self, object: ObjectId, position: usize, value: i64) {
        let slot = self.layout.object(object) + position;
        self.slots[slot] = value;
    }

    /// Records that some thread has ended by panic or misuse.
    pub(super) fn set_abnormal(&mut self) {
        self.slots[ABNORMAL] = 1;
    }
}
