//! How a walk chooses its next step.
//!
//! # Source
//! Priorities: S. Burckhardt et al., "A randomized scheduler with probabilistic guarantees of finding bugs", ASPLOS 2010.
//! Partial orders: X. Yuan, J. Yang, R. Gu, "Partial order aware concurrency sampling", CAV 2018. Selectively uniform:
//! H. Zhao, D. Wolff, U. Mathur, A. Roychoudhury, "Selectively uniform concurrency testing", ASPLOS 2025; the numbers of
//! remaining steps it needs are the greatest of the walks before.

use super::random::Random;
use crate::finding::Target;
use crate::program::ThreadId;
use crate::schedule::Choice;
use std::collections::BTreeMap;

/// One way of choosing.
#[derive(Debug)]
pub(super) enum Strategy {
    /// Any choice is as likely as any other.
    Uniform,
    /// The thread of greatest priority steps; at so many random steps it falls to the least.
    Priorities(Priorities),
    /// The step of greatest priority is taken; steps that depend on it get new priorities.
    PartialOrder(BTreeMap<ThreadId, u64>),
    /// The steps on one object, drawn for each walk, come in an order that is as likely as any other.
    SelectivelyUniform(Selective),
}

/// Which strategies walk how often, in order.
#[derive(Debug)]
pub(super) struct Portfolio {
    walks: u64,
    next: usize,
}

impl Portfolio {
    /// Divides a number of walks.
    pub(super) fn new(walks: u64) -> Self {
        Self { walks, next: 0 }
    }
}

impl Iterator for Portfolio {
    type Item = (Strategy, u64);

    fn next(&mut self) -> Option<Self::Item> {
        let tenths = |parts: u64| (self.walks * parts).div_ceil(10);
        let next = match self.next {
            0 => (Strategy::Uniform, tenths(2)),
            1 => (Strategy::Priorities(Priorities::new(1)), tenths(1)),
            2 => (Strategy::Priorities(Priorities::new(2)), tenths(1)),
            3 => (Strategy::PartialOrder(BTreeMap::new()), tenths(3)),
            4 => (Strategy::SelectivelyUniform(Selective::default()), tenths(3)),
            _ => return None,
        };
        self.next += 1;
        Some(next)
    }
}

/// How many steps each thread took on each object in the longest of the walks so far.
#[derive(Debug, Default)]
pub(super) struct Profile {
    most: BTreeMap<(ThreadId, Target), u64>,
    now: BTreeMap<(ThreadId, Target), u64>,
}

impl Profile {
    fn begin(&mut self) {
        for (key, steps) in std::mem::take(&mut self.now) {
            let most = self.most.entry(key).or_insert(0);
            *most = steps.max(*most);
        }
    }

    fn stepped(&mut self, thread: ThreadId, target: Option<Target>) {
        if let Some(target) = target {
            *self.now.entry((thread, target)).or_insert(0) += 1;
        }
    }

    /// How many more steps a thread may take on an object.
    fn left(&self, thread: ThreadId, target: Target) -> u64 {
        let of = |steps: &BTreeMap<(ThreadId, Target), u64>| steps.get(&(thread, target)).copied().unwrap_or(0);
        of(&self.most).saturating_sub(of(&self.now))
    }

    /// The objects that at least two threads touch.
    fn shared(&self) -> Vec<Target> {
        let mut targets: Vec<Target> = self.most.keys().map(|(_, target)| *target).collect();
        targets.sort_unstable();
        let shared = targets.chunk_by(|a, b| a == b).filter(|same| same.len() > 1);
        shared.map(|same| same[0]).collect()
    }
}

/// Priorities of threads, and when they fall.
#[derive(Debug)]
pub(super) struct Priorities {
    falls: usize,
    priorities: BTreeMap<ThreadId, u64>,
    fall_at: Vec<u64>,
    step: u64,
    longest: u64,
}

impl Priorities {
    fn new(falls: usize) -> Self {
        Self { falls, priorities: BTreeMap::new(), fall_at: Vec::new(), step: 0, longest: 1 }
    }
}

/// Which steps are to come in an order that is as likely as any other.
#[derive(Debug, Default)]
pub(super) struct Selective {
    profile: Profile,
    selected: Option<Target>,
    /// Who is to take the next of the selected steps.
    intended: Option<ThreadId>,
}

/// The least priority; those given at random are greater.
const LEAST: u64 = 1 << 32;

