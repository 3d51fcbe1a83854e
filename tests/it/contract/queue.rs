//! What every queue does.

use super::{Real, contract, sqs};
use aws_sdk_sqs::types::DeleteMessageBatchRequestEntry;
use fakes::World;
use ports::{PortError, Queue, QueueName};
use queue_sqs::SqsQueue;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

contract! {
    rules: [
        every_message_arrives,
        queues_do_not_mix,
        a_body_arrives_as_it_was_sent,
        the_same_body_twice_is_two_messages,
        a_delayed_message_waits,
        a_delayed_message_comes_when_its_time_has_come,
        a_received_message_is_hidden_until_it_is_released,
        what_is_no_message_is_refused,
    ],
    fake: Some(super::Ends::fake()),
    embedded: super::Ends::on(super::sqs::embedded().await).await,
    ministack: super::Ends::on(super::sqs::ministack(RULE).await).await,
}

/// A queue's two ends: the port that sends, and receiving, which only tests do here.
enum Ends {
    Fake(World),
    Sqs(Sqs),
}

struct Sqs {
    queue: SqsQueue,
    raw: sqs::Raw,
    urls: BTreeMap<QueueName, String>,
}

/// A message with what names its delivery.
type Received = (String, String);

impl Ends {
    fn fake() -> Real<Self> {
        Real::alone(Self::Fake(World::new(1)))
    }

    async fn on<K>(server: Option<Real<sqs::Raw, K>>) -> Option<Real<Self, K>> {
        let Real { port: raw, keep } = server?;
        let mut urls = BTreeMap::new();
        for queue in QueueName::ALL {
            urls.insert(queue, raw.make(queue.function()).await);
        }
        let queue = SqsQueue::new(raw.client.clone(), urls.clone());
        Some(Real { port: Self::Sqs(Sqs { queue, raw, urls }), keep })
    }

    async fn send(&self, queue: QueueName, bodies: &[String], delay: Duration) -> Result<(), PortError> {
        match self {
            Self::Fake(world) => world.queue.send(queue, bodies, delay).await,
            Self::Sqs(sqs) => sqs.queue.send(queue, bodies, delay).await,
        }
    }

    /// Everything that can be seen; it is hidden from now on.
    async fn receive(&self, queue: QueueName) -> Vec<Received> {
        match self {
            Self::Fake(world) => {
                let received = world.queue.receive(queue).into_iter();
                received.map(|(receipt, body)| (receipt.to_string(), body)).collect()
            }
            Self::Sqs(sqs) => sqs.receive(queue).await,
        }
    }

    async fn delete(&self, queue: QueueName, received: &[Received]) {
        match self {
            Self::Fake(world) => received.iter().for_each(|(receipt, _)| world.queue.delete(receipt.parse().unwrap())),
            Self::Sqs(sqs) => sqs.delete(queue, received).await,
        }
    }

    /// Shows a received message again at once.
    async fn release(&self, queue: QueueName, received: &Received) {
        match self {
            Self::Fake(world) => world.queue.release(received.0.parse().unwrap()),
            Self::Sqs(sqs) => {
                let change = sqs.raw.client.change_message_visibility().queue_url(&sqs.urls[&queue]);
                change.receipt_handle(&received.0).visibility_timeout(0).send().await.unwrap();
            }
        }
    }

    async fn pass(&self, time: Duration) {
        match self {
            Self::Fake(world) => world.clock.advance(time),
            Self::Sqs(_) => tokio::time::sleep(time).await,
        }
    }

    /// Takes out everything that can be seen.
    async fn take(&self, queue: QueueName) -> Vec<String> {
        let received = self.receive(queue).await;
        self.delete(queue, &received).await;
        let mut bodies: Vec<String> = received.into_iter().map(|(_, body)| body).collect();
        bodies.sort();
        bodies
    }
}

impl Sqs {
    async fn receive(&self, queue: QueueName) -> Vec<Received> {
        let url = &self.urls[&queue];
        let mut received = Vec::new();
        loop {
            let receive = self.raw.client.receive_message().queue_url(url).max_number_of_messages(10);
            let messages = receive.send().await.unwrap().messages.unwrap_or_default();
            if messages.is_empty() {
                return received;
            }
            received.extend(messages.into_iter().filter_map(|message| Some((message.receipt_handle?, message.body?))));
        }
    }

