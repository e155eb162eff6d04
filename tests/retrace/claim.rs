//! Whether a printed finding is what it says: its rows are possible one after the other, and end where it says.

use super::declarations;
use super::expression::evaluate;
use super::machine::{Machine, Pending, Status};
use super::report::{Finding, Missed, Row};
use super::row::{Call, Step, step};
use std::collections::BTreeMap;

/// Executes the finding's rows and looks at where they lead. `source` is the text of the scenario.
pub(crate) fn check(source: &str, overrides: &BTreeMap<String, i64>, finding: &Finding) -> Result<(), String> {
    let mut machine = declarations::machine(source, overrides)?;
    let mut done: Vec<(Row, Step)> = Vec::new();
    let mut again = None;
    for (number, row) in finding.rows.iter().enumerate() {
        if finding.back_to == Some(number + 1) {
            again = Some(machine.clone());
        }
        let refused = |why: String| format!("row {} (`{}`: `{}`): {why}", number + 1, row.thread, row.text);
        let step = step(&row.text).map_err(refused)?;
        if number + 1 == finding.rows.len() {
            before_the_last(source, finding, &machine, &done, row, &step).map_err(refused)?;
        }
        machine.step(&row.thread, &step, remark(&row.note)).map_err(refused)?;
        names_its_line(source, row, &step).map_err(refused)?;
        done.push((row.clone(), step));
    }
    if let Some(step) = finding.back_to {
        let again = again.ok_or(format!("there is no step {step} to go back to"))?;
        if again.looks() != machine.looks() {
            return Err(format!("{}: after the last row all is not as before step {step}", finding.headline));
        }
    }
    at_the_end(source, finding, &machine, &done).map_err(|why| format!("{}: {why}", finding.headline))
}

/// The first remark of a note: the only one that says something about the step itself.
fn remark(note: &str) -> &str {
    note.split("; ").next().unwrap_or_default()
}

/// The line printed beside a row must mention what the row is about.
fn names_its_line(source: &str, row: &Row, step: &Step) -> Result<(), String> {
    let text = source.lines().nth(row.line.wrapping_sub(1)).ok_or("there is no such line")?;
    let name = match step {
        Step::Read { name, .. }
        | Step::Write { name, .. }
        | Step::Call { name, .. }
        | Step::Fault { name }
        | Step::Fires { name } => name,
        Step::Spawn { function, .. } => function,
        Step::Inside(_) | Step::Pause | Step::Chosen | Step::End { .. } => return Ok(()),
    };
    // `with` gives back where its block is left, and that place does not repeat the name.
    // A handle is asked under the name of its local.
    if let Step::Call { call: Call::Await | Call::Join { .. } | Call::IsFinished(_), name } = step
        && name.contains('#')
    {
        let asks = ["join(", "is_finished("].iter().any(|word| text.contains(word));
        return if asks { Ok(()) } else { Err(format!("line {} asks no handle: {text}", row.line)) };
    }
    let gives_back = matches!(
        step,
        Step::Call {
            call: Call::Unlock | Call::EndsBlock | Call::ReadUnlock | Call::WriteUnlock | Call::Release(_),
            ..
        }
    );
    let leaves = ["}", "break", "continue", "return"].iter().any(|word| text.contains(word));
    let group = name.split('[').next().unwrap_or_default();
    if text.contains(group) || (gives_back && leaves) {
        Ok(())
    } else {
        Err(format!("line {} does not mention `{group}`: {text}", row.line))
    }
}

/// What must be so before the last row is done: a misuse is one because of the state it finds.
fn before_the_last(
    source: &str,
    finding: &Finding,
    machine: &Machine,
    done: &[(Row, Step)],
    row: &Row,
    step: &Step,
) -> Result<(), String> {
    if finding.kind() == "race" { races(source, finding, machine, done, row, step) } else { Ok(()) }
}

/// The last row races with the one that its note names: same memory, one writes, and nothing orders them.
fn races(
    source: &str,
    finding: &Finding,
    machine: &Machine,
    done: &[(Row, Step)],
    last: &Row,
    step: &Step,
) -> Result<(), String> {
    let number = last.note.split("races with step ").nth(1).ok_or("the last row does not say what it races with")?;
    let number: usize = number.split("; ").next().unwrap_or_default().parse().map_err(|_| "no step number")?;
    let (first, other) = done.get(number.wrapping_sub(1)).ok_or("it races with no earlier row")?;
    if !first.note.contains("first access") {
        return Err(format!("row {number} is not marked as the first access"));
    }
    if first.thread == last.thread {
        return Err("a thread does not race with itself".to_owned());
    }
    let shared = accesses(other).into_iter().find_map(|(name, first_writes)| {
        let (_, writes) = accesses(step).into_iter().find(|(other, _)| *other == name)?;
        Some((name, first_writes || writes))
    });
    let (name, writes) = shared.ok_or("the two rows access different memory")?;
    if !writes {
        return Err("two reads do not race".to_owned());
    }
    if !source.lines().any(|line| line.starts_with(&format!("var {}", name.split('[').next().unwrap_or_default()))) {
        return Err(format!("`{name}` is no plain variable"));
    }
    if !finding.headline.contains(&format!("`{name}`")) {
        return Err(format!("the headline is not about `{name}`"));
    }
    if machine.order.knows(&last.thread, &first.thread, number) {
        return Err(format!("row {number} happens before it"));
    }
    Ok(())
}

