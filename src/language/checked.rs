//! The checked tree: every name resolved, every type known, parameters substituted.
//!
//! It stands between `check`, which makes it and reports everything that is wrong with a text, and `lower`, which turns
//! it into instructions and can only fail on size. It still has blocks, loops and calls; it has no names to look up.

use super::types::{Ty, Types};
use crate::program::{
    BinaryOp, Capacity, Expectation, Liveness, LocalId, Memory, MutexKind, ObjectId, Ordering, Parameter, Patience,
    PauseKind, Preference, PropertyKind, QueueOrder, ResultTag, RmwOp, Service, Span, ThreadId, UnaryOp, Value,
    WakeUps,
};

/// A whole scenario.
#[derive(Debug)]
pub(super) struct Checked {
    pub(super) title: String,
    pub(super) parameters: Vec<Parameter>,
    pub(super) memory: Memory,
    pub(super) option_lines: Vec<String>,
    pub(super) objects: Vec<Object>,
    pub(super) functions: Vec<Function>,
    pub(super) threads: Vec<Thread>,
    pub(super) properties: Vec<Property>,
    pub(super) observed: Vec<Observed>,
    pub(super) expectations: Vec<Expectation>,
    pub(super) liveness: Liveness,
    /// Whether going round an outermost loop is progress: where no statement says what is.
    pub(super) rounds_are_progress: bool,
    pub(super) types: Types,
}

/// A declaration of one object or of an array of objects.
#[derive(Debug)]
pub(super) struct Object {
    pub(super) name: String,
    /// The whole declaration.
    pub(super) span: Span,
    /// The name in it.
    pub(super) declared: Span,
    /// Number of elements of an array.
    pub(super) len: Option<u32>,
    /// Element 0.
    pub(super) base: ObjectId,
    pub(super) kind: ObjectKind,
}

/// The primitives.
#[derive(Debug)]
pub(super) enum ObjectKind {
    Var { initial: Value },
    Atomic { initial: Value },
    Mutex(MutexKind),
    RwLock(Preference),
    Condvar { service: Service, wake_ups: WakeUps },
    Semaphore { permits: i64, bounded: bool, service: Service },
    Event,
    Once,
    Timer { thread: ThreadId },
    Barrier { threads: u32 },
    Channel { capacity: Capacity, element: Ty, closed_by: Option<Vec<ThreadId>> },
    Oneshot { element: Ty, closed_by: Option<Vec<ThreadId>> },
    Watch { initial: Value, closed_by: Option<Vec<ThreadId>> },
    Broadcast { room: u32, closed_by: Option<Vec<ThreadId>> },
    Queue { order: QueueOrder, room: Option<u32>, element: Ty },
}

impl ObjectKind {
    /// The threads with whose end it closes.
    pub(super) fn closed_by(&self) -> &[ThreadId] {
        match self {
            ObjectKind::Channel { closed_by, .. }
            | ObjectKind::Oneshot { closed_by, .. }
            | ObjectKind::Watch { closed_by, .. }
            | ObjectKind::Broadcast { closed_by, .. } => closed_by.as_deref().unwrap_or_default(),
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
            | ObjectKind::Queue { .. } => &[],
        }
    }
}

/// A declaration of one thread or of a group.
#[derive(Debug)]
pub(super) struct Thread {
    pub(super) name: String,
    pub(super) head: Span,
    pub(super) daemon: bool,
    /// For the thread of a timer: which; for a group of them the first.
    pub(super) timer: Option<ObjectId>,
    /// Value of the index variable of the first member; `None` for a single thread. The variable is local 0, also where
    /// the text gives it no name.
    pub(super) first: Option<i64>,
    pub(super) base: ThreadId,
    pub(super) count: u32,
    pub(super) body: Body,
    /// The closing brace.
    pub(super) end: Span,
}

/// A function; its parameters are its first locals.
#[derive(Debug)]
pub(super) struct Function {
    pub(super) name: String,
    /// The name where it is declared.
    pub(super) declared: Span,
    /// The closing brace.
    pub(super) end: Span,
    pub(super) parameters: usize,
    /// Type of what it returns; `None` where it returns nothing.
    pub(super) value: Option<Ty>,
    pub(super) body: Body,
}

/// What a thread or a function runs.
#[derive(Debug, Default)]
pub(super) struct Body {
    pub(super) locals: Vec<Local>,
    pub(super) block: Block,
}

/// Position in [`Body::locals`].
pub(super) type LocalIndex = usize;

/// A local, or a local array.
#[derive(Debug)]
pub(super) struct Local {
    pub(super) name: String,
    pub(super) ty: Ty,
    /// Number of elements of a local array.
    pub(super) len: Option<u32>,
    /// Whether anything but its declaration assigns it.
    pub(super) assigned_again: bool,
}

