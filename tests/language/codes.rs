//! The page of diagnostics: every code has an entry, every example does what its entry says, and every code has a test.

use interleaver::language::diagnostic::Diagnostic;
use interleaver::language::reference::{DIAGNOSTICS, codes, entry};
use interleaver::language::{self, Colour, Compiled, MAX_BYTES, MAX_OPERATORS, MAX_POSTFIXES, Override, gather};
use interleaver::program::{Source, Value};
use interleaver::scenario::files_below;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// A block of an entry.
struct Block {
    /// `ilv`, `ilv refused`, `ilv warned`; perhaps with ` --set N=1` behind.
    info: &'static str,
    text: String,
}

fn blocks(entry: &'static str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut rest = entry;
    while let Some((_, after)) = rest.split_once("```") {
        let (block, after) = after.split_once("\n```").unwrap_or_else(|| panic!("a block is not closed: {entry}"));
        let (info, text) = block.split_once('\n').unwrap_or_else(|| panic!("an empty block: {entry}"));
        blocks.push(Block { info, text: format!("{text}\n") });
        rest = after;
    }
    blocks
}

/// Everything that is said about a block, the text it is said about, and whether it compiles.
fn said_about(block: &Block) -> (Vec<Diagnostic>, Source, bool) {
    let set: Vec<Override> = match block.info.split_once(" --set ") {
        None => Vec::new(),
        Some((_, given)) => {
            let (name, value) = given.split_once('=').unwrap_or_else(|| panic!("{given}"));
            let value = value.parse().unwrap_or_else(|_| panic!("{given} is no integer"));
            vec![Override { name: name.to_owned(), value: Value::Int(value) }]
        }
    };
    let source = Source { name: "example.ilv".to_owned(), text: block.text.clone() };
    match language::compile(&source, &set) {
        Ok(Compiled { warnings, .. }) => (warnings, source, true),
        Err(errors) => (errors, source, false),
    }
}

/// Everything that is said about a generated text.
fn said_about_bytes(bytes: Vec<u8>) -> Vec<Diagnostic> {
    let compile = |source: Source| language::compile_gathered(&gather(&source, &mut file), &[]);
    language::read("example.ilv", bytes).and_then(compile).err().unwrap_or_default()
}

fn codes_of(said: &[Diagnostic]) -> BTreeSet<&'static str> {
    said.iter().map(|diagnostic| diagnostic.code).collect()
}

/// The files that a generated text imports.
fn file(name: &str) -> Result<Source, String> {
    let text = match name {
        "self.ilv" => "import \"self.ilv\";",
        _ => "thread main { yield; }",
    };
    Ok(Source { name: name.to_owned(), text: text.to_owned() })
}

/// Texts that are too large for a page, and those that need other files.
fn generated(code: &str) -> Option<Vec<u8>> {
    let thread = |body: String| format!("var x = 0;\nthread t {{ x = {body}; }}").into_bytes();
    match code {
        "E0151" => Some(thread(format!("1{}", " + 1".repeat(MAX_OPERATORS + 1)))),
        "E0152" => Some(thread(format!("x{}", "[0]".repeat(MAX_POSTFIXES + 1)))),
        "E0153" => Some(vec![b' '; MAX_BYTES + 1]),
        "E0154" => Some(b"thread t\xff { }".to_vec()),
        "E0157" => Some(b"import \"self.ilv\";\nthread t { yield; }".to_vec()),
        "E0158" => Some(b"import \"scenario.ilv\";\nthread t { yield; }".to_vec()),
        "E0514" => {
            let parameters: Vec<String> = (0..100).map(|number| format!("p{number}")).collect();
            Some(format!("fn f({}) {{ yield; }}\nthread t {{ yield; }}", parameters.join(", ")).into_bytes())
        }
        "E0515" => {
            let parameter = "param N = 1;\n".to_owned();
            Some((parameter + &"expect deadlock if N > 2;\n".repeat(1_100) + "thread t { yield; }").into_bytes())
        }
        _ => None,
    }
}

