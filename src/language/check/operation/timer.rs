//! The operations of a timer.

use super::{Call, Menu};
use crate::language::check::body::BodyChecker;
use crate::language::checked::{Action, Gives};
use crate::language::types::Ty;

pub(super) const TIMER: Menu = Menu { what: "a timer", has: &["start", "cancel"], later: &["join", "is_alive"] };

impl BodyChecker<'_, '_> {
    pub(super) fn timer_action(&mut self, call: &Call<'_>) -> Option<(Action, Gives)> {
        let (action, gives) = match call.method.name.as_str() {
            "start" => (Action::StartTimer, Gives::Nothing),
            "cancel" => (Action::CancelTimer, Gives::Value(Ty::BOOL)),
            _ => return self.no_such_operation(call, &TIMER),
        };
        self.no_operands(call)?;
        Some((action, gives))
    }
}