impl Strategy {
    /// In words for people, with what it was given.
    pub(super) fn words(&self) -> &'static str {
        match self {
            Strategy::Uniform => "uniform",
            Strategy::Priorities(Priorities { falls: 1, .. }) => "by priorities (depth 2)",
            Strategy::Priorities(_) => "by priorities (depth 3)",
            Strategy::PartialOrder(_) => "by partial orders",
            Strategy::SelectivelyUniform(_) => "selectively uniform",
        }
    }

    /// Whether no walk depends on the ones before.
    pub(super) fn is_independent(&self) -> bool {
        match self {
            Strategy::Uniform | Strategy::PartialOrder(_) => true,
            Strategy::Priorities(_) | Strategy::SelectivelyUniform(_) => false,
        }
    }

    /// A new walk begins.
    pub(super) fn begin(&mut self, random: &mut Random) {
        match self {
            Strategy::Uniform => {}
            Strategy::Priorities(own) => {
                own.longest = own.longest.max(own.step);
                own.step = 0;
                own.priorities.clear();
                own.fall_at = (0..own.falls).map(|_| random.below(own.longest)).collect();
            }
            Strategy::PartialOrder(priorities) => priorities.clear(),
            Strategy::SelectivelyUniform(own) => {
                own.profile.begin();
                let shared = own.profile.shared();
                own.selected = (!shared.is_empty()).then(|| shared[random.position(shared.len())]);
                own.intended = None;
            }
        }
    }

    /// The position of the next step among the choices, which are not empty and in order of threads. `touched` says
    /// which object or thread a choice would touch.
    pub(super) fn pick(
        &mut self,
        choices: &[Choice],
        touched: &dyn Fn(Choice) -> Option<Target>,
        random: &mut Random,
    ) -> usize {
        match self {
            Strategy::Uniform => random.position(choices.len()),
            Strategy::Priorities(own) => {
                let thread = own.next(&threads(choices), random);
                any_of(thread, choices, random)
            }
            Strategy::PartialOrder(priorities) => {
                let threads = threads(choices);
                let priority = |thread: &ThreadId| *priorities.entry(*thread).or_insert_with(|| random.number());
                let thread = greatest(&threads, priority);
                let position = any_of(thread, choices, random);
                let target = touched(choices[position]);
                priorities.remove(&thread);
                for other in choices {
                    if target.is_some() && other.thread != thread && touched(*other) == target {
                        priorities.remove(&other.thread);
                    }
                }
                position
            }
            Strategy::SelectivelyUniform(own) => own.pick(choices, touched, random),
        }
    }
}

impl Priorities {
    fn next(&mut self, threads: &[ThreadId], random: &mut Random) -> ThreadId {
        for thread in threads {
            self.priorities.entry(*thread).or_insert_with(|| LEAST + random.below(LEAST));
        }
        let priorities = &mut self.priorities;
        let thread = greatest(threads, |thread| priorities[thread]);
        let fallen = self.fall_at.iter().filter(|at| **at == self.step).count();
        self.step += 1;
        if fallen == 0 {
            return thread;
        }
        // Whoever fell first stays above whoever falls later.
        priorities.insert(thread, LEAST - self.step);
        greatest(threads, |thread| priorities[thread])
    }
}

impl Selective {
    fn pick(&mut self, choices: &[Choice], touched: &dyn Fn(Choice) -> Option<Target>, random: &mut Random) -> usize {
        let targets: Vec<Option<Target>> = choices.iter().map(|choice| touched(*choice)).collect();
        let is_selected = |position: usize| self.selected.is_some() && targets[position] == self.selected;
        if self.intended.is_none()
            && let Some(selected) = self.selected
        {
            let threads = self.profile.threads();
            let left: Vec<u64> = threads.iter().map(|thread| self.profile.left(*thread, selected)).collect();
            self.intended = (!threads.is_empty()).then(|| threads[random.weighted(&left)]);
        }
        // The others wait before their selected steps, as long as anything else can be done.
        let waits = |position: &usize| is_selected(*position) && self.intended != Some(choices[*position].thread);
        let free: Vec<usize> = (0..choices.len()).filter(|position| !waits(position)).collect();
        let position = if free.is_empty() { random.position(choices.len()) } else { free[random.position(free.len())] };
        if is_selected(position) {
            self.intended = None;
        }
        self.profile.stepped(choices[position].thread, targets[position]);
        position
    }
}

impl Profile {
    /// All threads that have taken a step in some walk.
    fn threads(&self) -> Vec<ThreadId> {
        let mut threads: Vec<ThreadId> = self.most.keys().map(|(thread, _)| *thread).collect();
        threads.dedup();
        threads
    }
}

/// The threads of choices, each once.
fn threads(choices: &[Choice]) -> Vec<ThreadId> {
    let mut threads: Vec<ThreadId> = choices.iter().map(|choice| choice.thread).collect();
    threads.dedup();
    threads
}

/// The thread with the greatest priority; the first of them where there are several.
fn greatest(threads: &[ThreadId], mut priority: impl FnMut(&ThreadId) -> u64) -> ThreadId {
    let mut best = (threads[0], priority(&threads[0]));
    for thread in &threads[1..] {
        let priority = priority(thread);
        if priority > best.1 {
            best = (*thread, priority);
        }
    }
    best.0
}

/// Any choice of a thread that has one.
fn any_of(thread: ThreadId, choices: &[Choice], random: &mut Random) -> usize {
    let own: Vec<usize> = (0..choices.len()).filter(|position| choices[*position].thread == thread).collect();
    own[random.position(own.len())]
}
