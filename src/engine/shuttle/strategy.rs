//! Which thread takes the next step, and which value the world chooses: exhaustively, at random, or by priorities.

use crate::engine::interpreter::{Decision, Footprint, Ready, Run};
use crate::program::ThreadId;
use std::sync::Arc;

/// A thread that can take a step.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Candidate {
    pub(super) thread: ThreadId,
    /// What the step touches.
    pub(super) footprint: Footprint,
    /// Whether only trying shows that the step can take effect.
    pub(super) conditional: bool,
    /// Whether anybody may count on it: the thread would not wake for no reason.
    pub(super) reliable: bool,
}

/// Decides everything that the world decides.
pub(super) trait Strategy {
    /// Begins another execution; `false`: there is none.
    fn begin(&mut self) -> bool;
    /// Picks one of the candidates, which are in order of index; `None`: what follows is the same, up to the order of
    /// independent steps, as what was explored before. `last`: who took the step before, if it can go on.
    fn pick(&mut self, candidates: &[Candidate], last: Option<ThreadId>) -> Option<usize>;
    /// Picks a number in `0..count`.
    fn value(&mut self, count: u64) -> u64;
}

/// Whether executions that differ only in the order of independent steps are explored once.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Reduction {
    /// By sleep sets.
    SleepSets,
    /// Every one is explored.
    None,
}

/// Everything, depth first.
///
/// # Source
/// Sleep sets: P. Godefroid, "Partial-Order Methods for the Verification of Concurrent Systems", 1996, chapter 5.
#[derive(Debug)]
pub(super) struct Exhaustive {
    reduction: Reduction,
    path: Vec<Node>,
    /// How far along the path this execution is.
    depth: usize,
    /// Threads whose next step was explored from an equivalent state.
    asleep: Vec<Candidate>,
    begun: bool,
}

#[derive(Debug)]
enum Node {
    /// Which thread: the candidates that are to be explored, and the one that is being explored.
    Thread { awake: Vec<Candidate>, taken: usize, asleep: Vec<Candidate> },
    /// Which number.
    Value { count: u64, taken: u64 },
}

impl Exhaustive {
    pub(super) fn new(reduction: Reduction) -> Self {
        Self { reduction, path: Vec::new(), depth: 0, asleep: Vec::new(), begun: false }
    }

    /// Puts to sleep what was explored before at a node, and wakes what depends on the step taken now.
    fn descend(&mut self, awake: &[Candidate], taken: usize, asleep: &[Candidate]) {
        let step = awake[taken];
        self.asleep.clear();
        if self.reduction == Reduction::SleepSets {
            let explored = asleep.iter().chain(&awake[..taken]);
            let still = |other: &&Candidate| other.thread != step.thread && !other.footprint.depends_on(step.footprint);
            self.asleep.extend(explored.filter(still));
        }
    }
}

impl Strategy for Exhaustive {
    fn begin(&mut self) -> bool {
        self.depth = 0;
        self.asleep.clear();
        if !std::mem::replace(&mut self.begun, true) {
            return true;
        }
        while let Some(node) = self.path.last_mut() {
            let more = match node {
                Node::Thread { awake, taken, .. } => {
                    *taken += 1;
                    *taken < awake.len()
                }
                Node::Value { count, taken } => {
                    *taken += 1;
                    *taken < *count
                }
            };
            if more {
                return true;
            }
            self.path.pop();
        }
        false
    }

    fn pick(&mut self, candidates: &[Candidate], last: Option<ThreadId>) -> Option<usize> {
        if self.depth == self.path.len() {
            // The thread that stepped last goes first: executions with few preemptions come early.
            let mut awake: Vec<Candidate> = candidates.iter().filter(|it| Some(it.thread) == last).copied().collect();
            awake.extend(candidates.iter().filter(|it| Some(it.thread) != last));
            awake.retain(|candidate| !self.asleep.iter().any(|other| other.thread == candidate.thread));
            if awake.is_empty() {
                return None;
            }
            self.path.push(Node::Thread { awake, taken: 0, asleep: self.asleep.clone() });
        }
        let node = std::mem::replace(&mut self.path[self.depth], Node::Value { count: 0, taken: 0 });
        let Node::Thread { awake, taken, asleep } = node else { unreachable!("{NOT_DETERMINISTIC}") };
        let thread = awake[taken].thread;
        self.descend(&awake, taken, &asleep);
        self.path[self.depth] = Node::Thread { awake, taken, asleep };
        self.depth += 1;
        let picked = candidates.iter().position(|candidate| candidate.thread == thread);
        Some(picked.expect(NOT_DETERMINISTIC))
    }

    fn value(&mut self, count: u64) -> u64 {
        if self.depth == self.path.len() {
            self.path.push(Node::Value { count, taken: 0 });
        }
        let Node::Value { taken, .. } = self.path[self.depth] else { unreachable!("{NOT_DETERMINISTIC}") };
        self.depth += 1;
        taken
    }
}

