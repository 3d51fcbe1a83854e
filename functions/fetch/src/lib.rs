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
        let body: Value = serde_json::from_str(&delivery.body)?;
        if body.get("Event").and_then(Value::as_str) == Some("s3:TestEvent") {
            return Ok(Value::Null);
        }
        if let Some(records) = body.get("Records").and_then(Value::as_array) {
            let mut outcomes = Vec::new();
            for job in self.jobs_of(records) {
                let request = messages::Fetch { v: 1, job, mode: Mode::Incremental, cycle: None, continuation: 0 };
                outcomes.push(self.fetch(&request, &delivery).await?);
            }
            return Ok(Value::Array(outcomes));
        }
        self.fetch(&serde_json::from_value(body)?, &delivery).await
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
    fn jobs_of(&self, records: &[Value]) -> Vec<String> {
        let arrived: Vec<String> = records
            .iter()
            .filter_map(|record| {
                let bucket = record.pointer("/s3/bucket/name")?.as_str()?;
                let key = record.pointer("/s3/object/key")?.as_str()?;
                Some(format!("s3://{bucket}/{}", decoded(key)))
            })
            .collect();
        let config = &self.runtime.config;
        let reads = |job: &config::Job| match config.connectors.get(&job.source) {
            Some(Connector::Files(options)) => arrived.contains(&options.url),
            _ => false,
        };
        config.jobs.values().filter(|job| reads(job)).map(|job| job.name.clone()).collect()
    }
}

/// S3 writes keys in events as forms do: `+` for a blank, `%` and two digits for the rest.
fn decoded(key: &str) -> String {
    let mut bytes = Vec::with_capacity(key.len());
    let mut rest = key.as_bytes();
    while let Some((first, others)) = rest.split_first() {
        let digits = others.get(..2).and_then(|two| std::str::from_utf8(two).ok());
        match (first, digits.and_then(|two| u8::from_str_radix(two, 16).ok())) {
            (b'%', Some(byte)) => {
                bytes.push(byte);
                rest = &others[2..];
            }
            (b'+', _) => {
                bytes.push(b' ');
                rest = others;
            }
            _ => {
                bytes.push(*first);
                rest = others;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::decoded;

    #[test]
    fn keys_of_events_are_decoded_like_forms() {
        assert_eq!(decoded("in/hr+file%2B1%C3%A4.csv"), "in/hr file+1ä.csv");
        assert_eq!(decoded("100%"), "100%");
    }
}
