//! The set of states seen so far: exact, compact, without an allocation per state.
//!
//! A state is an array of 64-bit slots, most of which never change or take few values. The store learns from the states
//! it meets how many bits each slot needs and packs states into rows of that many bits. What is stored is each slot's
//! difference from the initial state, so that a slot that has not changed yet needs no bits, and *more bits for a slot
//! never change a row that is already stored*: they are zero there, and zero is the right value. A slot may therefore
//! own several pieces of a row, one for each time it needed more bits. Now and then, as the store grows, all rows are
//! packed anew with one piece for each slot.
//!
//! It knows nothing of what slots mean. It leaves out every lossy mode: two states are the same exactly if all their
//! slots are.

use super::index::{Hash, Index};

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
    /// Finds a state by the hash of its row.
    index: Index,
    /// Most states it may hold.
    capacity: usize,
    /// Number of states.
    len: usize,
    /// The state that was loaded last, and its row: new states are packed as what differs from it.
    near: Vec<i64>,
    near_row: Vec<u64>,
    /// The row that is being packed.
    row: Vec<u64>,
    /// States to be inserted: their hashes, and their rows one after the other.
    queue: Vec<Hash>,
    queue_rows: Vec<u64>,
    /// Buffer of `insert_queued`.
    touched: Vec<u32>,
    /// Number of states at which rows are packed anew.
    tidy_at: usize,
}

/// Slots that are compared together.
const BLOCK: usize = 8;

/// Rows are packed anew each time there are this many times more states.
const TIDY_GROWTH: usize = 16;

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
            index: Index::new(),
            capacity: usize::try_from(capacity).expect("ids are narrower than usize"),
            len: 0,
            near: origin.to_vec(),
            near_row: row.clone(),
            row,
            queue: Vec::new(),
            queue_rows: Vec::new(),
            touched: Vec::new(),
            tidy_at: TIDY_GROWTH,
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
        self.len * self.layout.words * size_of::<u64>() + self.index.bytes()
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

    /// Queues a state for insertion.
    ///
    /// # Panics
    /// If `state` has another width than the first state.
    pub(super) fn submit(&mut self, state: &[i64]) {
        self.pack(state);
        self.queue.push(Hash::of(&self.row));
        self.queue_rows.extend_from_slice(&self.row);
    }

    /// Inserts the queued states, in order, unless they are there already.
    pub(super) fn insert_queued(&mut self, mut report: impl FnMut(Insertion)) {
        let words = self.layout.words;
        // Without this loop each state would wait for memory by itself, twice.
        let mut touched = 0;
        self.touched.clear();
        self.touched.extend(self.queue.iter().filter_map(|hash| self.index.touch(*hash)));
        for number in &self.touched {
            touched ^= self.rows[StateId(*number).index() * words];
        }
        std::hint::black_box(touched);

        for (hash, row) in self.queue.iter().zip(self.queue_rows.chunks_exact(words)) {
            let rows = &self.rows;
            let known = self.index.find(*hash, |number| rows[StateId(number).index() * words..][..words] == *row);
            report(match known {
                Some(number) => Insertion::Known(StateId(number)),
                None if self.len == self.capacity => Insertion::NoRoom,
                None => {
                    let id = StateId::new(self.len);
                    self.rows.extend_from_slice(row);
                    self.index.insert(*hash, id.0);
                    self.len += 1;
                    Insertion::Fresh(id)
                }
            });
        }
        self.queue.clear();
        self.queue_rows.clear();
        if self.len >= self.tidy_at {
            self.tidy_at = self.len * TIDY_GROWTH;
            self.tidy();
        }
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
            // At least twice as many bits, so that this happens rarely.
            self.layout.widen(slot, needed_bits(code).max((2 * self.layout.bits[slot]).min(u64::BITS)));
            if self.layout.words != words {
                self.lengthen_rows(words);
            }
        }
    }

    /// Packs a state into `self.row`, as what differs from the state that was loaded last.
    fn try_pack(&mut self, state: &[i64]) -> Result<(), Misfit> {
        self.row.copy_from_slice(&self.near_row);
        // Most slots are the same, and whole blocks are compared faster than slots.
        let (values, rest) = state.as_chunks::<BLOCK>();
        let (nears, near_rest) = self.near.as_chunks::<BLOCK>();
        let mut first_slot = 0;
        for (values, nears) in values.iter().zip(nears) {
            if values != nears {
                self.layout.pack_changes(first_slot, nears, values, &mut self.row)?;
            }
            first_slot += BLOCK;
        }
        self.layout.pack_changes(first_slot, near_rest, rest, &mut self.row)
    }

    /// Packs all rows anew with one piece for each slot. The queue must be empty.
    fn tidy(&mut self) {
        let mut layout = Layout::new(&self.layout.origin);
        for slot in 0..self.near.len() {
            layout.widen(slot, self.layout.bits[slot]);
        }
        let mut rows = Vec::with_capacity(self.len * layout.words);
        let mut index = Index::new();
        let mut state = vec![0; self.near.len()];
        for id in (0..self.len).map(StateId::new) {
            self.read(id, &mut state);
            let start = rows.len();
            rows.resize(start + layout.words, 0);
            layout.pack_all(&state, &mut rows[start..]);
            index.insert(Hash::of(&rows[start..]), id.0);
        }
        self.row = vec![0; layout.words];
        self.near_row = vec![0; layout.words];
        layout.pack_all(&self.near, &mut self.near_row);
        self.layout = layout;
        self.rows = rows;
        self.index = index;
    }

    /// Gives every row the words that the layout has added at its end. Hashes do not change.
    fn lengthen_rows(&mut self, words: usize) {
        for rows in [&mut self.rows, &mut self.queue_rows, &mut self.near_row, &mut self.row] {
            let mut longer = Vec::with_capacity(rows.len() / words * self.layout.words);
            for row in rows.chunks_exact(words) {
                longer.extend_from_slice(row);
                longer.resize(longer.len() + self.layout.words - words, 0);
            }
            *rows = longer;
        }
    }
}

