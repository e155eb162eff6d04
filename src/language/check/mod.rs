//! From the tree to the checked tree: names, types, constants, parameters; every error about meaning.
//!
//! In reading order: `names` collects what the file declares, `constant` evaluates, `declaration` goes through the items,
//! `body` and `statement` through what threads run, `operation` knows which operations objects have, `property` and
//! `expectation` the lines about the whole. `error` has all messages. It knows nothing of instructions.

mod assignment;
mod body;
mod constant;
mod declaration;
mod error;
mod expectation;
mod expression;
mod function;
mod holding;
mod matching;
mod names;
mod operation;
mod paths;
mod property;
mod statement;

pub use operation::operations;

use super::checked::{Checked, Function, Object, Thread};
use super::diagnostic::Diagnostic;
use super::tree::{self, Expect, Item, ItemKind, LivenessOption};
use super::types::{Ty, Types};
use super::{Override, tree::File};
use crate::program::{Fairness, FindingKind, Liveness, Memory, Parameter, Source, Sources, Span, WakeUps};
use body::TopLevel;
use function::Uses;
use names::{Declared, Global, Names};
use std::collections::{BTreeMap, BTreeSet};

/// Bounds that keep programs in a size that somebody can read and an engine can hold.
pub(super) mod bounds {
    /// Threads in all.
    pub(crate) const THREADS: usize = crate::program::THREADS_MAX;
    /// Objects in all, elements of arrays counted one by one.
    pub(crate) const OBJECTS: usize = 4_096;
    /// Elements of one array.
    pub(crate) const ARRAY: i64 = 1_024;
    /// Threads that a barrier waits for.
    pub(crate) const BARRIER: u32 = 64;
    /// Capacity of a channel.
    pub(crate) const CAPACITY: i64 = 1_024;
    /// Values of one parameter that a sweep tries.
    pub(crate) const SWEEP: usize = 1_000;
    /// Slots for the locals of one thread, with those of its functions and of the compiler.
    pub(crate) const LOCALS: usize = 1_024;
    /// Instructions in all, after inlining.
    pub(crate) const INSTRUCTIONS: usize = 100_000;
    /// Parameters of one function.
    pub(crate) const PARAMETERS: usize = 64;
    /// `expect` lines.
    pub(crate) const EXPECTATIONS: usize = 1_000;
    /// How often bodies are looked at again because one of them has shown that a parameter is a handle.
    pub(crate) const ROUNDS_FOR_HANDLES: usize = 64;
    /// Nesting of blocks, calls and expressions, after inlining.
    pub(crate) const NESTING: usize = 200;
}

/// Unknown names beyond this many come without a suggestion.
const SUGGESTIONS: usize = 20;

/// What is known about the file so far.
pub(super) struct Checker<'a> {
    source: &'a Sources,
    errors: Vec<Diagnostic>,
    types: Types,
    names: Names,
    parameters: Vec<Parameter>,
    objects: Vec<Object>,
    threads: Vec<ThreadHead>,
    signatures: Vec<Signature>,
    /// Operations on parameters of which nothing has said that they are handles; errors unless something does.
    not_passed: Vec<(Ty, Diagnostic)>,
    /// Names that nothing has, reported once each.
    unknown: BTreeSet<String>,
    /// Words near a syntax error: a declaration that got lost there explains an unknown name.
    excused: BTreeSet<String>,
    /// Whether an ordering weaker than `seq_cst` occurs.
    weak_ordering: bool,
    /// Whether some statement says what progress is.
    has_progress: bool,
}

/// A thread before its body is checked.
struct ThreadHead {
    name: String,
    /// The name where it is declared.
    declared: Span,
    first: Option<i64>,
    base: crate::program::ThreadId,
    count: u32,
}

/// A function before its body is checked.
struct Signature {
    name: String,
    /// The name where it is declared.
    declared: Span,
    parameters: Vec<Ty>,
    value: Option<Ty>,
}

/// What threads and functions run, with what later checks need.
struct Bodies {
    functions: Vec<Function>,
    threads: Vec<Thread>,
    function_uses: Vec<Uses>,
    thread_uses: Vec<Uses>,
    top_levels: Vec<TopLevel>,
}

