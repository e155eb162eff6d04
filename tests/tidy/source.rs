//! Rust files as the rules see them: code without comments and without the contents of strings, line by line.

use std::fs;
use std::path::Path;

/// A file of the package.
#[derive(Debug)]
pub(crate) struct File {
    /// Relative to the package, with `/` between folders.
    pub(crate) path: String,
    pub(crate) text: String,
    /// The code alone.
    pub(crate) lines: Vec<Line>,
}

/// A line of code.
#[derive(Debug)]
pub(crate) struct Line {
    /// Counted from 1.
    pub(crate) number: usize,
    /// Comments and the contents of strings are blanks, so that columns stay.
    pub(crate) code: String,
    /// Whether it belongs to an item under `#[cfg(test)]`.
    pub(crate) test: bool,
}

impl File {
    /// A file with this text.
    pub(crate) fn new(path: &str, text: &str) -> Self {
        let code = blank(text);
        let mut lines: Vec<Line> = code
            .lines()
            .enumerate()
            .map(|(index, code)| Line { number: index + 1, code: code.to_owned(), test: false })
            .collect();
        mark_tests(&mut lines);
        Self { path: path.to_owned(), text: text.to_owned(), lines }
    }

    /// Whether the file lies in this folder, or is this file.
    pub(crate) fn is_in(&self, place: &str) -> bool {
        self.path.strip_prefix(place).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }

    /// The modules from the crate's root to the file: `src/engine/loom.rs` is `[engine, loom]`.
    pub(crate) fn module(&self) -> Vec<&str> {
        let inside = self.path.strip_prefix("src/").unwrap_or(&self.path);
        let stem = inside.strip_suffix(".rs").unwrap_or(inside);
        let stem = stem.strip_suffix("/mod").unwrap_or(stem);
        if matches!(stem, "lib" | "main") { Vec::new() } else { stem.split('/').collect() }
    }

    /// Whether the file declares a module of this name.
    pub(crate) fn declares(&self, module: &str) -> bool {
        let declares = |line: &Line| line.code.trim().trim_start_matches("pub ") == format!("mod {module};");
        self.lines.iter().any(declares)
    }

    /// Lines that are not under `#[cfg(test)]`.
    pub(crate) fn product(&self) -> impl Iterator<Item = &Line> {
        self.lines.iter().filter(|line| !line.test)
    }
}

