//! A monitor made of the backend's own mutex and condition variable: what a runtime lacks is built of these.

use super::backend::{Backend, Waited};
use super::poison;
use crate::program::ThreadId;
use std::sync::Mutex;

/// Data that threads change one at a time, and may wait for.
///
/// The data is in a mutex of the standard library that no engine sees. It is taken for a moment only, never while the
/// runtime may switch threads.
pub(crate) struct Monitor<B: Backend, T> {
    mutex: B::Mutex,
    changed: B::Condvar,
    data: Mutex<T>,
    /// Threads that wait for a change: where there are none, there is nobody to wake.
    waiting: Mutex<usize>,
}

/// Proof that a thread is alone inside a monitor.
pub(crate) struct Inside<'a, B: Backend, T> {
    monitor: &'a Monitor<B, T>,
    backend: &'a B,
    guard: B::Guard<'a>,
}

impl<B: Backend, T> Monitor<B, T> {
    /// A monitor around `data`.
    pub(crate) fn new(backend: &B, data: T) -> Self {
        Self { mutex: backend.mutex(), changed: backend.queue(), data: Mutex::new(data), waiting: Mutex::new(0) }
    }

    /// Waits until nobody else is inside.
    pub(crate) fn enter<'a>(&'a self, backend: &'a B) -> Inside<'a, B, T> {
        Inside { monitor: self, backend, guard: backend.lock(&self.mutex) }
    }

    /// Runs `effect` alone, and wakes whoever waits.
    pub(crate) fn change<R>(&self, backend: &B, effect: impl FnOnce(&mut T) -> R) -> R {
        let inside = self.enter(backend);
        let result = inside.data(effect);
        inside.leave_changed();
        result
    }

    /// Runs `look` alone; nothing changes.
    pub(crate) fn look<R>(&self, backend: &B, look: impl FnOnce(&T) -> R) -> R {
        let inside = self.enter(backend);
        inside.data(|data| look(data))
    }

    /// Runs `attempt` alone until it succeeds, waiting for a change after each failure. A failed attempt changes nothing,
    /// and a successful one lets nobody go on who could not before.
    pub(crate) fn take<R>(&self, backend: &B, thread: ThreadId, mut attempt: impl FnMut(&mut T) -> Option<R>) -> R {
        let mut inside = self.enter(backend);
        loop {
            match inside.data(&mut attempt) {
                Some(result) => return result,
                None => inside = inside.wait(thread),
            }
        }
    }

    /// As `take`, and wakes whoever waits.
    pub(crate) fn exchange<R>(&self, backend: &B, thread: ThreadId, mut attempt: impl FnMut(&mut T) -> Option<R>) -> R {
        let mut inside = self.enter(backend);
        loop {
            match inside.data(&mut attempt) {
                Some(result) => {
                    inside.leave_changed();
                    return result;
                }
                None => inside = inside.wait(thread),
            }
        }
    }

    /// What the data is, for reports and for ends of executions: not a step, and no runtime is involved.
    pub(crate) fn peek<R>(&self, look: impl FnOnce(&T) -> R) -> R {
        look(&poison::lock(&self.data))
    }

    /// Changes the data where it only keeps the books of something of the runtime's own: nobody enters.
    pub(crate) fn keep<R>(&self, effect: impl FnOnce(&mut T) -> R) -> R {
        effect(&mut poison::lock(&self.data))
    }

    /// Wakes whoever waits, from outside: for changes that others depend on without being inside. Only where a step of
    /// the backend is indivisible.
    pub(crate) fn poke(&self, backend: &B) {
        if *poison::lock(&self.waiting) > 0 {
            backend.notify_all(&self.changed);
        }
    }
}

impl<B: Backend, T> Inside<'_, B, T> {
    /// Reads or changes the data. `effect` does not block.
    pub(crate) fn data<R>(&self, effect: impl FnOnce(&mut T) -> R) -> R {
        effect(&mut poison::lock(&self.monitor.data))
    }

    /// Leaves until somebody has changed something, and comes back.
    pub(crate) fn wait(self, thread: ThreadId) -> Self {
        let Self { monitor, backend, guard } = self;
        *poison::lock(&monitor.waiting) += 1;
        backend.blocking(thread);
        let guard = backend.wait(&monitor.changed, guard);
        backend.resumed(thread);
        *poison::lock(&monitor.waiting) -= 1;
        Self { monitor, backend, guard }
    }

    /// As `wait`, and comes back after so many microseconds at the latest.
    pub(crate) fn wait_at_most(self, micros: u64) -> (Self, Waited) {
        let Self { monitor, backend, guard } = self;
        *poison::lock(&monitor.waiting) += 1;
        let (guard, waited) = backend.wait_at_most(&monitor.changed, guard, micros);
        *poison::lock(&monitor.waiting) -= 1;
        (Self { monitor, backend, guard }, waited)
    }

    /// Wakes whoever waits, and leaves.
    pub(crate) fn leave_changed(self) {
        if *poison::lock(&self.monitor.waiting) > 0 {
            self.backend.notify_all(&self.monitor.changed);
        }
    }
}
