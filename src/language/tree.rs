//! The syntax tree: what the parser saw, with spans, before any name is looked up.
//!
//! The tree holds the supported language only: what is not built yet is refused by name in the parser. It knows nothing
//! of types or of execution, and comments are not in it (they are in the tokens).

use crate::program::{BinaryOp, DeadlockCause, FindingKind, MutexKind, Preference, QueueOrder, Service, Span, UnaryOp};

/// A whole file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct File {
    /// The `//!` lines without their markers, in order.
    pub description: Vec<String>,
    /// The declarations, in order.
    pub items: Vec<Item>,
}

/// A name where it is written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Ident {
    /// The name.
    pub name: String,
    /// Where.
    pub span: Span,
}

/// A declaration.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Item {
    /// What it declares.
    pub kind: ItemKind,
    /// All of it, from its first word to `;` or `}`.
    pub span: Span,
}

/// The declarations.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ItemKind {
    /// `scenario 1;`
    Version {
        /// The number.
        version: i64,
    },
    /// `import "other.ilv";`
    Import {
        /// The path as written.
        path: String,
        /// The text in quotes.
        at: Span,
    },
    /// `param N = 2 in 1..=4;`
    Param {
        /// Its name.
        name: Ident,
        /// Default.
        default: Expr,
        /// What a sweep tries.
        sweep: Option<Sweep>,
    },
    /// `require EXPR;`
    Require {
        /// The condition.
        condition: Expr,
    },
    /// `const K = 2 * N;`
    Const {
        /// Its name.
        name: Ident,
        /// Its value.
        value: Expr,
    },
    /// `memory sc;`
    Memory {
        /// `sc` or `rc11`.
        model: Ident,
    },
    /// `option writer_preference;`, `option reader_preference;`
    Preference {
        /// Who goes first at reader-writer locks.
        preference: Preference,
    },
    /// `option spurious_wakeups;`
    SpuriousWakeUps,
    /// `option progress;`, `option strong_fairness;`
    Liveness {
        /// Which of the two.
        option: LivenessOption,
    },
    /// `expect KIND … if EXPR;`
    Expect {
        /// What is expected.
        what: Expect,
        /// When the line applies.
        when: When,
    },
    /// `observe x, reader.r1;`
    Observe {
        /// The components.
        what: Vec<Expr>,
    },
    /// `always EXPR, "text";`, `finally`, `possible`
    Property {
        /// Which of the three.
        kind: crate::program::PropertyKind,
        /// The condition.
        condition: Expr,
        /// The text.
        message: Option<String>,
    },
    /// `var x = 0;`, `mutex fork[N];`, …
    Object {
        /// Its name.
        name: Ident,
        /// Number of elements, for an array.
        len: Option<Expr>,
        /// Which primitive.
        kind: ObjectDecl,
    },
    /// `thread name[i in 0..N] { }`, `timer name(10ms) { }`, `timer name[N](10ms) { }`
    Thread {
        /// Its name.
        name: Ident,
        /// The index variable and its range, for a group.
        group: Option<Group>,
        /// `daemon thread`
        daemon: bool,
        /// For `timer name(10ms) { }`: after how many microseconds.
        timer: Option<u64>,
        /// What it runs.
        body: Block,
        /// From the first word up to, but not including, the body.
        head: Span,
    },
    /// `fn put(x) { }`
    Function {
        /// Its name.
        name: Ident,
        /// Parameters.
        params: Vec<Ident>,
        /// What it runs.
        body: Block,
    },
    /// A declaration that was refused or is broken; reported already, so no error may come of uses of its name.
    Error {
        /// The name it would have declared, if that much was clear.
        name: Option<Ident>,
    },
}

/// The `in` clause of a parameter.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Sweep {
    /// `in 1..=4`
    Range(Range),
    /// `in {1, 2, 8}`
    Set(Vec<Expr>),
}

/// `a..b` or `a..=b`
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Range {
    /// First value.
    pub from: Expr,
    /// Last value, or one past it.
    pub to: Expr,
    /// Whether `to` belongs to it.
    pub inclusive: bool,
}

/// `[i in 0..N]`; of timers also `[N]`
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Group {
    /// The index variable. Without a name where the block does not know it: `timer t[N](10ms) { }`.
    pub index: Ident,
    /// Its values.
    pub range: Range,
}

/// What a file asks about executions that never end, whatever it expects.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LivenessOption {
    /// `option progress;`: neither a livelock nor a thread that can be passed over.
    Progress,
    /// `option strong_fairness;`
    StrongFairness,
}

impl LivenessOption {
    /// The word of its line.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            LivenessOption::Progress => "progress",
            LivenessOption::StrongFairness => "strong_fairness",
        }
    }
}

/// What an `expect` names.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Expect {
    /// `ok`
    Ok,
    /// `race(x)`
    Finding {
        /// The kind.
        kind: FindingKind,
        /// What stands in parentheses: a name or an indexed name.
        subject: Option<Expr>,
    },
    /// `deadlock(lost_wakeup)`
    Deadlock {
        /// The cause.
        cause: DeadlockCause,
    },
    /// `outcomes { (0, 1), 2 }`
    Outcomes(Vec<OutcomeTuple>),
}

