//! The open set: records whose last outcome is not final. Every cycle adds those whose time has come to its input.

use super::fields::{Fields, count, json, text};
use crate::StepError;
use planning::{Read, Reason};
use ports::{Condition, Field, Item, Key, PortError, Table};
use record::RecordId;
use std::collections::BTreeMap;

/// One record of the open set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenRecord {
    /// Which record.
    pub record: RecordId,
    /// Hash of the content that the outcome belongs to: other content is always looked at.
    pub content: [u8; 16],
    /// Why it is open.
    pub reason: Reason,
    /// The cycle that left it open.
    pub cycle: u64,
    /// The batch within that cycle.
    pub batch: u64,
    /// When the record was read from the source.
    pub read_in: Read,
    /// Path of the records that the batch was cut from: the record as the source stated it.
    pub records: String,
    /// How often in a row it stayed open for this reason.
    pub attempts: u32,
    /// When to look again, in seconds since 1970; `None`: only when something changes.
    pub due: Option<i64>,
}

impl OpenRecord {
    fn partition(job: &str) -> String {
        format!("JOB#{job}#OPEN")
    }

    fn key(job: &str, record: RecordId) -> Key {
        Key::new(Self::partition(job), record.to_string())
    }

    /// The record that this one waits for.
    pub fn awaits(&self) -> Option<RecordId> {
        match &self.reason {
            Reason::ReferencePending { to, .. } => Some(*to),
            _ => None,
        }
    }

    /// True for a record whose account is ahead of the manifest: only a read of everybody ends that.
    pub fn is_ahead(&self) -> bool {
        self.reason == Reason::Ahead
    }

    /// Stores it unless a later cycle has said something about the record.
    pub async fn put(&self, table: &impl Table, job: &str) -> Result<(), StepError> {
        let mut item = Item::from([
            ("content".to_owned(), Field::Bytes(self.content.to_vec())),
            ("reason".to_owned(), json(&self.reason)),
            ("cycle".to_owned(), count(self.cycle)),
            ("batch".to_owned(), count(self.batch)),
            ("read".to_owned(), count(self.read_in.from)),
            ("seen".to_owned(), count(self.read_in.until)),
            ("records".to_owned(), text(&self.records)),
            ("attempts".to_owned(), count(u64::from(self.attempts))),
        ]);
        if let Some(due) = self.due {
            item.insert("due".to_owned(), Field::Number(due));
        }
        Self::not_later(table.put(&Self::key(job, self.record), item, self.older(self.cycle)).await)
    }

    /// Takes a record out of the open set unless a later cycle than `cycle` put it there.
    pub async fn close(table: &impl Table, job: &str, record: RecordId, cycle: u64) -> Result<(), StepError> {
        let at_most = Condition::AtMost("cycle", i64::try_from(cycle).unwrap_or(i64::MAX));
        Self::not_later(table.delete(&Self::key(job, record), at_most).await)
    }

    #[expect(clippy::unused_self, reason = "reads as a property of the record that is stored")]
    fn older(&self, cycle: u64) -> Condition {
        let at_most = Condition::AtMost("cycle", i64::try_from(cycle).unwrap_or(i64::MAX));
        Condition::Any(vec![Condition::Absent, at_most])
    }

    fn not_later(result: Result<(), PortError>) -> Result<(), StepError> {
        match result {
            Ok(()) | Err(PortError::Conflict { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

/// The whole open set of a job.
pub async fn open_set(table: &impl Table, job: &str) -> Result<BTreeMap<RecordId, OpenRecord>, StepError> {
    let mut open = BTreeMap::new();
    let mut after: Option<String> = None;
    loop {
        let page = table.query(&OpenRecord::partition(job), "", after.as_deref(), 1_000).await?;
        let Some((last, _)) = page.last() else { return Ok(open) };
        after = Some(last.sort.clone());
        for (key, item) in &page {
            let record = key.sort.parse().map_err(|error| StepError::broken("the open set", Box::new(error)))?;
            let fields = Fields::new(item, "the open set");
            let broken = || StepError::Broken { what: "the open set", source: None };
            let reason = serde_json::from_str(fields.text("reason")?)
                .map_err(|error| StepError::misshapen("the open set", &error))?;
            let one = OpenRecord {
                record,
                content: fields.bytes("content")?.try_into().map_err(|_| broken())?,
                reason,
                cycle: fields.count("cycle")?,
                batch: fields.count("batch")?,
                read_in: Read { from: fields.count("read")?, until: fields.count("seen")? },
                records: fields.text("records")?.to_owned(),
                attempts: u32::try_from(fields.count("attempts")?).unwrap_or(u32::MAX),
                due: fields.number_if("due")?,
            };
            open.insert(record, one);
        }
    }
}
