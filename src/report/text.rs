//! Reports as text: verdict first, then the trace, the reason, the schedule, and what was searched.
//!
//! A label of at most nine characters begins each part; what belongs to it stands from the eleventh column on. The table
//! of a trace has one column per thread and one row per visible step; the grammar of a row is in `explain::operation`.

use super::layout::{MARGIN, WIDTH, pad, table, width, wrap};
use super::{EngineRow, FindingReport, Report, TraceReport};
use crate::engine::agreement::{Agreement, Undecided};
use crate::explain::Explanation;
use crate::finding::{EngineName, Leastness, Outcome, Sample};
use crate::judgement::{Judgement, Verdict};
use crate::program::Memory;
use std::fmt;
use std::io::{self, Write};

/// Outcomes shown; the rest is counted.
const OUTCOMES_SHOWN: usize = 40;

/// Whether a terminal's colours are used.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Colours {
    /// Plain text.
    Off,
    /// ANSI escapes around verdicts and labels.
    On,
}

/// How much is said about cost and the other engines.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Detail {
    /// Everything: executions of every engine that are the same in every run.
    Full,
    /// What a snapshot keeps: not what was left unchecked, and of cost only the native checker's.
    Snapshot,
}

/// The text of a report as snapshots keep it.
#[must_use]
pub fn snapshot(report: &Report) -> String {
    Page { report, colours: Colours::Off, detail: Detail::Snapshot }.to_string()
}

/// Prints a whole report.
///
/// # Errors
/// Those of `out`.
pub fn print(out: &mut dyn Write, report: &Report, colours: Colours) -> io::Result<()> {
    write!(out, "{}", Page { report, colours, detail: Detail::Full })
}

/// The cell of an engine in a table of many files.
#[must_use]
pub fn cell(agreement: &Agreement) -> &'static str {
    match agreement {
        Agreement::Agrees => "agrees",
        Agreement::Inside => "inside",
        Agreement::Inconclusive(_) => "open",
        Agreement::Unsupported(_) => "unsupported",
        Agreement::Failed(_) => "FAILED",
        Agreement::Contradicts(_) => "CONTRADICTS",
    }
}

struct Page<'a> {
    report: &'a Report,
    colours: Colours,
    detail: Detail,
}

impl fmt::Display for Page<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.verdict(f)?;
        for (position, finding) in self.report.findings.iter().enumerate() {
            if position > 0 {
                writeln!(f)?;
                let headline = format!("{}{}", headline(&finding.explanation), preemptions_beside(finding));
                self.part(f, "also", &[headline])?;
            }
            self.finding(f, finding)?;
        }
        match self.report.findings_left_out {
            0 => {}
            more => {
                writeln!(f)?;
                let findings = if more == 1 { "finding" } else { "findings" };
                self.part(f, "also", &[format!("{more} more {findings}")])?;
            }
        }
        if self.report.findings.len() > 1 {
            writeln!(f)?;
        }
        self.outcomes(f)?;
        self.judgement(f)?;
        self.claim(f)?;
        self.cost(f)
    }
}

