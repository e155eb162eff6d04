//! One process's share of the runs.

use super::over::Over;
use super::pool::{Judgement, Later, Part, Pool};
use super::seat::Seat;
use super::shake::{Shake, Shaker};
use super::standard::Standard;
use crate::engine::interpreter::{Execution, Exit, Run, by};
use crate::engine::isolate::{Request, without_counts};
use crate::finding::{Coverage, EngineName, Evidence, LimitHit, OtherEnds, Sample};
use crate::limits::{Limits, Watch};
use crate::program::ThreadId;
use std::collections::BTreeMap;
use std::io;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

/// Threads that are asleep for ever keep their memory until their process ends; after so many of them a fresh process
/// goes on.
const ABANDONED: usize = 128;

/// Runs the program until it has been run as often as asked, or until this process is worn out: the parent looks at the
/// number of executions and asks another process for the rest.
pub(in crate::engine) fn sample(request: &Request, first: u64, watch: &dyn Watch) -> Evidence {
    let run = Run::new::<Standard>(&request.program, &shared_out(request));
    let mut tally = Tally::default();
    let played = play_all(&run, request, first, &mut tally, watch);
    let collected = std::mem::take(&mut *crate::engine::interpreter::lock_std(&run.collected));
    // What a thread has met as its share is a limit of the run.
    let whole = |limit| {
        let is_share = matches!(limit, LimitHit::Steps { .. });
        if is_share { LimitHit::Steps { limit: request.limits.execution_steps } } else { limit }
    };
    let limit = collected.limit.clone().map(whole);
    let other_ends = OtherEnds { limit, ..collected.other_ends.clone() };
    let coverage = match played {
        Ok(Enough::Interrupted) => Coverage::Cut(LimitHit::Interrupted),
        Ok(Enough::Played) => match collected.never_ended() {
            Some(limit) => Coverage::Cut(whole(limit)),
            None => Coverage::Sampled { how: String::new() },
        },
        Err(Broken(message)) => return without_counts(EngineName::Threads, Coverage::Failed { message }),
    };
    let evidence = collected.into_evidence(EngineName::Threads, &request.program, coverage, &super::CAPABILITIES);
    Evidence { samples: tally.into_samples(first), other_ends, ..evidence }
}

/// How many runs there were of each way to shake, and in how many of them something was found.
#[derive(Debug, Default)]
struct Tally(BTreeMap<Shake, (u64, u64)>);

impl Tally {
    fn count(&mut self, shake: Shake, ended: RunEnd) {
        let (runs, hits) = self.0.entry(shake).or_default();
        *runs += 1;
        *hits += u64::from(ended == RunEnd::Finding);
    }

    fn into_samples(self, seed: u64) -> Vec<Sample> {
        let mut samples: Vec<Sample> = Vec::new();
        for (shake, (walks, hits)) in self.0 {
            // Ways that differ in a number only are one for people.
            match samples.last_mut().filter(|last| last.strategy == shake.words()) {
                Some(last) => {
                    last.walks += walks;
                    last.hits += hits;
                }
                None => samples.push(Sample { strategy: shake.words().to_owned(), seed, walks, hits, unseen: None }),
            }
        }
        samples
    }
}

/// What one run has shown.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum RunEnd {
    /// Something was found.
    Finding,
    /// Nothing was.
    Nothing,
}

/// The limits of each run. Threads that run at the same time do not count their steps together, which would put them in
/// step with each other: each has its share of the run's.
fn shared_out(request: &Request) -> Limits {
    let threads = u64::try_from(request.program.threads.len().max(1)).expect("usize fits into u64");
    Limits { execution_steps: request.limits.execution_steps.div_ceil(threads), ..request.limits.clone() }
}

/// Why a process stops.
enum Enough {
    Played,
    Interrupted,
}

/// Why runs cannot go on, or cannot be believed.
#[derive(Debug)]
struct Broken(String);

