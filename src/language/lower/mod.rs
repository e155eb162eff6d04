//! From the checked tree to a [`Program`]: groups expanded, functions inlined, control flow as short instructions.
//!
//! In reading order: `builder` emits, `frame` inlines, `expression`, `operation` and `statement` go through the tree,
//! `spawn` counts threads, `scope` finds the ways out of blocks, `tidy` turns labels into positions, `liveness` says which locals still matter,
//! `listeners` which threads an object has to remember.
//! It knows nothing of names and types, which `check` has settled; it can fail on size only.

mod builder;
mod expression;
mod frame;
mod listeners;
mod liveness;
mod operation;
mod scope;
mod spawn;
mod statement;
mod tidy;

pub(super) use tidy::for_each_successor;

use super::check::bounds;
use super::checked::{
    self, Checked, ExprKind, Function, ObservedRead, PropertyExpr, PropertyLeaf, Thread, ThreadLocal,
};
use super::diagnostic::Diagnostic;
use super::types::Types;
use crate::program::{
    self, Code, CodeId, Expr, Instr, InstrKind, Lag, Local, LocalId, LocalObject, Object, ObjectId, ObjectKind,
    ObjectRef, Observed, Op, Pc, Program, Property, QueueOp, SPAWNED_DEFAULT, Sources, Span, SpawnId, SpawnOp,
    Spawnable, StateExpr, StateRead, Tasks, ThreadId, TimerOp, Type,
};
use builder::{Builder, Overflow};
use frame::Frame;
use listeners::Listeners;
use scope::{Handler, Scope};
use spawn::{Registry, Starts};
use std::collections::{BTreeMap, BTreeSet};

/// Makes the instructions of one thread.
struct Lowerer<'c> {
    source: &'c Sources,
    types: &'c Types,
    objects: &'c [checked::Object],
    functions: &'c [Function],
    threads: &'c [Thread],
    builder: Builder,
    /// Nesting in the tree, calls included.
    depth: usize,
    /// The thread's, then that of each call.
    frames: Vec<Frame<'c>>,
    /// What the statement stands in, innermost last.
    scopes: Vec<Scope>,
    handlers: Vec<Handler>,
    /// For locals that outcomes and properties read: the local that tells whether they were assigned.
    assigned: BTreeMap<LocalId, LocalId>,
    /// The call in the thread's own text that is being inlined.
    calling: Option<(usize, Span)>,
    /// The functions that somebody starts as threads.
    registry: &'c mut Registry,
    /// Whether the thread is a daemon; then so are those that it starts.
    daemon: bool,
    /// Whether going round an outermost loop is progress.
    rounds_are_progress: bool,
    /// How often what is being lowered can run at most.
    times: u32,
    starts: Starts,
}

/// What is compiled as a thread: a declaration, or a function that is started.
struct Root<'c> {
    name: &'c str,
    /// Where messages point.
    head: Span,
    /// The closing brace.
    end: Span,
    body: &'c checked::Body,
    daemon: bool,
    /// For the thread of a timer: which.
    timer: Option<LocalObject>,
    /// What outcomes and properties read.
    read: &'c BTreeSet<usize>,
    /// Type of what it returns.
    value: Option<Type>,
}

/// The code of a root.
struct Lowered {
    code: Code,
    starts: Starts,
    /// Where the thread leaves what it returns.
    result: Option<LocalId>,
}

