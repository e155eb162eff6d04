//! What each engine is known to miss or to add, as data.

use crate::engine::construct::pauses_in_loops;
use crate::finding::EngineName;
use crate::program::{AtomicOp, CondvarOp, InstrKind, ObjectId, Op, Program, ThreadId};
use std::collections::BTreeSet;

/// A known difference between an engine and the native checker.
#[derive(Clone, Copy, Debug)]
pub struct Relation {
    /// Which engine.
    pub engine: EngineName,
    /// What it is about, in words of the language.
    pub feature: &'static str,
    /// In which programs.
    pub applies: fn(&Program) -> bool,
    /// What differs there.
    pub difference: Difference,
    /// Why.
    pub reason: &'static str,
    /// Where the engine's own project speaks of it, if it does.
    pub upstream: Option<&'static str>,
    /// A scenario that shows it: without this row the engine contradicts there.
    pub witness: &'static str,
}

/// In which direction an engine's behaviours differ from the native checker's.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Difference {
    /// It does not have all of them: outcomes are a subset, findings may be missed.
    Misses,
    /// It has more: outcomes are a superset, findings may be added.
    Adds,
}

impl Difference {
    /// What the engine's behaviours are beside the native checker's.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Difference::Misses => "subset",
            Difference::Adds => "superset",
        }
    }
}

/// All known differences.
pub const RELATIONS: &[Relation] = &[
    Relation {
        engine: EngineName::Loom,
        feature: "`yield`, `sleep`, `work`, `io` in a loop",
        applies: |program| program.codes.iter().any(|code| !pauses_in_loops(code).is_empty()),
        difference: Difference::Misses,
        reason: "on loom a thread that yields in a loop goes on only when the others cannot",
        upstream: Some("https://github.com/tokio-rs/loom/pull/4"),
        witness: "tests/agreement/yield.ilv",
    },
    Relation {
        engine: EngineName::Loom,
        feature: "`notify_one` with several waiters",
        applies: notify_one_chooses,
        difference: Difference::Misses,
        reason: "loom's `notify_one` always wakes the thread that has waited longest",
        upstream: None,
        witness: "tests/agreement/notify_one.ilv",
    },
    Relation {
        engine: EngineName::Loom,
        feature: "`compare_exchange_weak`",
        applies: has_weak_compare_exchange,
        difference: Difference::Misses,
        reason: "loom's `compare_exchange_weak` never fails for no reason",
        upstream: None,
        witness: "tests/agreement/weak_compare_exchange.ilv",
    },
];

fn has_op(program: &Program, wanted: impl Fn(&Op) -> bool) -> bool {
    let mut instrs = program.codes.iter().flat_map(|code| &code.instrs);
    instrs.any(|instr| if let InstrKind::Op(op) = &instr.kind { wanted(op) } else { false })
}

fn has_weak_compare_exchange(program: &Program) -> bool {
    has_op(program, |op| matches!(op, Op::Atomic { op: AtomicOp::CompareExchange { weak: true, .. }, .. }))
}

/// Whether some `notify_one` may have two waiters to choose from.
fn notify_one_chooses(program: &Program) -> bool {
    let on = |thread: ThreadId, wanted: fn(&CondvarOp) -> bool| -> BTreeSet<ObjectId> {
        let instrs = program.code_of(thread).instrs.iter();
        instrs
            .filter_map(|instr| {
                let InstrKind::Op(Op::Condvar { condvar, op }) = &instr.kind else { return None };
                wanted(op).then_some(condvar.base)
            })
            .collect()
    };
    let notified: BTreeSet<ObjectId> =
        program.thread_ids().flat_map(|thread| on(thread, |op| matches!(op, CondvarOp::NotifyOne))).collect();
    notified.into_iter().any(|condvar| {
        let waits = |thread: &ThreadId| on(*thread, |op| op.waits_with().is_some()).contains(&condvar);
        program.thread_ids().filter(waits).count() >= 2
    })
}
