//! `rwlock`: a monitor around who writes and who reads.

use super::backend::Backend;
use super::frame::{Frame, Trouble};
use super::wants::{Footprint, Wants};
use crate::finding::{BlockCause, Misuse, Phase, Target};
use crate::program::{LocalId, ObjectId, RwLockOp, ThreadId};

/// Who is inside a reader-writer lock.
#[derive(Clone, Debug, Default)]
pub(crate) struct Holders {
    writer: Option<ThreadId>,
    /// Each as often as it reads.
    readers: Vec<ThreadId>,
}

/// One side of a reader-writer lock.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Share {
    /// With other readers.
    Read,
    /// Alone.
    Write,
}

impl Holders {
    /// What keeps readers out.
    pub(super) fn written(&self, rwlock: ObjectId) -> Option<BlockCause> {
        self.writer.map(|writer| BlockCause::Written { rwlock, writer })
    }

    /// What keeps writers out.
    pub(super) fn held(&self, rwlock: ObjectId) -> Option<BlockCause> {
        let readers = self.readers.iter().fold(0, |set, reader| set | (1 << reader.0));
        self.written(rwlock).or((readers != 0).then_some(BlockCause::BeingRead { rwlock, readers }))
    }

    /// Lets a thread in, if there is room for it.
    fn enter(&mut self, thread: ThreadId, share: Share) -> bool {
        let free = self.writer.is_none() && (share == Share::Read || self.readers.is_empty());
        match share {
            Share::Read if free => self.readers.push(thread),
            Share::Write if free => self.writer = Some(thread),
            Share::Read | Share::Write => {}
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

    /// `read` and `write`.
    fn share(&mut self, rwlock: ObjectId, share: Share, wants: Wants) -> Result<(), Trouble> {
        let execution = self.execution;
        let thread = self.thread;
        self.announce(wants, Footprint::writes(rwlock))?;
        let holders = execution.world.rwlock(rwlock);
        holders.take(&execution.backend, thread, |holders| holders.enter(thread, share).then_some(()));
        self.shares.push((rwlock, share));
        let event = self.event(Phase::Whole, Some(Target::Object(rwlock)));
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
        let holders = execution.world.rwlock(rwlock);
        let entered = holders.change(&execution.backend, |holders| holders.enter(thread, share));
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
        let Some(position) = self.shares.iter().position(|held| *held == (rwlock, share)) else {
            return Err(Trouble::Misuse(misuse, Some(rwlock)));
        };
        self.shares.remove(position);
        // The log first: what comes after the unlock may already be another thread's.
        let event = self.event(Phase::Whole, Some(Target::Object(rwlock)));
        self.happened(event, |record| match share {
            Share::Read => record.order.release_as_reader(thread, rwlock),
            Share::Write => record.order.release(thread, rwlock),
        })?;
        execution.world.rwlock(rwlock).change(&execution.backend, |holders| holders.leave(thread, share));
        Ok(())
    }
}
