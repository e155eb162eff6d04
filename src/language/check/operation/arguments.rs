//! The arguments of an operation: how many, of which type, and how long it waits.

use super::Call;
use super::ordering::ORDERINGS;
use crate::language::check::body::{BodyChecker, split_index};
use crate::language::check::{error, name_of};
use crate::language::checked::BodyExpr;
use crate::language::diagnostic::syntax;
use crate::language::tree;
use crate::language::types::Ty;
use crate::program::{Span, Type};

impl BodyChecker<'_, '_> {
    /// The call from its name to its closing parenthesis.
    pub(super) fn call_span(&self, call: &Call<'_>) -> Span {
        let end = call.args.last().map_or(call.method.span, |arg| arg.span);
        call.method.span.to(end)
    }

    pub(super) fn no_operands(&mut self, call: &Call<'_>) -> Option<()> {
        let signature = format!("{}()", call.method.name);
        self.operands::<0>(call, 0, &signature).map(|_| ())
    }

    /// Splits the arguments into values and orderings, all of which may be left out.
    pub(super) fn operands<'t, const VALUES: usize>(
        &mut self,
        call: &Call<'t>,
        orderings: usize,
        signature: &str,
    ) -> Option<([&'t tree::Expr; VALUES], &'t [tree::Expr])> {
        let found = call.args.len();
        if found == VALUES || found == VALUES + orderings {
            let (values, rest) = call.args.split_at(VALUES);
            let values: Vec<&tree::Expr> = values.iter().collect();
            return values.try_into().ok().map(|values| (values, rest));
        }
        let span = self.call_span(call);
        let signature = format!("{}.{signature}", call.object);
        if orderings == 2 && found == VALUES + 1 {
            self.error(error::one_ordering_of_two(span, &signature));
        } else {
            self.error(error::argument_count(&call.method.name, span, VALUES, orderings, found, &signature));
        }
        None
    }

    pub(super) fn operand(&mut self, call: &Call<'_>, expr: &tree::Expr, ty: Type) -> BodyExpr {
        let why = format!("what `{}` gets", call.object);
        self.value_of(expr, ty, &why)
    }

    /// How long an operation waits, in microseconds.
    pub(super) fn duration(&mut self, expr: &tree::Expr) -> Option<u64> {
        if let tree::ExprKind::Duration(micros) = expr.kind {
            return Some(micros);
        }
        if !matches!(expr.kind, tree::ExprKind::Error) {
            let found = format!("`{}`", self.checker.text(expr.span));
            self.error(syntax::expected_duration(expr.span, &found));
        }
        None
    }

    pub(super) fn message(&mut self, call: &Call<'_>, expr: &tree::Expr, element: Ty) -> BodyExpr {
        let why = format!("a message of `{}`, like those before,", call.object);
        self.value_as(expr, element, &why)
    }

    /// Checks an argument of an operation that is not known; a name of an ordering is no error there.
    pub(super) fn argument_of_nothing(&mut self, arg: &tree::Expr) {
        if name_of(arg).is_none_or(|name| !ORDERINGS.contains(&name)) {
            let (base, index) = split_index(arg);
            // `c.wait(m)` names an object where a value would be an error.
            match name_of(base) {
                Some(name) if self.local(name).is_none() => {
                    self.global(name, base.span);
                    index.map(|index| self.value(index));
                }
                Some(_) | None => {
                    self.value(arg);
                }
            }
        }
    }
}
