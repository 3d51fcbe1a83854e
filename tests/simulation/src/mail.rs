//! Messages on their way: visible after a delay, hidden while somebody is at them, put aside after too many tries.

use crate::world::{Core, Due, Instant, SECOND};
use ports::QueueName;
use std::collections::BTreeMap;

/// So many deliveries, and a message is put aside (`maxReceiveCount` of the template).
const RECEIVES_MAX: u32 = 5;

/// One message.
#[derive(Clone, Debug)]
pub struct Message {
    /// Its queue.
    pub queue: QueueName,
    /// Its body.
    pub body: String,
    /// How often it was delivered.
    pub receives: u32,
    /// Nobody sees it until then.
    pub hidden_until: Instant,
}

/// All queues.
#[derive(Debug, Default)]
pub struct Mail {
    /// What is on its way or being worked on.
    pub messages: BTreeMap<u64, Message>,
    /// What was put aside.
    pub dead: Vec<Message>,
    last: u64,
}

/// How long a message is hidden while somebody is at it (the template's visibility timeouts).
pub fn hidden_for(queue: QueueName) -> Instant {
    match queue {
        QueueName::Fetch => 1800 * SECOND,
        QueueName::Transform | QueueName::Write | QueueName::OnDemand => 360 * SECOND,
    }
}

/// How many invocations of a function run side by side (the template's `MaximumConcurrency`).
pub fn side_by_side(queue: QueueName) -> usize {
    match queue {
        QueueName::Fetch | QueueName::Write => 2,
        QueueName::Transform => 10,
        QueueName::OnDemand => 5,
    }
}

impl Core {
    /// Takes a message in. It may come late, twice or, if it only wakes a writer, never.
    pub fn post(&mut self, queue: QueueName, body: &str, delay: Instant) {
        if queue == QueueName::Write && self.fires("lost wake", self.faults.lost_wake) {
            return;
        }
        let copies = 1 + u32::from(self.fires("duplicate", self.faults.duplicate));
        for _ in 0..copies {
            let slow = if self.fires("delay", self.faults.delay) { 90 * SECOND } else { SECOND / 5 };
            let travel = self.chance.between(5_000, slow);
            self.mail.last += 1;
            let (id, hidden_until) = (self.mail.last, self.now + delay + travel);
            let message = Message { queue, body: body.to_owned(), receives: 0, hidden_until };
            self.mail.messages.insert(id, message);
            self.at(hidden_until, Due::Message(id));
        }
    }

    /// Delivers a message if it may be seen now: it is hidden from others for a while, or put aside for good.
    pub fn receive(&mut self, id: u64) -> Option<Message> {
        let message = self.mail.messages.get_mut(&id).filter(|message| message.hidden_until <= self.now)?;
        message.receives += 1;
        if message.receives > RECEIVES_MAX {
            let dead = self.mail.messages.remove(&id)?;
            self.mail.dead.push(dead);
            return None;
        }
        message.hidden_until = self.now + hidden_for(message.queue);
        let (message, again) = (message.clone(), message.hidden_until);
        self.at(again, Due::Message(id));
        Some(message)
    }

    /// A message was worked off. Its deletion may be lost.
    pub fn delete(&mut self, id: u64) {
        if !self.fires("lost delete", self.faults.lost_delete) {
            self.mail.messages.remove(&id);
        }
    }

    /// An operator sends on what was put aside.
    pub fn redrive(&mut self) {
        for message in std::mem::take(&mut self.mail.dead) {
            self.post(message.queue, &message.body, 0);
        }
    }
}
