//! What an operation does to an indivisible block or a condition around it, and its word in the language.

use super::Nature;
use crate::language::checked::{
    Action, BarrierAction, BroadcastAction, CondvarAction, EventAction, OneshotAction, WatchAction,
};
use crate::program::{Capacity, Patience};

pub(super) fn nature(action: &Action, capacity: Option<Capacity>) -> Nature {
    match action {
        Action::Read
        | Action::Load(_)
        | Action::IsLocked
        | Action::Len
        | Action::QueueLen
        | Action::IsEmpty
        | Action::IsFull
        | Action::IsAlive
        | Action::IsCompleted
        | Action::IsFinished => Nature::Looks,
        Action::Barrier(action) => match action {
            BarrierAction::IsBroken => Nature::Looks,
            BarrierAction::Abort | BarrierAction::Reset => Nature::Changes,
            BarrierAction::Wait | BarrierAction::WaitTimeout => Nature::Blocks,
        },
        Action::Watch(action) => match action {
            WatchAction::Borrow | WatchAction::HasChanged => Nature::Looks,
            WatchAction::Send(_) | WatchAction::BorrowAndUpdate | WatchAction::Close => Nature::Changes,
            WatchAction::Changed | WatchAction::WaitFor(_) => Nature::Blocks,
        },
        Action::Broadcast(action) => match action {
            BroadcastAction::Len => Nature::Looks,
            BroadcastAction::Send(_)
            | BroadcastAction::Recv { patience: Patience::NotAtAll }
            | BroadcastAction::Subscribe
            | BroadcastAction::Close => Nature::Changes,
            BroadcastAction::Recv { patience: Patience::Forever | Patience::Timed { .. } } => Nature::Blocks,
        },
        Action::Oneshot(action) => match action {
            OneshotAction::Send(_) | OneshotAction::Close | OneshotAction::Recv { patience: Patience::NotAtAll } => {
                Nature::Changes
            }
            OneshotAction::Recv { patience: Patience::Forever | Patience::Timed { .. } } => Nature::Blocks,
        },
        Action::Condvar(action) => match action {
            CondvarAction::NotifyAll => Nature::Changes,
            CondvarAction::NotifyOne | CondvarAction::Notify { .. } => Nature::Chooses,
            CondvarAction::Wait { .. } | CondvarAction::WaitTimeout { .. } | CondvarAction::WaitWhile { .. } => {
                Nature::Blocks
            }
        },
        Action::Event(action) => match action {
            EventAction::IsSet => Nature::Looks,
            EventAction::Set | EventAction::Clear => Nature::Changes,
            EventAction::Wait | EventAction::WaitTimeout => Nature::Blocks,
        },
        Action::Store { .. }
        | Action::Rmw { .. }
        | Action::CompareExchange { weak: false, .. }
        | Action::TryLock
        | Action::Unlock
        | Action::TryRead
        | Action::TryWrite
        | Action::ReadUnlock
        | Action::WriteUnlock
        | Action::TryAcquire
        | Action::Release { .. }
        | Action::Put { patience: Patience::NotAtAll, .. }
        | Action::Get { patience: Patience::NotAtAll }
        | Action::TaskDone
        | Action::CancelTimer
        | Action::Close => Nature::Changes,
        Action::StartTimer => Nature::Starts,
        Action::CompareExchange { weak: true, .. } => Nature::Chooses,
        Action::TrySend(_) | Action::TryRecv => {
            if capacity == Some(Capacity::Rendezvous) {
                Nature::Chooses
            } else {
                Nature::Changes
            }
        }
        Action::Send(_) => {
            if capacity == Some(Capacity::Unbounded) {
                Nature::Changes
            } else {
                Nature::Blocks
            }
        }
        Action::Lock
        | Action::LockChecked
        | Action::LockTimeout { .. }
        | Action::ReadLock
        | Action::WriteLock
        | Action::Acquire { .. }
        | Action::AcquireTimeout
        | Action::Recv
        | Action::RecvTimeout { .. }
        | Action::Put { patience: Patience::Forever | Patience::Timed { .. }, .. }
        | Action::Get { patience: Patience::Forever | Patience::Timed { .. } }
        | Action::AllDone
        | Action::Join => Nature::Blocks,
    }
}

