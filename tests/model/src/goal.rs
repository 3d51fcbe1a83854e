//! Whether the goal stays within reach. An exhaustive search keeps every state and its successors, then walks back from
//! the goal: a state that is not met on the way back is one from which nothing helps any more.

use stateright::Model;
use std::collections::HashMap;
use std::hash::Hash;

/// The states of a bounded world.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reach {
    /// All of them.
    pub states: usize,
    /// Those that are the goal.
    pub goals: usize,
    /// Those from which no way leads to the goal.
    pub lost: usize,
}

/// Explores a model to its end. For models of up to some hundred thousand states: all are kept.
pub fn reach<M: Model<State: Clone + Eq + Hash>>(model: &M, is_goal: impl Fn(&M::State) -> bool) -> Reach {
    let mut known: HashMap<M::State, usize> = HashMap::new();
    let mut found: Vec<M::State> = Vec::new();
    for state in model.init_states() {
        known.insert(state.clone(), found.len());
        found.push(state);
    }
    let mut leads_here: Vec<Vec<usize>> = vec![Vec::new(); found.len()];
    let mut at = 0;
    while at < found.len() {
        for next in model.next_states(&found[at]) {
            let place = *known.entry(next).or_insert_with_key(|next| {
                found.push(next.clone());
                leads_here.push(Vec::new());
                found.len() - 1
            });
            leads_here[place].push(at);
        }
        at += 1;
    }
    let mut reaches = vec![false; found.len()];
    let mut todo: Vec<usize> = (0..found.len()).filter(|at| is_goal(&found[*at])).collect();
    let goals = todo.len();
    while let Some(at) = todo.pop() {
        if !std::mem::replace(&mut reaches[at], true) {
            todo.extend(&leads_here[at]);
        }
    }
    Reach { states: found.len(), goals, lost: reaches.iter().filter(|reaches| !**reaches).count() }
}
