//! The operations of a condition variable.

use super::{Call, Menu};
use crate::language::check::body::BodyChecker;
use crate::language::check::error;
use crate::language::check::names::one;
use crate::language::checked::{Action, BodyObject, CondvarAction, Gives, ObjectKind, WaitAnswer, locked_cases};
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
                let mutex = self.mutex_to_wait_with(mutex)?;
                let answer = self.answer_of_wait(&mutex);
                gives = after_wait(answer, None);
                CondvarAction::Wait { mutex, answer }
            }
            "wait_timeout" => {
                let ([mutex, time], _) = self.waits_with::<2>(call, "wait_timeout(m, 10ms)")?;
                let (mutex, micros) = (self.mutex_to_wait_with(mutex), self.duration(time));
                let mutex = mutex?;
                let answer = self.answer_of_wait(&mutex);
                gives = after_wait(answer, Some(Ty::BOOL));
                CondvarAction::WaitTimeout { mutex, micros: micros?, answer }
            }
            "wait_while" => {
                let ([mutex, condition], _) = self.waits_with::<2>(call, "wait_while(m, n == 0)")?;
                let mutex = self.mutex_to_wait_with(mutex);
                let condition = self.value_of(condition, Type::Bool, "a condition");
                let mutex = mutex?;
                let answer = self.answer_of_wait(&mutex);
                gives = after_wait(answer, None);
                CondvarAction::WaitWhile { mutex, condition, answer }
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
        if !matches!(kind, ObjectKind::Mutex(_)) {
            let what = one(kind);
            let declared = self.checker.objects[object].declared;
            self.error(error::not_a_mutex(mutex.span, what, Some(declared)));
            return None;
        }
        Some(mutex_use)
    }

    /// Whether a wait with this mutex says whether it is poisoned.
    fn answer_of_wait(&self, mutex: &BodyObject) -> WaitAnswer {
        let poisons = matches!(self.checker.objects[mutex.object].kind, ObjectKind::Mutex(MutexKind::Poisoning));
        if poisons { WaitAnswer::Checked } else { WaitAnswer::Plain }
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

/// What a wait gives; `value`: what it would give without poison.
fn after_wait(answer: WaitAnswer, value: Option<Ty>) -> Gives {
    match (answer, value) {
        (WaitAnswer::Checked, payload) => Gives::Result { cases: locked_cases(), payload },
        (WaitAnswer::Plain, Some(value)) => Gives::Value(value),
        (WaitAnswer::Plain, None) => Gives::Nothing,
    }
}
