//! The AWS JSON 1.0 protocol: one POST, the action in a header.

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse as _, Response};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::actions;
use super::fault::Fault;
use super::queues::Queues;

/// Content type of requests and answers.
pub(super) const CONTENT_TYPE: &str = "application/x-amz-json-1.0";

/// A batch of 1 MiB whose every byte is escaped in JSON.
const BODY_MAX: usize = 8 * 1024 * 1024;

/// Serves the queues.
pub(crate) fn router(queues: Arc<Queues>) -> Router {
    Router::new().fallback(answer).layer(DefaultBodyLimit::max(BODY_MAX)).with_state(queues)
}

async fn answer(State(queues): State<Arc<Queues>>, headers: HeaderMap, body: Bytes) -> Response {
    let target = headers.get("x-amz-target").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let result = match target.strip_prefix("AmazonSQS.") {
        Some(action) => act(&queues, action, &body).await,
        None => Err(Fault::Malformed("the header x-amz-target names no action of AmazonSQS".into())),
    };
    match result {
        Ok(Value::Null) => ([(header::CONTENT_TYPE, CONTENT_TYPE)], "{}").into_response(),
        Ok(value) => ([(header::CONTENT_TYPE, CONTENT_TYPE)], value.to_string()).into_response(),
        Err(fault) => fault.into_response(),
    }
}

async fn act(queues: &Queues, action: &str, body: &[u8]) -> Result<Value, Fault> {
    match action {
        "CreateQueue" => actions::create_queue(queues, read(body)?),
        "GetQueueUrl" => actions::get_queue_url(queues, &read(body)?),
        "ListQueues" => actions::list_queues(queues, &read(body)?),
        "GetQueueAttributes" => actions::get_queue_attributes(queues, &read(body)?),
        "SetQueueAttributes" => actions::set_queue_attributes(queues, &read(body)?),
        "SendMessage" => actions::send_message(queues, read(body)?),
        "SendMessageBatch" => actions::send_message_batch(queues, read(body)?),
        "ReceiveMessage" => actions::receive_message(queues, read(body)?).await,
        "DeleteMessage" => actions::delete_message(queues, &read(body)?),
        "DeleteMessageBatch" => actions::delete_message_batch(queues, &read(body)?),
        "ChangeMessageVisibility" => actions::change_message_visibility(queues, &read(body)?),
        "ChangeMessageVisibilityBatch" => actions::change_message_visibility_batch(queues, &read(body)?),
        "PurgeQueue" => actions::purge_queue(queues, &read(body)?),
        "StartMessageMoveTask" => actions::start_message_move_task(queues, &read(body)?),
        other => Err(Fault::Unsupported(format!("the action {other}"))),
    }
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Fault> {
    // The parser's own text may repeat a piece of the message, so only the place is told.
    serde_json::from_slice(body).map_err(|error| {
        Fault::Malformed(format!("the request does not have the form of its action, at column {}", error.column()))
    })
}