const NOT_DETERMINISTIC: &str = "the same choices have led to another state";

/// A number of executions at random.
#[derive(Debug)]
pub(super) struct Random {
    numbers: Numbers,
    left: u64,
}

impl Random {
    pub(super) fn new(seed: u64, executions: u64) -> Self {
        Self { numbers: Numbers(seed), left: executions }
    }
}

impl Strategy for Random {
    fn begin(&mut self) -> bool {
        self.left = match self.left.checked_sub(1) {
            Some(left) => left,
            None => return false,
        };
        true
    }

    fn pick(&mut self, candidates: &[Candidate], _last: Option<ThreadId>) -> Option<usize> {
        Some(self.numbers.position(candidates.len()))
    }

    fn value(&mut self, count: u64) -> u64 {
        self.numbers.below(count)
    }
}

/// A number of executions by random priorities: the thread of highest priority steps, and at a few random steps the one
/// that would step falls to the lowest.
///
/// # Source
/// S. Burckhardt et al., "A randomized scheduler with probabilistic guarantees of finding bugs", ASPLOS 2010.
#[derive(Debug)]
pub(super) struct Priorities {
    numbers: Numbers,
    left: u64,
    changes: usize,
    /// Priority of each thread, greater first.
    priorities: Vec<i64>,
    /// Steps at which a priority falls.
    falls: Vec<u64>,
    step: u64,
    /// Steps of the longest execution so far.
    longest: u64,
}

impl Priorities {
    /// `changes`: how many times a priority falls in one execution.
    pub(super) fn new(seed: u64, executions: u64, threads: usize, changes: usize) -> Self {
        Self {
            numbers: Numbers(seed),
            left: executions,
            changes,
            priorities: vec![0; threads],
            falls: Vec::new(),
            step: 0,
            longest: 1,
        }
    }
}

impl Strategy for Priorities {
    fn begin(&mut self) -> bool {
        self.left = match self.left.checked_sub(1) {
            Some(left) => left,
            None => return false,
        };
        self.longest = self.longest.max(self.step);
        self.step = 0;
        let mut order: Vec<i64> = (1..).take(self.priorities.len()).collect();
        for position in (1..order.len()).rev() {
            order.swap(position, self.numbers.position(position + 1));
        }
        self.priorities = order;
        self.falls = (0..self.changes).map(|_| self.numbers.below(self.longest)).collect();
        true
    }

    fn pick(&mut self, candidates: &[Candidate], _last: Option<ThreadId>) -> Option<usize> {
        let highest = |priorities: &[i64]| {
            (0..candidates.len()).max_by_key(|position| priorities[candidates[*position].thread.index()])
        };
        let mut picked = highest(&self.priorities)?;
        if self.falls.contains(&self.step) {
            let lowest = self.priorities.iter().copied().min().unwrap_or(0);
            self.priorities[candidates[picked].thread.index()] = lowest - 1;
            picked = highest(&self.priorities)?;
        }
        self.step += 1;
        Some(picked)
    }

    fn value(&mut self, count: u64) -> u64 {
        self.numbers.below(count)
    }
}

/// The one execution that a schedule describes.
#[derive(Debug)]
pub(super) struct Dictated {
    run: Arc<Run>,
    begun: bool,
}

impl Dictated {
    pub(super) fn new(run: &Arc<Run>) -> Self {
        Self { run: Arc::clone(run), begun: false }
    }
}

impl Strategy for Dictated {
    fn begin(&mut self) -> bool {
        !std::mem::replace(&mut self.begun, true)
    }

    fn pick(&mut self, candidates: &[Candidate], _last: Option<ThreadId>) -> Option<usize> {
        let ready = |it: &Candidate| Ready { thread: it.thread, conditional: it.conditional, reliable: it.reliable };
        let ready: Vec<Ready> = candidates.iter().map(ready).collect();
        match self.run.script.as_ref().filter(|_| !self.run.is_interrupted())?.decide(&ready) {
            Decision::Step(thread) => candidates.iter().position(|it| it.thread == thread),
            Decision::Stop | Decision::Stuck => None,
        }
    }

    fn value(&mut self, _count: u64) -> u64 {
        // The interpreter takes what the schedule says.
        0
    }
}

/// Pseudo-random numbers: the same for the same seed, everywhere and for ever.
///
/// # Source
/// SplitMix64: G. L. Steele, D. Lea, C. H. Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014.
#[derive(Debug)]
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number in `0..count`; 0 if there is none. The bias of the remainder is below one in 2^50 for our counts.
    fn below(&mut self, count: u64) -> u64 {
        self.next() % count.max(1)
    }

    fn position(&mut self, len: usize) -> usize {
        let len = u64::try_from(len).expect("usize fits into u64");
        usize::try_from(self.below(len)).expect("it is below a length")
    }
}
