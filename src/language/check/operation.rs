//! Which operations objects and threads have, with their arguments, orderings and results.

use super::body::{BodyChecker, Receiver, split_index};
use super::function::Obstacle;
use super::names::{Global, one};
use super::{error, name_of};
use crate::language::checked::{Action, BarrierAction, BodyExpr, EventAction, Gives, ObjectKind, On, Operation};
use crate::language::diagnostic::{self, syntax};
use crate::language::suggest::nearest;
use crate::language::tree::{self, Ident};
use crate::language::types::Ty;
use crate::program::{Capacity, MutexKind, Ordering, Patience, ResultTag, RmwOp, Span, Type};

/// The operations of one kind of object.
struct Menu {
    what: &'static str,
    /// What it has.
    has: &'static [&'static str],
    /// What the language has and this release has not.
    later: &'static [&'static str],
}

const ATOMIC: Menu = Menu {
    what: "an atomic",
    has: &[
        "load",
        "store",
        "swap",
        "fetch_add",
        "fetch_sub",
        "fetch_and",
        "fetch_or",
        "fetch_xor",
        "fetch_max",
        "fetch_min",
        "compare_exchange",
        "compare_exchange_weak",
    ],
    later: &[],
};
const MUTEX: Menu =
    Menu { what: "a mutex", has: &["lock", "unlock", "try_lock", "lock_timeout", "is_locked"], later: &[] };
const RWLOCK: Menu = Menu {
    what: "a reader-writer lock",
    has: &["read", "write", "try_read", "try_write", "read_unlock", "write_unlock"],
    later: &[],
};
const CONDVAR: Menu = Menu {
    what: "a condition variable",
    has: &["wait", "notify_one", "notify_all"],
    later: &["wait_timeout", "wait_while", "notify"],
};
const SEMAPHORE: Menu =
    Menu { what: "a semaphore", has: &["acquire", "try_acquire", "acquire_timeout", "release"], later: &[] };
const EVENT: Menu = Menu { what: "an event", has: &["set", "clear", "is_set", "wait", "wait_timeout"], later: &[] };
const BARRIER: Menu =
    Menu { what: "a barrier", has: &["wait", "wait_timeout", "abort", "reset", "is_broken"], later: &[] };
const CHANNEL: Menu = Menu {
    what: "a channel",
    has: &["send", "recv", "try_send", "try_recv", "recv_timeout", "close", "len"],
    later: &[],
};
const QUEUE: Menu = Menu {
    what: "a queue",
    has: &[
        "put",
        "get",
        "try_put",
        "try_get",
        "put_timeout",
        "get_timeout",
        "len",
        "is_empty",
        "is_full",
        "task_done",
        "join",
    ],
    later: &[],
};
const THREAD: Menu = Menu { what: "a thread", has: &["join", "is_alive"], later: &[] };

/// A call of an operation as it is written.
struct Call<'t> {
    method: &'t Ident,
    args: &'t [tree::Expr],
    /// The object as written, for suggestions.
    object: String,
    /// Its declaration.
    declared: Span,
}

/// Whether an operation may stand where nothing may wait, be chosen, or change.
enum Nature {
    Looks,
    Changes,
    Blocks,
    Chooses,
}

impl BodyChecker<'_, '_> {
    /// Checks `object.operation(…)`. `None` where an error has been reported.
    pub(super) fn operation(&mut self, expr: &tree::Expr) -> Option<(Operation, Gives)> {
        let tree::ExprKind::Method { receiver, method, args } = &expr.kind else { return None };
        let span = expr.span;
        let object = self.checker.text(receiver.span).to_owned();
        let Some(found) = self.receiver(receiver) else {
            for arg in args {
                self.argument_of_nothing(arg);
            }
            return None;
        };
        match found {
            Receiver::Object(object_index, used) => {
                let declared = self.checker.objects[object_index].declared;
                let call = Call { method, args, object, declared };
                let (action, gives) = self.action(object_index, &call)?;
                self.note(&action, self.capacity_of(object_index), span);
                Some((Operation { on: On::Object(used), action, span }, gives))
            }
            Receiver::Thread(used) => {
                let declared = self.checker.threads[used.thread].declared;
                let call = Call { method, args, object, declared };
                let (action, gives) = self.thread_action(&call)?;
                self.note(&action, None, span);
                Some((Operation { on: On::Thread(used), action, span }, gives))
            }
            Receiver::Threads(thread) => {
                let declared = self.checker.threads[thread].declared;
                let call = Call { method, args, object, declared };
                self.thread_action(&call)?;
                self.error(error::group_as_thread(&call.object, span, &method.name, declared));
                None
            }
        }
    }

