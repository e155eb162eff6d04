//! What follows from who calls whom: recursion, and what may be reached inside an indivisible block.

use super::{Checker, error};
use crate::program::Span;
use std::collections::BTreeSet;

/// What a body calls, and what cannot stand inside an indivisible block.
#[derive(Debug, Default)]
pub(super) struct Uses {
    /// Functions with the place of the call.
    pub(super) calls: Vec<(usize, Span)>,
    /// What blocks, or leaves the world a choice.
    pub(super) obstacles: Vec<Obstacle>,
    /// What changes something, or can end the thread: not for the condition of a `when`.
    pub(super) effects: Vec<Obstacle>,
    /// The indivisible blocks in it.
    pub(super) blocks: Vec<Indivisible>,
    /// `return;` in a function that returns a value elsewhere.
    pub(super) returns_without_value: Vec<Span>,
}

/// A statement or an operation that is not allowed everywhere.
#[derive(Clone, Debug)]
pub(super) struct Obstacle {
    span: Span,
    /// What it is, for a message.
    what: String,
    /// Why it is not allowed.
    why: &'static str,
}

/// `when c { }` or `atomically { }`
#[derive(Debug)]
pub(super) struct Indivisible {
    pub(super) head: Span,
    pub(super) word: &'static str,
    pub(super) condition: Uses,
    pub(super) body: Uses,
}

impl Obstacle {
    pub(super) fn new(span: Span, what: impl Into<String>, why: &'static str) -> Self {
        Self { span, what: what.into(), why }
    }
}

impl Uses {
    /// Notes what cannot stand inside an indivisible block; it has no place in a condition either.
    pub(super) fn obstacle(&mut self, obstacle: Obstacle) {
        self.effects.push(obstacle.clone());
        self.obstacles.push(obstacle);
    }

    /// Notes what changes something.
    pub(super) fn effect(&mut self, span: Span, what: impl Into<String>) {
        self.effects.push(Obstacle::new(span, what, "it changes something"));
    }
}

/// Checks the calls of a file, given what each function and each thread uses.
pub(super) fn check_calls(checker: &mut Checker<'_>, functions: &[Uses], threads: &[Uses]) {
    let calls: Vec<Vec<(usize, Span)>> = functions.iter().map(all_calls).collect();
    let Some(order) = callees_first(checker, &calls) else { return };
    let mut reached = Reached::default();
    reached.obstacle.resize(functions.len(), None);
    reached.effect.resize(functions.len(), None);
    for function in order {
        let uses = &functions[function];
        let inner_block = uses.blocks.first().map(|block| nested(block.head, block.word));
        let first = |own: &[Obstacle], inherited: &[Option<Obstacle>]| {
            let own = own.first().cloned();
            own.or_else(|| calls[function].iter().find_map(|(callee, _)| inherited[*callee].clone()))
        };
        reached.obstacle[function] = first(&uses.obstacles, &reached.obstacle).or(inner_block.clone());
        reached.effect[function] = first(&uses.effects, &reached.effect).or(inner_block);
    }
    for uses in functions.iter().chain(threads) {
        for block in &uses.blocks {
            check_block(checker, block, &reached);
        }
    }
}

/// For each function the first thing it reaches that is not allowed everywhere.
#[derive(Default)]
struct Reached {
    obstacle: Vec<Option<Obstacle>>,
    effect: Vec<Option<Obstacle>>,
}

fn nested(head: Span, word: &str) -> Obstacle {
    Obstacle::new(head, format!("`{word}`"), "indivisible blocks do not nest")
}

fn check_block(checker: &mut Checker<'_>, block: &Indivisible, reached: &Reached) {
    for effect in &block.condition.effects {
        checker.errors.push(error::effect_in_condition(effect.span, &effect.what, effect.why));
    }
    for (function, span) in &block.condition.calls {
        if let Some(effect) = &reached.effect[*function] {
            let name = checker.signatures[*function].name.clone();
            checker.errors.push(error::effect_called_in_condition(*span, &name, &effect.what, effect.span));
        }
    }
    let nested_blocks = block.body.blocks.iter().map(|inner| nested(inner.head, inner.word));
    for obstacle in block.body.obstacles.iter().cloned().chain(nested_blocks) {
        let Obstacle { span, what, why } = &obstacle;
        checker.errors.push(error::inside_indivisible(*span, what, why, block.head, block.word));
    }
    for (function, span) in &block.body.calls {
        if let Some(obstacle) = &reached.obstacle[*function] {
            let name = checker.signatures[*function].name.clone();
            let Obstacle { span: at, what, .. } = obstacle;
            checker.errors.push(error::call_inside_indivisible(*span, &name, what, *at, block.head, block.word));
        }
    }
}

/// All calls of a body, those in its indivisible blocks too.
fn all_calls(uses: &Uses) -> Vec<(usize, Span)> {
    let mut calls = uses.calls.clone();
    for block in &uses.blocks {
        calls.extend(all_calls(&block.condition));
        calls.extend(all_calls(&block.body));
    }
    calls
}

/// The functions, each after those it calls; `None` where some are recursive, which is reported.
fn callees_first(checker: &mut Checker<'_>, calls: &[Vec<(usize, Span)>]) -> Option<Vec<usize>> {
    let mut order = Vec::new();
    let mut done = vec![false; calls.len()];
    let mut is_recursive = false;
    for root in 0..calls.len() {
        if done[root] {
            continue;
        }
        // A loop instead of recursion: chains of calls may be as long as the text.
        let mut path: Vec<(usize, usize)> = vec![(root, 0)];
        let mut on_path = BTreeSet::from([root]);
        while let Some((function, next)) = path.last_mut() {
            let Some((callee, _)) = calls[*function].get(*next) else {
                done[*function] = true;
                order.push(*function);
                on_path.remove(function);
                path.pop();
                continue;
            };
            *next += 1;
            if on_path.contains(callee) {
                is_recursive = true;
                report_cycle(checker, calls, &path, *callee);
            } else if !done[*callee] {
                on_path.insert(*callee);
                path.push((*callee, 0));
            }
        }
    }
    (!is_recursive).then_some(order)
}

/// `path` ends with a call of `start`, which is on it.
fn report_cycle(checker: &mut Checker<'_>, calls: &[Vec<(usize, Span)>], path: &[(usize, usize)], start: usize) {
    let first = path.iter().position(|(function, _)| *function == start).expect("the start is on the path");
    let cycle = &path[first..];
    let name = |function: usize| checker.signatures[function].name.as_str();
    let mut names: Vec<String> = cycle.iter().map(|(function, _)| format!("`{}`", name(*function))).collect();
    names.push(format!("`{}`", name(start)));
    // The position in each entry is one past the call that leads on.
    let places: Vec<(Span, String)> = cycle
        .iter()
        .take(8)
        .map(|(function, next)| {
            let (callee, span) = calls[*function][*next - 1];
            (span, format!("`{}` calls `{}`", name(*function), name(callee)))
        })
        .collect();
    let span = checker.signatures[start].declared;
    checker.errors.push(error::recursion(span, &names.join(" → "), &places));
}
