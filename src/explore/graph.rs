//! The explored state graph: for each expanded state its steps, in choice order.
//!
//! Recorded while searching, because deadlocks and explanations are questions about the graph. It holds no states and
//! no choices: the k-th edge of a state belongs to the k-th of its choices, which `System::choices` lists again.

use super::store::StateId;
use crate::program::ThreadId;
use crate::schedule::Choice;

/// The steps of the states that were expanded. States are expanded in order of their numbers.
#[derive(Debug)]
pub(super) struct Graph {
    /// Where in the edges those of each state start; one more at the end.
    starts: Vec<usize>,
    /// Who steps: the thread's index, with [`UNRELIABLE`] where nobody may count on the step.
    takers: Vec<u8>,
    targets: Vec<u32>,
}

/// Stands for `None` in `Graph::targets`; never a state, as `Store::MOST` is less.
const NOWHERE: u32 = u32::MAX;

/// Marks a step that nobody may count on. There are at most 64 threads.
const UNRELIABLE: u8 = 0x80;

/// A step of the graph.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct EdgeId(usize);

impl EdgeId {
    /// Its number: steps are numbered in order of their states, and in choice order.
    #[must_use]
    pub(super) fn index(self) -> usize {
        self.0
    }
}

/// A step of an expanded state.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Edge {
    /// Which.
    pub(super) id: EdgeId,
    /// Who steps.
    pub(super) thread: ThreadId,
    /// Whether its thread may count on it.
    pub(super) is_reliable: bool,
    /// Where it arrives; `None` where the execution has stopped or was cut there.
    pub(super) target: Option<StateId>,
}

impl Graph {
    /// No state expanded yet.
    #[must_use]
    pub(super) fn new() -> Self {
        Self { starts: vec![0], takers: Vec::new(), targets: Vec::new() }
    }

    /// Number of expanded states: those with smaller numbers are expanded, no others.
    #[must_use]
    pub(super) fn states(&self) -> usize {
        self.starts.len() - 1
    }

    /// All expanded states, in order.
    pub(super) fn state_ids(&self) -> impl Iterator<Item = StateId> + use<> {
        (0..self.states()).map(StateId::new)
    }

    /// The same states with some of their steps, which have other numbers there.
    #[must_use]
    pub(super) fn part(&self, keeps: &dyn Fn(StateId, &Edge) -> bool) -> Self {
        let mut part = Self::new();
        for state in self.state_ids() {
            for edge in self.steps(state).filter(|edge| keeps(state, edge)) {
                part.takers.push(self.takers[edge.id.0]);
                part.targets.push(self.targets[edge.id.0]);
            }
            part.end_state();
        }
        part
    }

    /// Number of steps.
    #[must_use]
    pub(super) fn edges(&self) -> usize {
        self.targets.len()
    }

    /// Bytes that it takes: our own accounting, the same on every machine.
    #[must_use]
    pub(super) fn bytes(&self) -> usize {
        self.starts.len() * size_of::<usize>() + self.edges() * (size_of::<u8>() + size_of::<u32>())
    }

    /// Adds a step to the state that is being expanded; it leads nowhere yet.
    pub(super) fn push(&mut self, choice: Choice) -> EdgeId {
        let mark = if choice.pick.is_reliable() { 0 } else { UNRELIABLE };
        self.takers.push(choice.thread.0 | mark);
        self.targets.push(NOWHERE);
        EdgeId(self.targets.len() - 1)
    }

    /// Says where a step arrives.
    pub(super) fn set_target(&mut self, edge: EdgeId, target: StateId) {
        self.targets[edge.0] = target.raw();
    }

    /// Ends the expansion of a state and begins that of the next one.
    pub(super) fn end_state(&mut self) {
        self.starts.push(self.edges());
    }

    /// The steps of a state, in choice order.
    ///
    /// # Panics
    /// If the state is not expanded.
    pub(super) fn steps(&self, state: StateId) -> impl DoubleEndedIterator<Item = Edge> + ExactSizeIterator + '_ {
        (self.starts[state.index()]..self.starts[state.index() + 1]).map(|edge| self.edge(EdgeId(edge)))
    }

    /// One step of a state, by position in choice order.
    ///
    /// # Panics
    /// If the state is not expanded.
    #[must_use]
    pub(super) fn step(&self, state: StateId, position: usize) -> Option<Edge> {
        let id = self.starts[state.index()] + position;
        (id < self.starts[state.index() + 1]).then(|| self.edge(EdgeId(id)))
    }

    /// The step with this id.
    ///
    /// # Panics
    /// If there is none.
    #[must_use]
    pub(super) fn edge(&self, id: EdgeId) -> Edge {
        let target = Some(self.targets[id.0]).filter(|raw| *raw != NOWHERE).map(StateId::from_raw);
        let taker = self.takers[id.0];
        Edge { id, thread: ThreadId(taker & !UNRELIABLE), is_reliable: taker & UNRELIABLE == 0, target }
    }

    /// Position of a step among the steps of its state, which is the position of its choice.
    ///
    /// # Panics
    /// If `source` is not expanded.
    #[must_use]
    pub(super) fn position(&self, source: StateId, edge: EdgeId) -> usize {
        edge.0 - self.starts[source.index()]
    }

    /// The state that takes this step.
    #[must_use]
    pub(super) fn source(&self, edge: EdgeId) -> StateId {
        StateId::new(self.starts.partition_point(|start| *start <= edge.0) - 1)
    }

    /// The range of steps of a state.
    ///
    /// # Panics
    /// If the state is not expanded.
    #[must_use]
    pub(super) fn range(&self, state: StateId) -> std::ops::Range<EdgeId> {
        EdgeId(self.starts[state.index()])..EdgeId(self.starts[state.index() + 1])
    }

    /// The steps of a state that may be counted on, in choice order.
    ///
    /// # Panics
    /// If the state is not expanded.
    pub(super) fn reliable_steps(&self, state: StateId) -> impl Iterator<Item = Edge> + '_ {
        self.steps(state).filter(|edge| edge.is_reliable)
    }

    /// The threads that can step in a state and may count on it, as a set of bits by index.
    ///
    /// # Panics
    /// If the state is not expanded.
    #[must_use]
    pub(super) fn enabled(&self, state: StateId) -> u64 {
        self.reliable_steps(state).fold(0, |threads, edge| threads | bit(edge.thread))
    }
}

/// The set that holds one thread.
#[must_use]
pub(super) fn bit(thread: ThreadId) -> u64 {
    1 << thread.index()
}

/// The threads of a set, in order.
pub(super) fn members(set: u64) -> impl Iterator<Item = ThreadId> {
    (0..64).filter(move |index| set >> index & 1 == 1).map(ThreadId::new)
}
