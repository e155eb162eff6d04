//! The native checker: explores all interleavings of a program and collects every distinct finding.

mod replay;
mod system;

pub use replay::{Diverged, Replayed, replay};
pub use system::{Arrival, System};
