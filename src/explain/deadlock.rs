//! Deadlocks: the wait-for table, rings of locks and joins, lost notifications.
//!
//! A cause is named only where the trace proves it; a deadlock that none of the definitions fits has no cause here.

use super::ledger::{Ledger, Notification, Wait};
use super::recipient::{Misdirected, Useless, WouldRead, misdirected};
use super::users::{self, Help, Helper, Partner};
use super::{Explanation, WaitRow, operation, reach, words};
use crate::finding::{BlockCause, Blocked, DeadlockScope, Event, Target};
use crate::program::{
    Capacity, DeadlockCause, InstrKind, Line, MutexKind, ObjectId, ObjectKind, Op, Pc, Preference, Program,
    SemaphoreOp, Service, ThreadId, WakeUps, WatchOp,
};
use crate::schedule::Pick;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

pub(super) fn explain(program: &Program, events: &[Event], scope: DeadlockScope, blocked: &[Blocked]) -> Explanation {
    let story = Story::of(program, events, scope, blocked);
    let ring = story.ring();
    let cause = story.cause(&ring);
    let kind = match scope {
        DeadlockScope::Whole => "deadlock",
        DeadlockScope::Partial => "partial deadlock",
    };
    Explanation {
        what: cause.map_or_else(|| kind.to_owned(), |cause| format!("{kind} ({})", cause.word())),
        headline: story.headline(&ring),
        waits: story.rows(),
        facts: story.notifications(),
    }
}

/// Why these threads wait for ever, where that is certain.
pub(super) fn cause(
    program: &Program,
    events: &[Event],
    scope: DeadlockScope,
    blocked: &[Blocked],
) -> Option<DeadlockCause> {
    let story = Story::of(program, events, scope, blocked);
    story.cause(&story.ring())
}

/// One thread that waits, after the steps of a ledger; not for ever, so nobody is said to have failed to help it.
pub(super) fn row(program: &Program, ledger: Ledger, waiter: &Blocked) -> WaitRow {
    let blocked = std::slice::from_ref(waiter);
    let story = Story { program, scope: DeadlockScope::Partial, blocked, ledger, misdirected: BTreeMap::new() };
    let row = story.row(waiter);
    let reason = if let BlockCause::NotNotified { condvar } = waiter.cause {
        format!("it waits for a notification of {}", words::object(program, condvar))
    } else {
        row.reason
    };
    WaitRow { reason, helpers: Vec::new(), ..row }
}

struct Story<'a> {
    program: &'a Program,
    scope: DeadlockScope,
    blocked: &'a [Blocked],
    ledger: Ledger,
    /// The notifications that threads needed and others got.
    misdirected: BTreeMap<ThreadId, Misdirected>,
}

impl<'a> Story<'a> {
    fn of(program: &'a Program, events: &[Event], scope: DeadlockScope, blocked: &'a [Blocked]) -> Self {
        let ledger = Ledger::after(program, events);
        let misdirected = misdirected(program, events, scope, blocked, &ledger);
        Self { program, scope, blocked, ledger, misdirected }
    }

    /// The threads each of which a wait is for, where it is for certain ones: the holders of a lock, or a thread to be
    /// joined.
    fn waits_for(waiter: &Blocked) -> Vec<ThreadId> {
        match waiter.cause {
            BlockCause::Held { holder, .. } | BlockCause::Reacquire { holder, .. } => vec![holder],
            BlockCause::Written { writer, .. } => vec![writer],
            BlockCause::BeingRead { readers: those, .. } | BlockCause::Behind { ahead: those, .. } => {
                words::threads(those).collect()
            }
            BlockCause::NotEnded { thread } => vec![thread],
            BlockCause::NotNotified { .. }
            | BlockCause::NoPermit { .. }
            | BlockCause::NotAll { .. }
            | BlockCause::NotSet { .. }
            | BlockCause::Full { .. }
            | BlockCause::Empty { .. }
            | BlockCause::NoPartner { .. }
            | BlockCause::Unfinished { .. }
            | BlockCause::ConditionFalse
            | BlockCause::Unknown => Vec::new(),
        }
    }

