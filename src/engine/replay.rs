//! Schedules on the other engines: each takes the same steps in its own way, or says where it cannot.

#[cfg(feature = "threads")]
use super::construct::Construct;
#[cfg(any(feature = "shuttle", feature = "threads"))]
use super::{interpreter::Run, quiet};
use crate::finding::{EngineName, Replay, Unsupported};
use crate::limits::{Limits, Watch};
use crate::program::Program;
use crate::schedule::Choice;
use std::fmt;

/// Why there is no replay.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum NoReplay {
    /// The engine cannot express the program.
    Unsupported(Unsupported),
    /// The engine takes no schedules, or is left out of this build.
    NotHere(EngineName),
    /// The engine failed: never a statement about the program.
    Failed(String),
}

impl fmt::Display for NoReplay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NoReplay::Unsupported(unsupported) => write!(f, "unsupported: {unsupported}"),
            NoReplay::NotHere(EngineName::Loom) => {
                write!(f, "loom takes no schedule: it chooses the steps of each execution itself")
            }
            NoReplay::NotHere(name) => write!(f, "the engine {} is left out of this build", name.word()),
            NoReplay::Failed(message) => write!(f, "the engine failed: {message}"),
        }
    }
}

impl std::error::Error for NoReplay {}

/// Lets an engine take the steps of a schedule.
///
/// # Errors
/// Why it cannot.
pub fn replay(
    engine: EngineName,
    program: &Program,
    choices: &[Choice],
    limits: &Limits,
    watch: &dyn Watch,
) -> Result<Replay, NoReplay> {
    match engine {
        #[cfg(feature = "shuttle")]
        EngineName::Shuttle => {
            super::shuttle::CAPABILITIES.supports(program).map_err(NoReplay::Unsupported)?;
            let run = super::shuttle::following(program, limits, choices);
            replayed(&run, super::shuttle::replay(&run, watch))
        }
        #[cfg(feature = "threads")]
        EngineName::Threads => {
            // Where threads step in turns a block is indivisible, whatever else accesses what is in it.
            let blocks = Some(Construct::OpenBlock);
            super::threads::CAPABILITIES.supports_besides(program, blocks).map_err(NoReplay::Unsupported)?;
            let run = super::threads::following(program, limits, choices);
            replayed(&run, super::threads::replay(&run, watch))
        }
        EngineName::Native | EngineName::Loom => Err(NoReplay::NotHere(engine)),
        #[cfg(not(feature = "shuttle"))]
        EngineName::Shuttle => Err(NoReplay::NotHere(engine)),
        #[cfg(not(feature = "threads"))]
        EngineName::Threads => Err(NoReplay::NotHere(engine)),
    }
}

/// What came of a run, if the engine came through.
#[cfg(any(feature = "shuttle", feature = "threads"))]
fn replayed(run: &Run, left: quiet::Left<()>) -> Result<Replay, NoReplay> {
    match left {
        Err(payload) => Err(NoReplay::Failed(quiet::message(&*payload).to_owned())),
        Ok(()) => run.replayed().ok_or_else(|| NoReplay::Failed("it followed no schedule".to_owned())),
    }
}

/// What an engine does in its own way where it follows a schedule, one sentence each.
#[must_use]
pub fn remarks(engine: EngineName) -> &'static [&'static str] {
    match engine {
        EngineName::Native | EngineName::Loom => &[],
        EngineName::Shuttle => &["the scheduler of shuttle picks the threads that the schedule names"],
        EngineName::Threads => &[
            "each thread is one of the operating system and takes its steps in turn; mutexes and atomics are those of the \
             standard library, really taken",
            "emulated: waits of condition variables, and whom a notification wakes; what the standard library lacks",
        ],
    }
}
