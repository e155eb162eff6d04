//! The operations of a reader-writer lock.

use super::{Call, Menu};
use crate::language::check::body::BodyChecker;
use crate::language::checked::{Action, Gives};
use crate::language::types::Ty;

pub(super) const RWLOCK: Menu = Menu {
    what: "a reader-writer lock",
    has: &["read", "write", "try_read", "try_write", "read_unlock", "write_unlock"],
    later: &[],
};

impl BodyChecker<'_, '_> {
    pub(super) fn rwlock_action(&mut self, call: &Call<'_>) -> Option<(Action, Gives)> {
        let (action, gives) = match call.method.name.as_str() {
            "read" => (Action::ReadLock, Gives::Nothing),
            "write" => (Action::WriteLock, Gives::Nothing),
            "try_read" => (Action::TryRead, Gives::Value(Ty::BOOL)),
            "try_write" => (Action::TryWrite, Gives::Value(Ty::BOOL)),
            "read_unlock" => (Action::ReadUnlock, Gives::Nothing),
            "write_unlock" => (Action::WriteUnlock, Gives::Nothing),
            _ => return self.no_such_operation(call, &RWLOCK),
        };
        self.no_operands(call)?;
        Some((action, gives))
    }
}
