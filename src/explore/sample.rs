//! Walks through what a search could not reach: executions chosen at random, each from the initial state to its end.
//!
//! A search that a limit has cut knows all states near the start and none far from it; walks see a few executions to
//! their end. What they find is real and has a schedule like everything else. What they do not find says nothing: a
//! sample never makes a verdict green, and it is only taken where the search is inconclusive anyway.
//!
//! Every walk goes through [`System`], as the search does; nothing here knows a primitive. The portfolio (four parts
//! selectively uniform, three by partial orders, two by priorities, one uniform) is that of the studies named in
//! `strategy`: no single one is best.

mod random;
mod strategy;

use super::deadlock::{deadlock, is_stuck};
use super::questions::Questions;
use super::system::{Arrival, System};
use super::trace::follow;
use crate::finding::{Access, DeadlockScope, Detail, Finding, FindingKey, Leastness, Outcome, Sample, Target};
use crate::limits::{Limits, Watch};
use crate::schedule::Choice;
use random::Random;
use std::collections::BTreeMap;
use strategy::{Portfolio, Strategy};

/// The seed of every sample: printed with it, so that anybody can say what was run.
const SEED: u64 = 1;

/// The sample of a strategy ends early where its walks are longer than this, on average.
const STEPS_PER_WALK: u64 = 100;

/// A sample ends early, too, where its steps look at more slots than this, on average: a strategy looks at what each
/// choice would do, and states can be very wide.
const SLOTS_PER_STEP: u64 = 4_096;

/// So many walks say how long walks are, and so how many can be taken. Where these are fewer than asked for, nothing is
/// concluded from the first ones: how many the others are must not depend on how they go.
const FIRST_WALKS: u64 = 16;

/// Steps that nobody may count on, in one walk: otherwise one that prefers a thread would see it wake for no reason, look
/// and wait again until the walk is cut.
const UNRELIABLE_STEPS: usize = 8;

/// What all walks have shown.
#[derive(Debug, Default)]
pub(super) struct Sampled {
    /// Each finding with the shortest walk that shows it, as its trace.
    pub(super) findings: Vec<Finding>,
    /// Outcomes of normal ends, with the number of walks that ended so.
    pub(super) outcomes: BTreeMap<Outcome, u64>,
    /// One for each strategy, in order.
    pub(super) samples: Vec<Sample>,
}

impl Sampled {
    /// Adds outcomes.
    fn keep(&mut self, ends: Ends) {
        for (outcome, number) in ends.outcomes {
            *self.outcomes.entry(outcome).or_insert(0) += number;
        }
    }
}

/// How walks ended from which something can be concluded.
#[derive(Debug, Default)]
struct Ends {
    walks: u64,
    /// Of those that came to a normal end.
    outcomes: BTreeMap<Outcome, u64>,
}

/// Takes `limits.samples` walks, or fewer where they are long, of at most `limits.execution_steps` steps each.
///
/// # Determinism
/// Depends on nothing but the arguments, unless `watch` interrupts it.
pub(super) fn sample<S: System + ?Sized>(
    system: &S,
    questions: &Questions,
    limits: &Limits,
    watch: &dyn Watch,
) -> Sampled {
    let mut sampled = Sampled::default();
    let mut shortest: BTreeMap<FindingKey, Sighting> = BTreeMap::new();
    let mut walker = Walker::new(system, questions, limits, watch);
    for (mut strategy, walks) in Portfolio::new(limits.samples) {
        let mut sample = Sample { strategy: strategy.words().to_owned(), seed: SEED, walks: 0, hits: 0, unseen: None };
        let mut ends = Ends::default();
        walker.grant(walks);
        let mut planned = walks;
        while sample.walks < planned && walker.may_go_on() {
            let walk = walker.walk(&mut strategy);
            sample.walks += 1;
            sample.hits += u64::from(!walk.seen.is_empty());
            ends.add(walk.outcome);
            for (finding, choices) in walk.seen {
                let key = finding.key();
                if shortest.get(&key).is_none_or(|known| choices.len() < known.choices.len()) {
                    shortest.insert(key, Sighting { finding, choices });
                }
            }
            if strategy.is_independent() && sample.walks == FIRST_WALKS {
                planned = walks.min(FIRST_WALKS + walker.walks_left(FIRST_WALKS));
                if planned < walks {
                    sampled.keep(std::mem::take(&mut ends));
                }
            }
        }
        // A sample that was cut short is none of independent walks: the long ones are missing.
        if strategy.is_independent() && walker.may_go_on() {
            sample.unseen = ends.unseen();
        }
        sampled.keep(ends);
        sampled.samples.push(sample);
    }
    sampled.findings = shortest.into_values().map(|sighting| sighting.explained(system)).collect();
    sampled
}