/// Lowers a checked scenario.
///
/// # Errors
/// Where inlining makes more instructions, locals or nesting than a program may have.
pub(super) fn lower(checked: Checked, source: &Sources) -> Result<Program, Vec<Diagnostic>> {
    let read = read_locals(&checked);
    let mut errors = Vec::new();
    let mut codes = Vec::new();
    let mut code_of = Vec::new();
    let mut budget = bounds::INSTRUCTIONS;
    let mut registry = Registry::default();
    let mut declared = Vec::new();
    for (declaration, thread) in checked.threads.iter().enumerate() {
        // Before anything numbers them, and also in a group without members.
        let width: usize = thread.body.locals.iter().map(checked::Local::width).sum();
        if width + read[declaration].len() > bounds::LOCALS {
            errors.push(too_large(Overflow::Locals, &Root::of_thread(thread, &read[declaration]), None));
            code_of.push(None);
            continue;
        }
        if thread.count == 0 {
            code_of.push(None);
            continue;
        }
        match lower_root(&checked, source, &Root::of_thread(thread, &read[declaration]), budget, &mut registry) {
            Ok(lowered) => {
                budget -= lowered.code.instrs.len();
                code_of.push(Some(CodeId::new(codes.len())));
                codes.push(lowered.code);
                declared.push((lowered.starts, thread.count));
            }
            Err(error) => {
                errors.push(*error);
                code_of.push(None);
            }
        }
    }
    let nothing_read = BTreeSet::new();
    let mut functions = Vec::new();
    // What is started may start more.
    while let Some(started) = registry.entries.get(functions.len()).copied().filter(|_| errors.is_empty()) {
        let root = Root::of_function(&checked, started, &nothing_read);
        match lower_root(&checked, source, &root, budget, &mut registry) {
            Ok(lowered) => {
                budget -= lowered.code.instrs.len();
                functions.push((started, CodeId::new(codes.len()), lowered.starts, lowered.result));
                codes.push(lowered.code);
            }
            Err(error) => errors.push(*error),
        }
    }
    if !errors.is_empty() {
        return Err(errors);
    }
    let starts: Vec<Starts> = functions.iter().map(|(_, _, starts, _)| starts.clone()).collect();
    let bounds = spawn::bounds(&declared, &starts);
    let spawned: Vec<Spawnable> = functions
        .iter()
        .zip(bounds)
        .enumerate()
        .map(|(position, ((started, code, _, result), bound))| {
            let id = SpawnId::new(position);
            if is_asked_about(&codes, id) {
                make_end_visible(&mut codes[code.index()]);
            }
            let result = result.filter(|_| is_result_read(&codes, id));
            let code_of = &mut codes[code.index()];
            liveness::fill_dead(&mut code_of.instrs, code_of.locals.len(), result.as_slice());
            Spawnable {
                function: code_of.name.clone(),
                code: *code,
                daemon: started.daemon,
                result,
                bound,
                span: checked.functions[started.function].declared,
                first: ThreadId(0),
                slots: 0,
            }
        })
        .collect();
    let observable = threads_whose_end_is_seen(&checked, &codes);
    for (declaration, code) in code_of.iter().enumerate() {
        if let Some(code) = code {
            let code = &mut codes[code.index()];
            if observable.contains(&declaration) {
                make_end_visible(code);
            }
            let layout = LocalLayout::new(&checked.threads[declaration].body, &read[declaration]);
            liveness::fill_dead(&mut code.instrs, code.locals.len(), &layout.kept());
        }
    }
    let layouts: Vec<LocalLayout> =
        checked.threads.iter().zip(&read).map(|(thread, read)| LocalLayout::new(&thread.body, read)).collect();
    let threads: Vec<program::Thread> =
        checked.threads.iter().zip(&code_of).flat_map(|(thread, code)| members(thread, *code, &codes)).collect();
    let listeners = Listeners::of(&threads, &codes);
    let mut program = Program {
        title: checked.title.clone(),
        source: source.clone(),
        threads,
        spawned,
        objects: checked
            .objects
            .iter()
            .flat_map(|object| elements(object, &checked.types, &codes, &listeners))
            .collect(),
        properties: checked
            .properties
            .iter()
            .map(|property| Property {
                kind: property.kind,
                condition: state_expr(&property.condition, &checked.objects, &layouts),
                message: property.message.clone(),
                span: property.span,
            })
            .collect(),
        observed: checked
            .observed
            .iter()
            .map(|observed| Observed {
                name: observed.name.clone(),
                ty: checked.types.decided(observed.ty),
                read: match observed.read {
                    ObservedRead::Object(object) => program::ObservedRead::Object(object),
                    ObservedRead::Local(local) => {
                        let (slot, assigned) = layouts[local.declaration].slots(local);
                        program::ObservedRead::Local { thread: local.thread, local: slot, assigned }
                    }
                },
            })
            .collect(),
        codes,
        parameters: checked.parameters,
        memory: checked.memory,
        option_lines: checked.option_lines,
        expectations: checked.expectations,
        liveness: checked.liveness,
    };
    program.make_room(SPAWNED_DEFAULT);
    Ok(program)
}

