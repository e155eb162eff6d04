//! What all executions of one run have shown, and the evidence made of it.

use super::super::capabilities::Capabilities;
use crate::finding::{
    Counts, Coverage, Detail, EngineName, Evidence, Finding, FindingKey, LimitHit, OtherEnds, Outcome, ReplayEnd,
    Statement, Trace,
};
use crate::program::{CodeId, Expected, FindingKind, OutcomePattern, Pc, Program, PropertyKind};
use std::collections::BTreeMap;

/// The place of an instruction.
pub(crate) fn statement(code: CodeId, pc: Pc) -> Statement {
    Statement { code, pc }
}

/// Findings and outcomes of all executions so far.
#[derive(Debug, Default)]
pub(crate) struct Collected {
    /// Distinct findings, each with the shortest of the traces seen.
    findings: BTreeMap<FindingKey, Finding>,
    /// Outcomes at normal ends.
    outcomes: BTreeMap<Outcome, u64>,
    /// Executions begun.
    pub(crate) executions: u64,
    /// Visible steps of all executions.
    pub(crate) steps: u64,
    /// Executions that no `assume` discarded, and that came to their end (or to a deadlock).
    kept: u64,
    /// How executions ended that did not end normally.
    pub(crate) other_ends: OtherEnds,
    /// For each property: whether it is a `possible` that a normal end satisfied.
    possible: Vec<bool>,
    /// Whether a thread ended with a step with which the plan did not foresee that it may.
    pub(crate) surprised: bool,
    /// Whether there is a race among the findings.
    pub(crate) raced: bool,
    /// The first limit that cut an execution.
    pub(crate) limit: Option<LimitHit>,
}

impl Collected {
    /// Adds a finding; `trace` is asked for where the finding is new, or shorter than before.
    pub(crate) fn add(&mut self, mut finding: Finding, length: Length, trace: impl FnOnce() -> Option<Trace>) {
        let key = finding.key();
        self.raced |= finding.kind() == FindingKind::Race;
        match self.findings.get(&key).and_then(|known| known.trace.as_ref()) {
            Some(known) if Length::of(known) <= length => {}
            Some(_) | None => {
                finding.trace = trace();
                self.findings.insert(key, finding);
            }
        }
    }

    /// Whether nothing was found.
    pub(crate) fn is_empty(&self) -> bool {
        self.findings.is_empty()
    }

    /// How a single execution has ended, where its findings do not say so.
    pub(crate) fn ended(&self) -> Option<ReplayEnd> {
        let limit = self.limit.clone().map(ReplayEnd::Cut);
        let discarded = (self.other_ends.discarded > 0).then_some(ReplayEnd::Discarded);
        limit.or(discarded).or_else(|| self.outcomes.keys().next().cloned().map(ReplayEnd::NormalEnd))
    }

    /// What was found.
    pub(crate) fn into_findings(self) -> Vec<Finding> {
        self.findings.into_values().collect()
    }

    /// Counts a normal end.
    pub(crate) fn normal_end(&mut self, outcome: Outcome) {
        *self.outcomes.entry(outcome).or_insert(0) += 1;
    }

    /// Remembers that a `possible` was satisfied.
    pub(crate) fn satisfied(&mut self, property: usize) {
        if self.possible.len() <= property {
            self.possible.resize(property + 1, false);
        }
        self.possible[property] = true;
    }

    /// The limit that cut executions, where none came to an end and nothing was found.
    pub(crate) fn never_ended(&self) -> Option<LimitHit> {
        let nothing = self.outcomes.is_empty() && self.findings.is_empty();
        self.limit.clone().filter(|_| nothing)
    }

    /// Counts an execution that was not discarded.
    pub(crate) fn keep(&mut self) {
        self.kept += 1;
    }

    /// The evidence, with what only a complete search can tell added to the findings.
    pub(crate) fn into_evidence(
        mut self,
        engine: EngineName,
        program: &Program,
        coverage: Coverage,
        capabilities: &Capabilities,
    ) -> Evidence {
        if coverage == Coverage::Complete {
            self.add_absences(program);
        }
        let mut findings: Vec<Finding> = self.findings.into_values().collect();
        findings.sort_by_key(|finding| {
            let length = finding.trace.as_ref().map_or(0, |trace| trace.events.len());
            (finding.kind(), length, finding.key())
        });
        Evidence {
            engine,
            coverage,
            counts: Counts { states: 0, steps: self.steps, executions: self.executions },
            findings,
            outcomes: self.outcomes,
            other_ends: OtherEnds::default(),
            samples: Vec::new(),
            not_checked: capabilities.not_checked(program),
        }
    }

    /// What never happened although it should have.
    fn add_absences(&mut self, program: &Program) {
        let mut absent = Vec::new();
        if self.other_ends.discarded > 0 && self.kept == 0 {
            absent.push(Detail::Impossible { property: None });
        }
        for (position, property) in program.properties.iter().enumerate() {
            let satisfied = self.possible.get(position).copied().unwrap_or(false);
            if property.kind == PropertyKind::Possible && !satisfied {
                absent.push(Detail::Impossible { property: Some(position) });
            }
        }
        for pattern in expected_outcomes(program).into_iter().flatten() {
            if !self.outcomes.keys().any(|outcome| pattern.covers(&outcome.0)) {
                absent.push(Detail::MissingOutcome { pattern: pattern.to_string() });
            }
        }
        for detail in absent {
            self.add(Finding { detail, statements: Vec::new(), trace: None }, Length::default(), || None);
        }
    }
}

/// The union of the `expect outcomes` lines; `None` where there is no such line.
pub(crate) fn expected_outcomes(program: &Program) -> Option<Vec<&OutcomePattern>> {
    let mut listed = None;
    for expectation in &program.expectations {
        match &expectation.expected {
            Expected::Outcomes(patterns) => listed.get_or_insert_with(Vec::new).extend(patterns),
            Expected::Ok | Expected::Finding { .. } => {}
        }
    }
    listed
}

/// How long a trace is: preemptions first, then steps.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub(crate) struct Length {
    pub(crate) preemptions: u64,
    pub(crate) steps: usize,
}

impl Length {
    fn of(trace: &Trace) -> Self {
        Self { preemptions: trace.preemptions, steps: trace.events.len() }
    }
}
