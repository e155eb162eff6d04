//! Random well-formed scenarios, small enough that engines without a visited set complete them.

use crate::extra::Extra;
use proptest::prelude::*;
use std::fmt::{self, Display, Formatter, Write as _};

/// Which constructs may occur.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Palette {
    /// Everything that native and shuttle share.
    Full,
    /// What loom expresses: no time-outs, no choices of the world.
    Loom,
    /// As `Full`, without plain memory: where there may be a race, free threads prove nothing.
    Atomic,
}

/// A scenario: fixed objects, random threads.
#[derive(Clone, Debug)]
pub(crate) struct Scenario {
    pub(crate) objects: Objects,
    pub(crate) threads: Vec<Vec<Stmt>>,
    /// Whether the last thread is a daemon.
    pub(crate) daemon: bool,
    /// Whether threads that wait may wake for no reason.
    pub(crate) spurious: bool,
}

/// Of which sort the objects are.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Objects {
    /// Of the semaphore.
    permits: u32,
    /// Whether the semaphore is bounded by them.
    bounded: bool,
    /// What `m1` is.
    sort: Sort,
    /// Which of the others serve in order of arrival.
    fifo: Fifo,
    preference: Option<Preference>,
    capacity: Capacity,
    queue: Queue,
    /// What closes itself at the end of the last thread.
    closes: Option<Closes>,
}

impl Objects {
    /// Any.
    fn any() -> impl Strategy<Value = Self> {
        let permits = (prop_oneof![1 => Just(0), 2 => Just(1)], prop::bool::weighted(0.2));
        let sort = prop_oneof![Just(Sort::Plain), Just(Sort::Reentrant), Just(Sort::Poisoning)];
        let fifo = prop_oneof![2 => Just(Fifo::None), 1 => Just(Fifo::One), 1 => Just(Fifo::All)];
        let preference = prop_oneof![
            4 => Just(None),
            1 => Just(Some(Preference::Writers)),
            1 => Just(Some(Preference::Readers)),
        ];
        let capacity = prop_oneof![1 => Just(Capacity::Unbounded), 1 => (0..3u32).prop_map(Capacity::Places)];
        let queue = prop_oneof![Just(Queue::First), Just(Queue::Last), Just(Queue::Least)];
        let closes = prop_oneof![3 => Just(None), 1 => Just(Some(Closes::Channel)), 1 => Just(Some(Closes::All))];
        (permits, sort, fifo, preference, capacity, queue, closes).prop_map(
            |((permits, bounded), sort, fifo, preference, capacity, queue, closes)| Self {
                permits,
                bounded,
                sort,
                fifo,
                preference,
                capacity,
                queue,
                closes,
            },
        )
    }
}

/// What serves in order of arrival.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Fifo {
    None,
    /// The semaphore.
    One,
    /// All that can.
    All,
}

/// Who goes first at the reader-writer lock.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Preference {
    Writers,
    Readers,
}

/// Which item of the queue is next.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Queue {
    First,
    Last,
    Least,
}

/// What closes itself.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Closes {
    Channel,
    /// Everything that can.
    All,
}

/// The channel's capacity.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Capacity {
    Unbounded,
    Places(u32),
}

/// What a mutex does with a holder that locks it again.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Sort {
    Plain,
    Reentrant,
    Poisoning,
}

/// A statement of a thread. Objects are named by their position.
#[derive(Clone, Debug)]
pub(crate) enum Stmt {
    Note(Read),
    Write(Place, i64),
    Add(Place),
    CompareExchange(i64, i64),
    Lock(u8),
    Unlock(u8),
    With(u8, Vec<Stmt>),
    TryLock(u8, Vec<Stmt>),
    LockTimeout(u8, Vec<Stmt>),
    Read(Vec<Stmt>),
    WriteLocked(Vec<Stmt>),
    RwCall(RwCall),
    TryRead(Vec<Stmt>),
    TryWrite(Vec<Stmt>),
    Wait(u8),
    WaitAtMost(u8),
    WaitWhile(u8),
    Notify(Wake),
    Acquire,
    Release,
    TryAcquire(Vec<Stmt>),
    WithPermit(Vec<Stmt>),
    /// Of the first or the second timer, where there are two.
    StartTimer(u8),
    CancelTimer(u8),
    JoinTimer(u8),
    TimerIsAlive(u8),
    /// `call` of the first or the second once.
    CallOnce(u8, Vec<Stmt>),
    IsCompleted(u8),
    Set,
    Clear,
    WaitForEvent,
    WaitTimeout,
    IsSet,
    Meet,
    MeetTimeout,
    Abort,
    Reset,
    IsBroken,
    AcquireTwo,
    ReleaseTwo,
    AcquireTimeout,
    Send(i64),
    Recv,
    TrySend(i64),
    TryRecv,
    RecvTimeout,
    Put(i64),
    PutTwo(i64, i64),
    Get,
    TaskDone,
    JoinQueue,
    PutTimeout(i64),
    TryGet,
    LenOfQueue,
    Close,
    SendOnce(i64),
    Answer,
    AnswerTimeout,
    CloseOneshot,
    Publish(i64),
    BorrowWatch,
    BorrowAndUpdate,
    HasChanged,
    Changed,
    WaitFor(i64),
    CloseWatch,
    Broadcast(i64),
    RecvBroadcast,
    TryRecvBroadcast,
    Subscribe,
    LenOfBroadcast,
    CloseBroadcast,
    IfZero(Vec<Stmt>, Vec<Stmt>),
    Twice(Vec<Stmt>),
    Choose(u32),
    Either(Vec<Stmt>, Vec<Stmt>),
    Assert(i64),
    Panic,
    /// A step without any effect.
    Pause(&'static str),
    Join(u8),
    Extra(Extra),
    /// A thread that is started, what is done beside it, and what becomes of its handle.
    Spawn(Vec<Stmt>, Vec<Stmt>, Handle),
}

/// What becomes of the handle of a thread.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Handle {
    Dropped,
    Waited,
    Matched,
    Unwrapped,
    AskedAndMatched,
    /// Given to a function, which joins it.
    Passed,
    /// Kept in an array.
    InArray,
}

