//! Numbers that look random and are the same on every machine.

/// A stream of numbers.
///
/// # Source
/// SplitMix64: G. L. Steele, D. Lea, C. H. Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014.
#[derive(Clone, Debug)]
pub(super) struct Random(u64);

impl Random {
    /// The stream of a seed.
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Any number.
    pub(super) fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `count`, which is not 0. The bias is below `count` in 2^64.
    pub(super) fn below(&mut self, count: u64) -> u64 {
        let wide = u128::from(self.number()) * u128::from(count);
        u64::try_from(wide >> 64).expect("less than `count`")
    }

    /// A position in a list of this length, which is not 0.
    pub(super) fn position(&mut self, len: usize) -> usize {
        let len = u64::try_from(len).expect("usize is at most 64 bits");
        usize::try_from(self.below(len)).expect("less than a length")
    }

    /// A position, each with a chance that is proportional to its weight; any where all weights are 0.
    pub(super) fn weighted(&mut self, weights: &[u64]) -> usize {
        let total: u64 = weights.iter().sum();
        if total == 0 {
            return self.position(weights.len());
        }
        let mut left = self.below(total);
        let chosen = weights.iter().position(|weight| match left.checked_sub(*weight) {
            None => true,
            Some(rest) => {
                left = rest;
                false
            }
        });
        chosen.expect("the number is below the sum of the weights")
    }
}
