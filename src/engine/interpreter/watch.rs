//! `watch`: a monitor around a value and its version.

use super::backend::Backend;
use super::closing::{Closes, Lid};
use super::frame::{Frame, Trouble};
use super::monitor::Inside;
use super::wants::{Footprint, Wants};
use crate::finding::{Event, Misuse, Phase, Returned, Target};
use crate::program::{LocalId, ObjectId, ResultTag, ThreadId, WatchOp};
use std::collections::BTreeMap;

/// The latest value.
#[derive(Clone, Debug)]
pub(crate) struct Board {
    value: i64,
    /// How many values were sent.
    version: u64,
    /// The version that each thread has seen; 0 for the others.
    seen: BTreeMap<ThreadId, u64>,
    lid: Lid,
}

impl Board {
    /// Before the first step; `closers`: how many ends it waits for, if it closes itself.
    pub(crate) fn new(value: i64, closers: Option<usize>) -> Self {
        Self { value, version: 0, seen: BTreeMap::new(), lid: Lid::new(closers) }
    }

    /// The latest value.
    pub(crate) fn value(&self) -> i64 {
        self.value
    }

    fn is_new_for(&self, thread: ThreadId) -> bool {
        self.seen.get(&thread).copied().unwrap_or(0) < self.version
    }

    fn see(&mut self, thread: ThreadId) {
        self.seen.insert(thread, self.version);
    }

    /// Whether a thread that waits for a change has to go on waiting.
    pub(crate) fn awaits_news(&self, thread: ThreadId) -> bool {
        !self.is_new_for(thread) && !self.lid.closed
    }

    /// Whether a thread that waits for this value has to go on waiting.
    pub(crate) fn awaits(&self, wanted: i64) -> bool {
        self.value != wanted && !self.lid.closed
    }

    /// A value, unless it is closed.
    fn send(&mut self, value: i64) -> bool {
        if !self.lid.closed {
            self.value = value;
            self.version += 1;
        }
        !self.lid.closed
    }

    /// The end of a wait: whether what it was for is there; `None` where it goes on.
    fn waited(&mut self, thread: ThreadId, is_there: bool) -> Option<bool> {
        if is_there {
            self.see(thread);
            Some(true)
        } else {
            self.lid.closed.then_some(false)
        }
    }
}

/// The inside of what remembers what each thread has heard.
pub(crate) trait Listened {
    /// A thread that is started hears what comes from now on.
    fn begin_to_listen(&self, thread: ThreadId);
}

impl<B: Backend> Listened for Inside<'_, B, Board> {
    fn begin_to_listen(&self, thread: ThreadId) {
        self.data(|board| board.see(thread));
    }
}

impl Closes for Board {
    fn lid(&mut self) -> &mut Lid {
        &mut self.lid
    }
}

impl<B: Backend> Frame<'_, B> {
    /// An operation on a watched value.
    pub(super) fn watch(&mut self, id: ObjectId, op: &WatchOp) -> Result<(), Trouble> {
        let execution = self.execution;
        let (backend, thread) = (&execution.backend, self.thread);
        let board = execution.world.watch(id);
        let mut event = self.event(Phase::Whole, Some(Target::Object(id)));
        match op {
            WatchOp::Send { value } => {
                let value = value.eval_locals(self.locals())?;
                self.announce(Wants::Nothing, Footprint::writes(id))?;
                let inside = board.enter(backend);
                let shown = self.value_type(id).value(value);
                event.operands = vec![shown];
                if !inside.data(|board| board.send(value)) {
                    return Err(self.forbidden(event, id, Misuse::SendAfterClose));
                }
                event.wrote = Some(shown);
                self.happened(event, |record| {
                    record.order.acquire(thread, id);
                    record.order.release(thread, id);
                })?;
                inside.leave_changed();
                Ok(())
            }
            WatchOp::Borrow { to } => {
                self.announce(Wants::Nothing, Footprint::reads(id))?;
                let value = board.look(backend, Board::value);
                self.shown(id, event, *to, value)
            }
            WatchOp::BorrowAndUpdate { to } => {
                self.announce(Wants::Nothing, Footprint::reads(id))?;
                let value = board.change(backend, |board| {
                    board.see(thread);
                    board.value
                });
                self.shown(id, event, *to, value)
            }
            WatchOp::HasChanged { to } => {
                self.announce(Wants::Nothing, Footprint::reads(id))?;
                let new = board.look(backend, |board| board.is_new_for(thread));
                self.set(*to, i64::from(new));
                self.happened(self.answer(id, new), |_| {})
            }
            WatchOp::Changed { tag } => {
                self.announce(Wants::News(id), Footprint::reads(id))?;
                let came = board.take(backend, thread, |board| board.waited(thread, board.is_new_for(thread)));
                self.awaited(id, event, *tag, came)
            }
            WatchOp::WaitFor { value, tag } => {
                let wanted = value.eval_locals(self.locals())?;
                self.announce(Wants::Value(id, wanted), Footprint::reads(id))?;
                let came = board.take(backend, thread, |board| board.waited(thread, board.value == wanted));
                event.operands = vec![self.value_type(id).value(wanted)];
                self.awaited(id, event, *tag, came)
            }
            WatchOp::Close => {
                self.announce(Wants::Nothing, Footprint::writes(id))?;
                self.happened(event, |record| record.order.release(thread, id))?;
                board.change(backend, |board| board.lid.closed = true);
                Ok(())
            }
        }
    }

    fn shown(&mut self, id: ObjectId, mut event: Event, to: LocalId, value: i64) -> Result<(), Trouble> {
        self.set(to, value);
        event.returned = Some(Returned::Value(self.value_type(id).value(value)));
        let thread = self.thread;
        self.happened(event, |record| record.order.acquire(thread, id))
    }

    fn awaited(&mut self, id: ObjectId, mut event: Event, tag: LocalId, came: bool) -> Result<(), Trouble> {
        let result = if came { ResultTag::Some } else { ResultTag::Closed };
        self.set(tag, result.slot());
        event.returned = Some(Returned::Tagged(result, None));
        let thread = self.thread;
        self.happened(event, |record| record.order.acquire(thread, id))
    }
}
