//! What has happened in one execution: the log of visible steps, who has ended, and how it ended.

use super::finding::Length;
use super::order::Order;
use crate::finding::{Detail, Event, Leastness, Trace};
use crate::program::{Pc, ResultTag, Spawnable, ThreadId};
use std::collections::BTreeMap;

/// What one execution has shown so far.
#[derive(Debug)]
pub(crate) struct Record {
    /// The steps in order; empty where the backend is not serial.
    pub(crate) log: Vec<Event>,
    /// Steps that were another thread's while the thread before could have gone on.
    preemptions: u64,
    /// Whether the thread of the last step could have gone on right after it.
    last_enabled: bool,
    /// Happens-before of the log.
    pub(crate) order: Order,
    /// Threads that have ended, and how.
    pub(crate) ended: Vec<Option<End>>,
    /// Non-daemon threads that have not ended.
    pub(crate) live: usize,
    /// Whether a panic or a misuse has been found, also of a thread that is still on its way out.
    failed: bool,
    /// Slots of threads that were started at run time.
    started: Vec<bool>,
    /// Where such threads have panicked, as long as nobody has looked at how they ended.
    crashed: BTreeMap<ThreadId, Pc>,
}

/// How a thread ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum End {
    /// At the end of its code.
    Normal,
    /// By panic, and it was started at run time: nothing is wrong yet if somebody looks.
    Crashed,
    /// By panic or misuse.
    Failed,
}

impl End {
    /// What a `join` gives.
    pub(crate) fn tag(self) -> ResultTag {
        match self {
            End::Normal => ResultTag::Some,
            End::Crashed | End::Failed => ResultTag::Failed,
        }
    }
}

impl Record {
    pub(crate) fn new(threads: usize, live: usize, order: Order) -> Self {
        Self {
            log: Vec::new(),
            preemptions: 0,
            last_enabled: false,
            order,
            ended: vec![None; threads],
            live,
            failed: false,
            started: vec![false; threads],
            crashed: BTreeMap::new(),
        }
    }

    /// Takes the first slot that nobody has taken; `None` where there is none left.
    pub(crate) fn start(&mut self, spawnable: &Spawnable) -> Option<ThreadId> {
        let thread = spawnable.threads().find(|slot| !self.started[slot.index()])?;
        self.started[thread.index()] = true;
        self.live += usize::from(!spawnable.daemon);
        Some(thread)
    }

    /// Something has been found: no end that is reached from now on is a normal one if it is a failure of a thread.
    pub(crate) fn found(&mut self, detail: &Detail) {
        self.failed |= matches!(detail, Detail::Panic { .. } | Detail::Misuse { .. });
    }

    /// A thread that was started at run time ends by the panic there.
    pub(crate) fn crashes(&mut self, thread: ThreadId, at: Pc) {
        self.crashed.insert(thread, at);
    }

    /// Somebody has looked at how a thread ended.
    pub(crate) fn looked_at(&mut self, thread: ThreadId) {
        self.crashed.remove(&thread);
    }

    /// The threads that have panicked and that nobody has looked at.
    pub(crate) fn unobserved(&self) -> Vec<(ThreadId, Pc)> {
        self.crashed.iter().map(|(thread, pc)| (*thread, *pc)).collect()
    }

    /// Notes that a thread stands before its next step, and whether it could go on at once.
    pub(crate) fn announce(&mut self, thread: ThreadId, enabled: bool) {
        if self.log.last().is_some_and(|event| event.thread == thread) {
            self.last_enabled = enabled;
        }
    }

    /// Adds a step.
    pub(crate) fn push(&mut self, event: Event) {
        let other = self.log.last().is_some_and(|last| last.thread != event.thread);
        if other && self.last_enabled {
            self.preemptions += 1;
        }
        self.last_enabled = false;
        self.log.push(event);
    }

    /// Whether an end that is reached now is a normal one: without panic and misuse.
    pub(crate) fn is_normal(&self) -> bool {
        !self.failed && self.crashed.is_empty()
    }

    /// The length of the log.
    pub(crate) fn length(&self) -> Length {
        Length { preemptions: self.preemptions, steps: self.log.len() }
    }

    /// The log as a trace; `None` where there is no log.
    pub(crate) fn trace(&self) -> Option<Trace> {
        (!self.log.is_empty()).then(|| Trace {
            events: self.log.clone(),
            preemptions: self.preemptions,
            least: Leastness::NotProven,
            back_to: None,
        })
    }
}
