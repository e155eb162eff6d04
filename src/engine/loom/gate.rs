//! loom with a gate before each visible step: it opens for the thread that the schedule names, and for nobody else.
//!
//! loom takes no schedule, but a thread that yields until it is its turn leaves loom only one way to go on, so that its
//! first execution is the one that the schedule asks for. loom does not know what the threads yield for: to it they are as
//! unordered as ever, and its own check of races stands. Mutexes, atomics and plain memory are loom's; a wait is
//! emulated: the mutex is given back, the thread stands at the gate, and takes the mutex again.
//!
//! A schedule is one of a sequentially consistent execution: a load sees the last store, whatever its ordering.

use super::{Atomic, Cell, Guard, Runtime, Stop, builder};
use crate::engine::interpreter::{
    Backend, Exchange, Execution, Exit, Fit, Holding, Nature, NoBarrier, NoChannel, NoRwLock, PausePlace, Run, Seen,
    Stamp, Way,
};
use crate::engine::quiet;
use crate::finding::Unsupported;
use crate::limits::Watch;
use crate::program::{Line, Memory, Ordering, PauseKind, RmwOp, ThreadId};
use ::loom::sync::Mutex;
use std::cell::RefCell;
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind, panic_any};
use std::rc::{Rc, Weak};
use std::sync::{Arc, Mutex as StdMutex};

/// Follows a schedule, and does what comes behind it.
pub(in crate::engine) fn follow(way: Way<'_>, watch: &dyn Watch) -> (Arc<Run>, quiet::Left<()>) {
    let run = Run::following::<Gated>(way);
    let left = replay(&run, watch);
    (run, left)
}

/// Follows the schedule of a run.
fn replay(run: &Arc<Run>, watch: &dyn Watch) -> quiet::Left<()> {
    let left = quiet::run(watch, |signal| {
        run.listen(signal);
        let shared = Arc::clone(run);
        let model = move || execute(&shared);
        catch_unwind(AssertUnwindSafe(|| builder(&run.limits).check(model)))
    });
    left.flatten().or_else(|payload| if payload.is::<Stop>() { Ok(()) } else { Err(payload) })
}

/// loom keeps all that an execution has done, so that longer schedules would need more memory than a child may have.
const STEPS_MAX: usize = 200_000;

/// Whether a schedule of so many steps can be followed.
///
/// # Errors
/// It is too long, in words for people.
pub(in crate::engine) fn follows(steps: usize) -> Result<(), Unsupported> {
    if steps <= STEPS_MAX {
        return Ok(());
    }
    Err(Unsupported {
        construct: format!("a schedule of {steps} steps"),
        line: Line::Own(0),
        reason: format!("loom keeps every step of an execution in memory, and has room for {STEPS_MAX}"),
    })
}

/// The one execution: the first thread of the program runs in the model's closure.
fn execute(run: &Arc<Run>) {
    let gate = Rc::new(Gate::default());
    let runtime = Runtime { memory: Memory::Sc, started: StdMutex::default() };
    let execution = Rc::new(Execution::start(Arc::clone(run), Gated { runtime, gate: Rc::clone(&gate) }));
    if !execution.begun() {
        execution.finish();
        panic_any(Stop);
    }
    gate.close(&execution);
    for thread in execution.declared().skip(1) {
        make(&execution, &gate, thread);
    }
    if let Some(first) = execution.declared().next() {
        play(&execution, &gate, first);
    }
}

/// Makes a thread, which waits for its first turn.
fn make(execution: &Rc<Execution<Gated>>, gate: &Rc<Gate>, thread: ThreadId) {
    let (execution, gate) = (Rc::clone(execution), Rc::clone(gate));
    drop(::loom::thread::spawn(move || play(&execution, &gate, thread)));
}

/// One thread, from its first turn to its last.
fn play(execution: &Execution<Gated>, gate: &Gate, thread: ThreadId) {
    gate.wait_for(thread);
    let exit = execution.run_then(thread, |exit, holding| {
        if exit == Exit::Last {
            execution.finish();
        }
        // What it holds at its end stays locked as long as the others run: it never has another turn.
        if exit == Exit::Ended && holding == Holding::Something {
            gate.give_back(thread);
        }
    });
    match exit {
        Exit::Ended => gate.pass_on(),
        // Nobody else has anything to do any more, and loom has nothing else to look at.
        Exit::Last | Exit::Stopped => panic_any(Stop),
    }
}

/// Whose turn it is. All threads of a model are coroutines of one thread of the system.
#[derive(Default)]
struct Gate(RefCell<Turns>);

#[derive(Default)]
struct Turns {
    turn: Option<ThreadId>,
    /// Threads that have not come to their first visible step.
    unstarted: VecDeque<ThreadId>,
    execution: Weak<Execution<Gated>>,
}

