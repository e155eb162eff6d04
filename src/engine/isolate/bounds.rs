//! What a child may use of the machine at most: memory, and time of the processor.
//!
//! Bounds keep a fault of an engine from taking the machine with it. No verdict depends on them: work is limited by
//! counts, and a child that meets a bound is ended by the kernel, which is that engine's failure. The parent sets them
//! before the child has heard what it is to do. Elsewhere than on Linux there are none.

use super::pulse::PATIENCE;
use std::io;
use std::process::Child;

/// The bounds of one child.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Bounds {
    /// Bytes of memory that it may write to.
    memory: u64,
    /// Seconds of time of the processor, of all its threads together.
    seconds: u64,
    /// Looks in a row at which it has used none.
    pub(super) patience: u32,
}

/// Far more than any program of the language needs.
const MEMORY: u64 = 4 << 30;
/// Time to begin, and to give an answer, on a slow machine.
const SECONDS: u64 = 120;
/// The time of one execution is far below a second, whatever the program does.
const EXECUTIONS_PER_SECOND: u64 = 4;
/// Between the signal that says why and the one that cannot be ignored.
#[cfg(target_os = "linux")]
const NOTICE: u64 = 5;

impl Bounds {
    /// Bounds that a child which runs so many executions at most never meets, unless something is wrong.
    pub(super) fn for_executions(executions: u64) -> Self {
        let seconds = SECONDS.saturating_add(executions / EXECUTIONS_PER_SECOND);
        Self { memory: MEMORY, seconds, patience: PATIENCE }
    }

    /// What a signal that ended the child says about its bounds.
    pub(super) fn meaning(self, signal: i32) -> Option<String> {
        let seconds = self.seconds;
        (signal == XCPU).then(|| format!("it has used the processor for {seconds} seconds"))
    }

    /// Sets them. Where the parent is bounded more tightly itself, that stays.
    ///
    /// # Errors
    /// Those of the kernel. A child that has ended already is none: it shows itself by its status.
    #[cfg(target_os = "linux")]
    pub(super) fn impose(self, child: &Child) -> io::Result<()> {
        use rustix::process::{Pid, Resource, Rlimit, getrlimit, prlimit};
        let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
        let pid = pid.ok_or_else(|| io::Error::other("a process without a number"))?;
        let bounds = [(Resource::Data, self.memory, 0), (Resource::Cpu, self.seconds, NOTICE), (Resource::Core, 0, 0)];
        for (resource, most, notice) in bounds {
            let tighter = |wanted: u64| getrlimit(resource).maximum.map_or(wanted, |own| own.min(wanted));
            let maximum = tighter(most.saturating_add(notice));
            let bound = Rlimit { current: Some(maximum.min(most)), maximum: Some(maximum) };
            match prlimit(Some(pid), resource, bound) {
                Ok(_) | Err(rustix::io::Errno::SRCH) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    /// There is no way to.
    #[cfg(not(target_os = "linux"))]
    pub(super) fn impose(self, _child: &Child) -> io::Result<()> {
        Ok(())
    }
}

/// The signal that ends a process which has used the processor for too long.
const XCPU: i32 = 24;

#[cfg(test)]
impl Bounds {
    /// Bounds that a test can meet.
    pub(super) fn tight(memory: u64, seconds: u64) -> Self {
        Self { memory, seconds, patience: PATIENCE }
    }

    /// Gives a child up sooner.
    pub(super) fn impatient(patience: u32) -> Self {
        Self { patience, ..Self::for_executions(1) }
    }
}
