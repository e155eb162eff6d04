//! Which threads have an operation in their code that could help one that waits: found in the text of the program, so
//! it is an upper bound of what can happen, never less.

use crate::finding::BlockCause;
use crate::program::{
    AtomicOp, BarrierOp, BroadcastOp, ChannelOp, CondvarOp, EventOp, Expr, InstrKind, LocalExpr, LocalId, LocalObject,
    LocalRead, MutexOp, ObjectId, OneshotOp, Op, Pc, Place, Program, QueueOp, SemaphoreOp, ThreadId, VarOp, WatchOp,
};
use std::collections::BTreeSet;

/// What a helper's operation does for the one who waits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Help {
    /// Notifies a condition variable.
    Notifies(ObjectId),
    /// Gives a permit back.
    Releases(ObjectId),
    /// Comes to a barrier.
    Arrives(ObjectId),
    /// Lets those who wait at a barrier fail.
    Breaks(ObjectId),
    /// Sets an event.
    Sets(ObjectId),
    /// Takes a message out.
    Receives(ObjectId),
    /// Puts a message in.
    Sends(ObjectId),
    /// Puts an item into a queue.
    Puts(ObjectId),
    /// Takes an item out of a queue.
    Gets(ObjectId),
    /// Finishes an item of a queue.
    Finishes(ObjectId),
    /// Closes a channel, by `close()` or (`closed by`) by ending.
    Closes(ObjectId),
    /// Changes something that a condition reads.
    Changes(ObjectId),
}

/// A place in a thread's code.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Helper {
    /// Who could help.
    pub(super) thread: ThreadId,
    /// At which instruction.
    pub(super) pc: Pc,
    /// How.
    pub(super) help: Help,
}

/// Everything in the codes of the other threads that could end this wait, by thread and place. Empty for waits that are
/// for one certain thread (a lock's holder, a thread to be joined).
pub(super) fn helpers(program: &Program, waiter: ThreadId, pc: Pc, cause: BlockCause) -> Vec<Helper> {
    let wanted: BTreeSet<Help> = match cause {
        BlockCause::NotNotified { condvar } => [Help::Notifies(condvar)].into(),
        BlockCause::NoPermit { semaphore } => [Help::Releases(semaphore)].into(),
        BlockCause::NotAll { barrier } => [Help::Arrives(barrier), Help::Breaks(barrier)].into(),
        BlockCause::NotSet { event } => [Help::Sets(event)].into(),
        BlockCause::Full { channel } => [Help::Receives(channel), Help::Gets(channel)].into(),
        BlockCause::Empty { channel } => [Help::Sends(channel), Help::Closes(channel), Help::Puts(channel)].into(),
        BlockCause::Unfinished { queue } => [Help::Finishes(queue)].into(),
        BlockCause::NoPartner { channel } => match partner(program, waiter, pc) {
            Some(Partner::Receiver) => [Help::Receives(channel)].into(),
            Some(Partner::Sender) => [Help::Sends(channel), Help::Closes(channel)].into(),
            None => BTreeSet::new(),
        },
        BlockCause::ConditionFalse => condition_reads(program, waiter, pc).into_iter().map(Help::Changes).collect(),
        BlockCause::Held { .. }
        | BlockCause::Written { .. }
        | BlockCause::BeingRead { .. }
        | BlockCause::Behind { .. }
        | BlockCause::Reacquire { .. }
        | BlockCause::NotEnded { .. }
        | BlockCause::Unknown => BTreeSet::new(),
    };
    let others = program.thread_ids().filter(|thread| *thread != waiter);
    others
        .flat_map(|thread| offers(program, thread).into_iter().filter(|helper| wanted.contains(&helper.help)))
        .collect()
}

/// Who is missing at a rendezvous.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Partner {
    /// The waiter sends.
    Receiver,
    /// The waiter receives.
    Sender,
}

/// Who is missing at the rendezvous where this thread stands.
pub(super) fn partner(program: &Program, waiter: ThreadId, pc: Pc) -> Option<Partner> {
    let InstrKind::Op(Op::Channel { op, .. }) = &program.instr(waiter, pc).kind else { return None };
    match op {
        ChannelOp::Send { .. } => Some(Partner::Receiver),
        ChannelOp::Recv { .. } => Some(Partner::Sender),
        ChannelOp::TrySend { .. }
        | ChannelOp::TryRecv { .. }
        | ChannelOp::RecvTimeout { .. }
        | ChannelOp::Close
        | ChannelOp::Len { .. } => None,
    }
}

