//! What a program needs of the interpreter, read off its instructions once before anything runs.

use super::super::construct::{elements, observed, pauses_in_loops};
use super::backend::{Backend, Nature, PausePlace};
use super::own_barrier;
use super::own_channel::{self, Fit};
use super::own_rwlock::{self, Sections};
use super::wants::Footprint;
use crate::program::{
    AtomicOp, ChoiceOp, Code, CondvarOp, InstrKind, MutexKind, MutexOp, ObjectId, ObjectKind, ObservedRead, Op,
    Ordering, Pc, Program, PropertyKind, Service, StateExpr, StateRead, ThreadId, WakeUps,
};
use std::collections::{BTreeMap, BTreeSet};

/// How the objects of a program are built on one backend, and what has to be kept for its end.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    /// Whether mutexes and condition variables are the runtime's own; otherwise they are monitors of the interpreter.
    pub(crate) own_locks: bool,
    /// Whether it is settled at once for whom a notification is: a wait that can end without one must know.
    pub(crate) settles_notifications: bool,
    /// Atomics with a `plain` access: those race like variables.
    pub(crate) plain: BTreeSet<ObjectId>,
    /// Threads whose locals a property or an outcome reads.
    pub(crate) watched: BTreeSet<ThreadId>,
    /// Whether there is an indivisible block with a condition.
    pub(crate) conditions: bool,
    /// Whether there is an indivisible block.
    pub(crate) blocks: bool,
    /// Threads whose end an instruction can observe.
    pub(crate) observable: BTreeSet<ThreadId>,
    /// For each thread: what closes itself when it and others have ended.
    pub(crate) closes: Vec<Vec<ObjectId>>,
    /// Channels that a channel of the runtime's own would do for.
    pub(crate) fits: BTreeMap<ObjectId, Fit>,
    /// Barriers that a barrier of the runtime's own would do for.
    pub(crate) meetings: BTreeSet<ObjectId>,
    /// Reader-writer locks that one of the runtime's own may do for.
    pub(crate) sections: BTreeMap<ObjectId, Sections>,
    /// Whether an atomic is read at the end, by a property or an outcome.
    pub(crate) final_atomics: bool,
    /// Positions of the `always` properties.
    pub(crate) invariants: Vec<usize>,
    /// Objects that they read.
    watched_objects: Footprint,
    /// Threads whose locals they read.
    watched_threads: BTreeSet<ThreadId>,
    /// For each code, its instructions with which a thread may end. Faults of expressions are not foreseen.
    lasts: Vec<Vec<bool>>,
    /// Whether there are daemons.
    pub(crate) daemons: bool,
    /// For each code, its pauses in loops.
    pauses: Vec<BTreeSet<Pc>>,
}

impl Plan {
    /// Reads the program.
    pub(crate) fn new<B: Backend>(program: &Program) -> Self {
        let mut plan = Self {
            own_locks: true,
            settles_notifications: false,
            plain: BTreeSet::new(),
            watched: watched(program),
            final_atomics: reads_atomics(program),
            conditions: false,
            blocks: false,
            observable: BTreeSet::new(),
            closes: closes(program),
            fits: BTreeMap::new(),
            meetings: own_barrier::fits(program),
            sections: own_rwlock::fits(program),
            invariants: (0..program.properties.len())
                .filter(|position| program.properties[*position].kind == PropertyKind::Always)
                .collect(),
            watched_objects: Footprint::NOTHING,
            watched_threads: BTreeSet::new(),
            lasts: program.codes.iter().map(lasts).collect(),
            daemons: program.threads.iter().any(|thread| thread.daemon),
            pauses: program.codes.iter().map(pauses_in_loops).collect(),
        };
        for position in plan.invariants.clone() {
            plan.watch(&program.properties[position].condition);
        }
        for object in &program.objects {
            let ObjectKind::Condvar { service, wake_ups } = object.kind else { continue };
            plan.own_locks &= service == Service::Anybody;
            // No runtime's own wait ends for no reason where the world says so.
            if wake_ups == WakeUps::Spurious && B::NATURE.serial {
                plan.own_locks = false;
                plan.settles_notifications = true;
            }
        }
        for instr in program.codes.iter().flat_map(|code| &code.instrs) {
            match &instr.kind {
                InstrKind::Op(op) => plan.operation(program, op, B::NATURE),
                InstrKind::Atomically { .. } => plan.blocks = true,
                InstrKind::Guard { .. } => plan.conditions = true,
                InstrKind::Set { .. }
                | InstrKind::Jump(_)
                | InstrKind::Branch { .. }
                | InstrKind::Assert { .. }
                | InstrKind::Assume { .. }
                | InstrKind::Panic { .. }
                | InstrKind::EndAtomically
                | InstrKind::Halt
                | InstrKind::Unwound => {}
            }
        }
        // Where mutexes differ, who needs one that is held for ever may still be the one that was notified: a runtime's own
        // wait, and one that settles it late, would give the notification to somebody who can go on.
        if B::NATURE.indivisible && waits_with_several_mutexes(program) {
            plan.own_locks = false;
            plan.settles_notifications = true;
        }
        plan.fits = own_channel::fits(program, &plan.observable, &plan.closes);
        plan
    }