    fn find(&self, thread: ThreadId) -> Option<&Blocked> {
        self.blocked.iter().find(|blocked| blocked.thread == thread)
    }

    /// The shortest way from one thread of this deadlock to another, each waiting for the next; the last is the first
    /// that is a goal, and no thread is one before it has been waited for.
    fn way<'s>(&'s self, start: &'s Blocked, is_goal: impl Fn(&Blocked) -> bool) -> Option<Vec<&'s Blocked>> {
        let mut ways = VecDeque::from([vec![start]]);
        let mut seen = BTreeSet::new();
        while let Some(way) = ways.pop_front() {
            for next in Self::waits_for(way.last()?).into_iter().filter_map(|next| self.find(next)) {
                let longer: Vec<&Blocked> = way.iter().copied().chain([next]).collect();
                if is_goal(next) {
                    return Some(longer);
                }
                if seen.insert(next.thread) {
                    ways.push_back(longer);
                }
            }
        }
        None
    }

    /// The ring of threads that wait for each other, if there is one, from the thread declared first.
    fn ring(&self) -> Vec<&Blocked> {
        let mut ring = self.blocked.iter().find_map(|start| self.way(start, |next| next.thread == start.thread));
        if let Some(ring) = &mut ring {
            ring.pop();
        }
        ring.unwrap_or_default()
    }

    /// Where the chain of holders and joined threads ends that begins at this thread; `None` where it does not lead to
    /// a thread of this deadlock.
    fn root<'s>(&'s self, waiter: &'s Blocked, ring: &[&Blocked]) -> Option<&'s Blocked> {
        let ends =
            |at: &Blocked| Self::waits_for(at).is_empty() || ring.iter().any(|member| member.thread == at.thread);
        if ends(waiter) { Some(waiter) } else { self.way(waiter, ends)?.pop() }
    }

    fn cause(&self, ring: &[&Blocked]) -> Option<DeadlockCause> {
        let mut causes = self.blocked.iter().map(|waiter| {
            let root = self.root(waiter, ring)?;
            if ring.iter().any(|member| member.thread == root.thread) { ring_cause(ring) } else { self.own_cause(root) }
        });
        let first = causes.next()??;
        causes.try_fold(first, |all, cause| Some(if cause? == all { all } else { DeadlockCause::Mixed }))
    }

    /// The cause of a wait that is not for one certain thread.
    fn own_cause(&self, waiter: &Blocked) -> Option<DeadlockCause> {
        match waiter.cause {
            BlockCause::NotNotified { condvar } => {
                if !self.has_helpers(waiter) {
                    return Some(DeadlockCause::NoNotifier);
                }
                let wait = self.ledger.wait(waiter.thread).filter(|wait| wait.condvar == condvar)?;
                if self.lost(waiter.thread, wait).is_some() {
                    return Some(DeadlockCause::LostWakeup);
                }
                let missed = self.misdirected.contains_key(&waiter.thread) || self.who_missed_its_own(waiter).is_some();
                missed.then_some(DeadlockCause::WrongRecipient)
            }
            BlockCause::NoPermit { .. } => Some(DeadlockCause::Permits),
            BlockCause::NotAll { .. } => Some(DeadlockCause::BarrierShortfall),
            BlockCause::NotSet { .. } => Some(DeadlockCause::EventNeverSet),
            BlockCause::Full { .. } => Some(DeadlockCause::ChannelFull),
            BlockCause::Empty { .. } => Some(DeadlockCause::ChannelEmpty),
            BlockCause::NoPartner { .. } => match users::partner(self.program, waiter.thread, waiter.pc)? {
                Partner::Receiver => Some(DeadlockCause::ChannelFull),
                Partner::Sender => Some(DeadlockCause::ChannelEmpty),
            },
            BlockCause::Held { .. }
            | BlockCause::Written { .. }
            | BlockCause::BeingRead { .. }
            | BlockCause::Behind { .. }
            | BlockCause::Reacquire { .. }
            | BlockCause::NotEnded { .. }
            | BlockCause::Unfinished { .. }
            | BlockCause::ConditionFalse
            | BlockCause::Unknown => None,
        }
    }

