//! `replay`: takes the steps of one schedule line and shows where they lead.

use super::progress::Progress;
use super::said::{Format, Said};
use super::{Done, EngineArgument, Exit, Exploration, Terminal, files, interrupt};
use crate::engine::{self, replay::NoReplay};
use crate::explore::{Questions, replay};
use crate::finding::{EngineName, Replay, ReplayEnd};
use crate::language::Override;
use crate::limits::{Limits, Watch};
use crate::program::{Program, Value};
use crate::report::json::Body;
use crate::report::replay::{ReplayReport, print};
use crate::scenario::{ScenarioFile, Unusable};
use crate::schedule::{self, Choice};
use crate::semantics::Semantics;
use clap::Args;
use std::io::{self, Read, Write};
use std::path::PathBuf;

/// Shown below the help text.
pub(super) const EXIT_CODES: &str = "\
Exit codes:
  0    every step of the schedule was taken
  1    the schedule asked for a step that was not on offer, or the engine failed
  2    wrong usage, or a file or a schedule that cannot be used
  3    the engine cannot express the file
  130  interrupted";

#[derive(Debug, Args)]
pub(super) struct ReplayArguments {
    /// The scenario file
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The schedule line as reports print it, from `v1` on; `-` reads it from standard input
    #[arg(value_name = "SCHEDULE", required = true, num_args = 1..)]
    schedule: Vec<String>,
    #[command(flatten)]
    exploration: Exploration,
    /// Replay also where the file has changed since the schedule was made
    #[arg(long)]
    even_if_changed: bool,
    /// Who takes the steps
    #[arg(long, value_name = "ENGINE", default_value = "native")]
    engine: EngineArgument,
    /// How to print
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

/// More than the longest schedule.
const READ_AT_MOST: u64 = 16 << 20;

pub(super) fn run(arguments: &ReplayArguments, terminal: &Terminal) -> Done {
    let asked = files::scenario_file(&arguments.file, "replay").and_then(|file| Ok((file, line(arguments)?)));
    let (file, line) = match asked {
        Ok(asked) => asked,
        Err(message) => {
            terminal.say(&format!("error: {message}"));
            return Ok(Exit::Unusable);
        }
    };
    let mut said = Said::new(terminal, arguments.format);
    let Plan { program, choices } = match plan(arguments, &file, &line, &mut said) {
        Ok(plan) => plan,
        Err(refused) => {
            match refused {
                Refused::File(unusable) => said.unusable(&file.name, &unusable),
                Refused::Schedule(reason) => said.error(&file.name, &reason),
            }
            return said.end(&Body::Replay(None), Exit::Unusable);
        }
    };
    interrupt::listen();
    let limits = arguments.exploration.limits();
    let progress = Progress::new(terminal, 1);
    let watch = progress.of(program.source.name());
    let name = arguments.engine.name();
    let replayed = on_engine(name, &program, &choices, &limits, &watch);
    progress.finish();
    let replay = match replayed {
        Ok(replay) => replay,
        Err(reason) => {
            said.error(&file.name, &reason.to_string());
            let exit = match reason {
                NoReplay::Unsupported(_) => Exit::Inconclusive,
                NoReplay::NotHere(_) => Exit::Unusable,
                NoReplay::Failed(_) => Exit::NotAsExpected,
            };
            return said.end(&Body::Replay(None), exit);
        }
    };
    let exit = match replay.end {
        _ if interrupt::interrupted() => Exit::Interrupted,
        ReplayEnd::Diverged(_) => Exit::NotAsExpected,
        ReplayEnd::GoesOn { .. }
        | ReplayEnd::Deadlock
        | ReplayEnd::NormalEnd(_)
        | ReplayEnd::AbnormalEnd
        | ReplayEnd::Stopped
        | ReplayEnd::Discarded
        | ReplayEnd::Cut(_) => Exit::AsExpected,
    };
    let not_checked = engine::replay::not_checked(name, &program);
    let report =
        ReplayReport::new(&program, name, &replay, engine::replay::remarks(name, &program, &replay), not_checked);
    if arguments.format == Format::Json {
        return said.document(&Body::Replay(Some(&report)), exit);
    }
    let mut out = terminal.out();
    print(&mut out, &report, terminal.colours())?;
    out.flush()?;
    Ok(exit)
}

/// Lets one engine take the steps.
fn on_engine(
    name: EngineName,
    program: &Program,
    choices: &[Choice],
    limits: &Limits,
    watch: &dyn Watch,
) -> Result<Replay, NoReplay> {
    match name {
        EngineName::Native => {
            Ok(replay(&Semantics::remembering(program, limits), &Questions::of(program), choices, limits, watch))
        }
        EngineName::Loom | EngineName::Shuttle | EngineName::Threads => {
            engine::replay::replay(name, program, choices, limits, watch)
        }
    }
}

/// What there is to replay.
struct Plan {
    program: Program,
    choices: Vec<Choice>,
}

/// Why there is nothing to replay.
enum Refused {
    File(Unusable),
    /// The reason, in words.
    Schedule(String),
}

/// The schedule, as it was given.
fn line(arguments: &ReplayArguments) -> Result<String, String> {
    match arguments.schedule.as_slice() {
        [dash] if dash == "-" => from_standard_input(),
        words => Ok(words.join(" ")),
    }
}

/// Reads the schedule and the file. The parameters of the schedule apply.
fn plan(arguments: &ReplayArguments, file: &ScenarioFile, line: &str, said: &mut Said<'_>) -> Result<Plan, Refused> {
    let refused = |error: schedule::ScheduleError| Refused::Schedule(error.to_string());
    let parameters = schedule::parameters(line).map_err(refused)?;
    let mut set = arguments.exploration.set.clone();
    for (name, value) in parameters {
        if let Some(other) = other_value(&set, &name, value) {
            let reason = format!("`{name}` is {value} in the schedule and {other} in `--set`");
            return Err(Refused::Schedule(reason));
        }
        set.push(Override { name, value });
    }
    let loaded = arguments.exploration.room_in(file.load(&set).map_err(Refused::File)?);
    said.warnings(&loaded);
    let now = schedule::hash(&loaded.program);
    let then = schedule::stamp(line).map_err(refused)?.filter(|then| *then != now && !arguments.even_if_changed);
    let changed = |then: &str| {
        let or =
            if arguments.exploration.set.is_empty() { "" } else { ", or with other parameters than `--set` gives" };
        Refused::Schedule(format!(
            "`{}` has changed since the schedule was made{or} (its hash is {now}, the schedule's is {then}); \
             --even-if-changed replays it all the same",
            file.name
        ))
    };
    // Names of threads that are not there any more are no surprise in another version of the file.
    let read = schedule::parse(&loaded.program, line)
        .map_err(|error| then.as_deref().map_or_else(|| refused(error), &changed))?;
    let lacks = |option: &&String| !arguments.even_if_changed && !loaded.program.option_lines.contains(option);
    if let Some(option) = read.options.iter().find(lacks) {
        return Err(Refused::Schedule(format!(
            "the schedule was made with `option {option};`, which `{}` does not have; --even-if-changed replays it all \
             the same",
            file.name
        )));
    }
    match then {
        Some(then) => Err(changed(&then)),
        None => Ok(Plan { program: loaded.program, choices: read.choices }),
    }
}

/// The value that was set before, if it is another one.
fn other_value(set: &[Override], name: &str, value: Value) -> Option<Value> {
    set.iter().rev().find(|given| given.name == name).map(|given| given.value).filter(|given| *given != value)
}

fn from_standard_input() -> Result<String, String> {
    let mut line = String::new();
    let read = io::stdin().lock().take(READ_AT_MOST).read_to_string(&mut line);
    read.map_err(|error| format!("cannot read the schedule from standard input: {error}"))?;
    Ok(line)
}
