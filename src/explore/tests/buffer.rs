//! The bounded buffer with one condition variable, written down by hand as a state machine, so that the search can be
//! compared with other checkers without going through the language.
//!
//! Each thread goes round for ever: lock; load the counter; while it is full (empty), wait; add (subtract) one; notify
//! one; unlock. A wait is two steps. The counts are SPIN's, and those of stateright and TLC.

use crate::explore::{Arrival, Questions, System, explore_system, search};
use crate::finding::{BlockCause, Blocked, Coverage, DeadlockScope, Detail, Event, Finding, Leastness, Outcome, Phase};
use crate::limits::{Limits, Unwatched};
use crate::program::{CodeId, Liveness, Memory, ObjectId, Pc, ThreadId};
use crate::schedule::{Choice, Pick};

struct Buffer {
    producers: usize,
    consumers: usize,
    capacity: i64,
}

const COUNT: usize = 0;
const HELD: usize = 1;
const PCS: usize = 2;

const LOCK: i64 = 0;
const LOAD: i64 = 1;
const WAIT: i64 = 2;
const WAITING: i64 = 3;
const NOTIFIED: i64 = 4;
const CHANGE: i64 = 5;
const NOTIFY: i64 = 6;
const UNLOCK: i64 = 7;

impl Buffer {
    fn threads(&self) -> usize {
        self.producers + self.consumers
    }

    fn waiters(state: &[i64]) -> impl Iterator<Item = usize> + '_ {
        (0..state.len() - PCS).filter(|thread| state[PCS + thread] == WAITING)
    }
}

impl System for Buffer {
    fn width(&self) -> usize {
        PCS + self.threads()
    }

    fn initial(&self, state: &mut [i64], _found: &mut Vec<Finding>) -> Arrival {
        state.fill(0);
        Arrival::Running
    }

    fn choices(&self, state: &[i64], out: &mut Vec<Choice>) {
        for thread in 0..self.threads() {
            let id = ThreadId::new(thread);
            match state[PCS + thread] {
                LOCK | NOTIFIED if state[HELD] != 0 => {}
                WAITING => {}
                NOTIFY if Self::waiters(state).next().is_some() => {
                    out.extend(
                        Self::waiters(state)
                            .map(|waiter| Choice { thread: id, pick: Pick::Waiter(ThreadId::new(waiter)) }),
                    );
                }
                _ => out.push(Choice::only(id)),
            }
        }
    }

    fn step(&self, state: &mut [i64], choice: Choice, _found: &mut Vec<Finding>) -> Arrival {
        let thread = choice.thread.index();
        let produces = thread < self.producers;
        state[PCS + thread] = match state[PCS + thread] {
            LOCK | NOTIFIED => {
                state[HELD] = 1;
                LOAD
            }
            LOAD if state[COUNT] == if produces { self.capacity } else { 0 } => WAIT,
            LOAD => CHANGE,
            WAIT => {
                state[HELD] = 0;
                WAITING
            }
            CHANGE => {
                state[COUNT] += if produces { 1 } else { -1 };
                NOTIFY
            }
            NOTIFY => {
                if let Pick::Waiter(waiter) = choice.pick {
                    state[PCS + waiter.index()] = NOTIFIED;
                }
                UNLOCK
            }
            UNLOCK => {
                state[HELD] = 0;
                LOCK
            }
            other => panic!("a thread at {other} cannot step"),
        };
        Arrival::Running
    }

    fn step_with_event(&self, state: &mut [i64], choice: Choice, found: &mut Vec<Finding>) -> (Arrival, Event) {
        let pc = Pc::new(usize::try_from(state[PCS + choice.thread.index()]).unwrap());
        let arrival = self.step(state, choice, found);
        let event = Event {
            thread: choice.thread,
            pick: choice.pick,
            pc,
            phase: Phase::Whole,
            target: None,
            operands: Vec::new(),
            returned: None,
            wrote: None,
            woke: Vec::new(),
            inside: Vec::new(),
        };
        (arrival, event)
    }

    fn races(&self, _state: &[i64], _found: &mut Vec<Finding>) {}

    fn unfinished(&self, _state: &[i64]) -> u64 {
        (1 << self.threads()) - 1
    }

    fn blocked(&self, state: &[i64], thread: ThreadId) -> Blocked {
        let pc = Pc::new(usize::try_from(state[PCS + thread.index()]).unwrap());
        Blocked { thread, pc, cause: BlockCause::NotNotified { condvar: ObjectId::new(0) } }
    }

    fn outcome(&self, _state: &[i64]) -> Outcome {
        unreachable!("it never ends")
    }

    fn progresses(&self, _state: &[i64], _choice: Choice) -> bool {
        false
    }

    fn holds(&self, _state: &[i64], _property: usize) -> bool {
        unreachable!("it never ends")
    }
}

fn questions(buffer: &Buffer) -> Questions {
    Questions {
        codes: (0..buffer.threads()).map(|thread| CodeId::new(usize::from(thread >= buffer.producers))).collect(),
        outcomes: None,
        possible: Vec::new(),
        eventually: Vec::new(),
        liveness: Liveness::UNASKED,
        memory: Memory::Sc,
    }
}

#[test]
fn counts_are_those_of_other_checkers() {
    let buffer = Buffer { producers: 4, consumers: 4, capacity: 3 };
    let explored = search(&buffer, &questions(&buffer), &Limits::default(), &Unwatched);
    assert_eq!(explored.cut(), None);
    assert_eq!(explored.counts().states, 265_224);
}

#[test]
fn the_deadlock_is_found_and_explained() {
    let buffer = Buffer { producers: 2, consumers: 1, capacity: 1 };
    let evidence = explore_system(&buffer, &questions(&buffer), &Limits::default(), &Unwatched);
    assert_eq!(evidence.coverage, Coverage::Complete);
    let [finding] = &evidence.findings[..] else { panic!("{:#?}", evidence.findings) };
    let Detail::Deadlock { scope, blocked } = &finding.detail else { panic!("{finding:#?}") };
    assert_eq!((*scope, blocked.len()), (DeadlockScope::Whole, 3));
    let trace = finding.trace.as_ref().unwrap();
    assert_eq!((trace.least, trace.preemptions), (Leastness::Proven, 0));
}

#[test]
fn enough_room_prevents_the_deadlock() {
    let buffer = Buffer { producers: 2, consumers: 2, capacity: 2 };
    let evidence = explore_system(&buffer, &questions(&buffer), &Limits::default(), &Unwatched);
    assert_eq!((evidence.coverage, evidence.findings), (Coverage::Complete, Vec::new()));
}