impl Page<'_> {
    /// The first line: the verdict, what was found first, and the file.
    fn verdict(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let report = self.report;
        let said = match (&report.verdict, report.findings.first()) {
            (Verdict::Violated, Some(finding)) => headline(&finding.explanation),
            (Verdict::Violated, None) | (Verdict::Holds, _) => "nothing is found in any interleaving".to_owned(),
            (Verdict::Inconclusive(_), _) => {
                let reason = report.claim.incomplete.as_deref().unwrap_or("not every interleaving was explored");
                format!("nothing is found so far: {reason}")
            }
            (Verdict::Unsupported(unsupported), _) => unsupported.to_string(),
        };
        let word = report.verdict.word();
        title(f, word, &self.verdict_colour(word), &said, &report.path)
    }

    /// Trace, reason, schedule.
    fn finding(&self, f: &mut fmt::Formatter<'_>, finding: &FindingReport) -> fmt::Result {
        if let Some(trace) = finding.trace.as_ref().filter(|trace| !trace.rows.is_empty()) {
            for line in table(&trace.threads, &trace.rows) {
                writeln!(f, "{line}")?;
            }
        }
        if let Some(trace) = &finding.trace
            && let Some(back_to) = trace.back_to
        {
            self.part(f, "round", &[round(back_to, trace.rows.len())])?;
        }
        let why = reasons(&finding.explanation);
        if !why.is_empty() {
            self.part(f, "why", &why)?;
        }
        match &finding.trace {
            Some(trace) => {
                let line = match self.detail {
                    Detail::Full => &trace.schedule,
                    Detail::Snapshot => &trace.plain_schedule,
                };
                self.line(f, "schedule", line)
            }
            None => Ok(()),
        }
    }

    fn outcomes(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let report = self.report;
        if report.observed.is_empty() {
            return Ok(());
        }
        let names = format!("({})", report.observed.join(", "));
        self.part(f, "outcomes", &[format!("{names}: {}", outcome_list(&report.outcomes))])
    }

    fn judgement(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines = match &self.report.judgement {
            Judgement::AsExpected => vec!["as expected".to_owned()],
            Judgement::NotAsExpected(mismatches) => {
                let mut lines = vec!["not as expected".to_owned()];
                for mismatch in mismatches {
                    let line = format!("- {mismatch}");
                    // Findings that differ in a thread only read alike here.
                    if !lines.contains(&line) {
                        lines.push(line);
                    }
                }
                lines
            }
            Judgement::Inconclusive(_) => {
                vec!["inconclusive: only a complete search can be as expected".to_owned()]
            }
        };
        self.part(f, "judgement", &lines)
    }

    /// What was searched, who agrees, and what was not looked at.
    fn claim(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let report = self.report;
        let mut words = vec![match &report.claim.incomplete {
            None => "complete".to_owned(),
            Some(reason) => format!("not complete: {reason}"),
        }];
        words.push(
            match report.claim.memory {
                Memory::Sc => "sc",
                Memory::Rc11 => "rc11",
            }
            .to_owned(),
        );
        words.extend(report.claim.options.iter().map(|option| (*option).to_owned()));
        let changed = report.parameters.iter().filter(|parameter| parameter.value != parameter.default);
        words.extend(changed.map(|parameter| format!("{}={}", parameter.name, parameter.value)));
        let equal = report.engines.iter().filter(|row| row.equal);
        let equal: Vec<&str> = std::iter::once("native").chain(equal.map(|row| row.engine.word())).collect();
        words.push(equal.join(" = "));
        words.extend(report.findings.first().and_then(|finding| finding.trace.as_ref()).map(preemptions));
        self.part(f, "claim", &[words.join(" · ")])?;

        let samples: Vec<String> = report.claim.samples.iter().map(sample).collect();
        self.part(f, "sampled", &samples)?;

        let mut label = "engines";
        for row in &report.engines {
            self.part(f, label, &[format!("{}{}", pad(row.engine.word(), 9), self.engine(row))])?;
            label = "";
        }
        for row in &report.engines {
            let known = row.known.iter().map(|known| {
                format!("{}{} ({}): {}", pad(row.engine.word(), 9), known.direction, known.feature, known.reason)
            });
            self.part(f, "known", &known.collect::<Vec<_>>())?;
        }
        if self.detail == Detail::Snapshot {
            return Ok(());
        }
        let native = (EngineName::Native, &report.claim.not_checked);
        let unchecked = std::iter::once(native).chain(report.engines.iter().map(|row| (row.engine, &row.not_checked)));
        for (engine, what) in unchecked.filter(|(_, what)| !what.is_empty()) {
            self.part(f, "unchecked", &[format!("{}{}", pad(engine.word(), 9), what.join("; "))])?;
        }
        Ok(())
    }

    /// How an engine stands to the native checker, and what it did.
    fn engine(&self, row: &EngineRow) -> String {
        let coverage = row.coverage.as_ref().map_or_else(String::new, |coverage| format!(": {coverage}"));
        match &row.agreement {
            Agreement::Agrees => format!("agrees{coverage}"),
            Agreement::Inside => format!("inside the model{coverage}"),
            Agreement::Inconclusive(Undecided::EngineCut) => format!("inconclusive{coverage}, no contradiction"),
            Agreement::Inconclusive(Undecided::NativeIncomplete) => match &row.verdict {
                Some(verdict) => format!("not comparable, on its own {}{coverage}{}", verdict.word(), shown(row)),
                None => "not comparable: the native search is not complete".to_owned(),
            },
            Agreement::Inconclusive(Undecided::Race) => {
                "does not see races, and under a race nothing else is compared".to_owned()
            }
            Agreement::Unsupported(unsupported) => format!("unsupported: {unsupported}"),
            Agreement::Failed(message) => format!("failed: {message}"),
            Agreement::Contradicts(contradictions) => {
                let words: Vec<String> = contradictions.iter().map(ToString::to_string).collect();
                format!("CONTRADICTS: the engines disagree, one of them is wrong: {}", words.join("; "))
            }
        }
    }

    /// The numbers that measure cost, alone on their line: a cheaper search changes nothing else.
    fn cost(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let claim = &self.report.claim;
        self.part(f, "cost", &[format!("{} · {}", count(claim.states, "state"), count(claim.steps, "step"))])
    }

    fn part(&self, f: &mut fmt::Formatter<'_>, label: &str, paragraphs: &[String]) -> fmt::Result {
        part(f, self.colours, label, paragraphs)
    }

    fn line(&self, f: &mut fmt::Formatter<'_>, label: &str, text: &str) -> fmt::Result {
        line(f, self.colours, label, text)
    }

    fn verdict_colour(&self, word: &str) -> String {
        let code = match self.report.verdict {
            Verdict::Holds => "1;32",
            Verdict::Violated => "1;31",
            Verdict::Inconclusive(_) | Verdict::Unsupported(_) => "1;33",
        };
        self.paint(word, code)
    }

    fn paint(&self, text: &str, code: &str) -> String {
        paint(text, code, self.colours)
    }
}

