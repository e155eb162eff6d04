//! Which operations objects and threads have, with their arguments, orderings and results: a file for each kind of
//! object.

mod arguments;
mod atomic;
mod barrier;
mod broadcast;
mod channel;
mod condvar;
mod event;
mod mutex;
mod nature;
mod once;
mod oneshot;
mod ordering;
mod queue;
mod rwlock;
mod semaphore;
mod thread;
mod timer;
mod watch;

use self::nature::{nature, word};
pub(super) use self::ordering::Access;
use super::body::{BodyChecker, Receiver};
use super::function::Obstacle;
use super::names::Global;
use super::{error, name_of};
use crate::language::checked::{Action, Gives, ObjectKind, On, Operation, ThreadUse};
use crate::language::diagnostic;
use crate::language::suggest::nearest;
use crate::language::tree::{self, Ident};
use crate::program::{Capacity, Span};

/// The operations of one kind of object.
struct Menu {
    what: &'static str,
    /// What it has.
    has: &'static [&'static str],
    /// What the language has and this release has not.
    later: &'static [&'static str],
}

/// The operations of each kind of object, by the word that declares it, and those of threads and their handles.
pub fn operations() -> [(&'static str, &'static [&'static str]); 17] {
    [
        ("var", &[]),
        ("atomic", atomic::ATOMIC.has),
        ("mutex", mutex::MUTEX.has),
        ("rwlock", rwlock::RWLOCK.has),
        ("condvar", condvar::CONDVAR.has),
        ("semaphore", semaphore::SEMAPHORE.has),
        ("event", event::EVENT.has),
        ("once", once::ONCE.has),
        ("timer", timer::TIMER.has),
        ("barrier", barrier::BARRIER.has),
        ("channel", channel::CHANNEL.has),
        ("oneshot", oneshot::ONESHOT.has),
        ("watch", watch::WATCH.has),
        ("broadcast", broadcast::BROADCAST.has),
        ("queue", queue::QUEUE.has),
        ("thread", thread::THREAD.has),
        ("handle", thread::HANDLE.has),
    ]
}

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
    Starts,
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
                // Those of a timer are about its thread.
                let on = if matches!(action, Action::Join | Action::IsAlive) {
                    On::Thread(ThreadUse { thread: self.checker.thread_of_timer(object_index)?, index: used.index })
                } else {
                    On::Object(used)
                };
                Some((Operation { on, action, span }, gives))
            }
            Receiver::Thread(used) => {
                let declared = self.checker.threads[used.thread].declared;
                let call = Call { method, args, object, declared };
                let (action, gives) = self.thread_action(&call)?;
                self.note(&action, None, span);
                Some((Operation { on: On::Thread(used), action, span }, gives))
            }
            Receiver::Handle(used, declared) => {
                let call = Call { method, args, object, declared };
                let (action, gives) = self.handle_action(&call, used.function)?;
                self.note(&action, None, span);
                Some((Operation { on: On::Handle(used), action, span }, gives))
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

    /// Whether a statement is `group.join();`, of threads or of timers: the group.
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
            Global::Object { object, .. } if self.checker.objects[object].len.is_some() => {
                if !matches!(self.checker.objects[object].kind, ObjectKind::Timer { .. }) {
                    return None;
                }
                self.uses.obstacle(Obstacle::new(expr.span, "`join`", "it can block"));
                self.checker.thread_of_timer(object)
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
            | ObjectKind::RwLock(_)
            | ObjectKind::Condvar { .. }
            | ObjectKind::Semaphore { .. }
            | ObjectKind::Event
            | ObjectKind::Once
            | ObjectKind::Timer { .. }
            | ObjectKind::Oneshot { .. }
            | ObjectKind::Watch { .. }
            | ObjectKind::Broadcast { .. }
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
            Nature::Starts => self.uses.obstacle(Obstacle::new(span, what, "it starts a thread")),
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
            ObjectKind::RwLock(_) => self.rwlock_action(call),
            ObjectKind::Condvar { .. } => self.condvar_action(call),
            ObjectKind::Semaphore { .. } => self.semaphore_action(call),
            ObjectKind::Event => self.event_action(call),
            ObjectKind::Once => self.once_action(call),
            ObjectKind::Timer { .. } => self.timer_action(call),
            ObjectKind::Barrier { .. } => self.barrier_action(call),
            ObjectKind::Channel { element, .. } => {
                let element = *element;
                self.channel_action(call, element)
            }
            ObjectKind::Oneshot { element, .. } => {
                let element = *element;
                self.oneshot_action(call, element)
            }
            ObjectKind::Watch { initial, .. } => {
                let ty = initial.ty();
                self.watch_action(call, ty)
            }
            ObjectKind::Broadcast { .. } => self.broadcast_action(call),
            ObjectKind::Queue { element, .. } => {
                let element = *element;
                self.queue_action(call, element)
            }
        }
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
}
