//! How threads wait for a condition, and how others tell them that it holds.

use super::super::diagnostic::Diagnostic;
use super::super::lower::for_each_successor;
use super::super::tree::{Block, Expr, ExprKind, File, ItemKind, ObjectDecl, Stmt, StmtKind};
use super::{notify_without_mutex, wait_without_loop};
use crate::program::{Code, Instr, InstrKind, LocalObject, MutexOp, ObjectId, Op, Program, Span};
use std::collections::BTreeMap;

/// What repeats a statement, or does not.
#[derive(Clone, Copy)]
enum Around {
    /// Nothing stands around it, or a loop that looks at the condition again.
    Nothing,
    /// An `if` that looked once; the span of its condition.
    If(Span),
}

/// Waits on condition variables that an `if` guards and no loop repeats.
pub(super) fn without_loop(file: &File) -> Vec<Diagnostic> {
    let mut walk = Walk { condvars: Vec::new(), found: Vec::new() };
    for item in &file.items {
        if let ItemKind::Object { name, kind: ObjectDecl::Condvar(_), .. } = &item.kind {
            walk.condvars.push(&name.name);
        }
    }
    for item in &file.items {
        if let ItemKind::Thread { body, .. } | ItemKind::Function { body, .. } = &item.kind {
            walk.block(body, Around::Nothing, Repeated::No);
        }
    }
    walk.found
}

/// Whether what follows a statement goes back to the start of a loop, with nothing done on the way.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Repeated {
    AtOnce,
    No,
}

struct Walk<'t> {
    condvars: Vec<&'t str>,
    found: Vec<Diagnostic>,
}

impl<'t> Walk<'t> {
    fn block(&mut self, block: &'t Block, around: Around, repeated: Repeated) {
        for (position, statement) in block.statements.iter().enumerate() {
            let is_last = position + 1 == block.statements.len();
            let next = block.statements.get(position + 1).map(|next| &next.kind);
            let after = match next {
                None if is_last => repeated,
                Some(StmtKind::Continue) => Repeated::AtOnce,
                Some(_) | None => Repeated::No,
            };
            self.statement(statement, around, after);
        }
    }

    fn statement(&mut self, statement: &'t Stmt, around: Around, after: Repeated) {
        match &statement.kind {
            StmtKind::Expr(value) | StmtKind::Let { value, .. } | StmtKind::Assign { value, .. } => {
                if let Around::If(condition) = around
                    && self.waits(value)
                {
                    self.found.push(wait_without_loop(condition, value.span));
                }
            }
            StmtKind::If { condition, then, otherwise } | StmtKind::IfLet { value: condition, then, otherwise, .. } => {
                for branch in [Some(then), otherwise.as_ref()].into_iter().flatten() {
                    let last = branch.statements.last().map(|last| &last.kind);
                    let looks_again = after == Repeated::AtOnce || matches!(last, Some(StmtKind::Continue));
                    let around = if looks_again { Around::Nothing } else { Around::If(condition.span) };
                    self.block(branch, around, after);
                }
            }
            StmtKind::While { body, .. }
            | StmtKind::WhileLet { body, .. }
            | StmtKind::Loop { body }
            | StmtKind::For { body, .. }
            | StmtKind::ForEach { body, .. } => self.block(body, Around::Nothing, Repeated::AtOnce),
            StmtKind::Match { arms, .. } => {
                for arm in arms {
                    self.block(&arm.body, around, after);
                }
            }
            StmtKind::Either { branches } => {
                for branch in branches {
                    self.block(branch, around, after);
                }
            }
            StmtKind::CallOnce { body, .. }
            | StmtKind::With { body, .. }
            | StmtKind::Atomically { body, .. }
            | StmtKind::Block(body) => {
                self.block(body, around, after);
            }
            StmtKind::LetArray { .. }
            | StmtKind::Break
            | StmtKind::Continue
            | StmtKind::Return(_)
            | StmtKind::Assert { .. }
            | StmtKind::Panic { .. }
            | StmtKind::Assume { .. }
            | StmtKind::Yield
            | StmtKind::Progress
            | StmtKind::Fence { .. }
            | StmtKind::Pause { .. } => {}
        }
    }

    /// Whether an expression is a wait on a condition variable that needs a loop around it.
    fn waits(&self, value: &Expr) -> bool {
        let ExprKind::Method { receiver, method, .. } = &value.kind else { return false };
        let object = if let ExprKind::Index { base, .. } = &receiver.kind { base } else { receiver };
        let ExprKind::Name(name) = &object.kind else { return false };
        matches!(method.name.as_str(), "wait" | "wait_timeout") && self.condvars.contains(&name.as_str())
    }
}

/// Notifications by threads that have not held the mutex with which others wait, on any way there.
pub(super) fn without_mutex(program: &Program) -> Vec<Diagnostic> {
    let waits = waits(program);
    let mut found = Vec::new();
    for code in &program.codes {
        for (condvar, (mutex, wait)) in &waits {
            let held = behind_a_lock(code, *mutex);
            let notifies = |instr: &Instr| {
                let InstrKind::Op(Op::Condvar { condvar: notified, op }) = &instr.kind else { return false };
                notified.base == *condvar && op.waits_with().is_none()
            };
            let bare = code.instrs.iter().zip(held).filter(|(instr, held)| !held && notifies(instr));
            let name = |id: ObjectId| program.object(id).group.as_str();
            found.extend(bare.map(|(instr, _)| notify_without_mutex(instr.span, name(*condvar), name(*mutex), *wait)));
        }
    }
    found
}

/// For each condition variable on which somebody waits with one mutex only: that mutex, and the first such wait. Arrays
/// are taken as a whole.
fn waits(program: &Program) -> BTreeMap<ObjectId, (ObjectId, Span)> {
    let mut waits: BTreeMap<ObjectId, Vec<(ObjectId, Span)>> = BTreeMap::new();
    for instr in program.codes.iter().flat_map(|code| &code.instrs) {
        if let InstrKind::Op(Op::Condvar { condvar, op }) = &instr.kind
            && let Some(mutex) = op.waits_with()
        {
            waits.entry(condvar.base).or_default().push((mutex.base, instr.span));
        }
    }
    let single = |all: Vec<(ObjectId, Span)>| {
        let first = all.iter().min_by_key(|(_, span)| *span).copied()?;
        all.iter().all(|(mutex, _)| *mutex == first.0).then_some(first)
    };
    waits.into_iter().filter_map(|(condvar, all)| Some((condvar, single(all)?))).collect()
}

/// For each instruction: whether some way to it takes this mutex.
fn behind_a_lock(code: &Code, mutex: ObjectId) -> Vec<bool> {
    let locks = |object: &LocalObject, op: &MutexOp| {
        let takes = match op {
            MutexOp::Lock { .. }
            | MutexOp::LockChecked { .. }
            | MutexOp::TryLock { .. }
            | MutexOp::LockTimeout { .. } => true,
            MutexOp::Unlock { .. } | MutexOp::IsLocked { .. } => false,
        };
        takes && object.base == mutex
    };
    let mut behind = vec![false; code.instrs.len()];
    let mut work = Vec::new();
    for (position, instr) in code.instrs.iter().enumerate() {
        if let InstrKind::Op(Op::Mutex { mutex: object, op }) = &instr.kind
            && locks(object, op)
        {
            work.push(position);
        }
    }
    while let Some(position) = work.pop() {
        for_each_successor(&code.instrs[position], position, |next| {
            if next < behind.len() && !std::mem::replace(&mut behind[next], true) {
                work.push(next);
            }
        });
    }
    behind
}
