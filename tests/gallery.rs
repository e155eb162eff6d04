//! What every scenario of the gallery owes its readers: a title, a story, an expectation; and every mistake its mended
//! twin, a few lines away.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use interleaver::explore::{Arrival, System, explore};
use interleaver::judgement::{Judgement, judge};
use interleaver::language::{Colour, Override, compile};
use interleaver::limits::{Limits, Unwatched};
use interleaver::program::{Program, Source, Value};
use interleaver::scenario::{self, ScenarioFile};
use interleaver::semantics::Semantics;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

/// A scenario file.
struct Scenario {
    /// `condvar/lost_wakeup`
    name: String,
    text: String,
    file: ScenarioFile,
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

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios")
}

/// Files, by name.
fn by_name(files: Vec<ScenarioFile>) -> Vec<Scenario> {
    let scenario = |file: ScenarioFile| {
        let name = file.path.strip_prefix(root()).unwrap().with_extension("").to_str().unwrap().replace('\\', "/");
        Scenario { name, text: fs::read_to_string(&file.path).unwrap(), file }
    };
    let mut scenarios: Vec<Scenario> = files.into_iter().map(scenario).collect();
    scenarios.sort_by(|a, b| a.name.cmp(&b.name));
    scenarios
}

/// All scenarios, by name.
fn gallery() -> Vec<Scenario> {
    by_name(scenario::below(&root()).unwrap())
}

