//! The native checker: explores all interleavings of a program and collects every distinct finding.
//!
//! In reading order: `system` is what the search knows of a program, `store` the set of states, `search` the search,
//! which records a `graph` and, as `sightings`, what was seen where; `deadlock` asks the finished graph for threads that
//! are stuck for ever, `liveness` for rounds without progress (`lasso` says what one shows), `witness` for the execution that explains each finding best, `trace` for its steps. `sample` takes executions at random where a limit has cut the search, `replay` takes one given execution, `ways` finds the executions
//! to given outcomes.
//!
//! Nothing here knows a primitive, and nothing here prints.

mod components;
mod deadlock;
mod graph;
mod index;
mod lasso;
mod liveness;
mod questions;
mod replay;
mod sample;
mod search;
mod sightings;
mod store;
mod system;
#[cfg(test)]
pub(crate) mod tests;
mod trace;
mod ways;
mod witness;

pub use questions::Questions;
pub use replay::replay;
pub use search::{Explored, search};
pub use system::{Arrival, System};
pub use ways::ways;
pub use witness::PAIRS_PER_STATE;

use crate::finding::{Coverage, Detail, EngineName, Evidence, Finding, FindingKey, LimitHit, OtherEnds, Outcome};
use crate::limits::{Limits, Watch};
use crate::program::Program;
use crate::program::{FindingKind, Memory, OutcomePattern};
use crate::semantics::Semantics;
use deadlock::Endless;
use std::collections::{BTreeMap, BTreeSet};

/// Explores every execution of a program and says what it found, each finding with its witness.
///
/// `Coverage::Complete` means every execution. If a limit has cut the search, what was found is still real, and nothing
/// is said about what is absent: no missing outcomes, no `impossible`, no partial deadlocks, nothing about rounds without
/// end. Where only the search for rounds was interrupted, every state has been seen, and all but the rounds is said. A
/// scenario that needs a weaker memory model than sequential consistency, which is the only one explored here, counts as
/// cut.
///
/// # Determinism
/// Depends on nothing but the arguments, unless `watch` interrupts it.
pub fn explore(program: &Program, limits: &Limits, watch: &dyn Watch) -> Evidence {
    explore_system(&Semantics::new(program, limits), &Questions::of(program), limits, watch)
}

/// As [`explore`], for any system.
pub fn explore_system<S: System + ?Sized>(
    system: &S,
    questions: &Questions,
    limits: &Limits,
    watch: &dyn Watch,
) -> Evidence {
    let mut explored = search(system, questions, limits, watch);
    let mut besides = Vec::new();
    let coverage = match (&explored.cut, questions.memory) {
        (Some(limit), Memory::Sc | Memory::Rc11) => Coverage::Cut(limit.clone()),
        (None, Memory::Rc11) => Coverage::Cut(LimitHit::MemoryModel),
        (None, Memory::Sc) => {
            let endless = deadlock::find_partial(system, questions, &mut explored);
            besides = find_absent(questions, &explored, endless);
            if let Some(put_off) = liveness::find(system, questions, &explored, watch) {
                besides.extend(put_off);
                Coverage::Complete
            } else {
                Coverage::Cut(LimitHit::RoundsInterrupted)
            }
        }
    };
    explored.sightings.sort();
    let mut findings = witness::witnesses(system, &explored, limits, watch);
    findings.extend(besides);
    let mut outcomes: BTreeMap<Outcome, u64> =
        std::mem::take(&mut explored.outcomes).into_iter().map(|outcome| (outcome, 0)).collect();
    let mut samples = Vec::new();
    if is_worth_sampling(&coverage) {
        let known: BTreeSet<FindingKey> = findings.iter().map(Finding::key).collect();
        let sampled = sample::sample(system, questions, limits, watch);
        findings.extend(sampled.findings.into_iter().filter(|finding| !known.contains(&finding.key())));
        outcomes.extend(sampled.outcomes.into_keys().map(|outcome| (outcome, 0)));
        samples = sampled.samples;
    }
    if questions.memory == Memory::Rc11 && findings.iter().any(|finding| finding.kind() == FindingKind::Race) {
        // A racy program has no defined outcomes there.
        findings.retain(|finding| finding.kind() != FindingKind::Outcome);
    }
    findings.sort_by_cached_key(report_order);
    Evidence {
        engine: EngineName::Native,
        coverage,
        counts: explored.counts(),
        findings,
        outcomes,
        other_ends: OtherEnds::default(),
        samples,
        not_checked: Vec::new(),
    }
}

/// Whether there is something that the search has not seen and that can be walked to.
fn is_worth_sampling(coverage: &Coverage) -> bool {
    match coverage {
        Coverage::Cut(
            LimitHit::Interrupted | LimitHit::RoundsInterrupted | LimitHit::MemoryModel | LimitHit::LocalSteps { .. },
        ) => false,
        Coverage::Cut(_) => true,
        Coverage::Complete
        | Coverage::StoppedAtFinding
        | Coverage::Sampled { .. }
        | Coverage::Unsupported(_)
        | Coverage::Failed { .. } => false,
    }
}

/// What should be possible and never happens, in a graph that no limit has cut.
fn find_absent(questions: &Questions, explored: &Explored, endless: Endless) -> Vec<Finding> {
    let mut absent = Vec::new();
    if explored.endings.discarded > 0 && explored.endings.others == 0 && endless == Endless::No {
        absent.push(Detail::Impossible { property: None });
    }
    absent.extend(explored.unsatisfied.iter().map(|property| Detail::Impossible { property: Some(*property) }));
    let patterns: BTreeSet<&OutcomePattern> = questions.outcomes.iter().flatten().collect();
    let never = |pattern: &&OutcomePattern| !explored.outcomes.iter().any(|Outcome(values)| pattern.covers(values));
    absent.extend(
        patterns.into_iter().filter(never).map(|pattern| Detail::MissingOutcome { pattern: pattern.to_string() }),
    );
    absent.into_iter().map(|detail| Finding { detail, statements: Vec::new(), trace: None }).collect()
}

/// By kind, then by length of the trace (what has none comes last), then by place.
fn report_order(finding: &Finding) -> (FindingKind, usize, FindingKey) {
    let steps = finding.trace.as_ref().map_or(usize::MAX, |trace| trace.events.len());
    (finding.kind(), steps, finding.key())
}
