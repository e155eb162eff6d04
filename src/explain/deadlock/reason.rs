//! Why one thread waits: what is missing, who has it, since which step.

use super::Story;
use crate::explain::users::Partner;
use crate::explain::{users, words};
use crate::finding::{BlockCause, Blocked, DeadlockScope};
use crate::program::{
    Capacity, InstrKind, Line, MutexKind, ObjectId, ObjectKind, Op, Preference, SemaphoreOp, Service, ThreadId,
    WakeUps, WatchOp,
};
use crate::schedule::Pick;
use std::collections::BTreeMap;

impl Story<'_> {
    pub(super) fn reasons(&self, waiter: &Blocked) -> String {
        format!("{}{}", self.reason(waiter), self.before_it(waiter))
    }

    fn reason(&self, waiter: &Blocked) -> String {
        let object = |id| words::object(self.program, id);
        match waiter.cause {
            BlockCause::Held { mutex, holder } if self.is_once(mutex) => self.run_by(waiter.thread, mutex, holder),
            BlockCause::Held { mutex, holder } => self.held(waiter.thread, mutex, holder, ""),
            BlockCause::Written { rwlock, writer } => self.held(waiter.thread, rwlock, writer, " for writing"),
            BlockCause::BeingRead { rwlock, readers } => {
                let readers = words::threads(readers);
                let readers: Vec<String> =
                    readers.map(|reader| self.held(waiter.thread, rwlock, reader, " for reading")).collect();
                readers.join("; ")
            }
            BlockCause::Behind { object, ahead } => {
                let rule = self.behind(waiter.thread, object, ahead);
                let wants_back =
                    matches!(self.program.instr(waiter.thread, waiter.pc).kind, InstrKind::Op(Op::Condvar { .. }));
                if wants_back { format!("{}: {rule}", self.woken_for(waiter.thread, object)) } else { rule }
            }
            BlockCause::Reacquire { mutex, holder } => {
                let woken = self.woken_for(waiter.thread, mutex);
                format!("{woken}: {}", self.held(waiter.thread, mutex, holder, ""))
            }
            BlockCause::NotNotified { condvar } => {
                let reason = if self.has_helpers(waiter) {
                    format!("nobody notifies {} any more", object(condvar))
                } else {
                    format!("no other thread ever notifies {}", object(condvar))
                };
                let kind = &self.program.object(condvar).kind;
                if matches!(kind, ObjectKind::Condvar { wake_ups: WakeUps::Spurious, .. }) {
                    format!("{reason}; it may wake for no reason, but must not count on that")
                } else {
                    reason
                }
            }
            BlockCause::NoPermit { semaphore } => {
                let mut takers: BTreeMap<ThreadId, Vec<Line>> = BTreeMap::new();
                for place in self.ledger.permits(semaphore) {
                    takers.entry(place.thread).or_default().push(words::line(self.program, place.thread, place.pc));
                }
                let takers: Vec<String> = takers
                    .into_iter()
                    .map(|(thread, lines)| {
                        let permits = if lines.len() == 1 { String::new() } else { format!("{} ", lines.len()) };
                        format!("{permits}by {} ({})", words::thread(self.program, thread), words::lines(lines))
                    })
                    .collect();
                if takers.is_empty() {
                    self.lacks(waiter, semaphore)
                } else {
                    format!("{}: taken and not given back {}", self.lacks(waiter, semaphore), words::list(&takers))
                }
            }
            BlockCause::NotAll { barrier } => self.shortfall(barrier),
            BlockCause::NotSet { event } => match self.ledger.set_and_cleared(event) {
                Some((set, cleared)) => format!(
                    "{} is not set: {} set it ({}) and {} cleared it again ({}) before the wait could end",
                    object(event),
                    words::thread(self.program, set.thread),
                    words::at(self.program, set),
                    words::thread(self.program, cleared.thread),
                    words::at(self.program, cleared),
                ),
                None => format!("{} is not set", object(event)),
            },
            BlockCause::Full { channel } => {
                let kind = &self.program.object(channel).kind;
                if let ObjectKind::Channel { capacity: Capacity::Bounded(capacity), .. } = kind {
                    let room = words::count(usize::try_from(*capacity).unwrap_or(usize::MAX), "message");
                    format!("{} is full ({room})", object(channel))
                } else if let ObjectKind::Queue { room: Some(room), .. } = kind {
                    let room = words::count(usize::try_from(*room).unwrap_or(usize::MAX), "item");
                    format!("{} is full ({room})", object(channel))
                } else {
                    format!("{} is full", object(channel))
                }
            }
            BlockCause::Empty { channel } if self.is_queue(channel) => format!("{} is empty", object(channel)),
            BlockCause::Empty { channel } => self.nothing_for(waiter, channel),
            BlockCause::Unfinished { queue } => self.unfinished(queue),
            BlockCause::NoPartner { channel } => match users::partner(self.program, waiter.thread, waiter.pc) {
                Some(Partner::Receiver) => format!("nobody receives from {}", object(channel)),
                Some(Partner::Sender) => format!("nobody sends into {}", object(channel)),
                None => format!("{} has no partner for it", object(channel)),
            },
            BlockCause::NotEnded { thread } if thread == waiter.thread => "it waits for its own end".to_owned(),
            BlockCause::NotEnded { thread } => {
                format!("{} has not ended{}", words::thread(self.program, thread), self.because(thread))
            }
            BlockCause::ConditionFalse => format!("its condition is false{}", self.condition(waiter)),
            BlockCause::Unknown => "the engine does not know for what".to_owned(),
        }
    }

    /// What has ended a wait, whose thread needs its mutex back.
    fn woken_for(&self, waiter: ThreadId, mutex: ObjectId) -> String {
        let ended_by = self.ledger.wait(waiter).and_then(|wait| wait.ended_by);
        let woken = if ended_by == Some(Pick::Spurious) {
            "woken for no reason, and needs"
        } else if ended_by.is_some() {
            "its time-out has fired, and it needs"
        } else {
            "notified, and needs"
        };
        format!("{woken} {} back", words::object(self.program, mutex))
    }

    pub(super) fn is_once(&self, object: ObjectId) -> bool {
        self.program.object(object).kind == ObjectKind::Once
    }

    pub(super) fn is_queue(&self, object: ObjectId) -> bool {
        matches!(self.program.object(object).kind, ObjectKind::Queue { .. })
    }

    /// How many items of a queue are not finished, and how many there were.
    fn unfinished(&self, queue: ObjectId) -> String {
        let name = words::object(self.program, queue);
        match self.ledger.items(queue) {
            // An engine that does not tell which queue it was.
            (_, 0) => format!("{name} has items that are not finished"),
            (put, 1) => format!("{name} has 1 item that is not finished ({put} put in)"),
            (put, unfinished) => format!("{name} has {unfinished} items that are not finished ({put} put in)"),
        }
    }

    /// What the variables and atomics hold that the condition of a `when` reads, as an addition.
    fn condition(&self, waiter: &Blocked) -> String {
        let reads = users::condition_reads(self.program, waiter.thread, waiter.pc);
        let value = |id: ObjectId| {
            let object = self.program.object(id);
            let now = self.ledger.memory(id).or(object.kind.initial())?;
            Some(format!("`{}` is {now}", object.name))
        };
        let values: Vec<String> = reads.into_iter().filter_map(value).collect();
        if values.is_empty() { String::new() } else { format!(": {}", words::list(&values)) }
    }

    /// How many threads a barrier needs, and how many wait there.
    fn shortfall(&self, barrier: ObjectId) -> String {
        let at_it = |blocked: &&Blocked| blocked.cause == BlockCause::NotAll { barrier };
        let here = self.blocked.iter().filter(at_it).count();
        let name = words::object(self.program, barrier);
        let ObjectKind::Barrier { threads } = self.program.object(barrier).kind else {
            return format!("{name} lets nobody through");
        };
        let needs = words::count(usize::try_from(threads).unwrap_or(usize::MAX), "thread");
        format!("{name} lets {needs} through together, and {here} {} here", if here == 1 { "waits" } else { "wait" })
    }

    /// That a channel, of whatever kind, has nothing for its waiter.
    fn nothing_for(&self, waiter: &Blocked, channel: ObjectId) -> String {
        let name = words::object(self.program, channel);
        let instr = self.program.instr(waiter.thread, waiter.pc);
        if matches!(instr.kind, InstrKind::Op(Op::Watch { op: WatchOp::WaitFor { .. }, .. })) {
            format!("{name} has another value")
        } else if matches!(instr.kind, InstrKind::Op(Op::Watch { .. } | Op::Broadcast { .. })) {
            format!("{name} has nothing new for it and is open")
        } else {
            format!("{name} is empty and open")
        }
    }

    /// That a semaphore has not the permits that its waiter wants.
    fn lacks(&self, waiter: &Blocked, semaphore: ObjectId) -> String {
        let name = words::object(self.program, semaphore);
        let instr = self.program.instr(waiter.thread, waiter.pc);
        if let InstrKind::Op(Op::Semaphore { op: SemaphoreOp::Acquire { permits, .. }, .. }) = &instr.kind
            && *permits > 1
        {
            return format!("{name} has fewer than {permits} permits");
        }
        format!("{name} has no permit")
    }

    /// Who goes first, and by which rule.
    fn behind(&self, waiter: ThreadId, object: ObjectId, ahead: u64) -> String {
        let name = words::object(self.program, object);
        let ahead: Vec<String> = words::threads(ahead).map(|thread| self.waiting(thread)).collect();
        let (several, ahead) = (ahead.len() > 1, words::list(&ahead));
        let preferred = |purpose: &str, option: &str, other: &str| {
            let wait = if several { "wait" } else { "waits" };
            format!("{ahead} {wait} to {purpose}, and under `{option}` nobody begins to {other} {name} before that")
        };
        let in_order = || format!("{ahead} came to {name} before it, and {name} serves in order of arrival");
        let ObjectKind::RwLock(preference) = self.program.object(object).kind else { return in_order() };
        let itself = self.ledger.taken(object, waiter).map(|place| words::at(self.program, place));
        match (preference, itself) {
            (Preference::Writers, Some(since)) => {
                let rule = preferred("write", "writer_preference", "read");
                format!("{rule}; it reads {name} already since {since}: this is a recursive read")
            }
            (Preference::Writers, None) => preferred("write", "writer_preference", "read"),
            (Preference::Readers, _) => preferred("read", "reader_preference", "write"),
            (Preference::Fifo, Some(since)) => {
                format!("{}; it holds {name} itself since {since}: this is a recursive read", in_order())
            }
            (Preference::Fifo | Preference::Anybody, _) => in_order(),
        }
    }

    /// A thread of this deadlock, and the line where it waits.
    fn waiting(&self, thread: ThreadId) -> String {
        let name = words::thread(self.program, thread);
        self.find(thread).map_or(name.clone(), |at| format!("{name} ({})", words::at_line(self.program, thread, at.pc)))
    }

    /// Who stands before a thread in a line, where the reason speaks of something else.
    fn before_it(&self, waiter: &Blocked) -> String {
        let Some(object) = waiter.cause.object() else { return String::new() };
        if matches!(waiter.cause, BlockCause::Behind { .. }) || !serves_in_order(&self.program.object(object).kind) {
            return String::new();
        }
        let line = self.ledger.line(object).iter().map(|place| place.thread);
        let before: Vec<String> =
            line.take_while(|thread| *thread != waiter.thread).map(|thread| self.waiting(thread)).collect();
        if before.is_empty() { String::new() } else { format!("; before it in the line: {}", words::list(&before)) }
    }

    /// Who holds a lock, and since when; `how`: for which purpose, where there are several.
    fn held(&self, waiter: ThreadId, lock: ObjectId, holder: ThreadId, how: &str) -> String {
        let taken = self.ledger.taken(lock, holder);
        let since = taken.map_or_else(String::new, |place| format!(" since {}", words::at(self.program, place)));
        let lock = words::object(self.program, lock);
        if holder == waiter {
            format!("it holds {lock} itself{how}{since}")
        } else {
            let holder_name = words::thread(self.program, holder);
            format!("{holder_name} holds {lock}{how}{since}{}", self.because(holder))
        }
    }

    /// Who runs the block of a once, and since when.
    fn run_by(&self, waiter: ThreadId, once: ObjectId, runner: ThreadId) -> String {
        let since = self.ledger.running(once);
        let since = since.map_or_else(String::new, |place| format!(" since {}", words::at(self.program, place)));
        let once = words::object(self.program, once);
        if runner == waiter {
            format!("it runs the block of {once} itself{since}, and the call stands inside it")
        } else {
            let name = words::thread(self.program, runner);
            format!("{name} runs the block of {once}{since}{}", self.because(runner))
        }
    }

    /// Why that thread does not go on, as an addition to a sentence about it.
    pub(super) fn because(&self, thread: ThreadId) -> String {
        match (self.find(thread), self.scope) {
            (Some(_), _) => ", and waits itself".to_owned(),
            (None, DeadlockScope::Whole) if self.program.thread(thread).daemon => String::new(),
            (None, DeadlockScope::Whole) => ", and has ended".to_owned(),
            (None, DeadlockScope::Partial) => String::new(),
        }
    }
}

/// Whether an object is handed over in order of arrival.
fn serves_in_order(kind: &ObjectKind) -> bool {
    matches!(
        kind,
        ObjectKind::Mutex(MutexKind::Fifo)
            | ObjectKind::RwLock(Preference::Fifo)
            | ObjectKind::Semaphore { service: Service::Fifo, .. }
    )
}
