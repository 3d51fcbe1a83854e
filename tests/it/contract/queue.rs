//! What every queue does.

use super::contract;
use aws_sdk_sqs::Client;
use aws_sdk_sqs::config::{BehaviorVersion, Config, Credentials, Region};
use aws_sdk_sqs::types::DeleteMessageBatchRequestEntry;
use fakes::FakeQueue;
use local::{Options, Stack};
use ports::{PortError, Queue, QueueName};
use queue_sqs::SqsQueue;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;
use store_dynamodb::create_table_request;
use tempfile::TempDir;

contract! {
    fake: super::Ends::fake(),
    sqs: super::local().await,
    rules: [
        every_message_arrives,
        queues_do_not_mix,
        a_delayed_message_waits,
        what_is_no_message_is_refused,
    ]
}

/// A queue's two ends: the port that sends, and taking out what can be seen, which only tests do here.
enum Ends {
    Fake(FakeQueue),
    Sqs(Sqs),
}

struct Sqs {
    queue: SqsQueue,
    client: Client,
    urls: BTreeMap<QueueName, String>,
}

impl Ends {
    fn fake() -> Self {
        Self::Fake(fakes::World::new(1).queue)
    }

    async fn send(&self, queue: QueueName, bodies: &[String], delay: Duration) -> Result<(), PortError> {
        match self {
            Self::Fake(fake) => fake.send(queue, bodies, delay).await,
            Self::Sqs(sqs) => sqs.queue.send(queue, bodies, delay).await,
        }
    }

    async fn take(&self, queue: QueueName) -> BTreeSet<String> {
        match self {
            Self::Fake(fake) => fake
                .receive(queue)
                .into_iter()
                .map(|(receipt, body)| {
                    fake.delete(receipt);
                    body
                })
                .collect(),
            Self::Sqs(sqs) => sqs.take(queue).await,
        }
    }
}

impl Sqs {
    async fn take(&self, queue: QueueName) -> BTreeSet<String> {
        let url = &self.urls[&queue];
        let mut bodies = BTreeSet::new();
        loop {
            let reply = self.client.receive_message().queue_url(url).max_number_of_messages(10).send().await.unwrap();
            let messages = reply.messages.unwrap_or_default();
            if messages.is_empty() {
                return bodies;
            }
            let entries = messages.iter().enumerate().map(|(n, message)| {
                let receipt = message.receipt_handle().unwrap();
                DeleteMessageBatchRequestEntry::builder().id(n.to_string()).receipt_handle(receipt).build().unwrap()
            });
            let delete = self.client.delete_message_batch().queue_url(url).set_entries(Some(entries.collect()));
            assert!(delete.send().await.unwrap().failed.is_empty());
            bodies.extend(messages.into_iter().filter_map(|message| message.body));
        }
    }
}

/// The local stack's SQS and the SDK's real client.
async fn local() -> super::Real<Ends, (TempDir, Stack)> {
    let folder = tempfile::tempdir().unwrap();
    let options = Options {
        state: folder.path().join("state"),
        table: create_table_request("tenure"),
        functions: Vec::new(),
        region: "us-east-1".to_owned(),
    };
    let stack = Stack::start(options).await.unwrap();
    let config = Config::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(Region::new("us-east-1"))
        .credentials_provider(Credentials::new("test", "test", None, None, "test"))
        .endpoint_url(stack.sqs_url())
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .build();
    let client = Client::from_conf(config);
    let mut urls = BTreeMap::new();
    for queue in QueueName::ALL {
        let made = client.create_queue().queue_name(queue.function()).send().await.unwrap();
        urls.insert(queue, made.queue_url.unwrap());
    }
    let queue = SqsQueue::new(client.clone(), urls.clone());
    super::Real { port: Ends::Sqs(Sqs { queue, client, urls }), _keep: (folder, stack) }
}

fn bodies(count: usize) -> Vec<String> {
    (0..count).map(|n| format!("{{\"job\":\"hr\",\"batch\":{n}}}")).collect()
}

async fn every_message_arrives(ends: &Ends) {
    let bodies = bodies(27);
    ends.send(QueueName::Transform, &bodies, Duration::ZERO).await.unwrap();
    ends.send(QueueName::Transform, &[], Duration::ZERO).await.unwrap();
    assert_eq!(ends.take(QueueName::Transform).await, bodies.into_iter().collect());
    assert!(ends.take(QueueName::Transform).await.is_empty());
}

async fn queues_do_not_mix(ends: &Ends) {
    for (queue, body) in QueueName::ALL.into_iter().zip(bodies(4)) {
        ends.send(queue, &[body], Duration::ZERO).await.unwrap();
    }
    for (queue, body) in QueueName::ALL.into_iter().zip(bodies(4)) {
        assert_eq!(ends.take(queue).await, [body].into());
    }
}

async fn a_delayed_message_waits(ends: &Ends) {
    ends.send(QueueName::Fetch, &bodies(1), Duration::from_mins(15)).await.unwrap();
    assert!(ends.take(QueueName::Fetch).await.is_empty());
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
