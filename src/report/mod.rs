//! One report per scenario, and its printers.
//!
//! [`Report`] is a plain, serialisable value in which everything is decided; the printers only lay it out. It holds no
//! times, addresses or absolute paths, and nothing that differs between two runs: what free-running threads did is here
//! only as agreement.

mod build;
mod claim;
pub mod histogram;
pub mod json;
mod layout;
pub mod replay;
pub mod summary;
pub mod sweep;
pub mod text;

pub use claim::{incomplete_text, limit_text};

use crate::engine::agreement::Agreement;
use crate::explain::Explanation;
use crate::finding::{EngineName, Leastness, Outcome, Sample};
use crate::judgement::{Judgement, Verdict};
use crate::program::{FindingKind, Line, Memory, Value};
use serde::Serialize;

/// Findings shown in full; the rest is counted.
pub const FINDINGS_SHOWN: usize = 10;

/// What exploring one scenario showed.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Report {
    /// Path as the user gave it.
    pub path: String,
    /// First line of the description.
    pub title: String,
    /// Parameters in order of declaration.
    pub parameters: Vec<ParameterReport>,
    /// What the native checker says.
    pub verdict: Verdict,
    /// Whether that is what the file expects.
    pub judgement: Judgement,
    /// The first findings, in the order of the evidence.
    pub findings: Vec<FindingReport>,
    /// How many findings are not among them.
    pub findings_left_out: usize,
    /// What outcomes consist of; empty where the scenario observes nothing.
    pub observed: Vec<String>,
    /// Outcomes at normal ends, sorted.
    pub outcomes: Vec<Outcome>,
    /// What was searched.
    pub claim: Claim,
    /// The other engines, in the order of every table.
    pub engines: Vec<EngineRow>,
}

impl Report {
    /// Whether an engine contradicts the native checker, or failed: a failure of this tool, whatever the file expects.
    #[must_use]
    pub fn engines_fail(&self) -> bool {
        let fails = |row: &EngineRow| matches!(row.agreement, Agreement::Contradicts(_) | Agreement::Failed(_));
        self.engines.iter().any(fails)
    }
}

/// A parameter and the value in force.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct ParameterReport {
    /// Its name.
    pub name: String,
    /// The value in force.
    pub value: Value,
    /// The value without an override.
    pub default: Value,
}

/// One finding with its reason.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct FindingReport {
    /// Its kind.
    pub kind: FindingKind,
    /// Lines of the statements it is about.
    pub lines: Vec<Line>,
    /// Why it is one.
    pub explanation: Explanation,
    /// An execution that shows it; `None` where its absence is what was found.
    pub trace: Option<TraceReport>,
}

/// An execution, row by row.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct TraceReport {
    /// The threads that take part, in order of declaration: the columns.
    pub threads: Vec<String>,
    /// The steps.
    pub rows: Vec<Row>,
    /// Where the steps can go on for ever: the step that comes after the last one again.
    pub back_to: Option<usize>,
    /// The schedule line that replays it, with the hash of the scenario.
    pub schedule: String,
    /// The same without the hash: a snapshot is that of its scenario anyway.
    #[serde(skip)]
    pub plain_schedule: String,
    /// Steps that were another thread's while the thread before was still enabled.
    pub preemptions: u64,
    /// Steps that nobody may count on: a thread wakes for no reason.
    pub spurious_wakeups: usize,
    /// Whether it is known to be least.
    pub least: Leastness,
}

/// One visible step.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Row {
    /// Counted from 1.
    pub step: usize,
    /// Who.
    pub thread: String,
    /// What, as `explain::operation` defines it.
    pub operation: String,
    /// Line of the scenario.
    pub line: Line,
    /// What stands beside it.
    pub note: Option<String>,
}

/// What was searched, and how completely.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Claim {
    /// Why the native search is not complete; `None` if it is.
    pub incomplete: Option<String>,
    /// The memory model that the scenario asks for.
    pub memory: Memory,
    /// The options under which it was explored, in words of the language.
    pub options: Vec<&'static str>,
    /// Distinct states.
    pub states: u64,
    /// Steps between them.
    pub steps: u64,
    /// Executions that the native checker has sampled because a limit has cut its search.
    pub samples: Vec<Sample>,
    /// What the scenario asks for and the native checker does not look at.
    pub not_checked: Vec<String>,
}

/// A known difference that was seen: one row of the table in `docs/engines.md`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct KnownDifference {
    /// What it is about.
    pub feature: &'static str,
    /// What the engine's behaviours are beside the native checker's: `subset` or `superset`.
    pub direction: &'static str,
    /// Why.
    pub reason: &'static str,
}

/// One engine besides the native checker.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct EngineRow {
    /// Which.
    pub engine: EngineName,
    /// How it stands to the native checker.
    pub agreement: Agreement,
    /// Whether it looked at everything and saw just the same: the same findings at the same places, and the
    /// same outcomes.
    pub equal: bool,
    /// Its own verdict; `None` for engines whose figures differ between two runs.
    pub verdict: Option<Verdict>,
    /// How completely it looked, and how many executions; `None` as above.
    pub coverage: Option<String>,
    /// Executions; `None` as above.
    pub executions: Option<u64>,
    /// Kinds it found; empty as above.
    pub found: Vec<FindingKind>,
    /// Its outcomes where they cannot be compared because the native search is not complete; otherwise empty.
    pub outcomes: Vec<Outcome>,
    /// The known differences without which it would contradict.
    pub known: Vec<KnownDifference>,
    /// What the scenario asks for and it does not look at.
    pub not_checked: Vec<String>,
}