/// Checks a file. `syntax` are the errors of the parser: what follows from them is not reported again.
///
/// # Errors
/// Everything that is wrong with the meaning of the text, in order of the text.
pub(super) fn check(
    source: &Sources,
    file: &File,
    syntax: &[Diagnostic],
    overrides: &[Override],
) -> Result<Checked, Vec<Diagnostic>> {
    let mut checker = Checker::new(source, file, syntax);
    let excluded = checker.constants(file, overrides);
    checker.errors.extend(excluded);
    checker.thread_heads(file);
    checker.objects(file);
    checker.signatures(file);

    let Bodies { functions, threads, function_uses, thread_uses, top_levels } = checker.bodies(file);
    function::check_calls(&mut checker, &function_uses, &thread_uses);

    let properties = property::properties(&mut checker, file, &threads, &top_levels);
    let observed = property::observed(&mut checker, file, &threads, &top_levels);
    let expectations = expectation::expectations(&mut checker, file, &observed);
    let memory = checker.top_lines(file);
    if threads.is_empty() && syntax.is_empty() {
        let end = u32::try_from(source.own().trim_end().len()).expect("texts are at most 1 MiB");
        checker.errors.push(error::no_thread(Span::new(end, end)));
    }
    if !checker.errors.is_empty() {
        let mut errors = checker.errors;
        errors.sort_by_key(|error| error.span);
        errors.dedup();
        return Err(errors);
    }
    Ok(Checked {
        title: file.description.first().cloned().unwrap_or_default(),
        parameters: checker.parameters,
        memory,
        option_lines: option_lines(file),
        objects: checker.objects,
        functions,
        threads,
        properties,
        observed: observed.components,
        expectations,
        liveness: liveness(file),
        rounds_are_progress: !checker.has_progress,
        types: checker.types,
    })
}

/// The parameters of a file under some of their values, and nothing else of it.
pub(super) struct Parameters {
    /// Those that have a value, in order of declaration.
    pub(super) parameters: Vec<Parameter>,
    /// Whether a `require` is false.
    pub(super) is_excluded: bool,
    /// What is wrong besides.
    pub(super) errors: Vec<Diagnostic>,
}

/// Evaluates the parameters, constants and `require` lines of a file.
pub(super) fn parameters(source: &Sources, file: &File, overrides: &[Override]) -> Parameters {
    let mut checker = Checker::new(source, file, &[]);
    let excluded = checker.constants(file, overrides);
    Parameters { parameters: checker.parameters, is_excluded: !excluded.is_empty(), errors: checker.errors }
}

impl<'a> Checker<'a> {
    /// Knows the names that the file declares, and nothing else yet.
    fn new(source: &'a Sources, file: &File, syntax: &[Diagnostic]) -> Self {
        let mut errors = Vec::new();
        let names = Names::collect(file, &mut errors);
        Self {
            source,
            errors,
            types: Types::new(),
            names,
            parameters: Vec::new(),
            objects: Vec::new(),
            threads: Vec::new(),
            signatures: Vec::new(),
            not_passed: Vec::new(),
            unknown: BTreeSet::new(),
            excused: words_near(source.whole(), syntax),
            weak_ordering: false,
            has_progress: false,
        }
    }
}

