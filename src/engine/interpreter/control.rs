//! Local instructions: what a thread does between two visible steps. No runtime is involved.

use super::finding;
use crate::finding::{Detail, Finding, LimitHit};
use crate::limits::Limits;
use crate::program::{Code, CodeId, Fault, InstrKind, Op, Pc, Place, Program, ThreadId};

/// Where a thread is and what it knows.
#[derive(Clone, Debug)]
pub(crate) struct Cursor {
    /// Next instruction.
    pub(crate) pc: Pc,
    /// Values of the locals.
    pub(crate) locals: Vec<i64>,
    /// Whether it has panicked or misused a primitive, and is on its way out.
    pub(crate) failed: Option<Failure>,
    /// Where it has.
    pub(crate) failed_at: Pc,
}

/// How a thread failed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Failure {
    /// By panic.
    Panic,
    /// By misuse.
    Misuse,
}

/// Where local instructions have led.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Settled {
    /// To a visible step (inside an indivisible block: to its condition, an operation or its end).
    AtStep,
    /// To the end of the thread; nobody can observe when.
    Ended,
}

/// Why an execution, or a thread's part of it, does not go on.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Halt {
    /// A failed assertion or invariant has ended the execution.
    Stopped,
    /// A false `assume` has discarded the rest of it.
    Discarded,
    /// A limit was met.
    Cut(LimitHit),
    /// Another thread has ended the execution.
    Elsewhere,
}

impl Cursor {
    /// The start of a thread.
    pub(crate) fn start(program: &Program, thread: ThreadId) -> Self {
        Self { pc: Pc(0), locals: program.thread(thread).initial.clone(), failed: None, failed_at: Pc(0) }
    }

    /// Runs local instructions up to the next visible step or the end. Findings go to `found`.
    ///
    /// # Errors
    /// Why the execution does not go on.
    pub(crate) fn settle(
        &mut self,
        program: &Program,
        limits: &Limits,
        thread: ThreadId,
        found: &mut Vec<Finding>,
    ) -> Result<Settled, Halt> {
        let id = program.thread(thread).code;
        for _ in 0..limits.local_steps {
            match self.local(program.code_of(thread), id, thread, found)? {
                Local::Next => {}
                Local::Settled(settled) => return Ok(settled),
            }
        }
        Err(Halt::Cut(LimitHit::LocalSteps { limit: limits.local_steps, thread, pc: self.pc }))
    }

    /// Runs one local instruction, if this is one.
    fn local(&mut self, code: &Code, id: CodeId, thread: ThreadId, found: &mut Vec<Finding>) -> Result<Local, Halt> {
        let pc = self.pc;
        let instr = &code.instrs[pc.index()];
        let failed = |detail| Finding { detail, statements: vec![finding::statement(id, pc)], trace: None };
        let result = match &instr.kind {
            InstrKind::Set { to, value } => value.eval_locals(&self.locals).and_then(|value| self.assign(to, value)),
            InstrKind::Jump(to) => {
                self.pc = *to;
                return Ok(Local::Next);
            }
            InstrKind::Branch { condition, then, otherwise } => match condition.eval_locals(&self.locals) {
                Ok(value) => {
                    self.pc = if value != 0 { *then } else { *otherwise };
                    return Ok(Local::Next);
                }
                Err(fault) => Err(fault),
            },
            InstrKind::Assert { condition, .. } => match condition.eval_locals(&self.locals) {
                Ok(0) => {
                    found.push(failed(Detail::Assertion { thread, pc }));
                    return Err(Halt::Stopped);
                }
                Ok(_) => Ok(()),
                Err(fault) => Err(fault),
            },
            InstrKind::Assume { condition } => match condition.eval_locals(&self.locals) {
                Ok(0) => return Err(Halt::Discarded),
                Ok(_) => Ok(()),
                Err(fault) => Err(fault),
            },
            InstrKind::Panic { message } => {
                found.push(failed(Detail::Panic { thread, pc, reason: message.clone() }));
                return Ok(self.fail(instr.unwind, Failure::Panic));
            }
            InstrKind::Op(op) => match operands(op, &self.locals) {
                Ok(()) => return Ok(Local::Settled(Settled::AtStep)),
                Err(fault) => Err(fault),
            },
            InstrKind::Atomically { .. } | InstrKind::Guard { .. } | InstrKind::EndAtomically => {
                return Ok(Local::Settled(Settled::AtStep));
            }
            InstrKind::Halt | InstrKind::Unwound => return Ok(Local::Settled(Settled::Ended)),
        };
        match result {
            Ok(()) => {
                self.pc = Pc(pc.0 + 1);
                Ok(Local::Next)
            }
            Err(fault) => {
                found.push(failed(Detail::Panic { thread, pc, reason: fault.to_string() }));
                Ok(self.fail(instr.unwind, Failure::Panic))
            }
        }
    }

    /// Goes on where a panic or misuse leads.
    fn fail(&mut self, unwind: Option<Pc>, failure: Failure) -> Local {
        // What fails while a thread is already on its way out changes nothing: the first failure counts.
        if self.failed.is_none() {
            (self.failed, self.failed_at) = (Some(failure), self.pc);
        }
        match unwind {
            Some(pc) => {
                self.pc = pc;
                Local::Next
            }
            None => Local::Settled(Settled::Ended),
        }
    }

    /// The same for a failure of a visible step; says whether the thread goes on.
    pub(crate) fn fail_at(&mut self, code: &Code, failure: Failure) -> Settled {
        match self.fail(code.instrs[self.pc.index()].unwind, failure) {
            Local::Next => Settled::AtStep,
            Local::Settled(settled) => settled,
        }
    }

    /// Assigns a local.
    pub(crate) fn assign(&mut self, to: &Place, value: i64) -> Result<(), Fault> {
        let position = match to {
            Place::Local(local) => local.index(),
            Place::Element { base, len, index } => {
                let index = index.eval_locals(&self.locals)?;
                match usize::try_from(index) {
                    Ok(position) if i64::from(*len) > index => base.index() + position,
                    _ => return Err(Fault::IndexOutOfRange { index, len: *len }),
                }
            }
        };
        self.locals[position] = value;
        Ok(())
    }
}

/// What one local instruction led to.
enum Local {
    Next,
    Settled(Settled),
}

/// Evaluates the index of the object that an operation names: a fault there belongs to the step before.
fn operands(op: &Op, locals: &[i64]) -> Result<(), Fault> {
    match op {
        Op::Var { var: object, .. }
        | Op::Atomic { atomic: object, .. }
        | Op::Mutex { mutex: object, .. }
        | Op::RwLock { rwlock: object, .. }
        | Op::Condvar { condvar: object, .. }
        | Op::Semaphore { semaphore: object, .. }
        | Op::Event { event: object, .. }
        | Op::Once { once: object, .. }
        | Op::Timer { timer: object, .. }
        | Op::Barrier { barrier: object, .. }
        | Op::Channel { channel: object, .. }
        | Op::Oneshot { oneshot: object, .. }
        | Op::Watch { watch: object, .. }
        | Op::Broadcast { broadcast: object, .. }
        | Op::Queue { queue: object, .. } => object.resolve(locals).map(drop),
        Op::Thread { thread, .. } => thread.resolve(locals).map(drop),
        // A handle of no thread is found out by the step itself.
        Op::Fence(_) | Op::Spawn { .. } | Op::Pause(_) | Op::Choice(_) | Op::End => Ok(()),
    }
}
