//! Exit codes, and which of them wins where several apply.

use std::process::ExitCode;

/// How a command ends, from the least to the most important: of several files, the greatest counts.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Exit {
    /// Everything is as expected.
    AsExpected,
    /// Some search was not complete.
    Inconclusive,
    /// Something is not as expected, or the engines disagree.
    NotAsExpected,
    /// Wrong usage, or a file that cannot be used.
    Unusable,
    /// Somebody pressed Ctrl-C.
    Interrupted,
    /// Nobody reads what is printed any more: as a process that the pipe's signal ends.
    BrokenPipe,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        ExitCode::from(match exit {
            Exit::AsExpected => 0,
            Exit::NotAsExpected => 1,
            Exit::Unusable => 2,
            Exit::Inconclusive => 3,
            Exit::Interrupted => 130,
            Exit::BrokenPipe => 141,
        })
    }
}
