//! Where accounts are. Reading and writing are different roles: code that only plans cannot write, by type.

use crate::PortError;
use record::{Account, Anchor, TargetSchema, Value};
use std::collections::BTreeMap;
use std::future::Future;
use std::time::Duration;

/// Part of a read of all accounts.
#[derive(Clone, Debug, Default)]
pub struct AccountPage {
    /// The accounts.
    pub accounts: Vec<Account>,
    /// How to get the next page, `None` on the last.
    pub next: Option<String>,
}

/// The reading half of a target.
pub trait TargetRead: Send + Sync {
    /// What the target takes.
    fn schema(&self) -> &'static TargetSchema;

    /// All accounts that have one of the values in the attribute, each with `select`ed attributes.
    /// An account that was made moments ago may be missing: replicas lag.
    fn find(
        &self,
        attribute: &str,
        values: &[String],
        select: &[String],
    ) -> impl Future<Output = Result<Vec<Account>, PortError>> + Send;

    /// The accounts with these ids; those that are gone are left out.
    fn read(
        &self,
        anchors: &[Anchor],
        select: &[String],
    ) -> impl Future<Output = Result<Vec<Account>, PortError>> + Send;

    /// Everybody, page by page, in as large pages as the target gives.
    fn read_all(
        &self,
        select: &[String],
        next: Option<&str>,
    ) -> impl Future<Output = Result<AccountPage, PortError>> + Send;
}

/// What is to be done to one account.
#[derive(Clone, PartialEq, Eq)]
pub enum WriteAction {
    /// Make it, with these attributes. A first password, where the target wants one, is made by the connector.
    Create {
        /// Attributes with content, by target name.
        attributes: BTreeMap<String, Value>,
    },
    /// Set (`Some`) or clear (`None`) exactly these attributes.
    Update {
        /// Which account.
        anchor: Anchor,
        /// Attributes by target name.
        attributes: BTreeMap<String, Option<Value>>,
    },
    /// Point a reference attribute to another account, or to none.
    Refer {
        /// Which account.
        anchor: Anchor,
        /// The reference attribute, e.g. `manager`.
        attribute: String,
        /// The other account.
        to: Option<Anchor>,
    },
    /// Delete it (softly, where the target can).
    Delete {
        /// Which account.
        anchor: Anchor,
    },
}

impl std::fmt::Debug for WriteAction {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Create { .. } => "Create",
            Self::Update { .. } => "Update",
            Self::Refer { .. } => "Refer",
            Self::Delete { .. } => "Delete",
        })
    }
}

/// One request of a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WriteRequest {
    /// What to do.
    pub action: WriteAction,
}

/// What the target said to one request. Only the adapter knows which code means which.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// Done; the account's id.
    Done(Anchor),
    /// Another account has one of the unique values.
    Taken,
    /// The account (or the one referred to) is not there, or not visible yet.
    Missing,
    /// Slow down. Whether it was carried out all the same is not known.
    Throttled(Duration),
    /// No usable answer: time-out, reset connection, 5xx. Whether it was carried out is not known.
    Unknown,
    /// The target will not do it as it stands: `code` is the target's own error code, never a value.
    Refused {
        /// E.g. `Request_BadRequest`.
        code: String,
    },
    /// The credentials are not accepted or a permission is missing: this is nobody's record's fault.
    Denied {
        /// E.g. `Authorization_RequestDenied`.
        code: String,
    },
}

/// What came of a group of requests.
#[derive(Clone, Debug, Default)]
pub struct WriteReport {
    /// One reply a request, in the order of the requests.
    pub replies: Vec<Reply>,
    /// Wait at least so long before the next group.
    pub wait: Option<Duration>,
    /// How much of the budget is used, where the target says so (1.0 = all of it).
    pub budget_used: Option<f64>,
}

/// The writing half of a target; only the holder of the target's lease has it.
pub trait TargetWrite: TargetRead {
    /// How many requests travel together at most (Graph: 20).
    fn group_max(&self) -> usize;

    /// The longest time after sending during which a request may still take effect.
    fn request_life(&self) -> Duration;

    /// How long after it took effect a create may be missing from lookups, because replicas lag. No target documents a bound,
    /// so this is an assumption: it only delays a second create of one record under another name.
    fn replica_lag(&self) -> Duration {
        Duration::from_secs(30)
    }

    /// Sends the requests together, each to another account. Never fails as a whole: every request has its reply.
    fn write(&self, requests: &[WriteRequest]) -> impl Future<Output = WriteReport> + Send;
}
