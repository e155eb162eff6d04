//! `sweep`: one scenario under every combination of its parameters, and the smallest one that is not as expected.

use super::check::{Explored, Job, Task, engines, exit_of};
use super::progress::Progress;
use super::said::{Format, Said};
use super::{Done, EngineArgument, Exit, Exploration, Terminal, files, interrupt, workers};
use crate::language::{Override, Sweep};
use crate::report::json::Body;
use crate::report::summary::{self, Counted};
use crate::report::sweep::{self as table, Combination, SweepReport};
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
    /// How to print
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

pub(super) fn sweep(arguments: &SweepArguments, terminal: &Terminal) -> Done {
    let asked = files::scenario_file(&arguments.file, "sweep")
        .and_then(|file| engines(&arguments.engines).map(|engines| (file, engines)));
    let (file, engines) = match asked {
        Ok(asked) => asked,
        Err(message) => {
            terminal.say(&format!("error: {message}"));
            return Ok(Exit::Unusable);
        }
    };
    let mut said = Said::new(terminal, arguments.format);
    let sweep = match plan(arguments, &file) {
        Ok(sweep) => sweep,
        Err(refused) => {
            match refused {
                Refused::File(unusable) => said.unusable(&file.name, &unusable),
                Refused::Nothing(reason) => said.error(&file.name, &reason),
            }
            return said.end(&Body::Sweep(None), Exit::Unusable);
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
    let worked = workers::in_order(
        &tasks,
        &progress,
        |task| job.explore(task),
        |task, explored| {
            reports.push(match explored {
                Explored::Report { report, loaded } => {
                    said.warnings(&loaded);
                    Some(report)
                }
                Explored::Error(unusable) => {
                    said.unusable(&task.file.name, &unusable);
                    None
                }
                Explored::NotReached => None,
            });
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
    let reports = || combinations.iter().filter_map(|combination| combination.report.as_deref());
    let of_reports = reports().map(exit_of).max().unwrap_or(Exit::AsExpected);
    let of_errors = if said.errors() == 0 { Exit::AsExpected } else { Exit::Unusable };
    let of_user = if interrupt::interrupted() { Exit::Interrupted } else { Exit::AsExpected };
    let exit = of_reports.max(of_errors).max(of_user);
    // Whatever was interrupted is inconclusive.
    let telling = of_reports > Exit::AsExpected && !(of_reports == Exit::Inconclusive && interrupt::interrupted());
    let worst = table::least(&combinations, |report| telling && exit_of(report) == of_reports);
    if arguments.format == Format::Json {
        let smallest = worst.map(|worst| worst.values.clone());
        let report =
            SweepReport { path: file.name.clone(), parameters: sweep.parameters.clone(), combinations, smallest };
        return said.document(&Body::Sweep(Some(&report)), exit);
    }
    let mut out = terminal.out();
    table::print(&mut out, &file.name, &sweep.parameters, &combinations, terminal.colours())?;
    let explored: Vec<&Report> = reports().collect();
    let not_reached = combinations.len() - explored.len() - said.errors();
    summary::totals(&mut out, Counted::Combinations, explored, said.errors(), not_reached)?;
    if let Some((values, report)) = worst.and_then(|worst| Some((&worst.values, worst.report.as_deref()?))) {
        let what = if of_reports == Exit::Inconclusive { "inconclusive" } else { "not as expected" };
        writeln!(out, "\nsmallest  {what} with {}\n", table::assignments(&sweep.parameters, values))?;
        text::print(&mut out, report, terminal.colours())?;
    }
    if interrupt::interrupted() {
        writeln!(out, "interrupted")?;
    }
    out.flush()?;
    Ok(exit)
}

/// Why there is nothing to sweep.
enum Refused {
    File(Unusable),
    /// The reason, in words.
    Nothing(String),
}

/// Reads the file and lists the combinations.
fn plan(arguments: &SweepArguments, file: &ScenarioFile) -> Result<Sweep, Refused> {
    let gathered = file.gather().map_err(Refused::File)?;
    let sweep = scenario::sweep(&gathered, &arguments.exploration.set).map_err(Refused::File)?;
    if sweep.parameters.is_empty() {
        // What else is wrong with the text comes first.
        scenario::compile(&gathered, &arguments.exploration.set).map_err(Refused::File)?;
        let reason = format!("`{}` has no parameter with values to try (`param N = 2 in 1..=4;`)", file.name);
        return Err(Refused::Nothing(reason));
    }
    match sweep.combinations.len() {
        0 => Err(Refused::Nothing(format!("`require` in `{}` excludes all combinations", file.name))),
        _ => Ok(sweep),
    }
}
