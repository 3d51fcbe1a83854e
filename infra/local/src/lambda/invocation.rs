//! One invocation on its way: waiting for a process, then running in one.

use bytes::Bytes;
use serde_json::Value;
use tokio::sync::oneshot;
use tokio::time::Instant;

use crate::InvokeError;

/// What an invocation ends with.
pub(super) type Outcome = Result<Value, InvokeError>;

/// An invocation that waits for a process.
pub(super) struct Pending {
    pub(super) id: String,
    pub(super) payload: Bytes,
    pub(super) reply: oneshot::Sender<Outcome>,
}

/// An invocation that a process has taken.
pub(super) struct Running {
    pub(super) id: String,
    pub(super) deadline: Instant,
    pub(super) reply: oneshot::Sender<Outcome>,
}

/// What a process gets for its `next`.
pub(super) struct Handed {
    pub(super) id: String,
    pub(super) payload: Bytes,
    pub(super) deadline_ms: i64,
}
