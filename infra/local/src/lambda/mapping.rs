//! The event source mapping: takes batches from a queue, invokes the function, deletes what it dealt with.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value, json};
use tokio::time::{Instant, sleep};

use crate::QueueOptions;
use crate::sqs::{Queues, Received};
use crate::stop::Stopping;

use super::PAYLOAD_MAX;
use super::function::Function;

/// How long one receive waits.
const WAIT: Duration = Duration::from_secs(20);

/// Polls until the stack stops. Run it once for each batch that may be under way at the same time.
pub(crate) async fn poll(queues: Arc<Queues>, function: Arc<Function>, options: QueueOptions, mut stop: Stopping) {
    loop {
        let batch = tokio::select! {
            batch = gather(&queues, &options) => batch,
            () = stop.heard() => return,
        };
        for part in parts(&queues, &options.name, batch) {
            deliver(&queues, &function, &options.name, part).await;
        }
    }
}

/// A message and its record in the event.
struct Item {
    message_id: String,
    receipt: String,
    record: Value,
}

/// Waits for messages, and with a window for more of them.
async fn gather(queues: &Queues, options: &QueueOptions) -> Vec<Received> {
    let QueueOptions { name, batch_size, window, .. } = options;
    let Ok(mut batch) = queues.receive(name, *batch_size, Some(WAIT), None).await else {
        // The file may be busy or the disk full; trying on at once would only make it worse.
        sleep(Duration::from_secs(1)).await;
        return Vec::new();
    };
    let until = Instant::now() + *window;
    while !batch.is_empty() && batch.len() < *batch_size && !window.is_zero() {
        let left = until.saturating_duration_since(Instant::now());
        match queues.receive(name, batch_size - batch.len(), Some(left), None).await {
            Ok(more) if !more.is_empty() => batch.extend(more),
            _ => break,
        }
    }
    batch
}

/// Cuts a batch so that every event stays below the limit for payloads.
fn parts(queues: &Queues, queue: &str, batch: Vec<Received>) -> Vec<Vec<Item>> {
    let mut parts: Vec<Vec<Item>> = Vec::new();
    let mut size = usize::MAX;
    for message in batch {
        let record = record(queues, queue, &message);
        let length = record.to_string().len() + 1;
        if size.saturating_add(length) > PAYLOAD_MAX - 64 {
            parts.push(Vec::new());
            size = 0;
        }
        size += length;
        if let Some(part) = parts.last_mut() {
            part.push(Item { message_id: message.message_id, receipt: message.receipt, record });
        }
    }
    parts
}

/// After an error the whole batch stays in the queue; otherwise only what the function reports as failed.
async fn deliver(queues: &Queues, function: &Function, queue: &str, batch: Vec<Item>) {
    let (records, items): (Vec<Value>, Vec<(String, String)>) =
        batch.into_iter().map(|item| (item.record, (item.message_id, item.receipt))).unzip();
    let Ok(report) = function.invoke(&json!({ "Records": records })).await else { return };
    let sent: HashSet<&str> = items.iter().map(|(id, _)| id.as_str()).collect();
    let Some(failed) = failed(&report, &sent) else { return };
    for (id, receipt) in &items {
        if !failed.contains(id.as_str()) {
            // A message that could not be deleted comes again, which consumers must bear anyway.
            let _ = queues.store().delete(queue, receipt);
        }
    }
}

/// The messages that failed; none for a report that AWS takes as failure of the whole batch.
fn failed<'a>(report: &'a Value, sent: &HashSet<&str>) -> Option<HashSet<&'a str>> {
    let failures = match report {
        Value::Null => return Some(HashSet::new()),
        Value::Object(members) => members.get("batchItemFailures").unwrap_or(&Value::Null),
        _ => return None,
    };
    match failures {
        Value::Null => Some(HashSet::new()),
        Value::Array(failures) => failures
            .iter()
            .map(|failure| failure.get("itemIdentifier")?.as_str().filter(|id| sent.contains(id)))
            .collect(),
        _ => None,
    }
}

fn record(queues: &Queues, queue: &str, message: &Received) -> Value {
    let attributes: Map<String, Value> = message
        .message_attributes()
        .unwrap_or_default()
        .into_iter()
        .map(|(name, attribute)| {
            let value = json!({
                "stringValue": attribute.string_value,
                "binaryValue": attribute.binary_value,
                "stringListValues": [],
                "binaryListValues": [],
                "dataType": attribute.data_type,
            });
            (name, value)
        })
        .collect();
    json!({
        "messageId": message.message_id,
        "receiptHandle": message.receipt,
        "body": message.body,
        "attributes": message.system_attributes(queues),
        "messageAttributes": attributes,
        "md5OfBody": message.md5_of_body(),
        "eventSource": "aws:sqs",
        "eventSourceARN": queues.arn(queue),
        "awsRegion": queues.region(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_without_failures_is_success() {
        let sent = HashSet::from(["a", "b"]);
        for report in [json!(null), json!({}), json!({ "batchItemFailures": null }), json!({ "batchItemFailures": [] })]
        {
            assert_eq!(failed(&report, &sent), Some(HashSet::new()), "{report}");
        }
    }

    #[test]
    fn a_report_names_the_messages_that_failed() {
        let report = json!({ "batchItemFailures": [{ "itemIdentifier": "b" }] });
        assert_eq!(failed(&report, &HashSet::from(["a", "b"])), Some(HashSet::from(["b"])));
    }

    #[test]
    fn a_report_that_names_nothing_we_sent_fails_the_whole_batch() {
        let sent = HashSet::from(["a"]);
        for identifier in [json!(""), json!(null), json!("z"), json!(7)] {
            let report = json!({ "batchItemFailures": [{ "itemIdentifier": identifier }] });
            assert_eq!(failed(&report, &sent), None, "{report}");
        }
        assert_eq!(failed(&json!({ "batchItemFailures": [{ "id": "a" }] }), &sent), None);
        assert_eq!(failed(&json!("done"), &sent), None);
    }
}
