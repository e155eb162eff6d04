//! Interleaver: small text scenarios of concurrent programs, explored on several independent engines.

pub mod engine;
pub mod explore;
pub mod finding;
pub mod language;
pub mod limits;
pub mod program;
pub mod schedule;
pub mod semantics;
