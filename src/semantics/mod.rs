//! THE definition of execution: which choices a state offers, and what a step does.
//!
//! [`Semantics`] turns a [`Program`] into a transition system on flat states. Each primitive has a file of its own with
//! its guard (`offers`: can it take effect now, and if not, why not) and its effect (`apply`) side by side. Everything
//! else in the native side (search, replay, sampling, stepping) goes through [`System`]; there is no second copy.
//!
//! Pure: values in, values out. No threads, clocks, input or output, randomness or hash-ordered collections.
//!
//! It leaves out: weak memory (atomics are explored sequentially consistent), and whether what never ends makes progress.

mod atomic;
mod atomically;
mod barrier;
mod broadcast;
mod buffer;
mod channel;
mod choice;
mod closing;
mod condvar;
mod event;
mod execute;
mod gate;
mod history;
mod layout;
mod line;
mod lockset;
mod mutex;
mod once;
mod oneshot;
mod property;
mod queue;
mod race;
mod rwlock;
mod semaphore;
mod spawn;
mod step;
mod thread;
mod timer;
mod var;
mod watch;

use crate::explore::{Arrival, System};
use crate::finding::{Blocked, Event, Finding, Outcome};
use crate::limits::Limits;
use crate::program::{InstrKind, ObjectKind, Op, PauseKind, Pc, Program, ThreadId};
use crate::schedule::Choice;
use gate::Gates;
use history::History;
use layout::{Layout, View, ViewMut};
use race::RaceCandidates;
use step::{Offers, Step};

/// A program as a transition system.
///
/// # Determinism
/// Depends on the program and on the limits that shape states (`local_steps`, `channel_length`), on nothing else.
#[derive(Debug)]
pub struct Semantics<'p> {
    program: &'p Program,
    limits: Limits,
    layout: Layout,
    /// Locals that keep their value when a thread ends, by code.
    kept: Vec<Vec<bool>>,
    races: RaceCandidates,
    history: Option<History>,
    gates: Gates,
}

impl<'p> Semantics<'p> {
    /// Computes the layout of states and the static facts that race detection needs.
    #[must_use]
    pub fn new(program: &'p Program, limits: &Limits) -> Self {
        Self::with(program, limits, History::needed)
    }

    /// The same, and states remember the latest accesses wherever there can be a race, also where a search need not: for
    /// whoever follows one schedule and is to see the races of its steps that are no neighbours.
    #[must_use]
    pub fn remembering(program: &'p Program, limits: &Limits) -> Self {
        Self::with(program, limits, |_, races| races.any())
    }

    /// `remembers` says whether states remember the latest accesses.
    fn with(program: &'p Program, limits: &Limits, remembers: fn(&Program, &RaceCandidates) -> bool) -> Self {
        let mut layout = Layout::new(program, limits);
        let races = RaceCandidates::of(program);
        let history = remembers(program, &races).then(|| History::new(program, limits, &races, &mut layout));
        let gates = Gates::of(program, &layout);
        Self { program, limits: limits.clone(), layout, kept: property::kept_locals(program), races, history, gates }
    }

    /// The program.
    #[must_use]
    pub fn program(&self) -> &'p Program {
        self.program
    }

    /// Whether a thread stands at the same place in both states, with the same values in all locals that somebody may still
    /// read: from there on only what others do makes a difference to it.
    #[must_use]
    pub fn stands_alike(&self, thread: ThreadId, one: &[i64], other: &[i64]) -> bool {
        let (one, other) = (self.view(one), self.view(other));
        one.pc(thread) == other.pc(thread)
            && one.status(thread) == other.status(thread)
            && one.locals(thread) == other.locals(thread)
    }

    fn view<'a>(&'a self, slots: &'a [i64]) -> View<'a> {
        View { layout: &self.layout, slots }
    }

    /// Takes one step, with or without a record of what happened.
    fn take(&self, slots: &mut [i64], choice: Choice, found: &mut Vec<Finding>, event: Option<&mut Event>) -> Arrival {
        let pc = self.view(slots).pc(choice.thread);
        let state = ViewMut { layout: &self.layout, slots };
        let mut step = Step { semantics: self, state, thread: choice.thread, pc, found, event };
        if let Some(arrival) = execute::visible(&mut step, choice.pick) {
            return arrival;
        }
        self.arrive(slots, found)
    }

    /// Looks at the state in which a step has arrived.
    fn arrive(&self, slots: &[i64], found: &mut Vec<Finding>) -> Arrival {
        if property::some_invariant_fails(self, slots, found) {
            return Arrival::Stopped;
        }
        if self.unfinished_threads(slots).next().is_some() {
            return Arrival::Running;
        }
        property::check_final(self, slots, found);
        let unobserved = spawn::unobserved(self, self.view(slots), found);
        if unobserved || self.view(slots).abnormal() { Arrival::AbnormalEnd } else { Arrival::NormalEnd }
    }

    /// The non-daemon threads that have not ended, in order.
    fn unfinished_threads<'a>(&'a self, slots: &'a [i64]) -> impl Iterator<Item = ThreadId> + 'a {
        let view = self.view(slots);
        let waits = move |thread: &ThreadId| !self.program.thread(*thread).daemon && view.status(*thread).is_alive();
        self.program.thread_ids().filter(waits)
    }

    /// What the world can choose for one thread.
    fn offers(&self, slots: &[i64], thread: ThreadId) -> Offers {
        execute::offers(self, self.view(slots), thread)
    }
}

