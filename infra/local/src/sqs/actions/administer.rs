//! Actions about whole queues.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::clock::{now_ms, random_id};
use crate::sqs::attributes::{Attributes, apply, describe, is_name, name_in_arn, name_in_url};
use crate::sqs::fault::Fault;
use crate::sqs::queues::Queues;
use crate::sqs::store::QueueSettings;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CreateQueue {
    queue_name: String,
    #[serde(default)]
    attributes: Attributes,
}

/// Makes a queue. One that stands already must have the same values for the attributes given.
pub(crate) fn create_queue(queues: &Queues, request: CreateQueue) -> Result<Value, Fault> {
    let CreateQueue { queue_name: name, attributes } = request;
    if name.strip_suffix(".fifo").is_some() {
        return Err(Fault::Unsupported("FIFO queues".into()));
    }
    if !is_name(&name) {
        return Err(Fault::parameter("QueueName", "Can only include alphanumeric characters, hyphens, or underscores"));
    }
    let now = now_ms();
    let mut store = queues.store();
    if let Ok(standing) = store.settings(&name) {
        let mut wanted = standing.clone();
        apply(&mut wanted, &attributes)?;
        if &wanted != standing {
            let names: Vec<&str> = attributes.keys().map(String::as_str).collect();
            return Err(Fault::QueueNameExists(names.join(", ")));
        }
    } else {
        let mut settings = QueueSettings::default_at(now);
        apply(&mut settings, &attributes)?;
        check_redrive(&store.queues, &settings)?;
        store.put_queue(&name, settings)?;
    }
    Ok(json!({ "QueueUrl": queues.url(&name) }))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetQueueUrl {
    queue_name: String,
}

/// Finds a queue by its name.
pub(crate) fn get_queue_url(queues: &Queues, request: &GetQueueUrl) -> Result<Value, Fault> {
    queues.store().settings(&request.queue_name)?;
    Ok(json!({ "QueueUrl": queues.url(&request.queue_name) }))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListQueues {
    #[serde(default)]
    queue_name_prefix: String,
    max_results: Option<usize>,
    /// Name of the last queue of the page before.
    #[serde(default)]
    next_token: String,
}

/// Lists queues in the order of their names, in pages if the request asks for them.
pub(crate) fn list_queues(queues: &Queues, request: &ListQueues) -> Result<Value, Fault> {
    if request.max_results.is_some_and(|most| !(1..=1000).contains(&most)) {
        return Err(Fault::parameter("MaxResults", "Must be between 1 and 1000"));
    }
    let most = request.max_results.unwrap_or(1000);
    let store = queues.store();
    let mut names = store
        .queues
        .keys()
        .filter(|name| name.starts_with(&request.queue_name_prefix) && **name > request.next_token)
        .peekable();
    let page: Vec<&String> = names.by_ref().take(most).collect();
    let urls: Vec<String> = page.iter().map(|name| queues.url(name)).collect();
    let mut answer = json!({ "QueueUrls": urls });
    if let (Some(_), Some(last), Some(_)) = (request.max_results, page.last(), names.peek()) {
        answer["NextToken"] = json!(last);
    }
    Ok(answer)
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetQueueAttributes {
    queue_url: String,
    #[serde(default)]
    attribute_names: Vec<String>,
}

/// Reads attributes of a queue.
pub(crate) fn get_queue_attributes(queues: &Queues, request: &GetQueueAttributes) -> Result<Value, Fault> {
    let name = name_in_url(&request.queue_url)?;
    let store = queues.store();
    let mut all = describe(queues, name, store.settings(name)?, store.depth(name, now_ms())?);
    if !request.attribute_names.iter().any(|name| name == "All") {
        all.retain(|name, _| request.attribute_names.contains(name));
    }
    Ok(json!({ "Attributes": all }))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct SetQueueAttributes {
    queue_url: String,
    attributes: Attributes,
}

/// Changes attributes of a queue.
pub(crate) fn set_queue_attributes(queues: &Queues, request: &SetQueueAttributes) -> Result<Value, Fault> {
    let name = name_in_url(&request.queue_url)?;
    let mut store = queues.store();
    let mut settings = store.settings(name)?.clone();
    apply(&mut settings, &request.attributes)?;
    check_redrive(&store.queues, &settings)?;
    settings.modified_at = now_ms();
    store.put_queue(name, settings)?;
    Ok(Value::Null)
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct PurgeQueue {
    queue_url: String,
}

/// Deletes all messages of a queue.
pub(crate) fn purge_queue(queues: &Queues, request: &PurgeQueue) -> Result<Value, Fault> {
    queues.store().purge(name_in_url(&request.queue_url)?)?;
    Ok(Value::Null)
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct StartMessageMoveTask {
    source_arn: String,
    destination_arn: Option<String>,
}

/// Moves the messages of a dead-letter queue. The move is over when the answer comes.
pub(crate) fn start_message_move_task(queues: &Queues, request: &StartMessageMoveTask) -> Result<Value, Fault> {
    let missing = || Fault::NotFound("The resource that you specified for the SourceArn parameter doesn't exist.");
    let from = name_in_arn(&request.source_arn).ok_or_else(missing)?;
    queues.store().settings(from).map_err(|_| missing())?;
    let target = match &request.destination_arn {
        Some(arn) => Some(name_in_arn(arn).ok_or(Fault::parameter("DestinationArn", "Must be the ARN of a queue"))?),
        None => None,
    };
    queues.move_back(from, target)?;
    Ok(json!({ "TaskHandle": random_id() }))
}

fn check_redrive(
    queues: &std::collections::BTreeMap<String, QueueSettings>,
    settings: &QueueSettings,
) -> Result<(), Fault> {
    match &settings.redrive {
        Some(redrive) if !queues.contains_key(&redrive.dead_letter_queue) => {
            Err(Fault::parameter("RedrivePolicy", "Dead letter target does not exist"))
        }
        _ => Ok(()),
    }
}