impl From<io::Error> for Broken {
    fn from(error: io::Error) -> Self {
        Broken(format!("no thread, or no way to look at one: {error}"))
    }
}

fn play_all(
    run: &Arc<Run>,
    request: &Request,
    first: u64,
    tally: &mut Tally,
    watch: &dyn Watch,
) -> Result<Enough, Broken> {
    let mut pool = Pool::new(request.program.threads.len())?;
    for done in 0..request.limits.thread_runs {
        if watch.interrupted() {
            return Ok(Enough::Interrupted);
        }
        if pool.abandoned() >= ABANDONED {
            break;
        }
        let shake = Shake::of_run(request.limits.jitter, first + done);
        tally.count(shake, play(run, &mut pool, first + done, shake)?);
        watch.progress(done + 1);
    }
    Ok(Enough::Played)
}

/// One run.
fn play(run: &Arc<Run>, pool: &mut Pool, number: u64, shake: Shake) -> Result<RunEnd, Broken> {
    let daemons = run.program.thread_ids().filter(|thread| run.program.thread(*thread).daemon);
    let over = Arc::new(Over::new(daemons.map(|thread| pool.note(thread.index())).collect()));
    let later = Arc::new(Later::default());
    let execution = Arc::new(Execution::start(Arc::clone(run), Standard::new(&over, &later)));
    if !execution.begun() {
        execution.finish();
        return Ok(ended(execution.confirm(|_| false)));
    }
    let threads = u32::try_from(run.program.threads.len()).unwrap_or(u32::MAX);
    let part_of = |thread| part(&execution, &over, thread, Turn { number, shake, threads });
    for thread in run.program.thread_ids().filter(|thread| !run.program.thread(*thread).starts_with_program()) {
        later.expect(thread.index(), part_of(thread));
    }
    let running = pool.start(execution.declared().map(|thread| (thread.index(), part_of(thread))).collect(), &later);
    if let Judgement::Stuck(_) = running.watch(|| over.is_led_out()) {
        execution.deadlocked();
    }
    over.declare();
    running.finish()?;
    later.close();
    let found = execution.confirm(|finding| {
        let daemon = by(finding).is_some_and(|thread| run.program.thread(thread).daemon);
        daemon && over.is_spoiled()
    });
    if over.is_spoiled() {
        crate::engine::interpreter::lock_std(&run.collected).other_ends.blurred += 1;
    }
    over.bug().map_or(Ok(ended(found)), |bug| Err(Broken(bug)))
}

fn ended(found: usize) -> RunEnd {
    if found > 0 { RunEnd::Finding } else { RunEnd::Nothing }
}

/// Which run it is, and how it is shaken.
#[derive(Clone, Copy, Debug)]
struct Turn {
    number: u64,
    shake: Shake,
    threads: u32,
}

/// What one thread does in one run.
fn part(execution: &Arc<Execution<Standard>>, over: &Arc<Over>, thread: ThreadId, turn: Turn) -> Part {
    let (execution, over) = (Arc::clone(execution), Arc::clone(over));
    Box::new(move |note| {
        let shaker = Shaker::new(turn.shake, turn.number, thread, turn.threads);
        if let Err(error) = shaker.begin() {
            return over.unwound(&format!("a thread cannot choose its processor: {error}"));
        }
        Seat::new(note, turn.number, thread, shaker).take();
        match std::panic::catch_unwind(AssertUnwindSafe(|| execution.run(thread))) {
            Ok(Exit::Ended) => {}
            Ok(Exit::Last) => {
                // A daemon that is led out of a wait is no longer at rest.
                over.end();
                if Seat::daemons_at_rest(&over) {
                    execution.finish();
                } else {
                    over.spoil();
                }
                over.lead_out();
            }
            Ok(Exit::Stopped) => over.declare(),
            Err(payload) => over.unwound(&*payload),
        }
    })
}
