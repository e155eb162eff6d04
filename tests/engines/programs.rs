//! Small programs, made by hand: what an engine does with an instruction is tested without the language.

use interleaver::program::*;

/// A program that is being made.
pub(crate) struct Making(Program);

/// Objects by name and kind, threads by name and instructions.
pub(crate) fn program(objects: &[(&str, ObjectKind)], threads: &[(&str, Vec<InstrKind>)]) -> Making {
    let span = Span::default();
    let objects = objects
        .iter()
        .map(|(name, kind)| Object { name: (*name).into(), group: (*name).into(), kind: kind.clone(), span })
        .collect();
    let code = |(name, instrs): &(&str, Vec<InstrKind>)| Code {
        name: (*name).into(),
        locals: vec![Local { name: String::new(), ty: Type::Int }; LOCALS],
        instrs: instrs
            .iter()
            .cloned()
            .chain([InstrKind::Halt])
            .map(|kind| Instr { kind, span, unwind: None, dead: Vec::new() })
            .collect(),
    };
    let thread = |(position, (name, _)): (usize, &(&str, Vec<InstrKind>))| Thread {
        name: (*name).into(),
        group: (*name).into(),
        index: None,
        code: CodeId::new(position),
        initial: vec![0; LOCALS],
        daemon: false,
        spawned: None,
        timer: None,
        span,
    };
    Making(Program {
        title: String::new(),
        source: Source { name: "made.ilv".into(), text: String::new() }.into(),
        parameters: Vec::new(),
        memory: Memory::Sc,
        option_lines: Vec::new(),
        objects,
        threads: threads.iter().enumerate().map(thread).collect(),
        spawned: Vec::new(),
        codes: threads.iter().map(code).collect(),
        properties: Vec::new(),
        observed: Vec::new(),
        expectations: Vec::new(),
        liveness: interleaver::program::Liveness::UNASKED,
    })
}

/// Every thread has as many locals.
const LOCALS: usize = 4;

impl Making {
    /// Observes an object.
    pub(crate) fn observe(mut self, position: usize) -> Self {
        let name = self.0.objects[position].name.clone();
        let read = ObservedRead::Object(ObjectId::new(position));
        self.0.observed.push(Observed { name, ty: Type::Int, read });
        self
    }

    /// Observes a local, always assigned.
    pub(crate) fn observe_local(mut self, thread: usize, local: u16) -> Self {
        // The last local counts as the mark: every program here sets it.
        let assigned = LocalId::new(LOCALS - 1);
        let read = ObservedRead::Local { thread: ThreadId::new(thread), local: LocalId(local), assigned };
        self.0.observed.push(Observed { name: format!("{thread}.{local}"), ty: Type::Int, read });
        for instr in &mut self.0.threads {
            instr.initial[LOCALS - 1] = 1;
        }
        self
    }

    pub(crate) fn memory(mut self, memory: Memory) -> Self {
        self.0.memory = memory;
        self
    }

    pub(crate) fn daemon(mut self, thread: usize) -> Self {
        self.0.threads[thread].daemon = true;
        self
    }

    pub(crate) fn property(mut self, kind: PropertyKind, condition: StateExpr) -> Self {
        self.0.properties.push(Property { kind, condition, message: None, span: Span::default() });
        self
    }

    pub(crate) fn done(self) -> Program {
        self.0
    }
}

pub(crate) fn var() -> ObjectKind {
    ObjectKind::Var { initial: Value::Int(0) }
}

pub(crate) fn atomic() -> ObjectKind {
    ObjectKind::Atomic { initial: Value::Int(0) }
}

pub(crate) fn semaphore(permits: i64) -> ObjectKind {
    ObjectKind::Semaphore { permits, bound: None, service: Service::Anybody }
}

pub(crate) fn channel(capacity: Capacity) -> ObjectKind {
    ObjectKind::Channel { capacity, element: Type::Int, closed_by: None }
}

fn object(position: usize) -> LocalObject {
    ObjectRef { base: ObjectId::new(position), len: 1, index: None }
}

pub(crate) fn local(position: u16) -> LocalExpr {
    Expr::Read(LocalRead::Local(LocalId(position)))
}

pub(crate) fn number(value: i64) -> LocalExpr {
    Expr::Const(value)
}

