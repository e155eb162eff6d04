//! Frames of inlined functions: where the locals of each are, and how calls and returns go.

use super::Lowerer;
use super::builder::{is_simple, read};
use super::scope::Scope;
use crate::language::checked::{Body, BodyExpr, LocalIndex};
use crate::program::{Expr, LocalExpr, LocalId, LocalRead, Span};

/// Where a local is.
#[derive(Clone, Debug)]
pub(super) enum Binding {
    /// In a slot of its own; for a local array element 0.
    Slot(LocalId),
    /// A parameter that nothing assigns: what it was called with.
    Value(LocalExpr),
}

/// The locals of a thread or of a call of a function.
#[derive(Debug)]
pub(super) struct Frame<'c> {
    body: &'c Body,
    bindings: Vec<Binding>,
}

impl<'c> Frame<'c> {
    /// The frame of a thread: locals in order from slot 0.
    pub(super) fn of_thread(body: &'c Body) -> Self {
        let (slots, _) = body.layout();
        Self { body, bindings: slots.into_iter().map(Binding::Slot).collect() }
    }
}

impl<'c> Lowerer<'c> {
    fn frame(&self) -> &Frame<'c> {
        self.frames.last().expect("the frame of the thread")
    }

    pub(super) fn binding(&self, local: LocalIndex) -> &Binding {
        &self.frame().bindings[local]
    }

    pub(super) fn is_assigned_again(&self, local: LocalIndex) -> bool {
        self.frame().body.locals[local].assigned_again
    }

    /// The slot of a local that is assigned.
    pub(super) fn slot(&self, local: LocalIndex) -> LocalId {
        match self.binding(local) {
            Binding::Slot(slot) => *slot,
            Binding::Value(_) => unreachable!("parameters that are assigned have slots"),
        }
    }

    /// Element 0 and length of a local array.
    pub(super) fn array(&self, array: LocalIndex) -> (LocalId, u32) {
        let len = self.frame().body.locals[array].len.expect("only local arrays are indexed");
        (self.slot(array), len)
    }

    /// Inlines a call whose value is needed; gives what reads it. `to` is where it may be put at once.
    pub(super) fn call_for_value(
        &mut self,
        function: usize,
        args: &[BodyExpr],
        span: Span,
        to: Option<LocalId>,
    ) -> LocalExpr {
        let values: Vec<LocalExpr> = args.iter().map(|arg| self.operand(arg)).collect();
        // The arguments are read until the function has returned.
        let free = to.filter(|to| !values.iter().any(|value| is_slot(value, *to)));
        let to = free.unwrap_or_else(|| {
            let ty = self.functions[function].value.expect("only functions with a value are used as values");
            self.builder.temporary(self.types.decided(ty))
        });
        self.inline(function, values, span, Some(to));
        read(to)
    }

    /// Inlines a call whose value, if there is one, nobody needs.
    pub(super) fn call(&mut self, function: usize, args: &[BodyExpr], span: Span) {
        let values: Vec<LocalExpr> = args.iter().map(|arg| self.operand(arg)).collect();
        self.inline(function, values, span, None);
    }

    fn inline(&mut self, function: usize, args: Vec<LocalExpr>, span: Span, value: Option<LocalId>) {
        if !self.enter() {
            return;
        }
        self.builder.count_call();
        let mark = self.builder.mark();
        let callee = &self.functions[function];
        let mut args = args.into_iter();
        let mut bindings = Vec::with_capacity(callee.body.locals.len());
        for (position, local) in callee.body.locals.iter().enumerate() {
            let given = if position < callee.parameters { args.next() } else { None };
            bindings.push(match given {
                Some(value) if is_simple(&value) && !local.assigned_again => Binding::Value(value),
                given => {
                    let slot = self.builder.take(&local.name, self.types.decided(local.ty), local.width());
                    if let Some(value) = given {
                        self.builder.set(slot, value, span);
                    }
                    Binding::Slot(slot)
                }
            });
        }
        let is_outermost = self.frames.len() == 1;
        if is_outermost {
            self.calling = Some((function, span));
        }
        self.frames.push(Frame { body: &callee.body, bindings });
        let end = self.builder.label();
        self.scopes.push(Scope::Function { end, value });
        self.block(&callee.body.block);
        self.scopes.pop();
        self.frames.pop();
        self.builder.bind(end);
        if is_outermost && !self.builder.is_full() {
            self.calling = None;
        }
        self.builder.release(mark);
        self.leave_level();
    }
}

/// Whether an expression is exactly this slot.
pub(super) fn is_slot(expr: &LocalExpr, slot: LocalId) -> bool {
    matches!(expr, Expr::Read(LocalRead::Local(read)) if *read == slot)
}
