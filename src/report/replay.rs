//! What became of a schedule: the steps in columns, what they show, and where they have led. Terminal only.

use super::build::{columns, rows};
use super::layout::table;
use super::limit_text;
use super::text::{Colours, count, headline, paint, part, reasons, title};
use crate::explain;
use crate::finding::{EngineName, Replay, ReplayEnd};
use crate::program::Program;
use crate::schedule::{Choice, Diverged, choice_text};
use std::fmt;
use std::io::{self, Write};

/// Prints a replay. `remarks`: what this engine did in its own way, one sentence each.
///
/// # Errors
/// Those of `out`.
pub fn print(
    out: &mut dyn Write,
    program: &Program,
    engine: EngineName,
    replay: &Replay,
    remarks: &[&str],
    colours: Colours,
) -> io::Result<()> {
    write!(out, "{}", Page { program, engine, replay, remarks, colours })
}

struct Page<'a> {
    program: &'a Program,
    engine: EngineName,
    replay: &'a Replay,
    remarks: &'a [&'a str],
    colours: Colours,
}

impl fmt::Display for Page<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { program, replay, .. } = *self;
        let first = replay.found.first();
        let explained: Vec<_> = replay.found.iter().map(|finding| explain::explain(program, finding)).collect();
        let (word, code, said) = match (&replay.end, explained.first()) {
            (ReplayEnd::Diverged(diverged), _) => ("diverged", "1;31", self.divergence(diverged)),
            (_, Some(explanation)) => ("replayed", "1;32", headline(explanation)),
            (_, None) => ("replayed", "1;32", "nothing is found in these steps".to_owned()),
        };
        title(f, word, &paint(word, code, self.colours), &said, program.source.name())?;
        let events = &replay.trace.events;
        if !events.is_empty() {
            for line in table(&columns(program, events), &rows(program, events, first)) {
                writeln!(f, "{line}")?;
            }
        }
        for (position, explanation) in explained.iter().enumerate() {
            if position > 0 || matches!(replay.end, ReplayEnd::Diverged(_)) {
                part(f, self.colours, "also", &[headline(explanation)])?;
            }
            let why = reasons(explanation);
            if !why.is_empty() {
                part(f, self.colours, "why", &why)?;
            }
        }
        part(f, self.colours, "end", &[self.end()])?;
        part(f, self.colours, "engine", &[self.engine.word().to_owned()])?;
        let remarks: Vec<String> = self.remarks.iter().map(|remark| (*remark).to_owned()).collect();
        part(f, self.colours, "", &remarks)
    }
}

impl Page<'_> {
    fn divergence(&self, diverged: &Diverged) -> String {
        let wanted = choice_text(self.program, diverged.wanted);
        format!("at step {}: wanted `{wanted}`, enabled {}", diverged.step, self.choices(&diverged.enabled))
    }

    /// Where the steps have led.
    fn end(&self) -> String {
        let number = self.replay.trace.events.len();
        let steps = count(u64::try_from(number).unwrap_or(u64::MAX), "step");
        match &self.replay.end {
            ReplayEnd::Diverged(_) => format!("{steps} before that"),
            ReplayEnd::GoesOn { enabled } => {
                format!("after {steps} the execution goes on: enabled {}", self.choices(enabled))
            }
            ReplayEnd::Deadlock => format!("after {steps} nothing can step"),
            ReplayEnd::NormalEnd(outcome) => {
                let names: Vec<&str> = self.program.observed.iter().map(|observed| observed.name.as_str()).collect();
                let outcome =
                    if names.is_empty() { String::new() } else { format!(": ({}) is {outcome}", names.join(", ")) };
                format!("after {steps} every thread has ended{outcome}")
            }
            ReplayEnd::AbnormalEnd => format!("after {steps} every thread has ended, not all of them normally"),
            ReplayEnd::Stopped => format!("after {steps} a failed property has ended the execution"),
            ReplayEnd::Discarded => format!("after {steps} `assume` discards the execution"),
            ReplayEnd::Cut(limit) => format!("after {steps} a limit was met: {}", limit_text(self.program, limit)),
        }
    }

    fn choices(&self, choices: &[Choice]) -> String {
        if choices.is_empty() {
            return "nothing".to_owned();
        }
        let words: Vec<String> =
            choices.iter().map(|choice| format!("`{}`", choice_text(self.program, *choice))).collect();
        words.join(", ")
    }
}
