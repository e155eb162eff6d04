//! Findings of one execution that are not sure yet, where threads really run at the same time.
//!
//! In the language a failed `assert` (and a false `assume`) ends the execution with the step it belongs to, at one instant.
//! Threads that run at the same time go on for a moment and may find something that only that step made possible. So
//! what others have found counts only if it was there when the thread that ended the execution came to its last step.

use super::poison;
use crate::finding::{Detail, Finding};
use crate::program::ThreadId;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, OnceLock};

/// What has been found so far.
#[derive(Debug, Default)]
pub(super) struct Unconfirmed {
    findings: Mutex<Vec<Finding>>,
    /// As many as there are; read without getting in step with the other threads.
    count: AtomicUsize,
    /// Which thread ended the execution, and how many findings there were before its last step.
    end: OnceLock<(ThreadId, usize)>,
}

impl Unconfirmed {
    pub(super) fn add(&self, finding: Finding) {
        let mut findings = poison::lock(&self.findings);
        findings.push(finding);
        self.count.store(findings.len(), Ordering::Release);
    }

    pub(super) fn count(&self) -> usize {
        self.count.load(Ordering::Acquire)
    }

    /// The execution has been ended by this thread.
    pub(super) fn ended_by(&self, thread: ThreadId, found_before: usize) {
        self.end.get_or_init(|| (thread, found_before));
    }

    /// The findings that count, when no thread runs any more.
    pub(super) fn take(&self) -> Vec<Finding> {
        let mut findings = std::mem::take(&mut *poison::lock(&self.findings));
        if let Some((thread, before)) = self.end.get() {
            let mut position = 0;
            findings.retain(|finding| {
                position += 1;
                position <= *before || by(finding) == Some(*thread)
            });
        }
        findings
    }
}

/// The thread in which something went wrong.
pub(crate) fn by(finding: &Finding) -> Option<ThreadId> {
    match &finding.detail {
        Detail::Assertion { thread, .. }
        | Detail::Panic { thread, .. }
        | Detail::UnobservedFailure { thread, .. }
        | Detail::Misuse { thread, .. } => Some(*thread),
        Detail::Deadlock { .. }
        | Detail::Race { .. }
        | Detail::Invariant { .. }
        | Detail::Final { .. }
        | Detail::Impossible { .. }
        | Detail::UnexpectedOutcome { .. }
        | Detail::MissingOutcome { .. }
        | Detail::Eventually { .. }
        | Detail::Livelock { .. }
        | Detail::Starvation { .. } => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::program::Pc;

    fn panic(thread: u8, pc: u32) -> Finding {
        let detail = Detail::Panic { thread: ThreadId(thread), pc: Pc(pc), reason: String::new() };
        Finding { detail, statements: Vec::new(), trace: None }
    }

    #[test]
    fn what_others_find_after_the_last_step_of_whoever_ends_the_execution_does_not_count() {
        let unconfirmed = Unconfirmed::default();
        unconfirmed.add(panic(1, 1));
        let before = unconfirmed.count();
        unconfirmed.add(panic(2, 2));
        unconfirmed.add(panic(0, 3));
        unconfirmed.ended_by(ThreadId(0), before);
        unconfirmed.ended_by(ThreadId(2), 9);
        unconfirmed.add(panic(1, 4));
        assert_eq!(unconfirmed.take(), [panic(1, 1), panic(0, 3)]);
    }

    #[test]
    fn everything_counts_in_an_execution_that_comes_to_its_end() {
        let unconfirmed = Unconfirmed::default();
        unconfirmed.add(panic(1, 1));
        unconfirmed.add(panic(2, 2));
        assert_eq!(unconfirmed.take(), [panic(1, 1), panic(2, 2)]);
    }
}
