//! Large immutable objects: compressed JSON under fixed paths; the first writer wins.

use crate::{Environment, StepError};
use bytes::Bytes;
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use jiff::Timestamp;
use planning::{Read as ReadAt, Reason};
use ports::{Blobs, Put, Rejected};
use record::{Anchor, RecordId};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::io::{Read, Write};

/// The largest object that is unpacked: a batch has at most 1,000 records.
const UNPACKED_MAX: u64 = 256 << 20;

/// Where objects stand.
pub mod paths {
    use super::Phase;

    /// Everything that one attempt at a cycle made.
    pub fn cycle(job: &str, cycle: u64, token: &str) -> String {
        format!("jobs/{job}/cycles/{cycle:010}/{token}")
    }

    /// What one part of a read delivered, in numbers.
    pub fn reading(base: &str) -> String {
        format!("{base}/reading.json.gz")
    }

    /// Ids and hashes of one part of a read.
    pub fn entries(base: &str, part: u32) -> String {
        format!("{base}/entries-{part:04}")
    }

    /// The records of a batch as the source stated them.
    pub fn records(base: &str, batch: u64) -> String {
        format!("{base}/{batch:06}/records.json.gz")
    }

    /// What a batch was decided on.
    pub fn inputs(base: &str, batch: u64) -> String {
        format!("{base}/{batch:06}/inputs.json.gz")
    }

    /// What was decided.
    pub fn plan(base: &str, batch: u64) -> String {
        format!("{base}/{batch:06}/plan.json.gz")
    }

    /// What came of it.
    pub fn outcomes(base: &str, batch: u64, phase: Phase, approved: bool, attempt: u32) -> String {
        let approved = if approved { "-approved" } else { "" };
        format!("{base}/{batch:06}/outcomes-{}{approved}-{attempt:03}.json.gz", phase.name())
    }

    /// Accounts of the target by matching values, for a cycle with many unknown records.
    pub fn index(base: &str) -> String {
        format!("{base}/index.json.gz")
    }

    /// A manifest.
    pub fn manifest(job: &str, digest: &str) -> String {
        format!("jobs/{job}/manifests/{digest}")
    }
}

/// Which half of a batch is written: accounts first, references once both sides exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    /// Accounts and their attributes.
    Accounts,
    /// References to other accounts.
    References,
}

impl Phase {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Accounts => "accounts",
            Self::References => "references",
        }
    }

    pub(crate) fn parse(name: &str) -> Result<Self, StepError> {
        match name {
            "accounts" => Ok(Self::Accounts),
            "references" => Ok(Self::References),
            _ => Err(StepError::Broken { what: "a phase", source: None }),
        }
    }
}

/// A read in numbers.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a fact of its own about a read, under its own name in the store"
)]
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reading {
    /// Parts of the read: how many objects with ids and hashes there are.
    pub parts: u32,
    /// Rows seen.
    pub rows: u64,
    /// Different keys among them: what the next read's volume is compared with, so that a doubled file is no measure.
    #[serde(default)]
    pub keys: u64,
    /// Rows that could not be read, the first 1,000 of them.
    pub rejected: Vec<Rejected>,
    /// How many there are in all.
    pub rejected_count: u64,
    /// Records whose row could not be read: present, but nothing is known about them.
    pub unreadable: Vec<RecordId>,
    /// Keys that stand there several times with different content, and how often.
    pub repeated: BTreeMap<RecordId, usize>,
    /// Records of the open set that came with it, and when each was read from the source.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub read_in: BTreeMap<RecordId, ReadAt>,
    /// The newest number of any cycle after the last page; 0 where nothing was read.
    #[serde(default)]
    pub until: u64,
    /// The read was of everybody, so that absence can be told.
    pub full: bool,
    /// The job's state is not to be trusted: what links say is compared with the accounts.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub distrusts: bool,
    /// Older work on what was read may still be under way.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub contested: bool,
    /// The read is good enough to say who is missing: it was proven complete, and nobody had to release it.
    #[serde(default)]
    pub proven: bool,
    /// Where the next incremental read starts.
    pub watermark: Option<String>,
    /// Digest of the structure.
    pub structure: Option<String>,
}

/// What came of one try at one batch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcomes {
    /// When.
    pub at: Timestamp,
    /// One for each change that is final after this try.
    pub records: Vec<Outcome>,
}

/// What came of one change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// Which record.
    pub record: RecordId,
    /// The account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub anchor: Option<Anchor>,
    /// `None`: done. Otherwise why not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
}

/// An object with its raw size, as stored.
pub struct Stored;

impl Stored {
    fn pack(value: &impl Serialize) -> Bytes {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        serde_json::to_writer(&mut encoder, value).expect("plain data, written to memory");
        encoder.flush().expect("written to memory");
        Bytes::from(encoder.finish().expect("written to memory"))
    }

    fn unpack<T: DeserializeOwned>(bytes: &[u8], what: &'static str) -> Result<T, StepError> {
        let mut text = Vec::new();
        GzDecoder::new(bytes)
            .take(UNPACKED_MAX)
            .read_to_end(&mut text)
            .map_err(|error| StepError::broken(what, error))?;
        serde_json::from_slice(&text).map_err(|error| StepError::misshapen(what, &error))
    }

    /// Stores a value unless something stands there already.
    pub async fn put(env: &impl Environment, path: &str, value: &impl Serialize) -> Result<Put, StepError> {
        Ok(env.blobs().put(path, Self::pack(value)).await?)
    }

    /// Stores a value, or takes what an earlier run stored: either way what is returned is what everybody sees.
    pub async fn put_or_get<T: Serialize + DeserializeOwned>(
        env: &impl Environment,
        path: &str,
        value: T,
        what: &'static str,
    ) -> Result<T, StepError> {
        match Self::put(env, path, &value).await? {
            Put::Created => Ok(value),
            Put::Exists => Self::get(env, path, what).await,
        }
    }

    /// Reads a value that must be there.
    pub async fn get<T: DeserializeOwned>(
        env: &impl Environment,
        path: &str,
        what: &'static str,
    ) -> Result<T, StepError> {
        Self::find(env, path, what).await?.ok_or(StepError::Missing { what })
    }

    /// Reads a value that may have expired.
    pub async fn find<T: DeserializeOwned>(
        env: &impl Environment,
        path: &str,
        what: &'static str,
    ) -> Result<Option<T>, StepError> {
        env.blobs().get(path).await?.map(|bytes| Self::unpack(&bytes, what)).transpose()
    }
}