/// Everything a thread's code could do for others.
fn offers(program: &Program, thread: ThreadId) -> Vec<Helper> {
    let mut found = Vec::new();
    for (index, instr) in program.code_of(thread).instrs.iter().enumerate() {
        let InstrKind::Op(op) = &instr.kind else { continue };
        let pc = Pc::new(index);
        let mut offer = |reference: &LocalObject, help: fn(ObjectId) -> Help| {
            found.extend(meant(program, thread, reference).map(|object| Helper { thread, pc, help: help(object) }));
        };
        match op {
            Op::Var { var, op: VarOp::Write { .. } } => offer(var, Help::Changes),
            Op::Atomic { atomic, op } => match op {
                AtomicOp::Store { .. } | AtomicOp::Rmw { .. } | AtomicOp::CompareExchange { .. } => {
                    offer(atomic, Help::Changes);
                }
                AtomicOp::Load { .. } => {}
            },
            Op::Mutex { mutex, op } => match op {
                MutexOp::Lock { .. }
                | MutexOp::LockChecked { .. }
                | MutexOp::TryLock { .. }
                | MutexOp::LockTimeout { .. }
                | MutexOp::Unlock { .. } => offer(mutex, Help::Changes),
                MutexOp::IsLocked { .. } => {}
            },
            Op::RwLock { rwlock, .. } => offer(rwlock, Help::Changes),
            Op::Condvar { condvar, op } => match op {
                CondvarOp::NotifyOne | CondvarOp::Notify { .. } | CondvarOp::NotifyAll => {
                    offer(condvar, Help::Notifies);
                }
                CondvarOp::Wait { .. } | CondvarOp::WaitTimeout { .. } => {}
            },
            Op::Semaphore { semaphore, op } => match op {
                SemaphoreOp::Release { .. } => {
                    offer(semaphore, Help::Releases);
                    offer(semaphore, Help::Changes);
                }
                SemaphoreOp::Acquire { .. } | SemaphoreOp::TryAcquire { .. } | SemaphoreOp::AcquireTimeout { .. } => {
                    offer(semaphore, Help::Changes);
                }
            },
            Op::Barrier { barrier, op } => match op {
                BarrierOp::Wait { .. } | BarrierOp::WaitTimeout { .. } => offer(barrier, Help::Arrives),
                BarrierOp::Abort | BarrierOp::Reset => {
                    offer(barrier, Help::Breaks);
                    offer(barrier, Help::Changes);
                }
                BarrierOp::IsBroken { .. } => {}
            },
            // Whoever waits, waits for the one that runs the block.
            Op::Once { once, .. } => offer(once, Help::Changes),
            Op::Timer { timer, .. } => offer(timer, Help::Changes),
            Op::Event { event, op } => match op {
                EventOp::Set => {
                    offer(event, Help::Sets);
                    offer(event, Help::Changes);
                }
                EventOp::Clear => offer(event, Help::Changes),
                EventOp::IsSet { .. } | EventOp::Wait | EventOp::WaitTimeout { .. } => {}
            },
            Op::Channel { channel, op } => match op {
                ChannelOp::Send { .. } | ChannelOp::TrySend { .. } => {
                    offer(channel, Help::Sends);
                    offer(channel, Help::Changes);
                }
                ChannelOp::Recv { .. } | ChannelOp::TryRecv { .. } | ChannelOp::RecvTimeout { .. } => {
                    offer(channel, Help::Receives);
                    offer(channel, Help::Changes);
                }
                ChannelOp::Close => {
                    offer(channel, Help::Closes);
                    offer(channel, Help::Changes);
                }
                ChannelOp::Len { .. } => {}
            },
            Op::Oneshot { oneshot, op } => match op {
                OneshotOp::Send { .. } => offer(oneshot, Help::Sends),
                OneshotOp::Recv { .. } => {}
                OneshotOp::Close => offer(oneshot, Help::Closes),
            },
            Op::Watch { watch, op } => match op {
                WatchOp::Send { .. } => {
                    offer(watch, Help::Sends);
                    offer(watch, Help::Changes);
                }
                WatchOp::Close => offer(watch, Help::Closes),
                WatchOp::Borrow { .. }
                | WatchOp::BorrowAndUpdate { .. }
                | WatchOp::HasChanged { .. }
                | WatchOp::Changed { .. }
                | WatchOp::WaitFor { .. } => {}
            },
            Op::Broadcast { broadcast, op } => match op {
                BroadcastOp::Send { .. } => {
                    offer(broadcast, Help::Sends);
                    offer(broadcast, Help::Changes);
                }
                BroadcastOp::Recv { .. } | BroadcastOp::Subscribe => offer(broadcast, Help::Changes),
                BroadcastOp::Close => offer(broadcast, Help::Closes),
                BroadcastOp::Len { .. } => {}
            },
            Op::Queue { queue, op } => match op {
                QueueOp::Put { .. } => {
                    offer(queue, Help::Puts);
                    offer(queue, Help::Changes);
                }
                QueueOp::Get { .. } => {
                    offer(queue, Help::Gets);
                    offer(queue, Help::Changes);
                }
                QueueOp::TaskDone => offer(queue, Help::Finishes),
                QueueOp::Len { .. } | QueueOp::IsEmpty { .. } | QueueOp::IsFull { .. } | QueueOp::Join => {}
            },
            Op::End => found.extend(closed_by_the_end_of(program, thread).map(|channel| Helper {
                thread,
                pc,
                help: Help::Closes(channel),
            })),
            Op::Var { op: VarOp::Read { .. }, .. }
            | Op::Fence(_)
            | Op::Thread { .. }
            | Op::Spawn { .. }
            | Op::Pause(_)
            | Op::Choice(_) => {}
        }
    }
    found
}

