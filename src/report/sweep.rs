//! All combinations of a sweep at a glance: grids of verdicts where they fit, otherwise one row for each combination.

use super::Report;
use super::layout::{MARGIN, WIDTH, pad, width, wrap};
use super::text::{Colours, paint};
use crate::judgement::{Judgement, Verdict};
use crate::program::Value;
use serde::Serialize;
use std::collections::BTreeSet;
use std::io::{self, Write};

/// What exploring all combinations showed.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct SweepReport {
    /// Path as the user gave it.
    pub path: String,
    /// The parameters that were varied.
    pub parameters: Vec<String>,
    /// All combinations, in the order of the text output.
    pub combinations: Vec<Combination>,
    /// The values of the smallest combination that is worst: not as expected, or else inconclusive.
    pub smallest: Option<Vec<Value>>,
}

/// One combination and what came of it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Combination {
    /// The values, in order of the parameters.
    pub values: Vec<Value>,
    /// `None` where it was not explored, or had errors.
    pub report: Option<Box<Report>>,
}

/// What a cell shows of a combination that was not explored.
const NOTHING: &str = "·";
/// What a cell shows of a combination that `require` excludes.
const EXCLUDED: &str = "-";
/// Between two columns.
const GAP: usize = 2;

/// Prints the verdicts of all combinations.
///
/// # Errors
/// Those of `out`.
pub fn print(
    out: &mut dyn Write,
    path: &str,
    parameters: &[String],
    combinations: &[Combination],
    colours: Colours,
) -> io::Result<()> {
    let number = combinations.len();
    let said = format!("{path}, {number} {} of {}", combinations_word(number), parameters.join(", "));
    for (position, line) in wrap(&said, WIDTH - MARGIN).iter().enumerate() {
        let label = pad(if position == 0 { "sweep" } else { "" }, MARGIN);
        writeln!(out, "{label}{line}")?;
    }
    let grids = grids(parameters, combinations);
    let fits = grids.iter().all(|grid| grid.iter().all(|line| line_width(line) <= WIDTH));
    let tables = if fits && !grids.is_empty() { grids } else { vec![list(parameters, combinations)] };
    for table in &tables {
        writeln!(out)?;
        for line in table {
            writeln!(out, "{}", painted(line, colours).trim_end())?;
        }
    }
    let shown: String = tables.iter().flatten().flatten().map(|(text, _)| format!("{text}\n")).collect();
    let legend: Vec<&str> = [
        (" !", "`!` not as expected"),
        (" ?", "`?` the search was not complete"),
        (&format!("{EXCLUDED}\n"), "`-` excluded by `require`"),
        (NOTHING, "`·` not explored"),
    ]
    .iter()
    .filter(|(mark, _)| shown.contains(mark))
    .map(|(_, meaning)| *meaning)
    .collect();
    if legend.is_empty() { Ok(()) } else { writeln!(out, "\n{}", legend.join(", ")) }
}

/// `1 combination`, `2 combinations`.
fn combinations_word(number: usize) -> &'static str {
    if number == 1 { "combination" } else { "combinations" }
}

/// The least combination among those that `wanted` picks: the one with the fewest steps upwards from the least value of
/// each parameter; of several, the first.
#[must_use]
pub fn least(combinations: &[Combination], wanted: impl Fn(&Report) -> bool) -> Option<&Combination> {
    let parameters = combinations.first().map_or(0, |combination| combination.values.len());
    let values: Vec<Vec<Value>> = (0..parameters).map(|parameter| values_of(combinations, parameter)).collect();
    let steps = |combination: &&Combination| -> usize {
        let all = combination.values.iter().zip(&values);
        all.map(|(value, all)| all.iter().take_while(|smaller| *smaller < value).count()).sum()
    };
    combinations.iter().filter(|combination| combination.report.as_deref().is_some_and(&wanted)).min_by_key(steps)
}

/// `N=1 FAIR=true`, as `--set` takes them.
#[must_use]
pub fn assignments(parameters: &[String], values: &[Value]) -> String {
    let all: Vec<String> = parameters.iter().zip(values).map(|(name, value)| format!("{name}={value}")).collect();
    all.join(" ")
}

/// The values that a parameter has in some combination, in ascending order.
fn values_of(combinations: &[Combination], parameter: usize) -> Vec<Value> {
    let values: BTreeSet<Value> = combinations.iter().map(|combination| combination.values[parameter]).collect();
    values.into_iter().collect()
}