/// A finding, and how to get there.
struct Sighting {
    finding: Finding,
    choices: Vec<Choice>,
}

impl Sighting {
    /// The finding with its trace.
    fn explained<S: System + ?Sized>(self, system: &S) -> Finding {
        let trace = follow(system, &self.choices, Leastness::NotProven);
        Finding { trace: Some(trace), ..self.finding }
    }
}

/// One execution, as far as it went.
struct Walk {
    choices: Vec<Choice>,
    /// What was found on the way, each with the choices that lead there.
    seen: Vec<(Finding, Vec<Choice>)>,
    /// What was observed, where it came to a normal end.
    outcome: Option<Outcome>,
}

/// Takes walks as long as there is something left to spend on them.
struct Walker<'a, S: ?Sized> {
    system: &'a S,
    questions: &'a Questions,
    watch: &'a dyn Watch,
    random: Random,
    /// Steps of one walk.
    longest: u64,
    granted: Budget,
    left: Budget,
}

/// What walks may cost.
#[derive(Clone, Copy, Default)]
struct Budget {
    steps: u64,
    slots: u64,
}

impl<'a, S: System + ?Sized> Walker<'a, S> {
    fn new(system: &'a S, questions: &'a Questions, limits: &Limits, watch: &'a dyn Watch) -> Self {
        let (random, longest) = (Random::new(SEED), limits.execution_steps);
        let budget = Budget::default();
        Self { system, questions, watch, random, longest, granted: budget, left: budget }
    }

    /// Gives what so many walks may cost; what the strategy before has left over is gone.
    fn grant(&mut self, walks: u64) {
        let steps = walks.saturating_mul(STEPS_PER_WALK);
        self.granted = Budget { steps, slots: steps.saturating_mul(SLOTS_PER_STEP) };
        self.left = self.granted;
    }

    /// How many more walks can be taken, with something left over, if they are as those before: so many, since the grant.
    fn walks_left(&self, before: u64) -> u64 {
        let left = |left: u64, granted: u64| {
            let each = (granted - left).div_ceil(before).max(1);
            left / 4 * 3 / each
        };
        left(self.left.steps, self.granted.steps).min(left(self.left.slots, self.granted.slots))
    }

    fn may_go_on(&self) -> bool {
        self.left.steps > 0 && self.left.slots > 0 && !self.watch.interrupted()
    }

    /// Pays for a step, before which each of so many choices may be tried.
    fn pay(&mut self, choices: usize) {
        let slots = u64::try_from(self.system.width().saturating_mul(choices + 1)).unwrap_or(u64::MAX);
        self.left.slots = self.left.slots.saturating_sub(slots);
        self.left.steps = self.left.steps.saturating_sub(1);
    }

