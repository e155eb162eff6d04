//! Indices are types: the number decides, the name is for people.

use serde::{Deserialize, Serialize};

macro_rules! index_type {
    ($(#[$doc:meta])* $name:ident($inner:ty), limit $limit:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub $inner);

        impl $name {
            /// Makes the index with this position.
            ///
            /// # Panics
            #[doc = concat!("If `index` is above ", $limit, ": the checker of the language keeps programs far below.")]
            #[must_use]
            pub fn new(index: usize) -> Self {
                Self(<$inner>::try_from(index).expect(concat!(stringify!($name), " is at most ", $limit)))
            }

            /// The position, for use as an index.
            #[must_use]
            pub fn index(self) -> usize {
                usize::try_from(self.0).expect("indices are narrower than usize")
            }
        }
    };
}

index_type!(
    /// A thread of the program, in order of declaration.
    ThreadId(u8), limit "255"
);
index_type!(
    /// A shared object, in order of declaration.
    ObjectId(u16), limit "65535"
);
index_type!(
    /// A local variable of one piece of code.
    LocalId(u16), limit "65535"
);
index_type!(
    /// A piece of code, shared by the threads of a group.
    CodeId(u16), limit "65535"
);
index_type!(
    /// A function that is started as a thread.
    SpawnId(u16), limit "65535"
);
index_type!(
    /// Position of an instruction in its code.
    Pc(u32), limit "4294967295"
);

impl ThreadId {
    /// The threads of a set of bits by index, in ascending order.
    pub fn of_bits(set: u64) -> impl Iterator<Item = Self> {
        (0..64u8).filter(move |index| set & (1 << index) != 0).map(Self)
    }
}
