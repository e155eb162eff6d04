//! Whether the tables are complete: for every declaration and every ordered pair of its operations some case shows the
//! first operation in the first thread and the second one in the second thread, on one object or on one array.
//!
//! What counts is what a case compiles to, not its text:
//!
//! - Only cases count that have exactly two declared threads and observe something, and of these only objects with which
//!   each of the two does at most three different things: a case that does more is about something else.
//! - `with`, `for` over a channel and `wait_while` are the operations that they are made of; `x += 1` reads and writes.
//! - A channel and a queue are three and two declarations: without a number, with one, and with 0.
//! - A mutex with which a thread waits on a condition variable is a declaration of its own, `mutex of a condvar`: each way
//!   to wait is paired with each operation on the mutex. Whether a sort of mutex can be waited with is asked of the compiler.
//! - Operations on a thread are paired where two threads ask about a third one. The handle of a started thread belongs to the
//!   thread that has started it, so its operations are paired in the order of its text, beside the thread started.
//!
//! The test runs its own executable once more with [`LIST`] set. There each case explores nothing and notes its pairs.

use super::check::program;
use interleaver::language::{compile, object_words, operations};
use interleaver::program::{
    AtomicOp, BarrierOp, BroadcastOp, Capacity, ChannelOp, CondvarOp, EventOp, InstrKind, LocalObject, MutexKind,
    MutexOp, Object, ObjectKind, OnceOp, OneshotOp, Op, Patience, Preference, Program, QueueOp, QueueOrder, RwLockOp,
    SemaphoreOp, Service, Source, SpawnOp, Thread, ThreadId, ThreadOp, TimerOp, VarOp, WatchOp,
};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
use std::process::Command;

/// Names the file to which cases append their pairs instead of being explored.
pub(crate) const LIST: &str = "INTERLEAVER_PAIRS";

/// More different operations than these on one object are another subject.
const AT_MOST: usize = 3;

/// A declaration, the operation of the first thread and that of the second one.
type Pair = (String, &'static str, &'static str);

/// What a thread operates on.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum On {
    /// An object or an array of them, by its first element.
    Object(usize),
    /// A declared thread or a group of them, by its first member.
    Thread(usize),
    /// The threads that a function is started as.
    Function(usize),
}

/// Appends the pairs that a case shows to a file, one on a line.
pub(crate) fn note(program: &Program, list: &Path) {
    let lines: String = shown(program).iter().map(|(of, first, second)| format!("{of}\t{first}\t{second}\n")).collect();
    let file = std::fs::OpenOptions::new().append(true).open(list);
    file.and_then(|mut file| file.write_all(lines.as_bytes())).expect("the list of pairs can be written");
}

/// The pairs that a program shows.
fn shown(program: &Program) -> BTreeSet<Pair> {
    if program.observed.is_empty() {
        return BTreeSet::new();
    }
    let declared: Vec<ThreadId> =
        program.thread_ids().filter(|thread| program.thread(*thread).starts_with_program()).collect();
    let mut pairs = BTreeSet::new();
    match declared[..] {
        [only] => pairs.extend(one_after_the_other(program, only)),
        [first, second] => pairs.extend(beside_each_other(program, first, second, is_object)),
        [a, b, c] => {
            for (first, second, third) in [(a, b, c), (a, c, b), (b, c, a)] {
                let third = On::Thread(third.index());
                pairs.extend(beside_each_other(program, first, second, |on| on == third));
            }
        }
        _ => {}
    }
    pairs
}

fn is_object(on: On) -> bool {
    match on {
        On::Object(_) => true,
        On::Thread(_) | On::Function(_) => false,
    }
}

