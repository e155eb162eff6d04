//! What free-running threads did, beside what the model allows, and how the model comes there. Two runs differ.

use super::build::{observed, parameters, trace_report};
use super::claim::limit_text;
use super::layout::{MARGIN, pad, table, width};
use super::text::{Colours, cell, count, headline, line, paint, part, title};
use super::{ParameterReport, TraceReport};
use crate::engine::agreement::{Agreement, Undecided, can_show};
use crate::explain::{self, WaitRow};
use crate::finding::{
    Coverage, Detail, EngineName, Evidence, Finding, Leastness, LimitHit, OtherEnds, Outcome, Sample, Symptom, Trace,
};
use crate::program::{FindingKind, Program};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::io::{self, Write};

/// Deadlocks of which is shown who waited.
const DEADLOCKS_SHOWN: usize = 3;

/// Outcomes whose way is shown: the rarest.
const WAYS_SHOWN: usize = 3;

/// What there is to report on.
#[derive(Clone, Copy, Debug)]
pub struct Histogram<'a> {
    /// What was run.
    pub program: &'a Program,
    /// What the model allows.
    pub native: &'a Evidence,
    /// How often the threads were to run.
    pub asked: u64,
    /// What they did.
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

/// What free-running threads did.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct RunReport {
    /// Path as the user gave it.
    pub path: String,
    /// Parameters in order of declaration.
    pub parameters: Vec<ParameterReport>,
    /// How often the threads were to run.
    pub asked: u64,
    /// How often they did: fewer where somebody interrupted them, or where they failed.
    pub runs: u64,
    /// Whether somebody has.
    pub interrupted: bool,
    /// What outcomes consist of; empty where the scenario observes nothing.
    pub observed: Vec<String>,
    /// All outcomes, of the threads and of the model, sorted.
    pub outcomes: Vec<Frequency>,
    /// Runs that ended normally.
    pub normal_ends: u64,
    /// How the others ended, where there are any.
    pub other_ends: Vec<OtherEnd>,
    /// Kinds of findings, of the threads and of the model, sorted.
    pub findings: Vec<Kind>,
    /// The deadlocks that runs have shown: who waits for what.
    pub deadlocks: Vec<Vec<WaitRow>>,
    /// Runs that show a finding.
    pub runs_with_a_finding: u64,
    /// The same for each way to shake the threads.
    pub samples: Vec<Sample>,
    /// Whether the model has a finding that these threads can show.
    pub could_show_a_finding: bool,
    /// What the scenario asks for and the threads do not look at.
    pub not_checked: Vec<String>,
    /// How the model comes to what the threads have shown.
    pub ways: Vec<Way>,
    /// How the threads stand to the model.
    pub agreement: Agreement,
}

/// An end that is no normal one, and how often it was come to.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct OtherEnd {
    /// Which.
    pub end: OtherEndKind,
    /// Runs that ended so.
    pub runs: u64,
    /// In words for people.
    pub said: String,
}

/// What an end is that is no normal one.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum OtherEndKind {
    /// Nobody could step.
    Deadlock,
    /// Every thread had ended, at least one by panic or misuse.
    AbnormalEnd,
    /// A failed property ended it.
    Stopped,
    /// A false `assume` discarded it.
    Discarded,
    /// A limit cut it.
    Cut,
    /// A daemon was still at work.
    Blurred,
}

/// An outcome and how often it was come to.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Frequency {
    /// Which.
    pub outcome: Outcome,
    /// Runs that ended with it.
    pub runs: u64,
    /// What the model says to it.
    pub in_the_model: Allowed,
}

/// What the model says to an outcome.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Allowed {
    /// It is possible.
    Yes,
    /// It is not.
    No,
    /// The model was not explored completely, and has not come to it.
    NotSeen,
}

/// A kind of findings and who found it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub struct Kind {
    /// Which.
    pub kind: FindingKind,
    /// Whether a run has shown it.
    pub seen: bool,
    /// Whether the model has it: all that runs have shown of it, at the same places; where none has, any.
    pub in_the_model: bool,
}

