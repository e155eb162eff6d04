//! Happens-before kept in the state: who knows of whose latest access.
//!
//! Needed where control can flow from one thread to another without a happens-before edge (a failed `try_lock`, `len`,
//! a notification without the mutex, several receivers of one channel …): then two accesses can be unordered although
//! they are never both next. Kept only for the objects on which a race is possible.
//!
//! Every thread, and everything that orders threads, has a *region*: the set of latest accesses that happen before its
//! present. An access that finds a conflicting latest access of another thread outside its thread's region races with
//! it; then it becomes its thread's latest access, which so far only its own thread knows.
//!
//! It leaves out earlier accesses of the same thread and kind: they happen before the latest one.
//!
//! # Source
//! The idea of vector clocks (Mattern 1989; Flanagan & Freund, *FastTrack*, 2009) as bits, so that states stay finite.

use super::layout::{Layout, ViewMut};
use super::lockset::{self, Guard};
use super::race::{RaceCandidates, Touch, race};
use super::step::{Step, threads_of};
use crate::finding::{Access, AccessKind};
use crate::limits::Limits;
use crate::program::{
    AtomicOp, BarrierOp, BroadcastOp, Capacity, ChannelOp, CodeId, CondvarOp, EventOp, InstrKind, LocalObject, MutexOp,
    ObjectId, ObjectKind, OnceOp, OneshotOp, Op, Pc, Program, RwLockOp, SemaphoreOp, SpawnOp, ThreadId, ThreadOp,
    TimerOp, WatchOp,
};
use std::collections::{BTreeMap, BTreeSet};

/// Bits used of one slot, so that slots stay small positive numbers.
const BITS: usize = 32;
/// Read, write, atomic read, atomic write.
const TOUCHES: usize = 4;

/// Where the history stands in a state.
#[derive(Debug)]
pub(super) struct History {
    /// Position of each object among the tracked ones.
    tracked: BTreeMap<ObjectId, usize>,
    threads: usize,
    /// Slots of one region.
    words: usize,
    /// First region of all; regions follow each other without gaps.
    first: usize,
    regions: usize,
    /// First region of each object that orders threads.
    objects: BTreeMap<ObjectId, usize>,
    /// The region of all indivisible blocks.
    block: usize,
    /// First slot of the places of the latest accesses (position plus 1; 0: none).
    places: usize,
}

impl History {
    /// Whether "both next" is not enough for this program.
    pub(super) fn needed(program: &Program, races: &RaceCandidates) -> bool {
        races.any() && flows_without_order(program)
    }

    /// Lays the history out behind everything else.
    pub(super) fn new(program: &Program, limits: &Limits, races: &RaceCandidates, layout: &mut Layout) -> Self {
        let tracked: BTreeMap<ObjectId, usize> = races.objects().enumerate().map(|(at, object)| (object, at)).collect();
        let threads = program.threads.len();
        let accesses = tracked.len() * threads * TOUCHES;
        let words = accesses.div_ceil(BITS);
        let mut regions = threads;
        let mut objects = BTreeMap::new();
        for (object, id) in program.objects.iter().zip(program.object_ids()) {
            objects.insert(id, regions);
            regions += regions_of(&object.kind, limits);
        }
        let block = regions;
        regions += 1;
        let first = layout.reserve(regions * words);
        let places = layout.reserve(accesses);
        Self { tracked, threads, words, first, regions, objects, block, places }
    }

    fn access_id(&self, tracked: usize, thread: ThreadId, touch: Touch) -> usize {
        let kind = match (touch.kind, touch.atomic) {
            (AccessKind::Read, false) => 0,
            (AccessKind::Write, false) => 1,
            (AccessKind::Read, true) => 2,
            (AccessKind::Write, true) => 3,
        };
        (tracked * self.threads + thread.index()) * TOUCHES + kind
    }

