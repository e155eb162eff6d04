//! What threads and functions run: scopes of locals, and the leaves of their expressions.

use super::expression::{self, Leaves};
use super::function::{Obstacle, Uses};
use super::names::{Constant, Declared, Global, Group, one};
use super::{Checker, error, name_of, object_of};
use crate::language::checked::{
    Action, Body, BodyExpr, BodyLeaf, BodyObject, Expr, ExprKind, Gives, HandleUse, Local, LocalIndex, ObjectKind,
    ObjectUse, Operation, ThreadUse,
};
use crate::language::diagnostic::Diagnostic;
use crate::language::tree::{self, Block, Ident};
use crate::language::types::Ty;
use crate::program::{BinaryOp, ResultTag, Span, Type};
use std::collections::BTreeMap;

/// A checked body with what later checks need.
pub(super) struct CheckedBody {
    pub(super) body: Body,
    /// Locals declared directly in the body; of several with one name the last.
    pub(super) top_level: TopLevel,
    /// What it calls and what cannot stand in an indivisible block.
    pub(super) uses: Uses,
}

/// The locals of a thread as other lines of the file may name them.
#[derive(Debug, Default)]
pub(super) struct TopLevel {
    pub(super) locals: BTreeMap<String, LocalIndex>,
    /// Where the locals of inner blocks are declared.
    pub(super) inner: BTreeMap<String, Span>,
}

/// Checks one body.
pub(super) struct BodyChecker<'c, 'a> {
    pub(super) checker: &'c mut Checker<'a>,
    pub(super) place: BodyPlace,
    pub(super) locals: Vec<Local>,
    /// Where each local is declared.
    declared: Vec<Span>,
    /// The locals of each name that are in scope, innermost last.
    visible: BTreeMap<String, Vec<LocalIndex>>,
    /// The names that each block around the statement has declared.
    scopes: Vec<Vec<String>>,
    /// Number of loops around the statement.
    pub(super) loops: usize,
    pub(super) uses: Uses,
    /// Whether the statement stands in the block of a `call`.
    pub(super) around: Surroundings,
    /// Objects of the `with` around the statement, as written.
    pub(super) held: Vec<String>,
    top_level: TopLevel,
    /// Names that were not found, with the first place and the number of locals declared before it.
    missing: BTreeMap<String, (Span, usize)>,
}

/// Whose body it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum BodyPlace {
    Thread,
    /// Position in `Checker::signatures`.
    Function(usize),
}

/// What a `return`, and a `break` outside a loop, would leave.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Surroundings {
    /// The body of a thread or a function.
    Body,
    /// The block of a `call`, which nothing leaves.
    Call,
}

/// What stands before the dot of an operation.
pub(super) enum Receiver {
    Object(usize, BodyObject),
    Thread(ThreadUse),
    /// A group without an index.
    Threads(usize),
    /// A handle, with the declaration of its local.
    Handle(HandleUse, Span),
}

/// Checks the body of a thread; `index` is the variable of its group.
pub(super) fn thread(checker: &mut Checker<'_>, index: Option<&Ident>, body: &Block) -> CheckedBody {
    let mut cx = BodyChecker::new(checker, BodyPlace::Thread);
    if let Some(index) = index {
        cx.declare(index, Ty::INT, None);
    }
    cx.finish(body)
}

/// Checks the body of a function.
pub(super) fn function(checker: &mut Checker<'_>, signature: usize, params: &[Ident], body: &Block) -> CheckedBody {
    let types = checker.signatures[signature].parameters.clone();
    let mut cx = BodyChecker::new(checker, BodyPlace::Function(signature));
    for (param, ty) in params.iter().zip(types) {
        cx.declare(param, ty, None);
    }
    cx.finish(body)
}

