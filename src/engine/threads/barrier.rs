//! The standard library's barrier, which threads can be led out of.

use super::over::{Leavable, Over};
use super::seat::Seat;
use crate::engine::interpreter::{OwnBarrier, lock_std};
use std::sync::{Arc, Barrier, Mutex};

/// A barrier that has a run to its end.
#[derive(Debug)]
pub(super) struct Meeting {
    place: Arc<Place>,
    over: Arc<Over>,
}

/// Where threads meet.
#[derive(Debug)]
struct Place {
    own: Arc<Barrier>,
    size: usize,
    door: Mutex<Door>,
}

/// The library's barrier does not say who is inside, so whoever goes in is counted. Its own mutex puts them in the same
/// order of before and after.
#[derive(Debug, Default)]
struct Door {
    /// How many have gone in, without those of whole rounds.
    inside: usize,
    /// Nobody goes in any more.
    closed: bool,
}

/// What a helper needs that only waits.
const STACK: usize = 1 << 16;

impl Meeting {
    /// A barrier for so many threads.
    pub(super) fn new(threads: u32, over: &Arc<Over>) -> Self {
        let size = usize::try_from(threads).expect("u32 fits into usize");
        let place = Arc::new(Place { own: Arc::new(Barrier::new(size)), size, door: Mutex::default() });
        over.leads_out(Arc::<Place>::clone(&place));
        Self { place, over: Arc::clone(over) }
    }
}

impl Place {
    /// Goes in, unless the door is closed.
    fn go_in(&self) -> bool {
        let mut door = lock_std(&self.door);
        if !door.closed {
            door.inside = if door.inside + 1 < self.size { door.inside + 1 } else { 0 };
        }
        !door.closed
    }
}

impl OwnBarrier for Meeting {
    fn wait(&self) -> bool {
        if !self.place.go_in() {
            self.over.check();
            unreachable!("the door is closed at the end of the run");
        }
        let leads = Seat::waiting(|| self.place.own.wait().is_leader());
        self.over.check();
        // What was waited for takes effect only now.
        Seat::takes_effect(&self.over);
        leads
    }

    fn lead_out(&self) {
        self.place.lead_out();
    }
}

impl Leavable for Place {
    /// Only as many as meet can leave, so helpers come for those that are missing: exactly so many, because the door is
    /// closed.
    fn lead_out(&self) {
        let inside = {
            let mut door = lock_std(&self.door);
            door.closed = true;
            std::mem::take(&mut door.inside)
        };
        if inside == 0 {
            return;
        }
        for _ in inside..self.size {
            let own = Arc::clone(&self.own);
            let help = std::thread::Builder::new().stack_size(STACK).spawn(move || {
                own.wait();
            });
            if help.is_err() {
                // Whoever waits is left behind, like a thread that waits for a mutex.
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    #[test]
    fn whoever_waits_is_led_out_and_nobody_goes_in_any_more() {
        for waiting in 0..4 {
            let place = Place { own: Arc::new(Barrier::new(4)), size: 4, door: Mutex::default() };
            let out = AtomicUsize::new(0);
            std::thread::scope(|scope| {
                for _ in 0..waiting {
                    scope.spawn(|| {
                        assert!(place.go_in());
                        place.own.wait();
                        out.fetch_add(1, Ordering::SeqCst);
                    });
                }
                while lock_std(&place.door).inside < waiting {
                    std::thread::yield_now();
                }
                place.lead_out();
                place.lead_out();
            });
            assert_eq!(out.load(Ordering::SeqCst), waiting);
            assert!(!place.go_in());
        }
    }

    #[test]
    fn rounds_that_are_over_leave_nobody_inside() {
        let place = Place { own: Arc::new(Barrier::new(2)), size: 2, door: Mutex::default() };
        std::thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    for _ in 0..100 {
                        assert!(place.go_in());
                        place.own.wait();
                    }
                });
            }
        });
        assert_eq!(lock_std(&place.door).inside, 0);
    }
}