#[test]
fn every_example_of_an_entry_gives_its_code_and_no_other() {
    for code in codes() {
        let entry = entry(code).unwrap_or_else(|| panic!("{code}"));
        let heading = entry.lines().next().unwrap_or_default();
        assert!(heading.len() > "E0101: ".len(), "{code} has no title");
        if let Some(bytes) = generated(code) {
            assert_eq!(codes_of(&said_about_bytes(bytes)), BTreeSet::from([code]));
            continue;
        }
        let blocks = blocks(entry);
        let [broken, mended] = blocks.as_slice() else { panic!("{code} has {} examples, not two", blocks.len()) };
        let kind = if code.starts_with('W') { "ilv warned" } else { "ilv refused" };
        assert!(broken.info.starts_with(kind), "{code}: {}", broken.info);
        let (said, _, compiles) = said_about(broken);
        assert_eq!(codes_of(&said), BTreeSet::from([code]), "{code}: {}", broken.text);
        assert_eq!(compiles, code.starts_with('W'), "{code}");
        assert!(mended.info == "ilv" || mended.info.starts_with("ilv --set "), "{code}: {}", mended.info);
        let (said, _, compiles) = said_about(mended);
        assert!(compiles && said.is_empty(), "{code}, mended: {said:?}\n{}", mended.text);
    }
}

/// The messages of all codes, as a person sees them, on one page: `messages.snap` beside this file. What is said about a
/// generated text is too long to be quoted, so only its first line is there.
#[test]
fn every_message_reads_as_it_did() {
    let mut page = String::new();
    for code in codes() {
        let message = match generated(code) {
            Some(bytes) => {
                let first = |said: Diagnostic| format!("error[{}]: {}", said.code, said.message);
                said_about_bytes(bytes).into_iter().map(first).collect::<Vec<_>>().join("\n")
            }
            None => {
                let example = blocks(entry(code).unwrap_or_default()).swap_remove(0);
                let (said, source, _) = said_about(&example);
                language::render(&said, &source, Colour::Plain)
            }
        };
        page.push_str(message.trim_end());
        page.push_str("\n\n");
    }
    insta::with_settings!({ snapshot_path => ".", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!("messages", page);
    });
}

#[test]
fn entries_are_in_order_and_unique() {
    let all: Vec<&str> = codes().collect();
    let sorted: BTreeSet<&str> = all.iter().copied().collect();
    assert_eq!(all, sorted.into_iter().collect::<Vec<_>>());
    assert!(DIAGNOSTICS.lines().all(|line| !line.contains("```") || line.starts_with("```")));
}

/// Every code that stands in quotes (`"E0203"`) or in brackets (`[E0203]`) in the Rust files below a folder, with one.
fn codes_below(folder: &str) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let files = files_below(&package.join(folder)).unwrap_or_else(|error| panic!("{error}"));
    for file in files.iter().filter(|file| file.extension().is_some_and(|extension| extension == "rs")) {
        if file.ends_with("language/codes.rs") {
            continue;
        }
        let text = std::fs::read_to_string(file).unwrap_or_else(|error| panic!("{error}"));
        for (at, _) in text.match_indices(['E', 'W']) {
            let code = text.get(at..at + 5).unwrap_or_default();
            let around = (text[..at].chars().next_back(), text[at..].chars().nth(5));
            let is_code = code.bytes().skip(1).all(|byte| byte.is_ascii_digit()) && code.len() == 5;
            if is_code && matches!(around, (Some('"'), Some('"')) | (Some('['), Some(']'))) {
                found.insert(code.to_owned(), file.display().to_string());
            }
        }
    }
    found
}

/// What unit tests use where any code will do.
const NO_CODE: &str = "E0999";

#[test]
fn every_code_has_an_entry_and_a_test() {
    let (used, tested) = (codes_below("src"), codes_below("tests"));
    let explained: BTreeSet<&str> = codes().collect();
    assert!(used.len() > 100, "only {} codes found", used.len());
    for (code, file) in used.iter().filter(|(code, _)| *code != NO_CODE) {
        assert!(explained.contains(code.as_str()), "docs/diagnostics.md has no entry for {code} ({file})");
        assert!(tested.contains_key(code), "no test shows {code} ({file})");
    }
    for code in explained {
        assert!(used.contains_key(code), "docs/diagnostics.md explains {code}, which does not exist");
    }
}
