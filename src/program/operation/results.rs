//! Where operations put what they give.

use super::{
    AtomicOp, BarrierOp, BroadcastOp, ChannelOp, ChoiceOp, CondvarOp, EventOp, MutexOp, OnceOp, OneshotOp, Op, QueueOp,
    RwLockOp, SemaphoreOp, SpawnOp, ThreadOp, TimerOp, VarOp, WatchOp,
};
use crate::program::LocalId;

impl Op {
    /// The locals that the operation assigns where it takes effect: a value, or the tag of a result and its value. The value
    /// of a result is assigned in its own case only, and nobody reads it in another.
    pub fn results(&self) -> impl Iterator<Item = LocalId> + use<> {
        let locals = match self {
            Op::Var { op: VarOp::Read { to }, .. }
            | Op::Atomic { op: AtomicOp::Load { to, .. } | AtomicOp::Rmw { to: Some(to), .. }, .. }
            | Op::Mutex {
                op:
                    MutexOp::LockChecked { tag: to, .. }
                    | MutexOp::TryLock { to }
                    | MutexOp::LockTimeout { to, .. }
                    | MutexOp::IsLocked { to },
                ..
            }
            | Op::RwLock { op: RwLockOp::TryRead { to } | RwLockOp::TryWrite { to }, .. }
            | Op::Condvar {
                op: CondvarOp::Wait { tag: Some(to), .. } | CondvarOp::WaitTimeout { tag: None, to, .. },
                ..
            }
            | Op::Semaphore { op: SemaphoreOp::TryAcquire { to } | SemaphoreOp::AcquireTimeout { to }, .. }
            | Op::Barrier { op: BarrierOp::IsBroken { to }, .. }
            | Op::Once { op: OnceOp::IsCompleted { to }, .. }
            | Op::Timer { op: TimerOp::Cancel { to }, .. }
            | Op::Event { op: EventOp::IsSet { to } | EventOp::WaitTimeout { to }, .. }
            | Op::Channel { op: ChannelOp::TrySend { to, .. } | ChannelOp::Len { to }, .. }
            | Op::Oneshot { op: OneshotOp::Send { to, .. }, .. }
            | Op::Watch {
                op:
                    WatchOp::Borrow { to }
                    | WatchOp::BorrowAndUpdate { to }
                    | WatchOp::HasChanged { to }
                    | WatchOp::Changed { tag: to }
                    | WatchOp::WaitFor { tag: to, .. },
                ..
            }
            | Op::Broadcast { op: BroadcastOp::Len { to }, .. }
            | Op::Thread { op: ThreadOp::Join { tag: to } | ThreadOp::IsAlive { to }, .. }
            | Op::Queue {
                op:
                    QueueOp::Put { done: Some(to), .. }
                    | QueueOp::Get { tag: None, to, .. }
                    | QueueOp::Len { to }
                    | QueueOp::IsEmpty { to }
                    | QueueOp::IsFull { to },
                ..
            }
            | Op::Spawn {
                op:
                    SpawnOp::Start { to: Some(to), .. }
                    | SpawnOp::IsFinished { to, .. }
                    | SpawnOp::Join { tag: to, to: None, .. },
                ..
            }
            | Op::Choice(ChoiceOp::Value { into: to, .. }) => [Some(*to), None],
            Op::Atomic { op: AtomicOp::CompareExchange { tag, to, .. }, .. }
            | Op::Oneshot { op: OneshotOp::Recv { tag, to, .. }, .. }
            | Op::Broadcast { op: BroadcastOp::Recv { tag, to, .. }, .. }
            | Op::Spawn { op: SpawnOp::Join { tag, to: Some(to), .. }, .. }
            | Op::Queue { op: QueueOp::Get { tag: Some(tag), to, .. }, .. }
            | Op::Condvar { op: CondvarOp::WaitTimeout { tag: Some(tag), to, .. }, .. }
            | Op::Barrier { op: BarrierOp::Wait { tag, to } | BarrierOp::WaitTimeout { tag, to }, .. }
            | Op::Once { op: OnceOp::Begin { tag, runs: to }, .. }
            | Op::Channel {
                op:
                    ChannelOp::Recv { tag, to } | ChannelOp::TryRecv { tag, to } | ChannelOp::RecvTimeout { tag, to, .. },
                ..
            } => [Some(*tag), Some(*to)],
            Op::Var { op: VarOp::Write { .. }, .. }
            | Op::Atomic { op: AtomicOp::Store { .. } | AtomicOp::Rmw { to: None, .. }, .. }
            | Op::Fence(_)
            | Op::Mutex { op: MutexOp::Lock { .. } | MutexOp::Unlock { .. }, .. }
            | Op::RwLock {
                op:
                    RwLockOp::Read { .. }
                    | RwLockOp::Write { .. }
                    | RwLockOp::ReadUnlock { .. }
                    | RwLockOp::WriteUnlock { .. },
                ..
            }
            | Op::Condvar {
                op:
                    CondvarOp::Wait { tag: None, .. }
                    | CondvarOp::NotifyOne
                    | CondvarOp::Notify { .. }
                    | CondvarOp::NotifyAll,
                ..
            }
            | Op::Semaphore { op: SemaphoreOp::Acquire { .. } | SemaphoreOp::Release { .. }, .. }
            | Op::Event { op: EventOp::Set | EventOp::Clear | EventOp::Wait, .. }
            | Op::Barrier { op: BarrierOp::Abort | BarrierOp::Reset, .. }
            | Op::Once { op: OnceOp::End, .. }
            | Op::Timer { op: TimerOp::Start | TimerOp::Fire, .. }
            | Op::Channel { op: ChannelOp::Send { .. } | ChannelOp::Close, .. }
            | Op::Oneshot { op: OneshotOp::Close, .. }
            | Op::Watch { op: WatchOp::Send { .. } | WatchOp::Close, .. }
            | Op::Broadcast { op: BroadcastOp::Send { .. } | BroadcastOp::Subscribe | BroadcastOp::Close, .. }
            | Op::Queue { op: QueueOp::Put { done: None, .. } | QueueOp::TaskDone | QueueOp::Join, .. }
            | Op::Spawn { op: SpawnOp::Start { to: None, .. } | SpawnOp::Wait { .. }, .. }
            | Op::Pause(_)
            | Op::Choice(ChoiceOp::Branch { .. })
            | Op::End => [None, None],
        };
        locals.into_iter().flatten()
    }
}
