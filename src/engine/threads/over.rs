//! The end of a run: who says so, who is told, and how threads leave.

use super::note::{Note, Stamp};
use crate::engine::interpreter::lock_std;
use std::any::Any;
use std::fmt::Debug;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::Thread;

/// The end of one run, from the start of that run on.
#[derive(Debug)]
pub(super) struct Over {
    declared: AtomicBool,
    /// Whether everybody who waited has been told.
    led_out: AtomicBool,
    /// Who watches the run.
    judge: Thread,
    /// Where threads may wait.
    waits: Mutex<Vec<Arc<dyn Leavable>>>,
    /// Notes of the daemon threads.
    daemons: Vec<Arc<Note>>,
    /// Whether a daemon did something at the very end that the program's end should have kept it from.
    spoiled: AtomicBool,
    /// A fault of our own.
    bug: Mutex<Option<String>>,
}

/// A place where threads wait, until the end of the run if need be.
pub(super) trait Leavable: Debug + Send + Sync {
    /// Lets whoever waits go on, to see that the run is over.
    fn lead_out(&self);
}

/// What a thread that gives up unwinds with.
#[derive(Debug)]
struct GaveUp;

impl Over {
    /// The end of a run that the calling thread watches.
    pub(super) fn new(daemons: Vec<Arc<Note>>) -> Self {
        Self {
            declared: AtomicBool::new(false),
            led_out: AtomicBool::new(false),
            judge: std::thread::current(),
            waits: Mutex::default(),
            daemons,
            spoiled: AtomicBool::new(false),
            bug: Mutex::default(),
        }
    }

    /// Ends the run: whoever comes to a step leaves, and so does whoever waits for a notification.
    pub(super) fn declare(&self) {
        self.end();
        self.lead_out();
    }

    /// Ends the run for those that come to a step.
    pub(super) fn end(&self) {
        self.declared.store(true, Ordering::SeqCst);
    }

    /// Lets those leave that wait for a notification, and tells the judge.
    pub(super) fn lead_out(&self) {
        for wait in lock_std(&self.waits).iter() {
            wait.lead_out();
        }
        self.led_out.store(true, Ordering::SeqCst);
        self.judge.unpark();
    }

    /// Whether nobody need be asleep any more.
    pub(super) fn is_led_out(&self) -> bool {
        self.led_out.load(Ordering::SeqCst)
    }

    /// Whether the run is over.
    pub(super) fn declared(&self) -> bool {
        self.declared.load(Ordering::SeqCst)
    }

    /// Leaves if the run is over: unwinds, without a word from the panic hook.
    pub(super) fn check(&self) {
        if self.declared() {
            std::panic::resume_unwind(Box::new(GaveUp));
        }
    }

    /// Notes that a daemon went on too long for its last steps, and for the state they left, to count.
    pub(super) fn spoil(&self) {
        self.spoiled.store(true, Ordering::SeqCst);
    }

    /// Whether somebody has noted that.
    pub(super) fn is_spoiled(&self) -> bool {
        self.spoiled.load(Ordering::SeqCst)
    }

    /// A thread has unwound. It has left; anything else is a fault of ours, which spoils everything.
    pub(super) fn unwound(&self, payload: &(dyn Any + Send)) {
        if payload.is::<GaveUp>() {
            return;
        }
        let text = payload.downcast_ref::<String>().map(String::as_str);
        let text = text.or_else(|| payload.downcast_ref::<&str>().copied()).unwrap_or("no message");
        lock_std(&self.bug).get_or_insert_with(|| text.to_owned());
        self.declare();
    }

    /// The fault of ours, if there was one.
    pub(super) fn bug(&self) -> Option<String> {
        lock_std(&self.bug).clone()
    }

    /// Has threads led out of a place where they may wait.
    pub(super) fn leads_out(&self, wait: Arc<dyn Leavable>) {
        lock_std(&self.waits).push(wait);
    }

    /// What each daemon is doing.
    pub(super) fn daemons(&self) -> impl Iterator<Item = Stamp> + '_ {
        self.daemons.iter().map(|note| note.stamp())
    }
}
