//! Lines about the whole: `always`, `finally`, `possible`, and what `observe` makes an outcome of.

use super::body::{TopLevel, split_index};
use super::expression::{self, Leaves};
use super::names::{Constant, Declared, Global, Group, one};
use super::{Checker, error, name_of};
use crate::language::checked::{
    Expr, ExprKind, ObjectKind, ObjectUse, Observed, ObservedRead, Property, PropertyExpr, PropertyLeaf, Thread,
    ThreadLocal,
};
use crate::language::suggest::nearest;
use crate::language::tree::{self, File, Ident, ItemKind};
use crate::language::types::Ty;
use crate::program::{ObjectId, Span, ThreadId, Type};

/// What an outcome consists of, for the lines that list outcomes.
pub(super) struct Observation {
    pub(super) components: Vec<Observed>,
    /// The first `observe` line.
    pub(super) span: Option<Span>,
    /// Whether a component is missing because of an error.
    pub(super) is_broken: bool,
}

/// An expression over a whole state.
struct Properties<'c, 'a, 't> {
    checker: &'c mut Checker<'a>,
    threads: &'t [Thread],
    top_levels: &'t [TopLevel],
}

/// Checks `always`, `finally` and `possible`.
pub(super) fn properties(
    checker: &mut Checker<'_>,
    file: &File,
    threads: &[Thread],
    top_levels: &[TopLevel],
) -> Vec<Property> {
    let mut properties = Vec::new();
    for item in &file.items {
        if let ItemKind::Property { kind, condition, message } = &item.kind {
            let mut cx = Properties { checker, threads, top_levels };
            let condition = expression::of_type(&mut cx, condition, Type::Bool, "a property");
            properties.push(Property { kind: *kind, condition, message: message.clone(), span: item.span });
        }
    }
    properties
}

/// Checks the `observe` lines; their components are put together in order.
pub(super) fn observed(
    checker: &mut Checker<'_>,
    file: &File,
    threads: &[Thread],
    top_levels: &[TopLevel],
) -> Observation {
    let mut observation = Observation { components: Vec::new(), span: None, is_broken: false };
    for item in &file.items {
        if let ItemKind::Observe { what } = &item.kind {
            observation.span = observation.span.or(Some(item.span));
            for expr in what {
                let mut cx = Properties { checker, threads, top_levels };
                match cx.observed(expr) {
                    Some(components) => observation.components.extend(components),
                    None => observation.is_broken = true,
                }
            }
        }
    }
    observation
}