/// A line of a table: texts that are padded already, and the colour of each.
type Line = Vec<(String, &'static str)>;

fn line_width(line: &Line) -> usize {
    line.iter().map(|(text, _)| width(text)).sum()
}

fn painted(line: &Line, colours: Colours) -> String {
    line.iter().map(|(text, code)| if code.is_empty() { text.clone() } else { paint(text, code, colours) }).collect()
}

fn plain(text: impl Into<String>) -> (String, &'static str) {
    (text.into(), "")
}

/// The verdict of one combination in a few words, and its colour.
fn cell(combination: &Combination) -> (String, &'static str) {
    let Some(report) = &combination.report else { return plain(NOTHING) };
    let verdict = match report.verdict {
        Verdict::Violated => {
            let kinds: BTreeSet<_> = report.findings.iter().map(|finding| finding.kind).collect();
            let mut words: Vec<&str> = kinds.into_iter().map(crate::program::FindingKind::word).collect();
            if report.findings_left_out > 0 {
                words.push("…");
            }
            words.join(", ")
        }
        Verdict::Holds | Verdict::Inconclusive(_) | Verdict::Unsupported(_) => report.verdict.word().to_owned(),
    };
    if report.engines_fail() {
        return (format!("{verdict}, engines disagree !"), "1;31");
    }
    match report.judgement {
        Judgement::AsExpected => (verdict, "32"),
        Judgement::NotAsExpected(_) => (format!("{verdict} !"), "1;31"),
        Judgement::Inconclusive(_) => (format!("{verdict} ?"), "33"),
    }
}

/// One grid for each combination of all parameters but the last two: rows are the values of the last but one, columns
/// those of the last. None where there are fewer than two parameters.
fn grids(parameters: &[String], combinations: &[Combination]) -> Vec<Vec<Line>> {
    let [outer @ .., rows, columns] = parameters else { return Vec::new() };
    let mut heads: Vec<&[Value]> = combinations.iter().map(|combination| &combination.values[..outer.len()]).collect();
    heads.dedup();
    heads
        .into_iter()
        .map(|head| {
            let inside: Vec<&Combination> =
                combinations.iter().filter(|combination| combination.values.starts_with(head)).collect();
            let mut grid = grid(rows, columns, outer.len(), &inside);
            if !outer.is_empty() {
                grid.insert(0, vec![plain(assignments(outer, head))]);
            }
            grid
        })
        .collect()
}

fn grid(rows: &str, columns: &str, outer: usize, inside: &[&Combination]) -> Vec<Line> {
    let values = |parameter: usize| -> Vec<Value> {
        inside.iter().map(|combination| combination.values[parameter]).collect::<BTreeSet<_>>().into_iter().collect()
    };
    let (row_values, column_values) = (values(outer), values(outer + 1));
    let at = |row: Value, column: Value| {
        inside
            .iter()
            .find(|combination| combination.values[outer..] == [row, column])
            .map_or_else(|| plain(EXCLUDED), |combination| cell(combination))
    };
    let label = row_values.iter().map(|value| width(&value.to_string())).chain([width(rows)]).max().unwrap_or(0);
    let widths: Vec<usize> = column_values
        .iter()
        .map(|column| {
            let cells = row_values.iter().map(|row| width(&at(*row, *column).0));
            cells.chain([width(&column.to_string())]).max().unwrap_or(0)
        })
        .collect();
    let gap = " ".repeat(GAP);
    let mut lines = vec![vec![plain(format!("{}{gap}{columns}", " ".repeat(label)))]];
    let mut header = vec![plain(pad(rows, label))];
    header.extend(column_values.iter().zip(&widths).flat_map(|(value, to)| {
        let name = value.to_string();
        [plain(gap.clone()), plain(name.clone()), plain(" ".repeat(to - width(&name)))]
    }));
    lines.push(header);
    for row in &row_values {
        let name = row.to_string();
        let mut line = vec![plain(format!("{}{name}", " ".repeat(label - width(&name))))];
        for (column, to) in column_values.iter().zip(&widths) {
            let (text, code) = at(*row, *column);
            let room = " ".repeat(to - width(&text));
            line.extend([plain(gap.clone()), (text, code), plain(room)]);
        }
        lines.push(line);
    }
    lines
}

/// One row for each combination.
fn list(parameters: &[String], combinations: &[Combination]) -> Vec<Line> {
    let widths: Vec<usize> = parameters
        .iter()
        .enumerate()
        .map(|(parameter, name)| {
            let values = combinations.iter().map(|combination| width(&combination.values[parameter].to_string()));
            values.chain([width(name)]).max().unwrap_or(0)
        })
        .collect();
    let gap = " ".repeat(GAP);
    let row = |texts: Vec<String>, last: (String, &'static str)| -> Line {
        let mut line: Line = texts
            .iter()
            .zip(&widths)
            .map(|(text, to)| plain(format!("{}{text}{gap}", " ".repeat(to - width(text)))))
            .collect();
        line.push(last);
        line
    };
    let mut lines = vec![row(parameters.to_vec(), plain("verdict"))];
    lines.extend(
        combinations
            .iter()
            .map(|combination| row(combination.values.iter().map(Value::to_string).collect(), cell(combination))),
    );
    lines
}
