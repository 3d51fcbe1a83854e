//! The queue port on SQS standard queues: ten messages a request, delays by message.
//!
//! The caller configures the client: region, credentials, time-outs and the SDK's retries. A repeated request may
//! deliver a message twice; that is the port's contract (at least once) and every step bears it.

mod error;

use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::{BatchResultErrorEntry, SendMessageBatchRequestEntry};
use error::{classify, entry_failure, refused};
use ports::{PortError, Queue, QueueName};
use std::collections::BTreeMap;
use std::time::Duration;

/// SQS takes ten entries a request.
const ENTRIES_MAX: usize = 10;
const BODY_BYTES_MAX: usize = 1024;
const DELAY_MAX: Duration = Duration::from_mins(15);

/// The queues, by the function that each feeds.
#[derive(Clone, Debug)]
pub struct SqsQueue {
    client: Client,
    urls: BTreeMap<QueueName, String>,
}

impl SqsQueue {
    /// The queues that a function sends to; others are an error when they are used.
    pub fn new(client: Client, urls: BTreeMap<QueueName, String>) -> Self {
        Self { client, urls }
    }

    /// Sends one request; what SQS did not take.
    async fn send_batch(
        &self,
        url: &str,
        entries: Vec<SendMessageBatchRequestEntry>,
    ) -> Result<Vec<BatchResultErrorEntry>, PortError> {
        let request = self.client.send_message_batch().queue_url(url).set_entries(Some(entries));
        Ok(request.send().await.map_err(classify)?.failed)
    }
}

/// Entries are named by their place in the batch. `DelaySeconds` counts whole seconds: never earlier than asked for.
fn entry(place: usize, body: &str, delay: Duration) -> SendMessageBatchRequestEntry {
    let seconds = delay.as_secs() + u64::from(delay.subsec_nanos() > 0);
    SendMessageBatchRequestEntry::builder()
        .id(place.to_string())
        .message_body(body)
        .delay_seconds(i32::try_from(seconds).unwrap_or(i32::MAX))
        .build()
        .expect("id and body are set")
}

impl Queue for SqsQueue {
    async fn send(&self, queue: QueueName, bodies: &[String], delay: Duration) -> Result<(), PortError> {
        if bodies.iter().any(|body| body.is_empty() || body.len() > BODY_BYTES_MAX) {
            return Err(refused("a message is empty or longer than 1 KiB; send ids, not data"));
        }
        if delay > DELAY_MAX {
            return Err(refused("a message cannot be delayed by more than 15 minutes"));
        }
        let Some(url) = self.urls.get(&queue) else {
            return Err(refused("this function has no address for a queue it sends to; set the queue's URL"));
        };
        for batch in bodies.chunks(ENTRIES_MAX) {
            let entries: Vec<_> = batch.iter().enumerate().map(|(place, body)| entry(place, body, delay)).collect();
            let failed = self.send_batch(url, entries.clone()).await?;
            if failed.is_empty() {
                continue;
            }
            if let Some(error) = failed.iter().find(|failure| failure.sender_fault).map(entry_failure) {
                return Err(error);
            }
            let again =
                entries.into_iter().filter(|entry| failed.iter().any(|failure| failure.id == entry.id)).collect();
            if let Some(error) = self.send_batch(url, again).await?.first().map(entry_failure) {
                return Err(error);
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
