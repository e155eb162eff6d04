//! Schedules on the other engines: each takes the same steps in its own way, or says where it cannot.

use super::capabilities::Checkable;
use super::interpreter::{Behind, Followed, Run, Uncertain, Way};
use super::{construct::Construct, isolate, quiet};
use crate::finding::{Emulated, EngineName, LimitHit, Replay, ReplayEnd, Unsupported};
use crate::limits::{Limits, Watch};
use crate::program::{Memory, ObjectId, Program};
use crate::schedule::{Choice, Diverged};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::sync::Arc;

/// Why there is no replay.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum NoReplay {
    /// The engine cannot express the program.
    Unsupported(Unsupported),
    /// The engine is left out of this build.
    NotHere(EngineName),
    /// The engine failed: never a statement about the program.
    Failed(String),
}

impl fmt::Display for NoReplay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NoReplay::Unsupported(unsupported) => write!(f, "unsupported: {unsupported}"),
            NoReplay::NotHere(name) => write!(f, "the engine {} is left out of this build", name.word()),
            NoReplay::Failed(message) => write!(f, "the engine failed: {message}"),
        }
    }
}

impl std::error::Error for NoReplay {}

/// Lets an engine take the steps of a schedule, in a child process.
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
    let mut replayed = replay_each(engine, program, &[choices.to_vec()], limits, watch)?;
    replayed.pop().ok_or_else(|| NoReplay::Failed("it followed no schedule".to_owned()))
}

/// Lets an engine take the steps of several schedules of a program, one after the other in the same child process; the
/// replays are in the same order.
///
/// # Errors
/// Why it cannot, for the first schedule that it cannot follow.
pub fn replay_each(
    engine: EngineName,
    program: &Program,
    schedules: &[Vec<Choice>],
    limits: &Limits,
    watch: &dyn Watch,
) -> Result<Vec<Replay>, NoReplay> {
    supports(engine, program)?;
    #[cfg(feature = "loom")]
    if engine == EngineName::Loom {
        let longest = schedules.iter().map(Vec::len).max().unwrap_or(0);
        super::loom::follows(longest).map_err(NoReplay::Unsupported)?;
    }
    isolate::replay_in_child(engine, program, limits, schedules, watch)
}

/// Whether an engine can take the steps of schedules of a program. Who follows one need not explore: what an engine
/// lacks for that alone does not matter here.
fn supports(engine: EngineName, program: &Program) -> Result<(), NoReplay> {
    match engine {
        // The gate holds back everybody else and the schedule chooses, so that nothing is left out but threads.
        #[cfg(feature = "loom")]
        EngineName::Loom => super::loom::CAPABILITIES.has_room(program).map_err(NoReplay::Unsupported),
        #[cfg(feature = "shuttle")]
        EngineName::Shuttle => super::shuttle::CAPABILITIES.supports(program).map_err(NoReplay::Unsupported),
        // Where threads step in turns a block is indivisible, whatever else accesses what is in it, and so is a `cancel` with
        // which the program ends.
        #[cfg(feature = "threads")]
        EngineName::Threads => {
            let others = [Construct::OpenBlock, Construct::TimerBesideDaemon];
            super::threads::CAPABILITIES.supports_besides(program, &others).map_err(NoReplay::Unsupported)
        }
        EngineName::Native => Err(NoReplay::NotHere(engine)),
        #[cfg(not(feature = "loom"))]
        EngineName::Loom => Err(NoReplay::NotHere(engine)),
        #[cfg(not(feature = "shuttle"))]
        EngineName::Shuttle => Err(NoReplay::NotHere(engine)),
        #[cfg(not(feature = "threads"))]
        EngineName::Threads => Err(NoReplay::NotHere(engine)),
    }
}

/// Takes the steps in this process, on an engine that supports the program, and tries what else is on offer there.
pub(super) fn replay_here(
    engine: EngineName,
    program: &Program,
    choices: &[Choice],
    limits: &Limits,
    watch: &dyn Watch,
) -> Result<Replay, NoReplay> {
    let follow = |choices: &[Choice], behind| follow(engine, Way { program, limits, choices, behind }, watch);
    let run = follow(choices, Behind::Nothing)?;
    let followed = run.replayed().ok_or_else(|| NoReplay::Failed("it followed no schedule".to_owned()))?;
    let Followed { mut replay, uncertain } = followed;
    for Uncertain { steps, thread } in uncertain {
        let can_step = !follow(&choices[..steps], Behind::Try(thread))?.offered().is_empty();
        replay.trace.preemptions += u64::from(can_step);
    }
    for finding in &mut replay.found {
        finding.trace = Some(replay.trace.clone());
    }
    if let ReplayEnd::Diverged(Diverged { enabled, .. }) | ReplayEnd::GoesOn { enabled } = &mut replay.end {
        let taken = &choices[..replay.trace.events.len()];
        for thread in program.thread_ids() {
            enabled.extend(follow(taken, Behind::Try(thread))?.offered());
        }
        // What could not be tried to the end is no list.
        if watch.interrupted() {
            replay.end = ReplayEnd::Cut(LimitHit::Interrupted);
        }
    }
    Ok(replay)
}

