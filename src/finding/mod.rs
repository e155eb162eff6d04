//! Shared plain results: what happened (events, traces), what was found, and what was searched.
//!
//! Every engine returns an [`Evidence`] in these terms, whatever it ran on; it can cross a process border as JSON. This
//! module computes nothing and prints nothing.

mod access;
mod blocked;
mod coverage;
mod detail;
mod event;
mod evidence;
mod identity;
mod misuse;
mod outcome;
mod trace;

pub use access::{Access, AccessKind};
pub use blocked::{BlockCause, Blocked};
pub use coverage::{Coverage, LimitHit, Unsupported};
pub use detail::{DeadlockScope, Detail, Idle};
pub use event::{Event, Phase, Returned, Target};
pub use evidence::{Counts, EngineName, Evidence, OtherEnds, Sample};
pub use identity::{Finding, FindingKey, Statement, Symptom};
pub use misuse::Misuse;
pub use outcome::Outcome;
pub use trace::{Emulated, Leastness, Replay, ReplayEnd, Trace};
