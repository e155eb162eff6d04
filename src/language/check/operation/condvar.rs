//! The operations of a condition variable.

use super::{Call, Menu};
use crate::language::check::body::BodyChecker;
use crate::language::check::error;
use crate::language::check::names::one;
use crate::language::checked::{Action, BodyObject, CondvarAction, Gives, ObjectKind};
use crate::language::diagnostic;
use crate::language::tree;
use crate::language::types::Ty;
use crate::program::{MutexKind, Type};

pub(super) const CONDVAR: Menu = Menu {
    what: "a condition variable",
    has: &["wait", "wait_timeout", "wait_while", "notify_one", "notify", "notify_all"],
    later: &[],
};

impl BodyChecker<'_, '_> {
    pub(super) fn condvar_action(&mut self, call: &Call<'_>) -> Option<(Action, Gives)> {
        let mut gives = Gives::Nothing;
        let action = match call.method.name.as_str() {
            "wait" => {
                let ([mutex], _) = self.waits_with::<1>(call, "wait(m)")?;
                CondvarAction::Wait { mutex: self.mutex_to_wait_with(mutex)? }
            }
            "wait_timeout" => {
                let ([mutex, time], _) = self.waits_with::<2>(call, "wait_timeout(m, 10ms)")?;
                let (mutex, micros) = (self.mutex_to_wait_with(mutex), self.duration(time));
                gives = Gives::Value(Ty::BOOL);
                CondvarAction::WaitTimeout { mutex: mutex?, micros: micros? }
            }
            "wait_while" => {
                let ([mutex, condition], _) = self.waits_with::<2>(call, "wait_while(m, n == 0)")?;
                let mutex = self.mutex_to_wait_with(mutex);
                let condition = self.value_of(condition, Type::Bool, "a condition");
                CondvarAction::WaitWhile { mutex: mutex?, condition }
            }
            "notify" => {
                let ([count], _) = self.operands::<1>(call, 0, "notify(n)")?;
                CondvarAction::Notify { count: self.value_of(count, Type::Int, "how many are woken") }
            }
            "notify_one" => {
                self.no_operands(call)?;
                CondvarAction::NotifyOne
            }
            "notify_all" => {
                self.no_operands(call)?;
                CondvarAction::NotifyAll
            }
            _ => return self.no_such_operation(call, &CONDVAR),
        };
        Some((Action::Condvar(action), gives))
    }

    /// The arguments of a wait, the first of which is a mutex.
    fn waits_with<'t, const VALUES: usize>(
        &mut self,
        call: &Call<'t>,
        signature: &str,
    ) -> Option<([&'t tree::Expr; VALUES], &'t [tree::Expr])> {
        if call.args.is_empty() {
            let mutex = self.likely_mutex();
            let (example, span) = (signature.replace("(m", &format!("({mutex}")), self.call_span(call));
            self.error(error::wait_without_mutex(&call.object, &call.method.name, span, &example));
            return None;
        }
        self.operands::<VALUES>(call, 0, signature)
    }

    /// The mutex that a wait gives back and takes again.
    fn mutex_to_wait_with(&mut self, mutex: &tree::Expr) -> Option<BodyObject> {
        let (object, mutex_use) = self.object(mutex, error::not_a_mutex)?;
        let kind = &self.checker.objects[object].kind;
        if matches!(kind, ObjectKind::Mutex(MutexKind::Poisoning)) {
            self.error(diagnostic::unsupported(mutex.span, "wait with a poisoning mutex"));
            return None;
        }
        if matches!(kind, ObjectKind::Mutex(MutexKind::Fifo)) {
            self.error(diagnostic::unsupported(mutex.span, "wait with a fifo mutex"));
            return None;
        }
        if !matches!(kind, ObjectKind::Mutex(_)) {
            let what = one(kind);
            let declared = self.checker.objects[object].declared;
            self.error(error::not_a_mutex(mutex.span, what, Some(declared)));
            return None;
        }
        Some(mutex_use)
    }

    /// The mutex that a `wait` without one probably means: the innermost that is held, else the first of the file.
    fn likely_mutex(&self) -> String {
        let first = || {
            let mutex = self.checker.objects.iter().find(|object| matches!(object.kind, ObjectKind::Mutex(_)));
            mutex.map(|object| object.name.clone())
        };
        self.held.last().cloned().or_else(first).unwrap_or_else(|| "m".to_owned())
    }
}
