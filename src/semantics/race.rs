//! Data races: which accesses can race at all, and two conflicting accesses that are both next.
//!
//! Where every way of learning about another thread is a happens-before edge, "some execution has two accesses
//! unordered by happens-before" is the same as "in some reachable state both are next" (keep of the execution only what
//! happens before either of the first racy pair: it is still an execution, and ends with both enabled). Where control
//! can flow without such an edge, `history` keeps what is needed instead.
//!
//! # Source
//! The argument is the standard one for sequential consistency; for locksets: Savage et al., *Eraser*, 1997.

use super::layout::{View, ViewMut};
use super::lockset::{self, Guard};
use super::step::{Offers, Step, empty_event};
use super::{Semantics, Visible, visible_at};
use crate::finding::{Access, AccessKind, Detail, Finding, Statement, Target};
use crate::program::{AtomicOp, CodeId, InstrKind, LocalObject, ObjectId, Op, Ordering, Pc, Program, ThreadId, VarOp};
use crate::schedule::Choice;
use std::collections::{BTreeMap, BTreeSet};

/// How an access touches memory.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Touch {
    pub(super) kind: AccessKind,
    pub(super) atomic: bool,
}

impl Touch {
    /// Whether two accesses of one object race where nothing orders them.
    pub(super) fn conflicts(self, other: Touch) -> bool {
        let writes = self.kind == AccessKind::Write || other.kind == AccessKind::Write;
        writes && !(self.atomic && other.atomic)
    }
}

/// The objects on which a race is possible, and where they are accessed.
#[derive(Debug)]
pub(super) struct RaceCandidates {
    objects: BTreeSet<ObjectId>,
    /// Whether the instruction can access one of them, by code and position.
    sites: Vec<Vec<bool>>,
}

impl RaceCandidates {
    /// Drops what only one thread uses, what nobody writes, and what is always accessed under one common guard.
    pub(super) fn of(program: &Program) -> Self {
        let mut uses: BTreeMap<ObjectId, Uses> = BTreeMap::new();
        for_each_access(program, |access| {
            for object in lockset::candidates(access.object) {
                uses.entry(object).or_default().add(&access);
            }
        });
        let objects: BTreeSet<ObjectId> =
            uses.iter().filter(|(_, uses)| uses.can_race()).map(|(object, _)| *object).collect();
        let mut sites: Vec<Vec<bool>> = program.codes.iter().map(|code| vec![false; code.instrs.len()]).collect();
        for_each_access(program, |access| {
            let touches = lockset::candidates(access.object).iter().any(|object| objects.contains(object));
            sites[access.code.index()][access.pc.index()] |= touches;
            if let Some(block) = access.block {
                sites[access.code.index()][block.index()] |= touches;
            }
        });
        Self { objects, sites }
    }

    /// The objects, in order of index.
    pub(super) fn objects(&self) -> impl ExactSizeIterator<Item = ObjectId> + '_ {
        self.objects.iter().copied()
    }

    /// Whether there is one.
    pub(super) fn any(&self) -> bool {
        !self.objects.is_empty()
    }
}

/// All accesses of one object.
#[derive(Default)]
struct Uses {
    touches: BTreeSet<Touch>,
    threads: BTreeSet<ThreadId>,
    /// Held at every access.
    guards: Option<BTreeSet<Guard>>,
    /// Held at every access that writes.
    write_guards: Option<BTreeSet<Guard>>,
}

impl Uses {
    fn add(&mut self, access: &StaticAccess<'_>) {
        self.touches.insert(access.touch);
        self.threads.extend(access.threads.iter().copied());
        common(&mut self.guards, access.guards);
        if access.touch.kind == AccessKind::Write {
            common(&mut self.write_guards, access.guards);
        }
    }

    fn can_race(&self) -> bool {
        let conflict = self.touches.iter().any(|one| self.touches.iter().any(|other| one.conflicts(*other)));
        conflict && self.threads.len() > 1 && !self.excluded()
    }

    /// Whether one guard keeps any two accesses apart of which one writes: who reads under a reader-writer lock keeps
    /// only writers out.
    fn excluded(&self) -> bool {
        let (Some(guards), Some(write_guards)) = (&self.guards, &self.write_guards) else { return false };
        guards.iter().any(|guard| match guard {
            Guard::Mutex(_) | Guard::Writing(_) | Guard::Block => true,
            Guard::Reading(rwlock) => write_guards.contains(&Guard::Writing(*rwlock)),
        })
    }
}

/// Narrows what is held at all accesses so far by what is held at one more.
fn common(all: &mut Option<BTreeSet<Guard>>, one: &BTreeSet<Guard>) {
    *all = Some(match all {
        None => one.clone(),
        Some(guards) => guards.intersection(one).copied().collect(),
    });
}

/// An access in the text.
struct StaticAccess<'p> {
    code: CodeId,
    pc: Pc,
    /// The indivisible block it stands in.
    block: Option<Pc>,
    object: &'p LocalObject,
    touch: Touch,
    threads: &'p [ThreadId],
    guards: &'p BTreeSet<Guard>,
}

