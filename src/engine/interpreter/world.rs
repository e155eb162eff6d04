//! The shared objects of one execution, built on a backend.

use super::backend::Backend;
use super::barrier::{BarrierBuild, Round};
use super::broadcast::Ring;
use super::channel::{Channel, Messages};
use super::closing::Closing;
use super::lock::Served;
use super::monitor::Monitor;
use super::once::Stage;
use super::oneshot::Answer;
use super::own_barrier::OwnBarrier;
use super::plan::Plan;
use super::poison;
use super::queue::Items;
use super::record::End;
use super::rwlock::{Holders, RwLockBuild};
use super::semaphore::Permits;
use super::timer::Clock;
use super::waiters::Waiters;
use super::watch::{Board, Listened};
use crate::finding::Emulated;
use crate::program::{MutexKind, ObjectId, ObjectKind, Program, ThreadId};
use std::sync::Mutex;
use std::sync::atomic::AtomicBool;

/// Everything that threads share.
pub(crate) struct World<B: Backend> {
    pub(crate) objects: Vec<Shared<B>>,
    /// How each thread ended, where somebody can ask; the thread of a timer has a clock instead.
    pub(crate) ends: Vec<Option<Monitor<B, Option<End>>>>,
    /// What orders indivisible blocks, where there are any.
    pub(crate) blocks: Option<Monitor<B, ()>>,
}

/// One object.
pub(crate) enum Shared<B: Backend> {
    Var(B::Cell),
    Atomic(B::Atomic),
    Mutex(Lock<B>),
    RwLock(RwLockBuild<B>),
    Condvar(Signal<B>),
    Semaphore(Monitor<B, Permits>),
    Event(Monitor<B, bool>),
    Once(Monitor<B, Stage>),
    Timer(Monitor<B, Clock>),
    Barrier(BarrierBuild<B>),
    Channel(Channel<B>),
    Oneshot(Monitor<B, Answer>),
    Watch(Monitor<B, Board>),
    Broadcast(Monitor<B, Ring>),
    Queue(Monitor<B, Items>),
}

/// A mutex, with the books about who holds it.
pub(crate) struct Lock<B: Backend> {
    pub(crate) kind: MutexKind,
    pub(crate) build: LockBuild<B>,
    /// Who holds it; only for the holder itself always up to date where the backend is not serial.
    holder: Mutex<Option<ThreadId>>,
    /// Whether a holder has failed inside `with`; only its holder reads or writes it.
    pub(crate) poisoned: AtomicBool,
}

/// What a mutex is made of.
pub(crate) enum LockBuild<B: Backend> {
    /// The runtime's own.
    Own(B::Mutex),
    /// A monitor that says who holds it.
    Monitor(Monitor<B, Option<ThreadId>>),
    /// A monitor that says who holds it and who waits.
    Line(Monitor<B, Served>),
}

/// A condition variable.
pub(crate) enum Signal<B: Backend> {
    /// The runtime's own, with the books about who waits.
    Own(B::Condvar, Mutex<Waiters>),
    /// A monitor that says who waits.
    Monitor(Monitor<B, Waiters>),
}

