//! The two sides of a race.

use crate::program::{Pc, ThreadId};
use serde::{Deserialize, Serialize};

/// One side of a race.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct Access {
    /// Who.
    pub thread: ThreadId,
    /// Where.
    pub pc: Pc,
    /// Read or write.
    pub kind: AccessKind,
}

/// What an access does to memory.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccessKind {
    /// It reads.
    Read,
    /// It writes (or reads and writes).
    Write,
}
