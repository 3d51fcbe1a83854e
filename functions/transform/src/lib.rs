//! The `transform` function: plans one batch a message.

use bootstrap::{Delivery, Handler, Runtime, serve};
use lambda_runtime::Error;
use serde_json::{Value, json};
use std::time::Duration;

/// A message that failed so often for a reason that does not pass is given up: its records are kept with the reason.
const DELIVERIES_MAX: u32 = 4;

/// Runs the function until the runtime ends it.
pub async fn run() -> Result<(), Error> {
    // Boxed: the futures of a whole step are large, and the stack of a function is small.
    let runtime = Box::pin(Runtime::load()).await?;
    Box::pin(serve(Transform { runtime })).await
}

struct Transform {
    runtime: Runtime,
}

impl Handler for Transform {
    fn margin(&self) -> Duration {
        Duration::from_secs(5)
    }

    async fn handle(&self, delivery: Delivery) -> Result<Value, Error> {
        let message: messages::Transform = messages::decode(&delivery.body)?;
        let job = self.runtime.expect_job(&message.job)?;
        let target = self.runtime.target(job.target).await?;
        let ports = &self.runtime.ports;
        match pipeline::transform(ports, target.as_ref(), &job, message.cycle, message.batch).await {
            Err(error) if delivery.times >= DELIVERIES_MAX && !error.is_transient() => {
                tracing::error!(job = message.job, cycle.id = message.cycle, batch.id = message.batch, %error, "a batch is given up");
                pipeline::give_up_batch(ports, &job, message.cycle, message.batch, &error.to_string()).await?;
            }
            Err(error) => {
                // A permission that is missing on the way there says nothing about the target.
                if target.has_refused() {
                    self.runtime.forget_target(job.target).await;
                    pipeline::note_trouble(ports, job.target, &error).await?;
                }
                return Err(error.into());
            }
            Ok(()) => {}
        }
        tracing::info!(job = message.job, cycle.id = message.cycle, batch.id = message.batch, "planned");
        Ok(json!({ "planned": message.batch }))
    }
}