pub(super) type Block = Vec<Stmt>;

/// A statement; the span is what a report quotes (its head).
#[derive(Debug)]
pub(super) struct Stmt {
    pub(super) kind: StmtKind,
    pub(super) span: Span,
}

#[derive(Debug)]
pub(super) enum StmtKind {
    /// `let x = e;` and `x = e;` alike.
    SetLocal {
        local: LocalIndex,
        value: BodyExpr,
    },
    /// `h[i] = e;`, `h[i] += e;`
    SetElement {
        array: LocalIndex,
        index: BodyExpr,
        op: Option<BinaryOp>,
        value: BodyExpr,
    },
    /// `let h[N];`
    ClearArray {
        array: LocalIndex,
    },
    /// `x = e;`, `x += e;` on a `var`; `target` is the span of the variable.
    WriteVar {
        var: BodyObject,
        op: Option<BinaryOp>,
        value: BodyExpr,
        target: Span,
    },
    /// An operation whose result nobody asks for.
    Operation(Operation),
    /// A call whose value nobody asks for.
    Call {
        function: usize,
        args: Vec<BodyExpr>,
    },
    /// `spawn f(…);`: nobody keeps the handle.
    Spawn {
        function: usize,
        args: Vec<BodyExpr>,
    },
    /// `name.join();` of a group.
    JoinAll {
        thread: usize,
    },
    If {
        condition: BodyExpr,
        then: Block,
        otherwise: Block,
    },
    While {
        condition: BodyExpr,
        body: Block,
    },
    Loop {
        body: Block,
    },
    For {
        local: LocalIndex,
        from: BodyExpr,
        to: BodyExpr,
        inclusive: bool,
        body: Block,
    },
    ForEach {
        local: LocalIndex,
        channel: BodyObject,
        body: Block,
    },
    /// `match` on a result, also `if let` and `while let` (inside `Loop`).
    MatchResult {
        operation: Operation,
        arms: Vec<ResultArm>,
    },
    /// `match` on an integer or a Boolean.
    MatchValue {
        value: BodyExpr,
        arms: Vec<ValueArm>,
    },
    Break,
    Continue,
    Return(Option<BodyExpr>),
    Assert {
        condition: BodyExpr,
        message: Option<String>,
    },
    Panic {
        message: Option<String>,
    },
    Assume {
        condition: BodyExpr,
    },
    Pause(PauseKind),
    Fence(Ordering),
    Either {
        branches: Vec<Block>,
    },
    /// `end` is the closing brace.
    With {
        object: BodyObject,
        held: Held,
        body: Block,
        end: Span,
    },
    /// `end` is the closing brace.
    CallOnce {
        once: BodyObject,
        body: Block,
        end: Span,
    },
    Atomically {
        condition: Option<BodyExpr>,
        body: Block,
    },
    Block(Block),
}

/// What a `with` holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Held {
    Mutex,
    PoisoningMutex,
    Permit,
    Read,
    Write,
}

/// One arm of a `match` on a result. An arm without tags is never taken, and one with all is `_`.
#[derive(Debug)]
pub(super) struct ResultArm {
    pub(super) tags: Vec<ResultTag>,
    pub(super) bind: Option<LocalIndex>,
    pub(super) body: Block,
}

/// One arm of a `match` on a value; `None` is `_`.
#[derive(Debug)]
pub(super) struct ValueArm {
    pub(super) value: Option<i64>,
    pub(super) body: Block,
}

/// A typed expression whose leaves are `L`.
#[derive(Debug)]
pub(super) struct Expr<L> {
    pub(super) kind: ExprKind<L>,
    pub(super) ty: Ty,
    pub(super) span: Span,
}

#[derive(Debug)]
pub(super) enum ExprKind<L> {
    Const(i64),
    Leaf(L),
    Unary(UnaryOp, Box<Expr<L>>),
    Binary(BinaryOp, Box<Expr<L>>, Box<Expr<L>>),
    And(Box<Expr<L>>, Box<Expr<L>>),
    Or(Box<Expr<L>>, Box<Expr<L>>),
    If(Box<Expr<L>>, Box<Expr<L>>, Box<Expr<L>>),
}

/// The leaves of constant expressions: there are none.
#[derive(Debug)]
pub(super) enum NoLeaf {}

/// An expression in a thread or a function.
pub(super) type BodyExpr = Expr<BodyLeaf>;
/// An expression in a property.
pub(super) type PropertyExpr = Expr<PropertyLeaf>;
/// An object as a thread names it.
pub(super) type BodyObject = ObjectUse<BodyLeaf>;

