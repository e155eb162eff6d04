//! The operations of a condition variable.

use super::{Call, Menu};
use crate::language::check::body::BodyChecker;
use crate::language::check::error;
use crate::language::check::names::one;
use crate::language::checked::{Action, Gives, ObjectKind};
use crate::language::diagnostic;
use crate::program::MutexKind;

const CONDVAR: Menu = Menu {
    what: "a condition variable",
    has: &["wait", "notify_one", "notify_all"],
    later: &["wait_timeout", "wait_while", "notify"],
};

impl BodyChecker<'_, '_> {
    pub(super) fn condvar_action(&mut self, call: &Call<'_>) -> Option<(Action, Gives)> {
        let action = match call.method.name.as_str() {
            "wait" => {
                if call.args.is_empty() {
                    let mutex = self.likely_mutex();
                    self.error(error::wait_without_mutex(&call.object, self.call_span(call), &mutex));
                    return None;
                }
                let ([mutex], _) = self.operands::<1>(call, 0, "wait(m)")?;
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
                return Some((Action::Wait { mutex: mutex_use }, Gives::Nothing));
            }
            "notify_one" => Action::NotifyOne,
            "notify_all" => Action::NotifyAll,
            _ => return self.no_such_operation(call, &CONDVAR),
        };
        self.no_operands(call)?;
        Some((action, Gives::Nothing))
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
