//! `match`, `if let`, `while let` and `is`: what is looked at, the patterns, and whether they cover every case.

use super::body::{BodyChecker, method_name};
use super::error;
use crate::language::checked::{
    Block, BodyExpr, BodyLeaf, Expr, ExprKind, Gives, Operation, ResultArm, StmtKind, ValueArm,
};
use crate::language::tree::{self, Pattern, PatternKind};
use crate::language::types::Ty;
use crate::program::{ResultTag, Span, Type, Value};
use std::collections::BTreeSet;

/// What a `match`, an `if let` or an `is` looks at.
pub(super) enum Scrutinee {
    Result { operation: Operation, cases: &'static [ResultTag], payload: Option<Ty> },
    Value(BodyExpr),
}

impl BodyChecker<'_, '_> {
    /// What a pattern is matched against. `None` where an error has been reported.
    pub(super) fn scrutinee(&mut self, expr: &tree::Expr) -> Option<Scrutinee> {
        if !matches!(expr.kind, tree::ExprKind::Method { .. }) {
            let value = self.value(expr);
            return (!self.checker.types.is_broken(value.ty)).then_some(Scrutinee::Value(value));
        }
        let (operation, gives) = self.operation(expr)?;
        match gives {
            Gives::Result { cases, payload } => Some(Scrutinee::Result { operation, cases, payload }),
            Gives::Value(ty) => {
                let leaf = BodyLeaf::Operation(Box::new(operation));
                Some(Scrutinee::Value(Expr::new(ExprKind::Leaf(leaf), ty, expr.span)))
            }
            Gives::Nothing => {
                self.error(error::gives_nothing(&format!("`{}`", method_name(expr)), expr.span, ""));
                None
            }
        }
    }

    /// The cases of a result that a pattern covers.
    pub(super) fn result_pattern(
        &mut self,
        pattern: &Pattern,
        operation: &str,
        cases: &'static [ResultTag],
    ) -> Vec<ResultTag> {
        let tag = match &pattern.kind {
            PatternKind::Any => return cases.to_vec(),
            PatternKind::Some(_) => ResultTag::Some,
            PatternKind::None => ResultTag::None,
            PatternKind::Closed => ResultTag::Closed,
            PatternKind::Timeout => ResultTag::Timeout,
            PatternKind::Poisoned => ResultTag::Poisoned,
            PatternKind::Failed(_) => ResultTag::Failed,
            PatternKind::Value(_) => {
                self.error(error::value_pattern_on_result(pattern.span));
                return Vec::new();
            }
        };
        if !cases.contains(&tag) {
            let words: Vec<&str> = cases.iter().map(|tag| tag.word()).collect();
            self.error(error::impossible_case(pattern.span, operation, tag.word(), &error::one_of(&words)));
        }
        vec![tag]
    }

    /// The constant of a pattern on a value; `None` is `_`, or an error that has been reported.
    pub(super) fn value_pattern(&mut self, pattern: &Pattern, ty: Ty) -> Option<i64> {
        match &pattern.kind {
            PatternKind::Any => None,
            PatternKind::Value(value) => {
                let constant = self.checker.constant(value)?;
                if !self.checker.types.unify(ty, Ty::of(constant.ty())) {
                    let expected = self.checker.types.decided(ty);
                    self.error(error::mismatch(pattern.span, expected, constant.ty(), "this pattern"));
                }
                Some(constant.slot())
            }
            PatternKind::Some(_)
            | PatternKind::None
            | PatternKind::Closed
            | PatternKind::Timeout
            | PatternKind::Poisoned
            | PatternKind::Failed(_) => {
                self.error(error::result_pattern_on_value(pattern.span));
                None
            }
        }
    }

    /// An arm in a scope with what its pattern names; `payload` is the type of that.
    pub(super) fn arm(&mut self, pattern: &Pattern, payload: Option<Ty>, body: &tree::Block) -> (Option<usize>, Block) {
        self.open_scope();
        let bind = match &pattern.kind {
            PatternKind::Some(Some(name)) | PatternKind::Failed(Some(name)) => {
                Some(self.declare(name, payload.unwrap_or(Ty::BROKEN), None))
            }
            PatternKind::Some(None)
            | PatternKind::Failed(None)
            | PatternKind::Any
            | PatternKind::None
            | PatternKind::Closed
            | PatternKind::Timeout
            | PatternKind::Poisoned
            | PatternKind::Value(_) => None,
        };
        let body = self.block(body);
        self.close_scope();
        (bind, body)
    }