/// The operation's name in the language.
pub(super) fn word(action: &Action) -> &'static str {
    match action {
        Action::Read => "a read",
        Action::Load(_) => "load",
        Action::Store { .. } => "store",
        Action::Rmw { op, .. } => op.word(),
        Action::CompareExchange { weak: false, .. } => "compare_exchange",
        Action::CompareExchange { weak: true, .. } => "compare_exchange_weak",
        Action::Lock | Action::LockChecked => "lock",
        Action::TryLock => "try_lock",
        Action::LockTimeout { .. } => "lock_timeout",
        Action::Unlock => "unlock",
        Action::IsLocked => "is_locked",
        Action::ReadLock => "read",
        Action::WriteLock => "write",
        Action::TryRead => "try_read",
        Action::TryWrite => "try_write",
        Action::ReadUnlock => "read_unlock",
        Action::WriteUnlock => "write_unlock",
        Action::Condvar(CondvarAction::Wait { .. }) => "wait",
        Action::Condvar(CondvarAction::WaitTimeout { .. }) => "wait_timeout",
        Action::Condvar(CondvarAction::WaitWhile { .. }) => "wait_while",
        Action::Condvar(CondvarAction::NotifyOne) => "notify_one",
        Action::Condvar(CondvarAction::Notify { .. }) => "notify",
        Action::Condvar(CondvarAction::NotifyAll) => "notify_all",
        Action::Acquire { .. } => "acquire",
        Action::AcquireTimeout => "acquire_timeout",
        Action::TryAcquire => "try_acquire",
        Action::Release { .. } => "release",
        Action::Barrier(BarrierAction::Wait) => "wait",
        Action::Barrier(BarrierAction::WaitTimeout) => "wait_timeout",
        Action::Barrier(BarrierAction::Abort) => "abort",
        Action::Barrier(BarrierAction::Reset) => "reset",
        Action::Barrier(BarrierAction::IsBroken) => "is_broken",
        Action::Event(EventAction::Set) => "set",
        Action::Event(EventAction::Clear) => "clear",
        Action::Event(EventAction::IsSet) => "is_set",
        Action::Event(EventAction::Wait) => "wait",
        Action::Event(EventAction::WaitTimeout) => "wait_timeout",
        Action::Send(_)
        | Action::Oneshot(OneshotAction::Send(_))
        | Action::Watch(WatchAction::Send(_))
        | Action::Broadcast(BroadcastAction::Send(_)) => "send",
        Action::Watch(WatchAction::Borrow) => "borrow",
        Action::Watch(WatchAction::BorrowAndUpdate) => "borrow_and_update",
        Action::Watch(WatchAction::HasChanged) => "has_changed",
        Action::Watch(WatchAction::Changed) => "changed",
        Action::Watch(WatchAction::WaitFor(_)) => "wait_for",
        Action::Broadcast(BroadcastAction::Subscribe) => "subscribe",
        Action::Recv
        | Action::Oneshot(OneshotAction::Recv { patience: Patience::Forever })
        | Action::Broadcast(BroadcastAction::Recv { patience: Patience::Forever }) => "recv",
        Action::TrySend(_) => "try_send",
        Action::TryRecv
        | Action::Oneshot(OneshotAction::Recv { patience: Patience::NotAtAll })
        | Action::Broadcast(BroadcastAction::Recv { patience: Patience::NotAtAll }) => "try_recv",
        Action::RecvTimeout { .. }
        | Action::Oneshot(OneshotAction::Recv { patience: Patience::Timed { .. } })
        | Action::Broadcast(BroadcastAction::Recv { patience: Patience::Timed { .. } }) => "recv_timeout",
        Action::Close
        | Action::Oneshot(OneshotAction::Close)
        | Action::Watch(WatchAction::Close)
        | Action::Broadcast(BroadcastAction::Close) => "close",
        Action::Len | Action::Broadcast(BroadcastAction::Len) => "len",
        Action::Put { patience: Patience::Forever, .. } => "put",
        Action::Put { patience: Patience::NotAtAll, .. } => "try_put",
        Action::Put { patience: Patience::Timed { .. }, .. } => "put_timeout",
        Action::Get { patience: Patience::Forever } => "get",
        Action::Get { patience: Patience::NotAtAll } => "try_get",
        Action::Get { patience: Patience::Timed { .. } } => "get_timeout",
        Action::QueueLen => "len",
        Action::IsEmpty => "is_empty",
        Action::IsFull => "is_full",
        Action::TaskDone => "task_done",
        Action::Join | Action::AllDone => "join",
        Action::IsAlive => "is_alive",
        Action::IsFinished => "is_finished",
        Action::IsCompleted => "is_completed",
        Action::StartTimer => "start",
        Action::CancelTimer => "cancel",
    }
}
