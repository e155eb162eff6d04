//! Declarations in order: parameters and constants with their values, then threads, objects and functions by their heads.

use super::error;
use super::names::{Constant, Global};
use super::paths::first_return_with_value;
use super::{Checker, Signature, ThreadHead, bounds, name_of};
use crate::language::Override;
use crate::language::checked::{Object, ObjectKind};
use crate::language::diagnostic::Diagnostic;
use crate::language::suggest::nearest;
use crate::language::tree::{Expr, File, Ident, ItemKind, ObjectDecl, Range, Sweep};
use crate::program::{Capacity, MutexKind, ObjectId, Parameter, Preference, Service, Span, ThreadId, Value, WakeUps};

impl Checker<'_> {
    /// Evaluates `param`, `const` and `require`, with what the user has overridden. Gives the errors about `require`
    /// lines that are false: they exclude the combination, and nothing is wrong with the text.
    pub(super) fn constants(&mut self, file: &File, overrides: &[Override]) -> Vec<Diagnostic> {
        let mut requirements = Vec::new();
        for item in &file.items {
            match &item.kind {
                ItemKind::Param { name, default, sweep } => {
                    let parameter = self.parameter(name, default, sweep.as_ref(), item.span, overrides);
                    self.define_constant(name, parameter.as_ref().map(|parameter| parameter.value));
                    self.parameters.extend(parameter);
                }
                ItemKind::Const { name, value } => {
                    let value = self.constant(value);
                    self.define_constant(name, value);
                }
                ItemKind::Require { condition } => requirements.push((condition, item.span)),
                ItemKind::Version { .. }
                | ItemKind::Import { .. }
                | ItemKind::Memory { .. }
                | ItemKind::Preference { .. }
                | ItemKind::SpuriousWakeUps
                | ItemKind::Liveness { .. }
                | ItemKind::Expect { .. }
                | ItemKind::Observe { .. }
                | ItemKind::Property { .. }
                | ItemKind::Object { .. }
                | ItemKind::Thread { .. }
                | ItemKind::Function { .. }
                | ItemKind::Error { .. } => {}
            }
        }
        self.unknown_overrides(file, overrides);
        let mut excluded = Vec::new();
        for (condition, span) in requirements {
            if self.boolean(condition, "what `require` asks for") == Some(false) {
                let values: Vec<String> = self
                    .parameters
                    .iter()
                    .map(|parameter| format!("{} = {}", parameter.name, parameter.value))
                    .collect();
                excluded.push(error::require_is_false(span, &values.join(", ")));
            }
        }
        excluded
    }

    fn define_constant(&mut self, name: &Ident, value: Option<Value>) {
        let global = match value {
            Some(value) => Global::Constant(Constant::Known(value)),
            None => Global::Broken,
        };
        self.names.define(name, global);
    }

    fn parameter(
        &mut self,
        name: &Ident,
        default: &Expr,
        sweep: Option<&Sweep>,
        span: Span,
        overrides: &[Override],
    ) -> Option<Parameter> {
        let default = self.constant(default)?;
        // The last of several overrides counts, as on other command lines.
        let value = match overrides.iter().rev().find(|given| given.name == name.name) {
            None => default,
            Some(given) if given.value.ty() == default.ty() => given.value,
            Some(given) => {
                let text = given.value.to_string();
                self.errors.push(error::parameter_type(&name.name, &text, name.span, default.ty()));
                default
            }
        };
        let sweep = match sweep {
            None => Vec::new(),
            Some(sweep) => self.sweep(sweep, default)?,
        };
        Some(Parameter { name: name.name.clone(), value, default, sweep, span })
    }

    /// The values of an `in` clause, in ascending order, each once.
    fn sweep(&mut self, sweep: &Sweep, default: Value) -> Option<Vec<Value>> {
        let (mut values, span) = match sweep {
            Sweep::Range(range) => {
                let (from, to) = self.range(range)?;
                let span = range.from.span.to(range.to.span);
                self.sweep_type(Value::Int(from), default, span)?;
                ((from..to).take(bounds::SWEEP + 1).map(Value::Int).collect::<Vec<_>>(), span)
            }
            Sweep::Set(exprs) => {
                let mut values = Vec::with_capacity(exprs.len());
                for expr in exprs {
                    let value = self.constant(expr)?;
                    self.sweep_type(value, default, expr.span)?;
                    values.push(value);
                }
                (values, exprs.iter().map(|expr| expr.span).reduce(Span::to).unwrap_or_default())
            }
        };
        if values.len() > bounds::SWEEP {
            self.errors.push(error::sweep_too_long(span, bounds::SWEEP));
            return None;
        }
        values.sort_unstable();
        values.dedup();
        Some(values)
    }

    fn sweep_type(&mut self, value: Value, default: Value, span: Span) -> Option<()> {
        if value.ty() == default.ty() {
            return Some(());
        }
        let why = "a value of this parameter, like its default,";
        self.errors.push(error::mismatch(span, default.ty(), value.ty(), why));
        None
    }

    /// Both ends of a constant range, the second one excluded.
    fn range(&mut self, range: &Range) -> Option<(i64, i64)> {
        let from = self.integer(&range.from, "the start of a range");
        let to = self.integer(&range.to, "the end of a range");
        let (from, to) = (from?, to?);
        Some((from, if range.inclusive { to.saturating_add(1) } else { to }))
    }

    fn unknown_overrides(&mut self, file: &File, overrides: &[Override]) {
        let mut declared: Vec<(&str, Span)> = Vec::new();
        for item in &file.items {
            if let ItemKind::Param { name, .. } = &item.kind {
                declared.push((&name.name, name.span));
            }
        }
        let names: Vec<&str> = declared.iter().map(|(name, _)| *name).collect();
        for given in overrides {
            if !names.contains(&given.name.as_str()) {
                let near = nearest(&given.name, names.iter().copied());
                // The text itself is not wrong: point at the parameter that may be meant, or at the last one.
                let at = declared.iter().find(|(name, _)| Some(*name) == near).or(declared.last());
                let at = at.map_or(Span::default(), |(_, span)| *span);
                let value = given.value.to_string();
                self.errors.push(error::unknown_parameter(&given.name, &value, at, near, &names));
            }
        }
    }

    /// Names, groups and indices of the threads.
    pub(super) fn thread_heads(&mut self, file: &File) {
        let mut total = 0;
        for item in &file.items {
            let ItemKind::Thread { name, group, timer, head, .. } = &item.kind else { continue };
            let range = match (group, timer) {
                (None, _) => Some((0, 1)),
                (Some(group), None) => self.range(&group.range),
                (Some(group), Some(_)) => self.elements(&group.range),
            };
            let (from, to) = range.unwrap_or((0, 1));
            if range.is_none() {
                self.names.define(name, Global::Broken);
            }
            let count = (i128::from(to) - i128::from(from)).max(0);
            let fits = i128::try_from(total).expect("few threads") + count;
            let count = match u32::try_from(count) {
                Ok(count) if fits <= i128::try_from(bounds::THREADS).expect("a small number") => count,
                Ok(_) | Err(_) => {
                    self.errors.push(error::too_many_threads(*head, fits, bounds::THREADS));
                    self.names.define(name, Global::Broken);
                    0
                }
            };
            let first = group.as_ref().map(|_| from);
            self.threads.push(ThreadHead {
                name: name.name.clone(),
                declared: name.span,
                first,
                base: ThreadId::new(total),
                count,
            });
            total += usize::try_from(count).expect("u32 fits into usize");
        }
    }

    /// The indices of the elements of an array of timers.
    fn elements(&mut self, range: &Range) -> Option<(i64, i64)> {
        let (from, to) = self.range(range)?;
        if from != 0 {
            self.errors.push(error::first_element(range.from.span, from));
            return None;
        }
        if !(1..=bounds::ARRAY).contains(&to) {
            self.errors.push(error::array_length(range.to.span, to, bounds::ARRAY));
            return None;
        }
        Some((from, to))
    }

    /// The shared objects, with lengths, initial values and capacities.
    pub(super) fn objects(&mut self, file: &File) {
        let options = Options::of(file);
        let mut total = 0;
        for item in &file.items {
            if let ItemKind::Thread { name, timer: Some(_), group, .. } = &item.kind {
                let head = self.threads.iter().find(|thread| thread.declared == name.span);
                let thread = head.map_or(ThreadId(0), |thread| thread.base);
                let len = group.as_ref().and(head).map(|thread| thread.count);
                self.object(name, item.span, len, ObjectKind::Timer { thread }, &mut total);
            }
            let ItemKind::Object { name, len, kind } = &item.kind else { continue };
            let length = match len {
                None => Some(None),
                Some(len) => self.array_length(len).map(Some),
            };
            let checked = self.object_kind(kind, options);
            if length.is_none() || checked.is_none() {
                self.names.define(name, Global::Broken);
            }
            let kind = checked.unwrap_or(ObjectKind::Mutex(MutexKind::Plain));
            self.object(name, item.span, length.flatten(), kind, &mut total);
        }
    }

    /// Adds an object behind `total` elements.
    fn object(&mut self, name: &Ident, span: Span, len: Option<u32>, kind: ObjectKind, total: &mut usize) {
        let width = usize::try_from(len.unwrap_or(1)).expect("u32 fits into usize");
        if *total <= bounds::OBJECTS && *total + width > bounds::OBJECTS {
            self.errors.push(error::too_many_objects(span, bounds::OBJECTS));
        }
        // Positions go on counting after the error, within the range of the type.
        let base = ObjectId::new((*total).min(bounds::OBJECTS));
        *total += width;
        self.objects.push(Object { name: name.name.clone(), span, declared: name.span, len, base, kind });
    }

    /// The timer whose block this thread runs; of an array the first.
    pub(super) fn timer_of(&self, thread: ThreadId) -> Option<ObjectId> {
        let runs = |object: &&Object| matches!(object.kind, ObjectKind::Timer { thread: own } if own == thread);
        self.objects.iter().find(runs).map(|object| object.base)
    }

    /// The declaration of the thread that runs the block of a timer.
    pub(super) fn thread_of_timer(&self, object: usize) -> Option<usize> {
        let declared = self.objects[object].declared;
        self.threads.iter().position(|thread| thread.declared == declared)
    }

    /// Number of elements of an array, of objects or of locals.
    pub(super) fn array_length(&mut self, len: &Expr) -> Option<u32> {
        let value = self.integer(len, "the length of an array")?;
        match u32::try_from(value) {
            Ok(length) if (1..=bounds::ARRAY).contains(&value) => Some(length),
            Ok(_) | Err(_) => {
                self.errors.push(error::array_length(len.span, value, bounds::ARRAY));
                None
            }
        }
    }

    fn object_kind(&mut self, kind: &ObjectDecl, options: Options) -> Option<ObjectKind> {
        Some(match kind {
            ObjectDecl::Var { initial } => ObjectKind::Var { initial: self.constant(initial)? },
            ObjectDecl::Atomic { initial } => ObjectKind::Atomic { initial: self.constant(initial)? },
            ObjectDecl::Mutex(kind) => ObjectKind::Mutex(*kind),
            ObjectDecl::RwLock(Service::Fifo) => ObjectKind::RwLock(Preference::Fifo),
            ObjectDecl::RwLock(Service::Anybody) => ObjectKind::RwLock(options.preference),
            ObjectDecl::Condvar(service) => ObjectKind::Condvar { service: *service, wake_ups: options.wake_ups },
            ObjectDecl::Semaphore { permits, bounded, service } => {
                let value = self.integer(permits, "the number of permits")?;
                if value < 0 {
                    self.errors.push(error::negative_permits(permits.span, value));
                    return None;
                }
                ObjectKind::Semaphore { permits: value, bounded: *bounded, service: *service }
            }
            ObjectDecl::Event => ObjectKind::Event,
            ObjectDecl::Once => ObjectKind::Once,
            ObjectDecl::Barrier { threads } => {
                let value = self.integer(threads, "the number of threads that meet")?;
                match u32::try_from(value) {
                    Ok(number) if (1..=bounds::BARRIER).contains(&number) => ObjectKind::Barrier { threads: number },
                    Ok(_) | Err(_) => {
                        self.errors.push(error::bad_barrier(threads.span, value, bounds::BARRIER));
                        return None;
                    }
                }
            }
            ObjectDecl::Channel { capacity, closed_by } => {
                let closed_by = closed_by.as_ref().map(|thread| self.closers(thread));
                let capacity = match capacity {
                    None => Capacity::Unbounded,
                    Some(capacity) => self.capacity(capacity)?,
                };
                let closed_by = match closed_by {
                    None => None,
                    Some(threads) => Some(threads?),
                };
                ObjectKind::Channel { capacity, element: self.types.open(), closed_by }
            }
            ObjectDecl::Oneshot { closed_by } => {
                ObjectKind::Oneshot { element: self.types.open(), closed_by: self.closed_by(closed_by.as_ref())? }
            }
            ObjectDecl::Watch { initial, closed_by } => {
                let closed_by = self.closed_by(closed_by.as_ref());
                ObjectKind::Watch { initial: self.constant(initial)?, closed_by: closed_by? }
            }
            ObjectDecl::Broadcast { room, closed_by } => {
                let closed_by = self.closed_by(closed_by.as_ref());
                let value = self.integer(room, "the number of values that a broadcast keeps")?;
                let Some(room) = u32::try_from(value).ok().filter(|_| (1..=bounds::CAPACITY).contains(&value)) else {
                    self.errors.push(error::bad_ring(room.span, value, bounds::CAPACITY));
                    return None;
                };
                ObjectKind::Broadcast { room, closed_by: closed_by? }
            }
            ObjectDecl::Queue { order, room } => {
                let room = match room {
                    None => None,
                    Some(room) => Some(self.room(room)?),
                };
                ObjectKind::Queue { order: *order, room, element: self.types.open() }
            }
        })
    }

    /// How many items a queue holds.
    fn room(&mut self, room: &Expr) -> Option<u32> {
        let value = self.integer(room, "the size of a queue")?;
        match u32::try_from(value) {
            Ok(room) if (1..=bounds::CAPACITY).contains(&value) => Some(room),
            Ok(_) | Err(_) => {
                self.errors.push(error::bad_room(room.span, value, bounds::CAPACITY));
                None
            }
        }
    }

    fn capacity(&mut self, capacity: &Expr) -> Option<Capacity> {
        let value = self.integer(capacity, "the capacity of a channel")?;
        match u32::try_from(value) {
            Ok(0) => Some(Capacity::Rendezvous),
            Ok(number) if value <= bounds::CAPACITY => Some(Capacity::Bounded(number)),
            Ok(_) | Err(_) => {
                self.errors.push(error::bad_capacity(capacity.span, value, bounds::CAPACITY));
                None
            }
        }
    }

    /// The threads of a `closed by`, if there is one; `None` where an error has been reported.
    fn closed_by(&mut self, name: Option<&Ident>) -> Option<Option<Vec<ThreadId>>> {
        match name {
            None => Some(None),
            Some(name) => self.closers(name).map(Some),
        }
    }

    /// The threads whose end closes a channel.
    fn closers(&mut self, name: &Ident) -> Option<Vec<ThreadId>> {
        let Some(declared) = self.names.get(&name.name) else {
            self.unknown_name(&name.name, name.span, &[]);
            return None;
        };
        match declared.global {
            Global::Thread { thread, .. } => {
                let head = &self.threads[thread];
                let count = usize::try_from(head.count).expect("u32 fits into usize");
                Some((0..count).map(|member| ThreadId::new(head.base.index() + member)).collect())
            }
            Global::Broken => None,
            Global::Constant(_) | Global::Object { .. } | Global::Function(_) => {
                self.errors.push(error::closed_by_what(name.span, &name.name, &declared));
                None
            }
        }
    }

    /// Names and parameters of the functions, and whether they return a value.
    pub(super) fn signatures(&mut self, file: &File) {
        for item in &file.items {
            let ItemKind::Function { name, params, body } = &item.kind else { continue };
            if let Some(surplus) = params.get(bounds::PARAMETERS) {
                self.errors.push(error::too_many_parameters(&name.name, surplus.span, bounds::PARAMETERS));
            }
            for (position, param) in params.iter().take(bounds::PARAMETERS).enumerate() {
                if let Some(first) = params[..position].iter().find(|first| first.name == param.name) {
                    self.errors.push(error::parameter_twice(&param.name, param.span, first.span));
                }
            }
            let parameters = params.iter().map(|_| self.types.open()).collect();
            let value = first_return_with_value(body).map(|_| self.types.open());
            self.signatures.push(Signature { name: name.name.clone(), declared: name.span, parameters, value });
        }
    }

    /// An object or a group of threads named with a constant index in a line about the whole: the name, and the index if
    /// there is one. `None` where it has another shape or an error has been reported.
    pub(super) fn constant_element<'e>(&mut self, expr: &'e Expr) -> Option<(&'e str, Span, Option<i64>)> {
        if let crate::language::tree::ExprKind::Index { base, index } = &expr.kind
            && let Some(name) = name_of(base)
        {
            let index = self.integer(index, "an index")?;
            return Some((name, base.span, Some(index)));
        }
        name_of(expr).map(|name| (name, expr.span, None))
    }
}

/// What the `option` lines of a file say about its objects.
#[derive(Clone, Copy)]
struct Options {
    /// Who goes first at reader-writer locks that do not serve in order of arrival.
    preference: Preference,
    /// Whether whoever waits on a condition variable may wake for no reason.
    wake_ups: WakeUps,
}

impl Options {
    fn of(file: &File) -> Self {
        let mut preferences = file.items.iter().filter_map(|item| {
            if let ItemKind::Preference { preference } = item.kind { Some(preference) } else { None }
        });
        let spurious = file.items.iter().any(|item| matches!(item.kind, ItemKind::SpuriousWakeUps));
        Self {
            preference: preferences.next().unwrap_or(Preference::Anybody),
            wake_ups: if spurious { WakeUps::Spurious } else { WakeUps::Notified },
        }
    }
}