impl Checker<'_> {
    /// What threads and functions run. Which parameters and values of functions are handles of threads, the bodies say
    /// themselves, also those further down: where that is news, all of them are looked at again with it.
    fn bodies(&mut self, file: &File) -> Bodies {
        let mut handles = Vec::new();
        let (types, unknown, errors) = (self.types.clone(), self.unknown.clone(), self.errors.len());
        let mut bodies = self.bodies_once(file);
        for _ in 0..bounds::ROUNDS_FOR_HANDLES {
            let found = self.handles();
            if found == handles {
                break;
            }
            self.types.clone_from(&types);
            self.unknown.clone_from(&unknown);
            self.errors.truncate(errors);
            self.not_passed.clear();
            for (ty, function) in &found {
                let handle = self.types.handle(*function);
                self.types.unify(*ty, handle);
            }
            handles = found;
            bodies = self.bodies_once(file);
        }
        let not_passed = std::mem::take(&mut self.not_passed);
        // Where something wrong is passed, that is the error; but there has to be one.
        let all = self.errors.len() == errors;
        let kept = not_passed.into_iter().filter(|(ty, _)| all || !self.types.is_broken(*ty));
        let kept: Vec<Diagnostic> = kept.map(|(_, error)| error).collect();
        self.errors.extend(kept);
        bodies
    }

    /// The parameters and values of functions that are handles of threads, and what these run.
    fn handles(&self) -> Vec<(Ty, usize)> {
        let types = self.signatures.iter().flat_map(|signature| signature.parameters.iter().chain(&signature.value));
        types.filter_map(|ty| self.types.function_of(*ty).map(|function| (*ty, function))).collect()
    }

    /// Looks at every body once.
    fn bodies_once(&mut self, file: &File) -> Bodies {
        let mut functions = Vec::new();
        let mut threads = Vec::new();
        let mut function_uses = Vec::new();
        let mut thread_uses = Vec::new();
        let mut top_levels = Vec::new();
        for item in &file.items {
            match &item.kind {
                ItemKind::Function { name, params, body, .. } => {
                    let signature = functions.len();
                    let checked = body::function(self, signature, params, body);
                    functions.push(Function {
                        name: name.name.clone(),
                        declared: name.span,
                        end: Span::new(body.span.end.saturating_sub(1), body.span.end),
                        parameters: params.len(),
                        value: self.signatures[signature].value,
                        body: checked.body,
                    });
                    function_uses.push(checked.uses);
                }
                ItemKind::Thread { group, daemon, timer, body, head, .. } => {
                    let at = &self.threads[threads.len()];
                    let (name, first, base, count) = (at.name.clone(), at.first, at.base, at.count);
                    let timer = timer.and_then(|_| self.timer_of(base));
                    let index = group.as_ref().map(|group| &group.index);
                    let checked = body::thread(self, index, body);
                    let end = Span::new(body.span.end.saturating_sub(1), body.span.end);
                    top_levels.push(checked.top_level);
                    threads.push(Thread {
                        name,
                        head: *head,
                        daemon: *daemon,
                        timer,
                        first,
                        base,
                        count,
                        body: checked.body,
                        end,
                    });
                    thread_uses.push(checked.uses);
                }
                ItemKind::Version { .. }
                | ItemKind::Import { .. }
                | ItemKind::Param { .. }
                | ItemKind::Require { .. }
                | ItemKind::Const { .. }
                | ItemKind::Memory { .. }
                | ItemKind::Preference { .. }
                | ItemKind::SpuriousWakeUps
                | ItemKind::Liveness { .. }
                | ItemKind::Expect { .. }
                | ItemKind::Observe { .. }
                | ItemKind::Property { .. }
                | ItemKind::Object { .. }
                | ItemKind::Error { .. } => {}
            }
        }
        Bodies { functions, threads, function_uses, thread_uses, top_levels }
    }

    /// Reports a name that nothing has, once.
    fn unknown_name(&mut self, name: &str, span: Span, locals: &[&str]) {
        if !self.excused.contains(name) && self.unknown.insert(name.to_owned()) {
            // Nobody sees more suggestions than errors are shown.
            let near = if self.unknown.len() <= SUGGESTIONS { self.names.near(name, locals) } else { None };
            self.errors.push(error::unknown_name(name, span, near));
        }
    }

    /// `scenario`, `memory`, and the model that follows.
    fn top_lines(&mut self, file: &File) -> Memory {
        let mut first: BTreeMap<&str, Span> = BTreeMap::new();
        let mut memory = None;
        for item in &file.items {
            let word = match &item.kind {
                ItemKind::Version { .. } => "scenario",
                ItemKind::Memory { model } => {
                    // The parser has refused other words.
                    memory = Some(if model.name == "rc11" { Memory::Rc11 } else { Memory::Sc });
                    "memory"
                }
                ItemKind::Preference { .. } => "option …_preference",
                ItemKind::SpuriousWakeUps => "option spurious_wakeups",
                ItemKind::Liveness { option: LivenessOption::Progress } => "option progress",
                ItemKind::Liveness { option: LivenessOption::StrongFairness } => "option strong_fairness",
                ItemKind::Param { .. }
                | ItemKind::Import { .. }
                | ItemKind::Require { .. }
                | ItemKind::Const { .. }
                | ItemKind::Expect { .. }
                | ItemKind::Observe { .. }
                | ItemKind::Property { .. }
                | ItemKind::Object { .. }
                | ItemKind::Thread { .. }
                | ItemKind::Function { .. }
                | ItemKind::Error { .. } => continue,
            };
            if let Some(first) = first.get(word) {
                self.errors.push(error::only_once(word, item.span, *first));
            } else {
                first.insert(word, item.span);
            }
        }
        memory.unwrap_or(if self.weak_ordering { Memory::Rc11 } else { Memory::Sc })
    }

    /// The text of a span.
    fn text(&self, span: Span) -> &str {
        self.source.quote(span)
    }
}

