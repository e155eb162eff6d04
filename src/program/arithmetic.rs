//! Integer arithmetic: one definition for constants, semantics and engines.
//!
//! Values are 64-bit signed integers; Booleans are 0 and 1. Whatever Rust's debug build would panic on is a [`Fault`].

use serde::{Deserialize, Serialize};
use std::fmt;

/// An operator with one operand.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub enum UnaryOp {
    /// `-a`
    Negate,
    /// `!a` on a Boolean.
    Not,
}

/// A strict operator with two operands (`&&` and `||` are not strict: see [`Expr`](super::Expr)).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub enum BinaryOp {
    /// `a + b`
    Add,
    /// `a - b`
    Subtract,
    /// `a * b`
    Multiply,
    /// `a / b`, towards zero.
    Divide,
    /// `a % b`, with the sign of `a`.
    Remainder,
    /// `a & b`
    BitAnd,
    /// `a | b`
    BitOr,
    /// `a ^ b`
    BitXor,
    /// `a << b`, `b` in `0..64`.
    ShiftLeft,
    /// `a >> b`, arithmetic, `b` in `0..64`.
    ShiftRight,
    /// `a == b`
    Equal,
    /// `a != b`
    NotEqual,
    /// `a < b`
    Less,
    /// `a <= b`
    LessOrEqual,
    /// `a > b`
    Greater,
    /// `a >= b`
    GreaterOrEqual,
}

/// Why an expression has no value; ends the thread as a `panic`.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub enum Fault {
    /// The result does not fit into 64 bits, or a shift is not in `0..64`.
    Overflow,
    /// Division or remainder by zero.
    DivisionByZero,
    /// An index outside an array.
    IndexOutOfRange {
        /// The index asked for.
        index: i64,
        /// Number of elements.
        len: u32,
    },
    /// `choose` from an empty range.
    EmptyChoice,
    /// A handle from a local array that was never assigned.
    NoThread,
    /// A property reads a local that was never assigned on that path.
    Unassigned,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fault::Overflow => write!(f, "the result does not fit into 64 bits"),
            Fault::DivisionByZero => write!(f, "division by zero"),
            Fault::IndexOutOfRange { index, len } => write!(f, "index {index} is outside 0..{len}"),
            Fault::EmptyChoice => write!(f, "`choose` from an empty range"),
            Fault::NoThread => write!(f, "the handle is that of no thread"),
            Fault::Unassigned => write!(f, "the local was never assigned on this path"),
        }
    }
}

impl std::error::Error for Fault {}

impl UnaryOp {
    /// Applies the operator.
    ///
    /// # Errors
    /// [`Fault::Overflow`] for `-i64::MIN`.
    #[inline]
    pub fn apply(self, a: i64) -> Result<i64, Fault> {
        match self {
            UnaryOp::Negate => a.checked_neg().ok_or(Fault::Overflow),
            UnaryOp::Not => Ok(i64::from(a == 0)),
        }
    }
}

impl BinaryOp {
    /// Applies the operator.
    ///
    /// # Errors
    /// [`Fault::Overflow`] and [`Fault::DivisionByZero`].
    #[inline]
    pub fn apply(self, a: i64, b: i64) -> Result<i64, Fault> {
        let exact = |value: Option<i64>| value.ok_or(Fault::Overflow);
        let truth = |value: bool| Ok(i64::from(value));
        match self {
            BinaryOp::Add => exact(a.checked_add(b)),
            BinaryOp::Subtract => exact(a.checked_sub(b)),
            BinaryOp::Multiply => exact(a.checked_mul(b)),
            BinaryOp::Divide if b == 0 => Err(Fault::DivisionByZero),
            BinaryOp::Divide => exact(a.checked_div(b)),
            BinaryOp::Remainder if b == 0 => Err(Fault::DivisionByZero),
            BinaryOp::Remainder => exact(a.checked_rem(b)),
            BinaryOp::BitAnd => Ok(a & b),
            BinaryOp::BitOr => Ok(a | b),
            BinaryOp::BitXor => Ok(a ^ b),
            BinaryOp::ShiftLeft => exact(shift(b).and_then(|bits| a.checked_shl(bits))),
            BinaryOp::ShiftRight => exact(shift(b).and_then(|bits| a.checked_shr(bits))),
            BinaryOp::Equal => truth(a == b),
            BinaryOp::NotEqual => truth(a != b),
            BinaryOp::Less => truth(a < b),
            BinaryOp::LessOrEqual => truth(a <= b),
            BinaryOp::Greater => truth(a > b),
            BinaryOp::GreaterOrEqual => truth(a >= b),
        }
    }
}

impl BinaryOp {
    /// The operator as it is written.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            BinaryOp::Add => "+",
            BinaryOp::Subtract => "-",
            BinaryOp::Multiply => "*",
            BinaryOp::Divide => "/",
            BinaryOp::Remainder => "%",
            BinaryOp::BitAnd => "&",
            BinaryOp::BitOr => "|",
            BinaryOp::BitXor => "^",
            BinaryOp::ShiftLeft => "<<",
            BinaryOp::ShiftRight => ">>",
            BinaryOp::Equal => "==",
            BinaryOp::NotEqual => "!=",
            BinaryOp::Less => "<",
            BinaryOp::LessOrEqual => "<=",
            BinaryOp::Greater => ">",
            BinaryOp::GreaterOrEqual => ">=",
        }
    }
}

/// The number of bits to shift by, if it is one.
fn shift(bits: i64) -> Option<u32> {
    u32::try_from(bits).ok().filter(|bits| *bits < 64)
}
