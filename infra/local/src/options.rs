//! What the caller says about the stack: its folder, its table, its functions.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use serde_json::Value;

/// The whole stack.
#[derive(Clone)]
pub struct Options {
    /// Folder that holds all state; made when missing. One process at a time may use it.
    pub state: PathBuf,
    /// A `CreateTable` request as JSON; the table is made when missing and left alone otherwise. A member
    /// `TimeToLiveSpecification` (as in `CloudFormation`) may stand beside the others.
    pub table: Value,
    /// The functions.
    pub functions: Vec<FunctionOptions>,
    /// The region that ARNs, events and the functions' environment name.
    pub region: String,
}

/// One function: what AWS keeps in its configuration, event source mapping, schedules and URL.
#[derive(Clone)]
pub struct FunctionOptions {
    /// Name, also in the ARN and in `AWS_LAMBDA_FUNCTION_NAME`.
    pub name: String,
    /// Program and arguments.
    pub command: Vec<OsString>,
    /// Added to the environment of the process. Values may hold `{dynamodb}`, `{sqs}` and `{queue:NAME}`, which become
    /// the addresses of this run.
    pub env: BTreeMap<String, String>,
    /// Longest time of one invocation; after it the process is killed.
    pub timeout: Duration,
    /// Most processes at once, and most batches of its queue at once.
    pub concurrency: usize,
    /// The queue that feeds it.
    pub queue: Option<QueueOptions>,
    /// Its schedules.
    pub schedules: Vec<Schedule>,
    /// Whether it has a URL of its own.
    pub url: bool,
}

/// A queue, its dead-letter queue `<name>-dlq` and the mapping to the function.
#[derive(Clone)]
pub struct QueueOptions {
    /// Name of the queue.
    pub name: String,
    /// Most messages in one invocation.
    pub batch_size: usize,
    /// How long to gather messages for a batch; zero takes what is there.
    pub window: Duration,
    /// How long a received message stays hidden; AWS advises six times the function's timeout.
    pub visibility: Duration,
    /// Receives without deletion after which a message moves to the dead-letter queue.
    pub max_receive_count: u32,
}

/// A periodic invocation. The first one comes after one period.
#[derive(Clone)]
pub struct Schedule {
    /// The period.
    pub every: Duration,
    /// The event.
    pub payload: Value,
    /// Whether it fires.
    pub enabled: bool,
}
