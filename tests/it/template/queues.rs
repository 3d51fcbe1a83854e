//! Queues, what feeds functions from them, and what becomes of messages that cannot be worked off.

use super::document::{Template, bare, listed, referred};
use std::collections::BTreeMap;

/// More receives than this only delay the alarm; fewer take a passing failure for a lasting one.
const RECEIVES: std::ops::RangeInclusive<u64> = 3..=10;

pub fn one_queue_feeds_a_function(template: &Template) -> Vec<String> {
    let events = template.events("SQS");
    let fed = |function: &str| events.iter().filter(|(name, _)| name.starts_with(&format!("{function}."))).count();
    let functions = template.functions();
    functions
        .keys()
        .filter(|name| fed(name) != 1)
        .map(|name| format!("{name} is fed by {} queues", fed(name)))
        .collect()
}

pub fn single_failures_are_reported(template: &Template) -> Vec<String> {
    let silent = template.events("SQS").into_iter().filter(|(_, event)| {
        !listed(&event["FunctionResponseTypes"]).iter().any(|one| one == "ReportBatchItemFailures")
    });
    silent.map(|(name, _)| format!("{name}: one bad message brings the whole batch back")).collect()
}

pub fn large_batches_have_a_window(template: &Template) -> Vec<String> {
    let refused = template.events("SQS").into_iter().filter(|(_, event)| {
        let batch = event["BatchSize"].as_u64().unwrap_or(10);
        batch > 10 && event["MaximumBatchingWindowInSeconds"].as_u64().unwrap_or(0) < 1
    });
    refused.map(|(name, _)| format!("{name}: AWS refuses more than 10 messages without a window")).collect()
}

pub fn messages_stay_away_for_six_timeouts(template: &Template) -> Vec<String> {
    let (functions, queues) = (template.functions(), template.queues());
    let mut wrong = Vec::new();
    for (name, event) in template.events("SQS") {
        let function = name.split('.').next().unwrap_or_default();
        let timeout = functions[function]["Timeout"].as_u64().unwrap_or(3);
        let queue = referred(&event["Queue"]);
        let visibility = queues.get(queue.as_str()).and_then(|queue| queue["VisibilityTimeout"].as_u64()).unwrap_or(30);
        let window = event["MaximumBatchingWindowInSeconds"].as_u64().unwrap_or(0);
        if visibility < 6 * timeout + window {
            wrong.push(format!("{queue}: {visibility} s is less than 6 x {timeout} s + {window} s"));
        }
    }
    wrong
}

pub fn every_queue_has_its_dead_letter_queue(template: &Template) -> Vec<String> {
    let queues = template.queues();
    let mut wrong = Vec::new();
    let mut ends: BTreeMap<String, &str> = BTreeMap::new();
    for (name, queue) in queues.iter().filter(|(name, _)| !name.ends_with("DeadLetterQueue")) {
        let redrive = &queue["RedrivePolicy"];
        if !redrive["maxReceiveCount"].as_u64().is_some_and(|count| RECEIVES.contains(&count)) {
            wrong.push(format!("{name}: maxReceiveCount is not within {RECEIVES:?}"));
        }
        let end = referred(&redrive["deadLetterTargetArn"]);
        if !end.ends_with("DeadLetterQueue") || !queues.contains_key(end.as_str()) {
            wrong.push(format!("{name} has no dead-letter queue"));
        } else if let Some(other) = ends.insert(end.clone(), name) {
            wrong.push(format!("{end} is shared by {other} and {name}"));
        }
        let kept = |queue: &str| queues.get(queue).and_then(|queue| queue["MessageRetentionPeriod"].as_u64());
        // The age of a message counts from its first queue: what is moved late must not expire at once.
        if kept(&end).unwrap_or(345_600) <= kept(name).unwrap_or(345_600) {
            wrong.push(format!("{end} keeps messages no longer than {name}"));
        }
    }
    for (name, queue) in queues.iter().filter(|(name, _)| name.ends_with("DeadLetterQueue")) {
        let Some(source) = ends.get(*name) else {
            wrong.push(format!("{name} is nobody's"));
            continue;
        };
        let allowed = &queue["RedriveAllowPolicy"];
        let sources = listed(&allowed["sourceQueueArns"]);
        let called = bare(&queues[source]["QueueName"]).as_str().unwrap_or_default();
        let itself =
            sources.iter().filter_map(|arn| bare(arn).as_str()).all(|arn| arn.ends_with(&format!(":{called}")));
        if allowed["redrivePermission"] != "byQueue" || sources.len() != 1 || !itself {
            wrong.push(format!("{name} takes from others than {source}"));
        }
    }
    wrong
}

pub fn queues_are_encrypted(template: &Template) -> Vec<String> {
    let open = template.queues().into_iter().filter(|(_, queue)| queue["SqsManagedSseEnabled"] != true);
    open.map(|(name, _)| format!("{name} is not encrypted")).collect()
}