impl Properties<'_, '_, '_> {
    fn global(&mut self, name: &str, span: Span) -> Option<Declared> {
        let declared = self.checker.names.get(name);
        if declared.is_none() {
            // In a property a bare name may be meant as a local of a thread.
            let owner = self.top_levels.iter().position(|top_level| top_level.locals.contains_key(name));
            match owner {
                Some(thread) => {
                    let owner = &self.threads[thread];
                    let index = if owner.first.is_some() { "[0]" } else { "" };
                    let help = format!("write `{}{index}.{name}`", owner.name);
                    self.checker.errors.push(error::not_in_property(span, &format!("the local `{name}` alone"), &help));
                }
                None => self.checker.unknown_name(name, span, &[]),
            }
        }
        declared
    }

    fn error(&mut self, error: crate::language::diagnostic::Diagnostic) {
        self.checker.errors.push(error);
    }

    /// A variable, an atomic or a semaphore by its name, or an element of an array of them.
    fn place(&mut self, base: &tree::Expr, index: Option<&tree::Expr>, span: Span) -> PropertyExpr {
        let Some(name) = name_of(base) else {
            self.error(error::not_in_property(span, "this", ""));
            return Expr::broken(span);
        };
        let Some(declared) = self.global(name, base.span) else { return Expr::broken(span) };
        match declared.global {
            Global::Constant(Constant::Known(value)) if index.is_none() => Expr::constant(value, span),
            Global::Constant(_) => {
                self.error(error::not_an_array(name, base.span, declared.what(), Some(declared.span)));
                Expr::broken(span)
            }
            Global::Object { object, .. } => {
                let kind = &self.checker.objects[object].kind;
                let (ty, help) = match kind {
                    ObjectKind::Var { initial }
                    | ObjectKind::Atomic { initial }
                    | ObjectKind::Watch { initial, .. } => (Some(Ty::of(initial.ty())), ""),
                    ObjectKind::Semaphore { .. } => (Some(Ty::INT), ""),
                    ObjectKind::Mutex(_) => (None, "write `.is_locked()` after it"),
                    ObjectKind::Event => (None, "write `.is_set()` after it"),
                    ObjectKind::Once => (None, "write `.is_completed()` after it"),
                    ObjectKind::Barrier { .. } => (None, "write `.is_broken()` after it"),
                    ObjectKind::Channel { .. } | ObjectKind::Broadcast { .. } | ObjectKind::Queue { .. } => {
                        (None, "write `.len()` after it")
                    }
                    ObjectKind::RwLock(_)
                    | ObjectKind::Condvar { .. }
                    | ObjectKind::Timer { .. }
                    | ObjectKind::Oneshot { .. } => (None, ""),
                };
                let what = one(kind);
                match ty {
                    Some(ty) => {
                        let Some(used) = self.object_use(object, base, index) else { return Expr::broken(span) };
                        Expr::new(ExprKind::Leaf(PropertyLeaf::Object(used)), ty, span)
                    }
                    None => {
                        self.error(error::not_in_property(span, what, help));
                        Expr::broken(span)
                    }
                }
            }
            Global::Function(_) => {
                self.error(error::not_in_property(span, "a function", ""));
                Expr::broken(span)
            }
            Global::Thread { .. } => {
                let help = format!("its locals can: `{name}.local`");
                self.error(error::not_in_property(span, declared.what(), &help));
                Expr::broken(span)
            }
            Global::Broken => Expr::broken(span),
        }
    }

    fn object_use(
        &mut self,
        object: usize,
        base: &tree::Expr,
        index: Option<&tree::Expr>,
    ) -> Option<ObjectUse<PropertyLeaf>> {
        let index = index.map(|index| expression::of_type(self, index, Type::Int, "an index"));
        let declared = &self.checker.objects[object];
        let (name, span) = (&declared.name, declared.declared);
        match (index, declared.len) {
            (None, None) => Some(ObjectUse { object, index: None }),
            (Some(index), Some(_)) => Some(ObjectUse { object, index: Some(Box::new(index)) }),
            (None, Some(_)) => {
                let error = error::index_missing(name, base.span, "an array", span);
                self.error(error);
                None
            }
            (Some(_), None) => {
                let error = error::not_an_array(name, base.span, one(&declared.kind), Some(span));
                self.error(error);
                None
            }
        }
    }

    /// `c.len()`, `m.is_locked()`
    fn method(&mut self, receiver: &tree::Expr, method: &Ident, args: &[tree::Expr], span: Span) -> PropertyExpr {
        let (base, index) = split_index(receiver);
        let Some(name) = name_of(base) else {
            self.error(error::not_an_object(receiver.span, "an expression", None));
            return Expr::broken(span);
        };
        let Some(declared) = self.global(name, base.span) else { return Expr::broken(span) };
        let Global::Object { object, .. } = declared.global else {
            if !matches!(declared.global, Global::Broken) {
                let what = format!("`{}` of {}", method.name, declared.what());
                self.error(error::not_in_property(span, &what, ""));
            }
            return Expr::broken(span);
        };
        let has_length = matches!(
            self.checker.objects[object].kind,
            ObjectKind::Channel { .. } | ObjectKind::Broadcast { .. } | ObjectKind::Queue { .. }
        );
        let is_mutex = matches!(self.checker.objects[object].kind, ObjectKind::Mutex(_));
        let is_event = matches!(self.checker.objects[object].kind, ObjectKind::Event);
        let is_once = matches!(self.checker.objects[object].kind, ObjectKind::Once);
        let is_barrier = matches!(self.checker.objects[object].kind, ObjectKind::Barrier { .. });
        let is_value = matches!(
            self.checker.objects[object].kind,
            ObjectKind::Var { .. } | ObjectKind::Atomic { .. } | ObjectKind::Watch { .. }
        );
        let (ty, leaf): (_, fn(ObjectUse<PropertyLeaf>) -> PropertyLeaf) = match method.name.as_str() {
            "len" if has_length => (Ty::INT, PropertyLeaf::Length),
            "is_locked" if is_mutex => (Ty::BOOL, PropertyLeaf::IsLocked),
            // The value of an event is whether it is set.
            "is_set" if is_event => (Ty::BOOL, PropertyLeaf::Object),
            // That of a once whether its block is finished.
            "is_completed" if is_once => (Ty::BOOL, PropertyLeaf::Object),
            // And that of a barrier whether it is broken.
            "is_broken" if is_barrier => (Ty::BOOL, PropertyLeaf::Object),
            other => {
                let help = if is_value {
                    format!("a property sees the value itself: write `{}`", self.checker.text(receiver.span))
                } else {
                    String::new()
                };
                self.error(error::not_in_property(span, &format!("`{other}`"), &help));
                return Expr::broken(span);
            }
        };
        if !args.is_empty() {
            let signature = format!("{name}.{}()", method.name);
            self.error(error::argument_count(&method.name, span, 0, 0, args.len(), &signature));
        }
        match self.object_use(object, base, index) {
            Some(used) => Expr::new(ExprKind::Leaf(leaf(used)), ty, span),
            None => Expr::broken(span),
        }
    }

    /// The members that `reader` or `reader[0]` names, with the position of the declaration.
    fn members(&mut self, base: &tree::Expr) -> Option<(usize, Vec<ThreadId>)> {
        let Some((name, span, index)) = self.checker.constant_element(base) else {
            if name_of(split_index(base).0).is_none() {
                self.error(error::not_in_property(base.span, "this", ""));
            }
            return None;
        };
        let declared = self.global(name, span)?;
        let Global::Thread { thread, group } = declared.global else {
            if !matches!(declared.global, Global::Broken) {
                let what = format!("a local of `{name}`, which is {},", declared.what());
                self.error(error::not_in_property(base.span, &what, "only threads have locals"));
            }
            return None;
        };
        let head = &self.checker.threads[thread];
        let count = usize::try_from(head.count).expect("u32 fits into usize");
        let first = head.first.unwrap_or(0);
        let all = || (0..count).map(|member| ThreadId::new(head.base.index() + member)).collect::<Vec<_>>();
        let members = match (index, group) {
            (None, _) => all(),
            (Some(index), Group::Group) => {
                let position = index.checked_sub(first).and_then(|position| usize::try_from(position).ok());
                match position.filter(|position| *position < count) {
                    Some(position) => vec![ThreadId::new(head.base.index() + position)],
                    None => {
                        let to = first + i64::from(head.count);
                        self.error(error::element_out_of_range(name, base.span, index, first, to));
                        return None;
                    }
                }
            }
            (Some(_), Group::Single) => {
                self.error(error::not_an_array(name, span, "a single thread", Some(declared.span)));
                return None;
            }
        };
        Some((thread, members))
    }

    /// A local of a declared thread, with its type.
    fn thread_local(&mut self, thread: usize, field: &Ident) -> Option<(usize, Ty)> {
        let (declaration, top_level) = (&self.threads[thread], &self.top_levels[thread]);
        let Some(local) = top_level.locals.get(&field.name) else {
            let near = nearest(&field.name, top_level.locals.keys().map(String::as_str));
            let inner = top_level.inner.get(&field.name).copied();
            let error =
                error::unknown_thread_local(&declaration.name, &field.name, field.span, declaration.head, near, inner);
            self.error(error);
            return None;
        };
        let local_type = &declaration.body.locals[*local];
        if local_type.len.is_some() {
            self.error(error::array_local(field.span, &field.name));
            return None;
        }
        if self.checker.types.function_of(local_type.ty).is_some() {
            self.error(error::handle_as_value(field.span));
            return None;
        }
        Some((*local, local_type.ty))
    }

    /// The components of an outcome that one expression of `observe` stands for.
    fn observed(&mut self, expr: &tree::Expr) -> Option<Vec<Observed>> {
        match &expr.kind {
            tree::ExprKind::Field { base, field } => {
                let (declaration, members) = self.members(base)?;
                let (local, ty) = self.thread_local(declaration, field)?;
                let declared = &self.threads[declaration];
                let component = |thread: ThreadId| {
                    let member = match declared.first {
                        None => declared.name.clone(),
                        Some(first) => {
                            let position = thread.index() - declared.base.index();
                            let position = i64::try_from(position).expect("few threads");
                            format!("{}[{}]", declared.name, first + position)
                        }
                    };
                    let read = ObservedRead::Local(ThreadLocal { declaration, thread, local });
                    Observed { name: format!("{member}.{}", field.name), ty, read }
                };
                Some(members.into_iter().map(component).collect())
            }
            tree::ExprKind::Name(_) | tree::ExprKind::Index { .. } => self.observed_object(expr),
            tree::ExprKind::Error => None,
            tree::ExprKind::Int(_)
            | tree::ExprKind::Bool(_)
            | tree::ExprKind::Call { .. }
            | tree::ExprKind::Method { .. }
            | tree::ExprKind::Unary { .. }
            | tree::ExprKind::Binary { .. }
            | tree::ExprKind::And { .. }
            | tree::ExprKind::Or { .. }
            | tree::ExprKind::If { .. }
            | tree::ExprKind::Is { .. }
            | tree::ExprKind::Choose(_)
            | tree::ExprKind::Spawn { .. }
            | tree::ExprKind::Duration(_) => {
                self.error(error::not_observable(expr.span, "an expression"));
                None
            }
        }
    }

    fn observed_object(&mut self, expr: &tree::Expr) -> Option<Vec<Observed>> {
        let Some((name, span, index)) = self.checker.constant_element(expr) else {
            if name_of(split_index(expr).0).is_none() {
                self.error(error::not_observable(expr.span, "an expression"));
            }
            return None;
        };
        let declared = self.global(name, span)?;
        let Global::Object { object, .. } = declared.global else {
            if !matches!(declared.global, Global::Broken) {
                self.error(error::not_observable(expr.span, declared.what()));
            }
            return None;
        };
        let object = &self.checker.objects[object];
        let ty = match &object.kind {
            ObjectKind::Var { initial } | ObjectKind::Atomic { initial } | ObjectKind::Watch { initial, .. } => {
                Ty::of(initial.ty())
            }
            ObjectKind::Semaphore { .. } => Ty::INT,
            ObjectKind::Mutex(_)
            | ObjectKind::RwLock(_)
            | ObjectKind::Condvar { .. }
            | ObjectKind::Event
            | ObjectKind::Once
            | ObjectKind::Timer { .. }
            | ObjectKind::Barrier { .. }
            | ObjectKind::Channel { .. }
            | ObjectKind::Oneshot { .. }
            | ObjectKind::Broadcast { .. }
            | ObjectKind::Queue { .. } => {
                let error = error::not_observable(expr.span, one(&object.kind));
                self.error(error);
                return None;
            }
        };
        let element = |position: u32| {
            let position = usize::try_from(position).expect("u32 fits into usize");
            ObservedRead::Object(ObjectId::new(object.base.index() + position))
        };
        match (object.len, index) {
            (None, None) => Some(vec![Observed { name: name.to_owned(), ty, read: element(0) }]),
            (Some(len), None) => {
                let all = (0..len).map(|position| Observed {
                    name: format!("{name}[{position}]"),
                    ty,
                    read: element(position),
                });
                Some(all.collect())
            }
            (Some(len), Some(index)) => match u32::try_from(index) {
                Ok(position) if position < len => {
                    Some(vec![Observed { name: format!("{name}[{index}]"), ty, read: element(position) }])
                }
                Ok(_) | Err(_) => {
                    self.error(error::element_out_of_range(name, expr.span, index, 0, i64::from(len)));
                    None
                }
            },
            (None, Some(_)) => {
                let error = error::not_an_array(name, span, one(&object.kind), Some(declared.span));
                self.error(error);
                None
            }
        }
    }
}