impl<'c, 'a> BodyChecker<'c, 'a> {
    fn new(checker: &'c mut Checker<'a>, place: BodyPlace) -> Self {
        Self {
            checker,
            place,
            locals: Vec::new(),
            declared: Vec::new(),
            visible: BTreeMap::new(),
            scopes: vec![Vec::new()],
            loops: 0,
            around: Surroundings::Body,
            uses: Uses::default(),
            held: Vec::new(),
            top_level: TopLevel::default(),
            missing: BTreeMap::new(),
        }
    }

    fn finish(mut self, body: &Block) -> CheckedBody {
        let block = self.block(body);
        if let BodyPlace::Function(signature) = self.place {
            self.value_on_every_path(signature, body);
        }
        self.report_missing();
        CheckedBody { body: Body { locals: self.locals, block }, top_level: self.top_level, uses: self.uses }
    }

    pub(super) fn error(&mut self, error: Diagnostic) {
        self.checker.errors.push(error);
    }

    // Scopes.

    pub(super) fn open_scope(&mut self) {
        self.scopes.push(Vec::new());
    }

    pub(super) fn close_scope(&mut self) {
        for name in self.scopes.pop().unwrap_or_default() {
            self.visible.entry(name).or_default().pop();
        }
    }

    /// Declares a local in the innermost block; it may hide an earlier local, but nothing of the file.
    pub(super) fn declare(&mut self, name: &Ident, ty: Ty, len: Option<u32>) -> LocalIndex {
        if let Some(hidden) = self.checker.names.get(&name.name) {
            self.error(error::local_hides(&name.name, name.span, &hidden));
        }
        let local = self.locals.len();
        self.locals.push(Local { name: name.name.clone(), ty, len, assigned_again: false });
        self.declared.push(name.span);
        self.scopes.last_mut().expect("the scope of the body").push(name.name.clone());
        self.visible.entry(name.name.clone()).or_default().push(local);
        local
    }

    /// Notes a `let` for lines about the whole file.
    pub(super) fn note_let(&mut self, name: &Ident, local: LocalIndex) {
        // The scope of parameters and index, then that of the body.
        if self.scopes.len() == 2 {
            self.top_level.locals.insert(name.name.clone(), local);
        } else {
            self.top_level.inner.insert(name.name.clone(), name.span);
        }
    }

    pub(super) fn local(&self, name: &str) -> Option<LocalIndex> {
        self.visible.get(name).and_then(|locals| locals.last()).copied()
    }

    /// Whether a local is a parameter of the function.
    fn is_parameter(&self, local: LocalIndex) -> bool {
        match self.place {
            BodyPlace::Thread => false,
            BodyPlace::Function(signature) => local < self.checker.signatures[signature].parameters.len(),
        }
    }

    /// A name of the file; what is unknown is reported when the body is done and all its locals are known.
    pub(super) fn global(&mut self, name: &str, span: Span) -> Option<Declared> {
        let declared = self.checker.names.get(name);
        if declared.is_none() && !self.missing.contains_key(name) {
            self.missing.insert(name.to_owned(), (span, self.locals.len()));
        }
        declared
    }

    fn report_missing(&mut self) {
        let mut positions: BTreeMap<String, Vec<LocalIndex>> = BTreeMap::new();
        for (position, local) in self.locals.iter().enumerate() {
            positions.entry(local.name.clone()).or_default().push(position);
        }
        let names: Vec<&str> = positions.keys().map(String::as_str).filter(|name| !name.is_empty()).collect();
        for (name, (span, before)) in std::mem::take(&mut self.missing) {
            let same_name = positions.get(&name).map(Vec::as_slice).unwrap_or_default();
            if let Some(ended) = same_name.iter().rev().find(|position| **position < before) {
                self.error(error::out_of_scope(&name, span, self.declared[*ended]));
            } else if let Some(later) = same_name.first() {
                self.error(error::used_before_let(&name, span, self.declared[*later]));
            } else {
                self.checker.unknown_name(&name, span, &names);
            }
        }
    }

    // Expressions.

    pub(super) fn value(&mut self, expr: &tree::Expr) -> BodyExpr {
        expression::any(self, expr)
    }

