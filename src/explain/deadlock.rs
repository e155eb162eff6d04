//! Deadlocks: the wait-for table, rings of locks and joins, lost notifications.
//!
//! A cause is named only where the trace proves it; a deadlock that none of the definitions fits has no cause here.

mod helper;
mod notification;
mod reason;
mod seen;

pub(super) use seen::seen;

use super::ledger::{Ledger, Notification, Wait};
use super::recipient::{Misdirected, misdirected};
use super::users::{Helper, Partner};
use super::{Explanation, WaitRow, operation, reach, users, words};
use crate::finding::{BlockCause, Blocked, DeadlockScope, Event, Target};
use crate::program::{DeadlockCause, InstrKind, Line, Op, Pc, Program, ThreadId};
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
