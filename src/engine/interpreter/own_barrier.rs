//! Barriers of the runtime's own, where a program does nothing with a barrier but wait at it.
//!
//! One that can break, by a time-out or by `abort`, is no runtime's: then a monitor stands for it. All runtimes call the
//! same thread the leader, the last that has come, as the language does.

use super::plan::visit;
use crate::engine::construct::elements;
use crate::program::{BarrierOp, ObjectId, ObjectKind, ObservedRead, Op, Program, StateRead};
use std::collections::BTreeSet;

/// A barrier of a runtime.
pub(crate) trait OwnBarrier {
    /// Waits until as many have come as meet; whether the thread came last.
    fn wait(&self) -> bool;
    /// The execution is over: lets whoever waits go on.
    fn lead_out(&self);
}

/// For backends without barriers.
#[derive(Debug)]
pub(crate) enum NoBarrier {}

impl OwnBarrier for NoBarrier {
    fn wait(&self) -> bool {
        match *self {}
    }

    fn lead_out(&self) {
        match *self {}
    }
}

/// The barriers of a program that a runtime's own would do for: nobody asks whether they are broken, or breaks them.
pub(super) fn fits(program: &Program) -> BTreeSet<ObjectId> {
    let is_barrier = |id: &ObjectId| matches!(program.object(*id).kind, ObjectKind::Barrier { .. });
    let mut asked: BTreeSet<ObjectId> = BTreeSet::new();
    for instr in program.codes.iter().flat_map(|code| &code.instrs) {
        let Some(Op::Barrier { barrier, op }) = instr.kind.op() else { continue };
        match op {
            BarrierOp::Wait { .. } => {}
            BarrierOp::WaitTimeout { .. } | BarrierOp::Abort | BarrierOp::Reset | BarrierOp::IsBroken { .. } => {
                asked.extend(elements(barrier));
            }
        }
    }
    for property in &program.properties {
        visit(&property.condition, &mut |read| match read {
            StateRead::Object(object) => asked.extend(elements(object)),
            StateRead::Length(_) | StateRead::IsLocked(_) | StateRead::Local { .. } => {}
        });
    }
    asked.extend(program.observed.iter().filter_map(|observed| match observed.read {
        ObservedRead::Object(id) => Some(id),
        ObservedRead::Local { .. } => None,
    }));
    program.object_ids().filter(is_barrier).filter(|id| !asked.contains(id)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::compile;
    use crate::program::Source;

    fn fitting(text: &str) -> usize {
        let compiled = compile(&Source { name: "barriers".to_owned(), text: text.to_owned() }, &[]);
        fits(&compiled.unwrap_or_else(|found| panic!("{text}: {found:?}")).program).len()
    }

    #[test]
    fn a_barrier_fits_where_it_is_only_waited_at() {
        let two = "barrier b(2); barrier c(2);\nthread one { b.wait(); c.wait(); }\n";
        assert_eq!(fitting(&format!("{two}thread two {{ b.wait(); c.wait(); }}")), 2);
        assert_eq!(fitting(&format!("{two}thread two {{ b.abort(); c.wait(); }}")), 1);
        assert_eq!(fitting(&format!("{two}thread two {{ let broken = b.is_broken(); c.reset(); }}")), 0);
        assert_eq!(fitting(&format!("{two}thread two {{ b.wait_timeout(1ms); c.wait(); }}")), 1);
    }
}