    pub(super) fn value_of(&mut self, expr: &tree::Expr, ty: Type, why: &str) -> BodyExpr {
        expression::of_type(self, expr, ty, why)
    }

    /// What a local, a parameter or a caller gets: a value, or the handle of a thread.
    pub(super) fn value_or_handle(&mut self, expr: &tree::Expr) -> BodyExpr {
        match &expr.kind {
            tree::ExprKind::Spawn { function, args } => self.spawn(function, args, expr.span),
            tree::ExprKind::Name(_) => self.place_value(expr, None, expr.span),
            tree::ExprKind::Index { base, index } => self.place_value(base, Some(index), expr.span),
            tree::ExprKind::Call { function, args } => self.call(function, args, expr.span),
            tree::ExprKind::Method { .. } => self.method_value(expr),
            tree::ExprKind::Int(_)
            | tree::ExprKind::Bool(_)
            | tree::ExprKind::Field { .. }
            | tree::ExprKind::Unary { .. }
            | tree::ExprKind::Binary { .. }
            | tree::ExprKind::And { .. }
            | tree::ExprKind::Or { .. }
            | tree::ExprKind::If { .. }
            | tree::ExprKind::Is { .. }
            | tree::ExprKind::Choose(_)
            | tree::ExprKind::Duration(_)
            | tree::ExprKind::Error => self.value(expr),
        }
    }

    /// `spawn f(…)`
    fn spawn(&mut self, function: &Ident, args: &[tree::Expr], span: Span) -> BodyExpr {
        let Some((function, args)) = self.spawned(function, args, span) else { return Expr::broken(span) };
        let ty = self.checker.types.handle(function);
        Expr::new(ExprKind::Leaf(BodyLeaf::Spawn { function, args }), ty, span)
    }

    /// The function of a `spawn`, and its arguments.
    pub(super) fn spawned(
        &mut self,
        function: &Ident,
        args: &[tree::Expr],
        span: Span,
    ) -> Option<(usize, Vec<BodyExpr>)> {
        self.uses.obstacle(Obstacle::new(span, "`spawn`", "it is a step of its own"));
        let Some(callee) = self.callee(function) else {
            for arg in args {
                self.value(arg);
            }
            return None;
        };
        Some((callee, self.arguments(callee, args, span)))
    }

    /// A handle may not stand where a value is needed.
    fn no_handle(&mut self, value: BodyExpr) -> BodyExpr {
        if self.checker.types.function_of(value.ty).is_none() {
            return value;
        }
        self.error(error::handle_as_value(value.span));
        Expr::broken(value.span)
    }

    /// Checks an expression whose type is given by what it is put into.
    pub(super) fn value_as(&mut self, expr: &tree::Expr, ty: Ty, why: &str) -> BodyExpr {
        let value = self.value(expr);
        self.demand_as(&value, ty, why);
        value
    }

    /// As `value_as`, where it may be a handle, too.
    pub(super) fn value_or_handle_as(&mut self, expr: &tree::Expr, ty: Ty, why: &str) -> BodyExpr {
        let value = self.value_or_handle(expr);
        self.demand_as(&value, ty, why);
        value
    }

    pub(super) fn demand_as(&mut self, value: &BodyExpr, ty: Ty, why: &str) {
        if self.checker.types.unify(ty, value.ty) {
            return;
        }
        let types = &self.checker.types;
        let name = |function: usize| self.checker.signatures[function].name.as_str();
        let error = match (types.function_of(ty), types.function_of(value.ty)) {
            (Some(kept), found) => error::wrong_handle(value.span, why, name(kept), found.map(name)),
            (None, Some(_)) => error::handle_for_value(value.span, why, types.decided(ty)),
            (None, None) => error::mismatch(value.span, types.decided(ty), types.decided(value.ty), why),
        };
        self.error(error);
    }

