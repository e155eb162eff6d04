//! `var`, `atomic` and `fence`.

use super::backend::{Backend, Exchange, Seen, Stamp};
use super::frame::{Frame, Trouble};
use super::order::Touch;
use super::record::Record;
use super::wants::{Footprint, Wants};
use super::{finding, poison};
use crate::finding::{Access, AccessKind, Detail, Event, Finding, Phase, Returned, Target};
use crate::program::{AtomicOp, Memory, ObjectId, Ordering, ResultTag, RmwOp, VarOp};
use crate::schedule::Pick;

impl<B: Backend> Frame<'_, B> {
    /// Reads or writes plain memory.
    pub(super) fn var(&mut self, object: ObjectId, op: &VarOp) -> Result<(), Trouble> {
        let execution = self.execution;
        let cell = execution.world.var(object);
        let ty = self.value_type(object);
        let mut event = self.event(Phase::Whole, Some(Target::Object(object)));
        match op {
            VarOp::Read { to } => {
                self.announce(Wants::Nothing, Footprint::reads(object))?;
                let races = self.touches(object, AccessKind::Read, Ordering::Plain);
                // An access that races is not made: a runtime that looks for races itself would only say so once more.
                let value = if races.is_empty() { execution.backend.read(cell) } else { execution.backend.peek(cell) };
                self.set(*to, value);
                event.returned = Some(Returned::Value(ty.value(value)));
                self.accessed(object, event, races, |_| {})
            }
            VarOp::Write { value } => {
                let value = value.eval_locals(self.locals())?;
                self.announce(Wants::Nothing, Footprint::writes(object))?;
                let races = self.touches(object, AccessKind::Write, Ordering::Plain);
                if races.is_empty() {
                    execution.backend.write(cell, value);
                } else {
                    execution.backend.overwrite(cell, value);
                }
                event.operands = vec![ty.value(value)];
                event.wrote = Some(ty.value(value));
                self.accessed(object, event, races, |_| {})
            }
        }
    }

    /// An operation on an atomic.
    pub(super) fn atomic(&mut self, object: ObjectId, op: &AtomicOp) -> Result<(), Trouble> {
        match op {
            AtomicOp::Load { ordering, to } => {
                self.announce(Wants::Nothing, Footprint::reads(object))?;
                let seen = self.execution.backend.load(self.execution.world.atomic(object), *ordering);
                self.set(*to, seen.value);
                let mut event = self.event(Phase::Whole, Some(Target::Object(object)));
                event.returned = Some(Returned::Value(self.value_type(object).value(seen.value)));
                let races = self.touches(object, AccessKind::Read, *ordering);
                self.accessed(object, event, races, self.read_edge(object, seen, *ordering))
            }
            AtomicOp::Store { ordering, value } => {
                let value = value.eval_locals(self.locals())?;
                self.announce(Wants::Nothing, Footprint::writes(object))?;
                let stamp = self.execution.backend.store(self.execution.world.atomic(object), value, *ordering);
                let mut event = self.event(Phase::Whole, Some(Target::Object(object)));
                let ty = self.value_type(object);
                event.operands = vec![ty.value(value)];
                event.wrote = Some(ty.value(value));
                let races = self.touches(object, AccessKind::Write, *ordering);
                self.accessed(object, event, races, self.write_edge(object, stamp, *ordering, None))
            }
            AtomicOp::Rmw { op, ordering, value, to } => {
                let operand = value.eval_locals(self.locals())?;
                self.announce(Wants::Nothing, Footprint::writes(object))?;
                let atomic = self.execution.world.atomic(object);
                let (seen, stamp) = self.execution.backend.rmw(atomic, *op, operand, *ordering);
                if let Some(to) = to {
                    self.set(*to, seen.value);
                }
                let mut event = self.rmw_event(object, *op, operand, seen);
                if to.is_none() {
                    event.returned = None;
                }
                let races = self.touches(object, AccessKind::Write, *ordering);
                let read = self.read_edge(object, seen, *ordering);
                let write = self.write_edge(object, stamp, *ordering, Some(seen.stamp));
                self.accessed(object, event, races, |record| {
                    read(record);
                    write(record);
                })
            }
            AtomicOp::CompareExchange { expected, new, success, failure, weak, tag, to } => {
                let expected = expected.eval_locals(self.locals())?;
                let new = new.eval_locals(self.locals())?;
                self.announce(Wants::Nothing, Footprint::writes(object))?;
                // Where a schedule is followed it says whether a weak one fails.
                let dictated = *weak && self.execution.dictated() == Some(Pick::WeakFailure);
                let may_choose = *weak && self.execution.run.script.is_none();
                let exchange = Exchange { expected, new, success: *success, failure: *failure, weak: may_choose };
                let atomic = self.execution.world.atomic(object);
                let backend = &self.execution.backend;
                let (seen, stamp) = if dictated {
                    (backend.load(atomic, *failure), None)
                } else {
                    backend.compare_exchange(atomic, exchange)
                };
                let result = if stamp.is_some() { ResultTag::Some } else { ResultTag::Failed };
                self.set(*tag, result.slot());
                self.set(*to, seen.value);
                let ty = self.value_type(object);
                let mut event = self.event(Phase::Whole, Some(Target::Object(object)));
                if *weak && seen.value == expected {
                    self.execution.offer(self.thread, &[Pick::Only, Pick::WeakFailure]);
                }
                if dictated && seen.value == expected {
                    event.pick = Pick::WeakFailure;
                }
                event.operands = vec![ty.value(expected), ty.value(new)];
                event.returned = Some(Returned::Tagged(result, Some(ty.value(seen.value))));
                event.wrote = stamp.map(|_| ty.value(new));
                let ordering = if stamp.is_some() { *success } else { *failure };
                let kind = if stamp.is_some() { AccessKind::Write } else { AccessKind::Read };
                let races = self.touches(object, kind, ordering);
                let read = self.read_edge(object, seen, ordering);
                let write = stamp.map(|stamp| self.write_edge(object, stamp, ordering, Some(seen.stamp)));
                self.accessed(object, event, races, |record| {
                    read(record);
                    if let Some(write) = write {
                        write(record);
                    }
                })
            }
        }
    }

    /// A fence. Under sequential consistency it changes nothing.
    pub(super) fn fence(&mut self, ordering: Ordering) -> Result<(), Trouble> {
        self.announce(Wants::Nothing, Footprint::NOTHING)?;
        self.execution.backend.fence(ordering);
        let thread = self.thread;
        self.happened(self.event(Phase::Whole, None), |record| record.order.fence(thread, ordering))
    }

    fn rmw_event(&self, object: ObjectId, op: RmwOp, operand: i64, seen: Seen) -> Event {
        let ty = self.value_type(object);
        let mut event = self.event(Phase::Whole, Some(Target::Object(object)));
        event.operands = vec![ty.value(operand)];
        event.returned = Some(Returned::Value(ty.value(seen.value)));
        event.wrote = Some(ty.value(op.apply(seen.value, operand)));
        event
    }

    fn read_edge(&self, object: ObjectId, seen: Seen, ordering: Ordering) -> impl FnOnce(&mut Record) + use<B> {
        let thread = self.thread;
        move |record| record.order.load(thread, object, seen.stamp, ordering)
    }

    fn write_edge(
        &self,
        object: ObjectId,
        stamp: Stamp,
        ordering: Ordering,
        continues: Option<Stamp>,
    ) -> impl FnOnce(&mut Record) + use<B> {
        let thread = self.thread;
        move |record| record.order.store(thread, object, stamp, ordering, continues)
    }

    /// Notes an access; gives the earlier ones that it races with. Accesses of atomics matter only where some access of
    /// the same atomic is `plain`.
    fn touches(&self, object: ObjectId, kind: AccessKind, ordering: Ordering) -> Vec<Access> {
        let atomic = ordering != Ordering::Plain;
        if !B::NATURE.serial || atomic && !self.execution.run.plan.plain.contains(&object) {
            return Vec::new();
        }
        let touch = Touch { thread: self.thread, pc: self.cursor.pc, kind, atomic };
        poison::lock(&self.execution.record).order.access(object, touch)
    }

    /// Adds the step of an access, and the races it completes.
    fn accessed(
        &mut self,
        object: ObjectId,
        event: Event,
        races: Vec<Access>,
        order: impl FnOnce(&mut Record),
    ) -> Result<(), Trouble> {
        let kind = if event.wrote.is_some() { AccessKind::Write } else { AccessKind::Read };
        let access = Access { thread: self.thread, pc: self.cursor.pc, kind };
        self.happened(event, order)?;
        for earlier in races {
            let mut statements: Vec<_> = [earlier, access]
                .iter()
                .map(|side| finding::statement(self.execution.run.program.thread(side.thread).code, side.pc))
                .collect();
            statements.sort_unstable();
            statements.dedup();
            let detail = Detail::Race { object: Some(object), accesses: vec![earlier, access] };
            self.execution.found(Finding { detail, statements, trace: None });
        }
        Ok(())
    }
}

/// The ordering that an access really has under a memory model.
pub(crate) fn effective(memory: Memory, ordering: Ordering) -> Ordering {
    match (memory, ordering) {
        (_, Ordering::Plain) => Ordering::Plain,
        (Memory::Sc, _) => Ordering::SeqCst,
        (Memory::Rc11, _) => ordering,
    }
}
