//! The standard library's condition variable, held to the language's rules.
//!
//! `std::sync::Condvar` may return for no reason; on Linux one `notify_one` can let two waiters go when the second is just
//! about to fall asleep. The language has no such wake-ups. Here every waiter draws a ticket, every notification is a
//! grant for the tickets drawn before it, and a waiter that returns without a grant goes back to sleep. Which of the
//! waiters takes a grant is left to the system. The waiters sleep with a mutex of their own inside the condition
//! variable, so that a notification sent without the scenario's mutex cannot fall between a ticket and the sleep; the
//! scenario's mutex is given back while that one is held, and taken again by an ordinary `lock`.

use super::over::Leavable;
use crate::engine::interpreter::{Waited, lock_std};
use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// A condition variable.
#[derive(Debug, Default)]
pub(super) struct Condvar {
    queue: Mutex<Queue>,
    wake: std::sync::Condvar,
}

/// Who waits, and who may go.
///
/// Invariant "a woken waiter for every grant": for every ticket `t`, at least as many waiters with tickets below `t` are
/// awake (returned from their sleep, about to look here) as there are grants for tickets below some `u <= t`. `notify_one`
/// establishes it by waking one sleeper per grant under this mutex; `take` keeps it by preferring the narrowest grant.
/// A grant is therefore never left over for a waiter that sleeps.
#[derive(PartialEq, Eq, Debug, Default)]
struct Queue {
    /// The next ticket.
    next: u64,
    /// Tickets below have been released by `notify_all`.
    released: u64,
    /// Waiters with a ticket of at least `released`, with and without a grant.
    waiting: usize,
    /// One per `notify_one` that is still on its way, in ascending order: good for any ticket below.
    grants: VecDeque<u64>,
}

impl Queue {
    /// Lets the waiter with this ticket go, if it may.
    fn take(&mut self, ticket: u64) -> bool {
        if ticket < self.released {
            return true;
        }
        let grant = self.grants.iter().position(|below| ticket < *below);
        if let Some(grant) = grant {
            self.grants.remove(grant);
            self.waiting -= 1;
        }
        grant.is_some()
    }
}

impl Condvar {
    /// Waits for a notification, or until `give_up` says so. `release` gives the scenario's mutex back; nobody can
    /// notify before it has.
    pub(super) fn wait(&self, release: impl FnOnce(), give_up: impl Fn() -> bool) {
        let mut queue = self.lock();
        let ticket = queue.next;
        queue.next += 1;
        queue.waiting += 1;
        release();
        while !queue.take(ticket) && !give_up() {
            queue = self.wake.wait(queue).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// As `wait`, for so long at most.
    pub(super) fn wait_at_most(&self, time: Duration, release: impl FnOnce(), give_up: impl Fn() -> bool) -> Waited {
        let end = Instant::now() + time;
        let mut queue = self.lock();
        let ticket = queue.next;
        queue.next += 1;
        queue.waiting += 1;
        release();
        while !queue.take(ticket) && !give_up() {
            let rest = end.saturating_duration_since(Instant::now());
            if rest.is_zero() {
                // Whoever leaves without a grant has found none for its ticket: it was not counted on.
                queue.waiting -= 1;
                return Waited::LongEnough;
            }
            queue = self.wake.wait_timeout(queue, rest).unwrap_or_else(PoisonError::into_inner).0;
        }
        Waited::Woken
    }

    /// Lets one of those that wait now go on.
    pub(super) fn notify_one(&self) {
        let mut queue = self.lock();
        if queue.grants.len() < queue.waiting {
            let next = queue.next;
            queue.grants.push_back(next);
            self.wake.notify_one();
        }
    }

    /// Lets all that wait now go on.
    pub(super) fn notify_all(&self) {
        let mut queue = self.lock();
        queue.released = queue.next;
        queue.waiting = 0;
        queue.grants.clear();
        self.wake.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, Queue> {
        lock_std(&self.queue)
    }
}

impl Leavable for Condvar {
    fn lead_out(&self) {
        let _queue = self.lock();
        self.wake.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU32, Ordering};

    /// Lets other threads run until something has happened.
    fn until(happened: impl Fn() -> bool) {
        while !happened() {
            std::thread::yield_now();
        }
    }

    #[test]
    fn one_notification_lets_one_waiter_go_also_where_the_other_is_just_falling_asleep() {
        for _ in 0..300 {
            let condvar = Condvar::default();
            let gone = AtomicU32::new(0);
            std::thread::scope(|scope| {
                for _ in 0..3 {
                    scope.spawn(|| {
                        condvar.wait(|| {}, || false);
                        gone.fetch_add(1, Ordering::SeqCst);
                    });
                }
                until(|| condvar.lock().waiting == 3);
                condvar.notify_one();
                until(|| gone.load(Ordering::SeqCst) > 0);
                (0..20).for_each(|_| std::thread::yield_now());
                let after_one = gone.load(Ordering::SeqCst);
                condvar.notify_one();
                until(|| gone.load(Ordering::SeqCst) > 1);
                condvar.notify_all();
                // Only now: a failure with waiters left would never be shown.
                assert_eq!(after_one, 1);
            });
            assert_eq!(gone.load(Ordering::SeqCst), 3);
        }
    }

    #[test]
    fn a_notification_is_not_for_those_who_come_later() {
        let condvar = Condvar::default();
        condvar.notify_one();
        condvar.notify_all();
        assert_eq!(condvar.queue.into_inner().expect("nobody panicked"), Queue::default());
        let mut queue = Queue { next: 2, waiting: 1, released: 1, grants: VecDeque::from([2]) };
        assert!(!queue.take(2), "it came after the notification");
        assert!(queue.take(1));
        assert_eq!((queue.waiting, queue.grants.len()), (0, 0));
    }

    #[test]
    fn whoever_gives_up_goes_without_a_notification() {
        let condvar = Condvar::default();
        let over = AtomicU32::new(0);
        std::thread::scope(|scope| {
            let waiter = scope.spawn(|| condvar.wait(|| {}, || over.load(Ordering::SeqCst) == 1));
            until(|| condvar.lock().waiting == 1);
            over.store(1, Ordering::SeqCst);
            condvar.lead_out();
            waiter.join().expect("it goes");
        });
    }
}
