//! Limits of a search: explicit, all of them, counted in states, steps and executions, never in seconds.

use serde::{Deserialize, Serialize};

/// How far engines may go. A limit that cuts a search makes its verdict inconclusive, never a pass.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Limits {
    /// Distinct states the native checker stores.
    pub states: u64,
    /// Executions the native checker samples where a limit has cut its search.
    pub samples: u64,
    /// Local instructions a thread may run without a visible operation.
    pub local_steps: u64,
    /// Messages in an unbounded channel.
    pub channel_length: u32,
    /// Executions loom may run.
    pub loom_executions: u64,
    /// Executions shuttle's exhaustive search may run.
    pub shuttle_executions: u64,
    /// Executions of each random scheduler of shuttle, where its exhaustive search did not complete.
    pub shuttle_samples: u64,
    /// Visible steps of one execution on engines that re-execute.
    pub execution_steps: u64,
    /// Runs of the free-running engine.
    pub thread_runs: u64,
    /// How it shakes its threads.
    pub jitter: Jitter,
}

/// How free-running threads are shaken, so that what is rare shows sooner.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub enum Jitter {
    /// Runs take turns in all of the following but `spin`.
    #[default]
    Mixed,
    /// Not at all.
    Free,
    /// Threads give their processor away before some steps.
    Yield,
    /// Threads spin for a moment before some steps.
    Spin,
    /// Threads sleep for a moment before some steps.
    Nap,
    /// At one or two moments of a run one thread sleeps for as long as the others need to come to their ends.
    Stall,
    /// Threads have ranks: the lower, the later before each step; at one moment one becomes the lowest.
    Ranks,
    /// All threads share one processor, and give it away before some steps.
    Pin,
}

impl Jitter {
    /// All of them.
    pub const ALL: [Jitter; 8] = [
        Jitter::Mixed,
        Jitter::Free,
        Jitter::Yield,
        Jitter::Spin,
        Jitter::Nap,
        Jitter::Stall,
        Jitter::Ranks,
        Jitter::Pin,
    ];

    /// Its name on the command line and in tables.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Jitter::Mixed => "mixed",
            Jitter::Free => "free",
            Jitter::Yield => "yield",
            Jitter::Spin => "spin",
            Jitter::Nap => "nap",
            Jitter::Stall => "stall",
            Jitter::Ranks => "ranks",
            Jitter::Pin => "pin",
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            states: 2_000_000,
            samples: 1_000,
            local_steps: 100_000,
            channel_length: 32,
            loom_executions: 10_000,
            shuttle_executions: 50_000,
            shuttle_samples: 1_000,
            execution_steps: 1_000,
            thread_runs: 200,
            jitter: Jitter::Mixed,
        }
    }
}

/// The greatest number that a counter (permits, reads, levels, unfinished items) is explored up to: a loop that only
/// counts would have states without end.
pub const COUNTER_MAX: i64 = 1_000_000;

/// Who is told how a long search goes, and may stop it.
pub trait Watch: Sync {
    /// Called now and then with the number of states or executions so far. May draw a progress bar; must not block.
    fn progress(&self, done: u64);
    /// Whether the search shall stop with what it has.
    fn interrupted(&self) -> bool;
}

/// Nobody watches.
#[derive(Clone, Copy, Debug, Default)]
pub struct Unwatched;

impl Watch for Unwatched {
    fn progress(&self, _done: u64) {}

    fn interrupted(&self) -> bool {
        false
    }
}
