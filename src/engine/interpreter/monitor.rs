//! A monitor made of the backend's own mutex and condition variable: what a runtime lacks is built of these.

use super::backend::Backend;
use super::poison;
use crate::program::ThreadId;
use std::sync::Mutex;

/// Data that threads change one at a time, and may wait for.
///
/// The data is in a mutex of the standard library that no engine sees; it is only ever taken while the backend's mutex
/// is held, so it never blocks.
pub(crate) struct Monitor<B: Backend, T> {
    mutex: B::Mutex,
    changed: B::Condvar,
    inner: Mutex<Inner<T>>,
}

struct Inner<T> {
    data: T,
    /// Threads that wait for a change: where there are none, there is nobody to wake.
    waiting: usize,
}

impl<B: Backend, T> Monitor<B, T> {
    /// A monitor around `data`.
    pub(crate) fn new(backend: &B, data: T) -> Self {
        let inner = Mutex::new(Inner { data, waiting: 0 });
        Self { mutex: backend.mutex(), changed: backend.condvar(), inner }
    }

    /// Runs `effect` alone, and wakes whoever waits.
    pub(crate) fn change<R>(&self, backend: &B, effect: impl FnOnce(&mut T) -> R) -> R {
        let guard = backend.lock(&self.mutex);
        let result = effect(&mut poison::lock(&self.inner).data);
        self.wake(backend);
        drop(guard);
        result
    }

    /// Runs `look` alone; nothing changes.
    pub(crate) fn look<R>(&self, backend: &B, look: impl FnOnce(&T) -> R) -> R {
        let guard = backend.lock(&self.mutex);
        let result = look(&poison::lock(&self.inner).data);
        drop(guard);
        result
    }

    /// Runs `attempt` alone until it succeeds, waiting for a change after each failure. An attempt that fails changes
    /// nothing.
    pub(crate) fn wait_for<R>(&self, backend: &B, thread: ThreadId, mut attempt: impl FnMut(&mut T) -> Option<R>) -> R {
        let mut guard = backend.lock(&self.mutex);
        loop {
            let result = attempt(&mut poison::lock(&self.inner).data);
            if let Some(result) = result {
                self.wake(backend);
                drop(guard);
                return result;
            }
            poison::lock(&self.inner).waiting += 1;
            backend.blocking(thread);
            guard = backend.wait(&self.changed, guard);
            backend.resumed(thread);
            poison::lock(&self.inner).waiting -= 1;
        }
    }

    /// Wakes whoever waits; called while the mutex is held.
    fn wake(&self, backend: &B) {
        if poison::lock(&self.inner).waiting > 0 {
            backend.notify_all(&self.changed);
        }
    }

    /// What the data is, for reports and for ends of executions: not a step, and no runtime is involved.
    pub(crate) fn peek<R>(&self, look: impl FnOnce(&T) -> R) -> R {
        look(&poison::lock(&self.inner).data)
    }
}