    /// Whether a statement is `group.join();`: the group.
    pub(super) fn join_of_group(&mut self, expr: &tree::Expr) -> Option<usize> {
        let tree::ExprKind::Method { receiver, method, args } = &expr.kind else { return None };
        let name = name_of(receiver)?;
        if self.local(name).is_some() || method.name != "join" || !args.is_empty() {
            return None;
        }
        match self.checker.names.get(name)?.global {
            Global::Thread { thread, group: super::names::Group::Group } => {
                self.uses.obstacle(Obstacle::new(expr.span, "`join`", "it can block"));
                Some(thread)
            }
            Global::Thread { .. }
            | Global::Constant(_)
            | Global::Object { .. }
            | Global::Function(_)
            | Global::Broken => None,
        }
    }

    /// Notes a read or a write of a `var`, which have no method.
    pub(super) fn note_write(&mut self, span: Span) {
        self.uses.effect(span, "an assignment");
    }

    fn capacity_of(&self, object: usize) -> Option<Capacity> {
        match self.checker.objects[object].kind {
            ObjectKind::Channel { capacity, .. } => Some(capacity),
            ObjectKind::Var { .. }
            | ObjectKind::Atomic { .. }
            | ObjectKind::Mutex(_)
            | ObjectKind::RwLock
            | ObjectKind::Condvar
            | ObjectKind::Semaphore { .. }
            | ObjectKind::Event
            | ObjectKind::Queue { .. }
            | ObjectKind::Barrier { .. } => None,
        }
    }

    /// Notes what an operation does to indivisible blocks and conditions around it.
    fn note(&mut self, action: &Action, capacity: Option<Capacity>, span: Span) {
        let what = format!("`{}`", word(action));
        match nature(action, capacity) {
            Nature::Looks => {}
            Nature::Changes => self.uses.effect(span, what),
            Nature::Blocks => self.uses.obstacle(Obstacle::new(span, what, "it can block")),
            Nature::Chooses => self.uses.obstacle(Obstacle::new(span, what, "the world chooses here")),
        }
    }

    fn action(&mut self, object: usize, call: &Call<'_>) -> Option<(Action, Gives)> {
        match &self.checker.objects[object].kind {
            ObjectKind::Var { .. } => {
                let name = &call.object;
                let help = match call.method.name.as_str() {
                    "load" => format!("write `{name}` to read it"),
                    "store" => format!("write `{name} = …;` to assign it"),
                    "fetch_add" => format!("write `{name} += …;`, which is a read and then a write"),
                    _ => format!("write `{name}` to read it and `{name} = …;` to assign it"),
                };
                self.error(error::operation_on_var(name, call.method.span, call.declared, &help));
                None
            }
            ObjectKind::Atomic { initial } => {
                let ty = initial.ty();
                self.atomic_action(call, ty)
            }
            ObjectKind::Mutex(kind) => {
                let kind = *kind;
                self.mutex_action(call, kind)
            }
            ObjectKind::RwLock => self.rwlock_action(call),
            ObjectKind::Condvar => self.condvar_action(call),
            ObjectKind::Semaphore { .. } => self.semaphore_action(call),
            ObjectKind::Event => self.event_action(call),
            ObjectKind::Barrier { .. } => self.barrier_action(call),
            ObjectKind::Channel { element, .. } => {
                let element = *element;
                self.channel_action(call, element)
            }
            ObjectKind::Queue { element, .. } => {
                let element = *element;
                self.queue_action(call, element)
            }
        }
    }