/// Takes the steps once.
fn follow(engine: EngineName, way: Way<'_>, watch: &dyn Watch) -> Result<Arc<Run>, NoReplay> {
    let followed: Result<(Arc<Run>, quiet::Left<()>), NoReplay> = match engine {
        #[cfg(feature = "loom")]
        EngineName::Loom => Ok(super::loom::follow(way, watch)),
        #[cfg(feature = "shuttle")]
        EngineName::Shuttle => Ok(super::shuttle::follow(way, watch)),
        #[cfg(feature = "threads")]
        EngineName::Threads => Ok(super::threads::follow(way, watch)),
        EngineName::Native => Err(NoReplay::NotHere(engine)),
        #[cfg(not(feature = "loom"))]
        EngineName::Loom => Err(NoReplay::NotHere(engine)),
        #[cfg(not(feature = "shuttle"))]
        EngineName::Shuttle => Err(NoReplay::NotHere(engine)),
        #[cfg(not(feature = "threads"))]
        EngineName::Threads => Err(NoReplay::NotHere(engine)),
    };
    let (run, left) = followed?;
    left.map_err(|payload| NoReplay::Failed(quiet::message(&*payload).to_owned()))?;
    Ok(run)
}

/// What a scenario asks for, or can show, and an engine does not look at where it follows a schedule. It takes one step
/// at a time there, so it sees every state, and races in the log of the steps.
#[must_use]
pub fn not_checked(engine: EngineName, program: &Program) -> Vec<String> {
    let seen = [Checkable::Race, Checkable::Invariant];
    let capabilities = super::by_name(engine).map(|engine| engine.capabilities());
    capabilities.map_or_else(Vec::new, |capabilities| capabilities.not_checked_besides(program, &seen))
}

/// What an engine did in its own way where it followed a schedule, one sentence each: how it held the threads to it, what
/// was really of its runtime, and what was emulated.
#[must_use]
pub fn remarks(engine: EngineName, program: &Program, replay: &Replay) -> Vec<String> {
    let (how, runtime, emulation) = match engine {
        EngineName::Native => return Vec::new(),
        EngineName::Loom => (
            "in the first execution of loom each thread stands at a gate until it is its turn",
            "of loom",
            "emulated, by a gate, a mutex of loom and plain data",
        ),
        EngineName::Shuttle => (
            "the scheduler of shuttle picks the threads that the schedule names",
            "of shuttle",
            "emulated, by a mutex of shuttle and plain data",
        ),
        EngineName::Threads => (
            "each thread is one of the operating system and takes its steps in turn",
            "of the standard library, really used",
            "emulated, by turns, a mutex of the standard library and plain data",
        ),
    };
    let is_emulated = |object| replay.emulated.contains(&Emulated::Object(object));
    let (emulated, own): (Vec<ObjectId>, Vec<ObjectId>) = program.object_ids().partition(|object| is_emulated(*object));
    let mut emulated = named(program, &emulated);
    if replay.emulated.contains(&Emulated::Ends) {
        emulated.push("the ends of threads".to_owned());
    }
    if replay.emulated.contains(&Emulated::Blocks) {
        emulated.push("blocks of `atomically` and `when`".to_owned());
    }
    let listed = |what: &str, all: &[String]| (!all.is_empty()).then(|| format!("{what}: {}", all.join(", ")));
    let weak = program.memory == Memory::Rc11;
    [
        Some(how.to_owned()),
        listed(runtime, &named(program, &own)),
        listed(emulation, &emulated),
        weak.then(|| "a load sees the last store, as in the model, whatever its ordering".to_owned()),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Objects with the word that declares them; arrays once.
fn named(program: &Program, objects: &[ObjectId]) -> Vec<String> {
    let mut named: Vec<String> = Vec::new();
    for object in objects.iter().map(|object| program.object(*object)) {
        let name = object.name.split('[').next().unwrap_or(&object.name);
        let words = format!("{} `{name}`", object.kind.word());
        if !named.contains(&words) {
            named.push(words);
        }
    }
    named
}