    pub(super) fn arguments(&mut self, function: usize, args: &[tree::Expr], span: Span) -> Vec<BodyExpr> {
        let (parameters, declared) =
            (self.checker.signatures[function].parameters.clone(), self.checker.signatures[function].declared);
        if parameters.len() != args.len() {
            let name = self.checker.signatures[function].name.clone();
            self.error(error::arity(&name, span, parameters.len(), args.len(), declared));
        }
        let mut checked = Vec::with_capacity(args.len());
        for (position, arg) in args.iter().enumerate() {
            checked.push(match parameters.get(position) {
                Some(ty) => {
                    let why = format!("this argument of `{}`", self.checker.signatures[function].name);
                    self.value_or_handle_as(arg, *ty, &why)
                }
                None => self.value_or_handle(arg),
            });
        }
        checked
    }

    /// The function of a call; what else the name is has been reported.
    pub(super) fn callee(&mut self, name: &Ident) -> Option<usize> {
        if let Some(local) = self.local(&name.name) {
            let declared = self.declared[local];
            self.error(error::not_a_function(&name.name, name.span, "a local", Some(declared)));
            return None;
        }
        let declared = self.global(&name.name, name.span)?;
        match declared.global {
            Global::Function(function) => Some(function),
            Global::Broken => None,
            Global::Constant(_) | Global::Object { .. } | Global::Thread { .. } => {
                let error = error::not_a_function(&name.name, name.span, declared.what(), Some(declared.span));
                self.error(error);
                None
            }
        }
    }

    fn call(&mut self, name: &Ident, args: &[tree::Expr], span: Span) -> BodyExpr {
        let Some(function) = self.callee(name) else {
            for arg in args {
                self.value(arg);
            }
            return Expr::broken(span);
        };
        let args = self.arguments(function, args, span);
        self.uses.calls.push((function, span));
        let Some(ty) = self.checker.signatures[function].value else {
            let help = "write `return e;` in the function to give it a value";
            self.error(error::gives_nothing(&format!("`{}`", name.name), span, help));
            return Expr::broken(span);
        };
        Expr::new(ExprKind::Leaf(BodyLeaf::Call { function, args }), ty, span)
    }

    /// A name or an indexed name as a value.
    fn place_value(&mut self, base: &tree::Expr, index: Option<&tree::Expr>, span: Span) -> BodyExpr {
        let Some(name) = name_of(base) else {
            let text = self.checker.text(base.span).to_owned();
            self.error(error::not_an_array(&text, base.span, "a value", None));
            return Expr::broken(span);
        };
        if let Some(local) = self.local(name) {
            return self.local_value(local, index, span, base.span);
        }
        let Some(declared) = self.global(name, base.span) else {
            if let Some(index) = index {
                self.value(index);
            }
            return Expr::broken(span);
        };
        match declared.global {
            Global::Constant(Constant::Known(value)) if index.is_none() => Expr::constant(value, span),
            Global::Constant(_) | Global::Function(_) if index.is_some() => {
                self.error(error::not_an_array(name, base.span, declared.what(), Some(declared.span)));
                Expr::broken(span)
            }
            Global::Constant(_) | Global::Broken => Expr::broken(span),
            Global::Function(_) => {
                let help = format!("call it: `{name}(…)`");
                self.error(error::not_a_value(name, span, &declared, &help));
                Expr::broken(span)
            }
            Global::Thread { .. } => {
                self.error(error::not_a_value(name, span, &declared, ""));
                Expr::broken(span)
            }
            Global::Object { object, .. } => self.object_value(object, &declared, base, index, span),
        }
    }

