//! What a step of a thread does for others: whether it changes anything, or only looks.

use crate::finding::{Event, Phase};
use crate::program::{
    AtomicOp, BarrierOp, BroadcastOp, ChannelOp, CondvarOp, EventOp, InstrKind, MutexOp, OnceOp, OneshotOp, Op,
    Program, QueueOp, RwLockOp, SemaphoreOp, SpawnOp, ThreadOp, VarOp, WatchOp,
};

/// What a step does for others.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Deed {
    /// Nothing: it takes or gives back a lock, or time passes.
    Passes,
    /// It reads a variable or an atomic.
    Reads,
    /// It looks at something else, or chooses, and changes nothing.
    Looks,
    /// It begins to wait on a condition variable, or leaves it without a notification.
    Waits,
    /// It changes something or not, as it turns out.
    Tries,
    /// It changes something.
    Acts,
}

/// What a step that has happened does; an indivisible block what its steps do at most.
pub(super) fn deed(program: &Program, event: &Event) -> Deed {
    match &program.instr(event.thread, event.pc).kind {
        InstrKind::Op(op) => of(op, event),
        InstrKind::Atomically { .. } => {
            event.inside.iter().map(|inner| deed(program, inner)).max().unwrap_or(Deed::Passes)
        }
        InstrKind::Set { .. }
        | InstrKind::Jump(_)
        | InstrKind::Branch { .. }
        | InstrKind::Assert { .. }
        | InstrKind::Assume { .. }
        | InstrKind::Panic { .. }
        | InstrKind::Guard { .. }
        | InstrKind::EndAtomically
        | InstrKind::Halt
        | InstrKind::Unwound => Deed::Passes,
    }
}

fn of(op: &Op, event: &Event) -> Deed {
    match op {
        Op::Var { op: VarOp::Read { .. }, .. } | Op::Atomic { op: AtomicOp::Load { .. }, .. } => Deed::Reads,
        Op::Atomic { op: AtomicOp::CompareExchange { .. }, .. } if event.wrote.is_none() => Deed::Looks,
        Op::Condvar { op: CondvarOp::Wait { .. } | CondvarOp::WaitTimeout { .. }, .. } => match event.phase {
            Phase::Complete | Phase::LineUp => Deed::Passes,
            Phase::Whole | Phase::Arrive | Phase::Wake => Deed::Waits,
        },
        Op::Fence(_)
        | Op::Pause(_)
        | Op::Mutex { op: MutexOp::Lock { .. } | MutexOp::Unlock { .. }, .. }
        | Op::RwLock {
            op:
                RwLockOp::Read { .. } | RwLockOp::Write { .. } | RwLockOp::ReadUnlock { .. } | RwLockOp::WriteUnlock { .. },
            ..
        } => Deed::Passes,
        Op::Choice(_)
        | Op::Mutex {
            op:
                MutexOp::LockChecked { .. }
                | MutexOp::TryLock { .. }
                | MutexOp::LockTimeout { .. }
                | MutexOp::IsLocked { .. },
            ..
        }
        | Op::RwLock { op: RwLockOp::TryRead { .. } | RwLockOp::TryWrite { .. }, .. }
        | Op::Event { op: EventOp::IsSet { .. } | EventOp::Wait | EventOp::WaitTimeout { .. }, .. }
        | Op::Once { op: OnceOp::IsCompleted { .. }, .. }
        | Op::Barrier { op: BarrierOp::IsBroken { .. }, .. }
        | Op::Channel { op: ChannelOp::Len { .. }, .. }
        | Op::Watch { op: WatchOp::Borrow { .. } | WatchOp::HasChanged { .. }, .. }
        | Op::Broadcast { op: BroadcastOp::Len { .. }, .. }
        | Op::Queue {
            op: QueueOp::Len { .. } | QueueOp::IsEmpty { .. } | QueueOp::IsFull { .. } | QueueOp::Join,
            ..
        }
        | Op::Thread { op: ThreadOp::Join { .. } | ThreadOp::IsAlive { .. }, .. }
        | Op::Spawn { op: SpawnOp::Wait { .. } | SpawnOp::Join { .. } | SpawnOp::IsFinished { .. }, .. } => Deed::Looks,
        Op::Semaphore { op: SemaphoreOp::TryAcquire { .. } | SemaphoreOp::AcquireTimeout { .. }, .. }
        | Op::Channel {
            op: ChannelOp::TrySend { .. } | ChannelOp::TryRecv { .. } | ChannelOp::RecvTimeout { .. },
            ..
        }
        | Op::Oneshot { op: OneshotOp::Recv { .. }, .. }
        | Op::Watch {
            op: WatchOp::BorrowAndUpdate { .. } | WatchOp::Changed { .. } | WatchOp::WaitFor { .. }, ..
        }
        | Op::Broadcast { op: BroadcastOp::Recv { .. }, .. }
        | Op::Queue { op: QueueOp::Put { .. } | QueueOp::Get { .. }, .. } => Deed::Tries,
        Op::Var { op: VarOp::Write { .. }, .. }
        | Op::Atomic { op: AtomicOp::Store { .. } | AtomicOp::Rmw { .. } | AtomicOp::CompareExchange { .. }, .. }
        | Op::Condvar { op: CondvarOp::NotifyOne | CondvarOp::Notify { .. } | CondvarOp::NotifyAll, .. }
        | Op::Semaphore { op: SemaphoreOp::Acquire { .. } | SemaphoreOp::Release { .. }, .. }
        | Op::Event { op: EventOp::Set | EventOp::Clear, .. }
        | Op::Once { op: OnceOp::Begin { .. } | OnceOp::End, .. }
        | Op::Timer { .. }
        | Op::Barrier {
            op: BarrierOp::Wait { .. } | BarrierOp::WaitTimeout { .. } | BarrierOp::Abort | BarrierOp::Reset,
            ..
        }
        | Op::Channel { op: ChannelOp::Send { .. } | ChannelOp::Recv { .. } | ChannelOp::Close, .. }
        | Op::Oneshot { op: OneshotOp::Send { .. } | OneshotOp::Close, .. }
        | Op::Watch { op: WatchOp::Send { .. } | WatchOp::Close, .. }
        | Op::Broadcast { op: BroadcastOp::Send { .. } | BroadcastOp::Subscribe | BroadcastOp::Close, .. }
        | Op::Queue { op: QueueOp::TaskDone, .. }
        | Op::Spawn { op: SpawnOp::Start { .. }, .. }
        | Op::End => Deed::Acts,
    }
}
