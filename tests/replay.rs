//! Every schedule of every snapshot is followed step for step, and shows what the snapshot says.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use interleaver::engine::isolate;
use interleaver::engine::replay::{NoReplay, replay as replay_on, replay_each};
use interleaver::explain::explain;
use interleaver::explore::{Questions, replay};
use interleaver::finding::{EngineName, FindingKey, Replay, ReplayEnd};
use interleaver::language::Override;
use interleaver::limits::{Limits, Unwatched};
use interleaver::program::{FindingKind, Program};
use interleaver::scenario::{self, ScenarioFile};
use interleaver::schedule::{self, Choice, Diverged, Pick};
use interleaver::semantics::Semantics;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// A schedule line of a snapshot.
struct Recorded {
    /// `condvar/lost_wakeup`
    name: String,
    program: Program,
    choices: Vec<Choice>,
    line: String,
    /// The snapshot's words, with one space between them.
    words: String,
}

fn package() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// All schedules of all snapshots.
fn recorded() -> Vec<Recorded> {
    isolate::use_executable(env!("CARGO_BIN_EXE_interleaver").into());
    let folder = package().join("snapshots");
    let mut files: Vec<PathBuf> = scenario::files_below(&folder).unwrap();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "snap"));
    files.sort();
    assert!(files.len() > 30, "{} snapshots", files.len());
    let mut recorded = Vec::new();
    for file in files {
        let name = file.strip_prefix(&folder).unwrap().with_extension("");
        let text = fs::read_to_string(&file).unwrap();
        for line in text.lines().filter_map(|line| line.strip_prefix("schedule  ")) {
            let scenario = ScenarioFile::new(package().join("scenarios").join(&name).with_extension("ilv"));
            let set: Vec<Override> =
                schedule::parameters(line).unwrap().into_iter().map(|(name, value)| Override { name, value }).collect();
            let program = scenario.load(&set).unwrap().program;
            let choices = schedule::parse(&program, line).unwrap().choices;
            let name = name.to_str().unwrap().to_owned();
            recorded.push(Recorded { name, program, choices, line: line.to_owned(), words: words(&text) });
        }
    }
    assert!(recorded.len() > 30, "{} schedules", recorded.len());
    recorded
}

fn on_native(program: &Program, choices: &[Choice]) -> Replay {
    let limits = Limits::default();
    replay(&Semantics::remembering(program, &limits), &Questions::of(program), choices, &limits, &Unwatched)
}

#[test]
fn every_schedule_of_every_snapshot_shows_on_native_what_the_snapshot_says() {
    for Recorded { name, program, choices, line, words: snapshot } in recorded() {
        let replayed = on_native(&program, &choices);
        assert!(!matches!(replayed.end, ReplayEnd::Diverged(_)), "{name}: {:?}", replayed.end);
        let taken: Vec<Choice> = replayed.trace.events.iter().map(|event| event.choice()).collect();
        assert_eq!(taken, choices, "{name}");
        assert_eq!(schedule::to_text(&program, &choices), line, "{name}");
        let said: Vec<String> = replayed
            .found
            .iter()
            .map(|finding| explain(&program, finding))
            .map(|explanation| words(&format!("{}: {}", explanation.what, explanation.headline)))
            .collect();
        assert!(said.iter().any(|said| snapshot.contains(said)), "{name}: `{line}` shows {said:?}");
    }
}

#[test]
fn every_beginning_of_a_schedule_replays_and_every_other_thread_is_a_divergence_or_a_step() {
    for Recorded { name, program, choices, .. } in recorded().into_iter().filter(|it| it.choices.len() < 20) {
        for length in 0..choices.len() {
            let begun = on_native(&program, &choices[..length]);
            let ReplayEnd::GoesOn { enabled } = begun.end else { panic!("{name}: {:?}", begun.end) };
            assert!(enabled.contains(&choices[length]), "{name}: {enabled:?}");
            for thread in program.thread_ids().map(Choice::only) {
                let led = on_native(&program, &[&choices[..length], &[thread]].concat());
                match led.end {
                    ReplayEnd::Diverged(Diverged { step, wanted, enabled: on_offer }) => {
                        assert_eq!((step, wanted, &on_offer), (length + 1, thread, &enabled), "{name}");
                        assert_eq!(led.trace, begun.trace, "{name}: what came before was taken");
                    }
                    ReplayEnd::GoesOn { .. }
                    | ReplayEnd::Deadlock
                    | ReplayEnd::NormalEnd(_)
                    | ReplayEnd::AbnormalEnd
                    | ReplayEnd::Stopped
                    | ReplayEnd::Discarded
                    | ReplayEnd::Cut(_) => assert!(enabled.contains(&thread), "{name}"),
                }
            }
        }
    }
}

