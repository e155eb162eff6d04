//! Choices and schedules: everything that the world decides, in one type.
//!
//! A schedule is the list of choices that leads from the initial state to an end; it is the input of a replay and, with
//! the scenario, fixes an execution completely. Nothing else in an execution is nondeterministic.
//!
//! As text it is one line:
//!
//! ```text
//! schedule  = "v1" { " " parameter } { " option=" word } [ " hash=" hash ] { " " item }
//! hash      = 8 hexadecimal digits                         (of the scenario, see [`hash`])
//! parameter = name "=" ( integer | "true" | "false" )      (only those that differ from their defaults)
//! item      = thread [ "*" count ] [ "/" pick ]            (the pick belongs to the last of the steps)
//! thread    = name [ "[" integer "]" | "#" integer ]       (`f#2` is the second thread that `f` was started as)
//! pick      = thread { "+" thread }                        (whoever is woken; the partner that is met)
//!           | "#" branch | "=" value | "@" message
//!           | "!timeout" | "!spurious" | "!fails" | "!cancel" | "!death"
//! ```
//!
//! This module knows threads and their names; it does not know what a choice does.

use crate::program::{Program, ThreadId, Value};
use serde::{Deserialize, Serialize};
use std::fmt;

/// What selects one step: the thread, and what the world picks where the thread alone does not fix the step.
///
/// Ordered by thread, then by pick: the order in which `choices` lists them and in which ties are broken.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct Choice {
    /// Who steps.
    pub thread: ThreadId,
    /// What else is decided.
    pub pick: Pick,
}

/// What the world decides besides the thread.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Pick {
    /// Nothing: the thread has one step here.
    Only,
    /// Which waiter is woken, or which partner a rendezvous is with.
    Waiter(ThreadId),
    /// Which waiters are woken, at least two, as a set of bits by index.
    Waiters(u64),
    /// Which branch of an `either`, counted from 0.
    Branch(u32),
    /// Which value a `choose` gives.
    Value(i64),
    /// The time-out of a timed operation fires.
    Timeout,
    /// A waiter wakes for no reason.
    Spurious,
    /// Which message of the modification order a weak read sees, counted from the oldest one that is readable.
    Message(u32),
    /// A weak compare-exchange fails although the value is the expected one.
    WeakFailure,
    /// A task is cancelled at its await.
    Cancel,
    /// A child process dies.
    Death,
}

impl Pick {
    /// Whether a thread may count on it. What may just as well never happen does not save anybody: a thread that can go
    /// on by nothing else is stuck.
    #[must_use]
    pub fn is_reliable(self) -> bool {
        match self {
            Pick::Spurious => false,
            Pick::Only
            | Pick::Waiter(_)
            | Pick::Waiters(_)
            | Pick::Branch(_)
            | Pick::Value(_)
            | Pick::Timeout
            | Pick::Message(_)
            | Pick::WeakFailure
            | Pick::Cancel
            | Pick::Death => true,
        }
    }

    /// These threads are woken, a set of bits by index.
    #[must_use]
    pub fn waiters(set: u64) -> Self {
        let mut threads = ThreadId::of_bits(set);
        match (threads.next(), threads.next()) {
            (None, _) => Pick::Only,
            (Some(only), None) => Pick::Waiter(only),
            (Some(_), Some(_)) => Pick::Waiters(set),
        }
    }
}

impl Choice {
    /// The choice of a thread that has one step.
    #[must_use]
    pub fn only(thread: ThreadId) -> Self {
        Self { thread, pick: Pick::Only }
    }
}

/// The first word of every schedule line.
const VERSION: &str = "v1";

/// Prints a schedule of this program as one line.
///
/// # Example
/// `v1 CAPACITY=2 option=spurious_wakeups notifier*4/consumer[1] waiter*2`
#[must_use]
pub fn to_text(program: &Program, choices: &[Choice]) -> String {
    to_line(program, None, choices)
}

/// The same with the hash of the scenario: for a line that may meet another version of the file.
///
/// # Example
/// `v1 CAPACITY=2 hash=3f9a61c0 notifier*4/consumer[1] waiter*2`
#[must_use]
pub fn to_stamped_text(program: &Program, choices: &[Choice]) -> String {
    to_line(program, Some(hash(program)), choices)
}

