//! Scenario files: where they are, in a fixed order, and from the bytes of one to a program.
//!
//! What the command and the test harness have in common. Decides nothing about what is in the files.

use crate::language::{self, Colour, Compiled, MAX_COMBINATIONS, NoSweep, Override, Sweep};
use crate::program::{Program, Source};
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// The ending of a scenario's name.
pub const EXTENSION: &str = "ilv";

/// More than the language allows: the rest of a huge file is not even read.
const READ_AT_MOST: u64 = 2 << 20;

/// A scenario file.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct ScenarioFile {
    /// The name that reports use, with `/` between folders.
    pub name: String,
    /// Where it is.
    pub path: PathBuf,
}

/// A program, and the warnings about its text.
#[derive(Debug)]
pub struct Loaded {
    /// What every engine runs.
    pub program: Program,
    /// Rendered; empty if there are none.
    pub warnings: String,
}

impl ScenarioFile {
    /// A file under the name by which the user called it.
    #[must_use]
    pub fn new(path: PathBuf) -> Self {
        Self { name: shown(&path), path }
    }

    /// Reads and compiles the file.
    ///
    /// # Errors
    /// What is wrong with it, rendered.
    pub fn load(&self, set: &[Override], colour: Colour) -> Result<Loaded, String> {
        compile(&self.read(colour)?, set, colour)
    }

    /// Reads the file.
    ///
    /// # Errors
    /// Why it is no text, rendered.
    pub fn read(&self, colour: Colour) -> Result<Source, String> {
        let mut bytes = Vec::new();
        File::open(&self.path)
            .and_then(|open| open.take(READ_AT_MOST).read_to_end(&mut bytes))
            .map_err(|error| format!("error: cannot read `{}`: {error}", self.name))?;
        let unread = Source { name: self.name.clone(), text: String::new() };
        language::read(&self.name, bytes).map_err(|errors| language::render(&errors, &unread, colour))
    }
}

/// Compiles the text of a file with these values for its parameters.
///
/// # Errors
/// What is wrong with it, rendered.
pub fn compile(source: &Source, set: &[Override], colour: Colour) -> Result<Loaded, String> {
    match language::compile(source, set) {
        Ok(Compiled { program, warnings }) => {
            let warnings =
                if warnings.is_empty() { String::new() } else { language::render(&warnings, source, colour) };
            Ok(Loaded { program, warnings })
        }
        Err(errors) => Err(language::render(&errors, source, colour)),
    }
}

/// Every combination of the values after `in` of a file's parameters; those that are `set` keep their value.
///
/// # Errors
/// Why they cannot be listed, rendered.
pub fn sweep(source: &Source, set: &[Override], colour: Colour) -> Result<Sweep, String> {
    language::sweep(source, set).map_err(|reason| match reason {
        NoSweep::Broken(errors) => language::render(&errors, source, colour),
        NoSweep::TooMany => {
            format!("error: `{}` has more than {MAX_COMBINATIONS} combinations of parameters", source.name)
        }
    })
}

/// Whether a path is a scenario's by its name.
#[must_use]
pub fn is_scenario(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == EXTENSION)
}

/// All scenarios of a folder and those below, sorted. Links to folders are not followed: they could lead round.
///
/// # Errors
/// The first folder that cannot be read.
pub fn below(folder: &Path) -> io::Result<Vec<ScenarioFile>> {
    let files = files_below(folder)?.into_iter().filter(|path| is_scenario(path)).map(ScenarioFile::new);
    let mut files: Vec<ScenarioFile> = files.collect();
    files.sort();
    Ok(files)
}

/// All files of a folder and those below, in no fixed order.
///
/// # Errors
/// The first folder that cannot be read.
pub fn files_below(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(&folder).map_err(|error| about(&folder, &error))? {
            let entry = entry.map_err(|error| about(&folder, &error))?;
            let path = entry.path();
            if entry.file_type().map_err(|error| about(&path, &error))?.is_dir() { &mut open } else { &mut files }
                .push(path);
        }
    }
    Ok(files)
}

fn about(path: &Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("cannot read `{}`: {error}", shown(path)))
}

/// The path as reports print it: `/` between folders, without a leading `./`.
#[must_use]
pub fn shown(path: &Path) -> String {
    let shown = path.to_string_lossy();
    let shown = if std::path::MAIN_SEPARATOR == '/' { shown.into_owned() } else { shown.replace('\\', "/") };
    shown.strip_prefix("./").map_or(shown.clone(), str::to_owned)
}
