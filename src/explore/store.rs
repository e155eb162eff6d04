//! The set of states seen so far: exact, compact, without an allocation per state.
//!
//! A state is an array of 64-bit slots, most of which never change or take few values. The store learns from the states
//! it meets how many bits each slot needs and packs states into rows of that many bits. What is stored is each slot's
//! difference from the initial state, so that a slot that has not changed yet needs no bits, and *more bits for a slot
//! never change a row that is already stored*: they are zero there, and zero is the right value. A slot may therefore
//! own several pieces of a row, one for each time it needed more bits.
//!
//! It knows nothing of what slots mean. It leaves out every lossy mode: two states are the same exactly if all their
//! slots are.

use hashbrown::HashTable;
use rustc_hash::FxHasher;
use std::hash::Hasher;

/// A stored state: states are numbered in the order in which they were first inserted.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(super) struct StateId(u32);

impl StateId {
    /// The initial state, which is stored first.
    pub(super) const INITIAL: StateId = StateId(0);

    /// The state with this number.
    ///
    /// # Panics
    /// If there cannot be such a state: a store holds less than 2^32 states.
    #[must_use]
    pub(super) fn new(index: usize) -> Self {
        Self(u32::try_from(index).expect("a store holds less than 2^32 states"))
    }

    /// Its number.
    #[must_use]
    pub(super) fn index(self) -> usize {
        usize::try_from(self.0).expect("indices are narrower than usize")
    }

    /// Its number, as it is stored in tables.
    #[must_use]
    pub(super) fn raw(self) -> u32 {
        self.0
    }

    /// The state with this number in a table.
    #[must_use]
    pub(super) fn from_raw(raw: u32) -> Self {
        Self(raw)
    }
}

/// What became of a state that was to be inserted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Insertion {
    /// It is new and has this number.
    Fresh(StateId),
    /// It was there already.
    Known(StateId),
    /// It is new and there is no room; it was not stored.
    NoRoom,
}

impl Insertion {
    /// The state, where it is in the store now.
    #[must_use]
    pub(super) fn state(self) -> Option<StateId> {
        match self {
            Insertion::Fresh(state) | Insertion::Known(state) => Some(state),
            Insertion::NoRoom => None,
        }
    }
}

/// An exact set of states.
#[derive(Debug)]
pub(super) struct Store {
    layout: Layout,
    /// The rows of all states, each `layout.words` long.
    rows: Vec<u64>,
    /// Finds a state by its row.
    table: HashTable<u32>,
    /// Most states it may hold.
    capacity: usize,
    /// Number of states.
    len: usize,
    /// The state that was loaded last, and its row: new states are packed as what differs from it.
    near: Vec<i64>,
    near_row: Vec<u64>,
    /// The row that is being looked for.
    row: Vec<u64>,
}

impl Store {
    /// Most states a store can hold.
    pub(super) const MOST: u64 = u32::MAX as u64 - 1;

    /// A store for at most `capacity` states (at most [`Store::MOST`]), with nothing in it; `origin` should be the
    /// initial state, and will be most compact.
    ///
    /// # Panics
    /// If `capacity` is above [`Store::MOST`].
    #[must_use]
    pub(super) fn new(origin: &[i64], capacity: u64) -> Self {
        assert!(capacity <= Self::MOST, "ids have 32 bits");
        let layout = Layout::new(origin);
        let row = vec![0; layout.words];
        Self {
            layout,
            rows: Vec::new(),
            table: HashTable::new(),
            capacity: usize::try_from(capacity).expect("ids are narrower than usize"),
            len: 0,
            near: origin.to_vec(),
            near_row: row.clone(),
            row,
        }
    }

    /// Number of states.
    #[must_use]
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// Bytes that states and the table take: our own accounting, the same on every machine.
    #[must_use]
    pub(super) fn bytes(&self) -> usize {
        let table = self.table.capacity() * (size_of::<u32>() + 1);
        self.len * self.layout.words * size_of::<u64>() + table
    }

    /// Writes a stored state into `state`.
    ///
    /// # Panics
    /// If there is no such state, or `state` has another width.
    pub(super) fn read(&self, id: StateId, state: &mut [i64]) {
        self.layout.unpack(self.stored(id), state);
    }

    /// As `read`; states that differ little from this one are inserted faster from now on.
    ///
    /// # Panics
    /// If there is no such state, or `state` has another width.
    pub(super) fn load(&mut self, id: StateId, state: &mut [i64]) {
        let words = self.layout.words;
        self.near_row.copy_from_slice(&self.rows[id.index() * words..][..words]);
        self.layout.unpack(&self.near_row, state);
        self.near.copy_from_slice(state);
    }

