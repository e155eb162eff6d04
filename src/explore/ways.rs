//! How a program comes to given outcomes: for each the execution that explains it best.

use super::{Questions, explore_system};
use crate::finding::{Detail, Evidence, Outcome, Trace};
use crate::limits::{Limits, Watch};
use crate::program::{Liveness, OutcomePattern, PatternValue, Program};
use crate::semantics::Semantics;
use std::collections::{BTreeMap, BTreeSet};

/// The execution with fewest preemptions, and fewest steps among those, to each of these outcomes. `known` is what
/// exploring the program has found; an outcome that is not in it has no way here.
#[must_use]
pub fn ways(
    program: &Program,
    known: &Evidence,
    outcomes: &BTreeSet<Outcome>,
    limits: &Limits,
    watch: &dyn Watch,
) -> BTreeMap<Outcome, Trace> {
    // Where the others are all that is allowed, these are what is found.
    let allowed = known.outcomes.keys().filter(|outcome| !outcomes.contains(outcome)).map(exactly).collect();
    let questions = Questions {
        outcomes: Some(allowed),
        eventually: Vec::new(),
        liveness: Liveness::UNASKED,
        ..Questions::of(program)
    };
    let limits = Limits { samples: 0, ..limits.clone() };
    let found = explore_system(&Semantics::new(program, &limits), &questions, &limits, watch).findings;
    let way = |finding: crate::finding::Finding| match finding.detail {
        Detail::UnexpectedOutcome { outcome } => Some((outcome, finding.trace?)),
        Detail::Deadlock { .. }
        | Detail::Race { .. }
        | Detail::Assertion { .. }
        | Detail::Invariant { .. }
        | Detail::Final { .. }
        | Detail::Impossible { .. }
        | Detail::MissingOutcome { .. }
        | Detail::Panic { .. }
        | Detail::UnobservedFailure { .. }
        | Detail::Misuse { .. }
        | Detail::Eventually { .. }
        | Detail::Livelock { .. }
        | Detail::Starvation { .. } => None,
    };
    found.into_iter().filter_map(way).filter(|(outcome, _)| outcomes.contains(outcome)).collect()
}

/// The pattern that covers this outcome and no other.
fn exactly(outcome: &Outcome) -> OutcomePattern {
    let value = |value: &Option<_>| value.map_or(PatternValue::None, PatternValue::Value);
    OutcomePattern { values: outcome.0.iter().map(value).collect() }
}