/// What scenarios import, by name.
fn libraries() -> Vec<Scenario> {
    let scenarios = scenario::below(&root()).unwrap();
    by_name(scenario::texts_below(&root()).unwrap().into_iter().filter(|file| !scenarios.contains(file)).collect())
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

/// What the gallery must keep: each lesson, and the scenarios that teach it. A mistake stands here by its own name, its
/// mended twin goes without saying.
const LESSONS: &[(&str, &[&str])] = &[
    // threads
    ("start and join two workers", &["threads/fork_join", "threads/forgot_to_join"]),
    ("the main thread ends while a daemon runs", &["threads/daemon_dies_early"]),
    ("workers print in every possible order", &["threads/print_order"]),
    (
        "a shared counter: lost update, mended by a lock and by an atomic add",
        &["threads/lost_update", "threads/lost_update_atomic", "classic/two_times_three"],
    ),
    ("a module's variable changes under its reader", &["threads/changed_under_reader", "threads/torn_clock"]),
    (
        "asking `is_alive` again and again while a reader waits for input",
        &["threads/answer_never_comes", "threads/is_alive_is_old_news"],
    ),
    ("an exception in a thread that nobody joins", &["threads/failed_worker", "threads/exception_in_worker"]),
    ("functions that are safe one by one, from another file", &["threads/safe_calls"]),
    ("threads that wait for each other's end", &["threads/wait_for_each_other"]),
    // locks
    ("two locks in opposite order", &["locks/abba"]),
    ("taking a lock twice, mended by a reentrant one", &["locks/relock", "locks/callback"]),
    ("forgetting to release on one path", &["locks/forgotten_unlock"]),
    ("`with` releases when the section panics", &["locks/with_releases_on_panic", "locks/poisoned"]),
    ("try-lock with back-off that can go round for ever", &["locks/back_off"]),
    (
        "reader and writer: the writer starves, the reader starves",
        &["classic/writer_starved", "classic/reader_starved"],
    ),
    ("upgrade from reading to writing", &["locks/upgrade"]),
    ("what must not be left out, and what may", &["locks/dropped_silently", "locks/try_lock_unchecked"]),
    ("two steps as one: a transaction", &["locks/transaction"]),
    // condvar
    ("get an item or wait", &["condvar/get_or_wait"]),
    ("the flag is tested outside the lock", &["condvar/lost_wakeup"]),
    ("`if` for `while`", &["condvar/if_instead_of_while"]),
    ("notify without the lock", &["condvar/notify_without_lock"]),
    (
        "one condition for two purposes, and `notify_one`; `notify_all` mends",
        &["condvar/bounded_buffer", "condvar/wrong_recipient", "condvar/starting_gun"],
    ),
    ("one condition variable for each waiter; the wrong one", &["condvar/whose_turn", "condvar/wrong_bell"]),
    ("wait with a time-out", &["condvar/timeout_as_a_plaster", "condvar/gives_up_too_late"]),
    ("spurious wake-ups", &["condvar/for_no_reason", "condvar/in_time_for_nothing"]),
    // semaphore
    ("a guard of K resources", &["semaphore/which_one", "semaphore/released_too_early"]),
    ("release in the wrong place", &["semaphore/released_too_early"]),
    ("a bounded semaphore is released too often", &["semaphore/released_twice"]),
    ("rendezvous of two threads", &["semaphore/rendezvous"]),
    ("signalling", &["semaphore/starts_open", "event/two_rings_one"]),
    ("permits lost on an error path", &["semaphore/permit_leak"]),
    ("two semaphores in opposite order", &["semaphore/opposite_order"]),
    ("several permits at once", &["semaphore/one_by_one", "semaphore/first_in_line"]),
    ("who is served next", &["semaphore/greedy"]),
    // event
    ("one thread sets, several wait", &["event/starting_shot"]),
    ("`clear` right after `set`", &["event/clear_after_set"]),
    ("a stop flag of producer and consumer over a queue", &["event/stop_flag", "event/last_message_left"]),
    ("a state and not a number", &["event/two_rings_one"]),
    ("one event for each hand-over", &["event/relay"]),
    // barrier
    ("phases in step", &["barrier/no_meeting"]),
    ("reuse", &["barrier/out_of_step"]),
    ("one thread is missing", &["barrier/one_short", "barrier/dropped_out"]),
    ("broken by a time-out, and made whole again", &["barrier/impatient", "barrier/fresh_start"]),
    // timer
    ("a delayed function", &["timer/delayed"]),
    ("waiting for a timer's end", &["timer/slept_long_enough"]),
    ("`cancel` races with firing", &["timer/cancel_unchecked", "timer/watchdog"]),
    // queue
    (
        "one slot guarded by two locks, and the same with a queue",
        &["queue/two_locks", "queue/one_place", "pipeline/one_slot"],
    ),
    ("`task_done` and `join`", &["queue/done_too_early", "queue/done_twice"]),
    ("a consumer forgets `task_done`", &["queue/forgotten_task_done"]),
    ("`is_empty` before `get`, `is_full` before `put`", &["queue/empty_before_get", "queue/full_before_put"]),
    ("a sentinel and several consumers", &["queue/one_last_order", "pipeline/one_sentinel"]),
    ("last in, first out, and by priority", &["queue/undo", "queue/emergency_waits", "queue/first_of_those_who_wait"]),
    ("no room in time", &["queue/no_room_in_time"]),
    // channel
    ("back-pressure; nobody reads", &["channel/nobody_reads", "channel/drop_when_full"]),
    ("rendezvous", &["channel/both_send_first"]),
    ("all senders are gone", &["channel/send_after_close", "channel/forgotten_close"]),
    ("two actors that each send before they receive", &["channel/full_inboxes", "channel/both_send_first"]),
    ("shared out or for everybody", &["channel/each_or_all"]),
    (
        "one answer, the latest value, news for all",
        &["channel/refused_silently", "channel/reload_missed", "channel/ticker_too_fast"],
    ),
    // pipeline
    ("three stages with a group of workers; fan-out and fan-in", &["pipeline/who_closes", "pipeline/in_turn"]),
    ("a stage stops early", &["pipeline/early_stop"]),
    ("order lost and restored", &["pipeline/order_lost"]),
    ("shutdown by closing", &["pipeline/shutdown"]),
    // classic
    (
        "dining philosophers, three repairs",
        &["classic/dining_philosophers", "classic/dining_philosophers_seats", "classic/dining_philosophers_back_off"],
    ),
    (
        "readers and writers, three policies",
        &[
            "classic/writer_starved",
            "classic/reader_starved",
            "classic/readers_meet",
            "classic/readers_overtake",
            "classic/light_switch",
        ],
    ),
    ("sleeping barber", &["classic/sleeping_barber", "classic/barber_asleep"]),
    ("cigarette smokers", &["classic/smokers"]),
    ("river crossing", &["classic/river_crossing"]),
    ("bounded buffer, swept", &["condvar/bounded_buffer"]),
    ("one bathroom for all", &["classic/unisex_bathroom"]),
    ("one-lane bridge", &["classic/one_lane_bridge"]),
];

#[test]
fn the_gallery_covers_its_topics() {
    let gallery = gallery();
    assert!(gallery.len() >= 260, "{} scenarios", gallery.len());
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
    for (lesson, names) in LESSONS {
        for name in *names {
            assert!(gallery.iter().any(|scenario| scenario.name == *name), "{lesson}: {name} is missing");
        }
    }
}

#[test]
fn every_mistake_has_its_mended_twin() {
    let gallery = gallery();
    let mended: BTreeSet<&str> = twins(&gallery).iter().map(|(broken, _)| broken.name.as_str()).collect();
    for scenario in &gallery {
        let points = scenario.header().last().is_some_and(|line| line.starts_with("Mended in "));
        assert!(!points || mended.contains(scenario.name.as_str()), "{} is not mended", scenario.name);
    }
}

/// Each object of the language with the words that declare it and its operations, as the reference lists them.
fn operations() -> Vec<(String, Vec<String>, Vec<String>)> {
    let reference = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/language.md")).unwrap();
    let (_, table) = reference.split_once("| object | declared by | operations |\n").unwrap();
    let rows = table.lines().skip(1).take_while(|line| line.starts_with("| ["));
    let texts = |cell: &str| quoted(cell).into_iter().map(str::to_owned).collect();
    rows.map(|row| {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        (cells[1].to_owned(), texts(cells[2]), texts(cells[3]))
    })
    .collect()
}

/// The name that a line declares by this word.
fn declared<'l>(line: &'l str, word: &str) -> Option<&'l str> {
    let rest = line.strip_prefix(word)?.strip_prefix(' ')?;
    rest.split(|c: char| !c.is_alphanumeric() && c != '_').next()
}

