//! What guards answer and what effects return: the vocabulary that all primitives share.

use super::Semantics;
use super::layout::{View, ViewMut};
use crate::finding::{BlockCause, Event, Finding, LimitHit, Misuse, Phase, Returned, Target};
use crate::program::{Fault, LocalExpr, LocalId, ObjectId, Patience, Pc, ResultTag, ThreadId, Type, Value};
use crate::schedule::{Choice, Pick};

/// What the world can choose for one thread in one state.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Offers {
    /// The thread has ended.
    Ended,
    /// Its operation cannot take effect now.
    Blocked(BlockCause),
    /// One step.
    Only,
    /// One step for each of these threads (a set of bits by index, never empty).
    Waiters(u64),
    /// One step for each value in `from..to` (never empty).
    Values {
        /// Least value.
        from: i64,
        /// One past the greatest.
        to: i64,
    },
    /// One step for each branch.
    Branches(u32),
    /// A weak compare-exchange that can succeed: it may also fail.
    WeakCompareExchange,
    /// A timed operation that cannot complete: its time-out fires.
    Timeout,
    /// A wait that cannot complete: it may end for no reason, which nobody may count on.
    Spurious(BlockCause),
    /// A timed wait that cannot complete: its time-out fires, or it ends for no reason.
    TimeoutOrSpurious,
    /// One step for every choice of so many of these threads (a set of bits by index, at least as many).
    Several {
        /// From whom.
        of: u64,
        /// How many.
        count: u32,
    },
}

impl Offers {
    /// What is on offer where an operation cannot go on now.
    pub(super) fn hindered(patience: Patience, cause: BlockCause) -> Self {
        match patience {
            Patience::Forever => Offers::Blocked(cause),
            Patience::NotAtAll => Offers::Only,
            Patience::Timed { .. } => Offers::Timeout,
        }
    }

    /// The same operation with a time-out, which can fire exactly where it would block.
    pub(super) fn or_timeout(self) -> Self {
        if matches!(self, Offers::Blocked(_)) { Offers::Timeout } else { self }
    }

    /// The same wait where it may end for no reason.
    pub(super) fn or_spurious(self) -> Self {
        match self {
            Offers::Blocked(cause) => Offers::Spurious(cause),
            Offers::Timeout => Offers::TimeoutOrSpurious,
            other @ (Offers::Ended
            | Offers::Only
            | Offers::Waiters(_)
            | Offers::Values { .. }
            | Offers::Branches(_)
            | Offers::WeakCompareExchange
            | Offers::Spurious(_)
            | Offers::TimeoutOrSpurious
            | Offers::Several { .. }) => other,
        }
    }

    /// Appends the choices, in ascending order.
    #[inline]
    pub(super) fn list(self, thread: ThreadId, out: &mut Vec<Choice>) {
        let mut push = |pick: Pick| out.push(Choice { thread, pick });
        match self {
            Offers::Ended | Offers::Blocked(_) => {}
            Offers::Only => push(Pick::Only),
            Offers::Waiters(set) => threads_of(set).for_each(|waiter| push(Pick::Waiter(waiter))),
            Offers::Values { from, to } => (from..to).for_each(|value| push(Pick::Value(value))),
            Offers::Branches(count) => (0..count).for_each(|branch| push(Pick::Branch(branch))),
            Offers::WeakCompareExchange => {
                push(Pick::Only);
                push(Pick::WeakFailure);
            }
            Offers::Timeout => push(Pick::Timeout),
            Offers::Spurious(_) => push(Pick::Spurious),
            Offers::TimeoutOrSpurious => {
                push(Pick::Timeout);
                push(Pick::Spurious);
            }
            Offers::Several { of, count } => parts(of, count).for_each(|part| push(Pick::waiters(part))),
        }
    }
}

/// The threads of a set of bits, in ascending order.
pub(super) fn threads_of(set: u64) -> impl Iterator<Item = ThreadId> {
    ThreadId::of_bits(set)
}

/// The subsets of this size (at least 1, at most all), in ascending order as numbers.
///
/// # Source
/// R. W. Gosper, HAKMEM item 175: the next number with as many bits; here of positions among the members.
fn parts(of: u64, count: u32) -> impl Iterator<Item = u64> {
    let members: Vec<u64> = threads_of(of).map(|thread| 1 << thread.0).collect();
    let end = 1_u128 << members.len();
    let next = move |positions: &u128| {
        let lowest = positions & positions.wrapping_neg();
        let ripple = positions + lowest;
        Some((((ripple ^ positions) >> 2) / lowest) | ripple).filter(|next| *next < end)
    };
    let part = move |positions: u128| {
        let chosen = members.iter().enumerate().filter(|(position, _)| positions & (1 << position) != 0);
        chosen.fold(0, |part, (_, member)| part | member)
    };
    std::iter::successors(Some((1_u128 << count) - 1), next).map(part)
}