/// Whether anybody asks about the end of a thread that is started as this function.
fn is_asked_about(codes: &[Code], function: SpawnId) -> bool {
    operations_on(codes, function).any(|op| op.handle().is_some())
}

/// Whether anybody reads what such a thread returns.
fn is_result_read(codes: &[Code], function: SpawnId) -> bool {
    operations_on(codes, function).any(|op| matches!(op, SpawnOp::Join { to: Some(_), .. }))
}

fn operations_on(codes: &[Code], function: SpawnId) -> impl Iterator<Item = &SpawnOp> {
    let on_it = move |op: &'_ Op| matches!(op, Op::Spawn { function: on, .. } if *on == function);
    let all = codes.iter().flat_map(|code| &code.instrs).filter_map(|instr| instr.kind.op());
    all.filter(move |op| on_it(op)).filter_map(|op| if let Op::Spawn { op, .. } = op { Some(op) } else { None })
}

impl<'c> Root<'c> {
    fn of_thread(thread: &'c Thread, read: &'c BTreeSet<usize>) -> Self {
        let Thread { name, head, end, body, daemon, timer, first, count, .. } = thread;
        let timer = timer.map(|base| match first {
            None => LocalObject { base, len: 1, index: None },
            Some(_) => LocalObject { base, len: *count, index: Some(Box::new(builder::read(LocalId::new(0)))) },
        });
        Self { name, head: *head, end: *end, body, daemon: *daemon, timer, read, value: None }
    }

    fn of_function(checked: &'c Checked, started: spawn::Started, read: &'c BTreeSet<usize>) -> Self {
        let Function { name, declared, end, value, body, .. } = &checked.functions[started.function];
        let value = value.map(|ty| checked.types.decided(ty));
        Self { name, head: *declared, end: *end, body, daemon: started.daemon, timer: None, read, value }
    }
}

fn lower_root(
    checked: &Checked,
    source: &Sources,
    root: &Root<'_>,
    budget: usize,
    registry: &mut Registry,
) -> Result<Lowered, Box<Diagnostic>> {
    let layout = LocalLayout::new(root.body, root.read);
    let mut locals = layout.locals(root.body, &checked.types);
    let result = root.value.map(|ty| {
        locals.push(Local { name: String::new(), ty });
        LocalId::new(locals.len() - 1)
    });
    let mut lowerer = Lowerer {
        source,
        types: &checked.types,
        objects: &checked.objects,
        functions: &checked.functions,
        threads: &checked.threads,
        builder: Builder::new(locals, budget),
        depth: 0,
        frames: vec![Frame::of_thread(root.body)],
        scopes: Vec::new(),
        handlers: Vec::new(),
        assigned: layout.assigned.iter().map(|(local, assigned)| (layout.slots[*local], *assigned)).collect(),
        calling: None,
        registry,
        daemon: root.daemon,
        rounds_are_progress: checked.rounds_are_progress && (checked.liveness.livelock || checked.liveness.starvation),
        times: 1,
        starts: Vec::new(),
    };
    let end = lowerer.builder.label();
    lowerer.scopes.push(Scope::Function { end, value: result });
    if let Some(timer) = root.timer.clone() {
        lowerer.builder.emit(InstrKind::Op(Op::Timer { timer, op: TimerOp::Fire }), root.head);
    }
    lowerer.block(&root.body.block);
    lowerer.builder.bind(end);
    lowerer.builder.emit(InstrKind::Halt, root.end);
    lowerer.emit_handlers(root.end);
    if let Some(overflow) = lowerer.builder.overflow {
        let calling = lowerer.calling.map(|(function, span)| (&checked.functions[function], span));
        return Err(Box::new(too_large(overflow, root, calling)));
    }
    let instrs = tidy::finish(&mut lowerer.builder);
    let code = Code { name: root.name.to_owned(), locals: lowerer.builder.locals, instrs };
    Ok(Lowered { code, starts: lowerer.starts, result })
}