    fn atomic_action(&mut self, call: &Call<'_>, ty: Type) -> Option<(Action, Gives)> {
        let value = Gives::Value(Ty::of(ty));
        let rmw = match call.method.name.as_str() {
            "load" => {
                let ([], orderings) = self.operands::<0>(call, 1, "load(acquire)")?;
                let ordering = self.ordering(orderings.first(), Access::Load)?;
                return Some((Action::Load(ordering), value));
            }
            "store" => {
                let ([stored], orderings) = self.operands::<1>(call, 1, "store(v, release)")?;
                let stored = self.operand(call, stored, ty);
                let ordering = self.ordering(orderings.first(), Access::Store)?;
                return Some((Action::Store { value: stored, ordering }, Gives::Nothing));
            }
            name @ ("compare_exchange" | "compare_exchange_weak") => {
                let signature = "compare_exchange(old, new, acq_rel, acquire)";
                let ([expected, new], orderings) = self.operands::<2>(call, 2, signature)?;
                let expected = self.operand(call, expected, ty);
                let new = self.operand(call, new, ty);
                let success = self.ordering(orderings.first(), Access::ReadModifyWrite);
                let failure = self.ordering(orderings.get(1), Access::FailedExchange);
                let weak = name == "compare_exchange_weak";
                let (success, failure) = (success?, failure?);
                let cases = &[ResultTag::Some, ResultTag::Failed];
                let gives = Gives::Result { cases, payload: Some(Ty::of(ty)) };
                return Some((Action::CompareExchange { expected, new, success, failure, weak }, gives));
            }
            "swap" => RmwOp::Swap,
            "fetch_add" => RmwOp::Add,
            "fetch_sub" => RmwOp::Subtract,
            "fetch_and" => RmwOp::And,
            "fetch_or" => RmwOp::Or,
            "fetch_xor" => RmwOp::Xor,
            "fetch_max" => RmwOp::Max,
            "fetch_min" => RmwOp::Min,
            _ => return self.no_such_operation(call, &ATOMIC),
        };
        if ty == Type::Bool && matches!(rmw, RmwOp::Add | RmwOp::Subtract | RmwOp::Max | RmwOp::Min) {
            self.error(error::arithmetic_on_boolean_atomic(call.method.span, rmw.word(), call.declared));
            return None;
        }
        let signature = format!("{}(v, acq_rel)", rmw.word());
        let ([operand], orderings) = self.operands::<1>(call, 1, &signature)?;
        let operand = self.operand(call, operand, ty);
        let ordering = self.ordering(orderings.first(), Access::ReadModifyWrite)?;
        Some((Action::Rmw { op: rmw, value: operand, ordering }, value))
    }

    fn mutex_action(&mut self, call: &Call<'_>, kind: MutexKind) -> Option<(Action, Gives)> {
        let (action, gives) = match call.method.name.as_str() {
            "lock" if kind == MutexKind::Poisoning => {
                let cases = &[ResultTag::Some, ResultTag::Poisoned];
                (Action::LockChecked, Gives::Result { cases, payload: None })
            }
            "lock" => (Action::Lock, Gives::Nothing),
            "unlock" => (Action::Unlock, Gives::Nothing),
            "lock_timeout" => {
                let ([time], _) = self.operands::<1>(call, 0, "lock_timeout(10ms)")?;
                let micros = self.duration(time)?;
                return Some((Action::LockTimeout { micros }, Gives::Value(Ty::BOOL)));
            }
            "try_lock" => (Action::TryLock, Gives::Value(Ty::BOOL)),
            "is_locked" => (Action::IsLocked, Gives::Value(Ty::BOOL)),
            _ => return self.no_such_operation(call, &MUTEX),
        };
        self.no_operands(call)?;
        Some((action, gives))
    }

    fn rwlock_action(&mut self, call: &Call<'_>) -> Option<(Action, Gives)> {
        let (action, gives) = match call.method.name.as_str() {
            "read" => (Action::ReadLock, Gives::Nothing),
            "write" => (Action::WriteLock, Gives::Nothing),
            "try_read" => (Action::TryRead, Gives::Value(Ty::BOOL)),
            "try_write" => (Action::TryWrite, Gives::Value(Ty::BOOL)),
            "read_unlock" => (Action::ReadUnlock, Gives::Nothing),
            "write_unlock" => (Action::WriteUnlock, Gives::Nothing),
            _ => return self.no_such_operation(call, &RWLOCK),
        };
        self.no_operands(call)?;
        Some((action, gives))
    }

