//! Which words belong to which rooms: hash order, clocks, threads, the environment, the terminal, primitives; and what
//! is left over from work that was not finished.

use crate::Problem;
use crate::source::{File, Line};

/// A rule about words.
struct Rule {
    /// The words.
    words: &'static [&'static str],
    /// Where the rule holds.
    within: &'static [&'static str],
    /// Where it does not, each because it is what the place is for.
    except: &'static [&'static str],
    /// Which text it looks at.
    scope: Scope,
    /// Why, and what to write instead.
    instead: &'static str,
}

/// Which text a rule looks at.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Scope {
    /// Code outside unit tests.
    Product,
    /// Code.
    Code,
    /// Code, comments and strings.
    Text,
}

const RULES: &[Rule] = &[
    Rule {
        words: &["HashMap", "HashSet", "RandomState"],
        within: &["src"],
        except: &[],
        scope: Scope::Code,
        instead: "use BTreeMap or BTreeSet: hash order differs from run to run",
    },
    Rule {
        words: &["Instant", "SystemTime", "std::time"],
        within: &["src"],
        except: &["src/cli", "src/engine/isolate.rs", "src/engine/quiet.rs", "src/engine/threads"],
        scope: Scope::Product,
        instead: "count states, steps or executions: results may not depend on a clock",
    },
    Rule {
        words: &["thread::spawn", "thread::scope", "thread::Builder", "thread::sleep", "std::thread"],
        within: &["src"],
        except: &[
            "src/cli",
            "src/engine/isolate.rs",
            "src/engine/loom",
            "src/engine/quiet.rs",
            "src/engine/shuttle",
            "src/engine/threads",
        ],
        scope: Scope::Product,
        instead: "leave threads to the engines that run on them",
    },
    Rule {
        words: &["std::env", "env::var", "env::args"],
        within: &["src"],
        except: &["src/cli", "src/engine/isolate.rs", "src/testing"],
        scope: Scope::Product,
        instead: "take it as a parameter: results may not depend on the environment",
    },
    Rule {
        words: &["stdout", "stderr", "IsTerminal", "indicatif", "anstream"],
        within: &["src"],
        except: &["src/cli", "src/report", "src/main.rs", "src/engine/isolate.rs", "src/testing"],
        scope: Scope::Product,
        instead: "write to a `Write`: only `cli` and `report` know a terminal",
    },
    Rule {
        words: &[
            "Op",
            "VarOp",
            "AtomicOp",
            "MutexOp",
            "CondvarOp",
            "SemaphoreOp",
            "EventOp",
            "BarrierOp",
            "ChannelOp",
            "ThreadOp",
            "ChoiceOp",
            "RmwOp",
            "PauseKind",
            "InstrKind",
            "ObjectKind",
        ],
        within: &["src/explore"],
        except: &[],
        scope: Scope::Product,
        instead: "ask `System`: the search does not know a primitive",
    },
    Rule {
        words: &["FIXME", "TODO", "XXX", "HACK", "unimplemented!"],
        within: &["src", "tests", "benches"],
        except: &["tests/tidy/words.rs"],
        scope: Scope::Text,
        instead: "finish it, or return an honest error",
    },
    Rule {
        words: &["#[ignore"],
        within: &["src", "tests"],
        except: &[],
        scope: Scope::Code,
        instead: "assert what it does today and say why that is wrong",
    },
    Rule {
        words: &["#[should_panic]"],
        within: &["src", "tests"],
        except: &[],
        scope: Scope::Code,
        instead: "use `#[should_panic(expected = \"…\")]`: otherwise any panic passes",
    },
];

/// Checks one file.
pub(crate) fn check(file: &File) -> Vec<Problem> {
    let is_in = |places: &[&str]| places.iter().any(|place| file.is_in(place) || file.is_in(&format!("{place}.rs")));
    let rules: Vec<&Rule> = RULES.iter().filter(|rule| is_in(rule.within) && !is_in(rule.except)).collect();
    let lines = file.lines.iter().zip(file.text.lines());
    lines.flat_map(|(line, text)| rules.iter().filter_map(|rule| check_line(file, line, text, rule))).collect()
}

fn check_line(file: &File, line: &Line, text: &str, rule: &Rule) -> Option<Problem> {
    let searched = match rule.scope {
        Scope::Product if line.test => "",
        Scope::Product | Scope::Code => &line.code,
        Scope::Text => text,
    };
    let word = rule.words.iter().find(|word| has_word(searched, word))?;
    Some(Problem {
        path: file.path.clone(),
        line: line.number,
        what: format!("`{word}` does not belong here"),
        instead: rule.instead.to_owned(),
    })
}

/// Whether a text has the word, and not only as a part of a longer one.
fn has_word(text: &str, word: &str) -> bool {
    let is_word = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    let begins = is_word(word.chars().next());
    let ends = is_word(word.chars().next_back());
    text.match_indices(word).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let after = text[at + word.len()..].chars().next();
        !(begins && is_word(before) || ends && is_word(after))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_text(path: &str, text: &str) -> Vec<String> {
        check(&File::new(path, text)).iter().map(Problem::to_string).collect()
    }

    #[test]
    fn hash_order_is_found_even_in_tests() {
        let wanted =
            "error: `HashMap` does not belong here, use BTreeMap or BTreeSet: hash order differs from run to run";
        assert_eq!(
            check_text("src/report/text.rs", "use std::collections::HashMap;"),
            [format!("src/report/text.rs:1: {wanted}")]
        );
        assert_eq!(check_text("src/a.rs", "#[cfg(test)]\nmod tests {\n    type A = HashSet<u8>;\n}").len(), 1);
        assert!(check_text("src/a.rs", "// A HashMap would do.\nstruct FxHashMap;").is_empty());
    }

    #[test]
    fn clocks_threads_and_the_terminal_stay_in_their_rooms() {
        for (bad, room) in [
            ("let now = Instant::now();", "src/engine/isolate.rs"),
            ("std::thread::yield_now();", "src/engine/threads/run.rs"),
            ("let home = std::env::var(\"HOME\");", "src/cli/mod.rs"),
            ("let out = std::io::stdout();", "src/report/text.rs"),
        ] {
            assert_eq!(check_text("src/semantics/mutex.rs", bad).len(), 1, "{bad}");
            assert!(check_text(room, bad).is_empty(), "{bad} in {room}");
        }
        assert!(check_text("src/semantics/thread.rs", "pub mod thread; fn threads() {}").is_empty());
    }

    #[test]
    fn the_search_knows_no_primitive() {
        assert_eq!(check_text("src/explore/search.rs", "match op { Op::Lock(m) => m }").len(), 1);
        assert!(check_text("src/explore/search.rs", "let op = system.choices(); // Op").is_empty());
    }

    #[test]
    fn leftovers_are_found_in_comments_too() {
        assert_eq!(check_text("src/a.rs", &format!("// {}: later", "FIX\u{4d}E")).len(), 1);
        assert_eq!(check_text("tests/a.rs", &format!("#[{}]\nfn a() {{}}", "ignore")).len(), 1);
        assert_eq!(check_text("tests/a.rs", &format!("#[{}]", "should_panic")).len(), 1);
        assert!(check_text("tests/a.rs", "#[should_panic(expected = \"all of it\")]").is_empty());
    }
}
