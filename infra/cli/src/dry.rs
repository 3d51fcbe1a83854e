//! The stack as a command sees it that must leave no trace: it reads what is there, and what it writes stays in memory.

use crate::session::Session;
use bootstrap::{SystemClock, SystemEntropy};
use pipeline::{CapturedQueue, OverlayBlobs, OverlayTable, Ports};

/// The ports of a dry run.
pub(crate) type Dry = Ports<
    OverlayTable<store_dynamodb::DynamoTable>,
    CapturedQueue,
    OverlayBlobs<blobs::ObjectBlobs>,
    SystemClock,
    SystemEntropy,
>;

impl Session {
    /// Ports over those of the session.
    pub(crate) fn dry(&self) -> Dry {
        Dry {
            table: OverlayTable::new(self.ports().table.clone()),
            queue: CapturedQueue::default(),
            blobs: OverlayBlobs::new(self.ports().blobs.clone()),
            clock: SystemClock,
            entropy: SystemEntropy,
            secret: self.ports().secret.clone(),
        }
    }
}