impl<B: Backend> World<B> {
    /// The objects before the first step.
    pub(crate) fn new(program: &Program, plan: &Plan, backend: &B) -> Self {
        let build = |id: ObjectId| match &program.object(id).kind {
            ObjectKind::Var { initial } => Shared::Var(backend.cell(initial.slot())),
            ObjectKind::Atomic { initial } => Shared::Atomic(backend.atomic(program.memory, initial.slot())),
            ObjectKind::Mutex(kind) => Shared::Mutex(Lock {
                kind: *kind,
                build: if *kind == MutexKind::Fifo {
                    LockBuild::Line(Monitor::new(backend, Served::default()))
                } else if plan.own_locks {
                    LockBuild::Own(backend.mutex())
                } else {
                    LockBuild::Monitor(Monitor::new(backend, None))
                },
                holder: Mutex::new(None),
                poisoned: AtomicBool::new(false),
            }),
            ObjectKind::RwLock(preference) => {
                let own = plan.sections.get(&id).and_then(|sections| backend.rwlock(*sections));
                Shared::RwLock(RwLockBuild::new(backend, own, Holders::new(*preference)))
            }
            ObjectKind::Condvar { .. } if plan.own_locks => {
                Shared::Condvar(Signal::Own(backend.condvar(), Mutex::new(Waiters::default())))
            }
            ObjectKind::Condvar { .. } => Shared::Condvar(Signal::Monitor(Monitor::new(backend, Waiters::default()))),
            ObjectKind::Semaphore { permits, service, .. } => {
                Shared::Semaphore(Monitor::new(backend, Permits::new(*permits, *service)))
            }
            ObjectKind::Event => Shared::Event(Monitor::new(backend, false)),
            ObjectKind::Once => Shared::Once(Monitor::new(backend, Stage::default())),
            ObjectKind::Timer { .. } => Shared::Timer(Monitor::new(backend, Clock::default())),
            ObjectKind::Oneshot { closed_by, .. } => {
                Shared::Oneshot(Monitor::new(backend, Answer::new(closed_by.as_ref().map(Vec::len))))
            }
            ObjectKind::Watch { initial, closed_by, .. } => {
                let board = Board::new(initial.slot(), closed_by.as_ref().map(Vec::len));
                Shared::Watch(Monitor::new(backend, board))
            }
            ObjectKind::Broadcast { room, listeners, closed_by, .. } => {
                let from_the_start = |listener: &&ThreadId| program.thread(**listener).starts_with_program();
                let listeners: Vec<ThreadId> = listeners.iter().filter(from_the_start).copied().collect();
                let ring = Ring::new(*room, &listeners, closed_by.as_ref().map(Vec::len));
                Shared::Broadcast(Monitor::new(backend, ring))
            }
            ObjectKind::Queue { order, room, .. } => Shared::Queue(Monitor::new(backend, Items::new(*order, *room))),
            ObjectKind::Barrier { threads } => {
                let own = plan.meetings.contains(&id).then(|| backend.barrier(*threads)).flatten();
                Shared::Barrier(BarrierBuild::new(backend, own, Round::new(*threads)))
            }
            ObjectKind::Channel { capacity, closed_by, .. } => {
                let messages = Messages::new(closed_by.as_ref().map(Vec::len));
                let own = plan.fits.get(&id).and_then(|fit| backend.channel(fit));
                Shared::Channel(Channel { capacity: *capacity, state: Monitor::new(backend, messages), own })
            }
        };
        // Of the thread of a timer its clock knows.
        let is_asked = |thread| plan.observable.contains(&thread) && program.thread(thread).timer.is_none();
        let end = |thread| is_asked(thread).then(|| Monitor::new(backend, None));
        Self {
            objects: program.object_ids().map(build).collect(),
            ends: program.thread_ids().map(end).collect(),
            blocks: plan.blocks.then(|| Monitor::new(backend, ())),
        }
    }

    /// What is not of a type of the runtime.
    pub(crate) fn emulated(&self) -> Vec<Emulated> {
        let is_emulated = |object: &Shared<B>| match object {
            Shared::Var(_) => !B::NATURE.own_cells,
            Shared::Mutex(lock) => !matches!(lock.build, LockBuild::Own(_)),
            Shared::RwLock(build) => !matches!(build, RwLockBuild::Own(..)),
            Shared::Condvar(signal) => !(B::NATURE.own_waits && matches!(signal, Signal::Own(..))),
            Shared::Barrier(build) => !matches!(build, BarrierBuild::Own(..)),
            Shared::Channel(channel) => channel.own.is_none(),
            Shared::Atomic(_) => false,
            Shared::Semaphore(_)
            | Shared::Event(_)
            | Shared::Once(_)
            | Shared::Timer(_)
            | Shared::Oneshot(_)
            | Shared::Watch(_)
            | Shared::Broadcast(_)
            | Shared::Queue(_) => true,
        };
        let objects = (0..).zip(&self.objects).filter(|(_, object)| is_emulated(object));
        let ends = self.ends.iter().any(Option::is_some).then_some(Emulated::Ends);
        let blocks = self.blocks.is_some().then_some(Emulated::Blocks);
        objects.map(|(position, _)| Emulated::Object(ObjectId(position))).chain(ends).chain(blocks).collect()
    }