/// Something that is read into the thread's note.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Read {
    Var,
    Atomic,
}

/// Something that is written.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Place {
    Var,
    Atomic,
}

/// A call on the reader-writer lock that need not have a partner.
#[derive(Clone, Copy, Debug)]
pub(crate) enum RwCall {
    Read,
    Write,
    ReadUnlock,
    WriteUnlock,
}

/// How many are woken.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Wake {
    One,
    Two,
    All,
}

/// A part of the language. A scenario uses few of them: what two threads do to the same object is what finds mistakes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Family {
    Mutex,
    RwLock,
    Condvar,
    Semaphore,
    Event,
    Once,
    Timer,
    Barrier,
    Channel,
    Oneshot,
    Watch,
    Broadcast,
    Queue,
    Threads,
    /// Plain memory that nothing orders but the beginning and the end of a thread. Not one of `ALL`: most of its programs
    /// race.
    Starts,
    World,
    Extra,
}

impl Family {
    pub(crate) const ALL: [Family; 16] = [
        Family::Mutex,
        Family::RwLock,
        Family::Condvar,
        Family::Semaphore,
        Family::Event,
        Family::Once,
        Family::Timer,
        Family::Barrier,
        Family::Channel,
        Family::Oneshot,
        Family::Watch,
        Family::Broadcast,
        Family::Queue,
        Family::Threads,
        Family::World,
        Family::Extra,
    ];

