//! Our small state for one record in one job.

use crate::change::{Change, Decision, Kind, Plan};
use record::{Anchor, ByName, RecordId, RecordKey, TargetSchema, Value};
use serde::{Deserialize, Serialize};

/// Whether the linked account can sign in, as far as we made it so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// It can.
    Enabled,
    /// It cannot.
    Disabled,
    /// It is being enabled: recorded before the target is told, so that a crash leaves no forgotten account.
    Enabling,
    /// The job does not map the flag.
    Unmanaged,
    /// The account was deleted. The link stays, so that nothing stale makes it again; the record may get a new account.
    Deleted,
}

/// What we last made of one attribute: enough to see a difference, not enough to know the value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// Digest of the value as compared (see [`crate::fingerprint`]); all zeros means that it was cleared.
    pub fingerprint: [u8; 8],
    /// The cycle of the last change.
    pub cycle: u64,
    /// The batch of the last change within that cycle: its plan holds the value and the rule.
    pub batch: u64,
}

impl Mark {
    /// The fingerprint of a value that is not known: it differs from every value's.
    pub const UNKNOWN: [u8; 8] = [0xff; 8];
}

/// The marks of a link, by target attribute.
pub type Marks = ByName<Mark>;

/// When a record was read, in numbers of cycles: time of day would trust clocks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Read {
    /// The number of the cycle that read it, taken before the read.
    pub from: u64,
    /// The newest number of any cycle after the read.
    pub until: u64,
}

impl Read {
    /// A read that no other cycle began during.
    pub fn at(number: u64) -> Self {
        Self { from: number, until: number }
    }

    /// Whether it certainly began after `other` was over, or is the same.
    pub fn follows(self, other: Self) -> bool {
        self == other || self.from > other.until
    }
}

/// The pair of a record and its account, with what was last written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// Which record.
    pub record: RecordId,
    /// The source anchor.
    pub key: RecordKey,
    /// The target anchor.
    pub anchor: Anchor,
    /// Counts the changes, from 1.
    pub version: u64,
    /// The cycle that made this version.
    pub cycle: u64,
    /// The read that the account shows: one that does not follow it never comes after it.
    pub read_in: Read,
    /// Whether the account can sign in.
    pub status: Status,
    /// Whether the record was in scope when it was last changed.
    pub in_scope: bool,
    /// The account's end was asked for, and nobody knows whether it came: if the account is gone, we did it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub deleting: bool,
    /// What was last written, by target attribute.
    pub marks: Marks,
}

impl Link {
    /// Whether there is an account.
    pub fn is_live(&self) -> bool {
        self.status != Status::Deleted
    }
}

/// The link after a change was carried out.
pub fn link_after(
    plan: &Plan,
    decision: &Decision,
    change: &Change,
    before: Option<&Link>,
    anchor: &Anchor,
    schema: &TargetSchema,
) -> Link {
    let mark = |fingerprint| Mark { fingerprint, cycle: plan.cycle, batch: plan.batch };
    let mut marks = before.filter(|link| link.is_live()).map(|link| link.marks.clone()).unwrap_or_default();
    for (name, fingerprint) in &change.equal {
        marks.insert_new(name, mark(*fingerprint));
    }
    for (name, attribute) in &change.attributes {
        marks.insert(name.clone(), mark(attribute.fingerprint));
    }
    for reference in &change.references {
        marks.insert(reference.attribute.clone(), mark(reference.fingerprint));
    }
    let flag = change.attributes.get(schema.enabled).and_then(|attribute| attribute.after.as_ref()).map(Value::text);
    let status = match flag {
        _ if change.kind == Kind::Delete => Status::Deleted,
        Some(flag) if flag == schema.disabling => Status::Disabled,
        Some(_) => Status::Enabled,
        // An account that is taken over after another was deleted is not the deleted one.
        None => before.filter(|link| link.is_live() || !change.adopts).map_or(Status::Unmanaged, |link| link.status),
    };
    Link {
        record: decision.record,
        key: decision.key.clone(),
        anchor: anchor.clone(),
        version: change.link_version + 1,
        cycle: plan.cycle,
        read_in: decision.read_in,
        status,
        in_scope: change.in_scope,
        // Who answers is there, and a tombstone needs no doubt.
        deleting: false,
        marks,
    }
}