    fn condvar_action(&mut self, call: &Call<'_>) -> Option<(Action, Gives)> {
        let action = match call.method.name.as_str() {
            "wait" => {
                if call.args.is_empty() {
                    let mutex = self.likely_mutex();
                    self.error(error::wait_without_mutex(&call.object, self.call_span(call), &mutex));
                    return None;
                }
                let ([mutex], _) = self.operands::<1>(call, 0, "wait(m)")?;
                let (object, mutex_use) = self.object(mutex, error::not_a_mutex)?;
                let kind = &self.checker.objects[object].kind;
                if matches!(kind, ObjectKind::Mutex(MutexKind::Poisoning)) {
                    self.error(diagnostic::unsupported(mutex.span, "wait with a poisoning mutex"));
                    return None;
                }
                if !matches!(kind, ObjectKind::Mutex(_)) {
                    let what = one(kind);
                    let declared = self.checker.objects[object].declared;
                    self.error(error::not_a_mutex(mutex.span, what, Some(declared)));
                    return None;
                }
                return Some((Action::Wait { mutex: mutex_use }, Gives::Nothing));
            }
            "notify_one" => Action::NotifyOne,
            "notify_all" => Action::NotifyAll,
            _ => return self.no_such_operation(call, &CONDVAR),
        };
        self.no_operands(call)?;
        Some((action, Gives::Nothing))
    }

    fn semaphore_action(&mut self, call: &Call<'_>) -> Option<(Action, Gives)> {
        let (action, gives) = match call.method.name.as_str() {
            "acquire" | "release" => {
                let permits = match call.args {
                    [] => 1,
                    [permits] => self.permits(permits)?,
                    _ => {
                        let signature = format!("{}(2)", call.method.name);
                        self.operands::<1>(call, 0, &signature)?;
                        return None;
                    }
                };
                let acquires = call.method.name == "acquire";
                let action = if acquires { Action::Acquire { permits } } else { Action::Release { permits } };
                return Some((action, Gives::Nothing));
            }
            "acquire_timeout" => {
                let ([time], _) = self.operands::<1>(call, 0, "acquire_timeout(10ms)")?;
                self.duration(time)?;
                return Some((Action::AcquireTimeout, Gives::Value(Ty::BOOL)));
            }
            "try_acquire" => (Action::TryAcquire, Gives::Value(Ty::BOOL)),
            _ => return self.no_such_operation(call, &SEMAPHORE),
        };
        self.no_operands(call)?;
        Some((action, gives))
    }

    /// How many permits are taken or given at once: a constant.
    fn permits(&mut self, expr: &tree::Expr) -> Option<i64> {
        let permits = self.checker.integer(expr, "the number of permits")?;
        if permits < 1 {
            self.error(error::no_permits(expr.span, permits));
            return None;
        }
        Some(permits)
    }

    fn barrier_action(&mut self, call: &Call<'_>) -> Option<(Action, Gives)> {
        let (action, gives) = match call.method.name.as_str() {
            "wait_timeout" => {
                let ([time], _) = self.operands::<1>(call, 0, "wait_timeout(10ms)")?;
                self.duration(time)?;
                let cases = &[ResultTag::Some, ResultTag::Timeout, ResultTag::Failed];
                let gives = Gives::Result { cases, payload: Some(Ty::BOOL) };
                return Some((Action::Barrier(BarrierAction::WaitTimeout), gives));
            }
            "wait" => {
                let cases = &[ResultTag::Some, ResultTag::Failed];
                (BarrierAction::Wait, Gives::Result { cases, payload: Some(Ty::BOOL) })
            }
            "abort" => (BarrierAction::Abort, Gives::Nothing),
            "reset" => (BarrierAction::Reset, Gives::Nothing),
            "is_broken" => (BarrierAction::IsBroken, Gives::Value(Ty::BOOL)),
            _ => return self.no_such_operation(call, &BARRIER),
        };
        self.no_operands(call)?;
        Some((Action::Barrier(action), gives))
    }

