//! Notifications that went to the wrong threads: one was of no use to those whom it woke, and another thread, which
//! waited as well, could have gone on.

use super::deed::{Deed, deed};
use super::ledger::{Ledger, Notification, Wait};
use super::woken::{Execution, parts, read, where_waits_may_end};
use crate::finding::{BlockCause, Blocked, DeadlockScope, Event, Phase, Target};
use crate::program::{ObjectId, Program, ThreadId, Value};
use std::collections::BTreeMap;

/// A notification that a thread needed and others got.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Misdirected {
    /// Which.
    pub(super) notification: Notification,
    /// What became of it with each thread that it woke.
    pub(super) woke: Vec<(ThreadId, Useless)>,
    /// What the thread that needed it would read, were it woken, each object once.
    pub(super) would_read: Vec<WouldRead>,
}

/// Something that a thread would read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct WouldRead {
    /// What.
    pub(super) object: ObjectId,
    /// What it would see.
    pub(super) value: Value,
    /// The step that has written it, counted from 0; `None` where nobody has.
    pub(super) since: Option<usize>,
}

/// Why a notification was of no use to a thread that it woke.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Useless {
    /// It changed nothing and waited again, exactly as before.
    WaitsAgain {
        /// In this step, counted from 0.
        step: usize,
    },
    /// All that it read was there at an earlier notification, which had woken another one.
    NothingNew {
        /// In which step, counted from 0.
        earlier: usize,
    },
}

/// The notifications that threads of a deadlock needed and others got, as far as the steps prove it.
pub(super) fn misdirected(
    program: &Program,
    events: &[Event],
    scope: DeadlockScope,
    blocked: &[Blocked],
    ledger: &Ledger,
) -> BTreeMap<ThreadId, Misdirected> {
    let waits: Vec<(ThreadId, Wait)> = blocked
        .iter()
        .filter(|waiter| matches!(waiter.cause, BlockCause::NotNotified { .. }))
        .filter_map(|waiter| Some((waiter.thread, ledger.wait(waiter.thread)?)))
        .filter(|(_, wait)| during(ledger, wait).next().is_some())
        .collect();
    if waits.is_empty() {
        return BTreeMap::new();
    }
    let otherwise = where_waits_may_end(program);
    let Some(execution) = Execution::of(&otherwise, events) else { return BTreeMap::new() };
    let story = Story { program, events, scope, blocked, ledger, execution };
    waits.into_iter().filter_map(|(waiter, wait)| Some((waiter, story.needed(waiter, &wait)?))).collect()
}

/// The notifications during a wait that woke somebody: others, because the wait goes on.
fn during<'a>(ledger: &'a Ledger, wait: &Wait) -> impl Iterator<Item = &'a Notification> {
    let began = wait.at.step;
    ledger.notifications(wait.condvar).filter(move |it| it.at.step > began && !it.woke.is_empty())
}

struct Story<'a> {
    program: &'a Program,
    events: &'a [Event],
    scope: DeadlockScope,
    blocked: &'a [Blocked],
    ledger: &'a Ledger,
    execution: Execution<'a>,
}

impl Story<'_> {
    /// The first notification during the wait of a thread that was of no use to those whom it woke, and with which this
    /// one would have gone on: were it woken at some moment behind it, it would go on, and all that it would read was
    /// there at the notification and is still there at the end.
    fn needed(&self, waiter: ThreadId, wait: &Wait) -> Option<Misdirected> {
        let useless: Vec<Misdirected> = during(self.ledger, wait).filter_map(|it| self.misses(it)).collect();
        let first = useless.first()?.notification.at.step;
        // The mutex is not free at every moment; at the end it is, as a rule.
        (first + 1..=self.events.len()).rev().find_map(|moment| {
            let would_read = self.would_read(moment, waiter)?;
            let last_written = would_read.iter().filter_map(|read| read.since).max();
            let proves = |notification: &Notification| {
                notification.at.step < moment && last_written.is_none_or(|step| step < notification.at.step)
            };
            let needed = useless.iter().find(|it| proves(&it.notification))?;
            Some(Misdirected { would_read, ..needed.clone() })
        })
    }

    /// The notification, if it was of no use to any of those whom it woke.
    fn misses(&self, notification: &Notification) -> Option<Misdirected> {
        let woke = notification.woke.iter().map(|thread| Some((*thread, self.useless(*thread, notification)?)));
        let woke = woke.collect::<Option<Vec<_>>>()?;
        Some(Misdirected { notification: notification.clone(), woke, would_read: Vec::new() })
    }

    fn would_read(&self, moment: usize, waiter: ThreadId) -> Option<Vec<WouldRead>> {
        let mut once: Vec<WouldRead> = Vec::new();
        for (object, value) in self.execution.would_read(moment, waiter)? {
            if once.iter().all(|read| read.object != object) {
                once.push(WouldRead { object, value, since: self.last_write(object, self.events.len()) });
            }
        }
        Some(once)
    }

    /// The last of the first so many steps that has written an object.
    fn last_write(&self, object: ObjectId, steps: usize) -> Option<usize> {
        let writes = |event: &Event| event.target == Some(Target::Object(object)) && event.wrote.is_some();
        self.events[..steps].iter().rposition(|event| parts(event).iter().any(writes))
    }

    /// Why a notification was of no use to a thread that it woke, where the steps behind it prove that.
    fn useless(&self, woken: ThreadId, by: &Notification) -> Option<Useless> {
        let ended = self.wait_before(woken, by)?;
        let mut reads = Vec::new();
        let (mut looked_elsewhere, mut acted) = (false, false);
        let behind = self.events.iter().enumerate().skip(by.at.step + 1).filter(|(_, event)| event.thread == woken);
        'steps: for (step, event) in behind {
            for part in parts(event) {
                match deed(self.program, part) {
                    Deed::Passes => {}
                    Deed::Reads => reads.extend(read(part).map(|(object, _)| (step, object))),
                    Deed::Looks => looked_elsewhere = true,
                    Deed::Waits => {
                        // Who waits for the next thing, or counts how often it was woken, stands differently.
                        let again = event.phase == Phase::Arrive
                            && self.execution.stands_alike(woken, step + 1, ended.at.step + 1);
                        return again.then_some(Useless::WaitsAgain { step });
                    }
                    Deed::Acts => {
                        acted = true;
                        break 'steps;
                    }
                    Deed::Tries => return None,
                }
            }
        }
        let has_gone_on = acted || self.has_ended(woken);
        if !has_gone_on || looked_elsewhere || reads.is_empty() {
            return None;
        }
        let earlier =
            self.ledger.notifications(by.condvar).rfind(|it| it.at.step < by.at.step && !it.woke.is_empty())?;
        let old = |(step, object): &(usize, ObjectId)| {
            self.last_write(*object, *step).is_none_or(|written| written < earlier.at.step)
        };
        (ended.at.step < earlier.at.step && reads.iter().all(old))
            .then_some(Useless::NothingNew { earlier: earlier.at.step })
    }

    /// The wait that a notification has ended.
    fn wait_before(&self, woken: ThreadId, by: &Notification) -> Option<Wait> {
        Ledger::after(self.program, &self.events[..by.at.step]).wait(woken)
    }

    /// Whether a thread has certainly ended.
    fn has_ended(&self, thread: ThreadId) -> bool {
        self.scope == DeadlockScope::Whole
            && !self.program.thread(thread).daemon
            && self.blocked.iter().all(|blocked| blocked.thread != thread)
    }
}
