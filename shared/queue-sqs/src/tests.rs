//! What is sent, in what pieces, and what becomes of what SQS does not take.

use super::*;
use aws_sdk_sqs::config::retry::RetryConfig;
use aws_sdk_sqs::config::{BehaviorVersion, Config, Credentials, Region};
use fakes::{Answer, ScriptedServer};
use serde_json::{Value, json};

fn queue(server: &ScriptedServer) -> SqsQueue {
    let config = Config::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(Region::new("us-east-1"))
        .credentials_provider(Credentials::new("test", "test", None, None, "test"))
        .endpoint_url(server.url())
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .retry_config(RetryConfig::disabled())
        .build();
    let url = format!("{}/000000000000/write", server.url());
    SqsQueue::new(Client::from_conf(config), [(QueueName::Write, url)].into())
}

fn taken() -> Answer {
    Answer::Reply(200, json!({ "Successful": [], "Failed": [] }).to_string())
}

fn not_taken(id: &str, sender_fault: bool) -> Answer {
    let failed = json!({ "Id": id, "Code": "InternalError", "SenderFault": sender_fault });
    Answer::Reply(200, json!({ "Successful": [], "Failed": [failed] }).to_string())
}

/// Sends so many messages; the outcome and the entries of each request.
async fn send(answers: Vec<Answer>, count: usize, delay: Duration) -> (Result<(), PortError>, Vec<Vec<Value>>) {
    let server = ScriptedServer::start(answers);
    let bodies: Vec<String> = (0..count).map(|n| format!("{{\"n\":{n}}}")).collect();
    let outcome = queue(&server).send(QueueName::Write, &bodies, delay).await;
    let requests = server.requests();
    let entries = requests.iter().map(|request| {
        let body: Value = serde_json::from_str(request.split_once("\r\n\r\n").unwrap().1).unwrap();
        body["Entries"].as_array().unwrap().clone()
    });
    (outcome, entries.collect())
}

#[tokio::test]
async fn ten_messages_travel_together() {
    let (outcome, requests) = send(vec![taken()], 23, Duration::from_millis(1500)).await;
    assert!(outcome.is_ok());
    assert_eq!(requests.iter().map(Vec::len).collect::<Vec<_>>(), [10, 10, 3]);
    assert_eq!(requests[2][0]["MessageBody"], r#"{"n":20}"#);
    assert_eq!(requests[2][0]["DelaySeconds"], 2, "never earlier than asked for");
}

#[tokio::test]
async fn nothing_to_send_is_no_request() {
    let (outcome, requests) = send(vec![taken()], 0, Duration::ZERO).await;
    assert!(outcome.is_ok() && requests.is_empty());
}

#[tokio::test]
async fn an_entry_that_was_not_taken_is_sent_once_more() {
    let (outcome, requests) = send(vec![not_taken("1", false), taken()], 3, Duration::ZERO).await;
    assert!(outcome.is_ok());
    assert_eq!(requests.iter().map(Vec::len).collect::<Vec<_>>(), [3, 1]);
    assert_eq!(requests[1][0]["MessageBody"], r#"{"n":1}"#);
    let (outcome, requests) = send(vec![not_taken("1", false)], 3, Duration::ZERO).await;
    assert!(outcome.is_err_and(|error| error.is_transient()));
    assert_eq!(requests.len(), 2);
}

#[tokio::test]
async fn our_own_mistake_is_not_sent_again() {
    let (outcome, requests) = send(vec![not_taken("0", true)], 1, Duration::ZERO).await;
    assert!(matches!(outcome, Err(PortError::Permanent { .. })));
    assert_eq!(requests.len(), 1);
}

#[tokio::test]
async fn failures_have_the_class_that_says_what_to_do() {
    let failure =
        |status, code: &str| Answer::Reply(status, json!({ "__type": code, "message": "scripted" }).to_string());
    for (answer, transient) in [
        (failure(500, "com.amazonaws.sqs#InternalFailure"), true),
        (failure(400, "com.amazonaws.sqs#RequestThrottled"), true),
        (failure(400, "com.amazonaws.sqs#QueueDoesNotExist"), false),
        (failure(403, "AccessDeniedException"), false),
        (Answer::Close, true),
    ] {
        let (outcome, _) = send(vec![answer.clone()], 1, Duration::ZERO).await;
        assert_eq!(outcome.is_err_and(|error| error.is_transient()), transient, "{answer:?}");
    }
}

#[tokio::test]
async fn a_message_that_carries_data_is_refused_before_anything_is_sent() {
    let server = ScriptedServer::start(vec![taken()]);
    let queue = queue(&server);
    let long = ["{}".to_owned(), "x".repeat(1025)];
    assert!(matches!(queue.send(QueueName::Write, &long, Duration::ZERO).await, Err(PortError::Permanent { .. })));
    let late = queue.send(QueueName::Write, &long[..1], Duration::from_secs(901)).await;
    assert!(matches!(late, Err(PortError::Permanent { .. })));
    let elsewhere = queue.send(QueueName::Fetch, &long[..1], Duration::ZERO).await;
    assert!(matches!(elsewhere, Err(PortError::Permanent { .. })));
    assert!(server.requests().is_empty());
}