    fn event_action(&mut self, call: &Call<'_>) -> Option<(Action, Gives)> {
        let (action, gives) = match call.method.name.as_str() {
            "wait_timeout" => {
                let ([time], _) = self.operands::<1>(call, 0, "wait_timeout(10ms)")?;
                self.duration(time)?;
                return Some((Action::Event(EventAction::WaitTimeout), Gives::Value(Ty::BOOL)));
            }
            "set" => (EventAction::Set, Gives::Nothing),
            "clear" => (EventAction::Clear, Gives::Nothing),
            "is_set" => (EventAction::IsSet, Gives::Value(Ty::BOOL)),
            "wait" => (EventAction::Wait, Gives::Nothing),
            _ => return self.no_such_operation(call, &EVENT),
        };
        self.no_operands(call)?;
        Some((Action::Event(action), gives))
    }

    fn channel_action(&mut self, call: &Call<'_>, element: Ty) -> Option<(Action, Gives)> {
        let message = Some(element);
        let (action, gives) = match call.method.name.as_str() {
            "send" => {
                let ([value], _) = self.operands::<1>(call, 0, "send(v)")?;
                return Some((Action::Send(self.message(call, value, element)), Gives::Nothing));
            }
            "try_send" => {
                let ([value], _) = self.operands::<1>(call, 0, "try_send(v)")?;
                return Some((Action::TrySend(self.message(call, value, element)), Gives::Value(Ty::BOOL)));
            }
            "recv" => {
                let cases = &[ResultTag::Some, ResultTag::Closed];
                (Action::Recv, Gives::Result { cases, payload: message })
            }
            "try_recv" => {
                let cases = &[ResultTag::Some, ResultTag::None, ResultTag::Closed];
                (Action::TryRecv, Gives::Result { cases, payload: message })
            }
            "recv_timeout" => {
                let ([time], _) = self.operands::<1>(call, 0, "recv_timeout(10ms)")?;
                let micros = self.duration(time)?;
                let cases = &[ResultTag::Some, ResultTag::Closed, ResultTag::Timeout];
                return Some((Action::RecvTimeout { micros }, Gives::Result { cases, payload: message }));
            }
            "close" => (Action::Close, Gives::Nothing),
            "len" => (Action::Len, Gives::Value(Ty::INT)),
            _ => return self.no_such_operation(call, &CHANNEL),
        };
        self.no_operands(call)?;
        Some((action, gives))
    }

    fn queue_action(&mut self, call: &Call<'_>, element: Ty) -> Option<(Action, Gives)> {
        let item = Some(element);
        let (action, gives) = match call.method.name.as_str() {
            "put" => {
                let ([value], _) = self.operands::<1>(call, 0, "put(v)")?;
                let value = self.message(call, value, element);
                return Some((Action::Put { value, patience: Patience::Forever }, Gives::Nothing));
            }
            "try_put" => {
                let ([value], _) = self.operands::<1>(call, 0, "try_put(v)")?;
                let value = self.message(call, value, element);
                return Some((Action::Put { value, patience: Patience::NotAtAll }, Gives::Value(Ty::BOOL)));
            }
            "put_timeout" => {
                let ([value, time], _) = self.operands::<2>(call, 0, "put_timeout(v, 10ms)")?;
                let value = self.message(call, value, element);
                let patience = Patience::Timed { micros: self.duration(time)? };
                return Some((Action::Put { value, patience }, Gives::Value(Ty::BOOL)));
            }
            "get_timeout" => {
                let ([time], _) = self.operands::<1>(call, 0, "get_timeout(10ms)")?;
                let patience = Patience::Timed { micros: self.duration(time)? };
                let cases = &[ResultTag::Some, ResultTag::Timeout];
                return Some((Action::Get { patience }, Gives::Result { cases, payload: item }));
            }
            "get" => (Action::Get { patience: Patience::Forever }, Gives::Value(element)),
            "try_get" => {
                let cases = &[ResultTag::Some, ResultTag::None];
                (Action::Get { patience: Patience::NotAtAll }, Gives::Result { cases, payload: item })
            }
            "len" => (Action::QueueLen, Gives::Value(Ty::INT)),
            "is_empty" => (Action::IsEmpty, Gives::Value(Ty::BOOL)),
            "is_full" => (Action::IsFull, Gives::Value(Ty::BOOL)),
            "task_done" => (Action::TaskDone, Gives::Nothing),
            "join" => (Action::AllDone, Gives::Nothing),
            _ => return self.no_such_operation(call, &QUEUE),
        };
        self.no_operands(call)?;
        Some((action, gives))
    }

