//! Who may import whom: the arrows of the house, for our own modules and for foreign crates.
//!
//! Only the product is looked at: a unit test may use whatever makes it short.

use crate::Problem;
use crate::source::{File, Line, words};

/// A top-level module and what it may import of ours.
struct Layer {
    module: &'static str,
    may_import: &'static [&'static str],
}

/// From the inside out. Everybody may use plain data; `engine` sees nothing of the native side, otherwise its agreement
/// would prove nothing.
const LAYERS: &[Layer] = &[
    Layer { module: "program", may_import: &[] },
    Layer { module: "limits", may_import: &[] },
    Layer { module: "schedule", may_import: &["program"] },
    Layer { module: "finding", may_import: &["program", "schedule"] },
    Layer { module: "language", may_import: &["program"] },
    Layer { module: "semantics", may_import: &["explore", "finding", "limits", "program", "schedule"] },
    Layer { module: "explore", may_import: &["finding", "limits", "program", "schedule", "semantics"] },
    Layer { module: "engine", may_import: &["finding", "limits", "program", "schedule"] },
    // It asks the one definition of execution what would happen otherwise: a second one would have its own faults.
    Layer { module: "explain", may_import: &["explore", "finding", "limits", "program", "schedule", "semantics"] },
    Layer { module: "judgement", may_import: &["explain", "finding", "program"] },
    Layer {
        module: "report",
        may_import: &["engine", "explain", "finding", "judgement", "limits", "program", "schedule"],
    },
    Layer { module: "scenario", may_import: &["language", "program"] },
    Layer {
        module: "testing",
        may_import: &[
            "engine",
            "explore",
            "finding",
            "judgement",
            "language",
            "limits",
            "program",
            "report",
            "scenario",
        ],
    },
    Layer {
        module: "cli",
        may_import: &[
            "engine",
            "explain",
            "explore",
            "finding",
            "judgement",
            "language",
            "limits",
            "program",
            "report",
            "scenario",
            "schedule",
            "semantics",
        ],
    },
];

/// A foreign crate and the only places that may name it.
struct Foreign {
    name: &'static str,
    homes: &'static [&'static str],
}

/// Every dependency of the library. A runtime's name occurs only in its engine.
const FOREIGN: &[Foreign] = &[
    Foreign { name: "annotate_snippets", homes: &["src/language"] },
    Foreign { name: "clap", homes: &["src/cli", "src/main.rs"] },
    Foreign { name: "clap_complete", homes: &["src/cli"] },
    Foreign { name: "ctrlc", homes: &["src/cli"] },
    Foreign { name: "hashbrown", homes: &["src/explore"] },
    Foreign { name: "indicatif", homes: &["src/cli"] },
    Foreign { name: "insta", homes: &["src/testing"] },
    Foreign { name: "libtest_mimic", homes: &["src/testing"] },
    Foreign { name: "loom", homes: &["src/engine/loom"] },
    Foreign { name: "rustc_hash", homes: &["src/explore"] },
    Foreign { name: "serde", homes: &["src"] },
    Foreign { name: "serde_json", homes: &["src"] },
    Foreign { name: "shuttle", homes: &["src/engine/shuttle"] },
    Foreign { name: "similar", homes: &["src/cli"] },
    Foreign { name: "unicode_width", homes: &["src/explain", "src/report", "src/cli"] },
];

/// Checks one file.
pub(crate) fn check(file: &File) -> Vec<Problem> {
    if !file.is_in("src") {
        return Vec::new();
    }
    file.product().flat_map(|line| check_own(file, line).into_iter().chain(check_foreign(file, line))).collect()
}

