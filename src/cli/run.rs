//! `run`: one scenario many times on free-running OS threads, beside what the model allows.

use super::progress::Progress;
use super::said::{Format, Said};
use super::{Done, Exit, Exploration, JitterArgument, Terminal, files, interrupt};
use crate::engine;
use crate::engine::agreement::{self, Agreement};
use crate::explore::{explore, ways};
use crate::finding::EngineName;
use crate::limits::Limits;
use crate::report::histogram::{self, Histogram, RunReport};
use crate::report::json::Body;
use clap::Args;
use std::io::Write;
use std::path::PathBuf;

/// Shown below the help text.
pub(super) const EXIT_CODES: &str = "\
Exit codes:
  0    all that the threads did is possible in the model
  1    they did what the model forbids, or the engine failed
  2    wrong usage, or a file that cannot be read or has errors
  3    nothing can be said: a data race, a model that is not explored completely, or threads cannot express the file
  130  interrupted; what was seen so far is printed";

#[derive(Debug, Args)]
pub(super) struct RunArguments {
    /// The scenario file
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// How often to run it
    #[arg(long, value_name = "N", default_value_t = 1000, value_parser = clap::value_parser!(u64).range(1..))]
    times: u64,
    /// How to shake the threads, so that what is rare shows sooner
    #[arg(long, value_enum, value_name = "WAY", default_value_t = JitterArgument::Mixed)]
    jitter: JitterArgument,
    #[command(flatten)]
    exploration: Exploration,
    /// How to print
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

pub(super) fn run(arguments: &RunArguments, terminal: &Terminal) -> Done {
    let unusable = |message: &str| {
        terminal.say(message);
        Ok(Exit::Unusable)
    };
    let file = match files::scenario_file(&arguments.file, "run") {
        Ok(file) => file,
        Err(message) => return unusable(&format!("error: {message}")),
    };
    let Some(threads) = engine::by_name(EngineName::Threads) else {
        return unusable("error: the engine threads is left out of this build");
    };
    let mut said = Said::new(terminal, arguments.format);
    let loaded = match file.load(&arguments.exploration.set) {
        Ok(loaded) => arguments.exploration.room_in(loaded),
        Err(reason) => {
            said.unusable(&file.name, &reason);
            return said.end(&Body::Run(None), Exit::Unusable);
        }
    };
    said.warnings(&loaded);
    interrupt::listen();
    let jitter = arguments.jitter.way();
    let limits = Limits { thread_runs: arguments.times, jitter, ..arguments.exploration.limits() };
    let progress = Progress::new(terminal, 1);
    let watch = progress.of(&file.name);
    let native = explore(&loaded.program, &limits, &watch);
    let ran = threads.run(&loaded.program, &limits, &watch);
    let worth = histogram::worth_a_way(&native, &ran);
    let ways = ways(&loaded.program, &native, &worth, &limits, &watch);
    progress.finish();

    let agreement = agreement::compare(&loaded.program, &native, &ran);
    let histogram = Histogram {
        program: &loaded.program,
        native: &native,
        asked: arguments.times,
        ran: &ran,
        agreement: &agreement,
        ways: &ways,
    };
    let report = RunReport::new(&histogram);
    let exit = if interrupt::interrupted() { Exit::Interrupted } else { exit_of(&agreement) };
    if arguments.format == Format::Json {
        return said.document(&Body::Run(Some(&report)), exit);
    }
    let mut out = terminal.out();
    histogram::print(&mut out, &report, terminal.colours())?;
    out.flush()?;
    Ok(exit)
}

/// What the comparison means for the exit code: whether the file is as expected is `check`'s question.
fn exit_of(agreement: &Agreement) -> Exit {
    match agreement {
        Agreement::Agrees | Agreement::Inside => Exit::AsExpected,
        Agreement::Inconclusive(_) | Agreement::Unsupported(_) => Exit::Inconclusive,
        Agreement::Failed(_) | Agreement::Contradicts(_) => Exit::NotAsExpected,
    }
}
