//! Ways out of blocks: `break`, `continue` and `return` release what `with` holds and end indivisible blocks on the way;
//! a panic does the same through handlers.

use super::Lowerer;
use super::builder::{Label, read};
use super::expression::tag_is;
use crate::language::checked::{Block, BodyObject, Held, StmtKind};
use crate::program::{
    BinaryOp, Expr, InstrKind, LocalId, LocalObject, MutexOp, OnceOp, Op, ResultTag, RwLockOp, Scoped, SemaphoreOp,
    Span, Type,
};

/// What a statement stands in.
#[derive(Clone, Debug)]
pub(super) enum Scope {
    Loop {
        next: Label,
        end: Label,
    },
    /// A function, or a thread's own body.
    Function {
        end: Label,
        /// Where its value goes.
        value: Option<LocalId>,
    },
    /// A `with`, or the block of a `call`.
    With {
        object: LocalObject,
        kind: Owed,
        /// Where a panic goes on after this is released.
        outer: Option<Label>,
    },
    Indivisible {
        end: Label,
        /// Which of `exits` was taken; 0 for none.
        taken: LocalId,
        exits: Vec<Exit>,
    },
}

/// A way out of a block.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Exit {
    Break,
    Continue,
    Return,
}

/// What a panic inside a `with` runs: its release, then that of the next one outside.
#[derive(Debug)]
pub(super) struct Handler {
    label: Label,
    object: LocalObject,
    kind: Owed,
    outer: Option<Label>,
    span: Span,
}

/// What has to be done at the end of a block, also where a panic ends it.
#[derive(Clone, Copy, Debug)]
pub(super) enum Owed {
    /// Give back what `with` holds.
    Release(Held),
    /// Say that the block of a once has ended.
    End,
}

