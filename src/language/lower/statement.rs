//! Statements: control flow as labels and branches.

use super::Lowerer;
use super::builder::{Label, is_simple, read};
use super::expression::{binary, cases, tag_is};
use super::scope::{Exit, Scope};
use super::spawn::rounds;
use crate::language::checked::{
    Action, Block, BodyExpr, BodyObject, LocalIndex, On, Operation, ResultArm, Stmt, StmtKind, ValueArm,
};
use crate::program::{
    BinaryOp, ChannelOp, ChoiceOp, Expr, InstrKind, Lag, LocalExpr, LocalId, Op, PauseKind, Place, ResultTag, Span,
    ThreadId, ThreadOp, ThreadRef, Type, UnaryOp,
};

impl Lowerer<'_> {
    pub(super) fn block(&mut self, block: &Block) {
        for statement in block {
            if !self.enter() {
                return;
            }
            let mark = self.builder.mark();
            self.statement(statement);
            self.builder.release(mark);
            self.leave_level();
        }
    }

    fn statement(&mut self, statement: &Stmt) {
        let span = statement.span;
        match &statement.kind {
            StmtKind::SetLocal { local, value } => {
                let slot = self.slot(*local);
                self.value_into(value, slot);
                self.note_assigned(slot, span);
            }
            StmtKind::SetElement { array, index, op, value } => self.set_element(*array, index, *op, value, span),
            StmtKind::ClearArray { array } => {
                let (base, len) = self.array(*array);
                for position in 0..len {
                    let position = usize::try_from(position).expect("u32 fits into usize");
                    self.builder.set(LocalId::new(base.index() + position), Expr::Const(0), span);
                }
            }
            StmtKind::WriteVar { var, op, value, target } => self.write_var(var, *op, value, *target, span),
            StmtKind::Operation(operation) => {
                // Nobody looks at how such a thread has ended.
                if cases(operation).is_empty() || matches!(operation.on, On::Handle(_)) {
                    self.operation(operation, None);
                } else if matches!(operation.action, Action::Barrier(_)) {
                    // Nobody goes on behind a broken barrier without having asked for it.
                    let leader = self.builder.temporary(Type::Bool);
                    self.unwrap(operation, leader);
                } else {
                    self.result(operation, None);
                }
            }
            StmtKind::Call { function, args } => self.call(*function, args, span),
            StmtKind::Spawn { function, args } => self.spawn(*function, args, span, None),
            StmtKind::JoinAll { thread } => self.join_all(*thread, span),
            StmtKind::If { condition, then, otherwise } => {
                let (yes, no, end) = (self.builder.label(), self.builder.label(), self.builder.label());
                self.condition(condition, yes, no);
                self.builder.bind(yes);
                self.block(then);
                self.builder.jump(end, span);
                self.builder.bind(no);
                self.block(otherwise);
                self.builder.bind(end);
            }
            StmtKind::While { condition, body } => {
                let (next, inside, end) = (self.builder.label(), self.builder.label(), self.builder.label());
                self.repeated(None, |lowerer| {
                    lowerer.next_round(next, span);
                    lowerer.condition(condition, inside, end);
                    lowerer.builder.bind(inside);
                    lowerer.loop_body(Scope::Loop { next, end }, body);
                });
                self.builder.jump(next, span);
                self.builder.bind(end);
            }
            StmtKind::Loop { body } => {
                let (next, end) = (self.builder.label(), self.builder.label());
                self.next_round(next, span);
                self.repeated(None, |lowerer| lowerer.loop_body(Scope::Loop { next, end }, body));
                self.builder.jump(next, span);
                self.builder.bind(end);
            }
            StmtKind::For { local, from, to, inclusive, body } => {
                let end = if *inclusive { End::Inclusive(to) } else { End::Exclusive(to) };
                self.for_range(*local, from, end, body, span);
            }
            StmtKind::ForEach { local, channel, body } => self.for_each(*local, channel, body, span),
            StmtKind::MatchResult { operation, arms } => self.match_result(operation, arms, span),
            StmtKind::MatchValue { value, arms } => self.match_value(value, arms, span),
            StmtKind::Break => self.leave(Exit::Break, span),
            StmtKind::Continue => self.leave(Exit::Continue, span),
            StmtKind::Return(value) => {
                if let Some(value) = value {
                    match self.return_slot() {
                        Some(slot) => self.value_into(value, slot),
                        // Nobody needs the value; its steps happen all the same.
                        None => {
                            self.operand(value);
                        }
                    }
                }
                self.leave(Exit::Return, span);
            }
            StmtKind::Assert { condition, message } => {
                let condition = self.value(condition);
                self.builder.emit(InstrKind::Assert { condition, message: message.clone() }, span);
            }
            StmtKind::Panic { message } => {
                let message = message.clone().unwrap_or_else(|| "panic".to_owned());
                self.builder.emit(InstrKind::Panic { message }, span);
            }
            StmtKind::Assume { condition } => {
                let condition = self.value(condition);
                self.builder.emit(InstrKind::Assume { condition }, span);
            }
            StmtKind::Pause(kind) => self.emit_op(Op::Pause(*kind), span),
            StmtKind::Fence(ordering) => self.emit_op(Op::Fence(*ordering), span),
            StmtKind::Either { branches } => self.either(branches, span),
            StmtKind::With { object, held, body, end } => self.with(object, *held, body, span, *end),
            StmtKind::CallOnce { once, body, end } => self.call_once(once, body, span, *end),
            StmtKind::Atomically { condition, body } => {
                self.indivisible(body, span, |lowerer| {
                    if let Some(condition) = condition {
                        let value = lowerer.value(condition);
                        lowerer.builder.emit(InstrKind::Guard { condition: value }, condition.span);
                    }
                });
            }
            StmtKind::Block(block) => self.block(block),
        }
    }

    /// Marks a local that outcomes or properties read as assigned.
    fn note_assigned(&mut self, slot: LocalId, span: Span) {
        if self.frames.len() == 1
            && let Some(assigned) = self.assigned.get(&slot)
        {
            self.builder.set(*assigned, Expr::Const(1), span);
        }
    }

    fn return_slot(&self) -> Option<LocalId> {
        self.scopes.iter().rev().find_map(|scope| match scope {
            Scope::Function { value, .. } => Some(*value),
            Scope::Loop { .. } | Scope::With { .. } | Scope::Indivisible { .. } => None,
        })?
    }

    fn set_element(&mut self, array: LocalIndex, index: &BodyExpr, op: Option<BinaryOp>, value: &BodyExpr, span: Span) {
        let value = self.operand(value);
        let index = self.operand(index);
        let value = match op {
            None => value,
            Some(op) => binary(op, self.element(array, index.clone()), value),
        };
        let to = match self.element(array, index) {
            Expr::Read(crate::program::LocalRead::Element { base, len, index }) => {
                Place::Element { base, len, index: *index }
            }
            Expr::Read(crate::program::LocalRead::Local(slot)) => Place::Local(slot),
            Expr::Const(_) | Expr::Unary(..) | Expr::Binary(..) | Expr::And(..) | Expr::Or(..) | Expr::If(..) => {
                unreachable!("an element is a read")
            }
        };
        self.builder.emit(InstrKind::Set { to, value }, span);
    }

    fn loop_body(&mut self, scope: Scope, body: &Block) {
        self.scopes.push(scope);
        self.block(body);
        self.scopes.pop();
    }

    /// Begins a loop; every further round comes in at `next`.
    fn next_round(&mut self, next: Label, span: Span) {
        let first = self.builder.label();
        if self.is_round_progress() {
            self.builder.jump(first, span);
            self.builder.bind(next);
            self.round_ends(span);
        } else {
            self.builder.bind(next);
        }
        self.builder.bind(first);
    }

    /// What stands between two rounds of a loop.
    fn round_ends(&mut self, span: Span) {
        if self.is_round_progress() {
            self.emit_op(Op::Pause(PauseKind::Progress), span);
        }
    }

    /// Whether a loop that begins here is an outermost one, and its rounds are progress.
    fn is_round_progress(&self) -> bool {
        let inside = |scope: &Scope| matches!(scope, Scope::Loop { .. } | Scope::Indivisible { .. });
        self.rounds_are_progress && !self.scopes.iter().any(inside)
    }

    fn for_range(&mut self, local: LocalIndex, from: &BodyExpr, to: End<'_>, body: &Block, span: Span) {
        let from = self.operand(from);
        let (End::Exclusive(limit) | End::Inclusive(limit)) = to;
        let limit = self.lasting(limit);
        let one_more_round = i64::from(matches!(to, End::Inclusive(_)));
        let rounds = rounds(&from, &limit, one_more_round);
        let slot = self.slot(local);
        // A body that assigns the loop's local does not change the rounds.
        let counter = if self.is_assigned_again(local) { self.builder.temporary(Type::Int) } else { slot };
        self.builder.set(counter, from, span);
        let [head, inside, next, end] = [(); 4].map(|()| self.builder.label());
        let one_more = binary(BinaryOp::Add, read(counter), Expr::Const(1));
        self.builder.bind(head);
        match to {
            End::Exclusive(_) => {
                let goes_on = binary(BinaryOp::Less, read(counter), limit);
                self.builder.branch(goes_on, inside, end, span);
                self.builder.bind(inside);
                self.builder.set(slot, read(counter), span);
                self.repeated(rounds, |lowerer| lowerer.loop_body(Scope::Loop { next, end }, body));
                self.builder.bind(next);
            }
            End::Inclusive(_) => {
                let goes_on = binary(BinaryOp::LessOrEqual, read(counter), limit.clone());
                self.builder.branch(goes_on, inside, end, span);
                self.builder.bind(inside);
                self.builder.set(slot, read(counter), span);
                self.repeated(rounds, |lowerer| lowerer.loop_body(Scope::Loop { next, end }, body));
                self.builder.bind(next);
                // The last value may be the greatest integer: leave before counting on.
                let more = self.builder.label();
                let is_last = binary(BinaryOp::Equal, read(counter), limit);
                self.builder.branch(is_last, end, more, span);
                self.builder.bind(more);
            }
        }
        self.round_ends(span);
        self.builder.set(counter, one_more, span);
        self.builder.jump(head, span);
        self.builder.bind(end);
    }

    /// `for v in c { }`: receives until the channel is closed and empty.
    fn for_each(&mut self, local: LocalIndex, channel: &BodyObject, body: &Block, span: Span) {
        let object = self.lasting_object(channel);
        let tag = self.builder.temporary(Type::Int);
        let to = self.slot(local);
        let [next, inside, end] = [(); 3].map(|()| self.builder.label());
        self.next_round(next, span);
        self.emit_op(Op::Channel { channel: object, op: ChannelOp::Recv { tag, to } }, span);
        self.builder.branch(tag_is(tag, &[ResultTag::Some]), inside, end, span);
        self.builder.bind(inside);
        self.repeated(None, |lowerer| lowerer.loop_body(Scope::Loop { next, end }, body));
        self.builder.jump(next, span);
        self.builder.bind(end);
    }

    fn match_result(&mut self, operation: &Operation, arms: &[ResultArm], span: Span) {
        // Where one arm names the value, it goes there at once.
        let mut binds = arms.iter().filter_map(|arm| arm.bind);
        let payload = match (binds.next(), binds.next()) {
            (None, _) => None,
            (Some(only), None) => Some(self.slot(only)),
            (Some(_), Some(_)) => Some(self.builder.temporary(self.operation_type(operation))),
        };
        let counts = arms.iter().any(|arm| arm.bind.is_some() && arm.tags.contains(&ResultTag::Failed));
        let tag = self.counted_result(operation, payload, if counts { Lag::Counted } else { Lag::Noted });
        let mut rest: Vec<ResultTag> = cases(operation).to_vec();
        let end = self.builder.label();
        for arm in arms {
            let (here, next) = (self.builder.label(), self.builder.label());
            let covers_rest = rest.iter().all(|case| arm.tags.contains(case));
            let is_this = if covers_rest { Expr::Const(1) } else { tag_is(tag, &arm.tags) };
            self.builder.branch(is_this, here, next, span);
            self.builder.bind(here);
            if let (Some(bind), Some(payload)) = (arm.bind, payload) {
                let slot = self.slot(bind);
                self.builder.set(slot, read(payload), span);
            }
            self.block(&arm.body);
            self.builder.jump(end, span);
            self.builder.bind(next);
            rest.retain(|case| !arm.tags.contains(case));
        }
        self.builder.bind(end);
    }

    fn match_value(&mut self, value: &BodyExpr, arms: &[ValueArm], span: Span) {
        let ty = self.types.decided(value.ty);
        let scrutinee = self.value(value);
        // Evaluated once, whatever the arms assign.
        let scrutinee: LocalExpr =
            if is_simple(&scrutinee) { scrutinee } else { self.builder.keep(scrutinee, ty, value.span) };
        let end = self.builder.label();
        for arm in arms {
            let (here, next) = (self.builder.label(), self.builder.label());
            let is_this = match arm.value {
                None => Expr::Const(1),
                Some(0) if ty == Type::Bool => Expr::Unary(UnaryOp::Not, Box::new(scrutinee.clone())),
                Some(_) if ty == Type::Bool => scrutinee.clone(),
                Some(constant) => binary(BinaryOp::Equal, scrutinee.clone(), Expr::Const(constant)),
            };
            self.builder.branch(is_this, here, next, span);
            self.builder.bind(here);
            self.block(&arm.body);
            self.builder.jump(end, span);
            self.builder.bind(next);
        }
        self.builder.bind(end);
    }

    fn either(&mut self, branches: &[Block], span: Span) {
        let labels: Vec<_> = branches.iter().map(|_| self.builder.label()).collect();
        let end = self.builder.label();
        self.emit_op(Op::Choice(ChoiceOp::Branch { branches: labels.clone() }), span);
        for (branch, label) in branches.iter().zip(labels) {
            self.builder.bind(label);
            self.block(branch);
            self.builder.jump(end, span);
        }
        self.builder.bind(end);
    }

    /// `group.join();`: one join after the other.
    fn join_all(&mut self, thread: usize, span: Span) {
        let (base, count) = (self.threads[thread].base, self.threads[thread].count);
        let tag = self.builder.temporary(Type::Int);
        for member in 0..count {
            let member = usize::try_from(member).expect("u32 fits into usize");
            let base = ThreadId::new(base.index() + member);
            let thread = ThreadRef { base, len: 1, first: 0, index: None };
            self.emit_op(Op::Thread { thread, op: ThreadOp::Join { tag } }, span);
        }
    }
}

/// The end of a range.
#[derive(Clone, Copy)]
enum End<'e> {
    Exclusive(&'e BodyExpr),
    Inclusive(&'e BodyExpr),
}
