//! The map of the house: the crate's documentation names every top-level module, and nothing that does not exist.

use crate::Problem;
use crate::source::{File, words};
use std::collections::BTreeMap;

/// Checks `src/lib.rs`. An entry of the map is a line of its documentation that links a module: ``[`engine`]``.
pub(crate) fn check(lib: &File) -> Vec<Problem> {
    let declared: BTreeMap<&str, usize> =
        lib.lines.iter().filter_map(|line| Some((module(&line.code)?, line.number))).collect();
    let mapped: BTreeMap<&str, usize> = lib
        .text
        .lines()
        .enumerate()
        .filter(|(_, line)| line.starts_with("//!"))
        .flat_map(|(index, line)| links(line).map(move |name| (name, index + 1)))
        .collect();
    let problem = |line: usize, what: String, instead: String| Problem { path: lib.path.clone(), line, what, instead };
    let unnamed = declared.iter().filter(|(name, _)| !mapped.contains_key(*name)).map(|(name, line)| {
        problem(*line, format!("the map does not name `{name}`"), format!("say in one line what [`{name}`] is for"))
    });
    let unknown = mapped.iter().filter(|(name, _)| !declared.contains_key(*name)).map(|(name, line)| {
        problem(*line, format!("the map names `{name}`, which does not exist"), "remove the line".to_owned())
    });
    unnamed.chain(unknown).collect()
}

/// `name` of `pub mod name;` or `mod name;`.
fn module(code: &str) -> Option<&str> {
    let words: Vec<&str> = words(code).map(|(_, word)| word).collect();
    match words.as_slice() {
        ["pub", "mod", name] | ["mod", name] => Some(name),
        _ => None,
    }
}

/// ``[`name`]`` without a path.
fn links(line: &str) -> impl Iterator<Item = &str> {
    line.split("[`")
        .skip(1)
        .filter_map(|rest| rest.split_once("`]"))
        .map(|(name, _)| name)
        .filter(|name| !name.is_empty() && name.chars().all(|c| c.is_ascii_lowercase() || c == '_'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_map_that_is_not_true_is_found() {
        let lib = File::new(
            "src/lib.rs",
            "//! - [`old`]: gone.\n//! - [`new`], [`Kept`], [`a::b`]\n\npub mod new;\npub mod forgotten;\n",
        );
        let found: Vec<String> = check(&lib).iter().map(Problem::to_string).collect();
        assert_eq!(
            found,
            [
                "src/lib.rs:5: error: the map does not name `forgotten`, say in one line what [`forgotten`] is for",
                "src/lib.rs:1: error: the map names `old`, which does not exist, remove the line",
            ]
        );
    }
}
