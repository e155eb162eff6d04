//! The command line: arguments, files, workers, terminal. One file per subcommand.
//!
//! Reports go to standard output and are the same in every run; diagnostics of files, the progress bar and everything
//! else that is about this run go to standard error. Decides nothing about scenarios.

mod check;
mod completions;
mod exit;
mod explain;
mod files;
mod format;
mod help;
mod interrupt;
mod list;
mod new;
mod progress;
mod replay;
mod run;
mod said;
mod sweep;
mod terminal;
mod workers;

use crate::engine::isolate;
use crate::finding::EngineName;
use crate::language::Override;
use crate::limits::{Jitter, Limits};
use crate::program::{SPAWNED_DEFAULT, Value};
use crate::scenario::Loaded;
use clap::{Args, Parser, Subcommand, ValueEnum};
use exit::Exit;
use std::io;
use std::path::PathBuf;
use std::process::ExitCode;
use terminal::Terminal;

/// Explores small text scenarios of concurrent programs on several independent engines.
#[derive(Debug, Parser)]
#[command(name = "interleaver", version, about, long_about = None, after_help = EXIT_CODES)]
#[command(disable_help_subcommand = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

/// Shown below every help text that mentions running something.
const EXIT_CODES: &str = "\
Exit codes:
  0    every file is as expected
  1    some file is not, or two engines disagree
  2    wrong usage, or a file that cannot be read or has errors
  3    some search was not complete, and nothing is wrong otherwise
  130  interrupted; what was found so far is printed";

#[derive(Debug, Subcommand)]
enum Command {
    /// Explore scenarios and say whether each is as it expects to be
    ///
    /// The native checker explores every interleaving of each file, and its verdict decides; the other engines run the same
    /// program and must not contradict it. One file is reported in full; of several files those that are not as expected,
    /// and below them a table of all.
    #[command(after_help = EXIT_CODES)]
    Check(check::CheckArguments),
    /// Print what a shell needs to complete commands and options
    ///
    /// The script goes to standard output.
    #[command(after_help = completions::INSTALL)]
    Completions(completions::CompletionsArguments),
    /// Explain the code of an error or warning, with an example and its mended twin
    ///
    /// Every message of the language has a code in brackets; `interleaver help diagnostics` prints all entries.
    Explain(explain::ExplainArguments),
    /// Bring scenarios into the common layout
    ///
    /// Nothing but white space changes; a file with errors is left alone. The path `-` alone formats standard input to
    /// standard output.
    #[command(after_help = format::EXIT_CODES)]
    Fmt(format::FormatArguments),
    /// Print the reference of the language, or help for a subcommand
    ///
    /// `interleaver help language | less` is the manual: every form of the language, each with an example.
    Help(help::HelpArguments),
    /// List scenarios with their titles and what they expect
    ///
    /// Nothing is explored.
    List(list::ListArguments),
    /// Write a new scenario from a template: commented, and as it expects to be
    ///
    /// Nothing is ever overwritten. Where scenarios are tested, the new one wants a snapshot: the first run of its tests says
    /// how to accept its report.
    #[command(after_help = new::EXAMPLE)]
    New(new::NewArguments),
    /// Run one scenario many times on free-running OS threads, beside what the model allows
    ///
    /// A histogram of what happened, next to the outcomes that the native checker finds possible, and the shortest way of the
    /// model to what happened. An outcome outside the model is a contradiction; one that never happened is only rare.
    #[command(after_help = run::EXIT_CODES)]
    Run(run::RunArguments),
    /// Take the steps of one schedule line and show where they lead
    #[command(after_help = replay::EXIT_CODES)]
    Replay(replay::ReplayArguments),
    /// Explore one scenario under every combination of its parameters
    ///
    /// All values after `in` of its `param` lines that satisfy `require`: a table of verdicts, and the smallest combination
    /// that is not as expected, with its report.
    #[command(after_help = EXIT_CODES)]
    Sweep(sweep::SweepArguments),
}

/// As many messages as a bounded channel may have room for.
const LENGTH_MAX: i64 = 1_024;

/// Options of every subcommand that explores.
#[derive(Debug, Args)]
struct Exploration {
    /// Give a parameter another value than its default; may be repeated
    #[arg(long = "set", value_name = "NAME=VALUE", value_parser = parse_override)]
    set: Vec<Override>,
    /// Stop the native checker after this many distinct states
    #[arg(long, value_name = "N", default_value_t = Limits::default().states)]
    max_states: u64,
    /// Explore this many messages in an unbounded channel, and items in an unbounded queue, at most
    #[arg(long, value_name = "N", default_value_t = Limits::default().channel_length,
          value_parser = clap::value_parser!(u32).range(1..=LENGTH_MAX))]
    max_len: u32,
    /// Let a thread go this many instructions without a visible operation
    #[arg(long, value_name = "N", default_value_t = Limits::default().local_steps,
          value_parser = clap::value_parser!(u64).range(1..))]
    max_local_steps: u64,
    /// Executions that the native checker walks at random where a limit has cut its search
    #[arg(long, value_name = "N", default_value_t = Limits::default().samples)]
    samples: u64,
    /// Give room to this many threads that `spawn` starts; to start more is inconclusive (64 threads in all)
    #[arg(long, value_name = "N", default_value_t = SPAWNED_DEFAULT)]
    max_threads: usize,
}

