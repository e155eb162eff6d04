//! A hash table of numbers, for rows that are kept elsewhere.
//!
//! Open addressing with linear probing. An entry keeps 32 bits of its row's hash, so that growing needs no row and a
//! look-up seldom reads a wrong one; its home is given by the highest of these bits, so that growing reads and writes
//! memory in order. It is a table of our own for the sake of [`Index::touch`]: most of the time of a search is spent
//! waiting for memory, and the waits of many look-ups can overlap.

/// The 32 bits of a hash that the table uses.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Hash(u32);

impl Hash {
    /// Hash of a row; zeros at the end of a row do not change it. The same on every run.
    pub(super) fn of(row: &[u64]) -> Self {
        let mut sum: u64 = 0;
        // An odd factor for each position, from a Weyl sequence.
        let mut factor: u64 = 0x9E37_79B9_7F4A_7C15;
        for word in row {
            let (low, high) = word.carrying_mul(factor, 0);
            sum = sum.wrapping_add(low ^ high.rotate_left(32));
            factor = factor.wrapping_add(0xA076_1D64_78BD_642E);
        }
        let (low, high) = sum.carrying_mul(0xE703_7ED1_A0B4_28DB, 0);
        Self(u32::try_from((low ^ high) >> 32).expect("32 bits are left"))
    }
}

/// A hash table of numbers below 2^32 - 1.
#[derive(Debug)]
pub(super) struct Index {
    /// The hash in the higher half, the number in the lower half; or `EMPTY`.
    entries: Vec<u64>,
    len: usize,
}

const EMPTY: u64 = u64::MAX;

impl Index {
    /// With nothing in it.
    pub(super) fn new() -> Self {
        Self { entries: vec![EMPTY; 1 << 8], len: 0 }
    }

    /// Bytes that it takes.
    pub(super) fn bytes(&self) -> usize {
        self.entries.len() * size_of::<u64>()
    }

    /// Brings the place of a hash near the processor, so that a look-up will not wait for it. Returns the number that is
    /// found there, if it is likely the one that will be looked up.
    pub(super) fn touch(&self, hash: Hash) -> Option<u32> {
        let entry = self.entries[self.home(hash)];
        Some(entry).filter(|entry| *entry != EMPTY && hash_of(*entry) == hash).map(number_of)
    }

    /// The number with this hash that `is_same` accepts.
    pub(super) fn find(&self, hash: Hash, mut is_same: impl FnMut(u32) -> bool) -> Option<u32> {
        let mut position = self.home(hash);
        loop {
            let entry = self.entries[position];
            if entry == EMPTY {
                return None;
            }
            if hash_of(entry) == hash && is_same(number_of(entry)) {
                return Some(number_of(entry));
            }
            position = self.after(position);
        }
    }

    /// Adds a number that is not there.
    pub(super) fn insert(&mut self, hash: Hash, number: u32) {
        // Always less than 3/4 full.
        if (self.len + 1) * 4 > self.entries.len() * 3 {
            let doubled = vec![EMPTY; self.entries.len() * 2];
            let entries = std::mem::replace(&mut self.entries, doubled);
            for entry in entries.into_iter().filter(|entry| *entry != EMPTY) {
                self.place(entry);
            }
        }
        self.place((u64::from(hash.0) << 32) | u64::from(number));
        self.len += 1;
    }

    fn place(&mut self, entry: u64) {
        let mut position = self.home(hash_of(entry));
        while self.entries[position] != EMPTY {
            position = self.after(position);
        }
        self.entries[position] = entry;
    }

    fn home(&self, hash: Hash) -> usize {
        let bits = self.entries.len().trailing_zeros();
        usize::try_from((u64::from(hash.0) << bits) >> 32).expect("it is below the number of entries")
    }

    fn after(&self, position: usize) -> usize {
        (position + 1) & (self.entries.len() - 1)
    }
}

fn hash_of(entry: u64) -> Hash {
    Hash(u32::try_from(entry >> 32).expect("32 bits are left"))
}

fn number_of(entry: u64) -> u32 {
    u32::try_from(entry & u64::from(u32::MAX)).expect("32 bits are left")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    #[test]
    fn zeros_at_the_end_do_not_change_a_hash() {
        assert_eq!(Hash::of(&[3, 5]), Hash::of(&[3, 5, 0, 0]));
        assert_ne!(Hash::of(&[3, 5]), Hash::of(&[5, 3]));
        assert_ne!(Hash::of(&[3, 5]), Hash::of(&[3, 0, 5]));
    }

    #[test]
    fn rows_that_differ_in_one_or_two_bits_have_different_hashes() {
        let mut hashes = BTreeSet::new();
        for one in 0..128 {
            for other in one..128 {
                let mut row = [0; 2];
                row[one / 64] ^= 1 << (one % 64);
                row[other / 64] ^= 1 << (other % 64);
                hashes.insert(Hash::of(&row).0);
            }
        }
        // All rows with one == other are the same one.
        assert!(hashes.len() > 128 * 127 / 2 - 10, "{}", hashes.len());
    }

    proptest! {
        #[test]
        fn it_finds_what_was_inserted_and_nothing_else(hashes in proptest::collection::vec(0..50_u32, 0..600)) {
            let mut index = Index::new();
            // Few hashes, from both ends of the table, so that entries collide and wrap around.
            let hash = |seed: u32| Hash(seed.wrapping_sub(25).wrapping_mul(3));
            for (number, seed) in (0..).zip(&hashes) {
                prop_assert_eq!(index.find(hash(*seed), |other| other == number), None);
                index.insert(hash(*seed), number);
            }
            for (number, seed) in (0..).zip(&hashes) {
                prop_assert_eq!(index.find(hash(*seed), |other| other == number), Some(number));
                let mut seen = Vec::new();
                index.find(hash(*seed), |other| { seen.push(other); false });
                seen.sort_unstable();
                let same: Vec<u32> =
                    (0..).zip(&hashes).filter(|(_, other)| *other == seed).map(|(number, _)| number).collect();
                prop_assert_eq!(seen, same);
            }
        }
    }
}
