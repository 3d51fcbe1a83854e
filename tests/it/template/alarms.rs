//! Alarms: what is put aside is seen at once, and so is work that nobody takes.

use super::document::{Template, listed, referred};
use serde_yaml_ng::Value;

/// The alarm that a queue needs.
fn metric(queue: &str) -> &'static str {
    if queue.ends_with("DeadLetterQueue") {
        "ApproximateNumberOfMessagesVisible"
    } else {
        "ApproximateAgeOfOldestMessage"
    }
}

pub fn every_queue_has_its_alarm(template: &Template) -> Vec<String> {
    let alarms = template.resources("AWS::CloudWatch::Alarm");
    let watches = |alarm: &Value, queue: &str| {
        let dimensions = listed(&alarm["Dimensions"]);
        dimensions.len() == 1 && dimensions[0]["Name"] == "QueueName" && referred(&dimensions[0]["Value"]) == queue
    };
    let mut wrong = Vec::new();
    for queue in template.queues().into_keys() {
        let fits = |alarm: &&Value| watches(alarm, queue) && alarm["MetricName"] == metric(queue);
        let Some(alarm) = alarms.values().copied().find(|alarm| fits(alarm)) else {
            wrong.push(format!("{queue} has no alarm on {}", metric(queue)));
            continue;
        };
        if alarm["ComparisonOperator"] != "GreaterThanThreshold" || alarm["Namespace"] != "AWS/SQS" {
            wrong.push(format!("the alarm of {queue} does not compare as it should"));
        }
        if queue.ends_with("DeadLetterQueue") && (alarm["Threshold"] != 0 || alarm["EvaluationPeriods"] != 1) {
            wrong.push(format!("the first message in {queue} is not seen at once"));
        }
        if alarm.get("AlarmActions").is_none() {
            wrong.push(format!("the alarm of {queue} reaches nobody"));
        }
    }
    wrong
}
