//! What Lambda hands to a function: messages of a queue, notes of arrived objects, or a bare message.

use serde_json::Value;

/// One message of a queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Queued {
    /// By this id the message is reported as failed; never empty.
    pub id: String,
    /// The body.
    pub body: String,
    /// How often it was delivered, this time included.
    pub times: u32,
}

/// An event of a queue with a message that has no id: it could not be reported as failed, so nothing of it is handled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a message of the queue has no id")]
pub struct WithoutId;

/// The messages in an event of SQS; `None` for an event of anything else.
pub fn queued(event: &Value) -> Result<Option<Vec<Queued>>, WithoutId> {
    let records = event.get("Records").and_then(Value::as_array).filter(|records| from_sqs(records));
    records.map(|records| records.iter().map(one).collect()).transpose()
}

fn from_sqs(records: &[Value]) -> bool {
    records.first().and_then(|record| record.get("eventSource")).and_then(Value::as_str) == Some("aws:sqs")
}

fn one(record: &Value) -> Result<Queued, WithoutId> {
    // An empty id is as bad as none: AWS takes the whole batch for failed.
    let id = record.get("messageId").and_then(Value::as_str).filter(|id| !id.is_empty()).ok_or(WithoutId)?;
    let body = record.get("body").and_then(Value::as_str).unwrap_or_default();
    let times = record.pointer("/attributes/ApproximateReceiveCount").and_then(Value::as_str);
    let times = times.and_then(|text| text.parse().ok()).unwrap_or(1);
    Ok(Queued { id: id.to_owned(), body: body.to_owned(), times })
}

/// The addresses (`s3://bucket/key`) of the objects whose arrival a body tells of; `None` for a body of anything else.
/// S3 says once that it will tell, with a note of no object.
pub fn arrived(body: &Value) -> Option<Vec<String>> {
    if body.get("Event").and_then(Value::as_str) == Some("s3:TestEvent") {
        return Some(Vec::new());
    }
    let address = |record: &Value| {
        let bucket = record.pointer("/s3/bucket/name")?.as_str()?;
        let key = record.pointer("/s3/object/key")?.as_str()?;
        Some(format!("s3://{bucket}/{}", decoded(key)))
    };
    Some(body.get("Records")?.as_array()?.iter().filter_map(address).collect())
}

/// S3 writes keys in events as forms do: `+` for a blank, `%` and two digits for the rest.
fn decoded(key: &str) -> String {
    let mut bytes = Vec::with_capacity(key.len());
    let mut rest = key.as_bytes();
    while let Some((first, others)) = rest.split_first() {
        match (first, others) {
            (b'%', [high, low, others @ ..]) if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => {
                let digits = [*high, *low].map(|digit| char::from(digit).to_digit(16).unwrap_or_default());
                bytes.push(u8::try_from(digits[0] * 16 + digits[1]).unwrap_or_default());
                rest = others;
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
    use super::*;
    use serde_json::json;

    #[test]
    fn keys_of_events_are_decoded_like_forms() {
        assert_eq!(decoded("in/hr+file%2B1%C3%A4.csv"), "in/hr file+1ä.csv");
        assert_eq!(decoded("100%"), "100%");
    }

    #[test]
    fn a_percent_sign_with_anything_but_two_digits_stands_for_itself() {
        assert_eq!(decoded("a%+1%zz%2"), "a% 1%zz%2");
    }

    #[test]
    fn an_event_is_of_a_queue_only_if_it_says_so() {
        let record = json!({ "messageId": "m", "eventSource": "aws:sqs", "body": "{}" });
        let event = json!({ "Records": [record] });
        assert_eq!(queued(&event), Ok(Some(vec![Queued { id: "m".to_owned(), body: "{}".to_owned(), times: 1 }])));
        assert_eq!(queued(&json!({ "v": 1 })), Ok(None));
        assert_eq!(queued(&json!({ "Records": [{ "eventSource": "aws:s3" }] })), Ok(None));
    }

    #[test]
    fn without_an_id_no_message_of_the_event_is_handled() {
        for id in [json!(null), json!(""), json!(1)] {
            let event = json!({ "Records": [{ "messageId": "m", "eventSource": "aws:sqs" }, { "messageId": id }] });
            assert_eq!(queued(&event), Err(WithoutId));
        }
    }

    #[test]
    fn objects_that_arrived_are_addressed_and_a_test_event_names_none() {
        let one = json!({ "s3": { "bucket": { "name": "drop" }, "object": { "key": "in/a+b.csv" } } });
        assert_eq!(arrived(&json!({ "Records": [one, {}] })), Some(vec!["s3://drop/in/a b.csv".to_owned()]));
        assert_eq!(arrived(&json!({ "Event": "s3:TestEvent" })), Some(Vec::new()));
        assert_eq!(arrived(&json!({ "v": 1, "job": "j" })), None);
    }
}
