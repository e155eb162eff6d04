//! Assembles the report of one scenario from its program and what the engines saw.

use super::text::headline;
use super::{
    Claim, EngineRow, FINDINGS_SHOWN, FindingReport, ParameterReport, Report, Row, TraceReport, claim::engine_row,
    claim::incomplete_text,
};
use crate::explain::{self, Explanation, operation};
use crate::finding::{Event, Evidence, Finding, Trace};
use crate::judgement::{self, Verdict};
use crate::program::{Line, Parameter, Program, ThreadId};
use crate::schedule::{self, Choice, Pick};
use std::collections::BTreeSet;

impl Report {
    /// The report on what the native checker and the other engines saw of a program.
    #[must_use]
    pub fn new(program: &Program, native: &Evidence, others: &[Evidence]) -> Self {
        let shown = native.findings.iter().take(FINDINGS_SHOWN);
        let mut findings: Vec<FindingReport> = shown.map(|finding| finding_report(program, finding)).collect();
        tell_apart(findings.iter_mut().map(|finding| (&mut finding.explanation, finding.lines.as_slice())).collect());
        let mut engines: Vec<EngineRow> = others.iter().map(|evidence| engine_row(program, native, evidence)).collect();
        engines.sort_by_key(|row| row.engine);
        let incomplete = judgement::incomplete(&native.coverage);
        Self {
            path: program.source.name().to_owned(),
            title: program.title.clone(),
            parameters: parameters(program),
            verdict: Verdict::of(native),
            judgement: judgement::judge(program, native),
            findings,
            findings_left_out: native.findings.len().saturating_sub(FINDINGS_SHOWN),
            observed: observed(program),
            outcomes: native.outcomes.keys().cloned().collect(),
            claim: Claim {
                incomplete: incomplete.map(|incomplete| incomplete_text(program, &incomplete)),
                memory: program.memory,
                options: program.options(),
                states: native.counts.states,
                steps: native.counts.steps,
                samples: native.samples.iter().filter(|sample| sample.walks > 0).cloned().collect(),
                not_checked: native.not_checked.clone(),
            },
            engines,
        }
    }
}

/// Its parameters, in order of declaration.
pub(super) fn parameters(program: &Program) -> Vec<ParameterReport> {
    let report = |parameter: &Parameter| ParameterReport {
        name: parameter.name.clone(),
        value: parameter.value,
        default: parameter.default,
    };
    program.parameters.iter().map(report).collect()
}

/// What its outcomes consist of.
pub(super) fn observed(program: &Program) -> Vec<String> {
    program.observed.iter().map(|observed| observed.name.clone()).collect()
}

fn finding_report(program: &Program, finding: &Finding) -> FindingReport {
    FindingReport {
        kind: finding.kind(),
        lines: judgement::lines(program, finding),
        explanation: explain::explain(program, finding),
        trace: finding.trace.as_ref().map(|trace| trace_report(program, trace, Some(finding))),
    }
}

/// Adds the lines to headlines that are the same, where the lines are not.
pub(super) fn tell_apart(findings: Vec<(&mut Explanation, &[Line])>) {
    let said: Vec<(String, &[Line])> =
        findings.iter().map(|(explanation, lines)| (headline(explanation), *lines)).collect();
    for ((explanation, lines), (headline, _)) in findings.into_iter().zip(&said) {
        if said.iter().any(|(other, others)| other == headline && *others != lines) && !lines.is_empty() {
            explanation.headline = format!("{} ({})", explanation.headline, explain::lines(lines));
        }
    }
}

/// An execution, row by row; `finding`: what it shows, if anything.
pub(super) fn trace_report(program: &Program, trace: &Trace, finding: Option<&Finding>) -> TraceReport {
    let choices: Vec<Choice> = trace.events.iter().map(Event::choice).collect();
    TraceReport {
        threads: columns(program, &trace.events),
        rows: rows(program, &trace.events, finding),
        back_to: finding.and_then(|finding| finding.trace.as_ref()?.back_to).map(|before| before + 1),
        schedule: schedule::to_stamped_text(program, &choices),
        plain_schedule: schedule::to_text(program, &choices),
        preemptions: trace.preemptions,
        spurious_wakeups: trace.events.iter().filter(|event| event.pick == Pick::Spurious).count(),
        least: trace.least,
    }
}

/// The threads that take part, in order of declaration.
fn columns(program: &Program, events: &[Event]) -> Vec<String> {
    let taking_part: BTreeSet<ThreadId> = events.iter().map(|event| event.thread).collect();
    taking_part.into_iter().map(|thread| program.thread(thread).name.clone()).collect()
}

/// The steps as rows; `finding`: what they show, if anything.
fn rows(program: &Program, events: &[Event], finding: Option<&Finding>) -> Vec<Row> {
    let mutexes = explain::mutexes_of_waits(program, events);
    let notes = explain::notes(program, events, finding);
    let rows = events.iter().zip(mutexes).zip(notes).enumerate();
    rows.map(|(position, ((event, mutex), note))| Row {
        step: position + 1,
        thread: program.thread(event.thread).name.clone(),
        operation: operation::text(program, event, mutex),
        line: program.source.line(program.instr(event.thread, event.pc).span),
        note,
    })
    .collect()
}