/// One tuple of `expect outcomes`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OutcomeTuple {
    /// Its components.
    pub values: Vec<OutcomeValue>,
    /// All of it.
    pub span: Span,
}

/// One component of a tuple.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum OutcomeValue {
    /// A constant expression.
    Value(Expr),
    /// `none`
    None(Span),
    /// `_`
    Any(Span),
}

/// When an `expect` applies.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum When {
    /// Without a condition.
    Always,
    /// `if EXPR`
    If(Expr),
    /// `otherwise`
    Otherwise,
}

/// The primitives, as declared.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ObjectDecl {
    /// `var x = 0;`
    Var {
        /// Initial value.
        initial: Expr,
    },
    /// `atomic a = 0;`
    Atomic {
        /// Initial value.
        initial: Expr,
    },
    /// `mutex m;`, `reentrant mutex m;`, `poisoning mutex m;`, `fifo mutex m;`
    Mutex(MutexKind),
    /// `rwlock l;`, `fifo rwlock l;`
    RwLock(Service),
    /// `condvar c;`, `fifo condvar c;`
    Condvar(Service),
    /// `semaphore s(n);`
    Semaphore {
        /// Initial permits.
        permits: Expr,
        /// Whether it is a `bounded semaphore`: never more permits than at first.
        bounded: bool,
        /// Whether it is a `fifo semaphore`.
        service: Service,
    },
    /// `event e;`
    Event,
    /// `once o;`
    Once,
    /// `barrier b(n);`
    Barrier {
        /// How many threads meet.
        threads: Expr,
    },
    /// `channel c(k) closed by producer;`
    Channel {
        /// Its capacity; `None`: unbounded.
        capacity: Option<Expr>,
        /// Whose end closes it.
        closed_by: Option<Ident>,
    },
    /// `oneshot o closed by worker;`
    Oneshot {
        /// Whose end closes it.
        closed_by: Option<Ident>,
    },
    /// `watch w = 0 closed by worker;`
    Watch {
        /// Value before the first step.
        initial: Expr,
        /// Whose end closes it.
        closed_by: Option<Ident>,
    },
    /// `broadcast b(k) closed by worker;`
    Broadcast {
        /// How many values it keeps.
        room: Expr,
        /// Whose end closes it.
        closed_by: Option<Ident>,
    },
    /// `queue q(k);`, `lifo queue q;`, `priority queue q;`
    Queue {
        /// Which item comes out next.
        order: QueueOrder,
        /// How many items it holds; `None`: unbounded.
        room: Option<Expr>,
    },
}

/// `{ … }`
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Block {
    /// Its statements.
    pub statements: Vec<Stmt>,
    /// With both braces.
    pub span: Span,
}

/// A statement.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Stmt {
    /// What it does.
    pub kind: StmtKind,
    /// All of it.
    pub span: Span,
}

/// The statements.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum StmtKind {
    /// `let x = e;`
    Let {
        /// The local.
        name: Ident,
        /// Its first value.
        value: Expr,
    },
    /// `let h[N];`: a local array of zeros.
    LetArray {
        /// The local array.
        name: Ident,
        /// Number of elements.
        len: Expr,
    },
    /// `x = e;`, `a[i] = e;`
    Assign {
        /// A name or an indexed name.
        target: Expr,
        /// `x += e` is `Some(Add)`.
        op: Option<BinaryOp>,
        /// The value.
        value: Expr,
    },
    /// `c.close();`, `put(3);`
    Expr(Expr),
    /// `if c { } else { }`; `else if` is an else block with one statement.
    If {
        /// Boolean.
        condition: Expr,
        /// Where it is true.
        then: Block,
        /// Where it is false.
        otherwise: Option<Block>,
    },
    /// `if let some(v) = e { } else { }`
    IfLet {
        /// What it must match.
        pattern: Pattern,
        /// A result.
        value: Expr,
        /// Where it matches.
        then: Block,
        /// Where it does not.
        otherwise: Option<Block>,
    },
    /// `while c { }`
    While {
        /// Boolean.
        condition: Expr,
        /// The body.
        body: Block,
    },
    /// `while let some(v) = e { }`
    WhileLet {
        /// What it must match.
        pattern: Pattern,
        /// A result.
        value: Expr,
        /// The body.
        body: Block,
    },
    /// `loop { }`
    Loop {
        /// The body.
        body: Block,
    },
    /// `for k in 0..n { }`
    For {
        /// The loop's local.
        name: Ident,
        /// Its values; both ends are evaluated once, before the first round.
        range: Range,
        /// The body.
        body: Block,
    },
    /// `for v in c { }`
    ForEach {
        /// The loop's local.
        name: Ident,
        /// A channel.
        channel: Expr,
        /// The body.
        body: Block,
    },
    /// `break;`
    Break,
    /// `continue;`
    Continue,
    /// `return e;`
    Return(Option<Expr>),
    /// `match e { some(v) => { } _ => { } }`
    Match {
        /// A result, an integer or a Boolean.
        value: Expr,
        /// The arms, in order.
        arms: Vec<Arm>,
    },
    /// `assert c, "text";`
    Assert {
        /// Boolean.
        condition: Expr,
        /// The text.
        message: Option<String>,
    },
    /// `panic "text";`
    Panic {
        /// The text.
        message: Option<String>,
    },
    /// `assume c;`
    Assume {
        /// Boolean.
        condition: Expr,
    },
    /// `yield;`
    Yield,
    /// `progress;`
    Progress,
    /// `fence(o);`
    Fence {
        /// The ordering.
        ordering: Ident,
    },
    /// `sleep(10ms);`, `work(5ms);`, `io(50ms);`
    Pause {
        /// Which of the three.
        kind: PauseWord,
        /// In microseconds.
        micros: u64,
    },
    /// `either { } or { }`
    Either {
        /// The branches, in order.
        branches: Vec<Block>,
    },
    /// `with m { }`
    With {
        /// A mutex or a semaphore, or `l.read()`, `l.write()` of a reader-writer lock.
        object: Expr,
        /// The body.
        body: Block,
    },
    /// `when c { }`, and `atomically { }` without a condition.
    Atomically {
        /// The condition.
        condition: Option<Expr>,
        /// The body.
        body: Block,
    },
    /// `o.call { }`
    CallOnce {
        /// The once.
        object: Expr,
        /// The body.
        body: Block,
    },
    /// `{ }`
    Block(Block),
}