/// Calls `visit` for every access that some thread can reach.
fn for_each_access(program: &Program, mut visit: impl FnMut(StaticAccess<'_>)) {
    for (position, code) in program.codes.iter().enumerate() {
        let id = CodeId::new(position);
        let threads: Vec<ThreadId> = program.thread_ids().filter(|thread| program.thread(*thread).code == id).collect();
        if threads.is_empty() {
            continue;
        }
        let held = lockset::held(code);
        let mut block = None;
        for (position, instr) in code.instrs.iter().enumerate() {
            let pc = Pc(u32::try_from(position).expect("code is far shorter"));
            match &instr.kind {
                InstrKind::Atomically { .. } => block = Some(pc),
                InstrKind::EndAtomically => block = None,
                InstrKind::Op(op) => {
                    if let (Some((object, touch)), Some(guards)) = (touch_of(op), &held[position]) {
                        visit(StaticAccess { code: id, pc, block, object, touch, threads: &threads, guards });
                    }
                }
                InstrKind::Set { .. }
                | InstrKind::Jump(_)
                | InstrKind::Branch { .. }
                | InstrKind::Assert { .. }
                | InstrKind::Assume { .. }
                | InstrKind::Panic { .. }
                | InstrKind::Guard { .. }
                | InstrKind::Halt
                | InstrKind::Unwound => {}
            }
        }
    }
}

/// How an operation touches memory, if it does.
fn touch_of(op: &Op) -> Option<(&LocalObject, Touch)> {
    let touch = |kind, atomic| Touch { kind, atomic };
    match op {
        Op::Var { var, op: VarOp::Read { .. } } => Some((var, touch(AccessKind::Read, false))),
        Op::Var { var, op: VarOp::Write { .. } } => Some((var, touch(AccessKind::Write, false))),
        Op::Atomic { atomic, op } => {
            let touch = match op {
                AtomicOp::Load { ordering, .. } => touch(AccessKind::Read, *ordering != Ordering::Plain),
                AtomicOp::Store { ordering, .. } => touch(AccessKind::Write, *ordering != Ordering::Plain),
                AtomicOp::Rmw { .. } | AtomicOp::CompareExchange { .. } => touch(AccessKind::Write, true),
            };
            Some((atomic, touch))
        }
        Op::Fence(_)
        | Op::Mutex { .. }
        | Op::RwLock { .. }
        | Op::Condvar { .. }
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
        | Op::Thread { .. }
        | Op::Spawn { .. }
        | Op::Pause(_)
        | Op::Choice(_)
        | Op::End => None,
    }
}

/// One access that a thread's next step makes.
#[derive(Clone, Copy)]
struct Next {
    access: Access,
    object: ObjectId,
    touch: Touch,
    in_block: bool,
}

/// Finds the pairs of threads whose next steps are conflicting accesses.
pub(super) fn both_next(semantics: &Semantics<'_>, view: View<'_>, found: &mut Vec<Finding>) {
    if !semantics.races.any() {
        return;
    }
    let mut next: Vec<Next> = Vec::new();
    for thread in semantics.program.thread_ids() {
        if !view.status(thread).is_alive() {
            continue;
        }
        let code = semantics.program.thread(thread).code;
        if semantics.races.sites[code.index()][view.pc(thread).index()] {
            accesses_of(semantics, view, thread, &mut next);
        }
    }
    for (position, earlier) in next.iter().enumerate() {
        for later in &next[position + 1..] {
            let conflict = earlier.object == later.object && earlier.touch.conflicts(later.touch);
            if conflict && earlier.access.thread != later.access.thread {
                // A block's condition can become false by the other access, so the block goes first.
                let (first, second) = if later.in_block { (later, earlier) } else { (earlier, later) };
                found.push(race(semantics.program, first.object, first.access, second.access));
            }
        }
    }
}

/// The finding of a race.
pub(super) fn race(program: &Program, object: ObjectId, earlier: Access, later: Access) -> Finding {
    let statement = |access: Access| Statement { code: program.thread(access.thread).code, pc: access.pc };
    let statements: BTreeSet<Statement> = [statement(earlier), statement(later)].into();
    let detail = Detail::Race { object: Some(object), accesses: vec![earlier, later] };
    Finding { detail, statements: statements.into_iter().collect(), trace: None }
}

/// The accesses of a thread's next step, where it is enabled.
fn accesses_of(semantics: &Semantics<'_>, view: View<'_>, thread: ThreadId, next: &mut Vec<Next>) {
    let pc = view.pc(thread);
    match visible_at(semantics.program, view, thread) {
        Visible::Op(op) => {
            if let Some((object, touch)) = touch_of(op)
                && let Ok(object) = object.resolve(view.locals(thread))
            {
                next.push(Next { access: Access { thread, pc, kind: touch.kind }, object, touch, in_block: false });
            }
        }
        Visible::Block { .. } => {
            if super::execute::offers(semantics, view, thread) == Offers::Only {
                accesses_in_block(semantics, view, thread, next);
            }
        }
    }
}

/// The accesses of an indivisible block, found by running it on a copy.
fn accesses_in_block(semantics: &Semantics<'_>, view: View<'_>, thread: ThreadId, next: &mut Vec<Next>) {
    let mut slots = view.slots.to_vec();
    let mut found = Vec::new();
    let pc = view.pc(thread);
    let choice = Choice::only(thread);
    let mut event = empty_event(choice, pc);
    let state = ViewMut { layout: view.layout, slots: &mut slots };
    let mut step = Step { semantics, state, thread, pc, found: &mut found, event: Some(&mut event) };
    // Where the execution ends in the block, the accesses before that still happen.
    let _ = super::execute::visible(&mut step, choice.pick);
    for inside in &event.inside {
        let InstrKind::Op(op) = &semantics.program.instr(thread, inside.pc).kind else { continue };
        if let (Some((_, touch)), Some(Target::Object(object))) = (touch_of(op), inside.target) {
            let access = Access { thread, pc: inside.pc, kind: touch.kind };
            next.push(Next { access, object, touch, in_block: true });
        }
    }
}
