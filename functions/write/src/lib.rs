//! The `write` function: the one active writer of a target.

use bootstrap::{Delivery, Handler, Runtime, serve};
use lambda_runtime::Error;
use pipeline::WriteOutcome;
use ports::TargetWrite;
use serde_json::{Value, json};
use std::time::Duration;

/// Runs the function until the runtime ends it.
pub async fn run() -> Result<(), Error> {
    // Boxed: the futures of a whole step are large, and the stack of a function is small.
    let runtime = Box::pin(Runtime::load()).await?;
    Box::pin(serve(Write { runtime })).await
}

struct Write {
    runtime: Runtime,
}

impl Handler for Write {
    /// The last request may take 10 s, and what it did is to be recorded.
    fn margin(&self) -> Duration {
        Duration::from_secs(20)
    }

    async fn handle(&self, delivery: Delivery) -> Result<Value, Error> {
        let message: messages::Write = messages::decode(&delivery.body)?;
        let runtime = &self.runtime;
        let target = runtime.target(&message.target).await?;
        let pace = runtime.pace(&message.target, target.group_max())?;
        let outcome = pipeline::write(
            &runtime.ports,
            target.as_ref(),
            &message.target,
            &|name| runtime.job(name).filter(|job| job.target == message.target),
            pace,
            message.continuation,
            delivery.deadline,
        )
        .await?;
        let (word, finished) = match &outcome {
            WriteOutcome::LeaseHeld => ("lease-held", 0),
            WriteOutcome::Paused { .. } => {
                runtime.forget_target(&message.target).await;
                ("paused", 0)
            }
            WriteOutcome::Idle { finished, .. } => ("idle", *finished),
            WriteOutcome::HandedOn { finished } => ("handed-on", *finished),
        };
        tracing::info!(target.id = message.target, outcome = word, batches = finished, "wrote");
        Ok(json!({ "outcome": word, "finished": finished }))
    }
}
