//! The errors that no `DynamoDB` here gives on demand: what is sent again, and what becomes of the rest.

use super::*;
use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::config::timeout::TimeoutConfig;
use aws_sdk_dynamodb::config::{BehaviorVersion, Config, Credentials, Region};
use fakes::{Answer, ScriptedServer};
use ports::Field;
use std::time::Duration;

/// A client that would try three times, as the functions' clients do.
fn table(server: &ScriptedServer) -> DynamoTable {
    let config = Config::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(Region::new("us-east-1"))
        .credentials_provider(Credentials::new("test", "test", None, None, "test"))
        .endpoint_url(server.url())
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .retry_config(RetryConfig::standard().with_max_attempts(3).with_initial_backoff(Duration::from_millis(1)))
        .timeout_config(TimeoutConfig::builder().operation_attempt_timeout(Duration::from_millis(200)).build())
        .build();
    DynamoTable::new(Client::from_conf(config), "tenure".to_owned())
}

fn failure(status: u16, code: &str) -> Answer {
    Answer::Reply(status, format!(r#"{{"__type":"com.amazonaws.dynamodb.v20120810#{code}","message":"scripted"}}"#))
}

fn done() -> Answer {
    Answer::Reply(200, r#"{"ConsumedCapacity":{"TableName":"tenure","CapacityUnits":1.0}}"#.to_owned())
}

fn key() -> Key {
    Key::new("p", "s")
}

async fn put(answers: Vec<Answer>, condition: Condition) -> (Result<(), PortError>, usize) {
    let server = ScriptedServer::start(answers);
    let outcome = table(&server).put(&key(), Item::new(), condition).await;
    (outcome, server.requests().len())
}

#[tokio::test]
async fn a_conditional_write_without_an_answer_is_not_sent_again() {
    for lost in [Answer::Close, Answer::Silence, failure(500, "InternalServerError")] {
        let (outcome, requests) = put(vec![lost.clone(), done()], Condition::Absent).await;
        assert!(outcome.is_err_and(|error| error.is_transient()), "{lost:?}");
        assert_eq!(requests, 1, "{lost:?}");
    }
}

#[tokio::test]
async fn an_unconditional_put_is_sent_again() {
    let (outcome, requests) = put(vec![failure(500, "InternalServerError"), done()], Condition::Always).await;
    assert!(outcome.is_ok());
    assert_eq!(requests, 2);
}

#[tokio::test]
async fn adding_to_a_number_is_never_sent_again() {
    let server = ScriptedServer::start(vec![failure(500, "InternalServerError"), done()]);
    let outcome = table(&server).update(&key(), vec![Edit::Add("count", 1)], Condition::Always).await;
    assert!(outcome.is_err_and(|error| error.is_transient()));
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn a_throttled_conditional_write_was_not_done_and_is_sent_again() {
    let throttled = || failure(400, "ProvisionedThroughputExceededException");
    let (outcome, requests) = put(vec![throttled(), throttled(), done()], Condition::Absent).await;
    assert!(outcome.is_ok());
    assert_eq!(requests, 3);
    let (outcome, requests) = put(vec![throttled()], Condition::Absent).await;
    assert!(outcome.is_err_and(|error| error.is_transient()));
    assert_eq!(requests, 4, "patience has an end");
}

#[tokio::test]
async fn what_needs_a_person_says_so() {
    for code in ["ResourceNotFoundException", "AccessDeniedException", "ValidationException"] {
        let (outcome, requests) = put(vec![failure(400, code)], Condition::Absent).await;
        assert!(matches!(outcome, Err(PortError::Permanent { .. })), "{code}");
        assert_eq!(requests, 1);
    }
    let server = ScriptedServer::start(vec![failure(400, "ResourceNotFoundException")]);
    let error = table(&server).get(&key()).await.expect_err("there is no table");
    assert_eq!(error.to_string(), "the table does not exist; deploy the stack or correct TABLE_NAME");
}

#[tokio::test]
async fn a_transaction_is_sent_again_under_the_same_token() {
    let server = ScriptedServer::start(vec![
        failure(500, "InternalServerError"),
        Answer::Reply(200, r#"{"ConsumedCapacity":[{"TableName":"tenure","CapacityUnits":4.0}]}"#.to_owned()),
    ]);
    let table = table(&server);
    table.transact(vec![Write::Put(key(), Item::new(), Condition::Absent)]).await.unwrap();
    let tokens: Vec<String> = server
        .requests()
        .iter()
        .map(|request| {
            let body = request.split_once("\r\n\r\n").unwrap().1;
            let body: serde_json::Value = serde_json::from_str(body).unwrap();
            body["ClientRequestToken"].as_str().unwrap().to_owned()
        })
        .collect();
    assert_eq!(tokens.len(), 2);
    assert_eq!(tokens[0], tokens[1]);
    assert_eq!(table.units(), Units { read: 0.0, write: 4.0, requests: 1 });
}

#[tokio::test]
async fn two_transactions_in_each_others_way_may_pass_later() {
    let body = r#"{"__type":"com.amazonaws.dynamodb.v20120810#TransactionCanceledException","Message":"scripted",
        "CancellationReasons":[{"Code":"None"},{"Code":"TransactionConflict"}]}"#;
    let server = ScriptedServer::start(vec![Answer::Reply(400, body.to_owned())]);
    let outcome = table(&server).transact(vec![Write::Delete(key(), Condition::Always)]).await;
    assert!(outcome.is_err_and(|error| error.is_transient()));
}

#[tokio::test]
async fn keys_left_unprocessed_are_asked_for_again_within_bounds() {
    let found = r#"[{"pk":{"S":"p"},"sk":{"S":"a"},"n":{"N":"1"}}]"#;
    let rest = r#"{"tenure":{"Keys":[{"pk":{"S":"p"},"sk":{"S":"b"}}],"ConsistentRead":true}}"#;
    let partial = Answer::Reply(200, format!(r#"{{"Responses":{{"tenure":{found}}},"UnprocessedKeys":{rest}}}"#));
    let whole = Answer::Reply(200, r#"{"Responses":{"tenure":[]},"UnprocessedKeys":{}}"#.to_owned());
    let keys = [Key::new("p", "a"), Key::new("p", "b")];

    let server = ScriptedServer::start(vec![partial.clone(), whole]);
    let items = table(&server).get_many(&keys).await.unwrap();
    assert_eq!(items[&keys[0]]["n"], Field::Number(1));
    assert!(server.requests()[1].contains(r#""b""#) && !server.requests()[1].contains(r#""a""#));

    let server = ScriptedServer::start(vec![partial]);
    let outcome = table(&server).get_many(&keys).await;
    assert!(outcome.is_err_and(|error| error.is_transient()));
    assert_eq!(server.requests().len(), BATCH_ATTEMPTS_MAX as usize);
}
