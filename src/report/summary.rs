//! Many files at a glance: a table file by engine, and one line of totals.

use super::Report;
use super::layout::{pad, width};
use super::text::{Colours, cell, paint};
use crate::engine::agreement::Agreement;
use crate::finding::EngineName;
use crate::judgement::Judgement;
use std::io::{self, Write};

/// Prints one row per file: whether it is as expected, the native verdict, and how each engine stands to it.
///
/// # Errors
/// Those of `out`.
pub fn print(out: &mut dyn Write, reports: &[Report], engines: &[EngineName], colours: Colours) -> io::Result<()> {
    let mut table: Vec<Vec<(String, Mood)>> = Vec::new();
    let mut header = vec![plain("file"), plain("judgement"), plain("native")];
    header.extend(engines.iter().map(|engine| plain(engine.word())));
    table.push(header);
    for report in reports {
        let judged = match report.judgement {
            Judgement::AsExpected => ("as expected".to_owned(), Mood::Good),
            Judgement::NotAsExpected(_) => ("NOT AS EXPECTED".to_owned(), Mood::Bad),
            Judgement::Inconclusive(_) => ("inconclusive".to_owned(), Mood::Open),
        };
        let mut row = vec![plain(&called(report)), judged, plain(report.verdict.word())];
        row.extend(engines.iter().map(|engine| {
            let agreement = report.engines.iter().find(|row| row.engine == *engine).map(|row| &row.agreement);
            agreement.map_or_else(|| plain("-"), |agreement| (cell(agreement).to_owned(), mood(agreement)))
        }));
        table.push(row);
    }
    let columns = table.first().map_or(0, Vec::len);
    let widths: Vec<usize> =
        (0..columns).map(|column| table.iter().map(|row| width(&row[column].0)).max().unwrap_or(0)).collect();
    writeln!(out)?;
    for row in &table {
        let mut line = String::new();
        for (position, ((text, mood), to)) in row.iter().zip(&widths).enumerate() {
            let last = position + 1 == columns;
            let padding = if last { String::new() } else { pad("", to + 2 - width(text)) };
            line.push_str(&format!("{}{padding}", mood.paint(text, colours)));
        }
        writeln!(out, "{}", line.trim_end())?;
    }
    Ok(())
}

/// The path, and the parameters that differ from their defaults.
fn called(report: &Report) -> String {
    let changed = report.parameters.iter().filter(|parameter| parameter.value != parameter.default);
    let assigned: Vec<String> = changed.map(|parameter| format!(" {}={}", parameter.name, parameter.value)).collect();
    format!("{}{}", report.path, assigned.concat())
}

/// What the last line counts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Counted {
    /// Each file was explored once.
    Files,
    /// Files were explored under several combinations of their parameters.
    Combinations,
}

/// Prints the counts: the last line of a run.
///
/// # Errors
/// Those of `out`.
pub fn totals<'a>(
    out: &mut dyn Write,
    counted: Counted,
    reports: impl IntoIterator<Item = &'a Report> + Clone,
    errors: usize,
    not_reached: usize,
) -> io::Result<()> {
    let count = |wanted: fn(&Report) -> bool| reports.clone().into_iter().filter(|report| wanted(report)).count();
    let parts = [
        (count(|report| report.judgement == Judgement::AsExpected), "as expected"),
        (count(|report| matches!(report.judgement, Judgement::NotAsExpected(_))), "not as expected"),
        (count(|report| matches!(report.judgement, Judgement::Inconclusive(_))), "inconclusive"),
        (count(Report::engines_fail), "where the engines disagree or fail"),
        (errors, "with errors"),
        (not_reached, "not explored"),
    ];
    let said: Vec<String> =
        parts.iter().filter(|(number, _)| *number > 0).map(|(number, what)| format!("{number} {what}")).collect();
    let all = count(|_| true) + errors + not_reached;
    let word = match counted {
        Counted::Files => "file",
        Counted::Combinations => "combination",
    };
    writeln!(out, "\n{all} {word}{}: {}", if all == 1 { "" } else { "s" }, said.join(", "))
}

/// How a cell is to be taken.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mood {
    Plain,
    Good,
    Open,
    Bad,
}

impl Mood {
    fn paint(self, text: &str, colours: Colours) -> String {
        match self {
            Mood::Plain => text.to_owned(),
            Mood::Good => paint(text, "32", colours),
            Mood::Open => paint(text, "33", colours),
            Mood::Bad => paint(text, "1;31", colours),
        }
    }
}

fn plain(text: &str) -> (String, Mood) {
    (text.to_owned(), Mood::Plain)
}

fn mood(agreement: &Agreement) -> Mood {
    match agreement {
        Agreement::Agrees | Agreement::Inside => Mood::Good,
        Agreement::Inconclusive(_) | Agreement::Unsupported(_) => Mood::Open,
        Agreement::Failed(_) | Agreement::Contradicts(_) => Mood::Bad,
    }
}
