//! The text of one visible step, in scenario syntax with everything resolved: names, indices, values.
//!
//! A trace is meant to be read, and to be executed again from its text alone by a program that shares nothing with this
//! one. This is the grammar both rely on. `NAME` is an object or a thread with its index (`fork[1]`), `VALUE` an integer
//! or `true`/`false`; what stands in quotes is literal, and no text contains two spaces in a row.
//!
//! ```text
//! row       = STEP text LINE [ note ]                 fields are separated by two spaces or more
//!
//! text      = NAME " → " VALUE                        a read of a `var`
//!           | NAME " = " VALUE                        a write of a `var`
//!           | NAME "." call [ " → " result ]
//!           | NAME ".wait(" NAME ")"                  first step of a wait: release the mutex, begin to wait
//!           | NAME ".wait(" NAME ") lines up for " NAME     once notified, where the mutex serves in order of arrival
//!           | NAME ".wait(" NAME ") re-acquires " NAME [ " → poisoned" ]     its last step, once notified
//!           | NAME ".wait_timeout(" NAME ", " time ")"     the same with a time-out
//!           | NAME ".wait_timeout(" NAME ", " time ") times out"     where it fires: a step of its own
//!           | NAME ".wait_timeout(" NAME ", " time ") lines up for " NAME
//!           | NAME ".wait_timeout(" NAME ", " time ") re-acquires " NAME " → " result
//!           | NAME ".send(" VALUE ") arrives"         rendezvous (`channel c(0)`): the two steps of a send
//!           | NAME ".send(" VALUE ") completes"
//!           | NAME ".recv() arrives"                  and of a receive
//!           | NAME ".wait() arrives"                  barrier: the two steps of a wait, also of `wait_timeout`
//!           | NAME ".wait() completes → " result
//!           | NAME ".recv() completes → " result      (`recv_timeout(` time `)` alike)
//!           | NAME "." call " arrives"                where a lock or a semaphore serves in order of arrival, or one
//!           | NAME "." call " completes" [ " → " result ]     side of an rwlock goes first: the two steps of what can wait
//!           | "fence(" ordering ")"
//!           | "yield" | "sleep(" time ")" | "work(" time ")" | "io(" time ")"
//!           | "choose → " VALUE
//!           | "either → branch " NUMBER               branches are counted from 0, as in schedules
//!           | "atomically { " [ text { "; " text } ] " }"     `atomically` and `when`: the steps inside, in order
//!           | "spawn " NAME "(" [ VALUE { ", " VALUE } ] ") → " NAME     a function, its arguments, the thread that it becomes
//!           | NAME " fires"                           the first step of a timer's thread
//!           | "end"                                   where somebody can observe that the thread ends
//!
//! call      = "lock()" | "unlock()" | "try_lock()" | "lock_timeout(" time ")" | "is_locked()"     mutex; `with m` is lock and unlock
//!                                                                (of a poisoning one also `lock() → poisoned`)
//!           | "read()" | "write()" | "try_read()" | "try_write()" | "read_unlock()" | "write_unlock()"        rwlock
//!           | "notify_one()" | "notify(" NUMBER ")" | "notify_all()"            condvar
//!           | "acquire(" [ NUMBER ] ")" | "try_acquire()" | "release(" [ NUMBER ] ")" | "acquire_timeout()"    semaphore
//!           | "abort()" | "reset()" | "is_broken()"                             barrier
//!           | "call()" [ " begins" | " passes" | " ends" ] | "is_completed()"    once; `begins` and `ends` are those of the block,
//!                                                                and one that finds it failed is `call() → poisoned`
//!           | "start()" | "cancel()"                                            timer
//!           | "set()" | "clear()" | "is_set()" | "wait()" | "wait_timeout()"    event
//!           | "send(" VALUE ")" | "try_send(" VALUE ")" | "recv()" | "try_recv()" | "close()" | "len()"
//!           | "recv_timeout(" time ")"                                         also of a oneshot, whose `send` has a result
//!           | "send(" VALUE ")" | "borrow()" | "borrow_and_update()" | "has_changed()" | "changed()" | "wait_for(" VALUE ")"
//!                                                                              watch; of the last two a result only if it is `closed`
//!           | "subscribe()"                                                     broadcast, and what a channel has
//!           | "put(" VALUE ")" | "try_put(" VALUE ")" | "put_timeout(" VALUE ", " time ")"       queue
//!           | "get()" | "try_get()" | "get_timeout(" time ")"
//!           | "len()" | "is_empty()" | "is_full()" | "task_done()" | "join()"
//!           | "load(" [ ordering ] ")" | "store(" VALUE [ ", " ordering ] ")"
//!           | rmw "(" VALUE [ ", " ordering ] ")"
//!           | "compare_exchange" [ "_weak" ] "(" VALUE ", " VALUE [ ", " ordering ", " ordering ] ")"
//!           | "join()" | "is_alive()" | "is_finished()"                         thread
//! rmw       = "swap" | "fetch_add" | "fetch_sub" | "fetch_and" | "fetch_or" | "fetch_xor" | "fetch_max" | "fetch_min"
//! ordering  = "plain" | "relaxed" | "acquire" | "release" | "acq_rel"           `seq_cst` is left out
//! result    = VALUE | "some(" VALUE ")" | "failed(" VALUE ")" | "failed" | "none" | "closed" | "timeout" | "poisoned"
//! time      = NUMBER ( "us" | "ms" | "s" )
//!
//! note      = remark { "; " remark }
//! remark    = "nobody is waiting" | "wakes " NAME { ", " NAME }       first, beside a notification
//!           | "with " NAME                                            first: the partner of a rendezvous
//!           | words for people
//! ```
//!
//! Of the two orderings of a compare-exchange both are printed or none. A `join` of a thread that ended normally has no
//! result unless it gives a value, and one as a statement of its own has none for a thread started at run time. Where an engine cannot tell a value or an index, `?` stands
//! in its place; the native checker always can.
//!
//! Knows operations and events; does not know columns, colours, or why a step was taken.

