//! Expressions, generic over what their leaves may read.
//!
//! In a thread, every read of a shared object is an instruction of its own (a visible step), so [`LocalExpr`] reads
//! locals only. Properties look at a whole state at once: [`StateExpr`] reads objects.

use super::{BinaryOp, Fault, LocalId, ObjectId, ThreadId, UnaryOp};
use serde::{Deserialize, Serialize};
use std::fmt;

/// What a value is; given by the first value of a local, variable or atomic.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Type {
    /// A 64-bit signed integer.
    Int,
    /// `true` or `false`, stored as 1 and 0.
    Bool,
}

/// A value with its type, as people read it. As data it is a number or a Boolean.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Value {
    /// An integer.
    Int(i64),
    /// A Boolean.
    Bool(bool),
}

impl Type {
    /// Reads a slot of this type.
    #[must_use]
    pub fn value(self, slot: i64) -> Value {
        match self {
            Type::Int => Value::Int(slot),
            Type::Bool => Value::Bool(slot != 0),
        }
    }
}

impl Value {
    /// The slot that stores it.
    #[must_use]
    pub fn slot(self) -> i64 {
        match self {
            Value::Int(value) => value,
            Value::Bool(value) => i64::from(value),
        }
    }

    /// Its type.
    #[must_use]
    pub fn ty(self) -> Type {
        match self {
            Value::Int(_) => Type::Int,
            Value::Bool(_) => Type::Bool,
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Int(value) => write!(f, "{value}"),
            Value::Bool(value) => write!(f, "{value}"),
        }
    }
}

/// An expression whose leaves are constants and reads of type `L`. Evaluated left to right.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub enum Expr<L> {
    /// A constant slot (Booleans as 0 and 1).
    Const(i64),
    /// A leaf.
    Read(L),
    /// `op a`
    Unary(UnaryOp, Box<Expr<L>>),
    /// `a op b`
    Binary(BinaryOp, Box<Expr<L>>, Box<Expr<L>>),
    /// `a && b`: `b` is evaluated only where `a` is true.
    And(Box<Expr<L>>, Box<Expr<L>>),
    /// `a || b`: `b` is evaluated only where `a` is false.
    Or(Box<Expr<L>>, Box<Expr<L>>),
    /// `if c { a } else { b }`
    If(Box<Expr<L>>, Box<Expr<L>>, Box<Expr<L>>),
}

/// An expression of a thread.
pub type LocalExpr = Expr<LocalRead>;
/// An expression of a property.
pub type StateExpr = Expr<StateRead>;

/// A leaf of a thread's expression.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub enum LocalRead {
    /// A local.
    Local(LocalId),
    /// An element of a local array that occupies `len` locals from `base`.
    Element {
        /// Element 0.
        base: LocalId,
        /// Number of elements.
        len: u32,
        /// Which; outside `0..len` it is a fault.
        index: Box<LocalExpr>,
    },
}

/// A leaf of a property's expression.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub enum StateRead {
    /// The value of a variable or an atomic, or the permits of a semaphore.
    Object(ObjectRef<StateRead>),
    /// Number of messages in a channel.
    Length(ObjectRef<StateRead>),
    /// Whether a mutex is held.
    IsLocked(ObjectRef<StateRead>),
    /// A local declared at the top level of a thread; [`Fault::Unassigned`] before its first assignment.
    Local {
        /// Whose.
        thread: ThreadId,
        /// Which.
        local: LocalId,
        /// The local that is 1 once `local` was assigned.
        assigned: LocalId,
    },
}

/// An object, or an element of an array of objects.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct ObjectRef<L> {
    /// The object, or element 0 of the array.
    pub base: ObjectId,
    /// Number of elements; 1 for a single object.
    pub len: u32,
    /// Which element; `None` for a single object.
    pub index: Option<Box<Expr<L>>>,
}

impl<L> Expr<L> {
    /// Evaluates the expression; `read` answers its leaves, from left to right.
    ///
    /// # Errors
    /// The first [`Fault`] of an operator or of `read`.
    pub fn eval(&self, read: &mut impl FnMut(&L) -> Result<i64, Fault>) -> Result<i64, Fault> {
        match self {
            Expr::Const(value) => Ok(*value),
            Expr::Read(leaf) => read(leaf),
            Expr::Unary(op, a) => op.apply(a.eval(read)?),
            Expr::Binary(op, a, b) => {
                let a = a.eval(read)?;
                op.apply(a, b.eval(read)?)
            }
            Expr::And(a, b) => Ok(i64::from(a.eval(read)? != 0 && b.eval(read)? != 0)),
            Expr::Or(a, b) => Ok(i64::from(a.eval(read)? != 0 || b.eval(read)? != 0)),
            Expr::If(condition, a, b) => {
                if condition.eval(read)? != 0 {
                    a.eval(read)
                } else {
                    b.eval(read)
                }
            }
        }
    }
}

impl LocalExpr {
    /// Evaluates the expression over a thread's locals.
    ///
    /// # Errors
    /// The first [`Fault`].
    pub fn eval_locals(&self, locals: &[i64]) -> Result<i64, Fault> {
        self.eval(&mut |leaf| match leaf {
            LocalRead::Local(local) => Ok(locals[local.index()]),
            LocalRead::Element { base, len, index } => {
                Ok(locals[base.index() + element(index.eval_locals(locals)?, *len)?])
            }
        })
    }
}

impl<L> ObjectRef<L> {
    /// The object meant, given the value of `index` (ignored for a single object).
    ///
    /// # Errors
    /// [`Fault::IndexOutOfRange`].
    pub fn at(&self, index: i64) -> Result<ObjectId, Fault> {
        match self.index {
            None => Ok(self.base),
            Some(_) => Ok(ObjectId::new(self.base.index() + element(index, self.len)?)),
        }
    }
}

impl ObjectRef<LocalRead> {
    /// The object meant, given a thread's locals.
    ///
    /// # Errors
    /// A fault of the index expression, or [`Fault::IndexOutOfRange`].
    pub fn resolve(&self, locals: &[i64]) -> Result<ObjectId, Fault> {
        match &self.index {
            None => Ok(self.base),
            Some(index) => self.at(index.eval_locals(locals)?),
        }
    }
}

/// The position of an element, if it exists.
pub(super) fn element(index: i64, len: u32) -> Result<usize, Fault> {
    match u32::try_from(index) {
        Ok(position) if position < len => Ok(usize::try_from(position).expect("u32 fits into usize")),
        _ => Err(Fault::IndexOutOfRange { index, len }),
    }
}
