//! The one namespace of a file: parameters, constants, objects, functions and threads.

use super::error;
use crate::language::checked::ObjectKind;
use crate::language::diagnostic::Diagnostic;
use crate::language::suggest::nearest;
use crate::language::tree::{File, Ident, ItemKind, ObjectDecl};
use crate::program::{Span, Value};
use std::collections::BTreeMap;

/// What a name of the file means.
#[derive(Clone, Copy, Debug)]
pub(super) enum Global {
    /// A parameter or a constant.
    Constant(Constant),
    /// Position in `Checker::objects`.
    Object { object: usize, noun: Noun },
    /// Position in `Checker::functions`.
    Function(usize),
    /// Position in `Checker::threads`.
    Thread { thread: usize, group: Group },
    /// Its declaration is wrong and that has been reported: no error may come of its use.
    Broken,
}

/// What is known about a parameter or a constant.
#[derive(Clone, Copy, Debug)]
pub(super) enum Constant {
    /// Declared further down.
    Later,
    Known(Value),
}

/// Whether a thread's name stands for several.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Group {
    Single,
    Group,
}

/// What messages call an object.
#[derive(Clone, Copy, Debug)]
pub(super) struct Noun {
    one: &'static str,
    array: Option<&'static str>,
}

/// A name with its declaration.
#[derive(Clone, Copy, Debug)]
pub(super) struct Declared {
    pub(super) global: Global,
    pub(super) span: Span,
}

/// All names of a file.
#[derive(Debug, Default)]
pub(super) struct Names {
    by_name: BTreeMap<String, Declared>,
    /// In order of declaration, for suggestions.
    order: Vec<String>,
}

impl Declared {
    /// `a mutex`, `an array of atomics`, `the function`.
    pub(super) fn what(&self) -> &'static str {
        match self.global {
            Global::Constant(_) => "a constant",
            Global::Object { noun, .. } => noun.array.unwrap_or(noun.one),
            Global::Function(_) => "a function",
            Global::Thread { group: Group::Single, .. } => "a thread",
            Global::Thread { group: Group::Group, .. } => "a group of threads",
            Global::Broken => "a declaration",
        }
    }
}

impl Noun {
    fn new(kind: &ObjectDecl, is_array: bool) -> Self {
        let (one, array) = match kind {
            ObjectDecl::Var { .. } => ("a variable", "an array of variables"),
            ObjectDecl::Atomic { .. } => ("an atomic", "an array of atomics"),
            ObjectDecl::Mutex(_) => ("a mutex", "an array of mutexes"),
            ObjectDecl::RwLock(_) => ("a reader-writer lock", "an array of reader-writer locks"),
            ObjectDecl::Condvar(_) => ("a condition variable", "an array of condition variables"),
            ObjectDecl::Semaphore { .. } => ("a semaphore", "an array of semaphores"),
            ObjectDecl::Event => ("an event", "an array of events"),
            ObjectDecl::Once => ("a once", "an array of onces"),
            ObjectDecl::Barrier { .. } => ("a barrier", "an array of barriers"),
            ObjectDecl::Channel { .. } => ("a channel", "an array of channels"),
            ObjectDecl::Oneshot { .. } => ("a one-shot channel", "an array of one-shot channels"),
            ObjectDecl::Watch { .. } => ("a watch", "an array of watches"),
            ObjectDecl::Broadcast { .. } => ("a broadcast", "an array of broadcasts"),
            ObjectDecl::Queue { .. } => ("a queue", "an array of queues"),
        };
        Self { one, array: is_array.then_some(array) }
    }
}

/// `a mutex`, `an atomic`.
pub(super) fn one(kind: &ObjectKind) -> &'static str {
    match kind {
        ObjectKind::Var { .. } => "a variable",
        ObjectKind::Atomic { .. } => "an atomic",
        ObjectKind::Mutex(_) => "a mutex",
        ObjectKind::RwLock(_) => "a reader-writer lock",
        ObjectKind::Condvar { .. } => "a condition variable",
        ObjectKind::Semaphore { .. } => "a semaphore",
        ObjectKind::Event => "an event",
        ObjectKind::Once => "a once",
        ObjectKind::Timer { .. } => "a timer",
        ObjectKind::Barrier { .. } => "a barrier",
        ObjectKind::Channel { .. } => "a channel",
        ObjectKind::Oneshot { .. } => "a one-shot channel",
        ObjectKind::Watch { .. } => "a watch",
        ObjectKind::Broadcast { .. } => "a broadcast",
        ObjectKind::Queue { .. } => "a queue",
    }
}

