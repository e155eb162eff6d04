//! Words for limits, coverage and agreement.

use super::{EngineRow, KnownDifference};
use crate::engine::agreement::{self, Agreement, Undecided};
use crate::finding::{Coverage, EngineName, Evidence, Finding, LimitHit};
use crate::judgement::{Incomplete, Verdict};
use crate::limits::COUNTER_MAX;
use crate::program::{ObjectKind, Program};
use std::collections::BTreeSet;

/// Which limit cut a search, and the option that moves it, if one does.
#[must_use]
pub fn limit_text(program: &Program, limit: &LimitHit) -> String {
    let place = |thread: crate::program::ThreadId, pc| {
        let line = program.source.line(program.instr(thread, pc).span);
        format!("`{}` at line {line}", program.thread(thread).name)
    };
    match limit {
        LimitHit::States { limit } => format!("more than {limit} states (--max-states)"),
        LimitHit::Executions { limit } => format!("more than {limit} executions"),
        LimitHit::Steps { limit } => format!("an execution with more than {limit} steps"),
        LimitHit::SpuriousWakeUps { limit } => format!("an execution with more than {limit} spurious wake-ups"),
        LimitHit::LocalSteps { limit, thread, pc } => {
            let place = place(*thread, *pc);
            format!("{place} goes {limit} local instructions without a visible operation (--max-local-steps)")
        }
        LimitHit::ChannelLength { limit, channel } => {
            let object = program.object(*channel);
            let what = if matches!(object.kind, ObjectKind::Queue { .. }) { "items" } else { "messages" };
            format!("more than {limit} {what} in `{}` (--max-len)", object.name)
        }
        LimitHit::Choices { limit, thread, pc } => {
            format!("{} chooses from more than {limit} values", place(*thread, *pc))
        }
        LimitHit::Counter { object } => {
            format!("`{}` counts beyond {COUNTER_MAX}", program.object(*object).name)
        }
        LimitHit::Threads { limit, function } => {
            let function = &program.spawnable(*function).function;
            format!("more than {limit} threads started as `{function}` (--max-threads)")
        }
        LimitHit::MemoryModel => "explored under sc only".to_owned(),
        LimitHit::Interrupted => "interrupted".to_owned(),
        LimitHit::RoundsInterrupted => "interrupted in the search for rounds, behind the last state".to_owned(),
    }
}

/// Why a search is not complete.
#[must_use]
pub fn incomplete_text(program: &Program, incomplete: &Incomplete) -> String {
    match incomplete {
        Incomplete::Cut(limit) => limit_text(program, limit),
        Incomplete::Sampled => "a sample of the executions".to_owned(),
        Incomplete::Stopped => "stopped at its first finding".to_owned(),
        Incomplete::Unsupported(unsupported) => format!("unsupported: {unsupported}"),
        Incomplete::Failed(message) => format!("the engine failed: {message}"),
    }
}

/// How completely an engine looked, and how many executions that were.
fn coverage_text(program: &Program, native: &Evidence, evidence: &Evidence) -> String {
    let mut executions = match evidence.counts.executions {
        1 => "1 execution".to_owned(),
        number => format!("{number} executions"),
    };
    // Where native has none, an engine that does not see what ends the executions there may have some.
    if !program.observed.is_empty() && native.coverage == Coverage::Complete && !native.outcomes.is_empty() {
        executions.push_str(&format!(", {} of {} outcomes", evidence.outcomes.len(), native.outcomes.len()));
    }
    match &evidence.coverage {
        Coverage::Complete => format!("complete, {executions}"),
        Coverage::StoppedAtFinding => format!("stopped at its first finding, {executions}"),
        Coverage::Sampled { how } => format!("{executions}, {how}"),
        Coverage::Cut(LimitHit::Executions { .. }) => format!("cut after {executions}"),
        Coverage::Cut(limit) => format!("{}, {executions}", limit_text(program, limit)),
        Coverage::Unsupported(unsupported) => unsupported.to_string(),
        Coverage::Failed { message } => message.clone(),
    }
}

/// The row of one engine.
pub(super) fn engine_row(program: &Program, native: &Evidence, evidence: &Evidence) -> EngineRow {
    let agreement = agreement::compare(program, native, evidence);
    let known = agreement::needed(program, native, evidence).into_iter().map(|relation| KnownDifference {
        feature: relation.feature,
        direction: relation.difference.word(),
        reason: relation.reason,
    });
    // Nothing that free-running threads happened to do may reach a report: it differs between two runs.
    let steady = evidence.engine != EngineName::Threads;
    let kinds: BTreeSet<_> = evidence.findings.iter().map(Finding::kind).collect();
    let beside = agreement == Agreement::Inconclusive(Undecided::NativeIncomplete);
    let symptoms = |evidence: &Evidence| -> BTreeSet<_> { evidence.findings.iter().map(Finding::symptom).collect() };
    let same = symptoms(evidence) == symptoms(native) && evidence.outcomes.keys().eq(native.outcomes.keys());
    EngineRow {
        engine: evidence.engine,
        equal: agreement == Agreement::Agrees && evidence.coverage == Coverage::Complete && same,
        verdict: steady.then(|| Verdict::of(evidence)),
        coverage: steady.then(|| coverage_text(program, native, evidence)),
        executions: steady.then_some(evidence.counts.executions),
        found: if steady { kinds.into_iter().collect() } else { Vec::new() },
        outcomes: if steady && beside { evidence.outcomes.keys().cloned().collect() } else { Vec::new() },
        known: if steady { known.collect() } else { Vec::new() },
        not_checked: evidence.not_checked.clone(),
        agreement,
    }
}
