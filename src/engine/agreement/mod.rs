//! Agreement: what each engine saw, against what the native checker saw.
//!
//! The native checker alone decides whether a file is as expected. Every other engine either agrees within what it can
//! see, or contradicts, and a contradiction is a failure: the engines disagree, one of them is wrong. Nothing is claimed
//! that a search which looked at a part cannot know.
//!
//! What an engine is known to miss or to add is data: the rows of [`RELATIONS`], each with its reason and a scenario
//! that shows it. Sees evidence and programs only, never an engine.

mod relations;
#[cfg(test)]
mod tests;

pub use relations::{Difference, RELATIONS, Relation};

use crate::finding::{
    Coverage, DeadlockScope, Detail, EngineName, Evidence, Finding, Outcome, Statement, Symptom, Unsupported,
};
use crate::program::{FindingKind, Line, Program};
use serde::Serialize;
use std::collections::BTreeSet;
use std::fmt;

/// How one engine's evidence stands to the native checker's.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Agreement {
    /// It saw everything it can see, and the same; or it found something that the native checker has found too.
    Agrees,
    /// It looked at a part, and saw nothing that the native checker does not have.
    Inside,
    /// Nothing can be said.
    Inconclusive(Undecided),
    /// It cannot express the program; nothing was run.
    Unsupported(Unsupported),
    /// The engine itself failed.
    Failed(String),
    /// One of the two is wrong.
    Contradicts(Vec<Contradiction>),
}

/// Why nothing can be said.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Undecided {
    /// A limit cut the engine's search.
    EngineCut,
    /// The native checker's own search is not complete.
    NativeIncomplete,
    /// The program has a data race: what else happens under one is not compared, and this engine does not see races.
    Race,
}

/// A difference that nothing explains.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Contradiction {
    /// The engine found what the native checker, which looked at everything, does not have.
    Added(Place),
    /// The native checker found what the engine, which looked at everything and would see it, does not have.
    Missed(Place),
    /// The engine saw an outcome that the native checker, which looked at everything, does not have.
    AddedOutcome(Outcome),
    /// The native checker saw an outcome that the engine, which looked at everything, does not have.
    MissedOutcome(Outcome),
}

impl fmt::Display for Contradiction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Contradiction::Added(found) => write!(f, "it finds {found}, native does not"),
            Contradiction::Missed(found) => write!(f, "native finds {found}, it does not"),
            Contradiction::AddedOutcome(outcome) => write!(f, "it sees the outcome {outcome}, native does not"),
            Contradiction::MissedOutcome(outcome) => write!(f, "native sees the outcome {outcome}, it does not"),
        }
    }
}

/// A finding of which only one side knows, by kind and place.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Place {
    /// Its kind.
    pub kind: FindingKind,
    /// The lines of its statements, in order of these; empty where an engine cannot tell.
    pub lines: Vec<Line>,
}

impl Place {
    fn of(program: &Program, finding: &Finding) -> Self {
        let line = |it: &Statement| program.source.line(program.codes[it.code.index()].instrs[it.pc.index()].span);
        let mut lines: Vec<Line> = finding.statements.iter().map(line).collect();
        lines.dedup();
        Self { kind: finding.kind(), lines }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kind, lines } = self;
        let lines: Vec<String> = lines.iter().map(ToString::to_string).collect();
        match lines.len() {
            0 => write!(f, "{kind}"),
            1 => write!(f, "{kind} at line {}", lines[0]),
            _ => write!(f, "{kind} at lines {}", lines.join(", ")),
        }
    }
}

/// Compares one engine's evidence with the native checker's, by all known differences.
#[must_use]
pub fn compare(program: &Program, native: &Evidence, other: &Evidence) -> Agreement {
    compare_with(RELATIONS, program, native, other)
}

/// Compares one engine's evidence with the native checker's, by these differences.
#[must_use]
pub fn compare_with(relations: &[Relation], program: &Program, native: &Evidence, other: &Evidence) -> Agreement {
    match &other.coverage {
        Coverage::Unsupported(unsupported) => return Agreement::Unsupported(unsupported.clone()),
        Coverage::Failed { message } => return Agreement::Failed(message.clone()),
        Coverage::Complete | Coverage::StoppedAtFinding | Coverage::Sampled { .. } | Coverage::Cut(_) => {}
    }
    let known = |difference| {
        relations.iter().any(|relation| {
            relation.engine == other.engine && relation.difference == difference && (relation.applies)(program)
        })
    };
    // A broken `always` ends the execution; an engine that does not see it goes on to what lies behind.
    let goes_on = has_kind(native, FindingKind::Invariant) && !sees(other.engine, FindingKind::Invariant);
    let adds = goes_on || known(Difference::Adds);
    let comparison = Comparison { program, native, other, misses: known(Difference::Misses), adds };
    if has_kind(native, FindingKind::Race) || has_kind(other, FindingKind::Race) {
        comparison.race()
    } else {
        comparison.everything()
    }
}

