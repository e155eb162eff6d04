//! The models M1, M2 and M4 for stateright, in its ordinary style: a state of vectors, cloned for every step.
//!
//! `cargo run --release -- dining 12`, `buffer 5 5 4`, `counter 4 4`; `THREADS=2` for two workers.

use stateright::{Checker, Model, Property};
use std::time::Instant;

/// Program counters of all threads, shared variables, and locals of all threads.
#[derive(Clone, Debug, Hash, PartialEq, Eq)]
struct State {
    pcs: Vec<u8>,
    shared: Vec<u8>,
    locals: Vec<u8>,
}

/// Which thread steps, and whom it wakes.
#[derive(Clone, Debug, PartialEq)]
struct Action {
    thread: usize,
    wakes: Option<usize>,
}

fn step(thread: usize) -> Action {
    Action { thread, wakes: None }
}

/// M1: philosophers that lock the left fork, lock the right one, unlock the right one, unlock the left one.
struct Dining {
    philosophers: usize,
}

impl Dining {
    fn fork(&self, philosopher: usize, pc: u8) -> usize {
        let left = pc == 0 || pc == 3;
        if left { philosopher } else { (philosopher + 1) % self.philosophers }
    }
}

impl Model for Dining {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        vec![State { pcs: vec![0; self.philosophers], shared: vec![0; self.philosophers], locals: vec![] }]
    }

    fn actions(&self, state: &State, actions: &mut Vec<Action>) {
        let can_step =
            |thread: &usize| state.pcs[*thread] >= 2 || state.shared[self.fork(*thread, state.pcs[*thread])] == 0;
        actions.extend((0..self.philosophers).filter(can_step).map(step));
    }

    fn next_state(&self, state: &State, action: Action) -> Option<State> {
        let mut next = state.clone();
        let pc = state.pcs[action.thread];
        next.shared[self.fork(action.thread, pc)] ^= 1;
        next.pcs[action.thread] = (pc + 1) % 4;
        Some(next)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![Property::always("true", |_, _| true)]
    }
}

/// M2: the endless bounded buffer with one condition variable. Shared: whether the mutex is held, the counter.
struct Buffer {
    producers: usize,
    consumers: usize,
    capacity: u8,
}

const LOCK: u8 = 0;
const LOAD: u8 = 1;
const WAIT: u8 = 2;
const WAITING: u8 = 3;
const NOTIFIED: u8 = 4;
const CHANGE: u8 = 5;
const NOTIFY: u8 = 6;
const UNLOCK: u8 = 7;

impl Model for Buffer {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        vec![State { pcs: vec![LOCK; self.producers + self.consumers], shared: vec![0, 0], locals: vec![] }]
    }

    fn actions(&self, state: &State, actions: &mut Vec<Action>) {
        for (thread, pc) in state.pcs.iter().enumerate() {
            let waiters = || (0..state.pcs.len()).filter(|waiter| state.pcs[*waiter] == WAITING);
            match *pc {
                LOCK | NOTIFIED if state.shared[0] != 0 => {}
                WAITING => {}
                NOTIFY if waiters().next().is_some() => {
                    actions.extend(waiters().map(|waiter| Action { thread, wakes: Some(waiter) }));
                }
                _ => actions.push(step(thread)),
            }
        }
    }

    fn next_state(&self, state: &State, action: Action) -> Option<State> {
        let mut next = state.clone();
        let produces = action.thread < self.producers;
        next.pcs[action.thread] = match state.pcs[action.thread] {
            LOCK | NOTIFIED => {
                next.shared[0] = 1;
                LOAD
            }
            LOAD if state.shared[1] == if produces { self.capacity } else { 0 } => WAIT,
            LOAD => CHANGE,
            WAIT => {
                next.shared[0] = 0;
                WAITING
            }
            CHANGE => {
                next.shared[1] = if produces { state.shared[1] + 1 } else { state.shared[1] - 1 };
                NOTIFY
            }
            NOTIFY => {
                if let Some(waiter) = action.wakes {
                    next.pcs[waiter] = NOTIFIED;
                }
                UNLOCK
            }
            _ => {
                next.shared[0] = 0;
                LOCK
            }
        };
        Some(next)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![Property::always("true", |_, _| true)]
    }
}

/// M4: threads that load a counter and store the value plus one. Locals: rounds left, then what was loaded.
struct Counter {
    threads: usize,
    rounds: u8,
}

impl Model for Counter {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        let locals = [vec![self.rounds; self.threads], vec![0; self.threads]].concat();
        vec![State { pcs: vec![0; self.threads], shared: vec![0], locals }]
    }

    fn actions(&self, state: &State, actions: &mut Vec<Action>) {
        actions.extend((0..self.threads).filter(|thread| state.locals[*thread] > 0).map(step));
    }

    fn next_state(&self, state: &State, action: Action) -> Option<State> {
        let mut next = state.clone();
        let (left, loaded) = (action.thread, self.threads + action.thread);
        if state.pcs[action.thread] == 0 {
            next.locals[loaded] = state.shared[0];
            next.pcs[action.thread] = 1;
        } else {
            next.shared[0] = state.locals[loaded] + 1;
            next.locals[loaded] = 0;
            next.locals[left] -= 1;
            next.pcs[action.thread] = 0;
        }
        Some(next)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![Property::always("true", |_, _| true)]
    }
}

fn run<M>(model: M)
where
    M: Model<State = State, Action = Action> + Send + Sync + 'static,
{
    let threads = std::env::var("THREADS").map_or(1, |threads| threads.parse().expect("THREADS is a number"));
    let start = Instant::now();
    let checker = model.checker().threads(threads).spawn_bfs().join();
    let seconds = start.elapsed().as_secs_f64();
    let states = checker.unique_state_count();
    println!("{states} states, {} generated, {seconds:.2} s", checker.state_count());
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number = |position: usize| arguments[position].parse::<usize>().expect("a number");
    let byte = |position: usize| arguments[position].parse::<u8>().expect("a small number");
    match arguments[0].as_str() {
        "dining" => run(Dining { philosophers: number(1) }),
        "buffer" => run(Buffer { producers: number(1), consumers: number(2), capacity: byte(3) }),
        "counter" => run(Counter { threads: number(1), rounds: byte(2) }),
        other => panic!("no model `{other}`"),
    }
}