/// Which way of passing time.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PauseWord {
    /// `sleep`
    Sleep,
    /// `work`
    Work,
    /// `io`
    Io,
}

/// One arm of a `match`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Arm {
    /// What it matches.
    pub pattern: Pattern,
    /// What it runs.
    pub body: Block,
}

/// A pattern.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Pattern {
    /// What it matches.
    pub kind: PatternKind,
    /// All of it.
    pub span: Span,
}

/// The patterns.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum PatternKind {
    /// `_`
    Any,
    /// `some(v)`; `None` for `some(_)` and for `some`.
    Some(Option<Ident>),
    /// `none`
    None,
    /// `closed`
    Closed,
    /// `timeout`
    Timeout,
    /// `poisoned`
    Poisoned,
    /// `failed(v)`; `None` for `failed(_)` and for `failed`.
    Failed(Option<Ident>),
    /// An integer or Boolean constant.
    Value(Box<Expr>),
}

/// An expression.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// All of it; parentheses around it are not part of it.
    pub span: Span,
}

/// The expressions.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ExprKind {
    /// `3`
    Int(i64),
    /// `true`
    Bool(bool),
    /// `x`
    Name(String),
    /// `a[i]`
    Index {
        /// The array.
        base: Box<Expr>,
        /// Which element.
        index: Box<Expr>,
    },
    /// `reader.r1`
    Field {
        /// A thread.
        base: Box<Expr>,
        /// A local of it.
        field: Ident,
    },
    /// `put(3)`
    Call {
        /// The function.
        function: Ident,
        /// Arguments.
        args: Vec<Expr>,
    },
    /// `c.send(3)`
    Method {
        /// The object or thread.
        receiver: Box<Expr>,
        /// The operation.
        method: Ident,
        /// Arguments.
        args: Vec<Expr>,
    },
    /// `-a`, `!a`
    Unary {
        /// The operator.
        op: UnaryOp,
        /// Its operand.
        operand: Box<Expr>,
    },
    /// `a + b`, …
    Binary {
        /// The operator.
        op: BinaryOp,
        /// Left operand.
        left: Box<Expr>,
        /// Right operand.
        right: Box<Expr>,
    },
    /// `a && b`
    And {
        /// Left operand.
        left: Box<Expr>,
        /// Right operand.
        right: Box<Expr>,
    },
    /// `a || b`
    Or {
        /// Left operand.
        left: Box<Expr>,
        /// Right operand.
        right: Box<Expr>,
    },
    /// `if c { a } else { b }`
    If {
        /// Boolean.
        condition: Box<Expr>,
        /// Where it is true.
        then: Box<Expr>,
        /// Where it is false.
        otherwise: Box<Expr>,
    },
    /// `e is PATTERN`
    Is {
        /// A result.
        value: Box<Expr>,
        /// The pattern; it binds nothing.
        pattern: Pattern,
    },
    /// `choose(0..3)`
    Choose(Box<Range>),
    /// `spawn f(a, b)`
    Spawn {
        /// The function.
        function: Ident,
        /// Its arguments.
        args: Vec<Expr>,
    },
    /// `10ms`, in microseconds; an argument only.
    Duration(u64),
    /// Where the parser found an error; reported already, so no further error may come of it.
    Error,
}