    /// Notes what an `always` reads.
    fn watch(&mut self, condition: &StateExpr) {
        visit(condition, &mut |read| match read {
            StateRead::Object(object) | StateRead::Length(object) | StateRead::IsLocked(object) => {
                for element in elements(object) {
                    self.watched_objects = self.watched_objects.and(Footprint::reads(element));
                }
            }
            StateRead::Local { thread, .. } => {
                self.watched_threads.insert(*thread);
            }
        });
    }

    /// What a step is besides what its operation touches.
    pub(crate) fn footprint(&self, program: &Program, thread: ThreadId, pc: Pc, touched: Footprint) -> Footprint {
        let mut footprint = touched.seen_by(self.watched_objects);
        if self.watched_threads.contains(&thread) {
            footprint = footprint.and(Footprint::SEEN);
        }
        if self.observable.contains(&thread) || !self.closes[thread.index()].is_empty() {
            // A thread that fails ends in the middle of its code: any step may be the one that others wait for.
            let closes = self.closes[thread.index()].iter();
            footprint = closes.fold(footprint.and(Footprint::end(thread)), |all, it| all.and(Footprint::writes(*it)));
        }
        if self.daemons {
            if program.thread(thread).daemon {
                footprint = footprint.and(Footprint::DAEMON);
            } else if self.may_end(program, thread, pc) {
                footprint = footprint.and(Footprint::LAST);
            }
        }
        footprint
    }

    /// Whether a thread may end with the step that stands here.
    fn may_end(&self, program: &Program, thread: ThreadId, pc: Pc) -> bool {
        self.lasts[program.thread(thread).code.index()][pc.index()]
    }

    /// Where a pause stands.
    pub(crate) fn pause_place(&self, program: &Program, thread: ThreadId, pc: Pc) -> PausePlace {
        let pauses = &self.pauses[program.thread(thread).code.index()];
        if pauses.contains(&pc) { PausePlace::InLoop } else { PausePlace::Straight }
    }

    /// Whether the end of a thread with this step is a surprise that the order of steps depends on.
    pub(crate) fn surprises(&self, program: &Program, thread: ThreadId, pc: Pc) -> bool {
        self.daemons && !program.thread(thread).daemon && !self.may_end(program, thread, pc)
    }

