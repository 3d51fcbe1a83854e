//! Sending messages, ten in a request.

use crate::world::View;
use ports::{PortError, Queue, QueueName};
use std::time::Duration;

/// The queues as one invocation has them.
#[derive(Clone)]
pub struct SimQueue {
    pub(super) view: View,
}

impl Queue for SimQueue {
    async fn send(&self, queue: QueueName, bodies: &[String], delay: Duration) -> Result<(), PortError> {
        let delay = u64::try_from(delay.as_micros()).unwrap_or(u64::MAX);
        for batch in bodies.chunks(10) {
            self.view
                .call(false, || {
                    let mut core = self.view.shared.core();
                    for body in batch {
                        core.post(queue, body, delay);
                    }
                    Ok(())
                })
                .await?;
        }
        Ok(())
    }
}
