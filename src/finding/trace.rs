//! Executions, and what became of a schedule.

use super::{Event, Finding, LimitHit, Outcome};
use crate::program::ObjectId;
use crate::schedule::{Choice, Diverged};
use serde::{Deserialize, Serialize};

/// An execution, or the part of it that leads to a finding.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Trace {
    /// The steps in order.
    pub events: Vec<Event>,
    /// Number of steps that were another thread's while the thread before was still enabled.
    pub preemptions: u64,
    /// Whether the search proved that no shorter trace shows the same.
    pub least: Leastness,
    /// Where the steps can go on for ever: number of steps after which the state was that at the end already.
    pub back_to: Option<usize>,
}

/// What became of a schedule that somebody followed.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Replay {
    /// The steps that were taken.
    pub trace: Trace,
    /// Where they have led.
    pub end: ReplayEnd,
    /// What they show, each with these steps as its trace.
    pub found: Vec<Finding>,
    /// What the engine made of something else than a type of its runtime, in order of declaration. Empty on the native
    /// checker, where nothing is a runtime's.
    pub emulated: Vec<Emulated>,
}

/// What an engine makes of plain data and rules of its own where it follows a schedule.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Emulated {
    /// A shared object.
    Object(ObjectId),
    /// What threads learn of the ends of others.
    Ends,
    /// Blocks in which no other thread steps.
    Blocks,
}

/// Where a schedule has led.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReplayEnd {
    /// It asked for a step that was not on offer; the steps before it were taken.
    Diverged(Diverged),
    /// Its end is not that of the execution.
    GoesOn {
        /// What is on offer.
        enabled: Vec<Choice>,
    },
    /// Some non-daemon thread has not ended and nothing can step.
    Deadlock,
    /// Every non-daemon thread has ended, none by panic or misuse.
    NormalEnd(Outcome),
    /// Every non-daemon thread has ended, at least one by panic or misuse.
    AbnormalEnd,
    /// A failed `assert` or `always` has ended the execution.
    Stopped,
    /// A false `assume` has discarded the execution.
    Discarded,
    /// A limit was met.
    Cut(LimitHit),
}

/// What is known about a trace among all traces that show the same finding.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Leastness {
    /// Fewest steps that nobody may count on, fewest preemptions among those, and fewest steps among those.
    Proven,
    /// Neither is known to be least: the explanation search met its limit, or the engine does not look.
    NotProven,
}
