//! A deadlock of which nobody knows the steps: who waits for what, and no more.

use super::{Ledger, Story};
use crate::explain::{WaitRow, words};
use crate::finding::{BlockCause, Blocked, DeadlockScope};
use crate::program::Program;
use std::collections::BTreeMap;

/// A row for each thread; nothing in it rests on how the threads came there.
pub(in crate::explain) fn seen(program: &Program, blocked: &[Blocked]) -> Vec<WaitRow> {
    let (scope, ledger, misdirected) = (DeadlockScope::Whole, Ledger::default(), BTreeMap::new());
    let story = Story { program, scope, blocked, ledger, misdirected };
    let row =
        |waiter: &Blocked| WaitRow { reason: reason(program, waiter.cause), helpers: Vec::new(), ..story.row(waiter) };
    blocked.iter().map(row).collect()
}

fn reason(program: &Program, cause: BlockCause) -> String {
    let object = |id| words::object(program, id);
    let thread = |id| words::thread(program, id);
    match cause {
        BlockCause::Held { mutex, holder } => format!("{} holds {}", thread(holder), object(mutex)),
        BlockCause::Written { rwlock, writer } => format!("{} holds {} for writing", thread(writer), object(rwlock)),
        BlockCause::BeingRead { rwlock, readers } => {
            let readers: Vec<String> = words::threads(readers).map(thread).collect();
            let hold = if readers.len() == 1 { "holds" } else { "hold" };
            format!("{} {hold} {} for reading", words::list(&readers), object(rwlock))
        }
        BlockCause::Behind { object: lock, .. } => format!("others stand before it in the line of {}", object(lock)),
        BlockCause::Reacquire { mutex, holder } => {
            format!("it waits no longer, and needs {}, which {} holds", object(mutex), thread(holder))
        }
        BlockCause::NotNotified { condvar } => format!("it has no notification of {}", object(condvar)),
        BlockCause::NoPermit { semaphore } => format!("{} has no permits for it", object(semaphore)),
        BlockCause::NotAll { barrier } => format!("not all have come to {}", object(barrier)),
        BlockCause::NotSet { event } => format!("{} is not set", object(event)),
        BlockCause::Full { channel } => format!("{} is full", object(channel)),
        BlockCause::Empty { channel } => format!("there is nothing for it in {}", object(channel)),
        BlockCause::NoPartner { channel } => format!("{} has no partner for it", object(channel)),
        BlockCause::Unfinished { queue } => format!("not all items of {} are finished", object(queue)),
        BlockCause::NotEnded { thread: other } => format!("{} has not ended", thread(other)),
        BlockCause::ConditionFalse => "its condition is false".to_owned(),
        BlockCause::Unknown => "what for is not known".to_owned(),
    }
}