use crate::finding::{Event, Phase, Returned, Target};
use crate::program::{
    AtomicOp, BarrierOp, BroadcastOp, ChannelOp, ChoiceOp, CondvarOp, EventOp, InstrKind, LocalObject, MutexOp,
    ObjectId, OnceOp, OneshotOp, Op, Ordering, Patience, PauseKind, Program, QueueOp, ResultTag, RwLockOp, SemaphoreOp,
    SpawnId, SpawnOp, ThreadOp, ThreadRef, TimerOp, Value, VarOp, WatchOp,
};
use crate::schedule::Pick;

/// The text of a step. `mutex` is the one that a condition variable's wait gives back, where the caller knows it better
/// than the program's text does (an element of an array).
#[must_use]
pub fn text(program: &Program, event: &Event, mutex: Option<ObjectId>) -> String {
    let instr = program.instr(event.thread, event.pc);
    match &instr.kind {
        InstrKind::Op(op) => Words { program, event: Some(event), target: event.target, mutex }.operation(op),
        InstrKind::Atomically { .. } => {
            let inside: Vec<String> = event.inside.iter().map(|inner| text(program, inner, None)).collect();
            if inside.is_empty() {
                "atomically { }".to_owned()
            } else {
                format!("atomically {{ {} }}", inside.join("; "))
            }
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
        | InstrKind::Unwound => program.source.quote(instr.span).to_owned(),
    }
}

/// The text of an operation that has not happened: as a step's, with `..` for the values it would use.
#[must_use]
pub fn pending(program: &Program, op: &Op, target: Option<Target>, mutex: Option<ObjectId>) -> String {
    Words { program, event: None, target, mutex }.operation(op)
}

/// What is known about one operation.
struct Words<'a> {
    program: &'a Program,
    /// The step, if it has happened.
    event: Option<&'a Event>,
    target: Option<Target>,
    mutex: Option<ObjectId>,
}

