//! What each scenario thread is doing, written by the thread itself and read by whoever watches the run.
//!
//! The kernel alone says who is asleep; a note says whether that sleep is a wait of the *scenario*. A thread that sleeps
//! in a timed pause, in the memory allocator or before it has started does not count as blocked, so a run in which one
//! exists is no deadlock.

use std::sync::atomic::{AtomicU64, Ordering};

/// What a thread is doing, as far as the end of a run is concerned.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Activity {
    /// It has no part in a run, or has ended in it.
    Idle,
    /// It runs, or will run by itself.
    Running,
    /// It is inside a blocking operation of the scenario: asleep there, only another scenario thread can wake it.
    Waiting,
}

/// The note of one thread. Every change makes a new stamp, so that two equal stamps mean that nothing happened between.
#[derive(Debug, Default)]
pub(super) struct Note(AtomicU64);

/// One reading of a note.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Stamp(u64);

/// The low bits of a stamp are the activity, the others count changes.
const ACTIVITY: u64 = 3;

impl Note {
    /// Writes down what the calling thread does from now on. Called by the thread that owns the note,
    /// and by the judge while that one has no part.
    pub(super) fn set(&self, activity: Activity) {
        let bits = match activity {
            Activity::Idle => 0,
            Activity::Running => 1,
            Activity::Waiting => 2,
        };
        let changes = (self.0.load(Ordering::Relaxed) & !ACTIVITY).wrapping_add(ACTIVITY + 1);
        self.0.store(changes | bits, Ordering::SeqCst);
    }

    /// Runs `wait` as a wait of the scenario.
    pub(super) fn waiting<T>(&self, wait: impl FnOnce() -> T) -> T {
        self.set(Activity::Waiting);
        let result = wait();
        self.set(Activity::Running);
        result
    }

    /// Reads the note.
    pub(super) fn stamp(&self) -> Stamp {
        Stamp(self.0.load(Ordering::SeqCst))
    }
}

impl Stamp {
    /// What the thread was doing.
    pub(super) fn activity(self) -> Activity {
        match self.0 & ACTIVITY {
            0 => Activity::Idle,
            1 => Activity::Running,
            _ => Activity::Waiting,
        }
    }

    /// Whether the thread takes no step now unless another one lets it.
    pub(super) fn at_rest(&self) -> bool {
        self.activity() != Activity::Running
    }
}