#[derive(Debug)]
pub(super) enum BodyLeaf {
    Local(LocalIndex),
    Element {
        array: LocalIndex,
        index: Box<BodyExpr>,
    },
    /// An operation that gives a value.
    Operation(Box<Operation>),
    /// An operation that gives a result; a panic unless it is `some`.
    Unwrap(Box<Operation>),
    /// Whether an operation gives one of these results.
    Is {
        operation: Box<Operation>,
        tags: Vec<ResultTag>,
    },
    Call {
        function: usize,
        args: Vec<BodyExpr>,
    },
    /// A thread that is started; its handle.
    Spawn {
        function: usize,
        args: Vec<BodyExpr>,
    },
    /// `to` does not belong to it.
    Choose {
        from: Box<BodyExpr>,
        to: Box<BodyExpr>,
    },
}

#[derive(Debug)]
pub(super) enum PropertyLeaf {
    Object(ObjectUse<PropertyLeaf>),
    Length(ObjectUse<PropertyLeaf>),
    IsLocked(ObjectUse<PropertyLeaf>),
    Local(ThreadLocal),
}

/// A local of one thread, as properties and outcomes name it.
#[derive(Clone, Copy, Debug)]
pub(super) struct ThreadLocal {
    /// Position in [`Checked::threads`].
    pub(super) declaration: usize,
    pub(super) thread: ThreadId,
    pub(super) local: LocalIndex,
}

/// An object, or an element of an array.
#[derive(Debug)]
pub(super) struct ObjectUse<L> {
    /// Position in [`Checked::objects`].
    pub(super) object: usize,
    pub(super) index: Option<Box<Expr<L>>>,
}

/// A thread, or a member of a group.
#[derive(Debug)]
pub(super) struct ThreadUse {
    /// Position in [`Checked::threads`].
    pub(super) thread: usize,
    pub(super) index: Option<Box<BodyExpr>>,
}

/// The handle of a thread that was started at run time.
#[derive(Debug)]
pub(super) struct HandleUse {
    /// What the thread runs.
    pub(super) function: usize,
    /// A local, or an element of a local array.
    pub(super) handle: BodyExpr,
}

/// An operation with its operands in order of the text.
#[derive(Debug)]
pub(super) struct Operation {
    pub(super) on: On,
    pub(super) action: Action,
    pub(super) span: Span,
}

#[derive(Debug)]
pub(super) enum On {
    Object(BodyObject),
    Thread(ThreadUse),
    Handle(HandleUse),
}

/// What is done; the kind of `on` fits.
#[derive(Debug)]
pub(super) enum Action {
    Read,
    Load(Ordering),
    Store { value: BodyExpr, ordering: Ordering },
    Rmw { op: RmwOp, value: BodyExpr, ordering: Ordering },
    CompareExchange { expected: BodyExpr, new: BodyExpr, success: Ordering, failure: Ordering, weak: bool },
    Lock,
    LockChecked,
    TryLock,
    LockTimeout { micros: u64 },
    Unlock,
    IsLocked,
    ReadLock,
    WriteLock,
    TryRead,
    TryWrite,
    ReadUnlock,
    WriteUnlock,
    Condvar(CondvarAction),
    Acquire { permits: i64 },
    TryAcquire,
    AcquireTimeout,
    Release { permits: i64 },
    Event(EventAction),
    IsCompleted,
    StartTimer,
    CancelTimer,
    Barrier(BarrierAction),
    Oneshot(OneshotAction),
    Watch(WatchAction),
    Broadcast(BroadcastAction),
    Send(BodyExpr),
    Recv,
    TrySend(BodyExpr),
    TryRecv,
    RecvTimeout { micros: u64 },
    Close,
    Len,
    Put { value: BodyExpr, patience: Patience },
    Get { patience: Patience },
    QueueLen,
    IsEmpty,
    IsFull,
    TaskDone,
    AllDone,
    Join,
    IsAlive,
    IsFinished,
}

/// What is done to a condition variable.
#[derive(Debug)]
pub(super) enum CondvarAction {
    Wait { mutex: BodyObject, answer: WaitAnswer },
    WaitTimeout { mutex: BodyObject, micros: u64, answer: WaitAnswer },
    WaitWhile { mutex: BodyObject, condition: BodyExpr, answer: WaitAnswer },
    NotifyOne,
    Notify { count: BodyExpr },
    NotifyAll,
}

impl CondvarAction {
    /// Whether it gives a result: a wait that says whether its mutex is poisoned.
    pub(super) fn gives_result(&self) -> bool {
        match self {
            CondvarAction::Wait { answer, .. }
            | CondvarAction::WaitTimeout { answer, .. }
            | CondvarAction::WaitWhile { answer, .. } => *answer == WaitAnswer::Checked,
            CondvarAction::NotifyOne | CondvarAction::Notify { .. } | CondvarAction::NotifyAll => false,
        }
    }
}