    /// Inserts a state unless it is there already.
    ///
    /// # Panics
    /// If `state` has another width than the first state.
    pub(super) fn insert(&mut self, state: &[i64]) -> Insertion {
        self.pack(state);
        let hash = hash(&self.row);
        let words = self.layout.words;
        let rows = &self.rows;
        let same = |id: &u32| rows[StateId(*id).index() * words..][..words] == *self.row;
        if let Some(id) = self.table.find(hash, same) {
            return Insertion::Known(StateId(*id));
        }
        if self.len == self.capacity {
            return Insertion::NoRoom;
        }
        let id = StateId::new(self.len);
        self.rows.extend_from_slice(&self.row);
        let rows = &self.rows;
        self.table.insert_unique(hash, id.0, |id| self::hash(&rows[StateId(*id).index() * words..][..words]));
        self.len += 1;
        Insertion::Fresh(id)
    }

    fn stored(&self, id: StateId) -> &[u64] {
        let words = self.layout.words;
        &self.rows[id.index() * words..][..words]
    }

    /// Packs a state into `self.row`, giving slots more bits where they need them.
    fn pack(&mut self, state: &[i64]) {
        assert_eq!(state.len(), self.near.len(), "all states have one width");
        while let Err(Misfit { slot, code }) = self.try_pack(state) {
            let words = self.layout.words;
            self.layout.widen(slot, code);
            if self.layout.words != words {
                self.lengthen_rows(words);
            }
        }
    }

    /// Packs a state into `self.row`, as what differs from the state that was loaded last.
    fn try_pack(&mut self, state: &[i64]) -> Result<(), Misfit> {
        self.row.copy_from_slice(&self.near_row);
        for (slot, (&value, &near)) in state.iter().zip(&self.near).enumerate() {
            if value != near {
                let code = self.layout.code(slot, value);
                if !self.layout.fits(slot, code) {
                    return Err(Misfit { slot, code });
                }
                let change = code ^ self.layout.code(slot, near);
                self.layout.flip(slot, change, &mut self.row);
            }
        }
        Ok(())
    }

    /// Gives every row the words that the layout has added at its end, and finds the rows again by their new hash.
    fn lengthen_rows(&mut self, words: usize) {
        let added = self.layout.words - words;
        let mut rows = Vec::with_capacity((self.len + 1) * self.layout.words);
        for row in self.rows.chunks_exact(words) {
            rows.extend_from_slice(row);
            rows.extend(std::iter::repeat_n(0, added));
        }
        self.rows = rows;
        self.near_row.resize(self.layout.words, 0);
        self.row.resize(self.layout.words, 0);
        self.table.clear();
        let rows = &self.rows;
        let words = self.layout.words;
        let hash_of = |id: &u32| hash(&rows[StateId(*id).index() * words..][..words]);
        for id in (0..self.len).map(StateId::new) {
            self.table.insert_unique(hash_of(&id.0), id.0, hash_of);
        }
    }
}

/// A code that needs more bits than its slot has.
struct Misfit {
    slot: usize,
    code: u64,
}

/// Hash of a row; the same on every run.
fn hash(row: &[u64]) -> u64 {
    let mut hasher = FxHasher::default();
    for word in row {
        hasher.write_u64(*word);
    }
    hasher.finish()
}

/// Where in a row each slot is.
#[derive(Debug)]
struct Layout {
    /// The value of each slot whose code is 0.
    origin: Vec<i64>,
    /// Words of a row.
    words: usize,
    /// Bits of each word that no piece owns; they are the high ones.
    free: Vec<u32>,
    /// Bits that each slot has.
    bits: Vec<u32>,
    /// All pieces, in order of slots, and within a slot from low bits to high bits.
    pieces: Vec<Piece>,
    /// Where in `pieces` those of each slot start; one more at the end.
    starts: Vec<usize>,
    /// The slots that have pieces.
    varying: Vec<usize>,
}

/// A range of bits of a row that holds a range of bits of one slot's code.
#[derive(Clone, Copy, Debug)]
struct Piece {
    slot: usize,
    word: usize,
    /// Lowest bit in the word.
    shift: u32,
    /// Lowest bit in the code.
    low: u32,
    /// The bits, moved down to 0.
    mask: u64,
}

impl Layout {
    fn new(origin: &[i64]) -> Self {
        Self {
            origin: origin.to_vec(),
            words: 1,
            free: vec![u64::BITS],
            bits: vec![0; origin.len()],
            pieces: Vec::new(),
            starts: vec![0; origin.len() + 1],
            varying: Vec::new(),
        }
    }

    /// The non-negative number that stands for a value of a slot: small where the value is near its initial one.
    fn code(&self, slot: usize, value: i64) -> u64 {
        let difference = value.wrapping_sub(self.origin[slot]);
        ((difference << 1) ^ (difference >> 63)).cast_unsigned()
    }

    /// The value that a code stands for.
    fn value(&self, slot: usize, code: u64) -> i64 {
        let difference = (code >> 1).cast_signed() ^ -(code & 1).cast_signed();
        difference.wrapping_add(self.origin[slot])
    }

    fn fits(&self, slot: usize, code: u64) -> bool {
        needed_bits(code) <= self.bits[slot]
    }

    fn pieces(&self, slot: usize) -> &[Piece] {
        &self.pieces[self.starts[slot]..self.starts[slot + 1]]
    }