/// What two threads do with the same.
fn beside_each_other(program: &Program, first: ThreadId, second: ThreadId, wanted: impl Fn(On) -> bool) -> Vec<Pair> {
    let by_object = |thread| {
        let mut uses: BTreeMap<On, BTreeSet<&'static str>> = BTreeMap::new();
        for (on, word) in uses_of(program, thread).into_iter().filter(|(on, _)| wanted(*on)) {
            uses.entry(on).or_default().insert(word);
        }
        uses.retain(|_, words| words.len() <= AT_MOST);
        uses
    };
    let second = by_object(second);
    let mut pairs = Vec::new();
    for (on, words) in by_object(first) {
        let others = second.get(&on);
        for (one, other) in words.iter().flat_map(|one| others.into_iter().flatten().map(move |other| (*one, *other))) {
            pairs.extend(declaration(program, on, one, other).map(|of| (of, one, other)));
        }
    }
    pairs
}

/// What one thread does with threads that it has started.
fn one_after_the_other(program: &Program, thread: ThreadId) -> Vec<Pair> {
    let mut uses = uses_of(program, thread);
    uses.retain(|(on, _)| matches!(on, On::Function(_)));
    let mut pairs = Vec::new();
    for (at, (on, one)) in uses.iter().enumerate() {
        let later = uses[at + 1..].iter().filter(|(other, _)| other == on);
        pairs.extend(later.map(|(_, other)| ("spawn".to_owned(), *one, *other)));
    }
    pairs
}

/// How an object is declared on which these two operations are; `None` where they are on the mutex of a wait and
/// none of them, or each, is a wait: then the condition variable is what they have in common.
fn declaration(program: &Program, on: On, one: &str, other: &str) -> Option<String> {
    let object = match on {
        On::Object(object) => object,
        On::Thread(_) => return Some("thread".to_owned()),
        On::Function(_) => return Some("spawn".to_owned()),
    };
    let words = words_of(&program.objects[object].kind);
    let waited_with = |op: &Op| {
        let Op::Condvar { condvar, op } = op else { return None };
        op.waits_with().filter(|mutex| whole(program, at(mutex)) == on).map(|_| condvar.base.index())
    };
    let Some(condvar) = ops(program).find_map(waited_with) else { return Some(words) };
    let waits = WAITS.contains(&one) != WAITS.contains(&other);
    waits.then(|| of_a(&words, &words_of(&program.objects[condvar].kind)))
}

/// A mutex with which somebody waits.
fn of_a(mutex: &str, condvar: &str) -> String {
    format!("{mutex} of a {condvar}")
}

/// The operations of a condition variable that give a mutex back.
const WAITS: [&str; 3] = ["wait", "wait_timeout", "wait_while"];

fn ops(program: &Program) -> impl Iterator<Item = &Op> {
    program.codes.iter().flat_map(|code| &code.instrs).filter_map(|instr| instr.kind.op())
}

/// What a thread operates on, and how, in order of its code.
fn uses_of(program: &Program, thread: ThreadId) -> Vec<(On, &'static str)> {
    let mut uses = Vec::new();
    for instr in &program.code_of(thread).instrs {
        let InstrKind::Op(op) = &instr.kind else { continue };
        let Some((on, mut word)) = use_of(op) else { continue };
        if let Op::Condvar { op, .. } = op
            && let Some(mutex) = op.waits_with()
        {
            // A `wait_while` is compiled to a loop around a wait; what reports quote tells which of both it is.
            if program.source.whole().quote(instr.span).contains(".wait_while(") {
                word = "wait_while";
            }
            uses.push((whole(program, at(mutex)), word));
        }
        uses.push((whole(program, on), word));
    }
    uses
}

fn at(object: &LocalObject) -> On {
    On::Object(object.base.index())
}

/// The array of an element, the group of a thread: a constant index is folded into what it names.
fn whole(program: &Program, on: On) -> On {
    match on {
        On::Object(element) => {
            let group = |object: &Object| object.group == program.objects[element].group;
            On::Object(program.objects.iter().position(group).unwrap_or(element))
        }
        On::Thread(member) => match program.threads[member].timer {
            // What is asked about the thread of a timer is asked about the timer.
            Some(timer) => whole(program, On::Object(timer.index())),
            None => {
                let group = |thread: &Thread| thread.group == program.threads[member].group;
                On::Thread(program.threads.iter().position(group).unwrap_or(member))
            }
        },
        On::Function(function) => On::Function(function),
    }
}