    /// Its statements without statements inside.
    fn leaves(self, palette: Palette) -> BoxedStrategy<Stmt> {
        let full = u32::from(palette != Palette::Loom);
        match self {
            Family::Mutex => prop_oneof![
                2 => mutex().prop_map(Stmt::Lock),
                1 => mutex().prop_map(Stmt::Unlock),
                4 => (mutex(), plain(palette)).prop_map(|(mutex, inside)| Stmt::With(mutex, vec![inside])),
                2 => (mutex(), plain(palette))
                    .prop_map(|(mutex, inside)| Stmt::With(mutex, vec![inside, Stmt::Panic])),
                2 => (mutex(), plain(palette)).prop_map(|(mutex, inside)| Stmt::TryLock(mutex, vec![inside])),
                full => (mutex(), plain(palette)).prop_map(|(mutex, inside)| Stmt::LockTimeout(mutex, vec![inside])),
            ]
            .boxed(),
            Family::RwLock => prop_oneof![
                1 => prop_oneof![
                    Just(RwCall::Read),
                    Just(RwCall::Write),
                    Just(RwCall::ReadUnlock),
                    Just(RwCall::WriteUnlock)
                ]
                .prop_map(Stmt::RwCall),
                1 => plain(palette).prop_map(|inside| Stmt::Read(vec![inside])),
                1 => plain(palette).prop_map(|inside| Stmt::WriteLocked(vec![inside])),
            ]
            .boxed(),
            Family::Condvar => prop_oneof![
                4 => (0..2u8).prop_map(Stmt::Wait),
                1 => (0..2u8).prop_map(Stmt::WaitWhile),
                3 * full => (0..2u8).prop_map(Stmt::WaitAtMost),
                2 => Just(Stmt::Notify(Wake::One)),
                1 => Just(Stmt::Notify(Wake::Two)),
                2 => Just(Stmt::Notify(Wake::All)),
            ]
            .boxed(),
            Family::Semaphore => prop_oneof![
                2 => Just(Stmt::Acquire),
                2 => Just(Stmt::Release),
                1 => Just(Stmt::AcquireTwo),
                1 => Just(Stmt::ReleaseTwo),
                full => Just(Stmt::AcquireTimeout),
                3 => plain(palette).prop_map(|inside| Stmt::WithPermit(vec![inside])),
            ]
            .boxed(),
            Family::Event => prop_oneof![
                2 => Just(Stmt::Set),
                1 => Just(Stmt::Clear),
                2 => Just(Stmt::WaitForEvent),
                1 => Just(Stmt::IsSet),
                full => Just(Stmt::WaitTimeout),
            ]
            .boxed(),
            Family::Once => prop_oneof![
                3 => (0..2u8, plain(palette)).prop_map(|(once, inside)| Stmt::CallOnce(once, vec![inside])),
                1 => (0..2u8, plain(palette))
                    .prop_map(|(once, inside)| Stmt::CallOnce(once, vec![inside, Stmt::Panic])),
                1 => (0..2u8).prop_map(Stmt::IsCompleted),
            ]
            .boxed(),
            Family::Timer => prop_oneof![
                2 => (0..2u8).prop_map(Stmt::StartTimer),
                2 => (0..2u8).prop_map(Stmt::CancelTimer),
                2 => (0..2u8).prop_map(Stmt::JoinTimer),
                1 => (0..2u8).prop_map(Stmt::TimerIsAlive),
                1 => plain(palette),
            ]
            .boxed(),
            Family::Barrier => prop_oneof![
                4 => Just(Stmt::Meet),
                1 => Just(Stmt::Abort),
                1 => Just(Stmt::Reset),
                1 => Just(Stmt::IsBroken),
                2 * full => Just(Stmt::MeetTimeout),
            ]
            .boxed(),
            Family::Channel => prop_oneof![
                3 => (0..3i64).prop_map(Stmt::Send),
                3 => Just(Stmt::Recv),
                2 => Just(Stmt::Close),
                1 => (0..3i64).prop_map(Stmt::TrySend),
                1 => Just(Stmt::TryRecv),
                full => Just(Stmt::RecvTimeout),
            ]
            .boxed(),
            Family::Oneshot => prop_oneof![
                2 => (0..3i64).prop_map(Stmt::SendOnce),
                3 => Just(Stmt::Answer),
                1 => Just(Stmt::CloseOneshot),
                full => Just(Stmt::AnswerTimeout),
            ]
            .boxed(),
            Family::Watch => prop_oneof![
                4 => (0..3i64).prop_map(Stmt::Publish),
                1 => Just(Stmt::BorrowWatch),
                1 => Just(Stmt::BorrowAndUpdate),
                1 => Just(Stmt::HasChanged),
                3 => Just(Stmt::Changed),
                1 => (0..3i64).prop_map(Stmt::WaitFor),
                1 => Just(Stmt::CloseWatch),
            ]
            .boxed(),
            Family::Broadcast => prop_oneof![
                4 => (0..3i64).prop_map(Stmt::Broadcast),
                3 => Just(Stmt::RecvBroadcast),
                1 => Just(Stmt::TryRecvBroadcast),
                1 => Just(Stmt::Subscribe),
                1 => Just(Stmt::LenOfBroadcast),
                1 => Just(Stmt::CloseBroadcast),
            ]
            .boxed(),
            Family::Queue => prop_oneof![
                2 => (0..3i64).prop_map(Stmt::Put),
                2 => (0..3i64, 0..3i64).prop_map(|(one, other)| Stmt::PutTwo(one, other)),
                3 => Just(Stmt::Get),
                1 => Just(Stmt::TaskDone),
                1 => Just(Stmt::JoinQueue),
                1 => Just(Stmt::TryGet),
                1 => Just(Stmt::LenOfQueue),
                full => (0..3i64).prop_map(Stmt::PutTimeout),
            ]
            .boxed(),
            Family::Threads => prop_oneof![
                3 => (0..4u8).prop_map(Stmt::Join),
                1 => (1..4i64).prop_map(Stmt::Assert),
                2 => Just(Stmt::Panic),
            ]
            .boxed(),
            Family::Starts => plain(palette),
            Family::Extra => Extra::any(palette).prop_map(Stmt::Extra).boxed(),
            Family::World => match palette {
                Palette::Loom => pause().boxed(),
                Palette::Full | Palette::Atomic => prop_oneof![
                    1 => pause(),
                    1 => (2..4u32).prop_map(Stmt::Choose),
                ]
                .boxed(),
            },
        }
    }