    fn object_value(
        &mut self,
        object: usize,
        declared: &Declared,
        base: &tree::Expr,
        index: Option<&tree::Expr>,
        span: Span,
    ) -> BodyExpr {
        let text = self.checker.text(span).to_owned();
        let help = match &self.checker.objects[object].kind {
            ObjectKind::Var { initial } => {
                let ty = Ty::of(initial.ty());
                let Some(var) = self.object_use(object, base, index) else { return Expr::broken(span) };
                let operation = Operation { on: crate::language::checked::On::Object(var), action: Action::Read, span };
                return Expr::new(ExprKind::Leaf(BodyLeaf::Operation(Box::new(operation))), ty, span);
            }
            ObjectKind::Atomic { .. } => {
                if self.object_use(object, base, index).is_some() {
                    self.error(error::bare_atomic(&text, span, declared.span));
                }
                return Expr::broken(span);
            }
            ObjectKind::Mutex(_) => format!("`{text}.is_locked()` is a Boolean"),
            ObjectKind::Semaphore { .. } => {
                "only properties can read its permits; `try_acquire()` gives a Boolean".to_owned()
            }
            ObjectKind::Channel { .. } => format!("`{text}.recv()` takes a message, `{text}.len()` counts them"),
            ObjectKind::Event => format!("`{text}.is_set()` is a Boolean"),
            ObjectKind::Once => format!("`{text}.is_completed()` is a Boolean"),
            ObjectKind::Oneshot { .. } => format!("`{text}.recv()` takes its value"),
            ObjectKind::Watch { .. } => format!("`{text}.borrow()` reads it"),
            ObjectKind::Broadcast { .. } => format!("`{text}.recv()` takes the next value"),
            ObjectKind::Queue { .. } => format!("`{text}.get()` takes an item, `{text}.len()` counts them"),
            ObjectKind::Barrier { .. } => format!("`{text}.is_broken()` is a Boolean"),
            ObjectKind::Timer { .. } => format!("`{text}.cancel()` is a Boolean"),
            ObjectKind::RwLock(_) | ObjectKind::Condvar { .. } => String::new(),
        };
        self.error(error::not_a_value(&text, span, declared, &help));
        Expr::broken(span)
    }

    fn local_value(&mut self, local: LocalIndex, index: Option<&tree::Expr>, span: Span, base: Span) -> BodyExpr {
        let (ty, is_array) = (self.locals[local].ty, self.locals[local].len.is_some());
        let name = self.locals[local].name.clone();
        let declared = self.declared[local];
        match (index, is_array) {
            (None, false) => Expr::new(ExprKind::Leaf(BodyLeaf::Local(local)), ty, span),
            (Some(index), true) => {
                let index = Box::new(self.value_of(index, Type::Int, "an index"));
                Expr::new(ExprKind::Leaf(BodyLeaf::Element { array: local, index }), ty, span)
            }
            (None, true) => {
                self.error(error::index_missing(&name, span, "a local array", declared));
                Expr::broken(span)
            }
            (Some(index), false) => {
                self.value(index);
                self.error(error::not_an_array(&name, base, "a local", Some(declared)));
                Expr::broken(span)
            }
        }
    }

    /// A declared object, with its index if and only if it is an array.
    pub(super) fn object_use(
        &mut self,
        object: usize,
        base: &tree::Expr,
        index: Option<&tree::Expr>,
    ) -> Option<BodyObject> {
        let (is_array, span) = (self.checker.objects[object].len.is_some(), self.checker.objects[object].declared);
        let name = self.checker.objects[object].name.clone();
        let what = one(&self.checker.objects[object].kind);
        let index = index.map(|index| self.value_of(index, Type::Int, "an index"));
        match (index, is_array) {
            (None, false) => Some(ObjectUse { object, index: None }),
            (Some(index), true) => Some(ObjectUse { object, index: Some(Box::new(index)) }),
            (None, true) => {
                let declared = self.checker.names.get(&name);
                let what = declared.as_ref().map_or("an array", Declared::what);
                self.error(error::index_missing(&name, base.span, what, span));
                None
            }
            (Some(_), false) => {
                self.error(error::not_an_array(&name, base.span, what, Some(span)));
                None
            }
        }
    }