    /// The notification that fell between the last look of a thread at shared memory and its wait, when nobody was waiting.
    fn lost(&self, waiter: ThreadId, wait: Wait) -> Option<&Notification> {
        let looked = self.ledger.last_look(waiter);
        let mut notifications = self.ledger.notifications(wait.condvar);
        notifications.rfind(|notification| {
            notification.woke.is_empty()
                && notification.at.thread != waiter
                && (looked..wait.at.step).contains(&notification.at.step)
        })
    }

    /// A thread of this deadlock that needed a notification and could then have notified this one, with the places where.
    fn who_missed_its_own(&self, waiter: &Blocked) -> Option<(&Blocked, Vec<Helper>)> {
        let helpers = self.still_able(waiter);
        self.misdirected.keys().filter(|thread| **thread != waiter.thread).find_map(|thread| {
            let its: Vec<Helper> = helpers.iter().filter(|helper| helper.thread == *thread).copied().collect();
            Some((self.find(*thread)?, its)).filter(|(_, its)| !its.is_empty())
        })
    }

    /// The places in the codes of other threads from which this wait could be ended, and to which they can still come.
    fn still_able(&self, waiter: &Blocked) -> Vec<Helper> {
        let mut within: BTreeMap<ThreadId, BTreeSet<Pc>> = BTreeMap::new();
        let mut found = users::helpers(self.program, waiter.thread, waiter.pc, waiter.cause);
        found.retain(|helper| {
            let within = within.entry(helper.thread).or_insert_with(|| self.within_reach(helper.thread));
            within.contains(&helper.pc)
        });
        found
    }

    /// Where a thread can still come to.
    fn within_reach(&self, thread: ThreadId) -> BTreeSet<Pc> {
        let stands = self.find(thread).map_or_else(|| self.ledger.stands(thread), |blocked| vec![blocked.pc]);
        reach::from(self.program, thread, stands)
    }

    fn headline(&self, ring: &[&Blocked]) -> String {
        let name = |blocked: &Blocked| words::thread(self.program, blocked.thread);
        match (ring, self.blocked) {
            ([only], _) => match only.cause.object() {
                Some(once) if self.is_once(once) => {
                    format!(
                        "{} waits for the block of {}, which it runs itself",
                        name(only),
                        words::object(self.program, once)
                    )
                }
                Some(mutex) => {
                    format!("{} waits for {}, which it holds itself", name(only), words::object(self.program, mutex))
                }
                None => format!("{} waits for itself to end", name(only)),
            },
            ([_, _, ..], _) => {
                let names: Vec<String> = ring.iter().map(|member| name(member)).collect();
                format!("{} wait for each other", words::list(&names))
            }
            ([], [only]) => match only.cause.object() {
                Some(object) => format!("{} waits on {} for ever", name(only), words::object(self.program, object)),
                None => format!("{} waits for ever", name(only)),
            },
            ([], several) if several.len() <= 4 => {
                let names: Vec<String> = several.iter().map(name).collect();
                format!("{} wait for ever", words::list(&names))
            }
            ([], several) => {
                format!("{} of {} wait for ever", several.len(), words::count(self.begun(), "thread"))
            }
        }
    }

    /// How many threads have begun.
    fn begun(&self) -> usize {
        self.program.thread_ids().filter(|thread| self.ledger.has_begun(self.program, *thread)).count()
    }

    /// A row for each thread; one for all threads of a group that wait alike, where there are many.
    fn rows(&self) -> Vec<WaitRow> {
        let mut alike: BTreeMap<(&str, Line, String), Vec<ThreadId>> = BTreeMap::new();
        let likeness = |waiter: &Blocked| {
            let group = self.program.thread(waiter.thread).group.as_str();
            (group, words::line(self.program, waiter.thread, waiter.pc), self.reasons(waiter))
        };
        for waiter in self.blocked {
            alike.entry(likeness(waiter)).or_default().push(waiter.thread);
        }
        let row = |waiter: &Blocked| match alike.get(&likeness(waiter)).map(Vec::as_slice) {
            Some([first, others @ ..]) if others.len() >= words::TOLD => (*first == waiter.thread).then(|| {
                let name = |thread: &ThreadId| self.program.thread(*thread).name.clone();
                WaitRow { alike: others.iter().map(name).collect(), ..self.row(waiter) }
            }),
            Some(_) | None => Some(self.row(waiter)),
        };
        self.blocked.iter().filter_map(row).collect()
    }

