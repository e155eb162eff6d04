//! What every scenario of the gallery owes its readers: a title, a story, an expectation; and every mistake its mended
//! twin, a few lines away.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use interleaver::explore::{Arrival, System, explore};
use interleaver::judgement::{Judgement, judge};
use interleaver::language::{Colour, Override, compile, render};
use interleaver::limits::{Limits, Unwatched};
use interleaver::program::{Program, Source, Value};
use interleaver::semantics::Semantics;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

/// A scenario file.
struct Scenario {
    /// `condvar/lost_wakeup`
    name: String,
    text: String,
}

impl Scenario {
    /// The lines after `//!`.
    fn header(&self) -> Vec<&str> {
        self.text.lines().map_while(|line| line.strip_prefix("//!")).map(str::trim).collect()
    }

    /// The lines that are neither blank nor only a comment.
    fn code(&self) -> Vec<&str> {
        self.text.lines().filter(|line| !line.trim().is_empty() && !line.trim_start().starts_with("//")).collect()
    }

    /// The first word of every declaration, as far as each begins a line.
    fn declares(&self, words: &[&str]) -> bool {
        self.code().iter().any(|line| words.iter().any(|word| line.starts_with(&format!("{word} "))))
    }
}

/// All scenarios, by name.
fn gallery() -> Vec<Scenario> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    let mut found = Vec::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path: PathBuf = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(&root).unwrap().with_extension("").to_str().unwrap().replace('\\', "/");
                found.push(Scenario { name, text: fs::read_to_string(&path).unwrap() });
            }
        }
    }
    found.sort_by(|a, b| a.name.cmp(&b.name));
    found
}

/// Each mistake with its mended twin.
fn twins(gallery: &[Scenario]) -> Vec<(&Scenario, &Scenario)> {
    let by_name: BTreeMap<&str, &Scenario> =
        gallery.iter().map(|scenario| (scenario.name.as_str(), scenario)).collect();
    let twin = |mended: &&Scenario| {
        mended.name.strip_suffix("_fixed").map(|name| (by_name[name], by_name[mended.name.as_str()]))
    };
    gallery.iter().filter_map(|scenario| twin(&scenario)).collect()
}

/// Lines of `a` that are not in `b` and the reverse, around a longest common subsequence.
fn difference<'a>(a: &[&'a str], b: &[&'a str]) -> (Vec<&'a str>, Vec<&'a str>) {
    // common[i][j]: length of a longest common subsequence of a[i..] and b[j..].
    let mut common = vec![vec![0usize; b.len() + 1]; a.len() + 1];
    for i in (0..a.len()).rev() {
        for j in (0..b.len()).rev() {
            common[i][j] = if a[i] == b[j] { common[i + 1][j + 1] + 1 } else { common[i + 1][j].max(common[i][j + 1]) };
        }
    }
    let (mut i, mut j, mut removed, mut added) = (0, 0, Vec::new(), Vec::new());
    while i < a.len() || j < b.len() {
        if i < a.len() && j < b.len() && a[i] == b[j] {
            (i, j) = (i + 1, j + 1);
        } else if j == b.len() || (i < a.len() && common[i + 1][j] >= common[i][j + 1]) {
            removed.push(a[i]);
            i += 1;
        } else {
            added.push(b[j]);
            j += 1;
        }
    }
    (removed, added)
}

/// The parts of a text that stand in backticks.
fn quoted(text: &str) -> Vec<&str> {
    text.split('`').skip(1).step_by(2).collect()
}

#[test]
fn the_gallery_covers_its_topics() {
    let gallery = gallery();
    assert!(gallery.len() >= 30, "{} scenarios", gallery.len());
    for topic in [
        "barrier",
        "channel",
        "classic",
        "condvar",
        "event",
        "locks",
        "memory",
        "pipeline",
        "queue",
        "semaphore",
        "threads",
        "timer",
    ] {
        assert!(
            gallery.iter().any(|scenario| scenario.name.starts_with(&format!("{topic}/"))),
            "nothing about {topic}"
        );
    }
    for both in [
        "locks/abba",
        "condvar/lost_wakeup",
        "condvar/if_instead_of_while",
        "threads/lost_update",
        "threads/lost_update_atomic",
        "semaphore/opposite_order",
        "channel/nobody_reads",
    ] {
        for name in [both.to_owned(), format!("{both}_fixed")] {
            assert!(gallery.iter().any(|scenario| scenario.name == name), "{name} is missing");
        }
    }
}

#[test]
fn every_scenario_tells_its_story() {
    for scenario in gallery() {
        let header = scenario.header();
        let name = &scenario.name;
        let title = *header.first().unwrap_or(&"");
        assert!((20..=100).contains(&title.chars().count()), "{name}: the title is {title:?}");
        assert!(title.ends_with(['.', '?', '!']), "{name}: the title is no sentence: {title:?}");
        assert_eq!(header.get(1), Some(&""), "{name}: an empty line follows the title");
        let story: usize = header.iter().skip(2).map(|line| line.len()).sum();
        assert!(story >= 100, "{name}: the story is too short for a student to follow");
        assert!(scenario.code().len() <= 40, "{name}: {} lines of code", scenario.code().len());
        assert!(scenario.text.lines().all(|line| line.chars().count() <= 120), "{name}: a line is too long");
        assert!(scenario.text.ends_with("}\n"), "{name}: the file ends with its last thread");
    }
}

