//! Programs as text for people who work on the compiler or an engine: one instruction per line.
//!
//! Not a format: nothing reads it back, and it leaves out spans.

use super::{
    AtomicOp, BarrierOp, BroadcastOp, ChannelOp, ChoiceOp, Code, CondvarOp, EventOp, Expr, Instr, InstrKind, Lag,
    LocalExpr, LocalId, LocalObject, LocalRead, MutexOp, OnceOp, OneshotOp, Op, Ordering, Patience, PauseKind, Place,
    Program, QueueOp, RwLockOp, Scoped, SemaphoreOp, SpawnId, SpawnOp, ThreadOp, ThreadRef, TimerOp, UnaryOp, VarOp,
    WatchOp,
};
use std::fmt::{self, Write};

/// All code of a program with the names of its objects and threads.
impl fmt::Display for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, code) in self.codes.iter().enumerate() {
            if position > 0 {
                writeln!(f)?;
            }
            Listing { code, program: Some(self) }.write(f)?;
        }
        Ok(())
    }
}

/// One piece of code; objects and threads are numbers.
impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Listing { code: self, program: None }.write(f)
    }
}

struct Listing<'p> {
    code: &'p Code,
    program: Option<&'p Program>,
}

impl Listing<'_> {
    fn write(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}:", self.code.name)?;
        for (position, instr) in self.code.instrs.iter().enumerate() {
            let mut line = String::new();
            self.instr(&mut line, instr)?;
            // That a failure leads to the end where there is one goes without saying.
            let leads_to_end = |pc: &super::Pc| self.code.instrs[pc.index()].kind == InstrKind::Op(Op::End);
            if let Some(unwind) = instr.unwind.filter(|pc| !leads_to_end(pc)) {
                write!(line, "  !{}", unwind.0)?;
            }
            if !instr.dead.is_empty() {
                let dead: Vec<String> = instr.dead.iter().map(|local| self.local(*local)).collect();
                line = format!("{line:<44}  dead {}", dead.join(" "));
            }
            writeln!(f, "{position:>4}  {}", line.trim_end())?;
        }
        Ok(())
    }

    fn instr(&self, out: &mut String, instr: &Instr) -> fmt::Result {
        match &instr.kind {
            InstrKind::Set { to, value } => {
                let to = match to {
                    Place::Local(local) => self.local(*local),
                    Place::Element { base, len, index } => self.element(*base, *len, index),
                };
                write!(out, "{to} = {}", self.expr(value))
            }
            InstrKind::Jump(to) => write!(out, "jump {}", to.0),
            InstrKind::Branch { condition, then, otherwise } => {
                write!(out, "if {} then {} else {}", self.expr(condition), then.0, otherwise.0)
            }
            InstrKind::Assert { condition, .. } => write!(out, "assert {}", self.expr(condition)),
            InstrKind::Assume { condition } => write!(out, "assume {}", self.expr(condition)),
            InstrKind::Panic { message } => write!(out, "panic {message:?}"),
            InstrKind::Op(op) => self.op(out, op),
            InstrKind::Atomically { end } => write!(out, "* atomically to {}", end.0),
            InstrKind::Guard { condition } => write!(out, "guard {}", self.expr(condition)),
            InstrKind::EndAtomically => write!(out, "end atomically"),
            InstrKind::Halt => write!(out, "halt"),
            InstrKind::Unwound => write!(out, "unwound"),
        }
    }

    /// Visible operations start with a star.
    fn op(&self, out: &mut String, op: &Op) -> fmt::Result {
        out.push_str("* ");
        match op {
            Op::Var { var, op } => match op {
                VarOp::Read { to } => write!(out, "{} = read {}", self.local(*to), self.object(var)),
                VarOp::Write { value } => write!(out, "write {} = {}", self.object(var), self.expr(value)),
            },
            Op::Atomic { atomic, op } => self.atomic(out, &self.object(atomic), op),
            Op::Fence(ordering) => write!(out, "fence({})", ordering.word()),
            Op::Mutex { mutex, op } => {
                let mutex = self.object(mutex);
                match op {
                    MutexOp::Lock { scoped } => write!(out, "{mutex}.lock{}", with(*scoped)),
                    MutexOp::LockChecked { scoped, tag } => {
                        write!(out, "{} = {mutex}.lock{}", self.local(*tag), with(*scoped))
                    }
                    MutexOp::TryLock { to } => write!(out, "{} = {mutex}.try_lock", self.local(*to)),
                    MutexOp::LockTimeout { micros, to } => {
                        write!(out, "{} = {mutex}.lock_timeout {micros}us", self.local(*to))
                    }
                    MutexOp::Unlock { scoped } => write!(out, "{mutex}.unlock{}", with(*scoped)),
                    MutexOp::IsLocked { to } => write!(out, "{} = {mutex}.is_locked", self.local(*to)),
                }
            }
            Op::RwLock { rwlock, op } => {
                let rwlock = self.object(rwlock);
                match op {
                    RwLockOp::Read { scoped } => write!(out, "{rwlock}.read{}", with(*scoped)),
                    RwLockOp::Write { scoped } => write!(out, "{rwlock}.write{}", with(*scoped)),
                    RwLockOp::TryRead { to } => write!(out, "{} = {rwlock}.try_read", self.local(*to)),
                    RwLockOp::TryWrite { to } => write!(out, "{} = {rwlock}.try_write", self.local(*to)),
                    RwLockOp::ReadUnlock { scoped } => write!(out, "{rwlock}.read_unlock{}", with(*scoped)),
                    RwLockOp::WriteUnlock { scoped } => write!(out, "{rwlock}.write_unlock{}", with(*scoped)),
                }
            }
            Op::Condvar { condvar, op } => {
                let condvar = self.object(condvar);
                match op {
                    CondvarOp::Wait { mutex, tag: None } => write!(out, "{condvar}.wait({})", self.object(mutex)),
                    CondvarOp::Wait { mutex, tag: Some(tag) } => {
                        write!(out, "{} = {condvar}.wait({})", self.local(*tag), self.object(mutex))
                    }
                    CondvarOp::WaitTimeout { mutex, micros, tag, to } => {
                        let to = tag.iter().chain([to]).map(|to| self.local(*to)).collect::<Vec<_>>().join(", ");
                        write!(out, "{to} = {condvar}.wait_timeout({}) {micros}us", self.object(mutex))
                    }
                    CondvarOp::NotifyOne => write!(out, "{condvar}.notify_one"),
                    CondvarOp::Notify { count } => write!(out, "{condvar}.notify({})", self.expr(count)),
                    CondvarOp::NotifyAll => write!(out, "{condvar}.notify_all"),
                }
            }
            Op::Semaphore { semaphore, op } => {
                let semaphore = self.object(semaphore);
                match op {
                    SemaphoreOp::Acquire { scoped, permits } => {
                        write!(out, "{semaphore}.acquire{}{}", several(*permits), with(*scoped))
                    }
                    SemaphoreOp::TryAcquire { to } => write!(out, "{} = {semaphore}.try_acquire", self.local(*to)),
                    SemaphoreOp::AcquireTimeout { to } => {
                        write!(out, "{} = {semaphore}.acquire_timeout", self.local(*to))
                    }
                    SemaphoreOp::Release { scoped, permits } => {
                        write!(out, "{semaphore}.release{}{}", several(*permits), with(*scoped))
                    }
                }
            }
            Op::Barrier { barrier, op } => {
                let barrier = self.object(barrier);
                match op {
                    BarrierOp::Wait { tag, to } => {
                        write!(out, "{}, {} = {barrier}.wait", self.local(*tag), self.local(*to))
                    }
                    BarrierOp::WaitTimeout { tag, to } => {
                        write!(out, "{}, {} = {barrier}.wait_timeout", self.local(*tag), self.local(*to))
                    }
                    BarrierOp::Abort => write!(out, "{barrier}.abort"),
                    BarrierOp::Reset => write!(out, "{barrier}.reset"),
                    BarrierOp::IsBroken { to } => write!(out, "{} = {barrier}.is_broken", self.local(*to)),
                }
            }
            Op::Once { once, op } => {
                let once = self.object(once);
                match op {
                    OnceOp::Begin { tag, runs } => {
                        write!(out, "{}, {} = {once}.call", self.local(*tag), self.local(*runs))
                    }
                    OnceOp::End => write!(out, "{once}.end"),
                    OnceOp::IsCompleted { to } => write!(out, "{} = {once}.is_completed", self.local(*to)),
                }
            }
            Op::Timer { timer, op } => {
                let timer = self.object(timer);
                match op {
                    TimerOp::Start => write!(out, "{timer}.start"),
                    TimerOp::Cancel { to } => write!(out, "{} = {timer}.cancel", self.local(*to)),
                    TimerOp::Fire => write!(out, "{timer}.fire"),
                }
            }
            Op::Event { event, op } => {
                let event = self.object(event);
                match op {
                    EventOp::Set => write!(out, "{event}.set"),
                    EventOp::Clear => write!(out, "{event}.clear"),
                    EventOp::IsSet { to } => write!(out, "{} = {event}.is_set", self.local(*to)),
                    EventOp::Wait => write!(out, "{event}.wait"),
                    EventOp::WaitTimeout { to } => write!(out, "{} = {event}.wait_timeout", self.local(*to)),
                }
            }
            Op::Channel { channel, op } => {
                let channel = self.object(channel);
                match op {
                    ChannelOp::Send { value } => write!(out, "{channel}.send({})", self.expr(value)),
                    ChannelOp::Recv { tag, to } => {
                        write!(out, "{}, {} = {channel}.recv", self.local(*tag), self.local(*to))
                    }
                    ChannelOp::TrySend { value, to } => {
                        write!(out, "{} = {channel}.try_send({})", self.local(*to), self.expr(value))
                    }
                    ChannelOp::TryRecv { tag, to } => {
                        write!(out, "{}, {} = {channel}.try_recv", self.local(*tag), self.local(*to))
                    }
                    ChannelOp::RecvTimeout { micros, tag, to } => {
                        let (tag, to) = (self.local(*tag), self.local(*to));
                        write!(out, "{tag}, {to} = {channel}.recv_timeout {micros}us")
                    }
                    ChannelOp::Close => write!(out, "{channel}.close"),
                    ChannelOp::Len { to } => write!(out, "{} = {channel}.len", self.local(*to)),
                }
            }
            Op::Oneshot { oneshot, op } => {
                let oneshot = self.object(oneshot);
                match op {
                    OneshotOp::Send { value, to } => {
                        write!(out, "{} = {oneshot}.send({})", self.local(*to), self.expr(value))
                    }
                    OneshotOp::Recv { patience: how, tag, to } => {
                        let (tag, to) = (self.local(*tag), self.local(*to));
                        write!(out, "{tag}, {to} = {oneshot}.{}", patient("recv", *how))
                    }
                    OneshotOp::Close => write!(out, "{oneshot}.close"),
                }
            }
            Op::Watch { watch, op } => {
                let watch = self.object(watch);
                match op {
                    WatchOp::Send { value } => write!(out, "{watch}.send({})", self.expr(value)),
                    WatchOp::Borrow { to } => write!(out, "{} = {watch}.borrow", self.local(*to)),
                    WatchOp::BorrowAndUpdate { to } => {
                        write!(out, "{} = {watch}.borrow_and_update", self.local(*to))
                    }
                    WatchOp::HasChanged { to } => write!(out, "{} = {watch}.has_changed", self.local(*to)),
                    WatchOp::Changed { tag } => write!(out, "{} = {watch}.changed", self.local(*tag)),
                    WatchOp::WaitFor { value, tag } => {
                        write!(out, "{} = {watch}.wait_for({})", self.local(*tag), self.expr(value))
                    }
                    WatchOp::Close => write!(out, "{watch}.close"),
                }
            }
            Op::Broadcast { broadcast, op } => {
                let broadcast = self.object(broadcast);
                match op {
                    BroadcastOp::Send { value } => write!(out, "{broadcast}.send({})", self.expr(value)),
                    BroadcastOp::Recv { patience: how, lag, tag, to } => {
                        let (tag, to) = (self.local(*tag), self.local(*to));
                        let counted = if *lag == Lag::Counted { " counted" } else { "" };
                        write!(out, "{tag}, {to} = {broadcast}.{}{counted}", patient("recv", *how))
                    }
                    BroadcastOp::Subscribe => write!(out, "{broadcast}.subscribe"),
                    BroadcastOp::Len { to } => write!(out, "{} = {broadcast}.len", self.local(*to)),
                    BroadcastOp::Close => write!(out, "{broadcast}.close"),
                }
            }
            Op::Queue { queue, op } => self.queue(out, &self.object(queue), op),
            Op::Thread { thread, op } => {
                let thread = self.thread(thread);
                match op {
                    ThreadOp::Join { tag } => write!(out, "{} = {thread}.join", self.local(*tag)),
                    ThreadOp::IsAlive { to } => write!(out, "{} = {thread}.is_alive", self.local(*to)),
                }
            }
            Op::Spawn { function, op } => self.spawn(out, *function, op),
            Op::Pause(kind) => match kind {
                PauseKind::Yield => write!(out, "yield"),
                PauseKind::Progress => write!(out, "progress"),
                PauseKind::Sleep(micros) => write!(out, "sleep {micros}us"),
                PauseKind::Work(micros) => write!(out, "work {micros}us"),
                PauseKind::Io(micros) => write!(out, "io {micros}us"),
            },
            Op::Choice(ChoiceOp::Value { from, to, into }) => {
                write!(out, "{} = choose({}..{})", self.local(*into), self.expr(from), self.expr(to))
            }
            Op::Choice(ChoiceOp::Branch { branches }) => {
                let branches: Vec<String> = branches.iter().map(|branch| branch.0.to_string()).collect();
                write!(out, "either {}", branches.join(" or "))
            }
            Op::End => write!(out, "end"),
        }
    }

    fn spawn(&self, out: &mut String, function: SpawnId, op: &SpawnOp) -> fmt::Result {
        let known = self.program.map(|program| &program.spawnable(function).function);
        let name = known.cloned().unwrap_or_else(|| format!("function {}", function.0));
        match op {
            SpawnOp::Start { args, to } => {
                let to = to.map(|to| format!("{} = ", self.local(to))).unwrap_or_default();
                let args: Vec<String> = args.iter().map(|arg| self.expr(arg)).collect();
                write!(out, "{to}spawn {name}({})", args.join(", "))
            }
            SpawnOp::Wait { handle } => write!(out, "{name}#({}).join", self.expr(handle)),
            SpawnOp::Join { handle, tag, to } => {
                let to = to.map(|to| format!(", {}", self.local(to))).unwrap_or_default();
                write!(out, "{}{to} = {name}#({}).join", self.local(*tag), self.expr(handle))
            }
            SpawnOp::IsFinished { handle, to } => {
                write!(out, "{} = {name}#({}).is_finished", self.local(*to), self.expr(handle))
            }
        }
    }

    fn queue(&self, out: &mut String, queue: &str, op: &QueueOp) -> fmt::Result {
        match op {
            QueueOp::Put { value, patience, done } => {
                let done = done.map(|done| format!("{} = ", self.local(done))).unwrap_or_default();
                write!(out, "{done}{queue}.{}({})", patient("put", *patience), self.expr(value))
            }
            QueueOp::Get { patience, tag, to } => {
                let tag = tag.map(|tag| format!("{}, ", self.local(tag))).unwrap_or_default();
                write!(out, "{tag}{} = {queue}.{}", self.local(*to), patient("get", *patience))
            }
            QueueOp::Len { to } => write!(out, "{} = {queue}.len", self.local(*to)),
            QueueOp::IsEmpty { to } => write!(out, "{} = {queue}.is_empty", self.local(*to)),
            QueueOp::IsFull { to } => write!(out, "{} = {queue}.is_full", self.local(*to)),
            QueueOp::TaskDone => write!(out, "{queue}.task_done"),
            QueueOp::Join => write!(out, "{queue}.join"),
        }
    }

    fn atomic(&self, out: &mut String, atomic: &str, op: &AtomicOp) -> fmt::Result {
        match op {
            AtomicOp::Load { ordering, to } => {
                write!(out, "{} = {atomic}.load({})", self.local(*to), weaker(*ordering))
            }
            AtomicOp::Store { ordering, value } => {
                write!(out, "{atomic}.store({}{})", self.expr(value), after_comma(*ordering))
            }
            AtomicOp::Rmw { op, ordering, value, to } => {
                let to = to.map(|to| format!("{} = ", self.local(to))).unwrap_or_default();
                write!(out, "{to}{atomic}.{}({}{})", op.word(), self.expr(value), after_comma(*ordering))
            }
            AtomicOp::CompareExchange { expected, new, success, failure, weak, tag, to } => {
                let orderings = match (success, failure) {
                    (Ordering::SeqCst, Ordering::SeqCst) => String::new(),
                    (success, failure) => format!(", {}, {}", success.word(), failure.word()),
                };
                let weak = if *weak { "_weak" } else { "" };
                let (tag, to) = (self.local(*tag), self.local(*to));
                let (expected, new) = (self.expr(expected), self.expr(new));
                write!(out, "{tag}, {to} = {atomic}.compare_exchange{weak}({expected}, {new}{orderings})")
            }
        }
    }

    fn object(&self, object: &LocalObject) -> String {
        let known = self.program.map(|program| program.object(object.base));
        let single = known.map_or_else(|| format!("object {}", object.base.0), |object| object.name.clone());
        match &object.index {
            None => single,
            Some(index) => {
                let array = known.map_or(single, |object| object.group.clone());
                format!("{array}[{}]", self.expr(index))
            }
        }
    }

    fn thread(&self, thread: &ThreadRef) -> String {
        // The first thread of an empty group does not exist.
        let known = self.program.and_then(|program| program.threads.get(thread.base.index()));
        let single = known.map_or_else(|| format!("thread {}", thread.base.0), |thread| thread.name.clone());
        match &thread.index {
            None => single,
            Some(index) => {
                let group = known.map_or(single, |thread| thread.group.clone());
                format!("{group}[{}]", self.expr(index))
            }
        }
    }

    /// A local by its name, or as `$n`; a name that several locals have gets its number too.
    fn local(&self, local: LocalId) -> String {
        let name = match self.code.locals.get(local.index()) {
            Some(local) if !local.name.is_empty() => &local.name,
            Some(_) | None => return format!("${}", local.0),
        };
        let is_only = self.code.locals.iter().filter(|other| other.name == *name).count() == 1;
        if is_only { name.clone() } else { format!("{name}${}", local.0) }
    }

    fn element(&self, base: LocalId, len: u32, index: &LocalExpr) -> String {
        let name = self.code.locals.get(base.index()).map_or("", |local| local.name.as_str());
        format!("{name}${}..{len}[{}]", base.0, self.expr(index))
    }

    fn expr(&self, expr: &LocalExpr) -> String {
        match expr {
            Expr::Const(value) => value.to_string(),
            Expr::Read(LocalRead::Local(local)) => self.local(*local),
            Expr::Read(LocalRead::Element { base, len, index }) => self.element(*base, *len, index),
            Expr::Unary(UnaryOp::Negate, a) => format!("-{}", self.operand(a)),
            Expr::Unary(UnaryOp::Not, a) => format!("!{}", self.operand(a)),
            Expr::Binary(op, a, b) => format!("{} {} {}", self.operand(a), op.word(), self.operand(b)),
            Expr::And(a, b) => format!("{} && {}", self.operand(a), self.operand(b)),
            Expr::Or(a, b) => format!("{} || {}", self.operand(a), self.operand(b)),
            Expr::If(condition, a, b) => {
                format!("if {} {{ {} }} else {{ {} }}", self.expr(condition), self.expr(a), self.expr(b))
            }
        }
    }

    fn operand(&self, expr: &LocalExpr) -> String {
        match expr {
            Expr::Const(_) | Expr::Read(_) | Expr::Unary(..) => self.expr(expr),
            Expr::Binary(..) | Expr::And(..) | Expr::Or(..) | Expr::If(..) => format!("({})", self.expr(expr)),
        }
    }
}

fn patient(word: &str, patience: Patience) -> String {
    match patience {
        Patience::Forever => word.to_owned(),
        Patience::NotAtAll => format!("try_{word}"),
        Patience::Timed { micros } => format!("{word}_timeout {micros}us"),
    }
}

fn with(scoped: Scoped) -> &'static str {
    match scoped {
        Scoped::Call => "",
        Scoped::With => " (with)",
    }
}

/// An ordering other than the usual one.
fn weaker(ordering: Ordering) -> &'static str {
    if ordering == Ordering::SeqCst { "" } else { ordering.word() }
}

fn after_comma(ordering: Ordering) -> String {
    match weaker(ordering) {
        "" => String::new(),
        word => format!(", {word}"),
    }
}

/// How many permits, where it is more than one.
fn several(permits: i64) -> String {
    if permits == 1 { String::new() } else { format!("({permits})") }
}
