//! A stack in a folder of its own, its clients, and what its function wrote down.

use std::collections::BTreeMap;
use std::future::Future;
use std::path::{Path, PathBuf};
use std::time::Duration;

use aws_credential_types::Credentials;
use local::{FunctionOptions, Options, QueueOptions, Stack};
use serde_json::{Value, json};

/// Region of every trial.
pub const REGION: &str = "eu-central-1";

/// A folder that goes when the trial does.
pub struct Trial {
    folder: tempfile::TempDir,
}

impl Trial {
    pub fn new() -> Trial {
        Trial { folder: tempfile::tempdir().unwrap() }
    }

    pub fn state(&self) -> PathBuf {
        self.folder.path().join("state")
    }

    /// Options with these functions.
    pub fn options(&self, functions: Vec<FunctionOptions>) -> Options {
        Options { state: self.state(), table: table(), functions, region: REGION.into() }
    }

    pub async fn start(&self, functions: Vec<FunctionOptions>) -> Stack {
        Stack::start(self.options(functions)).await.unwrap()
    }

    /// The example `trial` as a function.
    pub fn function(&self, name: &str) -> FunctionOptions {
        let notes = self.notes_file().to_str().unwrap().to_owned();
        FunctionOptions {
            name: name.into(),
            command: vec![example().into()],
            env: BTreeMap::from([("TRIAL_NOTES".into(), notes)]),
            timeout: Duration::from_secs(20),
            concurrency: 1,
            queue: None,
            schedules: Vec::new(),
            url: false,
        }
    }

    pub fn notes_file(&self) -> PathBuf {
        self.folder.path().join("notes")
    }

    /// The lines the function wrote.
    pub fn notes(&self) -> Vec<String> {
        let text = std::fs::read_to_string(self.notes_file()).unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }
}

/// A queue with quick times.
pub fn queue(name: &str) -> QueueOptions {
    QueueOptions {
        name: name.into(),
        batch_size: 10,
        window: Duration::ZERO,
        visibility: Duration::from_secs(1),
        max_receive_count: 3,
    }
}

pub fn table() -> Value {
    json!({
        "TableName": "trial",
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [{ "AttributeName": "pk", "AttributeType": "S" }],
        "KeySchema": [{ "AttributeName": "pk", "KeyType": "HASH" }],
        "TimeToLiveSpecification": { "AttributeName": "ttl", "Enabled": true },
    })
}

pub fn sqs(stack: &Stack) -> aws_sdk_sqs::Client {
    sqs_at(&stack.sqs_url())
}

pub fn sqs_at(url: &str) -> aws_sdk_sqs::Client {
    let config = aws_sdk_sqs::Config::builder()
        .behavior_version(aws_sdk_sqs::config::BehaviorVersion::latest())
        .region(aws_sdk_sqs::config::Region::new(REGION))
        .endpoint_url(url)
        .credentials_provider(Credentials::new("local", "local", None, None, "trial"))
        .http_client(aws_smithy_http_client::Builder::new().build_http());
    aws_sdk_sqs::Client::from_conf(config.build())
}

pub fn dynamodb(stack: &Stack) -> aws_sdk_dynamodb::Client {
    let config = aws_sdk_dynamodb::Config::builder()
        .behavior_version(aws_sdk_dynamodb::config::BehaviorVersion::latest())
        .region(aws_sdk_dynamodb::config::Region::new(REGION))
        .endpoint_url(stack.dynamodb_url())
        .credentials_provider(Credentials::new("local", "local", None, None, "trial"))
        .http_client(aws_smithy_http_client::Builder::new().build_http());
    aws_sdk_dynamodb::Client::from_conf(config.build())
}

/// Waits until something holds; the machine may be slow, so the patience is long.
pub async fn until<F: Future<Output = bool>>(what: &str, mut holds: impl FnMut() -> F) {
    for _ in 0..600 {
        if holds().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("in vain waited until {what}");
}

/// Cargo builds the examples of a package together with its tests.
pub fn example() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let folder = test.parent().and_then(Path::parent).unwrap();
    let example = folder.join("examples/trial");
    assert!(example.exists(), "the example is not built: cargo build -p local --example trial");
    example
}