    /// Wakes everybody who waits for a notification.
    pub(crate) fn wake_all(&self, backend: &B) {
        for object in &self.objects {
            match object {
                Shared::Condvar(Signal::Own(own, _)) => backend.notify_all(own),
                Shared::Condvar(Signal::Monitor(monitor)) => monitor.poke(backend),
                Shared::RwLock(RwLockBuild::Monitor(holders)) => holders.poke(backend),
                Shared::Semaphore(permits) => permits.poke(backend),
                Shared::Event(set) => set.poke(backend),
                Shared::Once(stage) => stage.poke(backend),
                Shared::Timer(clock) => clock.poke(backend),
                Shared::Barrier(BarrierBuild::Own(own, _)) => own.lead_out(),
                Shared::Barrier(BarrierBuild::Monitor(round)) => round.poke(backend),
                Shared::Channel(channel) => channel.state.poke(backend),
                Shared::Oneshot(answer) => answer.poke(backend),
                Shared::Watch(board) => board.poke(backend),
                Shared::Broadcast(ring) => ring.poke(backend),
                Shared::Queue(items) => items.poke(backend),
                Shared::Mutex(Lock { build: LockBuild::Monitor(holder), .. }) => holder.poke(backend),
                Shared::Mutex(Lock { build: LockBuild::Line(served), .. }) => served.poke(backend),
                // Where the interpreter schedules nobody is given a turn inside these before there is room.
                Shared::Mutex(Lock { build: LockBuild::Own(_), .. })
                | Shared::RwLock(RwLockBuild::Own(..))
                | Shared::Var(_)
                | Shared::Atomic(_) => {}
            }
        }
        for end in self.ends.iter().flatten() {
            end.poke(backend);
        }
        if let Some(blocks) = &self.blocks {
            blocks.poke(backend);
        }
    }

    /// The memory of a `var`.
    pub(crate) fn var(&self, id: ObjectId) -> &B::Cell {
        let Shared::Var(cell) = &self.objects[id.index()] else { unreachable!("{WRONG}") };
        cell
    }

    /// An `atomic`.
    pub(crate) fn atomic(&self, id: ObjectId) -> &B::Atomic {
        let Shared::Atomic(atomic) = &self.objects[id.index()] else { unreachable!("{WRONG}") };
        atomic
    }

    /// A `mutex`.
    pub(crate) fn mutex(&self, id: ObjectId) -> &Lock<B> {
        let Shared::Mutex(lock) = &self.objects[id.index()] else { unreachable!("{WRONG}") };
        lock
    }

    /// An `rwlock`.
    pub(crate) fn rwlock(&self, id: ObjectId) -> &RwLockBuild<B> {
        let Shared::RwLock(build) = &self.objects[id.index()] else { unreachable!("{WRONG}") };
        build
    }

    /// A `condvar`.
    pub(crate) fn condvar(&self, id: ObjectId) -> &Signal<B> {
        let Shared::Condvar(signal) = &self.objects[id.index()] else { unreachable!("{WRONG}") };
        signal
    }

    /// A `semaphore`.
    pub(crate) fn semaphore(&self, id: ObjectId) -> &Monitor<B, Permits> {
        let Shared::Semaphore(permits) = &self.objects[id.index()] else { unreachable!("{WRONG}") };
        permits
    }

    /// A `barrier`.
    pub(crate) fn barrier(&self, id: ObjectId) -> &BarrierBuild<B> {
        let Shared::Barrier(build) = &self.objects[id.index()] else { unreachable!("{WRONG}") };
        build
    }

    /// An `event`.
    pub(crate) fn event(&self, id: ObjectId) -> &Monitor<B, bool> {
        let Shared::Event(set) = &self.objects[id.index()] else { unreachable!("{WRONG}") };
        set
    }

    /// A `once`.
    pub(crate) fn once(&self, id: ObjectId) -> &Monitor<B, Stage> {
        let Shared::Once(stage) = &self.objects[id.index()] else { unreachable!("{WRONG}") };
        stage
    }

    /// A `timer`.
    pub(crate) fn timer(&self, id: ObjectId) -> &Monitor<B, Clock> {
        let Shared::Timer(clock) = &self.objects[id.index()] else { unreachable!("{WRONG}") };
        clock
    }

    /// A `channel`.
    pub(crate) fn channel(&self, id: ObjectId) -> &Channel<B> {
        let Shared::Channel(channel) = &self.objects[id.index()] else { unreachable!("{WRONG}") };
        channel
    }

    /// A `oneshot`.
    pub(crate) fn oneshot(&self, id: ObjectId) -> &Monitor<B, Answer> {
        let Shared::Oneshot(answer) = &self.objects[id.index()] else { unreachable!("{WRONG}") };
        answer
    }

