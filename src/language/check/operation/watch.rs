//! The operations of a watched value.

use super::{Call, Menu};
use crate::language::check::body::BodyChecker;
use crate::language::checked::{Action, Gives, WatchAction, received_cases};
use crate::language::types::Ty;
use crate::program::{Patience, Type};

pub(super) const WATCH: Menu = Menu {
    what: "a watch",
    has: &["send", "borrow", "borrow_and_update", "has_changed", "changed", "wait_for", "close"],
    later: &[],
};

impl BodyChecker<'_, '_> {
    pub(super) fn watch_action(&mut self, call: &Call<'_>, ty: Type) -> Option<(Action, Gives)> {
        let waited = Gives::Result { cases: received_cases(Patience::Forever), payload: None };
        let (action, gives) = match call.method.name.as_str() {
            "send" => {
                let ([value], _) = self.operands::<1>(call, 0, "send(v)")?;
                let action = WatchAction::Send(self.operand(call, value, ty));
                return Some((Action::Watch(action), Gives::Nothing));
            }
            "wait_for" => {
                let ([value], _) = self.operands::<1>(call, 0, "wait_for(v)")?;
                let action = WatchAction::WaitFor(self.operand(call, value, ty));
                return Some((Action::Watch(action), waited));
            }
            "borrow" => (WatchAction::Borrow, Gives::Value(Ty::of(ty))),
            "borrow_and_update" => (WatchAction::BorrowAndUpdate, Gives::Value(Ty::of(ty))),
            "has_changed" => (WatchAction::HasChanged, Gives::Value(Ty::BOOL)),
            "changed" => (WatchAction::Changed, waited),
            "close" => (WatchAction::Close, Gives::Nothing),
            _ => return self.no_such_operation(call, &WATCH),
        };
        self.no_operands(call)?;
        Some((Action::Watch(action), gives))
    }
}