impl Words<'_> {
    fn operation(&self, op: &Op) -> String {
        match op {
            Op::Var { var, op } => {
                let name = self.object(var);
                match (op, self.event) {
                    (VarOp::Read { .. }, Some(_)) => format!("{name}{}", self.result_or("?")),
                    (VarOp::Read { .. }, None) => format!("{name} → .."),
                    (VarOp::Write { .. }, _) => format!("{name} = {}", self.operand(0)),
                }
            }
            Op::Atomic { atomic, op } => format!("{}.{}{}", self.object(atomic), self.atomic(op), self.result()),
            Op::Fence(ordering) => format!("fence({})", ordering.word()),
            Op::Mutex { mutex, op } => {
                let call = match op {
                    MutexOp::Lock { .. } => "lock()".to_owned(),
                    MutexOp::LockChecked { .. } => {
                        return format!("{}.lock(){}", self.object(mutex), self.unusual_result());
                    }
                    MutexOp::TryLock { .. } => "try_lock()".to_owned(),
                    MutexOp::LockTimeout { micros, .. } => format!("lock_timeout({})", duration(*micros)),
                    MutexOp::Unlock { .. } => "unlock()".to_owned(),
                    MutexOp::IsLocked { .. } => "is_locked()".to_owned(),
                };
                format!("{}.{}", self.object(mutex), self.phased(call.as_str()))
            }
            Op::RwLock { rwlock, op } => {
                let call = match op {
                    RwLockOp::Read { .. } => "read",
                    RwLockOp::Write { .. } => "write",
                    RwLockOp::TryRead { .. } => "try_read",
                    RwLockOp::TryWrite { .. } => "try_write",
                    RwLockOp::ReadUnlock { .. } => "read_unlock",
                    RwLockOp::WriteUnlock { .. } => "write_unlock",
                };
                format!("{}.{}", self.object(rwlock), self.phased(&format!("{call}()")))
            }
            Op::Condvar { condvar, op } => format!("{}.{}", self.object(condvar), self.condvar(op)),
            Op::Semaphore { semaphore, op } => {
                let several = |permits: &i64| if *permits == 1 { String::new() } else { permits.to_string() };
                let call = match op {
                    SemaphoreOp::Acquire { permits, .. } => format!("acquire({})", several(permits)),
                    SemaphoreOp::TryAcquire { .. } => "try_acquire()".to_owned(),
                    SemaphoreOp::AcquireTimeout { .. } => "acquire_timeout()".to_owned(),
                    SemaphoreOp::Release { permits, .. } => format!("release({})", several(permits)),
                };
                format!("{}.{}", self.object(semaphore), self.phased(&call))
            }
            Op::Barrier { barrier, op } => {
                let call = match op {
                    BarrierOp::Wait { .. } => "wait",
                    BarrierOp::WaitTimeout { .. } => "wait_timeout",
                    BarrierOp::Abort => "abort",
                    BarrierOp::Reset => "reset",
                    BarrierOp::IsBroken { .. } => "is_broken",
                };
                format!("{}.{}", self.object(barrier), self.phased(&format!("{call}()")))
            }
            Op::Once { once, op } => {
                let call = match op {
                    OnceOp::Begin { .. } => format!("call(){}", self.begun()),
                    OnceOp::End => "call() ends".to_owned(),
                    OnceOp::IsCompleted { .. } => format!("is_completed(){}", self.result()),
                };
                format!("{}.{call}", self.object(once))
            }
            Op::Timer { timer, op } => {
                let name = self.object(timer);
                match op {
                    TimerOp::Start => format!("{name}.start()"),
                    TimerOp::Cancel { .. } => format!("{name}.cancel(){}", self.result()),
                    TimerOp::Fire => format!("{name} fires"),
                }
            }
            Op::Event { event, op } => {
                let call = match op {
                    EventOp::Set => "set",
                    EventOp::Clear => "clear",
                    EventOp::IsSet { .. } => "is_set",
                    EventOp::Wait => "wait",
                    EventOp::WaitTimeout { .. } => "wait_timeout",
                };
                format!("{}.{call}(){}", self.object(event), self.result())
            }
            Op::Channel { channel, op } => format!("{}.{}", self.object(channel), self.channel(op)),
            Op::Oneshot { oneshot, op } => {
                format!("{}.{}{}", self.object(oneshot), self.oneshot(op), self.result())
            }
            Op::Watch { watch, op } => format!("{}.{}", self.object(watch), self.watch(op)),
            Op::Broadcast { broadcast, op } => {
                format!("{}.{}{}", self.object(broadcast), self.broadcast(op), self.result())
            }
            Op::Queue { queue, op } => format!("{}.{}{}", self.object(queue), self.queue(op), self.result()),
            Op::Thread { thread, op } => match op {
                ThreadOp::Join { .. } => format!("{}.join(){}", self.thread(thread), self.unusual_result()),
                ThreadOp::IsAlive { .. } => format!("{}.is_alive(){}", self.thread(thread), self.result()),
            },
            Op::Spawn { function, op } => self.spawn(*function, op),
            Op::Pause(PauseKind::Yield) => "yield".to_owned(),
            Op::Pause(PauseKind::Progress) => "progress".to_owned(),
            Op::Pause(PauseKind::Sleep(time)) => format!("sleep({})", duration(*time)),
            Op::Pause(PauseKind::Work(time)) => format!("work({})", duration(*time)),
            Op::Pause(PauseKind::Io(time)) => format!("io({})", duration(*time)),
            Op::Choice(ChoiceOp::Value { .. }) => format!("choose → {}", self.chosen_value()),
            Op::Choice(ChoiceOp::Branch { .. }) => format!("either → branch {}", self.chosen_branch()),
            Op::End => format!("end{}", self.result()),
        }
    }

    fn spawn(&self, function: SpawnId, op: &SpawnOp) -> String {
        let function = &self.program.spawnable(function).function;
        let thread = match self.target {
            Some(Target::Thread(thread)) => self.program.thread(thread).name.clone(),
            Some(Target::Object(_)) | None => format!("{function}#?"),
        };
        match op {
            SpawnOp::Start { args, .. } => {
                let args: Vec<String> = (0..args.len()).map(|position| self.operand(position)).collect();
                format!("spawn {function}({}) → {thread}", args.join(", "))
            }
            SpawnOp::Wait { .. } => format!("{thread}.join()"),
            SpawnOp::Join { to: None, .. } => format!("{thread}.join(){}", self.unusual_result()),
            SpawnOp::Join { to: Some(_), .. } => format!("{thread}.join(){}", self.result()),
            SpawnOp::IsFinished { .. } => format!("{thread}.is_finished(){}", self.result()),
        }
    }

    fn atomic(&self, op: &AtomicOp) -> String {
        match op {
            AtomicOp::Load { ordering, .. } => format!("load({})", unless_seq_cst("", *ordering)),
            AtomicOp::Store { ordering, .. } => {
                format!("store({}{})", self.operand(0), unless_seq_cst(", ", *ordering))
            }
            AtomicOp::Rmw { op, ordering, .. } => {
                format!("{}({}{})", op.word(), self.operand(0), unless_seq_cst(", ", *ordering))
            }
            AtomicOp::CompareExchange { success, failure, weak, .. } => {
                let word = if *weak { "compare_exchange_weak" } else { "compare_exchange" };
                let orderings = match (success, failure) {
                    (Ordering::SeqCst, Ordering::SeqCst) => String::new(),
                    (success, failure) => format!(", {}, {}", success.word(), failure.word()),
                };
                format!("{word}({}, {}{orderings})", self.operand(0), self.operand(1))
            }
        }
    }

    fn condvar(&self, op: &CondvarOp) -> String {
        match op {
            CondvarOp::Wait { mutex, .. } => {
                let mutex = object_name(self.program, mutex, self.mutex);
                self.waits(&format!("wait({mutex})"), &mutex, &self.unusual_result())
            }
            CondvarOp::WaitTimeout { mutex, micros, .. } => {
                let mutex = object_name(self.program, mutex, self.mutex);
                self.waits(&format!("wait_timeout({mutex}, {})", duration(*micros)), &mutex, &self.result())
            }
            CondvarOp::NotifyOne => "notify_one()".to_owned(),
            CondvarOp::Notify { .. } => format!("notify({})", self.operand(0)),
            CondvarOp::NotifyAll => "notify_all()".to_owned(),
        }
    }

    /// A wait on a condition variable, and which of its steps it is; `result`: what the last one gave.
    fn waits(&self, call: &str, mutex: &str, result: &str) -> String {
        match self.event.map(|event| event.phase) {
            Some(Phase::Wake) if self.event.is_some_and(|event| event.pick == Pick::Spurious) => {
                format!("{call} wakes for no reason")
            }
            Some(Phase::Wake) => format!("{call} times out"),
            Some(Phase::LineUp) => format!("{call} lines up for {mutex}"),
            Some(Phase::Complete) => format!("{call} re-acquires {mutex}{result}"),
            Some(Phase::Arrive | Phase::Whole) | None => call.to_owned(),
        }
    }

    fn channel(&self, op: &ChannelOp) -> String {
        let call = match op {
            ChannelOp::Send { .. } => format!("send({})", self.operand(0)),
            ChannelOp::Recv { .. } => "recv()".to_owned(),
            ChannelOp::TrySend { .. } => format!("try_send({})", self.operand(0)),
            ChannelOp::TryRecv { .. } => "try_recv()".to_owned(),
            ChannelOp::RecvTimeout { micros, .. } => format!("recv_timeout({})", duration(*micros)),
            ChannelOp::Close => "close()".to_owned(),
            ChannelOp::Len { .. } => "len()".to_owned(),
        };
        self.phased(&call)
    }

    /// A call with its result, and which of its two steps it is.
    fn phased(&self, call: &str) -> String {
        match self.event.map(|event| event.phase) {
            Some(Phase::Arrive) => format!("{call} arrives"),
            Some(Phase::Wake) => format!("{call} wakes"),
            Some(Phase::LineUp) => format!("{call} lines up"),
            Some(Phase::Complete) => format!("{call} completes{}", self.result()),
            Some(Phase::Whole) | None => format!("{call}{}", self.result()),
        }
    }

    fn oneshot(&self, op: &OneshotOp) -> String {
        match op {
            OneshotOp::Send { .. } => format!("send({})", self.operand(0)),
            OneshotOp::Recv { patience, .. } => receive(*patience),
            OneshotOp::Close => "close()".to_owned(),
        }
    }

    fn watch(&self, op: &WatchOp) -> String {
        match op {
            WatchOp::Send { .. } => format!("send({})", self.operand(0)),
            WatchOp::Borrow { .. } => format!("borrow(){}", self.result()),
            WatchOp::BorrowAndUpdate { .. } => format!("borrow_and_update(){}", self.result()),
            WatchOp::HasChanged { .. } => format!("has_changed(){}", self.result()),
            WatchOp::Changed { .. } => format!("changed(){}", self.unusual_result()),
            WatchOp::WaitFor { .. } => format!("wait_for({}){}", self.operand(0), self.unusual_result()),
            WatchOp::Close => "close()".to_owned(),
        }
    }

    fn broadcast(&self, op: &BroadcastOp) -> String {
        match op {
            BroadcastOp::Send { .. } => format!("send({})", self.operand(0)),
            BroadcastOp::Recv { patience, .. } => receive(*patience),
            BroadcastOp::Subscribe => "subscribe()".to_owned(),
            BroadcastOp::Len { .. } => "len()".to_owned(),
            BroadcastOp::Close => "close()".to_owned(),
        }
    }

    fn queue(&self, op: &QueueOp) -> String {
        match op {
            QueueOp::Put { patience, .. } => {
                let item = self.operand(0);
                match patience {
                    Patience::Forever => format!("put({item})"),
                    Patience::NotAtAll => format!("try_put({item})"),
                    Patience::Timed { micros } => format!("put_timeout({item}, {})", duration(*micros)),
                }
            }
            QueueOp::Get { patience, .. } => match patience {
                Patience::Forever => "get()".to_owned(),
                Patience::NotAtAll => "try_get()".to_owned(),
                Patience::Timed { micros } => format!("get_timeout({})", duration(*micros)),
            },
            QueueOp::Len { .. } => "len()".to_owned(),
            QueueOp::IsEmpty { .. } => "is_empty()".to_owned(),
            QueueOp::IsFull { .. } => "is_full()".to_owned(),
            QueueOp::TaskDone => "task_done()".to_owned(),
            QueueOp::Join => "join()".to_owned(),
        }
    }

    fn object(&self, reference: &LocalObject) -> String {
        let target = match self.target {
            Some(Target::Object(object)) => Some(object),
            Some(Target::Thread(_)) | None => None,
        };
        object_name(self.program, reference, target)
    }

    fn thread(&self, reference: &ThreadRef) -> String {
        let first = self.program.thread(reference.base);
        match (self.target, &reference.index) {
            (Some(Target::Thread(thread)), _) => self.program.thread(thread).name.clone(),
            (Some(Target::Object(_)) | None, None) => first.name.clone(),
            (Some(Target::Object(_)) | None, Some(_)) => format!("{}[?]", first.group),
        }
    }

    /// An evaluated operand; `..` where the operation has not happened, `?` where nobody recorded it.
    fn operand(&self, position: usize) -> String {
        let Some(event) = self.event else { return "..".to_owned() };
        event.operands.get(position).map_or_else(|| "?".to_owned(), Value::to_string)
    }

    /// ` → result`, or nothing where the operation gave nothing.
    fn result(&self) -> String {
        self.event
            .and_then(|event| event.returned)
            .map_or_else(String::new, |returned| format!(" → {}", result(returned)))
    }

    fn result_or(&self, unknown: &str) -> String {
        let result = self.result();
        if result.is_empty() { format!(" → {unknown}") } else { result }
    }

    /// Whether a `call` runs the block, where it has gone on.
    fn begun(&self) -> String {
        match self.event.and_then(|event| event.returned) {
            Some(Returned::Tagged(ResultTag::Some, Some(Value::Bool(true)))) => " begins".to_owned(),
            Some(Returned::Tagged(ResultTag::Some, _)) => " passes".to_owned(),
            Some(Returned::Tagged(..) | Returned::Value(_)) | None => self.result(),
        }
    }

    /// A `join` of a thread that ended normally has nothing to say, nor has a lock that is not poisoned, nor a wait whose
    /// mutex is not, nor a change of a watched value.
    fn unusual_result(&self) -> String {
        match self.event.and_then(|event| event.returned) {
            Some(Returned::Tagged(ResultTag::Some, _)) => String::new(),
            Some(Returned::Tagged(..) | Returned::Value(_)) | None => self.result(),
        }
    }

    fn chosen_value(&self) -> String {
        match self.event.map(|event| (event.pick, event.returned)) {
            Some((Pick::Value(value), _)) => value.to_string(),
            Some((_, Some(returned))) => result(returned),
            Some((_, None)) => "?".to_owned(),
            None => "..".to_owned(),
        }
    }

    fn chosen_branch(&self) -> String {
        match self.event {
            None => "..".to_owned(),
            Some(event) => match event.pick {
                Pick::Branch(branch) => branch.to_string(),
                Pick::Only
                | Pick::Waiter(_)
                | Pick::Waiters(_)
                | Pick::Value(_)
                | Pick::Timeout
                | Pick::Spurious
                | Pick::Message(_)
                | Pick::WeakFailure
                | Pick::Cancel
                | Pick::Death => "?".to_owned(),
            },
        }
    }
}