fn too_large(overflow: Overflow, root: &Root<'_>, calling: Option<(&Function, Span)>) -> Diagnostic {
    let name = root.name;
    let (code, message) = match overflow {
        Overflow::Instructions => {
            ("E0511", format!("`{name}` takes the program above {} instructions after inlining", bounds::INSTRUCTIONS))
        }
        Overflow::Locals => ("E0512", format!("`{name}` needs more than {} locals after inlining", bounds::LOCALS)),
        Overflow::Nesting => {
            ("E0513", format!("`{name}` is nested more than {} levels deep after inlining", bounds::NESTING))
        }
    };
    match calling {
        None => Diagnostic::error(code, root.head, message).label("in this thread"),
        Some((function, span)) => Diagnostic::error(code, span, message)
            .label(format!("inlining `{}` here", function.name))
            .related(root.head, "in this thread")
            .help("functions are copied to each call: call less often, or in a loop"),
    }
}

/// Which locals of each thread outcomes and properties read.
fn read_locals(checked: &Checked) -> Vec<BTreeSet<usize>> {
    fn visit(expr: &PropertyExpr, read: &mut Vec<BTreeSet<usize>>) {
        match &expr.kind {
            ExprKind::Const(_) => {}
            ExprKind::Leaf(leaf) => match leaf {
                PropertyLeaf::Local(local) => {
                    read[local.declaration].insert(local.local);
                }
                PropertyLeaf::Object(used) | PropertyLeaf::Length(used) | PropertyLeaf::IsLocked(used) => {
                    if let Some(index) = &used.index {
                        visit(index, read);
                    }
                }
            },
            ExprKind::Unary(_, a) => visit(a, read),
            ExprKind::Binary(_, a, b) | ExprKind::And(a, b) | ExprKind::Or(a, b) => {
                visit(a, read);
                visit(b, read);
            }
            ExprKind::If(condition, a, b) => {
                visit(condition, read);
                visit(a, read);
                visit(b, read);
            }
        }
    }
    let mut read = vec![BTreeSet::new(); checked.threads.len()];
    for property in &checked.properties {
        visit(&property.condition, &mut read);
    }
    for observed in &checked.observed {
        if let ObservedRead::Local(local) = observed.read {
            read[local.declaration].insert(local.local);
        }
    }
    read
}

/// Where the locals of a thread's own body are: in order, then the companions of those that are read from outside.
struct LocalLayout {
    slots: Vec<LocalId>,
    assigned: BTreeMap<usize, LocalId>,
}

impl LocalLayout {
    fn new(body: &checked::Body, read: &BTreeSet<usize>) -> Self {
        let (slots, width) = body.layout();
        let assigned = read.iter().enumerate().map(|(position, local)| (*local, LocalId::new(width + position)));
        Self { slots, assigned: assigned.collect() }
    }

    fn locals(&self, body: &checked::Body, types: &Types) -> Vec<Local> {
        let own = body.locals.iter().flat_map(|local| {
            let local_of = |_| Local { name: local.name.clone(), ty: types.decided(local.ty) };
            (0..local.width()).map(local_of)
        });
        let companions = self.assigned.iter().map(|_| Local { name: String::new(), ty: Type::Bool });
        own.chain(companions).collect()
    }

    fn slots(&self, local: ThreadLocal) -> (LocalId, LocalId) {
        (self.slots[local.local], self.assigned[&local.local])
    }

    /// What must keep its value to the end.
    fn kept(&self) -> Vec<LocalId> {
        self.assigned.iter().flat_map(|(local, assigned)| [self.slots[*local], *assigned]).collect()
    }
}