    fn thread_action(&mut self, call: &Call<'_>) -> Option<(Action, Gives)> {
        let (action, gives) = match call.method.name.as_str() {
            "join" => {
                let cases = &[ResultTag::Some, ResultTag::Failed];
                (Action::Join, Gives::Result { cases, payload: None })
            }
            "is_alive" => (Action::IsAlive, Gives::Value(Ty::BOOL)),
            _ => return self.no_such_operation(call, &THREAD),
        };
        self.no_operands(call)?;
        Some((action, gives))
    }

    fn no_such_operation<T>(&mut self, call: &Call<'_>, menu: &Menu) -> Option<T> {
        let (name, span) = (&call.method.name, call.method.span);
        if menu.later.contains(&name.as_str()) {
            self.error(diagnostic::unsupported(span, name));
        } else {
            let near = nearest(name, menu.has.iter().copied());
            self.error(error::unknown_operation(name, span, menu.what, call.declared, near, menu.has));
        }
        None
    }

    // Arguments.

    /// The call from its name to its closing parenthesis.
    fn call_span(&self, call: &Call<'_>) -> Span {
        let end = call.args.last().map_or(call.method.span, |arg| arg.span);
        call.method.span.to(end)
    }

    fn no_operands(&mut self, call: &Call<'_>) -> Option<()> {
        let signature = format!("{}()", call.method.name);
        self.operands::<0>(call, 0, &signature).map(|_| ())
    }

    /// Splits the arguments into values and orderings, all of which may be left out.
    fn operands<'t, const VALUES: usize>(
        &mut self,
        call: &Call<'t>,
        orderings: usize,
        signature: &str,
    ) -> Option<([&'t tree::Expr; VALUES], &'t [tree::Expr])> {
        let found = call.args.len();
        if found == VALUES || found == VALUES + orderings {
            let (values, rest) = call.args.split_at(VALUES);
            let values: Vec<&tree::Expr> = values.iter().collect();
            return values.try_into().ok().map(|values| (values, rest));
        }
        let span = self.call_span(call);
        let signature = format!("{}.{signature}", call.object);
        if orderings == 2 && found == VALUES + 1 {
            self.error(error::one_ordering_of_two(span, &signature));
        } else {
            self.error(error::argument_count(&call.method.name, span, VALUES, orderings, found, &signature));
        }
        None
    }

    fn operand(&mut self, call: &Call<'_>, expr: &tree::Expr, ty: Type) -> BodyExpr {
        let why = format!("what `{}` gets", call.object);
        self.value_of(expr, ty, &why)
    }

    /// How long an operation waits, in microseconds.
    fn duration(&mut self, expr: &tree::Expr) -> Option<u64> {
        if let tree::ExprKind::Duration(micros) = expr.kind {
            return Some(micros);
        }
        if !matches!(expr.kind, tree::ExprKind::Error) {
            let found = format!("`{}`", self.checker.text(expr.span));
            self.error(syntax::expected_duration(expr.span, &found));
        }
        None
    }

    fn message(&mut self, call: &Call<'_>, expr: &tree::Expr, element: Ty) -> BodyExpr {
        let why = format!("a message of `{}`, like those before,", call.object);
        self.value_as(expr, element, &why)
    }

    /// Checks an argument of an operation that is not known; a name of an ordering is no error there.
    fn argument_of_nothing(&mut self, arg: &tree::Expr) {
        if name_of(arg).is_none_or(|name| !ORDERINGS.contains(&name)) {
            let (base, index) = split_index(arg);
            // `c.wait(m)` names an object where a value would be an error.
            match name_of(base) {
                Some(name) if self.local(name).is_none() => {
                    self.global(name, base.span);
                    index.map(|index| self.value(index));
                }
                Some(_) | None => {
                    self.value(arg);
                }
            }
        }
    }

    /// The mutex that a `wait` without one probably means: the innermost that is held, else the first of the file.
    fn likely_mutex(&self) -> String {
        let first = || {
            let mutex = self.checker.objects.iter().find(|object| matches!(object.kind, ObjectKind::Mutex(_)));
            mutex.map(|object| object.name.clone())
        };
        self.held.last().cloned().or_else(first).unwrap_or_else(|| "m".to_owned())
    }

    // Orderings.

    fn ordering(&mut self, expr: Option<&tree::Expr>, access: Access) -> Option<Ordering> {
        let Some(expr) = expr else { return Some(Ordering::SeqCst) };
        if matches!(expr.kind, tree::ExprKind::Error) {
            return None;
        }
        self.ordering_word(name_of(expr).unwrap_or(""), expr.span, access)
    }

    /// An ordering by its word, checked for what it is used on.
    pub(super) fn ordering_word(&mut self, word: &str, span: Span, access: Access) -> Option<Ordering> {
        let ordering = match word {
            "plain" => Ordering::Plain,
            "relaxed" => Ordering::Relaxed,
            "acquire" => Ordering::Acquire,
            "release" => Ordering::Release,
            "acq_rel" => Ordering::AcqRel,
            "seq_cst" => Ordering::SeqCst,
            other => {
                self.error(error::unknown_ordering(span, nearest(other, ORDERINGS)));
                return None;
            }
        };
        let (what, allowed) = access.allowed();
        if !allowed.contains(&word) {
            self.error(error::bad_ordering(word, span, what, allowed));
            return None;
        }
        if !matches!(ordering, Ordering::Plain | Ordering::SeqCst) {
            self.checker.weak_ordering = true;
        }
        Some(ordering)
    }
}

