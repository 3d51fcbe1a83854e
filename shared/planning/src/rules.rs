//! The operator's rules for one job, compiled: everything that deciding needs besides the records.

use mapping::{CompiledFilter, Mapping};
use record::{Record, TargetSchema};

/// The rules of one job.
#[derive(Clone, Debug)]
pub struct Rules {
    /// Whose records are read at all; who falls out of it is left as it is (Entra: `inputFilterGroups`). No groups: everybody.
    pub input_scope: CompiledFilter,
    /// Who belongs to the job at all. No groups: everybody.
    pub scope: CompiledFilter,
    /// What becomes of a linked record that falls out of scope.
    pub out_of_scope: OutOfScope,
    /// Attribute mappings, each target attribute once.
    pub mappings: Vec<Mapping>,
    /// Target attributes by which an account is recognised, tried in this order. Each is mapped.
    pub matching: Vec<String>,
    /// What the target takes.
    pub schema: &'static TargetSchema,
    /// The domain that `DefaultDomain()` gives.
    pub default_domain: Option<String>,
    /// Accounts (by a value of any matching attribute) that no plan may disable, delete or rename.
    pub protected: Vec<String>,
    /// A ledger of names that jobs share, whatever their targets: a name in it belongs to one record in all of them, under
    /// whichever attribute. Without it a name belongs to a record of this job, in this target and attribute.
    pub namespace: Option<String>,
    /// Limits on what one plan may do.
    pub guards: Guards,
    /// Digest of all of the above as the operator wrote it: other rules, other digest.
    pub hash: [u8; 16],
}

/// What becomes of a linked record that falls out of scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OutOfScope {
    /// The account is disabled.
    Disable,
    /// The account is left as it is (Entra: `SkipOutOfScopeDeletions`).
    Leave,
    /// The account is deleted.
    Delete,
}

impl Rules {
    /// Whether the job looks after the record.
    #[inline]
    pub fn admits(&self, record: &Record) -> bool {
        self.input_scope.verdict(record).in_scope && self.scope.verdict(record).in_scope
    }
}

/// Limits on what one plan may do. A kind without a limit is not limited.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Guards {
    /// Each limit, judged on the whole plan.
    pub limits: Vec<Limit>,
    /// A full read with fewer rows than this share of the last accepted one is held. 0.9 unless said otherwise.
    pub rows_min: f64,
    /// A full read that misses more known records than the larger of these two is held: a count and a share.
    pub missing_max: (u64, f64),
}

/// What is counted.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Counted {
    /// New accounts.
    Create,
    /// Accounts with any attribute changed.
    Update,
    /// Accounts that can no longer sign in.
    Disable,
    /// Accounts that can sign in again.
    Enable,
    /// Deleted accounts.
    Delete,
    /// Accounts that were there before and are taken over.
    Adopt,
    /// Attributes set to empty, counted by account.
    Clear,
    /// Accounts with this attribute changed.
    Attribute(String),
}

/// One limit. Over it: more than `count`, or more than `percent` of the population (and more than `at_least`),
/// or, with what the last 24 hours did, more than `per_day`.
#[derive(Clone, Debug, PartialEq)]
pub struct Limit {
    /// What is counted.
    pub counted: Counted,
    /// Absolute limit for one plan.
    pub count: Option<u64>,
    /// Limit in percent of the linked, in-scope population as of the last manifest.
    pub percent: Option<f64>,
    /// Up to this many, percent is not looked at: small companies have small numbers.
    pub at_least: u64,
    /// Limit over any 24 hours.
    pub per_day: Option<u64>,
    /// Line in the configuration, 0 for a built-in limit.
    pub line: usize,
}