/// The known differences that were needed: without them the evidence would be a contradiction.
#[must_use]
pub fn needed(program: &Program, native: &Evidence, other: &Evidence) -> Vec<&'static Relation> {
    let contradicts =
        |relations: &[Relation]| matches!(compare_with(relations, program, native, other), Agreement::Contradicts(_));
    if !contradicts(&[]) || contradicts(RELATIONS) {
        return Vec::new();
    }
    RELATIONS.iter().filter(|relation| relation.engine == other.engine && (relation.applies)(program)).collect()
}

/// Two pieces of evidence, and what is known to differ.
struct Comparison<'a> {
    program: &'a Program,
    native: &'a Evidence,
    other: &'a Evidence,
    misses: bool,
    adds: bool,
}

impl Comparison<'_> {
    /// Where anybody found a race, only races are compared.
    fn race(&self) -> Agreement {
        let (native, other) = (has_kind(self.native, FindingKind::Race), has_kind(self.other, FindingKind::Race));
        match (native, other) {
            (true, true) => Agreement::Agrees,
            (false, _) if is_complete(self.native) && !self.adds => {
                Agreement::Contradicts(self.races(self.other).map(Contradiction::Added).collect())
            }
            (false, _) => Agreement::Inconclusive(Undecided::NativeIncomplete),
            (true, false) if !sees(self.other.engine, FindingKind::Race) => Agreement::Inconclusive(Undecided::Race),
            (true, false) if is_complete(self.other) && !self.misses => {
                Agreement::Contradicts(self.races(self.native).map(Contradiction::Missed).collect())
            }
            (true, false) => self.without_contradiction(),
        }
    }

    fn races<'a>(&'a self, evidence: &'a Evidence) -> impl Iterator<Item = Place> + 'a {
        let races = evidence.findings.iter().filter(|finding| finding.kind() == FindingKind::Race);
        races.map(|finding| Place::of(self.program, finding))
    }

    /// Findings by kind and place, and outcomes, each only in the directions in which somebody looked at everything.
    fn everything(&self) -> Agreement {
        let mut contradictions = Vec::new();
        let place = |finding: &Finding| Place::of(self.program, finding);
        if is_complete(self.native) && !self.adds {
            let known = symptoms(self.native);
            let added = happened(self.other).filter(|finding| !known.contains(&finding.symptom()));
            contradictions.extend(added.map(place).map(Contradiction::Added));
            let outcomes = self.other.outcomes.keys().filter(|outcome| !self.native.outcomes.contains_key(outcome));
            contradictions.extend(outcomes.cloned().map(Contradiction::AddedOutcome));
        }
        if is_complete(self.other) && !self.misses {
            let known = symptoms(self.other);
            let missed = certain(self.native)
                .filter(|finding| sees(self.other.engine, finding.kind()) && !known.contains(&finding.symptom()));
            contradictions.extend(missed.map(place).map(Contradiction::Missed));
            let outcomes = self.native.outcomes.keys().filter(|outcome| !self.other.outcomes.contains_key(outcome));
            contradictions.extend(outcomes.cloned().map(Contradiction::MissedOutcome));
        }
        if contradictions.is_empty() { self.without_contradiction() } else { Agreement::Contradicts(contradictions) }
    }

    /// How much the absence of a contradiction says.
    fn without_contradiction(&self) -> Agreement {
        if self.found_the_same() {
            return Agreement::Agrees;
        }
        match &self.other.coverage {
            Coverage::Unsupported(unsupported) => Agreement::Unsupported(unsupported.clone()),
            Coverage::Failed { message } => Agreement::Failed(message.clone()),
            // Free threads are a sample however their runs ended: whether one of them goes on for too long differs
            // between two samples.
            Coverage::Cut(_) if self.other.engine != EngineName::Threads => {
                Agreement::Inconclusive(Undecided::EngineCut)
            }
            Coverage::Complete | Coverage::StoppedAtFinding | Coverage::Sampled { .. } | Coverage::Cut(_)
                if !is_complete(self.native) =>
            {
                Agreement::Inconclusive(Undecided::NativeIncomplete)
            }
            Coverage::Complete => Agreement::Agrees,
            // A kind that native has not would have been a contradiction, unless the engine is known to add some.
            Coverage::StoppedAtFinding | Coverage::Sampled { .. } | Coverage::Cut(_) => Agreement::Inside,
        }
    }

    /// Whether an engine that does not look at everything has found something, and only what the native checker has too.
    /// What free threads happen to find differs between two samples, so it does not count.
    fn found_the_same(&self) -> bool {
        let found = symptoms(self.other);
        let looked_at_a_part = !is_complete(self.other) && self.other.engine != EngineName::Threads;
        looked_at_a_part && !found.is_empty() && found.is_subset(&symptoms(self.native))
    }
}

