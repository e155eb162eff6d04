//! The harness that other crates use from their own `cargo test`: every scenario × engine is a test.
//!
//! A crate that has files in its own `scenarios/` writes two lines in `tests/scenarios.rs`,
//!
//! ```no_run
//! //! One test per scenario and engine.
//! fn main() -> std::process::ExitCode { interleaver::testing::main() }
//! ```
//!
//! and these in its `Cargo.toml`:
//!
//! ```toml
//! [dev-dependencies]
//! interleaver = "0.1"
//!
//! [[test]]
//! name = "scenarios"
//! harness = false
//! ```
//!
//! `scenarios/condvar/lost_wakeup.ilv` is then tested by
//!
//! - `condvar/lost_wakeup::native`: exploring it finds what its `expect` lines say,
//! - `condvar/lost_wakeup::loom`, `::shuttle`, `::threads`: that engine does not contradict the native checker; listed
//!   as ignored, with the reason, where it cannot express the scenario,
//! - `condvar/lost_wakeup::snapshot`: the report is the one in `snapshots/condvar/lost_wakeup.snap`,
//!
//! and `snapshots::orphans` and `snapshots::pending` see to it that scenarios and snapshots belong together one to one.
//! The names are stable; `cargo test` and `cargo nextest` list, filter and run them like any other test.
//!
//! Decides nothing about scenarios: `judgement` and `engine::agreement` do.

mod message;
mod package;
mod snapshot;
mod subject;
mod trials;

use crate::engine::isolate;
use libtest_mimic::Arguments;
use package::Package;
use std::process::ExitCode;

/// The whole `main` of a test target with `harness = false`.
///
/// Looks for scenarios in the folder `scenarios` of the package under test, which `cargo test` and `cargo nextest` name
/// in the environment (`CARGO_MANIFEST_DIR`); without them, of the current folder. A folder without scenarios fails.
#[must_use]
pub fn main() -> ExitCode {
    if let Some(code) = isolate::serve_if_asked().or_else(snapshot::serve_if_asked) {
        return code;
    }
    let mut arguments = Arguments::from_args();
    let package = Package::under_test();
    let trials = match package.subjects() {
        Ok(subjects) => trials::all(&package, subjects),
        Err(reason) => {
            // Whatever was asked for: that nothing is tested must not look like success.
            arguments.filter = None;
            arguments.skip.clear();
            arguments.ignored = false;
            vec![trials::nothing_to_test(reason)]
        }
    };
    libtest_mimic::run(&arguments, trials).exit_code()
}
