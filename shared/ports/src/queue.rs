//! Messages between functions. They carry ids, never a person.

use crate::PortError;
use std::future::Future;
use std::time::Duration;

/// The queue of one function.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum QueueName {
    /// Read a source, or go on reading.
    Fetch,
    /// Plan one batch.
    Transform,
    /// Wake the writer of a target.
    Write,
    /// A cycle of one record.
    OnDemand,
}

impl QueueName {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Fetch, Self::Transform, Self::Write, Self::OnDemand];

    /// The name of the function that is fed: package, binary and queue are called the same.
    pub fn function(self) -> &'static str {
        match self {
            Self::Fetch => "fetch",
            Self::Transform => "transform",
            Self::Write => "write",
            Self::OnDemand => "on-demand",
        }
    }
}

/// Where messages are sent. Delivery is at least once and in any order.
pub trait Queue: Send + Sync {
    /// Sends the messages, each at most 1 KiB, not to be seen before `delay` (at most 15 minutes) has passed.
    /// On an error some may have been sent.
    fn send(
        &self,
        queue: QueueName,
        bodies: &[String],
        delay: Duration,
    ) -> impl Future<Output = Result<(), PortError>> + Send;
}