    fn slot(&self, region: usize, access: usize) -> (usize, i64) {
        (self.first + region * self.words + access / BITS, 1 << (access % BITS))
    }

    fn knows(&self, slots: &[i64], region: usize, access: usize) -> bool {
        let (slot, bit) = self.slot(region, access);
        slots[slot] & bit != 0
    }

    /// `to` learns what `from` knows.
    fn join(&self, state: &mut ViewMut<'_>, to: usize, from: usize) {
        for word in 0..self.words {
            let known = state.slots[self.first + from * self.words + word];
            state.slots[self.first + to * self.words + word] |= known;
        }
    }

    /// `to` knows what `from` knows, and nothing else.
    fn replace(&self, state: &mut ViewMut<'_>, to: usize, from: usize) {
        for word in 0..self.words {
            state.slots[self.first + to * self.words + word] = state.slots[self.first + from * self.words + word];
        }
    }

    fn clear(&self, state: &mut ViewMut<'_>, region: usize) {
        let start = self.first + region * self.words;
        state.slots[start..start + self.words].fill(0);
    }

    /// Moves `count` neighbouring regions one place down, from `first + 1` to `first`, and clears the last.
    fn shift_down(&self, state: &mut ViewMut<'_>, first: usize, count: usize) {
        for region in first..first + count {
            self.replace(state, region, region + 1);
        }
        self.clear(state, first + count);
    }
}

/// Regions of an object. Of a channel: its closing, then its messages, then its free places; of a one-shot
/// channel and a broadcast without free places. Of a reader-writer lock:
/// what writers, then what readers have told.
fn regions_of(kind: &ObjectKind, limits: &Limits) -> usize {
    let places = |count: u32| usize::try_from(count).expect("u32 fits into usize");
    match kind {
        ObjectKind::Var { .. } | ObjectKind::Condvar { .. } => 0,
        ObjectKind::Atomic { .. }
        | ObjectKind::Mutex(_)
        | ObjectKind::Semaphore { .. }
        | ObjectKind::Event
        | ObjectKind::Once
        | ObjectKind::Timer { .. }
        | ObjectKind::Queue { .. } => 1,
        ObjectKind::Barrier { .. } => 1,
        ObjectKind::RwLock(_) => 2,
        ObjectKind::Oneshot { .. } => 2,
        ObjectKind::Watch { .. } => 1,
        ObjectKind::Broadcast { room, .. } => 1 + places(*room),
        ObjectKind::Channel { capacity: Capacity::Unbounded, .. } => 1 + places(limits.channel_length) + 1,
        ObjectKind::Channel { capacity: Capacity::Bounded(capacity), .. } => 1 + 2 * (places(*capacity) + 1),
        ObjectKind::Channel { capacity: Capacity::Rendezvous, .. } => 1,
    }
}