/// One execution of the model that comes to what the threads have shown.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Way {
    /// Where it leads.
    pub to: String,
    /// Its steps.
    pub trace: TraceReport,
}

impl RunReport {
    /// The report on what the threads did.
    #[must_use]
    pub fn new(histogram: &Histogram<'_>) -> Self {
        let Histogram { program, native, ran, agreement, .. } = *histogram;
        let all: BTreeSet<&Outcome> = ran.outcomes.keys().chain(native.outcomes.keys()).collect();
        Self {
            path: program.source.name().to_owned(),
            parameters: parameters(program),
            asked: histogram.asked,
            runs: ran.counts.executions,
            interrupted: ran.coverage == Coverage::Cut(LimitHit::Interrupted),
            observed: observed(program),
            outcomes: all
                .into_iter()
                .map(|outcome| Frequency {
                    outcome: outcome.clone(),
                    runs: ran.outcomes.get(outcome).copied().unwrap_or(0),
                    in_the_model: allowed(native, outcome),
                })
                .collect(),
            normal_ends: ran.outcomes.values().sum(),
            other_ends: other_ends(program, &ran.other_ends),
            findings: kinds(native, ran),
            deadlocks: ran.findings.iter().filter_map(|finding| waiting(program, finding)).collect(),
            runs_with_a_finding: ran.samples.iter().map(|sample| sample.hits).sum(),
            samples: ran.samples.clone(),
            could_show_a_finding: native.findings.iter().any(|finding| can_show(EngineName::Threads, finding)),
            not_checked: ran.not_checked.clone(),
            ways: ways(histogram),
            agreement: agreement.clone(),
        }
    }
}

/// Who found what, kind by kind.
fn kinds(native: &Evidence, ran: &Evidence) -> Vec<Kind> {
    let mut by_kind: BTreeMap<FindingKind, (BTreeSet<Symptom>, BTreeSet<Symptom>)> = BTreeMap::new();
    for found in &ran.findings {
        by_kind.entry(found.kind()).or_default().0.insert(found.symptom());
    }
    for found in &native.findings {
        by_kind.entry(found.kind()).or_default().1.insert(found.symptom());
    }
    let row = |(kind, (seen, modelled)): (FindingKind, (BTreeSet<Symptom>, BTreeSet<Symptom>))| Kind {
        kind,
        seen: !seen.is_empty(),
        in_the_model: seen.is_subset(&modelled),
    };
    by_kind.into_iter().map(row).collect()
}

/// How the model comes to what the threads have shown: to the first finding of each kind that it has too, then to the
/// rarest outcomes.
fn ways(histogram: &Histogram<'_>) -> Vec<Way> {
    let Histogram { program, native, ran, .. } = *histogram;
    let mut all = Vec::new();
    let mut shown: BTreeSet<FindingKind> = BTreeSet::new();
    for found in ran.findings.iter().filter(|found| found.kind() != FindingKind::Outcome) {
        let same = |finding: &&Finding| finding.symptom() == found.symptom() && finding.trace.is_some();
        if let Some(finding) = native.findings.iter().find(same)
            && let Some(trace) = &finding.trace
            && shown.insert(finding.kind())
        {
            let to = headline(&explain::explain(program, finding));
            all.push(Way { to, trace: trace_report(program, trace, Some(finding)) });
        }
    }
    all.extend(
        histogram.ways.iter().map(|(outcome, trace)| Way {
            to: format!("outcome {outcome}"),
            trace: trace_report(program, trace, None),
        }),
    );
    all
}

/// Who waits in a deadlock of threads.
fn waiting(program: &Program, finding: &Finding) -> Option<Vec<WaitRow>> {
    let Detail::Deadlock { blocked, .. } = &finding.detail else { return None };
    Some(explain::seen_waiting(program, blocked))
}

