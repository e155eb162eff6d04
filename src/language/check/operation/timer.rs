//! The operations of a timer.

use super::{Call, Menu};
use crate::language::check::body::BodyChecker;
use crate::language::checked::{Action, Gives};
use crate::language::types::Ty;

pub(super) const TIMER: Menu = Menu { what: "a timer", has: &["start", "cancel", "join", "is_alive"], later: &[] };

impl BodyChecker<'_, '_> {
    pub(super) fn timer_action(&mut self, call: &Call<'_>) -> Option<(Action, Gives)> {
        let (action, gives) = match call.method.name.as_str() {
            "start" => (Action::StartTimer, Gives::Nothing),
            "cancel" => (Action::CancelTimer, Gives::Value(Ty::BOOL)),
            // Of the thread that runs its block.
            "join" | "is_alive" => return self.thread_action(call),
            _ => return self.no_such_operation(call, &TIMER),
        };
        self.no_operands(call)?;
        Some((action, gives))
    }
}
