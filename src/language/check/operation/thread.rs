//! The operations of a thread: of a declared one, and of one that was started at run time.

use super::{Call, Menu};
use crate::language::check::body::BodyChecker;
use crate::language::checked::{Action, Gives};
use crate::language::types::Ty;
use crate::program::ResultTag;

pub(super) const THREAD: Menu = Menu { what: "a thread", has: &["join", "is_alive"], later: &[] };

pub(super) const HANDLE: Menu = Menu { what: "the handle of a thread", has: &["join", "is_finished"], later: &[] };

impl BodyChecker<'_, '_> {
    pub(super) fn thread_action(&mut self, call: &Call<'_>) -> Option<(Action, Gives)> {
        let (action, gives) = match call.method.name.as_str() {
            "join" => {
                let cases = &[ResultTag::Some, ResultTag::Failed];
                (Action::Join, Gives::Result { cases, payload: None })
            }
            "is_alive" => (Action::IsAlive, Gives::Value(Ty::BOOL)),
            _ => return self.no_such_operation(call, &THREAD),
        };
        self.no_operands(call)?;
        Some((action, gives))
    }

    /// On a handle of a thread that runs this function.
    pub(super) fn handle_action(&mut self, call: &Call<'_>, function: usize) -> Option<(Action, Gives)> {
        let (action, gives) = match call.method.name.as_str() {
            "join" => {
                let cases = &[ResultTag::Some, ResultTag::Failed];
                (Action::Join, Gives::Result { cases, payload: self.checker.signatures[function].value })
            }
            "is_finished" => (Action::IsFinished, Gives::Value(Ty::BOOL)),
            _ => return self.no_such_operation(call, &HANDLE),
        };
        self.no_operands(call)?;
        Some((action, gives))
    }
}
