//! The package under test: its scenarios, its snapshots, and which belong to which.

use super::subject::Subject;
use crate::scenario::{self, ScenarioFile};
use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Where scenarios are, relative to the package.
const SCENARIOS: &str = "scenarios";
/// Where snapshots are, relative to the package.
const SNAPSHOTS: &str = "snapshots";
/// The ending of an accepted snapshot.
const ACCEPTED: &str = ".snap";
/// The ending of a snapshot that waits for review.
const PENDING: &str = ".snap.new";

/// The package whose scenarios are tested.
#[derive(Clone, Debug)]
pub(super) struct Package {
    folder: PathBuf,
}

impl Package {
    /// The package that cargo runs the tests of; without cargo, the current folder.
    pub(super) fn under_test() -> Self {
        Self::at(std::env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| PathBuf::from("."), PathBuf::from))
    }

    fn at(folder: PathBuf) -> Self {
        Self { folder }
    }

    /// One subject per scenario, in order of their names.
    ///
    /// # Errors
    /// Why there is nothing to test.
    pub(super) fn subjects(&self) -> Result<Vec<Arc<Subject>>, String> {
        let folder = self.folder.join(SCENARIOS);
        if !folder.is_dir() {
            return Err(format!("there is no folder `{SCENARIOS}` in this package"));
        }
        let files = scenario::below(&folder).map_err(|error| error.to_string())?;
        if files.is_empty() {
            return Err(format!("there is no scenario (*.{}) in `{SCENARIOS}`", scenario::EXTENSION));
        }
        Ok(files.into_iter().map(|file| Arc::new(self.subject(&file.path))).collect())
    }

    fn subject(&self, path: &Path) -> Subject {
        let inside = self.inside(path);
        let name = without_end(&inside, SCENARIOS, &format!(".{}", scenario::EXTENSION)).unwrap_or_default();
        let snapshot = self.folder.join(format!("{SNAPSHOTS}/{name}{ACCEPTED}"));
        Subject::new(name, ScenarioFile { name: inside, path: path.to_owned() }, snapshot)
    }

    /// Accepted snapshots without a scenario, relative to the package, sorted.
    ///
    /// # Errors
    /// A folder cannot be read.
    pub(super) fn orphans(&self) -> io::Result<Vec<String>> {
        self.without_scenario(ACCEPTED)
    }

    /// Snapshots that wait for review and that no `::snapshot` test looks at, relative to the package, sorted. Where
    /// there is a scenario, its test either fails, or passes and removes what was waiting.
    ///
    /// # Errors
    /// A folder cannot be read.
    pub(super) fn pending(&self) -> io::Result<Vec<String>> {
        self.without_scenario(PENDING)
    }

    fn without_scenario(&self, end: &str) -> io::Result<Vec<String>> {
        let folder = self.folder.join(SNAPSHOTS);
        if !folder.exists() {
            return Ok(Vec::new());
        }
        let scenarios: BTreeSet<String> = scenario::below(&self.folder.join(SCENARIOS))?
            .iter()
            .filter_map(|file| without_end(&self.inside(&file.path), SCENARIOS, &format!(".{}", scenario::EXTENSION)))
            .collect();
        let mut orphans: Vec<String> = scenario::files_below(&folder)?
            .iter()
            .map(|path| self.inside(path))
            .filter(|inside| without_end(inside, SNAPSHOTS, end).is_some_and(|name| !scenarios.contains(&name)))
            .collect();
        orphans.sort();
        Ok(orphans)
    }

    /// A path relative to the package, as reports print it.
    fn inside(&self, path: &Path) -> String {
        scenario::shown(path.strip_prefix(&self.folder).unwrap_or(path))
    }
}

/// `condvar/lost_wakeup` of `scenarios/condvar/lost_wakeup.ilv`.
fn without_end(inside: &str, folder: &str, end: &str) -> Option<String> {
    let name = inside.strip_prefix(folder)?.strip_prefix('/')?.strip_suffix(end)?;
    Some(name.to_owned())
}
