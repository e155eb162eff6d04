//! What free-running threads did, beside what the model allows, and how the model comes there. For the terminal only:
//! two runs differ.

use super::build::{columns, rows};
use super::layout::{MARGIN, pad, table, width};
use super::text::{Colours, cell, count, headline, line, paint, part, title};
use crate::engine::agreement::{Agreement, Undecided, can_show};
use crate::explain;
use crate::finding::{Coverage, EngineName, Event, Evidence, Finding, Leastness, Outcome, Trace};
use crate::program::{FindingKind, Program};
use crate::schedule::{self, Choice};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::io::{self, Write};

/// Outcomes whose way is shown: the rarest.
const WAYS_SHOWN: usize = 3;

/// What there is to print.
#[derive(Clone, Copy, Debug)]
pub struct Histogram<'a> {
    /// What was run.
    pub program: &'a Program,
    /// What the model allows.
    pub native: &'a Evidence,
    /// What the threads did.
    pub ran: &'a Evidence,
    /// How the one stands to the other.
    pub agreement: &'a Agreement,
    /// How the model comes to the outcomes of [`worth_a_way`].
    pub ways: &'a BTreeMap<Outcome, Trace>,
}

/// The outcomes that the threads came to and whose way in the model is shown: the rarest.
#[must_use]
pub fn worth_a_way(native: &Evidence, ran: &Evidence) -> BTreeSet<Outcome> {
    let mut seen: Vec<(&Outcome, &u64)> =
        ran.outcomes.iter().filter(|(outcome, _)| native.outcomes.contains_key(outcome)).collect();
    seen.sort_by_key(|(_, times)| **times);
    // An outcome without a component is the same for every end.
    seen.into_iter().filter(|(outcome, _)| !outcome.0.is_empty()).take(WAYS_SHOWN).map(|(it, _)| it.clone()).collect()
}

/// Prints the outcomes of the threads with their frequencies, each beside whether the model allows it, then the findings
/// and how often there was one, then the shortest executions of the model that come to the same.
///
/// # Errors
/// Those of `out`.
pub fn print(out: &mut dyn Write, histogram: &Histogram<'_>, colours: Colours) -> io::Result<()> {
    write!(out, "{}", Page { histogram: *histogram, colours })
}

struct Page<'a> {
    histogram: Histogram<'a>,
    colours: Colours,
}

impl fmt::Display for Page<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Histogram { program, ran, agreement, .. } = self.histogram;
        let runs = ran.counts.executions;
        let name = program.source.name();
        if let Agreement::Contradicts(_) = agreement {
            let word = cell(agreement);
            let said = "free-running threads did what the model forbids";
            title(f, word, &paint(word, "1;31", self.colours), said, name)?;
        }
        writeln!(f, "ran       {name} on OS threads, {}", count(runs, "run"))?;
        self.outcomes(f)?;
        let normal: u64 = ran.outcomes.values().sum();
        writeln!(f, "ends      {normal} normal, {} otherwise", runs.saturating_sub(normal))?;
        self.findings(f)?;
        self.rate(f)?;
        for what in &ran.not_checked {
            writeln!(f, "unchecked {what}")?;
        }
        self.ways(f)?;
        part(f, self.colours, "verdict", &[cell_in_words(agreement)])
    }
}

impl Page<'_> {
    fn outcomes(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Histogram { program, native, ran, .. } = self.histogram;
        let names: Vec<&str> = program.observed.iter().map(|observed| observed.name.as_str()).collect();
        if names.is_empty() {
            return Ok(());
        }
        let margin = " ".repeat(MARGIN);
        let all: BTreeSet<&Outcome> = ran.outcomes.keys().chain(native.outcomes.keys()).collect();
        let header = format!("({})", names.join(", "));
        let wide = all.iter().map(|outcome| width(&outcome.to_string())).chain([width(&header)]).max().unwrap_or(0);
        writeln!(f, "outcomes  {}  {:>10}  in the model", pad(&header, wide), "runs")?;
        for outcome in all {
            let hits = ran.outcomes.get(outcome).copied().unwrap_or(0);
            let allowed = allowed(native, outcome);
            writeln!(f, "{margin}{}  {hits:>10}  {allowed}", pad(&outcome.to_string(), wide))?;
        }
        Ok(())
    }

    fn findings(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kinds =
            |evidence: &Evidence| -> BTreeSet<FindingKind> { evidence.findings.iter().map(Finding::kind).collect() };
        let (seen, expected) = (kinds(self.histogram.ran), kinds(self.histogram.native));
        let said: Vec<String> = seen
            .union(&expected)
            .map(|kind| match (seen.contains(kind), expected.contains(kind)) {
                (true, true) => format!("{kind} (in the model)"),
                (true, false) => format!("{kind} (not found in the model)"),
                (false, _) => format!("{kind} only in the model"),
            })
            .collect();
        writeln!(f, "findings  {}", if said.is_empty() { "none".to_owned() } else { said.join(", ") })
    }

    /// In how many runs something was found, and what shaking has to do with it.
    fn rate(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Histogram { native, ran, .. } = self.histogram;
        let runs = ran.counts.executions;
        let hits: u64 = ran.samples.iter().map(|sample| sample.hits).sum();
        if hits > 0 {
            let mut lines = vec![format!("{hits} of {runs} runs show a finding")];
            let ways = ran.samples.iter();
            lines.extend(ways.map(|it| format!("- {} of {} {}", it.hits, it.walks, it.strategy)));
            return part(f, self.colours, "rate", &lines);
        }
        if runs > 0 && native.findings.iter().any(|finding| can_show(EngineName::Threads, finding)) {
            let said = format!("below 1 in {runs}: no run shows what the model finds");
            return part(f, self.colours, "rate", &[said]);
        }
        Ok(())
    }

    /// How the model comes to what the threads have shown.
    fn ways(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Histogram { native, ran, ways, .. } = self.histogram;
        let mut shown: BTreeSet<FindingKind> = BTreeSet::new();
        for found in ran.findings.iter().filter(|found| found.kind() != FindingKind::Outcome) {
            let alike = |finding: &&Finding| finding.kind() == found.kind() && finding.trace.is_some();
            let same = native.findings.iter().find(|finding| finding.key() == found.key() && finding.trace.is_some());
            if let Some(finding) = same.or_else(|| native.findings.iter().find(alike))
                && let Some(trace) = &finding.trace
                && shown.insert(finding.kind())
            {
                let said = headline(&explain::explain(self.histogram.program, finding));
                self.way(f, &said, trace, Some(finding))?;
            }
        }
        for (outcome, trace) in ways {
            self.way(f, &format!("outcome {outcome}"), trace, None)?;
        }
        Ok(())
    }

    /// One execution of the model.
    fn way(&self, f: &mut fmt::Formatter<'_>, said: &str, trace: &Trace, finding: Option<&Finding>) -> fmt::Result {
        let program = self.histogram.program;
        writeln!(f)?;
        let how = match trace.least {
            Leastness::Proven => "the shortest way there",
            Leastness::NotProven => "a way there, not proven the shortest",
        };
        part(f, self.colours, "model", &[format!("{said} · {how}")])?;
        let events = &trace.events;
        if !events.is_empty() {
            for row in table(&columns(program, events), &rows(program, events, finding)) {
                writeln!(f, "{row}")?;
            }
        }
        let choices: Vec<Choice> = events.iter().map(Event::choice).collect();
        line(f, self.colours, "schedule", &schedule::to_stamped_text(program, &choices))
    }
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
