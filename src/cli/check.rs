//! `check`: explores scenarios on every engine and says whether each is as it expects to be.
//!
//! Files are explored by a few workers at once and printed in order, so the output does not depend on who is faster.

use super::progress::Progress;
use super::{Done, EngineArgument, Exit, Exploration, Paths, Terminal, files, interrupt};
use crate::engine::{self, Engine};
use crate::explore::explore;
use crate::finding::EngineName;
use crate::judgement::Judgement;
use crate::language::Colour;
use crate::report::json::FileError;
use crate::report::{Report, json, summary, text};
use crate::scenario::{Loaded, ScenarioFile};
use clap::{Args, ValueEnum};
use std::io::Write;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;

/// Files explored at the same time. More would only share the same cores: engines that run threads use several.
const WORKERS: usize = 2;

#[derive(Debug, Args)]
pub(super) struct CheckArguments {
    #[command(flatten)]
    paths: Paths,
    #[command(flatten)]
    exploration: Exploration,
    /// Compare with these engines only; may be repeated or a list (default: all)
    #[arg(long = "engine", value_name = "ENGINE", value_delimiter = ',')]
    engines: Vec<EngineArgument>,
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

#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
enum Format {
    /// For people
    Text,
    /// One JSON document for other programs
    Json,
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
    let progress = Progress::new(terminal, files.len());
    let colour = match arguments.format {
        Format::Text => terminal.diagnostics(),
        Format::Json => Colour::Plain,
    };
    let job = Job { files: &files, engines: &engines, arguments, colour, progress: &progress };
    let mut printer = Printer {
        terminal,
        arguments,
        in_full: arguments.verbose || files.len() == 1,
        reports: Vec::new(),
        errors: Vec::new(),
    };
    let printed = job.run(&mut printer);
    progress.finish();
    printed?;
    printer.end(&files, &engines)
}

/// The engines besides the native checker that were asked for.
fn engines(chosen: &[EngineArgument]) -> Result<Vec<&'static dyn Engine>, String> {
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

/// All the work of one run.
struct Job<'a> {
    files: &'a [ScenarioFile],
    engines: &'a [&'static dyn Engine],
    arguments: &'a CheckArguments,
    colour: Colour,
    progress: &'a Progress,
}

/// What came of one file.
enum Explored {
    /// Its report, and the warnings about its text.
    Report { report: Box<Report>, warnings: String },
    /// Why it could not be used.
    Error(String),
    /// The run was over before its turn came.
    NotReached,
}

impl Job<'_> {
    /// Explores the files and hands the results to the printer in order.
    fn run(&self, printer: &mut Printer<'_>) -> std::io::Result<()> {
        let next = AtomicUsize::new(0);
        std::thread::scope(|scope| {
            let (sender, results) = mpsc::channel();
            for _ in 0..WORKERS.min(self.files.len()) {
                let (sender, next) = (sender.clone(), &next);
                scope.spawn(move || {
                    loop {
                        let position = next.fetch_add(1, Ordering::Relaxed);
                        let Some(file) = self.files.get(position) else { return };
                        // The receiver has gone only where nobody wants results any more.
                        if sender.send((position, self.explore(file))).is_err() {
                            return;
                        }
                    }
                });
            }
            drop(sender);
            let printed = self.print_in_order(&results, printer);
            // Whatever still runs is not wanted; the scope waits until it has noticed.
            self.progress.stop();
            printed
        })
    }

    fn print_in_order(
        &self,
        results: &mpsc::Receiver<(usize, Explored)>,
        printer: &mut Printer<'_>,
    ) -> std::io::Result<()> {
        let mut early: Vec<Option<Explored>> = self.files.iter().map(|_| None).collect();
        let mut turn = 0;
        for (position, explored) in results {
            early[position] = Some(explored);
            while let Some(explored) = early.get_mut(turn).and_then(Option::take) {
                let exit = self.progress.beside(|| printer.file(&self.files[turn], explored))?;
                self.progress.file_done();
                turn += 1;
                if self.arguments.fail_fast && exit > Exit::Inconclusive {
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    fn explore(&self, file: &ScenarioFile) -> Explored {
        if self.progress.over() {
            return Explored::NotReached;
        }
        let Loaded { program, warnings } = match file.load(&self.arguments.exploration.set, self.colour) {
            Ok(loaded) => loaded,
            Err(message) => return Explored::Error(message),
        };
        let limits = self.arguments.exploration.limits();
        let watch = self.progress.of(&file.name);
        let native = explore(&program, &limits, &watch);
        let others: Vec<_> = self.engines.iter().map(|engine| engine.run(&program, &limits, &watch)).collect();
        Explored::Report { report: Box::new(Report::new(&program, &native, &others)), warnings }
    }
}

/// Prints results as they come, and the summary at the end.
struct Printer<'a> {
    terminal: &'a Terminal,
    arguments: &'a CheckArguments,
    /// Whether the report of every file is printed.
    in_full: bool,
    reports: Vec<Report>,
    errors: Vec<FileError>,
}

impl Printer<'_> {
    /// Prints one file's result and says what it means for the run.
    fn file(&mut self, file: &ScenarioFile, explored: Explored) -> std::io::Result<Exit> {
        match explored {
            Explored::NotReached => Ok(Exit::AsExpected),
            Explored::Error(message) => {
                if self.arguments.format == Format::Text {
                    self.terminal.say(&message);
                }
                self.errors.push(FileError { path: file.name.clone(), message });
                Ok(Exit::Unusable)
            }
            Explored::Report { report, warnings } => {
                let exit = exit_of(&report);
                if self.arguments.format == Format::Text && (self.in_full || exit != Exit::AsExpected) {
                    if !warnings.is_empty() {
                        self.terminal.say(&warnings);
                    }
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
    fn end(self, files: &[ScenarioFile], engines: &[&'static dyn Engine]) -> Done {
        let mut out = self.terminal.out();
        match self.arguments.format {
            Format::Json => json::print(&mut out, &self.reports, &self.errors)?,
            Format::Text => {
                let names: Vec<EngineName> = engines.iter().map(|engine| engine.name()).collect();
                let not_reached = files.len() - self.reports.len() - self.errors.len();
                if files.len() > 1 {
                    summary::print(&mut out, &self.reports, &names, self.terminal.colours())?;
                    summary::totals(&mut out, &self.reports, self.errors.len(), not_reached)?;
                }
                if interrupt::interrupted() {
                    writeln!(out, "interrupted")?;
                }
            }
        }
        out.flush()?;
        let of_files = self.reports.iter().map(exit_of).max().unwrap_or(Exit::AsExpected);
        let of_errors = if self.errors.is_empty() { Exit::AsExpected } else { Exit::Unusable };
        let of_user = if interrupt::interrupted() { Exit::Interrupted } else { Exit::AsExpected };
        Ok(of_files.max(of_errors).max(of_user))
    }
}

/// What one report means for the exit code.
fn exit_of(report: &Report) -> Exit {
    if report.engines_fail() {
        return Exit::NotAsExpected;
    }
    match report.judgement {
        Judgement::AsExpected => Exit::AsExpected,
        Judgement::NotAsExpected(_) => Exit::NotAsExpected,
        Judgement::Inconclusive(_) => Exit::Inconclusive,
    }
}