impl Exploration {
    fn limits(&self) -> Limits {
        Limits {
            states: self.max_states,
            samples: self.samples,
            local_steps: self.max_local_steps,
            channel_length: self.max_len,
            ..Limits::default()
        }
    }

    /// The program with the room that it is given.
    fn room_in(&self, mut loaded: Loaded) -> Loaded {
        loaded.program.make_room(self.max_threads);
        loaded
    }
}

/// Which scenarios a subcommand is about.
#[derive(Debug, Args)]
struct Paths {
    /// Scenario files (*.ilv), or folders that are searched for them
    #[arg(value_name = "PATH", default_value = "scenarios")]
    paths: Vec<PathBuf>,
}

/// The engines, as the command line names them.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, ValueEnum)]
enum EngineArgument {
    /// The native checker: its verdict decides
    Native,
    /// loom: independent witness with C11 memory effects
    Loom,
    /// shuttle: independent witness, exhaustive where it can be, otherwise random with fixed seeds
    Shuttle,
    /// OS threads on `std::sync`: free-running, or in turns where they follow a schedule
    Threads,
}

impl EngineArgument {
    fn name(self) -> EngineName {
        match self {
            EngineArgument::Native => EngineName::Native,
            EngineArgument::Loom => EngineName::Loom,
            EngineArgument::Shuttle => EngineName::Shuttle,
            EngineArgument::Threads => EngineName::Threads,
        }
    }
}

/// Ways to shake threads, as the command line names them.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
enum JitterArgument {
    /// Runs take turns in all of the following but `spin`
    Mixed,
    /// Not at all
    Free,
    /// Threads give their processor away before some steps
    Yield,
    /// Threads spin for a moment before some steps
    Spin,
    /// Threads sleep for a moment before some steps
    Nap,
    /// At one or two moments of a run one thread sleeps for as long as the others need to come to their ends
    Stall,
    /// Threads have ranks: the lower, the later before each step; at one moment one becomes the lowest
    Ranks,
    /// All threads share one processor, and give it away before some steps
    Pin,
}

impl JitterArgument {
    fn way(self) -> Jitter {
        match self {
            JitterArgument::Mixed => Jitter::Mixed,
            JitterArgument::Free => Jitter::Free,
            JitterArgument::Yield => Jitter::Yield,
            JitterArgument::Spin => Jitter::Spin,
            JitterArgument::Nap => Jitter::Nap,
            JitterArgument::Stall => Jitter::Stall,
            JitterArgument::Ranks => Jitter::Ranks,
            JitterArgument::Pin => Jitter::Pin,
        }
    }
}

/// Reads `N=3` or `FAIR=true`.
fn parse_override(text: &str) -> Result<Override, String> {
    let (name, value) = text.split_once('=').ok_or("it should look like N=3")?;
    let value = match value.trim() {
        "true" => Value::Bool(true),
        "false" => Value::Bool(false),
        number => {
            Value::Int(number.parse().map_err(|_| format!("`{number}` is neither an integer nor true or false"))?)
        }
    };
    let name = name.trim();
    if name.is_empty() {
        return Err("the name of the parameter is missing".to_owned());
    }
    Ok(Override { name: name.to_owned(), value })
}

/// Runs the command line of this process. An engine's child process is served first: it is not for users.
#[must_use]
pub fn main() -> ExitCode {
    if let Some(code) = isolate::serve_if_asked() {
        return code;
    }
    let arguments = Arguments::parse();
    let terminal = Terminal::of_this_process();
    let done = match &arguments.command {
        Command::Check(arguments) => check::check(arguments, &terminal),
        Command::Completions(arguments) => completions::completions(arguments, &terminal),
        Command::Explain(arguments) => explain::explain(arguments, &terminal),
        Command::Fmt(arguments) => format::format(arguments, &terminal),
        Command::Help(arguments) => help::help(arguments, &terminal),
        Command::List(arguments) => list::list(arguments, &terminal),
        Command::New(arguments) => new::new(arguments, &terminal),
        Command::Run(arguments) => run::run(arguments, &terminal),
        Command::Replay(arguments) => replay::run(arguments, &terminal),
        Command::Sweep(arguments) => sweep::sweep(arguments, &terminal),
    };
    done.unwrap_or_else(|error| terminal.cannot_write(&error)).into()
}

/// What a subcommand comes to; an error is one of writing to standard output.
type Done = io::Result<Exit>;
