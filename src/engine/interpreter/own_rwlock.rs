//! Reader-writer locks of the runtime's own, where a program cannot tell whom such a lock lets in first.
//!
//! In the language whoever can go in, may: a writer that waits holds up no reader. Runtimes have policies of their own,
//! and say little about them. Two facts about a program, both read off its instructions, say where that cannot be seen.
//!
//! *No thread comes to the lock again while it is inside* ([`Sections::Apart`]). Some runtimes refuse a second `read` by
//! the same thread. Where that never happens, a lock whose runtime lets anybody in who can go in is the language's.
//!
//! *Every section ends by itself* ([`Sections::Brief`]): between a way in and the way out, also on the way of a panic,
//! nobody waits for anything and nobody goes round. The standard library's lock holds readers up as long as a writer
//! waits. Then
//!
//! - what it lets happen is always allowed: it lets in a writer alone and readers together, and to let somebody in later
//!   than possible is what any schedule may do;
//! - all orders of sections stay possible: that a thread has begun to wait is no step, so whoever is held up because of a
//!   waiting writer comes first in a run in which that writer arrives later;
//! - nobody is held up for ever who would not be in the language: threads inside sections wait for nobody, so each of
//!   them leaves, and where all threads sleep nobody is inside; then the lock has let in whoever asked, and all of them
//!   sleep elsewhere.
//!
//! A reader that waits inside its section for another one would break the third point, by a wait or by a loop: so sections
//! with either have a monitor. So has a lock that somebody only tries: the answer would tell of a waiting writer.

use crate::engine::construct::{elements, successors};
use crate::program::{
    Code, CondvarOp, EventOp, Expr, Instr, InstrKind, LocalExpr, LocalObject, LocalRead, MutexOp, ObjectId, ObjectKind,
    Op, Pc, Place, Preference, Program, RwLockOp, SemaphoreOp, VarOp,
};
use std::collections::{BTreeMap, BTreeSet};

/// A reader-writer lock of a runtime.
pub(crate) trait OwnRwLock: 'static {
    /// Proof that a thread is inside; dropped to leave, forgotten to stay.
    type Guard<'a>;
    /// Enters with other readers.
    fn read(&self) -> Self::Guard<'_>;
    /// Enters alone.
    fn write(&self) -> Self::Guard<'_>;
    /// Enters with other readers, if that is possible now.
    fn try_read(&self) -> Option<Self::Guard<'_>>;
    /// Enters alone, if that is possible now.
    fn try_write(&self) -> Option<Self::Guard<'_>>;
}

/// For backends without reader-writer locks.
#[derive(Debug)]
pub(crate) enum NoRwLock {}

impl OwnRwLock for NoRwLock {
    type Guard<'a> = ();

    fn read(&self) {
        match *self {}
    }

    fn write(&self) {
        match *self {}
    }

    fn try_read(&self) -> Option<()> {
        match *self {}
    }

    fn try_write(&self) -> Option<()> {
        match *self {}
    }
}

/// What is known of every section under a lock: what a thread does between its way in and its way out.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Sections {
    /// No thread comes to the lock again while it is inside.
    Apart,
    /// Besides, nobody only tries to go in.
    Untried,
    /// Besides, each ends by itself, whatever other threads do.
    Brief,
}

/// The locks of a program whose sections are at least apart, and that let in whoever can go in.
pub(super) fn fits(program: &Program) -> BTreeMap<ObjectId, Sections> {
    let plain = |id: &ObjectId| program.object(*id).kind == ObjectKind::RwLock(Preference::Anybody);
    program.object_ids().filter(plain).filter_map(|lock| Some((lock, sections(program, lock)?))).collect()
}

