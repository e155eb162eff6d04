//! Statements: what they declare, assign and end, and which of them may stand where.

use super::body::{BodyChecker, BodyPlace, Surroundings};
use super::error;
use super::function::{Indivisible, Obstacle};
use super::names::one;
use super::operation::Access;
use super::paths::{first_return_with_value, never_falls_through};
use crate::language::checked::{Block, ObjectKind, Stmt, StmtKind};
use crate::language::tree::{self, Ident, PauseWord};
use crate::language::types::Ty;
use crate::program::{PauseKind, Span, Type};

impl BodyChecker<'_, '_> {
    /// Checks a block in a scope of its own.
    pub(super) fn block(&mut self, block: &tree::Block) -> Block {
        self.open_scope();
        let mut checked = Vec::with_capacity(block.statements.len());
        for statement in &block.statements {
            if let Some((kind, span)) = self.statement(statement) {
                checked.push(Stmt { kind, span });
            }
        }
        self.close_scope();
        checked
    }

    /// Checks a statement; its span is that of its head. `None` where nothing is left of it.
    fn statement(&mut self, statement: &tree::Stmt) -> Option<(StmtKind, Span)> {
        use tree::StmtKind as Tree;
        let whole = self.without_semicolon(statement.span);
        let head = |body: &tree::Block, cx: &Self| cx.head(statement.span, body);
        Some(match &statement.kind {
            Tree::Let { name, value } => {
                let value = self.value_or_handle(value);
                let local = self.declare(name, value.ty, None);
                self.note_let(name, local);
                (StmtKind::SetLocal { local, value }, whole)
            }
            Tree::LetArray { name, len } => {
                let len = self.checker.array_length(len);
                let ty = self.checker.types.open();
                let array = self.declare(name, ty, Some(len.unwrap_or(1)));
                self.note_let(name, array);
                (StmtKind::ClearArray { array }, whole)
            }
            Tree::Assign { target, op, value } => (self.assign(target, *op, value, whole)?, whole),
            Tree::Expr(expr) => (self.expression_statement(expr)?, whole),
            Tree::If { condition, then, otherwise } => {
                let condition = self.value_of(condition, Type::Bool, "a condition");
                let span = head(then, self);
                let then = self.block(then);
                let otherwise = otherwise.as_ref().map(|block| self.block(block)).unwrap_or_default();
                (StmtKind::If { condition, then, otherwise }, span)
            }
            Tree::IfLet { pattern, value, then, otherwise } => {
                let span = head(then, self);
                (self.if_let(pattern, value, then, otherwise.as_ref())?, span)
            }
            Tree::While { condition, body } => {
                let condition = self.value_of(condition, Type::Bool, "a condition");
                (StmtKind::While { condition, body: self.loop_body(body) }, head(body, self))
            }
            Tree::WhileLet { pattern, value, body } => {
                let span = head(body, self);
                self.loops += 1;
                let arms = self.match_or(pattern, value, body, |_| vec![Stmt { kind: StmtKind::Break, span }]);
                self.loops -= 1;
                (StmtKind::Loop { body: vec![Stmt { kind: arms?, span }] }, span)
            }
            Tree::Loop { body } => (StmtKind::Loop { body: self.loop_body(body) }, head(body, self)),
            Tree::For { name, range, body } => {
                let from = self.value_of(&range.from, Type::Int, "the start of a range");
                let to = self.value_of(&range.to, Type::Int, "the end of a range");
                self.open_scope();
                let local = self.declare(name, Ty::INT, None);
                let checked = self.loop_body(body);
                self.close_scope();
                let span = head(body, self);
                (StmtKind::For { local, from, to, inclusive: range.inclusive, body: checked }, span)
            }
            Tree::ForEach { name, channel, body } => {
                let span = head(body, self);
                (self.for_each(name, channel, body, span)?, span)
            }
            Tree::Break => (self.in_loop("break", StmtKind::Break, whole)?, whole),
            Tree::Continue => (self.in_loop("continue", StmtKind::Continue, whole)?, whole),
            Tree::Return(value) => (self.return_(value.as_ref(), whole)?, whole),
            Tree::Match { value, arms } => {
                let span = arms.first().map_or(whole, |arm| Span::new(whole.start, arm.pattern.span.start));
                let span = self.trimmed(span, &['{', ' ', '\t', '\r', '\n']);
                (self.match_(value, arms, span)?, span)
            }
            Tree::Assert { condition, message } => {
                let condition = self.value_of(condition, Type::Bool, "what `assert` claims");
                self.uses.effect(whole, "`assert`");
                (StmtKind::Assert { condition, message: message.clone() }, whole)
            }
            Tree::Panic { message } => {
                self.uses.effect(whole, "`panic`");
                (StmtKind::Panic { message: message.clone() }, whole)
            }
            Tree::Assume { condition } => {
                let condition = self.value_of(condition, Type::Bool, "what `assume` asks for");
                self.uses.effect(whole, "`assume`");
                (StmtKind::Assume { condition }, whole)
            }
            Tree::Yield => (self.pause(PauseKind::Yield, "`yield`", whole), whole),
            Tree::Progress => {
                self.checker.has_progress = true;
                (self.pause(PauseKind::Progress, "`progress`", whole), whole)
            }
            Tree::Pause { kind, micros } => {
                let (kind, word) = match kind {
                    PauseWord::Sleep => (PauseKind::Sleep(*micros), "`sleep`"),
                    PauseWord::Work => (PauseKind::Work(*micros), "`work`"),
                    PauseWord::Io => (PauseKind::Io(*micros), "`io`"),
                };
                (self.pause(kind, word, whole), whole)
            }
            Tree::Fence { ordering } => {
                let ordering = self.ordering_word(&ordering.name, ordering.span, Access::Fence);
                self.uses.effect(whole, "`fence`");
                (StmtKind::Fence(ordering?), whole)
            }
            Tree::Either { branches } => {
                let span = branches.first().map_or(whole, |first| head(first, self));
                self.uses.obstacle(Obstacle::new(span, "`either`", "the world chooses here"));
                (StmtKind::Either { branches: branches.iter().map(|branch| self.block(branch)).collect() }, span)
            }
            Tree::With { object, body } => {
                let span = head(body, self);
                (self.with(object, body, span)?, span)
            }
            Tree::CallOnce { object, body } => {
                let span = head(body, self);
                (self.call_once(object, body, span)?, span)
            }
            Tree::Atomically { condition, body } => {
                let span = head(body, self);
                (self.atomically(condition.as_ref(), body, span), span)
            }
            Tree::Block(block) => (StmtKind::Block(self.block(block)), whole),
        })
    }

