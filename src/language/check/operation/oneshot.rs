//! The operations of a one-shot channel.

use super::{Call, Menu};
use crate::language::check::body::BodyChecker;
use crate::language::checked::{Action, Gives, OneshotAction, received_cases};
use crate::language::types::Ty;
use crate::program::Patience;

pub(super) const ONESHOT: Menu =
    Menu { what: "a one-shot channel", has: &["send", "recv", "try_recv", "recv_timeout", "close"], later: &[] };

impl BodyChecker<'_, '_> {
    pub(super) fn oneshot_action(&mut self, call: &Call<'_>, element: Ty) -> Option<(Action, Gives)> {
        let received = |patience| {
            let action = OneshotAction::Recv { patience };
            let gives = Gives::Result { cases: received_cases(patience), payload: Some(element) };
            Some((Action::Oneshot(action), gives))
        };
        match call.method.name.as_str() {
            "send" => {
                let ([value], _) = self.operands::<1>(call, 0, "send(v)")?;
                let action = OneshotAction::Send(self.message(call, value, element));
                Some((Action::Oneshot(action), Gives::Value(Ty::BOOL)))
            }
            "recv_timeout" => {
                let ([time], _) = self.operands::<1>(call, 0, "recv_timeout(10ms)")?;
                received(Patience::Timed { micros: self.duration(time)? })
            }
            "recv" => {
                self.no_operands(call)?;
                received(Patience::Forever)
            }
            "try_recv" => {
                self.no_operands(call)?;
                received(Patience::NotAtAll)
            }
            "close" => {
                self.no_operands(call)?;
                Some((Action::Oneshot(OneshotAction::Close), Gives::Nothing))
            }
            _ => self.no_such_operation(call, &ONESHOT),
        }
    }
}
