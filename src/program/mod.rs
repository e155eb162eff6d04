//! The compiled form of a scenario: what every engine runs.
//!
//! A [`Program`] is plain data: parameters are already substituted, functions inlined, groups of threads expanded, and
//! control flow lowered to short instructions. It imports nothing else of this crate and says nothing about *how* it is
//! executed; what a primitive does is defined once in `semantics`, and again, independently, by each engine.
//!
//! What it leaves out: the text's layout and the tree (those stay in `language`), and every analysis of executions.

mod arithmetic;
mod expectation;
mod expression;
mod ids;
mod instruction;
mod listing;
mod object;
mod operation;
mod property;
mod source;
mod spawn;

pub use arithmetic::{BinaryOp, Fault, UnaryOp};
pub use expectation::{DeadlockCause, Expectation, Expected, FindingKind, OutcomePattern, PatternValue, Subject};
pub use expression::{Expr, LocalExpr, LocalRead, ObjectRef, StateExpr, StateRead, Type, Value};
pub use ids::{CodeId, LocalId, ObjectId, Pc, SpawnId, ThreadId};
pub use instruction::{Code, Instr, InstrKind, Local, Place};
pub use object::{Capacity, Lag, MutexKind, Object, ObjectKind, Preference, QueueOrder, Service, Tasks, WakeUps};
pub use operation::{
    AtomicOp, BarrierOp, BroadcastOp, ChannelOp, ChoiceOp, CondvarOp, EventOp, LocalObject, MutexOp, OnceOp, OneshotOp,
    Op, Ordering, Patience, PauseKind, QueueOp, ResultTag, RmwOp, RwLockOp, Scoped, SemaphoreOp, SpawnOp, ThreadOp,
    ThreadRef, TimerOp, VarOp, WatchOp,
};
pub use property::{Fairness, Liveness, Observed, ObservedRead, Property, PropertyKind};
pub use source::{Line, Source, Sources, Span};
pub use spawn::{SPAWNED_DEFAULT, Spawnable, THREADS_MAX};

use serde::{Deserialize, Serialize};

/// One checked scenario with its parameters fixed: everything an engine needs and nothing else.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Program {
    /// First line of the description; empty if the file has none.
    pub title: String,
    /// The text it was compiled from, for lines and quotations.
    pub source: Sources,
    /// Parameters in order of declaration, with the values in force.
    pub parameters: Vec<Parameter>,
    /// Memory model that the scenario asks for (or needs).
    pub memory: Memory,
    /// The words of its `option` lines, in alphabetical order.
    pub option_lines: Vec<String>,
    /// Objects in order of declaration; the elements of an array are neighbours.
    pub objects: Vec<Object>,
    /// Threads in order of declaration; the members of a group are neighbours. Behind them the slots of those that are
    /// started at run time.
    pub threads: Vec<Thread>,
    /// The functions that are started as threads, in the order in which the text first does so.
    pub spawned: Vec<Spawnable>,
    /// Code, shared by the members of a group.
    pub codes: Vec<Code>,
    /// `always`, `finally`, `possible`, `eventually`.
    pub properties: Vec<Property>,
    /// What it asks about executions that never end.
    pub liveness: Liveness,
    /// What an outcome consists of, in order of declaration.
    pub observed: Vec<Observed>,
    /// The `expect` lines that apply under these parameters. Never empty: a file without any expects `ok`.
    pub expectations: Vec<Expectation>,
}

impl Program {
    /// The options under which it runs: those that some object is subject to, and which executions count.
    #[must_use]
    pub fn options(&self) -> Vec<&'static str> {
        let preference = self.objects.iter().find_map(|object| {
            if let ObjectKind::RwLock(preference) = object.kind { preference.option() } else { None }
        });
        let wake_ups = self.objects.iter().find_map(|object| {
            if let ObjectKind::Condvar { wake_ups, .. } = object.kind { wake_ups.option() } else { None }
        });
        let fairness = self.asks_liveness().then(|| self.liveness.fairness.words());
        preference.into_iter().chain(wake_ups).chain(fairness).collect()
    }

    /// Whether it asks anything about executions that never end.
    #[must_use]
    pub fn asks_liveness(&self) -> bool {
        let eventually = self.properties.iter().any(|property| property.kind == PropertyKind::Eventually);
        eventually || self.liveness.livelock || self.liveness.starvation
    }

    /// The object with this index.
    #[must_use]
    pub fn object(&self, id: ObjectId) -> &Object {
        &self.objects[id.index()]
    }

    /// The thread with this index.
    #[must_use]
    pub fn thread(&self, id: ThreadId) -> &Thread {
        &self.threads[id.index()]
    }

    /// The code that a thread runs.
    #[must_use]
    pub fn code_of(&self, id: ThreadId) -> &Code {
        &self.codes[self.thread(id).code.index()]
    }

    /// The instruction of `thread` at `pc`.
    #[must_use]
    pub fn instr(&self, thread: ThreadId, pc: Pc) -> &Instr {
        &self.code_of(thread).instrs[pc.index()]
    }

    /// All threads, in order.
    pub fn thread_ids(&self) -> impl DoubleEndedIterator<Item = ThreadId> + ExactSizeIterator + use<> {
        (0..self.threads.len()).map(ThreadId::new)
    }

    /// All objects, in order.
    pub fn object_ids(&self) -> impl DoubleEndedIterator<Item = ObjectId> + ExactSizeIterator + use<> {
        (0..self.objects.len()).map(ObjectId::new)
    }
}

/// A named number that a user may override, and the values a sweep tries.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Parameter {
    /// Name as declared.
    pub name: String,
    /// Value in force.
    pub value: Value,
    /// Value without an override.
    pub default: Value,
    /// Values of the `in` clause in ascending order; empty if there is none.
    pub sweep: Vec<Value>,
    /// The declaration.
    pub span: Span,
}

/// The memory model under which atomics and plain variables are read.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Memory {
    /// Sequential consistency asked for by `memory sc;` or implied because every access is `seq_cst`: every atomic
    /// access counts as `seq_cst`, for values and for ordering.
    Sc,
    /// Repaired C11 (Lahav et al. 2017) without load buffering: asked for by `memory rc11;` or needed because an
    /// ordering weaker than `seq_cst` occurs.
    Rc11,
}

/// One declared thread, after expansion of groups, or a slot for one that is started at run time.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Thread {
    /// `producer[1]`, or `notifier` for a thread that is not in a group; `f#2` for the second slot of a function.
    pub name: String,
    /// `producer`: what the declaration calls all of them; for a slot the function.
    pub group: String,
    /// The value of the group's index variable.
    pub index: Option<i64>,
    /// What it runs.
    pub code: CodeId,
    /// Value of each local at the start: the group's index in its own local, zero elsewhere. As long as `Code::locals`.
    pub initial: Vec<i64>,
    /// Whether the program may end without it.
    pub daemon: bool,
    /// For a slot: whose.
    pub spawned: Option<SpawnId>,
    /// For a timer's thread: which timer starts it.
    pub timer: Option<ObjectId>,
    /// The declaration's head.
    pub span: Span,
}

impl Thread {
    /// Whether it starts with the program: nobody has to start it.
    #[must_use]
    pub fn starts_with_program(&self) -> bool {
        self.spawned.is_none() && self.timer.is_none()
    }
}