/// What stands before an option.
const OPTION: &str = "option=";

/// What stands before the hash.
const HASH: &str = "hash=";

/// A hash of what a program does: threads, objects and code, in eight hexadecimal digits. Comments, layout, `expect`
/// lines and properties do not change it. It tells versions of a scenario apart; it is no protection against anybody.
///
/// # Source
/// FNV-1a with 64 bits (Fowler, Noll, Vo), both halves together.
#[must_use]
pub fn hash(program: &Program) -> String {
    let mut text = program.to_string();
    for thread in program.declared() {
        let initial = &thread.initial;
        text.push_str(&format!("{} {} {initial:?} {}\n", thread.name, thread.code.index(), thread.daemon));
    }
    for object in &program.objects {
        text.push_str(&format!("{} {:?}\n", object.name, object.kind));
    }
    let step = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    let hash = text.bytes().fold(0xcbf2_9ce4_8422_2325, step);
    format!("{:08x}", (hash >> 32) ^ (hash & 0xffff_ffff))
}

fn to_line(program: &Program, hash: Option<String>, choices: &[Choice]) -> String {
    let mut line = VERSION.to_owned();
    for parameter in program.parameters.iter().filter(|parameter| parameter.value != parameter.default) {
        line.push_str(&format!(" {}={}", parameter.name, parameter.value));
    }
    for option in &program.option_lines {
        line.push_str(&format!(" {OPTION}{option}"));
    }
    if let Some(hash) = hash {
        line.push_str(&format!(" {HASH}{hash}"));
    }
    let mut rest = choices;
    while let Some(first) = rest.first() {
        let plain = rest.iter().take_while(|choice| **choice == Choice::only(first.thread)).count();
        let picked = rest.get(plain).filter(|choice| choice.thread == first.thread && choice.pick != Pick::Only);
        let count = plain + usize::from(picked.is_some());
        line.push_str(&format!(" {}", to_item(program, *picked.unwrap_or(first), count)));
        rest = &rest[count..];
    }
    line
}

/// What stands behind the `/`; nothing where the thread has one step.
fn pick_text(program: &Program, pick: Pick) -> Option<String> {
    Some(match pick {
        Pick::Only => return None,
        Pick::Waiter(thread) => program.thread(thread).name.clone(),
        Pick::Waiters(set) => {
            let names: Vec<&str> = ThreadId::of_bits(set).map(|thread| program.thread(thread).name.as_str()).collect();
            names.join("+")
        }
        Pick::Branch(branch) => format!("#{branch}"),
        Pick::Value(value) => format!("={value}"),
        Pick::Message(message) => format!("@{message}"),
        Pick::Timeout => "!timeout".to_owned(),
        Pick::Spurious => "!spurious".to_owned(),
        Pick::WeakFailure => "!fails".to_owned(),
        Pick::Cancel => "!cancel".to_owned(),
        Pick::Death => "!death".to_owned(),
    })
}

/// A choice as a schedule line writes it: `consumer[1]`, `notifier/waiter`, `reader/!timeout`.
#[must_use]
pub fn choice_text(program: &Program, choice: Choice) -> String {
    to_item(program, choice, 1)
}

/// One item of a schedule line: the choice is the last of so many steps of its thread.
fn to_item(program: &Program, choice: Choice, count: usize) -> String {
    let mut item = program.thread(choice.thread).name.clone();
    if count > 1 {
        item.push_str(&format!("*{count}"));
    }
    if let Some(pick) = pick_text(program, choice.pick) {
        item.push_str(&format!("/{pick}"));
    }
    item
}

/// A schedule asks for a step that is not on offer.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Diverged {
    /// Which choice of the schedule, counted from 1.
    pub step: usize,
    /// What it asks for.
    pub wanted: Choice,
    /// What is on offer, as far as whoever follows the schedule knows; empty where the execution has ended.
    pub enabled: Vec<Choice>,
}