    /// The object that an expression names, for `with`, `wait` and `for`. `wrong` reports what it is instead.
    pub(super) fn object(
        &mut self,
        expr: &tree::Expr,
        wrong: impl Fn(Span, &str, Option<Span>) -> Diagnostic,
    ) -> Option<(usize, BodyObject)> {
        let (base, index) = split_index(expr);
        let Some(name) = name_of(base) else {
            if !matches!(expr.kind, tree::ExprKind::Error) {
                self.error(wrong(expr.span, "an expression", None));
            }
            return None;
        };
        if let Some(local) = self.local(name) {
            let declared = self.declared[local];
            self.error(wrong(expr.span, "a local", Some(declared)));
            return None;
        }
        let declared = self.global(name, base.span)?;
        let Some(object) = object_of(&declared) else {
            if !matches!(declared.global, Global::Broken) {
                self.error(wrong(expr.span, declared.what(), Some(declared.span)));
            }
            return None;
        };
        self.object_use(object, base, index).map(|used| (object, used))
    }

    /// What stands before the dot of an operation.
    pub(super) fn receiver(&mut self, expr: &tree::Expr) -> Option<Receiver> {
        let (base, index) = split_index(expr);
        let Some(name) = name_of(base) else {
            if !matches!(expr.kind, tree::ExprKind::Error) {
                self.error(error::not_an_object(expr.span, "an expression", None));
            }
            return None;
        };
        if let Some(local) = self.local(name) {
            let declared = self.declared[local];
            if let Some(function) = self.checker.types.function_of(self.locals[local].ty) {
                let handle = self.local_value(local, index, expr.span, base.span);
                let is_handle = self.checker.types.function_of(handle.ty).is_some();
                return is_handle.then_some(Receiver::Handle(HandleUse { function, handle }, declared));
            }
            let ty = self.locals[local].ty;
            if self.checker.types.is_open(ty) && self.is_parameter(local) {
                self.checker.not_passed.push((ty, error::no_handle_passed(name, expr.span, declared)));
            } else if !self.checker.types.is_broken(ty) {
                self.error(error::not_an_object(expr.span, "a local", Some(declared)));
            }
            return None;
        }
        let declared = self.global(name, base.span)?;
        match declared.global {
            Global::Object { object, .. } => {
                self.object_use(object, base, index).map(|used| Receiver::Object(object, used))
            }
            Global::Thread { thread, group } => match (index, group) {
                (None, Group::Single) => Some(Receiver::Thread(ThreadUse { thread, index: None })),
                (None, Group::Group) => Some(Receiver::Threads(thread)),
                (Some(index), Group::Group) => {
                    let index = Box::new(self.value_of(index, Type::Int, "an index"));
                    Some(Receiver::Thread(ThreadUse { thread, index: Some(index) }))
                }
                (Some(_), Group::Single) => {
                    self.error(error::not_an_array(name, base.span, "a single thread", Some(declared.span)));
                    None
                }
            },
            Global::Broken => None,
            Global::Constant(_) | Global::Function(_) => {
                self.error(error::not_an_object(expr.span, declared.what(), Some(declared.span)));
                None
            }
        }
    }

    fn method_value(&mut self, expr: &tree::Expr) -> BodyExpr {
        let span = expr.span;
        let Some((operation, gives)) = self.operation(expr) else { return Expr::broken(span) };
        let method = method_name(expr);
        match gives {
            Gives::Nothing => {
                self.error(error::gives_nothing(&format!("`{method}`"), span, ""));
                Expr::broken(span)
            }
            Gives::Value(ty) => Expr::new(ExprKind::Leaf(BodyLeaf::Operation(Box::new(operation))), ty, span),
            Gives::Result { payload: Some(ty), .. } => {
                Expr::new(ExprKind::Leaf(BodyLeaf::Unwrap(Box::new(operation))), ty, span)
            }
            Gives::Result { payload: None, cases } => {
                let call = self.checker.text(span);
                let help = if cases.contains(&ResultTag::Poisoned) {
                    format!("it tells whether the mutex is poisoned: `if {call} is poisoned {{ }}`")
                } else if cases.contains(&ResultTag::Closed) {
                    format!("it tells whether nothing comes any more: `if {call} is closed {{ }}`")
                } else {
                    "it tells how the thread ended: `if t.join() is failed { }`".to_owned()
                };
                self.error(error::gives_nothing(&format!("`{method}`"), span, &help));
                Expr::broken(span)
            }
        }
    }

