//! `new`: a scenario to begin with, from a template that is as it expects to be.
//!
//! It never overwrites anything, and it writes nothing outside the folder of scenarios.

use super::{Done, Exit, Terminal};
use crate::scenario::{EXTENSION, shown};
use clap::{Args, ValueEnum};
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Shown below the help text.
pub(super) const EXAMPLE: &str = "\
Example:
  interleaver new two_kettles --like condvar    writes scenarios/condvar/two_kettles.ilv
  interleaver new kitchen/tea --like locks      writes scenarios/kitchen/tea.ilv";

/// Where scenarios live.
const FOLDER: &str = "scenarios";

#[derive(Debug, Args)]
pub(super) struct NewArguments {
    /// Name of the scenario; with a folder (`kitchen/tea`), or in that of its template
    #[arg(value_name = "NAME")]
    name: String,
    /// What it shall look like
    #[arg(long, value_enum, value_name = "TEMPLATE", default_value_t = Template::Locks)]
    like: Template,
}

/// What a new scenario can look like.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
enum Template {
    /// Two threads and one lock
    Locks,
    /// A condition variable: wait until something is so
    Condvar,
    /// A semaphore: so many at a time
    Semaphore,
    /// Channels from stage to stage, each closed by the one before
    Pipeline,
    /// A bounded buffer between producers and consumers
    ProducerConsumer,
    /// Atomics, with the exact set of outcomes
    Atomics,
    /// Threads that are started, joined, and asked for what they have done
    Threads,
}

impl Template {
    /// The folder of its topic, and its text.
    fn text(self) -> (&'static str, &'static str) {
        match self {
            Template::Locks => ("locks", include_str!("templates/locks.ilv")),
            Template::Condvar => ("condvar", include_str!("templates/condvar.ilv")),
            Template::Semaphore => ("semaphore", include_str!("templates/semaphore.ilv")),
            Template::Pipeline => ("pipeline", include_str!("templates/pipeline.ilv")),
            Template::ProducerConsumer => ("condvar", include_str!("templates/producer_consumer.ilv")),
            Template::Atomics => ("memory", include_str!("templates/atomics.ilv")),
            Template::Threads => ("threads", include_str!("templates/threads.ilv")),
        }
    }
}

pub(super) fn new(arguments: &NewArguments, terminal: &Terminal) -> Done {
    let (folder, text) = arguments.like.text();
    let Some(path) = path(&arguments.name, folder) else {
        terminal.say(&format!(
            "error: `{}` is no name for a scenario: use letters, digits and `_`, with `/` between folders",
            arguments.name
        ));
        return Ok(Exit::Unusable);
    };
    if let Err(error) = write(&path, text) {
        let exists = error.kind() == io::ErrorKind::AlreadyExists;
        let reason = if exists { "it exists already".to_owned() } else { error.to_string() };
        terminal.say(&format!("error: cannot write `{}`: {reason}", shown(&path)));
        return Ok(Exit::Unusable);
    }
    let mut out = terminal.out();
    writeln!(out, "wrote {0}\n\nchange it, then explore it:\n  interleaver check {0}", shown(&path))?;
    out.flush()?;
    Ok(Exit::AsExpected)
}

/// Where a scenario of this name belongs; `None` for what is no name.
fn path(name: &str, folder: &str) -> Option<PathBuf> {
    let name = name.strip_prefix(&format!("{FOLDER}/")).unwrap_or(name);
    let name = name.strip_suffix(&format!(".{EXTENSION}")).unwrap_or(name);
    let is_part = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if !name.split('/').all(is_part) {
        return None;
    }
    let folder = if name.contains('/') { Path::new(FOLDER).to_owned() } else { Path::new(FOLDER).join(folder) };
    Some(folder.join(format!("{name}.{EXTENSION}")))
}

/// Writes a file that does not exist yet.
fn write(path: &Path, text: &str) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    OpenOptions::new().write(true).create_new(true).open(path)?.write_all(text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::path;
    use std::path::Path;

    #[test]
    fn names_are_places_in_the_folder_of_scenarios() {
        for (name, place) in [
            ("tea", "scenarios/locks/tea.ilv"),
            ("kitchen/tea", "scenarios/kitchen/tea.ilv"),
            ("scenarios/kitchen/tea.ilv", "scenarios/kitchen/tea.ilv"),
        ] {
            assert_eq!(path(name, "locks").as_deref(), Some(Path::new(place)));
        }
        for name in ["", "..", "../tea", "/tea", "a//b", "tea cup", "tea.txt", "tür"] {
            assert_eq!(path(name, "locks"), None, "{name}");
        }
    }
}
