//! What every SQS server does that the adapter, Lambda's event source and the operator build on, as the SDK's client sees it.

use super::sqs::Raw;
use super::{contract, sqs};
use aws_sdk_sqs::error::ProvideErrorMetadata;
use aws_sdk_sqs::types::{
    ChangeMessageVisibilityBatchRequestEntry, DeleteMessageBatchRequestEntry, Message, MessageAttributeValue,
    MessageSystemAttributeName, QueueAttributeName, SendMessageBatchRequestEntry, SendMessageBatchResultEntry,
};
use std::time::{Duration, Instant};

contract! {
    rules: [
        a_message_comes_again_with_its_count_when_its_time_is_over,
        a_receive_brings_ten_at_most_and_no_message_twice,
        a_message_waits_for_its_own_delay_or_the_queues,
        a_long_poll_ends_as_soon_as_a_message_is_sent,
        visibility_can_be_ended_and_prolonged,
        a_message_received_too_often_moves_to_the_dead_letter_queue,
        a_deleted_message_never_comes_again,
        a_receipt_that_is_used_up_is_no_error,
        delays_and_times_and_names_have_limits,
        attributes_of_a_message_come_with_it,
        a_wrong_entry_fails_alone,
        a_wrong_batch_fails_whole,
        a_message_may_have_one_mebibyte_and_no_more,
        a_queue_that_is_not_there_is_its_own_error,
        a_queue_is_made_once_andkeeps_its_attributes,
        a_purged_queue_is_empty,
    ],
    embedded: super::sqs::embedded().await,
    ministack: super::sqs::ministack(RULE).await,
}

impl Raw {
    async fn send(&self, url: &str, body: &str) -> String {
        let sent = self.client.send_message().queue_url(url).message_body(body).send().await.unwrap();
        sent.message_id.unwrap()
    }

    async fn receive(&self, url: &str, visibility: i32, wait: i32) -> Vec<Message> {
        let receive = self.client.receive_message().queue_url(url).max_number_of_messages(10).wait_time_seconds(wait);
        let receive = receive.visibility_timeout(visibility).message_attribute_names("All");
        let receive = receive.message_system_attribute_names(MessageSystemAttributeName::All);
        receive.send().await.unwrap().messages.unwrap_or_default()
    }

    async fn attribute(&self, url: &str, name: QueueAttributeName) -> String {
        let get = self.client.get_queue_attributes().queue_url(url).attribute_names(name.clone());
        get.send().await.unwrap().attributes.unwrap().remove(&name).unwrap()
    }
}

fn code<T, E: ProvideErrorMetadata>(outcome: Result<T, E>) -> String {
    outcome.err().and_then(|error| error.code().map(str::to_owned)).unwrap_or_default()
}

fn count(message: &Message) -> &str {
    &message.attributes().unwrap()[&MessageSystemAttributeName::ApproximateReceiveCount]
}

fn receipt(message: &Message) -> &str {
    message.receipt_handle().unwrap()
}

fn entry(id: &str, body: &str) -> SendMessageBatchRequestEntry {
    SendMessageBatchRequestEntry::builder().id(id).message_body(body).build().unwrap()
}

async fn a_message_comes_again_with_its_count_when_its_time_is_over(raw: &Raw) {
    let url = raw.make("work").await;
    let id = raw.send(&url, "a").await;
    let first = raw.receive(&url, 1, 0).await;
    assert_eq!((first[0].message_id(), first[0].body(), count(&first[0])), (Some(id.as_str()), Some("a"), "1"));
    assert!(raw.receive(&url, 1, 0).await.is_empty());
    let again = raw.receive(&url, 30, 5).await;
    assert_eq!((again[0].message_id(), count(&again[0])), (Some(id.as_str()), "2"));
    let sent = |message: &Message| message.attributes().unwrap()[&MessageSystemAttributeName::SentTimestamp].clone();
    assert_eq!(sent(&first[0]), sent(&again[0]));
}

