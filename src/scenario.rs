//! Scenario files: where they are, in a fixed order, and from the bytes of one to a program.
//!
//! What the command and the test harness have in common. Decides nothing about what is in the files.

use crate::language::diagnostic::Diagnostic;
use crate::language::{self, Colour, Compiled, Gathered, MAX_COMBINATIONS, NoSweep, Override, Sweep};
use crate::program::{Program, Source, Sources};
use std::collections::BTreeSet;
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
        language::render_all(&self.warnings, &self.program.source, colour)
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
        /// The file with those it imports; without a text if its bytes are none.
        sources: Sources,
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
            Unusable::Wrong { sources, diagnostics } => language::render_all(diagnostics, sources, colour),
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

    /// Reads the file and what it imports.
    ///
    /// # Errors
    /// Why it has no text. What is wrong with its imports is said where it is compiled.
    pub fn gather(&self) -> Result<Gathered, Unusable> {
        Ok(language::gather(&self.read()?, &mut import))
    }

    /// Reads and compiles the file.
    ///
    /// # Errors
    /// Why it cannot be used.
    pub fn load(&self, set: &[Override]) -> Result<Loaded, Unusable> {
        compile(&self.gather()?, set)
    }
}

/// Reads a file that another imports.
fn import(name: &str) -> Result<Source, String> {
    let path = PathBuf::from(name);
    if !is_scenario(&path) {
        return Err(format!("its name does not end in .{EXTENSION}"));
    }
    let read = File::open(&path).and_then(|open| text_of(name, open)).map_err(|error| {
        if error.kind() == io::ErrorKind::NotFound { "it does not exist".to_owned() } else { error.to_string() }
    })?;
    read.map_err(|unusable| match unusable {
        Unusable::Wrong { diagnostics, .. } => {
            diagnostics.into_iter().map(|error| error.message).collect::<Vec<_>>().join(", ")
        }
        Unusable::Unreadable { .. } | Unusable::TooManyCombinations { .. } => unusable.render(Colour::Plain),
    })
}

/// Compiles what was gathered of a file with these values for its parameters.
///
/// # Errors
/// What is wrong with it.
pub fn compile(gathered: &Gathered, set: &[Override]) -> Result<Loaded, Unusable> {
    match language::compile_gathered(gathered, set) {
        Ok(Compiled { program, warnings }) => Ok(Loaded { program, warnings }),
        Err(diagnostics) => Err(Unusable::Wrong { sources: gathered.sources.clone(), diagnostics }),
    }
}

/// Every combination of the values after `in` of a file's parameters; those that are `set` keep their value.
///
/// # Errors
/// Why they cannot be listed.
pub fn sweep(gathered: &Gathered, set: &[Override]) -> Result<Sweep, Unusable> {
    language::sweep(gathered, set).map_err(|reason| match reason {
        NoSweep::Broken(diagnostics) => Unusable::Wrong { sources: gathered.sources.clone(), diagnostics },
        NoSweep::TooMany => Unusable::TooManyCombinations { name: gathered.sources.name().to_owned() },
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
    let wrong = |diagnostics| Unusable::Wrong { sources: without_text().into(), diagnostics };
    Ok(language::read(name, bytes).map_err(wrong))
}

/// Whether a path is a scenario's by its name.
#[must_use]
pub fn is_scenario(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == EXTENSION)
}

/// All scenarios of a folder and those below, sorted. A file without threads that another of them imports is no scenario
/// of its own.
///
/// # Errors
/// The first folder that cannot be read.
pub fn below(folder: &Path) -> io::Result<Vec<ScenarioFile>> {
    let files = texts_below(folder)?;
    // A file that cannot be read stays: whoever uses it says why.
    let read: Vec<Option<Gathered>> = files.iter().map(|file| file.gather().ok()).collect();
    let imported: BTreeSet<&str> = read.iter().flatten().flat_map(Gathered::imported).collect();
    let is_library = |file: &ScenarioFile, gathered: &Option<Gathered>| {
        imported.contains(file.name.as_str()) && gathered.as_ref().is_some_and(Gathered::is_library)
    };
    let kept = files.iter().zip(&read).filter(|(file, gathered)| !is_library(file, gathered));
    Ok(kept.map(|(file, _)| file.clone()).collect())
}

/// All texts of the language in a folder and those below, sorted: scenarios, and what they import. Links to folders are
/// not followed: they could lead round.
///
/// # Errors
/// The first folder that cannot be read.
pub fn texts_below(folder: &Path) -> io::Result<Vec<ScenarioFile>> {
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