    /// Its statements around a block of others.
    fn nests(self, palette: Palette, block: &BoxedStrategy<Vec<Stmt>>) -> BoxedStrategy<Stmt> {
        let block = || block.clone();
        match (self, palette) {
            (Family::Mutex, Palette::Loom) => prop_oneof![
                4 => (mutex(), block()).prop_map(|(mutex, body)| Stmt::With(mutex, body)),
                1 => (mutex(), block()).prop_map(|(mutex, body)| Stmt::TryLock(mutex, body)),
            ]
            .boxed(),
            (Family::Mutex, Palette::Full | Palette::Atomic) => prop_oneof![
                4 => (mutex(), block()).prop_map(|(mutex, body)| Stmt::With(mutex, body)),
                1 => (mutex(), block()).prop_map(|(mutex, body)| Stmt::TryLock(mutex, body)),
                1 => (mutex(), block()).prop_map(|(mutex, body)| Stmt::LockTimeout(mutex, body)),
            ]
            .boxed(),
            (Family::RwLock, _) => prop_oneof![
                block().prop_map(Stmt::Read),
                block().prop_map(Stmt::WriteLocked),
                block().prop_map(Stmt::TryRead),
                block().prop_map(Stmt::TryWrite),
            ]
            .boxed(),
            (Family::Once, _) => (0..2u8, block()).prop_map(|(once, body)| Stmt::CallOnce(once, body)).boxed(),
            (Family::Semaphore, _) => block().prop_map(Stmt::TryAcquire).boxed(),
            (Family::World, Palette::Full | Palette::Atomic) => {
                (block(), block()).prop_map(|(one, other)| Stmt::Either(one, other)).boxed()
            }
            (Family::Threads | Family::Starts, Palette::Loom | Palette::Full | Palette::Atomic) => {
                let handle = prop_oneof![
                    1 => Just(Handle::Dropped),
                    1 => Just(Handle::Waited),
                    3 => Just(Handle::Matched),
                    1 => Just(Handle::Unwrapped),
                    2 => Just(Handle::AskedAndMatched),
                    2 => Just(Handle::Passed),
                    1 => Just(Handle::InArray),
                ];
                (block(), block(), handle).prop_map(|(body, beside, handle)| Stmt::Spawn(body, beside, handle)).boxed()
            }
            (
                Family::Condvar
                | Family::Event
                | Family::Timer
                | Family::Barrier
                | Family::Channel
                | Family::Oneshot
                | Family::Watch
                | Family::Broadcast
                | Family::Queue
                | Family::World
                | Family::Extra,
                Palette::Loom | Palette::Full | Palette::Atomic,
            ) => prop_oneof![
                1 => (block(), block()).prop_map(|(then, otherwise)| Stmt::IfZero(then, otherwise)),
                1 => block().prop_map(Stmt::Twice),
            ]
            .boxed(),
        }
    }
}

/// Scenarios of `threads` threads with at most `length` statements each.
pub(crate) fn scenario(palette: Palette, threads: usize, length: usize) -> impl Strategy<Value = Scenario> {
    scenario_about(&Family::ALL, palette, threads, length)
}

/// As [`scenario`], with statements of one or two of these families.
pub(crate) fn scenario_about(
    families: &'static [Family],
    palette: Palette,
    threads: usize,
    length: usize,
) -> impl Strategy<Value = Scenario> {
    let depth = if threads == 2 { 2 } else { 1 };
    let families = prop::sample::subsequence(families, 1..=families.len().min(2));
    let bodies = families.prop_flat_map(move |families| {
        let body = prop::collection::vec(statement(palette, &families, depth), 1..=length);
        prop::collection::vec(body, threads)
    });
    let daemon = prop::bool::weighted(if threads > 2 && palette != Palette::Loom { 0.2 } else { 0.0 });
    let spurious = prop::bool::weighted(if palette == Palette::Loom { 0.0 } else { 0.25 });
    (Objects::any(), bodies, daemon, spurious).prop_map(move |(objects, threads, daemon, spurious)| Scenario {
        objects,
        // Free threads cannot express a daemon beside a timer.
        daemon: daemon && !(palette == Palette::Atomic && uses_timer(&threads)),
        threads,
        spurious,
    })
}

/// Whether somebody uses the timer.
fn uses_timer(threads: &[Vec<Stmt>]) -> bool {
    let text = format!("{threads:?}");
    ["StartTimer", "CancelTimer", "JoinTimer", "TimerIsAlive"].iter().any(|used| text.contains(used))
}

/// Whether the timer is one of an array: where there are few other threads.
fn has_two_timers(threads: usize) -> bool {
    threads <= 3
}

/// A step without any effect; `progress` is one, too, as far as outcomes go.
fn pause() -> impl Strategy<Value = Stmt> {
    prop::sample::select(vec!["yield;", "progress;", "sleep(1ms);", "work(1ms);"]).prop_map(Stmt::Pause)
}

/// The second mutex, which may be of any sort, is the more interesting one.
fn mutex() -> BoxedStrategy<u8> {
    prop_oneof![1 => Just(0), 3 => Just(1)].boxed()
}

