//! Creates that may have taken effect although no lookup shows them yet: a second create of the same record under another
//! name would make a second account.

use super::fields::{Fields, json};
use super::job::instant;
use crate::StepError;
use jiff::Timestamp;
use ports::{Edit, Field};
use record::RecordId;
use std::collections::BTreeMap;

/// More records than this are not told apart: then every create waits.
const RECORDS_MAX: usize = 25;

/// What a target may hide, kept with its lease.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Hidden {
    /// Until then every create waits: a holder of the lease died.
    pub everybody: Option<Timestamp>,
    /// Creates that were not answered: which piece of work sent each, and until when it may be hidden.
    records: BTreeMap<RecordId, (String, Timestamp)>,
    stored: bool,
}

impl Hidden {
    pub fn from_fields(fields: &Fields<'_>) -> Result<Self, StepError> {
        let everybody = fields.number_if("hidden_until")?.map(instant).transpose()?;
        let listed: Vec<(String, String, i64)> = match fields.text_if("hidden")? {
            None => Vec::new(),
            Some(text) => serde_json::from_str(text).map_err(|error| StepError::misshapen("a lease", &error))?,
        };
        let mut records = BTreeMap::new();
        for (record, piece, until) in listed {
            let record = record.parse().map_err(|error| StepError::broken("a lease", Box::new(error)))?;
            records.insert(record, (piece, instant(until)?));
        }
        let stored = everybody.is_some() || !records.is_empty();
        Ok(Self { everybody, records, stored })
    }

    /// A create of a piece of work was not answered.
    pub fn insert(&mut self, record: RecordId, piece: String, until: Timestamp) {
        self.records.insert(record, (piece, until));
    }

    /// The record has its account.
    pub fn remove(&mut self, record: RecordId) {
        self.records.remove(&record);
    }

    /// Until when a create of this record by this piece of work has to wait. A piece that repeats its own create uses the
    /// same name, and the target refuses that by itself.
    pub fn until(&self, record: RecordId, piece: &str, now: Timestamp) -> Option<Timestamp> {
        let by_another = self.records.get(&record).filter(|(by, _)| by != piece).map(|(_, until)| *until);
        by_another.max(self.everybody).filter(|until| *until > now)
    }

    /// What is stored of it with the lease.
    pub fn edits(&self, now: Timestamp) -> Vec<Edit> {
        let records: Vec<_> = self.records.iter().filter(|(_, (_, until))| *until > now).collect();
        let latest = records.iter().map(|(_, (_, until))| *until).max();
        let everybody = if records.len() > RECORDS_MAX { self.everybody.max(latest) } else { self.everybody };
        let everybody = everybody.filter(|until| *until > now);
        let mut edits = Vec::new();
        match everybody {
            Some(until) => edits.push(Edit::Set("hidden_until", Field::Number(until.as_millisecond()))),
            None if self.stored || self.everybody.is_some() => edits.push(Edit::Remove("hidden_until")),
            None => {}
        }
        if records.is_empty() || records.len() > RECORDS_MAX {
            if self.stored || !self.records.is_empty() {
                edits.push(Edit::Remove("hidden"));
            }
        } else {
            let listed: Vec<_> = records
                .into_iter()
                .map(|(record, (piece, until))| (record.to_string(), piece.clone(), until.as_millisecond()))
                .collect();
            edits.push(Edit::Set("hidden", json(&listed)));
        }
        edits
    }
}