/// The first line: a word, what happened, and the file, which stands beside it where there is room, otherwise below.
/// `painted`: the word as it is printed.
pub(super) fn title(f: &mut fmt::Formatter<'_>, word: &str, painted: &str, said: &str, path: &str) -> fmt::Result {
    let gap = " ".repeat(MARGIN.saturating_sub(width(word)).max(2));
    let mut lines = wrap(said, WIDTH - MARGIN);
    let first = if lines.is_empty() { String::new() } else { lines.remove(0) };
    write!(f, "{painted}{gap}{first}")?;
    let room = MARGIN + width(&first) + 2 + width(path) <= WIDTH && lines.is_empty();
    if room {
        return writeln!(f, "  {}", pad_left(path, WIDTH - MARGIN - width(&first) - 2));
    }
    writeln!(f)?;
    for line in lines.iter().map(String::as_str).chain([path]) {
        writeln!(f, "{}{line}", " ".repeat(MARGIN))?;
    }
    Ok(())
}

/// The paragraphs beside `why`.
pub(super) fn reasons(explanation: &Explanation) -> Vec<String> {
    let mut why = Vec::new();
    for wait in &explanation.waits {
        why.push(format!("`{}` waits at line {} in `{}`: {}", wait.thread, wait.line, wait.operation, wait.reason));
        why.extend(wait.helpers.iter().map(|helper| format!("- {helper}")));
        if let [first, more @ ..] = wait.alike.as_slice() {
            why.push(format!("`{first}` and {} more wait there for the same reason", more.len()));
        }
    }
    why.extend(explanation.facts.iter().cloned());
    why
}

/// That the steps from one on can go on for ever.
pub(super) fn round(back_to: usize, last: usize) -> String {
    if back_to == last {
        format!("back to step {back_to}, which can repeat for ever")
    } else {
        format!("back to step {back_to}: steps {back_to} to {last} can repeat for ever")
    }
}

