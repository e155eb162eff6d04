//! Who could end a wait, and why nobody will.

use super::Story;
use crate::explain::users::{Help, Helper};
use crate::explain::{users, words};
use crate::finding::{BlockCause, Blocked, DeadlockScope};
use crate::program::ThreadId;
use std::collections::BTreeMap;

impl Story<'_> {
    /// Whether any other thread's code could end this wait.
    pub(super) fn has_helpers(&self, waiter: &Blocked) -> bool {
        !users::helpers(self.program, waiter.thread, waiter.pc, waiter.cause).is_empty()
    }

    pub(super) fn helpers(&self, waiter: &Blocked) -> Vec<String> {
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
