//! Steps that happened.

use crate::program::{ObjectId, Pc, ResultTag, ThreadId, Value};
use crate::schedule::{Choice, Pick};
use serde::{Deserialize, Serialize};

/// One visible step that happened.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct Event {
    /// Who stepped.
    pub thread: ThreadId,
    /// What the world decided besides.
    pub pick: Pick,
    /// The instruction.
    pub pc: Pc,
    /// Which part of the operation, where it has two steps.
    pub phase: Phase,
    /// The object or thread it touched.
    pub target: Option<Target>,
    /// Evaluated operands in the order of the text: the message of a send, the value of a store, both of a
    /// compare-exchange.
    pub operands: Vec<Value>,
    /// What the operation gave to the thread.
    pub returned: Option<Returned>,
    /// New value of the variable or atomic it wrote.
    pub wrote: Option<Value>,
    /// Threads that this step woke (a notification), in order of index.
    pub woke: Vec<ThreadId>,
    /// The operations inside an indivisible block, in order.
    pub inside: Vec<Event>,
}

impl Event {
    /// The choice that produced it.
    #[must_use]
    pub fn choice(&self) -> Choice {
        Choice { thread: self.thread, pick: self.pick }
    }
}

/// Which part of an operation a step is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// The whole operation.
    Whole,
    /// The first step of two: release-and-wait, or arriving at a rendezvous.
    Arrive,
    /// Between the two: a waiter goes on by itself, because its time-out has fired.
    Wake,
    /// Between the two: a waiter that need not wait any longer comes to the line of its mutex.
    LineUp,
    /// The second step of two: re-acquire, or completing a rendezvous.
    Complete,
}

/// What an operation touched.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// A shared object.
    Object(ObjectId),
    /// Another thread.
    Thread(ThreadId),
}

/// What an operation gave.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Returned {
    /// A value.
    Value(Value),
    /// A result: its case, with the value of `some` and `failed`.
    Tagged(ResultTag, Option<Value>),
}