async fn a_receive_brings_ten_at_most_and_no_message_twice(raw: &Raw) {
    let url = raw.make("work").await;
    for ten in 0..2 {
        let entries = (0..8).map(|n| entry(&n.to_string(), &format!("{ten}{n}"))).collect();
        raw.client.send_message_batch().queue_url(&url).set_entries(Some(entries)).send().await.unwrap();
    }
    let (one, two) = tokio::join!(raw.receive(&url, 30, 0), raw.receive(&url, 30, 0));
    assert!(one.len() <= 10 && two.len() <= 10);
    let mut bodies: Vec<&str> = one.iter().chain(&two).filter_map(Message::body).collect();
    bodies.sort_unstable();
    bodies.dedup();
    assert_eq!(bodies.len(), 16);
    let many = raw.client.receive_message().queue_url(&url).max_number_of_messages(11).send().await;
    assert!(many.is_err());
}

async fn a_message_waits_for_its_own_delay_or_the_queues(raw: &Raw) {
    let create = raw.client.create_queue().queue_name(raw.name("slow"));
    let create = create.attributes(QueueAttributeName::DelaySeconds, "900").send().await.unwrap();
    let url = create.queue_url.unwrap();
    raw.send(&url, "by the queue").await;
    for (body, seconds) in [("by itself", 1), ("not at all", 0)] {
        let send = raw.client.send_message().queue_url(&url).message_body(body).delay_seconds(seconds);
        send.send().await.unwrap();
    }
    assert_eq!(raw.receive(&url, 30, 0).await[0].body(), Some("not at all"));
    assert!(raw.receive(&url, 30, 0).await.is_empty());
    let delayed = raw.attribute(&url, QueueAttributeName::ApproximateNumberOfMessagesDelayed).await;
    assert_eq!(delayed, "2");
    assert_eq!(raw.receive(&url, 30, 5).await[0].body(), Some("by itself"));
}

async fn a_long_poll_ends_as_soon_as_a_message_is_sent(raw: &Raw) {
    let url = raw.make("work").await;
    let start = Instant::now();
    let (messages, _) = tokio::join!(raw.receive(&url, 30, 20), async {
        tokio::time::sleep(Duration::from_millis(200)).await;
        raw.send(&url, "now").await
    });
    assert_eq!(messages.len(), 1);
    assert!(start.elapsed() < Duration::from_secs(10));
}

async fn visibility_can_be_ended_and_prolonged(raw: &Raw) {
    let url = raw.make("work").await;
    raw.send(&url, "a").await;
    let change = |message: &Message, seconds: i32| {
        let change = raw.client.change_message_visibility().queue_url(&url).receipt_handle(receipt(message));
        change.visibility_timeout(seconds).send()
    };
    let held = raw.receive(&url, 30, 0).await;
    change(&held[0], 0).await.unwrap();
    let held = raw.receive(&url, 1, 0).await;
    let entry = ChangeMessageVisibilityBatchRequestEntry::builder().id("a").visibility_timeout(60);
    let entry = entry.receipt_handle(receipt(&held[0])).build().unwrap();
    let changed = raw.client.change_message_visibility_batch().queue_url(&url).entries(entry).send().await.unwrap();
    assert_eq!((changed.successful().len(), changed.failed().len()), (1, 0));
    assert!(raw.receive(&url, 1, 2).await.is_empty());
}