/// Accesses of plain memory, where something may guard it.
fn plain(palette: Palette) -> BoxedStrategy<Stmt> {
    if palette == Palette::Atomic {
        return atomic();
    }
    prop_oneof![
        Just(Stmt::Note(Read::Var)),
        (0..3i64).prop_map(|value| Stmt::Write(Place::Var, value)),
        Just(Stmt::Add(Place::Var)),
    ]
    .boxed()
}

/// Accesses of shared memory: in every scenario, since they tell what has happened. Races are not what most are about.
fn memory(palette: Palette) -> BoxedStrategy<Stmt> {
    prop_oneof![5 => atomic(), 1 => plain(palette)].boxed()
}

/// Accesses of an atomic.
fn atomic() -> BoxedStrategy<Stmt> {
    prop_oneof![
        3 => Just(Stmt::Note(Read::Atomic)),
        3 => (0..3i64).prop_map(|value| Stmt::Write(Place::Atomic, value)),
        3 => Just(Stmt::Add(Place::Atomic)),
        1 => (0..2i64, 1..3i64).prop_map(|(old, new)| Stmt::CompareExchange(old, new)),
    ]
    .boxed()
}

fn statement(palette: Palette, families: &[Family], depth: u32) -> BoxedStrategy<Stmt> {
    let mut leaves: Vec<_> = families.iter().map(|family| (4, family.leaves(palette))).collect();
    leaves.push((1, memory(palette)));
    let leaf = prop::strategy::Union::new_weighted(leaves).boxed();
    if depth == 0 {
        return leaf;
    }
    let block = prop::collection::vec(statement(palette, families, depth - 1), 0..3).boxed();
    let nested = prop::strategy::Union::new(families.iter().map(|family| family.nests(palette, &block))).boxed();
    prop_oneof![4 => leaf, 1 => nested].boxed()
}

impl Objects {
    /// Prints the declarations; `last` is the last thread.
    fn print(&self, last: usize, f: &mut Formatter<'_>) -> fmt::Result {
        match self.preference {
            None => {}
            Some(Preference::Writers) => writeln!(f, "option writer_preference;")?,
            Some(Preference::Readers) => writeln!(f, "option reader_preference;")?,
        }
        let order = if self.fifo == Fifo::All { "fifo " } else { "" };
        let sort = match self.sort {
            Sort::Plain => order,
            Sort::Reentrant => "reentrant ",
            Sort::Poisoning => "poisoning ",
        };
        writeln!(f, "var x = 0;\natomic a = 0;\natomic g = 0;\nmutex m0;\n{sort}mutex m1;\n{order}rwlock l;")?;
        let order_of_semaphore = if self.fifo == Fifo::None { "" } else { "fifo " };
        let bounded = if self.bounded { "bounded " } else { "" };
        writeln!(f, "{order}condvar v;\n{order_of_semaphore}{bounded}semaphore s({});", self.permits)?;
        writeln!(f, "event e;\nonce i0;\nonce i1;\nbarrier b(2);")?;
        let by = |closes: bool| if closes { format!(" closed by t{last}") } else { String::new() };
        let others = by(self.closes == Some(Closes::All));
        writeln!(f, "oneshot o{others};\nwatch w = 0{others};\nbroadcast r(1){others};")?;
        let channel = by(self.closes.is_some());
        match self.capacity {
            Capacity::Unbounded => writeln!(f, "channel c{channel};")?,
            Capacity::Places(places) => writeln!(f, "channel c({places}){channel};")?,
        }
        let queue = match self.queue {
            Queue::First => "queue q(1);",
            Queue::Last => "lifo queue q;",
            Queue::Least => "priority queue q(2);",
        };
        writeln!(f, "{queue}")
    }
}

impl Display for Scenario {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        // Orderings would ask for a memory model that the native checker does not explore.
        writeln!(f, "memory sc;")?;
        if self.spurious {
            writeln!(f, "option spurious_wakeups;")?;
        }
        self.objects.print(self.threads.len() - 1, f)?;
        let notes: Vec<String> = (0..self.threads.len()).map(|thread| format!("t{thread}.n")).collect();
        writeln!(f, "observe x, a, g, {};", notes.join(", "))?;
        if uses_timer(&self.threads) {
            writeln!(
                f,
                "timer k{}(1ms) {{ a.fetch_add(1); {} }}",
                if has_two_timers(self.threads.len()) { "[i in 0..2]" } else { "" },
                if self.objects.permits == 0 { "e.set();" } else { "with m0 { }" }
            )?;
        }
        for (thread, body) in self.threads.iter().enumerate() {
            let mut printer = Printer {
                sort: self.objects.sort,
                thread,
                threads: self.threads.len(),
                loops: 0,
                text: String::new(),
                functions: String::new(),
            };
            printer.block(body, 1);
            write!(f, "{}", printer.functions)?;
            let daemon = if self.daemon && thread + 1 == self.threads.len() { "daemon " } else { "" };
            writeln!(f, "{daemon}thread t{thread} {{\n    let n = 0;\n{}}}", printer.text)?;
        }
        Ok(())
    }
}

