//! `check`: explores scenarios on every engine and says whether each is as it expects to be.
//!
//! Files are explored by a few workers at once and printed in order, so the output does not depend on who is faster.

use super::progress::Progress;
use super::said::{Format, Said};
use super::{Done, EngineArgument, Exit, Exploration, JitterArgument, Paths, Terminal, files, interrupt, workers};
use crate::engine::{self, Engine};
use crate::explore::explore;
use crate::finding::EngineName;
use crate::judgement::Judgement;
use crate::language::Override;
use crate::limits::Limits;
use crate::report::json::Body;
use crate::report::summary::Counted;
use crate::report::{Report, summary, text};
use crate::scenario::{self, Loaded, ScenarioFile, Unusable};
use clap::Args;
use std::io::Write;
use std::ops::ControlFlow;

#[derive(Debug, Args)]
pub(super) struct CheckArguments {
    #[command(flatten)]
    paths: Paths,
    #[command(flatten)]
    exploration: Exploration,
    /// Compare with these engines only; may be repeated or a list (default: all)
    #[arg(long = "engine", value_name = "ENGINE", value_delimiter = ',')]
    engines: Vec<EngineArgument>,
    /// Runs of each scenario on free OS threads
    #[arg(long, value_name = "N", default_value_t = Limits::default().thread_runs)]
    runs: u64,
    /// How to shake these threads, so that what is rare shows sooner
    #[arg(long, value_enum, value_name = "WAY", default_value_t = JitterArgument::Mixed)]
    jitter: JitterArgument,
    /// Explore every combination of the parameter values after `in` that `require` allows
    #[arg(long)]
    sweep: bool,
    /// Stop after the first file that is not as expected
    #[arg(long)]
    fail_fast: bool,
    /// Print the full report of every file
    #[arg(long)]
    verbose: bool,
    /// How to print
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

pub(super) fn check(arguments: &CheckArguments, terminal: &Terminal) -> Done {
    let chosen = files::scenarios(&arguments.paths.paths)
        .and_then(|files| engines(&arguments.engines).map(|engines| (files, engines)));
    let (files, engines) = match chosen {
        Ok(chosen) => chosen,
        Err(message) => {
            terminal.say(&format!("error: {message}"));
            return Ok(Exit::Unusable);
        }
    };
    interrupt::listen();
    let set = &arguments.exploration.set;
    let tasks: Vec<Task> = if arguments.sweep {
        files.iter().flat_map(|file| combinations(file, set)).collect()
    } else {
        files.iter().map(|file| Task { file: file.clone(), set: Ok(set.clone()) }).collect()
    };
    let progress = Progress::new(terminal, tasks.len());
    let jitter = arguments.jitter.way();
    let limits = Limits { thread_runs: arguments.runs, jitter, ..arguments.exploration.limits() };
    let job = Job { engines: &engines, exploration: &arguments.exploration, limits, progress: &progress };
    let mut printer = Printer {
        terminal,
        arguments,
        in_full: arguments.verbose || tasks.len() == 1,
        reports: Vec::new(),
        said: Said::new(terminal, arguments.format),
    };
    let printed = workers::in_order(
        &tasks,
        &progress,
        |task| job.explore(task),
        |task, explored| {
            let exit = printer.task(task, explored)?;
            let enough = arguments.fail_fast && exit > Exit::Inconclusive;
            Ok(if enough { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
        },
    );
    progress.finish();
    printed?;
    printer.end(&tasks, &engines)
}

/// What is explored at a time: a file under some values of its parameters.
pub(super) struct Task {
    pub(super) file: ScenarioFile,
    /// The values, or why there are none.
    pub(super) set: Result<Vec<Override>, Unusable>,
}

/// A task for every combination of a file's parameters; those that are set keep their value.
fn combinations(file: &ScenarioFile, set: &[Override]) -> Vec<Task> {
    let task = |set| Task { file: file.clone(), set };
    match file.gather().and_then(|gathered| scenario::sweep(&gathered, set)) {
        Ok(sweep) => sweep.combinations.into_iter().map(|chosen| task(Ok([set, &chosen[..]].concat()))).collect(),
        Err(unusable) => vec![task(Err(unusable))],
    }
}

/// The engines besides the native checker that were asked for.
pub(super) fn engines(chosen: &[EngineArgument]) -> Result<Vec<&'static dyn Engine>, String> {
    if chosen.is_empty() {
        return Ok(engine::all().to_vec());
    }
    let mut names: Vec<EngineName> = chosen.iter().map(|engine| engine.name()).collect();
    names.sort_unstable();
    names.dedup();
    names
        .into_iter()
        .filter(|name| *name != EngineName::Native)
        .map(|name| {
            engine::by_name(name).ok_or_else(|| format!("the engine {} is left out of this build", name.word()))
        })
        .collect()
}

/// How every task of a run is explored.
pub(super) struct Job<'a> {
    pub(super) engines: &'a [&'static dyn Engine],
    pub(super) exploration: &'a Exploration,
    pub(super) limits: Limits,
    pub(super) progress: &'a Progress,
}