    /// Flips those bits of a slot's code that are set in `change`.
    fn flip(&self, slot: usize, change: u64, row: &mut [u64]) {
        for piece in self.pieces(slot) {
            row[piece.word] ^= ((change >> piece.low) & piece.mask) << piece.shift;
        }
    }

    fn unpack(&self, row: &[u64], state: &mut [i64]) {
        state.copy_from_slice(&self.origin);
        for &slot in &self.varying {
            let mut code = 0;
            for piece in self.pieces(slot) {
                code |= ((row[piece.word] >> piece.shift) & piece.mask) << piece.low;
            }
            state[slot] = self.value(slot, code);
        }
    }

    /// Gives a slot enough bits for `code`, and at least twice as many as before, so that this happens rarely. May add
    /// words at the end of rows.
    fn widen(&mut self, slot: usize, code: u64) {
        let old = self.bits[slot];
        let new = needed_bits(code).max((2 * old).min(u64::BITS));
        let more = new - old;
        let word = match self.free.iter().position(|free| *free >= more) {
            Some(word) => word,
            None => {
                self.free.push(u64::BITS);
                self.words += 1;
                self.words - 1
            }
        };
        let shift = u64::BITS - self.free[word];
        self.free[word] -= more;
        self.bits[slot] = new;
        self.pieces.push(Piece { slot, word, shift, low: old, mask: u64::MAX >> (u64::BITS - more) });
        self.pieces.sort_by_key(|piece| (piece.slot, piece.low));
        self.starts =
            (0..=self.origin.len()).map(|slot| self.pieces.partition_point(|piece| piece.slot < slot)).collect();
        self.varying = (0..self.origin.len()).filter(|slot| self.bits[*slot] > 0).collect();
    }
}

fn needed_bits(code: u64) -> u32 {
    u64::BITS - code.leading_zeros()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    /// Slots as programs have them: constants, small ranges, now and then anything at all.
    fn states() -> impl Strategy<Value = Vec<Vec<i64>>> {
        let slot = prop_oneof![4 => Just(7), 8 => -3..4_i64, 2 => -1000..1000_i64, 1 => any::<i64>()];
        (1..12_usize).prop_flat_map(move |width| {
            proptest::collection::vec(proptest::collection::vec(slot.clone(), width), 1..200)
        })
    }

    proptest! {
        #[test]
        fn it_is_an_exact_set_and_gives_states_back(states in states(), loads in proptest::collection::vec(any::<u16>(), 200)) {
            let mut store = Store::new(&states[0], Store::MOST);
            let mut expected: BTreeMap<Vec<i64>, StateId> = BTreeMap::new();
            let mut buffer = vec![0; states[0].len()];
            for (state, load) in states.iter().zip(loads) {
                if store.len() > 0 {
                    let id = StateId::new(usize::from(load) % store.len());
                    store.load(id, &mut buffer);
                    prop_assert_eq!(expected.get(&buffer), Some(&id));
                }
                let insertion = store.insert(state);
                match expected.get(state) {
                    Some(id) => prop_assert_eq!(insertion, Insertion::Known(*id)),
                    None => {
                        prop_assert_eq!(insertion, Insertion::Fresh(StateId::new(expected.len())));
                        expected.insert(state.clone(), StateId::new(expected.len()));
                    }
                }
            }
            prop_assert_eq!(store.len(), expected.len());
            for (state, id) in &expected {
                store.read(*id, &mut buffer);
                prop_assert_eq!(&buffer, state);
            }
        }
    }

    #[test]
    fn extreme_values_fit() {
        let mut store = Store::new(&[0, i64::MIN], 10);
        let states = [[0, i64::MIN], [i64::MAX, i64::MAX], [i64::MIN, 0], [-1, i64::MIN], [i64::MIN, i64::MAX]];
        for (number, state) in states.iter().enumerate() {
            assert_eq!(store.insert(state), Insertion::Fresh(StateId::new(number)));
        }
        for (number, state) in states.iter().enumerate() {
            assert_eq!(store.insert(state), Insertion::Known(StateId::new(number)));
            let mut back = [0; 2];
            store.read(StateId::new(number), &mut back);
            assert_eq!(back, *state);
        }
    }

    #[test]
    fn a_full_store_still_knows_what_is_in_it() {
        let mut store = Store::new(&[0], 2);
        assert_eq!(store.insert(&[0]), Insertion::Fresh(StateId::new(0)));
        assert_eq!(store.insert(&[5]), Insertion::Fresh(StateId::new(1)));
        assert_eq!(store.insert(&[6]), Insertion::NoRoom);
        assert_eq!(store.insert(&[5]), Insertion::Known(StateId::new(1)));
        assert_eq!(store.len(), 2);
    }

    #[test]
    fn small_slots_share_words() {
        let mut store = Store::new(&[0; 40], Store::MOST);
        for slot in 0..40 {
            let mut state = [0; 40];
            state[slot] = 1;
            store.insert(&state);
        }
        assert_eq!(store.layout.words, 2, "40 slots of 2 bits");
    }
}