    fn operation(&mut self, program: &Program, op: &Op, nature: Nature) {
        match op {
            Op::Mutex { op: MutexOp::TryLock { .. } | MutexOp::LockTimeout { .. }, .. } => {
                self.own_locks &= nature.try_lock;
            }
            // No runtime's own wait ends by a time-out in a step of its own.
            Op::Condvar { op: CondvarOp::WaitTimeout { .. }, .. } => {
                self.own_locks = false;
                self.settles_notifications = true;
            }
            // No runtime's own wait takes a monitor again. Whoever can come to a line must not take the notification of
            // somebody who needs another mutex and cannot have it.
            Op::Condvar { op: CondvarOp::Wait { mutex, .. }, .. }
                if program.object(mutex.base).kind == ObjectKind::Mutex(MutexKind::Fifo) =>
            {
                self.own_locks = false;
                self.settles_notifications |= nature.indivisible;
            }
            // Where a step is indivisible several notifications are one.
            Op::Condvar { op: CondvarOp::Notify { .. }, .. } => self.own_locks &= nature.indivisible,
            Op::Mutex { op: MutexOp::IsLocked { .. }, .. } => self.own_locks &= nature.serial && nature.try_lock,
            Op::Atomic { atomic, op } if is_plain(op) => self.plain.extend(elements(atomic)),
            Op::Mutex { op: MutexOp::Lock { .. } | MutexOp::LockChecked { .. } | MutexOp::Unlock { .. }, .. }
            | Op::Atomic { .. }
            | Op::Var { .. }
            | Op::Fence(_)
            | Op::Condvar { op: CondvarOp::Wait { .. } | CondvarOp::NotifyOne | CondvarOp::NotifyAll, .. }
            | Op::RwLock { .. }
            | Op::Semaphore { .. }
            | Op::Event { .. }
            | Op::Once { .. }
            | Op::Timer { .. }
            | Op::Barrier { .. }
            | Op::Channel { .. }
            | Op::Oneshot { .. }
            | Op::Watch { .. }
            | Op::Broadcast { .. }
            | Op::Queue { .. }
            | Op::Pause(_)
            | Op::Choice(_)
            | Op::End => {}
            Op::Spawn { .. } | Op::Thread { .. } => self.observable.extend(observed(program, op)),
        }
    }
}

/// Whether threads wait on one condition variable with different mutexes.
fn waits_with_several_mutexes(program: &Program) -> bool {
    let mut with: BTreeMap<ObjectId, BTreeSet<ObjectId>> = BTreeMap::new();
    for op in program.codes.iter().flat_map(|code| &code.instrs).filter_map(|instr| instr.kind.op()) {
        if let Op::Condvar { condvar, op } = op
            && let Some(mutex) = op.waits_with()
        {
            for condvar in elements(condvar) {
                with.entry(condvar).or_default().extend(elements(mutex));
            }
        }
    }
    with.values().any(|mutexes| mutexes.len() > 1)
}

/// Whether an atomic is accessed without being atomic.
pub(crate) fn is_plain(op: &AtomicOp) -> bool {
    match op {
        AtomicOp::Load { ordering, .. } | AtomicOp::Store { ordering, .. } | AtomicOp::Rmw { ordering, .. } => {
            *ordering == Ordering::Plain
        }
        AtomicOp::CompareExchange { success, failure, .. } => {
            *success == Ordering::Plain || *failure == Ordering::Plain
        }
    }
}

fn watched(program: &Program) -> BTreeSet<ThreadId> {
    let mut threads = BTreeSet::new();
    // Whoever joins them reads what they have left.
    let leaving = program.spawned.iter().filter(|spawnable| spawnable.result.is_some());
    threads.extend(leaving.flat_map(crate::program::Spawnable::threads));
    for observed in &program.observed {
        match observed.read {
            ObservedRead::Local { thread, .. } => {
                threads.insert(thread);
            }
            ObservedRead::Object(_) => {}
        }
    }
    for property in &program.properties {
        visit(&property.condition, &mut |read| match read {
            StateRead::Local { thread, .. } => {
                threads.insert(*thread);
            }
            StateRead::Object(_) | StateRead::Length(_) | StateRead::IsLocked(_) => {}
        });
    }
    threads
}

