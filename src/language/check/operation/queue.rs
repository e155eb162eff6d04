//! The operations of a queue.

use super::{Call, Menu};
use crate::language::check::body::BodyChecker;
use crate::language::checked::{Action, Gives};
use crate::language::types::Ty;
use crate::program::{Patience, ResultTag};

pub(super) const QUEUE: Menu = Menu {
    what: "a queue",
    has: &[
        "put",
        "get",
        "try_put",
        "try_get",
        "put_timeout",
        "get_timeout",
        "len",
        "is_empty",
        "is_full",
        "task_done",
        "join",
    ],
    later: &[],
};

impl BodyChecker<'_, '_> {
    pub(super) fn queue_action(&mut self, call: &Call<'_>, element: Ty) -> Option<(Action, Gives)> {
        let item = Some(element);
        let (action, gives) = match call.method.name.as_str() {
            "put" => {
                let ([value], _) = self.operands::<1>(call, 0, "put(v)")?;
                let value = self.message(call, value, element);
                return Some((Action::Put { value, patience: Patience::Forever }, Gives::Nothing));
            }
            "try_put" => {
                let ([value], _) = self.operands::<1>(call, 0, "try_put(v)")?;
                let value = self.message(call, value, element);
                return Some((Action::Put { value, patience: Patience::NotAtAll }, Gives::Value(Ty::BOOL)));
            }
            "put_timeout" => {
                let ([value, time], _) = self.operands::<2>(call, 0, "put_timeout(v, 10ms)")?;
                let value = self.message(call, value, element);
                let patience = Patience::Timed { micros: self.duration(time)? };
                return Some((Action::Put { value, patience }, Gives::Value(Ty::BOOL)));
            }
            "get_timeout" => {
                let ([time], _) = self.operands::<1>(call, 0, "get_timeout(10ms)")?;
                let patience = Patience::Timed { micros: self.duration(time)? };
                let cases = &[ResultTag::Some, ResultTag::Timeout];
                return Some((Action::Get { patience }, Gives::Result { cases, payload: item }));
            }
            "get" => (Action::Get { patience: Patience::Forever }, Gives::Value(element)),
            "try_get" => {
                let cases = &[ResultTag::Some, ResultTag::None];
                (Action::Get { patience: Patience::NotAtAll }, Gives::Result { cases, payload: item })
            }
            "len" => (Action::QueueLen, Gives::Value(Ty::INT)),
            "is_empty" => (Action::IsEmpty, Gives::Value(Ty::BOOL)),
            "is_full" => (Action::IsFull, Gives::Value(Ty::BOOL)),
            "task_done" => (Action::TaskDone, Gives::Nothing),
            "join" => (Action::AllDone, Gives::Nothing),
            _ => return self.no_such_operation(call, &QUEUE),
        };
        self.no_operands(call)?;
        Some((action, gives))
    }
}