/// The memory that a step touches, and whether it writes there.
fn accesses(step: &Step) -> Vec<(String, bool)> {
    match step {
        Step::Read { name, .. } => vec![(name.clone(), false)],
        Step::Write { name, .. } => vec![(name.clone(), true)],
        Step::Inside(steps) => steps.iter().flat_map(accesses).collect(),
        Step::Call { .. }
        | Step::Fault { .. }
        | Step::Spawn { .. }
        | Step::Fires { .. }
        | Step::Pause
        | Step::Chosen
        | Step::End { .. } => Vec::new(),
    }
}

/// What must be so after the last row.
fn at_the_end(source: &str, finding: &Finding, machine: &Machine, done: &[(Row, Step)]) -> Result<(), String> {
    let named = finding.headline.split('`').nth(1).unwrap_or_default();
    match finding.kind() {
        "deadlock" => {
            waits_for_ever(finding, machine)?;
            missed_notifications(source, finding, machine, done)
        }
        // What makes it a race was looked at before the last row.
        "race" if done.is_empty() => Err("a race without a trace".to_owned()),
        "race" => Ok(()),
        "assertion" => assertion_fails(source, finding, done, named),
        "invariant" | "final" => {
            let property = finding.property().ok_or("the headline quotes no property")?;
            match evaluate(property, &|name: &str| machine.property(name))? {
                0 => Ok(()),
                _ => Err(format!("`{property}` holds there")),
            }
        }
        // Where rows say how it ended, they say that it failed; where they do not, it must have begun.
        "unobserved_failure" => match machine.status.get(named) {
            Some(
                status @ (Status::Ended { failed: false }
                | Status::Waiting { .. }
                | Status::Notified { .. }
                | Status::InLineAgain { .. }),
            ) => Err(format!("`{named}` cannot have panicked: {status:?}")),
            _ if !machine.groups.values().flatten().any(|member| member == named) => {
                Err(format!("`{named}` was never started"))
            }
            _ => Ok(()),
        },
        "panic" => match machine.status.get(named) {
            None | Some(Status::Failed | Status::Ended { failed: true }) => Ok(()),
            Some(status) => Err(format!("`{named}` cannot have panicked: {status:?}")),
        },
        "misuse" => misused(finding, machine, named),
        // An outcome is read from locals, which no row shows; its rows are possible, which is all that can be said.
        "outcome" => Ok(()),
        "livelock" | "starvation" => match finding.back_to {
            Some(step) => round(finding, machine, &done[step - 1..], named),
            None => Err("a round that is not shown".to_owned()),
        },
        // Without a round the execution has ended; either way it is false with the values that are known last.
        "eventually" => {
            let property = finding.property().ok_or("the headline quotes no property")?;
            match evaluate(property, &|name: &str| machine.property(name))? {
                0 => Ok(()),
                _ => Err(format!("`{property}` holds there")),
            }
        }
        "impossible" if done.is_empty() => Ok(()),
        other => Err(format!("unknown kind `{other}`")),
    }
}

/// Every thread that is said to wait is disabled, and it is said of every thread that is known to wait.
fn waits_for_ever(finding: &Finding, machine: &Machine) -> Result<(), String> {
    let waits = finding.waits();
    if waits.is_empty() {
        return Err(format!("nobody is said to wait: {}", finding.why));
    }
    for wait in &waits {
        // A guarded block is printed as it stands in the text; its condition is not evaluated here.
        if wait.operation.starts_with("when ") {
            continue;
        }
        let (name, pending) = pending(&wait.operation).ok_or(format!("nobody waits in `{}`", wait.operation))?;
        if !machine.is_stuck(&wait.thread, &name, &pending)? {
            return Err(format!("`{}` can go on in `{}`", wait.thread, wait.operation));
        }
    }
    let waiting = |status: &Status| matches!(status, Status::Waiting { .. });
    let forgotten = machine.status.iter().find(|(thread, status)| {
        waiting(status) && !waits.iter().any(|wait| wait.thread == **thread) && !machine.daemons.contains(*thread)
    });
    match forgotten {
        Some((thread, _)) => Err(format!("`{thread}` waits, too, and the report does not say so")),
        None => Ok(()),
    }
}

