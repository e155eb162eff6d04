//! OS threads that play one scenario thread each, run after run, and the judge who watches them.
//!
//! The judge never wakes a playing thread, so once all of them are asleep in the scenario's own waits, nobody ever wakes
//! again: that is how a deadlock is told from a slow machine, without any time-out. This module knows threads that wait;
//! it does not know what for.

use super::kernel::{Look, Probe};
use super::note::{Activity, Note, Stamp};
use super::pin;
use crate::engine::interpreter::lock_std;
use std::collections::BTreeMap;
use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, Sender};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

/// Evaluating an expression is recursive; the language bounds its depth.
const STACK: usize = 1 << 20;
/// How long the judge sleeps between two looks, at least and at most.
const NAPS: (Duration, Duration) = (Duration::from_micros(100), Duration::from_millis(4));

/// How often the judge looks again at threads that are all asleep, with the same result, before it believes it: see
/// `kernel` for what one look more would not prove.
const LOOKS_AGAIN: u32 = 3;
/// How long it sleeps between these looks; a thread on its way to sleep is there sooner.
const BETWEEN_LOOKS: Duration = Duration::from_micros(100);

/// What one thread does in one run. It may end by unwinding.
pub(super) type Part = Box<dyn FnOnce(&Arc<Note>) + Send>;

/// As many threads as a scenario has.
#[derive(Debug)]
pub(super) struct Pool {
    workers: Vec<Worker>,
    abandoned: usize,
}

#[derive(Debug)]
struct Worker {
    parts: Sender<Play>,
    note: Arc<Note>,
    probe: Probe,
}

/// One thread's share of a run.
struct Play {
    part: Part,
    stage: Arc<Stage>,
    entrance: Entrance,
}

/// When a thread comes to the start of a run.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Entrance {
    /// With the others, which wait for it.
    Together,
    /// When one of them starts it.
    Later,
}

/// The parts of threads that are started while a run goes on, by worker.
#[derive(Default)]
pub(super) struct Later {
    parts: Mutex<BTreeMap<usize, Part>>,
    stage: OnceLock<(Arc<Stage>, Vec<Caller>)>,
}

impl std::fmt::Debug for Later {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Later").finish_non_exhaustive()
    }
}

/// How to call a worker.
struct Caller {
    parts: Sender<Play>,
    note: Arc<Note>,
}

impl Later {
    /// The worker is to play this part if somebody starts it.
    pub(super) fn expect(&self, worker: usize, part: Part) {
        lock_std(&self.parts).insert(worker, part);
    }

    /// A playing thread starts the worker.
    ///
    /// # Panics
    /// If the worker is started twice, or before the run: faults of ours.
    pub(super) fn start(&self, worker: usize) {
        let part = lock_std(&self.parts).remove(&worker).expect("it waits to be started");
        let (stage, callers) = self.stage.get().expect("only a thread of a run starts another one");
        let caller = &callers[worker];
        // From here on the judge sees that there is somebody who runs.
        caller.note.set(Activity::Running);
        stage.playing.fetch_add(1, Ordering::SeqCst);
        let play = Play { part, stage: Arc::clone(stage), entrance: Entrance::Later };
        caller.parts.send(play).expect("a worker listens until its pool is gone");
    }

    /// Nobody is started any more: forgets the parts that are left.
    pub(super) fn close(&self) {
        drop(std::mem::take(&mut *lock_std(&self.parts)));
    }
}

/// What the threads of one run share with the judge.
struct Stage {
    /// Threads that have not come to the start yet.
    absent: AtomicUsize,
    /// Threads that have not ended their part yet.
    playing: AtomicUsize,
    judge: std::thread::Thread,
}

impl std::fmt::Debug for Stage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Stage").finish_non_exhaustive()
    }
}

/// Why the judge stopped watching.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Judgement {
    /// What was waited for has happened.
    Done,
    /// It has not, and these threads, all that have not ended their part, are asleep for ever.
    Stuck(Vec<usize>),
}

/// A run that has been started.
#[derive(Debug)]
pub(super) struct Running<'a> {
    pool: &'a mut Pool,
    stage: Arc<Stage>,
}

impl Pool {
    /// Starts the threads; they wait for their first part.
    ///
    /// # Errors
    /// Where the system gives no thread, or no way to look at one.
    pub(super) fn new(size: usize) -> io::Result<Self> {
        let workers = (0..size).map(|_| Worker::new()).collect::<io::Result<_>>()?;
        Ok(Self { workers, abandoned: 0 })
    }

