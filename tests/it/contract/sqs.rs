//! SQS servers and the SDK's real client: the local stack's and the independent one.

use super::Real;
use super::emulator::{self, REGION, credentials, unique};
use aws_sdk_sqs::Client;
use aws_sdk_sqs::config::{BehaviorVersion, Config, Region};
use local::{Options, Stack};
use store_dynamodb::create_table_request;
use tempfile::TempDir;

/// A client, and an ending that makes the names of queues this test's own.
pub(super) struct Raw {
    pub client: Client,
    ending: String,
}

impl Raw {
    /// A queue's full name.
    pub(super) fn name(&self, queue: &str) -> String {
        format!("{queue}{}", self.ending)
    }

    /// Makes a queue and gives its address.
    pub(super) async fn make(&self, queue: &str) -> String {
        let made = self.client.create_queue().queue_name(self.name(queue)).send().await.unwrap();
        made.queue_url.unwrap()
    }
}

fn client(url: &str) -> Client {
    let config = Config::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(Region::new(REGION))
        .credentials_provider(credentials())
        .endpoint_url(url)
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .build();
    Client::from_conf(config)
}

/// The server that the local stack embeds.
pub(super) async fn embedded() -> Option<Real<Raw, (TempDir, Stack)>> {
    let folder = tempfile::tempdir().unwrap();
    let options = Options {
        state: folder.path().join("state"),
        table: create_table_request("tenure"),
        functions: Vec::new(),
        region: REGION.to_owned(),
    };
    let stack = Stack::start(options).await.unwrap();
    let port = Raw { client: client(&stack.sqs_url()), ending: String::new() };
    Some(Real { port, keep: (folder, stack) })
}

/// The independent server.
#[expect(clippy::unused_async, reason = "every start is awaited")]
pub(super) async fn ministack(rule: &str) -> Option<Real<Raw>> {
    let client = client(&emulator::address(rule)?);
    Some(Real::alone(Raw { client, ending: unique("") }))
}
