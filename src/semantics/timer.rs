//! Timers: one slot, how far the timer is. Its block runs on a thread of its own, which `start` starts.
//!
//! `start` makes the thread begin; the first step of that is to *fire*, which it can take at any moment after. `cancel`
//! before that ends the thread without a step of its own, and says so. A timer that was cancelled before its `start` never
//! begins, and its `start` ends the thread. A second `start` is misuse. Everything before the `start` happens before the
//! block. `join` and `is_alive` are those of the thread; what a `cancel` that keeps the block from running has behind it is
//! part of what its thread knows in the end, and `cancel` orders nothing else.
//!
//! # Source
//! Python's `threading.Timer`, whose `cancel` gives nothing; the answer is that of `clearTimeout` made visible.

use super::layout::Status;
use super::step::{Effect, Step};
use crate::finding::Misuse;
use crate::program::{ObjectId, ObjectKind, Program, ThreadId, TimerOp};

/// Number of slots.
pub(super) const SLOTS: usize = 1;

/// Neither started nor cancelled.
const IDLE: i64 = 0;
/// May fire.
const STARTED: i64 = 1;
const FIRED: i64 = 2;
/// Was started and never fires.
const CANCELLED: i64 = 3;
/// Was cancelled before it was started.
const CANCELLED_FIRST: i64 = 4;

/// The thread that runs the block.
fn thread(program: &Program, timer: ObjectId) -> ThreadId {
    let ObjectKind::Timer { thread } = program.object(timer).kind else { unreachable!("not a timer") };
    thread
}

/// Takes effect; nothing can block, as its thread is there only while the timer may fire.
pub(super) fn apply(step: &mut Step<'_>, timer: ObjectId, op: &TimerOp) -> Effect {
    step.note_object(timer);
    let state = step.state.view().object(timer, 0);
    let thread = thread(step.semantics.program, timer);
    match op {
        TimerOp::Start if state == IDLE => {
            step.state.set_object(timer, 0, STARTED);
            step.state.set_status(thread, Status::Running);
            step.teach_thread(thread);
            return Effect::Started(thread);
        }
        TimerOp::Start if state == CANCELLED_FIRST => {
            step.state.set_object(timer, 0, CANCELLED);
            step.state.set_status(thread, Status::Ended);
            step.teach_thread(thread);
        }
        TimerOp::Start => return Effect::Misuse(Some(timer), Misuse::StartedTwice),
        TimerOp::Cancel { to } => {
            if state == STARTED {
                step.state.set_status(thread, Status::Ended);
                step.state.set_object(timer, 0, CANCELLED);
                step.teach_thread(thread);
            } else if state == IDLE {
                step.state.set_object(timer, 0, CANCELLED_FIRST);
                step.teach_thread(thread);
            }
            step.give(*to, i64::from(state != FIRED));
        }
        TimerOp::Fire => {
            assert_eq!(state, STARTED, "a timer's thread is there only while it may fire");
            step.state.set_object(timer, 0, FIRED);
        }
    }
    Effect::Next
}
