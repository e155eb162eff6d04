//! Expressions: shared accesses become instructions, in order from left to right; what is local stays an expression.

use super::Lowerer;
use super::builder::{Label, Overflow, known, read};
use super::frame::Binding;
use crate::language::check::bounds;
use crate::language::checked::{
    Action, BarrierAction, BodyExpr, BodyLeaf, BodyObject, BroadcastAction, ExprKind, LocalIndex, ObjectKind,
    ObjectUse, OneshotAction, Operation, WatchAction, broadcast_cases, locked_cases, received_cases,
};
use crate::program::{
    BinaryOp, ChoiceOp, Expr, InstrKind, LocalExpr, LocalId, LocalObject, LocalRead, ObjectId, ObjectRef, Op, Patience,
    ResultTag, Span, Type, UnaryOp,
};

/// Expressions higher than this are cut into several instructions: engines evaluate them recursively, and they travel
/// to child processes as nested text.
const HEIGHT: usize = 16;

impl Lowerer<'_> {
    /// Runs the steps of an expression and gives what remains of it.
    pub(super) fn value(&mut self, expr: &BodyExpr) -> LocalExpr {
        if !self.enter() {
            return Expr::Const(0);
        }
        let value = self.value_inside(expr);
        self.leave_level();
        value
    }

    /// As `value`, and what is left cannot panic: for operands of visible operations.
    pub(super) fn operand(&mut self, expr: &BodyExpr) -> LocalExpr {
        let value = self.value(expr);
        self.builder.settle(value, self.types.decided(expr.ty), expr.span)
    }

    fn value_inside(&mut self, expr: &BodyExpr) -> LocalExpr {
        if let Some(value) = self.local_expr(expr, HEIGHT) {
            return value;
        }
        match &expr.kind {
            ExprKind::Binary(..) => self.strict(expr),
            ExprKind::Unary(..) => self.unary(expr),
            ExprKind::Leaf(BodyLeaf::Element { array, index }) => {
                let index = self.value(index);
                self.element(*array, index)
            }
            ExprKind::Leaf(BodyLeaf::Is { operation, tags }) => self.is(operation, tags),
            ExprKind::Leaf(BodyLeaf::Call { function, args }) => self.call_for_value(*function, args, expr.span, None),
            ExprKind::Leaf(BodyLeaf::Spawn { function, args }) => self.handle_in(*function, args, expr.span),
            ExprKind::Const(_)
            | ExprKind::Leaf(
                BodyLeaf::Local(_) | BodyLeaf::Operation(_) | BodyLeaf::Unwrap(_) | BodyLeaf::Choose { .. },
            )
            | ExprKind::And(..)
            | ExprKind::Or(..)
            | ExprKind::If(..) => {
                let slot = self.builder.temporary(self.types.decided(expr.ty));
                self.value_into(expr, slot);
                read(slot)
            }
        }
    }

    /// Runs an expression and puts its value into a slot.
    pub(super) fn value_into(&mut self, expr: &BodyExpr, to: LocalId) {
        if !self.enter() {
            return;
        }
        match &expr.kind {
            ExprKind::Leaf(BodyLeaf::Operation(operation)) => self.operation(operation, Some(to)),
            ExprKind::Leaf(BodyLeaf::Unwrap(operation)) => self.unwrap(operation, to),
            ExprKind::Leaf(BodyLeaf::Choose { from, to: end }) => {
                let from = self.operand(from);
                let end = self.operand(end);
                self.builder.emit(InstrKind::Op(Op::Choice(ChoiceOp::Value { from, to: end, into: to })), expr.span);
            }
            ExprKind::Leaf(BodyLeaf::Call { function, args }) => {
                let value = self.call_for_value(*function, args, expr.span, Some(to));
                self.builder.set(to, value, expr.span);
            }
            ExprKind::Leaf(BodyLeaf::Spawn { function, args }) => self.spawn(*function, args, expr.span, Some(to)),
            ExprKind::And(..) | ExprKind::Or(..) | ExprKind::If(..) if self.local_expr(expr, HEIGHT).is_none() => {
                self.branching_into(expr, to);
            }
            ExprKind::Leaf(BodyLeaf::Local(_) | BodyLeaf::Element { .. } | BodyLeaf::Is { .. })
            | ExprKind::Const(_)
            | ExprKind::Unary(..)
            | ExprKind::Binary(..)
            | ExprKind::And(..)
            | ExprKind::Or(..)
            | ExprKind::If(..) => {
                let value = self.value(expr);
                self.builder.set(to, value, expr.span);
            }
        }
        self.leave_level();
    }

    /// `&&`, `||` and `if` around shared reads.
    fn branching_into(&mut self, expr: &BodyExpr, to: LocalId) {
        let (then, otherwise, end) = (self.builder.label(), self.builder.label(), self.builder.label());
        let span = expr.span;
        if let ExprKind::If(condition, a, b) = &expr.kind {
            self.condition(condition, then, otherwise);
            self.builder.bind(then);
            self.value_into(a, to);
            self.builder.jump(end, span);
            self.builder.bind(otherwise);
            self.value_into(b, to);
        } else {
            self.condition(expr, then, otherwise);
            self.builder.bind(then);
            self.builder.set(to, Expr::Const(1), span);
            self.builder.jump(end, span);
            self.builder.bind(otherwise);
            self.builder.set(to, Expr::Const(0), span);
        }
        self.builder.bind(end);
    }

    /// Goes on at one of two labels.
    pub(super) fn condition(&mut self, expr: &BodyExpr, then: Label, otherwise: Label) {
        if !self.enter() {
            return;
        }
        if let Some(condition) = self.local_expr(expr, HEIGHT) {
            self.builder.branch(condition, then, otherwise, expr.span);
        } else {
            self.branching_condition(expr, then, otherwise);
        }
        self.leave_level();
    }

    fn branching_condition(&mut self, expr: &BodyExpr, then: Label, otherwise: Label) {
        match &expr.kind {
            ExprKind::And(..) => {
                let terms = chain(expr, |kind| if let ExprKind::And(a, b) = kind { Some((a, b)) } else { None });
                let (last, others) = terms.split_last().expect("two operands");
                for term in others {
                    let next = self.builder.label();
                    self.condition(term, next, otherwise);
                    self.builder.bind(next);
                }
                self.condition(last, then, otherwise);
            }
            ExprKind::Or(..) => {
                let terms = chain(expr, |kind| if let ExprKind::Or(a, b) = kind { Some((a, b)) } else { None });
                let (last, others) = terms.split_last().expect("two operands");
                for term in others {
                    let next = self.builder.label();
                    self.condition(term, then, next);
                    self.builder.bind(next);
                }
                self.condition(last, then, otherwise);
            }
            ExprKind::Unary(UnaryOp::Not, _) => {
                let (mut inner, mut then, mut otherwise) = (expr, then, otherwise);
                while let ExprKind::Unary(UnaryOp::Not, operand) = &inner.kind {
                    inner = operand;
                    std::mem::swap(&mut then, &mut otherwise);
                }
                self.condition(inner, then, otherwise);
            }
            ExprKind::If(condition, a, b) => {
                let (first, second) = (self.builder.label(), self.builder.label());
                self.condition(condition, first, second);
                self.builder.bind(first);
                self.condition(a, then, otherwise);
                self.builder.bind(second);
                self.condition(b, then, otherwise);
            }
            ExprKind::Const(_) | ExprKind::Leaf(_) | ExprKind::Binary(..) | ExprKind::Unary(UnaryOp::Negate, _) => {
                let condition = self.value(expr);
                self.builder.branch(condition, then, otherwise, expr.span);
            }
        }
    }

    /// Operators that evaluate both sides. Long sums lean to the left: a loop goes down there.
    fn strict(&mut self, expr: &BodyExpr) -> LocalExpr {
        let mut operators = Vec::new();
        let mut first = expr;
        while let ExprKind::Binary(op, left, right) = &first.kind {
            operators.push((*op, first, right));
            first = left;
        }
        let mut result = self.value(first);
        let mut left = first;
        for (op, whole, right) in operators.into_iter().rev() {
            if self.local_expr(right, HEIGHT).is_none() {
                result = self.builder.settle(result, self.types.decided(left.ty), left.span);
            }
            let right = self.value(right);
            result = binary(op, result, right);
            result = self.low(result, self.types.decided(whole.ty), whole.span);
            left = whole;
        }
        result
    }

    fn unary(&mut self, expr: &BodyExpr) -> LocalExpr {
        let mut operators = Vec::new();
        let mut inner = expr;
        while let ExprKind::Unary(op, operand) = &inner.kind {
            operators.push(*op);
            inner = operand;
        }
        let ty = self.types.decided(expr.ty);
        let mut result = self.value(inner);
        for op in operators.into_iter().rev() {
            result = unary(op, result);
            result = self.low(result, ty, expr.span);
        }
        result
    }

    /// Cuts an expression that has grown too high.
    fn low(&mut self, value: LocalExpr, ty: Type, span: Span) -> LocalExpr {
        if is_higher(&value, HEIGHT) { self.builder.keep(value, ty, span) } else { value }
    }

    fn is(&mut self, operation: &Operation, tags: &[ResultTag]) -> LocalExpr {
        let tag = self.result(operation, None);
        if cases(operation).iter().all(|case| tags.contains(case)) {
            return Expr::Const(1);
        }
        tag_is(tag, tags)
    }

    /// An operation that must give `some`.
    pub(super) fn unwrap(&mut self, operation: &Operation, to: LocalId) {
        // A compare-exchange reports what it saw also where it fails, and that is no value of the local.
        let target = if matches!(operation.action, Action::CompareExchange { .. }) {
            self.builder.temporary(self.operation_type(operation))
        } else {
            to
        };
        let tag = self.result(operation, Some(target));
        let end = self.builder.label();
        let span = operation.span;
        let (last, others) = cases(operation).split_last().expect("a result has cases");
        for case in others {
            let (here, next) = (self.builder.label(), self.builder.label());
            self.builder.branch(tag_is(tag, &[*case]), here, next, span);
            self.builder.bind(here);
            if *case == ResultTag::Some {
                self.builder.set(to, read(target), span);
                self.builder.jump(end, span);
            } else {
                self.wrong_result(operation, *case);
            }
            self.builder.bind(next);
        }
        self.wrong_result(operation, *last);
        self.builder.bind(end);
    }

    fn wrong_result(&mut self, operation: &Operation, case: ResultTag) {
        let message = format!("`{}` gave `{}`", self.source.quote(operation.span), case.word());
        self.builder.emit(InstrKind::Panic { message }, operation.span);
    }

    // Objects.

    /// An object, with its index evaluated.
    pub(super) fn object(&mut self, used: &BodyObject) -> LocalObject {
        let index = used.index.as_ref().map(|index| self.operand(index));
        self.object_at(used, index)
    }

    /// An object that keeps its meaning while a block runs.
    pub(super) fn lasting_object(&mut self, used: &BodyObject) -> LocalObject {
        let index = used.index.as_ref().map(|index| self.lasting(index));
        self.object_at(used, index)
    }

    /// An integer that stays what it is while a block runs, whatever the block assigns.
    pub(super) fn lasting(&mut self, expr: &BodyExpr) -> LocalExpr {
        let value = self.value(expr);
        let stays = match &expr.kind {
            ExprKind::Const(_) => true,
            ExprKind::Leaf(BodyLeaf::Local(local)) => !self.is_assigned_again(*local),
            ExprKind::Leaf(_)
            | ExprKind::Unary(..)
            | ExprKind::Binary(..)
            | ExprKind::And(..)
            | ExprKind::Or(..)
            | ExprKind::If(..) => self.builder.is_temporary(&value),
        };
        if stays {
            return value;
        }
        let slot = self.builder.temporary(Type::Int);
        self.builder.set(slot, value, expr.span);
        read(slot)
    }

    fn object_at(&self, used: &BodyObject, index: Option<LocalExpr>) -> LocalObject {
        let object = &self.objects[used.object];
        let len = object.len.unwrap_or(1);
        // A constant index is the element itself, if it exists.
        if let Some(Expr::Const(position)) = index
            && let Some(position) = position_in(position, len)
        {
            return ObjectRef { base: ObjectId::new(object.base.index() + position), len: 1, index: None };
        }
        ObjectRef { base: object.base, len, index: index.map(Box::new) }
    }

    /// Type of the values of an object.
    pub(super) fn value_type(&self, used: &ObjectUse<BodyLeaf>) -> Type {
        match &self.objects[used.object].kind {
            ObjectKind::Var { initial } | ObjectKind::Atomic { initial } | ObjectKind::Watch { initial, .. } => {
                initial.ty()
            }
            ObjectKind::Channel { element, .. }
            | ObjectKind::Oneshot { element, .. }
            | ObjectKind::Queue { element, .. } => self.types.decided(*element),
            ObjectKind::Mutex(_)
            | ObjectKind::RwLock(_)
            | ObjectKind::Semaphore { .. }
            | ObjectKind::Broadcast { .. }
            | ObjectKind::Event
            | ObjectKind::Once
            | ObjectKind::Timer { .. } => Type::Int,
            // Whether the thread was the last one to come, and whether a wait ended in time.
            ObjectKind::Barrier { .. } | ObjectKind::Condvar { .. } => Type::Bool,
        }
    }

    // Locals.

    /// An expression that needs no instruction, if it is one and not too high.
    fn local_expr(&self, expr: &BodyExpr, height: usize) -> Option<LocalExpr> {
        let below = height.checked_sub(1)?;
        Some(match &expr.kind {
            ExprKind::Const(value) => Expr::Const(*value),
            ExprKind::Leaf(BodyLeaf::Local(local)) => self.local(*local),
            ExprKind::Leaf(BodyLeaf::Element { array, index }) => {
                let index = self.local_expr(index, below)?;
                self.element(*array, index)
            }
            ExprKind::Leaf(
                BodyLeaf::Operation(_)
                | BodyLeaf::Unwrap(_)
                | BodyLeaf::Is { .. }
                | BodyLeaf::Call { .. }
                | BodyLeaf::Spawn { .. }
                | BodyLeaf::Choose { .. },
            ) => return None,
            ExprKind::Unary(op, a) => unary(*op, self.local_expr(a, below)?),
            ExprKind::Binary(op, a, b) => binary(*op, self.local_expr(a, below)?, self.local_expr(b, below)?),
            ExprKind::And(a, b) => {
                let a = self.local_expr(a, below)?;
                match known(&a) {
                    Some(false) => a,
                    Some(true) => self.local_expr(b, below)?,
                    None => Expr::And(Box::new(a), Box::new(self.local_expr(b, below)?)),
                }
            }
            ExprKind::Or(a, b) => {
                let a = self.local_expr(a, below)?;
                match known(&a) {
                    Some(true) => a,
                    Some(false) => self.local_expr(b, below)?,
                    None => Expr::Or(Box::new(a), Box::new(self.local_expr(b, below)?)),
                }
            }
            ExprKind::If(condition, a, b) => {
                let condition = self.local_expr(condition, below)?;
                match known(&condition) {
                    Some(true) => self.local_expr(a, below)?,
                    Some(false) => self.local_expr(b, below)?,
                    None => {
                        let (a, b) = (self.local_expr(a, below)?, self.local_expr(b, below)?);
                        Expr::If(Box::new(condition), Box::new(a), Box::new(b))
                    }
                }
            }
        })
    }

    fn local(&self, local: LocalIndex) -> LocalExpr {
        match self.binding(local) {
            Binding::Slot(slot) => read(*slot),
            Binding::Value(value) => value.clone(),
        }
    }

    pub(super) fn element(&self, array: LocalIndex, index: LocalExpr) -> LocalExpr {
        let (base, len) = self.array(array);
        if let Expr::Const(position) = index
            && let Some(position) = position_in(position, len)
        {
            return read(LocalId::new(base.index() + position));
        }
        Expr::Read(LocalRead::Element { base, len, index: Box::new(index) })
    }

    /// Goes one level down in the tree. False, and nothing more is emitted, where that is too deep.
    pub(super) fn enter(&mut self) -> bool {
        if self.depth >= bounds::NESTING {
            self.builder.fail(Overflow::Nesting);
        }
        if self.builder.is_full() {
            return false;
        }
        self.depth += 1;
        true
    }

    pub(super) fn leave_level(&mut self) {
        self.depth -= 1;
    }
}

