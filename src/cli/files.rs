//! Paths on the command line to scenario files, in a fixed order.

use crate::scenario::{self, EXTENSION, ScenarioFile};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// The one scenario file that a path means; `subcommand` is for the message.
///
/// # Errors
/// Why it means none, in words.
pub(super) fn scenario_file(path: &Path, subcommand: &str) -> Result<ScenarioFile, String> {
    let files = scenarios(&[path.to_owned()])?;
    match <[_; 1]>::try_from(files) {
        Ok([file]) if path.is_file() => Ok(file),
        Ok(_) | Err(_) => Err(format!("`{subcommand}` takes one scenario file, not a folder")),
    }
}

/// All scenarios that the paths mean, each once: in the order of the paths, and sorted below a folder.
///
/// # Errors
/// The first path that means none, with the reason in words.
pub(super) fn scenarios(paths: &[PathBuf]) -> Result<Vec<ScenarioFile>, String> {
    files(paths, scenario::below)
}

/// All scenarios that the paths mean, and below folders also what scenarios import; otherwise like [`scenarios`].
///
/// # Errors
/// The first path that means none, with the reason in words.
pub(super) fn texts(paths: &[PathBuf]) -> Result<Vec<ScenarioFile>, String> {
    files(paths, scenario::texts_below)
}

fn files(
    paths: &[PathBuf],
    below: impl Fn(&Path) -> io::Result<Vec<ScenarioFile>>,
) -> Result<Vec<ScenarioFile>, String> {
    let mut found: Vec<ScenarioFile> = Vec::new();
    for path in paths {
        let shown = scenario::shown(path);
        let kind = fs::metadata(path).map_err(|error| {
            if error.kind() == io::ErrorKind::NotFound {
                format!("`{shown}` does not exist")
            } else {
                format!("cannot read `{shown}`: {error}")
            }
        })?;
        let here = if kind.is_dir() {
            below(path).map_err(|error| error.to_string())?
        } else if scenario::is_scenario(path) {
            vec![ScenarioFile::new(path.clone())]
        } else {
            return Err(format!("`{shown}` is not a scenario: its name does not end in .{EXTENSION}"));
        };
        if here.is_empty() {
            return Err(format!("there is no scenario (*.{EXTENSION}) in `{shown}`"));
        }
        for file in here {
            if !found.iter().any(|known| known.path == file.path) {
                found.push(file);
            }
        }
    }
    Ok(found)
}
