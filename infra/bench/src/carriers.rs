//! Queues and blobs in memory that count requests and bytes.

use crate::clock::locked;
use crate::latency::Model;
use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};
use ports::{Blobs, Clock, PortError, Put, Queue, QueueName};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What travels to SQS in one request.
const TOGETHER: usize = 10;

/// What queues and blobs were asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Carried {
    /// Messages sent.
    pub messages: u64,
    /// Requests that sent, received and deleted them.
    pub requests: u64,
    /// Objects stored.
    pub puts: u64,
    /// Objects read, or asked for.
    pub gets: u64,
    /// Bytes of the objects stored.
    pub bytes: u64,
}

#[derive(Default)]
struct Messages {
    last: u64,
    waiting: BTreeMap<(QueueName, u64), (Timestamp, String)>,
    carried: Carried,
}

/// All queues. A clone is the same queues.
#[derive(Clone)]
pub(crate) struct MeteredQueue {
    model: Model,
    state: Arc<Mutex<Messages>>,
}

impl MeteredQueue {
    pub fn new(model: Model) -> Self {
        Self { model, state: Arc::default() }
    }

    /// Takes the next message whose time has come: received and deleted, one request each.
    pub fn receive(&self, queue: QueueName) -> Option<String> {
        let now = self.model.clock.now();
        let mut state = locked(&self.state);
        let waiting = state.waiting.range((queue, 0)..=(queue, u64::MAX));
        let key = waiting
            .filter(|(_, (at, _))| *at <= now)
            .min_by_key(|((_, id), (at, _))| (*at, *id))
            .map(|(key, _)| *key)?;
        state.carried.requests += 2;
        state.waiting.remove(&key).map(|(_, body)| body)
    }

    /// A message is seen (again) after a while; nobody pays for sending it.
    pub fn put_back(&self, queue: QueueName, body: String, delay: Duration) {
        let at = self.model.clock.now() + SignedDuration::try_from(delay).unwrap_or(SignedDuration::MAX);
        let mut state = locked(&self.state);
        state.last += 1;
        let id = state.last;
        state.waiting.insert((queue, id), (at, body));
    }

    /// When the next message of one of the queues shows.
    pub fn next_at(&self, queues: &[QueueName]) -> Option<Timestamp> {
        let state = locked(&self.state);
        state.waiting.iter().filter(|((queue, _), _)| queues.contains(queue)).map(|(_, (at, _))| *at).min()
    }

    /// What was asked so far, and nothing from now on.
    pub fn take_carried(&self) -> Carried {
        std::mem::take(&mut locked(&self.state).carried)
    }
}

impl Queue for MeteredQueue {
    async fn send(&self, queue: QueueName, bodies: &[String], delay: Duration) -> Result<(), PortError> {
        for together in bodies.chunks(TOGETHER) {
            self.model.wait(|latencies| latencies.queue).await;
            let sent = self.model.clock.now() + SignedDuration::try_from(delay).unwrap_or(SignedDuration::MAX);
            let mut state = locked(&self.state);
            state.carried.requests += 1;
            for body in together {
                state.last += 1;
                let id = state.last;
                let delivery = self.model.draw(|latencies| latencies.delivery);
                let at = sent + SignedDuration::try_from(delivery).unwrap_or(SignedDuration::MAX);
                state.waiting.insert((queue, id), (at, body.clone()));
                state.carried.messages += 1;
            }
        }
        Ok(())
    }
}

/// Objects. A clone is the same objects.
#[derive(Clone)]
pub(crate) struct MeteredBlobs {
    model: Model,
    state: Arc<Mutex<(BTreeMap<String, Bytes>, Carried)>>,
    /// Nothing is kept: where the memory of a step is measured.
    forgets: bool,
}

impl MeteredBlobs {
    pub fn new(model: Model, forgets: bool) -> Self {
        Self { model, state: Arc::default(), forgets }
    }

    /// What was asked so far, and nothing from now on.
    pub fn take_carried(&self) -> Carried {
        std::mem::take(&mut locked(&self.state).1)
    }
}

impl Blobs for MeteredBlobs {
    async fn put(&self, path: &str, bytes: Bytes) -> Result<Put, PortError> {
        self.model.wait(|latencies| latencies.blobs).await;
        let mut state = locked(&self.state);
        state.1.puts += 1;
        state.1.bytes += bytes.len() as u64;
        if state.0.contains_key(path) {
            return Ok(Put::Exists);
        }
        if !self.forgets {
            state.0.insert(path.to_owned(), bytes);
        }
        Ok(Put::Created)
    }

    async fn get(&self, path: &str) -> Result<Option<Bytes>, PortError> {
        self.model.wait(|latencies| latencies.blobs).await;
        let mut state = locked(&self.state);
        state.1.gets += 1;
        Ok(state.0.get(path).cloned())
    }

    async fn delete(&self, path: &str) -> Result<(), PortError> {
        self.model.wait(|latencies| latencies.blobs).await;
        locked(&self.state).0.remove(path);
        Ok(())
    }
}
