//! Expressions: operators and types. What a leaf may be depends on where the expression stands, see [`Leaves`].

use super::{Checker, error};
use crate::language::checked::{Expr, ExprKind};
use crate::language::diagnostic::syntax;
use crate::language::tree;
use crate::language::types::Ty;
use crate::program::{BinaryOp, Span, Type, UnaryOp};

/// Where an expression stands: in a constant, in a property, or in a thread.
pub(super) trait Leaves<'a> {
    /// What its leaves are.
    type Leaf;

    /// Checks a name, an index, a call: whatever is not an operator or a constant.
    fn leaf(&mut self, expr: &tree::Expr) -> Expr<Self::Leaf>;

    /// The checker of the file.
    fn checker(&mut self) -> &mut Checker<'a>;
}

/// Checks an expression of any type.
pub(super) fn any<'a, C: Leaves<'a>>(cx: &mut C, expr: &tree::Expr) -> Expr<C::Leaf> {
    // Long sums lean to the left: go down there by a loop, so that depth stays that of the parentheses.
    let mut operators = Vec::new();
    let mut first = expr;
    while let tree::ExprKind::Binary { left, .. } | tree::ExprKind::And { left, .. } | tree::ExprKind::Or { left, .. } =
        &first.kind
    {
        operators.push(first);
        first = left;
    }
    let mut result = operand(cx, first);
    for operator in operators.into_iter().rev() {
        result = combine(cx, operator, result);
    }
    result
}

/// Checks an expression that must have this type; `why` names what it is for (`a condition`).
pub(super) fn of_type<'a, C: Leaves<'a>>(cx: &mut C, expr: &tree::Expr, ty: Type, why: &str) -> Expr<C::Leaf> {
    let checked = any(cx, expr);
    demand(cx, &checked, ty, why);
    checked
}

/// Reports an expression that has another type.
pub(super) fn demand<'a, C: Leaves<'a>>(cx: &mut C, expr: &Expr<C::Leaf>, ty: Type, why: &str) {
    let checker = cx.checker();
    if !checker.types.unify(expr.ty, Ty::of(ty)) {
        let found = checker.types.decided(expr.ty);
        checker.errors.push(error::wrong_here(expr.span, ty, found, why));
    }
}

fn operand<'a, C: Leaves<'a>>(cx: &mut C, expr: &tree::Expr) -> Expr<C::Leaf> {
    match &expr.kind {
        tree::ExprKind::Int(value) => Expr::new(ExprKind::Const(*value), Ty::INT, expr.span),
        tree::ExprKind::Bool(value) => Expr::new(ExprKind::Const(i64::from(*value)), Ty::BOOL, expr.span),
        tree::ExprKind::Unary { .. } => unary(cx, expr),
        tree::ExprKind::If { condition, then, otherwise } => {
            let condition = of_type(cx, condition, Type::Bool, "a condition");
            let then = any(cx, then);
            let otherwise = any(cx, otherwise);
            same_type(cx, &then, &otherwise, expr.span, "the branches of this `if` differ");
            let ty = then.ty;
            Expr::new(ExprKind::If(Box::new(condition), Box::new(then), Box::new(otherwise)), ty, expr.span)
        }
        tree::ExprKind::Name(_)
        | tree::ExprKind::Index { .. }
        | tree::ExprKind::Field { .. }
        | tree::ExprKind::Call { .. }
        | tree::ExprKind::Method { .. }
        | tree::ExprKind::Is { .. }
        | tree::ExprKind::Spawn { .. }
        | tree::ExprKind::Choose(_) => cx.leaf(expr),
        tree::ExprKind::Duration(_) => {
            cx.checker().errors.push(syntax::misplaced_duration(expr.span));
            Expr::broken(expr.span)
        }
        tree::ExprKind::Error => Expr::broken(expr.span),
        tree::ExprKind::Binary { .. } | tree::ExprKind::And { .. } | tree::ExprKind::Or { .. } => any(cx, expr),
    }
}

fn unary<'a, C: Leaves<'a>>(cx: &mut C, expr: &tree::Expr) -> Expr<C::Leaf> {
    // As for long sums: `!!!…x` is a loop.
    let mut operators = Vec::new();
    let mut inner = expr;
    while let tree::ExprKind::Unary { op, operand } = &inner.kind {
        operators.push((*op, inner.span));
        inner = operand;
    }
    let mut result = any(cx, inner);
    for (op, span) in operators.into_iter().rev() {
        let (ty, why) = match op {
            UnaryOp::Negate => (Type::Int, "the operand of `-`"),
            UnaryOp::Not => (Type::Bool, "the operand of `!`"),
        };
        demand(cx, &result, ty, why);
        result = Expr::new(ExprKind::Unary(op, Box::new(result)), Ty::of(ty), span);
    }
    result
}