/// The happens-before side of every operation; nothing where no history is kept.
impl Step<'_> {
    /// A non-atomic access.
    #[inline]
    pub(super) fn access(&mut self, object: ObjectId, kind: AccessKind) {
        if self.semantics.history.is_some() {
            self.touch(object, Touch { kind, atomic: false });
        }
    }

    /// An atomic access (it races with non-atomic ones).
    #[inline]
    pub(super) fn atomic_access(&mut self, object: ObjectId, kind: AccessKind) {
        if self.semantics.history.is_some() {
            self.touch(object, Touch { kind, atomic: true });
        }
    }

    fn touch(&mut self, object: ObjectId, touch: Touch) {
        let semantics = self.semantics;
        let Some(history) = &semantics.history else { return };
        let Some(tracked) = history.tracked.get(&object).copied() else { return };
        let now = Access { thread: self.thread, pc: self.pc, kind: touch.kind };
        for other in semantics.program.thread_ids().filter(|other| *other != self.thread) {
            for theirs in all_touches().into_iter().filter(|theirs| touch.conflicts(*theirs)) {
                let access = history.access_id(tracked, other, theirs);
                let place = self.state.slots[history.places + access];
                if place != 0 && !history.knows(self.state.slots, self.thread.index(), access) {
                    let pc = Pc(u32::try_from(place - 1).expect("the slot holds a position plus 1"));
                    let earlier = Access { thread: other, pc, kind: theirs.kind };
                    self.found.push(race(semantics.program, object, earlier, now));
                }
            }
        }
        let access = history.access_id(tracked, self.thread, touch);
        for region in 0..history.regions {
            let (slot, bit) = history.slot(region, access);
            self.state.slots[slot] &= !bit;
        }
        let (slot, bit) = history.slot(self.thread.index(), access);
        self.state.slots[slot] |= bit;
        self.state.slots[history.places + access] = i64::from(self.pc.0) + 1;
    }

    fn with_history(&mut self, act: impl FnOnce(&History, &mut ViewMut<'_>, usize)) {
        let semantics = self.semantics;
        if let Some(history) = &semantics.history {
            act(history, &mut self.state, self.thread.index());
        }
    }

    /// The thread learns what the object has been told.
    #[inline]
    pub(super) fn acquire(&mut self, object: ObjectId) {
        self.with_history(|history, state, me| history.join(state, me, history.objects[&object]));
    }

    /// The object is told what the thread knows.
    #[inline]
    pub(super) fn release(&mut self, object: ObjectId) {
        self.with_history(|history, state, me| history.join(state, history.objects[&object], me));
    }

    /// The thread learns what writers and readers of a reader-writer lock have told.
    pub(super) fn acquire_as_writer(&mut self, rwlock: ObjectId) {
        self.with_history(|history, state, me| {
            let writers = history.objects[&rwlock];
            history.join(state, me, writers);
            history.join(state, me, writers + 1);
        });
    }

    /// Later writers, but no readers, are told what the thread knows.
    pub(super) fn release_as_reader(&mut self, rwlock: ObjectId) {
        self.with_history(|history, state, me| history.join(state, history.objects[&rwlock] + 1, me));
    }

    /// All of these threads learn what the object has been told, and it forgets it.
    pub(super) fn hand_out(&mut self, object: ObjectId, threads: u64) {
        self.with_history(|history, state, _| {
            for thread in threads_of(threads) {
                history.join(state, thread.index(), history.objects[&object]);
            }
            history.clear(state, history.objects[&object]);
        });
    }

    /// The object forgets what it has been told.
    pub(super) fn forget(&mut self, object: ObjectId) {
        self.with_history(|history, state, _| history.clear(state, history.objects[&object]));
    }

    /// As `release`, and what was told before is forgotten: a store begins a new release sequence.
    pub(super) fn release_replacing(&mut self, object: ObjectId) {
        self.with_history(|history, state, me| history.replace(state, history.objects[&object], me));
    }

    /// The thread learns what a thread that has ended knew.
    pub(super) fn learn_from_thread(&mut self, other: ThreadId) {
        self.with_history(|history, state, me| history.join(state, me, other.index()));
    }

    /// A thread that starts knows what the thread that starts it knows.
    pub(super) fn teach_thread(&mut self, other: ThreadId) {
        self.with_history(|history, state, me| history.join(state, other.index(), me));
    }

    /// Two threads meet.
    pub(super) fn exchange_knowledge(&mut self, other: ThreadId) {
        self.with_history(|history, state, me| {
            history.join(state, me, other.index());
            history.join(state, other.index(), me);
        });
    }

    /// The k-th receive happens before the (k + capacity)-th send, and the message carries what the sender knows.
    pub(super) fn publish_message(&mut self, channel: ObjectId, position: usize) {
        let capacity = self.capacity(channel);
        self.with_history(|history, state, me| {
            let messages = history.objects[&channel] + 1;
            if let Some(capacity) = capacity {
                let free_places = messages + capacity + 1;
                history.join(state, me, free_places);
                history.shift_down(state, free_places, capacity - position - 1);
            }
            history.replace(state, messages + position, me);
        });
    }

    /// The receiver learns what the sender knew; `left` messages stay.
    pub(super) fn learn_message(&mut self, channel: ObjectId, left: usize) {
        let capacity = self.capacity(channel);
        self.with_history(|history, state, me| {
            let messages = history.objects[&channel] + 1;
            history.join(state, me, messages);
            history.shift_down(state, messages, left);
            if let Some(capacity) = capacity {
                let free_places = messages + capacity + 1;
                history.replace(state, free_places + (capacity - left - 1), me);
            }
        });
    }

    fn capacity(&self, channel: ObjectId) -> Option<usize> {
        let ObjectKind::Channel { capacity: Capacity::Bounded(capacity), .. } =
            &self.semantics.program.object(channel).kind
        else {
            return None;
        };
        Some(usize::try_from(*capacity).expect("u32 fits into usize"))
    }

    /// A message in this place carries what the thread knows.
    pub(super) fn publish_message_at(&mut self, channel: ObjectId, place: usize) {
        self.with_history(|history, state, me| history.replace(state, history.objects[&channel] + 1 + place, me));
    }

    /// The thread learns what the message in this place carries.
    pub(super) fn learn_message_at(&mut self, channel: ObjectId, place: usize) {
        self.with_history(|history, state, me| history.join(state, me, history.objects[&channel] + 1 + place));
    }

    /// The message in the first place is dropped; `left` messages stay.
    pub(super) fn forget_first_message(&mut self, channel: ObjectId, left: usize) {
        self.with_history(|history, state, _| history.shift_down(state, history.objects[&channel] + 1, left));
    }

    /// Closing happens before a receive of `closed`.
    pub(super) fn publish_close(&mut self, channel: ObjectId) {
        self.release(channel);
    }

    /// The other end of `publish_close`.
    pub(super) fn learn_close(&mut self, channel: ObjectId) {
        self.acquire(channel);
    }

    /// An indivisible block happens after all earlier ones.
    pub(super) fn acquire_block_order(&mut self) {
        self.with_history(|history, state, me| history.join(state, me, history.block));
    }

    /// An indivisible block happens before all later ones.
    pub(super) fn release_block_order(&mut self) {
        self.with_history(|history, state, me| history.join(state, history.block, me));
    }
}