impl System for Semantics<'_> {
    fn width(&self) -> usize {
        self.layout.width()
    }

    fn initial(&self, slots: &mut [i64], found: &mut Vec<Finding>) -> Arrival {
        slots.fill(0);
        for (object, id) in self.program.objects.iter().zip(self.program.object_ids()) {
            let first = match &object.kind {
                ObjectKind::Var { initial } | ObjectKind::Atomic { initial } => initial.slot(),
                ObjectKind::Semaphore { permits, .. } => *permits,
                ObjectKind::Mutex(_)
                | ObjectKind::RwLock(_)
                | ObjectKind::Condvar { .. }
                | ObjectKind::Event
                | ObjectKind::Once
                | ObjectKind::Timer { .. }
                | ObjectKind::Queue { .. }
                | ObjectKind::Barrier { .. } => continue,
                ObjectKind::Watch { initial, .. } => {
                    closing::without_closers(self, slots, id);
                    initial.slot()
                }
                ObjectKind::Channel { .. } | ObjectKind::Oneshot { .. } | ObjectKind::Broadcast { .. } => {
                    closing::without_closers(self, slots, id);
                    continue;
                }
            };
            slots[self.layout.object(id)] = first;
        }
        for thread in self.program.thread_ids() {
            let mut state = ViewMut { layout: &self.layout, slots };
            for (local, value) in self.program.thread(thread).initial.iter().enumerate() {
                state.set_local(thread, crate::program::LocalId::new(local), *value);
            }
        }
        for thread in self.program.thread_ids() {
            let mut state = ViewMut { layout: &self.layout, slots };
            if !self.program.thread(thread).starts_with_program() {
                state.set_status(thread, layout::Status::NotStarted);
                continue;
            }
            let pc = crate::program::Pc(0);
            let mut step = Step { semantics: self, state, thread, pc, found, event: None };
            if let Some(arrival) = execute::local(&mut step) {
                return arrival;
            }
        }
        self.arrive(slots, found)
    }

    fn choices(&self, slots: &[i64], out: &mut Vec<Choice>) {
        self.gates.choices(self, self.view(slots), out);
    }

    fn step(&self, slots: &mut [i64], choice: Choice, found: &mut Vec<Finding>) -> Arrival {
        self.take(slots, choice, found, None)
    }

    fn step_with_event(&self, slots: &mut [i64], choice: Choice, found: &mut Vec<Finding>) -> (Arrival, Event) {
        let mut event = step::empty_event(choice, self.view(slots).pc(choice.thread));
        let arrival = self.take(slots, choice, found, Some(&mut event));
        (arrival, event)
    }

    fn races(&self, slots: &[i64], found: &mut Vec<Finding>) {
        if self.history.is_none() {
            race::both_next(self, self.view(slots), found);
        }
    }

    fn unfinished(&self, slots: &[i64]) -> u64 {
        self.unfinished_threads(slots).fold(0, |set, thread| set | (1 << thread.0))
    }

    fn blocked(&self, slots: &[i64], thread: ThreadId) -> Blocked {
        let (Offers::Blocked(cause) | Offers::Spurious(cause)) = self.offers(slots, thread) else {
            unreachable!("only threads that have not ended and can count on no choice are asked why")
        };
        Blocked { thread, pc: self.view(slots).pc(thread), cause }
    }

    fn outcome(&self, slots: &[i64]) -> Outcome {
        property::outcome(self, self.view(slots))
    }

    fn holds(&self, slots: &[i64], property: usize) -> bool {
        property::holds(self, self.view(slots), property)
    }

    fn progresses(&self, slots: &[i64], choice: Choice) -> bool {
        let instr = self.program.instr(choice.thread, self.view(slots).pc(choice.thread));
        matches!(instr.kind, InstrKind::Op(Op::Pause(PauseKind::Progress)))
    }
}

/// What a thread can stand at between two steps.
#[derive(Clone, Copy, Debug)]
enum Visible<'p> {
    /// An operation.
    Op(&'p Op),
    /// An indivisible block that ends there.
    Block {
        /// Position of its `EndAtomically`.
        end: Pc,
    },
}

/// The step a thread stands at.
#[inline]
#[expect(clippy::wildcard_enum_match_arm, reason = "all other kinds are local")]
fn visible_at<'p>(program: &'p Program, view: View<'_>, thread: ThreadId) -> Visible<'p> {
    match &program.instr(thread, view.pc(thread)).kind {
        InstrKind::Op(op) => Visible::Op(op),
        InstrKind::Atomically { end } => Visible::Block { end: *end },
        local => unreachable!("a thread stands at a visible operation, not at {local:?}"),
    }
}

/// Whether a thread stops at an instruction.
#[inline]
fn is_visible(kind: &InstrKind) -> bool {
    matches!(kind, InstrKind::Op(_) | InstrKind::Atomically { .. })
}
