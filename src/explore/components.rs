//! Strongly connected components of the state graph.

use super::graph::Graph;
use super::store::StateId;

/// A strongly connected component. Components are numbered so that every step leads into the same or a smaller one.
pub(super) type ComponentId = u32;

/// Where what is known of a component stands.
#[must_use]
pub(super) fn position(component: ComponentId) -> usize {
    usize::try_from(component).expect("indices are narrower than usize")
}

/// Calls `visit` for every component, in order of their numbers, with its states and the component of every state that
/// is in it or reachable from it. Steps without a target lead nowhere, and so do those that nobody may count on.
///
/// # Source
/// Tarjan, *Depth-first search and linear graph algorithms*, 1972; with a stack of our own instead of recursion.
///
/// # Panics
/// If a step leads to a state that is not expanded.
pub(super) fn components(graph: &Graph, mut visit: impl FnMut(&[StateId], &dyn Fn(StateId) -> ComponentId)) {
    /// States that were not reached yet.
    const UNSEEN: u32 = 0;
    /// In `low`: the state's component is known, and stands in `component`.
    const DONE: u32 = u32::MAX;

    // For a state on `open`: the least number of an open state that is known to be reachable from it. Numbers count from
    // 1 in the order in which states are reached.
    let mut low = vec![UNSEEN; graph.states()];
    let mut component: Vec<ComponentId> = vec![0; graph.states()];
    let mut reached = 0;
    let mut count: ComponentId = 0;
    // States whose component is not known yet.
    let mut open: Vec<StateId> = Vec::new();
    // The path of the search: state, its number, position of its next step.
    let mut path: Vec<(StateId, u32, usize)> = Vec::new();

    for root in graph.state_ids() {
        if low[root.index()] != UNSEEN {
            continue;
        }
        let mut next = Some(root);
        loop {
            if let Some(state) = next.take() {
                reached += 1;
                low[state.index()] = reached;
                open.push(state);
                path.push((state, reached, 0));
            }
            let Some((state, number, position)) = path.last_mut() else { break };
            let (state, number) = (*state, *number);
            if let Some(edge) = graph.step(state, *position) {
                *position += 1;
                if let Some(target) = edge.target.filter(|_| edge.is_reliable) {
                    match low[target.index()] {
                        UNSEEN => next = Some(target),
                        DONE => {}
                        other => low[state.index()] = low[state.index()].min(other),
                    }
                }
                continue;
            }
            path.pop();
            let least = low[state.index()];
            if let Some((parent, _, _)) = path.last() {
                // A root of a component reaches nothing that is open below it, so its number does no harm.
                low[parent.index()] = low[parent.index()].min(least);
            }
            if least == number {
                let start = open.iter().rposition(|other| *other == state).expect("a state on the path is open");
                for member in &open[start..] {
                    low[member.index()] = DONE;
                    component[member.index()] = count;
                }
                visit(&open[start..], &|state| component[state.index()]);
                open.truncate(start);
                count += 1;
            }
        }
    }
}