    fn row(&self, waiter: &Blocked) -> WaitRow {
        let wait = self.ledger.wait(waiter.thread);
        let instr = self.program.instr(waiter.thread, waiter.pc);
        let operation = if let InstrKind::Op(op) = &instr.kind {
            let target = match waiter.cause {
                BlockCause::NotEnded { thread } => Some(Target::Thread(thread)),
                // The object of a re-acquisition is the mutex; the operation is on the condition variable.
                BlockCause::Reacquire { .. } => wait.map(|wait| Target::Object(wait.condvar)),
                BlockCause::Behind { .. } if matches!(op, Op::Condvar { .. }) => {
                    wait.map(|wait| Target::Object(wait.condvar))
                }
                BlockCause::Held { .. }
                | BlockCause::Written { .. }
                | BlockCause::BeingRead { .. }
                | BlockCause::Behind { .. }
                | BlockCause::NotNotified { .. }
                | BlockCause::NoPermit { .. }
                | BlockCause::NotAll { .. }
                | BlockCause::NotSet { .. }
                | BlockCause::Full { .. }
                | BlockCause::Empty { .. }
                | BlockCause::NoPartner { .. }
                | BlockCause::Unfinished { .. }
                | BlockCause::ConditionFalse
                | BlockCause::Unknown => waiter.cause.object().map(Target::Object),
            };
            operation::pending(self.program, op, target, wait.and_then(|wait| wait.mutex))
        } else {
            self.program.source.quote(instr.span).to_owned()
        };
        WaitRow {
            thread: self.program.thread(waiter.thread).name.clone(),
            line: words::line(self.program, waiter.thread, waiter.pc),
            operation,
            reason: self.reasons(waiter),
            helpers: self.helpers(waiter),
            alike: Vec::new(),
        }
    }

