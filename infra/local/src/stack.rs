//! The stack as its caller sees it.

use std::collections::BTreeMap;
use std::fs::File;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::lambda::Function;
use crate::sqs::Queues;
use crate::stop::Stop;
use crate::{InvokeError, LocalError, Options};

/// How many messages a queue holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Depth {
    /// Ready to be received.
    pub visible: u64,
    /// Received and neither deleted nor visible again.
    pub in_flight: u64,
    /// Sent with a delay that has not passed.
    pub delayed: u64,
}

impl Depth {
    /// All messages of the queue.
    pub fn total(self) -> u64 {
        self.visible + self.in_flight + self.delayed
    }
}

/// A running stack. Dropping it kills the functions; [`Stack::stop`] lets them finish first.
pub struct Stack {
    pub(crate) dynamodb: String,
    pub(crate) queues: Arc<Queues>,
    pub(crate) functions: Arc<BTreeMap<String, Arc<Function>>>,
    pub(crate) urls: BTreeMap<String, String>,
    pub(crate) stop: Stop,
    /// Those that hold child processes.
    pub(crate) slots: JoinSet<()>,
    /// Servers, mappings and timers.
    pub(crate) tasks: JoinSet<()>,
    /// Held as long as the state is in use; the last to go.
    pub(crate) _lock: File,
}

/// How long requests under way may take to end.
const GRACE: Duration = Duration::from_secs(1);

impl Stack {
    /// Starts everything and returns once all endpoints accept connections.
    pub async fn start(options: Options) -> Result<Stack, LocalError> {
        crate::start::start(options).await
    }

    /// Endpoint of the embedded `DynamoDB`.
    pub fn dynamodb_url(&self) -> String {
        self.dynamodb.clone()
    }

    /// Endpoint of SQS.
    pub fn sqs_url(&self) -> String {
        self.queues.endpoint().to_owned()
    }

    /// URL of a queue.
    pub fn queue_url(&self, name: &str) -> String {
        self.queues.url(name)
    }

    /// URL of a function that has one.
    pub fn function_url(&self, name: &str) -> Option<String> {
        self.urls.get(name).cloned()
    }

    /// Invokes a function and waits for its answer.
    pub async fn invoke(&self, function: &str, payload: Value) -> Result<Value, InvokeError> {
        match self.functions.get(function) {
            Some(function) => function.invoke(&payload).await,
            None => Err(InvokeError::UnknownFunction { function: function.to_owned() }),
        }
    }

    /// How many messages a queue holds; zeros for a queue that does not exist.
    #[expect(clippy::unused_async, reason = "a queue may come to stand behind a connection")]
    pub async fn queue_depth(&self, name: &str) -> Depth {
        self.queues.depth(name).unwrap_or_default()
    }

    /// Failed invocations for each function that had any, in the order of their names.
    pub fn failures(&self) -> Vec<(String, u64)> {
        let counts = self.functions.iter().map(|(name, function)| (name.clone(), function.failures()));
        counts.filter(|(_, count)| *count > 0).collect()
    }

    /// Moves every visible message of `<queue>-dlq` back to `queue`, as if sent anew, and says how many.
    #[expect(clippy::unused_async, reason = "a queue may come to stand behind a connection")]
    pub async fn redrive(&self, queue: &str) -> Result<u64, LocalError> {
        self.queues.redrive(queue)
    }

    /// Ends everything: closes the functions' standard input, waits two seconds, then kills what still runs. Messages
    /// that were being worked on are visible again at the next start.
    pub async fn stop(mut self) {
        for function in self.functions.values() {
            function.stop();
        }
        self.stop.say();
        while self.slots.join_next().await.is_some() {}
        self.queues.close();
        let ended = async { while self.tasks.join_next().await.is_some() {} };
        // A client that keeps a request open must not keep the stack.
        let _ = timeout(GRACE, ended).await;
    }
}

impl Drop for Stack {
    fn drop(&mut self) {
        self.stop.say();
        self.queues.close();
    }
}
