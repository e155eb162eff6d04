//! Free-running threads: the program on `std::thread` with the real types of `std::sync`, many times.
//!
//! What the system's scheduler and the processor really do is what is seen, so this is a sample, never a proof. A
//! deadlock, however, is a fact: every scenario thread is asleep in a wait of the scenario, the kernel says so, and
//! between two looks none has run (see `kernel` and `pool`).
//!
//! Runs happen in child processes. Threads that are asleep for ever cannot be taken back; a process that has collected
//! too many of them is replaced.

mod barrier;
mod batch;
mod chance;
mod condvar;
mod kernel;
mod mpsc;
mod note;
mod over;
mod pin;
mod pool;
mod rwlock;
mod seat;
mod shake;
mod standard;
mod turns;

pub(in crate::engine) use batch::sample;
pub(in crate::engine) use turns::follow;

use super::Engine;
use super::capabilities::{Capabilities, Checkable, Checked, Support};
use super::construct::Construct;
use super::isolate::{run_in_child, without_counts};
use crate::finding::{Coverage, EngineName, Evidence, Finding, FindingKey, LimitHit, Unsupported};
use crate::limits::{Limits, Watch};
use crate::program::{Line, Program};
use std::collections::BTreeMap;

/// The engine.
#[derive(Clone, Copy, Debug, Default)]
pub struct Threads;

/// What free-running threads can express and check.
pub(super) static CAPABILITIES: Capabilities = Capabilities {
    engine: EngineName::Threads,
    room: None,
    constructs: &[
        (Construct::Var, Support::Own("a relaxed `std::sync::atomic::AtomicI64`")),
        (Construct::Atomic, Support::Own("`std::sync::atomic::AtomicI64`")),
        (Construct::WeakExchange, Support::Own("`compare_exchange_weak` of the processor")),
        (Construct::PlainAccess, Support::Own("a relaxed access")),
        (Construct::Fence, Support::Own("`std::sync::atomic::fence`")),
        (Construct::Mutex, Support::Own("`std::sync::Mutex`")),
        (Construct::TryLock, Support::Own("`std::sync::Mutex::try_lock`")),
        (Construct::IsLocked, Support::Monitor),
        (
            Construct::RwLock,
            Support::Own("`std::sync::RwLock` where nobody waits or goes round inside, else a monitor"),
        ),
        (Construct::RwLockTry, Support::MonitorBecause("`try_read` of `std::sync::RwLock` fails while a writer waits")),
        (Construct::Preference, Support::Monitor),
        (Construct::Fifo, Support::Monitor),
        (Construct::Reentrant, Support::Own("`std::sync::Mutex`, its levels counted")),
        (Construct::Poisoning, Support::Own("`std::sync::Mutex`, its poison noted")),
        (Construct::Condvar, Support::Own("`std::sync::Condvar`, without its spurious wake-ups")),
        (Construct::NotifyOne, Support::Own("`std::sync::Condvar::notify_one`")),
        (Construct::SpuriousWakeUps, Support::Own("`std::sync::Condvar`; none is ever made")),
        (Construct::NotifySeveral, Support::Monitor),
        (Construct::Semaphore, Support::Monitor),
        (Construct::TryAcquire, Support::Monitor),
        (Construct::Barrier, Support::Own("`std::sync::Barrier` where it is only waited at, else a monitor")),
        (Construct::Event, Support::Monitor),
        (
            Construct::Once,
            Support::MonitorBecause("its `call_once` runs a closure, and the block is steps of its thread"),
        ),
        (Construct::Timer, Support::Own("an OS thread of the pool, woken by `start`")),
        (Construct::TimerBesideDaemon, Support::Unsupported("a daemon whose `cancel` ends the program would go on")),
        (Construct::Channel, Support::Own("`std::sync::mpsc` where one thread receives, else a monitor")),
        (Construct::ChannelTry, Support::Own("`std::sync::mpsc` where one thread receives; `len` by a monitor")),
        (Construct::Rendezvous, Support::Own("`sync_channel(0)` where one thread receives, else a monitor")),
        (Construct::Oneshot, Support::Monitor),
        (Construct::Watch, Support::Monitor),
        (Construct::Broadcast, Support::Monitor),
        (Construct::Queue, Support::Monitor),
        (Construct::Timeout, Support::Own("`recv_timeout` of `std::sync::mpsc`, 20 times as fast, else a monitor")),
        (Construct::ClosedBy, Support::Own("dropped senders of `std::sync::mpsc`, else a monitor")),
        (Construct::Join, Support::Monitor),
        (Construct::Spawn, Support::Own("an OS thread of the pool, woken by its spawner")),
        (Construct::IsFinished, Support::Monitor),
        (Construct::IsAlive, Support::Monitor),
        (Construct::Daemon, Support::Interpreter),
        (Construct::Pause, Support::Own("`yield_now`, `sleep`, 20 times as fast")),
        (Construct::Choose, Support::Interpreter),
        (Construct::Either, Support::Interpreter),
        (Construct::Assume, Support::Interpreter),
        (Construct::Block, Support::Monitor),
        (Construct::OpenBlock, Support::Unsupported("nothing keeps the other accesses out of the block")),
    ],
    properties: &[
        (Checkable::WholeDeadlock, Checked::Yes),
        (Checkable::PartialDeadlock, Checked::No("who runs on may still wake the others")),
        (Checkable::Race, Checked::No("a race leaves no trace on a real processor")),
        (Checkable::Assertion, Checked::Yes),
        (Checkable::Invariant, Checked::No("no state can be read while threads run")),
        (Checkable::Final, Checked::Yes),
        (Checkable::Possible, Checked::No("a sample cannot show that something never happens")),
        (Checkable::Outcomes, Checked::Yes),
        (Checkable::Panic, Checked::Yes),
        (Checkable::UnobservedFailure, Checked::Yes),
        (Checkable::Misuse, Checked::Yes),
        (Checkable::Liveness, Checked::No("nobody sees an execution without end")),
        (Checkable::WeakMemory, Checked::Yes),
    ],
};