/// Every dependency in a manifest has its homes in the table above, and the reverse.
pub(crate) fn check_dependencies(manifest: &str) -> Vec<Problem> {
    let section = |line: &str| line.starts_with('[').then(|| line.trim_matches(['[', ']', ' ']).to_owned());
    let mut current = String::new();
    let mut declared = Vec::new();
    for (index, line) in manifest.lines().enumerate() {
        current = section(line).unwrap_or(current);
        let name = line.split_once('=').map(|(name, _)| name.trim().replace('-', "_"));
        if let Some(name) = name.filter(|name| current == "dependencies" && !name.starts_with('#')) {
            declared.push((index + 1, name));
        }
    }
    let problem = |line: usize, what: String, instead: &str| Problem {
        path: "Cargo.toml".to_owned(),
        line,
        what,
        instead: instead.to_owned(),
    };
    let homeless =
        declared.iter().filter(|(_, name)| !FOREIGN.iter().any(|foreign| foreign.name == name)).map(|(line, name)| {
            problem(*line, format!("`{name}` has no home"), "say in tests/tidy/layers.rs who may name it")
        });
    let gone = FOREIGN.iter().filter(|foreign| !declared.iter().any(|(_, name)| foreign.name == name)).map(|foreign| {
        problem(1, format!("`{}` is no dependency", foreign.name), "remove it from tests/tidy/layers.rs")
    });
    homeless.chain(gone).collect()
}

fn check_own(file: &File, line: &Line) -> Vec<Problem> {
    let module = file.module();
    let Some(own) = module.first().copied() else { return Vec::new() };
    let problem = |what: String, instead: String| Problem { path: file.path.clone(), line: line.number, what, instead };
    let Some(layer) = LAYERS.iter().find(|layer| layer.module == own) else {
        let what = format!("`{own}` is in no layer");
        let first = line.number == 1;
        return first
            .then(|| problem(what, "say in tests/tidy/layers.rs what it may import".to_owned()))
            .into_iter()
            .collect();
    };
    imports(&module, &line.code)
        .into_iter()
        .filter(|import| import != own && is_module(import) && !layer.may_import.contains(&import.as_str()))
        .map(|import| {
            let allowed = match layer.may_import {
                [] => "nothing of ours".to_owned(),
                modules => modules.join(", "),
            };
            problem(format!("`{own}` imports `{import}`"), format!("use {allowed}"))
        })
        .collect()
}

fn is_module(name: &str) -> bool {
    LAYERS.iter().any(|layer| layer.module == name)
}

fn check_foreign(file: &File, line: &Line) -> Vec<Problem> {
    words(&line.code)
        .filter_map(|(at, word)| {
            let foreign = FOREIGN.iter().find(|foreign| foreign.name == word)?;
            let is_path = line.code[at + word.len()..].starts_with("::");
            // `::loom` is the crate; a bare `loom` is the module of that name where the file declares one.
            let is_root = match line.code[..at].strip_suffix("::") {
                Some(before) => !before.ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == '>'),
                None => !file.declares(word),
            };
            let at_home = foreign.homes.iter().any(|home| file.is_in(home) || file.is_in(&format!("{home}.rs")));
            (is_path && is_root && !at_home).then(|| Problem {
                path: file.path.clone(),
                line: line.number,
                what: format!("`{word}` is named here"),
                instead: format!("use what {} offers", foreign.homes.join(" or ")),
            })
        })
        .collect()
}

/// The top-level modules that a line of a module names by `crate::` or `super::` paths.
fn imports(module: &[&str], code: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (at, word) in words(code) {
        let after = &code[at + word.len()..];
        match word {
            "crate" => found.extend(heads(after)),
            // A path of several `super` is read at its first.
            "super" if !code[..at].ends_with("super::") => {
                let (count, rest) = supers(&code[at..]);
                if count == module.len() {
                    found.extend(heads(rest));
                }
            }
            _ => {}
        }
    }
    found
}

/// How many `super::` in a row, and the path behind the last (with its `::`).
fn supers(mut path: &str) -> (usize, &str) {
    let mut count = 0;
    while let Some(rest) = path.strip_prefix("super") {
        count += 1;
        match rest.strip_prefix("::") {
            Some(next) if next.starts_with("super") => path = next,
            _ => return (count, rest),
        }
    }
    (count, path)
}