/// The words of the `option` lines of a file, in alphabetical order.
fn option_lines(file: &File) -> Vec<String> {
    let word = |item: &Item| match &item.kind {
        ItemKind::Preference { preference } => preference.option(),
        ItemKind::SpuriousWakeUps => WakeUps::Spurious.option(),
        ItemKind::Liveness { option } => Some(option.word()),
        ItemKind::Version { .. }
        | ItemKind::Import { .. }
        | ItemKind::Param { .. }
        | ItemKind::Require { .. }
        | ItemKind::Const { .. }
        | ItemKind::Memory { .. }
        | ItemKind::Expect { .. }
        | ItemKind::Observe { .. }
        | ItemKind::Property { .. }
        | ItemKind::Object { .. }
        | ItemKind::Thread { .. }
        | ItemKind::Function { .. }
        | ItemKind::Error { .. } => None,
    };
    let mut words: Vec<String> = file.items.iter().filter_map(word).map(str::to_owned).collect();
    words.sort_unstable();
    words.dedup();
    words
}

/// What a file asks about executions that never end: by an option, or by an `expect` line, whether it applies or not.
fn liveness(file: &File) -> Liveness {
    let mut liveness = Liveness::UNASKED;
    for item in &file.items {
        match &item.kind {
            ItemKind::Liveness { option: LivenessOption::StrongFairness } => liveness.fairness = Fairness::Strong,
            ItemKind::Liveness { option: LivenessOption::Progress } => {
                liveness.livelock = true;
                liveness.starvation = true;
            }
            ItemKind::Expect { what: Expect::Finding { kind, .. }, .. } => {
                liveness.livelock |= *kind == FindingKind::Livelock;
                liveness.starvation |= *kind == FindingKind::Starvation;
            }
            ItemKind::Version { .. }
            | ItemKind::Import { .. }
            | ItemKind::Param { .. }
            | ItemKind::Require { .. }
            | ItemKind::Const { .. }
            | ItemKind::Memory { .. }
            | ItemKind::Preference { .. }
            | ItemKind::SpuriousWakeUps
            | ItemKind::Expect { .. }
            | ItemKind::Observe { .. }
            | ItemKind::Property { .. }
            | ItemKind::Object { .. }
            | ItemKind::Thread { .. }
            | ItemKind::Function { .. }
            | ItemKind::Error { .. } => {}
        }
    }
    liveness
}

/// A declared object by its name.
fn object_of(declared: &Declared) -> Option<usize> {
    match declared.global {
        Global::Object { object, .. } => Some(object),
        Global::Constant(_) | Global::Function(_) | Global::Thread { .. } | Global::Broken => None,
    }
}

/// The words on the lines of these errors and on the lines just before.
fn words_near(source: &Source, errors: &[Diagnostic]) -> BTreeSet<String> {
    let newlines: Vec<usize> = source.text.match_indices('\n').map(|(at, _)| at).collect();
    let line = |error: &Diagnostic| newlines.partition_point(|newline| *newline < error.span.range().start);
    // Each line once: a broken text may have as many errors as words.
    let near: BTreeSet<usize> = errors.iter().map(line).flat_map(|line| [line.saturating_sub(1), line]).collect();
    let is_word = |letter: char| letter.is_alphanumeric() || letter == '_';
    let lines = source.text.split('\n').enumerate().filter(|(line, _)| near.contains(line));
    let words = lines.flat_map(|(_, text)| text.split(|letter| !is_word(letter)));
    words.filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

/// The name that an expression is, if it is one.
fn name_of(expr: &tree::Expr) -> Option<&str> {
    match &expr.kind {
        tree::ExprKind::Name(name) => Some(name),
        tree::ExprKind::Int(_)
        | tree::ExprKind::Bool(_)
        | tree::ExprKind::Index { .. }
        | tree::ExprKind::Field { .. }
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
        | tree::ExprKind::Duration(_)
        | tree::ExprKind::Error => None,
    }
}
