//! shuttle's barrier, which tasks can be led out of.

use super::super::interpreter::{OwnBarrier, lock_std};
use ::shuttle::sync::Barrier;
use std::sync::{Arc, Mutex as StdMutex};

/// A barrier.
///
/// shuttle calls the task that wakes first the leader. The one that comes last lets the others go without a scheduling
/// point behind that, so it is always the first, as in the language.
pub(super) struct Meeting {
    own: Arc<Barrier>,
    size: usize,
    /// How many wait.
    inside: StdMutex<usize>,
}

impl Meeting {
    /// A barrier for so many tasks.
    pub(super) fn new(threads: u32) -> Self {
        let size = usize::try_from(threads).expect("u32 fits into usize");
        Self { own: Arc::new(Barrier::new(size)), size, inside: StdMutex::default() }
    }
}

impl OwnBarrier for Meeting {
    fn wait(&self) -> bool {
        {
            let mut inside = lock_std(&self.inside);
            *inside = if *inside + 1 < self.size { *inside + 1 } else { 0 };
        }
        self.own.wait().is_leader()
    }

    /// Only as many as meet can leave, so tasks that do nothing else come for those that are missing.
    fn lead_out(&self) {
        let inside = std::mem::take(&mut *lock_std(&self.inside));
        if inside == 0 {
            return;
        }
        for _ in inside..self.size {
            let own = Arc::clone(&self.own);
            drop(::shuttle::thread::spawn(move || {
                own.wait();
            }));
        }
    }
}
