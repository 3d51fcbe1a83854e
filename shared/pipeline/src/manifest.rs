//! What every record looked like when the last cycle settled: 33 bytes each, one object.

use crate::{Environment, StepError, paths};
use bytes::Bytes;
use ports::Blobs;
use record::RecordId;
use sha2::{Digest, Sha256};

const MAGIC: &[u8; 8] = b"tenure1\n";
const ENTRY: usize = 33;
const LINKED: u8 = 1;
const MISSING: u8 = 2;
const UNSEEN: u8 = 4;

/// One record in a manifest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Which record.
    pub record: RecordId,
    /// Hash of its content and of the rules; zeros while its last outcome is not final.
    pub content: [u8; 16],
    /// It has an account and is in scope.
    pub linked: bool,
    /// A read that was proven complete did not have it, and none since.
    pub missing: bool,
    /// The last accepted read of everybody did not have it, proven or not.
    pub unseen: bool,
}

impl Entry {
    /// The entry after a read of everybody: somebody is missing only by a read that was proven complete.
    #[must_use]
    pub(crate) fn after_read(self, is_here: bool, is_proven: bool) -> Self {
        Self { missing: !is_here && (self.missing || is_proven), unseen: !is_here, ..self }
    }
}

/// All records of a job, sorted by id.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Manifest {
    entries: Vec<Entry>,
}

impl Manifest {
    /// A manifest of these entries; of two with the same id the last one stays.
    pub fn new(mut entries: Vec<Entry>) -> Self {
        entries.sort_by_key(|entry| entry.record);
        entries.reverse();
        entries.dedup_by_key(|entry| entry.record);
        entries.reverse();
        Self { entries }
    }

    /// The entries in order.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// One record.
    pub fn get(&self, record: RecordId) -> Option<&Entry> {
        let at = self.entries.binary_search_by_key(&record, |entry| entry.record).ok()?;
        Some(&self.entries[at])
    }

    /// Linked, in-scope records.
    pub fn population(&self) -> u64 {
        self.entries.iter().filter(|entry| entry.linked).count() as u64
    }

    /// Its bytes, as stored.
    pub fn encode(&self) -> Bytes {
        let mut bytes = Vec::with_capacity(MAGIC.len() + self.entries.len() * ENTRY);
        bytes.extend_from_slice(MAGIC);
        for entry in &self.entries {
            bytes.extend_from_slice(&entry.record.0);
            bytes.extend_from_slice(&entry.content);
            let flags = [(entry.linked, LINKED), (entry.missing, MISSING), (entry.unseen, UNSEEN)];
            bytes.push(flags.into_iter().filter(|(on, _)| *on).map(|(_, flag)| flag).sum());
        }
        Bytes::from(bytes)
    }

    /// Ids and hashes from their bytes; an error when they are damaged.
    pub fn decode(bytes: &[u8]) -> Result<Self, StepError> {
        let broken = StepError::Broken { what: "a manifest", source: None };
        let Some(body) = bytes.strip_prefix(MAGIC) else { return Err(broken) };
        if body.len() % ENTRY != 0 {
            return Err(broken);
        }
        let mut entries = Vec::with_capacity(body.len() / ENTRY);
        for chunk in body.chunks_exact(ENTRY) {
            let (mut record, mut content) = ([0; 16], [0; 16]);
            record.copy_from_slice(&chunk[..16]);
            content.copy_from_slice(&chunk[16..32]);
            let flags = chunk[32];
            entries.push(Entry {
                record: RecordId(record),
                content,
                linked: flags & LINKED != 0,
                missing: flags & MISSING != 0,
                unseen: flags & UNSEEN != 0,
            });
        }
        Ok(Self { entries })
    }

    /// Reads the manifest at a path; without a path nothing is known yet.
    pub async fn load(env: &impl Environment, path: Option<&str>) -> Result<Self, StepError> {
        let Some(path) = path else { return Ok(Self::default()) };
        let bytes = env.blobs().get(path).await?.ok_or(StepError::Missing { what: "the manifest" })?;
        Self::decode(&bytes)
    }

    /// Stores entries in the order of a read, as one part of it.
    pub(crate) async fn store_at(&self, env: &impl Environment, path: &str) -> Result<(), StepError> {
        env.blobs().put(path, self.encode()).await?;
        Ok(())
    }

    /// Entries kept in the order given, for a part of a read.
    pub(crate) fn part(entries: Vec<Entry>) -> Self {
        Self { entries }
    }

    /// Stores it under its digest and returns the path. The same content has the same path.
    pub async fn store(&self, env: &impl Environment, job: &str) -> Result<String, StepError> {
        let bytes = self.encode();
        let digest = Sha256::digest(&bytes);
        let digest: String = digest.iter().take(16).fold(String::new(), |mut text, byte| {
            use std::fmt::Write;
            let _ = write!(text, "{byte:02x}");
            text
        });
        let path = paths::manifest(job, &digest);
        env.blobs().put(&path, bytes).await?;
        Ok(path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(n: u8) -> Entry {
        Entry {
            record: RecordId([n; 16]),
            content: [n; 16],
            linked: n.is_multiple_of(2),
            missing: n == 3,
            unseen: n > 1,
        }
    }

    #[test]
    fn a_manifest_survives_its_bytes() {
        let manifest = Manifest::new(vec![entry(3), entry(1), entry(2)]);
        assert_eq!(Manifest::decode(&manifest.encode()).unwrap(), manifest);
        assert_eq!(manifest.get(RecordId([2; 16])), Some(&entry(2)));
        assert_eq!(manifest.population(), 1);
    }

    #[test]
    fn a_torn_manifest_is_an_error() {
        let bytes = Manifest::new(vec![entry(1), entry(2)]).encode();
        assert!(Manifest::decode(&bytes[..bytes.len() - 1]).is_err());
        assert!(Manifest::decode(b"").is_err());
    }
}
