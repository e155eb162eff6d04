//! Verdicts, and expectations against evidence: is this file as expected?
//!
//! A file is as expected when every finding is covered by an expectation and every expectation is met by a finding. A
//! search that a limit cut is never as expected: what it found counts, what it did not find proves nothing. The caller
//! passes the native checker's evidence; what other engines saw is compared in `engine::agreement`.
//!
//! Pure: no engine is run and nothing is printed here.

use crate::explain;
use crate::finding::{Coverage, Detail, Evidence, Finding, LimitHit, Unsupported};
use crate::program::{DeadlockCause, Expectation, Expected, FindingKind, Line, ObjectId, Program, Subject, ThreadId};
use serde::Serialize;
use std::collections::BTreeSet;
use std::fmt;

/// What one engine's evidence says about a program.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Every execution was explored, and nothing was found.
    Holds,
    /// Something was found.
    Violated,
    /// Nothing was found, and not every execution was explored.
    Inconclusive(Incomplete),
    /// The engine cannot express the program.
    Unsupported(Unsupported),
}

/// Why a search is not complete.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Incomplete {
    /// A limit cut it.
    Cut(LimitHit),
    /// It looked at a number of executions.
    Sampled,
    /// It stops at its first finding.
    Stopped,
    /// It could not express the program.
    Unsupported(Unsupported),
    /// The engine failed.
    Failed(String),
}

impl Verdict {
    /// The verdict of one engine.
    #[must_use]
    pub fn of(evidence: &Evidence) -> Self {
        match (&evidence.coverage, incomplete(&evidence.coverage)) {
            (Coverage::Unsupported(unsupported), _) => Verdict::Unsupported(unsupported.clone()),
            _ if !evidence.findings.is_empty() => Verdict::Violated,
            (_, None) => Verdict::Holds,
            (_, Some(reason)) => Verdict::Inconclusive(reason),
        }
    }

    /// The word that reports begin with.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Verdict::Holds => "holds",
            Verdict::Violated => "violated",
            Verdict::Inconclusive(_) => "inconclusive",
            Verdict::Unsupported(_) => "unsupported",
        }
    }
}

/// Why the search was not complete; `None` if it was.
#[must_use]
pub fn incomplete(coverage: &Coverage) -> Option<Incomplete> {
    match coverage {
        Coverage::Complete => None,
        Coverage::StoppedAtFinding => Some(Incomplete::Stopped),
        Coverage::Sampled { .. } => Some(Incomplete::Sampled),
        Coverage::Cut(limit) => Some(Incomplete::Cut(limit.clone())),
        Coverage::Unsupported(unsupported) => Some(Incomplete::Unsupported(unsupported.clone())),
        Coverage::Failed { message } => Some(Incomplete::Failed(message.clone())),
    }
}

/// Whether a file is as expected.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Judgement {
    /// Every finding is expected, every expectation is met, and every execution was explored.
    AsExpected,
    /// It is not, whatever a larger search would find besides.
    NotAsExpected(Vec<Mismatch>),
    /// The search was not complete; nothing found so far contradicts the expectations.
    Inconclusive(Incomplete),
}

/// One reason why a file is not as expected.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Mismatch {
    /// Nothing that was found meets this expectation.
    Unmet {
        /// The `expect` line as written, without the semicolon.
        expectation: String,
        /// Where it stands.
        line: Line,
    },
    /// No expectation covers this finding.
    Unexpected {
        /// Its position in the evidence.
        finding: usize,
        /// Its kind.
        kind: FindingKind,
        /// The cause of a deadlock, where it is certain.
        cause: Option<DeadlockCause>,
        /// The lines of the statements it is about, in ascending order; may be empty.
        lines: Vec<Line>,
    },
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Mismatch::Unmet { expectation, line } => write!(f, "nothing found meets `{expectation}` (line {line})"),
            // Those that are missing and those that are too many are one mistake.
            Mismatch::Unexpected { kind: FindingKind::Outcome, .. } => {
                write!(f, "the outcomes are not those that `expect outcomes` lists")
            }
            Mismatch::Unexpected { kind, cause, lines, .. } => {
                write!(f, "no expectation covers the {kind}")?;
                if let Some(cause) = cause {
                    write!(f, " ({cause})")?;
                }
                match lines.as_slice() {
                    [] => Ok(()),
                    [line] => write!(f, " at line {line}"),
                    lines => {
                        let words: Vec<String> = lines.iter().map(Line::to_string).collect();
                        write!(f, " at lines {}", words.join(", "))
                    }
                }
            }
        }
    }
}

/// Judges the evidence of a search that looks at everything (the native checker's).
#[must_use]
pub fn judge(program: &Program, evidence: &Evidence) -> Judgement {
    let incomplete = incomplete(&evidence.coverage);
    // What never happens is known only to a search that saw everything.
    let counts = |finding: &Finding| incomplete.is_none() || !is_absence(finding);
    let unexpected = evidence
        .findings
        .iter()
        .enumerate()
        .filter(|(_, finding)| counts(finding))
        .filter(|(_, finding)| !program.expectations.iter().any(|expectation| covers(program, expectation, finding)))
        .map(|(position, finding)| Mismatch::Unexpected {
            finding: position,
            kind: finding.kind(),
            cause: explain::cause(program, finding),
            lines: lines(program, finding),
        });
    let unmet = program
        .expectations
        .iter()
        .filter(|expectation| !met(program, expectation, &evidence.findings))
        .map(|expectation| unmet(program, expectation));
    let mismatches: Vec<Mismatch> =
        if incomplete.is_some() { unexpected.collect() } else { unexpected.chain(unmet).collect() };
    match (mismatches.is_empty(), incomplete) {
        (false, _) => Judgement::NotAsExpected(mismatches),
        (true, Some(reason)) => Judgement::Inconclusive(reason),
        (true, None) => Judgement::AsExpected,
    }
}

