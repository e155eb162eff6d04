//! The operations of a channel.

use super::{Call, Menu};
use crate::language::check::body::BodyChecker;
use crate::language::checked::{Action, Gives};
use crate::language::types::Ty;
use crate::program::ResultTag;

pub(super) const CHANNEL: Menu = Menu {
    what: "a channel",
    has: &["send", "recv", "try_send", "try_recv", "recv_timeout", "close", "len"],
    later: &[],
};

impl BodyChecker<'_, '_> {
    pub(super) fn channel_action(&mut self, call: &Call<'_>, element: Ty) -> Option<(Action, Gives)> {
        let message = Some(element);
        let (action, gives) = match call.method.name.as_str() {
            "send" => {
                let ([value], _) = self.operands::<1>(call, 0, "send(v)")?;
                return Some((Action::Send(self.message(call, value, element)), Gives::Nothing));
            }
            "try_send" => {
                let ([value], _) = self.operands::<1>(call, 0, "try_send(v)")?;
                return Some((Action::TrySend(self.message(call, value, element)), Gives::Value(Ty::BOOL)));
            }
            "recv" => {
                let cases = &[ResultTag::Some, ResultTag::Closed];
                (Action::Recv, Gives::Result { cases, payload: message })
            }
            "try_recv" => {
                let cases = &[ResultTag::Some, ResultTag::None, ResultTag::Closed];
                (Action::TryRecv, Gives::Result { cases, payload: message })
            }
            "recv_timeout" => {
                let ([time], _) = self.operands::<1>(call, 0, "recv_timeout(10ms)")?;
                let micros = self.duration(time)?;
                let cases = &[ResultTag::Some, ResultTag::Closed, ResultTag::Timeout];
                return Some((Action::RecvTimeout { micros }, Gives::Result { cases, payload: message }));
            }
            "close" => (Action::Close, Gives::Nothing),
            "len" => (Action::Len, Gives::Value(Ty::INT)),
            _ => return self.no_such_operation(call, &CHANNEL),
        };
        self.no_operands(call)?;
        Some((action, gives))
    }
}