struct Printer {
    sort: Sort,
    thread: usize,
    threads: usize,
    loops: usize,
    text: String,
    /// What is started as threads.
    functions: String,
}

impl Printer {
    fn block(&mut self, body: &[Stmt], depth: usize) {
        body.iter().for_each(|statement| self.statement(statement, depth));
    }

    fn line(&mut self, depth: usize, text: &str) {
        writeln!(self.text, "{}{text}", "    ".repeat(depth)).expect("writing to a string cannot fail");
    }

    /// What is done with the result of an operation that says whether its mutex is poisoned.
    fn unless_poisoned(&self, mutex: u8, operation: &str) -> String {
        if mutex == 1 && self.sort == Sort::Poisoning {
            format!("if {operation} is poisoned {{ assert false; }}")
        } else {
            format!("{operation};")
        }
    }

    /// The name of a timer.
    fn timer(&self, timer: u8) -> String {
        if has_two_timers(self.threads) { format!("k[{timer}]") } else { "k".to_owned() }
    }

    fn nested(&mut self, head: &str, body: &[Stmt], depth: usize) {
        self.line(depth, &format!("{head} {{"));
        self.block(body, depth + 1);
        self.line(depth, "}");
    }

    fn statement(&mut self, statement: &Stmt, depth: usize) {
        match statement {
            Stmt::Note(Read::Var) => self.line(depth, "n = n * 4 + x + 1;"),
            Stmt::Note(Read::Atomic) => self.line(depth, "n = n * 4 + a.load() + 1;"),
            Stmt::Write(Place::Var, value) => self.line(depth, &format!("x = {value};")),
            Stmt::Write(Place::Atomic, value) => self.line(depth, &format!("a.store({value});")),
            Stmt::Add(Place::Var) => self.line(depth, "x += 1;"),
            Stmt::Add(Place::Atomic) => self.line(depth, "n = n * 4 + a.fetch_add(1);"),
            Stmt::CompareExchange(old, new) => {
                self.line(depth, &format!("if a.compare_exchange({old}, {new}) is some(_) {{ n += 1; }}"));
            }
            Stmt::Lock(mutex) => {
                let lock = self.unless_poisoned(*mutex, &format!("m{mutex}.lock()"));
                self.line(depth, &lock);
            }
            Stmt::Unlock(mutex) => self.line(depth, &format!("m{mutex}.unlock();")),
            Stmt::With(mutex, body) => self.nested(&format!("with m{mutex}"), body, depth),
            Stmt::TryLock(mutex, body) => {
                self.line(depth, &format!("if m{mutex}.try_lock() {{"));
                self.block(body, depth + 1);
                self.line(depth + 1, &format!("m{mutex}.unlock();"));
                self.line(depth, "}");
            }
            Stmt::Read(body) => self.nested("with l.read()", body, depth),
            Stmt::WriteLocked(body) => self.nested("with l.write()", body, depth),
            Stmt::RwCall(call) => self.line(
                depth,
                match call {
                    RwCall::Read => "l.read();",
                    RwCall::Write => "l.write();",
                    RwCall::ReadUnlock => "l.read_unlock();",
                    RwCall::WriteUnlock => "l.write_unlock();",
                },
            ),
            Stmt::TryRead(body) => {
                self.line(depth, "if l.try_read() {");
                self.block(body, depth + 1);
                self.line(depth + 1, "l.read_unlock();");
                self.line(depth, "}");
            }
            Stmt::TryWrite(body) => {
                self.line(depth, "if l.try_write() {");
                self.block(body, depth + 1);
                self.line(depth + 1, "l.write_unlock();");
                self.line(depth, "}");
            }
            Stmt::LockTimeout(mutex, body) => {
                self.line(depth, &format!("if m{mutex}.lock_timeout(5ms) {{"));
                self.block(body, depth + 1);
                self.line(depth + 1, &format!("m{mutex}.unlock();"));
                self.line(depth, "}");
            }
            Stmt::Wait(mutex) => {
                let wait = self.unless_poisoned(*mutex, &format!("v.wait(m{mutex})"));
                self.line(depth, &format!("with m{mutex} {{ {wait} }}"));
            }
            Stmt::WaitAtMost(1) if self.sort == Sort::Poisoning => {
                let arms = "some(ok) => { if ok { n += 1; } } poisoned => { assert false; }";
                self.line(depth, &format!("with m1 {{ match v.wait_timeout(m1, 1ms) {{ {arms} }} }}"));
            }
            Stmt::WaitAtMost(mutex) => {
                self.line(depth, &format!("with m{mutex} {{ if v.wait_timeout(m{mutex}, 1ms) {{ n += 1; }} }}"));
            }
            Stmt::WaitWhile(mutex) => {
                let wait = self.unless_poisoned(*mutex, &format!("v.wait_while(m{mutex}, a.load() == 0)"));
                self.line(depth, &format!("with m{mutex} {{ {wait} }}"));
            }
            Stmt::Notify(Wake::One) => self.line(depth, "v.notify_one();"),
            Stmt::Notify(Wake::Two) => self.line(depth, "v.notify(2);"),
            Stmt::Notify(Wake::All) => self.line(depth, "v.notify_all();"),
            Stmt::Acquire => self.line(depth, "s.acquire();"),
            Stmt::Release => self.line(depth, "s.release();"),
            Stmt::WithPermit(body) => self.nested("with s", body, depth),
            Stmt::TryAcquire(body) => self.nested("if s.try_acquire()", body, depth),
            Stmt::StartTimer(timer) => self.line(depth, &format!("{}.start();", self.timer(*timer))),
            Stmt::CancelTimer(timer) => self.line(depth, &format!("if {}.cancel() {{ n += 1; }}", self.timer(*timer))),
            Stmt::JoinTimer(timer) => {
                self.line(depth, &format!("if {}.join() is failed {{ n += 3; }}", self.timer(*timer)));
            }
            Stmt::TimerIsAlive(timer) => {
                self.line(depth, &format!("if {}.is_alive() {{ n += 1; }}", self.timer(*timer)));
            }
            Stmt::CallOnce(once, body) => self.nested(&format!("i{once}.call"), body, depth),
            Stmt::IsCompleted(once) => self.line(depth, &format!("if i{once}.is_completed() {{ n += 1; }}")),
            Stmt::Set => self.line(depth, "e.set();"),
            Stmt::Clear => self.line(depth, "e.clear();"),
            Stmt::WaitForEvent => self.line(depth, "e.wait();"),
            Stmt::WaitTimeout => self.line(depth, "if e.wait_timeout(1ms) { n += 1; }"),
            Stmt::Meet => self.line(depth, "if let some(last) = b.wait() { if last { n += 1; } }"),
            Stmt::MeetTimeout => self.line(depth, "if b.wait_timeout(1ms) is timeout { n += 2; }"),
            Stmt::Abort => self.line(depth, "b.abort();"),
            Stmt::Reset => self.line(depth, "b.reset();"),
            Stmt::IsBroken => self.line(depth, "if b.is_broken() { n += 1; }"),
            Stmt::AcquireTwo => self.line(depth, "s.acquire(2);"),
            Stmt::ReleaseTwo => self.line(depth, "s.release(2);"),
            Stmt::AcquireTimeout => self.line(depth, "if s.acquire_timeout(1ms) { n += 1; }"),
            Stmt::IsSet => self.line(depth, "if e.is_set() { n += 1; }"),
            Stmt::Send(value) => self.line(depth, &format!("c.send({value});")),
            Stmt::Recv => self.line(depth, "if let some(got) = c.recv() { n = n * 4 + got; }"),
            Stmt::TrySend(value) => self.line(depth, &format!("if c.try_send({value}) {{ n += 1; }}")),
            Stmt::TryRecv => self.line(depth, "if let some(got) = c.try_recv() { n = n * 4 + got; }"),
            Stmt::RecvTimeout => {
                self.line(depth, "if let some(got) = c.recv_timeout(1ms) { n = n * 4 + got + 1; }");
            }
            Stmt::Put(value) => self.line(depth, &format!("q.put({value});")),
            Stmt::PutTwo(one, other) => self.line(depth, &format!("q.put({one}); q.put({other});")),
            Stmt::Get => self.line(depth, "n = n * 4 + q.get();"),
            Stmt::TaskDone => self.line(depth, "q.task_done();"),
            Stmt::JoinQueue => self.line(depth, "q.join();"),
            Stmt::PutTimeout(value) => self.line(depth, &format!("if q.put_timeout({value}, 1ms) {{ n += 1; }}")),
            Stmt::TryGet => self.line(depth, "if let some(got) = q.try_get() { n = n * 4 + got; }"),
            Stmt::LenOfQueue => self.line(depth, "n = n * 4 + q.len();"),
            Stmt::Close => self.line(depth, "c.close();"),
            Stmt::SendOnce(value) => self.line(depth, &format!("if o.send({value}) {{ n += 1; }}")),
            Stmt::Answer => self.line(depth, "if let some(got) = o.recv() { n = n * 4 + got; }"),
            Stmt::AnswerTimeout => self.line(depth, "if o.recv_timeout(1ms) is timeout { n += 2; }"),
            Stmt::CloseOneshot => self.line(depth, "o.close();"),
            Stmt::Publish(value) => self.line(depth, &format!("w.send({value});")),
            Stmt::BorrowWatch => self.line(depth, "n = n * 4 + w.borrow();"),
            Stmt::BorrowAndUpdate => self.line(depth, "n = n * 4 + w.borrow_and_update();"),
            Stmt::HasChanged => self.line(depth, "if w.has_changed() { n += 1; }"),
            Stmt::Changed => self.line(depth, "if w.changed() is some { n = n * 4 + w.borrow(); }"),
            Stmt::WaitFor(value) => self.line(depth, &format!("if w.wait_for({value}) is closed {{ n += 1; }}")),
            Stmt::CloseWatch => self.line(depth, "w.close();"),
            Stmt::Broadcast(value) => self.line(depth, &format!("r.send({value});")),
            Stmt::RecvBroadcast => {
                let arms = "some(got) => { n = n * 4 + got; } failed(missed) => { n += missed; } closed => { }";
                self.line(depth, &format!("match r.recv() {{ {arms} }}"));
            }
            Stmt::TryRecvBroadcast => self.line(depth, "if let some(got) = r.try_recv() { n = n * 4 + got; }"),
            Stmt::Subscribe => self.line(depth, "r.subscribe();"),
            Stmt::LenOfBroadcast => self.line(depth, "n = n * 4 + r.len();"),
            Stmt::CloseBroadcast => self.line(depth, "r.close();"),
            Stmt::IfZero(then, otherwise) => {
                self.line(depth, "if a.load() == 0 {");
                self.block(then, depth + 1);
                self.line(depth, "} else {");
                self.block(otherwise, depth + 1);
                self.line(depth, "}");
            }
            Stmt::Twice(body) => {
                let name = format!("k{}", self.loops);
                self.loops += 1;
                self.nested(&format!("for {name} in 0..2"), body, depth);
            }
            Stmt::Choose(count) => self.line(depth, &format!("n = n * 4 + choose(0..{count});")),
            Stmt::Either(one, other) => {
                self.line(depth, "either {");
                self.block(one, depth + 1);
                self.line(depth, "} or {");
                self.block(other, depth + 1);
                self.line(depth, "}");
            }
            Stmt::Assert(value) => self.line(depth, &format!("assert a.load() != {value};")),
            Stmt::Panic => self.line(depth, "panic \"given up\";"),
            Stmt::Pause(pause) => self.line(depth, pause),
            Stmt::Extra(extra) => self.line(depth, &extra.text(self.thread, self.threads)),
            Stmt::Join(other) => {
                let other = usize::from(*other) % self.threads;
                if other != self.thread {
                    self.line(depth, &format!("t{other}.join();"));
                }
            }
            Stmt::Spawn(body, beside, handle) => self.spawn(body, beside, *handle, depth),
        }
    }

