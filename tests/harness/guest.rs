//! A package of somebody else, in a temporary folder, with a few scenarios of the gallery.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

/// Set where this executable is the test binary of a guest.
const GUEST: &str = "INTERLEAVER_TEST_GUEST";

/// Whether this process is the test binary of a guest.
pub(crate) fn is_this() -> bool {
    std::env::var_os(GUEST).is_some()
}

/// A package.
pub(crate) struct Guest {
    folder: TempDir,
}

/// What a run of its tests came to.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    pub(crate) code: i32,
}

impl Guest {
    /// A package with these scenarios of the gallery and nothing else.
    pub(crate) fn new(scenarios: &[&str]) -> Self {
        let guest = Self { folder: TempDir::new().unwrap() };
        for name in scenarios {
            let inside = format!("scenarios/{name}.ilv");
            let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(&inside)).unwrap();
            guest.write(&inside, &text);
        }
        guest
    }

    /// The same, with all reports accepted.
    pub(crate) fn accepted(scenarios: &[&str]) -> Self {
        let guest = Self::new(scenarios);
        let run = guest.run_with(&[], &[("INSTA_UPDATE", "always")]);
        assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);
        guest
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn path(&self) -> &str {
        self.folder.path().to_str().unwrap()
    }

    pub(crate) fn write(&self, inside: &str, text: &str) {
        let path = self.folder.path().join(inside);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub(crate) fn read(&self, inside: &str) -> String {
        fs::read_to_string(self.folder.path().join(inside)).unwrap()
    }

    /// Replaces the one occurrence of a text in a scenario.
    pub(crate) fn edit(&self, scenario: &str, from: &str, to: &str) {
        let inside = format!("scenarios/{scenario}.ilv");
        let (head, code) = self.split(&inside);
        assert_eq!(code.matches(from).count(), 1, "`{from}` in\n{code}");
        self.write(&inside, &format!("{head}{}", code.replace(from, to)));
    }

    /// Description and code of a scenario: the description may quote the code.
    fn split(&self, inside: &str) -> (String, String) {
        let text = self.read(inside);
        let (head, code): (Vec<&str>, Vec<&str>) = text.split_inclusive('\n').partition(|line| line.starts_with("//!"));
        (head.concat(), code.concat())
    }

    /// A line of a scenario, counted from 1.
    pub(crate) fn line(&self, scenario: &str, number: usize) -> String {
        self.read(&format!("scenarios/{scenario}.ilv")).lines().nth(number - 1).unwrap().to_owned()
    }

    /// All files below a folder, relative to it, sorted.
    pub(crate) fn files(&self, inside: &str) -> Vec<String> {
        let root = self.folder.path().join(inside);
        let mut open: Vec<PathBuf> = vec![root.clone()];
        let mut files = Vec::new();
        while let Some(path) = open.pop() {
            if path.is_dir() {
                open.extend(fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()));
            } else {
                files.push(path.strip_prefix(&root).unwrap().to_str().unwrap().replace('\\', "/"));
            }
        }
        files.sort();
        files
    }

    /// Runs its test binary with these arguments.
    pub(crate) fn run(&self, arguments: &[&str]) -> Run {
        self.run_with(arguments, &[])
    }

    /// The same, with variables in the environment.
    pub(crate) fn run_with(&self, arguments: &[&str], variables: &[(&str, &str)]) -> Run {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(arguments).current_dir(self.folder());
        finish(enter(&mut command, self).envs(variables.iter().copied()))
    }
}

/// The environment that cargo gives to the tests of a guest, whatever the environment of this test is.
pub(crate) fn enter<'a>(command: &'a mut Command, guest: &Guest) -> &'a mut Command {
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy();
        if ["INSTA_", "NEXTEST", "CI", "TF_BUILD"].iter().any(|start| name.starts_with(start)) {
            command.env_remove(&*name);
        }
    }
    command.env(GUEST, "1").env("CARGO_MANIFEST_DIR", guest.folder())
}

/// Waits for the end.
pub(crate) fn finish(command: &mut Command) -> Run {
    let output = command.output().unwrap();
    Run {
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
        code: output.status.code().unwrap(),
    }
}

impl Run {
    /// Names of the tests that passed, sorted.
    pub(crate) fn passed(&self) -> Vec<String> {
        self.ended(" ... ok")
    }

    /// Names of the tests that failed, sorted.
    pub(crate) fn failed(&self) -> Vec<String> {
        self.ended(" ... FAILED")
    }

    fn ended(&self, how: &str) -> Vec<String> {
        let name = |line: &str| Some(line.strip_prefix("test ")?.strip_suffix(how)?.trim().to_owned());
        let mut names: Vec<String> = self.stdout.lines().filter_map(name).collect();
        names.sort();
        names
    }

    /// Asserts that a text is printed.
    pub(crate) fn says(&self, text: &str) {
        assert!(self.stdout.contains(text), "`{text}` is not in\n{}{}", self.stdout, self.stderr);
    }
}