    /// Walks from the initial state to an end, a deadlock, or as far as it may; not past a deadlock by luck.
    fn walk(&mut self, strategy: &mut Strategy) -> Walk {
        let system = self.system;
        let mut walk = Walk { choices: Vec::new(), seen: Vec::new(), outcome: None };
        let mut state = vec![0; system.width()];
        let mut found = Vec::new();
        let mut arrival = system.initial(&mut state, &mut found);
        walk.see(&mut found);
        strategy.begin(&mut self.random);
        let mut choices = Vec::new();
        let mut unreliable = 0;
        for _ in 0..self.longest {
            if arrival != Arrival::Running || !self.may_go_on() {
                break;
            }
            system.races(&state, &mut found);
            walk.see_races(&mut found);
            choices.clear();
            system.choices(&state, &mut choices);
            self.pay(choices.len());
            if unreliable == UNRELIABLE_STEPS {
                choices.retain(|choice| choice.pick.is_reliable());
            }
            if is_stuck(&choices) {
                let threads = system.unfinished(&state);
                found.push(deadlock(system, self.questions, &state, DeadlockScope::Whole, threads));
                walk.see(&mut found);
                return walk;
            }
            let touched = |choice: Choice| touched(system, &state, choice);
            let choice = choices[strategy.pick(&choices, &touched, &mut self.random)];
            walk.choices.push(choice);
            unreliable += usize::from(!choice.pick.is_reliable());
            arrival = system.step(&mut state, choice, &mut found);
            walk.see(&mut found);
        }
        if arrival == Arrival::NormalEnd {
            let outcome = system.outcome(&state);
            if !self.questions.allows(&outcome) {
                let detail = Detail::UnexpectedOutcome { outcome: outcome.clone() };
                found.push(Finding { detail, statements: Vec::new(), trace: None });
                walk.see(&mut found);
            }
            walk.outcome = Some(outcome);
        }
        walk
    }
}

/// The object or thread that a step would touch.
fn touched<S: System + ?Sized>(system: &S, state: &[i64], choice: Choice) -> Option<Target> {
    let mut next = state.to_vec();
    system.step_with_event(&mut next, choice, &mut Vec::new()).1.target
}

impl Walk {
    /// Notes what the last step has found.
    fn see(&mut self, found: &mut Vec<Finding>) {
        self.seen.extend(found.drain(..).map(|finding| (finding, self.choices.clone())));
    }

    /// Notes races between two next steps: both are to be taken, to show them.
    fn see_races(&mut self, found: &mut Vec<Finding>) {
        for finding in found.drain(..) {
            let both = accesses(&finding).iter().map(|access| Choice::only(access.thread));
            let choices = self.choices.iter().copied().chain(both).collect();
            self.seen.push((finding, choices));
        }
    }
}

fn accesses(finding: &Finding) -> &[Access] {
    match &finding.detail {
        Detail::Race { accesses, .. } => accesses,
        Detail::Deadlock { .. }
        | Detail::Assertion { .. }
        | Detail::Invariant { .. }
        | Detail::Final { .. }
        | Detail::Impossible { .. }
        | Detail::UnexpectedOutcome { .. }
        | Detail::MissingOutcome { .. }
        | Detail::Panic { .. }
        | Detail::UnobservedFailure { .. }
        | Detail::Misuse { .. }
        | Detail::Eventually { .. }
        | Detail::Livelock { .. }
        | Detail::Starvation { .. } => &[],
    }
}

impl Ends {
    /// Counts a walk.
    fn add(&mut self, outcome: Option<Outcome>) {
        self.walks += 1;
        if let Some(outcome) = outcome {
            *self.outcomes.entry(outcome).or_insert(0) += 1;
        }
    }

    /// An upper bound, in thousandths, on the probability that the next walk of this strategy ends with an outcome that
    /// none has shown; it fails for at most one sample in twenty. `None` where it would say little.
    ///
    /// # Source
    /// Good and Turing's estimate (the part of outcomes seen once) is at least the missing probability on average; how
    /// far both lie from their averages is bounded without knowing the distribution: the missing probability by D.
    /// McAllester and L. Ortiz, "Concentration inequalities for the missing mass and for histogram rule error", JMLR 4
    /// (2003), the estimate by C. McDiarmid's inequality, as one walk changes it by at most two walks' worth. Each is
    /// given half of the twentieth. It holds for independent walks only.
    fn unseen(&self) -> Option<u64> {
        let once = self.outcomes.values().filter(|number| **number == 1).count();
        let once = u64::try_from(once).expect("usize is at most 64 bits");
        if self.walks == 0 {
            return None;
        }
        // (1 + √2)·√(ln 40) is 4.637, in thousandths; the square root is rounded down, the sum up.
        let bound = (once * 1_000).div_ceil(self.walks) + 4_637_u64.div_ceil(self.walks.isqrt());
        (bound < 500).then_some(bound)
    }
}

#[cfg(test)]
mod tests;