#[test]
fn every_scenario_can_fail() {
    for scenario in gallery() {
        let asserts = scenario.code().iter().any(|line| line.contains("assert "));
        assert!(
            asserts
                || scenario.declares(&["expect", "always", "finally", "possible", "eventually"])
                || scenario.code().contains(&"option progress;"),
            "{}: neither expects a finding nor states anything that could be false",
            scenario.name
        );
    }
}

#[test]
fn twins_are_close_and_say_what_changed() {
    let gallery = gallery();
    let twins = twins(&gallery);
    assert!(twins.len() >= 20, "{} twins", twins.len());
    for (broken, mended) in twins {
        let (removed, added) = difference(&broken.code(), &mended.code());
        let changed = removed.len().max(added.len());
        assert!((1..=5).contains(&changed), "{}: {changed} lines differ:\n-{removed:#?}\n+{added:#?}", broken.name);
        let file = Path::new(&mended.name).file_name().unwrap().to_str().unwrap();
        if broken.name != "condvar/bounded_buffer" {
            let pointer = format!("Mended in `{file}.ilv`.");
            assert_eq!(broken.header().last(), Some(&pointer.as_str()), "{}: no way to its twin", broken.name);
        }
        let change = mended.header().join(" ");
        let (_, change) = change.split_once("Change: ").unwrap_or_else(|| panic!("{}: no `Change:`", mended.name));
        let named = quoted(change).iter().any(|part| removed.iter().chain(&added).any(|line| line.contains(part)));
        assert!(named, "{}: the header quotes nothing of the lines that changed: {change}", mended.name);
    }
}

#[test]
fn only_the_first_twin_expects_a_finding() {
    for (broken, mended) in twins(&gallery()) {
        let expects = |scenario: &Scenario| {
            let harmless = ["expect ok", "expect outcomes"];
            let mut lines = scenario.code().into_iter().filter(|line| line.starts_with("expect "));
            lines.any(|line| !harmless.iter().any(|word| line.starts_with(word)))
        };
        assert!(expects(broken), "{} expects nothing", broken.name);
        assert!(!expects(mended), "{} expects a finding", mended.name);
    }
}

#[test]
fn a_difference_is_counted_in_lines() {
    assert_eq!(difference(&["a", "b", "c"], &["a", "x", "c", "d"]), (vec!["b"], vec!["x", "d"]));
    assert_eq!(difference(&["a", "b"], &["b", "a"]), (vec!["a"], vec!["a"]));
    assert_eq!(quoted("say `x` and `y z`"), ["x", "y z"]);
}

/// Compiles a scenario; what is wrong with it fails the test.
fn compiled(scenario: &Scenario, overrides: &[Override]) -> Program {
    let source = Source { name: format!("scenarios/{}.ilv", scenario.name), text: scenario.text.clone() };
    match compile(&source, overrides) {
        Ok(compiled) => compiled.program,
        Err(errors) => panic!("{}", render(&errors, &source, Colour::Plain)),
    }
}

/// Why a program is not as expected under the native checker; empty if it is.
fn complaints(program: &Program) -> String {
    let evidence = explore(program, &Limits::default(), &Unwatched);
    match judge(program, &evidence) {
        Judgement::AsExpected => String::new(),
        Judgement::NotAsExpected(mismatches) => {
            let mismatches: Vec<String> = mismatches.iter().map(ToString::to_string).collect();
            format!("{}\noutcomes: {:?}", mismatches.join("\n"), evidence.outcomes.keys().collect::<Vec<_>>())
        }
        Judgement::Inconclusive(reason) => format!("inconclusive: {reason:?}"),
    }
}

