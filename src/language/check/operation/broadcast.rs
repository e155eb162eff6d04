//! The operations of a broadcast.

use super::{Call, Menu};
use crate::language::check::body::BodyChecker;
use crate::language::checked::{Action, BroadcastAction, Gives, broadcast_cases};
use crate::language::types::Ty;
use crate::program::{Patience, Type};

pub(super) const BROADCAST: Menu = Menu {
    what: "a broadcast",
    has: &["send", "recv", "try_recv", "recv_timeout", "subscribe", "len", "close"],
    later: &[],
};

impl BodyChecker<'_, '_> {
    /// Its values are integers: how many of them were missed is told in the place of one.
    pub(super) fn broadcast_action(&mut self, call: &Call<'_>) -> Option<(Action, Gives)> {
        let received = |patience| {
            let gives = Gives::Result { cases: broadcast_cases(patience), payload: Some(Ty::INT) };
            (BroadcastAction::Recv { patience }, gives)
        };
        let (action, gives) = match call.method.name.as_str() {
            "send" => {
                let ([value], _) = self.operands::<1>(call, 0, "send(v)")?;
                let action = BroadcastAction::Send(self.operand(call, value, Type::Int));
                return Some((Action::Broadcast(action), Gives::Nothing));
            }
            "recv_timeout" => {
                let ([time], _) = self.operands::<1>(call, 0, "recv_timeout(10ms)")?;
                let (action, gives) = received(Patience::Timed { micros: self.duration(time)? });
                return Some((Action::Broadcast(action), gives));
            }
            "recv" => received(Patience::Forever),
            "try_recv" => received(Patience::NotAtAll),
            "subscribe" => (BroadcastAction::Subscribe, Gives::Nothing),
            "len" => (BroadcastAction::Len, Gives::Value(Ty::INT)),
            "close" => (BroadcastAction::Close, Gives::Nothing),
            _ => return self.no_such_operation(call, &BROADCAST),
        };
        self.no_operands(call)?;
        Some((Action::Broadcast(action), gives))
    }
}