fn all_touches() -> [Touch; TOUCHES] {
    let touch = |kind, atomic| Touch { kind, atomic };
    [
        touch(AccessKind::Read, false),
        touch(AccessKind::Write, false),
        touch(AccessKind::Read, true),
        touch(AccessKind::Write, true),
    ]
}

/// Whether a thread can learn about another one without a happens-before edge.
fn flows_without_order(program: &Program) -> bool {
    let mut receivers: BTreeMap<ObjectId, BTreeSet<ThreadId>> = BTreeMap::new();
    let waits = wait_mutexes(program);
    for (position, code) in program.codes.iter().enumerate() {
        let threads: Vec<ThreadId> =
            program.thread_ids().filter(|thread| program.thread(*thread).code == CodeId::new(position)).collect();
        if threads.is_empty() {
            continue;
        }
        let held = lockset::held(code);
        for (instr, held) in code.instrs.iter().zip(&held) {
            let (InstrKind::Op(op), Some(held)) = (&instr.kind, held) else { continue };
            if looks_without_order(op) {
                return true;
            }
            if let Op::Condvar { condvar, op } = op
                && op.waits_with().is_none()
                && !notified_under_lock(condvar, held, &waits)
            {
                return true;
            }
            if let Op::Channel { channel, op: ChannelOp::Recv { .. } } = op {
                for channel in lockset::candidates(channel) {
                    receivers.entry(channel).or_default().extend(threads.iter().copied());
                }
            }
        }
    }
    receivers.values().any(|threads| threads.len() > 1)
}