fn sections(program: &Program, lock: ObjectId) -> Option<Sections> {
    let mut least = Sections::Brief;
    for code in &program.codes {
        let mut block = false;
        for (position, instr) in code.instrs.iter().enumerate() {
            match &instr.kind {
                InstrKind::Atomically { .. } => block = true,
                InstrKind::EndAtomically => block = false,
                InstrKind::Op(Op::RwLock { rwlock, op }) if elements(rwlock).any(|id| id == lock) => {
                    // Blocks are ordered by a monitor of their own.
                    if block {
                        return None;
                    }
                    if let Some(entry) = Entry::of(op) {
                        least = least.min(section(code, Pc::new(position), lock, entry)?);
                    }
                }
                InstrKind::Op(_)
                | InstrKind::Set { .. }
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
    Some(least)
}

/// A way in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Entry {
    Read,
    Write,
    TryRead,
    TryWrite,
}

impl Entry {
    fn of(op: &RwLockOp) -> Option<Self> {
        match op {
            RwLockOp::Read { .. } => Some(Entry::Read),
            RwLockOp::Write { .. } => Some(Entry::Write),
            RwLockOp::TryRead { .. } => Some(Entry::TryRead),
            RwLockOp::TryWrite { .. } => Some(Entry::TryWrite),
            RwLockOp::ReadUnlock { .. } | RwLockOp::WriteUnlock { .. } => None,
        }
    }

    /// Whether this is the way out that belongs to it. Of an array it may be another lock's.
    fn ends_at(self, instr: &Instr, lock: ObjectId) -> bool {
        let Some(Op::RwLock { rwlock, op }) = instr.kind.op() else { return false };
        let leaves = match op {
            RwLockOp::ReadUnlock { .. } => matches!(self, Entry::Read | Entry::TryRead),
            RwLockOp::WriteUnlock { .. } => matches!(self, Entry::Write | Entry::TryWrite),
            RwLockOp::Read { .. } | RwLockOp::Write { .. } | RwLockOp::TryRead { .. } | RwLockOp::TryWrite { .. } => {
                false
            }
        };
        leaves && elements(rwlock).eq([lock])
    }
}

/// What is known of what can follow this way in.
fn section(code: &Code, way_in: Pc, lock: ObjectId, entry: Entry) -> Option<Sections> {
    let mut inside: BTreeSet<Pc> = BTreeSet::new();
    let mut open = successors(code, way_in);
    while let Some(pc) = open.pop() {
        // Behind `Op(End)`, the last instruction of some codes, there is nothing.
        let Some(instr) = code.instrs.get(pc.index()) else { continue };
        if entry.ends_at(instr, lock) || !inside.insert(pc) {
            continue;
        }
        if let Some(Op::RwLock { rwlock, op }) = instr.kind.op()
            && Entry::of(op).is_some()
            && elements(rwlock).any(|id| id == lock)
        {
            return None;
        }
        open.extend(onward(code, pc));
    }
    let brief = inside.iter().all(|pc| goes_on(&code.instrs[pc.index()])) && is_straight(code, inside);
    Some(match entry {
        Entry::TryRead | Entry::TryWrite => Sections::Apart,
        Entry::Read | Entry::Write if brief => Sections::Brief,
        Entry::Read | Entry::Write => Sections::Untried,
    })
}

/// Where a thread may go on behind an instruction, also where it fails there.
fn onward(code: &Code, pc: Pc) -> impl Iterator<Item = Pc> + use<> {
    successors(code, pc).into_iter().chain(code.instrs[pc.index()].unwind)
}

/// Whether nobody who is among these instructions comes to one of them twice before leaving them.
fn is_straight(code: &Code, mut instrs: BTreeSet<Pc>) -> bool {
    while !instrs.is_empty() {
        // Whoever is at one of these leaves at once.
        let last = |pc: &Pc| onward(code, *pc).all(|next| !instrs.contains(&next));
        let lasts: Vec<Pc> = instrs.iter().copied().filter(last).collect();
        if lasts.is_empty() {
            return false;
        }
        instrs.retain(|pc| !lasts.contains(pc));
    }
    true
}

/// Whether a thread that has come to this instruction inside a section goes on by itself, and does not end inside.
fn goes_on(instr: &Instr) -> bool {
    let stays = match &instr.kind {
        InstrKind::Set { .. }
        | InstrKind::Jump(_)
        | InstrKind::Branch { .. }
        | InstrKind::Assert { .. }
        | InstrKind::Assume { .. }
        | InstrKind::Panic { .. } => true,
        InstrKind::Op(op) => never_waits(op),
        InstrKind::Atomically { .. }
        | InstrKind::Guard { .. }
        | InstrKind::EndAtomically
        | InstrKind::Halt
        | InstrKind::Unwound => false,
    };
    stays && (instr.unwind.is_some() || never_fails(&instr.kind))
}

/// Whether an operation takes effect at once, whatever other threads have done.
fn never_waits(op: &Op) -> bool {
    match op {
        Op::Var { .. } | Op::Atomic { .. } | Op::Fence(_) | Op::Pause(_) | Op::Choice(_) => true,
        Op::Mutex { op, .. } => match op {
            MutexOp::TryLock { .. } | MutexOp::Unlock { .. } | MutexOp::IsLocked { .. } => true,
            MutexOp::Lock { .. } | MutexOp::LockChecked { .. } | MutexOp::LockTimeout { .. } => false,
        },
        Op::Condvar { op, .. } => match op {
            CondvarOp::NotifyOne | CondvarOp::NotifyAll | CondvarOp::Notify { .. } => true,
            CondvarOp::Wait { .. } | CondvarOp::WaitTimeout { .. } => false,
        },
        Op::Semaphore { op, .. } => match op {
            SemaphoreOp::Release { .. } | SemaphoreOp::TryAcquire { .. } => true,
            SemaphoreOp::Acquire { .. } | SemaphoreOp::AcquireTimeout { .. } => false,
        },
        Op::Event { op, .. } => match op {
            EventOp::Set | EventOp::Clear | EventOp::IsSet { .. } => true,
            EventOp::Wait | EventOp::WaitTimeout { .. } => false,
        },
        // Some of these never wait either; whoever uses them under such a lock has a monitor.
        Op::RwLock { .. }
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
        | Op::End => false,
    }
}

/// Whether an instruction cannot panic and is no misuse, as far as that is plain to see. Without `with` a thread that
/// fails stays inside.
fn never_fails(kind: &InstrKind) -> bool {
    let known = |object: &LocalObject| object.index.is_none();
    match kind {
        InstrKind::Jump(_) => true,
        InstrKind::Set { to: Place::Local(_), value } => is_plain(value),
        InstrKind::Branch { condition, .. } | InstrKind::Assert { condition, .. } | InstrKind::Assume { condition } => {
            is_plain(condition)
        }
        InstrKind::Op(Op::Var { var, op }) => match op {
            VarOp::Read { .. } => known(var),
            VarOp::Write { value } => known(var) && is_plain(value),
        },
        InstrKind::Op(Op::Fence(_) | Op::Pause(_)) => true,
        InstrKind::Set { to: Place::Element { .. }, .. }
        | InstrKind::Op(_)
        | InstrKind::Panic { .. }
        | InstrKind::Atomically { .. }
        | InstrKind::Guard { .. }
        | InstrKind::EndAtomically
        | InstrKind::Halt
        | InstrKind::Unwound => false,
    }
}

/// Whether an expression is a constant or a local: more of them have a value always, few without `with` need more.
fn is_plain(expr: &LocalExpr) -> bool {
    match expr {
        Expr::Const(_) | Expr::Read(LocalRead::Local(_)) => true,
        Expr::Read(_) | Expr::Unary(..) | Expr::Binary(..) | Expr::And(..) | Expr::Or(..) | Expr::If(..) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::compile;
    use crate::program::Source;

    /// What is known of the sections of `l`, the only lock of this text.
    fn known(text: &str) -> Option<Sections> {
        let text = format!(
            "var x = 0; rwlock l; mutex m; atomic done = false;\n{text}\nthread other {{ m.lock(); m.unlock(); }}"
        );
        let compiled = compile(&Source { name: "sections".to_owned(), text: text.clone() }, &[]);
        let compiled = compiled.unwrap_or_else(|found| panic!("{text}: {found:?}"));
        fits(&compiled.program).into_values().next()
    }

    #[test]
    fn straight_sections_without_waits_are_brief() {
        assert_eq!(
            known("thread a { with l.write() { x += 1; } with l.read() { let y = x; } }"),
            Some(Sections::Brief)
        );
        assert_eq!(
            known("thread a { with l.read() { let y = x; if y > 0 { return; } assert y == 0; } }"),
            Some(Sections::Brief)
        );
        assert_eq!(known("thread a { l.read(); let y = x; l.read_unlock(); }"), Some(Sections::Brief));
        assert_eq!(known("thread a { for i in 0..3 { with l.read() { let y = x; } } }"), Some(Sections::Brief));
        assert_eq!(known("thread a { with l.read() { panic \"no\"; } }"), Some(Sections::Brief));
    }

    #[test]
    fn sections_that_wait_go_round_or_may_never_end_are_not() {
        assert_eq!(known("thread a { with l.read() { with m { let y = x; } } }"), Some(Sections::Untried));
        assert_eq!(known("thread a { with l.read() { while !done.load() {} } }"), Some(Sections::Untried));
        assert_eq!(known("thread a { with l.read() { when done.load() {} } }"), Some(Sections::Untried));
        assert_eq!(known("thread a { l.read(); }"), Some(Sections::Untried));
        assert_eq!(known("thread a { l.read(); } thread b { a.join(); }"), Some(Sections::Untried));
        assert_eq!(known("thread a { l.read(); let y = x; let z = 1 / y; l.read_unlock(); }"), Some(Sections::Untried));
        assert_eq!(known("thread a { l.write(); l.read_unlock(); }"), Some(Sections::Untried));
    }

    #[test]
    fn who_only_tries_is_noted() {
        assert_eq!(known("thread a { if l.try_read() { l.read_unlock(); } }"), Some(Sections::Apart));
        assert_eq!(known("thread a { let inside = l.try_write(); }"), Some(Sections::Apart));
    }

    #[test]
    fn a_second_way_in_is_noted() {
        assert_eq!(known("thread a { with l.read() { with l.read() { let y = x; } } }"), None);
        assert_eq!(known("thread a { with l.read() { l.write(); l.write_unlock(); } }"), None);
        assert_eq!(
            known("fn look() { with l.read() { return x; } }\nthread a { with l.read() { let y = look(); } }"),
            None
        );
    }
}
