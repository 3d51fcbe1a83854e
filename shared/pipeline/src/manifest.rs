//! What every record looked like when the last cycle settled: 33 bytes each, one object.

use crate::state::JobState;
use crate::{Environment, StepError, paths};
use bytes::Bytes;
use ports::{Blobs, Put};
use record::RecordId;
use sha2::{Digest, Sha256};

const MAGIC: &[u8; 8] = b"tenure1\n";
/// A whole manifest: then its seal, who made it, and the entries as in a part.
const SEALED: &[u8; 8] = b"tenure2\n";
const SEAL: usize = 16;
/// Who made it: the cycle's number and seed, and the token of the read.
const MAKER: usize = 36;
const ATTEMPT: usize = 24;
/// One cycle that dies between a manifest and its switch may leave so many behind.
const ATTEMPTS_MAX: u32 = 100;
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

    /// Its bytes for one path: whatever stands elsewhere, or is torn, does not open.
    pub fn sealed(&self, path: &str, by: &Maker) -> Bytes {
        let entries = self.encode();
        let mut bytes = Vec::with_capacity(SEALED.len() + SEAL + MAKER + entries.len());
        bytes.extend_from_slice(SEALED);
        bytes.extend_from_slice(&[0; SEAL]);
        bytes.extend_from_slice(&by.0);
        bytes.extend_from_slice(&entries);
        let seal = seal(path, &bytes[SEALED.len() + SEAL..]);
        bytes[SEALED.len()..SEALED.len() + SEAL].copy_from_slice(&seal);
        Bytes::from(bytes)
    }

    /// A manifest from the bytes that stand at a path; an error when they are damaged or belong elsewhere.
    pub fn unseal(path: &str, bytes: &[u8]) -> Result<Self, StepError> {
        let broken = || StepError::Broken { what: "a manifest", source: None };
        let body = bytes.strip_prefix(SEALED).ok_or_else(broken)?;
        let (stated, body) = body.split_at_checked(SEAL).ok_or_else(broken)?;
        if stated != seal(path, body) {
            return Err(broken());
        }
        Self::decode(body.get(MAKER..).ok_or_else(broken)?)
    }

    /// Reads the manifest at a path; without a path nothing is known yet.
    pub async fn load(env: &impl Environment, path: Option<&str>) -> Result<Self, StepError> {
        let Some(path) = path else { return Ok(Self::default()) };
        let bytes = env.blobs().get(path).await?.ok_or(StepError::Missing { what: "the manifest" })?;
        Self::unseal(path, &bytes)
    }

    /// Reads the manifest of a job; `None` when what it names cannot be trusted.
    pub(crate) async fn of_job(
        env: &impl Environment,
        job: &str,
        path: Option<&str>,
    ) -> Result<Option<Self>, StepError> {
        if path.is_some_and(|path| !path.starts_with(&paths::manifest(job, ""))) {
            return Ok(None);
        }
        match Self::load(env, path).await {
            Ok(manifest) => Ok(Some(manifest)),
            Err(StepError::Missing { .. } | StepError::Broken { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Whether a first manifest of the job was ever stored.
    pub(crate) async fn ever(env: &impl Environment, job: &str) -> Result<bool, StepError> {
        Ok(env.blobs().get(&path_after(job, "", 0)).await?.is_some())
    }

    /// Reads one part of a read.
    pub(crate) async fn load_part(env: &impl Environment, path: &str) -> Result<Self, StepError> {
        let bytes = env.blobs().get(path).await?.ok_or(StepError::Missing { what: "a part of a read" })?;
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

    /// Stores it where the job's next manifest belongs, which the last one's path says. The chain has one end: what a
    /// cycle finds there that neither it nor an earlier try of it has made, was made from a state that this one does not know.
    pub(crate) async fn store(
        &self,
        env: &impl Environment,
        job: &str,
        state: &JobState,
        by: &Maker,
    ) -> Result<Placed, StepError> {
        let before = state.manifest.as_deref().or(state.root.as_deref()).unwrap_or("");
        let mut again = false;
        for attempt in 0..ATTEMPTS_MAX {
            let path = path_after(job, before, attempt);
            let bytes = self.sealed(&path, by);
            if env.blobs().put(&path, bytes.clone()).await? == Put::Created {
                return Ok(if again { Placed::Again(path) } else { Placed::New(path) });
            }
            let stands = env.blobs().get(&path).await?.ok_or(StepError::Missing { what: "a manifest" })?;
            let went_on = env.blobs().get(&path_after(job, &path, 0)).await?.is_some();
            if went_on || !by.may_have_left(&stands) {
                return Ok(Placed::Forked);
            }
            if stands == bytes {
                return Ok(Placed::Again(path));
            }
            again |= Maker::of(&stands) == Some(by.0);
        }
        Err(StepError::Endless { what: "storing a manifest", continuations: ATTEMPTS_MAX })
    }
}

/// Who makes a manifest. The seed is drawn anew for each cycle and the token for each read, so that equal numbers of two
/// histories are told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Maker([u8; MAKER]);

impl Maker {
    /// A cycle; without a token, one whose read found nothing to do.
    pub fn new(number: u64, seed: &[u8; 16], token: Option<&str>) -> Self {
        let mut maker = [0; MAKER];
        maker[..8].copy_from_slice(&number.to_be_bytes());
        maker[8..ATTEMPT].copy_from_slice(seed);
        let token = token.unwrap_or_default().bytes();
        maker[ATTEMPT..].iter_mut().zip(token).for_each(|(byte, of)| *byte = of);
        Self(maker)
    }

    /// The maker of a sealed manifest.
    pub fn of_sealed(bytes: &[u8]) -> Option<Self> {
        Self::of(bytes).map(Self)
    }

    fn of(bytes: &[u8]) -> Option<[u8; MAKER]> {
        bytes.get(SEALED.len() + SEAL..)?.first_chunk().copied()
    }

    /// Whether a manifest may come of an earlier try of the same cycle: of the same work, or of a read that found none.
    fn may_have_left(&self, bytes: &[u8]) -> bool {
        Self::of(bytes).is_some_and(|other| {
            other == self.0 || (other[..ATTEMPT] == self.0[..ATTEMPT] && other[ATTEMPT..].iter().all(|byte| *byte == 0))
        })
    }
}

/// Where a manifest was stored.
pub(crate) enum Placed {
    /// Here, just now.
    New(String),
    /// Here, by an earlier try of the same cycle.
    Again(String),
    /// Nowhere: another cycle has gone on from the same place.
    Forked,
}

fn seal(path: &str, body: &[u8]) -> [u8; SEAL] {
    let digest = Sha256::new().chain_update(path).chain_update([0]).chain_update(body).finalize();
    let mut seal = [0; SEAL];
    seal.copy_from_slice(&digest[..SEAL]);
    seal
}

/// Where the manifest after another one stands.
fn path_after(job: &str, before: &str, attempt: u32) -> String {
    let digest = Sha256::new().chain_update(before).chain_update(attempt.to_be_bytes()).finalize();
    let mut short = [0; 16];
    short.copy_from_slice(&digest[..16]);
    paths::manifest(job, &RecordId(short).to_string())
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
    fn a_manifest_opens_only_at_its_own_path() {
        let manifest = Manifest::new(vec![entry(1), entry(2)]);
        let by = Maker::new(3, &[4; 16], Some("0123456789ab"));
        let bytes = manifest.sealed("jobs/a/manifests/1", &by);
        assert_eq!(Manifest::unseal("jobs/a/manifests/1", &bytes).unwrap(), manifest);
        assert!(Manifest::unseal("jobs/b/manifests/1", &bytes).is_err());
        let torn = &bytes[..bytes.len() - ENTRY];
        assert!(Manifest::unseal("jobs/a/manifests/1", torn).is_err(), "whole entries are missing");
        assert!(Manifest::unseal("jobs/a/manifests/1", &manifest.encode()).is_err(), "a part of a read");
    }

    #[test]
    fn a_torn_manifest_is_an_error() {
        let bytes = Manifest::new(vec![entry(1), entry(2)]).encode();
        assert!(Manifest::decode(&bytes[..bytes.len() - 1]).is_err());
        assert!(Manifest::decode(b"").is_err());
    }
}
