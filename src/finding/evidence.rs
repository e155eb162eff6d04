//! What an engine returns.

use super::{Coverage, Finding, LimitHit, Outcome};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The engines, in the order of every table.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EngineName {
    /// The native checker: its verdict decides.
    Native,
    /// loom.
    Loom,
    /// shuttle.
    Shuttle,
    /// Free-running OS threads.
    Threads,
}

impl EngineName {
    /// All engines, in the order of every table.
    pub const ALL: [EngineName; 4] = [EngineName::Native, EngineName::Loom, EngineName::Shuttle, EngineName::Threads];

    /// The word of the command line.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            EngineName::Native => "native",
            EngineName::Loom => "loom",
            EngineName::Shuttle => "shuttle",
            EngineName::Threads => "threads",
        }
    }
}

/// What one engine saw of one program, and how completely it looked.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Evidence {
    /// Who looked.
    pub engine: EngineName,
    /// How completely.
    pub coverage: Coverage,
    /// What it cost.
    pub counts: Counts,
    /// Distinct findings, in the order of reports: by kind, then by trace length, then by place.
    pub findings: Vec<Finding>,
    /// Outcomes at normal ends, each with the number of executions that ended so (0 where the engine does not count
    /// executions).
    #[serde(with = "outcome_list")]
    pub outcomes: BTreeMap<Outcome, u64>,
    /// The other ends, where they are counted: on free-running threads.
    pub other_ends: OtherEnds,
    /// What was sampled beside the search (native, where a limit has cut it); how often free threads were run in each way,
    /// and how often that showed a finding.
    pub samples: Vec<Sample>,
    /// What the scenario asks for and this engine does not look at (`always`, races), in words for people.
    pub not_checked: Vec<String>,
}

/// How often executions ended in another way than normally.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct OtherEnds {
    /// Some thread that is no daemon had not ended, and nobody could step.
    pub deadlocks: u64,
    /// Every thread had ended, at least one by panic or misuse.
    pub abnormal: u64,
    /// A failed `assert` or `always` ended them.
    pub stopped: u64,
    /// A false `assume` discarded them.
    pub discarded: u64,
    /// A limit cut them.
    pub cut: u64,
    /// The first such limit.
    pub limit: Option<LimitHit>,
    /// A daemon did something between the last step and the end, which in the language are one instant: what state they
    /// ended in is not known.
    pub blurred: u64,
}

impl OtherEnds {
    /// Adds those of more executions.
    pub fn add(&mut self, more: OtherEnds) {
        let OtherEnds { deadlocks, abnormal, stopped, discarded, cut, limit, blurred } = more;
        self.deadlocks += deadlocks;
        self.abnormal += abnormal;
        self.stopped += stopped;
        self.discarded += discarded;
        self.cut += cut;
        self.blurred += blurred;
        self.limit = self.limit.take().or(limit);
    }
}

/// Executions that were chosen at random, beside a search that a limit has cut. They never make a verdict green.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Sample {
    /// How they were chosen, in words for people.
    pub strategy: String,
    /// What the random numbers were made of.
    pub seed: u64,
    /// Number of executions.
    pub walks: u64,
    /// How many of them showed a finding.
    pub hits: u64,
    /// Upper bound, in thousandths, on the probability that one more execution ends with an outcome that none of these
    /// has shown; wrong for at most one sample in twenty. `None` where nothing can be said.
    pub unseen: Option<u64>,
}

/// What a search cost. All counts are deterministic except those of free-running threads.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Counts {
    /// Distinct states (native).
    pub states: u64,
    /// Steps explored (native: edges of the state graph).
    pub steps: u64,
    /// Executions from start to end (other engines).
    pub executions: u64,
}

/// JSON has no maps with structured keys: outcomes travel as a list of pairs.
mod outcome_list {
    use super::Outcome;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};
    use std::collections::BTreeMap;

    pub(super) fn serialize<S: Serializer>(map: &BTreeMap<Outcome, u64>, serializer: S) -> Result<S::Ok, S::Error> {
        map.iter().collect::<Vec<_>>().serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeMap<Outcome, u64>, D::Error> {
        Ok(Vec::deserialize(deserializer)?.into_iter().collect())
    }
}
