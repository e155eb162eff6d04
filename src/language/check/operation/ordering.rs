//! The memory ordering of an atomic operation or a fence, and where each may stand.

use crate::language::check::body::BodyChecker;
use crate::language::check::{error, name_of};
use crate::language::suggest::nearest;
use crate::language::tree;
use crate::program::{Ordering, Span};

impl BodyChecker<'_, '_> {
    pub(super) fn ordering(&mut self, expr: Option<&tree::Expr>, access: Access) -> Option<Ordering> {
        let Some(expr) = expr else { return Some(Ordering::SeqCst) };
        if matches!(expr.kind, tree::ExprKind::Error) {
            return None;
        }
        self.ordering_word(name_of(expr).unwrap_or(""), expr.span, access)
    }

    /// An ordering by its word, checked for what it is used on.
    pub(in crate::language::check) fn ordering_word(
        &mut self,
        word: &str,
        span: Span,
        access: Access,
    ) -> Option<Ordering> {
        let ordering = match word {
            "plain" => Ordering::Plain,
            "relaxed" => Ordering::Relaxed,
            "acquire" => Ordering::Acquire,
            "release" => Ordering::Release,
            "acq_rel" => Ordering::AcqRel,
            "seq_cst" => Ordering::SeqCst,
            other => {
                self.error(error::unknown_ordering(span, nearest(other, ORDERINGS)));
                return None;
            }
        };
        let (what, allowed) = access.allowed();
        if !allowed.contains(&word) {
            self.error(error::bad_ordering(word, span, what, allowed));
            return None;
        }
        if !matches!(ordering, Ordering::Plain | Ordering::SeqCst) {
            self.checker.weak_ordering = true;
        }
        Some(ordering)
    }
}

pub(super) const ORDERINGS: [&str; 6] = ["relaxed", "acquire", "release", "acq_rel", "seq_cst", "plain"];

/// What an ordering is used on.
#[derive(Clone, Copy, Debug)]
pub(in crate::language::check) enum Access {
    Load,
    Store,
    ReadModifyWrite,
    FailedExchange,
    Fence,
}

impl Access {
    /// The orderings it can have, as in Rust.
    fn allowed(self) -> (&'static str, &'static [&'static str]) {
        match self {
            Access::Load => ("a load", &["relaxed", "acquire", "seq_cst", "plain"]),
            Access::Store => ("a store", &["relaxed", "release", "seq_cst", "plain"]),
            Access::ReadModifyWrite => {
                ("a read-modify-write", &["relaxed", "acquire", "release", "acq_rel", "seq_cst"])
            }
            Access::FailedExchange => ("a failed exchange, which only loads,", &["relaxed", "acquire", "seq_cst"]),
            Access::Fence => ("a fence", &["acquire", "release", "acq_rel", "seq_cst"]),
        }
    }
}