#[test]
fn every_scenario_is_as_expected() {
    let mut wrong = String::new();
    for scenario in gallery() {
        let complaints = complaints(&compiled(&scenario, &[]));
        if !complaints.is_empty() {
            writeln!(wrong, "{}: {complaints}", scenario.name).unwrap();
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn no_mended_scenario_has_a_finding() {
    let gallery = gallery();
    for (broken, mended) in twins(&gallery) {
        let findings = |scenario| explore(&compiled(scenario, &[]), &Limits::default(), &Unwatched).findings;
        assert!(!findings(broken).is_empty(), "{} is called broken, and nothing is found", broken.name);
        assert_eq!(findings(mended), [], "{} is called mended", mended.name);
    }
}

/// Every combination of the values that a program's parameters can be swept over.
fn combinations(program: &Program) -> Vec<Vec<Override>> {
    let mut combinations = vec![Vec::new()];
    for parameter in &program.parameters {
        let with = |value: &Value| Override { name: parameter.name.clone(), value: *value };
        combinations = combinations
            .iter()
            .flat_map(|start: &Vec<Override>| {
                parameter.sweep.iter().map(|value| start.iter().cloned().chain([with(value)]).collect())
            })
            .collect();
    }
    combinations
}

#[test]
fn the_bounded_buffer_is_as_expected_for_all_its_parameters() {
    for name in ["condvar/bounded_buffer", "condvar/bounded_buffer_fixed"] {
        let gallery = gallery();
        let scenario = gallery.iter().find(|scenario| scenario.name == name).unwrap();
        let combinations = combinations(&compiled(scenario, &[]));
        assert_eq!(combinations.len(), 27);
        for overrides in combinations {
            let complaints = complaints(&compiled(scenario, &overrides));
            assert!(complaints.is_empty(), "{name} with {overrides:?}: {complaints}");
        }
    }
}

#[test]
fn every_combination_of_parameters_is_as_expected() {
    let mut swept = 0;
    for scenario in gallery().iter().filter(|scenario| !scenario.name.starts_with("condvar/bounded_buffer")) {
        let program = compiled(scenario, &[]);
        if program.parameters.iter().all(|parameter| parameter.sweep.is_empty()) {
            continue;
        }
        for overrides in combinations(&program) {
            let source = Source { name: scenario.name.clone(), text: scenario.text.clone() };
            // `require` refuses combinations that make no sense.
            let Ok(compiled) = compile(&source, &overrides) else { continue };
            let complaints = complaints(&compiled.program);
            assert!(complaints.is_empty(), "{} with {overrides:?}: {complaints}", scenario.name);
            swept += 1;
        }
    }
    assert!(swept >= 8, "only {swept} combinations were tried");
}

/// A number that is the same for two state graphs that differ only by the names of states, threads and values: colours
/// of states, refined by the colours of their successors, as a sorted list.
fn graph(program: &Program) -> u64 {
    let limits = Limits::default();
    let semantics = Semantics::new(program, &limits);
    let (mut states, mut arrivals, mut successors) = (vec![vec![0; semantics.width()]], Vec::new(), Vec::new());
    arrivals.push(semantics.initial(&mut states[0], &mut Vec::new()));
    let key = |state: &[i64], arrival: &Arrival| -> Vec<i64> {
        // The same slots can be reached normally and by a failed assert: those are two states.
        state.iter().copied().chain([i64::from(*arrival != Arrival::Running)]).collect()
    };
    let mut numbers = BTreeMap::from([(key(&states[0], &arrivals[0]), 0)]);
    let mut choices = Vec::new();
    while successors.len() < states.len() {
        let state = states[successors.len()].clone();
        choices.clear();
        if arrivals[successors.len()] == Arrival::Running {
            semantics.choices(&state, &mut choices);
        }
        let mut next = Vec::new();
        for choice in &choices {
            let mut state = state.clone();
            let arrival = semantics.step(&mut state, *choice, &mut Vec::new());
            let number = *numbers.entry(key(&state, &arrival)).or_insert_with(|| {
                states.push(state);
                arrivals.push(arrival);
                states.len() - 1
            });
            next.push(number);
        }
        successors.push(next);
    }
    let hash = |value: &dyn Fn(&mut DefaultHasher)| {
        let mut hasher = DefaultHasher::new();
        value(&mut hasher);
        hasher.finish()
    };
    let mut colours: Vec<u64> = arrivals.iter().map(|arrival| hash(&|h| format!("{arrival:?}").hash(h))).collect();
    for _ in 0..12 {
        let refined = successors.iter().zip(&colours).map(|(next, colour)| {
            let mut around: Vec<u64> = next.iter().map(|state| colours[*state]).collect();
            around.sort_unstable();
            hash(&|h| (colour, &around).hash(h))
        });
        colours = refined.collect();
    }
    colours.sort_unstable();
    hash(&|h| colours.hash(h))
}

#[test]
fn no_two_scenarios_have_the_same_state_graph() {
    let mut by_graph: BTreeMap<u64, Vec<String>> = BTreeMap::new();
    for scenario in gallery() {
        by_graph.entry(graph(&compiled(&scenario, &[]))).or_default().push(scenario.name);
    }
    let same: Vec<_> = by_graph.values().filter(|names| names.len() > 1).collect();
    assert!(same.is_empty(), "the same state graph, so all but one teach nothing new: {same:?}");
}

#[test]
fn renaming_does_not_make_a_new_state_graph() {
    let program = |text: &str| {
        let source = Source { name: "example".to_owned(), text: text.to_owned() };
        compile(&source, &[]).unwrap().program
    };
    let one = program("mutex m;\nthread a { with m { yield; } }\nthread b { with m { } }\n");
    let renamed = program("mutex key;\nthread x { with key { } }\nthread y { with key { yield; } }\n");
    let other = program("mutex m;\nthread a { with m { yield; } }\nthread b { with m { yield; } }\n");
    assert_eq!(graph(&one), graph(&renamed));
    assert_ne!(graph(&one), graph(&other));
}
