//! A planned batch, and released work waiting for a target's writer.

use super::fields::{Fields, count, json, text};
use super::job::instant;
use crate::StepError;
use crate::blob::Phase;
use jiff::Timestamp;
use planning::{Census, Counted};
use ports::{Condition, Field, Item, Key, Table};
use record::RecordId;

/// A batch that is planned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// The batch's number within its cycle.
    pub batch: u64,
    /// What its plan amounts to.
    pub census: Census,
    /// Records in it.
    pub records: u64,
    /// Records that need nothing.
    pub unchanged: u64,
    /// Records that could not be decided.
    pub escrowed: u64,
}

impl Header {
    fn partition(job: &str, cycle: u64) -> String {
        format!("JOB#{job}#CYCLE#{cycle:010}")
    }

    /// Stores it; planned twice, it is the same.
    pub async fn put(&self, table: &impl Table, job: &str, cycle: u64) -> Result<(), StepError> {
        let key = Key::new(Self::partition(job, cycle), format!("BATCH#{:06}", self.batch));
        let item = Item::from([
            ("census".to_owned(), json(&self.census)),
            ("records".to_owned(), count(self.records)),
            ("unchanged".to_owned(), count(self.unchanged)),
            ("escrowed".to_owned(), count(self.escrowed)),
        ]);
        Ok(table.put(&key, item, Condition::Always).await?)
    }
}

/// All batches of a cycle that are planned, in order.
pub async fn headers(table: &impl Table, job: &str, cycle: u64) -> Result<Vec<Header>, StepError> {
    let mut headers: Vec<Header> = Vec::new();
    let mut after: Option<String> = None;
    loop {
        let page = table.query(&Header::partition(job, cycle), "BATCH#", after.as_deref(), 500).await?;
        let Some((last, _)) = page.last() else { return Ok(headers) };
        after = Some(last.sort.clone());
        for (key, item) in &page {
            let fields = Fields::new(item, "a batch");
            headers.push(Header {
                batch: key
                    .sort
                    .trim_start_matches("BATCH#")
                    .parse()
                    .map_err(|error| StepError::broken("a batch's key", error))?,
                census: fields.json("census")?,
                records: fields.count("records")?,
                unchanged: fields.count("unchanged")?,
                escrowed: fields.count("escrowed")?,
            });
        }
    }
}

/// The partition of a target's ready work. It holds what is still to be done and nothing else.
pub fn ready_partition(target: &str) -> String {
    format!("READY#{target}")
}

/// One piece of released work for a target's writer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ready {
    /// 0 before all others (single hires, leavers of on-demand cycles), 1 batches with leavers, 2 the rest, 3 references.
    pub priority: u8,
    /// The job.
    pub job: String,
    /// The cycle.
    pub cycle: u64,
    /// The batch.
    pub batch: u64,
    /// What is to be written of it.
    pub phase: Phase,
    /// Kinds of changes that are not to be written (or, after an approval, the only ones that are).
    pub kinds: Vec<Counted>,
    /// True after an approval: `kinds` are what is to be written.
    pub approved: bool,
    /// The record of a cycle of one record: other work on it waits.
    pub only: Option<RecordId>,
    /// How often it was tried.
    pub attempts: u32,
    /// Not before this.
    pub not_before: Timestamp,
}

impl Ready {
    /// Where it stands.
    pub fn key(&self, target: &str) -> Key {
        let approved = if self.approved { "A" } else { "R" };
        let sort = format!(
            "{}#{:010}#{}#{:06}#{}#{approved}",
            self.priority,
            self.cycle,
            self.job,
            self.batch,
            self.phase.name()
        );
        Key::new(ready_partition(target), sort)
    }

    /// The item.
    pub fn item(&self) -> Item {
        let mut item = Item::from([
            ("priority".to_owned(), count(u64::from(self.priority))),
            ("job".to_owned(), text(&self.job)),
            ("cycle".to_owned(), count(self.cycle)),
            ("batch".to_owned(), count(self.batch)),
            ("phase".to_owned(), text(self.phase.name())),
            ("kinds".to_owned(), json(&self.kinds)),
            ("approved".to_owned(), Field::Flag(self.approved)),
            ("attempts".to_owned(), count(u64::from(self.attempts))),
            ("not_before".to_owned(), Field::Number(self.not_before.as_millisecond())),
        ]);
        item.extend(self.only.map(|record| ("only".to_owned(), text(record.to_string()))));
        item
    }

    fn from_item(item: &Item) -> Result<Self, StepError> {
        let fields = Fields::new(item, "ready work");
        Ok(Self {
            priority: u8::try_from(fields.count("priority")?).unwrap_or(u8::MAX),
            job: fields.text("job")?.to_owned(),
            cycle: fields.count("cycle")?,
            batch: fields.count("batch")?,
            phase: Phase::parse(fields.text("phase")?)?,
            kinds: fields.json("kinds")?,
            approved: fields.flag("approved")?,
            only: fields
                .text_if("only")?
                .map(str::parse)
                .transpose()
                .map_err(|error| StepError::broken("ready work", Box::new(error)))?,
            attempts: u32::try_from(fields.count("attempts")?).unwrap_or(u32::MAX),
            not_before: instant(fields.number("not_before")?)?,
        })
    }

    /// The most urgent work of a target, whether or not its time has come.
    pub async fn first(table: &impl Table, target: &str, limit: usize) -> Result<Vec<Self>, StepError> {
        let page = table.query(&ready_partition(target), "", None, limit).await?;
        page.iter().map(|(_, item)| Self::from_item(item)).collect()
    }

    /// Work that goes before all others, whose time has come.
    pub async fn urgent(table: &impl Table, target: &str, now: Timestamp) -> Result<Option<Self>, StepError> {
        let page = table.query(&ready_partition(target), "0#", None, 20).await?;
        for (_, item) in &page {
            let ready = Self::from_item(item)?;
            if ready.not_before <= now {
                return Ok(Some(ready));
            }
        }
        Ok(None)
    }
}
