//! The operations of an atomic.

use super::ordering::Access;
use super::{Call, Menu};
use crate::language::check::body::BodyChecker;
use crate::language::check::error;
use crate::language::checked::{Action, Gives};
use crate::language::types::Ty;
use crate::program::{ResultTag, RmwOp, Type};

pub(super) const ATOMIC: Menu = Menu {
    what: "an atomic",
    has: &[
        "load",
        "store",
        "swap",
        "fetch_add",
        "fetch_sub",
        "fetch_and",
        "fetch_or",
        "fetch_xor",
        "fetch_max",
        "fetch_min",
        "compare_exchange",
        "compare_exchange_weak",
    ],
    later: &[],
};

impl BodyChecker<'_, '_> {
    pub(super) fn atomic_action(&mut self, call: &Call<'_>, ty: Type) -> Option<(Action, Gives)> {
        let value = Gives::Value(Ty::of(ty));
        let rmw = match call.method.name.as_str() {
            "load" => {
                let ([], orderings) = self.operands::<0>(call, 1, "load(acquire)")?;
                let ordering = self.ordering(orderings.first(), Access::Load)?;
                return Some((Action::Load(ordering), value));
            }
            "store" => {
                let ([stored], orderings) = self.operands::<1>(call, 1, "store(v, release)")?;
                let stored = self.operand(call, stored, ty);
                let ordering = self.ordering(orderings.first(), Access::Store)?;
                return Some((Action::Store { value: stored, ordering }, Gives::Nothing));
            }
            name @ ("compare_exchange" | "compare_exchange_weak") => {
                let signature = "compare_exchange(old, new, acq_rel, acquire)";
                let ([expected, new], orderings) = self.operands::<2>(call, 2, signature)?;
                let expected = self.operand(call, expected, ty);
                let new = self.operand(call, new, ty);
                let success = self.ordering(orderings.first(), Access::ReadModifyWrite);
                let failure = self.ordering(orderings.get(1), Access::FailedExchange);
                let weak = name == "compare_exchange_weak";
                let (success, failure) = (success?, failure?);
                let cases = &[ResultTag::Some, ResultTag::Failed];
                let gives = Gives::Result { cases, payload: Some(Ty::of(ty)) };
                return Some((Action::CompareExchange { expected, new, success, failure, weak }, gives));
            }
            "swap" => RmwOp::Swap,
            "fetch_add" => RmwOp::Add,
            "fetch_sub" => RmwOp::Subtract,
            "fetch_and" => RmwOp::And,
            "fetch_or" => RmwOp::Or,
            "fetch_xor" => RmwOp::Xor,
            "fetch_max" => RmwOp::Max,
            "fetch_min" => RmwOp::Min,
            _ => return self.no_such_operation(call, &ATOMIC),
        };
        if ty == Type::Bool && matches!(rmw, RmwOp::Add | RmwOp::Subtract | RmwOp::Max | RmwOp::Min) {
            self.error(error::arithmetic_on_boolean_atomic(call.method.span, rmw.word(), call.declared));
            return None;
        }
        let signature = format!("{}(v, acq_rel)", rmw.word());
        let ([operand], orderings) = self.operands::<1>(call, 1, &signature)?;
        let operand = self.operand(call, operand, ty);
        let ordering = self.ordering(orderings.first(), Access::ReadModifyWrite)?;
        Some((Action::Rmw { op: rmw, value: operand, ordering }, value))
    }
}
