//! What free-running threads did, beside what the model allows. For the terminal only: two runs differ.

use super::layout::{MARGIN, pad, width};
use super::text::cell;
use crate::engine::agreement::{Agreement, Undecided};
use crate::finding::{Coverage, Evidence, Finding, Outcome};
use crate::program::{FindingKind, Program};
use std::collections::BTreeSet;
use std::io::{self, Write};

/// Prints the outcomes of `ran` with their frequencies, each beside whether `native` allows it, then the findings.
///
/// # Errors
/// Those of `out`.
pub fn print(
    out: &mut dyn Write,
    program: &Program,
    native: &Evidence,
    ran: &Evidence,
    agreement: &Agreement,
) -> io::Result<()> {
    let runs = ran.counts.executions;
    let margin = " ".repeat(MARGIN);
    writeln!(out, "ran       {} on OS threads, {}", program.source.name(), times(runs))?;

    let names: Vec<&str> = program.observed.iter().map(|observed| observed.name.as_str()).collect();
    if !names.is_empty() {
        let all: BTreeSet<&Outcome> = ran.outcomes.keys().chain(native.outcomes.keys()).collect();
        let header = format!("({})", names.join(", "));
        let wide = all.iter().map(|outcome| width(&outcome.to_string())).chain([width(&header)]).max().unwrap_or(0);
        writeln!(out, "outcomes  {}  {:>10}  in the model", pad(&header, wide), "runs")?;
        for outcome in all {
            let hits = ran.outcomes.get(outcome).copied().unwrap_or(0);
            let allowed = allowed(native, outcome);
            writeln!(out, "{margin}{}  {hits:>10}  {allowed}", pad(&outcome.to_string(), wide))?;
        }
    }
    let normal: u64 = ran.outcomes.values().sum();
    writeln!(out, "ends      {normal} normal, {} otherwise", runs.saturating_sub(normal))?;

    let kinds =
        |evidence: &Evidence| -> BTreeSet<FindingKind> { evidence.findings.iter().map(Finding::kind).collect() };
    let (seen, expected) = (kinds(ran), kinds(native));
    let said: Vec<String> = seen
        .union(&expected)
        .map(|kind| match (seen.contains(kind), expected.contains(kind)) {
            (true, true) => format!("{kind} (in the model)"),
            (true, false) => format!("{kind} (not found in the model)"),
            (false, _) => format!("{kind} only in the model"),
        })
        .collect();
    writeln!(out, "findings  {}", if said.is_empty() { "none".to_owned() } else { said.join(", ") })?;
    for what in &ran.not_checked {
        writeln!(out, "unchecked {what}")?;
    }
    writeln!(out, "verdict   {}", cell_in_words(agreement))
}

fn allowed(native: &Evidence, outcome: &Outcome) -> &'static str {
    match (native.outcomes.contains_key(outcome), native.coverage == Coverage::Complete) {
        (true, _) => "yes",
        (false, true) => "NO",
        (false, false) => "not seen, and the search is not complete",
    }
}

fn cell_in_words(agreement: &Agreement) -> String {
    match agreement {
        Agreement::Agrees | Agreement::Inside => "inside the model".to_owned(),
        Agreement::Inconclusive(Undecided::Race) => {
            "inconclusive: there is a data race, and under one nothing else is compared".to_owned()
        }
        Agreement::Inconclusive(Undecided::NativeIncomplete) => {
            "inconclusive: the model is not explored completely".to_owned()
        }
        Agreement::Inconclusive(Undecided::EngineCut) => "inconclusive: cut by a limit".to_owned(),
        Agreement::Unsupported(unsupported) => format!("unsupported: {unsupported}"),
        Agreement::Failed(message) => format!("the engine failed: {message}"),
        Agreement::Contradicts(contradictions) => {
            let words: Vec<String> = contradictions.iter().map(ToString::to_string).collect();
            format!("{}: the engines disagree, one of them is wrong: {}", cell(agreement), words.join("; "))
        }
    }
}

fn times(runs: u64) -> String {
    if runs == 1 { "1 run".to_owned() } else { format!("{runs} runs") }
}