impl Lowerer<'_> {
    /// Leaves the blocks around a statement.
    pub(super) fn leave(&mut self, exit: Exit, span: Span) {
        self.leave_from(exit, self.scopes.len(), span);
    }

    /// Leaves from the innermost of the first `depth` scopes outwards.
    fn leave_from(&mut self, exit: Exit, depth: usize, span: Span) {
        let unwind = self.builder.unwind;
        for position in (0..depth).rev() {
            match &mut self.scopes[position] {
                Scope::Loop { next, end } => {
                    let to = match exit {
                        Exit::Break => *end,
                        Exit::Continue => *next,
                        Exit::Return => continue,
                    };
                    self.builder.jump(to, span);
                    break;
                }
                Scope::Function { end, .. } => {
                    let end = *end;
                    self.builder.jump(end, span);
                    break;
                }
                Scope::With { object, kind, outer } => {
                    self.builder.unwind = *outer;
                    let release = release(object.clone(), *kind);
                    self.builder.emit(release, span);
                }
                Scope::Indivisible { end, taken, exits } => {
                    let known = exits.iter().position(|known| *known == exit);
                    let number = known.unwrap_or_else(|| {
                        exits.push(exit);
                        exits.len() - 1
                    });
                    let number = i64::try_from(number + 1).expect("there are three ways out");
                    let (end, taken) = (*end, *taken);
                    self.builder.set(taken, Expr::Const(number), span);
                    self.builder.jump(end, span);
                    break;
                }
            }
        }
        self.builder.unwind = unwind;
    }

    /// Runs a body while an object is held.
    pub(super) fn with(&mut self, object: &BodyObject, kind: Held, body: &Block, span: Span, end: Span) {
        let object = self.lasting_object(object);
        let outer = self.builder.unwind;
        let poisoned = (kind == Held::PoisoningMutex).then(|| self.builder.temporary(Type::Int));
        self.builder.emit(acquire(object.clone(), kind, poisoned), span);
        let label = self.builder.label();
        let owed = Owed::Release(kind);
        self.handlers.push(Handler { label, object: object.clone(), kind: owed, outer, span: end });
        self.builder.unwind = Some(label);
        self.scopes.push(Scope::With { object: object.clone(), kind: owed, outer });
        if let Some(tag) = poisoned {
            // It is held, and given back like after any other panic.
            let (panics, goes_on) = (self.builder.label(), self.builder.label());
            self.builder.branch(tag_is(tag, &[ResultTag::Poisoned]), panics, goes_on, span);
            self.builder.bind(panics);
            self.builder.emit(InstrKind::Panic { message: "the mutex is poisoned".to_owned() }, span);
            self.builder.bind(goes_on);
        }
        self.block(body);
        self.scopes.pop();
        self.builder.unwind = outer;
        self.builder.emit(release(object, owed), end);
    }

    /// `o.call { }`: the body if this thread is the one that runs it.
    pub(super) fn call_once(&mut self, once: &BodyObject, body: &Block, span: Span, end: Span) {
        let object = self.lasting_object(once);
        let (tag, runs) = (self.builder.temporary(Type::Int), self.builder.temporary(Type::Bool));
        self.emit_op(Op::Once { once: object.clone(), op: OnceOp::Begin { tag, runs } }, span);
        let [panics, goes_on, inside, done] = [(); 4].map(|()| self.builder.label());
        self.builder.branch(tag_is(tag, &[ResultTag::Poisoned]), panics, goes_on, span);
        self.builder.bind(panics);
        self.builder.emit(InstrKind::Panic { message: "the once is poisoned".to_owned() }, span);
        self.builder.bind(goes_on);
        self.builder.branch(read(runs), inside, done, span);
        self.builder.bind(inside);
        let outer = self.builder.unwind;
        let label = self.builder.label();
        self.handlers.push(Handler { label, object: object.clone(), kind: Owed::End, outer, span: end });
        self.builder.unwind = Some(label);
        self.scopes.push(Scope::With { object: object.clone(), kind: Owed::End, outer });
        self.block(body);
        self.scopes.pop();
        self.builder.unwind = outer;
        self.builder.emit(release(object, Owed::End), end);
        self.builder.bind(done);
    }

    /// Runs a body as one step; `begin` emits what stands before it inside the step.
    pub(super) fn indivisible(&mut self, body: &Block, span: Span, begin: impl FnOnce(&mut Self)) {
        let end = self.builder.label();
        self.builder.emit(InstrKind::Atomically { end }, span);
        begin(self);
        let is_left_early = leaves(body, LoopDepth::Outside);
        let taken = if is_left_early { self.builder.temporary(Type::Int) } else { LocalId(0) };
        if is_left_early {
            self.builder.set(taken, Expr::Const(0), span);
        }
        self.scopes.push(Scope::Indivisible { end, taken, exits: Vec::new() });
        self.block(body);
        let scope = self.scopes.pop();
        self.builder.bind(end);
        self.builder.emit(InstrKind::EndAtomically, span);
        let Some(Scope::Indivisible { exits, .. }) = scope else { return };
        for (position, exit) in exits.into_iter().enumerate() {
            let number = i64::try_from(position + 1).expect("there are three ways out");
            let (here, next) = (self.builder.label(), self.builder.label());
            let is_taken = Expr::Binary(BinaryOp::Equal, Box::new(read(taken)), Box::new(Expr::Const(number)));
            self.builder.branch(is_taken, here, next, span);
            self.builder.bind(here);
            self.leave_from(exit, self.scopes.len(), span);
            self.builder.bind(next);
        }
    }

    /// Emits what panics inside `with` run, after the rest of the code.
    pub(super) fn emit_handlers(&mut self, end: Span) {
        let handlers = std::mem::take(&mut self.handlers);
        if handlers.is_empty() {
            return;
        }
        let unwound = self.builder.label();
        for Handler { label, object, kind, outer, span } in handlers {
            self.builder.bind(label);
            self.builder.unwind = outer;
            self.builder.emit(release(object, kind), span);
            self.builder.jump(outer.unwrap_or(unwound), span);
        }
        self.builder.unwind = None;
        self.builder.bind(unwound);
        self.builder.emit(InstrKind::Unwound, end);
    }
}

