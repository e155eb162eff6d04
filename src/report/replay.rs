//! What became of a schedule: the steps in columns, what they show, and where they have led.

use super::build::{observed, parameters, tell_apart, trace_report};
use super::layout::table;
use super::text::{Colours, count, headline, paint, part, reasons, round, title};
use super::{ParameterReport, Row, TraceReport, limit_text};
use crate::explain::{self, Explanation};
use crate::finding::{EngineName, Outcome, Replay, ReplayEnd};
use crate::judgement;
use crate::program::{FindingKind, Line, Program};
use crate::schedule::{Choice, choice_text};
use serde::Serialize;
use std::fmt;
use std::io::{self, Write};

/// What became of a schedule.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct ReplayReport {
    /// Path as the user gave it.
    pub path: String,
    /// Parameters in order of declaration.
    pub parameters: Vec<ParameterReport>,
    /// What outcomes consist of; empty where the scenario observes nothing.
    pub observed: Vec<String>,
    /// Who took the steps.
    pub engine: EngineName,
    /// What this engine did in its own way, one sentence each.
    pub remarks: Vec<String>,
    /// What the scenario asks for, or can show, and this engine does not look at.
    pub not_checked: Vec<String>,
    /// The steps that were taken.
    pub trace: TraceReport,
    /// Where they have led.
    pub end: End,
    /// What they show.
    pub found: Vec<Shown>,
}

/// Something that the steps of a schedule show.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Shown {
    /// Its kind.
    pub kind: FindingKind,
    /// Lines of the statements it is about.
    pub lines: Vec<Line>,
    /// Why it is one.
    pub explanation: Explanation,
}

/// Where a schedule has led; choices are written as in a schedule.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum End {
    /// It asked for a step that was not on offer; the steps before it were taken.
    Diverged {
        /// Which choice of the schedule, counted from 1.
        step: usize,
        /// What it asks for.
        wanted: String,
        /// What is on offer.
        enabled: Vec<String>,
    },
    /// Its end is not that of the execution.
    GoesOn {
        /// What is on offer.
        enabled: Vec<String>,
    },
    /// Some non-daemon thread has not ended and nothing can step.
    Deadlock,
    /// Every non-daemon thread has ended, none by panic or misuse.
    NormalEnd(Outcome),
    /// Every non-daemon thread has ended, at least one by panic or misuse.
    AbnormalEnd,
    /// A failed `assert` or `always` has ended the execution.
    Stopped,
    /// A false `assume` has discarded the execution.
    Discarded,
    /// This limit was met.
    Cut(String),
}

impl ReplayReport {
    /// The report on a replay. `remarks`: what this engine did in its own way, one sentence each; `not_checked`: what it
    /// does not look at.
    #[must_use]
    pub fn new(
        program: &Program,
        engine: EngineName,
        replay: &Replay,
        remarks: Vec<String>,
        not_checked: Vec<String>,
    ) -> Self {
        let choices = |choices: &[Choice]| choices.iter().map(|choice| choice_text(program, *choice)).collect();
        let mut found: Vec<Shown> = replay
            .found
            .iter()
            .map(|finding| Shown {
                kind: finding.kind(),
                lines: judgement::lines(program, finding),
                explanation: explain::explain(program, finding),
            })
            .collect();
        tell_apart(found.iter_mut().map(|shown| (&mut shown.explanation, shown.lines.as_slice())).collect());
        Self {
            path: program.source.name().to_owned(),
            parameters: parameters(program),
            observed: observed(program),
            engine,
            remarks,
            not_checked,
            trace: trace_report(program, &replay.trace, replay.found.first()),
            end: match &replay.end {
                ReplayEnd::Diverged(diverged) => End::Diverged {
                    step: diverged.step,
                    wanted: choice_text(program, diverged.wanted),
                    enabled: choices(&diverged.enabled),
                },
                ReplayEnd::GoesOn { enabled } => End::GoesOn { enabled: choices(enabled) },
                ReplayEnd::Deadlock => End::Deadlock,
                ReplayEnd::NormalEnd(outcome) => End::NormalEnd(outcome.clone()),
                ReplayEnd::AbnormalEnd => End::AbnormalEnd,
                ReplayEnd::Stopped => End::Stopped,
                ReplayEnd::Discarded => End::Discarded,
                ReplayEnd::Cut(limit) => End::Cut(limit_text(program, limit)),
            },
            found,
        }
    }
}

/// Prints a replay.
///
/// # Errors
/// Those of `out`.
pub fn print(out: &mut dyn Write, report: &ReplayReport, colours: Colours) -> io::Result<()> {
    write!(out, "{}", Page { report, colours })
}

struct Page<'a> {
    report: &'a ReplayReport,
    colours: Colours,
}

impl fmt::Display for Page<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let report = self.report;
        let (word, code, said) = match (&report.end, report.found.first()) {
            (End::Diverged { step, wanted, enabled }, _) => {
                let said = format!("at step {step}: wanted `{wanted}`, enabled {}", listed(enabled));
                ("diverged", "1;31", said)
            }
            (_, Some(shown)) => ("replayed", "1;32", headline(&shown.explanation)),
            (_, None) => ("replayed", "1;32", "nothing is found in these steps".to_owned()),
        };
        title(f, word, &paint(word, code, self.colours), &said, &report.path)?;
        if !self.rows().is_empty() {
            for line in table(&report.trace.threads, self.rows()) {
                writeln!(f, "{line}")?;
            }
        }
        if let Some(back_to) = report.trace.back_to {
            part(f, self.colours, "round", &[round(back_to, report.trace.rows.len())])?;
        }
        for (position, shown) in report.found.iter().enumerate() {
            if position > 0 || matches!(report.end, End::Diverged { .. }) {
                part(f, self.colours, "also", &[headline(&shown.explanation)])?;
            }
            let why = reasons(&shown.explanation);
            if !why.is_empty() {
                part(f, self.colours, "why", &why)?;
            }
        }
        part(f, self.colours, "end", &[self.end()])?;
        part(f, self.colours, "engine", &[report.engine.word().to_owned()])?;
        part(f, self.colours, "", &report.remarks)?;
        if report.not_checked.is_empty() { Ok(()) } else { part(f, self.colours, "unchecked", &report.not_checked) }
    }
}

impl Page<'_> {
    fn rows(&self) -> &[Row] {
        &self.report.trace.rows
    }

    /// Where the steps have led.
    fn end(&self) -> String {
        let steps = count(u64::try_from(self.rows().len()).unwrap_or(u64::MAX), "step");
        match &self.report.end {
            End::Diverged { .. } => format!("{steps} before that"),
            End::GoesOn { enabled } => format!("after {steps} the execution goes on: enabled {}", listed(enabled)),
            End::Deadlock => format!("after {steps} nothing can step"),
            End::NormalEnd(outcome) => {
                let names = &self.report.observed;
                let outcome =
                    if names.is_empty() { String::new() } else { format!(": ({}) is {outcome}", names.join(", ")) };
                format!("after {steps} every thread has ended{outcome}")
            }
            End::AbnormalEnd => format!("after {steps} every thread has ended, not all of them normally"),
            End::Stopped => format!("after {steps} a failed property has ended the execution"),
            End::Discarded => format!("after {steps} `assume` discards the execution"),
            End::Cut(limit) => format!("after {steps} a limit was met: {limit}"),
        }
    }
}

/// Choices in words.
fn listed(choices: &[String]) -> String {
    if choices.is_empty() {
        return "nothing".to_owned();
    }
    let words: Vec<String> = choices.iter().map(|choice| format!("`{choice}`")).collect();
    words.join(", ")
}
