//! What a job did in the last 24 hours, in buckets of an hour: a slow drip is caught too.

use super::fields::{Fields, count, json};
use crate::StepError;
use jiff::Timestamp;
use planning::Census;
use ports::{Condition, Item, Key, Table, Write};
use std::collections::BTreeMap;

/// The one budget item of a job.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Budget {
    version: u64,
    hours: BTreeMap<i64, Census>,
}

impl Budget {
    fn key(job: &str) -> Key {
        Key::new(format!("JOB#{job}"), "BUDGET")
    }

    /// Reads it.
    pub async fn get(table: &impl Table, job: &str) -> Result<Self, StepError> {
        let Some(item) = table.get(&Self::key(job)).await? else { return Ok(Self::default()) };
        let fields = Fields::new(&item, "a budget");
        Ok(Self { version: fields.count("version")?, hours: fields.json("hours")? })
    }

    /// What was released in the 24 hours before `now`.
    pub fn spent(&self, now: Timestamp) -> Census {
        let mut spent = Census::default();
        self.hours.range(hour(now) - 23..).for_each(|(_, census)| spent.add(census));
        spent
    }

    /// The write that adds what is released now. Conflict: another plan was judged in the meantime; judge again.
    /// `census` is of the kinds that have a limit of 24 hours.
    pub fn spend(&self, job: &str, now: Timestamp, census: &Census) -> Write {
        let hour = hour(now);
        let mut hours: BTreeMap<i64, Census> = self.hours.range(hour - 23..).map(|(at, c)| (*at, c.clone())).collect();
        hours.entry(hour).or_default().add(census);
        let item = Item::from([("version".to_owned(), count(self.version + 1)), ("hours".to_owned(), json(&hours))]);
        let unmoved =
            if self.version == 0 { Condition::Absent } else { Condition::Equals("version", count(self.version)) };
        Write::Put(Self::key(job), item, unmoved)
    }
}

fn hour(now: Timestamp) -> i64 {
    now.as_second().div_euclid(3600)
}