/// The declarations of threads whose end `join`, `is_alive` or `closed by` can observe.
fn threads_whose_end_is_seen(checked: &Checked, codes: &[Code]) -> BTreeSet<usize> {
    let mut seen: BTreeSet<ThreadId> = BTreeSet::new();
    for object in &checked.objects {
        seen.extend(object.kind.closed_by());
    }
    for instr in codes.iter().flat_map(|code| &code.instrs) {
        if let InstrKind::Op(Op::Thread { thread, .. }) = &instr.kind {
            seen.insert(thread.base);
        }
    }
    let declared = |thread: &Thread| {
        let from = thread.base.index();
        let to = from + usize::try_from(thread.count).expect("u32 fits into usize");
        seen.iter().any(|seen| (from..to).contains(&seen.index()))
    };
    (0..checked.threads.len()).filter(|declaration| declared(&checked.threads[*declaration])).collect()
}

/// Makes the end of a thread a step of its own, also where it ends by a failure: whoever sees what it has done last may
/// find it alive.
fn make_end_visible(code: &mut Code) {
    let is_end = |instr: &Instr| matches!(instr.kind, InstrKind::Halt | InstrKind::Unwound);
    for instr in code.instrs.iter_mut().filter(|instr| is_end(instr)) {
        instr.kind = InstrKind::Op(Op::End);
    }
    let end = code.instrs.iter().position(|instr| instr.kind == InstrKind::Op(Op::End)).unwrap_or_else(|| {
        // It goes round for ever, unless it fails.
        let span = code.instrs.last().expect("a code has instructions").span;
        code.instrs.push(Instr { kind: InstrKind::Op(Op::End), span, unwind: None, dead: Vec::new() });
        code.instrs.len() - 1
    });
    for instr in code.instrs.iter_mut().filter(|instr| instr.kind != InstrKind::Op(Op::End)) {
        instr.unwind.get_or_insert(Pc::new(end));
    }
}

fn members<'p>(
    thread: &'p Thread,
    code: Option<CodeId>,
    codes: &'p [Code],
) -> impl Iterator<Item = program::Thread> + use<'p> {
    let locals = code.map_or(0, |code| codes[code.index()].locals.len());
    let code = code.unwrap_or(CodeId(0));
    (0..i64::from(thread.count)).map(move |member| {
        let mut initial = vec![0; locals];
        let index = thread.first.map(|first| first + member);
        if let Some(index) = index {
            initial[0] = index;
        }
        let name = match index {
            None => thread.name.clone(),
            Some(index) => format!("{}[{index}]", thread.name),
        };
        let (group, span, daemon) = (thread.name.clone(), thread.head, thread.daemon);
        let position = usize::try_from(member).expect("threads are few");
        let timer = thread.timer.map(|first| ObjectId::new(first.index() + position));
        program::Thread { name, group, index, code, initial, daemon, spawned: None, timer, span }
    })
}

fn elements<'p>(
    object: &'p checked::Object,
    types: &'p Types,
    codes: &[Code],
    listeners: &'p Listeners,
) -> impl Iterator<Item = Object> + use<'p> {
    let kind = match &object.kind {
        checked::ObjectKind::Var { initial } => ObjectKind::Var { initial: *initial },
        checked::ObjectKind::Atomic { initial } => ObjectKind::Atomic { initial: *initial },
        checked::ObjectKind::Mutex(kind) => ObjectKind::Mutex(*kind),
        checked::ObjectKind::RwLock(preference) => ObjectKind::RwLock(*preference),
        checked::ObjectKind::Condvar { service, wake_ups } => {
            ObjectKind::Condvar { service: *service, wake_ups: *wake_ups }
        }
        checked::ObjectKind::Semaphore { permits, bounded, service } => {
            ObjectKind::Semaphore { permits: *permits, bound: bounded.then_some(*permits), service: *service }
        }
        checked::ObjectKind::Event => ObjectKind::Event,
        checked::ObjectKind::Once => ObjectKind::Once,
        checked::ObjectKind::Timer { thread } => ObjectKind::Timer { thread: *thread },
        checked::ObjectKind::Barrier { threads } => ObjectKind::Barrier { threads: *threads },
        checked::ObjectKind::Channel { capacity, element, closed_by } => {
            ObjectKind::Channel { capacity: *capacity, element: types.decided(*element), closed_by: closed_by.clone() }
        }
        checked::ObjectKind::Oneshot { element, closed_by } => {
            ObjectKind::Oneshot { element: types.decided(*element), closed_by: closed_by.clone() }
        }
        checked::ObjectKind::Watch { initial, closed_by } => {
            ObjectKind::Watch { initial: *initial, listeners: Vec::new(), closed_by: closed_by.clone() }
        }
        checked::ObjectKind::Broadcast { room, closed_by } => {
            let (listeners, closed_by) = (Vec::new(), closed_by.clone());
            ObjectKind::Broadcast { room: *room, listeners, lag: Lag::Noted, closed_by }
        }
        checked::ObjectKind::Queue { order, room, element } => {
            let (order, room, element) = (*order, *room, types.decided(*element));
            ObjectKind::Queue { order, room, element, tasks: tasks(object, codes) }
        }
    };
    (0..object.len.unwrap_or(1)).map(move |position| {
        let name = match object.len {
            None => object.name.clone(),
            Some(_) => format!("{}[{position}]", object.name),
        };
        let mut kind = kind.clone();
        let place = usize::try_from(position).expect("u32 fits into usize");
        if let ObjectKind::Timer { thread } = &mut kind {
            *thread = ThreadId::new(thread.index() + place);
        }
        let element = object.base.index() + place;
        listeners.fill(ObjectId::new(element), &mut kind);
        Object { name, group: object.name.clone(), kind, span: object.span }
    })
}

