//! The text of one step, taken apart: the grammar that the report's printer documents, and nothing else.

/// One visible step.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Step {
    /// `x → 1`
    Read { name: String, value: i64 },
    /// `x = 1`
    Write { name: String, value: i64 },
    /// `m.lock()`
    Call { name: String, call: Call },
    /// `atomically { x → 1; y = 2 }`
    Inside(Vec<Step>),
    /// `yield`, `work(5ms)`, `fence(acquire)`: nothing that can be seen afterwards.
    Pause,
    /// `choose → 1`, `either → branch 2`
    Chosen,
    /// `cell[?] = ?`: the index is outside the array, so nothing was touched and the thread panics.
    Fault { name: String },
    /// `spawn f(1) → f#1`
    Spawn { function: String, thread: String },
    /// `t fires`
    Fires { name: String },
    /// `end`
    End { failed: bool },
}

/// An operation on an object or a thread, with what it gave.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Call {
    Lock,
    /// The first of two steps, where it matters who waits.
    LinesUp(Want),
    /// The second one.
    Turn(Box<Call>),
    /// The same on a poisoned mutex.
    LockPoisoned,
    TryLock(bool),
    Unlock,
    IsLocked(bool),
    ReadLock,
    WriteLock,
    TryRead(bool),
    TryWrite(bool),
    ReadUnlock,
    WriteUnlock,
    Wait {
        mutex: String,
    },
    /// The time-out of a wait fires.
    TimesOut,
    WakesForNothing,
    /// Whoever waits no longer lines up for its mutex.
    LinesUpAgain {
        mutex: String,
    },
    /// With what a `wait_timeout` gave, and whether the mutex is poisoned.
    Reacquire {
        mutex: String,
        notified: Option<bool>,
        poisoned: bool,
    },
    NotifyOne,
    Notify(i64),
    NotifyAll,
    Acquire(i64),
    AcquireTimeout(bool),
    TryAcquire(bool),
    Release(i64),
    BarrierArrives,
    /// The result as printed.
    BarrierCompletes(String),
    Abort,
    Reset,
    IsBroken(bool),
    StartTimer,
    Cancel(bool),
    /// `call()` of a once; whether this thread runs the block.
    RunsOnce {
        runs: bool,
    },
    /// The same on a poisoned once.
    FindsPoison,
    /// The end of its block.
    EndsBlock,
    IsCompleted(bool),
    Set,
    Clear,
    IsSet(bool),
    WaitForEvent,
    WaitTimeout(bool),
    Load(i64),
    Store(i64),
    Rmw {
        operation: String,
        operand: i64,
        old: Option<i64>,
    },
    /// `Ok`: it succeeded; with the value that was there.
    CompareExchange {
        weak: bool,
        expected: i64,
        new: i64,
        outcome: Result<i64, i64>,
    },
    Send(i64),
    /// A receive that says that values were missed; how many, if anybody counts.
    Missed(Option<i64>),
    Subscribe,
    /// Of a watched value.
    Borrow {
        value: i64,
        update: bool,
    },
    HasChanged(bool),
    Changed {
        closed: bool,
    },
    WaitFor {
        value: i64,
        closed: bool,
    },
    /// A send that says whether it was one.
    SendAnswered {
        message: i64,
        sent: bool,
    },
    TrySend {
        message: i64,
        sent: bool,
    },
    /// `None`: closed.
    Recv(Option<i64>),
    /// `Err`: nothing there; otherwise as `Recv`.
    TryRecv(Result<Option<i64>, ()>),
    /// `Err`: timed out.
    TimedRecv(Result<Option<i64>, ()>),
    TimedRecvCompletes(Result<Option<i64>, ()>),
    Queue(QueueCall),
    Close,
    Len(i64),
    SendArrives(i64),
    SendCompletes(i64),
    RecvArrives,
    RecvCompletes(Option<i64>),
    Join {
        failed: bool,
    },
    /// `join` of a thread started at run time where nobody looks at how it ended, or where it ended normally and gives no
    /// value.
    Await,
    IsAlive(bool),
    IsFinished(bool),
}

/// What a thread waits for in a line.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Want {
    Lock,
    Read,
    Write,
    Permits(i64),
}

/// An operation on a queue.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum QueueCall {
    Put(i64),
    /// `try_put`, `put_timeout`.
    MayPut {
        item: i64,
        done: bool,
    },
    Get(i64),
    /// `try_get`, `get_timeout`; `None`: nothing came.
    MayGet(Option<i64>),
    IsEmpty(bool),
    IsFull(bool),
    TaskDone,
}

/// Reads a step.
pub(crate) fn step(text: &str) -> Result<Step, String> {
    read(text).ok_or_else(|| format!("not a step: `{text}`"))
}