    fn loop_body(&mut self, body: &tree::Block) -> Block {
        self.loops += 1;
        let body = self.block(body);
        self.loops -= 1;
        body
    }

    fn in_loop(&mut self, word: &str, kind: StmtKind, span: Span) -> Option<StmtKind> {
        if self.loops == 0 && self.around == Surroundings::Call {
            self.error(error::leaves_call(word, span));
            return None;
        }
        if self.loops == 0 {
            self.error(error::outside_loop(word, span));
            return None;
        }
        Some(kind)
    }

    fn pause(&mut self, kind: PauseKind, word: &str, span: Span) -> StmtKind {
        self.uses.obstacle(Obstacle::new(span, word, "it is a step of its own"));
        StmtKind::Pause(kind)
    }

    fn expression_statement(&mut self, expr: &tree::Expr) -> Option<StmtKind> {
        match &expr.kind {
            tree::ExprKind::Method { .. } => {
                if let Some(thread) = self.join_of_group(expr) {
                    return Some(StmtKind::JoinAll { thread });
                }
                let (operation, _) = self.operation(expr)?;
                Some(StmtKind::Operation(operation))
            }
            tree::ExprKind::Call { function, args } => {
                let Some(callee) = self.callee(function) else {
                    for arg in args {
                        self.value(arg);
                    }
                    return None;
                };
                let args = self.arguments(callee, args, expr.span);
                self.uses.calls.push((callee, expr.span));
                Some(StmtKind::Call { function: callee, args })
            }
            tree::ExprKind::Spawn { function, args } => {
                let (function, args) = self.spawned(function, args, expr.span)?;
                Some(StmtKind::Spawn { function, args })
            }
            tree::ExprKind::Error => None,
            tree::ExprKind::Int(_)
            | tree::ExprKind::Bool(_)
            | tree::ExprKind::Name(_)
            | tree::ExprKind::Index { .. }
            | tree::ExprKind::Field { .. }
            | tree::ExprKind::Unary { .. }
            | tree::ExprKind::Binary { .. }
            | tree::ExprKind::And { .. }
            | tree::ExprKind::Or { .. }
            | tree::ExprKind::If { .. }
            | tree::ExprKind::Is { .. }
            | tree::ExprKind::Choose(_)
            | tree::ExprKind::Duration(_) => {
                // The parser has refused it; its names are looked up all the same.
                self.value(expr);
                None
            }
        }
    }

