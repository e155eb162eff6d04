//! Rules that operations break.

use serde::{Deserialize, Serialize};

/// A rule that was broken.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Misuse {
    /// `unlock` by a thread that does not hold the mutex.
    UnlockNotHeld,
    /// `read_unlock` by a thread that does not read under the lock.
    ReadUnlockNotHeld,
    /// `write_unlock` by a thread that does not write under the lock.
    WriteUnlockNotHeld,
    /// `wait` by a thread that does not hold the mutex.
    WaitNotHeld,
    /// A release that gives a bounded semaphore more permits than it had at first.
    ReleaseAboveBound,
    /// A send on a closed channel, also one that was blocked when the channel closed.
    SendAfterClose,
    /// A second send on a one-shot channel.
    SentTwice,
    /// A second `start` of a timer.
    StartedTwice,
    /// `join` of a timer that nobody has started.
    NotStarted,
    /// `task_done` where every item was finished already.
    TaskDoneTooOften,
    /// A thread that ended, also by panic, while it held a lock taken with `lock()`.
    EndedHolding,
}
