//! Scenario files: where they are, in a fixed order, and from the bytes of one to a program.
//!
//! What the command and the test harness have in common. Decides nothing about what is in the files.

use crate::language::diagnostic::Diagnostic;
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
    /// In order of the text.
    pub warnings: Vec<Diagnostic>,
}

impl Loaded {
    /// The warnings as people read them; empty if there are none.
    #[must_use]
    pub fn rendered_warnings(&self, colour: Colour) -> String {
        if self.warnings.is_empty() {
            return String::new();
        }
        language::render(&self.warnings, &self.program.source, colour)
    }
}

/// Why a file cannot be used.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Unusable {
    /// The system does not let us read it.
    Unreadable {
        /// Name of the file.
        name: String,
        /// What the system says.
        reason: String,
    },
    /// Its parameters have more combinations than are tried.
    TooManyCombinations {
        /// Name of the file.
        name: String,
    },
    /// Something is wrong with what is in it.
    Wrong {
        /// The file; without a text if its bytes are none.
        source: Source,
        /// At least one of them is an error.
        diagnostics: Vec<Diagnostic>,
    },
}

impl Unusable {
    /// The reason as people read it.
    #[must_use]
    pub fn render(&self, colour: Colour) -> String {
        match self {
            Unusable::Unreadable { name, reason } => format!("error: cannot read `{name}`: {reason}"),
            Unusable::TooManyCombinations { name } => {
                format!("error: `{name}` has more than {MAX_COMBINATIONS} combinations of parameters")
            }
            Unusable::Wrong { source, diagnostics } => language::render(diagnostics, source, colour),
        }
    }
}

impl ScenarioFile {
    /// A file under the name by which the user called it.
    #[must_use]
    pub fn new(path: PathBuf) -> Self {
        Self { name: shown(&path), path }
    }

    /// Reads the file's text.
    ///
    /// # Errors
    /// Why it has none.
    pub fn read(&self) -> Result<Source, Unusable> {
        let open = File::open(&self.path);
        open.and_then(|open| text_of(&self.name, open))
            .unwrap_or_else(|error| Err(Unusable::Unreadable { name: self.name.clone(), reason: error.to_string() }))
    }

    /// Reads and compiles the file.
    ///
    /// # Errors
    /// Why it cannot be used.
    pub fn load(&self, set: &[Override]) -> Result<Loaded, Unusable> {
        compile(&self.read()?, set)
    }
}

/// Compiles the text of a file with these values for its parameters.
///
/// # Errors
/// What is wrong with it.
pub fn compile(source: &Source, set: &[Override]) -> Result<Loaded, Unusable> {
    match language::compile(source, set) {
        Ok(Compiled { program, warnings }) => Ok(Loaded { program, warnings }),
        Err(diagnostics) => Err(Unusable::Wrong { source: source.clone(), diagnostics }),
    }
}

/// Every combination of the values after `in` of a file's parameters; those that are `set` keep their value.
///
/// # Errors
/// Why they cannot be listed.
pub fn sweep(source: &Source, set: &[Override]) -> Result<Sweep, Unusable> {
    language::sweep(source, set).map_err(|reason| match reason {
        NoSweep::Broken(diagnostics) => Unusable::Wrong { source: source.clone(), diagnostics },
        NoSweep::TooMany => Unusable::TooManyCombinations { name: source.name.clone() },
    })
}

/// The text that somebody gives us under this name.
///
/// # Errors
/// Those of reading it; inside, why it is no text of a scenario.
pub fn text_of(name: &str, from: impl Read) -> io::Result<Result<Source, Unusable>> {
    let mut bytes = Vec::new();
    from.take(READ_AT_MOST).read_to_end(&mut bytes)?;
    let without_text = || Source { name: name.to_owned(), text: String::new() };
    let wrong = |diagnostics| Unusable::Wrong { source: without_text(), diagnostics };
    Ok(language::read(name, bytes).map_err(wrong))
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
