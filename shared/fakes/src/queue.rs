//! Messages in memory, visible by the fake clock.

use crate::clock::after;
use crate::{Crash, FakeClock, locked, refused};
use jiff::Timestamp;
use ports::{Clock, PortError, Queue, QueueName};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

const BODY_BYTES_MAX: usize = 1024;
const DELAY_MAX: Duration = Duration::from_mins(15);
/// What travels to SQS in one request; a process can end between two of them.
const BATCH_MAX: usize = 10;

/// Names a message that was received and is not yet deleted.
pub type Receipt = u64;

/// All queues. A clone is the same queues.
#[derive(Clone, Debug)]
pub struct FakeQueue {
    crash: Crash,
    clock: FakeClock,
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    last: u64,
    messages: BTreeMap<Receipt, Message>,
    sent: BTreeMap<QueueName, u64>,
}

#[derive(Debug)]
struct Message {
    queue: QueueName,
    body: String,
    visible_at: Timestamp,
    in_flight: bool,
}

impl FakeQueue {
    /// Empty queues.
    pub fn new(crash: Crash, clock: FakeClock) -> Self {
        Self { crash, clock, state: Arc::default() }
    }

    /// All visible messages in the order they were sent. They are in flight until they are deleted or released.
    pub fn receive(&self, queue: QueueName) -> Vec<(Receipt, String)> {
        let now = self.clock.now();
        let mut state = locked(&self.state);
        let visible = state
            .messages
            .iter_mut()
            .filter(|(_, message)| message.queue == queue && !message.in_flight && message.visible_at <= now);
        visible
            .map(|(receipt, message)| {
                message.in_flight = true;
                (*receipt, message.body.clone())
            })
            .collect()
    }

    /// The message is done.
    pub fn delete(&self, receipt: Receipt) {
        locked(&self.state).messages.remove(&receipt);
    }

    /// The message is to be delivered again, at once.
    pub fn release(&self, receipt: Receipt) {
        if let Some(message) = locked(&self.state).messages.get_mut(&receipt) {
            message.in_flight = false;
        }
    }

    /// Every message in flight is to be delivered again, as after the death of whoever had them.
    pub fn release_all(&self) {
        locked(&self.state).messages.values_mut().for_each(|message| message.in_flight = false);
    }

    /// Takes everything out of a queue, visible or not.
    pub fn pop_all(&self, queue: QueueName) -> Vec<String> {
        let mut state = locked(&self.state);
        let taken = state.messages.extract_if(.., |_, message| message.queue == queue);
        taken.map(|(_, message)| message.body).collect()
    }

    /// How many messages lie in a queue: visible, delayed and in flight.
    pub fn len(&self, queue: QueueName) -> usize {
        locked(&self.state).messages.values().filter(|message| message.queue == queue).count()
    }

    /// True when no queue holds anything.
    pub fn is_empty(&self) -> bool {
        locked(&self.state).messages.is_empty()
    }

    /// When the next message that is not in flight is visible, in any queue.
    pub fn next_visible_at(&self) -> Option<Timestamp> {
        let state = locked(&self.state);
        state.messages.values().filter(|message| !message.in_flight).map(|message| message.visible_at).min()
    }

    /// How many messages were ever sent.
    pub fn sends(&self) -> u64 {
        locked(&self.state).sent.values().sum()
    }

    /// How many messages were ever sent to one queue.
    pub fn sent(&self, queue: QueueName) -> u64 {
        locked(&self.state).sent.get(&queue).copied().unwrap_or(0)
    }
}

impl Queue for FakeQueue {
    async fn send(&self, queue: QueueName, bodies: &[String], delay: Duration) -> Result<(), PortError> {
        if bodies.iter().any(|body| body.is_empty() || body.len() > BODY_BYTES_MAX) {
            return Err(refused("a message is empty or longer than 1 KiB; send ids, not data"));
        }
        if delay > DELAY_MAX {
            return Err(refused("a message cannot be delayed by more than 15 minutes"));
        }
        for batch in bodies.chunks(BATCH_MAX) {
            self.crash.around(|| {
                let visible_at = after(self.clock.now(), delay);
                let mut state = locked(&self.state);
                for body in batch {
                    state.last += 1;
                    let receipt = state.last;
                    state.messages.insert(receipt, Message { queue, body: body.clone(), visible_at, in_flight: false });
                    *state.sent.entry(queue).or_default() += 1;
                }
                Ok(())
            })?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{World, run_ready};

    #[test]
    fn a_delayed_message_shows_when_its_time_has_come() {
        let world = World::new(1);
        let bodies = ["{}".to_owned()];
        run_ready(world.queue.send(QueueName::Fetch, &bodies, Duration::from_mins(1))).unwrap();
        assert!(world.queue.receive(QueueName::Fetch).is_empty());
        world.clock.advance(Duration::from_mins(1));
        let received = world.queue.receive(QueueName::Fetch);
        assert_eq!(received.len(), 1);
        assert!(world.queue.receive(QueueName::Fetch).is_empty(), "it is in flight");
        world.queue.release(received[0].0);
        assert_eq!(world.queue.receive(QueueName::Fetch), received);
        world.queue.delete(received[0].0);
        assert!(world.queue.is_empty());
    }

    #[test]
    fn a_crash_between_two_requests_leaves_the_first_ten_sent() {
        let world = World::new(1);
        let bodies = vec!["{}".to_owned(); 25];
        world.faults.arm(3);
        assert!(run_ready(world.queue.send(QueueName::Write, &bodies, Duration::ZERO)).is_err());
        assert_eq!(world.queue.sent(QueueName::Write), 10);
        assert_eq!(world.queue.pop_all(QueueName::Write).len(), 10);
    }
}
