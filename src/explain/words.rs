//! Names, lines and lists as sentences use them.

use super::ledger::Place;
use crate::program::{Line, ObjectId, Pc, Program, ThreadId};
use std::collections::BTreeMap;

/// `` `name` `` of a thread.
pub(super) fn thread(program: &Program, id: ThreadId) -> String {
    format!("`{}`", program.thread(id).name)
}

/// `` `name` `` of an object.
pub(super) fn object(program: &Program, id: ObjectId) -> String {
    format!("`{}`", program.object(id).name)
}

/// The threads of a set of bits by index, in order.
pub(super) fn threads(set: u64) -> impl Iterator<Item = ThreadId> {
    ThreadId::of_bits(set)
}

/// Line of an instruction.
pub(super) fn line(program: &Program, thread: ThreadId, pc: Pc) -> Line {
    program.source.line(program.instr(thread, pc).span)
}

/// `line 12`.
pub(super) fn at_line(program: &Program, thread: ThreadId, pc: Pc) -> String {
    format!("line {}", line(program, thread, pc))
}

/// `step 3, line 12`.
pub(super) fn at(program: &Program, place: Place) -> String {
    format!("step {}, {}", place.step + 1, at_line(program, place.thread, place.pc))
}

/// How many threads of which the same is true are told one by one; of more, some are named and the others counted.
pub(super) const TOLD: usize = 4;

/// `a`, `a and b`, `a, b and c`, `a, b and 62 more`.
pub(super) fn list(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [only] => only.clone(),
        [first, second, more @ ..] if items.len() > 2 * TOLD => format!("{first}, {second} and {} more", more.len()),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// Sentences about threads, each a subject and what is true of it: where the same is true of many, they become one.
pub(super) fn told(sentences: Vec<(String, String)>) -> Vec<String> {
    let mut subjects: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (subject, truth) in &sentences {
        subjects.entry(truth).or_default().push(subject);
    }
    let one = |(subject, truth): &(String, String)| match subjects.get(truth.as_str()).map(Vec::as_slice) {
        Some([first, second, more @ ..]) if more.len() + 2 > TOLD => {
            (first == subject).then(|| format!("each of {first}, {second} and {} more {truth}", more.len()))
        }
        Some(_) | None => Some(format!("{subject} {truth}")),
    };
    sentences.iter().filter_map(one).collect()
}

/// `line 4`, `lines 4 and 7`: each line once, in ascending order.
pub(super) fn lines(mut lines: Vec<Line>) -> String {
    lines.sort_unstable();
    lines.dedup();
    let words: Vec<String> = lines.iter().map(Line::to_string).collect();
    format!("{} {}", if words.len() == 1 { "line" } else { "lines" }, list(&words))
}

/// A text; of a long one what fits into so many letters, up to the end of a word, with `…` for the rest.
pub(super) fn beginning(text: &str, letters: usize) -> String {
    let Some((end, _)) = text.char_indices().nth(letters) else { return text.to_owned() };
    let begun = &text[..end];
    format!("{} …", begun.rfind(' ').map_or(begun, |blank| begun[..blank].trim_end()))
}

/// `1 thread`, `2 threads`.
pub(super) fn count(number: usize, word: &str) -> String {
    if number == 1 { format!("1 {word}") } else { format!("{number} {word}s") }
}
