//! The operations of a semaphore.

use super::{Call, Menu};
use crate::language::check::body::BodyChecker;
use crate::language::check::{error, name_of};
use crate::language::checked::{Action, Gives};
use crate::language::tree;
use crate::language::types::Ty;

pub(super) const SEMAPHORE: Menu =
    Menu { what: "a semaphore", has: &["acquire", "try_acquire", "acquire_timeout", "release"], later: &[] };

impl BodyChecker<'_, '_> {
    pub(super) fn semaphore_action(&mut self, call: &Call<'_>) -> Option<(Action, Gives)> {
        let (action, gives) = match call.method.name.as_str() {
            "acquire" | "release" => {
                let permits = match call.args {
                    [] => 1,
                    [permits] => self.permits(permits)?,
                    _ => {
                        let signature = format!("{}(2)", call.method.name);
                        self.operands::<1>(call, 0, &signature)?;
                        return None;
                    }
                };
                let acquires = call.method.name == "acquire";
                let action = if acquires { Action::Acquire { permits } } else { Action::Release { permits } };
                return Some((action, Gives::Nothing));
            }
            "acquire_timeout" => {
                let ([time], _) = self.operands::<1>(call, 0, "acquire_timeout(10ms)")?;
                self.duration(time)?;
                return Some((Action::AcquireTimeout, Gives::Value(Ty::BOOL)));
            }
            "try_acquire" => (Action::TryAcquire, Gives::Value(Ty::BOOL)),
            _ => return self.no_such_operation(call, &SEMAPHORE),
        };
        self.no_operands(call)?;
        Some((action, gives))
    }

    /// How many permits are taken or given at once: a constant.
    fn permits(&mut self, expr: &tree::Expr) -> Option<i64> {
        if let Some(name) = name_of(expr).filter(|name| self.local(name).is_some()) {
            self.error(error::permits_of_a_local(name, expr.span));
            return None;
        }
        let permits = self.checker.integer(expr, "the number of permits")?;
        if permits < 1 {
            self.error(error::no_permits(expr.span, permits));
            return None;
        }
        Some(permits)
    }
}