/// The cases that the result of an operation can be.
pub(super) fn cases(operation: &Operation) -> &'static [ResultTag] {
    match &operation.action {
        Action::Recv => &[ResultTag::Some, ResultTag::Closed],
        Action::TryRecv => &[ResultTag::Some, ResultTag::None, ResultTag::Closed],
        Action::RecvTimeout { .. } => &[ResultTag::Some, ResultTag::Closed, ResultTag::Timeout],
        Action::Oneshot(OneshotAction::Recv { patience }) => received_cases(*patience),
        Action::Watch(WatchAction::Changed | WatchAction::WaitFor(_)) => received_cases(Patience::Forever),
        Action::Broadcast(BroadcastAction::Recv { patience }) => broadcast_cases(*patience),
        Action::LockChecked => locked_cases(),
        Action::Condvar(action) if action.gives_result() => locked_cases(),
        Action::CompareExchange { .. } | Action::Join | Action::Barrier(BarrierAction::Wait) => {
            &[ResultTag::Some, ResultTag::Failed]
        }
        Action::Barrier(BarrierAction::WaitTimeout) => &[ResultTag::Some, ResultTag::Timeout, ResultTag::Failed],
        Action::Get { patience: Patience::NotAtAll } => &[ResultTag::Some, ResultTag::None],
        Action::Get { patience: Patience::Timed { .. } } => &[ResultTag::Some, ResultTag::Timeout],
        Action::Read
        | Action::Load(_)
        | Action::Store { .. }
        | Action::Rmw { .. }
        | Action::Lock
        | Action::TryLock
        | Action::LockTimeout { .. }
        | Action::Unlock
        | Action::IsLocked
        | Action::ReadLock
        | Action::WriteLock
        | Action::TryRead
        | Action::TryWrite
        | Action::ReadUnlock
        | Action::WriteUnlock
        | Action::Condvar(_)
        | Action::Acquire { .. }
        | Action::TryAcquire
        | Action::AcquireTimeout
        | Action::Release { .. }
        | Action::Event(_)
        | Action::IsCompleted
        | Action::StartTimer
        | Action::CancelTimer
        | Action::Barrier(BarrierAction::Abort | BarrierAction::Reset | BarrierAction::IsBroken)
        | Action::Oneshot(OneshotAction::Send(_) | OneshotAction::Close)
        | Action::Watch(
            WatchAction::Send(_)
            | WatchAction::Borrow
            | WatchAction::BorrowAndUpdate
            | WatchAction::HasChanged
            | WatchAction::Close,
        )
        | Action::Broadcast(
            BroadcastAction::Send(_) | BroadcastAction::Subscribe | BroadcastAction::Len | BroadcastAction::Close,
        )
        | Action::Send(_)
        | Action::TrySend(_)
        | Action::IsFinished
        | Action::Close
        | Action::Len
        | Action::Put { .. }
        | Action::Get { patience: Patience::Forever }
        | Action::QueueLen
        | Action::IsEmpty
        | Action::IsFull
        | Action::TaskDone
        | Action::AllDone
        | Action::IsAlive => &[],
    }
}