fn combine<'a, C: Leaves<'a>>(cx: &mut C, operator: &tree::Expr, left: Expr<C::Leaf>) -> Expr<C::Leaf> {
    let span = operator.span;
    let boolean = |cx: &mut C, left: Expr<C::Leaf>, right: &tree::Expr, why: &str| {
        demand(cx, &left, Type::Bool, why);
        (Box::new(left), Box::new(of_type(cx, right, Type::Bool, why)))
    };
    match &operator.kind {
        tree::ExprKind::And { right, .. } => {
            let (left, right) = boolean(cx, left, right, "an operand of `&&`");
            Expr::new(ExprKind::And(left, right), Ty::BOOL, span)
        }
        tree::ExprKind::Or { right, .. } => {
            let (left, right) = boolean(cx, left, right, "an operand of `||`");
            Expr::new(ExprKind::Or(left, right), Ty::BOOL, span)
        }
        tree::ExprKind::Binary { op, right, .. } => binary(cx, *op, left, right, span),
        tree::ExprKind::Int(_)
        | tree::ExprKind::Bool(_)
        | tree::ExprKind::Name(_)
        | tree::ExprKind::Index { .. }
        | tree::ExprKind::Field { .. }
        | tree::ExprKind::Call { .. }
        | tree::ExprKind::Method { .. }
        | tree::ExprKind::Unary { .. }
        | tree::ExprKind::If { .. }
        | tree::ExprKind::Is { .. }
        | tree::ExprKind::Choose(_)
        | tree::ExprKind::Spawn { .. }
        | tree::ExprKind::Duration(_)
        | tree::ExprKind::Error => left,
    }
}

fn binary<'a, C: Leaves<'a>>(
    cx: &mut C,
    op: BinaryOp,
    left: Expr<C::Leaf>,
    right: &tree::Expr,
    span: Span,
) -> Expr<C::Leaf> {
    let right = any(cx, right);
    let ty = match op {
        BinaryOp::Equal | BinaryOp::NotEqual => {
            same_type(cx, &left, &right, span, "these cannot be compared");
            Ty::BOOL
        }
        BinaryOp::Less | BinaryOp::LessOrEqual | BinaryOp::Greater | BinaryOp::GreaterOrEqual => {
            integers(cx, op, &left, &right);
            Ty::BOOL
        }
        BinaryOp::Add
        | BinaryOp::Subtract
        | BinaryOp::Multiply
        | BinaryOp::Divide
        | BinaryOp::Remainder
        | BinaryOp::BitAnd
        | BinaryOp::BitOr
        | BinaryOp::BitXor
        | BinaryOp::ShiftLeft
        | BinaryOp::ShiftRight => {
            integers(cx, op, &left, &right);
            Ty::INT
        }
    };
    Expr::new(ExprKind::Binary(op, Box::new(left), Box::new(right)), ty, span)
}

/// Reports the first operand that is not an integer.
fn integers<'a, C: Leaves<'a>>(cx: &mut C, op: BinaryOp, left: &Expr<C::Leaf>, right: &Expr<C::Leaf>) {
    let checker = cx.checker();
    let operands = [left, right];
    let Some(operand) = operands.into_iter().find(|operand| !checker.types.unify(operand.ty, Ty::INT)) else { return };
    let error = match op {
        BinaryOp::BitAnd | BinaryOp::BitOr => error::bit_operator_on_booleans(operand.span, op.word()),
        BinaryOp::BitXor => error::xor_on_booleans(operand.span),
        BinaryOp::Add
        | BinaryOp::Subtract
        | BinaryOp::Multiply
        | BinaryOp::Divide
        | BinaryOp::Remainder
        | BinaryOp::ShiftLeft
        | BinaryOp::ShiftRight
        | BinaryOp::Equal
        | BinaryOp::NotEqual
        | BinaryOp::Less
        | BinaryOp::LessOrEqual
        | BinaryOp::Greater
        | BinaryOp::GreaterOrEqual => {
            error::mismatch(operand.span, Type::Int, Type::Bool, &format!("an operand of `{}`", op.word()))
        }
    };
    checker.errors.push(error);
}

fn same_type<'a, C: Leaves<'a>>(cx: &mut C, left: &Expr<C::Leaf>, right: &Expr<C::Leaf>, span: Span, what: &str) {
    let checker = cx.checker();
    if !checker.types.unify(left.ty, right.ty) {
        let (left, right) = (checker.types.decided(left.ty), checker.types.decided(right.ty));
        checker.errors.push(error::different_sides(span, what, left, right));
    }
}
