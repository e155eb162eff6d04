//! `fmt`: brings scenario files into the common layout, or says which of them are not in it.
//!
//! A file with errors is left alone; so is one that is in the layout already, down to its time of change.

use super::{Done, Exit, Paths, Terminal, files};
use crate::language;
use crate::program::Source;
use crate::scenario::{self, Unusable};
use clap::Args;
use similar::TextDiff;
use std::fs;
use std::io::{self, Write};
use std::path::PathBuf;

/// Shown below the help text.
pub(super) const EXIT_CODES: &str = "\
Exit codes:
  0    every file is in the common layout now, or was
  1    with --check: some file is not
  2    wrong usage, or a file that cannot be read, has errors, or cannot be written";

/// The path that means standard input.
const STDIN: &str = "-";

#[derive(Debug, Args)]
pub(super) struct FormatArguments {
    #[command(flatten)]
    paths: Paths,
    /// Change nothing; name the files that are not in the common layout and show what would change
    #[arg(long)]
    check: bool,
}

pub(super) fn format(arguments: &FormatArguments, terminal: &Terminal) -> Done {
    if arguments.paths.paths == [PathBuf::from(STDIN)] {
        return standard_input(arguments, terminal);
    }
    let files = match files::texts(&arguments.paths.paths) {
        Ok(files) => files,
        Err(message) => {
            terminal.say(&format!("error: {message}"));
            return Ok(Exit::Unusable);
        }
    };
    let mut exit = Exit::AsExpected;
    for file in &files {
        let here = match tidied(file.read()) {
            Ok(Tidied { before, after }) if before.text == after => Exit::AsExpected,
            Ok(tidied) if arguments.check => show_difference(&tidied, terminal)?,
            Ok(tidied) => match fs::write(&file.path, tidied.after) {
                Ok(()) => Exit::AsExpected,
                Err(error) => {
                    terminal.say(&format!("error: cannot write `{}`: {error}", file.name));
                    Exit::Unusable
                }
            },
            Err(unusable) => refuse(&unusable, terminal),
        };
        exit = exit.max(here);
    }
    Ok(exit)
}

/// Formats what stands on standard input.
fn standard_input(arguments: &FormatArguments, terminal: &Terminal) -> Done {
    let read = match scenario::text_of(STDIN, io::stdin().lock()) {
        Ok(read) => read,
        Err(error) => Err(Unusable::Unreadable { name: STDIN.to_owned(), reason: error.to_string() }),
    };
    match tidied(read) {
        Ok(tidied) if arguments.check && tidied.before.text == tidied.after => Ok(Exit::AsExpected),
        Ok(tidied) if arguments.check => show_difference(&tidied, terminal),
        Ok(tidied) => {
            let mut out = terminal.out();
            out.write_all(tidied.after.as_bytes())?;
            out.flush()?;
            Ok(Exit::AsExpected)
        }
        Err(unusable) => Ok(refuse(&unusable, terminal)),
    }
}

/// A text before and after.
struct Tidied {
    before: Source,
    after: String,
}

fn tidied(read: Result<Source, Unusable>) -> Result<Tidied, Unusable> {
    let before = read?;
    match language::format(&before) {
        Ok(after) => Ok(Tidied { before, after }),
        Err(diagnostics) => Err(Unusable::Wrong { sources: before.into(), diagnostics }),
    }
}

fn refuse(unusable: &Unusable, terminal: &Terminal) -> Exit {
    terminal.say(&unusable.render(terminal.diagnostics()));
    Exit::Unusable
}

/// Prints what formatting would change, as `diff -u` does.
fn show_difference(tidied: &Tidied, terminal: &Terminal) -> Done {
    let name = &tidied.before.name;
    let mut out = terminal.out();
    let diff = TextDiff::from_lines(&tidied.before.text, &tidied.after);
    write!(out, "{}", diff.unified_diff().header(name, &format!("{name} (formatted)")))?;
    out.flush()?;
    Ok(Exit::NotAsExpected)
}
