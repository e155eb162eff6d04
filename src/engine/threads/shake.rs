//! How the threads of one run are shaken before each of their steps. Real schedulers switch rarely, and threads that
//! begin together do the same things at the same time; a bug that needs one of them to be late at the wrong moment
//! shows more often where one of them is. One that needs a time-out shows where somebody has no patience.
//!
//! Nothing here knows what a step does.

use super::chance::Chance;
use super::pin;
use crate::limits::Jitter;
use crate::program::ThreadId;
use std::cell::Cell;
use std::io;
use std::time::Duration;

/// The nap of [`Shake::Nap`], and the unit of [`Shake::Ranks`].
const NAP: Duration = Duration::from_micros(20);
/// The nap of [`Shake::Stall`]: the other threads come to their ends meanwhile, if they can.
const STALL: Duration = Duration::from_micros(300);
/// The unit of a time-out that fires soon.
const SOON: Duration = Duration::from_micros(5);
/// So many of its steps a thread is shaken before: programs that go on for longer shake themselves.
const SHAKEN: u64 = 256;
/// A stall is before one of so many steps, earlier ones more often: 2 to the power of this.
const STALL_LEVELS: u64 = 6;
/// The seed that all threads of a run have in common.
const COMMON: u64 = u64::MAX;

/// What is added in one run.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Shake {
    /// Nothing.
    Free,
    /// A thread gives its processor away before one step in so many.
    Yield(u64),
    /// A thread spins for a moment, up to so many rounds, before every other step.
    Spin(u64),
    /// A thread falls asleep before one step in so many.
    Nap(u64),
    /// At so many moments of the run some thread falls asleep for as long as the others need to come to their ends.
    Stall(u64),
    /// Each thread has a rank and is the later before each step the lower it is; at one moment one becomes the lowest.
    Ranks,
    /// All threads share one processor, and give it away before one step in so many.
    Pin(u64),
}

impl Shake {
    /// What runs take turns in.
    fn turns(jitter: Jitter) -> &'static [Shake] {
        match jitter {
            // No way alone shows everything (see docs/stress.md). To spin shows hardly more than to do nothing.
            Jitter::Mixed => {
                &[Shake::Free, Shake::Yield(2), Shake::Nap(4), Shake::Ranks, Shake::Stall(1), Shake::Pin(2)]
            }
            Jitter::Free => &[Shake::Free],
            Jitter::Yield => &[Shake::Yield(2), Shake::Yield(8)],
            Jitter::Spin => &[Shake::Spin(64), Shake::Spin(1_024)],
            Jitter::Nap => &[Shake::Nap(4)],
            Jitter::Stall => &[Shake::Stall(1), Shake::Stall(2)],
            Jitter::Ranks => &[Shake::Ranks],
            Jitter::Pin => &[Shake::Pin(2), Shake::Pin(8)],
        }
    }

    /// The turn of a run.
    pub(super) fn of_run(jitter: Jitter, run: u64) -> Self {
        let turns = Self::turns(jitter);
        let count = u64::try_from(turns.len()).expect("a few");
        turns[usize::try_from(run % count).expect("a few")]
    }

    /// In words for people, behind a number of runs.
    pub(super) fn words(self) -> &'static str {
        match self {
            Shake::Free => "left alone",
            Shake::Yield(_) => "that yield",
            Shake::Spin(_) => "that spin",
            Shake::Nap(_) => "that nap",
            Shake::Stall(_) => "with a thread that stalls",
            Shake::Ranks => "with ranks",
            Shake::Pin(_) => "on one processor",
        }
    }
}

/// The shaking of one thread in one run.
#[derive(Debug)]
pub(super) struct Shaker {
    shake: Shake,
    steps: Cell<u64>,
    /// Steps before which it stalls.
    stalls: Vec<u64>,
    /// Its rank, and the step from which on it is the lowest.
    rank: u32,
    falls: u64,
    /// How many threads there are.
    threads: u32,
}

impl Shaker {
    pub(super) fn new(shake: Shake, run: u64, thread: ThreadId, threads: u32) -> Self {
        let own = u64::from(thread.0);
        let common = Chance::new(run, COMMON);
        let moment = || {
            let victim = common.below(u64::from(threads));
            let step = common.below(1 << common.below(STALL_LEVELS));
            (victim == own).then_some(step)
        };
        let stalls = match shake {
            Shake::Stall(moments) => (0..moments).filter_map(|_| moment()).collect(),
            Shake::Free | Shake::Yield(_) | Shake::Spin(_) | Shake::Nap(_) | Shake::Ranks | Shake::Pin(_) => Vec::new(),
        };
        let rank = u32::try_from((own + common.below(u64::from(threads))) % u64::from(threads.max(1)));
        let falls = moment().unwrap_or(u64::MAX);
        Self { shake, steps: Cell::new(0), stalls, rank: rank.unwrap_or(0), falls, threads }
    }