/// A label with paragraphs beside it.
pub(super) fn part(f: &mut fmt::Formatter<'_>, colours: Colours, label: &str, paragraphs: &[String]) -> fmt::Result {
    let mut label = label;
    for paragraph in paragraphs {
        let (hang, room) = if paragraph.starts_with("- ") { ("  ", WIDTH - MARGIN - 2) } else { ("", WIDTH - MARGIN) };
        for (position, text) in wrap(paragraph, room).iter().enumerate() {
            let hang = if position == 0 { "" } else { hang };
            line(f, colours, label, &format!("{hang}{text}"))?;
            label = "";
        }
    }
    Ok(())
}

/// A label with one line beside it, however long.
pub(super) fn line(f: &mut fmt::Formatter<'_>, colours: Colours, label: &str, text: &str) -> fmt::Result {
    let gap = " ".repeat(MARGIN - width(label));
    writeln!(f, "{}{gap}{text}", paint(label, "2", colours))
}

/// The text between an ANSI code and its end, where colours are on.
pub(super) fn paint(text: &str, code: &str, colours: Colours) -> String {
    match colours {
        Colours::On if !text.is_empty() => format!("\u{1b}[{code}m{text}\u{1b}[0m"),
        Colours::On | Colours::Off => text.to_owned(),
    }
}

/// `deadlock (lock_cycle): what happened`.
pub(super) fn headline(explanation: &Explanation) -> String {
    format!("{}: {}", explanation.what, explanation.headline)
}

fn preemptions_beside(finding: &FindingReport) -> String {
    finding.trace.as_ref().map_or_else(String::new, |trace| format!(" · {}", preemptions(trace)))
}

fn preemptions(trace: &TraceReport) -> String {
    let wakes = match trace.spurious_wakeups {
        0 => String::new(),
        1 => "a spurious wake-up and ".to_owned(),
        number => format!("{number} spurious wake-ups and "),
    };
    match (trace.least, trace.preemptions) {
        (Leastness::Proven, 0) => format!("needs {wakes}no preemption"),
        (Leastness::Proven, number) => format!("needs {wakes}{}", count(number, "preemption")),
        (Leastness::NotProven, number) => format!("{wakes}{}, not proven least", count(number, "preemption")),
    }
}

/// What one strategy has sampled beside a search that was cut.
fn sample(sample: &Sample) -> String {
    let Sample { strategy, seed, walks, hits, unseen } = sample;
    let unseen = unseen.map_or_else(String::new, |bound| {
        format!("; one more ends in a new way with a chance of at most {}.{} % (95 % sure)", bound / 10, bound % 10)
    });
    format!("{} {strategy} (seed {seed}), {hits} with a finding{unseen}", count(*walks, "walk"))
}

/// What an engine that cannot be compared has seen.
fn shown(row: &EngineRow) -> String {
    let mut shown = String::new();
    if !row.found.is_empty() {
        let kinds: Vec<&str> = row.found.iter().map(|kind| kind.word()).collect();
        shown.push_str(&format!("; {}", kinds.join(", ")));
    }
    if !row.outcomes.is_empty() {
        shown.push_str(&format!("; outcomes {}", outcome_list(&row.outcomes)));
    }
    shown
}

fn outcome_list(outcomes: &[Outcome]) -> String {
    if outcomes.is_empty() {
        return "none".to_owned();
    }
    let mut shown: Vec<String> = outcomes.iter().take(OUTCOMES_SHOWN).map(ToString::to_string).collect();
    if outcomes.len() > OUTCOMES_SHOWN {
        shown.push(format!("and {} more", outcomes.len() - OUTCOMES_SHOWN));
    }
    shown.join(" ")
}

pub(super) fn count(number: u64, word: &str) -> String {
    if number == 1 { format!("1 {word}") } else { format!("{number} {word}s") }
}

/// The text, after as many spaces as it takes to end at a width.
fn pad_left(text: &str, to: usize) -> String {
    format!("{}{text}", " ".repeat(to.saturating_sub(width(text))))
}