/// Whether a wait says that its mutex is poisoned.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum WaitAnswer {
    /// Its mutex cannot be.
    Plain,
    /// Its mutex is a poisoning one.
    Checked,
}

/// What is done to an event.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum EventAction {
    Set,
    Clear,
    IsSet,
    Wait,
    WaitTimeout,
}

/// What is done to a barrier.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum BarrierAction {
    Wait,
    WaitTimeout,
    Abort,
    Reset,
    IsBroken,
}

/// What is done to a one-shot channel.
#[derive(Debug)]
pub(super) enum OneshotAction {
    Send(BodyExpr),
    Recv { patience: Patience },
    Close,
}

/// What is done to a watched value.
#[derive(Debug)]
pub(super) enum WatchAction {
    Send(BodyExpr),
    Borrow,
    BorrowAndUpdate,
    HasChanged,
    Changed,
    WaitFor(BodyExpr),
    Close,
}

/// What is done to a broadcast.
#[derive(Debug)]
pub(super) enum BroadcastAction {
    Send(BodyExpr),
    Recv { patience: Patience },
    Subscribe,
    Len,
    Close,
}

/// What a receive from a broadcast can give.
pub(super) fn broadcast_cases(patience: Patience) -> &'static [ResultTag] {
    match patience {
        Patience::Forever => &[ResultTag::Some, ResultTag::Failed, ResultTag::Closed],
        Patience::NotAtAll => &[ResultTag::Some, ResultTag::None, ResultTag::Failed, ResultTag::Closed],
        Patience::Timed { .. } => &[ResultTag::Some, ResultTag::Timeout, ResultTag::Failed, ResultTag::Closed],
    }
}

/// What taking a poisoning mutex can give, by a lock or behind a wait.
pub(super) fn locked_cases() -> &'static [ResultTag] {
    &[ResultTag::Some, ResultTag::Poisoned]
}

/// What a receive of something that closes can give.
pub(super) fn received_cases(patience: Patience) -> &'static [ResultTag] {
    match patience {
        Patience::Forever => &[ResultTag::Some, ResultTag::Closed],
        Patience::NotAtAll => &[ResultTag::Some, ResultTag::None, ResultTag::Closed],
        Patience::Timed { .. } => &[ResultTag::Some, ResultTag::Closed, ResultTag::Timeout],
    }
}

/// What an operation gives to the thread.
#[derive(Clone, Copy, Debug)]
pub(super) enum Gives {
    Nothing,
    Value(Ty),
    /// A result: which cases can occur, and the type of the value of `some` and `failed` (`None`: they have none).
    Result {
        cases: &'static [ResultTag],
        payload: Option<Ty>,
    },
}

/// `always`, `finally`, `possible`.
#[derive(Debug)]
pub(super) struct Property {
    pub(super) kind: PropertyKind,
    pub(super) condition: PropertyExpr,
    pub(super) message: Option<String>,
    pub(super) span: Span,
}

/// One component of an outcome.
#[derive(Debug)]
pub(super) struct Observed {
    pub(super) name: String,
    pub(super) ty: Ty,
    pub(super) read: ObservedRead,
}

#[derive(Debug)]
pub(super) enum ObservedRead {
    Object(ObjectId),
    Local(ThreadLocal),
}

impl Body {
    /// The slot of each local, and the number of slots: locals in order, each as wide as it is.
    pub(super) fn layout(&self) -> (Vec<LocalId>, usize) {
        let mut next = 0;
        let mut slots = Vec::with_capacity(self.locals.len());
        for local in &self.locals {
            slots.push(LocalId::new(next));
            next += local.width();
        }
        (slots, next)
    }
}

impl Local {
    /// Number of slots it occupies.
    pub(super) fn width(&self) -> usize {
        self.len.map_or(1, |len| usize::try_from(len).expect("u32 fits into usize"))
    }
}

impl<L> Expr<L> {
    pub(super) fn new(kind: ExprKind<L>, ty: Ty, span: Span) -> Self {
        Self { kind, ty, span }
    }

    /// What stands for an expression that is wrong and already reported.
    pub(super) fn broken(span: Span) -> Self {
        Self { kind: ExprKind::Const(0), ty: Ty::BROKEN, span }
    }

    /// A constant.
    pub(super) fn constant(value: Value, span: Span) -> Self {
        Self { kind: ExprKind::Const(value.slot()), ty: Ty::of(value.ty()), span }
    }
}