/// A schedule as read from text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Schedule {
    /// Parameters that differ from their defaults, in order of the text.
    pub parameters: Vec<(String, Value)>,
    /// Words of the `option` lines under which it was made, in order of the text.
    pub options: Vec<String>,
    /// Hash of the scenario it was made from, if the line has one.
    pub hash: Option<String>,
    /// The choices, in order.
    pub choices: Vec<Choice>,
}

/// Greatest number of steps a schedule line may ask for.
const STEPS_MAX: usize = 1_000_000;

/// Reads a schedule line. The thread names must be those of `program`.
///
/// # Errors
/// The first word that is not understood, with the reason.
pub fn parse(program: &Program, line: &str) -> Result<Schedule, ScheduleError> {
    let Head { parameters, options, hash, items } = head(line)?;
    let options = options.into_iter().map(str::to_owned).collect();
    let mut schedule = Schedule { parameters, options, hash: hash.map(str::to_owned), choices: Vec::new() };
    for word in items {
        let fail = |reason: String| ScheduleError { word: word.to_owned(), reason };
        if parameter(word).is_some() {
            return Err(fail("parameters stand before the steps".to_owned()));
        }
        if option(word).is_some() {
            return Err(fail("options stand before the steps".to_owned()));
        }
        if let Some(reason) = no_value(word) {
            return Err(fail(reason));
        }
        let (steps, pick) = match word.split_once('/') {
            None => (word, Pick::Only),
            Some((steps, pick)) => (steps, parse_pick(program, pick).map_err(fail)?),
        };
        let (name, count) = match steps.split_once('*') {
            None => (steps, 1),
            Some((name, count)) => {
                (name, count.parse().map_err(|_| fail(format!("`{count}` is not a number of steps")))?)
            }
        };
        let thread = thread_named(program, name).map_err(fail)?;
        if count == 0 || count > STEPS_MAX - schedule.choices.len() {
            return Err(fail(format!("a number of steps is between 1 and {STEPS_MAX} in all")));
        }
        schedule.choices.extend(std::iter::repeat_n(Choice::only(thread), count - 1));
        schedule.choices.push(Choice { thread, pick });
    }
    Ok(schedule)
}

/// The parameters of a schedule line. They say which program its threads are those of.
///
/// # Errors
/// The line does not begin with its version.
pub fn parameters(line: &str) -> Result<Vec<(String, Value)>, ScheduleError> {
    head(line).map(|head| head.parameters)
}

/// The hash of a schedule line, if it has one.
///
/// # Errors
/// The line does not begin with its version.
pub fn stamp(line: &str) -> Result<Option<String>, ScheduleError> {
    head(line).map(|head| head.hash.map(str::to_owned))
}

/// A line taken apart, before its threads are looked up.
struct Head<'a> {
    parameters: Vec<(String, Value)>,
    options: Vec<&'a str>,
    hash: Option<&'a str>,
    /// The words behind them.
    items: Vec<&'a str>,
}

fn head(line: &str) -> Result<Head<'_>, ScheduleError> {
    let mut words = line.split_whitespace();
    let first = words.next().unwrap_or("");
    if first != VERSION {
        let reason = format!("a schedule begins with its version, `{VERSION}`");
        return Err(ScheduleError { word: first.to_owned(), reason });
    }
    let words: Vec<&str> = words.collect();
    let is_in_front = |word: &&&str| hash_of(word).is_some() || option(word).is_some() || parameter(word).is_some();
    let in_front = words.iter().take_while(is_in_front).count();
    let (front, items) = words.split_at(in_front);
    // The hash stands last: a parameter may have that name, too.
    let hash = front.last().and_then(|word| hash_of(word));
    let front = &front[..in_front - usize::from(hash.is_some())];
    let has_options = front.iter().rev().take_while(|word| option(word).is_some()).count();
    let (parameters, options) = front.split_at(front.len() - has_options);
    let read = |word: &&str| {
        let reason = if option(word).is_some() {
            "the options stand behind the parameters"
        } else {
            "the hash stands behind the parameters and options"
        };
        parameter(word).ok_or_else(|| ScheduleError { word: (*word).to_owned(), reason: reason.to_owned() })
    };
    let parameters = parameters.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    let again = |position: usize| parameters[..position].iter().any(|(name, _)| *name == parameters[position].0);
    if let Some(twice) = (0..parameters.len()).find(|position| again(*position)) {
        let reason = "the parameter has a value already".to_owned();
        return Err(ScheduleError { word: front[twice].to_owned(), reason });
    }
    let options = options.iter().filter_map(|word| option(word)).collect();
    Ok(Head { parameters, options, hash, items: items.to_vec() })
}

