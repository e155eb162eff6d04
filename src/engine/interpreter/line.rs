//! Who waits for an object that is served in order of arrival, or where it matters who waits.

use crate::finding::BlockCause;
use crate::program::{ObjectId, ThreadId};

/// Waiting threads, the longest waiter first, each with what it wants.
#[derive(Clone, Debug)]
pub(crate) struct Line<W>(Vec<(ThreadId, W)>);

impl<W> Default for Line<W> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<W> Line<W> {
    /// A thread comes.
    pub(super) fn arrive(&mut self, thread: ThreadId, wants: W) {
        self.0.push((thread, wants));
    }

    /// It waits no longer.
    pub(super) fn leave(&mut self, thread: ThreadId) {
        self.0.retain(|(waiter, _)| *waiter != thread);
    }

    /// Whether nobody waits.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Who stands before a thread, and what each of them wants: all, where it does not wait.
    pub(super) fn ahead(&self, thread: ThreadId) -> impl Iterator<Item = &(ThreadId, W)> {
        self.0.iter().take_while(move |(waiter, _)| *waiter != thread)
    }

    /// Everybody who waits, and what for.
    pub(super) fn all(&self) -> impl Iterator<Item = &(ThreadId, W)> {
        self.0.iter()
    }
}

/// That these go first at an object; `None` where there is nobody.
pub(super) fn behind<'a, W: 'a>(
    object: ObjectId,
    ahead: impl Iterator<Item = &'a (ThreadId, W)>,
) -> Option<BlockCause> {
    let ahead = ahead.fold(0, |set, (thread, _)| set | (1 << thread.0));
    (ahead != 0).then_some(BlockCause::Behind { object, ahead })
}