impl Engine for Threads {
    fn name(&self) -> EngineName {
        EngineName::Threads
    }

    fn capabilities(&self) -> &'static Capabilities {
        &CAPABILITIES
    }

    fn supports(&self, program: &Program) -> Result<(), Unsupported> {
        if kernel::Probe::of_this_thread().is_err() {
            return Err(Unsupported {
                construct: "this operating system".to_owned(),
                line: Line::Own(0),
                reason: "it does not tell which threads sleep, and without that a deadlock is a guess".to_owned(),
            });
        }
        CAPABILITIES.supports(program)
    }

    fn run(&self, program: &Program, limits: &Limits, watch: &dyn Watch) -> Evidence {
        if let Err(unsupported) = self.supports(program) {
            return without_counts(EngineName::Threads, Coverage::Unsupported(unsupported));
        }
        let mut sum = Sum::default();
        while sum.executions() < limits.thread_runs {
            let first = sum.executions();
            let rest = Limits { thread_runs: limits.thread_runs - first, ..limits.clone() };
            let part = run_in_child(EngineName::Threads, program, &rest, first, &Onward { watch, first });
            if !sum.add(part) {
                break;
            }
        }
        sum.into_evidence(limits.thread_runs)
    }
}

/// Adds what earlier processes have done to what this one says.
struct Onward<'a> {
    watch: &'a dyn Watch,
    first: u64,
}

impl Watch for Onward<'_> {
    fn progress(&self, done: u64) {
        self.watch.progress(self.first + done);
    }

    fn interrupted(&self) -> bool {
        self.watch.interrupted()
    }
}

/// What all processes together have seen.
#[derive(Debug, Default)]
struct Sum {
    total: Option<Evidence>,
    findings: BTreeMap<FindingKey, Finding>,
}

impl Sum {
    fn executions(&self) -> u64 {
        self.total.as_ref().map_or(0, |total| total.counts.executions)
    }

    /// Adds the evidence of one process; whether another one may go on.
    fn add(&mut self, part: Evidence) -> bool {
        let goes_on = part.counts.executions > 0
            && match &part.coverage {
                Coverage::Sampled { .. } => true,
                Coverage::Cut(limit) => *limit != LimitHit::Interrupted,
                Coverage::Complete
                | Coverage::StoppedAtFinding
                | Coverage::Unsupported(_)
                | Coverage::Failed { .. } => false,
            };
        for finding in &part.findings {
            self.findings.entry(finding.key()).or_insert_with(|| finding.clone());
        }
        match &mut self.total {
            None => self.total = Some(part),
            Some(total) => {
                total.counts.executions += part.counts.executions;
                total.counts.steps += part.counts.steps;
                for (outcome, times) in part.outcomes {
                    *total.outcomes.entry(outcome).or_insert(0) += times;
                }
                total.other_ends.add(part.other_ends);
                for sample in part.samples {
                    match total.samples.iter_mut().find(|known| known.strategy == sample.strategy) {
                        Some(known) => {
                            known.walks += sample.walks;
                            known.hits += sample.hits;
                        }
                        None => total.samples.push(sample),
                    }
                }
                // That no run came to an end is only true where it is true of every process.
                let unlimited = matches!(total.coverage, Coverage::Sampled { .. });
                if !(goes_on && unlimited) {
                    total.coverage = part.coverage;
                }
            }
        }
        goes_on
    }

    fn into_evidence(self, runs: u64) -> Evidence {
        let Some(mut total) = self.total else {
            return without_counts(EngineName::Threads, sampled(runs));
        };
        if matches!(total.coverage, Coverage::Sampled { .. }) {
            total.coverage = sampled(runs);
        }
        total.findings = self.findings.into_values().collect();
        total.findings.sort_by_key(|finding| (finding.kind(), finding.key()));
        total
    }
}

fn sampled(runs: u64) -> Coverage {
    let how = format!("{runs} free runs on OS threads, shaken with seeds 0..{runs}");
    Coverage::Sampled { how }
}
#[cfg(test)]
mod tests;
