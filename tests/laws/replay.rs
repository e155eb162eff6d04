//! Schedules of random scenarios: every engine takes the same steps, with the same values, to the same end.

use super::{Palette, limits, program_of, runner, scenario};
use interleaver::engine::agreement::can_show;
use interleaver::engine::isolate;
use interleaver::engine::replay::{NoReplay, replay_each};
use interleaver::explore::{Questions, explore, replay, ways};
use interleaver::finding::{EngineName, Event, Finding, FindingKey, Replay};
use interleaver::limits::Unwatched;
use interleaver::program::Program;
use interleaver::schedule::{self, Choice};
use interleaver::semantics::Semantics;
use proptest::test_runner::TestCaseError;
use std::collections::BTreeSet;

/// Schedules of one scenario.
const SCHEDULES: usize = 4;

/// What was found at the end of a schedule, without what only a search can know: that threads are stuck although others
/// go on, and rounds.
fn found(replay: &Replay) -> BTreeSet<FindingKey> {
    let shows = |finding: &&Finding| can_show(EngineName::Native, finding);
    replay.found.iter().filter(shows).map(Finding::key).collect()
}

/// Some ways through a scenario: to what is found, and to outcomes; each whole, and left half-way, where what is on offer
/// is compared.
fn schedules(program: &Program) -> Vec<Vec<Choice>> {
    let native = explore(program, &limits(), &Unwatched);
    let outcomes: BTreeSet<_> = native.outcomes.keys().take(SCHEDULES).cloned().collect();
    let ways = ways(program, &native, &outcomes, &limits(), &Unwatched);
    let traces = native.findings.iter().filter_map(|finding| finding.trace.as_ref()).chain(ways.values());
    let choices = |events: &[Event]| events.iter().map(Event::choice).collect();
    let all: BTreeSet<Vec<Choice>> = traces.map(|trace| choices(&trace.events)).collect();
    let some = all.into_iter().take(SCHEDULES);
    some.flat_map(|choices| [choices[..choices.len() / 2].to_vec(), choices]).collect()
}

/// How many schedules all engines have followed.
fn followed_on(engine: EngineName, palette: Palette, threads: usize, length: usize, cases: u32) -> u32 {
    isolate::use_executable(env!("CARGO_BIN_EXE_interleaver").into());
    let followed = std::cell::Cell::new(0);
    let cases = std::env::var("INTERLEAVER_CASES").map_or(cases, |text| text.parse().unwrap());
    let outcome = runner(cases).run(&scenario(palette, threads, length), |scenario| {
        let program = program_of(&scenario);
        let schedules = schedules(&program);
        let replays = match replay_each(engine, &program, &schedules, &limits(), &Unwatched) {
            Ok(replays) => replays,
            Err(NoReplay::Unsupported(_)) => return Ok(()),
            Err(why) => return Err(TestCaseError::fail(format!("{why}\n{scenario}"))),
        };
        for (choices, other) in schedules.iter().zip(replays) {
            let native = replay(
                &Semantics::remembering(&program, &limits()),
                &Questions::of(&program),
                choices,
                &limits(),
                &Unwatched,
            );
            let same = other.trace.events == native.trace.events
                && other.trace.preemptions == native.trace.preemptions
                && other.end == native.end
                && found(&other) == found(&native);
            if !same {
                let line = schedule::to_text(&program, choices);
                let why = format!("{line}\n{scenario}\nnative: {native:#?}\n{}: {other:#?}", engine.word());
                return Err(TestCaseError::fail(why));
            }
            followed.set(followed.get() + 1);
        }
        Ok(())
    });
    if let Err(error) = outcome {
        panic!("{error}");
    }
    followed.get()
}

#[test]
fn schedules_of_random_scenarios_replay_on_loom() {
    let followed = followed_on(EngineName::Loom, Palette::Full, 3, 2, 150);
    assert!(followed >= 150, "{followed}");
}

#[test]
fn schedules_of_random_scenarios_replay_on_shuttle() {
    let followed = followed_on(EngineName::Shuttle, Palette::Full, 3, 2, 150);
    assert!(followed >= 150, "{followed}");
}

#[test]
fn schedules_of_random_scenarios_replay_on_threads() {
    let followed = followed_on(EngineName::Threads, Palette::Full, 3, 2, 150);
    assert!(followed >= 150, "{followed}");
}
