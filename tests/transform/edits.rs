//! Places in a scenario's text where something can be changed.

use interleaver::language::parse;
use interleaver::language::tree::{Block, ExprKind, File, ItemKind, Stmt, StmtKind};
use interleaver::program::{Source, Span};

/// Replaces a piece of the text.
#[derive(Clone, Debug)]
pub(crate) struct Edit {
    /// In words, with the line.
    pub(crate) what: String,
    /// Pieces and what stands there instead, in order of the text, without overlaps.
    pub(crate) pieces: Vec<(Span, String)>,
}

impl Edit {
    /// One piece.
    pub(crate) fn replace(source: &Source, what: &str, span: Span, by: impl Into<String>) -> Self {
        Self { what: format!("{what} (line {})", source.line(span)), pieces: vec![(span, by.into())] }
    }

    /// Two pieces change places.
    pub(crate) fn swap(source: &Source, what: &str, first: Span, second: Span) -> Self {
        let pieces = vec![(first, source.quote(second).to_owned()), (second, source.quote(first).to_owned())];
        Self { what: format!("{what} (line {})", source.line(first)), pieces }
    }

    /// The text after the edit.
    pub(crate) fn apply(&self, source: &Source) -> Source {
        let mut text = source.text.clone();
        for (span, by) in self.pieces.iter().rev() {
            text.replace_range(range(*span), by);
        }
        Source { name: source.name.clone(), text }
    }
}

fn range(span: Span) -> std::ops::Range<usize> {
    usize::try_from(span.start).unwrap()..usize::try_from(span.end).unwrap()
}

/// The bytes before a span, as an empty span.
pub(crate) fn before(span: Span) -> Span {
    Span { end: span.start, ..span }
}

/// From the start of the one to the start of the other.
pub(crate) fn up_to(from: Span, to: Span) -> Span {
    Span { end: to.start, ..from }
}

/// All blocks of threads and functions in which statements take effect one by one.
pub(crate) fn blocks(source: &Source) -> Vec<Block> {
    let (File { items, .. }, errors) = parse(source);
    assert!(errors.is_empty(), "{}: {errors:#?}", source.name);
    let mut found = Vec::new();
    for item in &items {
        if let ItemKind::Thread { body, .. } | ItemKind::Function { body, .. } = &item.kind {
            nested(body, &mut found);
        }
    }
    found
}

fn nested(block: &Block, found: &mut Vec<Block>) {
    for statement in &block.statements {
        for inner in inside(statement) {
            nested(inner, found);
        }
    }
    found.push(block.clone());
}

/// The blocks of a statement; none of an indivisible one.
#[expect(clippy::wildcard_enum_match_arm, reason = "the others have no blocks")]
fn inside(statement: &Stmt) -> Vec<&Block> {
    match &statement.kind {
        StmtKind::If { then, otherwise, .. } | StmtKind::IfLet { then, otherwise, .. } => {
            std::iter::once(then).chain(otherwise).collect()
        }
        StmtKind::While { body, .. }
        | StmtKind::WhileLet { body, .. }
        | StmtKind::Loop { body }
        | StmtKind::For { body, .. }
        | StmtKind::ForEach { body, .. }
        | StmtKind::With { body, .. }
        | StmtKind::CallOnce { body, .. }
        | StmtKind::Block(body) => vec![body],
        StmtKind::Match { arms, .. } => arms.iter().map(|arm| &arm.body).collect(),
        StmtKind::Either { branches } => branches.iter().collect(),
        _ => Vec::new(),
    }
}

/// The operation of a statement that is a call of a method and nothing else.
pub(crate) fn operation(statement: &Stmt) -> Option<&str> {
    let StmtKind::Expr(expr) = &statement.kind else { return None };
    let ExprKind::Method { method, .. } = &expr.kind else { return None };
    Some(&method.name)
}
