//! The operations of a once, and the block of its `call`.

use super::{Call, Menu};
use crate::language::check::body::{BodyChecker, Surroundings};
use crate::language::check::error;
use crate::language::check::function::Obstacle;
use crate::language::check::names::one;
use crate::language::checked::{Action, Gives, ObjectKind, StmtKind};
use crate::language::tree;
use crate::language::types::Ty;
use crate::program::Span;

pub(super) const ONCE: Menu = Menu { what: "a once", has: &["call", "is_completed"], later: &[] };

impl BodyChecker<'_, '_> {
    pub(super) fn once_action(&mut self, call: &Call<'_>) -> Option<(Action, Gives)> {
        match call.method.name.as_str() {
            "is_completed" => {
                self.no_operands(call)?;
                Some((Action::IsCompleted, Gives::Value(Ty::BOOL)))
            }
            "call" => {
                self.error(error::call_without_block(&call.object, call.method.span, call.declared));
                None
            }
            _ => self.no_such_operation(call, &ONCE),
        }
    }

    /// `o.call { … }`
    pub(in crate::language::check) fn call_once(
        &mut self,
        object: &tree::Expr,
        body: &tree::Block,
        span: Span,
    ) -> Option<StmtKind> {
        let found = self.object(object, error::not_a_once);
        if let Some((index, _)) = &found {
            let declared = &self.checker.objects[*index];
            if !matches!(declared.kind, ObjectKind::Once) {
                self.error(error::not_a_once(object.span, one(&declared.kind), Some(declared.declared)));
            }
        }
        self.uses.obstacle(Obstacle::new(span, "`call`", "it can block"));
        let loops = std::mem::take(&mut self.loops);
        let around = std::mem::replace(&mut self.around, Surroundings::Call);
        let checked = self.block(body);
        (self.loops, self.around) = (loops, around);
        let (_, once) = found?;
        let end = Span::new(body.span.end.saturating_sub(1), body.span.end);
        Some(StmtKind::CallOnce { once, body: checked, end })
    }
}
