//! The operations of a barrier.

use super::{Call, Menu};
use crate::language::check::body::BodyChecker;
use crate::language::checked::{Action, BarrierAction, Gives};
use crate::language::types::Ty;
use crate::program::ResultTag;

pub(super) const BARRIER: Menu =
    Menu { what: "a barrier", has: &["wait", "wait_timeout", "abort", "reset", "is_broken"], later: &[] };

impl BodyChecker<'_, '_> {
    pub(super) fn barrier_action(&mut self, call: &Call<'_>) -> Option<(Action, Gives)> {
        let (action, gives) = match call.method.name.as_str() {
            "wait_timeout" => {
                let ([time], _) = self.operands::<1>(call, 0, "wait_timeout(10ms)")?;
                self.duration(time)?;
                let cases = &[ResultTag::Some, ResultTag::Timeout, ResultTag::Failed];
                let gives = Gives::Result { cases, payload: Some(Ty::BOOL) };
                return Some((Action::Barrier(BarrierAction::WaitTimeout), gives));
            }
            "wait" => {
                let cases = &[ResultTag::Some, ResultTag::Failed];
                (BarrierAction::Wait, Gives::Result { cases, payload: Some(Ty::BOOL) })
            }
            "abort" => (BarrierAction::Abort, Gives::Nothing),
            "reset" => (BarrierAction::Reset, Gives::Nothing),
            "is_broken" => (BarrierAction::IsBroken, Gives::Value(Ty::BOOL)),
            _ => return self.no_such_operation(call, &BARRIER),
        };
        self.no_operands(call)?;
        Some((Action::Barrier(action), gives))
    }
}