    async fn delete(&self, queue: QueueName, received: &[Received]) {
        for chunk in received.chunks(10) {
            let entries = chunk.iter().enumerate().map(|(place, (receipt, _))| {
                DeleteMessageBatchRequestEntry::builder().id(place.to_string()).receipt_handle(receipt).build().unwrap()
            });
            let delete = self.raw.client.delete_message_batch().queue_url(&self.urls[&queue]);
            assert!(delete.set_entries(Some(entries.collect())).send().await.unwrap().failed.is_empty());
        }
    }
}

fn bodies(count: usize) -> Vec<String> {
    (0..count).map(|n| format!("{{\"job\":\"hr\",\"batch\":{n:02}}}")).collect()
}

async fn every_message_arrives(ends: &Ends) {
    let bodies = bodies(27);
    ends.send(QueueName::Transform, &bodies, Duration::ZERO).await.unwrap();
    ends.send(QueueName::Transform, &[], Duration::ZERO).await.unwrap();
    assert_eq!(ends.take(QueueName::Transform).await, bodies);
    assert!(ends.take(QueueName::Transform).await.is_empty());
}

async fn queues_do_not_mix(ends: &Ends) {
    for (queue, body) in QueueName::ALL.into_iter().zip(bodies(4)) {
        ends.send(queue, &[body], Duration::ZERO).await.unwrap();
    }
    for (queue, body) in QueueName::ALL.into_iter().zip(bodies(4)) {
        assert_eq!(ends.take(queue).await, [body]);
    }
}

async fn a_body_arrives_as_it_was_sent(ends: &Ends) {
    let bodies = [
        "{\"text\":\"ä \\\"quoted\\\" <&amp;> %41+b\"}".to_owned(),
        " \t\r\n".to_owned(),
        "😀".repeat(256),
        "x".repeat(1024),
    ];
    ends.send(QueueName::Write, &bodies, Duration::ZERO).await.unwrap();
    let arrived: BTreeSet<String> = ends.take(QueueName::Write).await.into_iter().collect();
    assert_eq!(arrived, bodies.into());
}

async fn the_same_body_twice_is_two_messages(ends: &Ends) {
    let twice = vec!["{}".to_owned(); 2];
    ends.send(QueueName::Write, &twice, Duration::ZERO).await.unwrap();
    assert_eq!(ends.take(QueueName::Write).await, twice);
}

async fn a_delayed_message_waits(ends: &Ends) {
    ends.send(QueueName::Fetch, &bodies(1), Duration::from_mins(15)).await.unwrap();
    assert!(ends.take(QueueName::Fetch).await.is_empty());
}

async fn a_delayed_message_comes_when_its_time_has_come(ends: &Ends) {
    ends.send(QueueName::Fetch, &["later".to_owned()], Duration::from_millis(1500)).await.unwrap();
    ends.send(QueueName::Fetch, &["now".to_owned()], Duration::ZERO).await.unwrap();
    assert_eq!(ends.take(QueueName::Fetch).await, ["now"]);
    // Delays are whole seconds, so this one may last two.
    ends.pass(Duration::from_millis(2200)).await;
    assert_eq!(ends.take(QueueName::Fetch).await, ["later"]);
}

async fn a_received_message_is_hidden_until_it_is_released(ends: &Ends) {
    ends.send(QueueName::OnDemand, &bodies(2), Duration::ZERO).await.unwrap();
    let received = ends.receive(QueueName::OnDemand).await;
    assert_eq!(received.len(), 2);
    assert!(ends.receive(QueueName::OnDemand).await.is_empty());
    ends.release(QueueName::OnDemand, &received[1]).await;
    let again = ends.receive(QueueName::OnDemand).await;
    assert_eq!(again.iter().map(|(_, body)| body).collect::<Vec<_>>(), [&received[1].1]);
    ends.delete(QueueName::OnDemand, &again).await;
    ends.release(QueueName::OnDemand, &received[0]).await;
    assert_eq!(ends.take(QueueName::OnDemand).await, [received[0].1.as_str()]);
    assert!(ends.receive(QueueName::OnDemand).await.is_empty());
}

async fn what_is_no_message_is_refused(ends: &Ends) {
    for body in [String::new(), "x".repeat(1025)] {
        let sent = ends.send(QueueName::Write, &["{}".to_owned(), body], Duration::ZERO).await;
        assert!(matches!(sent, Err(PortError::Permanent { .. })));
    }
    let late = ends.send(QueueName::Write, &bodies(1), Duration::from_secs(901)).await;
    assert!(matches!(late, Err(PortError::Permanent { .. })));
    assert!(ends.take(QueueName::Write).await.is_empty(), "nothing of a refused call is sent");
}