/// What came of one task.
pub(super) enum Explored {
    /// Its report, and what was explored.
    Report { report: Box<Report>, loaded: Box<Loaded> },
    /// Why it could not be used.
    Error(Unusable),
    /// The run was over before its turn came.
    NotReached,
}

impl Job<'_> {
    pub(super) fn explore(&self, task: &Task) -> Explored {
        if self.progress.over() {
            return Explored::NotReached;
        }
        let loaded = match task.set.clone().and_then(|set| task.file.load(&set)) {
            Ok(loaded) => Box::new(self.exploration.room_in(loaded)),
            Err(unusable) => return Explored::Error(unusable),
        };
        let program = &loaded.program;
        let watch = self.progress.of(&task.file.name);
        let native = explore(program, &self.limits, &watch);
        let others: Vec<_> = self.engines.iter().map(|engine| engine.run(program, &self.limits, &watch)).collect();
        Explored::Report { report: Box::new(Report::new(program, &native, &others)), loaded }
    }
}

/// Prints results as they come, and the summary at the end.
struct Printer<'a> {
    terminal: &'a Terminal,
    arguments: &'a CheckArguments,
    /// Whether the report of every file is printed.
    in_full: bool,
    reports: Vec<Report>,
    said: Said<'a>,
}

impl Printer<'_> {
    /// Prints one result and says what it means for the run.
    fn task(&mut self, task: &Task, explored: Explored) -> std::io::Result<Exit> {
        match explored {
            Explored::NotReached => Ok(Exit::AsExpected),
            Explored::Error(unusable) => {
                self.said.unusable(&task.file.name, &unusable);
                Ok(Exit::Unusable)
            }
            Explored::Report { report, loaded } => {
                let exit = exit_of(&report);
                self.said.warnings(&loaded);
                if self.arguments.format == Format::Text && (self.in_full || exit != Exit::AsExpected) {
                    let mut out = self.terminal.out();
                    if !self.reports.is_empty() {
                        writeln!(out)?;
                    }
                    text::print(&mut out, &report, self.terminal.colours())?;
                    out.flush()?;
                }
                self.reports.push(*report);
                Ok(exit)
            }
        }
    }

    /// Prints the summary.
    fn end(self, tasks: &[Task], engines: &[&'static dyn Engine]) -> Done {
        let of_files = self.reports.iter().map(exit_of).max().unwrap_or(Exit::AsExpected);
        let errors = self.said.errors();
        let of_errors = if errors == 0 { Exit::AsExpected } else { Exit::Unusable };
        let of_user = if interrupt::interrupted() { Exit::Interrupted } else { Exit::AsExpected };
        let exit = of_files.max(of_errors).max(of_user);
        if self.arguments.format == Format::Json {
            return self.said.document(&Body::Reports(&self.reports), exit);
        }
        let mut out = self.terminal.out();
        if tasks.len() > 1 {
            let names: Vec<EngineName> = engines.iter().map(|engine| engine.name()).collect();
            let not_reached = tasks.len() - self.reports.len() - errors;
            let counted = if self.arguments.sweep { Counted::Combinations } else { Counted::Files };
            summary::print(&mut out, &self.reports, &names, self.terminal.colours())?;
            summary::totals(&mut out, counted, &self.reports, errors, not_reached)?;
        }
        if interrupt::interrupted() {
            writeln!(out, "interrupted")?;
        }
        out.flush()?;
        Ok(exit)
    }
}

/// What one report means for the exit code.
pub(super) fn exit_of(report: &Report) -> Exit {
    if report.engines_fail() {
        return Exit::NotAsExpected;
    }
    match report.judgement {
        Judgement::AsExpected => Exit::AsExpected,
        Judgement::NotAsExpected(_) => Exit::NotAsExpected,
        Judgement::Inconclusive(_) => Exit::Inconclusive,
    }
}
