//! What waits for a person: a part of a plan that a guard holds, or a read that cannot be trusted.

use super::fields::{Fields, count, json, text};
use crate::StepError;
use planning::Counted;
use ports::{Condition, Field, Item, Key, Table, Write};

/// A hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// Hash of what is held; an approval names it.
    pub hash: String,
    /// The cycle that it belongs to.
    pub cycle: u64,
    /// True for a read, false for a part of a plan.
    pub reading: bool,
    /// Its approval ends the recovery of the job's state.
    pub recovers: bool,
    /// The kinds of changes that are held.
    pub kinds: Vec<Counted>,
    /// How many changes.
    pub changes: u64,
    /// Why, readable.
    pub why: Vec<String>,
}

impl Held {
    /// Where it stands.
    pub fn key(job: &str, hash: &str) -> Key {
        Key::new(format!("JOB#{job}"), format!("HELD#{hash}"))
    }

    /// The write that stores it. The same part planned again replaces the older one.
    pub fn put(&self, job: &str) -> Write {
        let item = Item::from([
            ("hash".to_owned(), text(&self.hash)),
            ("cycle".to_owned(), count(self.cycle)),
            ("reading".to_owned(), Field::Flag(self.reading)),
            ("recovers".to_owned(), Field::Flag(self.recovers)),
            ("kinds".to_owned(), json(&self.kinds)),
            ("changes".to_owned(), count(self.changes)),
            ("why".to_owned(), json(&self.why)),
        ]);
        Write::Put(Self::key(job, &self.hash), item, Condition::Always)
    }

    /// The write that ends the hold; it must still be there.
    pub fn take(&self, job: &str) -> Write {
        Write::Delete(Self::key(job, &self.hash), Condition::Present)
    }

    /// Every hold of a job, at most 1,000.
    pub async fn all(table: &impl Table, job: &str) -> Result<Vec<Self>, StepError> {
        let page = table.query(&format!("JOB#{job}"), "HELD#", None, 1_000).await?;
        page.iter().map(|(_, item)| Self::from_item(item)).collect()
    }

    fn from_item(item: &Item) -> Result<Self, StepError> {
        let fields = Fields::new(item, "a hold");
        Ok(Self {
            hash: fields.text("hash")?.to_owned(),
            cycle: fields.count("cycle")?,
            reading: fields.flag("reading")?,
            recovers: fields.flag("recovers")?,
            kinds: fields.json("kinds")?,
            changes: fields.count("changes")?,
            why: fields.json("why")?,
        })
    }
}