impl Names {
    /// Collects the declarations of a file; a second declaration of a name is an error and the first one counts.
    pub(super) fn collect(file: &File, errors: &mut Vec<Diagnostic>) -> Self {
        let mut names = Self::default();
        let (mut objects, mut functions, mut threads) = (0, 0, 0);
        for item in &file.items {
            match &item.kind {
                ItemKind::Param { name, .. } | ItemKind::Const { name, .. } => {
                    names.declare(name, Global::Constant(Constant::Later), errors);
                }
                ItemKind::Object { name, len, kind } => {
                    let noun = Noun::new(kind, len.is_some());
                    names.declare(name, Global::Object { object: objects, noun }, errors);
                    objects += 1;
                }
                ItemKind::Function { name, .. } => {
                    names.declare(name, Global::Function(functions), errors);
                    functions += 1;
                }
                ItemKind::Thread { name, timer: Some(_), group, .. } => {
                    let noun = Noun { one: "a timer", array: group.as_ref().map(|_| "an array of timers") };
                    names.declare(name, Global::Object { object: objects, noun }, errors);
                    objects += 1;
                    threads += 1;
                }
                ItemKind::Thread { name, group, .. } => {
                    let group = if group.is_some() { Group::Group } else { Group::Single };
                    names.declare(name, Global::Thread { thread: threads, group }, errors);
                    threads += 1;
                }
                ItemKind::Error { name: Some(name) } => names.declare_quietly(name, Global::Broken),
                ItemKind::Error { name: None }
                | ItemKind::Version { .. }
                | ItemKind::Import { .. }
                | ItemKind::Require { .. }
                | ItemKind::Memory { .. }
                | ItemKind::Preference { .. }
                | ItemKind::SpuriousWakeUps
                | ItemKind::Liveness { .. }
                | ItemKind::Expect { .. }
                | ItemKind::Observe { .. }
                | ItemKind::Property { .. } => {}
            }
        }
        names
    }

    pub(super) fn get(&self, name: &str) -> Option<Declared> {
        self.by_name.get(name).copied()
    }

    /// Whether `span` is where `name` was declared (a second declaration of a name is not).
    pub(super) fn is_declared_at(&self, name: &Ident) -> bool {
        self.by_name.get(&name.name).is_some_and(|declared| declared.span == name.span)
    }

    /// Fills in the value of a constant.
    pub(super) fn define(&mut self, name: &Ident, global: Global) {
        if self.is_declared_at(name) {
            self.by_name.insert(name.name.clone(), Declared { global, span: name.span });
        }
    }

    /// The name nearest to a misspelt one, with its declaration.
    pub(super) fn near<'a>(&'a self, name: &str, locals: &[&'a str]) -> Option<(&'a str, Option<Span>)> {
        let candidates = locals.iter().copied().chain(self.order.iter().map(String::as_str));
        let near = nearest(name, candidates)?;
        let is_local = locals.contains(&near);
        Some((near, self.by_name.get(near).filter(|_| !is_local).map(|declared| declared.span)))
    }

    fn declare(&mut self, name: &Ident, global: Global, errors: &mut Vec<Diagnostic>) {
        match self.by_name.get(&name.name) {
            Some(Declared { global: Global::Broken, .. }) => {}
            Some(first) => errors.push(error::declared_twice(&name.name, name.span, first.span)),
            None => self.declare_quietly(name, global),
        }
    }

    fn declare_quietly(&mut self, name: &Ident, global: Global) {
        if !self.by_name.contains_key(&name.name) {
            self.by_name.insert(name.name.clone(), Declared { global, span: name.span });
            self.order.push(name.name.clone());
        }
    }
}
