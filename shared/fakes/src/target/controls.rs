//! What a test says to the target, and what it asks of it.

use super::faults::Fault;
use super::{Counts, FakeTarget};
use crate::locked;
use ports::{Account, Anchor, WriteAction};
use record::Value;
use std::collections::BTreeMap;
use std::time::Duration;

impl FakeTarget {
    /// The `n`-th request from now (counted from 1, over all groups) meets this fault.
    pub fn fail_next(&self, n: u64, fault: Fault) {
        locked(&self.state).faults.script(n, fault);
    }

    /// Takes the target down (`true`) or brings it back: reads may pass later, replies are unknown, nothing is applied.
    pub fn set_down(&self, down: bool) {
        locked(&self.state).faults.down = down;
    }

    /// A new account is invisible to reads during this many reads and requests after its create.
    pub fn set_lag(&self, operations: u64) {
        locked(&self.state).lag = operations;
    }

    /// How many requests travel together at most.
    pub fn set_group_max(&self, most: usize) {
        locked(&self.state).group_max = most.max(1);
    }

    /// How long a request may still take effect.
    pub fn set_request_life(&self, life: Duration) {
        locked(&self.state).request_life = life;
    }

    /// What every report says about the budget.
    pub fn set_budget_used(&self, used: Option<f64>) {
        locked(&self.state).budget_used = used;
    }

    /// Carries out every late request that is still under way.
    pub fn land_late(&self) {
        let mut state = locked(&self.state);
        let actions = state.faults.take_late();
        for action in actions {
            state.apply(&action);
        }
    }

    /// Puts an account there as if it had always been there, past every check.
    pub fn insert<const N: usize>(&self, attributes: [(&str, &str); N]) -> Anchor {
        let attributes = attributes.into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect();
        locked(&self.state).accounts.insert(attributes, None)
    }

    /// Changes an attribute behind everybody's back; `None` clears it.
    pub fn drift(&self, anchor: &Anchor, attribute: &str, value: Option<Value>) {
        locked(&self.state).accounts.set(anchor, [(attribute.to_owned(), value)].into());
    }

    /// Deletes an account behind everybody's back.
    pub fn remove(&self, anchor: &Anchor) {
        locked(&self.state).accounts.remove(anchor);
    }

    /// Every account, visible or not.
    pub fn accounts(&self) -> BTreeMap<Anchor, BTreeMap<String, Value>> {
        locked(&self.state).accounts.all()
    }

    /// The only account with this value, visible or not.
    ///
    /// # Panics
    /// If there are several.
    pub fn account(&self, attribute: &str, value: &str) -> Option<Account> {
        let state = locked(&self.state);
        let mut found = state.accounts.iter().filter(|(_, attributes)| {
            attributes.get(attribute).is_some_and(|held| held.values().iter().any(|held| held == value))
        });
        let account =
            found.next().map(|(anchor, attributes)| Account { anchor: anchor.clone(), attributes: attributes.clone() });
        assert!(found.next().is_none(), "several accounts have this value in {attribute}");
        account
    }

    /// What was received, whether it was carried out or not.
    pub fn received(&self) -> Counts {
        locked(&self.state).received
    }

    /// What was carried out.
    pub fn applied(&self) -> Counts {
        locked(&self.state).applied
    }

    /// Every request received, in order.
    pub fn history(&self) -> Vec<WriteAction> {
        locked(&self.state).history.clone()
    }
}
