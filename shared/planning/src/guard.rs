//! Limits on what one plan may do, judged on the whole plan before its first write.

use crate::change::Plan;
use crate::rules::{Counted, Guards, Limit};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// How many changes of each kind there are. A change counts for each kind that fits it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Vec<(Counted, u64)>", into = "Vec<(Counted, u64)>")]
pub struct Census(BTreeMap<Counted, u64>);

impl From<Vec<(Counted, u64)>> for Census {
    fn from(counts: Vec<(Counted, u64)>) -> Self {
        Self(counts.into_iter().collect())
    }
}

impl From<Census> for Vec<(Counted, u64)> {
    fn from(census: Census) -> Self {
        census.0.into_iter().collect()
    }
}

impl Census {
    /// Counts a plan.
    pub fn of(plan: &Plan) -> Self {
        let mut census = Self::default();
        for counted in plan.changes().flat_map(|(_, change)| change.counts_as()) {
            *census.0.entry(counted).or_default() += 1;
        }
        census
    }

    /// Adds another census.
    pub fn add(&mut self, other: &Self) {
        other.0.iter().for_each(|(counted, count)| *self.0.entry(counted.clone()).or_default() += count);
    }

    /// How many there are of one kind.
    pub fn count(&self, counted: &Counted) -> u64 {
        self.0.get(counted).copied().unwrap_or(0)
    }

    /// All kinds that occur.
    pub fn iter(&self) -> impl Iterator<Item = (&Counted, u64)> {
        self.0.iter().map(|(counted, count)| (counted, *count))
    }

    /// True when there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The same census without what is held.
    #[must_use]
    pub fn without(&self, held: &[Counted]) -> Self {
        Self(self.0.iter().filter(|(counted, _)| !held.contains(counted)).map(|(c, n)| (c.clone(), *n)).collect())
    }
}

impl fmt::Display for Counted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Create => f.write_str("creates"),
            Self::Update => f.write_str("updates"),
            Self::Disable => f.write_str("disables"),
            Self::Enable => f.write_str("enables"),
            Self::Delete => f.write_str("deletes"),
            Self::Adopt => f.write_str("accounts taken over"),
            Self::Clear => f.write_str("accounts with a cleared attribute"),
            Self::Attribute(name) => write!(f, "changes of {name}"),
        }
    }
}

/// A limit that the plan breaks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Breach {
    /// What there is too much of.
    pub counted: Counted,
    /// How many the plan has.
    pub planned: u64,
    /// The broken limit, readable.
    pub limit: String,
}

impl fmt::Display for Breach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}, {}", self.planned, self.counted, self.limit)
    }
}

/// What of a plan may go ahead.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Judgement {
    /// Broken limits: every change that counts for one of them is held, the rest is released.
    pub breaches: Vec<Breach>,
}

impl Judgement {
    /// The kinds that are held.
    pub fn held(&self) -> Vec<Counted> {
        let mut held: Vec<Counted> = self.breaches.iter().map(|breach| breach.counted.clone()).collect();
        held.dedup();
        held
    }
}

impl Guards {
    /// The part of a census on which a limit of 24 hours is set: only that is kept from plan to plan.
    #[must_use]
    pub fn by_day(&self, census: &Census) -> Census {
        let limited =
            |counted: &Counted| self.limits.iter().any(|limit| limit.counted == *counted && limit.per_day.is_some());
        Census(census.0.iter().filter(|(counted, _)| limited(counted)).map(|(c, n)| (c.clone(), *n)).collect())
    }
}

/// Judges a whole plan. `population` is the number of linked, in-scope records as of the last manifest; unknown, every
/// limit in percent holds what is over its `at_least`. `spent` is what the last 24 hours did already.
pub fn judge(census: &Census, population: Option<u64>, spent: &Census, limits: &[Limit]) -> Judgement {
    let breaches = limits.iter().filter_map(|limit| breach(census, population, spent, limit)).collect();
    Judgement { breaches }
}

fn breach(census: &Census, population: Option<u64>, spent: &Census, limit: &Limit) -> Option<Breach> {
    let planned = census.count(&limit.counted);
    if planned == 0 {
        return None;
    }
    let broken = |text: String| Some(Breach { counted: limit.counted.clone(), planned, limit: text });
    if let Some(count) = limit.count.filter(|count| planned > *count) {
        return broken(format!("at most {count} are allowed in one plan"));
    }
    if let Some(percent) = limit.percent.filter(|_| planned > limit.at_least) {
        let Some(population) = population else {
            return broken(format!("more than {} while the population is not known yet", limit.at_least));
        };
        #[expect(clippy::cast_precision_loss, reason = "populations are far below 2^52")]
        let share = planned as f64 * 100.0 > percent * population as f64;
        if share {
            return broken(format!("at most {percent} % of {population} are allowed (and {} always)", limit.at_least));
        }
    }
    let day = spent.count(&limit.counted);
    if let Some(per_day) = limit.per_day.filter(|per_day| day + planned > *per_day) {
        return broken(format!("{day} in the last 24 hours, at most {per_day} are allowed"));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn disables(count: u64) -> Census {
        Census::from(vec![(Counted::Disable, count)])
    }

    fn limit(count: Option<u64>, percent: Option<f64>, at_least: u64, per_day: Option<u64>) -> Vec<Limit> {
        vec![Limit { counted: Counted::Disable, count, percent, at_least, per_day, line: 1 }]
    }

    #[test]
    fn a_limit_is_what_is_still_allowed() {
        let limits = limit(Some(10), None, 0, None);
        assert!(judge(&disables(10), Some(100), &Census::default(), &limits).breaches.is_empty());
        assert_eq!(judge(&disables(11), Some(100), &Census::default(), &limits).held(), [Counted::Disable]);
    }

    #[test]
    fn percent_is_not_looked_at_in_a_small_company() {
        let limits = limit(None, Some(5.0), 5, None);
        assert!(judge(&disables(5), Some(20), &Census::default(), &limits).breaches.is_empty());
        assert!(!judge(&disables(6), Some(20), &Census::default(), &limits).breaches.is_empty());
        assert!(judge(&disables(6), Some(120), &Census::default(), &limits).breaches.is_empty());
    }

    #[test]
    fn an_unknown_population_holds() {
        let limits = limit(None, Some(5.0), 5, None);
        assert!(!judge(&disables(6), None, &Census::default(), &limits).breaches.is_empty());
    }

    #[test]
    fn a_slow_drip_ends_at_the_budget_of_the_day() {
        let limits = limit(None, None, 0, Some(20));
        assert!(judge(&disables(2), Some(1000), &disables(18), &limits).breaches.is_empty());
        assert!(!judge(&disables(3), Some(1000), &disables(18), &limits).breaches.is_empty());
    }

    #[test]
    fn other_kinds_are_released() {
        let limits = limit(Some(0), None, 0, None);
        let mut census = disables(1);
        census.add(&Census::from(vec![(Counted::Create, 7)]));
        let judgement = judge(&census, Some(10), &Census::default(), &limits);
        assert_eq!(census.without(&judgement.held()).count(&Counted::Create), 7);
        assert_eq!(census.without(&judgement.held()).count(&Counted::Disable), 0);
    }
}
