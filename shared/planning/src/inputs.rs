//! Everything that was read before a batch was decided. The same inputs give the same plan, bit for bit.

use crate::link::{Link, Read};
use jiff::Timestamp;
use record::{Account, Anchor, Record, RecordId, Value};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What one batch is decided on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inputs {
    /// The job.
    pub job: String,
    /// The cycle's number within the job.
    pub cycle: u64,
    /// The batch's number within the cycle.
    pub batch: u64,
    /// The instant that the whole cycle takes for now.
    pub now: Timestamp,
    /// What random functions draw from, 16 bytes.
    pub seed: [u8; 16],
    /// Digest of the rules.
    pub rules: String,
    /// The records with what was found about them.
    pub subjects: Vec<Subject>,
}

/// One record with what was found about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subject {
    /// What the source states.
    pub record: Record,
    /// Its id.
    pub id: RecordId,
    /// Hash of what the source states, with the rules' hash.
    pub content: [u8; 16],
    /// When it was read from the source: a record of the open set was read by an earlier cycle.
    pub read_in: Read,
    /// How often the key stands in this read with different content; 1 is normal.
    pub times: usize,
    /// Our state of it.
    pub link: Option<Link>,
    /// Accounts that match, looked up only where there is no link.
    pub matches: Matches,
    /// Names reserved for it, by target attribute.
    pub names: BTreeMap<String, Name>,
    /// What earlier plans wrote, for attributes that are about to change.
    pub before: BTreeMap<String, Value>,
    /// Whether it was looked for: what is not there then is not known.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub before_sought: bool,
    /// Whether older work on the record may still be under way: then it is noted in the link even that nothing is to be
    /// changed, so that what was decided on an older read is not carried out after all.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub contested: bool,
}

impl Subject {
    /// Our state of it as far as there is an account.
    pub fn live_link(&self) -> Option<&Link> {
        self.link.as_ref().filter(|link| link.is_live())
    }
}

/// Accounts that match a record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Matches {
    /// Not looked up: the record is linked.
    NotLooked,
    /// None.
    None,
    /// Exactly one, by this attribute.
    One {
        /// The matching attribute.
        attribute: String,
        /// The account.
        account: Account,
        /// Another record has it already.
        claimed: bool,
    },
    /// None yet, but another record of this cycle has the same value and is to have one.
    Promised {
        /// The matching attribute.
        attribute: String,
    },
    /// Several, by this attribute.
    Several {
        /// The matching attribute.
        attribute: String,
        /// Their ids.
        anchors: Vec<Anchor>,
    },
}

/// What the ledger of names said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Name {
    /// This value is reserved for the record.
    Reserved(String),
    /// Every candidate belongs to somebody else.
    Exhausted,
}
