//! The `on-demand` function: a cycle of one record, from the source to the target, in one invocation.

use bootstrap::{Delivery, Handler, Runtime, serve};
use lambda_runtime::Error;
use pipeline::{OnDemandOutcome, Writing};
use ports::TargetWrite;
use serde_json::{Value, json};
use std::time::Duration;

/// Runs the function until the runtime ends it.
pub async fn run() -> Result<(), Error> {
    // Boxed: the futures of a whole step are large, and the stack of a function is small.
    let runtime = Box::pin(Runtime::load()).await?;
    Box::pin(serve(OnDemand { runtime })).await
}

struct OnDemand {
    runtime: Runtime,
}

impl Handler for OnDemand {
    fn margin(&self) -> Duration {
        Duration::from_secs(20)
    }

    async fn handle(&self, delivery: Delivery) -> Result<Value, Error> {
        let message: messages::OnDemand = messages::decode(&delivery.body)?;
        let runtime = &self.runtime;
        let job = runtime.expect_job(&message.job)?;
        let Some(key) = pipeline::read_hint(&runtime.ports, &message.job, &message.hint).await? else {
            tracing::warn!(job = message.job, record.id = message.hint, "the hint has expired");
            return Ok(json!({ "outcome": "expired" }));
        };
        let source = runtime.source_of(&message.job)?;
        let target = runtime.target(job.target).await?;
        let jobs = |name: &str| runtime.job(name).filter(|one| one.target == job.target);
        let pace = runtime.pace(job.target, target.group_max())?;
        let writing = Writing { jobs: &jobs, pace, deadline: delivery.deadline };
        let planned = pipeline::on_demand(&runtime.ports, &source, target.as_ref(), &job, &key, writing).await;
        // What else may fail, a file that is not there for instance, says nothing about the target.
        if let (Err(error), true) = (&planned, target.has_refused()) {
            runtime.forget_target(job.target).await;
            pipeline::note_trouble(&runtime.ports, job.target, error).await?;
        }
        let cycle = match planned? {
            OnDemandOutcome::NotInSource => return Ok(json!({ "outcome": "not-in-source" })),
            OnDemandOutcome::Unreadable { reason } => {
                tracing::warn!(job = message.job, record.id = message.hint, reason, "the record cannot be read");
                return Ok(json!({ "outcome": "unreadable", "reason": reason }));
            }
            OnDemandOutcome::Planned { cycle } => cycle,
        };
        tracing::info!(job = message.job, cycle.id = cycle, record.id = message.hint, "done on demand");
        Ok(json!({ "outcome": "done", "cycle": cycle }))
    }
}
