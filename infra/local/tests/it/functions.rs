//! Functions on the real runtime: invocations, failures, processes, schedules, URLs.

use std::time::Duration;

use local::{InvokeError, Schedule, Stack};
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::trial::{REGION, Trial, queue, until};

#[tokio::test]
async fn a_function_gets_its_event_its_context_and_the_addresses_of_the_stack() {
    let trial = Trial::new();
    let mut function = trial.function("worker");
    function.queue = Some(queue("work"));
    function.env.insert("TRIAL_QUEUE_URL".into(), "[{queue:work}|{queue:work-dlq}|{sqs}|{other}]".into());
    let stack = trial.start(vec![function]).await;
    let answer = stack.invoke("worker", json!({ "a": [1, null] })).await.unwrap();
    assert_eq!(answer["event"], json!({ "a": [1, null] }));
    assert_eq!(answer["arn"], format!("arn:aws:lambda:{REGION}:000000000000:function:worker"));
    assert_eq!(answer["request_id"].as_str().unwrap().len(), 36);
    assert!(answer["deadline"].as_u64().unwrap() > 1_700_000_000_000);
    assert_eq!(answer["dynamodb"], stack.dynamodb_url());
    assert_eq!(answer["sqs"], stack.sqs_url());
    let (work, dead) = (stack.queue_url("work"), stack.queue_url("work-dlq"));
    assert_eq!(answer["queue"], format!("[{work}|{dead}|{}|{{other}}]", stack.sqs_url()));
    let again = stack.invoke("worker", json!({})).await.unwrap();
    assert_eq!(again["process"], answer["process"], "processes are kept warm");
    assert!(stack.failures().is_empty());
}

#[tokio::test]
async fn failures_keep_their_kind_and_are_counted() {
    let trial = Trial::new();
    let mut slow = trial.function("slow");
    slow.timeout = Duration::from_millis(700);
    let stack = trial.start(vec![trial.function("worker"), slow]).await;
    let failed = stack.invoke("worker", json!({ "do": "fail" })).await.unwrap_err();
    let InvokeError::Failed { message, .. } = failed else { panic!("{failed}") };
    assert_eq!(message, "the trial was told to fail");

    let crashed = stack.invoke("worker", json!({ "do": "crash" })).await.unwrap_err();
    assert!(matches!(crashed, InvokeError::Crashed { .. }), "{crashed}");
    stack.invoke("worker", json!({})).await.expect("a process that died is started again");

    // The first invocation makes sure that the time counts from a ready process.
    let before = stack.invoke("slow", json!({})).await.unwrap();
    let late = stack.invoke("slow", json!({ "do": "hang" })).await.unwrap_err();
    assert!(matches!(late, InvokeError::TimedOut { .. }), "{late}");
    let after = stack.invoke("slow", json!({})).await.unwrap();
    assert_ne!(before["process"], after["process"], "a process that was too slow is replaced");

    let unknown = stack.invoke("nobody", json!({})).await.unwrap_err();
    assert!(matches!(unknown, InvokeError::UnknownFunction { .. }));
    assert_eq!(stack.failures(), [("slow".to_owned(), 1), ("worker".to_owned(), 2)]);
}

#[tokio::test]
async fn a_function_that_cannot_start_fails_its_invocations_and_leaves_its_reason_in_the_log() {
    let trial = Trial::new();
    let mut broken = trial.function("broken");
    broken.env.insert("TRIAL_INIT".into(), "fail".into());
    let mut absent = trial.function("absent");
    absent.command = vec!["/nowhere/at/all".into()];
    let stack = trial.start(vec![broken, absent]).await;
    for name in ["broken", "absent"] {
        let error = stack.invoke(name, json!({})).await.unwrap_err();
        assert!(matches!(error, InvokeError::Crashed { .. }), "{error}");
        let log = std::fs::read_to_string(trial.state().join(format!("logs/{name}.log"))).unwrap();
        assert!(log.contains("not"), "{log}");
    }
}

#[tokio::test]
async fn as_many_invocations_run_at_once_as_the_concurrency_says() {
    let trial = Trial::new();
    let mut function = trial.function("worker");
    function.concurrency = 2;
    let stack = trial.start(vec![function]).await;
    let nap = || stack.invoke("worker", json!({ "do": "nap" }));
    let (a, b, c, d) = tokio::join!(nap(), nap(), nap(), nap());
    let mut processes: Vec<_> = [a, b, c, d].map(|answer| answer.unwrap()["process"].as_u64().unwrap()).into();
    processes.sort_unstable();
    processes.dedup();
    assert_eq!(processes.len(), 2);
}

#[tokio::test]
async fn a_schedule_fires_after_each_period_unless_it_is_off() {
    let trial = Trial::new();
    let mut function = trial.function("worker");
    let schedule =
        |enabled, what: &str| Schedule { every: Duration::from_millis(400), payload: json!({ "do": what }), enabled };
    function.schedules = vec![schedule(true, "tick"), schedule(false, "never")];
    let stack = trial.start(vec![function]).await;
    assert!(trial.notes().is_empty());
    until("it fired three times", async || trial.notes().len() >= 3).await;
    stack.stop().await;
    assert!(trial.notes().iter().all(|note| note == "tick"), "{:?}", trial.notes());
}

#[tokio::test]
async fn a_function_url_turns_requests_into_events_and_answers_into_responses() {
    let trial = Trial::new();
    let mut function = trial.function("hook");
    function.url = true;
    let stack = trial.start(vec![function, trial.function("plain")]).await;
    assert_eq!(stack.function_url("plain"), None);
    let head = "POST /scim/Users?filter=a%20b HTTP/1.1\r\nContent-Type: application/json\r\nCookie: s=1; t=2\r\n";
    let (status, answer) = request(&stack, "hook", head, r#"{"k":"v"}"#).await;
    assert!(status.starts_with("HTTP/1.1 201"), "{status}");
    assert!(status.contains("x-trial: yes") && status.contains("set-cookie: a=1"), "{status}");
    let event = &answer["event"];
    assert_eq!((&event["version"], &event["rawPath"]), (&json!("2.0"), &json!("/scim/Users")));
    assert_eq!(event["queryStringParameters"], json!({ "filter": "a b" }));
    assert_eq!(event["cookies"], json!(["s=1", "t=2"]));
    assert_eq!((&event["body"], &event["isBase64Encoded"]), (&json!(r#"{"k":"v"}"#), &json!(false)));
    assert_eq!(event["requestContext"]["http"]["method"], "POST");
}

async fn request(stack: &Stack, function: &str, head: &str, body: &str) -> (String, serde_json::Value) {
    let url = stack.function_url(function).unwrap();
    let mut stream = TcpStream::connect(url.trim_start_matches("http://")).await.unwrap();
    let rest = format!("Host: hook\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}", body.len());
    stream.write_all(format!("{head}{rest}").as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    let (status, body) = answer.split_once("\r\n\r\n").unwrap();
    (status.to_owned(), serde_json::from_str(body).unwrap())
}
