//! The queues as the rest of the stack holds them: one store behind a lock, and waiters that learn of new messages.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};

use crate::clock::now_ms;
use crate::{Depth, LocalError, QueueOptions};

use super::ACCOUNT;
use super::fault::Fault;
use super::messages::{Outgoing, Received};
use super::store::{QueueSettings, Redrive, Store};

/// The longest that SQS keeps a message: long enough to find out why it failed.
const DEAD_LETTER_RETENTION_MS: i64 = 14 * 24 * 3_600_000;

/// The queues of one state folder.
pub(crate) struct Queues {
    store: Mutex<Store>,
    arrivals: Mutex<HashMap<String, Arc<Notify>>>,
    endpoint: String,
    region: String,
}

impl Queues {
    /// Opens the file of the queues, or memory. `endpoint` is the start of every queue URL.
    pub(crate) fn open(path: Option<&Path>, endpoint: String, region: String) -> Result<Queues, rusqlite::Error> {
        let store = Mutex::new(Store::open(path, now_ms())?);
        Ok(Queues { store, arrivals: Mutex::default(), endpoint, region })
    }

    /// The start of every queue URL.
    pub(crate) fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// URL of a queue.
    pub(crate) fn url(&self, queue: &str) -> String {
        format!("{}/{ACCOUNT}/{queue}", self.endpoint)
    }

    /// ARN of a queue.
    pub(crate) fn arn(&self, queue: &str) -> String {
        format!("arn:aws:sqs:{}:{ACCOUNT}:{queue}", self.region)
    }

    /// The region that ARNs name.
    pub(crate) fn region(&self) -> &str {
        &self.region
    }

    /// The store. It is held for a statement or two and never across an await.
    pub(crate) fn store(&self) -> MutexGuard<'_, Store> {
        // A panic while the lock was held rolled its transaction back, so the store behind it is whole.
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes the queue of a function and its dead-letter queue, or gives standing ones these settings.
    pub(crate) fn ensure_pair(&self, options: &QueueOptions) -> Result<(), LocalError> {
        let mut store = self.store();
        let now = now_ms();
        let dead_letter_queue = dead_letter_queue_of(&options.name);
        for name in [&dead_letter_queue, &options.name] {
            let mut settings = store.settings(name).cloned().unwrap_or(QueueSettings::default_at(now));
            if *name == options.name {
                settings.visibility_ms = i64::try_from(options.visibility.as_millis()).unwrap_or(i64::MAX / 2);
                let max_receive_count = options.max_receive_count;
                settings.redrive = Some(Redrive { dead_letter_queue: dead_letter_queue.clone(), max_receive_count });
            } else {
                settings.retention_ms = DEAD_LETTER_RETENTION_MS;
            }
            store.put_queue(name, settings).map_err(|fault| named(fault, name))?;
        }
        Ok(())
    }

    /// How many messages a queue holds.
    pub(crate) fn depth(&self, queue: &str) -> Result<Depth, LocalError> {
        self.store().depth(queue, now_ms()).map_err(|fault| named(fault, queue))
    }

    /// Moves the messages of a queue's dead-letter queue back to it.
    pub(crate) fn redrive(&self, queue: &str) -> Result<u64, LocalError> {
        self.move_back(&dead_letter_queue_of(queue), Some(queue)).map_err(|fault| named(fault, queue))
    }

    /// Stores messages and wakes who waits for them.
    pub(crate) fn send(&self, queue: &str, messages: &[Outgoing]) -> Result<Vec<String>, Fault> {
        let ids = self.store().send(queue, now_ms(), messages)?;
        self.announce(queue);
        Ok(ids)
    }

    /// Receives up to `most` messages and waits up to `wait` for the first; without one the queue's own time counts.
    pub(crate) async fn receive(
        &self,
        queue: &str,
        most: usize,
        wait: Option<Duration>,
        visibility_ms: Option<i64>,
    ) -> Result<Vec<Received>, Fault> {
        let own_wait = self.store().settings(queue)?.wait_ms;
        let deadline = Instant::now() + wait.unwrap_or(Duration::from_millis(own_wait.cast_unsigned()));
        let arrivals = self.arrivals(queue);
        loop {
            // Enabled before the look, so that a message sent between look and wait is not missed.
            let arrival = arrivals.notified();
            tokio::pin!(arrival);
            arrival.as_mut().enable();
            let now = now_ms();
            let (batch, next) = {
                let mut store = self.store();
                let batch = store.receive(queue, now, most, visibility_ms)?;
                (batch, store.next_visible_at(queue, now)?)
            };
            if let Some(dead_letter_queue) = &batch.moved_to {
                self.announce(dead_letter_queue);
            }
            if !batch.messages.is_empty() || Instant::now() >= deadline {
                return Ok(batch.messages);
            }
            let look_again = next.map_or(deadline, |at| {
                deadline.min(Instant::now() + Duration::from_millis((at - now).max(1).cast_unsigned()))
            });
            tokio::select! {
                () = arrival => {}
                () = sleep_until(look_again) => {}
            }
        }
    }

    /// Hides a received message for so long from now, or shows it again.
    pub(crate) fn change_visibility(&self, queue: &str, receipt: &str, ms: i64) -> Result<(), Fault> {
        self.store().change_visibility(queue, now_ms(), receipt, ms)?;
        self.announce(queue);
        Ok(())
    }

    /// Moves the messages of a dead-letter queue to `target` or back to where they came from.
    pub(crate) fn move_back(&self, from: &str, target: Option<&str>) -> Result<u64, Fault> {
        let moved = self.store().move_back(from, target, now_ms())?;
        for (queue, _) in &moved {
            self.announce(queue);
        }
        Ok(moved.iter().map(|(_, count)| count).sum())
    }

    /// Lets go of the file. Whoever still asks or waits finds no queue.
    pub(crate) fn close(&self) {
        if let Ok(empty) = Store::open(None, now_ms()) {
            *self.store() = empty;
        }
        for arrival in self.arrivals.lock().unwrap_or_else(PoisonError::into_inner).values() {
            arrival.notify_waiters();
        }
    }

    fn arrivals(&self, queue: &str) -> Arc<Notify> {
        let mut arrivals = self.arrivals.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(arrivals.entry(queue.to_owned()).or_default())
    }

    fn announce(&self, queue: &str) {
        self.arrivals(queue).notify_waiters();
    }
}

fn dead_letter_queue_of(queue: &str) -> String {
    format!("{queue}-dlq")
}

fn named(fault: Fault, queue: &str) -> LocalError {
    match fault {
        Fault::Store(error) => LocalError::Queues(error),
        _ => LocalError::UnknownQueue { name: queue.to_owned() },
    }
}
