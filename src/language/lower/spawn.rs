//! Threads that are started at run time: which functions are compiled as threads of their own, and how often each can be
//! started at most.

use super::Lowerer;
use super::builder::read;
use crate::language::checked::{Action, BodyExpr, HandleUse, Operation};
use crate::program::{Expr, InstrKind, LocalExpr, LocalId, Op, Span, SpawnId, SpawnOp, THREADS_MAX, Type};

/// A number of times; beyond [`MANY`] nobody counts.
type Times = u32;

/// More often than there can be threads.
pub(super) const MANY: Times = 1_000;

/// A function that is started as a thread; daemons start daemons.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Started {
    pub(super) function: usize,
    pub(super) daemon: bool,
}

/// What the code of one declaration starts, and how often at most when it runs once.
pub(super) type Starts = Vec<(SpawnId, Times)>;

/// The functions that are started, in the order in which that is first seen.
#[derive(Debug, Default)]
pub(super) struct Registry {
    pub(super) entries: Vec<Started>,
}

impl Registry {
    fn id(&mut self, started: Started) -> SpawnId {
        let known = self.entries.iter().position(|entry| *entry == started);
        SpawnId::new(known.unwrap_or_else(|| {
            self.entries.push(started);
            self.entries.len() - 1
        }))
    }
}

/// How often each function can be started at most: `declared` are the starts of each declaration with the number of its
/// threads, `spawned` those of each function that is started. `None` where it is more often than there can be threads.
pub(super) fn bounds(declared: &[(Starts, u32)], spawned: &[Starts]) -> Vec<Option<u32>> {
    let mut times: Vec<Times> = vec![0; spawned.len()];
    // Every round but the last one makes a number greater, and none grows beyond `MANY`.
    loop {
        let mut next: Vec<Times> = vec![0; spawned.len()];
        let runs = declared.iter().map(|(starts, count)| (starts, *count));
        for (starts, runs) in runs.chain(spawned.iter().zip(times.iter().copied())) {
            for (id, each) in starts {
                let sum = &mut next[id.index()];
                *sum = sum.saturating_add(each.saturating_mul(runs)).min(MANY);
            }
        }
        if next == times {
            break;
        }
        times = next;
    }
    let countable = |times: &Times| usize::try_from(*times).is_ok_and(|times| times <= THREADS_MAX);
    times.into_iter().map(|times| countable(&times).then_some(times)).collect()
}

impl Lowerer<'_> {
    /// `spawn f(…)`; `to` is where the handle goes.
    pub(super) fn spawn(&mut self, function: usize, args: &[BodyExpr], span: Span, to: Option<LocalId>) {
        let args: Vec<LocalExpr> = args.iter().map(|arg| self.operand(arg)).collect();
        let id = self.registry.id(Started { function, daemon: self.daemon });
        self.starts.push((id, self.times));
        self.builder.emit(InstrKind::Op(Op::Spawn { function: id, op: SpawnOp::Start { args, to } }), span);
    }

    /// An operation on a handle whose result, if it has one, nobody looks at.
    pub(super) fn on_handle(&mut self, operation: &Operation, used: &HandleUse, to: Option<LocalId>) {
        let handle = self.operand(&used.handle);
        let op = if matches!(operation.action, Action::IsFinished) {
            let to = to.unwrap_or_else(|| self.builder.temporary(Type::Bool));
            SpawnOp::IsFinished { handle, to }
        } else {
            SpawnOp::Wait { handle }
        };
        self.emit_on_threads_of(used.function, op, operation.span);
    }

    /// `h.join()`, looked at; `to` is where what the function returned goes, if anybody asks.
    pub(super) fn join_handle(&mut self, used: &HandleUse, tag: LocalId, to: Option<LocalId>) -> Op {
        let handle = self.operand(&used.handle);
        let to = to.filter(|_| self.functions[used.function].value.is_some());
        let function = self.registry.id(Started { function: used.function, daemon: self.daemon });
        Op::Spawn { function, op: SpawnOp::Join { handle, tag, to } }
    }

    fn emit_on_threads_of(&mut self, function: usize, op: SpawnOp, span: Span) {
        let function = self.registry.id(Started { function, daemon: self.daemon });
        self.builder.emit(InstrKind::Op(Op::Spawn { function, op }), span);
    }

    /// Runs `body` as something that happens so often; `None`: nobody knows.
    pub(super) fn repeated<R>(&mut self, rounds: Option<i64>, body: impl FnOnce(&mut Self) -> R) -> R {
        let outside = self.times;
        let rounds = rounds.and_then(|rounds| Times::try_from(rounds.max(0)).ok()).unwrap_or(MANY);
        self.times = outside.saturating_mul(rounds).min(MANY);
        let result = body(self);
        self.times = outside;
        result
    }

    /// A handle in a slot, as an expression.
    pub(super) fn handle_in(&mut self, function: usize, args: &[BodyExpr], span: Span) -> LocalExpr {
        let slot = self.builder.temporary(Type::Int);
        self.spawn(function, args, span, Some(slot));
        read(slot)
    }
}

/// The number of rounds between two ends, where both are known.
pub(super) fn rounds(from: &LocalExpr, limit: &LocalExpr, one_more: i64) -> Option<i64> {
    match (from, limit) {
        (Expr::Const(from), Expr::Const(limit)) => limit.checked_sub(*from)?.checked_add(one_more),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn starts(of: &[(usize, Times)]) -> Starts {
        of.iter().map(|(id, times)| (SpawnId::new(*id), *times)).collect()
    }

    #[test]
    fn what_is_started_by_what_is_started_is_counted_too() {
        let declared = [(starts(&[(0, 2)]), 3), (starts(&[(1, 1)]), 1)];
        let spawned = [starts(&[(1, 2), (1, 1)]), starts(&[])];
        assert_eq!(bounds(&declared, &spawned), [Some(6), Some(19)]);
    }

    #[test]
    fn a_function_that_starts_itself_has_no_bound() {
        assert_eq!(bounds(&[(starts(&[(0, 1)]), 1)], &[starts(&[(0, 1)])]), [None]);
        assert_eq!(bounds(&[(starts(&[(0, MANY)]), 1)], &[starts(&[])]), [None]);
        assert_eq!(bounds(&[(starts(&[(0, MANY)]), 0)], &[starts(&[])]), [Some(0)]);
    }
}