    /// Number of threads so far that were asleep for ever and have been left behind.
    pub(super) fn abandoned(&self) -> usize {
        self.abandoned
    }

    /// What a worker writes down about itself.
    pub(super) fn note(&self, worker: usize) -> Arc<Note> {
        Arc::clone(&self.workers[worker].note)
    }

    /// Starts a run with these parts, by worker. No part begins before every thread has come to the start; `later` are the
    /// parts of those that one of them may start.
    pub(super) fn start(&mut self, parts: Vec<(usize, Part)>, later: &Later) -> Running<'_> {
        let size = AtomicUsize::new(parts.len());
        let stage =
            Arc::new(Stage { absent: size, playing: AtomicUsize::new(parts.len()), judge: std::thread::current() });
        let caller = |worker: &Worker| Caller { parts: worker.parts.clone(), note: Arc::clone(&worker.note) };
        later.stage.get_or_init(|| (Arc::clone(&stage), self.workers.iter().map(caller).collect()));
        for (worker, part) in parts {
            let worker = &self.workers[worker];
            // From here on it has a part in the run, whether it has heard of it or not.
            worker.note.set(Activity::Running);
            let play = Play { part, stage: Arc::clone(&stage), entrance: Entrance::Together };
            worker.parts.send(play).expect("a worker listens until its pool is gone");
        }
        Running { pool: self, stage }
    }
}

impl Running<'_> {
    /// Watches until `done` says so, or until nothing can happen any more. Whoever makes `done` true wakes the calling
    /// thread.
    pub(super) fn watch(&self, mut done: impl FnMut() -> bool) -> Judgement {
        let mut nap = NAPS.0;
        let mut last: Option<Vec<View>> = None;
        let mut alike = 0;
        loop {
            if done() {
                return Judgement::Done;
            }
            let views = self.pool.views();
            let stuck = views.filter(|views| views.iter().all(View::asleep_in_a_wait));
            alike = if stuck.is_some() && stuck == last { alike + 1 } else { 0 };
            match &stuck {
                Some(now) if alike == LOOKS_AGAIN && !done() => {
                    return Judgement::Stuck(now.iter().map(|view| view.worker).collect());
                }
                Some(_) => std::thread::sleep(BETWEEN_LOOKS),
                None => {
                    std::thread::park_timeout(nap);
                    nap = (nap * 2).min(NAPS.1);
                }
            }
            last = stuck;
        }
    }

    /// Whether every thread has ended its part.
    pub(super) fn all_ended(&self) -> bool {
        self.stage.playing.load(Ordering::SeqCst) == 0
    }

    /// Ends the run: waits for the threads that still end by themselves, leaves behind those that never will and puts
    /// fresh ones in their places.
    ///
    /// # Errors
    /// Where the system gives no fresh thread.
    pub(super) fn finish(self) -> io::Result<()> {
        if let Judgement::Stuck(stuck) = self.watch(|| self.all_ended()) {
            for worker in stuck {
                self.pool.workers[worker] = Worker::new()?;
                self.pool.abandoned += 1;
            }
        }
        Ok(())
    }
}

/// One look at one thread.
#[derive(Clone, PartialEq, Eq, Debug)]
struct View {
    worker: usize,
    stamp: Stamp,
    look: Look,
}

impl View {
    fn asleep_in_a_wait(&self) -> bool {
        self.look.asleep && self.stamp.activity() == Activity::Waiting
    }
}

impl Pool {
    /// Looks at every thread that has not ended its part; nothing if one of them cannot be looked at just now.
    fn views(&self) -> Option<Vec<View>> {
        let views = self.workers.iter().enumerate().filter_map(|(worker, Worker { note, probe, .. })| {
            let stamp = note.stamp();
            let playing = stamp.activity() != Activity::Idle;
            playing.then(|| Some(View { worker, stamp, look: probe.look().ok()? }))
        });
        views.collect()
    }
}

