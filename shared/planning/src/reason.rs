//! Why a record is not simply written.

use record::{Anchor, RecordId};
use serde::{Deserialize, Serialize};

/// So many accounts are named where several match.
const CANDIDATES_MAX: usize = 5;

/// Why a record is skipped, kept or held. No value of HR is in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(tag = "is", rename_all = "kebab-case")]
pub enum Reason {
    /// The input filter leaves it out: its account, if it has one, stays as it is.
    #[error("left out by input_scope; an account that it has stays as it is")]
    LeftOut,
    /// No scoping group admits it.
    #[error("out of scope: no group of the scoping filter admits it")]
    OutOfScope,
    /// A rule said `IgnoreObjectFlow`.
    #[error("the rule for objectFilter (line {line}) says to leave it alone for now")]
    Ignored {
        /// Line of the rule.
        line: usize,
    },
    /// An expression failed.
    #[error("the mapping of {attribute} (line {line}) failed: {message}")]
    MappingFailed {
        /// Target attribute.
        attribute: String,
        /// Line of the rule.
        line: usize,
        /// What failed; no value.
        message: String,
    },
    /// None of the matching attributes has a value.
    #[error("no matching attribute has a value, so it cannot be told who this is; fill the key in the source")]
    NothingToMatch,
    /// Several accounts match.
    #[error("{count} accounts match by {attribute} ({}); make it unique in the target", candidates.join(", "))]
    SeveralAccounts {
        /// The matching attribute.
        attribute: String,
        /// How many.
        count: usize,
        /// The first few of them, by their ids in the target.
        #[serde(default)]
        candidates: Vec<String>,
    },
    /// The account belongs to another record.
    #[error("the account that matches by {attribute} belongs to another record; two records may not share one")]
    AccountClaimed {
        /// The matching attribute.
        attribute: String,
    },
    /// A create would be refused.
    #[error("{attribute} is required for a new account and has no value")]
    Required {
        /// Target attribute.
        attribute: String,
    },
    /// The value is too long for the target.
    #[error("the value for {attribute} has {length} characters, {length_max} are allowed; cut it with Mid")]
    TooLong {
        /// Target attribute.
        attribute: String,
        /// Characters it has.
        length: usize,
        /// Characters it may have.
        length_max: usize,
    },
    /// Several values for one place.
    #[error("{attribute} takes one value and got {count}")]
    Several {
        /// Target attribute.
        attribute: String,
        /// How many there are.
        count: usize,
    },
    /// Not a flag.
    #[error("{attribute} takes True or False")]
    NotAFlag {
        /// Target attribute.
        attribute: String,
    },
    /// All candidates of a unique attribute are taken.
    #[error("every candidate for {attribute} is taken; add another rule to SelectUniqueValue")]
    NamesExhausted {
        /// Target attribute.
        attribute: String,
    },
    /// The key stands in the source more than once.
    #[error("the key stands in the source {count} times with different content; nothing is decided until one is left")]
    RepeatedKey {
        /// How often.
        count: usize,
    },
    /// The rule protects the account.
    #[error("the account is protected; no plan may disable or rename it")]
    Protected,
    /// A guard holds it.
    #[error("held: {0}", why.join("; "))]
    Held {
        /// The broken limits.
        why: Vec<String>,
        /// Hash of the held part of the plan, to approve or reject it.
        hash: String,
    },
    /// An operator rejected it.
    #[error("rejected by an operator")]
    Rejected,
    /// The link moved between plan and write.
    #[error("the record changed between plan and write; it is planned again")]
    Stale,
    /// The account shows what a later cycle read, or a later cycle has written the record since.
    #[error("what was read later was written already; the record is read anew")]
    Superseded,
    /// The reserved name belongs to a foreign account.
    #[error("the name reserved for {attribute} turned out to be taken in the target; it is planned again")]
    NameTaken {
        /// Target attribute.
        attribute: String,
    },
    /// An account of ours was found where one was to be made; its attributes are compared again.
    #[error("an account with the same stamp was there already; it was adopted and is compared again")]
    Adopted,
    /// The other record of a reference has no account yet.
    #[error("{attribute} refers to a record that has no account yet")]
    ReferencePending {
        /// Target attribute.
        attribute: String,
        /// The record that is waited for.
        to: RecordId,
    },
    /// The linked account is gone.
    #[error("the linked account is no longer in the target")]
    AccountGone,
    /// The target refuses the change.
    #[error("the target refuses it: {code}")]
    Refused {
        /// The target's code.
        code: String,
    },
    /// The target says that a name is taken and shows no account that has it.
    #[error("the target says that a unique value is taken, but shows no account that has it (deleted lately?)")]
    TakenByNobody,
    /// The target never gave a usable answer.
    #[error("the target gave no usable answer in {attempts} attempts")]
    Unanswered {
        /// How often it was tried.
        attempts: u32,
    },
    /// The batch could not be processed at all.
    #[error("the batch could not be processed: {message}")]
    BatchFailed {
        /// Why; no value.
        message: String,
    },
    /// Nothing is wrong: it was written outside a read of everybody, and the next one compares it once more.
    #[error("written by itself; the next read of everybody compares it once more")]
    Ahead,
    /// Nothing is wrong; the rules will say something else at a known time.
    #[error("the rules will say something else at a later date")]
    Due,
}

impl Reason {
    /// Several accounts match; an open record has room for a few of their ids.
    pub fn several(attribute: &str, anchors: &[Anchor]) -> Self {
        let candidates = anchors.iter().take(CANDIDATES_MAX).map(|anchor| anchor.0.clone()).collect();
        Self::SeveralAccounts { attribute: attribute.to_owned(), count: anchors.len(), candidates }
    }
}