/// `tag`: where it goes whether a poisoning mutex is poisoned.
fn acquire(object: LocalObject, kind: Held, tag: Option<LocalId>) -> InstrKind {
    let scoped = Scoped::With;
    InstrKind::Op(match (kind, tag) {
        (Held::PoisoningMutex, Some(tag)) => Op::Mutex { mutex: object, op: MutexOp::LockChecked { scoped, tag } },
        (Held::Mutex | Held::PoisoningMutex, _) => Op::Mutex { mutex: object, op: MutexOp::Lock { scoped } },
        (Held::Permit, _) => Op::Semaphore { semaphore: object, op: SemaphoreOp::Acquire { scoped, permits: 1 } },
        (Held::Read, _) => Op::RwLock { rwlock: object, op: RwLockOp::Read { scoped } },
        (Held::Write, _) => Op::RwLock { rwlock: object, op: RwLockOp::Write { scoped } },
    })
}

fn release(object: LocalObject, owed: Owed) -> InstrKind {
    let held = match owed {
        Owed::Release(held) => held,
        Owed::End => return InstrKind::Op(Op::Once { once: object, op: OnceOp::End }),
    };
    InstrKind::Op(match held {
        Held::Mutex | Held::PoisoningMutex => Op::Mutex { mutex: object, op: MutexOp::Unlock { scoped: Scoped::With } },
        Held::Permit => {
            Op::Semaphore { semaphore: object, op: SemaphoreOp::Release { scoped: Scoped::With, permits: 1 } }
        }
        Held::Read => Op::RwLock { rwlock: object, op: RwLockOp::ReadUnlock { scoped: Scoped::With } },
        Held::Write => Op::RwLock { rwlock: object, op: RwLockOp::WriteUnlock { scoped: Scoped::With } },
    })
}

/// Whether a statement stands in a loop of the block that is looked at.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum LoopDepth {
    Outside,
    Inside,
}

/// Whether some way out of the block other than its end exists.
fn leaves(block: &Block, depth: LoopDepth) -> bool {
    block.iter().any(|statement| match &statement.kind {
        StmtKind::Return(_) => true,
        StmtKind::Break | StmtKind::Continue => depth == LoopDepth::Outside,
        StmtKind::If { then, otherwise, .. } => leaves(then, depth) || leaves(otherwise, depth),
        StmtKind::While { body, .. }
        | StmtKind::Loop { body }
        | StmtKind::For { body, .. }
        | StmtKind::ForEach { body, .. } => leaves(body, LoopDepth::Inside),
        StmtKind::MatchResult { arms, .. } => arms.iter().any(|arm| leaves(&arm.body, depth)),
        StmtKind::MatchValue { arms, .. } => arms.iter().any(|arm| leaves(&arm.body, depth)),
        StmtKind::Either { branches } => branches.iter().any(|branch| leaves(branch, depth)),
        StmtKind::CallOnce { body, .. }
        | StmtKind::With { body, .. }
        | StmtKind::Atomically { body, .. }
        | StmtKind::Block(body) => leaves(body, depth),
        StmtKind::SetLocal { .. }
        | StmtKind::SetElement { .. }
        | StmtKind::ClearArray { .. }
        | StmtKind::WriteVar { .. }
        | StmtKind::Operation(_)
        | StmtKind::Call { .. }
        | StmtKind::Spawn { .. }
        | StmtKind::JoinAll { .. }
        | StmtKind::Assert { .. }
        | StmtKind::Panic { .. }
        | StmtKind::Assume { .. }
        | StmtKind::Pause(_)
        | StmtKind::Fence(_) => false,
    })
}