    pub(super) fn result_arm(
        &mut self,
        pattern: &Pattern,
        operation: &str,
        cases: &'static [ResultTag],
        payload: Option<Ty>,
        body: &tree::Block,
    ) -> ResultArm {
        let tags = self.result_pattern(pattern, operation, cases);
        let has_value = tags != [ResultTag::Failed] || says_what_failed(operation);
        let payload = payload.filter(|_| has_value);
        let (bind, body) = self.arm(pattern, payload, body);
        if let (Some(_), None, [tag]) = (bind, payload, tags.as_slice()) {
            self.error(error::case_without_value(pattern.span, operation, tag.word()));
        }
        ResultArm { tags, bind, body }
    }

    pub(super) fn if_let(
        &mut self,
        pattern: &Pattern,
        value: &tree::Expr,
        then: &tree::Block,
        otherwise: Option<&tree::Block>,
    ) -> Option<StmtKind> {
        self.match_or(pattern, value, then, |cx| otherwise.map(|block| cx.block(block)).unwrap_or_default())
    }

    /// A match with two arms: a pattern, and everything else.
    pub(super) fn match_or(
        &mut self,
        pattern: &Pattern,
        value: &tree::Expr,
        body: &tree::Block,
        otherwise: impl FnOnce(&mut Self) -> Block,
    ) -> Option<StmtKind> {
        match self.scrutinee(value) {
            None => {
                self.arm(pattern, None, body);
                otherwise(self);
                None
            }
            Some(Scrutinee::Result { operation, cases, payload }) => {
                let arm = self.result_arm(pattern, method_name(value), cases, payload, body);
                let rest = ResultArm { tags: cases.to_vec(), bind: None, body: otherwise(self) };
                Some(StmtKind::MatchResult { operation, arms: vec![arm, rest] })
            }
            Some(Scrutinee::Value(value)) => {
                let constant = self.value_pattern(pattern, value.ty);
                let (_, body) = self.arm(pattern, None, body);
                let rest = ValueArm { value: None, body: otherwise(self) };
                let arms = vec![ValueArm { value: constant, body }, rest];
                Some(StmtKind::MatchValue { value, arms })
            }
        }
    }

    pub(super) fn match_(&mut self, value: &tree::Expr, arms: &[tree::Arm], span: Span) -> Option<StmtKind> {
        match self.scrutinee(value) {
            None => {
                for arm in arms {
                    self.arm(&arm.pattern, None, &arm.body);
                }
                None
            }
            Some(Scrutinee::Result { operation, cases, payload }) => {
                let name = method_name(value);
                let before = self.checker.errors.len();
                let arms: Vec<ResultArm> =
                    arms.iter().map(|arm| self.result_arm(&arm.pattern, name, cases, payload, &arm.body)).collect();
                let missing: Vec<&str> = cases
                    .iter()
                    .filter(|case| !arms.iter().any(|arm| arm.tags.contains(case)))
                    .map(|case| case.word())
                    .collect();
                if !missing.is_empty() && self.checker.errors.len() == before {
                    self.error(error::not_all_cases(span, &error::list(&missing)));
                }
                Some(StmtKind::MatchResult { operation, arms })
            }
            Some(Scrutinee::Value(value)) => Some(self.match_value(value, arms, span)),
        }
    }

    pub(super) fn match_value(&mut self, value: BodyExpr, arms: &[tree::Arm], span: Span) -> StmtKind {
        let before = self.checker.errors.len();
        let mut covered = BTreeSet::new();
        let mut has_rest = false;
        let mut checked = Vec::with_capacity(arms.len());
        for arm in arms {
            let constant = self.value_pattern(&arm.pattern, value.ty);
            has_rest |= matches!(arm.pattern.kind, PatternKind::Any);
            covered.extend(constant);
            let (_, body) = self.arm(&arm.pattern, None, &arm.body);
            checked.push(ValueArm { value: constant, body });
        }
        let missing = match self.checker.types.decided(value.ty) {
            Type::Int => (!has_rest).then(|| "every integer".to_owned()),
            Type::Bool => [false, true]
                .into_iter()
                .find(|case| !has_rest && !covered.contains(&Value::Bool(*case).slot()))
                .map(|case| format!("`{case}`")),
        };
        if let (Some(missing), true) = (missing, self.checker.errors.len() == before) {
            self.error(error::not_all_cases(span, &missing));
        }
        StmtKind::MatchValue { value, arms: checked }
    }
}

/// Whether an operation that fails gives a value: a compare-exchange what it has seen, a receive from a broadcast how
/// much was missed. A barrier and a `join` only say that they failed.
fn says_what_failed(operation: &str) -> bool {
    matches!(operation, "compare_exchange" | "compare_exchange_weak" | "recv" | "try_recv" | "recv_timeout")
}
