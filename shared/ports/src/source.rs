//! Where records come from.

use crate::PortError;
use record::{Record, RecordKey};
use serde::{Deserialize, Serialize};
use std::future::Future;

/// What a read is to deliver.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reading {
    /// Everybody.
    Full,
    /// Who changed since the watermark of an earlier page; the text is opaque to all but the source.
    Since(String),
}

/// Where in the source something stands, fit for a log: a file's name, a line, a column, never a value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// File, table or page, as the operator configured it.
    pub within: String,
    /// Line or row, counted from 1.
    pub line: u64,
    /// The name of the attribute or column, where one is to blame.
    pub attribute: Option<String>,
}

/// A record that could not be read. The others of its page are not touched by it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rejected {
    /// Where it stands.
    pub place: Place,
    /// Its key, if that much could be read.
    pub key: Option<RecordKey>,
    /// What is wrong and what to do, without any value.
    pub reason: String,
}

/// Whether a read is known to have delivered everybody. Only the last page knows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "kebab-case")]
pub enum Completeness {
    /// The source itself says how many there are, and that many came (`by`: `trailer`, `row count`, `pages`).
    Proven {
        /// What proves it.
        by: String,
    },
    /// Nothing is wrong, but nothing proves it either; the volume is to be compared with the last accepted read.
    Unproven,
    /// The read is visibly incomplete or broken; nothing of it is used until a person releases it.
    Broken {
        /// What is wrong and what to do.
        reason: String,
        /// Where.
        place: Place,
    },
    /// A delta: it never says anything about who is not in it.
    Delta,
}

/// One page of a read.
#[derive(Clone, Debug, Default)]
pub struct Page {
    /// The records, in the source's order.
    pub records: Vec<Record>,
    /// What could not be read.
    pub rejected: Vec<Rejected>,
    /// Rows seen on this page, good or bad.
    pub rows: u64,
    /// How to get the next page, `None` on the last one. Opaque, at most 4 KiB, safe to store, without personal data.
    pub next: Option<String>,
    /// Said on the last page only.
    pub completeness: Option<Completeness>,
    /// Where the next incremental read starts; said on the last page only.
    pub watermark: Option<String>,
    /// A digest of the structure (the header of a file): another one than last time makes the read suspicious.
    pub structure: Option<String>,
}

/// A connector that is read.
pub trait Source: Send + Sync {
    /// The first page (`cursor` is `None`) or the one that the cursor of the page before names.
    ///
    /// All pages of one read show the same state of the source; if that is no longer possible (the file was replaced
    /// half-way), the call fails as [`PortError::Conflict`] and the read starts anew.
    fn read(&self, reading: &Reading, cursor: Option<&str>) -> impl Future<Output = Result<Page, PortError>> + Send;

    /// One record by its key, `None` if the source does not have it. Repeated keys are an error of the record.
    fn read_one(&self, key: &RecordKey) -> impl Future<Output = Result<Page, PortError>> + Send;
}