/// The ends that were come to, in a fixed order.
fn other_ends(program: &Program, ends: &OtherEnds) -> Vec<OtherEnd> {
    let OtherEnds { deadlocks, abnormal, stopped, discarded, cut, limit, blurred } = ends;
    let limit = limit.as_ref().map_or_else(|| "a limit".to_owned(), |limit| limit_text(program, limit));
    [
        (OtherEndKind::Deadlock, *deadlocks, "a deadlock".to_owned()),
        (OtherEndKind::AbnormalEnd, *abnormal, "every thread has ended, not all of them normally".to_owned()),
        (OtherEndKind::Stopped, *stopped, "a failed property has ended them".to_owned()),
        (OtherEndKind::Discarded, *discarded, "`assume` discards them".to_owned()),
        (OtherEndKind::Cut, *cut, format!("cut by a limit: {limit}")),
        (OtherEndKind::Blurred, *blurred, "not known: a daemon was at work at the very end".to_owned()),
    ]
    .into_iter()
    .filter(|(_, runs, _)| *runs > 0)
    .map(|(end, runs, said)| OtherEnd { end, runs, said })
    .collect()
}

fn allowed(native: &Evidence, outcome: &Outcome) -> Allowed {
    match (native.outcomes.contains_key(outcome), native.coverage == Coverage::Complete) {
        (true, _) => Allowed::Yes,
        (false, true) => Allowed::No,
        (false, false) => Allowed::NotSeen,
    }
}

/// Prints the outcomes of the threads with their frequencies, each beside whether the model allows it, then the findings
/// and how often there was one, then the shortest executions of the model that come to the same.
///
/// # Errors
/// Those of `out`.
pub fn print(out: &mut dyn Write, report: &RunReport, colours: Colours) -> io::Result<()> {
    write!(out, "{}", Page { report, colours })
}

struct Page<'a> {
    report: &'a RunReport,
    colours: Colours,
}

impl fmt::Display for Page<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let RunReport { path, asked, runs, interrupted, normal_ends, agreement, .. } = self.report;
        if let Agreement::Contradicts(_) = agreement {
            let word = cell(agreement);
            let said = "free-running threads did what the model forbids";
            title(f, word, &paint(word, "1;31", self.colours), said, path)?;
        }
        let short = match interrupted {
            true => format!(" of {asked}: interrupted"),
            false if runs < asked => format!(" of {asked}"),
            false => String::new(),
        };
        writeln!(f, "ran       {path} on OS threads, {}{short}", count(*runs, "run"))?;
        self.outcomes(f)?;
        let mut ends = vec![format!("{normal_ends} normal, {} otherwise", runs.saturating_sub(*normal_ends))];
        ends.extend(self.report.other_ends.iter().map(|it| format!("- {}: {}", it.runs, it.said)));
        part(f, self.colours, "ends", &ends)?;
        self.findings(f)?;
        self.deadlocks(f)?;
        self.rate(f)?;
        for what in &self.report.not_checked {
            writeln!(f, "unchecked {what}")?;
        }
        for way in &self.report.ways {
            self.way(f, way)?;
        }
        let mut verdict = cell_in_words(agreement);
        let nothing_ended = self.report.other_ends.iter().any(|it| it.end == OtherEndKind::Cut && it.runs == *runs);
        if *agreement == Agreement::Inside && nothing_ended {
            verdict.push_str(", as far as the runs went: none came to an end");
        }
        part(f, self.colours, "verdict", &[verdict])
    }
}