impl<'a> Leaves<'a> for Properties<'_, 'a, '_> {
    type Leaf = PropertyLeaf;

    fn leaf(&mut self, expr: &tree::Expr) -> PropertyExpr {
        let span = expr.span;
        match &expr.kind {
            tree::ExprKind::Name(_) => self.place(expr, None, span),
            tree::ExprKind::Index { base, index } => self.place(base, Some(index), span),
            tree::ExprKind::Method { receiver, method, args } => self.method(receiver, method, args, span),
            tree::ExprKind::Field { base, field } => {
                let Some((declaration, members)) = self.members(base) else { return Expr::broken(span) };
                let Some((local, ty)) = self.thread_local(declaration, field) else { return Expr::broken(span) };
                let is_group = self.threads[declaration].first.is_some();
                match members.as_slice() {
                    [thread] if !is_group || split_index(base).1.is_some() => {
                        let leaf = PropertyLeaf::Local(ThreadLocal { declaration, thread: *thread, local });
                        Expr::new(ExprKind::Leaf(leaf), ty, span)
                    }
                    _ => {
                        let declared = &self.threads[declaration];
                        let error =
                            error::index_missing(&declared.name, base.span, "a group of threads", declared.head);
                        self.error(error);
                        Expr::broken(span)
                    }
                }
            }
            tree::ExprKind::Call { .. } => {
                self.error(error::not_in_property(span, "a call", "write the condition itself"));
                Expr::broken(span)
            }
            tree::ExprKind::Is { .. } => {
                self.error(error::not_in_property(span, "the result of an operation", ""));
                Expr::broken(span)
            }
            tree::ExprKind::Spawn { .. } => {
                self.error(error::not_in_property(span, "the start of a thread", ""));
                Expr::broken(span)
            }
            tree::ExprKind::Choose(_) => {
                self.error(error::not_in_property(span, "a choice", ""));
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
            | tree::ExprKind::Error => expression::any(self, expr),
        }
    }

    fn checker(&mut self) -> &mut Checker<'a> {
        self.checker
    }
}