/// A code that needs more bits than its slot has.
struct Misfit {
    slot: usize,
    code: u64,
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
    /// The first piece of each slot, its lowest bits; without bits where the slot has none.
    firsts: Vec<Piece>,
    /// Those of `firsts` that have bits.
    varying: Vec<Piece>,
    /// The other pieces of slots that needed more bits later.
    others: Vec<Piece>,
}

/// A range of bits of a row that holds a range of bits of one slot's code.
#[derive(Clone, Copy, Debug)]
struct Piece {
    slot: usize,
    /// The value of the slot whose code is 0.
    origin: i64,
    word: usize,
    /// Lowest bit in the word.
    shift: u32,
    /// Lowest bit in the code.
    low: u32,
    /// The bits, moved down to 0.
    mask: u64,
}

impl Piece {
    /// What a row says of these bits of the code, moved down to 0.
    fn read(&self, row: &[u64]) -> u64 {
        (row[self.word] >> self.shift) & self.mask
    }

    /// Flips those of these bits that are set in `change`.
    fn flip(&self, change: u64, row: &mut [u64]) {
        row[self.word] ^= ((change >> self.low) & self.mask) << self.shift;
    }
}

impl Layout {
    fn new(origin: &[i64]) -> Self {
        Self {
            origin: origin.to_vec(),
            words: 1,
            free: vec![u64::BITS],
            bits: vec![0; origin.len()],
            firsts: origin
                .iter()
                .enumerate()
                .map(|(slot, origin)| Piece { slot, origin: *origin, word: 0, shift: 0, low: 0, mask: 0 })
                .collect(),
            varying: Vec::new(),
            others: Vec::new(),
        }
    }

    /// Packs what changes in a range of slots.
    fn pack_changes(&self, first_slot: usize, from: &[i64], to: &[i64], row: &mut [u64]) -> Result<(), Misfit> {
        for (position, (&from, &to)) in from.iter().zip(to).enumerate() {
            if from != to {
                self.pack_change(first_slot + position, from, to, row)?;
            }
        }
        Ok(())
    }

    /// Packs a change of one slot.
    fn pack_change(&self, slot: usize, from: i64, to: i64, row: &mut [u64]) -> Result<(), Misfit> {
        let first = &self.firsts[slot];
        let (from, to) = (code(first.origin, from), code(first.origin, to));
        first.flip(from ^ to, row);
        // As a rule the first piece holds all bits of both.
        if (from | to) & !first.mask == 0 {
            return Ok(());
        }
        if needed_bits(to) > self.bits[slot] {
            return Err(Misfit { slot, code: to });
        }
        for other in self.others.iter().filter(|piece| piece.slot == slot) {
            other.flip(from ^ to, row);
        }
        Ok(())
    }