async fn a_message_received_too_often_moves_to_the_dead_letter_queue(raw: &Raw) {
    let dead = raw.make("work-dlq").await;
    let arn = raw.attribute(&dead, QueueAttributeName::QueueArn).await;
    let policy = format!(r#"{{"deadLetterTargetArn":"{arn}","maxReceiveCount":2}}"#);
    let create = raw.client.create_queue().queue_name(raw.name("work"));
    let create = create.attributes(QueueAttributeName::RedrivePolicy, policy).send().await.unwrap();
    let url = create.queue_url.unwrap();
    let id = raw.send(&url, "poison").await;
    for times in ["1", "2"] {
        let received = raw.receive(&url, 0, 2).await;
        assert_eq!(count(&received[0]), times);
        assert!(raw.receive(&dead, 0, 0).await.is_empty());
    }
    assert!(raw.receive(&url, 0, 0).await.is_empty());
    let buried = raw.receive(&dead, 30, 2).await;
    assert_eq!((buried[0].message_id(), buried[0].body()), (Some(id.as_str()), Some("poison")));
    assert_eq!(raw.attribute(&url, QueueAttributeName::ApproximateNumberOfMessages).await, "0");
}

async fn a_deleted_message_never_comes_again(raw: &Raw) {
    let url = raw.make("work").await;
    raw.send(&url, "a").await;
    let held = raw.receive(&url, 1, 0).await;
    let delete = |receipt: &str| raw.client.delete_message().queue_url(&url).receipt_handle(receipt).send();
    delete(receipt(&held[0])).await.unwrap();
    assert!(raw.receive(&url, 1, 2).await.is_empty());
    assert_eq!(code(delete("nonsense").await), "ReceiptHandleIsInvalid");
}

async fn a_receipt_that_is_used_up_is_no_error(raw: &Raw) {
    let url = raw.make("work").await;
    raw.send(&url, "a").await;
    let held = raw.receive(&url, 30, 0).await;
    for _ in 0..2 {
        let delete = raw.client.delete_message().queue_url(&url).receipt_handle(receipt(&held[0]));
        delete.send().await.unwrap();
    }
}

async fn delays_and_times_and_names_have_limits(raw: &Raw) {
    let url = raw.make("work").await;
    let late = raw.client.send_message().queue_url(&url).message_body("x").delay_seconds(901).send().await;
    assert_eq!(code(late), "InvalidParameterValue");
    raw.send(&url, "a").await;
    let held = raw.receive(&url, 30, 0).await;
    let change = raw.client.change_message_visibility().queue_url(&url).receipt_handle(receipt(&held[0]));
    assert_eq!(code(change.visibility_timeout(43_201).send().await), "InvalidParameterValue");
    let odd = raw.client.create_queue().queue_name(raw.name("no name")).send().await;
    assert_eq!(code(odd), "InvalidParameterValue");
}

/// The SDK compares the digests of what it sent and of what it received by itself.
async fn attributes_of_a_message_come_with_it(raw: &Raw) {
    let url = raw.make("work").await;
    let colour = MessageAttributeValue::builder().data_type("String").string_value("röd").build().unwrap();
    let message = raw.client.send_message().queue_url(&url).message_body("é \"quoted\"\n😀");
    let sent = message.message_attributes("colour", colour).send().await.unwrap();
    let got = raw.receive(&url, 30, 0).await;
    assert_eq!(got[0].body(), Some("é \"quoted\"\n😀"));
    assert_eq!(got[0].message_attributes().unwrap()["colour"].string_value(), Some("röd"));
    assert_eq!(got[0].md5_of_body(), sent.md5_of_message_body());
    assert_eq!(got[0].md5_of_message_attributes(), sent.md5_of_message_attributes());
}

async fn a_wrong_entry_fails_alone(raw: &Raw) {
    let url = raw.make("work").await;
    let entries = vec![entry("a", "fine"), entry("b", "\u{1}"), entry("c", "fine too")];
    let sent = raw.client.send_message_batch().queue_url(&url).set_entries(Some(entries)).send().await.unwrap();
    let ids: Vec<&str> = sent.successful().iter().map(SendMessageBatchResultEntry::id).collect();
    assert_eq!((ids, sent.failed().len()), (vec!["a", "c"], 1));
    let failed = &sent.failed()[0];
    assert_eq!((failed.id(), failed.code(), failed.sender_fault()), ("b", "InvalidMessageContents", true));
    let held = raw.receive(&url, 30, 0).await;
    let mut delete = raw.client.delete_message_batch().queue_url(&url);
    for (place, receipt) in [receipt(&held[0]), "nonsense", receipt(&held[1])].into_iter().enumerate() {
        let entry = DeleteMessageBatchRequestEntry::builder().id(place.to_string()).receipt_handle(receipt);
        delete = delete.entries(entry.build().unwrap());
    }
    let deleted = delete.send().await.unwrap();
    assert_eq!((deleted.successful().len(), deleted.failed()[0].id()), (2, "1"));
    assert_eq!(deleted.failed()[0].code(), "ReceiptHandleIsInvalid");
    assert_eq!(raw.attribute(&url, QueueAttributeName::ApproximateNumberOfMessagesNotVisible).await, "0");
}

async fn a_wrong_batch_fails_whole(raw: &Raw) {
    let url = raw.make("work").await;
    let refused = |entries: Vec<SendMessageBatchRequestEntry>| async {
        code(raw.client.send_message_batch().queue_url(&url).set_entries(Some(entries)).send().await)
    };
    let many = (0..11).map(|n| entry(&n.to_string(), "x")).collect();
    assert_eq!(refused(many).await, "AWS.SimpleQueueService.TooManyEntriesInBatchRequest");
    assert_eq!(refused(Vec::new()).await, "AWS.SimpleQueueService.EmptyBatchRequest");
    let twice = vec![entry("a", "x"), entry("a", "y")];
    assert_eq!(refused(twice).await, "AWS.SimpleQueueService.BatchEntryIdsNotDistinct");
    assert_eq!(refused(vec![entry("a b", "x")]).await, "AWS.SimpleQueueService.InvalidBatchEntryId");
    let half = "x".repeat(600_000);
    let long = vec![entry("a", &half), entry("b", &half)];
    assert_eq!(refused(long).await, "AWS.SimpleQueueService.BatchRequestTooLong");
    assert!(raw.receive(&url, 30, 0).await.is_empty(), "what is refused is not stored");
}

async fn a_message_may_have_one_mebibyte_and_no_more(raw: &Raw) {
    let url = raw.make("work").await;
    let send = |length| raw.client.send_message().queue_url(&url).message_body("x".repeat(length)).send();
    send(1_048_576).await.unwrap();
    assert_eq!(code(send(1_048_577).await), "InvalidParameterValue");
}

async fn a_queue_that_is_not_there_is_its_own_error(raw: &Raw) {
    let url = raw.make("work").await;
    let send = raw.client.send_message().queue_url(format!("{url}-other")).message_body("x").send().await;
    let error = send.unwrap_err();
    assert_eq!(error.code(), Some("AWS.SimpleQueueService.NonExistentQueue"));
    assert!(error.into_service_error().is_queue_does_not_exist());
    let error = raw.client.get_queue_url().queue_name(raw.name("other")).send().await.unwrap_err();
    assert!(error.into_service_error().is_queue_does_not_exist());
}

async fn a_queue_is_made_once_andkeeps_its_attributes(raw: &Raw) {
    let create = |seconds: &str| {
        let create = raw.client.create_queue().queue_name(raw.name("work"));
        create.attributes(QueueAttributeName::VisibilityTimeout, seconds).send()
    };
    let url = create("7").await.unwrap().queue_url.unwrap();
    assert_eq!(create("7").await.unwrap().queue_url.as_ref(), Some(&url));
    assert_eq!(code(create("8").await), "QueueAlreadyExists");
    let found = raw.client.get_queue_url().queue_name(raw.name("work")).send().await.unwrap();
    assert_eq!(found.queue_url.as_ref(), Some(&url));
    assert_eq!(raw.attribute(&url, QueueAttributeName::VisibilityTimeout).await, "7");
    let set = raw.client.set_queue_attributes().queue_url(&url);
    set.attributes(QueueAttributeName::VisibilityTimeout, "9").send().await.unwrap();
    assert_eq!(raw.attribute(&url, QueueAttributeName::VisibilityTimeout).await, "9");
}

async fn a_purged_queue_is_empty(raw: &Raw) {
    let url = raw.make("work").await;
    raw.send(&url, "a").await;
    raw.send(&url, "b").await;
    raw.receive(&url, 1, 0).await;
    raw.client.purge_queue().queue_url(&url).send().await.unwrap();
    assert!(raw.receive(&url, 1, 2).await.is_empty());
}