/// The operation as the language calls it; `None` where it is none: a choice, a pause, an end.
fn use_of(op: &Op) -> Option<(On, &'static str)> {
    Some(match op {
        Op::Var { var, op } => (
            at(var),
            match op {
                VarOp::Read { .. } => "read",
                VarOp::Write { .. } => "write",
            },
        ),
        Op::Atomic { atomic, op } => (
            at(atomic),
            match op {
                AtomicOp::Load { .. } => "load",
                AtomicOp::Store { .. } => "store",
                AtomicOp::Rmw { op, .. } => op.word(),
                AtomicOp::CompareExchange { weak: false, .. } => "compare_exchange",
                AtomicOp::CompareExchange { weak: true, .. } => "compare_exchange_weak",
            },
        ),
        Op::Mutex { mutex, op } => (
            at(mutex),
            match op {
                MutexOp::Lock { .. } | MutexOp::LockChecked { .. } => "lock",
                MutexOp::TryLock { .. } => "try_lock",
                MutexOp::LockTimeout { .. } => "lock_timeout",
                MutexOp::Unlock { .. } => "unlock",
                MutexOp::IsLocked { .. } => "is_locked",
            },
        ),
        Op::Condvar { condvar, op } => (
            at(condvar),
            match op {
                CondvarOp::Wait { .. } => "wait",
                CondvarOp::WaitTimeout { .. } => "wait_timeout",
                CondvarOp::NotifyOne => "notify_one",
                CondvarOp::Notify { .. } => "notify",
                CondvarOp::NotifyAll => "notify_all",
            },
        ),
        Op::RwLock { rwlock, op } => (
            at(rwlock),
            match op {
                RwLockOp::Read { .. } => "read",
                RwLockOp::Write { .. } => "write",
                RwLockOp::TryRead { .. } => "try_read",
                RwLockOp::TryWrite { .. } => "try_write",
                RwLockOp::ReadUnlock { .. } => "read_unlock",
                RwLockOp::WriteUnlock { .. } => "write_unlock",
            },
        ),
        Op::Semaphore { semaphore, op } => (
            at(semaphore),
            match op {
                SemaphoreOp::Acquire { .. } => "acquire",
                SemaphoreOp::TryAcquire { .. } => "try_acquire",
                SemaphoreOp::AcquireTimeout { .. } => "acquire_timeout",
                SemaphoreOp::Release { .. } => "release",
            },
        ),
        Op::Barrier { barrier, op } => (
            at(barrier),
            match op {
                BarrierOp::Wait { .. } => "wait",
                BarrierOp::WaitTimeout { .. } => "wait_timeout",
                BarrierOp::Abort => "abort",
                BarrierOp::Reset => "reset",
                BarrierOp::IsBroken { .. } => "is_broken",
            },
        ),
        Op::Event { event, op } => (
            at(event),
            match op {
                EventOp::Set => "set",
                EventOp::Clear => "clear",
                EventOp::IsSet { .. } => "is_set",
                EventOp::Wait => "wait",
                EventOp::WaitTimeout { .. } => "wait_timeout",
            },
        ),
        Op::Once { once, op } => (
            at(once),
            match op {
                OnceOp::Begin { .. } | OnceOp::End => "call",
                OnceOp::IsCompleted { .. } => "is_completed",
            },
        ),
        Op::Timer { timer, op } => (
            at(timer),
            match op {
                TimerOp::Start => "start",
                TimerOp::Cancel { .. } => "cancel",
                TimerOp::Fire => return None,
            },
        ),
        Op::Channel { channel, op } => (
            at(channel),
            match op {
                ChannelOp::Send { .. } => "send",
                ChannelOp::Recv { .. } => "recv",
                ChannelOp::TrySend { .. } => "try_send",
                ChannelOp::TryRecv { .. } => "try_recv",
                ChannelOp::RecvTimeout { .. } => "recv_timeout",
                ChannelOp::Close => "close",
                ChannelOp::Len { .. } => "len",
            },
        ),
        Op::Oneshot { oneshot, op } => (
            at(oneshot),
            match op {
                OneshotOp::Send { .. } => "send",
                OneshotOp::Recv { patience, .. } => patiently(*patience, ["recv", "try_recv", "recv_timeout"]),
                OneshotOp::Close => "close",
            },
        ),
        Op::Watch { watch, op } => (
            at(watch),
            match op {
                WatchOp::Send { .. } => "send",
                WatchOp::Borrow { .. } => "borrow",
                WatchOp::BorrowAndUpdate { .. } => "borrow_and_update",
                WatchOp::HasChanged { .. } => "has_changed",
                WatchOp::Changed { .. } => "changed",
                WatchOp::WaitFor { .. } => "wait_for",
                WatchOp::Close => "close",
            },
        ),
        Op::Broadcast { broadcast, op } => (
            at(broadcast),
            match op {
                BroadcastOp::Send { .. } => "send",
                BroadcastOp::Recv { patience, .. } => patiently(*patience, ["recv", "try_recv", "recv_timeout"]),
                BroadcastOp::Subscribe => "subscribe",
                BroadcastOp::Len { .. } => "len",
                BroadcastOp::Close => "close",
            },
        ),
        Op::Queue { queue, op } => (
            at(queue),
            match op {
                QueueOp::Put { patience, .. } => patiently(*patience, ["put", "try_put", "put_timeout"]),
                QueueOp::Get { patience, .. } => patiently(*patience, ["get", "try_get", "get_timeout"]),
                QueueOp::Len { .. } => "len",
                QueueOp::IsEmpty { .. } => "is_empty",
                QueueOp::IsFull { .. } => "is_full",
                QueueOp::TaskDone => "task_done",
                QueueOp::Join => "join",
            },
        ),
        Op::Thread { thread, op } => (
            On::Thread(thread.base.index()),
            match op {
                ThreadOp::Join { .. } => "join",
                ThreadOp::IsAlive { .. } => "is_alive",
            },
        ),
        Op::Spawn { function, op } => (
            On::Function(function.index()),
            match op {
                SpawnOp::Start { .. } => "spawn",
                SpawnOp::Wait { .. } | SpawnOp::Join { .. } => "join",
                SpawnOp::IsFinished { .. } => "is_finished",
            },
        ),
        Op::Fence(_) | Op::Pause(_) | Op::Choice(_) | Op::End => return None,
    })
}

