//! Where in the state graph each finding can be seen.
//!
//! A finding is *seen* in a state (a race, a deadlock) or on a step (everything that the step itself reports). The same
//! finding, that is the same [`Finding::key`], is seen at many places, and with different threads at different places;
//! the explanation search needs all of them to choose the best, so all are kept, as pairs of numbers.

use super::graph::EdgeId;
use super::store::StateId;
use crate::finding::{Access, Detail, Finding, FindingKey};
use crate::program::ObjectId;
use rustc_hash::FxHashMap;
use std::collections::BTreeMap;
use std::ops::Range;

/// Where a finding is seen.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Place {
    /// Before the first step.
    Start,
    /// In an expanded state.
    State(StateId),
    /// On a step.
    Step(EdgeId),
}

/// A distinct finding: position in [`Sightings::firsts`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct KeyId(u32);

/// A variant of a finding, with the threads of some of its places: position in [`Sightings::variants`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct VariantId(u32);

/// A finding as it is seen at some of its places.
#[derive(Clone, Debug)]
pub(super) struct Variant {
    /// Without a trace.
    pub(super) finding: Finding,
    /// What it is a variant of.
    pub(super) key: KeyId,
}

/// Everything that was found, and where.
#[derive(Debug, Default)]
pub(super) struct Sightings {
    keys: BTreeMap<FindingKey, KeyId>,
    firsts: Vec<First>,
    /// The variants of each key.
    variants_of: Vec<Vec<VariantId>>,
    variants: Vec<Variant>,
    /// Finds the variant of a race without making its key: races are seen most often.
    races: FxHashMap<Race, VariantId>,
    states: Vec<(StateId, VariantId)>,
    steps: Vec<(EdgeId, VariantId)>,
}

/// Where a finding is seen first, in search order.
#[derive(Clone, Copy, Debug)]
pub(super) struct First {
    /// As which variant.
    pub(super) variant: VariantId,
    /// Where: the end of a shortest execution that shows it.
    pub(super) place: Place,
}

/// What identifies a variant of a race.
type Race = (Option<ObjectId>, Access, Access);

impl KeyId {
    /// Its position.
    #[must_use]
    pub(super) fn index(self) -> usize {
        usize::try_from(self.0).expect("indices are narrower than usize")
    }

    fn new(index: usize) -> Self {
        Self(u32::try_from(index).expect("there are less findings than steps"))
    }
}

impl VariantId {
    fn index(self) -> usize {
        usize::try_from(self.0).expect("indices are narrower than usize")
    }

    fn new(index: usize) -> Self {
        Self(u32::try_from(index).expect("there are less findings than steps"))
    }
}

impl Sightings {
    /// Records that a finding is seen at a place.
    pub(super) fn see(&mut self, finding: Finding, place: Place) {
        let variant = self.identify(finding, place);
        match place {
            Place::Start => {}
            Place::State(state) => {
                if self.states.last() != Some(&(state, variant)) {
                    self.states.push((state, variant));
                }
            }
            Place::Step(edge) => self.steps.push((edge, variant)),
        }
    }

    /// Number of distinct findings.
    #[must_use]
    pub(super) fn len(&self) -> usize {
        self.firsts.len()
    }

    /// Whether nothing was found.
    #[must_use]
    pub(super) fn is_empty(&self) -> bool {
        self.firsts.is_empty()
    }

    /// The distinct findings, in the order in which they were first seen.
    pub(super) fn firsts(&self) -> impl Iterator<Item = (KeyId, First)> + '_ {
        self.firsts.iter().enumerate().map(|(position, first)| (KeyId::new(position), *first))
    }

    /// A variant.
    #[must_use]
    pub(super) fn variant(&self, id: VariantId) -> &Variant {
        &self.variants[id.index()]
    }

    /// What is seen in a state. Needs [`Sightings::sort`] after the last call of `see`.
    #[must_use]
    pub(super) fn in_state(&self, state: StateId) -> &[(StateId, VariantId)] {
        let start = self.states.partition_point(|(other, _)| *other < state);
        let end = start + self.states[start..].partition_point(|(other, _)| *other == state);
        &self.states[start..end]
    }

    /// What is seen on a range of steps. Needs [`Sightings::sort`] after the last call of `see`.
    #[must_use]
    pub(super) fn on_steps(&self, range: Range<EdgeId>) -> &[(EdgeId, VariantId)] {
        let start = self.steps.partition_point(|(other, _)| *other < range.start);
        let end = start + self.steps[start..].partition_point(|(other, _)| *other < range.end);
        &self.steps[start..end]
    }

    /// All states in which something is seen.
    pub(super) fn states(&self) -> impl Iterator<Item = StateId> + '_ {
        self.states.iter().map(|(state, _)| *state)
    }

    /// All steps on which something is seen.
    pub(super) fn steps(&self) -> impl Iterator<Item = EdgeId> + '_ {
        self.steps.iter().map(|(edge, _)| *edge)
    }

    /// Puts places into the order of the graph, where they were not seen in that order.
    pub(super) fn sort(&mut self) {
        self.states.sort_by_key(|(state, _)| *state);
        self.steps.sort_by_key(|(edge, _)| *edge);
    }

    fn identify(&mut self, finding: Finding, place: Place) -> VariantId {
        let race = race(&finding.detail);
        if let Some(known) = race.and_then(|race| self.races.get(&race)) {
            return *known;
        }
        let key = match self.keys.entry(finding.key()) {
            std::collections::btree_map::Entry::Occupied(known) => *known.get(),
            std::collections::btree_map::Entry::Vacant(vacant) => {
                let key = *vacant.insert(KeyId::new(self.firsts.len()));
                self.firsts.push(First { variant: VariantId::new(self.variants.len()), place });
                self.variants_of.push(Vec::new());
                key
            }
        };
        let variants = &mut self.variants_of[key.index()];
        let known = variants.iter().find(|known| self.variants[known.index()].finding.detail == finding.detail);
        if let Some(known) = known {
            return *known;
        }
        let id = VariantId::new(self.variants.len());
        variants.push(id);
        self.variants.push(Variant { finding, key });
        if let Some(race) = race {
            self.races.insert(race, id);
        }
        id
    }
}

/// The identity of a race's variant, if it is a race between two known accesses.
fn race(detail: &Detail) -> Option<Race> {
    let Detail::Race { object, accesses } = detail else { return None };
    let [first, second] = accesses[..] else { return None };
    Some((*object, first, second))
}