impl Worker {
    fn new() -> io::Result<Self> {
        let note = Arc::new(Note::default());
        let (parts, listen) = mpsc::channel::<Play>();
        let (introduce, introduced) = mpsc::channel();
        let own = Arc::clone(&note);
        let work = move || {
            // Nobody is left to hear it only where the pool is already gone.
            let _ = introduce.send(pin::wake_promptly().and_then(|()| Probe::of_this_thread()));
            for Play { part, stage, entrance } in listen {
                if entrance == Entrance::Together {
                    stage.assemble();
                }
                let ended = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| part(&own)));
                drop(ended);
                own.set(Activity::Idle);
                stage.leave();
            }
        };
        std::thread::Builder::new().stack_size(STACK).spawn(work)?;
        let probe = introduced.recv().map_err(|_| io::Error::other("a thread ended before it began"))??;
        Ok(Self { parts, note, probe })
    }
}

impl Stage {
    /// Waits until everybody is here, awake as long as that is a matter of moments.
    fn assemble(&self) {
        self.absent.fetch_sub(1, Ordering::SeqCst);
        let mut rounds = 0_u32;
        while self.absent.load(Ordering::SeqCst) > 0 {
            rounds += 1;
            if rounds.is_multiple_of(64) {
                std::thread::yield_now();
            } else {
                std::hint::spin_loop();
            }
        }
    }

    fn leave(&self) {
        if self.playing.fetch_sub(1, Ordering::SeqCst) == 1 {
            self.judge.unpark();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Barrier;

    fn part(act: impl FnOnce(&Arc<Note>) + Send + 'static) -> Part {
        Box::new(act)
    }

    #[test]
    fn threads_that_take_two_locks_in_opposite_order_are_stuck_and_replaced() {
        let mut pool = Pool::new(3).expect("three threads");
        for _ in 0..20 {
            let locks = Arc::new((Mutex::new(()), Mutex::new(()), Barrier::new(2)));
            let (one, other) = (Arc::clone(&locks), Arc::clone(&locks));
            let run = pool.start(
                vec![
                    (
                        0,
                        part(move |note| {
                            let _a = one.0.lock().expect("not poisoned");
                            one.2.wait();
                            let _b = note.waiting(|| one.1.lock().expect("not poisoned"));
                        }),
                    ),
                    (1, part(|_| {})),
                    (
                        2,
                        part(move |note| {
                            let _b = other.1.lock().expect("not poisoned");
                            other.2.wait();
                            let _a = note.waiting(|| other.0.lock().expect("not poisoned"));
                        }),
                    ),
                ],
                &Later::default(),
            );
            assert_eq!(run.watch(|| run.all_ended()), Judgement::Stuck(vec![0, 2]));
            run.finish().expect("fresh threads");
        }
        assert_eq!(pool.abandoned(), 40);
    }

    #[test]
    fn a_thread_that_is_started_later_counts_from_then_on() {
        let mut pool = Pool::new(2).expect("two threads");
        for _ in 0..20 {
            let (locked, later) = (Arc::new(Mutex::new(())), Arc::new(Later::default()));
            let (held, starter) = (Arc::clone(&locked), Arc::clone(&later));
            later.expect(
                1,
                part(move |note| {
                    std::thread::sleep(Duration::from_millis(2));
                    drop(note.waiting(|| locked.lock().expect("not poisoned")));
                }),
            );
            let first = part(move |note| {
                std::mem::forget(held.lock().expect("not poisoned"));
                starter.start(1);
                drop(note.waiting(|| held.lock().expect("not poisoned")));
            });
            let run = pool.start(vec![(0, first)], &later);
            assert_eq!(run.watch(|| run.all_ended()), Judgement::Stuck(vec![0, 1]));
            run.finish().expect("fresh threads");
        }
    }

    #[test]
    fn slow_sleepy_and_panicking_threads_are_not_stuck() {
        let mut pool = Pool::new(3).expect("three threads");
        for _ in 0..20 {
            let gate = Arc::new(Mutex::new(()));
            let (one, other) = (Arc::clone(&gate), gate);
            let run = pool.start(
                vec![
                    (
                        0,
                        part(move |_| {
                            let _held = one.lock().expect("not poisoned");
                            std::thread::sleep(Duration::from_millis(3));
                        }),
                    ),
                    (1, part(move |note| drop(note.waiting(|| other.lock().expect("not poisoned"))))),
                    (2, part(|_| std::panic::resume_unwind(Box::new("silent")))),
                ],
                &Later::default(),
            );
            assert_eq!(run.watch(|| run.all_ended()), Judgement::Done);
            run.finish().expect("nothing to replace");
        }
        assert_eq!(pool.abandoned(), 0);
    }
}
