//! The operations of an event.

use super::{Call, Menu};
use crate::language::check::body::BodyChecker;
use crate::language::checked::{Action, EventAction, Gives};
use crate::language::types::Ty;

pub(super) const EVENT: Menu =
    Menu { what: "an event", has: &["set", "clear", "is_set", "wait", "wait_timeout"], later: &[] };

impl BodyChecker<'_, '_> {
    pub(super) fn event_action(&mut self, call: &Call<'_>) -> Option<(Action, Gives)> {
        let (action, gives) = match call.method.name.as_str() {
            "wait_timeout" => {
                let ([time], _) = self.operands::<1>(call, 0, "wait_timeout(10ms)")?;
                self.duration(time)?;
                return Some((Action::Event(EventAction::WaitTimeout), Gives::Value(Ty::BOOL)));
            }
            "set" => (EventAction::Set, Gives::Nothing),
            "clear" => (EventAction::Clear, Gives::Nothing),
            "is_set" => (EventAction::IsSet, Gives::Value(Ty::BOOL)),
            "wait" => (EventAction::Wait, Gives::Nothing),
            _ => return self.no_such_operation(call, &EVENT),
        };
        self.no_operands(call)?;
        Some((Action::Event(action), gives))
    }
}
