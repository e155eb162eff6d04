//! The native checker: explores all interleavings of a program and collects every distinct finding.

mod system;

pub use system::{Arrival, System};