    /// `e is PATTERN`
    fn is(&mut self, value: &tree::Expr, pattern: &tree::Pattern, span: Span) -> BodyExpr {
        match self.scrutinee(value) {
            None => Expr::broken(span),
            Some(super::matching::Scrutinee::Result { operation, cases, .. }) => {
                let name = method_name(value).to_owned();
                let tags = self.result_pattern(pattern, &name, cases);
                let leaf = BodyLeaf::Is { operation: Box::new(operation), tags };
                Expr::new(ExprKind::Leaf(leaf), Ty::BOOL, span)
            }
            Some(super::matching::Scrutinee::Value(value)) => {
                let constant = match self.value_pattern(pattern, value.ty) {
                    None => return Expr::new(ExprKind::Const(1), Ty::BOOL, span),
                    Some(constant) => Expr::new(ExprKind::Const(constant), value.ty, pattern.span),
                };
                Expr::new(ExprKind::Binary(BinaryOp::Equal, Box::new(value), Box::new(constant)), Ty::BOOL, span)
            }
        }
    }

    fn choose(&mut self, range: &tree::Range, span: Span) -> BodyExpr {
        let from = self.value_of(&range.from, Type::Int, "the start of a range");
        let to = self.value_of(&range.to, Type::Int, "the end of a range");
        let to = if range.inclusive {
            let one = Expr::new(ExprKind::Const(1), Ty::INT, to.span);
            let span = to.span;
            Expr::new(ExprKind::Binary(BinaryOp::Add, Box::new(to), Box::new(one)), Ty::INT, span)
        } else {
            to
        };
        self.uses.obstacle(Obstacle::new(span, "`choose`", "the world chooses here"));
        let leaf = BodyLeaf::Choose { from: Box::new(from), to: Box::new(to) };
        Expr::new(ExprKind::Leaf(leaf), Ty::INT, span)
    }
}

impl<'a> Leaves<'a> for BodyChecker<'_, 'a> {
    type Leaf = BodyLeaf;

    fn leaf(&mut self, expr: &tree::Expr) -> BodyExpr {
        let span = expr.span;
        match &expr.kind {
            tree::ExprKind::Name(_)
            | tree::ExprKind::Index { .. }
            | tree::ExprKind::Spawn { .. }
            | tree::ExprKind::Call { .. }
            | tree::ExprKind::Method { .. } => {
                let value = self.value_or_handle(expr);
                self.no_handle(value)
            }
            tree::ExprKind::Is { value, pattern } => self.is(value, pattern, span),
            tree::ExprKind::Choose(range) => self.choose(range, span),
            tree::ExprKind::Field { .. } => {
                let text = self.checker.text(span).to_owned();
                self.error(error::field_in_thread(span, &text));
                Expr::broken(span)
            }
            tree::ExprKind::Int(_)
            | tree::ExprKind::Bool(_)
            | tree::ExprKind::Unary { .. }
            | tree::ExprKind::Binary { .. }
            | tree::ExprKind::And { .. }
            | tree::ExprKind::Or { .. }
            | tree::ExprKind::If { .. }
            | tree::ExprKind::Duration(_)
            | tree::ExprKind::Error => self.value(expr),
        }
    }

    fn checker(&mut self) -> &mut Checker<'a> {
        self.checker
    }
}

/// `a[i]` as `a` and `i`.
pub(super) fn split_index(expr: &tree::Expr) -> (&tree::Expr, Option<&tree::Expr>) {
    if let tree::ExprKind::Index { base, index } = &expr.kind { (base, Some(index)) } else { (expr, None) }
}

/// The operation's name, for messages.
pub(super) fn method_name(expr: &tree::Expr) -> &str {
    if let tree::ExprKind::Method { method, .. } = &expr.kind { &method.name } else { "" }
}