/// Whether some thread asks which items of the queues declared there are finished.
fn tasks(declared: &checked::Object, codes: &[Code]) -> Tasks {
    let first = declared.base.index();
    let all = first..first + usize::try_from(declared.len.unwrap_or(1)).expect("u32 fits into usize");
    let asks = |kind: &InstrKind| {
        if let InstrKind::Op(Op::Queue { queue, op: QueueOp::TaskDone | QueueOp::Join }) = kind {
            all.contains(&queue.base.index())
        } else {
            false
        }
    };
    let counted = codes.iter().flat_map(|code| &code.instrs).any(|instr| asks(&instr.kind));
    if counted { Tasks::Counted } else { Tasks::Ignored }
}

fn state_expr(expr: &PropertyExpr, objects: &[checked::Object], layouts: &[LocalLayout]) -> StateExpr {
    let inner = |expr: &PropertyExpr| Box::new(state_expr(expr, objects, layouts));
    let object = |used: &checked::ObjectUse<PropertyLeaf>| {
        let declared = &objects[used.object];
        let index = used.index.as_ref().map(|index| inner(index));
        if let Some(Expr::Const(position)) = index.as_deref()
            && let Some(position) = expression::position_in(*position, declared.len.unwrap_or(1))
        {
            return ObjectRef { base: ObjectId::new(declared.base.index() + position), len: 1, index: None };
        }
        ObjectRef { base: declared.base, len: declared.len.unwrap_or(1), index }
    };
    match &expr.kind {
        ExprKind::Const(value) => Expr::Const(*value),
        ExprKind::Leaf(PropertyLeaf::Object(used)) => Expr::Read(StateRead::Object(object(used))),
        ExprKind::Leaf(PropertyLeaf::Length(used)) => Expr::Read(StateRead::Length(object(used))),
        ExprKind::Leaf(PropertyLeaf::IsLocked(used)) => Expr::Read(StateRead::IsLocked(object(used))),
        ExprKind::Leaf(PropertyLeaf::Local(local)) => {
            let (slot, assigned) = layouts[local.declaration].slots(*local);
            Expr::Read(StateRead::Local { thread: local.thread, local: slot, assigned })
        }
        ExprKind::Unary(op, a) => Expr::Unary(*op, inner(a)),
        ExprKind::Binary(op, a, b) => Expr::Binary(*op, inner(a), inner(b)),
        ExprKind::And(a, b) => Expr::And(inner(a), inner(b)),
        ExprKind::Or(a, b) => Expr::Or(inner(a), inner(b)),
        ExprKind::If(condition, a, b) => Expr::If(inner(condition), inner(a), inner(b)),
    }
}