fn patiently(patience: Patience, [forever, not_at_all, timed]: [&'static str; 3]) -> &'static str {
    match patience {
        Patience::Forever => forever,
        Patience::NotAtAll => not_at_all,
        Patience::Timed { .. } => timed,
    }
}

/// The words that declare an object, with `(k)` and `(0)` where it is another sort of thing with a number.
fn words_of(kind: &ObjectKind) -> String {
    let fifo = |service: &Service| match service {
        Service::Anybody => "",
        Service::Fifo => "fifo ",
    };
    match kind {
        ObjectKind::Var { .. } => "var".to_owned(),
        ObjectKind::Atomic { .. } => "atomic".to_owned(),
        ObjectKind::Mutex(kind) => match kind {
            MutexKind::Plain => "mutex".to_owned(),
            MutexKind::Reentrant => "reentrant mutex".to_owned(),
            MutexKind::Poisoning => "poisoning mutex".to_owned(),
            MutexKind::Fifo => "fifo mutex".to_owned(),
        },
        ObjectKind::RwLock(preference) => match preference {
            Preference::Anybody | Preference::Writers | Preference::Readers => "rwlock".to_owned(),
            Preference::Fifo => "fifo rwlock".to_owned(),
        },
        ObjectKind::Condvar { service, .. } => format!("{}condvar", fifo(service)),
        ObjectKind::Semaphore { bound, service, .. } => {
            format!("{}{}semaphore", fifo(service), if bound.is_some() { "bounded " } else { "" })
        }
        ObjectKind::Event => "event".to_owned(),
        ObjectKind::Once => "once".to_owned(),
        ObjectKind::Timer { .. } => "timer".to_owned(),
        ObjectKind::Barrier { .. } => "barrier".to_owned(),
        ObjectKind::Channel { capacity, .. } => match capacity {
            Capacity::Unbounded => "channel".to_owned(),
            Capacity::Bounded(_) => "channel(k)".to_owned(),
            Capacity::Rendezvous => "channel(0)".to_owned(),
        },
        ObjectKind::Oneshot { .. } => "oneshot".to_owned(),
        ObjectKind::Watch { .. } => "watch".to_owned(),
        ObjectKind::Broadcast { .. } => "broadcast".to_owned(),
        ObjectKind::Queue { order, room, .. } => {
            let order = match order {
                QueueOrder::Fifo => "",
                QueueOrder::Lifo => "lifo ",
                QueueOrder::Priority => "priority ",
            };
            format!("{order}queue{}", if room.is_some() { "(k)" } else { "" })
        }
    }
}

/// Every pair that the language has.
fn all() -> BTreeSet<Pair> {
    let mut pairs = BTreeSet::new();
    let mut square = |of: &str, operations: &[&'static str]| {
        for one in operations {
            pairs.extend(operations.iter().map(|other| (of.to_owned(), *one, *other)));
        }
    };
    let all = operations();
    let operations = |what: &str| all.iter().find(|(of, _)| *of == what).map_or(&[][..], |(_, operations)| operations);
    for (words, object) in declarations() {
        match object {
            // Accesses are no calls, so the table of operations has none.
            "var" => square(&words, &["read", "write"]),
            "channel" => {
                ["", "(k)", "(0)"].iter().for_each(|size| square(&format!("{words}{size}"), operations(object)))
            }
            "queue" => ["", "(k)"].iter().for_each(|size| square(&format!("{words}{size}"), operations(object))),
            _ => square(&words, operations(object)),
        }
    }
    square("thread", operations("thread"));
    square("spawn", &[&["spawn"], operations("handle")].concat());
    for (mutex, condvar) in waited_with() {
        for (wait, other) in WAITS.iter().flat_map(|wait| operations("mutex").iter().map(move |it| (*wait, *it))) {
            pairs.insert((of_a(&mutex, &condvar), wait, other));
            pairs.insert((of_a(&mutex, &condvar), other, wait));
        }
    }
    pairs
}

/// The words of every declaration of an object, with the object that it declares.
fn declarations() -> Vec<(String, &'static str)> {
    let whole = |(words, object): (String, &'static str)| {
        let words = if words.ends_with(object) { words } else { format!("{words} {object}") };
        (words, object)
    };
    object_words().map(whole).collect()
}

/// Every sort of mutex with every sort of condition variable on which a thread can wait with it.
pub(crate) fn waited_with() -> Vec<(String, String)> {
    let words = |wanted: &str| {
        let declared = declarations().into_iter().filter(|(_, object)| *object == wanted);
        declared.map(|(words, _)| words).collect::<Vec<_>>()
    };
    let mutexes = words("mutex");
    let both = |condvar: String| mutexes.iter().map(move |mutex| (mutex.clone(), condvar.clone()));
    let is_built = |(mutex, condvar): &(String, String)| {
        let text = format!("{mutex} m; {condvar} c; thread a {{ with m {{ c.wait(m); }} }}");
        compile(&Source { name: "test.ilv".to_owned(), text }, &[]).is_ok()
    };
    words("condvar").into_iter().flat_map(both).filter(is_built).collect()
}

#[test]
fn what_a_case_shows() {
    let shows = |text: &str, pairs: &[(&str, &str, &str)]| {
        let text = &format!("atomic o = 0; observe o; {text}");
        let pairs = pairs.iter().map(|(of, one, other)| (*of, *one, *other));
        let shown = shown(&program(text));
        assert_eq!(
            shown.iter().map(|(of, one, other)| (of.as_str(), *one, *other)).collect::<Vec<_>>(),
            pairs.collect::<Vec<_>>(),
            "{text}"
        );
    };
    shows("event e; thread a { e.set(); } thread b { e.wait(); }", &[("event", "set", "wait")]);
    shows("event e[2]; thread a { e[0].set(); } thread b { e[1].wait(); }", &[("event", "set", "wait")]);
    shows("event e; fn f() { e.set(); } thread a[i in 0..2] { f(); }", &[("event", "set", "set")]);
    shows("event e; event f; thread a { e.set(); } thread b { f.wait(); }", &[]);
    shows("event e; thread a { e.set(); } thread b { e.wait(); } thread c { }", &[]);
    shows("event e; thread a { e.set(); e.wait(); e.clear(); e.is_set(); } thread b { e.wait(); }", &[]);
    shows("channel c(2); thread a { c.send(1); } thread b { for v in c { } }", &[("channel(k)", "send", "recv")]);
    shows("channel c(0); thread a { c.send(1); } thread b { c.len(); }", &[("channel(0)", "send", "len")]);
    shows(
        "fifo bounded semaphore s(1); thread a { with s { } } thread b { s.try_acquire(); }",
        &[("fifo bounded semaphore", "acquire", "try_acquire"), ("fifo bounded semaphore", "release", "try_acquire")],
    );
    shows(
        "mutex m; condvar c; thread a { with m { c.wait_while(m, true); } } thread b { m.is_locked(); c.notify_one(); }",
        &[("condvar", "wait_while", "notify_one"), ("mutex of a condvar", "wait_while", "is_locked")],
    );
    shows("thread a { c.join(); } thread b { c.is_alive(); } thread c { }", &[("thread", "join", "is_alive")]);
    shows("thread a { b.join(); } thread b { a.is_alive(); }", &[]);
    shows("fn f() { } thread a { let h = spawn f(); h.join(); }", &[("spawn", "spawn", "join")]);
    assert!(shown(&program("event e; thread a { e.set(); } thread b { e.wait(); }")).is_empty(), "nothing is observed");
}

#[test]
fn every_pair_of_operations_has_a_case() {
    let folder = tempfile::tempdir().expect("a folder for the list");
    let list = folder.path().join("pairs");
    std::fs::write(&list, "").expect("an empty list");
    let own = std::env::current_exe().expect("the path of this executable");
    let run = Command::new(own).args(["--skip", "pairs::"]).env(LIST, &list).output().expect("this executable runs");
    assert!(run.status.success(), "{}{}", String::from_utf8_lossy(&run.stdout), String::from_utf8_lossy(&run.stderr));
    let text = std::fs::read_to_string(&list).expect("a list of pairs");
    let shown: BTreeSet<Vec<&str>> = text.lines().map(|line| line.split('\t').collect()).collect();
    let all = all();
    let all: BTreeSet<Vec<&str>> = all.iter().map(|(of, one, other)| vec![of.as_str(), *one, *other]).collect();
    let unknown: Vec<_> = shown.difference(&all).collect();
    assert!(unknown.is_empty(), "the language has no such pair: {unknown:?}");
    let mut missing: BTreeMap<(&str, &str), Vec<&str>> = BTreeMap::new();
    for pair in all.difference(&shown) {
        missing.entry((pair[0], pair[1])).or_default().push(pair[2]);
    }
    let mut report = String::new();
    for ((of, one), others) in &missing {
        let _ = writeln!(report, "{of}: {one} beside {}", others.join(", "));
    }
    let count: usize = missing.values().map(Vec::len).sum();
    assert!(missing.is_empty(), "{count} of {} pairs have no case\n{report}", all.len());
}
