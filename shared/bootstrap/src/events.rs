//! From Lambda's events to messages and back to partial batch responses.

use jiff::{SignedDuration, Timestamp};
use lambda_runtime::{Error, LambdaEvent, service_fn};
use messages::Queued;
use ports::ErrorChain;
use serde_json::{Value, json};
use std::future::Future;
use std::time::Duration;

/// One message for a function.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// The body.
    pub body: String,
    /// How often it was delivered, this time included.
    pub times: u32,
    /// Stop before this.
    pub deadline: Timestamp,
}

/// What a function does with a message.
pub trait Handler: Send + Sync {
    /// How much time before the function's end it wants to stop: enough to finish what is under way.
    fn margin(&self) -> Duration;

    /// Handles one message. An error brings the message back later, and in the end into the dead-letter queue.
    fn handle(&self, delivery: Delivery) -> impl Future<Output = Result<Value, Error>> + Send;
}

/// Runs a function until the runtime ends it. Events are batches of SQS or a bare message (a schedule, an operator).
pub async fn serve<H: Handler>(handler: H) -> Result<(), Error> {
    let handler = &handler;
    lambda_runtime::run(service_fn(move |event: LambdaEvent<Value>| async move {
        let deadline = deadline(event.context.deadline, handler.margin());
        match messages::queued(&event.payload)? {
            Some(messages) => batch(handler, messages, deadline).await,
            None => handler.handle(Delivery { body: event.payload.to_string(), times: 1, deadline }).await,
        }
    }))
    .await
}

fn deadline(milliseconds: u64, margin: Duration) -> Timestamp {
    let end = i64::try_from(milliseconds).ok().and_then(|at| Timestamp::from_millisecond(at).ok());
    let margin = SignedDuration::try_from(margin).unwrap_or(SignedDuration::ZERO);
    end.unwrap_or(Timestamp::MAX).checked_sub(margin).unwrap_or(Timestamp::MIN)
}

/// One bad message does not touch the others: only its id is reported as failed.
async fn batch<H: Handler>(handler: &H, messages: Vec<Queued>, deadline: Timestamp) -> Result<Value, Error> {
    let mut failures = Vec::new();
    for Queued { id, body, times } in messages {
        if let Err(error) = handler.handle(Delivery { body, times, deadline }).await {
            tracing::error!(message.id = id, delivery.times = times, error = %ErrorChain(error.as_ref()), "a message failed");
            failures.push(json!({ "itemIdentifier": id }));
        }
    }
    Ok(json!({ "batchItemFailures": failures }))
}
