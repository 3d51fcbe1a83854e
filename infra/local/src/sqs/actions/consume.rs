//! Actions of who receives.

use std::time::Duration;

use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::sqs::ACCOUNT;
use crate::sqs::attributes::name_in_url;
use crate::sqs::digest::{self, MessageAttributes};
use crate::sqs::fault::Fault;
use crate::sqs::messages::Received;
use crate::sqs::queues::Queues;

use super::batch::{Answers, check};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ReceiveMessage {
    queue_url: String,
    max_number_of_messages: Option<usize>,
    visibility_timeout: Option<i64>,
    wait_time_seconds: Option<u64>,
    /// The older name of the next member.
    #[serde(default)]
    attribute_names: Vec<String>,
    #[serde(default)]
    message_system_attribute_names: Vec<String>,
    #[serde(default)]
    message_attribute_names: Vec<String>,
}

/// Receives messages, and waits for the first if asked to.
pub(crate) async fn receive_message(queues: &Queues, mut request: ReceiveMessage) -> Result<Value, Fault> {
    let queue = name_in_url(&request.queue_url)?;
    let most = request.max_number_of_messages.unwrap_or(1);
    if !(1..=10).contains(&most) {
        return Err(Fault::parameter("MaxNumberOfMessages", "Must be between 1 and 10, if provided"));
    }
    if request.wait_time_seconds.is_some_and(|seconds| seconds > 20) {
        return Err(Fault::parameter("WaitTimeSeconds", "Must be >= 0 and <= 20, if provided"));
    }
    let visibility_ms = request.visibility_timeout.map(visibility_ms).transpose()?;
    let wait = request.wait_time_seconds.map(Duration::from_secs);
    request.message_system_attribute_names.append(&mut request.attribute_names);
    let messages = queues.receive(queue, most, wait, visibility_ms).await?;
    let messages: Result<Vec<Value>, Fault> =
        messages.into_iter().map(|message| describe(queues, message, &request)).collect();
    Ok(json!({ "Messages": messages? }))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DeleteMessage {
    queue_url: String,
    receipt_handle: String,
}

/// Deletes a message.
pub(crate) fn delete_message(queues: &Queues, request: &DeleteMessage) -> Result<Value, Fault> {
    queues.store().delete(name_in_url(&request.queue_url)?, &request.receipt_handle)?;
    Ok(Value::Null)
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Batch {
    queue_url: String,
    #[serde(default)]
    entries: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Entry {
    id: String,
    receipt_handle: String,
    visibility_timeout: Option<i64>,
}

/// Deletes up to ten messages.
pub(crate) fn delete_message_batch(queues: &Queues, request: &Batch) -> Result<Value, Fault> {
    let queue = name_in_url(&request.queue_url)?;
    each(queues, queue, &request.entries, |entry| queues.store().delete(queue, &entry.receipt_handle))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ChangeMessageVisibility {
    queue_url: String,
    receipt_handle: String,
    visibility_timeout: i64,
}

/// Hides a message for longer, or shows it at once.
pub(crate) fn change_message_visibility(queues: &Queues, request: &ChangeMessageVisibility) -> Result<Value, Fault> {
    let queue = name_in_url(&request.queue_url)?;
    queues.change_visibility(queue, &request.receipt_handle, visibility_ms(request.visibility_timeout)?)?;
    Ok(Value::Null)
}

/// Changes the visibility of up to ten messages.
pub(crate) fn change_message_visibility_batch(queues: &Queues, request: &Batch) -> Result<Value, Fault> {
    let queue = name_in_url(&request.queue_url)?;
    each(queues, queue, &request.entries, |entry| {
        let seconds = entry.visibility_timeout.ok_or(Fault::MissingParameter("VisibilityTimeout"))?;
        queues.change_visibility(queue, &entry.receipt_handle, visibility_ms(seconds)?)
    })
}

fn each(
    queues: &Queues,
    queue: &str,
    entries: &[Entry],
    act: impl Fn(&Entry) -> Result<(), Fault>,
) -> Result<Value, Fault> {
    queues.store().settings(queue)?;
    check(entries.iter().map(|entry| entry.id.as_str()))?;
    let mut answers = Answers::default();
    for entry in entries {
        answers.add(&entry.id, act(entry).map(|()| Value::Null));
    }
    Ok(answers.into_value())
}

fn visibility_ms(seconds: i64) -> Result<i64, Fault> {
    if !(0..=43_200).contains(&seconds) {
        return Err(Fault::parameter("VisibilityTimeout", "Must be between 0 and 43200"));
    }
    Ok(seconds * 1000)
}

fn describe(queues: &Queues, message: Received, request: &ReceiveMessage) -> Result<Value, Fault> {
    let mut answer = json!({
        "MessageId": message.message_id,
        "ReceiptHandle": message.receipt,
        "MD5OfBody": message.md5_of_body(),
    });
    let asked = &request.message_system_attribute_names;
    let mut system = message.system_attributes(queues);
    system.retain(|name, _| asked.iter().any(|asked| asked == name || asked == "All"));
    if !system.is_empty() {
        answer["Attributes"] = Value::Object(system);
    }
    let mut attributes = message.message_attributes()?;
    attributes.retain(|name, _| request.message_attribute_names.iter().any(|pattern| covers(pattern, name)));
    if !attributes.is_empty() {
        answer["MD5OfMessageAttributes"] = digest::of_attributes(&attributes)?.0.into();
        answer["MessageAttributes"] = json!(attributes);
    }
    answer["Body"] = message.body.into();
    Ok(answer)
}

/// Whether a name in the request covers an attribute: itself, all, or a prefix with a dot and a star.
fn covers(pattern: &str, name: &str) -> bool {
    pattern == name
        || pattern == "All"
        || pattern.strip_suffix(".*").is_some_and(|prefix| prefix.is_empty() || name.starts_with(prefix))
}

impl Received {
    /// What SQS knows of the message.
    pub(crate) fn system_attributes(&self, queues: &Queues) -> Map<String, Value> {
        let mut known = Map::new();
        let mut put = |name: &str, value: String| known.insert(name.to_owned(), value.into());
        put("SenderId", ACCOUNT.to_owned());
        put("SentTimestamp", self.sent_at.to_string());
        put("ApproximateReceiveCount", self.receive_count.to_string());
        put("ApproximateFirstReceiveTimestamp", self.first_received_at.to_string());
        if let Some(group_id) = &self.group_id {
            put("MessageGroupId", group_id.clone());
        }
        if let Some(origin) = &self.origin {
            put("DeadLetterQueueSourceArn", queues.arn(origin));
        }
        known
    }

    /// Digest of the body.
    pub(crate) fn md5_of_body(&self) -> String {
        digest::of_body(&self.body)
    }

    /// What the sender added.
    pub(crate) fn message_attributes(&self) -> Result<MessageAttributes, Fault> {
        let json = self.attributes.as_deref().unwrap_or("{}");
        serde_json::from_str(json).map_err(|_| Fault::Malformed("the stored message attributes are no json".into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attribute_names_are_asked_for_one_by_one_by_prefix_or_all() {
        assert!(covers("colour", "colour") && covers("All", "colour") && covers(".*", "colour"));
        assert!(covers("col.*", "colour") && !covers("red.*", "colour") && !covers("col", "colour"));
    }
}
