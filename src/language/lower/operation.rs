//! Operations: operands first, then one visible instruction.

use super::Lowerer;
use super::builder::{can_fault, read};
use super::expression::{binary, position_in, tag_is};
use crate::language::checked::{
    Action, BarrierAction, BodyExpr, BodyObject, BroadcastAction, CondvarAction, EventAction, On, OneshotAction,
    Operation, ThreadUse, WatchAction,
};
use crate::program::{
    AtomicOp, BarrierOp, BinaryOp, BroadcastOp, ChannelOp, CondvarOp, EventOp, Expr, InstrKind, Lag, LocalExpr,
    LocalId, LocalObject, MutexOp, OnceOp, OneshotOp, Op, Patience, QueueOp, ResultTag, RwLockOp, Scoped, SemaphoreOp,
    Span, ThreadId, ThreadOp, ThreadRef, TimerOp, Type, VarOp, WatchOp,
};

impl Lowerer<'_> {
    /// Runs an operation that gives a value or nothing; `to` is where the value goes.
    pub(super) fn operation(&mut self, operation: &Operation, to: Option<LocalId>) {
        match &operation.on {
            On::Object(used) => {
                if let Action::Condvar(CondvarAction::WaitWhile { condition, .. }) = &operation.action {
                    return self.wait_while(operation, used, condition, None);
                }
                let object = self.object(used);
                self.on_object(operation, used, object, to);
            }
            On::Thread(used) => {
                let thread = self.thread(used);
                let op = if matches!(operation.action, Action::IsAlive) {
                    ThreadOp::IsAlive { to: self.target(to, Type::Bool) }
                } else {
                    ThreadOp::Join { tag: self.builder.temporary(Type::Int) }
                };
                self.emit_op(Op::Thread { thread, op }, operation.span);
            }
            On::Handle(used) => self.on_handle(operation, used, to),
        }
    }

    /// Runs an operation that gives a result; gives the slot of its tag. `to` is where the value goes.
    pub(super) fn result(&mut self, operation: &Operation, to: Option<LocalId>) -> LocalId {
        self.counted_result(operation, to, Lag::Noted)
    }

    /// As `result`; `lag`: whether the number of values that a receiver of a broadcast has missed is asked for.
    pub(super) fn counted_result(&mut self, operation: &Operation, to: Option<LocalId>, lag: Lag) -> LocalId {
        let tag = self.builder.temporary(Type::Int);
        let op = match &operation.on {
            On::Thread(used) => Op::Thread { thread: self.thread(used), op: ThreadOp::Join { tag } },
            On::Handle(used) => self.join_handle(used, tag, to),
            On::Object(used) => {
                if let Action::Condvar(CondvarAction::WaitWhile { condition, .. }) = &operation.action {
                    self.wait_while(operation, used, condition, Some(tag));
                    return tag;
                }
                let object = self.object(used);
                if let Action::Get { patience } = operation.action {
                    let to = self.target(to, self.value_type(used));
                    Op::Queue { queue: object, op: QueueOp::Get { patience, tag: Some(tag), to } }
                } else if let Action::Watch(action) = &operation.action {
                    let op = match action {
                        WatchAction::WaitFor(value) => WatchOp::WaitFor { value: self.operand(value), tag },
                        WatchAction::Changed
                        | WatchAction::Send(_)
                        | WatchAction::Borrow
                        | WatchAction::BorrowAndUpdate
                        | WatchAction::HasChanged
                        | WatchAction::Close => WatchOp::Changed { tag },
                    };
                    Op::Watch { watch: object, op }
                } else if let Action::Broadcast(BroadcastAction::Recv { patience }) = operation.action {
                    let to = self.target(to, Type::Int);
                    Op::Broadcast { broadcast: object, op: BroadcastOp::Recv { patience, lag, tag, to } }
                } else if let Action::Oneshot(OneshotAction::Recv { patience }) = operation.action {
                    let to = self.target(to, self.value_type(used));
                    Op::Oneshot { oneshot: object, op: OneshotOp::Recv { patience, tag, to } }
                } else if let Action::CompareExchange { expected, new, success, failure, weak } = &operation.action {
                    let expected = self.operand(expected);
                    let new = self.operand(new);
                    let to = self.target(to, self.value_type(used));
                    let (success, failure, weak) = (*success, *failure, *weak);
                    let op = AtomicOp::CompareExchange { expected, new, success, failure, weak, tag, to };
                    Op::Atomic { atomic: object, op }
                } else if let Action::Condvar(action) = &operation.action {
                    Op::Condvar { condvar: object, op: self.condvar(action, Some(tag), to) }
                } else if matches!(operation.action, Action::LockChecked) {
                    Op::Mutex { mutex: object, op: MutexOp::LockChecked { scoped: Scoped::Call, tag } }
                } else if let Action::Barrier(action) = &operation.action {
                    let to = self.target(to, Type::Bool);
                    let op = match action {
                        BarrierAction::WaitTimeout => BarrierOp::WaitTimeout { tag, to },
                        BarrierAction::Wait | BarrierAction::Abort | BarrierAction::Reset | BarrierAction::IsBroken => {
                            BarrierOp::Wait { tag, to }
                        }
                    };
                    Op::Barrier { barrier: object, op }
                } else {
                    let to = self.target(to, self.value_type(used));
                    let op = if let Action::RecvTimeout { micros } = operation.action {
                        ChannelOp::RecvTimeout { micros, tag, to }
                    } else if matches!(operation.action, Action::TryRecv) {
                        ChannelOp::TryRecv { tag, to }
                    } else {
                        ChannelOp::Recv { tag, to }
                    };
                    Op::Channel { channel: object, op }
                }
            }
        };
        self.emit_op(op, operation.span);
        tag
    }

    /// Type of the value that an operation gives.
    pub(super) fn operation_type(&self, operation: &Operation) -> Type {
        match &operation.on {
            On::Object(used) => self.value_type(used),
            On::Thread(_) => Type::Int,
            On::Handle(used) => {
                let value = self.functions[used.function].value;
                value.map_or(Type::Int, |value| self.types.decided(value))
            }
        }
    }

    fn on_object(&mut self, operation: &Operation, used: &BodyObject, object: LocalObject, to: Option<LocalId>) {
        let mutex = |mutex, op| Op::Mutex { mutex, op };
        let rwlock = |rwlock, op| Op::RwLock { rwlock, op };
        let semaphore = |semaphore, op| Op::Semaphore { semaphore, op };
        let channel = |channel, op| Op::Channel { channel, op };
        let queue = |queue, op| Op::Queue { queue, op };
        let op = match &operation.action {
            Action::Read => Op::Var { var: object, op: VarOp::Read { to: self.target(to, self.value_type(used)) } },
            Action::Load(ordering) => {
                let to = self.target(to, self.value_type(used));
                Op::Atomic { atomic: object, op: AtomicOp::Load { ordering: *ordering, to } }
            }
            Action::Store { value, ordering } => {
                let value = self.operand(value);
                Op::Atomic { atomic: object, op: AtomicOp::Store { ordering: *ordering, value } }
            }
            Action::Rmw { op, value, ordering } => {
                let value = self.operand(value);
                Op::Atomic { atomic: object, op: AtomicOp::Rmw { op: *op, ordering: *ordering, value, to } }
            }
            Action::Lock => mutex(object, MutexOp::Lock { scoped: Scoped::Call }),
            Action::TryLock => mutex(object, MutexOp::TryLock { to: self.target(to, Type::Bool) }),
            Action::LockTimeout { micros } => {
                mutex(object, MutexOp::LockTimeout { micros: *micros, to: self.target(to, Type::Bool) })
            }
            Action::Unlock => mutex(object, MutexOp::Unlock { scoped: Scoped::Call }),
            Action::IsLocked => mutex(object, MutexOp::IsLocked { to: self.target(to, Type::Bool) }),
            Action::ReadLock => rwlock(object, RwLockOp::Read { scoped: Scoped::Call }),
            Action::WriteLock => rwlock(object, RwLockOp::Write { scoped: Scoped::Call }),
            Action::TryRead => rwlock(object, RwLockOp::TryRead { to: self.target(to, Type::Bool) }),
            Action::TryWrite => rwlock(object, RwLockOp::TryWrite { to: self.target(to, Type::Bool) }),
            Action::ReadUnlock => rwlock(object, RwLockOp::ReadUnlock { scoped: Scoped::Call }),
            Action::WriteUnlock => rwlock(object, RwLockOp::WriteUnlock { scoped: Scoped::Call }),
            Action::Condvar(action) => Op::Condvar { condvar: object, op: self.condvar(action, None, to) },
            Action::Acquire { permits } => {
                semaphore(object, SemaphoreOp::Acquire { scoped: Scoped::Call, permits: *permits })
            }
            Action::AcquireTimeout => {
                semaphore(object, SemaphoreOp::AcquireTimeout { to: self.target(to, Type::Bool) })
            }
            Action::TryAcquire => semaphore(object, SemaphoreOp::TryAcquire { to: self.target(to, Type::Bool) }),
            Action::Release { permits } => {
                semaphore(object, SemaphoreOp::Release { scoped: Scoped::Call, permits: *permits })
            }
            Action::Barrier(action) => {
                let op = match action {
                    BarrierAction::Abort => BarrierOp::Abort,
                    BarrierAction::Reset => BarrierOp::Reset,
                    BarrierAction::IsBroken => BarrierOp::IsBroken { to: self.target(to, Type::Bool) },
                    BarrierAction::Wait | BarrierAction::WaitTimeout => unreachable!("a result"),
                };
                Op::Barrier { barrier: object, op }
            }
            Action::StartTimer => Op::Timer { timer: object, op: TimerOp::Start },
            Action::CancelTimer => Op::Timer { timer: object, op: TimerOp::Cancel { to: self.target(to, Type::Bool) } },
            Action::IsCompleted => {
                Op::Once { once: object, op: OnceOp::IsCompleted { to: self.target(to, Type::Bool) } }
            }
            Action::Event(action) => {
                let op = match action {
                    EventAction::Set => EventOp::Set,
                    EventAction::Clear => EventOp::Clear,
                    EventAction::IsSet => EventOp::IsSet { to: self.target(to, Type::Bool) },
                    EventAction::Wait => EventOp::Wait,
                    EventAction::WaitTimeout => EventOp::WaitTimeout { to: self.target(to, Type::Bool) },
                };
                Op::Event { event: object, op }
            }
            Action::Watch(action) => {
                let op = match action {
                    WatchAction::Send(value) => WatchOp::Send { value: self.operand(value) },
                    WatchAction::Borrow => WatchOp::Borrow { to: self.target(to, self.value_type(used)) },
                    WatchAction::BorrowAndUpdate => {
                        WatchOp::BorrowAndUpdate { to: self.target(to, self.value_type(used)) }
                    }
                    WatchAction::HasChanged => WatchOp::HasChanged { to: self.target(to, Type::Bool) },
                    WatchAction::Close => WatchOp::Close,
                    WatchAction::Changed | WatchAction::WaitFor(_) => unreachable!("a result"),
                };
                Op::Watch { watch: object, op }
            }
            Action::Broadcast(action) => {
                let op = match action {
                    BroadcastAction::Send(value) => BroadcastOp::Send { value: self.operand(value) },
                    BroadcastAction::Subscribe => BroadcastOp::Subscribe,
                    BroadcastAction::Len => BroadcastOp::Len { to: self.target(to, Type::Int) },
                    BroadcastAction::Close => BroadcastOp::Close,
                    BroadcastAction::Recv { .. } => unreachable!("a result"),
                };
                Op::Broadcast { broadcast: object, op }
            }
            Action::Oneshot(action) => {
                let op = match action {
                    OneshotAction::Send(value) => {
                        let value = self.operand(value);
                        OneshotOp::Send { value, to: self.target(to, Type::Bool) }
                    }
                    OneshotAction::Close => OneshotOp::Close,
                    OneshotAction::Recv { .. } => unreachable!("a result"),
                };
                Op::Oneshot { oneshot: object, op }
            }
            Action::Send(value) => {
                let value = self.operand(value);
                channel(object, ChannelOp::Send { value })
            }
            Action::TrySend(value) => {
                let value = self.operand(value);
                channel(object, ChannelOp::TrySend { value, to: self.target(to, Type::Bool) })
            }
            Action::Close => channel(object, ChannelOp::Close),
            Action::Len => channel(object, ChannelOp::Len { to: self.target(to, Type::Int) }),
            Action::Put { value, patience } => {
                let value = self.operand(value);
                let done = match patience {
                    Patience::Forever => None,
                    Patience::NotAtAll | Patience::Timed { .. } => Some(self.target(to, Type::Bool)),
                };
                queue(object, QueueOp::Put { value, patience: *patience, done })
            }
            Action::Get { patience } => {
                let to = self.target(to, self.value_type(used));
                queue(object, QueueOp::Get { patience: *patience, tag: None, to })
            }
            Action::QueueLen => queue(object, QueueOp::Len { to: self.target(to, Type::Int) }),
            Action::IsEmpty => queue(object, QueueOp::IsEmpty { to: self.target(to, Type::Bool) }),
            Action::IsFull => queue(object, QueueOp::IsFull { to: self.target(to, Type::Bool) }),
            Action::TaskDone => queue(object, QueueOp::TaskDone),
            Action::AllDone => queue(object, QueueOp::Join),
            Action::CompareExchange { .. }
            | Action::LockChecked
            | Action::Recv
            | Action::TryRecv
            | Action::RecvTimeout { .. }
            | Action::Join
            | Action::IsAlive
            | Action::IsFinished => {
                unreachable!("a result, or an operation on a thread")
            }
        };
        self.emit_op(op, operation.span);
    }

    /// An operation on a condition variable; `tag`: where it goes whether the mutex of a wait is poisoned, `to`: whether
    /// the wait ended in time.
    fn condvar(&mut self, action: &CondvarAction, tag: Option<LocalId>, to: Option<LocalId>) -> CondvarOp {
        match action {
            CondvarAction::Wait { mutex, .. } | CondvarAction::WaitWhile { mutex, .. } => {
                CondvarOp::Wait { mutex: self.object(mutex), tag }
            }
            CondvarAction::WaitTimeout { mutex, micros, .. } => {
                let (mutex, micros) = (self.object(mutex), *micros);
                CondvarOp::WaitTimeout { mutex, micros, tag, to: self.target(to, Type::Bool) }
            }
            CondvarAction::NotifyOne => CondvarOp::NotifyOne,
            CondvarAction::Notify { count } => CondvarOp::Notify { count: self.operand(count) },
            CondvarAction::NotifyAll => CondvarOp::NotifyAll,
        }
    }

    /// `c.wait_while(m, e)`: `while e { c.wait(m); }`. Where its mutex is a poisoning one, `tag` is where its result goes,
    /// and it ends with the wait that finds the mutex poisoned.
    fn wait_while(&mut self, operation: &Operation, used: &BodyObject, condition: &BodyExpr, tag: Option<LocalId>) {
        let [next, waits, end] = [(); 3].map(|()| self.builder.label());
        let span = operation.span;
        if let Some(tag) = tag {
            self.builder.set(tag, Expr::Const(ResultTag::Some.slot()), span);
        }
        self.builder.bind(next);
        self.condition(condition, waits, end);
        self.builder.bind(waits);
        let object = self.object(used);
        if let (Some(tag), Action::Condvar(action)) = (tag, &operation.action) {
            let op = self.condvar(action, Some(tag), None);
            self.emit_op(Op::Condvar { condvar: object, op }, span);
            self.builder.branch(tag_is(tag, &[ResultTag::Poisoned]), end, next, span);
        } else {
            self.on_object(operation, used, object, None);
            self.builder.jump(next, span);
        }
        self.builder.bind(end);
    }

    /// Where a value goes: a temporary where nobody asks for it.
    fn target(&mut self, to: Option<LocalId>, ty: Type) -> LocalId {
        to.unwrap_or_else(|| self.builder.temporary(ty))
    }

    fn thread(&mut self, used: &ThreadUse) -> ThreadRef {
        let (base, len, first) = {
            let declared = &self.threads[used.thread];
            (declared.base, declared.count, declared.first.unwrap_or(0))
        };
        let index = used.index.as_ref().map(|index| self.operand(index));
        // A constant index is the member itself, if it exists.
        if let Some(Expr::Const(member)) = index
            && let Some(position) = member.checked_sub(first).and_then(|member| position_in(member, len))
        {
            return ThreadRef { base: ThreadId::new(base.index() + position), len: 1, first: 0, index: None };
        }
        ThreadRef { base, len, first, index }
    }

    /// `x = e;`, `x += e;` on a `var`: `e`, then the index, then the read, then the write.
    pub(super) fn write_var(
        &mut self,
        var: &BodyObject,
        op: Option<BinaryOp>,
        value: &BodyExpr,
        target: Span,
        span: Span,
    ) {
        let value = self.operand(value);
        let object = self.object(var);
        let ty = self.value_type(var);
        let value: LocalExpr = match op {
            None => value,
            Some(op) => {
                let old = self.builder.temporary(ty);
                self.emit_op(Op::Var { var: object.clone(), op: VarOp::Read { to: old } }, target);
                let new = binary(op, read(old), value);
                // The old value is not needed any more: its slot holds the new one until it is written.
                if can_fault(&new) {
                    self.builder.set(old, new, span);
                    read(old)
                } else {
                    new
                }
            }
        };
        self.emit_op(Op::Var { var: object, op: VarOp::Write { value } }, span);
    }

    pub(super) fn emit_op(&mut self, op: Op, span: Span) {
        self.builder.emit(InstrKind::Op(op), span);
    }
}