fn is_complete(evidence: &Evidence) -> bool {
    evidence.coverage == Coverage::Complete
}

/// Kinds of findings that an engine looks for at all.
///
/// What never happens (`impossible`, an expected outcome that is missing) is not compared as a kind: it follows from the
/// outcomes, which are compared.
fn sees(engine: EngineName, kind: FindingKind) -> bool {
    match (engine, kind) {
        (EngineName::Native, _) => true,
        (EngineName::Loom | EngineName::Threads, FindingKind::Invariant) => false,
        (EngineName::Threads, FindingKind::Race) => false,
        (
            EngineName::Loom | EngineName::Shuttle | EngineName::Threads,
            FindingKind::Eventually | FindingKind::Livelock | FindingKind::Starvation,
        ) => false,
        (
            EngineName::Loom | EngineName::Shuttle | EngineName::Threads,
            FindingKind::Deadlock
            | FindingKind::Race
            | FindingKind::Assertion
            | FindingKind::Invariant
            | FindingKind::Final
            | FindingKind::Impossible
            | FindingKind::Outcome
            | FindingKind::Panic
            | FindingKind::UnobservedFailure
            | FindingKind::Misuse,
        ) => true,
    }
}

fn has_kind(evidence: &Evidence, kind: FindingKind) -> bool {
    evidence.findings.iter().any(|finding| finding.kind() == kind)
}

/// The findings of what happened.
fn happened(evidence: &Evidence) -> impl Iterator<Item = &Finding> {
    evidence.findings.iter().filter(|finding| happens(finding))
}

/// What happened, as any engine can tell it.
fn symptoms(evidence: &Evidence) -> BTreeSet<Symptom> {
    happened(evidence).map(Finding::symptom).collect()
}

/// Whether an engine can show what the native checker has found, if it happens to come there.
#[must_use]
pub fn can_show(engine: EngineName, finding: &Finding) -> bool {
    let ends = match finding.detail {
        Detail::Deadlock { scope, .. } => scope == DeadlockScope::Whole,
        Detail::Race { .. }
        | Detail::Assertion { .. }
        | Detail::Invariant { .. }
        | Detail::Final { .. }
        | Detail::Impossible { .. }
        | Detail::UnexpectedOutcome { .. }
        | Detail::MissingOutcome { .. }
        | Detail::Panic { .. }
        | Detail::UnobservedFailure { .. }
        | Detail::Misuse { .. }
        | Detail::Eventually { .. }
        | Detail::Livelock { .. }
        | Detail::Starvation { .. } => happens(finding),
    };
    ends && sees(engine, finding.kind())
}

/// What an engine which completes must have too. A partial deadlock needs an execution without end, and an engine that
/// re-executes never completes one: it sees it in no program, or in one where it cannot be complete.
fn certain(evidence: &Evidence) -> impl Iterator<Item = &Finding> {
    evidence.findings.iter().filter(|finding| can_show(EngineName::Native, finding))
}

/// Whether a finding says that something happens at some point, and not that something never does.
fn happens(finding: &Finding) -> bool {
    match &finding.detail {
        Detail::Impossible { .. } | Detail::MissingOutcome { .. } => false,
        // Nobody sees an execution without end.
        Detail::Eventually { .. } | Detail::Livelock { .. } | Detail::Starvation { .. } => false,
        Detail::Deadlock { .. }
        | Detail::Race { .. }
        | Detail::Assertion { .. }
        | Detail::Invariant { .. }
        | Detail::Final { .. }
        | Detail::UnexpectedOutcome { .. }
        | Detail::Panic { .. }
        | Detail::UnobservedFailure { .. }
        | Detail::Misuse { .. } => true,
    }
}
