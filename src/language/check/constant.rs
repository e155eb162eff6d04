//! Constant expressions: checked like any other, then evaluated with the arithmetic of the compiled program.

use super::expression::{self, Leaves};
use super::names::{Constant, Global};
use super::{Checker, error};
use crate::language::checked::{Expr, ExprKind, NoLeaf};
use crate::language::tree;
use crate::program::{Fault, Span, Type, Value};

/// An expression of constants: numbers, parameters, `const` names.
struct Constants<'c, 'a>(&'c mut Checker<'a>);

impl<'a> Leaves<'a> for Constants<'_, 'a> {
    type Leaf = NoLeaf;

    fn leaf(&mut self, expr: &tree::Expr) -> Expr<NoLeaf> {
        let tree::ExprKind::Name(name) = &expr.kind else {
            self.0.errors.push(error::not_constant(expr.span));
            return Expr::broken(expr.span);
        };
        match self.0.names.get(name) {
            None => {
                self.0.unknown_name(name, expr.span, &[]);
                Expr::broken(expr.span)
            }
            Some(declared) => match declared.global {
                Global::Constant(Constant::Known(value)) => Expr::constant(value, expr.span),
                Global::Constant(Constant::Later) => {
                    self.0.errors.push(error::constant_too_early(name, expr.span, declared.span));
                    Expr::broken(expr.span)
                }
                Global::Object { .. } | Global::Function(_) | Global::Thread { .. } => {
                    self.0.errors.push(error::not_constant_name(name, expr.span, &declared));
                    Expr::broken(expr.span)
                }
                Global::Broken => Expr::broken(expr.span),
            },
        }
    }

    fn checker(&mut self) -> &mut Checker<'a> {
        self.0
    }
}

impl Checker<'_> {
    /// The value of a constant expression; `None` where an error has been reported.
    pub(super) fn constant(&mut self, expr: &tree::Expr) -> Option<Value> {
        self.evaluate(|constants| expression::any(constants, expr))
    }

    /// The value of a constant expression that must be an integer; `why` names what it is for.
    pub(super) fn integer(&mut self, expr: &tree::Expr, why: &str) -> Option<i64> {
        self.evaluate(|constants| expression::of_type(constants, expr, Type::Int, why)).map(Value::slot)
    }

    /// The value of a constant expression that must be a Boolean; `why` names what it is for.
    pub(super) fn boolean(&mut self, expr: &tree::Expr, why: &str) -> Option<bool> {
        self.evaluate(|constants| expression::of_type(constants, expr, Type::Bool, why)).map(|value| value.slot() != 0)
    }

    fn evaluate(&mut self, check: impl FnOnce(&mut Constants<'_, '_>) -> Expr<NoLeaf>) -> Option<Value> {
        let before = self.errors.len();
        let expr = check(&mut Constants(self));
        if self.errors.len() > before {
            return None;
        }
        match fold(&self.types, &expr) {
            Ok(slot) => Some(self.types.decided(expr.ty).value(slot)),
            Err(Folded::Broken) => None,
            Err(Folded::Fault(span, fault)) => {
                self.errors.push(error::constant_fault(span, &fault));
                None
            }
        }
    }
}

/// Why a constant has no value.
enum Folded {
    /// Reported already.
    Broken,
    Fault(Span, Fault),
}

fn fold(types: &crate::language::types::Types, expr: &Expr<NoLeaf>) -> Result<i64, Folded> {
    if types.is_broken(expr.ty) {
        return Err(Folded::Broken);
    }
    let fault = |fault| Folded::Fault(expr.span, fault);
    match &expr.kind {
        ExprKind::Const(value) => Ok(*value),
        ExprKind::Leaf(leaf) => match *leaf {},
        ExprKind::Unary(op, a) => op.apply(fold(types, a)?).map_err(fault),
        ExprKind::Binary(op, a, b) => {
            let a = fold(types, a)?;
            op.apply(a, fold(types, b)?).map_err(fault)
        }
        ExprKind::And(a, b) => Ok(i64::from(fold(types, a)? != 0 && fold(types, b)? != 0)),
        ExprKind::Or(a, b) => Ok(i64::from(fold(types, a)? != 0 || fold(types, b)? != 0)),
        ExprKind::If(condition, a, b) => {
            if fold(types, condition)? != 0 {
                fold(types, a)
            } else {
                fold(types, b)
            }
        }
    }
}