impl Gate {
    /// Nobody goes on but the first thread, and it alone up to its first visible step.
    fn close(&self, execution: &Rc<Execution<Gated>>) {
        let mut unstarted: VecDeque<ThreadId> = execution.declared().collect();
        let turn = unstarted.pop_front();
        *self.0.borrow_mut() = Turns { turn, unstarted, execution: Rc::downgrade(execution) };
    }

    /// Yields until it is the thread's turn.
    fn wait_for(&self, thread: ThreadId) {
        while self.turn() != Some(thread) {
            ::loom::thread::yield_now();
        }
    }

    fn turn(&self) -> Option<ThreadId> {
        self.0.borrow().turn
    }

    /// The turn is over: the schedule says who is next. Where nobody is, loom stops.
    fn pass_on(&self) {
        let unstarted = self.0.borrow_mut().unstarted.pop_front();
        let next = unstarted.or_else(|| {
            let execution = self.0.borrow().execution.upgrade()?;
            execution.decide()
        });
        if next.is_none() {
            panic_any(Stop);
        }
        self.0.borrow_mut().turn = next;
    }

    /// The turn of a thread is over, and it waits for the next.
    fn give_back(&self, thread: ThreadId) {
        self.pass_on();
        self.wait_for(thread);
    }
}

/// loom's runtime behind the gate.
struct Gated {
    runtime: Runtime,
    gate: Rc<Gate>,
}

impl Backend for Gated {
    type Mutex = Mutex<()>;
    type Guard<'a> = Guard<'a>;
    /// Who waits is in the books, and the gate opens for nobody else.
    type Condvar = ();
    type Atomic = Atomic;
    type Cell = Cell;
    type Channel = NoChannel;
    type Barrier = NoBarrier;
    type RwLock = NoRwLock;

    const NATURE: Nature = Nature {
        serial: true,
        indivisible: true,
        try_lock: true,
        notify_longest: false,
        own_waits: false,
        own_cells: true,
    };

    fn mutex(&self) -> Mutex<()> {
        self.runtime.mutex()
    }

    fn lock<'a>(&self, mutex: &'a Mutex<()>) -> Guard<'a> {
        self.runtime.lock(mutex)
    }

    fn try_lock<'a>(&self, mutex: &'a Mutex<()>) -> Option<Guard<'a>> {
        self.runtime.try_lock(mutex)
    }

    fn condvar(&self) {}

    fn wait<'a>(&self, _condvar: &(), guard: Self::Guard<'a>) -> Self::Guard<'a> {
        let mutex = guard.mutex;
        drop(guard);
        if let Some(thread) = self.gate.turn() {
            self.gate.give_back(thread);
        }
        self.lock(mutex)
    }

    fn notify_one(&self, _condvar: &()) {}

    fn notify_all(&self, _condvar: &()) {}

    fn atomic(&self, _memory: Memory, initial: i64) -> Atomic {
        self.runtime.atomic(Memory::Sc, initial)
    }

    fn load(&self, atomic: &Atomic, ordering: Ordering) -> Seen {
        self.runtime.load(atomic, ordering)
    }

    fn store(&self, atomic: &Atomic, value: i64, ordering: Ordering) -> Stamp {
        self.runtime.store(atomic, value, ordering)
    }

    fn rmw(&self, atomic: &Atomic, op: RmwOp, operand: i64, ordering: Ordering) -> (Seen, Stamp) {
        self.runtime.rmw(atomic, op, operand, ordering)
    }

    fn compare_exchange(&self, atomic: &Atomic, exchange: Exchange) -> (Seen, Option<Stamp>) {
        self.runtime.compare_exchange(atomic, exchange)
    }

    fn fence(&self, ordering: Ordering) {
        self.runtime.fence(ordering);
    }

    fn last_value(&self, atomic: &Atomic) -> i64 {
        self.runtime.last_value(atomic)
    }

    fn channel(&self, _fit: &Fit) -> Option<NoChannel> {
        None
    }

    fn cell(&self, initial: i64) -> Cell {
        self.runtime.cell(initial)
    }

    fn read(&self, cell: &Cell) -> i64 {
        self.runtime.read(cell)
    }

    fn write(&self, cell: &Cell, value: i64) {
        self.runtime.write(cell, value);
    }

    fn peek(&self, cell: &Cell) -> i64 {
        self.runtime.peek(cell)
    }

    fn overwrite(&self, cell: &Cell, value: i64) {
        self.runtime.overwrite(cell, value);
    }

    fn spawn(&self, thread: ThreadId) {
        let execution = self.gate.0.borrow().execution.upgrade();
        if let Some(execution) = execution {
            make(&execution, &self.gate, thread);
            self.gate.0.borrow_mut().unstarted.push_back(thread);
        }
    }

    fn visible(&self, thread: ThreadId) {
        self.gate.give_back(thread);
    }

    fn blocking(&self, _thread: ThreadId) {}

    fn resumed(&self, _thread: ThreadId) {}

    fn pause(&self, _kind: PauseKind, _place: PausePlace) {}

    fn choose(&self, _count: u64) -> u64 {
        // The schedule says what the world chooses.
        0
    }
}