/// The first segments behind `::`, one or a group in braces.
fn heads(path: &str) -> Vec<String> {
    let Some(path) = path.strip_prefix("::") else { return Vec::new() };
    let Some(group) = path.strip_prefix('{') else {
        return words(path).next().map(|(_, word)| word.to_owned()).into_iter().collect();
    };
    let (mut depth, mut first, mut heads) = (0, true, Vec::new());
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => first = true,
            c if first && depth == 0 && (c.is_alphabetic() || c == '_') => {
                heads.extend(words(&group[at..]).next().map(|(_, word)| word.to_owned()));
                first = false;
            }
            _ => {}
        }
    }
    heads
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_text(path: &str, text: &str) -> Vec<String> {
        check(&File::new(path, text)).iter().map(Problem::to_string).collect()
    }

    #[test]
    fn an_engine_that_looks_at_the_native_side_is_found() {
        assert_eq!(
            check_text("src/engine/loom.rs", "use crate::program::Op;\nuse crate::semantics::step;\n"),
            ["src/engine/loom.rs:2: error: `engine` imports `semantics`, use finding, limits, program, schedule"]
        );
        assert_eq!(check_text("src/engine/loom.rs", "use crate::{finding::Event, explore::{a, b}};").len(), 1);
        assert_eq!(check_text("src/engine/mod.rs", "use super::language::Span;").len(), 1);
        assert_eq!(check_text("src/engine/loom.rs", "use super::super::language::Span;").len(), 1);
        assert_eq!(check_text("src/engine/loom.rs", "let a = crate::semantics::STEP;").len(), 1);
    }

    #[test]
    fn plain_data_imports_nothing_of_ours() {
        assert_eq!(
            check_text("src/program/ids.rs", "use crate::finding::Event;"),
            ["src/program/ids.rs:1: error: `program` imports `finding`, use nothing of ours"]
        );
        assert!(check_text("src/program/ids.rs", "use super::Span;\nuse crate::program::Value;").is_empty());
    }

    #[test]
    fn a_new_module_needs_a_place() {
        assert_eq!(
            check_text("src/simulation/mod.rs", "//! New.\nuse crate::program::Op;\n"),
            [
                "src/simulation/mod.rs:1: error: `simulation` is in no layer, say in tests/tidy/layers.rs what it may import"
            ]
        );
    }

    #[test]
    fn comments_tests_and_other_words_are_no_imports() {
        let text = "//! See crate::semantics.\nfn f() { \"crate::semantics\" }\n#[cfg(test)]\nmod tests {\n    use crate::language::compile;\n}\n";
        assert!(check_text("src/engine/loom.rs", text).is_empty());
        assert!(check_text("src/engine/mod.rs", "use self::loom::Loom; use crate::engine::loom::Loom;").is_empty());
    }

    #[test]
    fn a_foreign_runtime_outside_its_home_is_found() {
        assert_eq!(
            check_text("src/engine/shuttle.rs", "let m = loom::sync::Mutex::new(());"),
            ["src/engine/shuttle.rs:1: error: `loom` is named here, use what src/engine/loom offers"]
        );
        assert_eq!(check_text("src/engine/mod.rs", "mod loom;\nuse ::loom::sync;").len(), 1);
        assert!(check_text("src/engine/mod.rs", "mod loom;\npub use loom::Loom;").is_empty());
        assert!(check_text("src/engine/loom.rs", "use loom::sync;").is_empty());
        assert!(check_text("src/engine/loom/cell.rs", "use loom::cell;").is_empty());
    }

    #[test]
    fn dependencies_and_the_table_match() {
        let manifest = "[dependencies]\n# Why.\nrand = \"1\"\n[dev-dependencies]\ntempfile = \"3\"\n";
        let found: Vec<String> = check_dependencies(manifest).iter().map(Problem::to_string).collect();
        assert_eq!(found[0], "Cargo.toml:3: error: `rand` has no home, say in tests/tidy/layers.rs who may name it");
        assert_eq!(found.len(), 1 + FOREIGN.len());
    }
}
