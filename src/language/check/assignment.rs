//! Assignments: what may be assigned to, and the type it demands.

use super::body::{BodyChecker, split_index};
use super::names::Global;
use super::{error, name_of};
use crate::language::checked::{BodyExpr, BodyLeaf, Expr, ExprKind, ObjectKind, StmtKind};
use crate::language::tree;
use crate::language::types::Ty;
use crate::program::{BinaryOp, Span, Type};

impl BodyChecker<'_, '_> {
    pub(super) fn assign(
        &mut self,
        target: &tree::Expr,
        op: Option<BinaryOp>,
        value: &tree::Expr,
        whole: Span,
    ) -> Option<StmtKind> {
        let (base, index) = split_index(target);
        let Some(name) = name_of(base) else {
            self.value(value);
            // The parser has refused what is no place.
            return None;
        };
        if let Some(local) = self.local(name) {
            let value = if op.is_none() { self.value_or_handle(value) } else { self.value(value) };
            return self.assign_local(local, target, index, op, value);
        }
        let value = self.value(value);
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
            | ObjectKind::RwLock(_)
            | ObjectKind::Condvar { .. }
            | ObjectKind::Semaphore { .. }
            | ObjectKind::Event
            | ObjectKind::Once
            | ObjectKind::Timer { .. }
            | ObjectKind::Barrier { .. }
            | ObjectKind::Channel { .. }
            | ObjectKind::Oneshot { .. }
            | ObjectKind::Watch { .. }
            | ObjectKind::Broadcast { .. }
            | ObjectKind::Queue { .. } => {
                self.error(error::not_assignable(name, base.span, &declared, ""));
                None
            }
        }
    }

    pub(super) fn assign_local(
        &mut self,
        local: usize,
        target: &tree::Expr,
        index: Option<&tree::Expr>,
        op: Option<BinaryOp>,
        value: BodyExpr,
    ) -> Option<StmtKind> {
        let ty = self.locals[local].ty;
        if !self.handles_agree(&value, ty, op) {
            return None;
        }
        self.demand_target(&value, ty, op, target.span);
        // Reports a missing or superfluous index.
        let place = self.value_or_handle(target);
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

    /// Whether a local that keeps handles, and no other, gets such a handle; what is wrong is reported.
    fn handles_agree(&mut self, value: &BodyExpr, kept: Ty, op: Option<BinaryOp>) -> bool {
        let types = &self.checker.types;
        let name = |function: usize| self.checker.signatures[function].name.as_str();
        let wrong = match (types.function_of(kept), types.function_of(value.ty)) {
            (Some(kept), Some(found)) if kept == found && op.is_none() => return true,
            (Some(kept), Some(found)) => error::different_handles(value.span, name(kept), name(found)),
            (Some(_), None) if types.is_broken(value.ty) => return true,
            (Some(kept), None) => error::no_handle(value.span, name(kept)),
            (None, Some(_)) if types.get(kept).is_some() => error::handle_as_value(value.span),
            (None, _) => return true,
        };
        self.error(wrong);
        false
    }

    /// The type of what is assigned; `x op= e` needs integers on both sides.
    pub(super) fn demand_target(&mut self, value: &BodyExpr, ty: Ty, op: Option<BinaryOp>, target: Span) {
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
}
