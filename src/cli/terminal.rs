//! Where text goes: standard output for results, standard error for everything about this run.

use super::exit::Exit;
use crate::language::Colour;
use crate::report::text::Colours;
use std::io::{self, BufWriter, IsTerminal, StdoutLock, Write};

/// The two streams of this process.
#[derive(Debug)]
pub(super) struct Terminal {
    colours_out: bool,
    colours_err: bool,
    /// Whether somebody looks at standard error while we run.
    pub(super) watched: bool,
}

impl Terminal {
    pub(super) fn of_this_process() -> Self {
        let wanted = std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
            && std::env::var_os("TERM").is_none_or(|term| term != "dumb");
        Self {
            colours_out: wanted && io::stdout().is_terminal(),
            colours_err: wanted && io::stderr().is_terminal(),
            watched: io::stderr().is_terminal(),
        }
    }

    /// Standard output, to be flushed before the process ends.
    pub(super) fn out(&self) -> BufWriter<StdoutLock<'static>> {
        BufWriter::new(io::stdout().lock())
    }

    /// Colours of standard output.
    pub(super) fn colours(&self) -> Colours {
        if self.colours_out { Colours::On } else { Colours::Off }
    }

    /// Colours of diagnostics, which go to standard error.
    pub(super) fn diagnostics(&self) -> Colour {
        if self.colours_err { Colour::Ansi } else { Colour::Plain }
    }

    /// Prints to standard error. Nobody can be told if that fails, so nobody is.
    pub(super) fn say(&self, text: &str) {
        let _unheard = writeln!(io::stderr().lock(), "{}", text.trim_end_matches('\n'));
    }

    /// What to do when standard output cannot be written to. A reader that has gone (`| head`) is no reason to complain.
    pub(super) fn cannot_write(&self, error: &io::Error) -> Exit {
        if error.kind() == io::ErrorKind::BrokenPipe {
            return Exit::BrokenPipe;
        }
        self.say(&format!("error: cannot write to standard output: {error}"));
        Exit::Unusable
    }
}