const ORDERINGS: [&str; 6] = ["relaxed", "acquire", "release", "acq_rel", "seq_cst", "plain"];

/// What an ordering is used on.
#[derive(Clone, Copy, Debug)]
pub(super) enum Access {
    Load,
    Store,
    ReadModifyWrite,
    FailedExchange,
    Fence,
}

impl Access {
    /// The orderings it can have, as in Rust.
    fn allowed(self) -> (&'static str, &'static [&'static str]) {
        match self {
            Access::Load => ("a load", &["relaxed", "acquire", "seq_cst", "plain"]),
            Access::Store => ("a store", &["relaxed", "release", "seq_cst", "plain"]),
            Access::ReadModifyWrite => {
                ("a read-modify-write", &["relaxed", "acquire", "release", "acq_rel", "seq_cst"])
            }
            Access::FailedExchange => ("a failed exchange, which only loads,", &["relaxed", "acquire", "seq_cst"]),
            Access::Fence => ("a fence", &["acquire", "release", "acq_rel", "seq_cst"]),
        }
    }
}

fn nature(action: &Action, capacity: Option<Capacity>) -> Nature {
    match action {
        Action::Read
        | Action::Load(_)
        | Action::IsLocked
        | Action::Len
        | Action::QueueLen
        | Action::IsEmpty
        | Action::IsFull
        | Action::IsAlive => Nature::Looks,
        Action::Barrier(action) => match action {
            BarrierAction::IsBroken => Nature::Looks,
            BarrierAction::Abort | BarrierAction::Reset => Nature::Changes,
            BarrierAction::Wait | BarrierAction::WaitTimeout => Nature::Blocks,
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
        | Action::NotifyAll
        | Action::TryAcquire
        | Action::Release { .. }
        | Action::Put { patience: Patience::NotAtAll, .. }
        | Action::Get { patience: Patience::NotAtAll }
        | Action::TaskDone
        | Action::Close => Nature::Changes,
        Action::CompareExchange { weak: true, .. } | Action::NotifyOne => Nature::Chooses,
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
        | Action::Wait { .. }
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
fn word(action: &Action) -> &'static str {
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
        Action::Wait { .. } => "wait",
        Action::NotifyOne => "notify_one",
        Action::NotifyAll => "notify_all",
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
        Action::Send(_) => "send",
        Action::Recv => "recv",
        Action::TrySend(_) => "try_send",
        Action::TryRecv => "try_recv",
        Action::RecvTimeout { .. } => "recv_timeout",
        Action::Close => "close",
        Action::Len => "len",
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
    }
}
