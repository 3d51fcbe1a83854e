//! Actions of who sends.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::sqs::attributes::name_in_url;
use crate::sqs::digest::{self, MessageAttributes};
use crate::sqs::fault::Fault;
use crate::sqs::messages::Outgoing;
use crate::sqs::queues::Queues;
use crate::sqs::store::SIZE_MAX;

use super::batch::{Answers, check};

/// What one message and one entry of a batch have in common.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Body {
    #[serde(default, rename = "MessageBody")]
    text: String,
    delay_seconds: Option<i64>,
    #[serde(default)]
    message_attributes: MessageAttributes,
    #[serde(default)]
    message_system_attributes: MessageAttributes,
    message_group_id: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct SendMessage {
    queue_url: String,
    #[serde(flatten)]
    body: Body,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct SendMessageBatch {
    queue_url: String,
    #[serde(default)]
    entries: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Entry {
    id: String,
    #[serde(flatten)]
    body: Body,
}

/// A message that passed the checks, with what the answer says of it.
struct Checked {
    message: Outgoing,
    answer: Value,
}

/// Sends one message.
pub(crate) fn send_message(queues: &Queues, request: SendMessage) -> Result<Value, Fault> {
    let queue = name_in_url(&request.queue_url)?;
    let size_max = queues.store().settings(queue)?.size_max;
    let Checked { message, mut answer } = request.body.check(size_max)?;
    let ids = queues.send(queue, &[message])?;
    answer["MessageId"] = json!(ids[0]);
    Ok(answer)
}

/// Sends up to ten messages. One that is wrong fails alone.
pub(crate) fn send_message_batch(queues: &Queues, request: SendMessageBatch) -> Result<Value, Fault> {
    let queue = name_in_url(&request.queue_url)?;
    let size_max = queues.store().settings(queue)?.size_max;
    check(request.entries.iter().map(|entry| entry.id.as_str()))?;
    let total = request.entries.iter().map(|entry| entry.body.size()).sum();
    if total > SIZE_MAX {
        return Err(Fault::BatchTooLong(total));
    }
    let mut answers = Answers::default();
    let (mut messages, mut sent) = (Vec::new(), Vec::new());
    for Entry { id, body } in request.entries {
        match body.check(size_max) {
            Ok(Checked { message, answer }) => {
                messages.push(message);
                sent.push((id, answer));
            }
            Err(fault) => answers.add(&id, Err(fault)),
        }
    }
    for ((id, mut answer), message_id) in sent.into_iter().zip(queues.send(queue, &messages)?) {
        answer["MessageId"] = message_id.into();
        answers.add(&id, Ok(answer));
    }
    Ok(answers.into_value())
}

impl Body {
    /// Bytes of the body and of its attributes as they stand in the request.
    fn size(&self) -> usize {
        let value = |text: &Option<String>| text.as_ref().map_or(0, String::len);
        let attributes = self.message_attributes.iter().map(|(name, attribute)| {
            name.len() + attribute.data_type.len() + value(&attribute.string_value) + value(&attribute.binary_value)
        });
        self.text.len() + attributes.sum::<usize>()
    }

    fn check(self, size_max: usize) -> Result<Checked, Fault> {
        if self.text.is_empty() {
            return Err(Fault::MissingParameter("MessageBody"));
        }
        if !self.text.chars().all(is_allowed) {
            return Err(Fault::InvalidMessageContents);
        }
        if !self.message_system_attributes.is_empty() {
            return Err(Fault::Unsupported("message system attributes".into()));
        }
        if self.delay_seconds.is_some_and(|seconds| !(0..=900).contains(&seconds)) {
            return Err(Fault::parameter("DelaySeconds", "DelaySeconds must be >= 0 and <= 900"));
        }
        if self.message_attributes.len() > 10 {
            return Err(Fault::parameter("MessageAttributes", "Number of message attributes exceeds the limit of 10"));
        }
        let (attributes_md5, attributes_size) = digest::of_attributes(&self.message_attributes)?;
        if self.text.len() + attributes_size > size_max {
            return Err(Fault::parameter("MessageBody", format!("Message must be shorter than {size_max} bytes")));
        }
        let mut answer = json!({ "MD5OfMessageBody": digest::of_body(&self.text) });
        let mut attributes = None;
        if !self.message_attributes.is_empty() {
            answer["MD5OfMessageAttributes"] = attributes_md5.into();
            attributes = Some(json!(self.message_attributes).to_string());
        }
        let message = Outgoing {
            body: self.text,
            attributes,
            group_id: self.message_group_id,
            delay_ms: self.delay_seconds.map(|seconds| seconds * 1000),
        };
        Ok(Checked { message, answer })
    }
}

/// The characters of XML 1.0, which SQS takes.
fn is_allowed(character: char) -> bool {
    matches!(character, '\t' | '\n' | '\r' | ' '..='\u{fffd}' | '\u{10000}'..)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_holds_the_characters_of_xml() {
        assert!("a\t\r\né😀".chars().all(is_allowed));
        assert!(!is_allowed('\u{0}') && !is_allowed('\u{b}') && !is_allowed('\u{ffff}'));
    }
}
