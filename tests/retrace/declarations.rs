//! What a scenario declares, read from its text: objects with their first values, and the members of each thread group.

use super::expression::evaluate;
use super::handover::{Broadcast, Oneshot, Watch};
use super::machine::{Channel, Clock, Machine, Mutex, Object, Queue, Rule, Stage};
use std::collections::BTreeMap;

/// The machine in its first state. `overrides` are parameters that differ from their defaults.
pub(crate) fn machine(source: &str, overrides: &BTreeMap<String, i64>) -> Result<Machine, String> {
    let mut lines: Vec<&str> = Vec::new();
    for line in source.lines().map(|line| line.split("//").next().unwrap_or_default().trim()) {
        // Several objects may be declared on one line; what has a block is one declaration.
        if line.contains('{') { lines.push(line) } else { lines.extend(line.split_inclusive(';').map(str::trim)) }
    }
    let mut constants = BTreeMap::new();
    let mut machine = Machine::default();
    // Groups first: `closed by` may name a group that is declared below.
    for declaration in [constant, group, object] {
        for line in &lines {
            declaration(line, &mut constants, overrides, &mut machine).map_err(|why| format!("`{line}`: {why}"))?;
        }
    }
    machine.spurious = lines.contains(&"option spurious_wakeups;");
    for line in &lines {
        let rule = match *line {
            "option writer_preference;" => Rule::Writers,
            "option reader_preference;" => Rule::Readers,
            _ => continue,
        };
        for (name, object) in &machine.objects {
            if matches!(object, Object::RwLock { .. }) {
                machine.rules.entry(name.clone()).or_insert(rule);
            }
        }
    }
    machine.close_what_is_over();
    Ok(machine)
}

type Constants = BTreeMap<String, i64>;

fn constant(line: &str, known: &mut Constants, overrides: &Constants, _: &mut Machine) -> Result<(), String> {
    let Some((word @ ("param" | "const"), rest)) = line.split_once(' ') else { return Ok(()) };
    let (name, value) = rest.trim_end_matches(';').split_once('=').ok_or("no value")?;
    let (name, value) = (name.trim(), value.split(" in ").next().unwrap_or_default());
    let value = match overrides.get(name) {
        Some(value) if word == "param" => *value,
        _ => number(value, known)?,
    };
    known.insert(name.to_owned(), value);
    Ok(())
}

fn group(line: &str, known: &mut Constants, _: &Constants, machine: &mut Machine) -> Result<(), String> {
    let (daemon, line) = line.strip_prefix("daemon ").map_or((false, line), |line| (true, line));
    let timer = line.strip_prefix("timer ").and_then(|rest| rest.split('{').next()?.rsplit_once('('));
    let thread = line.strip_prefix("thread ").and_then(|rest| rest.split('{').next());
    let Some(head) = timer.map(|(head, _)| head).or(thread) else { return Ok(()) };
    let head = head.trim();
    let members = match head.split_once('[') {
        None => vec![head.to_owned()],
        Some((name, len)) if !len.contains(" in ") => {
            (0..number(len.trim_end_matches(']'), known)?).map(|member| format!("{name}[{member}]")).collect()
        }
        Some((name, range)) => {
            let range = range.trim_end_matches(']').split_once(" in ").ok_or("no range")?.1;
            let (from, to) = range.split_once("..").ok_or("no range")?;
            let to = match to.strip_prefix('=') {
                Some(last) => number(last, known)? + 1,
                None => number(to, known)?,
            };
            (number(from, known)?..to).map(|member| format!("{name}[{member}]")).collect()
        }
    };
    if daemon {
        machine.daemons.extend(members.iter().cloned());
    }
    if timer.is_some() {
        machine.objects.extend(members.iter().map(|member| (member.clone(), Object::Timer(Clock::Idle))));
    }
    machine.groups.insert(head.split('[').next().unwrap_or_default().to_owned(), members);
    Ok(())
}

fn object(line: &str, known: &mut Constants, _: &Constants, machine: &mut Machine) -> Result<(), String> {
    let line = line.strip_prefix("poisoning ").unwrap_or(line);
    let (fifo, line) = line.strip_prefix("fifo ").map_or((false, line), |line| (true, line));
    let (reentrant, line) = line.strip_prefix("reentrant ").map_or((false, line), |line| (true, line));
    let (order, line) = match line.split_once(' ') {
        Some((order @ ("lifo" | "priority"), line)) => (order, line),
        _ => ("", line),
    };
    let (bounded, line) = line.strip_prefix("bounded ").map_or((false, line), |line| (true, line));
    let Some((word, rest)) = line.split_once(' ') else { return Ok(()) };
    let (rest, closed_by) = match rest.split_once(" closed by ") {
        Some((rest, group)) => (rest, machine.groups.get(group.trim_end_matches(';')).cloned()),
        None => (rest.trim_end_matches(';'), None),
    };
    let (head, initial) = match word {
        "var" | "atomic" | "watch" => rest.split_once('=').ok_or("no value")?,
        "mutex" | "rwlock" | "condvar" | "event" | "once" | "oneshot" => (rest, "0"),
        "semaphore" | "channel" | "queue" | "barrier" | "broadcast" => match rest.split_once('(') {
            Some((head, argument)) => (head, argument.trim_end_matches(')')),
            None => (rest, ""),
        },
        _ => return Ok(()),
    };
    let object = match word {
        "var" | "atomic" => Object::Memory(number(initial, known)?),
        "mutex" => Object::Mutex(Mutex { reentrant, ..Mutex::default() }),
        "rwlock" => Object::RwLock { writer: None, readers: Vec::new() },
        "condvar" => Object::Condvar { fifo, line: Vec::new() },
        "event" => Object::Event(false),
        "once" => Object::Once(Stage::Fresh),
        "watch" => Object::Watch(Watch { value: number(initial, known)?, closed_by, ..Watch::default() }),
        "broadcast" => Object::Broadcast(Broadcast {
            room: usize::try_from(number(initial, known)?).map_err(|error| error.to_string())?,
            closed_by,
            ..Broadcast::default()
        }),
        "oneshot" => Object::Oneshot(Oneshot { closed_by, ..Oneshot::default() }),
        "barrier" => Object::Barrier {
            size: usize::try_from(number(initial, known)?).map_err(|error| error.to_string())?,
            broken: false,
        },
        "semaphore" => Object::Semaphore(number(initial, known)?),
        "queue" => Object::Queue(Queue {
            order: order.to_owned(),
            room: if initial.is_empty() { None } else { Some(number(initial, known)?) },
            ..Queue::default()
        }),
        _ => Object::Channel(Channel {
            capacity: if initial.is_empty() { None } else { Some(number(initial, known)?) },
            closed_by,
            ..Channel::default()
        }),
    };
    if let (true, Object::Semaphore(permits)) = (bounded, &object) {
        machine.bounds.insert(head.trim().to_owned(), *permits);
    }
    let mut declare = |name: String, object: Object| {
        if fifo {
            machine.rules.insert(name.clone(), Rule::Fifo);
        }
        machine.objects.insert(name, object);
    };
    match head.trim().split_once('[') {
        None => declare(head.trim().to_owned(), object),
        Some((name, len)) => {
            for element in 0..number(len.trim_end_matches(']'), known)? {
                declare(format!("{name}[{element}]"), object.clone());
            }
        }
    }
    Ok(())
}

fn number(text: &str, known: &Constants) -> Result<i64, String> {
    evaluate(text.trim().trim_end_matches(';'), &|name: &str| known.get(name).copied())
}
