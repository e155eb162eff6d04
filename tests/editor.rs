//! The files for editors: the grammar knows every word of the language, and the extension's manifest is about files that
//! exist.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use interleaver::language::keywords;
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/editor/vscode")
}

fn json(path: &str) -> Value {
    serde_json::from_str(&std::fs::read_to_string(folder().join(path)).unwrap()).unwrap()
}

/// The words that a rule lists: the alternatives of `\b(?:…)\b`.
fn words(rule: &Value) -> Vec<&str> {
    let pattern = rule["match"].as_str().unwrap_or_default();
    let listed = pattern.strip_prefix(r"\b(?:").and_then(|rest| rest.strip_suffix(r")\b"));
    listed.map(|listed| listed.split('|').collect()).unwrap_or_default()
}

#[test]
fn the_grammar_knows_every_word() {
    let grammar = json("syntaxes/interleaver.tmLanguage.json");
    let rules = grammar["repository"].as_object().unwrap();
    let known: BTreeSet<&str> = rules.values().flat_map(words).collect();
    let unknown: Vec<&str> = keywords().filter(|word| !known.contains(word)).collect();
    assert!(unknown.is_empty(), "add these to the grammar: {unknown:?}");
    assert!(keywords().count() > 50);
}

#[test]
fn every_rule_of_the_grammar_is_used() {
    let grammar = json("syntaxes/interleaver.tmLanguage.json");
    let rules: BTreeSet<String> =
        grammar["repository"].as_object().unwrap().keys().map(|name| format!("#{name}")).collect();
    let includes = grammar["patterns"].as_array().unwrap().iter();
    let included: BTreeSet<String> = includes.map(|rule| rule["include"].as_str().unwrap().to_owned()).collect();
    assert_eq!(included, rules);
}

#[test]
fn the_extension_is_complete() {
    let manifest = json("package.json");
    let language = &manifest["contributes"]["languages"][0];
    let grammar = &manifest["contributes"]["grammars"][0];
    assert_eq!(language["extensions"][0], format!(".{}", interleaver::scenario::EXTENSION));
    assert_eq!(language["id"], grammar["language"]);
    for file in [&language["configuration"], &grammar["path"]] {
        assert!(json(file.as_str().unwrap()).is_object());
    }
    assert_eq!(json("syntaxes/interleaver.tmLanguage.json")["scopeName"], grammar["scopeName"]);
}
