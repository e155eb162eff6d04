//! Which threads listen to watched values and broadcasts, and whether they count what they miss: read off the code, so
//! that states keep only what somebody asks for.

use crate::program::{BroadcastOp, Code, InstrKind, Lag, LocalObject, ObjectId, ObjectKind, Op, Thread, ThreadId};
use std::collections::{BTreeMap, BTreeSet};

/// What the code of all threads says.
#[derive(Debug, Default)]
pub(super) struct Listeners {
    threads: BTreeMap<ObjectId, BTreeSet<ThreadId>>,
    counted: BTreeSet<ObjectId>,
}

impl Listeners {
    /// Reads all instructions of all threads, and of what is started at run time, whose slots are not known yet.
    pub(super) fn of(threads: &[Thread], codes: &[Code]) -> Self {
        let mut found = Self::default();
        for op in codes.iter().flat_map(|code| &code.instrs).filter_map(|instr| instr.kind.op()) {
            found.note_counted(op);
        }
        for (position, thread) in threads.iter().enumerate() {
            for instr in &codes[thread.code.index()].instrs {
                if let InstrKind::Op(op) = &instr.kind {
                    found.note(op, ThreadId::new(position));
                }
            }
        }
        found
    }

    fn note_counted(&mut self, op: &Op) {
        if let Op::Broadcast { broadcast, op: BroadcastOp::Recv { lag: Lag::Counted, .. } } = op {
            self.counted.extend(elements(broadcast));
        }
    }

    fn note(&mut self, op: &Op, thread: ThreadId) {
        let Some(object) = op.listens_to() else { return };
        for element in elements(object) {
            self.threads.entry(element).or_default().insert(thread);
        }
    }

    /// Writes down what is known about an object.
    pub(super) fn fill(&self, id: ObjectId, kind: &mut ObjectKind) {
        if let ObjectKind::Watch { listeners, .. } | ObjectKind::Broadcast { listeners, .. } = kind {
            *listeners = self.threads.get(&id).into_iter().flatten().copied().collect();
        }
        if let ObjectKind::Broadcast { lag, .. } = kind {
            *lag = if self.counted.contains(&id) { Lag::Counted } else { Lag::Noted };
        }
    }
}

fn elements(object: &LocalObject) -> impl Iterator<Item = ObjectId> + use<> {
    let first = object.base.index();
    (first..first + usize::try_from(object.len).expect("u32 fits into usize")).map(ObjectId::new)
}