pub(crate) fn plus(a: LocalExpr, b: LocalExpr) -> LocalExpr {
    Expr::Binary(BinaryOp::Add, Box::new(a), Box::new(b))
}

pub(crate) fn equal(a: LocalExpr, b: LocalExpr) -> LocalExpr {
    Expr::Binary(BinaryOp::Equal, Box::new(a), Box::new(b))
}

pub(crate) fn value_is(position: usize, value: i64) -> StateExpr {
    let read = StateRead::Object(ObjectRef { base: ObjectId::new(position), len: 1, index: None });
    Expr::Binary(BinaryOp::Equal, Box::new(Expr::Read(read)), Box::new(Expr::Const(value)))
}

pub(crate) fn read(position: usize, to: u16) -> InstrKind {
    InstrKind::Op(Op::Var { var: object(position), op: VarOp::Read { to: LocalId(to) } })
}

pub(crate) fn write(position: usize, value: LocalExpr) -> InstrKind {
    InstrKind::Op(Op::Var { var: object(position), op: VarOp::Write { value } })
}

pub(crate) fn load(position: usize, ordering: Ordering, to: u16) -> InstrKind {
    InstrKind::Op(Op::Atomic { atomic: object(position), op: AtomicOp::Load { ordering, to: LocalId(to) } })
}

pub(crate) fn store(position: usize, ordering: Ordering, value: LocalExpr) -> InstrKind {
    InstrKind::Op(Op::Atomic { atomic: object(position), op: AtomicOp::Store { ordering, value } })
}

pub(crate) fn lock(position: usize) -> InstrKind {
    mutex(position, MutexOp::Lock { scoped: Scoped::Call })
}

pub(crate) fn unlock(position: usize) -> InstrKind {
    mutex(position, MutexOp::Unlock { scoped: Scoped::Call })
}

pub(crate) fn mutex(position: usize, op: MutexOp) -> InstrKind {
    InstrKind::Op(Op::Mutex { mutex: object(position), op })
}

pub(crate) fn wait(condvar: usize, mutex: usize) -> InstrKind {
    condvar_op(condvar, CondvarOp::Wait { mutex: object(mutex), tag: None })
}

pub(crate) fn condvar_op(condvar: usize, op: CondvarOp) -> InstrKind {
    InstrKind::Op(Op::Condvar { condvar: object(condvar), op })
}

pub(crate) fn acquire(position: usize) -> InstrKind {
    InstrKind::Op(Op::Semaphore {
        semaphore: object(position),
        op: SemaphoreOp::Acquire { scoped: Scoped::Call, permits: 1 },
    })
}

pub(crate) fn release(position: usize) -> InstrKind {
    InstrKind::Op(Op::Semaphore {
        semaphore: object(position),
        op: SemaphoreOp::Release { scoped: Scoped::Call, permits: 1 },
    })
}

pub(crate) fn channel_op(position: usize, op: ChannelOp) -> InstrKind {
    InstrKind::Op(Op::Channel { channel: object(position), op })
}

pub(crate) fn send(position: usize, value: LocalExpr) -> InstrKind {
    channel_op(position, ChannelOp::Send { value })
}

/// Receives into `to`; the tag goes to the local behind it.
pub(crate) fn recv(position: usize, to: u16) -> InstrKind {
    channel_op(position, ChannelOp::Recv { tag: LocalId(to + 1), to: LocalId(to) })
}

pub(crate) fn join(thread: usize) -> InstrKind {
    let thread = ThreadRef { base: ThreadId::new(thread), len: 1, first: 0, index: None };
    InstrKind::Op(Op::Thread { thread, op: ThreadOp::Join { tag: LocalId(2) } })
}

pub(crate) fn choose(from: i64, to: i64, into: u16) -> InstrKind {
    let choice = ChoiceOp::Value { from: number(from), to: number(to), into: LocalId(into) };
    InstrKind::Op(Op::Choice(choice))
}

pub(crate) fn pause() -> InstrKind {
    InstrKind::Op(Op::Pause(PauseKind::Yield))
}

pub(crate) fn assert_that(condition: LocalExpr) -> InstrKind {
    InstrKind::Assert { condition, message: None }
}