/// What the word of an `option` line is, if the word is one. `option` is a word of the language, so no parameter has
/// that name.
fn option(word: &str) -> Option<&str> {
    word.strip_prefix(OPTION)
}

/// The hash, if the word is one.
fn hash_of(word: &str) -> Option<&str> {
    let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    word.strip_prefix(HASH).filter(|hash| hash.len() == 8 && hash.bytes().all(is_digit))
}

/// `NAME=VALUE`, if the word is one.
fn parameter(word: &str) -> Option<(String, Value)> {
    let (name, value) = word.split_once('=')?;
    if name.contains('/') {
        return None;
    }
    let value = match value {
        "true" => Value::Bool(true),
        "false" => Value::Bool(false),
        number => Value::Int(number.parse().ok()?),
    };
    Some((name.to_owned(), value))
}

/// What is wrong with `NAME=…` if the word is that, and neither hash, option nor parameter.
fn no_value(word: &str) -> Option<String> {
    let (name, value) = word.split_once('=').filter(|(name, _)| !name.contains('/'))?;
    Some(match name {
        "hash" => format!("`{value}` is no hash: eight digits from `0` to `f`"),
        _ => format!("`{value}` is no value of a parameter: a number, `true` or `false`"),
    })
}

fn parse_pick(program: &Program, text: &str) -> Result<Pick, String> {
    let number = |digits: &str| digits.parse().map_err(|_| format!("`{digits}` is not a number"));
    match text {
        "" => return Err("nothing stands behind the `/`".to_owned()),
        "!timeout" => return Ok(Pick::Timeout),
        "!spurious" => return Ok(Pick::Spurious),
        "!fails" => return Ok(Pick::WeakFailure),
        "!cancel" => return Ok(Pick::Cancel),
        "!death" => return Ok(Pick::Death),
        _ if text.starts_with('!') => {
            let all = "`!timeout`, `!spurious`, `!fails`, `!cancel` and `!death`";
            return Err(format!("`{text}` is nothing that the world does; there are {all}"));
        }
        _ => {}
    }
    if let Some(branch) = text.strip_prefix('#') {
        return Ok(Pick::Branch(number(branch)?));
    }
    if let Some(message) = text.strip_prefix('@') {
        return Ok(Pick::Message(number(message)?));
    }
    if let Some(value) = text.strip_prefix('=') {
        return value.parse().map(Pick::Value).map_err(|_| format!("`{value}` is not a number"));
    }
    if !text.contains('+') {
        return thread_named(program, text).map(Pick::Waiter);
    }
    let mut set = 0;
    for name in text.split('+') {
        set |= 1 << thread_named(program, name)?.index();
    }
    Ok(Pick::waiters(set))
}

fn thread_named(program: &Program, name: &str) -> Result<ThreadId, String> {
    if name.is_empty() {
        return Err("the name of a thread is missing".to_owned());
    }
    let found = program.thread_ids().find(|thread| program.thread(*thread).name == name);
    found.ok_or_else(|| {
        let names: Vec<&str> = program.threads.iter().map(|thread| thread.name.as_str()).collect();
        format!("no thread is called `{name}`; there are {}", names.join(", "))
    })
}

/// Why a line is not a schedule of a program.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ScheduleError {
    /// The word; empty where the line has none.
    pub word: String,
    /// What is wrong with it.
    pub reason: String,
}

impl fmt::Display for ScheduleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.word.as_str() {
            "" => write!(f, "the schedule is empty: {}", self.reason),
            word => write!(f, "`{word}` in the schedule: {}", self.reason),
        }
    }
}

impl std::error::Error for ScheduleError {}
