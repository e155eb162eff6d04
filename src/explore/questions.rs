//! What a scenario asks of a search, beyond what its steps report by themselves.

use crate::finding::Outcome;
use crate::program::{CodeId, Expected, Liveness, Memory, OutcomePattern, Program, PropertyKind};

/// What a scenario asks of a search, beyond what its steps report by themselves.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Questions {
    /// The code of each thread: deadlocks are identified by statements.
    pub codes: Vec<CodeId>,
    /// The union of all `expect outcomes`; `None`: every outcome is allowed.
    pub outcomes: Option<Vec<OutcomePattern>>,
    /// Positions of the `possible` properties.
    pub possible: Vec<usize>,
    /// Positions of the `eventually` properties.
    pub eventually: Vec<usize>,
    /// What else is asked about executions that never end.
    pub liveness: Liveness,
    /// The memory model asked for; the search itself is always sequentially consistent.
    pub memory: Memory,
}

impl Questions {
    /// The questions of a program.
    #[must_use]
    pub fn of(program: &Program) -> Self {
        let mut outcomes: Option<Vec<OutcomePattern>> = None;
        for expectation in &program.expectations {
            match &expectation.expected {
                Expected::Outcomes(patterns) => outcomes.get_or_insert_default().extend_from_slice(patterns),
                Expected::Ok | Expected::Finding { .. } => {}
            }
        }
        let of_kind = |kind| {
            let properties = program.properties.iter().enumerate();
            properties.filter(|(_, property)| property.kind == kind).map(|(position, _)| position).collect()
        };
        Self {
            codes: program.threads.iter().map(|thread| thread.code).collect(),
            outcomes,
            possible: of_kind(PropertyKind::Possible),
            eventually: of_kind(PropertyKind::Eventually),
            liveness: program.liveness,
            memory: program.memory,
        }
    }

    /// Whether anything is asked about executions that never end.
    #[must_use]
    pub fn ask_liveness(&self) -> bool {
        !self.eventually.is_empty() || self.liveness.livelock || self.liveness.starvation
    }

    /// Whether an outcome may occur.
    #[must_use]
    pub fn allows(&self, outcome: &Outcome) -> bool {
        self.outcomes.as_ref().is_none_or(|patterns| patterns.iter().any(|pattern| pattern.covers(&outcome.0)))
    }
}
