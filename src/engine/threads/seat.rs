//! What a thread has with it while it plays: its note, its chance, and how it is shaken.

use super::chance::Chance;
use super::note::{Note, Stamp};
use super::over::Over;
use super::shake::Shaker;
use crate::program::ThreadId;
use std::cell::{Cell, RefCell};
use std::sync::Arc;
use std::time::Duration;

/// The nap of a thread that lets daemons come to rest, and the pause of one that has paused often.
const NAP: Duration = Duration::from_micros(20);
/// A thread that goes round and round lets others go on after so many steps.
const PATIENCE: u64 = 64;

/// So many naps a thread takes in a run to let the daemons come to rest.
const RESTING: u32 = 32;
/// So many pauses of a thread in one run are as long as they should be.
const PAUSES: u32 = 16;

/// What the calling thread has with it while it plays.
#[derive(Debug)]
pub(super) struct Seat {
    note: Arc<Note>,
    chance: Chance,
    shaker: Shaker,
    steps: Cell<u64>,
    /// Naps it may still take.
    naps: Cell<u32>,
    /// Long pauses it may still make.
    pauses: Cell<u32>,
    /// What the daemons did just before the effect of this thread's last step.
    daemons: RefCell<Vec<Stamp>>,
}

thread_local! {
    static SEAT: RefCell<Option<Seat>> = const { RefCell::new(None) };
}

impl Seat {
    /// The seat of a thread in a run.
    pub(super) fn new(note: &Arc<Note>, run: u64, thread: ThreadId, shaker: Shaker) -> Self {
        let chance = Chance::new(run, u64::from(thread.0));
        Self {
            note: Arc::clone(note),
            chance,
            shaker,
            steps: Cell::new(0),
            naps: Cell::new(RESTING),
            pauses: Cell::new(PAUSES),
            daemons: RefCell::default(),
        }
    }

    /// Takes the seat on the calling thread.
    pub(super) fn take(self) {
        SEAT.set(Some(self));
    }

    /// The calling thread stands before its next step: shakes it.
    pub(super) fn step(over: &Over) {
        Self::with(|seat| {
            seat.shaker.before_step(&seat.chance);
            seat.steps.set(seat.steps.get() + 1);
            if seat.steps.get().is_multiple_of(PATIENCE) {
                std::thread::yield_now();
            }
        });
        Self::takes_effect(over);
    }

    /// A step of the calling thread is about to take effect: notes what the daemons do.
    pub(super) fn takes_effect(over: &Over) {
        Self::with(|seat| {
            if seat.chance.below(2) == 0 {
                seat.let_daemons_rest(over);
            }
            let mut daemons = seat.daemons.borrow_mut();
            daemons.clear();
            daemons.extend(over.daemons());
        });
    }

    /// A number in `0..count` that the world chooses.
    pub(super) fn choose(count: u64) -> u64 {
        Self::with(|seat| seat.chance.below(count))
    }

    /// How long the calling thread pauses that should pause for `time`: whoever pauses again and again, for ever perhaps,
    /// takes no longer for it than a nap.
    pub(super) fn pause(time: Duration) -> Duration {
        Self::with(|seat| {
            let left = seat.pauses.get();
            seat.pauses.set(left.saturating_sub(1));
            if left > 0 { time } else { time.min(NAP) }
        })
    }

    /// How long an operation of the calling thread waits whose time-out comes after `time`.
    pub(super) fn patience(time: Duration) -> Duration {
        Self::with(|seat| seat.shaker.patience(time, &seat.chance))
    }

    fn with<T>(act: impl FnOnce(&Seat) -> T) -> T {
        SEAT.with_borrow(|seat| act(seat.as_ref().expect("whoever plays has a seat")))
    }

    /// Whether every daemon was at rest just before the effect of the calling thread's last step, and has been since.
    ///
    /// In the language the program is over with the last step of its last thread, at one instant. Here a daemon may slip
    /// in between that step and the end; what it does then never happened.
    pub(super) fn daemons_at_rest(over: &Over) -> bool {
        Self::with(|seat| {
            let before = seat.daemons.borrow();
            before.iter().all(Stamp::at_rest) && over.daemons().eq(before.iter().copied())
        })
    }

    /// Runs `wait` as a wait of the scenario.
    pub(super) fn waiting<T>(wait: impl FnOnce() -> T) -> T {
        let note = Self::with(|seat| Arc::clone(&seat.note));
        note.waiting(wait)
    }

    /// Before a step that may be the last of all: a run counts only if the daemons are at rest then.
    fn let_daemons_rest(&self, over: &Over) {
        while self.naps.get() > 0 && !over.daemons().all(|stamp| stamp.at_rest()) {
            self.naps.set(self.naps.get() - 1);
            std::thread::sleep(NAP);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::shake::Shake;
    use super::*;

    #[test]
    fn whoever_pauses_again_and_again_takes_no_long_pauses_any_more() {
        let (thread, time) = (ThreadId(0), Duration::from_millis(1));
        Seat::new(&Arc::default(), 0, thread, Shaker::new(Shake::Free, 0, thread, 1)).take();
        let pauses: Vec<Duration> = (0..40).map(|_| Seat::pause(time)).collect();
        assert_eq!((&pauses[..16], &pauses[16..]), ([time; 16].as_slice(), [NAP; 24].as_slice()));
        assert_eq!(Seat::pause(Duration::from_micros(5)), Duration::from_micros(5));
    }
}