/// Whether a line of code asks an object of this name, or an element of an array, for an operation.
fn asks(line: &str, name: &str, operation: &str) -> bool {
    let word = |c: char| c.is_alphanumeric() || c == '_';
    line.match_indices(&format!(".{operation}")).any(|(at, call)| {
        let before = line[..at].trim_end_matches(|c: char| c != '[' && line[..at].ends_with(']'));
        let before = before.strip_suffix('[').unwrap_or(before);
        let ends = !line[at + call.len()..].starts_with(word);
        let named = before.strip_suffix(name).is_some_and(|rest| !rest.ends_with(word));
        ends && named
    })
}

#[test]
fn every_kind_of_object_and_every_operation_is_shown() {
    let gallery = gallery();
    let mut missing = Vec::new();
    let operations = operations();
    assert!(operations.len() >= 15, "{operations:?}");
    for (object, words, operations) in &operations {
        let named = |scenario: &Scenario| -> Vec<(String, String)> {
            let code = scenario.code();
            let names = |word: &String| -> Vec<(String, String)> {
                code.iter().filter_map(|line| Some((word.clone(), declared(line, word)?.to_owned()))).collect()
            };
            words.iter().flat_map(names).collect()
        };
        let shown: BTreeSet<String> = gallery.iter().flat_map(named).map(|(word, _)| word).collect();
        // Handles of started threads have names that no declaration tells.
        let is_thread = object.starts_with("[threads]");
        missing
            .extend(words.iter().filter(|word| !is_thread && !shown.contains(*word)).map(|word| format!("{word} x;")));
        for operation in operations {
            let shows = |scenario: &Scenario| {
                let names = named(scenario);
                let any = |line: &&str| line.contains(&format!(".{operation}("));
                is_thread && scenario.code().iter().any(any)
                    || names.iter().any(|(_, name)| scenario.code().iter().any(|line| asks(line, name, operation)))
            };
            if !gallery.iter().any(shows) {
                missing.push(format!("{object}: {operation}"));
            }
        }
    }
    assert!(missing.is_empty(), "no scenario of the gallery shows {missing:#?}");
}

#[test]
fn an_operation_is_found_by_the_name_of_its_object() {
    assert_eq!(declared("fifo mutex desk[2];", "fifo mutex"), Some("desk"));
    assert_eq!(declared("mutex desk;", "fifo mutex"), None);
    assert!(asks("    with a { desk.lock(); }", "desk", "lock"));
    assert!(asks("desk[1 - i].lock();", "desk", "lock"));
    assert!(asks("o.call { }", "o", "call"));
    assert!(!asks("desk.lock_timeout(1ms);", "desk", "lock"));
    assert!(!asks("my_desk.lock();", "desk", "lock"));
}

#[test]
fn every_scenario_tells_its_story() {
    for scenario in gallery().into_iter().chain(libraries()) {
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
        assert!(scenario.text.ends_with("}\n"), "{name}: the file ends with its last thread or function");
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
    match scenario.file.load(overrides) {
        Ok(loaded) => loaded.program,
        Err(unusable) => panic!("{}", unusable.render(Colour::Plain)),
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
            // `require` refuses combinations that make no sense.
            let Ok(loaded) = scenario.file.load(&overrides) else { continue };
            let complaints = complaints(&loaded.program);
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
