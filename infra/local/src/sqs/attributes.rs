//! Queue attributes: their names and units on the wire, against the settings in the store.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};

use crate::Depth;

use super::fault::Fault;
use super::queues::Queues;
use super::store::{QueueSettings, Redrive, SIZE_MAX};

/// Attribute names to text values, as requests and answers hold them.
pub(super) type Attributes = BTreeMap<String, String>;

/// Applies the attributes of a request. What this server does not do is refused rather than ignored.
pub(super) fn apply(settings: &mut QueueSettings, attributes: &Attributes) -> Result<(), Fault> {
    for (name, value) in attributes {
        let number = |low: i64, high: i64| {
            let number = value.parse().ok().filter(|number| (low..=high).contains(number));
            number.ok_or_else(|| Fault::InvalidAttributeValue(name.clone()))
        };
        match name.as_str() {
            "VisibilityTimeout" => settings.visibility_ms = number(0, 43_200)? * 1000,
            "DelaySeconds" => settings.delay_ms = number(0, 900)? * 1000,
            "ReceiveMessageWaitTimeSeconds" => settings.wait_ms = number(0, 20)? * 1000,
            "MessageRetentionPeriod" => settings.retention_ms = number(60, 1_209_600)? * 1000,
            "MaximumMessageSize" => {
                settings.size_max = usize::try_from(number(1024, 1_048_576)?).unwrap_or(SIZE_MAX);
            }
            "RedrivePolicy" if value.is_empty() => settings.redrive = None,
            "RedrivePolicy" => settings.redrive = Some(redrive(value)?),
            "FifoQueue" | "ContentBasedDeduplication" | "DeduplicationScope" | "FifoThroughputLimit" => {
                return Err(Fault::Unsupported("FIFO queues".into()));
            }
            // On one machine nobody else could read the queue, so these change nothing.
            "Policy"
            | "RedriveAllowPolicy"
            | "KmsMasterKeyId"
            | "KmsDataKeyReusePeriodSeconds"
            | "SqsManagedSseEnabled" => {}
            _ => return Err(Fault::InvalidAttributeName(name.clone())),
        }
    }
    Ok(())
}

/// All attributes of a queue, by name.
pub(super) fn describe(queues: &Queues, queue: &str, settings: &QueueSettings, depth: Depth) -> Attributes {
    let mut all = Attributes::new();
    let mut put = |name: &str, value: String| all.insert(name.to_owned(), value);
    put("QueueArn", queues.arn(queue));
    put("VisibilityTimeout", (settings.visibility_ms / 1000).to_string());
    put("DelaySeconds", (settings.delay_ms / 1000).to_string());
    put("ReceiveMessageWaitTimeSeconds", (settings.wait_ms / 1000).to_string());
    put("MessageRetentionPeriod", (settings.retention_ms / 1000).to_string());
    put("MaximumMessageSize", settings.size_max.to_string());
    put("CreatedTimestamp", (settings.created_at / 1000).to_string());
    put("LastModifiedTimestamp", (settings.modified_at / 1000).to_string());
    put("ApproximateNumberOfMessages", depth.visible.to_string());
    put("ApproximateNumberOfMessagesNotVisible", depth.in_flight.to_string());
    put("ApproximateNumberOfMessagesDelayed", depth.delayed.to_string());
    if let Some(redrive) = &settings.redrive {
        let policy = json!({
            "deadLetterTargetArn": queues.arn(&redrive.dead_letter_queue),
            "maxReceiveCount": redrive.max_receive_count,
        });
        put("RedrivePolicy", policy.to_string());
    }
    all
}

/// The name of a queue in its URL. Only the last part counts: the port changes from run to run.
pub(super) fn name_in_url(url: &str) -> Result<&str, Fault> {
    match url.rsplit('/').next() {
        Some(name) if !name.is_empty() => Ok(name),
        _ => Err(Fault::QueueDoesNotExist),
    }
}

/// The name of a queue in its ARN.
pub(super) fn name_in_arn(arn: &str) -> Option<&str> {
    arn.strip_prefix("arn:aws:sqs:")?.rsplit(':').next()
}

/// Whether a standard queue may have this name.
pub(crate) fn is_name(name: &str) -> bool {
    (1..=80).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
}

fn redrive(text: &str) -> Result<Redrive, Fault> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Policy {
        dead_letter_target_arn: String,
        /// A number, or a number as text.
        max_receive_count: Value,
    }
    let wrong = || Fault::InvalidAttributeValue("RedrivePolicy".into());
    let policy: Policy = serde_json::from_str(text).map_err(|_| wrong())?;
    let count = policy.max_receive_count.as_str().map_or_else(|| policy.max_receive_count.to_string(), str::to_owned);
    let max_receive_count = count.parse().ok().filter(|count| (1..=1000).contains(count)).ok_or_else(wrong)?;
    let dead_letter_queue = name_in_arn(&policy.dead_letter_target_arn).ok_or_else(wrong)?.to_owned();
    Ok(Redrive { dead_letter_queue, max_receive_count })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_redrive_policy_counts_in_numbers_or_text() {
        let read = |count: &str| {
            redrive(&format!(r#"{{"deadLetterTargetArn":"arn:aws:sqs:r:0:q-dlq","maxReceiveCount":{count}}}"#))
        };
        let want = Redrive { dead_letter_queue: "q-dlq".into(), max_receive_count: 3 };
        assert_eq!(read("3").unwrap(), want);
        assert_eq!(read("\"3\"").unwrap(), want);
        assert!(read("0").is_err());
    }

    #[test]
    fn an_attribute_out_of_range_is_refused() {
        let mut settings = QueueSettings::default_at(0);
        for (name, value) in [("VisibilityTimeout", "43201"), ("DelaySeconds", "-1"), ("Colour", "red")] {
            assert!(apply(&mut settings, &Attributes::from([(name.into(), value.into())])).is_err(), "{name}");
        }
        assert_eq!(settings, QueueSettings::default_at(0));
    }
}