impl Page<'_> {
    fn outcomes(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let RunReport { observed, outcomes, .. } = self.report;
        if observed.is_empty() {
            return Ok(());
        }
        let margin = " ".repeat(MARGIN);
        let header = format!("({})", observed.join(", "));
        let all = outcomes.iter().map(|row| width(&row.outcome.to_string()));
        let wide = all.chain([width(&header)]).max().unwrap_or(0);
        writeln!(f, "outcomes  {}  {:>10}  in the model", pad(&header, wide), "runs")?;
        for Frequency { outcome, runs, in_the_model } in outcomes {
            let allowed = match in_the_model {
                Allowed::Yes => "yes",
                Allowed::No => "NO",
                Allowed::NotSeen => "not seen, and the search is not complete",
            };
            writeln!(f, "{margin}{}  {runs:>10}  {allowed}", pad(&outcome.to_string(), wide))?;
        }
        Ok(())
    }

    fn findings(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rows = self.report.findings.iter();
        let said: Vec<String> = rows
            .map(|Kind { kind, seen, in_the_model }| match (seen, in_the_model) {
                (true, true) => format!("{kind} (in the model)"),
                (true, false) => format!("{kind} (not found in the model)"),
                (false, _) => format!("{kind} only in the model"),
            })
            .collect();
        writeln!(f, "findings  {}", if said.is_empty() { "none".to_owned() } else { said.join(", ") })
    }

    /// Who waited in the deadlocks: of the first ones, where there are many.
    fn deadlocks(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (shown, more) = self.report.deadlocks.split_at(self.report.deadlocks.len().min(DEADLOCKS_SHOWN));
        for waits in shown {
            let said = |it: &WaitRow| {
                format!("`{}` waits at line {} in `{}`: {}", it.thread, it.line, it.operation, it.reason)
            };
            part(f, self.colours, "deadlock", &waits.iter().map(said).collect::<Vec<_>>())?;
        }
        if more.is_empty() {
            return Ok(());
        }
        part(f, self.colours, "", &[format!("and {} more, of other threads or at other places", more.len())])
    }

    /// In how many runs something was found, and what shaking has to do with it.
    fn rate(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let RunReport { runs, runs_with_a_finding: hits, samples, could_show_a_finding, .. } = self.report;
        if *hits > 0 {
            let mut lines = vec![format!("{hits} of {runs} runs show a finding")];
            lines.extend(samples.iter().map(|it| format!("- {} of {} {}", it.hits, it.walks, it.strategy)));
            return part(f, self.colours, "rate", &lines);
        }
        if *runs > 0 && *could_show_a_finding {
            return part(f, self.colours, "rate", &[self.unseen()]);
        }
        Ok(())
    }

    /// How rare that is what the model finds and no run has shown. Runs that did not come to an end say nothing.
    ///
    /// # Source
    /// The rule of three: what shows in none of n runs shows in fewer than 3/n of all, with a confidence of 95 %.
    fn unseen(&self) -> String {
        let without_end =
            |end: OtherEndKind| matches!(end, OtherEndKind::Cut | OtherEndKind::Blurred | OtherEndKind::Discarded);
        let lost = self.report.other_ends.iter().filter(|it| without_end(it.end)).map(|it| it.runs).sum();
        let ended = self.report.runs.saturating_sub(lost);
        let none = format!("0 of {} that came to an end show what the model finds", count(ended, "run"));
        match ended / 3 {
            0..2 => none,
            rate => format!("{none}: fewer than 1 in {rate} do, with a confidence of 95 %"),
        }
    }

    /// One execution of the model.
    fn way(&self, f: &mut fmt::Formatter<'_>, Way { to, trace }: &Way) -> fmt::Result {
        writeln!(f)?;
        let how = match trace.least {
            Leastness::Proven => "the shortest way there",
            Leastness::NotProven => "a way there, not proven the shortest",
        };
        part(f, self.colours, "model", &[format!("{to} · {how}")])?;
        if !trace.rows.is_empty() {
            for row in table(&trace.threads, &trace.rows) {
                writeln!(f, "{row}")?;
            }
        }
        line(f, self.colours, "schedule", &trace.schedule)
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
        Agreement::Failed(message) => {
            format!("the engine failed: {message}; what its process had run before is not counted")
        }
        Agreement::Contradicts(contradictions) => {
            let words: Vec<String> = contradictions.iter().map(ToString::to_string).collect();
            format!("{}: the engines disagree, one of them is wrong: {}", cell(agreement), words.join("; "))
        }
    }
}