/// The instructions of a code after which only local ones may stand between a thread and its end.
fn lasts(code: &Code) -> Vec<bool> {
    // Whether the end can be reached from an instruction by local ones alone; grows until nothing changes.
    let mut ends = vec![false; code.instrs.len()];
    let at = |ends: &[bool], pc: Pc| ends.get(pc.index()).copied().unwrap_or(true);
    loop {
        let mut changed = false;
        for (position, instr) in code.instrs.iter().enumerate() {
            let next = Pc::new(position + 1);
            let reaches = match &instr.kind {
                InstrKind::Halt | InstrKind::Unwound | InstrKind::Op(Op::End) => true,
                InstrKind::Panic { .. } => instr.unwind.is_none_or(|unwind| at(&ends, unwind)),
                InstrKind::Jump(to) => at(&ends, *to),
                InstrKind::Branch { then, otherwise, .. } => at(&ends, *then) || at(&ends, *otherwise),
                InstrKind::Set { .. } | InstrKind::Assert { .. } | InstrKind::Assume { .. } => at(&ends, next),
                InstrKind::Op(_) | InstrKind::Atomically { .. } => false,
                // Inside an indivisible block nobody stands.
                InstrKind::Guard { .. } | InstrKind::EndAtomically => false,
            };
            changed |= reaches && !ends[position];
            ends[position] |= reaches;
        }
        if !changed {
            break;
        }
    }
    let last = |(position, instr): (usize, &crate::program::Instr)| match &instr.kind {
        InstrKind::Op(Op::End) => true,
        InstrKind::Op(Op::Choice(ChoiceOp::Branch { branches })) => branches.iter().any(|pc| at(&ends, *pc)),
        InstrKind::Atomically { end } => at(&ends, Pc(end.0 + 1)),
        InstrKind::Op(_)
        | InstrKind::Set { .. }
        | InstrKind::Jump(_)
        | InstrKind::Branch { .. }
        | InstrKind::Assert { .. }
        | InstrKind::Assume { .. }
        | InstrKind::Panic { .. }
        | InstrKind::Guard { .. }
        | InstrKind::EndAtomically
        | InstrKind::Halt
        | InstrKind::Unwound => at(&ends, Pc::new(position + 1)),
    };
    code.instrs.iter().enumerate().map(last).collect()
}

/// Whether a property or an outcome reads an atomic.
fn reads_atomics(program: &Program) -> bool {
    let is_atomic = |object: ObjectId| matches!(program.object(object).kind, ObjectKind::Atomic { .. });
    let mut reads = program.observed.iter().any(|observed| match observed.read {
        ObservedRead::Object(object) => is_atomic(object),
        ObservedRead::Local { .. } => false,
    });
    for property in &program.properties {
        visit(&property.condition, &mut |read| match read {
            StateRead::Object(object) => reads |= is_atomic(object.base),
            StateRead::Length(_) | StateRead::IsLocked(_) | StateRead::Local { .. } => {}
        });
    }
    reads
}

/// Visits every leaf of an expression, those of indices too.
pub(crate) fn visit(expr: &StateExpr, leaf: &mut dyn FnMut(&StateRead)) {
    match expr {
        StateExpr::Const(_) => {}
        StateExpr::Read(read) => {
            leaf(read);
            match read {
                StateRead::Object(object) | StateRead::Length(object) | StateRead::IsLocked(object) => {
                    if let Some(index) = &object.index {
                        visit(index, leaf);
                    }
                }
                StateRead::Local { .. } => {}
            }
        }
        StateExpr::Unary(_, a) => visit(a, leaf),
        StateExpr::Binary(_, a, b) | StateExpr::And(a, b) | StateExpr::Or(a, b) => {
            visit(a, leaf);
            visit(b, leaf);
        }
        StateExpr::If(condition, a, b) => {
            visit(condition, leaf);
            visit(a, leaf);
            visit(b, leaf);
        }
    }
}

fn closes(program: &Program) -> Vec<Vec<ObjectId>> {
    let mut closes = vec![Vec::new(); program.threads.len()];
    for id in program.object_ids() {
        for thread in program.object(id).kind.closed_by().unwrap_or_default() {
            closes[thread.index()].push(id);
        }
    }
    closes
}
