//! Independent witnesses: each engine runs the same `Program` in its own way and returns the same kind of evidence.
//!
//! An engine imports `program`, `finding`, `schedule` and `limits`, and nothing of `semantics`, `explore` or `language`:
//! otherwise its agreement would prove nothing. A foreign runtime's name occurs only in its own file.

pub mod agreement;
pub mod capabilities;
mod construct;
#[cfg_attr(
    not(all(feature = "loom", feature = "shuttle", feature = "threads")),
    allow(dead_code, unused_imports, reason = "parts serve some engines only")
)]
mod interpreter;
#[cfg_attr(
    not(all(feature = "loom", feature = "shuttle", feature = "threads")),
    allow(dead_code, unused_imports, reason = "parts serve some engines only")
)]
pub mod isolate;
#[cfg(feature = "loom")]
pub mod loom;
#[cfg_attr(
    not(all(feature = "loom", feature = "shuttle", feature = "threads")),
    allow(dead_code, unused_imports, reason = "parts serve some engines only")
)]
mod quiet;
#[cfg_attr(
    not(all(feature = "loom", feature = "shuttle", feature = "threads")),
    allow(unused_imports, unused_variables, reason = "without engines nobody looks at a schedule")
)]
pub mod replay;
#[cfg(feature = "shuttle")]
pub mod shuttle;
#[cfg(feature = "threads")]
mod threads;

pub use construct::Construct;
pub use isolate::Isolated;
#[cfg(feature = "loom")]
pub use loom::Loom;
#[cfg(feature = "shuttle")]
pub use shuttle::Shuttle;
#[cfg(feature = "threads")]
pub use threads::Threads;

use crate::finding::{EngineName, Evidence, Unsupported};
use crate::limits::{Limits, Watch};
use crate::program::Program;
use capabilities::Capabilities;

/// One way to run a program.
pub trait Engine: std::fmt::Debug + Sync {
    /// Its name in every table.
    fn name(&self) -> EngineName;

    /// What it can express and check.
    fn capabilities(&self) -> &'static Capabilities;

    /// Decides, without running anything, whether it can express the program.
    ///
    /// # Errors
    /// The first construct it cannot express, with the reason.
    fn supports(&self, program: &Program) -> Result<(), Unsupported>;

    /// Runs the program within `limits` and says what it saw and how completely it looked.
    ///
    /// Calls `supports` first: an unsupported program gives evidence that says so.
    fn run(&self, program: &Program, limits: &Limits, watch: &dyn Watch) -> Evidence;
}

/// Every engine that is built in beside the native checker, in the order of every table. Those that may bring their
/// process down run in a child process (see [`isolate`]).
#[must_use]
pub fn all() -> &'static [&'static dyn Engine] {
    &[
        #[cfg(feature = "loom")]
        &Isolated(Loom),
        #[cfg(feature = "shuttle")]
        &Shuttle,
        #[cfg(feature = "threads")]
        &Threads,
    ]
}

/// The engine of this name; `None` if it is left out of this build, and for the native checker, which is none of these.
#[must_use]
pub fn by_name(name: EngineName) -> Option<&'static dyn Engine> {
    all().iter().copied().find(|engine| engine.name() == name)
}

/// What a child process runs for an engine that is kept out of its parent's process.
fn child_job(name: EngineName) -> Option<isolate::Job> {
    match name {
        #[cfg(feature = "loom")]
        EngineName::Loom => Some(|request, _, watch| Loom.run(&request.program, &request.limits, watch)),
        #[cfg(not(feature = "loom"))]
        EngineName::Loom => None,
        #[cfg(feature = "threads")]
        EngineName::Threads => Some(threads::sample),
        #[cfg(not(feature = "threads"))]
        EngineName::Threads => None,
        EngineName::Native | EngineName::Shuttle => None,
    }
}
