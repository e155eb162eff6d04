//! Happens-before of the log by vector clocks, and the races it shows.
//!
//! Edges are the language's own: unlock to later lock (of a reader-writer lock: not between two readers), release to acquire, each message from its send to its receive,
//! the k-th receive to the (k + capacity)-th send, close to the receive that sees it, end to join, and for atomics what
//! C11 says about the store that was read. A notification is no edge. Two accesses race if they conflict and neither
//! happens before the other, whether or not they are neighbours in the log.

use super::backend::Stamp;
use crate::finding::{Access, AccessKind};
use crate::program::{Memory, ObjectId, Ordering, Pc, ThreadId};

/// Clocks of one execution.
#[derive(Clone, Debug)]
pub(crate) struct Order {
    memory: Memory,
    threads: Vec<ThreadClocks>,
    objects: Vec<ObjectClocks>,
    /// What every finished thread knew at its end.
    ends: Vec<Clock>,
    /// What the last indivisible block knew at its end.
    blocks: Clock,
}

/// For each thread: how many of its steps are known.
#[derive(Clone, Debug, Default)]
struct Clock(Vec<u32>);

#[derive(Clone, Debug)]
struct ThreadClocks {
    /// What the thread knows.
    now: Clock,
    /// What an acquire fence would add: the messages of the stores it has read.
    read: Clock,
    /// What it knew at its last release fence: goes with its relaxed stores.
    fenced: Clock,
}

#[derive(Clone, Debug, Default)]
struct ObjectClocks {
    /// What was known at the releases so far: unlocks, releases of permits, the closing of a channel.
    released: Clock,
    /// Reader-writer locks: what was known at the unlocks of readers.
    released_by_readers: Clock,
    /// Atomics: the message of each store. Channels: the clock of each send.
    messages: Vec<Clock>,
    /// Channels: the clock of each receive.
    receives: Vec<Clock>,
    /// Variables and atomics: each thread's last access at each place.
    accesses: Vec<Accessed>,
}

#[derive(Clone, Copy, Debug)]
struct Accessed {
    access: Access,
    atomic: bool,
    epoch: u32,
}

/// What a thread knows and has accessed.
#[derive(Debug)]
pub(crate) struct Standing {
    clocks: ThreadClocks,
    /// By object.
    accesses: Vec<Vec<Accessed>>,
}

/// An access as it happens.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Touch {
    /// Who.
    pub(crate) thread: ThreadId,
    /// Where.
    pub(crate) pc: Pc,
    /// Read or write.
    pub(crate) kind: AccessKind,
    /// Whether it is an atomic access; two of these never race.
    pub(crate) atomic: bool,
}

impl Clock {
    fn join(&mut self, other: &Clock) {
        if self.0.len() < other.0.len() {
            self.0.resize(other.0.len(), 0);
        }
        for (mine, theirs) in self.0.iter_mut().zip(&other.0) {
            *mine = (*mine).max(*theirs);
        }
    }

    fn of(&self, thread: ThreadId) -> u32 {
        self.0.get(thread.index()).copied().unwrap_or(0)
    }
}

impl Order {
    /// Nothing has happened; nobody knows of anybody.
    pub(crate) fn new(memory: Memory, threads: usize, objects: usize) -> Self {
        let clocks = |thread: usize| {
            let mut now = vec![0; threads];
            now[thread] = 1;
            ThreadClocks { now: Clock(now), read: Clock::default(), fenced: Clock::default() }
        };
        Self {
            memory,
            threads: (0..threads).map(clocks).collect(),
            objects: vec![ObjectClocks::default(); objects],
            ends: vec![Clock::default(); threads],
            blocks: Clock::default(),
        }
    }

    /// What the thread knows now; what it does from here on is not part of it.
    fn hand_out(&mut self, thread: ThreadId) -> Clock {
        let now = &mut self.threads[thread.index()].now;
        let clock = now.clone();
        now.0[thread.index()] += 1;
        clock
    }

    /// What the thread has done so far is known to whoever acquires the object.
    pub(crate) fn release(&mut self, thread: ThreadId, object: ObjectId) {
        let clock = self.hand_out(thread);
        self.objects[object.index()].released.join(&clock);
    }