fn read(text: &str) -> Option<Step> {
    if let Some(inside) = text.strip_prefix("atomically {").and_then(|rest| rest.strip_suffix('}')) {
        let steps = inside.split(';').map(str::trim).filter(|step| !step.is_empty());
        return steps.map(read).collect::<Option<_>>().map(Step::Inside);
    }
    if let Some((name, _)) = text.split_once("[?]") {
        return Some(Step::Fault { name: name.to_owned() });
    }
    let word = text.split(['(', ' ']).next()?;
    match word {
        "yield" | "progress" | "sleep" | "work" | "io" | "fence" => return Some(Step::Pause),
        "choose" | "either" => return Some(Step::Chosen),
        "spawn" => {
            let (started, thread) = text.strip_prefix("spawn ")?.split_once(" → ")?;
            let function = started.split('(').next()?.to_owned();
            return Some(Step::Spawn { function, thread: thread.to_owned() });
        }
        "end" => return Some(Step::End { failed: text == "end → failed" }),
        _ => {}
    }
    if let Some(name) = text.strip_suffix(" fires") {
        return Some(Step::Fires { name: name.to_owned() });
    }
    let Some((head, tail)) = text.split_once('(') else {
        return match (text.split_once(" → "), text.split_once(" = ")) {
            (Some((name, value)), None) => Some(Step::Read { name: name.to_owned(), value: number(value)? }),
            (None, Some((name, value))) => Some(Step::Write { name: name.to_owned(), value: number(value)? }),
            _ => None,
        };
    };
    let (name, operation) = head.rsplit_once('.')?;
    let (arguments, after) = tail.split_once(')')?;
    let arguments: Vec<&str> = arguments.split(", ").filter(|argument| !argument.is_empty()).collect();
    let (phase, result) = match after.split_once("→ ") {
        Some((phase, result)) => (phase.trim(), Some(result)),
        None => (after.trim(), None),
    };
    if operation == "join" && name.contains('#') && result.is_none() {
        return Some(Step::Call { name: name.to_owned(), call: Call::Await });
    }
    call(operation, &arguments, phase, result).map(|call| Step::Call { name: name.to_owned(), call })
}