/// The call of a receive.
fn receive(patience: Patience) -> String {
    match patience {
        Patience::Forever => "recv()".to_owned(),
        Patience::NotAtAll => "try_recv()".to_owned(),
        Patience::Timed { micros } => format!("recv_timeout({})", duration(micros)),
    }
}

/// The name of the object meant: the one known, or the only one there is.
fn object_name(program: &Program, reference: &LocalObject, known: Option<ObjectId>) -> String {
    match (known, &reference.index) {
        (Some(object), _) => program.object(object).name.clone(),
        (None, None) => program.object(reference.base).name.clone(),
        (None, Some(_)) => format!("{}[?]", program.object(reference.base).group),
    }
}

fn result(returned: Returned) -> String {
    match returned {
        Returned::Value(value) => value.to_string(),
        Returned::Tagged(tag, Some(value)) => format!("{}({value})", tag.word()),
        Returned::Tagged(tag, None) => tag.word().to_owned(),
    }
}

fn unless_seq_cst(comma: &str, ordering: Ordering) -> String {
    match ordering {
        Ordering::SeqCst => String::new(),
        Ordering::Plain | Ordering::Relaxed | Ordering::Acquire | Ordering::Release | Ordering::AcqRel => {
            format!("{comma}{}", ordering.word())
        }
    }
}

/// Microseconds in the largest unit of the language that fits.
fn duration(microseconds: u64) -> String {
    match microseconds {
        whole if whole >= 1_000_000 && whole % 1_000_000 == 0 => format!("{}s", whole / 1_000_000),
        whole if whole >= 1_000 && whole % 1_000 == 0 => format!("{}ms", whole / 1_000),
        other => format!("{other}us"),
    }
}