/// Operands of a chain of one operator, from left to right.
fn chain<'e>(
    expr: &'e BodyExpr,
    sides: impl Fn(&'e ExprKind<BodyLeaf>) -> Option<(&'e Box<BodyExpr>, &'e Box<BodyExpr>)>,
) -> Vec<&'e BodyExpr> {
    let mut terms = Vec::new();
    let mut first = expr;
    while let Some((left, right)) = sides(&first.kind) {
        terms.push(right.as_ref());
        first = left;
    }
    terms.push(first);
    terms.reverse();
    terms
}

/// Whether a tag is one of these.
pub(super) fn tag_is(tag: LocalId, tags: &[ResultTag]) -> LocalExpr {
    let tests = tags.iter().map(|case| binary(BinaryOp::Equal, read(tag), Expr::Const(case.slot())));
    tests.reduce(|a, b| Expr::Or(Box::new(a), Box::new(b))).unwrap_or(Expr::Const(0))
}

/// Applies an operator, at once where both sides are constants and it has a value.
pub(super) fn binary(op: BinaryOp, a: LocalExpr, b: LocalExpr) -> LocalExpr {
    if let (Expr::Const(a), Expr::Const(b)) = (&a, &b)
        && let Ok(value) = op.apply(*a, *b)
    {
        return Expr::Const(value);
    }
    Expr::Binary(op, Box::new(a), Box::new(b))
}

fn unary(op: UnaryOp, a: LocalExpr) -> LocalExpr {
    if let Expr::Const(a) = &a
        && let Ok(value) = op.apply(*a)
    {
        return Expr::Const(value);
    }
    Expr::Unary(op, Box::new(a))
}

fn is_higher(expr: &LocalExpr, height: usize) -> bool {
    let Some(below) = height.checked_sub(1) else { return true };
    match expr {
        Expr::Const(_) | Expr::Read(LocalRead::Local(_)) => false,
        Expr::Read(LocalRead::Element { index, .. }) => is_higher(index, below),
        Expr::Unary(_, a) => is_higher(a, below),
        Expr::Binary(_, a, b) | Expr::And(a, b) | Expr::Or(a, b) => is_higher(a, below) || is_higher(b, below),
        Expr::If(condition, a, b) => is_higher(condition, below) || is_higher(a, below) || is_higher(b, below),
    }
}

/// A position among `len`, if it is one.
pub(super) fn position_in(position: i64, len: u32) -> Option<usize> {
    let position = u32::try_from(position).ok().filter(|position| *position < len)?;
    usize::try_from(position).ok()
}