fn call(operation: &str, arguments: &[&str], phase: &str, result: Option<&str>) -> Option<Call> {
    let operand = || number(arguments.first()?);
    let several = || if arguments.is_empty() { Some(1) } else { operand() };
    let answer = || number(result?).map(|answer| answer != 0);
    Some(match (operation, phase) {
        ("lock", "") if result == Some("poisoned") => Call::LockPoisoned,
        ("lock", "") => Call::Lock,
        ("lock" | "lock_timeout", "arrives") => Call::LinesUp(Want::Lock),
        ("read", "arrives") => Call::LinesUp(Want::Read),
        ("write", "arrives") => Call::LinesUp(Want::Write),
        ("acquire", "arrives") => Call::LinesUp(Want::Permits(several()?)),
        ("acquire_timeout", "arrives") => Call::LinesUp(Want::Permits(1)),
        ("lock" | "lock_timeout" | "read" | "write" | "acquire" | "acquire_timeout", "completes") => {
            Call::Turn(Box::new(call(operation, arguments, "", result)?))
        }
        ("try_lock", "") => Call::TryLock(answer()?),
        ("lock_timeout", "") => Call::TryLock(answer()?),
        ("unlock", "") => Call::Unlock,
        ("is_locked", "") => Call::IsLocked(answer()?),
        ("read", "") => Call::ReadLock,
        ("write", "") => Call::WriteLock,
        ("try_read", "") => Call::TryRead(answer()?),
        ("try_write", "") => Call::TryWrite(answer()?),
        ("read_unlock", "") => Call::ReadUnlock,
        ("write_unlock", "") => Call::WriteUnlock,
        ("call", "begins") => Call::RunsOnce { runs: true },
        ("call", "passes") => Call::RunsOnce { runs: false },
        ("call", "") if result == Some("poisoned") => Call::FindsPoison,
        ("call", "ends") => Call::EndsBlock,
        ("is_completed", "") => Call::IsCompleted(answer()?),
        ("start", "") => Call::StartTimer,
        ("cancel", "") => Call::Cancel(answer()?),
        ("set", "") => Call::Set,
        ("clear", "") => Call::Clear,
        ("is_set", "") => Call::IsSet(answer()?),
        ("wait" | "wait_timeout", "arrives") => Call::BarrierArrives,
        ("wait" | "wait_timeout", "completes") => Call::BarrierCompletes(result?.to_owned()),
        ("wait", "") if arguments.is_empty() => Call::WaitForEvent,
        ("wait_timeout", "") if arguments.is_empty() => Call::WaitTimeout(answer()?),
        ("wait" | "wait_timeout", "") => Call::Wait { mutex: (*arguments.first()?).to_owned() },
        ("wait_timeout", "times out") => Call::TimesOut,
        ("wait" | "wait_timeout", "wakes for no reason") => Call::WakesForNothing,
        ("wait" | "wait_timeout", again) if again.starts_with("lines up for ") => {
            Call::LinesUpAgain { mutex: again.strip_prefix("lines up for ")?.to_owned() }
        }
        ("wait" | "wait_timeout", again) => Call::Reacquire {
            mutex: again.strip_prefix("re-acquires ")?.to_owned(),
            notified: match result {
                None | Some("poisoned") => None,
                Some(result) => Some(inner(result, "some").or_else(|| number(result))? != 0),
            },
            poisoned: result == Some("poisoned"),
        },
        ("notify_one", "") => Call::NotifyOne,
        ("notify", "") => Call::Notify(operand()?),
        ("notify_all", "") => Call::NotifyAll,
        ("acquire", "") => Call::Acquire(several()?),
        ("acquire_timeout", "") => Call::AcquireTimeout(answer()?),
        ("abort", "") => Call::Abort,
        ("reset", "") => Call::Reset,
        ("is_broken", "") => Call::IsBroken(answer()?),
        ("try_acquire", "") => Call::TryAcquire(answer()?),
        ("release", "") => Call::Release(several()?),
        ("load", "") => Call::Load(number(result?)?),
        ("store", "") => Call::Store(operand()?),
        ("compare_exchange" | "compare_exchange_weak", "") => Call::CompareExchange {
            weak: operation.ends_with("weak"),
            expected: operand()?,
            new: number(arguments.get(1)?)?,
            outcome: match (inner(result?, "some"), inner(result?, "failed")) {
                (Some(seen), _) => Ok(seen),
                (None, seen) => Err(seen?),
            },
        },
        ("send", "") if result.is_some() => Call::SendAnswered { message: operand()?, sent: answer()? },
        ("send", "") => Call::Send(operand()?),
        ("send", "arrives") => Call::SendArrives(operand()?),
        ("send", "completes") => Call::SendCompletes(operand()?),
        ("try_send", "") => Call::TrySend { message: operand()?, sent: answer()? },
        ("recv" | "recv_timeout", "arrives") => Call::RecvArrives,
        ("recv" | "try_recv" | "recv_timeout", "") if result.is_some_and(|result| result.starts_with("failed")) => {
            Call::Missed(inner(result?, "failed"))
        }
        ("recv_timeout", "") => Call::TimedRecv(message_unless(result?, "timeout")?),
        ("recv_timeout", "completes") => Call::TimedRecvCompletes(message_unless(result?, "timeout")?),
        ("subscribe", "") => Call::Subscribe,
        ("borrow", "") => Call::Borrow { value: number(result?)?, update: false },
        ("borrow_and_update", "") => Call::Borrow { value: number(result?)?, update: true },
        ("has_changed", "") => Call::HasChanged(answer()?),
        ("changed", "") => Call::Changed { closed: result == Some("closed") },
        ("wait_for", "") => Call::WaitFor { value: operand()?, closed: result == Some("closed") },
        ("recv", "") => Call::Recv(message(result?)?),
        ("recv", "completes") => Call::RecvCompletes(message(result?)?),
        ("try_recv", "") => Call::TryRecv(message_unless(result?, "none")?),
        ("put", "") => Call::Queue(QueueCall::Put(operand()?)),
        ("try_put" | "put_timeout", "") => Call::Queue(QueueCall::MayPut { item: operand()?, done: answer()? }),
        ("get", "") => Call::Queue(QueueCall::Get(number(result?)?)),
        ("try_get", "") => Call::Queue(QueueCall::MayGet(message_unless(result?, "none")?.ok().flatten())),
        ("get_timeout", "") => Call::Queue(QueueCall::MayGet(message_unless(result?, "timeout")?.ok().flatten())),
        ("is_empty", "") => Call::Queue(QueueCall::IsEmpty(answer()?)),
        ("is_full", "") => Call::Queue(QueueCall::IsFull(answer()?)),
        ("task_done", "") => Call::Queue(QueueCall::TaskDone),
        ("close", "") => Call::Close,
        ("len", "") => Call::Len(number(result?)?),
        ("join", "") => Call::Join { failed: result.is_some_and(|result| result.starts_with("failed")) },
        ("is_alive", "") => Call::IsAlive(answer()?),
        ("is_finished", "") => Call::IsFinished(answer()?),
        ("swap", "") => rmw(operation, operand()?, result),
        (other, "") if other.starts_with("fetch_") => rmw(operation, operand()?, result),
        _ => return None,
    })
}

fn rmw(operation: &str, operand: i64, result: Option<&str>) -> Call {
    Call::Rmw { operation: operation.to_owned(), operand, old: result.and_then(number) }
}

/// `some(v)` or `closed`.
fn message(result: &str) -> Option<Option<i64>> {
    if result == "closed" { Some(None) } else { inner(result, "some").map(Some) }
}

/// The same, or `Err` where the result is this word.
fn message_unless(result: &str, nothing: &str) -> Option<Result<Option<i64>, ()>> {
    if result == nothing { Some(Err(())) } else { message(result).map(Ok) }
}

/// The number in `word(number)`.
fn inner(result: &str, word: &str) -> Option<i64> {
    number(result.strip_prefix(word)?.strip_prefix('(')?.strip_suffix(')')?)
}

fn number(text: &str) -> Option<i64> {
    match text.trim() {
        "true" => Some(1),
        "false" => Some(0),
        digits => digits.parse().ok(),
    }
}