    fn reasons(&self, waiter: &Blocked) -> String {
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

    fn is_once(&self, object: ObjectId) -> bool {
        self.program.object(object).kind == ObjectKind::Once
    }

    fn is_queue(&self, object: ObjectId) -> bool {
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
    fn because(&self, thread: ThreadId) -> String {
        match (self.find(thread), self.scope) {
            (Some(_), _) => ", and waits itself".to_owned(),
            (None, DeadlockScope::Whole) if self.program.thread(thread).daemon => String::new(),
            (None, DeadlockScope::Whole) => ", and has ended".to_owned(),
            (None, DeadlockScope::Partial) => String::new(),
        }
    }

    /// Whether any other thread's code could end this wait.
    fn has_helpers(&self, waiter: &Blocked) -> bool {
        !users::helpers(self.program, waiter.thread, waiter.pc, waiter.cause).is_empty()
    }

    fn helpers(&self, waiter: &Blocked) -> Vec<String> {
        let found = users::helpers(self.program, waiter.thread, waiter.pc, waiter.cause);
        let mut by_thread: BTreeMap<ThreadId, Vec<Helper>> = BTreeMap::new();
        // Whoever waits at the same barrier has come to it already.
        let has_come = |thread| {
            let at_barrier = matches!(waiter.cause, BlockCause::NotAll { .. });
            at_barrier && self.find(thread).is_some_and(|other| other.cause == waiter.cause)
        };
        // Of the threads that nobody has started one stands for all of its function.
        let mut unborn: BTreeMap<&str, ThreadId> = BTreeMap::new();
        let mut speaks = |thread: ThreadId| {
            let group = self.program.thread(thread).group.as_str();
            self.ledger.has_begun(self.program, thread) || *unborn.entry(group).or_insert(thread) == thread
        };
        for helper in found.into_iter().filter(|helper| !has_come(helper.thread) && speaks(helper.thread)) {
            by_thread.entry(helper.thread).or_default().push(helper);
        }
        if by_thread.is_empty() {
            return self.nobody(waiter).into_iter().collect();
        }
        words::told(by_thread.into_iter().map(|(thread, helpers)| self.helper(thread, &helpers)).collect())
    }

    /// What is missing where no other thread's code has the operation at all, unless `reason` says it.
    fn nobody(&self, waiter: &Blocked) -> Option<String> {
        let object = |id| words::object(self.program, id);
        match waiter.cause {
            BlockCause::NoPermit { semaphore } => Some(format!("no other thread ever releases {}", object(semaphore))),
            BlockCause::NotAll { barrier } => Some(format!("nobody else ever comes to {}", object(barrier))),
            BlockCause::NotSet { event } => Some(format!("no other thread ever sets {}", object(event))),
            BlockCause::Full { channel } => Some(format!("no other thread ever receives from {}", object(channel))),
            BlockCause::Empty { channel } if self.is_queue(channel) => {
                Some(format!("no other thread ever puts anything into {}", object(channel)))
            }
            BlockCause::Unfinished { queue } => {
                Some(format!("no other thread ever calls `task_done` on {}", object(queue)))
            }
            BlockCause::Empty { channel } => {
                Some(format!("no other thread ever sends into or closes {}", object(channel)))
            }
            BlockCause::NoPartner { .. } => Some("no other thread ever meets it there".to_owned()),
            BlockCause::ConditionFalse => Some("no other thread ever changes what the condition reads".to_owned()),
            BlockCause::NotNotified { .. }
            | BlockCause::Held { .. }
            | BlockCause::Written { .. }
            | BlockCause::BeingRead { .. }
            | BlockCause::Behind { .. }
            | BlockCause::Reacquire { .. }
            | BlockCause::NotEnded { .. }
            | BlockCause::Unknown => None,
        }
    }

    /// One thread that could have helped, and why it does not.
    fn helper(&self, thread: ThreadId, helpers: &[Helper]) -> (String, String) {
        let ended = self.scope == DeadlockScope::Whole
            && self.find(thread).is_none()
            && !self.program.thread(thread).daemon
            && self.ledger.has_begun(self.program, thread);
        let within = self.within_reach(thread);
        let (ahead, behind): (Vec<Helper>, Vec<Helper>) =
            helpers.iter().partition(|helper| ended || within.contains(&helper.pc));
        if ahead.is_empty() {
            return (words::thread(self.program, thread), self.no_more(thread, &behind));
        }
        let could = format!("could {}", self.deeds(thread, &ahead));
        if !self.ledger.has_begun(self.program, thread) {
            let group = &self.program.thread(thread).group;
            return (format!("`{group}`"), format!("{could}, but nobody starts it any more"));
        }
        let but = match (self.find(thread), self.scope) {
            (Some(blocked), _) => format!("waits itself ({})", words::at_line(self.program, thread, blocked.pc)),
            (None, DeadlockScope::Whole) if self.program.thread(thread).daemon => "cannot go on either".to_owned(),
            (None, DeadlockScope::Whole) => "has ended".to_owned(),
            (None, DeadlockScope::Partial) => "whatever it still does does not end the wait".to_owned(),
        };
        (words::thread(self.program, thread), format!("{could}, but {but}"))
    }

    /// That a thread is past everything that it could have helped with.
    fn no_more(&self, thread: ThreadId, helpers: &[Helper]) -> String {
        let (did, passed): (Vec<Helper>, Vec<Helper>) =
            helpers.iter().partition(|helper| self.ledger.has_been(thread, helper.pc));
        if did.is_empty() {
            format!("could {}, but has passed that by", self.deeds(thread, &passed))
        } else {
            format!("did {}, and does so no more", self.deeds(thread, &did))
        }
    }

    /// What a thread could do, and where.
    fn deeds(&self, thread: ThreadId, helpers: &[Helper]) -> String {
        let lines = helpers.iter().map(|helper| words::line(self.program, thread, helper.pc)).collect();
        let mut deeds: Vec<&str> = helpers.iter().map(|helper| deed(helper.help)).collect();
        deeds.dedup();
        format!("{} ({})", deeds.join(" or "), words::lines(lines))
    }

    /// Where notifications went, for the threads that wait for one: the one that each has lost, or that others got, or the
    /// last one of the condition variable.
    fn notifications(&self) -> Vec<String> {
        let (mut lost, mut missed, mut facts) = (Vec::new(), Vec::new(), Vec::new());
        let mut told = BTreeSet::new();
        for waiter in self.blocked {
            let BlockCause::NotNotified { condvar } = waiter.cause else { continue };
            let Some(wait) = self.ledger.wait(waiter.thread).filter(|_| self.has_helpers(waiter)) else { continue };
            if let Some(fact) = self.lost_notification(waiter.thread, wait) {
                lost.push(fact);
            } else if let Some(other) = self.misdirected.get(&waiter.thread) {
                missed.push(self.misdirected_notification(waiter.thread, other));
            } else if self.who_missed_its_own(waiter).is_none() && told.insert(condvar) {
                facts.extend(self.last_notification(condvar));
            }
        }
        let mut all = shortened(lost, "waited too late in the same way");
        all.extend(shortened(missed, "needed a notification that others got"));
        all.extend(self.would_have_notified());
        all.extend(facts);
        all
    }

    /// A notification that was of no use to those whom it woke, and who needed it.
    fn misdirected_notification(&self, waiter: ThreadId, missed: &Misdirected) -> String {
        let woke: Vec<String> = missed.woke.iter().map(|(thread, useless)| self.useless(*thread, *useless)).collect();
        let there: Vec<String> = missed.would_read.iter().map(|read| self.is_there(read)).collect();
        let there = if there.is_empty() { String::new() } else { format!(": {}", words::list(&there)) };
        format!(
            "a notification of {} ({}) woke {}; {} waited as well and would have gone on{there}",
            words::object(self.program, missed.notification.condvar),
            words::at(self.program, missed.notification.at),
            words::list(&woke),
            words::thread(self.program, waiter),
        )
    }

    /// A thread to which being woken was of no use.
    fn useless(&self, thread: ThreadId, useless: Useless) -> String {
        let name = words::thread(self.program, thread);
        match useless {
            Useless::WaitsAgain { step } => {
                format!("{name}, which changed nothing and waited again (step {})", step + 1)
            }
            Useless::NothingNew { earlier } => {
                format!("{name}, which could have gone on since the one before it (step {})", earlier + 1)
            }
        }
    }

    /// `` `tea` is true since step 8``.
    fn is_there(&self, read: &WouldRead) -> String {
        let since = read.since.map_or_else(String::new, |step| format!(" since step {}", step + 1));
        format!("{} is {}{since}", words::object(self.program, read.object), read.value)
    }

    /// Who waits for what a thread would have done that needed a notification and has not got it.
    fn would_have_notified(&self) -> Vec<String> {
        let mut waiting: BTreeMap<ThreadId, (Vec<Helper>, Vec<String>)> = BTreeMap::new();
        for waiter in self.blocked {
            let missed = self.misdirected.contains_key(&waiter.thread) || self.is_lost(waiter);
            if missed || !matches!(waiter.cause, BlockCause::NotNotified { .. }) {
                continue;
            }
            if let Some((other, helpers)) = self.who_missed_its_own(waiter) {
                let (places, names) = waiting.entry(other.thread).or_default();
                places.extend(helpers);
                names.push(words::thread(self.program, waiter.thread));
            }
        }
        let told = waiting.into_iter().map(|(thread, (helpers, names))| {
            let lines = helpers.iter().map(|helper| words::line(self.program, thread, helper.pc)).collect();
            let lines = words::lines(lines);
            let (who, name) = (words::list(&names), words::thread(self.program, thread));
            let wait = if names.len() == 1 { "waits" } else { "wait" };
            format!("{who} {wait} for a notification that {name} could then have given ({lines})")
        });
        told.collect()
    }

    /// Whether the notification that a thread waits for came before it began to wait.
    fn is_lost(&self, waiter: &Blocked) -> bool {
        self.ledger.wait(waiter.thread).is_some_and(|wait| self.lost(waiter.thread, wait).is_some())
    }

    fn lost_notification(&self, waiter: ThreadId, wait: Wait) -> Option<String> {
        let lost = self.lost(waiter, wait)?;
        let only = self.ledger.notifications(wait.condvar).count() == 1;
        let name = words::thread(self.program, waiter);
        let begins = wait.at.step + 1;
        let too_late = match (self.ledger.last_read(waiter), self.ledger.last_look(waiter)) {
            (Some(read), _) => format!(
                "it came after {name} had read `{} → {}` ({}{}) and before it began to wait (step {begins})",
                self.program.object(read.object).name,
                read.value,
                words::at(self.program, read.at),
                self.without(wait, &read.held),
            ),
            (None, 0) => format!("{name} began to wait only after it (step {begins}), and had looked at nothing"),
            (None, woken) => format!(
                "{name} began to wait again only after it (step {begins}), and had looked at nothing since it was woken \
                 (step {})",
                woken + 1
            ),
        };
        Some(format!(
            "{} notification of {} ({}) woke nobody: {too_late}",
            if only { "the only" } else { "a" },
            words::object(self.program, wait.condvar),
            words::at(self.program, lost.at),
        ))
    }

    /// The last notification of a condition variable, unless more is said about it.
    fn last_notification(&self, condvar: ObjectId) -> Option<String> {
        let name = words::object(self.program, condvar);
        let Some(last) = self.ledger.notifications(condvar).next_back() else {
            return Some(format!("{name} is never notified in this execution"));
        };
        if self.misdirected.values().any(|missed| missed.notification == *last) {
            return None;
        }
        let place = words::at(self.program, last.at);
        if last.woke.is_empty() {
            return Some(format!("the last notification of {name} ({place}) came while nobody was waiting"));
        }
        let woken: Vec<String> = last.woke.iter().map(|thread| self.woken(*thread, condvar, last)).collect();
        Some(format!("the last notification of {name} ({place}) woke {}", words::list(&woken)))
    }

    /// A thread that was woken, and what became of it if it waits again.
    fn woken(&self, thread: ThreadId, condvar: ObjectId, by: &Notification) -> String {
        let name = words::thread(self.program, thread);
        let again = self.ledger.wait(thread).filter(|wait| wait.condvar == condvar && wait.at.step > by.at.step);
        again.map_or(name.clone(), |wait| format!("{name}, which waits again since step {}", wait.at.step + 1))
    }

    /// `, without `m``, where the thread looked without the mutex that it waits with.
    fn without(&self, wait: Wait, held: &[ObjectId]) -> String {
        match wait.mutex {
            Some(mutex) if !held.contains(&mutex) => format!(", without {}", words::object(self.program, mutex)),
            Some(_) | None => String::new(),
        }
    }
}

/// The first of these sentences, and how many more there are.
fn shortened(mut sentences: Vec<String>, alike: &str) -> Vec<String> {
    let untold = sentences.len().saturating_sub(words::TOLD);
    sentences.truncate(words::TOLD);
    sentences.extend((untold > 0).then(|| format!("{untold} more {alike}")));
    sentences
}

/// What a ring of threads that wait for each other is made of: of locks, of ends of threads, or of both.
fn ring_cause(ring: &[&Blocked]) -> Option<DeadlockCause> {
    let lock = |cause: &BlockCause| {
        use BlockCause::{Behind, BeingRead, Held, Reacquire, Written};
        matches!(cause, Held { .. } | Written { .. } | BeingRead { .. } | Behind { .. } | Reacquire { .. })
    };
    let join = |cause: &BlockCause| matches!(cause, BlockCause::NotEnded { .. });
    if ring.iter().all(|member| lock(&member.cause)) {
        Some(if ring.len() == 1 { DeadlockCause::Relock } else { DeadlockCause::LockCycle })
    } else if ring.iter().all(|member| join(&member.cause)) {
        Some(DeadlockCause::JoinCycle)
    } else {
        Some(DeadlockCause::Mixed)
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

fn deed(help: Help) -> &'static str {
    match help {
        Help::Notifies(_) => "notify it",
        Help::Releases(_) => "release it",
        Help::Arrives(_) => "come to it",
        Help::Breaks(_) => "break it",
        Help::Sets(_) => "set it",
        Help::Receives(_) => "receive",
        Help::Sends(_) => "send",
        Help::Puts(_) => "put",
        Help::Gets(_) => "get",
        Help::Finishes(_) => "call `task_done`",
        Help::Closes(_) => "close it",
        Help::Changes(_) => "change what the condition reads",
    }
}
