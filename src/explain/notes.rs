//! Remarks beside the rows of a trace: what a step did to others, and where the finding shows.

use super::race;
use crate::finding::{BlockCause, Detail, Event, Finding, Phase, Returned};
use crate::program::{CondvarOp, InstrKind, Op, Program, ThreadId};
use crate::schedule::Pick;

/// For each of these steps, what stands beside it; most have nothing. `finding`: what they show, if anything.
#[must_use]
pub fn notes(program: &Program, events: &[Event], finding: Option<&Finding>) -> Vec<Option<String>> {
    let mut notes: Vec<Vec<String>> = events.iter().map(|event| of_step(program, event)).collect();
    for (step, note) in finding.into_iter().flat_map(|finding| of_finding(program, finding, events)) {
        notes[step].push(note);
    }
    notes.into_iter().map(|notes| if notes.is_empty() { None } else { Some(notes.join("; ")) }).collect()
}

/// What a step did besides giving a value.
fn of_step(program: &Program, event: &Event) -> Vec<String> {
    let name = |thread: ThreadId| program.thread(thread).name.as_str();
    let InstrKind::Op(op) = &program.instr(event.thread, event.pc).kind else { return Vec::new() };
    let partner = match event.pick {
        Pick::Waiter(partner) => Some(partner),
        Pick::Only
        | Pick::Waiters(_)
        | Pick::Branch(_)
        | Pick::Value(_)
        | Pick::Timeout
        | Pick::Spurious
        | Pick::Message(_)
        | Pick::WeakFailure
        | Pick::Cancel
        | Pick::Death => None,
    };
    let woken = || {
        let woken: Vec<&str> = event.woke.iter().map(|thread| name(*thread)).collect();
        format!("wakes {}", woken.join(", "))
    };
    // Where the result says it, this need not.
    if event.pick == Pick::Timeout && matches!(event.returned, Some(Returned::Value(_))) {
        return vec!["the time-out fires".to_owned()];
    }
    match op {
        Op::Condvar { op: CondvarOp::NotifyOne | CondvarOp::Notify { .. } | CondvarOp::NotifyAll, .. } => {
            vec![if event.woke.is_empty() { "nobody is waiting".to_owned() } else { woken() }]
        }
        Op::Barrier { .. } if event.woke.is_empty() => Vec::new(),
        Op::Barrier { .. } => vec![woken()],
        Op::Channel { .. } => partner.map(|partner| format!("with {}", name(partner))).into_iter().collect(),
        Op::Var { .. }
        | Op::Atomic { .. }
        | Op::Fence(_)
        | Op::Mutex { .. }
        | Op::RwLock { .. }
        | Op::Condvar { op: CondvarOp::Wait { .. } | CondvarOp::WaitTimeout { .. }, .. }
        | Op::Semaphore { .. }
        | Op::Event { .. }
        | Op::Once { .. }
        | Op::Timer { .. }
        | Op::Oneshot { .. }
        | Op::Watch { .. }
        | Op::Broadcast { .. }
        | Op::Queue { .. }
        | Op::Thread { .. }
        | Op::Spawn { .. }
        | Op::Pause(_)
        | Op::Choice(_)
        | Op::End => Vec::new(),
    }
}

/// Where in the trace the finding shows.
fn of_finding(program: &Program, finding: &Finding, events: &[Event]) -> Vec<(usize, String)> {
    let last_of = |thread: ThreadId| events.iter().rposition(|event| event.thread == thread);
    let here = |step: Option<usize>, note: String| step.map(|step| (step, note)).into_iter().collect();
    match &finding.detail {
        Detail::Deadlock { blocked, .. } => blocked
            .iter()
            .filter_map(|blocked| Some((blocked, last_of(blocked.thread)?)))
            .filter(|(blocked, step)| {
                let again = matches!(blocked.cause, BlockCause::Reacquire { .. } | BlockCause::Behind { .. });
                let arrives = matches!(
                    blocked.cause,
                    BlockCause::NotNotified { .. }
                        | BlockCause::NoPartner { .. }
                        | BlockCause::NotAll { .. }
                        | BlockCause::Held { .. }
                        | BlockCause::Written { .. }
                        | BlockCause::BeingRead { .. }
                        | BlockCause::NoPermit { .. }
                        | BlockCause::Behind { .. }
                );
                let event = &events[*step];
                let waits = match event.phase {
                    Phase::Arrive => arrives,
                    // To have its mutex back.
                    Phase::LineUp => again,
                    Phase::Whole | Phase::Wake | Phase::Complete => false,
                };
                event.pc == blocked.pc && waits
            })
            .map(|(_, step)| (step, "waits for ever".to_owned()))
            .collect(),
        Detail::Race { accesses, .. } => match accesses[..] {
            [first, second] => {
                let steps = (race::position(events, first), race::position(events, second));
                match steps {
                    (Some(first), Some(second)) => {
                        vec![(first, "first access".to_owned()), (second, format!("races with step {}", first + 1))]
                    }
                    (Some(_) | None, _) => Vec::new(),
                }
            }
            _ => Vec::new(),
        },
        Detail::Assertion { thread, pc } => {
            let line = program.source.line(program.instr(*thread, *pc).span);
            here(last_of(*thread), format!("then `assert` fails (line {line})"))
        }
        Detail::Panic { thread, pc, .. } | Detail::UnobservedFailure { thread, pc } => {
            let line = program.source.line(program.instr(*thread, *pc).span);
            let deed = |event: &Event| event.thread == *thread && !is_end(program, event);
            here(events.iter().rposition(deed), format!("then panics (line {line})"))
        }
        Detail::Misuse { thread, pc, .. } => {
            let step = events.iter().rposition(|event| event.thread == *thread && event.pc == *pc);
            here(step, "misuse".to_owned())
        }
        Detail::Invariant { .. } => here(events.len().checked_sub(1), "`always` fails".to_owned()),
        Detail::Final { .. } => here(events.len().checked_sub(1), "`finally` fails".to_owned()),
        Detail::Impossible { .. }
        | Detail::UnexpectedOutcome { .. }
        | Detail::MissingOutcome { .. }
        | Detail::Eventually { .. }
        | Detail::Livelock { .. }
        | Detail::Starvation { .. } => Vec::new(),
    }
}

fn is_end(program: &Program, event: &Event) -> bool {
    program.instr(event.thread, event.pc).kind == InstrKind::Op(Op::End)
}