    /// The thread knows what was released so far.
    pub(crate) fn acquire(&mut self, thread: ThreadId, object: ObjectId) {
        self.threads[thread.index()].now.join(&self.objects[object.index()].released);
    }

    /// What a reader has done so far is known to whoever writes under the lock later.
    pub(crate) fn release_as_reader(&mut self, thread: ThreadId, rwlock: ObjectId) {
        let clock = self.hand_out(thread);
        self.objects[rwlock.index()].released_by_readers.join(&clock);
    }

    /// A writer knows what earlier readers and writers did.
    pub(crate) fn acquire_as_writer(&mut self, thread: ThreadId, rwlock: ObjectId) {
        let clocks = &self.objects[rwlock.index()];
        let now = &mut self.threads[thread.index()].now;
        now.join(&clocks.released);
        now.join(&clocks.released_by_readers);
    }

    /// All of these threads know what was released so far, which is over with it.
    pub(crate) fn hand_out_to(&mut self, threads: &[ThreadId], object: ObjectId) {
        let released = std::mem::take(&mut self.objects[object.index()].released);
        for thread in threads {
            self.threads[thread.index()].now.join(&released);
        }
    }

    /// What was released so far is over, and nobody knows it.
    pub(crate) fn forget(&mut self, object: ObjectId) {
        self.objects[object.index()].released = Clock::default();
    }

    /// The thread starts another one, which knows what it knows.
    pub(crate) fn start(&mut self, thread: ThreadId, started: ThreadId) {
        let clock = self.hand_out(thread);
        self.threads[started.index()].now.join(&clock);
    }

    /// The thread has ended.
    pub(crate) fn end(&mut self, thread: ThreadId) {
        self.ends[thread.index()] = self.hand_out(thread);
    }

    /// The thread knows what the other one did.
    pub(crate) fn join(&mut self, thread: ThreadId, ended: ThreadId) {
        self.threads[thread.index()].now.join(&self.ends[ended.index()]);
    }

    /// An indivisible block begins: all of them are ordered among each other.
    pub(crate) fn enter_block(&mut self, thread: ThreadId) {
        self.threads[thread.index()].now.join(&self.blocks);
    }

    /// It ends.
    pub(crate) fn leave_block(&mut self, thread: ThreadId) {
        let clock = self.hand_out(thread);
        self.blocks.join(&clock);
    }

    /// Where a thread stands before it looks at the condition of a block.
    pub(crate) fn standing(&self, thread: ThreadId) -> Standing {
        let own = |accesses: &Vec<Accessed>| {
            accesses.iter().filter(|accessed| accessed.access.thread == thread).copied().collect()
        };
        Standing {
            clocks: self.threads[thread.index()].clone(),
            accesses: self.objects.iter().map(|object| own(&object.accesses)).collect(),
        }
    }

    /// The condition was false: the thread has accessed nothing and learnt nothing. What others did meanwhile stays.
    pub(crate) fn step_back(&mut self, thread: ThreadId, standing: Standing) {
        self.threads[thread.index()] = standing.clocks;
        for (object, own) in self.objects.iter_mut().zip(standing.accesses) {
            object.accesses.retain(|accessed| accessed.access.thread != thread);
            object.accesses.extend(own);
        }
    }

    /// A message is put into a channel with room for `capacity` (`None`: any number).
    pub(crate) fn send(&mut self, thread: ThreadId, channel: ObjectId, capacity: Option<usize>) {
        let clocks = &self.objects[channel.index()];
        let freed = capacity.and_then(|capacity| clocks.messages.len().checked_sub(capacity));
        if let Some(receive) = freed.and_then(|position| clocks.receives.get(position)) {
            self.threads[thread.index()].now.join(receive);
        }
        let clock = self.hand_out(thread);
        self.objects[channel.index()].messages.push(clock);
    }

    /// The oldest message that was not received yet is received.
    pub(crate) fn receive(&mut self, thread: ThreadId, channel: ObjectId) {
        let clocks = &self.objects[channel.index()];
        if let Some(message) = clocks.messages.get(clocks.receives.len()) {
            self.threads[thread.index()].now.join(message);
        }
        let clock = self.hand_out(thread);
        self.objects[channel.index()].receives.push(clock);
    }