    fn for_each(&mut self, name: &Ident, channel: &tree::Expr, body: &tree::Block, span: Span) -> Option<StmtKind> {
        let found = self.object(channel, error::not_a_channel);
        let element = found.as_ref().and_then(|(object, _)| match &self.checker.objects[*object].kind {
            ObjectKind::Channel { element, .. } => Some(*element),
            ObjectKind::Var { .. }
            | ObjectKind::Atomic { .. }
            | ObjectKind::Mutex(_)
            | ObjectKind::RwLock(_)
            | ObjectKind::Condvar { .. }
            | ObjectKind::Semaphore { .. }
            | ObjectKind::Event
            | ObjectKind::Once
            | ObjectKind::Timer { .. }
            | ObjectKind::Oneshot { .. }
            | ObjectKind::Watch { .. }
            | ObjectKind::Broadcast { .. }
            | ObjectKind::Queue { .. }
            | ObjectKind::Barrier { .. } => None,
        });
        if let (Some((object, _)), None) = (&found, element) {
            let (what, declared) = (one(&self.checker.objects[*object].kind), self.checker.objects[*object].declared);
            self.error(error::not_a_channel(channel.span, what, Some(declared)));
        }
        self.uses.obstacle(Obstacle::new(span, "`for … in` a channel", "it can block"));
        self.open_scope();
        let local = self.declare(name, element.unwrap_or(Ty::BROKEN), None);
        let body = self.loop_body(body);
        self.close_scope();
        let (_, channel) = found?;
        element.map(|_| StmtKind::ForEach { local, channel, body })
    }

    fn return_(&mut self, value: Option<&tree::Expr>, span: Span) -> Option<StmtKind> {
        if self.around == Surroundings::Call {
            if let Some(value) = value {
                self.value(value);
            }
            self.error(error::leaves_call("return", span));
            return None;
        }
        match (self.place, value) {
            (BodyPlace::Thread, Some(value)) => {
                self.value(value);
                self.error(error::return_value_in_thread(value.span));
                None
            }
            (BodyPlace::Thread, None) => Some(StmtKind::Return(None)),
            (BodyPlace::Function(signature), Some(value)) => {
                let ty = self.checker.signatures[signature].value.unwrap_or(Ty::BROKEN);
                let value = self.value_or_handle_as(value, ty, "what this function returns, as elsewhere,");
                Some(StmtKind::Return(Some(value)))
            }
            (BodyPlace::Function(signature), None) => {
                if self.checker.signatures[signature].value.is_some() {
                    self.uses.returns_without_value.push(span);
                }
                Some(StmtKind::Return(None))
            }
        }
    }

    /// Reports a function that returns a value on some paths and reaches its end on others.
    pub(super) fn value_on_every_path(&mut self, signature: usize, body: &tree::Block) {
        if self.checker.signatures[signature].value.is_none() {
            return;
        }
        let Some(with_value) = first_return_with_value(body) else { return };
        let name = self.checker.signatures[signature].name.clone();
        let mut without = std::mem::take(&mut self.uses.returns_without_value);
        if !never_falls_through(body) {
            without.push(Span::new(body.span.end.saturating_sub(1), body.span.end));
        }
        for span in without {
            self.error(error::returns_sometimes(span, &name, with_value));
        }
    }

    fn atomically(&mut self, condition: Option<&tree::Expr>, body: &tree::Block, head: Span) -> StmtKind {
        let outside = std::mem::take(&mut self.uses);
        let condition = condition.map(|condition| self.value_of(condition, Type::Bool, "a condition"));
        let condition_uses = std::mem::take(&mut self.uses);
        let body = self.block(body);
        let mut inside = std::mem::replace(&mut self.uses, outside);
        self.uses.returns_without_value.append(&mut inside.returns_without_value);
        let word = if condition.is_some() { "when" } else { "atomically" };
        self.uses.blocks.push(Indivisible { head, word, condition: condition_uses, body: inside });
        StmtKind::Atomically { condition, body }
    }

    // Patterns.

    // Spans.

    fn without_semicolon(&self, span: Span) -> Span {
        self.trimmed(span, &[';', ' ', '\t', '\r', '\n'])
    }

    /// A statement up to its body.
    fn head(&self, statement: Span, body: &tree::Block) -> Span {
        self.trimmed(Span::new(statement.start, body.span.start.max(statement.start)), &[' ', '\t', '\r', '\n'])
    }

    fn trimmed(&self, span: Span, ends: &[char]) -> Span {
        let text = self.checker.text(span).trim_end_matches(ends);
        let len = u32::try_from(text.len()).expect("texts are at most 1 MiB");
        Span::new(span.start, span.start + len)
    }
}
