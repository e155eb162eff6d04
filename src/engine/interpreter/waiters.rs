//! Who waits on a condition variable, and whom its notifications are for.
//!
//! A notification is for one of those who waited when it came; which one is settled when the first of them goes on. A
//! choice that is made late cannot be told from one made at once, because a notified thread does nothing before it goes
//! on. Runtimes with condition variables of their own decide who goes on; then this only keeps the books.

use crate::program::ThreadId;

/// The waiters of one condition variable, in order of arrival.
#[derive(Clone, Debug, Default)]
pub(crate) struct Waiters {
    waiting: Vec<ThreadId>,
    /// Waiters that a notification is surely for.
    woken: Vec<ThreadId>,
    /// Notifications that are for one of several.
    tickets: Vec<Ticket>,
}

#[derive(Clone, Debug)]
struct Ticket {
    /// Position in the log of the step that notified.
    event: usize,
    /// Who may take it.
    eligible: Vec<ThreadId>,
}

impl Waiters {
    /// A thread waits from now on.
    pub(crate) fn arrive(&mut self, thread: ThreadId) {
        self.waiting.push(thread);
    }

    /// Notifies one waiter, settled later; `event`: position of this step in the log. Gives the waiter where there is
    /// no choice.
    pub(crate) fn notify_one(&mut self, event: usize) -> Option<ThreadId> {
        let eligible: Vec<ThreadId> = self.unwoken().collect();
        if eligible.len() <= self.tickets.len() {
            return None;
        }
        if self.tickets.is_empty() && eligible.len() == 1 {
            self.woken.extend(&eligible);
            return eligible.first().copied();
        }
        self.tickets.push(Ticket { event, eligible });
        None
    }

    /// Notifies this waiter; whether it still can be notified.
    pub(crate) fn notify(&mut self, waiter: ThreadId) -> bool {
        let is_open = self.unwoken().any(|other| other == waiter);
        self.woken.extend(is_open.then_some(waiter));
        is_open
    }

    /// Those that no notification is for, in order of arrival.
    pub(crate) fn unnotified(&self) -> Vec<ThreadId> {
        self.unwoken().collect()
    }

    /// How many can still be notified.
    pub(crate) fn open(&self) -> usize {
        self.unwoken().count().saturating_sub(self.tickets.len())
    }

    /// The thread waits no longer, although no notification is for it.
    pub(crate) fn give_up(&mut self, thread: ThreadId) {
        self.waiting.retain(|waiter| *waiter != thread);
    }

    /// Notifies the longest waiter.
    pub(crate) fn notify_longest(&mut self) -> Option<ThreadId> {
        let first = self.unwoken().next();
        self.woken.extend(first);
        first
    }

    /// Notifies all; gives those that no notification was for before, in order of index.
    pub(crate) fn notify_all(&mut self) -> Vec<ThreadId> {
        let mut woken: Vec<ThreadId> = self.unwoken().collect();
        self.tickets.clear();
        self.woken.extend(&woken);
        woken.sort_unstable();
        woken
    }

    /// Whether a notification may be for this thread.
    pub(crate) fn may_go_on(&self, thread: ThreadId) -> bool {
        self.woken.contains(&thread) || self.tickets.iter().any(|ticket| ticket.eligible.contains(&thread))
    }

    /// The thread goes on; gives the step that woke it, where that is settled only now.
    pub(crate) fn go_on(&mut self, thread: ThreadId) -> Option<usize> {
        self.waiting.retain(|waiter| *waiter != thread);
        if let Some(position) = self.woken.iter().position(|waiter| *waiter == thread) {
            self.woken.remove(position);
            return None;
        }
        let taken = self.tickets.iter().position(|ticket| ticket.eligible.contains(&thread));
        let event = taken.map(|position| self.tickets.remove(position).event);
        for ticket in &mut self.tickets {
            ticket.eligible.retain(|waiter| *waiter != thread);
        }
        event
    }

    fn unwoken(&self) -> impl Iterator<Item = ThreadId> + '_ {
        self.waiting.iter().copied().filter(|waiter| !self.woken.contains(waiter))
    }
}
