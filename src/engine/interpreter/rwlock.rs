//! `rwlock`: the runtime's own where nobody can tell it from the language's, otherwise a monitor around who writes and who
//! reads and, where somebody goes first, who waits.

use super::backend::Backend;
use super::frame::{Frame, Trouble};
use super::line::{Line, behind};
use super::monitor::Monitor;
use super::own_rwlock::OwnRwLock;
use super::poison;
use super::wants::{Footprint, Wants};
use crate::finding::{BlockCause, Misuse, Phase, Target};
use crate::program::{LocalId, ObjectId, Preference, RwLockOp, ThreadId};
use std::mem::ManuallyDrop;
use std::sync::Mutex;

/// What a reader-writer lock is made of.
pub(crate) enum RwLockBuild<B: Backend> {
    /// The runtime's own, with the books about who is inside; where the backend is not serial they stay empty, because to
    /// keep them would put the readers in step with each other.
    Own(B::RwLock, Mutex<Holders>),
    /// A monitor.
    Monitor(Monitor<B, Holders>),
}

/// Proof that a thread is inside a lock of the runtime's own.
pub(super) type ShareGuard<'e, B> = <<B as Backend>::RwLock as OwnRwLock>::Guard<'e>;

impl<B: Backend> RwLockBuild<B> {
    /// A free lock.
    pub(crate) fn new(backend: &B, own: Option<B::RwLock>, holders: Holders) -> Self {
        match own {
            Some(own) => RwLockBuild::Own(own, Mutex::new(holders)),
            None => RwLockBuild::Monitor(Monitor::new(backend, holders)),
        }
    }

    /// Who is inside, by the books.
    pub(crate) fn holders<R>(&self, look: impl FnOnce(&Holders) -> R) -> R {
        match self {
            RwLockBuild::Own(_, books) => look(&poison::lock(books)),
            RwLockBuild::Monitor(monitor) => monitor.peek(look),
        }
    }
}

/// Who is inside a reader-writer lock, and who waits where that matters.
#[derive(Clone, Debug)]
pub(crate) struct Holders {
    preference: Preference,
    writer: Option<ThreadId>,
    /// Each as often as it reads.
    readers: Vec<ThreadId>,
    /// Nobody where nobody goes first.
    line: Line<Share>,
}

/// One side of a reader-writer lock.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Share {
    /// With other readers.
    Read,
    /// Alone.
    Write,
}

impl Holders {
    /// A free lock.
    pub(crate) fn new(preference: Preference) -> Self {
        Self { preference, writer: None, readers: Vec::new(), line: Line::default() }
    }

    /// What keeps a thread out.
    pub(super) fn obstacle(&self, rwlock: ObjectId, thread: ThreadId, share: Share) -> Option<BlockCause> {
        if let Some(writer) = self.writer {
            return Some(BlockCause::Written { rwlock, writer });
        }
        let readers = self.readers.iter().fold(0, |set, reader| set | (1 << reader.0));
        if share == Share::Write && readers != 0 {
            return Some(BlockCause::BeingRead { rwlock, readers });
        }
        match (self.preference, share) {
            (Preference::Anybody, _) | (Preference::Writers, Share::Write) | (Preference::Readers, Share::Read) => None,
            (Preference::Writers, Share::Read) => {
                behind(rwlock, self.line.all().filter(|(_, wants)| *wants == Share::Write))
            }
            (Preference::Readers, Share::Write) => {
                behind(rwlock, self.line.all().filter(|(_, wants)| *wants == Share::Read))
            }
            (Preference::Fifo, Share::Write) => behind(rwlock, self.line.ahead(thread)),
            (Preference::Fifo, Share::Read) => {
                behind(rwlock, self.line.ahead(thread).filter(|(_, wants)| *wants == Share::Write))
            }
        }
    }

    /// Lets a thread in, if there is room for it; then it waits no longer.
    fn enter(&mut self, rwlock: ObjectId, thread: ThreadId, share: Share) -> bool {
        let free = self.obstacle(rwlock, thread, share).is_none();
        if free {
            self.line.leave(thread);
            match share {
                Share::Read => self.readers.push(thread),
                Share::Write => self.writer = Some(thread),
            }
        }
        free
    }

    /// Lets a thread out once.
    fn leave(&mut self, thread: ThreadId, share: Share) {
        match share {
            Share::Read => {
                if let Some(position) = self.readers.iter().position(|reader| *reader == thread) {
                    self.readers.remove(position);
                }
            }
            Share::Write => self.writer = None,
        }
    }
}