    /// Something that closes itself with the end of threads, entered.
    pub(crate) fn enter_closing<'w>(&'w self, id: ObjectId, backend: &'w B) -> Box<dyn Closing + 'w> {
        match &self.objects[id.index()] {
            Shared::Oneshot(answer) => Box::new(answer.enter(backend)),
            Shared::Watch(board) => Box::new(board.enter(backend)),
            Shared::Broadcast(ring) => Box::new(ring.enter(backend)),
            Shared::Var(_)
            | Shared::Atomic(_)
            | Shared::Mutex(_)
            | Shared::RwLock(_)
            | Shared::Condvar(_)
            | Shared::Semaphore(_)
            | Shared::Event(_)
            | Shared::Once(_)
            | Shared::Timer(_)
            | Shared::Barrier(_)
            | Shared::Channel(_)
            | Shared::Queue(_) => Box::new(self.channel(id).state.enter(backend)),
        }
    }

    /// Something that remembers what each thread has heard, entered.
    pub(crate) fn enter_listened<'w>(&'w self, id: ObjectId, backend: &'w B) -> Box<dyn Listened + 'w> {
        if matches!(self.objects[id.index()], Shared::Watch(_)) {
            Box::new(self.watch(id).enter(backend))
        } else {
            Box::new(self.broadcast(id).enter(backend))
        }
    }

    /// A `watch`.
    pub(crate) fn watch(&self, id: ObjectId) -> &Monitor<B, Board> {
        let Shared::Watch(board) = &self.objects[id.index()] else { unreachable!("{WRONG}") };
        board
    }

    /// A `broadcast`.
    pub(crate) fn broadcast(&self, id: ObjectId) -> &Monitor<B, Ring> {
        let Shared::Broadcast(ring) = &self.objects[id.index()] else { unreachable!("{WRONG}") };
        ring
    }

    /// A channel of the runtime's own.
    pub(crate) fn own_channel(&self, id: ObjectId) -> Option<&B::Channel> {
        if let Shared::Channel(channel) = &self.objects[id.index()] { channel.own.as_ref() } else { None }
    }

    /// A `queue`.
    pub(crate) fn queue(&self, id: ObjectId) -> &Monitor<B, Items> {
        let Shared::Queue(items) = &self.objects[id.index()] else { unreachable!("{WRONG}") };
        items
    }

    /// The end of a thread that somebody observes.
    pub(crate) fn end_of(&self, thread: ThreadId) -> &Monitor<B, Option<End>> {
        self.ends[thread.index()].as_ref().expect("the plan lists every thread that an instruction can observe")
    }
}

/// The checker of the language lets no operation meet an object of another kind.
const WRONG: &str = "an operation meets an object of another kind";

impl<B: Backend> Lock<B> {
    /// Who holds it, by the books.
    pub(crate) fn holder(&self) -> Option<ThreadId> {
        *poison::lock(&self.holder)
    }

    /// Whether anybody holds it, by the books. One that is free and waited for is the longest waiter's.
    pub(crate) fn is_locked(&self) -> bool {
        match &self.build {
            LockBuild::Own(_) | LockBuild::Monitor(_) => self.holder().is_some(),
            LockBuild::Line(served) => !served.peek(Served::is_free),
        }
    }

    /// Whether the runtime says that nobody holds it.
    pub(crate) fn is_free(&self, backend: &B) -> bool {
        match &self.build {
            LockBuild::Own(own) => backend.try_lock(own).is_some(),
            LockBuild::Monitor(holder) => holder.peek(Option::is_none),
            LockBuild::Line(served) => served.peek(Served::is_free),
        }
    }

    /// Whether it is handed over in order of arrival.
    pub(crate) fn has_line(&self) -> bool {
        matches!(self.build, LockBuild::Line(_))
    }

    /// Keeps the books.
    pub(crate) fn set_holder(&self, holder: Option<ThreadId>) {
        *poison::lock(&self.holder) = holder;
    }
}

impl<B: Backend> Signal<B> {
    /// Who waits, by the books.
    pub(crate) fn waiters<R>(&self, look: impl FnOnce(&Waiters) -> R) -> R {
        match self {
            Signal::Own(_, books) => look(&poison::lock(books)),
            Signal::Monitor(monitor) => monitor.peek(look),
        }
    }
}
