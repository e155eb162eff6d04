//! Threads that are started at run time: `spawn`, and `join` and `is_finished` on their handles.
//!
//! The slot is a matter of the books; the thread itself is one of the runtime, started at that moment.

use super::Execution;
use super::Halt;
use super::backend::Backend;
use super::control::{Cursor, Settled};
use super::frame::{Frame, Trouble};
use super::poison;
use super::record::End;
use super::wants::{Footprint, Wants};
use crate::finding::{LimitHit, Phase, Returned, Target};
use crate::program::{LocalExpr, ObjectId, ObjectKind, ResultTag, SpawnId, SpawnOp, ThreadId, Value};

impl<B: Backend> Frame<'_, B> {
    /// An operation on a thread that is started at run time.
    pub(super) fn spawn(&mut self, function: SpawnId, op: &SpawnOp) -> Result<(), Trouble> {
        match op {
            SpawnOp::Start { args, to } => {
                let args = args.iter().map(|arg| arg.eval_locals(self.locals())).collect::<Result<Vec<i64>, _>>()?;
                let spawnable = self.execution.run.program.spawnable(function);
                let slots = spawnable.threads();
                // Who is first gets the first slot.
                let all = slots.fold(Footprint::NOTHING, |all, slot| all.and(Footprint::end(slot)));
                let listened = spawnable.threads().next().map(|slot| self.execution.listened_by(slot));
                let all = listened.iter().flatten().fold(all, |all, it| all.and(Footprint::writes(*it)));
                self.announce(Wants::Nothing, all)?;
                let Some(started) = poison::lock(&self.execution.record).start(spawnable) else {
                    return Err(Halt::Cut(LimitHit::Threads { limit: spawnable.slots, function }).into());
                };
                if let Some(to) = to {
                    self.set(*to, spawnable.handle(started));
                }
                let mut event = self.event(Phase::Whole, Some(Target::Thread(started)));
                self.execution.listen(started);
                let parameters = &self.execution.run.program.code_of(started).locals;
                event.operands = args.iter().zip(parameters).map(|(arg, local)| local.ty.value(*arg)).collect();
                let thread = self.thread;
                self.happened(event, |record| record.order.start(thread, started))?;
                if let Err(halt) = self.execution.begin(started, &args) {
                    self.acts_for(started);
                    return Err(halt.into());
                }
                Ok(())
            }
            SpawnOp::Wait { handle } => {
                let other = self.spawned(function, handle)?;
                self.await_end(other)?;
                let event = self.event(Phase::Whole, Some(Target::Thread(other)));
                let thread = self.thread;
                self.happened(event, |record| record.order.join(thread, other))
            }
            SpawnOp::Join { handle, tag, to } => {
                let other = self.spawned(function, handle)?;
                let end = self.await_end(other)?;
                let mut event = self.event(Phase::Whole, Some(Target::Thread(other)));
                let (result, value) = match end {
                    End::Normal => {
                        let left = self.execution.run.program.spawnable(function).result;
                        let left = left.map(|local| poison::lock(&self.execution.locals[other.index()])[local.index()]);
                        (ResultTag::Some, to.zip(left))
                    }
                    End::Crashed | End::Failed => (ResultTag::Failed, None),
                };
                self.set(*tag, result.slot());
                let value = value.map(|(to, value)| {
                    self.set(to, value);
                    self.code().locals[to.index()].ty.value(value)
                });
                event.returned = Some(Returned::Tagged(result, value));
                poison::lock(&self.execution.record).looked_at(other);
                let thread = self.thread;
                self.happened(event, |record| record.order.join(thread, other))
            }
            SpawnOp::IsFinished { handle, to } => {
                let other = self.spawned(function, handle)?;
                self.announce(Wants::Nothing, Footprint::end(other))?;
                let finished = self.execution.world.end_of(other).look(&self.execution.backend, Option::is_some);
                self.set(*to, i64::from(finished));
                let mut event = self.event(Phase::Whole, Some(Target::Thread(other)));
                event.returned = Some(Returned::Value(Value::Bool(finished)));
                self.happened(event, |_| {})
            }
        }
    }

    /// The thread that a handle means.
    fn spawned(&self, function: SpawnId, handle: &LocalExpr) -> Result<ThreadId, Trouble> {
        let handle = handle.eval_locals(self.locals())?;
        Ok(self.execution.run.program.spawnable(function).thread(handle)?)
    }

    fn await_end(&mut self, other: ThreadId) -> Result<End, Trouble> {
        self.announce(Wants::End(other), Footprint::end(other))?;
        let execution = self.execution;
        Ok(execution.world.end_of(other).take(&execution.backend, self.thread, |end| *end))
    }
}

impl<B: Backend> Execution<B> {
    /// The watched values and broadcasts that a thread listens to, in order.
    pub(super) fn listened_by(&self, thread: ThreadId) -> Vec<ObjectId> {
        let program = &self.run.program;
        let listens = |id: &ObjectId| match &program.object(*id).kind {
            ObjectKind::Watch { listeners, .. } | ObjectKind::Broadcast { listeners, .. } => {
                listeners.contains(&thread)
            }
            ObjectKind::Var { .. }
            | ObjectKind::Atomic { .. }
            | ObjectKind::Mutex(_)
            | ObjectKind::RwLock(_)
            | ObjectKind::Condvar { .. }
            | ObjectKind::Semaphore { .. }
            | ObjectKind::Event
            | ObjectKind::Once
            | ObjectKind::Timer { .. }
            | ObjectKind::Barrier { .. }
            | ObjectKind::Channel { .. }
            | ObjectKind::Oneshot { .. }
            | ObjectKind::Queue { .. } => false,
        };
        program.object_ids().filter(listens).collect()
    }

    /// A thread hears from now on: of all that it listens to at the same moment.
    pub(super) fn listen(&self, thread: ThreadId) {
        let listened = self.listened_by(thread);
        let inside: Vec<_> = listened.iter().map(|id| self.world.enter_listened(*id, &self.backend)).collect();
        for place in &inside {
            place.begin_to_listen(thread);
        }
    }

    /// A thread begins: its local instructions up to its first visible step belong to the step that starts it.
    pub(super) fn begin(&self, thread: ThreadId, args: &[i64]) -> Result<(), Halt> {
        let mut cursor = Cursor::start(&self.run.program, thread);
        cursor.locals[..args.len()].copy_from_slice(args);
        let mut frame = Frame::new(self, thread, cursor);
        let settled = frame.settle()?;
        if settled == Settled::Ended {
            let end = frame.end();
            self.ends(thread, end);
            return Ok(());
        }
        poison::lock(&self.starts)[thread.index()] = Some((frame.cursor.clone(), settled));
        self.backend.spawn(thread);
        Ok(())
    }
}