/// Operations whose answer depends on other threads without ordering anything.
fn looks_without_order(op: &Op) -> bool {
    match op {
        Op::Mutex { op, .. } => {
            matches!(op, MutexOp::TryLock { .. } | MutexOp::LockTimeout { .. } | MutexOp::IsLocked { .. })
        }
        Op::RwLock { op, .. } => matches!(op, RwLockOp::TryRead { .. } | RwLockOp::TryWrite { .. }),
        Op::Semaphore { op, .. } => matches!(op, SemaphoreOp::TryAcquire { .. } | SemaphoreOp::AcquireTimeout { .. }),
        Op::Barrier { op, .. } => !matches!(op, BarrierOp::Wait { .. }),
        // Whether it has fired, and that it was started or cancelled before.
        Op::Timer { op, .. } => !matches!(op, TimerOp::Fire),
        // That the block is not finished yet.
        Op::Once { op, .. } => matches!(op, OnceOp::IsCompleted { .. }),
        Op::Event { op, .. } => matches!(op, EventOp::IsSet { .. } | EventOp::WaitTimeout { .. }),
        Op::Channel { op, .. } => {
            matches!(
                op,
                ChannelOp::TrySend { .. }
                    | ChannelOp::TryRecv { .. }
                    | ChannelOp::RecvTimeout { .. }
                    | ChannelOp::Len { .. }
            )
        }
        Op::Thread { op, .. } => matches!(op, ThreadOp::IsAlive { .. }),
        Op::Spawn { op, .. } => matches!(op, SpawnOp::IsFinished { .. }),
        Op::Atomic { op, .. } => match op {
            AtomicOp::Load { ordering, .. } | AtomicOp::Store { ordering, .. } => {
                *ordering == crate::program::Ordering::Plain
            }
            AtomicOp::Rmw { .. } | AtomicOp::CompareExchange { .. } => false,
        },
        // Whether a send came too late, and that somebody else has received.
        Op::Oneshot { op, .. } => !matches!(op, OneshotOp::Close),
        Op::Watch { op, .. } => matches!(op, WatchOp::HasChanged { .. }),
        // That values were missed, or are still kept for others.
        Op::Broadcast { op, .. } => matches!(op, BroadcastOp::Recv { .. } | BroadcastOp::Len { .. }),
        // Everything on a queue is ordered.
        Op::Queue { .. } => false,
        Op::Condvar { op, .. } => matches!(op, CondvarOp::WaitTimeout { .. }),
        Op::Var { .. } | Op::Fence(_) | Op::Pause(_) | Op::Choice(_) | Op::End => false,
    }
}

/// The mutexes that waits on each condition variable use; `None` stands for one that the text does not name alone.
fn wait_mutexes(program: &Program) -> BTreeMap<ObjectId, BTreeSet<Option<ObjectId>>> {
    let mut waits: BTreeMap<ObjectId, BTreeSet<Option<ObjectId>>> = BTreeMap::new();
    for instr in program.codes.iter().flat_map(|code| &code.instrs) {
        if let InstrKind::Op(Op::Condvar { condvar, op }) = &instr.kind
            && let Some(mutex) = op.waits_with()
        {
            for condvar in lockset::candidates(condvar) {
                waits.entry(condvar).or_default().insert(lockset::constant(mutex));
            }
        }
    }
    waits
}

/// Whether every wait that the notification could end uses a mutex that the notifier holds.
fn notified_under_lock(
    condvar: &LocalObject,
    held: &BTreeSet<Guard>,
    waits: &BTreeMap<ObjectId, BTreeSet<Option<ObjectId>>>,
) -> bool {
    let mutexes = lockset::candidates(condvar).into_iter().filter_map(|condvar| waits.get(&condvar)).flatten();
    mutexes.into_iter().all(|mutex| mutex.is_some_and(|mutex| held.contains(&Guard::Mutex(mutex))))
}