/// What an effect did to its thread.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Effect {
    /// Goes on at the next instruction.
    Next,
    /// Goes on elsewhere.
    Goto(Pc),
    /// Stands where it stood: the first of two steps.
    Stay,
    /// An expression has no value: the thread panics.
    Fault(Fault),
    /// The primitive forbids it: the thread ends.
    Misuse(Option<ObjectId>, Misuse),
    /// A limit was met; the state is not explored further.
    Cut(LimitHit),
    /// It has started this thread, which stands at the beginning of its code; itself it goes on at the next instruction.
    Started(ThreadId),
    /// The thread has come to its observable end.
    End,
}

impl From<Fault> for Effect {
    fn from(fault: Fault) -> Self {
        Effect::Fault(fault)
    }
}

/// A guard's place: a state, and the thread whose operation is asked about.
#[derive(Clone, Copy, Debug)]
pub(super) struct At<'a> {
    pub(super) semantics: &'a Semantics<'a>,
    pub(super) view: View<'a>,
    pub(super) thread: ThreadId,
}

impl At<'_> {
    /// The thread's locals.
    #[inline]
    pub(super) fn locals(&self) -> &[i64] {
        self.view.locals(self.thread)
    }
}

/// One step being taken: the state being changed, and who is told about it.
#[derive(Debug)]
pub(super) struct Step<'a> {
    pub(super) semantics: &'a Semantics<'a>,
    pub(super) state: ViewMut<'a>,
    pub(super) thread: ThreadId,
    /// The instruction being executed.
    pub(super) pc: Pc,
    pub(super) found: &'a mut Vec<Finding>,
    /// What happened, where somebody wants to know.
    pub(super) event: Option<&'a mut Event>,
}

impl Step<'_> {
    /// Evaluates an expression over the thread's locals.
    #[inline]
    pub(super) fn eval(&self, expr: &LocalExpr) -> Result<i64, Fault> {
        expr.eval_locals(self.state.view().locals(self.thread))
    }

    /// Assigns one of the thread's locals.
    #[inline]
    pub(super) fn assign(&mut self, local: LocalId, value: i64) {
        self.state.set_local(self.thread, local, value);
    }

    /// The type of one of the thread's locals.
    pub(super) fn type_of(&self, local: LocalId) -> Type {
        self.semantics.program.code_of(self.thread).locals[local.index()].ty
    }

    /// Says what the step touched.
    #[inline]
    pub(super) fn note_object(&mut self, object: ObjectId) {
        if let Some(event) = &mut self.event {
            event.target = Some(Target::Object(object));
        }
    }

    /// Says which other thread the step touched.
    pub(super) fn note_thread(&mut self, thread: ThreadId) {
        if let Some(event) = &mut self.event {
            event.target = Some(Target::Thread(thread));
        }
    }

    /// Says which of two steps it was.
    pub(super) fn note_phase(&mut self, phase: Phase) {
        if let Some(event) = &mut self.event {
            event.phase = phase;
        }
    }

    /// Says what an operand was.
    #[inline]
    pub(super) fn note_operand(&mut self, value: Value) {
        if let Some(event) = &mut self.event {
            event.operands.push(value);
        }
    }

    /// Says what was written.
    #[inline]
    pub(super) fn note_written(&mut self, value: Value) {
        if let Some(event) = &mut self.event {
            event.wrote = Some(value);
        }
    }

    /// Says who was woken.
    pub(super) fn note_woken(&mut self, thread: ThreadId) {
        if let Some(event) = &mut self.event {
            event.woke.push(thread);
        }
    }

    /// Gives a value to the thread.
    #[inline]
    pub(super) fn give(&mut self, to: LocalId, value: i64) {
        self.assign(to, value);
        if self.event.is_some() {
            let value = self.type_of(to).value(value);
            if let Some(event) = &mut self.event {
                event.returned = Some(Returned::Value(value));
            }
        }
    }

    /// Gives a result to the thread; `value` is that of `some` or `failed`.
    pub(super) fn give_result(&mut self, tag: LocalId, case: ResultTag, value: Option<(LocalId, i64)>) {
        self.assign(tag, case.slot());
        let value = value.map(|(to, value)| {
            self.assign(to, value);
            self.type_of(to).value(value)
        });
        if let Some(event) = &mut self.event {
            event.returned = Some(Returned::Tagged(case, value));
        }
    }
}

/// An event before anything is known about it but the choice.
pub(super) fn empty_event(choice: Choice, pc: Pc) -> Event {
    Event {
        thread: choice.thread,
        pick: choice.pick,
        pc,
        phase: Phase::Whole,
        target: None,
        operands: Vec::new(),
        returned: None,
        wrote: None,
        woke: Vec::new(),
        inside: Vec::new(),
    }
}
