//! What the search knows about a program: states, choices and steps, and nothing about primitives.
//!
//! The one real implementation is `semantics`; tests of the search use tiny hand-made graphs.

use crate::finding::{Blocked, Event, Finding, LimitHit, Outcome};
use crate::program::ThreadId;
use crate::schedule::Choice;

/// A transition system whose states are arrays of slots of one width.
///
/// Two states are the same exactly if all their slots are equal. All methods are pure and deterministic.
pub trait System: Sync {
    /// Number of slots of a state.
    fn width(&self) -> usize;

    /// Writes the initial state: every thread has run its local instructions up to its first visible operation.
    /// What those instructions found goes to `found`, without a trace.
    fn initial(&self, state: &mut [i64], found: &mut Vec<Finding>) -> Arrival;

    /// Appends the enabled choices, in ascending order.
    fn choices(&self, state: &[i64], out: &mut Vec<Choice>);

    /// Takes an enabled choice, in place. What it found goes to `found`, without a trace.
    fn step(&self, state: &mut [i64], choice: Choice, found: &mut Vec<Finding>) -> Arrival;

    /// As `step`, and says what happened.
    fn step_with_event(&self, state: &mut [i64], choice: Choice, found: &mut Vec<Finding>) -> (Arrival, Event);

    /// Appends the races that can be seen in this state: two threads whose next steps are conflicting accesses. Their
    /// `Detail::Race` has two accesses; taking `Choice::only` of the one, then of the other, is possible here.
    fn races(&self, state: &[i64], found: &mut Vec<Finding>);

    /// The non-daemon threads that have not ended, as a set of bits by index (there are at most 64 threads).
    fn unfinished(&self, state: &[i64]) -> u64;

    /// Why a thread that has not ended has no enabled choice here.
    fn blocked(&self, state: &[i64], thread: ThreadId) -> Blocked;

    /// The observed tuple of a state that is a normal end.
    fn outcome(&self, state: &[i64]) -> Outcome;

    /// Whether the property at this position of `Program::properties` holds in a state.
    fn holds(&self, state: &[i64], property: usize) -> bool;

    /// Whether a thread makes progress by taking this choice.
    fn progresses(&self, state: &[i64], choice: Choice) -> bool;
}

/// In what kind of state a step has arrived.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Arrival {
    /// Some non-daemon thread has not ended: the execution goes on, or it is a deadlock where nothing is enabled.
    Running,
    /// Every non-daemon thread has ended, none by panic or misuse: outcomes and `possible` are read here.
    NormalEnd,
    /// Every non-daemon thread has ended, at least one by panic or misuse.
    AbnormalEnd,
    /// A failed `assert` or `always` has ended the execution.
    Stopped,
    /// A false `assume` has discarded the execution.
    Discarded,
    /// A limit was met on the way; what lies behind is not explored.
    Cut(LimitHit),
}
