//! The operations of a mutex.

use super::{Call, Menu};
use crate::language::check::body::BodyChecker;
use crate::language::checked::{Action, Gives, locked_cases};
use crate::language::types::Ty;
use crate::program::MutexKind;

pub(super) const MUTEX: Menu =
    Menu { what: "a mutex", has: &["lock", "unlock", "try_lock", "lock_timeout", "is_locked"], later: &[] };

impl BodyChecker<'_, '_> {
    pub(super) fn mutex_action(&mut self, call: &Call<'_>, kind: MutexKind) -> Option<(Action, Gives)> {
        let (action, gives) = match call.method.name.as_str() {
            "lock" if kind == MutexKind::Poisoning => {
                (Action::LockChecked, Gives::Result { cases: locked_cases(), payload: None })
            }
            "lock" => (Action::Lock, Gives::Nothing),
            "unlock" => (Action::Unlock, Gives::Nothing),
            "lock_timeout" => {
                let ([time], _) = self.operands::<1>(call, 0, "lock_timeout(10ms)")?;
                let micros = self.duration(time)?;
                return Some((Action::LockTimeout { micros }, Gives::Value(Ty::BOOL)));
            }
            "try_lock" => (Action::TryLock, Gives::Value(Ty::BOOL)),
            "is_locked" => (Action::IsLocked, Gives::Value(Ty::BOOL)),
            _ => return self.no_such_operation(call, &MUTEX),
        };
        self.no_operands(call)?;
        Some((action, gives))
    }
}
