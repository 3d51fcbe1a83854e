//! Which accounts that are there already a plan would link to records, and where it does not guess.

use planning::{Plan, Reason, Verdict};
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt;

/// Counts of a plan.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct Links {
    /// Accounts that would be taken over, by the matching attribute that found them.
    found_by: BTreeMap<String, usize>,
    /// Records that several accounts match.
    several: usize,
    /// Records whose account another record has.
    claimed: usize,
    /// Records without a value to match by.
    nothing_to_match: usize,
}

impl Links {
    /// Counts the decisions of all batches.
    pub(super) fn of(plans: &[Plan]) -> Self {
        let mut links = Self::default();
        for decision in plans.iter().flat_map(|plan| &plan.decisions) {
            match &decision.verdict {
                Verdict::Change(change) if change.adopts => {
                    let by = change.matched_by.clone().unwrap_or_default();
                    *links.found_by.entry(by).or_default() += 1;
                }
                Verdict::Escrow(Reason::SeveralAccounts { .. }) => links.several += 1,
                Verdict::Escrow(Reason::AccountClaimed { .. }) => links.claimed += 1,
                Verdict::Escrow(Reason::NothingToMatch) => links.nothing_to_match += 1,
                _ => {}
            }
        }
        links
    }

    /// True when there is nothing to tell.
    pub(super) fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl fmt::Display for Links {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let found: Vec<String> = self.found_by.iter().map(|(by, count)| format!("{count} by {by}")).collect();
        let all: usize = self.found_by.values().sum();
        write!(f, "links: {all} existing accounts would be taken over")?;
        if !found.is_empty() {
            write!(f, " ({})", found.join(", "))?;
        }
        for (count, what) in [
            (self.several, "with several candidates"),
            (self.claimed, "whose account another record has"),
            (self.nothing_to_match, "without a value to match by"),
        ] {
            if count > 0 {
                write!(f, ", {count} records {what}")?;
            }
        }
        Ok(())
    }
}
