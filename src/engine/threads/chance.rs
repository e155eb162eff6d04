//! Pseudo-random numbers with a seed: what the world chooses, and when threads are shaken.

use std::cell::Cell;

/// A stream of numbers, the same for the same seed.
///
/// # Source
/// splitmix64 (Steele, Lea and Flood 2014, "Fast splittable pseudorandom number generators").
#[derive(Clone, Debug)]
pub(super) struct Chance(Cell<u64>);

impl Chance {
    /// The stream of one thread in one run.
    pub(super) fn new(run: u64, thread: u64) -> Self {
        let chance = Self(Cell::new(run.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ thread.rotate_left(32)));
        // Neighbouring seeds are mixed before the first number counts.
        chance.next();
        chance
    }

    /// Any number.
    pub(super) fn next(&self) -> u64 {
        let state = self.0.get().wrapping_add(0x9e37_79b9_7f4a_7c15);
        self.0.set(state);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number in `0..count`; 0 where `count` is 0.
    pub(super) fn below(&self, count: u64) -> u64 {
        // The bias of a remainder is far below what a sample could show.
        self.next().checked_rem(count).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_seeds_give_equal_streams_and_neighbours_differ() {
        let stream = |run, thread| {
            let chance = Chance::new(run, thread);
            (0..8).map(|_| chance.below(100)).collect::<Vec<_>>()
        };
        assert_eq!(stream(3, 1), stream(3, 1));
        assert_ne!(stream(3, 1), stream(3, 2));
        assert_ne!(stream(3, 1), stream(4, 1));
    }

    #[test]
    fn every_value_below_a_bound_comes_up_and_none_above() {
        let chance = Chance::new(0, 0);
        let seen: std::collections::BTreeSet<u64> = (0..200).map(|_| chance.below(5)).collect();
        assert_eq!(seen.into_iter().collect::<Vec<_>>(), [0, 1, 2, 3, 4]);
        assert_eq!(chance.below(0), 0);
    }
}
