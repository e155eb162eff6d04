//! Choices and schedules: everything that the world decides, in one type.
//!
//! A schedule is the list of choices that leads from the initial state to an end; it is the input of a replay and, with
//! the scenario, fixes an execution completely. Nothing else in an execution is nondeterministic.
//!
//! This module knows threads and their names; it does not know what a choice does.

use crate::program::ThreadId;
use serde::{Deserialize, Serialize};

/// What selects one step: the thread, and what the world picks where the thread alone does not fix the step.
///
/// Ordered by thread, then by pick: the order in which `choices` lists them and in which ties are broken.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct Choice {
    /// Who steps.
    pub thread: ThreadId,
    /// What else is decided.
    pub pick: Pick,
}

/// What the world decides besides the thread.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Pick {
    /// Nothing: the thread has one step here.
    Only,
    /// Which waiter is woken, or which partner a rendezvous is with.
    Waiter(ThreadId),
    /// Which branch of an `either`, counted from 0.
    Branch(u32),
    /// Which value a `choose` gives.
    Value(i64),
    /// The time-out of a timed operation fires.
    Timeout,
    /// A waiter wakes for no reason.
    Spurious,
    /// Which message of the modification order a weak read sees, counted from the oldest one that is readable.
    Message(u32),
    /// A weak compare-exchange fails although the value is the expected one.
    WeakFailure,
    /// A task is cancelled at its await.
    Cancel,
    /// A child process dies.
    Death,
}

impl Choice {
    /// The choice of a thread that has one step.
    #[must_use]
    pub fn only(thread: ThreadId) -> Self {
        Self { thread, pick: Pick::Only }
    }
}
