//! A plan and what is in it. A plan is a value: shown, counted, approved by its hash, stored, explained.

use crate::link::Read;
use crate::reason::Reason;
use crate::rules::Counted;
use record::{Anchor, RecordId, RecordKey, Value};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};

/// What one batch of a cycle will do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// The job.
    pub job: String,
    /// The cycle's number within the job.
    pub cycle: u64,
    /// The batch's number within the cycle.
    pub batch: u64,
    /// Digest of the rules that were applied.
    pub rules: String,
    /// One decision a record, in the order of the inputs.
    pub decisions: Vec<Decision>,
}

/// What becomes of one record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// Which record.
    pub record: RecordId,
    /// Its key, for the operator's eyes.
    pub key: RecordKey,
    /// Hash of what the source stated, with the rules' hash.
    #[serde(with = "hex16")]
    pub content: [u8; 16],
    /// When the record was read from the source.
    pub read_in: Read,
    /// The version of the link that this was decided on, 0 for none.
    pub link_version: u64,
    /// What will be done.
    pub verdict: Verdict,
    /// The first instant, in seconds since 1970, at which the rules say something else although the record stays as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revisit: Option<i64>,
}

/// What will be done about one record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// The account is as it should be.
    Nothing,
    /// The record is none of this job's business.
    Skip(Reason),
    /// Something is to be written.
    Change(Change),
    /// It cannot be decided; the record is kept with the reason and tried again.
    Escrow(Reason),
}

/// What kind of change it is; the gravest name that fits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A new account.
    Create,
    /// Attributes of an account.
    Update,
    /// The account can no longer sign in.
    Disable,
    /// The account can sign in again.
    Enable,
    /// The account is no longer there. The change names the flag as for a disable, so that the link shows what became of it.
    Delete,
}

/// One change, complete in itself: the writer chooses nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// What it amounts to.
    pub kind: Kind,
    /// The account; `None` for one that is to be made.
    pub anchor: Option<Anchor>,
    /// The account was there before us and is taken over now.
    #[serde(default)]
    pub adopts: bool,
    /// The matching attribute by which the account that is taken over was recognised.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub matched_by: Option<String>,
    /// The version of the link that this was decided on, 0 for none. Another version at the time of writing: plan anew.
    pub link_version: u64,
    /// Whether the record is in scope.
    pub in_scope: bool,
    /// Attributes by target name.
    pub attributes: BTreeMap<String, AttributeChange>,
    /// References to other records' accounts, written once both exist.
    pub references: Vec<Reference>,
    /// What is already as it should be on an adopted account, so that the link knows it: fingerprints by attribute.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub equal: BTreeMap<String, [u8; 8]>,
}

/// One attribute before and after, and the rule that said so.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttributeChange {
    /// What the account has, as far as is known.
    pub before: Before,
    /// What it will have; `None` clears it.
    pub after: Option<Value>,
    /// Digest of `after` as it will stand in the link.
    pub fingerprint: [u8; 8],
    /// The rule: `mapping`, `default`, `out-of-scope`.
    pub rule: String,
    /// Line of the rule in the configuration.
    pub line: usize,
    /// The value is not shown (`Redact`).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub redacted: bool,
}

/// What an account had before a change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Before {
    /// There was no value (or no account).
    Nothing,
    /// This.
    Was(Value),
    /// Something else, written in this cycle, whose plan is no longer kept.
    SetIn(u64),
}

/// A reference to another record's account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reference {
    /// The target's attribute, e.g. `manager`.
    pub attribute: String,
    /// The other record; `None` clears the reference.
    pub to: Option<RecordId>,
    /// The other record's key as the source states it, for the operator's eyes.
    pub to_key: Option<RecordKey>,
    /// Digest as it will stand in the link.
    pub fingerprint: [u8; 8],
    /// Line of the rule in the configuration.
    pub line: usize,
}

impl Kind {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update => "update",
            Self::Disable => "disable",
            Self::Enable => "enable",
            Self::Delete => "delete",
        }
    }
}

impl Change {
    /// Everything that this change counts as, for the guards.
    pub fn counts_as(&self) -> BTreeSet<Counted> {
        let mut counted = BTreeSet::new();
        if self.is_note() {
            return counted;
        }
        counted.insert(match self.kind {
            Kind::Create => Counted::Create,
            Kind::Update => Counted::Update,
            Kind::Disable => Counted::Disable,
            Kind::Enable => Counted::Enable,
            Kind::Delete => Counted::Delete,
        });
        if self.adopts {
            counted.insert(Counted::Adopt);
        }
        if !matches!(self.kind, Kind::Create | Kind::Delete) {
            for (name, change) in &self.attributes {
                counted.insert(Counted::Attribute(name.clone()));
                if change.after.is_none() {
                    counted.insert(Counted::Clear);
                }
            }
            for reference in &self.references {
                counted.insert(Counted::Attribute(reference.attribute.clone()));
            }
        }
        counted
    }

    /// True when the account stays as it is, and the link says only when that was decided.
    pub fn is_note(&self) -> bool {
        self.is_link_only() && !self.adopts && self.references.is_empty() && self.equal.is_empty()
    }

    /// True when the writer has nothing to send but references.
    pub fn is_link_only(&self) -> bool {
        self.kind != Kind::Create && self.attributes.is_empty()
    }
}

impl Decision {
    /// The change, if there is one.
    pub fn change(&self) -> Option<&Change> {
        match &self.verdict {
            Verdict::Change(change) => Some(change),
            _ => None,
        }
    }
}

impl Plan {
    /// The changes with their records.
    pub fn changes(&self) -> impl Iterator<Item = (&Decision, &Change)> {
        self.decisions.iter().filter_map(|decision| decision.change().map(|change| (decision, change)))
    }

    /// Digests of what will be done, and to whom, one for each change that counts for `only`: the same for the same
    /// change, whichever cycle planned it.
    pub fn digests(&self, only: impl Fn(&Change) -> bool) -> Vec<[u8; 32]> {
        self.changes()
            .filter(|(_, change)| only(change))
            .map(|(decision, change)| {
                let body = serde_json::to_vec(&(decision.record, change)).expect("a change is plain data");
                Sha256::digest(body).into()
            })
            .collect()
    }
}

/// 16 bytes as 32 hex digits.
mod hex16 {
    use serde::{Deserialize, Deserializer, Serializer};

    pub fn serialize<S: Serializer>(bytes: &[u8; 16], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&record::RecordId(*bytes))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<[u8; 16], D::Error> {
        record::RecordId::deserialize(deserializer).map(|id| id.0)
    }
}
