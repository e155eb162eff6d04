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

/// Every engine that is built in beside the native checker, in the order of every table. Each runs in a child process (see
/// [`isolate`]), so that whatever a foreign runtime does to its process stays there.
#[must_use]
pub fn all() -> &'static [&'static dyn Engine] {
    &[
        #[cfg(feature = "loom")]
        &Isolated(Loom),
        #[cfg(feature = "shuttle")]
        &Isolated(Shuttle),
        #[cfg(feature = "threads")]
        &Threads,
    ]
}

/// The engine of this name; `None` if it is left out of this build, and for the native checker, which is none of these.
#[must_use]
pub fn by_name(name: EngineName) -> Option<&'static dyn Engine> {
    all().iter().copied().find(|engine| engine.name() == name)
}

/// What a child process runs for an engine.
fn child_job(name: EngineName) -> Option<isolate::Job> {
    match name {
        #[cfg(feature = "loom")]
        EngineName::Loom => Some(|request, _, watch| Loom.run(&request.program, &request.limits, watch)),
        #[cfg(not(feature = "loom"))]
        EngineName::Loom => None,
        #[cfg(feature = "shuttle")]
        EngineName::Shuttle => Some(|request, _, watch| Shuttle.run(&request.program, &request.limits, watch)),
        #[cfg(not(feature = "shuttle"))]
        EngineName::Shuttle => None,
        #[cfg(feature = "threads")]
        EngineName::Threads => Some(threads::sample),
        #[cfg(not(feature = "threads"))]
        EngineName::Threads => None,
        EngineName::Native => None,
    }
}

#[cfg(test)]
pub(super) mod own_types {
    //! Which objects of one scenario are of a runtime's own types.

    use super::interpreter::{Backend, Execution, Run};
    use crate::language::compile;
    use crate::limits::Limits;
    use crate::program::{Program, Source};

    /// Of each kind one that fits, and others that want more.
    const TEXT: &str = "\
        var x = 0; atomic done = false;\n\
        barrier meeting(2); barrier breakable(2);\n\
        rwlock brief; rwlock waiting; rwlock tried; rwlock again; fifo rwlock ordered;\n\
        channel unbounded; channel bounded(1); channel meet(0); channel counted; channel shared; channel closed; channel kept;\n\
        thread one {\n\
            meeting.wait(); breakable.abort();\n\
            with brief.read() { let y = x; } with ordered.read() { let y = x; }\n\
            with waiting.read() { while !done.load() {} }\n\
            let inside = tried.try_read();\n\
            with again.read() { with again.read() { let y = x; } }\n\
            unbounded.send(1); bounded.send(1); meet.send(1); counted.send(1); shared.send(1); closed.close();\n\
            kept.send(1);\n\
        }\n\
        thread two {\n\
            meeting.wait(); breakable.wait(); done.store(true);\n\
            with brief.write() { x = 1; }\n\
            let a = unbounded.recv(); let b = bounded.recv(); let c = meet.recv(); let d = counted.len();\n\
            let e = shared.recv();\n\
        }\n\
        thread three { let e = shared.recv(); }\n\
        daemon thread four { kept.recv(); }";

    /// The scenario.
    pub(in crate::engine) fn program() -> Program {
        let compiled = compile(&Source { name: "own".to_owned(), text: TEXT.to_owned() }, &[]);
        compiled.unwrap_or_else(|found| panic!("{found:?}")).program
    }

    /// The names of those that are the runtime's own.
    pub(in crate::engine) fn on<B: Backend>(backend: B) -> Vec<String> {
        let execution = Execution::start(Run::new::<B>(&program(), &Limits::default()), backend);
        execution.own_objects().into_iter().map(str::to_owned).collect()
    }
}
