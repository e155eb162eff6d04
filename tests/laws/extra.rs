//! What looks at shared objects without waiting for them, and what the world decides: statements that go with any family.

use crate::generate::Palette;
use proptest::prelude::*;

/// A statement.
#[derive(Clone, Debug)]
pub(crate) enum Extra {
    IsLocked(u8),
    IsAlive(u8),
    LenOfChannel,
    Fence,
    Load(&'static str),
    Store(i64, &'static str),
    FetchAdd(&'static str),
    Swap(i64),
    FetchMax(i64),
    WeakExchange(i64, i64),
    Assume(i64),
    /// On what is also used outside such blocks.
    Atomically(i64),
    When(i64),
    /// On what is used nowhere else.
    AtomicallyApart(i64),
    WhenApart(i64),
}

impl Extra {
    /// Any that the engine can express.
    pub(crate) fn any(palette: Palette) -> BoxedStrategy<Extra> {
        let world = u32::from(palette != Palette::Loom);
        prop_oneof![
            2 => (0..2u8).prop_map(Extra::IsLocked),
            2 => (0..4u8).prop_map(Extra::IsAlive),
            1 => Just(Extra::LenOfChannel),
            1 => Just(Extra::Fence),
            3 => Self::ordered(),
            1 => (0..3i64).prop_map(Extra::Swap),
            1 => (0..3i64).prop_map(Extra::FetchMax),
            2 => (0..2i64, 1..3i64).prop_map(|(old, new)| Extra::WeakExchange(old, new)),
            world => (1..3i64).prop_map(Extra::Assume),
            4 => Self::block(palette),
        ]
        .boxed()
    }

    /// An access with an ordering, which changes nothing where memory is sequentially consistent.
    fn ordered() -> BoxedStrategy<Extra> {
        let any = |words: &[&'static str]| prop::sample::select(words.to_vec());
        prop_oneof![
            any(&["relaxed", "acquire", "seq_cst"]).prop_map(Extra::Load),
            (0..3i64, any(&["relaxed", "release", "seq_cst"])).prop_map(|(value, word)| Extra::Store(value, word)),
            any(&["relaxed", "acquire", "release", "acq_rel"]).prop_map(Extra::FetchAdd),
        ]
        .boxed()
    }

    /// An indivisible block.
    fn block(palette: Palette) -> BoxedStrategy<Extra> {
        let open = u32::from(palette == Palette::Full);
        prop_oneof![
            open => (0..3i64).prop_map(Extra::Atomically),
            open => (0..3i64).prop_map(Extra::When),
            1 => (0..3i64).prop_map(Extra::AtomicallyApart),
            1 => (0..3i64).prop_map(Extra::WhenApart),
        ]
        .boxed()
    }

    /// Its text in a thread of so many.
    pub(crate) fn text(&self, thread: usize, threads: usize) -> String {
        match self {
            Extra::IsLocked(mutex) => format!("if m{mutex}.is_locked() {{ n += 1; }}"),
            Extra::IsAlive(other) => {
                let other = usize::from(*other) % threads;
                let other = if other == thread { (other + 1) % threads } else { other };
                format!("if t{other}.is_alive() {{ n += 1; }}")
            }
            Extra::LenOfChannel => "n = n * 4 + c.len();".to_owned(),
            Extra::Fence => "fence(seq_cst);".to_owned(),
            Extra::Load(ordering) => format!("n = n * 4 + a.load({ordering});"),
            Extra::Store(value, ordering) => format!("a.store({value}, {ordering});"),
            Extra::FetchAdd(ordering) => format!("n = n * 4 + a.fetch_add(1, {ordering});"),
            Extra::Swap(value) => format!("n = n * 4 + a.swap({value});"),
            Extra::FetchMax(value) => format!("n = n * 4 + a.fetch_max({value});"),
            Extra::WeakExchange(old, new) => {
                format!("if a.compare_exchange_weak({old}, {new}) is some(_) {{ n += 1; }}")
            }
            Extra::Assume(least) => format!("assume n < {least};"),
            Extra::Atomically(value) => {
                format!("atomically {{ if a.load() == {value} {{ a.store({value} + 1); n += 1; }} }}")
            }
            Extra::When(value) => format!("when a.load() == {value} {{ a.store({value} + 1); }}"),
            Extra::AtomicallyApart(value) => {
                format!("atomically {{ if g.load() == {value} {{ g.store({value} + 1); n += 1; }} }}")
            }
            Extra::WhenApart(value) => format!("when g.load() == {value} {{ g.store({value} + 1); }}"),
        }
    }
}
