//! Paths on the command line to scenario files, in a fixed order.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// The ending of a scenario's name.
const EXTENSION: &str = "ilv";

/// A scenario file.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct ScenarioFile {
    /// The name that reports use: the path as the user gave it, with `/` between folders.
    pub(super) name: String,
    /// Where it is.
    pub(super) path: PathBuf,
}

/// All scenarios that the paths mean, each once: in the order of the paths, and sorted below a folder.
///
/// # Errors
/// The first path that means none, with the reason in words.
pub(super) fn scenarios(paths: &[PathBuf]) -> Result<Vec<ScenarioFile>, String> {
    let mut found: Vec<ScenarioFile> = Vec::new();
    for path in paths {
        let shown = name(path);
        let kind = fs::metadata(path).map_err(|error| {
            if error.kind() == io::ErrorKind::NotFound {
                format!("`{shown}` does not exist")
            } else {
                format!("cannot read `{shown}`: {error}")
            }
        })?;
        let mut here = Vec::new();
        if kind.is_dir() {
            below(path, &mut here)?;
            here.sort();
            if here.is_empty() {
                return Err(format!("there is no scenario (*.{EXTENSION}) in `{shown}`"));
            }
        } else if is_scenario(path) {
            here.push(ScenarioFile { name: shown, path: path.clone() });
        } else {
            return Err(format!("`{shown}` is not a scenario: its name does not end in .{EXTENSION}"));
        }
        for file in here {
            if !found.iter().any(|known| known.path == file.path) {
                found.push(file);
            }
        }
    }
    Ok(found)
}

/// Collects the scenarios of a folder and those below. Links to folders are not followed: they could lead round.
fn below(folder: &Path, into: &mut Vec<ScenarioFile>) -> Result<(), String> {
    let cannot_read = |error: io::Error| format!("cannot read `{}`: {error}", name(folder));
    for entry in fs::read_dir(folder).map_err(cannot_read)? {
        let entry = entry.map_err(cannot_read)?;
        let path = entry.path();
        if entry.file_type().map_err(cannot_read)?.is_dir() {
            below(&path, into)?;
        } else if is_scenario(&path) {
            into.push(ScenarioFile { name: name(&path), path });
        }
    }
    Ok(())
}

fn is_scenario(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == EXTENSION)
}

/// The path as reports print it: `/` between folders, without a leading `./`.
fn name(path: &Path) -> String {
    let shown = path.to_string_lossy();
    let shown = if std::path::MAIN_SEPARATOR == '/' { shown.into_owned() } else { shown.replace('\\', "/") };
    shown.strip_prefix("./").map_or(shown.clone(), str::to_owned)
}