    /// Packs a whole state that fits into a row of zeros.
    fn pack_all(&self, state: &[i64], row: &mut [u64]) {
        for piece in self.varying.iter().chain(&self.others) {
            piece.flip(code(piece.origin, state[piece.slot]), row);
        }
    }

    fn unpack(&self, row: &[u64], state: &mut [i64]) {
        state.copy_from_slice(&self.origin);
        for piece in &self.varying {
            state[piece.slot] = value(piece.origin, piece.read(row));
        }
        for piece in &self.others {
            let low = code(piece.origin, state[piece.slot]);
            state[piece.slot] = value(piece.origin, low | (piece.read(row) << piece.low));
        }
    }

    /// Gives a slot `bits` bits if it has less. May add words at the end of rows.
    fn widen(&mut self, slot: usize, bits: u32) {
        let more = bits - self.bits[slot];
        if more == 0 {
            return;
        }
        let word = match self.free.iter().position(|free| *free >= more) {
            Some(word) => word,
            None => {
                self.free.push(u64::BITS);
                self.words += 1;
                self.words - 1
            }
        };
        let shift = u64::BITS - self.free[word];
        let (origin, low) = (self.origin[slot], self.bits[slot]);
        let piece = Piece { slot, origin, word, shift, low, mask: u64::MAX >> (u64::BITS - more) };
        self.free[word] -= more;
        self.bits[slot] = bits;
        if low == 0 {
            self.firsts[slot] = piece;
            self.varying.push(piece);
        } else {
            self.others.push(piece);
        }
    }
}

/// The non-negative number that stands for a value of a slot: small where the value is near its initial one.
fn code(origin: i64, value: i64) -> u64 {
    let difference = value.wrapping_sub(origin);
    ((difference << 1) ^ (difference >> 63)).cast_unsigned()
}

/// The value that a code stands for.
fn value(origin: i64, code: u64) -> i64 {
    let difference = (code >> 1).cast_signed() ^ -(code & 1).cast_signed();
    difference.wrapping_add(origin)
}

fn needed_bits(code: u64) -> u32 {
    u64::BITS - code.leading_zeros()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    fn insert(store: &mut Store, state: &[i64]) -> Insertion {
        let mut insertion = None;
        store.submit(state);
        store.insert_queued(|this| insertion = Some(this));
        insertion.expect("one state was queued")
    }

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
                let insertion = insert(&mut store, state);
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
            assert_eq!(insert(&mut store, state), Insertion::Fresh(StateId::new(number)));
        }
        for (number, state) in states.iter().enumerate() {
            assert_eq!(insert(&mut store, state), Insertion::Known(StateId::new(number)));
            let mut back = [0; 2];
            store.read(StateId::new(number), &mut back);
            assert_eq!(back, *state);
        }
    }

    #[test]
    fn a_full_store_still_knows_what_is_in_it() {
        let mut store = Store::new(&[0], 2);
        assert_eq!(insert(&mut store, &[0]), Insertion::Fresh(StateId::new(0)));
        assert_eq!(insert(&mut store, &[5]), Insertion::Fresh(StateId::new(1)));
        assert_eq!(insert(&mut store, &[6]), Insertion::NoRoom);
        assert_eq!(insert(&mut store, &[5]), Insertion::Known(StateId::new(1)));
        assert_eq!(store.len(), 2);
    }

    #[test]
    fn small_slots_share_words() {
        let mut store = Store::new(&[0; 40], Store::MOST);
        for slot in 0..40 {
            let mut state = [0; 40];
            state[slot] = 1;
            insert(&mut store, &state);
        }
        assert_eq!(store.layout.words, 2, "40 slots of 2 bits");
    }

    #[test]
    fn tidying_leaves_one_piece_for_each_slot_and_changes_no_state() {
        let mut store = Store::new(&[0, 5], Store::MOST);
        let large = |number| if number < 290 { number } else { number << 20 };
        let states: Vec<[i64; 2]> = (0..300).map(|number| [large(number), 5 + number % 3]).collect();
        for state in &states {
            insert(&mut store, state);
        }
        assert_eq!(store.layout.others.len(), 1, "only the growth after 256 states is left");
        for (id, state) in states.iter().enumerate() {
            let mut back = [0; 2];
            store.read(StateId::new(id), &mut back);
            assert_eq!(back, *state);
            assert_eq!(insert(&mut store, state), Insertion::Known(StateId::new(id)));
        }
        assert_eq!(store.len(), states.len());
    }
}
