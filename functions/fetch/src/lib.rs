//! The `fetch` function: starts a cycle of a job by schedule, by message or by an object that arrived in S3.

use bootstrap::{Delivery, Handler, Runtime, serve};
use config::Connector;
use lambda_runtime::Error;
use messages::Mode;
use pipeline::FetchOutcome;
use serde_json::{Value, json};
use std::time::Duration;

/// Runs the function until the runtime ends it.
pub async fn run() -> Result<(), Error> {
    // Boxed: the futures of a whole step are large, and the stack of a function is small.
    let runtime = Box::pin(Runtime::load()).await?;
    Box::pin(serve(Fetch { runtime })).await
}

struct Fetch {
    runtime: Runtime,
}

impl Handler for Fetch {
    fn margin(&self) -> Duration {
        Duration::from_secs(20)
    }

    async fn handle(&self, delivery: Delivery) -> Result<Value, Error> {
        let body: Value = messages::decode(&delivery.body)?;
        if let Some(addresses) = messages::arrived(&body) {
            let mut outcomes = Vec::new();
            for job in self.jobs_of(&addresses) {
                let request = messages::Fetch { v: 1, job, mode: Mode::Incremental, cycle: None, continuation: 0 };
                outcomes.push(self.fetch(&request, &delivery).await?);
            }
            return Ok(Value::Array(outcomes));
        }
        self.fetch(&messages::decode(&delivery.body)?, &delivery).await
    }
}

impl Fetch {
    async fn fetch(&self, request: &messages::Fetch, delivery: &Delivery) -> Result<Value, Error> {
        let job = self.runtime.expect_job(&request.job)?;
        let source = self.runtime.source_of(&request.job)?;
        let outcome = pipeline::fetch(&self.runtime.ports, &source, &job, request, delivery.deadline).await?;
        let (word, cycle) = match &outcome {
            FetchOutcome::Settled { cycle } => ("settled", *cycle),
            FetchOutcome::Planning { cycle, .. } => ("planning", *cycle),
            FetchOutcome::Held { cycle, .. } => ("held", *cycle),
            FetchOutcome::Continues { cycle } => ("continues", *cycle),
            FetchOutcome::Busy { cycle } => ("busy", *cycle),
            FetchOutcome::Overtaken => ("overtaken", 0),
        };
        tracing::info!(job = request.job, cycle.id = cycle, outcome = word, "fetched");
        Ok(json!({ "outcome": word, "cycle": cycle }))
    }

    /// The jobs whose source is one of the objects that arrived.
    fn jobs_of(&self, arrived: &[String]) -> Vec<String> {
        let config = &self.runtime.config;
        let reads = |job: &config::Job| match config.connectors.get(&job.source) {
            Some(Connector::Files(options)) => arrived.contains(&options.url),
            _ => false,
        };
        config.jobs.values().filter(|job| reads(job)).map(|job| job.name.clone()).collect()
    }
}
