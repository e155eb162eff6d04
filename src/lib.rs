//! Interleaver: small text scenarios of concurrent programs, explored on several independent engines.

pub mod engine;
pub mod explain;
pub mod explore;
pub mod finding;
pub mod judgement;
pub mod language;
pub mod limits;
pub mod program;
pub mod report;
pub mod schedule;
pub mod semantics;
