//! A function on the real runtime that does what its events say; the tests of the local stack run it.

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::time::Duration;

use lambda_runtime::{Error, LambdaEvent, service_fn};
use local::{FunctionOptions, Options, QueueOptions, Stack};
use serde_json::{Value, json};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    // The stack never writes to the standard input: its end says that the stack is gone.
    std::thread::spawn(|| {
        let _ = std::io::stdin().read_to_end(&mut Vec::new());
        std::process::exit(0);
    });
    if env("TRIAL_INIT") == "fail" {
        return Err("the trial was told not to start".into());
    }
    if std::env::args_os().len() > 1 {
        return host().await;
    }
    lambda_runtime::run(service_fn(handle)).await
}

/// Started with a folder instead of by the stack, it is itself the host of a stack with one function, and prints where
/// that stack's queue is. Tests kill it.
async fn host() -> Result<(), Error> {
    let state = std::env::args_os().nth(1).unwrap_or_default().into();
    let table = json!({
        "TableName": "trial",
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [{ "AttributeName": "pk", "AttributeType": "S" }],
        "KeySchema": [{ "AttributeName": "pk", "KeyType": "HASH" }],
    });
    let queue = QueueOptions {
        name: "work".into(),
        batch_size: 1,
        window: Duration::ZERO,
        visibility: Duration::from_mins(10),
        max_receive_count: 2,
    };
    let function = FunctionOptions {
        name: "worker".into(),
        command: vec![std::env::current_exe()?.into()],
        env: BTreeMap::from([("TRIAL_NOTES".into(), env("TRIAL_NOTES"))]),
        timeout: Duration::from_secs(100),
        concurrency: 1,
        queue: Some(queue),
        schedules: Vec::new(),
        url: false,
    };
    let stack =
        Stack::start(Options { state, table, functions: vec![function], region: "eu-central-1".into() }).await?;
    writeln!(std::io::stdout(), "{}", stack.queue_url("work"))?;
    std::future::pending().await
}

async fn handle(event: LambdaEvent<Value>) -> Result<Value, Error> {
    let LambdaEvent { payload, context } = event;
    if let Some(records) = payload["Records"].as_array() {
        return Ok(batch(records).await);
    }
    if payload["rawPath"].is_string() {
        let body = json!({ "event": payload }).to_string();
        return Ok(json!({ "statusCode": 201, "headers": { "x-trial": "yes" }, "cookies": ["a=1"], "body": body }));
    }
    let what = payload["do"].as_str().unwrap_or_default();
    act(what).await?;
    note(what);
    Ok(json!({
        "event": payload,
        "request_id": context.request_id,
        "deadline": context.deadline,
        "arn": context.invoked_function_arn,
        "process": std::process::id(),
        "queue": env("TRIAL_QUEUE_URL"),
        "dynamodb": env("AWS_ENDPOINT_URL_DYNAMODB"),
        "sqs": env("AWS_ENDPOINT_URL_SQS"),
        "profile": env("AWS_PROFILE"),
    }))
}

/// Each body says what to do; those that fail are reported.
async fn batch(records: &[Value]) -> Value {
    let mut failures = Vec::new();
    for record in records {
        let count = &record["attributes"]["ApproximateReceiveCount"];
        let body = record["body"].as_str().unwrap_or_default();
        note(&format!("{body} {} {}", count.as_str().unwrap_or_default(), records.len()));
        if body == "pid" {
            note(&std::process::id().to_string());
            act("hang").await.ok();
        }
        if act(body).await.is_err() {
            failures.push(json!({ "itemIdentifier": record["messageId"] }));
        }
    }
    json!({ "batchItemFailures": failures })
}

async fn act(what: &str) -> Result<(), Error> {
    match what.split(' ').next().unwrap_or_default() {
        "fail" => return Err("the trial was told to fail".into()),
        "crash" => std::process::exit(3),
        "hang" => tokio::time::sleep(Duration::from_mins(1)).await,
        "nap" => tokio::time::sleep(Duration::from_millis(300)).await,
        _ => {}
    }
    Ok(())
}

/// Appends a line to the file that the test reads.
fn note(line: &str) {
    let path = env("TRIAL_NOTES");
    if let Ok(mut file) = std::fs::OpenOptions::new().create(true).append(true).open(path) {
        let _ = writeln!(file, "{line}");
    }
}

fn env(name: &str) -> String {
    std::env::var_os(name).unwrap_or_default().to_string_lossy().into_owned()
}
