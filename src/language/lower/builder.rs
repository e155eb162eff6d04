//! Emitting instructions: labels, temporaries, and what every instruction owes to the `with` around it.
//!
//! While code is built, every [`Pc`] in it is the number of a label; `tidy` turns labels into positions.

use crate::language::check::bounds;
use crate::program::{
    BinaryOp, Expr, Instr, InstrKind, Local, LocalExpr, LocalId, LocalRead, Pc, Place, Span, Type, UnaryOp,
};
use std::collections::BTreeMap;

/// A place in code that is being built; becomes a position in the end.
pub(super) type Label = Pc;

/// Code in the making.
#[derive(Debug)]
pub(super) struct Builder {
    pub(super) instrs: Vec<Instr>,
    /// Position of each label, once it is known.
    pub(super) labels: Vec<Option<usize>>,
    pub(super) locals: Vec<Local>,
    /// Where instructions go on that panic or are misuse.
    pub(super) unwind: Option<Label>,
    /// Slots that nobody uses at the moment, by name, type and width.
    free: BTreeMap<(String, Type, usize), Vec<LocalId>>,
    /// Slots taken since the beginning, in order: see [`Builder::mark`].
    taken: Vec<(LocalId, usize)>,
    /// Instructions that may still be emitted.
    budget: usize,
    /// Calls inlined so far: functions without instructions can call each other without end too.
    calls: usize,
    /// Which bound has been passed first; from then on nothing is emitted.
    pub(super) overflow: Option<Overflow>,
}

/// A bound on the size of compiled code.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Overflow {
    Instructions,
    Locals,
    Nesting,
}

impl Builder {
    /// Starts code whose first slots are these.
    pub(super) fn new(locals: Vec<Local>, budget: usize) -> Self {
        let overflow = (locals.len() > bounds::LOCALS).then_some(Overflow::Locals);
        Self {
            instrs: Vec::new(),
            labels: Vec::new(),
            locals,
            unwind: None,
            free: BTreeMap::new(),
            taken: Vec::new(),
            budget,
            calls: 0,
            overflow,
        }
    }

    pub(super) fn is_full(&self) -> bool {
        self.overflow.is_some()
    }

    pub(super) fn fail(&mut self, overflow: Overflow) {
        self.overflow = self.overflow.or(Some(overflow));
    }

    // Instructions and labels.

    pub(super) fn emit(&mut self, kind: InstrKind, span: Span) {
        if self.is_full() {
            return;
        }
        if self.instrs.len() >= self.budget {
            self.fail(Overflow::Instructions);
            return;
        }
        self.instrs.push(Instr { kind, span, unwind: self.unwind, dead: Vec::new() });
    }

    /// Counts a call; there may be as many as instructions.
    pub(super) fn count_call(&mut self) {
        self.calls += 1;
        if self.calls > self.budget {
            self.fail(Overflow::Instructions);
        }
    }

    pub(super) fn label(&mut self) -> Label {
        let label = Pc(u32::try_from(self.labels.len()).expect("code is bounded"));
        self.labels.push(None);
        label
    }

    /// Puts a label before the next instruction.
    pub(super) fn bind(&mut self, label: Label) {
        self.labels[label.index()] = Some(self.instrs.len());
    }

    pub(super) fn jump(&mut self, to: Label, span: Span) {
        self.emit(InstrKind::Jump(to), span);
    }

    /// Goes on at one of two labels; a constant decides at once.
    pub(super) fn branch(&mut self, condition: LocalExpr, then: Label, otherwise: Label, span: Span) {
        match (known(&condition), condition) {
            (Some(true), _) => self.jump(then, span),
            (Some(false), _) => self.jump(otherwise, span),
            (None, Expr::Unary(UnaryOp::Not, condition)) => self.branch(*condition, otherwise, then, span),
            (None, condition) => self.emit(InstrKind::Branch { condition, then, otherwise }, span),
        }
    }

    pub(super) fn set(&mut self, to: LocalId, value: LocalExpr, span: Span) {
        if value != read(to) {
            self.emit(InstrKind::Set { to: Place::Local(to), value }, span);
        }
    }

    // Slots.

