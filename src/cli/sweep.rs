//! `sweep`: one scenario under every combination of its parameters, and the smallest one that is not as expected.

use super::check::{Explored, Job, Task, engines, exit_of};
use super::progress::Progress;
use super::{Done, EngineArgument, Exit, Exploration, Terminal, files, interrupt, workers};
use crate::engine::Engine;
use crate::language::Override;
use crate::report::summary::{self, Counted};
use crate::report::sweep::{self as table, Combination};
use crate::report::{Report, text};
use crate::scenario::{self, ScenarioFile, Unusable};
use clap::Args;
use std::io::Write;
use std::ops::ControlFlow;
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(super) struct SweepArguments {
    /// The scenario file
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    exploration: Exploration,
    /// Run these engines; may be repeated or a list. The native checker always runs
    #[arg(long = "engine", value_name = "ENGINE", value_delimiter = ',', default_value = "native")]
    engines: Vec<EngineArgument>,
}

/// What there is to do.
struct Plan {
    file: ScenarioFile,
    engines: Vec<&'static dyn Engine>,
    sweep: crate::language::Sweep,
}

pub(super) fn sweep(arguments: &SweepArguments, terminal: &Terminal) -> Done {
    let Plan { file, engines, sweep } = match plan(arguments, terminal) {
        Ok(plan) => plan,
        Err(message) => {
            terminal.say(&message);
            return Ok(Exit::Unusable);
        }
    };
    interrupt::listen();
    let fixed = &arguments.exploration.set;
    let task = |chosen: &Vec<Override>| Task { file: file.clone(), set: Ok([&fixed[..], &chosen[..]].concat()) };
    let tasks: Vec<Task> = sweep.combinations.iter().map(task).collect();
    let progress = Progress::new(terminal, tasks.len());
    let limits = arguments.exploration.limits();
    let job = Job { engines: &engines, exploration: &arguments.exploration, limits, progress: &progress };
    let mut reports: Vec<Option<Box<Report>>> = Vec::new();
    let mut said: Vec<String> = Vec::new();
    let mut errors = 0;
    let worked = workers::in_order(
        &tasks,
        &progress,
        |task| job.explore(task),
        |_, explored| {
            let (report, message) = match explored {
                Explored::Report { report, loaded } => (Some(report), loaded.rendered_warnings(terminal.diagnostics())),
                Explored::Error(unusable) => {
                    errors += 1;
                    (None, unusable.render(terminal.diagnostics()))
                }
                Explored::NotReached => (None, String::new()),
            };
            reports.push(report);
            // Most of what is wrong with a text is wrong under every combination: it is said once.
            if !message.is_empty() && !said.contains(&message) {
                terminal.say(&message);
                said.push(message);
            }
            Ok(ControlFlow::Continue(()))
        },
    );
    progress.finish();
    worked?;

    let values = |chosen: &Vec<Override>| chosen.iter().map(|given| given.value).collect();
    let combinations: Vec<Combination> = sweep
        .combinations
        .iter()
        .zip(reports)
        .map(|(chosen, report)| Combination { values: values(chosen), report })
        .collect();
    let mut out = terminal.out();
    table::print(&mut out, &file.name, &sweep.parameters, &combinations, terminal.colours())?;
    let reports = || combinations.iter().filter_map(|combination| combination.report.as_deref());
    let not_reached = combinations.len() - reports().count() - errors;
    let explored: Vec<&Report> = reports().collect();
    summary::totals(&mut out, Counted::Combinations, explored.iter().copied(), errors, not_reached)?;
    let of_reports = explored.iter().map(|report| exit_of(report)).max().unwrap_or(Exit::AsExpected);
    let worst = table::least(&combinations, |report| of_reports > Exit::AsExpected && exit_of(report) == of_reports);
    if let Some((values, report)) = worst.and_then(|worst| Some((&worst.values, worst.report.as_deref()?)))
        && !(of_reports == Exit::Inconclusive && interrupt::interrupted())
    {
        let what = if of_reports == Exit::Inconclusive { "inconclusive" } else { "not as expected" };
        writeln!(out, "\nsmallest  {what} with {}\n", table::assignments(&sweep.parameters, values))?;
        text::print(&mut out, report, terminal.colours())?;
    }
    if interrupt::interrupted() {
        writeln!(out, "interrupted")?;
    }
    out.flush()?;
    let of_errors = if errors == 0 { Exit::AsExpected } else { Exit::Unusable };
    let of_user = if interrupt::interrupted() { Exit::Interrupted } else { Exit::AsExpected };
    Ok(of_reports.max(of_errors).max(of_user))
}

/// Reads the file and lists the combinations.
fn plan(arguments: &SweepArguments, terminal: &Terminal) -> Result<Plan, String> {
    let said = |message: String| format!("error: {message}");
    let file = files::scenario_file(&arguments.file, "sweep").map_err(said)?;
    let engines = engines(&arguments.engines).map_err(said)?;
    let shown = |unusable: Unusable| unusable.render(terminal.diagnostics());
    let gathered = file.gather().map_err(shown)?;
    let sweep = scenario::sweep(&gathered, &arguments.exploration.set).map_err(shown)?;
    if sweep.parameters.is_empty() {
        // What else is wrong with the text comes first.
        scenario::compile(&gathered, &arguments.exploration.set).map_err(shown)?;
        return Err(said(format!("`{}` has no parameter with values to try (`param N = 2 in 1..=4;`)", file.name)));
    }
    match sweep.combinations.len() {
        0 => Err(said(format!("`require` in `{}` excludes all combinations", file.name))),
        _ => Ok(Plan { file, engines, sweep }),
    }
}