    /// The run begins for the calling thread.
    ///
    /// # Errors
    /// Where the system does not let it choose its processor.
    pub(super) fn begin(&self) -> io::Result<()> {
        match self.shake {
            Shake::Pin(_) => pin::to_one(),
            Shake::Free | Shake::Yield(_) | Shake::Spin(_) | Shake::Nap(_) | Shake::Stall(_) | Shake::Ranks => {
                pin::to_all()
            }
        }
    }

    /// Disturbs the calling thread a little before its next step.
    pub(super) fn before_step(&self, chance: &Chance) {
        let step = self.steps.get();
        self.steps.set(step + 1);
        if step >= SHAKEN {
            return;
        }
        let one_in = |count| chance.below(count) == 0;
        match self.shake {
            Shake::Free => {}
            Shake::Yield(rarity) | Shake::Pin(rarity) if one_in(rarity) => std::thread::yield_now(),
            Shake::Spin(rounds) if one_in(2) => (0..chance.below(rounds)).for_each(|_| std::hint::spin_loop()),
            Shake::Nap(rarity) if one_in(rarity) => std::thread::sleep(NAP),
            Shake::Stall(_) if self.stalls.contains(&step) => std::thread::sleep(STALL),
            Shake::Ranks => {
                let rank = if step >= self.falls { self.threads } else { self.rank };
                if rank > 0 {
                    std::thread::sleep(NAP * rank);
                }
            }
            Shake::Yield(_) | Shake::Spin(_) | Shake::Nap(_) | Shake::Stall(_) | Shake::Pin(_) => {}
        }
    }

    /// How long an operation waits whose time-out comes after `time`: in the language it may fire at any moment, so every
    /// other one does so soon, unless the run is left alone.
    pub(super) fn patience(&self, time: Duration, chance: &Chance) -> Duration {
        match self.shake {
            Shake::Free => time,
            Shake::Yield(_) | Shake::Spin(_) | Shake::Nap(_) | Shake::Stall(_) | Shake::Ranks | Shake::Pin(_) => {
                if chance.below(2) == 0 {
                    time
                } else {
                    time.min(SOON * u32::try_from(chance.below(5)).expect("below 5"))
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_outs_are_long_and_short_and_what_is_left_alone_is_patient() {
        let time = Duration::from_millis(1);
        let times = |shake| {
            let (shaker, chance) = (Shaker::new(shake, 0, ThreadId(0), 2), Chance::new(0, 0));
            (0..200).map(|_| shaker.patience(time, &chance)).collect::<std::collections::BTreeSet<_>>()
        };
        assert_eq!(times(Shake::Free), [time].into());
        assert_eq!(times(Shake::Ranks), [0, 5, 10, 15, 20, 1_000].map(Duration::from_micros).into());
    }

    #[test]
    fn somebody_stalls_in_every_run_and_everybody_in_some() {
        let stalls = |run, thread| Shaker::new(Shake::Stall(1), run, ThreadId(thread), 3).stalls;
        for run in 0..200 {
            assert_eq!((0..3).map(|thread| stalls(run, thread).len()).sum::<usize>(), 1, "run {run}");
        }
        for thread in 0..3 {
            let steps: std::collections::BTreeSet<u64> = (0..2_000).flat_map(|run| stalls(run, thread)).collect();
            assert!(steps.contains(&0) && steps.iter().any(|step| *step > 16), "{thread}: {steps:?}");
            assert!(steps.iter().all(|step| *step < 32), "{thread}: {steps:?}");
        }
    }

    #[test]
    fn ranks_of_a_run_differ_and_runs_take_turns() {
        for run in 0..50 {
            let mut ranks: Vec<u32> =
                (0..4).map(|thread| Shaker::new(Shake::Ranks, run, ThreadId(thread), 4).rank).collect();
            ranks.sort_unstable();
            assert_eq!(ranks, [0, 1, 2, 3]);
        }
        for jitter in Jitter::ALL {
            let turns = Shake::turns(jitter);
            let seen: Vec<Shake> = (0..).take(turns.len()).map(|run| Shake::of_run(jitter, run)).collect();
            assert_eq!(seen, turns);
        }
    }
}