/// Every notification that is said to have gone to others, though a thread needed it, is one; and where that is the cause,
/// there is one.
fn missed_notifications(
    source: &str,
    finding: &Finding,
    machine: &Machine,
    done: &[(Row, Step)],
) -> Result<(), String> {
    let missed = finding.missed();
    if missed.is_empty() && finding.headline.contains("(wrong_recipient)") {
        return Err(format!("no notification is said to have gone to others: {}", finding.why));
    }
    for said in &missed {
        missed_notification(source, said, machine, done)
            .map_err(|why| format!("the notification of step {}: {why}", said.step))?;
    }
    Ok(())
}

fn missed_notification(source: &str, said: &Missed, machine: &Machine, done: &[(Row, Step)]) -> Result<(), String> {
    let (row, step) = done.get(said.step.wrapping_sub(1)).ok_or("there is no such row")?;
    let notifies = matches!(step, Step::Call { call: Call::NotifyOne | Call::Notify(_), .. });
    if !notifies || !row.text.starts_with(&format!("{}.", said.condvar)) {
        return Err(format!("`{}` notifies not some of those who wait on `{}`", row.text, said.condvar));
    }
    let woken: Vec<&str> = remark(&row.note).strip_prefix("wakes ").unwrap_or_default().split(", ").collect();
    if woken.contains(&said.waiter.as_str()) || woken != said.useless.iter().map(|it| it.0.as_str()).collect::<Vec<_>>()
    {
        return Err(format!("it woke {woken:?}"));
    }
    // Who needed it began to wait before, and waits on.
    let of =
        |thread: &str| done.iter().enumerate().filter(move |(_, (row, _))| row.thread == thread).collect::<Vec<_>>();
    match of(&said.waiter).last() {
        Some((at, (row, Step::Call { call: Call::Wait { .. }, .. }))) if *at + 1 < said.step => {
            if !matches!(machine.status.get(&said.waiter), Some(Status::Waiting { .. })) {
                return Err(format!("`{}` does not wait", said.waiter));
            }
            if let Some(condition) = waits_while(source, row.line) {
                // Locals appear in no row.
                if let Ok(1..) = evaluate(condition, &|name: &str| machine.property(name)) {
                    return Err(format!("`{}` would wait again: `{condition}` holds", said.waiter));
                }
            }
        }
        _ => return Err(format!("`{}` did not wait there", said.waiter)),
    }
    for (name, value, since) in &said.there {
        let last = done.iter().rposition(|(_, step)| writes(step, name)).map(|at| at + 1);
        if machine.property(name) != Some(*value) || last != *since || last.is_some_and(|last| last >= said.step) {
            return Err(format!("`{name}` is not {value} since step {since:?}, but since {last:?}"));
        }
    }
    for (thread, again) in &said.useless {
        let Some(again) = again else { continue };
        let behind = of(thread).into_iter().filter(|(at, _)| *at >= said.step && at < again);
        for (at, (row, step)) in behind {
            let waits = matches!(step, Step::Call { call: Call::Wait { .. }, .. });
            if (at + 1 == *again) != waits || changes(step) {
                return Err(format!("`{thread}` does more than look and wait again: `{}`", row.text));
            }
        }
    }
    Ok(())
}

/// The condition of a loop around a wait, as the line of the wait has it.
fn waits_while(source: &str, line: usize) -> Option<&str> {
    let text = source.lines().nth(line.wrapping_sub(1))?;
    Some(text.split_once("while ")?.1.split_once('{')?.0.trim())
}

/// Whether a step writes this name.
fn writes(step: &Step, name: &str) -> bool {
    match step {
        Step::Write { name: written, .. } => written == name,
        Step::Inside(steps) => steps.iter().any(|step| writes(step, name)),
        // Whatever atomics offer besides a load may write.
        Step::Call { name: object, call } => object == name && !matches!(call, Call::Load(_)),
        Step::Read { .. }
        | Step::Fault { .. }
        | Step::Spawn { .. }
        | Step::Fires { .. }
        | Step::Pause
        | Step::Chosen
        | Step::End { .. } => false,
    }
}

/// Whether a step does anything for others but taking and giving back a mutex.
fn changes(step: &Step) -> bool {
    match step {
        Step::Write { .. } | Step::Spawn { .. } | Step::Fires { .. } | Step::Fault { .. } | Step::End { .. } => true,
        Step::Inside(steps) => steps.iter().any(changes),
        Step::Call { call, .. } => !matches!(
            call,
            Call::Lock | Call::Unlock | Call::Wait { .. } | Call::Reacquire { .. } | Call::Load(_) | Call::IsLocked(_)
        ),
        Step::Read { .. } | Step::Pause | Step::Chosen => false,
    }
}