impl<B: Backend> Frame<'_, B> {
    /// An operation on a reader-writer lock.
    pub(super) fn rwlock(&mut self, rwlock: ObjectId, op: &RwLockOp) -> Result<(), Trouble> {
        match op {
            RwLockOp::Read { .. } => self.share(rwlock, Share::Read, Wants::Read(rwlock)),
            RwLockOp::Write { .. } => self.share(rwlock, Share::Write, Wants::Write(rwlock)),
            RwLockOp::TryRead { to } => self.try_share(rwlock, Share::Read, *to),
            RwLockOp::TryWrite { to } => self.try_share(rwlock, Share::Write, *to),
            RwLockOp::ReadUnlock { .. } => self.unshare(rwlock, Share::Read, Misuse::ReadUnlockNotHeld),
            RwLockOp::WriteUnlock { .. } => self.unshare(rwlock, Share::Write, Misuse::WriteUnlockNotHeld),
        }
    }

    /// `read` and `write`; two steps where somebody goes first.
    fn share(&mut self, rwlock: ObjectId, share: Share, wants: Wants) -> Result<(), Trouble> {
        let execution = self.execution;
        let thread = self.thread;
        let build = execution.world.rwlock(rwlock);
        let phase = match build {
            RwLockBuild::Monitor(holders) if holders.peek(|holders| holders.preference) != Preference::Anybody => {
                self.announce(Wants::Nothing, Footprint::writes(rwlock))?;
                holders.change(&execution.backend, |holders| holders.line.arrive(thread, share));
                self.happened(self.event(Phase::Arrive, Some(Target::Object(rwlock))), |_| {})?;
                Phase::Complete
            }
            RwLockBuild::Own(..) | RwLockBuild::Monitor(_) => Phase::Whole,
        };
        self.announce(wants, Footprint::writes(rwlock))?;
        match build {
            RwLockBuild::Own(own, books) => {
                let guard = match share {
                    Share::Read => own.read(),
                    Share::Write => own.write(),
                };
                self.share_guards.push((rwlock, ManuallyDrop::new(guard)));
                if B::NATURE.serial {
                    let entered = poison::lock(books).enter(rwlock, thread, share);
                    assert!(entered, "the runtime lets a thread into a lock that is not free by the books");
                }
            }
            RwLockBuild::Monitor(holders) => {
                holders.take(&execution.backend, thread, |holders| holders.enter(rwlock, thread, share).then_some(()));
            }
        }
        self.shares.push((rwlock, share));
        let event = self.event(phase, Some(Target::Object(rwlock)));
        self.happened(event, |record| match share {
            Share::Read => record.order.acquire(thread, rwlock),
            Share::Write => record.order.acquire_as_writer(thread, rwlock),
        })
    }

    /// `try_read` and `try_write`.
    fn try_share(&mut self, rwlock: ObjectId, share: Share, to: LocalId) -> Result<(), Trouble> {
        let execution = self.execution;
        let thread = self.thread;
        self.announce(Wants::Nothing, Footprint::writes(rwlock))?;
        let entered = match execution.world.rwlock(rwlock) {
            RwLockBuild::Own(own, books) => {
                let guard = match share {
                    Share::Read => own.try_read(),
                    Share::Write => own.try_write(),
                };
                let entered = guard.is_some();
                self.share_guards.extend(guard.map(|guard| (rwlock, ManuallyDrop::new(guard))));
                if B::NATURE.serial {
                    let can = poison::lock(books).enter(rwlock, thread, share);
                    assert_eq!(entered, can, "the runtime's lock and the books differ about who is inside");
                }
                entered
            }
            RwLockBuild::Monitor(holders) => {
                holders.change(&execution.backend, |holders| holders.enter(rwlock, thread, share))
            }
        };
        if entered {
            self.shares.push((rwlock, share));
        }
        self.set(to, i64::from(entered));
        self.happened(self.answer(rwlock, entered), |record| match share {
            Share::Read if entered => record.order.acquire(thread, rwlock),
            Share::Write if entered => record.order.acquire_as_writer(thread, rwlock),
            Share::Read | Share::Write => {}
        })
    }

    /// `read_unlock` and `write_unlock`.
    fn unshare(&mut self, rwlock: ObjectId, share: Share, misuse: Misuse) -> Result<(), Trouble> {
        let execution = self.execution;
        let thread = self.thread;
        self.announce(Wants::Nothing, Footprint::writes(rwlock))?;
        let event = self.event(Phase::Whole, Some(Target::Object(rwlock)));
        let Some(position) = self.shares.iter().position(|held| *held == (rwlock, share)) else {
            return Err(self.forbidden(event, rwlock, misuse));
        };
        self.shares.remove(position);
        // The log first: what comes after the unlock may already be another thread's.
        self.happened(event, |record| match share {
            Share::Read => record.order.release_as_reader(thread, rwlock),
            Share::Write => record.order.release(thread, rwlock),
        })?;
        match execution.world.rwlock(rwlock) {
            RwLockBuild::Own(_, books) => {
                if B::NATURE.serial {
                    poison::lock(books).leave(thread, share);
                }
                // Sections are apart, so there is one guard of this lock.
                if let Some(position) = self.share_guards.iter().position(|(held, _)| *held == rwlock) {
                    drop(ManuallyDrop::into_inner(self.share_guards.swap_remove(position).1));
                }
            }
            RwLockBuild::Monitor(holders) => {
                holders.change(&execution.backend, |holders| holders.leave(thread, share));
            }
        }
        Ok(())
    }
}