/// What was found, without what is about rounds: that a state has been before is known to the native checker only.
fn found(replay: &Replay) -> Vec<FindingKey> {
    let rounds = [FindingKind::Eventually, FindingKind::Livelock, FindingKind::Starvation];
    let others = replay.found.iter().filter(|finding| !rounds.contains(&finding.kind()));
    let mut keys: Vec<FindingKey> = others.map(|finding| finding.key()).collect();
    keys.sort();
    keys
}

/// Follows all schedules; gives the names of the scenarios that the engine cannot express, with the reason.
fn every_schedule_on(engine: EngineName) -> BTreeMap<String, String> {
    let mut replayed = 0;
    let mut unsupported = BTreeMap::new();
    let mut wrong = Vec::new();
    for Recorded { name, program, choices, line, .. } in recorded() {
        let native = on_native(&program, &choices);
        match replay_on(engine, &program, &choices, &Limits::default(), &Unwatched) {
            Err(NoReplay::Unsupported(why)) => {
                unsupported.insert(name, why.to_string());
            }
            Err(other) => wrong.push(format!("{name}: `{line}`: {other}")),
            Ok(other) => {
                replayed += 1;
                let (theirs, ours) = (&other.trace.events, &native.trace.events);
                if theirs != ours {
                    let both = theirs.iter().zip(ours).find(|(theirs, ours)| theirs != ours);
                    wrong.push(format!("{name}: `{line}`\n{:?}\n{both:#?}", other.end));
                } else if other.trace.preemptions != native.trace.preemptions {
                    wrong.push(format!("{name}: `{line}` {} preemptions", other.trace.preemptions));
                } else if native.found.iter().all(|it| !is_partial(it)) && found(&other) != found(&native) {
                    wrong.push(format!("{name}: `{line}`\n{:#?}\n{:#?}", found(&other), found(&native)));
                } else if native.found.iter().all(|it| !is_partial(it)) && other.end != native.end {
                    wrong.push(format!("{name}: `{line}` ends with {:?}, not {:?}", other.end, native.end));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
    assert!(replayed > 30, "{replayed}");
    unsupported
}

/// That threads are stuck although others go on for ever is known to a search only.
fn is_partial(finding: &interleaver::finding::Finding) -> bool {
    use interleaver::finding::{DeadlockScope, Detail};
    matches!(finding.detail, Detail::Deadlock { scope: DeadlockScope::Partial, .. })
}

#[test]
fn every_schedule_of_every_snapshot_is_the_same_on_shuttle() {
    assert_eq!(every_schedule_on(EngineName::Shuttle), BTreeMap::new());
}

#[test]
fn every_schedule_of_every_snapshot_is_the_same_on_threads() {
    assert_eq!(every_schedule_on(EngineName::Threads), BTreeMap::new());
}

/// What loom cannot replay. A scenario that is added here is one that fewer engines confirm: only with a reason.
const NOT_ON_LOOM: [(&str, &str); 2] = [
    // A wrong boat of four, somebody who could have made it a right one, and who rows.
    ("classic/river_crossing", "6 threads: loom has room for 5"),
    ("threads/thread_per_request", "18 threads: loom has room for 5"),
];

#[test]
fn every_schedule_of_every_snapshot_is_the_same_on_loom() {
    let unsupported = every_schedule_on(EngineName::Loom);
    let listed = NOT_ON_LOOM.map(|(name, why)| (name.to_owned(), why.to_owned()));
    assert_eq!(unsupported, BTreeMap::from(listed));
}

/// Choices that are tried behind the beginning of a schedule, whether they are on offer there or not.
fn tried(program: &Program) -> Vec<Choice> {
    let picks = [Pick::Only, Pick::Timeout, Pick::Spurious, Pick::WeakFailure, Pick::Branch(1), Pick::Value(0)];
    let waiters = program.thread_ids().map(Pick::Waiter);
    let picks: Vec<Pick> = picks.into_iter().chain(waiters).collect();
    program.thread_ids().flat_map(|thread| picks.iter().map(move |pick| Choice { thread, pick: *pick })).collect()
}

/// Follows every beginning of the schedules of the snapshots, and what comes behind where a choice is tried there: it
/// leads to the same end as natively, and where that is none the same choices are on offer. Gives how many there were.
fn every_wrong_schedule_on(engine: EngineName, steps: usize, of: impl Fn(&Choice) -> bool) -> usize {
    let mut compared = 0;
    for Recorded { name, program, choices, .. } in recorded().into_iter().filter(|it| it.choices.len() < steps) {
        let behind: Vec<Choice> = tried(&program).into_iter().filter(&of).collect();
        let after = |begun: &[Choice]| {
            let with = behind.iter().map(|choice| [begun, &[*choice]].concat());
            std::iter::once(begun.to_vec()).chain(with).collect::<Vec<_>>()
        };
        let wrong: Vec<_> = (0..choices.len()).flat_map(|length| after(&choices[..length])).collect();
        match replay_each(engine, &program, &wrong, &Limits::default(), &Unwatched) {
            Err(NoReplay::Unsupported(_)) => {}
            Err(other) => panic!("{name}: {other}"),
            Ok(replays) => {
                assert_eq!(replays.len(), wrong.len(), "{name}");
                for (other, wrong) in replays.iter().zip(&wrong) {
                    let line = schedule::to_text(&program, wrong);
                    assert_eq!(other.end, on_native(&program, wrong).end, "{name} on {}: `{line}`", engine.word());
                    compared += 1;
                }
            }
        }
    }
    compared
}

#[test]
fn a_wrong_schedule_diverges_on_shuttle_where_it_does_natively_and_the_same_is_on_offer() {
    let compared = every_wrong_schedule_on(EngineName::Shuttle, 10, |_| true);
    assert!(compared > 1_000, "{compared}");
}

#[test]
fn a_wrong_schedule_diverges_on_threads_where_it_does_natively_and_the_same_is_on_offer() {
    let compared = every_wrong_schedule_on(EngineName::Threads, 10, |_| true);
    assert!(compared > 1_000, "{compared}");
}

#[test]
fn a_wrong_schedule_diverges_on_loom_where_it_does_natively_and_the_same_is_on_offer() {
    let compared = every_wrong_schedule_on(EngineName::Loom, 10, |_| true);
    assert!(compared > 1_000, "{compared}");
}

/// Replays on threads of the system, so many times; each is the same as the first.
fn identical(recorded: &Recorded, times: usize) -> Replay {
    let Recorded { name, program, choices, .. } = recorded;
    let schedules = vec![choices.clone(); times];
    let mut replays = replay_each(EngineName::Threads, program, &schedules, &Limits::default(), &Unwatched).unwrap();
    assert_eq!(replays.len(), times, "{name}");
    let first = replays.remove(0);
    assert!(replays.iter().all(|replay| *replay == first), "{name}");
    first
}

#[test]
fn two_thousand_replays_on_threads_of_the_system_are_identical() {
    for name in ["condvar/lost_wakeup", "classic/dining_philosophers", "channel/forgotten_close"] {
        let recorded = recorded().into_iter().find(|it| it.name == name).unwrap();
        let first = identical(&recorded, 2_000);
        assert_eq!(first.trace.events.len(), recorded.choices.len(), "{name}");
    }
}

#[test]
fn whatever_a_snapshot_shows_replays_identically_on_threads_of_the_system() {
    for recorded in recorded() {
        identical(&recorded, 12);
    }
}