/// `m.lock()`, `c.send(..)`: object or thread, and what it waits to do.
fn pending(operation: &str) -> Option<(String, Pending)> {
    let (name, call) = operation.split('(').next()?.rsplit_once('.')?;
    let pending = match call {
        "lock" => Pending::Lock,
        "read" => Pending::Read,
        "write" => Pending::Write,
        "wait" => Pending::Wait,
        "call" => Pending::Call,
        "acquire" => {
            let permits = operation.split_once('(')?.1.trim_end_matches(')');
            Pending::Acquire(if permits.is_empty() { 1 } else { permits.parse().ok()? })
        }
        "send" => Pending::Send,
        "recv" => Pending::Recv,
        "put" => Pending::Put,
        "get" => Pending::Get,
        "join" => Pending::Join,
        "changed" => Pending::Changed,
        "wait_for" => Pending::WaitFor,
        _ => return None,
    };
    Some((name.to_owned(), pending))
}

/// The condition is false with the values that the thread read last, where it is made of such values only.
fn assertion_fails(source: &str, finding: &Finding, done: &[(Row, Step)], thread: &str) -> Result<(), String> {
    let line = finding.headline.split("line ").nth(1).ok_or("the headline names no line")?;
    let line: usize = line.split([':', ' ']).next().unwrap_or_default().parse().map_err(|_| "no line number")?;
    let text = source.lines().nth(line.wrapping_sub(1)).ok_or("there is no such line")?;
    let Some((_, condition)) = text.split_once("assert ") else {
        return Err(format!("line {line} asserts nothing: {text}"));
    };
    let condition = condition.split([';', '"']).next().unwrap_or_default().trim().trim_end_matches(',');
    let mut seen = BTreeMap::new();
    for (_, step) in done.iter().filter(|(row, _)| row.thread == thread) {
        match step {
            Step::Read { name, value } => seen.insert(name.clone(), *value),
            Step::Call { name, call: Call::Load(value) } => seen.insert(format!("{name}.load()"), *value),
            Step::Call { name, call: Call::Recv(Some(value)) } => seen.insert(format!("{name}.recv()"), *value),
            Step::Call { .. }
            | Step::Write { .. }
            | Step::Inside(_)
            | Step::Fault { .. }
            | Step::Spawn { .. }
            | Step::Fires { .. }
            | Step::Pause
            | Step::Chosen
            | Step::End { .. } => {
                continue;
            }
        };
    }
    match evaluate(condition, &|name: &str| seen.get(name).copied()) {
        Ok(0) => Ok(()),
        Ok(_) => Err(format!("`{condition}` holds with what `{thread}` read: {seen:?}")),
        // Locals appear in no row.
        Err(_) => Ok(()),
    }
}

/// Nobody who is named makes progress in the round; of a livelock somebody who is named steps in it.
fn round(finding: &Finding, machine: &Machine, round: &[(Row, Step)], named: &str) -> Result<(), String> {
    let progress = |row: &Row| row.text == "progress";
    if let Some((row, _)) = round.iter().find(|(row, _)| progress(row) && row.thread == named) {
        return Err(format!("`{}` makes progress in the round", row.thread));
    }
    let others = round.iter().filter(|(row, _)| !machine.daemons.contains(&row.thread));
    match finding.kind() {
        "livelock" if round.iter().any(|(row, _)| progress(row) && !machine.daemons.contains(&row.thread)) => {
            Err("somebody makes progress in the round".to_owned())
        }
        "livelock" if !round.iter().any(|(row, _)| row.thread == named) => Err(format!("`{named}` does not go round")),
        "starvation" if others.clone().count() > 0 && !others.clone().any(|(row, _)| progress(row)) => {
            Err("nobody else makes progress either".to_owned())
        }
        _ => Ok(()),
    }
}

/// The thread broke a rule in its last step, or ended with a lock that is still held in its name.
fn misused(finding: &Finding, machine: &Machine, thread: &str) -> Result<(), String> {
    let broke_a_rule = machine.status.get(thread) == Some(&Status::Failed);
    let object = finding.headline.split('`').nth(3).unwrap_or_default();
    let holds = machine.holds(object, thread);
    let ended_holding = finding.headline.contains("ends while it holds");
    if (ended_holding && holds) || (!ended_holding && broke_a_rule) {
        Ok(())
    } else {
        Err(format!("`{thread}` did nothing wrong with `{object}`: {:?}", machine.status.get(thread)))
    }
}