    fn spawn(&mut self, body: &[Stmt], beside: &[Stmt], handle: Handle, depth: usize) {
        let (function, local) = (format!("f{}_{}", self.thread, self.loops), format!("h{}", self.loops));
        self.loops += 1;
        let around = std::mem::take(&mut self.text);
        self.block(body, 1);
        let inside = std::mem::replace(&mut self.text, around);
        let _ = writeln!(self.functions, "fn {function}(n) {{\n{inside}    return n;\n}}");
        match handle {
            Handle::Dropped => self.line(depth, &format!("spawn {function}(n);")),
            Handle::InArray => self.line(depth, &format!("let {local}[2]; {local}[1] = spawn {function}(n);")),
            Handle::Waited | Handle::Matched | Handle::Unwrapped | Handle::AskedAndMatched | Handle::Passed => {
                self.line(depth, &format!("let {local} = spawn {function}(n);"));
            }
        }
        self.block(beside, depth);
        match handle {
            Handle::Dropped => {}
            Handle::Waited => self.line(depth, &format!("{local}.join();")),
            Handle::Unwrapped => self.line(depth, &format!("n = n * 4 + {local}.join();")),
            Handle::InArray => self.line(depth, &format!("if {local}[1].join() is failed {{ n += 2; }}")),
            Handle::Passed => {
                let arms = "some(back) => { return back; } failed => { return 2; }";
                let _ = writeln!(self.functions, "fn take_{function}(h) {{\n    match h.join() {{ {arms} }}\n}}");
                self.line(depth, &format!("n = n * 4 + take_{function}({local});"));
            }
            Handle::Matched | Handle::AskedAndMatched => {
                if matches!(handle, Handle::AskedAndMatched) {
                    self.line(depth, &format!("if {local}.is_finished() {{ n += 1; }}"));
                }
                let failed = "failed => { n += 2; }";
                self.line(depth, &format!("match {local}.join() {{ some(back) => {{ n = n * 4 + back; }} {failed} }}"));
            }
        }
    }
}
