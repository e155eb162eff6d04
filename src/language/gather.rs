//! A scenario with everything that it imports, as one tree.
//!
//! The declarations of an imported file stand where it is imported. A file that is imported twice counts once. Reading
//! files is left to a function that is passed in: the language knows names, not file systems.

use super::diagnostic::{Diagnostic, Severity, syntax};
use super::parse;
use super::parser::MAX_BYTES;
use super::tree::{File, Item, ItemKind};
use crate::program::{Source, Sources, Span};

/// How many files a scenario may import, directly or not.
const MAX_IMPORTS: usize = 64;

/// Reads the file of a name: its text, or why there is none, in words.
pub type Loader<'l> = dyn FnMut(&str) -> Result<Source, String> + 'l;

/// A scenario's texts, parsed.
#[derive(Clone, Debug)]
pub struct Gathered {
    /// Where every span of it is.
    pub sources: Sources,
    /// All declarations as those of one file.
    pub(super) file: File,
    /// What is wrong with the shape of the texts.
    pub(super) found: Vec<Diagnostic>,
}

impl Gathered {
    /// Names of the files that are imported, directly or not.
    pub fn imported(&self) -> impl Iterator<Item = &str> {
        self.sources.imported()
    }

    /// Whether it declares no thread, and could be imported by others.
    #[must_use]
    pub fn is_library(&self) -> bool {
        let broken = self.found.iter().any(|diagnostic| diagnostic.severity == Severity::Error);
        !broken && self.file.items.iter().all(|item| scenario_word(&item.kind).is_none())
    }
}

/// Reads and parses what a scenario imports. Names are relative to the importing file.
#[must_use]
pub fn gather(source: &Source, load: &mut Loader<'_>) -> Gathered {
    let (file, found) = parse(source);
    let File { description, items } = file;
    let mut gatherer =
        Gatherer { sources: source.clone().into(), found, load, seen: Vec::new(), open: vec![source.name.clone()] };
    let items = gatherer.with_imports(items);
    let Gatherer { sources, mut found, .. } = gatherer;
    found.sort_by_key(|diagnostic| diagnostic.span);
    Gathered { sources, file: File { description, items }, found }
}

/// The loader of a text that stands alone.
pub(super) fn nowhere(_name: &str) -> Result<Source, String> {
    Err("this text does not come from a file".to_owned())
}

/// What is read so far.
struct Gatherer<'l, 'f> {
    sources: Sources,
    found: Vec<Diagnostic>,
    load: &'l mut Loader<'f>,
    /// Names of the files that were imported.
    seen: Vec<String>,
    /// The file that is being read, and before it those that import it.
    open: Vec<String>,
}

impl Gatherer<'_, '_> {
    /// The declarations of a file, with those of the files that it imports in their places.
    fn with_imports(&mut self, items: Vec<Item>) -> Vec<Item> {
        let mut all = Vec::new();
        for item in items {
            let import = match &item.kind {
                ItemKind::Import { path, at } => self.import(path, *at),
                ItemKind::Version { .. }
                | ItemKind::Param { .. }
                | ItemKind::Require { .. }
                | ItemKind::Const { .. }
                | ItemKind::Memory { .. }
                | ItemKind::Preference { .. }
                | ItemKind::SpuriousWakeUps
                | ItemKind::Liveness { .. }
                | ItemKind::Expect { .. }
                | ItemKind::Observe { .. }
                | ItemKind::Property { .. }
                | ItemKind::Object { .. }
                | ItemKind::Thread { .. }
                | ItemKind::Function { .. }
                | ItemKind::Error { .. } => Vec::new(),
            };
            all.extend(import);
            all.push(item);
        }
        all
    }

    fn import(&mut self, path: &str, at: Span) -> Vec<Item> {
        let refuse = |why: &str| syntax::cannot_import(at, path, why);
        if path.starts_with('/') || path.contains(['\\', ':']) || path.chars().any(char::is_control) {
            self.found.push(refuse("a path is relative to this file, with `/` between folders"));
            return Vec::new();
        }
        let name = resolve(self.open.last().map_or("", String::as_str), path);
        if let Some(first) = self.open.iter().position(|open| *open == name) {
            let cycle: Vec<&str> = self.open[first..].iter().map(String::as_str).chain([name.as_str()]).collect();
            self.found.push(syntax::import_cycle(at, &cycle));
            return Vec::new();
        }
        if self.seen.contains(&name) {
            return Vec::new();
        }
        if self.seen.len() == MAX_IMPORTS {
            self.found.push(refuse(&format!("a scenario imports at most {MAX_IMPORTS} files")));
            return Vec::new();
        }
        self.seen.push(name.clone());
        let source = match (self.load)(&name) {
            Ok(source) => source,
            Err(why) => {
                self.found.push(refuse(&why));
                return Vec::new();
            }
        };
        if self.sources.whole().text.len() + source.text.len() >= MAX_BYTES {
            self.found.push(refuse(&format!("with it, the scenario is larger than {} KiB", MAX_BYTES / 1024)));
            return Vec::new();
        }
        // The parser sees the text behind as many lines as there are bytes before it, so its spans are right at once.
        self.sources.add(&Source { name: name.clone(), text: source.text.clone() });
        let before = self.sources.whole().text.len() - source.text.len();
        let text = format!("{}{}", "\n".repeat(before), source.text);
        let (file, found) = parse(&Source { name: name.clone(), text });
        self.found.extend(found);
        for item in &file.items {
            if let Some(word) = scenario_word(&item.kind) {
                self.found.push(syntax::not_importable(item.span, word, at));
            }
        }
        self.open.push(name);
        let items = self.with_imports(file.items);
        self.open.pop();
        items
    }
}

/// The word of a declaration that belongs to a scenario and not to a library.
fn scenario_word(kind: &ItemKind) -> Option<&'static str> {
    match kind {
        ItemKind::Memory { .. } => Some("memory"),
        ItemKind::Preference { .. } | ItemKind::SpuriousWakeUps | ItemKind::Liveness { .. } => Some("option"),
        ItemKind::Expect { .. } => Some("expect"),
        ItemKind::Observe { .. } => Some("observe"),
        ItemKind::Thread { .. } => Some("thread"),
        ItemKind::Version { .. }
        | ItemKind::Import { .. }
        | ItemKind::Param { .. }
        | ItemKind::Require { .. }
        | ItemKind::Const { .. }
        | ItemKind::Property { .. }
        | ItemKind::Object { .. }
        | ItemKind::Function { .. }
        | ItemKind::Error { .. } => None,
    }
}

/// The name of a file as seen from the one that imports it: `a/b.ilv` and `../c.ilv` give `c.ilv`.
fn resolve(importing: &str, path: &str) -> String {
    let folder = importing.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut parts: Vec<&str> = Vec::new();
    let root = if importing.starts_with('/') { "/" } else { "" };
    for part in folder.split('/').chain(path.split('/')) {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            _ => parts.push(part),
        }
    }
    format!("{root}{}", parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_relative_to_the_importing_file() {
        assert_eq!(resolve("a.ilv", "b.ilv"), "b.ilv");
        assert_eq!(resolve("x/a.ilv", "b.ilv"), "x/b.ilv");
        assert_eq!(resolve("x/y/a.ilv", "../z/./b.ilv"), "x/z/b.ilv");
        assert_eq!(resolve("a.ilv", "../../b.ilv"), "../../b.ilv");
        assert_eq!(resolve("../x/a.ilv", "../../b.ilv"), "../../b.ilv");
        assert_eq!(resolve("/x/a.ilv", "b.ilv"), "/x/b.ilv");
    }
}
