//! Where the paths through a body lead, read from the text alone: out of it, round a loop, or to its end.

use crate::language::tree;
use crate::program::Span;

/// The first `return e` of a body.
pub(super) fn first_return_with_value(body: &tree::Block) -> Option<Span> {
    use tree::StmtKind as Tree;
    body.statements.iter().find_map(|statement| match &statement.kind {
        Tree::Return(Some(_)) => Some(statement.span),
        Tree::If { then, otherwise, .. } | Tree::IfLet { then, otherwise, .. } => {
            first_return_with_value(then).or_else(|| otherwise.as_ref().and_then(first_return_with_value))
        }
        Tree::While { body, .. }
        | Tree::WhileLet { body, .. }
        | Tree::Loop { body }
        | Tree::For { body, .. }
        | Tree::ForEach { body, .. }
        | Tree::CallOnce { body, .. }
        | Tree::With { body, .. }
        | Tree::Atomically { body, .. }
        | Tree::Block(body) => first_return_with_value(body),
        Tree::Match { arms, .. } => arms.iter().find_map(|arm| first_return_with_value(&arm.body)),
        Tree::Either { branches } => branches.iter().find_map(first_return_with_value),
        Tree::Return(None)
        | Tree::Let { .. }
        | Tree::LetArray { .. }
        | Tree::Assign { .. }
        | Tree::Expr(_)
        | Tree::Break
        | Tree::Continue
        | Tree::Assert { .. }
        | Tree::Panic { .. }
        | Tree::Assume { .. }
        | Tree::Yield
        | Tree::Progress
        | Tree::Fence { .. }
        | Tree::Pause { .. } => None,
    })
}

/// Whether the end of a block is never reached by running through it.
pub(super) fn never_falls_through(block: &tree::Block) -> bool {
    use tree::StmtKind as Tree;
    block.statements.iter().any(|statement| match &statement.kind {
        Tree::Return(_) | Tree::Panic { .. } | Tree::Break | Tree::Continue => true,
        Tree::Loop { body } => !breaks(body),
        Tree::If { then, otherwise, .. } | Tree::IfLet { then, otherwise, .. } => {
            never_falls_through(then) && otherwise.as_ref().is_some_and(never_falls_through)
        }
        Tree::Match { arms, .. } => arms.iter().all(|arm| never_falls_through(&arm.body)),
        Tree::Either { branches } => branches.iter().all(never_falls_through),
        Tree::With { body, .. } | Tree::Atomically { body, .. } | Tree::Block(body) => never_falls_through(body),
        Tree::Let { .. }
        | Tree::LetArray { .. }
        | Tree::Assign { .. }
        | Tree::Expr(_)
        // Its block may be somebody else's business, and nothing leads out of it.
        | Tree::CallOnce { .. }
        | Tree::While { .. }
        | Tree::WhileLet { .. }
        | Tree::For { .. }
        | Tree::ForEach { .. }
        | Tree::Assert { .. }
        | Tree::Assume { .. }
        | Tree::Yield
        | Tree::Progress
        | Tree::Fence { .. }
        | Tree::Pause { .. } => false,
    })
}

/// Whether a block leaves the loop that it is the body of by `break`.
fn breaks(block: &tree::Block) -> bool {
    use tree::StmtKind as Tree;
    block.statements.iter().any(|statement| match &statement.kind {
        Tree::Break => true,
        Tree::If { then, otherwise, .. } | Tree::IfLet { then, otherwise, .. } => {
            breaks(then) || otherwise.as_ref().is_some_and(breaks)
        }
        Tree::Match { arms, .. } => arms.iter().any(|arm| breaks(&arm.body)),
        Tree::Either { branches } => branches.iter().any(breaks),
        Tree::With { body, .. } | Tree::Atomically { body, .. } | Tree::Block(body) => breaks(body),
        Tree::Loop { .. }
        | Tree::While { .. }
        | Tree::WhileLet { .. }
        | Tree::For { .. }
        | Tree::ForEach { .. }
        | Tree::Let { .. }
        | Tree::LetArray { .. }
        | Tree::Assign { .. }
        | Tree::Expr(_)
        | Tree::CallOnce { .. }
        | Tree::Continue
        | Tree::Return(_)
        | Tree::Assert { .. }
        | Tree::Panic { .. }
        | Tree::Assume { .. }
        | Tree::Yield
        | Tree::Progress
        | Tree::Fence { .. }
        | Tree::Pause { .. } => false,
    })
}
