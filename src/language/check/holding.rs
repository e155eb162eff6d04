//! `with`: what can be held for the length of a block.

use super::body::BodyChecker;
use super::error;
use super::function::Obstacle;
use super::names::one;
use crate::language::checked::{BodyObject, Held, ObjectKind, StmtKind};
use crate::language::tree;
use crate::program::{MutexKind, Span};

impl BodyChecker<'_, '_> {
    pub(super) fn with(&mut self, object: &tree::Expr, body: &tree::Block, span: Span) -> Option<StmtKind> {
        let found = self.held(object);
        self.uses.obstacle(Obstacle::new(span, "`with`", "it can block"));
        self.held.push(self.checker.text(object.span).to_owned());
        let checked = self.block(body);
        self.held.pop();
        let (object, held) = found?;
        let end = Span::new(body.span.end.saturating_sub(1), body.span.end);
        Some(StmtKind::With { object, held, body: checked, end })
    }

    /// What a `with` takes: `m`, `s`, `l.read()`, `l.write()`.
    pub(super) fn held(&mut self, taken: &tree::Expr) -> Option<(BodyObject, Held)> {
        let (object, side) = match side_of(taken) {
            Some((lock, side)) => (lock, Some(side)),
            None => (taken, None),
        };
        let (index, used) = self.object(object, error::not_for_with)?;
        let declared = &self.checker.objects[index];
        let held = match (&declared.kind, side) {
            (ObjectKind::Mutex(MutexKind::Poisoning), None) => Held::PoisoningMutex,
            (ObjectKind::Mutex(MutexKind::Plain | MutexKind::Reentrant | MutexKind::Fifo), None) => Held::Mutex,
            (ObjectKind::Semaphore { .. }, None) => Held::Permit,
            (ObjectKind::RwLock(_), Some(side)) => side,
            (ObjectKind::RwLock(_), None) => {
                let error = error::with_rwlock(object.span, self.checker.text(object.span), declared.declared);
                self.error(error);
                return None;
            }
            (kind, side) => {
                let what = if side.is_some() { "an operation" } else { one(kind) };
                let error = error::not_for_with(taken.span, what, Some(declared.declared));
                self.error(error);
                return None;
            }
        };
        Some((used, held))
    }
}

/// The reader-writer lock and the side of it in `l.read()`, `l.write()`.
fn side_of(taken: &tree::Expr) -> Option<(&tree::Expr, Held)> {
    let tree::ExprKind::Method { receiver, method, args } = &taken.kind else { return None };
    let side = match method.name.as_str() {
        "read" => Held::Read,
        "write" => Held::Write,
        _ => return None,
    };
    args.is_empty().then_some((receiver.as_ref(), side))
}