fn closed_by_the_end_of(program: &Program, thread: ThreadId) -> impl Iterator<Item = ObjectId> {
    let closes = move |id: &ObjectId| program.object(*id).kind.closed_by().is_some_and(|group| group.contains(&thread));
    program.object_ids().filter(closes)
}

/// What the condition of a `when` reads: the accesses between its head and its guard.
pub(super) fn condition_reads(program: &Program, waiter: ThreadId, pc: Pc) -> BTreeSet<ObjectId> {
    let instrs = program.code_of(waiter).instrs.iter().skip(pc.index() + 1);
    instrs
        .take_while(|instr| !matches!(instr.kind, InstrKind::Guard { .. } | InstrKind::EndAtomically))
        .filter_map(|instr| instr.kind.op().and_then(object_of))
        .flat_map(|reference| meant(program, waiter, reference))
        .collect()
}

/// The object that an operation names, if it names one.
pub(super) fn object_of(op: &Op) -> Option<&LocalObject> {
    match op {
        Op::Var { var, .. } => Some(var),
        Op::Atomic { atomic, .. } => Some(atomic),
        Op::Mutex { mutex, .. } => Some(mutex),
        Op::RwLock { rwlock, .. } => Some(rwlock),
        Op::Condvar { condvar, .. } => Some(condvar),
        Op::Semaphore { semaphore, .. } => Some(semaphore),
        Op::Event { event, .. } => Some(event),
        Op::Once { once, .. } => Some(once),
        Op::Timer { timer, .. } => Some(timer),
        Op::Barrier { barrier, .. } => Some(barrier),
        Op::Channel { channel, .. } => Some(channel),
        Op::Oneshot { oneshot, .. } => Some(oneshot),
        Op::Watch { watch, .. } => Some(watch),
        Op::Broadcast { broadcast, .. } => Some(broadcast),
        Op::Queue { queue, .. } => Some(queue),
        Op::Fence(_) | Op::Thread { .. } | Op::Spawn { .. } | Op::Pause(_) | Op::Choice(_) | Op::End => None,
    }
}

/// The objects that a reference of this thread can mean: one where the index never changes, otherwise the whole array.
fn meant(program: &Program, thread: ThreadId, reference: &LocalObject) -> impl Iterator<Item = ObjectId> + use<> {
    let first = reference.base.index();
    let all = first..first + usize::try_from(reference.len).unwrap_or(1);
    let fixed = match &reference.index {
        Some(index) if never_changes(program, thread, index) => {
            reference.resolve(&program.thread(thread).initial).ok().map(ObjectId::index)
        }
        Some(_) | None => None,
    };
    fixed.map_or(all, |only| only..only + 1).map(ObjectId::new)
}

/// Whether an expression reads only locals that no instruction assigns: constants and the index of a group.
fn never_changes(program: &Program, thread: ThreadId, expression: &LocalExpr) -> bool {
    // What the parameters of a thread that is started at run time are, nobody knows before.
    if program.thread(thread).spawned.is_some() {
        return false;
    }
    let constant = |local: &LocalId| program.code_of(thread).instrs.iter().all(|instr| !assigns(&instr.kind, *local));
    let mut all = true;
    leaves(expression, &mut |leaf| match leaf {
        LocalRead::Local(local) => all &= constant(local),
        LocalRead::Element { .. } => all = false,
    });
    all
}

fn leaves(expression: &LocalExpr, visit: &mut impl FnMut(&LocalRead)) {
    match expression {
        Expr::Const(_) => {}
        Expr::Read(leaf) => visit(leaf),
        Expr::Unary(_, a) => leaves(a, visit),
        Expr::Binary(_, a, b) | Expr::And(a, b) | Expr::Or(a, b) => {
            leaves(a, visit);
            leaves(b, visit);
        }
        Expr::If(condition, a, b) => {
            leaves(condition, visit);
            leaves(a, visit);
            leaves(b, visit);
        }
    }
}

/// Whether an instruction can assign a local.
fn assigns(kind: &InstrKind, local: LocalId) -> bool {
    match kind {
        InstrKind::Set { to: Place::Local(to), .. } => *to == local,
        InstrKind::Set { to: Place::Element { base, len, .. }, .. } => {
            let first = base.index();
            (first..first + usize::try_from(*len).unwrap_or(0)).contains(&local.index())
        }
        InstrKind::Op(op) => op.results().any(|to| to == local),
        InstrKind::Jump(_)
        | InstrKind::Branch { .. }
        | InstrKind::Assert { .. }
        | InstrKind::Assume { .. }
        | InstrKind::Panic { .. }
        | InstrKind::Atomically { .. }
        | InstrKind::Guard { .. }
        | InstrKind::EndAtomically
        | InstrKind::Halt
        | InstrKind::Unwound => false,
    }
}
