//! The constructs that capability tables speak of, and where a program uses them.

use crate::program::{
    AtomicOp, BarrierOp, BroadcastOp, Capacity, ChannelOp, ChoiceOp, Code, CondvarOp, EventOp, InstrKind, LocalObject,
    MutexKind, MutexOp, ObjectId, ObjectKind, ObjectRef, OneshotOp, Op, Ordering, Patience, PauseKind, Pc, Preference,
    Program, QueueOp, RwLockOp, SemaphoreOp, Service, Span, SpawnOp, ThreadId, ThreadOp, WakeUps,
};
use std::collections::BTreeSet;

macro_rules! constructs {
    ($($(#[$doc:meta])* $name:ident => $words:literal,)*) => {
        /// A construct of the language that an engine can express or not.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub enum Construct {
            $($(#[$doc])* $name,)*
        }

        impl Construct {
            /// All of them, in the order of every table.
            pub const ALL: &'static [Construct] = &[$(Construct::$name,)*];

            /// In words of the language.
            #[must_use]
            pub fn words(self) -> &'static str {
                match self {
                    $(Construct::$name => $words,)*
                }
            }
        }
    };
}

constructs! {
    /// Plain memory.
    Var => "`var`",
    /// Atomic loads, stores and read-modify-writes.
    Atomic => "`atomic`",
    /// `compare_exchange_weak`
    WeakExchange => "`compare_exchange_weak`",
    /// `plain` accesses of an atomic.
    PlainAccess => "`plain`",
    /// `fence`
    Fence => "`fence`",
    /// `lock`, `unlock`, `with`
    Mutex => "`mutex`",
    /// `try_lock`
    TryLock => "`try_lock`",
    /// `is_locked`
    IsLocked => "`is_locked`",
    /// `read`, `write`, `read_unlock`, `write_unlock`, `with`
    RwLock => "`rwlock`",
    /// `try_read`, `try_write`
    RwLockTry => "`try_read`, `try_write`",
    /// `writer_preference`, `reader_preference`
    Preference => "`writer_preference`, `reader_preference`",
    /// `fifo mutex`, `fifo semaphore`, `fifo rwlock`, `fifo condvar`
    Fifo => "`fifo`",
    /// `reentrant mutex`
    Reentrant => "`reentrant mutex`",
    /// `poisoning mutex`
    Poisoning => "`poisoning mutex`",
    /// `wait`, `notify_all`, and `notify_one` where at most one thread can wait.
    Condvar => "`condvar`",
    /// `notify_one` where several threads can wait.
    NotifyOne => "`notify_one`",
    /// `option spurious_wakeups`
    SpuriousWakeUps => "`spurious_wakeups`",
    /// `notify(n)`
    NotifySeveral => "`notify(n)`",
    /// `acquire`, `release`, `with`
    Semaphore => "`semaphore`",
    /// `try_acquire`
    TryAcquire => "`try_acquire`",
    /// `wait`, `abort`, `reset`, `is_broken` of a barrier.
    Barrier => "`barrier`",
    /// `set`, `clear`, `is_set`, `wait` of an event.
    Event => "`event`",
    /// `call`, `is_completed` of a once.
    Once => "`once`",
    /// `start`, `cancel` of a timer.
    Timer => "`timer`",
    /// A timer in a program with daemons.
    TimerBesideDaemon => "`timer` beside `daemon thread`",
    /// Channels that hold messages: `send`, `recv`, `close`
    Channel => "`channel`",
    /// `try_send`, `try_recv`, `len` on such channels.
    ChannelTry => "`try_send`, `try_recv`, `len`",
    /// Rendezvous channels.
    Rendezvous => "`channel(0)`",
    /// One-shot channels.
    Oneshot => "`oneshot`",
    /// Watched values.
    Watch => "`watch`",
    /// Broadcasts, with all that never waits for a time.
    Broadcast => "`broadcast`",
    /// Python's queues, with all that never waits for a time.
    Queue => "`queue`",
    /// Operations with a time-out.
    Timeout => "`…_timeout`",
    /// `closed by`
    ClosedBy => "`closed by`",
    /// `join`
    Join => "`join`",
    /// `spawn`
    Spawn => "`spawn`",
    /// `is_finished`
    IsFinished => "`is_finished`",
    /// `is_alive`
    IsAlive => "`is_alive`",
    /// `daemon thread`
    Daemon => "`daemon thread`",
    /// `yield`, `sleep`, `work`, `io`
    Pause => "`yield`, `sleep`, `work`, `io`",
    /// `choose`
    Choose => "`choose`",
    /// `either`
    Either => "`either`",
    /// `assume`
    Assume => "`assume`",
    /// `atomically`, `when`, on objects that are used nowhere else.
    Block => "`atomically`, `when`",
    /// `atomically`, `when`, on objects that are also used outside such blocks.
    OpenBlock => "`atomically`, `when` on what is also used outside",
}

/// Every construct that a program uses, with a place of each use, in no particular order.
pub(crate) fn places(program: &Program) -> Vec<(Construct, Span)> {
    let mut places = Vec::new();
    for object in &program.objects {
        match &object.kind {
            ObjectKind::Mutex(MutexKind::Reentrant) => places.push((Construct::Reentrant, object.span)),
            ObjectKind::Mutex(MutexKind::Poisoning) => places.push((Construct::Poisoning, object.span)),
            ObjectKind::Mutex(MutexKind::Fifo)
            | ObjectKind::RwLock(Preference::Fifo)
            | ObjectKind::Semaphore { service: Service::Fifo, .. } => places.push((Construct::Fifo, object.span)),
            ObjectKind::Condvar { service, wake_ups } => {
                if *service == Service::Fifo {
                    places.push((Construct::Fifo, object.span));
                }
                if *wake_ups == WakeUps::Spurious {
                    places.push((Construct::SpuriousWakeUps, object.span));
                }
            }
            ObjectKind::RwLock(Preference::Writers | Preference::Readers) => {
                places.push((Construct::Preference, object.span));
            }
            ObjectKind::Channel { .. }
            | ObjectKind::Oneshot { .. }
            | ObjectKind::Watch { .. }
            | ObjectKind::Broadcast { .. }
            | ObjectKind::Var { .. }
            | ObjectKind::Atomic { .. }
            | ObjectKind::Mutex(MutexKind::Plain)
            | ObjectKind::RwLock(Preference::Anybody)
            | ObjectKind::Semaphore { service: Service::Anybody, .. }
            | ObjectKind::Event
            | ObjectKind::Once
            | ObjectKind::Timer { .. }
            | ObjectKind::Queue { .. }
            | ObjectKind::Barrier { .. } => {}
        }
        if object.kind.closed_by().is_some() {
            places.push((Construct::ClosedBy, object.span));
        }
    }
    for thread in program.declared().filter(|thread| thread.daemon) {
        places.push((Construct::Daemon, thread.span));
    }
    if program.threads.iter().any(|thread| thread.daemon) {
        let timers = program.threads.iter().filter(|thread| thread.timer.is_some());
        places.extend(timers.map(|thread| (Construct::TimerBesideDaemon, thread.span)));
    }
    for instr in program.codes.iter().flat_map(|code| &code.instrs) {
        match &instr.kind {
            InstrKind::Op(op) => operation(program, op, instr.span, &mut places),
            InstrKind::Assume { .. } => places.push((Construct::Assume, instr.span)),
            InstrKind::Atomically { .. } => places.push((Construct::Block, instr.span)),
            InstrKind::Set { .. }
            | InstrKind::Jump(_)
            | InstrKind::Branch { .. }
            | InstrKind::Assert { .. }
            | InstrKind::Panic { .. }
            | InstrKind::Guard { .. }
            | InstrKind::EndAtomically
            | InstrKind::Halt
            | InstrKind::Unwound => {}
        }
    }
    places.extend(open_blocks(program).map(|span| (Construct::OpenBlock, span)));
    places
}

fn operation(program: &Program, op: &Op, span: Span, places: &mut Vec<(Construct, Span)>) {
    let mut uses = |construct| places.push((construct, span));
    match op {
        Op::Var { .. } => uses(Construct::Var),
        Op::Atomic { op, .. } => {
            uses(Construct::Atomic);
            match op {
                AtomicOp::CompareExchange { weak: true, .. } => uses(Construct::WeakExchange),
                AtomicOp::Load { ordering: Ordering::Plain, .. }
                | AtomicOp::Store { ordering: Ordering::Plain, .. } => {
                    uses(Construct::PlainAccess);
                }
                AtomicOp::CompareExchange { weak: false, .. }
                | AtomicOp::Load { .. }
                | AtomicOp::Store { .. }
                | AtomicOp::Rmw { .. } => {}
            }
        }
        Op::Fence(_) => uses(Construct::Fence),
        Op::Mutex { op, .. } => match op {
            MutexOp::Lock { .. } | MutexOp::LockChecked { .. } | MutexOp::Unlock { .. } => uses(Construct::Mutex),
            MutexOp::TryLock { .. } => uses(Construct::TryLock),
            MutexOp::LockTimeout { .. } => {
                uses(Construct::TryLock);
                uses(Construct::Timeout);
            }
            MutexOp::IsLocked { .. } => uses(Construct::IsLocked),
        },
        Op::RwLock { op, .. } => match op {
            RwLockOp::Read { .. }
            | RwLockOp::Write { .. }
            | RwLockOp::ReadUnlock { .. }
            | RwLockOp::WriteUnlock { .. } => uses(Construct::RwLock),
            RwLockOp::TryRead { .. } | RwLockOp::TryWrite { .. } => uses(Construct::RwLockTry),
        },
        Op::Condvar { condvar, op } => match op {
            CondvarOp::NotifyOne if possible_waiters(program, condvar) > 1 => uses(Construct::NotifyOne),
            CondvarOp::NotifyOne | CondvarOp::Wait { .. } | CondvarOp::NotifyAll => uses(Construct::Condvar),
            CondvarOp::Notify { .. } => uses(Construct::NotifySeveral),
            CondvarOp::WaitTimeout { .. } => {
                uses(Construct::Condvar);
                uses(Construct::Timeout);
            }
        },
        Op::Semaphore { op, .. } => match op {
            SemaphoreOp::Acquire { .. } | SemaphoreOp::Release { .. } => uses(Construct::Semaphore),
            SemaphoreOp::TryAcquire { .. } => uses(Construct::TryAcquire),
            SemaphoreOp::AcquireTimeout { .. } => {
                uses(Construct::TryAcquire);
                uses(Construct::Timeout);
            }
        },
        Op::Barrier { op, .. } => {
            uses(Construct::Barrier);
            if matches!(op, BarrierOp::WaitTimeout { .. }) {
                uses(Construct::Timeout);
            }
        }
        Op::Once { .. } => uses(Construct::Once),
        Op::Timer { .. } => uses(Construct::Timer),
        Op::Event { op, .. } => match op {
            EventOp::Set | EventOp::Clear | EventOp::IsSet { .. } | EventOp::Wait => uses(Construct::Event),
            EventOp::WaitTimeout { .. } => {
                uses(Construct::Event);
                uses(Construct::Timeout);
            }
        },
        Op::Channel { channel, op } => {
            if matches!(op, ChannelOp::RecvTimeout { .. }) {
                uses(Construct::Timeout);
            }
            if is_rendezvous(program, channel.base) {
                return uses(Construct::Rendezvous);
            }
            match op {
                ChannelOp::Send { .. } | ChannelOp::Recv { .. } | ChannelOp::Close => uses(Construct::Channel),
                ChannelOp::TrySend { .. }
                | ChannelOp::TryRecv { .. }
                | ChannelOp::RecvTimeout { .. }
                | ChannelOp::Len { .. } => uses(Construct::ChannelTry),
            }
        }
        Op::Oneshot { op, .. } => {
            uses(Construct::Oneshot);
            if matches!(op, OneshotOp::Recv { patience: Patience::Timed { .. }, .. }) {
                uses(Construct::Timeout);
            }
        }
        Op::Watch { .. } => uses(Construct::Watch),
        Op::Broadcast { op, .. } => {
            uses(Construct::Broadcast);
            if matches!(op, BroadcastOp::Recv { patience: Patience::Timed { .. }, .. }) {
                uses(Construct::Timeout);
            }
        }
        Op::Queue { op, .. } => match op {
            QueueOp::Put { patience: Patience::Timed { .. }, .. }
            | QueueOp::Get { patience: Patience::Timed { .. }, .. } => uses(Construct::Timeout),
            QueueOp::Put { .. }
            | QueueOp::Get { .. }
            | QueueOp::Len { .. }
            | QueueOp::IsEmpty { .. }
            | QueueOp::IsFull { .. }
            | QueueOp::TaskDone
            | QueueOp::Join => uses(Construct::Queue),
        },
        Op::Thread { op, .. } => match op {
            ThreadOp::Join { .. } => uses(Construct::Join),
            ThreadOp::IsAlive { .. } => uses(Construct::IsAlive),
        },
        Op::Spawn { op, .. } => match op {
            SpawnOp::Start { .. } => uses(Construct::Spawn),
            SpawnOp::Wait { .. } | SpawnOp::Join { .. } => uses(Construct::Join),
            SpawnOp::IsFinished { .. } => uses(Construct::IsFinished),
        },
        Op::Pause(_) => uses(Construct::Pause),
        Op::Choice(ChoiceOp::Value { .. }) => uses(Construct::Choose),
        Op::Choice(ChoiceOp::Branch { .. }) => uses(Construct::Either),
        Op::End => {}
    }
}

fn is_rendezvous(program: &Program, channel: ObjectId) -> bool {
    matches!(program.object(channel).kind, ObjectKind::Channel { capacity: Capacity::Rendezvous, .. })
}

/// How many threads have a `wait` that may be on the same condition variable.
fn possible_waiters(program: &Program, condvar: &LocalObject) -> usize {
    let overlaps = |other: &LocalObject| elements(other).any(|id| elements(condvar).any(|mine| mine == id));
    let waits = |op: &Op| match op {
        Op::Condvar { condvar, op } => op.waits_with().is_some() && overlaps(condvar),
        Op::Var { .. }
        | Op::Atomic { .. }
        | Op::Fence(_)
        | Op::Mutex { .. }
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
        | Op::Thread { .. }
        | Op::Spawn { .. }
        | Op::Pause(_)
        | Op::Choice(_)
        | Op::End => false,
    };
    let may_wait = |thread: &crate::program::ThreadId| {
        program.code_of(*thread).instrs.iter().any(|instr| matches!(&instr.kind, InstrKind::Op(op) if waits(op)))
    };
    program.thread_ids().filter(may_wait).count()
}

/// Every object that a name with an index may mean.
pub(crate) fn elements<L>(object: &ObjectRef<L>) -> impl Iterator<Item = ObjectId> + use<L> {
    let base = object.base.index();
    let len = usize::try_from(object.len).expect("u32 fits into usize");
    (base..base + len).map(ObjectId::new)
}

/// The pauses of a code that a thread may come to again and again; `progress` takes no time.
pub(crate) fn pauses_in_loops(code: &Code) -> BTreeSet<Pc> {
    let is_pause = |pc: &Pc| {
        let kind = &code.instrs[pc.index()].kind;
        matches!(kind, InstrKind::Op(Op::Pause(pause)) if *pause != PauseKind::Progress)
    };
    (0..code.instrs.len()).map(Pc::new).filter(|pc| is_pause(pc) && is_in_loop(code, *pc)).collect()
}

/// Whether an instruction can come after itself.
fn is_in_loop(code: &Code, pc: Pc) -> bool {
    let mut reached = vec![false; code.instrs.len()];
    let mut open = vec![pc];
    while let Some(from) = open.pop() {
        for to in successors(code, from) {
            if to == pc {
                return true;
            }
            if let Some(reached) = reached.get_mut(to.index()).filter(|reached| !**reached) {
                *reached = true;
                open.push(to);
            }
        }
    }
    false
}

/// Where a thread may go on behind an instruction that does not fail.
pub(crate) fn successors(code: &Code, pc: Pc) -> Vec<Pc> {
    let instr = &code.instrs[pc.index()];
    let next = Pc(pc.0 + 1);
    match &instr.kind {
        InstrKind::Jump(to) => vec![*to],
        InstrKind::Branch { then, otherwise, .. } => vec![*then, *otherwise],
        InstrKind::Op(Op::Choice(ChoiceOp::Branch { branches })) => branches.clone(),
        InstrKind::Halt | InstrKind::Unwound | InstrKind::Panic { .. } => Vec::new(),
        InstrKind::Op(_)
        | InstrKind::Set { .. }
        | InstrKind::Assert { .. }
        | InstrKind::Assume { .. }
        | InstrKind::Atomically { .. }
        | InstrKind::Guard { .. }
        | InstrKind::EndAtomically => vec![next],
    }
}

/// The indivisible blocks that touch an object which is also touched outside such blocks.
fn open_blocks(program: &Program) -> impl Iterator<Item = Span> {
    let mut outside = BTreeSet::new();
    let mut inside = Vec::new();
    // A thread never ends inside a block.
    let mut asks = Vec::new();
    for code in &program.codes {
        let mut block = None;
        for instr in &code.instrs {
            match &instr.kind {
                InstrKind::Atomically { .. } => block = Some(instr.span),
                InstrKind::EndAtomically => block = None,
                InstrKind::Op(op) => {
                    if !observed(program, op).is_empty() {
                        asks.extend(block);
                    }
                    for object in touched(op) {
                        match block {
                            Some(span) => inside.push((object, span)),
                            None => {
                                outside.insert(object);
                            }
                        }
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
    inside.into_iter().filter(move |(object, _)| outside.contains(object)).map(|(_, span)| span).chain(asks)
}

/// The threads whose end an operation may observe.
pub(crate) fn observed(program: &Program, op: &Op) -> Vec<ThreadId> {
    match op {
        Op::Thread { thread, .. } => {
            let base = thread.base.index();
            (base..base + usize::try_from(thread.len).expect("u32 fits into usize")).map(ThreadId::new).collect()
        }
        Op::Spawn { function, op } if op.handle().is_some() => program.spawnable(*function).threads().collect(),
        Op::Spawn { .. }
        | Op::Var { .. }
        | Op::Atomic { .. }
        | Op::Fence(_)
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
        | Op::Pause(_)
        | Op::Choice(_)
        | Op::End => Vec::new(),
    }
}

/// The objects that an operation may touch.
pub(crate) fn touched(op: &Op) -> Vec<ObjectId> {
    match op {
        Op::Var { var: object, .. }
        | Op::Atomic { atomic: object, .. }
        | Op::Mutex { mutex: object, .. }
        | Op::RwLock { rwlock: object, .. }
        | Op::Semaphore { semaphore: object, .. }
        | Op::Event { event: object, .. }
        | Op::Once { once: object, .. }
        | Op::Timer { timer: object, .. }
        | Op::Barrier { barrier: object, .. }
        | Op::Channel { channel: object, .. }
        | Op::Oneshot { oneshot: object, .. }
        | Op::Watch { watch: object, .. }
        | Op::Broadcast { broadcast: object, .. }
        | Op::Queue { queue: object, .. } => elements(object).collect(),
        Op::Condvar { condvar, op } => {
            elements(condvar).chain(op.waits_with().into_iter().flat_map(elements)).collect()
        }
        Op::Fence(_) | Op::Thread { .. } | Op::Spawn { .. } | Op::Pause(_) | Op::Choice(_) | Op::End => Vec::new(),
    }
}
