//! Where notifications went, for threads that wait for one.

use super::Story;
use crate::explain::ledger::{Notification, Wait};
use crate::explain::recipient::{Misdirected, Useless, WouldRead};
use crate::explain::users::Helper;
use crate::explain::words;
use crate::finding::{BlockCause, Blocked};
use crate::program::{ObjectId, ThreadId};
use std::collections::{BTreeMap, BTreeSet};

impl Story<'_> {
    /// Where notifications went, for the threads that wait for one: the one that each has lost, or that others got, or the
    /// last one of the condition variable.
    pub(super) fn notifications(&self) -> Vec<String> {
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
    pub(super) fn is_lost(&self, waiter: &Blocked) -> bool {
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