/// Reads all `*.rs` below these folders of a package, in order of their paths.
pub(crate) fn read(package: &Path, places: &[&str]) -> Vec<File> {
    let mut files = Vec::new();
    let mut open: Vec<_> = places.iter().map(|place| package.join(place)).filter(|path| path.exists()).collect();
    while let Some(path) = open.pop() {
        if path.is_dir() {
            open.extend(fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let name = path.strip_prefix(package).unwrap().to_str().unwrap().replace('\\', "/");
            files.push(File::new(&name, &fs::read_to_string(&path).unwrap()));
        }
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    files
}

/// The identifiers of a line, each with its first byte.
pub(crate) fn words(code: &str) -> impl Iterator<Item = (usize, &str)> {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let mut at = 0;
    std::iter::from_fn(move || {
        at += code[at..].find(is_word)?;
        let start = at;
        at += code[at..].find(|c| !is_word(c)).unwrap_or(code.len() - at);
        Some((start, &code[start..at]))
    })
}

/// Replaces comments and the contents of literals by blanks; keeps line ends.
fn blank(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while at < chars.len() {
        let end = at + non_code(&chars[at..], at.checked_sub(1).map(|before| chars[before])).unwrap_or(0);
        if end == at {
            out.push(chars[at]);
            at += 1;
        }
        for c in &chars[at..end.max(at)] {
            out.push(if *c == '\n' { '\n' } else { ' ' });
        }
        at = end.max(at);
    }
    out
}

/// Length of the comment or literal that begins here, if one does.
fn non_code(rest: &[char], before: Option<char>) -> Option<usize> {
    let second = rest.get(1).copied();
    match rest[0] {
        '/' if second == Some('/') => Some(rest.iter().position(|c| *c == '\n').unwrap_or(rest.len())),
        '/' if second == Some('*') => Some(block_comment(rest)),
        '"' => Some(quoted(rest, '"')),
        'r' if !before.is_some_and(|c| c.is_alphanumeric() || c == '_') || before == Some('b') => raw_string(rest),
        // A lifetime has no closing quote; a character has it after one character or after an escape.
        '\'' if second == Some('\\') || rest.get(2) == Some(&'\'') => Some(quoted(rest, '\'')),
        _ => None,
    }
}

fn block_comment(rest: &[char]) -> usize {
    let (mut depth, mut at) = (0, 0);
    while at < rest.len() {
        match (rest[at], rest.get(at + 1)) {
            ('/', Some('*')) => (depth, at) = (depth + 1, at + 2),
            ('*', Some('/')) => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            break;
        }
    }
    at
}

fn quoted(rest: &[char], quote: char) -> usize {
    let mut at = 1;
    while at < rest.len() && rest[at] != quote {
        at += if rest[at] == '\\' { 2 } else { 1 };
    }
    (at + 1).min(rest.len())
}

/// Length of `r"…"`, `r#"…"#`, …; `None` for a word or a raw identifier.
fn raw_string(rest: &[char]) -> Option<usize> {
    let hashes = rest[1..].iter().take_while(|c| **c == '#').count();
    if rest.get(1 + hashes) != Some(&'"') {
        return None;
    }
    let closing: Vec<char> = std::iter::once('"').chain(std::iter::repeat_n('#', hashes)).collect();
    let body = 2 + hashes;
    let end = rest[body..].windows(closing.len()).position(|window| window == closing);
    Some(end.map_or(rest.len(), |end| body + end + closing.len()))
}

/// Marks the items under `#[cfg(test)]`, up to their closing brace or semicolon.
fn mark_tests(lines: &mut [Line]) {
    let mut depth: usize = 0;
    let mut inside = false;
    for line in lines {
        if !inside && line.code.contains("#[cfg(") && words(&line.code).any(|(_, word)| word == "test") {
            (inside, depth) = (true, 0);
        }
        line.test = inside;
        if inside {
            let item = line.code.split_once("]").map_or(line.code.as_str(), |(_, item)| item);
            let item = if line.code.contains("#[") { item } else { &line.code };
            for c in item.chars() {
                match c {
                    '{' => depth += 1,
                    '}' => {
                        depth = depth.saturating_sub(1);
                        inside = depth > 0;
                    }
                    ';' if depth == 0 => inside = false,
                    _ => {}
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str) -> Vec<String> {
        File::new("src/a.rs", text).lines.into_iter().map(|line| line.code.trim_end().to_owned()).collect()
    }

    #[test]
    fn comments_and_literals_are_blanks() {
        assert_eq!(code("a // b\n/* c /* d */ e */ f"), ["a", "                  f"]);
        assert_eq!(code(r#"x = "a \" b" + 'c' + '\'' + y;"#), ["x =          +     +      + y;"]);
        assert_eq!(code("r#\"a \" b\"# c r\"d\" bar"), ["           c      bar"]);
        assert_eq!(code("fn f<'a>(x: &'a str) {}"), ["fn f<'a>(x: &'a str) {}"]);
        assert_eq!(code("\"two\nlines\" x"), ["", "       x"]);
    }

    #[test]
    fn words_are_found_with_their_places() {
        assert_eq!(words("a.b_1::c").collect::<Vec<_>>(), [(0, "a"), (2, "b_1"), (7, "c")]);
    }

    #[test]
    fn test_items_are_marked() {
        let text = "fn a() {}\n#[cfg(test)]\nmod tests {\n    fn b() {}\n}\nfn c() {}\n#[cfg(test)]\nuse x;\nfn d() {}\n\
                    #[cfg(all(test, unix))]\nmod more {\n}\nfn e() {}\n";
        let file = File::new("src/a.rs", text);
        let product: Vec<usize> = file.product().map(|line| line.number).collect();
        assert_eq!(product, [1, 6, 9, 13]);
    }

    #[test]
    fn a_path_is_a_module() {
        assert_eq!(File::new("src/engine/loom.rs", "").module(), ["engine", "loom"]);
        assert_eq!(File::new("src/engine/mod.rs", "").module(), ["engine"]);
        assert_eq!(File::new("src/limits.rs", "").module(), ["limits"]);
        assert!(File::new("src/lib.rs", "").module().is_empty());
        assert!(File::new("src/engine/loom.rs", "").is_in("src/engine"));
        assert!(!File::new("src/engines.rs", "").is_in("src/engine"));
    }
}