    /// A message that may go to several receivers is received: the one with this number.
    pub(crate) fn learn_message(&mut self, thread: ThreadId, channel: ObjectId, number: usize) {
        if let Some(message) = self.objects[channel.index()].messages.get(number) {
            self.threads[thread.index()].now.join(message);
        }
    }

    /// A rendezvous: `receiver` takes the message of `sender`, which has arrived before; both know of each other.
    pub(crate) fn meet(&mut self, sender: ThreadId, receiver: ThreadId) {
        let sent = self.hand_out(sender);
        self.threads[receiver.index()].now.join(&sent);
        let received = self.hand_out(receiver);
        self.threads[sender.index()].now.join(&received);
    }

    /// A load that read the store with this stamp.
    pub(crate) fn load(&mut self, thread: ThreadId, atomic: ObjectId, stamp: Stamp, ordering: Ordering) {
        let Some(message) = self.objects[atomic.index()].messages.get(stamp.0) else { return };
        let clocks = &mut self.threads[thread.index()];
        if self.memory == Memory::Sc && ordering != Ordering::Plain || acquires(ordering) {
            clocks.now.join(message);
        }
        clocks.read.join(message);
    }

    /// A store that got this stamp; `continues`: the store that a read-modify-write has read, whose message goes on.
    pub(crate) fn store(
        &mut self,
        thread: ThreadId,
        atomic: ObjectId,
        stamp: Stamp,
        ordering: Ordering,
        continues: Option<Stamp>,
    ) {
        let mut message = if self.memory == Memory::Sc && ordering != Ordering::Plain || releases(ordering) {
            self.hand_out(thread)
        } else {
            self.threads[thread.index()].fenced.clone()
        };
        let messages = &mut self.objects[atomic.index()].messages;
        if let Some(before) = continues.and_then(|stamp| messages.get(stamp.0)) {
            message.join(before);
        }
        if messages.len() <= stamp.0 {
            messages.resize_with(stamp.0 + 1, Clock::default);
        }
        messages[stamp.0] = message;
    }

    /// A fence.
    pub(crate) fn fence(&mut self, thread: ThreadId, ordering: Ordering) {
        if acquires(ordering) {
            let clocks = &mut self.threads[thread.index()];
            clocks.now.join(&clocks.read);
        }
        if releases(ordering) {
            let clock = self.hand_out(thread);
            self.threads[thread.index()].fenced = clock;
        }
    }

    /// An access of a variable or an atomic; gives the earlier accesses it races with.
    pub(crate) fn access(&mut self, object: ObjectId, touch: Touch) -> Vec<Access> {
        let now = &self.threads[touch.thread.index()].now;
        let accesses = &mut self.objects[object.index()].accesses;
        let conflicts = |earlier: &&Accessed| {
            earlier.access.thread != touch.thread
                && (earlier.access.kind == AccessKind::Write || touch.kind == AccessKind::Write)
                && !(earlier.atomic && touch.atomic)
                && earlier.epoch > now.of(earlier.access.thread)
        };
        let races = accesses.iter().filter(conflicts).map(|earlier| earlier.access).collect();
        let access = Access { thread: touch.thread, pc: touch.pc, kind: touch.kind };
        let epoch = now.of(touch.thread);
        let latest = Accessed { access, atomic: touch.atomic, epoch };
        // Who races with an earlier access of the same thread and kind races with the latest as well.
        let same = |known: &&mut Accessed| {
            (known.access.thread, known.access.kind, known.atomic) == (access.thread, access.kind, latest.atomic)
        };
        match accesses.iter_mut().find(same) {
            Some(known) => *known = latest,
            None => accesses.push(latest),
        }
        races
    }
}

fn acquires(ordering: Ordering) -> bool {
    match ordering {
        Ordering::Acquire | Ordering::AcqRel | Ordering::SeqCst => true,
        Ordering::Plain | Ordering::Relaxed | Ordering::Release => false,
    }
}

fn releases(ordering: Ordering) -> bool {
    match ordering {
        Ordering::Release | Ordering::AcqRel | Ordering::SeqCst => true,
        Ordering::Plain | Ordering::Relaxed | Ordering::Acquire => false,
    }
}