    /// Takes slots for a local of this name, or for a temporary (without a name), until [`Builder::release`].
    pub(super) fn take(&mut self, name: &str, ty: Type, width: usize) -> LocalId {
        let free = self.free.get_mut(&(name.to_owned(), ty, width)).and_then(Vec::pop);
        if free.is_none() && self.locals.len() + width > bounds::LOCALS {
            self.fail(Overflow::Locals);
            return LocalId(0);
        }
        let slot = free.unwrap_or_else(|| {
            let slot = LocalId::new(self.locals.len());
            self.locals.extend((0..width).map(|_| Local { name: name.to_owned(), ty }));
            slot
        });
        self.taken.push((slot, width));
        slot
    }

    pub(super) fn temporary(&mut self, ty: Type) -> LocalId {
        self.take("", ty, 1)
    }

    /// Whether a value is a constant or a temporary, which nothing assigns while it is taken.
    pub(super) fn is_temporary(&self, value: &LocalExpr) -> bool {
        match value {
            Expr::Const(_) => true,
            Expr::Read(LocalRead::Local(slot)) => {
                self.locals.get(slot.index()).is_some_and(|local| local.name.is_empty())
            }
            Expr::Read(LocalRead::Element { .. })
            | Expr::Unary(..)
            | Expr::Binary(..)
            | Expr::And(..)
            | Expr::Or(..)
            | Expr::If(..) => false,
        }
    }

    /// Notes which slots are taken now.
    pub(super) fn mark(&self) -> usize {
        self.taken.len()
    }

    /// Gives back the slots taken since the mark.
    pub(super) fn release(&mut self, mark: usize) {
        for (slot, width) in self.taken.drain(mark..).rev() {
            let Local { name, ty } = self.locals[slot.index()].clone();
            self.free.entry((name, ty, width)).or_default().push(slot);
        }
    }

    // Expressions.

    /// Keeps a value in a temporary, unless it is one already.
    pub(super) fn keep(&mut self, value: LocalExpr, ty: Type, span: Span) -> LocalExpr {
        if is_simple(&value) {
            return value;
        }
        let slot = self.temporary(ty);
        self.set(slot, value, span);
        read(slot)
    }

    /// Evaluates what can panic now; what cannot may wait until it is needed.
    pub(super) fn settle(&mut self, value: LocalExpr, ty: Type, span: Span) -> LocalExpr {
        if can_fault(&value) { self.keep(value, ty, span) } else { value }
    }
}

/// Reads a slot.
pub(super) fn read(slot: LocalId) -> LocalExpr {
    Expr::Read(LocalRead::Local(slot))
}

/// The truth of a constant.
pub(super) fn known(condition: &LocalExpr) -> Option<bool> {
    if let Expr::Const(value) = condition { Some(*value != 0) } else { None }
}

/// Whether a value is a constant or a slot.
pub(super) fn is_simple(value: &LocalExpr) -> bool {
    matches!(value, Expr::Const(_) | Expr::Read(LocalRead::Local(_)))
}

/// Whether evaluating an expression can panic.
pub(super) fn can_fault(expr: &LocalExpr) -> bool {
    match expr {
        Expr::Const(_) | Expr::Read(LocalRead::Local(_)) => false,
        Expr::Read(LocalRead::Element { .. }) | Expr::Unary(UnaryOp::Negate, _) => true,
        Expr::Unary(UnaryOp::Not, a) => can_fault(a),
        Expr::Binary(op, a, b) => match op {
            BinaryOp::Add
            | BinaryOp::Subtract
            | BinaryOp::Multiply
            | BinaryOp::Divide
            | BinaryOp::Remainder
            | BinaryOp::ShiftLeft
            | BinaryOp::ShiftRight => true,
            BinaryOp::BitAnd
            | BinaryOp::BitOr
            | BinaryOp::BitXor
            | BinaryOp::Equal
            | BinaryOp::NotEqual
            | BinaryOp::Less
            | BinaryOp::LessOrEqual
            | BinaryOp::Greater
            | BinaryOp::GreaterOrEqual => can_fault(a) || can_fault(b),
        },
        Expr::And(a, b) | Expr::Or(a, b) => can_fault(a) || can_fault(b),
        Expr::If(condition, a, b) => can_fault(condition) || can_fault(a) || can_fault(b),
    }
}
