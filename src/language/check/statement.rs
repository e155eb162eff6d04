//! Statements: what they declare, assign and end, and which of them may stand where.

use super::body::{BodyChecker, BodyPlace, method_name, split_index};
use super::function::{Indivisible, Obstacle};
use super::names::{Global, one};
use super::operation::Access;
use super::{error, name_of};
use crate::language::checked::{
    Block, BodyExpr, BodyLeaf, BodyObject, Expr, ExprKind, Gives, Held, ObjectKind, Operation, ResultArm, Stmt,
    StmtKind, ValueArm,
};
use crate::language::tree::{self, Ident, Pattern, PatternKind, PauseWord};
use crate::language::types::Ty;
use crate::program::{BinaryOp, MutexKind, PauseKind, ResultTag, Span, Type, Value};
use std::collections::BTreeSet;

/// What a `match`, an `if let` or an `is` looks at.
pub(super) enum Scrutinee {
    Result { operation: Operation, cases: &'static [ResultTag], payload: Option<Ty> },
    Value(BodyExpr),
}

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
                let value = self.value(value);
                let local = self.declare(name, value.ty, None);
                self.note_let(name, local);
                (StmtKind::SetLocal { local, value }, whole)
            }
            Tree::LetArray { name, len } => {
                let len = self.checker.array_length(len);
                let array = self.declare(name, Ty::INT, Some(len.unwrap_or(1)));
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

    fn assign(
        &mut self,
        target: &tree::Expr,
        op: Option<BinaryOp>,
        value: &tree::Expr,
        whole: Span,
    ) -> Option<StmtKind> {
        let value = self.value(value);
        let (base, index) = split_index(target);
        let Some(name) = name_of(base) else {
            // The parser has refused what is no place.
            return None;
        };
        if let Some(local) = self.local(name) {
            return self.assign_local(local, target, index, op, value);
        }
        let declared = self.global(name, base.span)?;
        let Global::Object { object, .. } = declared.global else {
            if !matches!(declared.global, Global::Broken) {
                let help = match declared.global {
                    Global::Constant(_) => format!("copy it into a local first: `let value = {name};`"),
                    Global::Object { .. } | Global::Function(_) | Global::Thread { .. } | Global::Broken => {
                        String::new()
                    }
                };
                self.error(error::not_assignable(name, base.span, &declared, &help));
            }
            return None;
        };
        let text = self.checker.text(target.span).to_owned();
        match &self.checker.objects[object].kind {
            ObjectKind::Var { initial } => {
                let ty = Ty::of(initial.ty());
                self.demand_target(&value, ty, op, target.span);
                let var = self.object_use(object, base, index)?;
                self.note_write(whole);
                Some(StmtKind::WriteVar { var, op, value, target: target.span })
            }
            ObjectKind::Atomic { .. } => {
                let help = match op {
                    None => format!("write `{text}.store(…);`"),
                    Some(BinaryOp::Add) => format!("write `{text}.fetch_add(…);`"),
                    Some(BinaryOp::Subtract) => format!("write `{text}.fetch_sub(…);`"),
                    Some(BinaryOp::BitAnd) => format!("write `{text}.fetch_and(…);`"),
                    Some(BinaryOp::BitOr) => format!("write `{text}.fetch_or(…);`"),
                    Some(BinaryOp::BitXor) => format!("write `{text}.fetch_xor(…);`"),
                    Some(_) => format!("write `{text}.load()` and `{text}.store(…)`, which are two steps"),
                };
                self.error(error::not_assignable(name, base.span, &declared, &help));
                None
            }
            ObjectKind::Mutex(_)
            | ObjectKind::RwLock
            | ObjectKind::Condvar
            | ObjectKind::Semaphore { .. }
            | ObjectKind::Event
            | ObjectKind::Barrier { .. }
            | ObjectKind::Channel { .. }
            | ObjectKind::Queue { .. } => {
                self.error(error::not_assignable(name, base.span, &declared, ""));
                None
            }
        }
    }

    fn assign_local(
        &mut self,
        local: usize,
        target: &tree::Expr,
        index: Option<&tree::Expr>,
        op: Option<BinaryOp>,
        value: BodyExpr,
    ) -> Option<StmtKind> {
        let ty = self.locals[local].ty;
        self.demand_target(&value, ty, op, target.span);
        // Reports a missing or superfluous index.
        let place = self.value(target);
        self.locals[local].assigned_again = true;
        match place.kind {
            ExprKind::Leaf(BodyLeaf::Element { array, index }) => {
                Some(StmtKind::SetElement { array, index: *index, op, value })
            }
            ExprKind::Leaf(BodyLeaf::Local(local)) if index.is_none() => {
                let value = match op {
                    None => value,
                    Some(op) => {
                        let span = target.span.to(value.span);
                        let old = Expr::new(ExprKind::Leaf(BodyLeaf::Local(local)), ty, target.span);
                        Expr::new(ExprKind::Binary(op, Box::new(old), Box::new(value)), ty, span)
                    }
                };
                Some(StmtKind::SetLocal { local, value })
            }
            ExprKind::Leaf(_)
            | ExprKind::Const(_)
            | ExprKind::Unary(..)
            | ExprKind::Binary(..)
            | ExprKind::And(..)
            | ExprKind::Or(..)
            | ExprKind::If(..) => None,
        }
    }

    /// The type of what is assigned; `x op= e` needs integers on both sides.
    fn demand_target(&mut self, value: &BodyExpr, ty: Ty, op: Option<BinaryOp>, target: Span) {
        match op {
            None => {
                let why = format!("what `{}` gets", self.checker.text(target));
                self.demand_as(value, ty, &why);
            }
            Some(op) => {
                let why = format!("an operand of `{}=`", op.word());
                self.demand_as(value, Ty::INT, &why);
                if !self.checker.types.unify(ty, Ty::INT) {
                    self.error(error::mismatch(target, Type::Int, Type::Bool, &why));
                }
            }
        }
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
            | ObjectKind::RwLock
            | ObjectKind::Condvar
            | ObjectKind::Semaphore { .. }
            | ObjectKind::Event
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
        match (self.place, value) {
            (BodyPlace::Thread, Some(value)) => {
                self.value(value);
                self.error(error::return_value_in_thread(value.span));
                None
            }
            (BodyPlace::Thread, None) => Some(StmtKind::Return(None)),
            (BodyPlace::Function(signature), Some(value)) => {
                let ty = self.checker.signatures[signature].value.unwrap_or(Ty::BROKEN);
                let value = self.value_as(value, ty, "what this function returns, as elsewhere,");
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

    fn with(&mut self, object: &tree::Expr, body: &tree::Block, span: Span) -> Option<StmtKind> {
        let found = self.held(object);
        self.uses.obstacle(Obstacle::new(span, "`with`", "it can block"));
        self.held.push(self.checker.text(object.span).to_owned());
        let checked = self.block(body);
        self.held.pop();
        let (object, held) = found?;
        let end = Span::new(body.span.end.saturating_sub(1), body.span.end);
        Some(StmtKind::With { object, held, body: checked, end })
    }

    /// What a `with` takes: `m`, `s`, `l.read()`, `l.write()`.
    fn held(&mut self, taken: &tree::Expr) -> Option<(BodyObject, Held)> {
        let (object, side) = match side_of(taken) {
            Some((lock, side)) => (lock, Some(side)),
            None => (taken, None),
        };
        let (index, used) = self.object(object, error::not_for_with)?;
        let declared = &self.checker.objects[index];
        let held = match (&declared.kind, side) {
            (ObjectKind::Mutex(MutexKind::Poisoning), None) => Held::PoisoningMutex,
            (ObjectKind::Mutex(MutexKind::Plain | MutexKind::Reentrant), None) => Held::Mutex,
            (ObjectKind::Semaphore { .. }, None) => Held::Permit,
            (ObjectKind::RwLock, Some(side)) => side,
            (ObjectKind::RwLock, None) => {
                let error = error::with_rwlock(object.span, self.checker.text(object.span), declared.declared);
                self.error(error);
                return None;
            }
            (kind, side) => {
                let what = if side.is_some() { "an operation" } else { one(kind) };
                let error = error::not_for_with(taken.span, what, Some(declared.declared));
                self.error(error);
                return None;
            }
        };
        Some((used, held))
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

    /// What a pattern is matched against. `None` where an error has been reported.
    pub(super) fn scrutinee(&mut self, expr: &tree::Expr) -> Option<Scrutinee> {
        if !matches!(expr.kind, tree::ExprKind::Method { .. }) {
            let value = self.value(expr);
            return (!self.checker.types.is_broken(value.ty)).then_some(Scrutinee::Value(value));
        }
        let (operation, gives) = self.operation(expr)?;
        match gives {
            Gives::Result { cases, payload } => Some(Scrutinee::Result { operation, cases, payload }),
            Gives::Value(ty) => {
                let leaf = BodyLeaf::Operation(Box::new(operation));
                Some(Scrutinee::Value(Expr::new(ExprKind::Leaf(leaf), ty, expr.span)))
            }
            Gives::Nothing => {
                self.error(error::gives_nothing(&format!("`{}`", method_name(expr)), expr.span, ""));
                None
            }
        }
    }

    /// The cases of a result that a pattern covers.
    pub(super) fn result_pattern(
        &mut self,
        pattern: &Pattern,
        operation: &str,
        cases: &'static [ResultTag],
    ) -> Vec<ResultTag> {
        let tag = match &pattern.kind {
            PatternKind::Any => return cases.to_vec(),
            PatternKind::Some(_) => ResultTag::Some,
            PatternKind::None => ResultTag::None,
            PatternKind::Closed => ResultTag::Closed,
            PatternKind::Timeout => ResultTag::Timeout,
            PatternKind::Poisoned => ResultTag::Poisoned,
            PatternKind::Failed(_) => ResultTag::Failed,
            PatternKind::Value(_) => {
                self.error(error::value_pattern_on_result(pattern.span));
                return Vec::new();
            }
        };
        if !cases.contains(&tag) {
            let words: Vec<&str> = cases.iter().map(|tag| tag.word()).collect();
            self.error(error::impossible_case(pattern.span, operation, tag.word(), &error::one_of(&words)));
        }
        vec![tag]
    }

    /// The constant of a pattern on a value; `None` is `_`, or an error that has been reported.
    pub(super) fn value_pattern(&mut self, pattern: &Pattern, ty: Ty) -> Option<i64> {
        match &pattern.kind {
            PatternKind::Any => None,
            PatternKind::Value(value) => {
                let constant = self.checker.constant(value)?;
                if !self.checker.types.unify(ty, Ty::of(constant.ty())) {
                    let expected = self.checker.types.decided(ty);
                    self.error(error::mismatch(pattern.span, expected, constant.ty(), "this pattern"));
                }
                Some(constant.slot())
            }
            PatternKind::Some(_)
            | PatternKind::None
            | PatternKind::Closed
            | PatternKind::Timeout
            | PatternKind::Poisoned
            | PatternKind::Failed(_) => {
                self.error(error::result_pattern_on_value(pattern.span));
                None
            }
        }
    }

    /// An arm in a scope with what its pattern names; `payload` is the type of that.
    fn arm(&mut self, pattern: &Pattern, payload: Option<Ty>, body: &tree::Block) -> (Option<usize>, Block) {
        self.open_scope();
        let bind = match &pattern.kind {
            PatternKind::Some(Some(name)) | PatternKind::Failed(Some(name)) => {
                Some(self.declare(name, payload.unwrap_or(Ty::BROKEN), None))
            }
            PatternKind::Some(None)
            | PatternKind::Failed(None)
            | PatternKind::Any
            | PatternKind::None
            | PatternKind::Closed
            | PatternKind::Timeout
            | PatternKind::Poisoned
            | PatternKind::Value(_) => None,
        };
        let body = self.block(body);
        self.close_scope();
        (bind, body)
    }

    fn result_arm(
        &mut self,
        pattern: &Pattern,
        operation: &str,
        cases: &'static [ResultTag],
        payload: Option<Ty>,
        body: &tree::Block,
    ) -> ResultArm {
        let tags = self.result_pattern(pattern, operation, cases);
        let (bind, body) = self.arm(pattern, payload, body);
        if let (Some(_), None, [tag]) = (bind, payload, tags.as_slice()) {
            self.error(error::case_without_value(pattern.span, operation, tag.word()));
        }
        ResultArm { tags, bind, body }
    }

    fn if_let(
        &mut self,
        pattern: &Pattern,
        value: &tree::Expr,
        then: &tree::Block,
        otherwise: Option<&tree::Block>,
    ) -> Option<StmtKind> {
        self.match_or(pattern, value, then, |cx| otherwise.map(|block| cx.block(block)).unwrap_or_default())
    }

    /// A match with two arms: a pattern, and everything else.
    fn match_or(
        &mut self,
        pattern: &Pattern,
        value: &tree::Expr,
        body: &tree::Block,
        otherwise: impl FnOnce(&mut Self) -> Block,
    ) -> Option<StmtKind> {
        match self.scrutinee(value) {
            None => {
                self.arm(pattern, None, body);
                otherwise(self);
                None
            }
            Some(Scrutinee::Result { operation, cases, payload }) => {
                let arm = self.result_arm(pattern, method_name(value), cases, payload, body);
                let rest = ResultArm { tags: cases.to_vec(), bind: None, body: otherwise(self) };
                Some(StmtKind::MatchResult { operation, arms: vec![arm, rest] })
            }
            Some(Scrutinee::Value(value)) => {
                let constant = self.value_pattern(pattern, value.ty);
                let (_, body) = self.arm(pattern, None, body);
                let rest = ValueArm { value: None, body: otherwise(self) };
                let arms = vec![ValueArm { value: constant, body }, rest];
                Some(StmtKind::MatchValue { value, arms })
            }
        }
    }

    fn match_(&mut self, value: &tree::Expr, arms: &[tree::Arm], span: Span) -> Option<StmtKind> {
        match self.scrutinee(value) {
            None => {
                for arm in arms {
                    self.arm(&arm.pattern, None, &arm.body);
                }
                None
            }
            Some(Scrutinee::Result { operation, cases, payload }) => {
                let name = method_name(value);
                let before = self.checker.errors.len();
                let arms: Vec<ResultArm> =
                    arms.iter().map(|arm| self.result_arm(&arm.pattern, name, cases, payload, &arm.body)).collect();
                let missing: Vec<&str> = cases
                    .iter()
                    .filter(|case| !arms.iter().any(|arm| arm.tags.contains(case)))
                    .map(|case| case.word())
                    .collect();
                if !missing.is_empty() && self.checker.errors.len() == before {
                    self.error(error::not_all_cases(span, &error::list(&missing)));
                }
                Some(StmtKind::MatchResult { operation, arms })
            }
            Some(Scrutinee::Value(value)) => Some(self.match_value(value, arms, span)),
        }
    }

    fn match_value(&mut self, value: BodyExpr, arms: &[tree::Arm], span: Span) -> StmtKind {
        let before = self.checker.errors.len();
        let mut covered = BTreeSet::new();
        let mut has_rest = false;
        let mut checked = Vec::with_capacity(arms.len());
        for arm in arms {
            let constant = self.value_pattern(&arm.pattern, value.ty);
            has_rest |= matches!(arm.pattern.kind, PatternKind::Any);
            covered.extend(constant);
            let (_, body) = self.arm(&arm.pattern, None, &arm.body);
            checked.push(ValueArm { value: constant, body });
        }
        let missing = match self.checker.types.decided(value.ty) {
            Type::Int => (!has_rest).then(|| "every integer".to_owned()),
            Type::Bool => [false, true]
                .into_iter()
                .find(|case| !has_rest && !covered.contains(&Value::Bool(*case).slot()))
                .map(|case| format!("`{case}`")),
        };
        if let (Some(missing), true) = (missing, self.checker.errors.len() == before) {
            self.error(error::not_all_cases(span, &missing));
        }
        StmtKind::MatchValue { value, arms: checked }
    }

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

/// The first `return e` of a body.
pub(super) fn first_return_with_value(body: &tree::Block) -> Option<Span> {
    use tree::StmtKind as Tree;
    body.statements.iter().find_map(|statement| match &statement.kind {
        Tree::Return(Some(_)) => Some(statement.span),
        Tree::If { then, otherwise, .. } | Tree::IfLet { then, otherwise, .. } => {
            first_return_with_value(then).or_else(|| otherwise.as_ref().and_then(first_return_with_value))
        }
        Tree::While { body, .. }
        | Tree::WhileLet { body, .. }
        | Tree::Loop { body }
        | Tree::For { body, .. }
        | Tree::ForEach { body, .. }
        | Tree::With { body, .. }
        | Tree::Atomically { body, .. }
        | Tree::Block(body) => first_return_with_value(body),
        Tree::Match { arms, .. } => arms.iter().find_map(|arm| first_return_with_value(&arm.body)),
        Tree::Either { branches } => branches.iter().find_map(first_return_with_value),
        Tree::Return(None)
        | Tree::Let { .. }
        | Tree::LetArray { .. }
        | Tree::Assign { .. }
        | Tree::Expr(_)
        | Tree::Break
        | Tree::Continue
        | Tree::Assert { .. }
        | Tree::Panic { .. }
        | Tree::Assume { .. }
        | Tree::Yield
        | Tree::Fence { .. }
        | Tree::Pause { .. } => None,
    })
}

/// Whether the end of a block is never reached by running through it.
fn never_falls_through(block: &tree::Block) -> bool {
    use tree::StmtKind as Tree;
    block.statements.iter().any(|statement| match &statement.kind {
        Tree::Return(_) | Tree::Panic { .. } | Tree::Break | Tree::Continue => true,
        Tree::Loop { body } => !breaks(body),
        Tree::If { then, otherwise, .. } | Tree::IfLet { then, otherwise, .. } => {
            never_falls_through(then) && otherwise.as_ref().is_some_and(never_falls_through)
        }
        Tree::Match { arms, .. } => arms.iter().all(|arm| never_falls_through(&arm.body)),
        Tree::Either { branches } => branches.iter().all(never_falls_through),
        Tree::With { body, .. } | Tree::Atomically { body, .. } | Tree::Block(body) => never_falls_through(body),
        Tree::Let { .. }
        | Tree::LetArray { .. }
        | Tree::Assign { .. }
        | Tree::Expr(_)
        | Tree::While { .. }
        | Tree::WhileLet { .. }
        | Tree::For { .. }
        | Tree::ForEach { .. }
        | Tree::Assert { .. }
        | Tree::Assume { .. }
        | Tree::Yield
        | Tree::Fence { .. }
        | Tree::Pause { .. } => false,
    })
}

/// Whether a block leaves the loop that it is the body of by `break`.
fn breaks(block: &tree::Block) -> bool {
    use tree::StmtKind as Tree;
    block.statements.iter().any(|statement| match &statement.kind {
        Tree::Break => true,
        Tree::If { then, otherwise, .. } | Tree::IfLet { then, otherwise, .. } => {
            breaks(then) || otherwise.as_ref().is_some_and(breaks)
        }
        Tree::Match { arms, .. } => arms.iter().any(|arm| breaks(&arm.body)),
        Tree::Either { branches } => branches.iter().any(breaks),
        Tree::With { body, .. } | Tree::Atomically { body, .. } | Tree::Block(body) => breaks(body),
        Tree::Loop { .. }
        | Tree::While { .. }
        | Tree::WhileLet { .. }
        | Tree::For { .. }
        | Tree::ForEach { .. }
        | Tree::Let { .. }
        | Tree::LetArray { .. }
        | Tree::Assign { .. }
        | Tree::Expr(_)
        | Tree::Continue
        | Tree::Return(_)
        | Tree::Assert { .. }
        | Tree::Panic { .. }
        | Tree::Assume { .. }
        | Tree::Yield
        | Tree::Fence { .. }
        | Tree::Pause { .. } => false,
    })
}

/// The reader-writer lock and the side of it in `l.read()`, `l.write()`.
fn side_of(taken: &tree::Expr) -> Option<(&tree::Expr, Held)> {
    let tree::ExprKind::Method { receiver, method, args } = &taken.kind else { return None };
    let side = match method.name.as_str() {
        "read" => Held::Read,
        "write" => Held::Write,
        _ => return None,
    };
    args.is_empty().then_some((receiver.as_ref(), side))
}