/// Whether a finding says that something never happens.
#[must_use]
pub fn is_absence(finding: &Finding) -> bool {
    match &finding.detail {
        Detail::Impossible { .. } | Detail::MissingOutcome { .. } => true,
        Detail::Deadlock { .. }
        | Detail::Race { .. }
        | Detail::Assertion { .. }
        | Detail::Invariant { .. }
        | Detail::Final { .. }
        | Detail::UnexpectedOutcome { .. }
        | Detail::Panic { .. }
        | Detail::UnobservedFailure { .. }
        | Detail::Misuse { .. }
        | Detail::Eventually { .. }
        | Detail::Livelock { .. }
        | Detail::Starvation { .. } => false,
    }
}

/// Whether an expectation names this finding. `expect outcomes` names none: what it lists is not a finding.
fn covers(program: &Program, expectation: &Expectation, finding: &Finding) -> bool {
    match &expectation.expected {
        Expected::Ok | Expected::Outcomes(_) => false,
        Expected::Finding { kind, subject } => {
            finding.kind() == *kind && subject.as_ref().is_none_or(|subject| is_about(program, finding, subject))
        }
    }
}

/// Whether what was found meets an expectation. `ok` and `outcomes` ask only that nothing is found that nobody expects:
/// such a finding is a mismatch of its own.
fn met(program: &Program, expectation: &Expectation, findings: &[Finding]) -> bool {
    match &expectation.expected {
        Expected::Ok | Expected::Outcomes(_) => true,
        Expected::Finding { .. } => findings.iter().any(|finding| covers(program, expectation, finding)),
    }
}

fn unmet(program: &Program, expectation: &Expectation) -> Mismatch {
    let text = program.source.quote(expectation.span).trim_end_matches([';', ' ', '\n']);
    Mismatch::Unmet {
        expectation: text.split_whitespace().collect::<Vec<_>>().join(" "),
        line: program.source.line(expectation.span),
    }
}

/// Lines of the statements a finding is about, each once, in ascending order.
#[must_use]
pub fn lines(program: &Program, finding: &Finding) -> Vec<Line> {
    let spans = finding.statements.iter().map(|statement| {
        let code = &program.codes[statement.code.index()];
        code.instrs[statement.pc.index()].span
    });
    let property = match finding.detail {
        Detail::Invariant { property }
        | Detail::Final { property }
        | Detail::Eventually { property, .. }
        | Detail::Impossible { property: Some(property) } => {
            program.properties.get(property).map(|property| property.span)
        }
        Detail::Impossible { property: None }
        | Detail::Deadlock { .. }
        | Detail::Race { .. }
        | Detail::Assertion { .. }
        | Detail::UnexpectedOutcome { .. }
        | Detail::MissingOutcome { .. }
        | Detail::Panic { .. }
        | Detail::UnobservedFailure { .. }
        | Detail::Misuse { .. }
        | Detail::Livelock { .. }
        | Detail::Starvation { .. } => None,
    };
    let lines: BTreeSet<Line> = spans.chain(property).map(|span| program.source.line(span)).collect();
    lines.into_iter().collect()
}

/// Whether a finding is about the object or thread of this name, or one of that group, or has this cause.
fn is_about(program: &Program, finding: &Finding, subject: &Subject) -> bool {
    let (objects, threads) = subjects(finding);
    match subject {
        Subject::Cause(expected) => explain::cause(program, finding) == Some(*expected),
        Subject::Object(name) => {
            objects.iter().map(|id| program.object(*id)).any(|object| object.name == *name || object.group == *name)
        }
        Subject::Thread(name) => {
            threads.iter().map(|id| program.thread(*id)).any(|thread| thread.name == *name || thread.group == *name)
        }
    }
}

/// The objects and threads that a finding is about.
fn subjects(finding: &Finding) -> (Vec<ObjectId>, Vec<ThreadId>) {
    match &finding.detail {
        Detail::Deadlock { blocked, .. } => (
            blocked.iter().filter_map(|blocked| blocked.cause.object()).collect(),
            blocked.iter().map(|blocked| blocked.thread).collect(),
        ),
        Detail::Race { object, accesses } => {
            (object.iter().copied().collect(), accesses.iter().map(|access| access.thread).collect())
        }
        Detail::Assertion { thread, .. } | Detail::Panic { thread, .. } | Detail::UnobservedFailure { thread, .. } => {
            (Vec::new(), vec![*thread])
        }
        Detail::Livelock { threads, .. } | Detail::Starvation { threads, .. } => (Vec::new(), threads.clone()),
        Detail::Misuse { thread, object, .. } => (object.iter().copied().collect(), vec![*thread]),
        Detail::Invariant { .. }
        | Detail::Final { .. }
        | Detail::Impossible { .. }
        | Detail::Eventually { .. }
        | Detail::UnexpectedOutcome { .. }
        | Detail::MissingOutcome { .. } => (Vec::new(), Vec::new()),
    }
}
