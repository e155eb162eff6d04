//! Interleaver: small text scenarios of concurrent programs, explored on several independent engines.
//!
//! A scenario is one file that describes one concurrent setup and says what exploring it must find. Each engine runs
//! the same compiled program in its own way; the native checker's verdict decides, the others are witnesses.
//!
//! # The map of the house
//!
//! Data flows one way, from text to report:
//!
//! - [`language`]: from the text of a scenario to a program or to diagnostics. Knows nothing of execution.
//! - [`program`]: the compiled form that every engine runs. Plain data; imports nothing of ours.
//! - [`semantics`]: the one definition of execution, `choices` and `step`, one file per primitive. Pure.
//! - [`explore`]: the native checker: all interleavings of a program. Never names a primitive.
//! - [`engine`]: the other engines, each an independent witness that sees nothing of the native side, and their
//!   agreement.
//! - [`judgement`]: verdicts, and expectations against evidence: is this file as expected?
//! - [`explain`]: from findings to reasons: who waits for what, which accesses race, what a trace looks like.
//! - [`report`]: one report value and its printers. Never computes.
//! - [`cli`]: the command: arguments, files, workers, terminal.
//!
//! Around them:
//!
//! - [`scenario`]: scenario files, found and loaded.
//! - [`testing`]: every scenario × engine as a test of `cargo test`, in this package and in others.
//!
//! What all of them share:
//!
//! - [`finding`]: what happened, what was found, what was searched.
//! - [`schedule`]: everything that the world decides, as one readable line.
//! - [`limits`]: how far a search may go, and who watches it.
//!
//! Nothing here reads a clock, depends on hash order or prints by itself: the same file gives the same bytes. Only the
//! command, the reports and the engines that run on real threads know the system at all. `tests/tidy` checks this map
//! and every arrow on it.

pub mod cli;
pub mod engine;
pub mod explain;
pub mod explore;
pub mod finding;
pub mod judgement;
pub mod language;
pub mod limits;
pub mod program;
pub mod report;
pub mod scenario;
pub mod schedule;
pub mod semantics;
pub mod testing;

/// Compiles the Rust in the README.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
#[derive(Debug)]
pub struct Readme;
