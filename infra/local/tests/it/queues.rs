//! SQS as its SDK sees it.

use std::time::{Duration, Instant};

use aws_sdk_sqs::Client;
use aws_sdk_sqs::error::ProvideErrorMetadata as _;
use aws_sdk_sqs::primitives::Blob;
use aws_sdk_sqs::types::{
    ChangeMessageVisibilityBatchRequestEntry, DeleteMessageBatchRequestEntry, Message, MessageAttributeValue,
    MessageSystemAttributeName, QueueAttributeName, SendMessageBatchRequestEntry,
};
use local::Stack;

use crate::trial::{Trial, sqs};

/// A stack with one queue made by the client.
async fn with_queue() -> (Trial, Stack, Client, String) {
    let trial = Trial::new();
    let stack = trial.start(vec![]).await;
    let client = sqs(&stack);
    let url = client.create_queue().queue_name("work").send().await.unwrap().queue_url.unwrap();
    (trial, stack, client, url)
}

async fn send(client: &Client, url: &str, body: &str) -> String {
    client.send_message().queue_url(url).message_body(body).send().await.unwrap().message_id.unwrap()
}

async fn receive(client: &Client, url: &str, visibility: i32, wait: i32) -> Vec<Message> {
    let receive = client.receive_message().queue_url(url).max_number_of_messages(10).visibility_timeout(visibility);
    let receive = receive.wait_time_seconds(wait).message_system_attribute_names(MessageSystemAttributeName::All);
    receive.message_attribute_names("All").send().await.unwrap().messages.unwrap_or_default()
}

#[tokio::test]
async fn a_message_is_hidden_while_in_flight_and_comes_again_with_its_count() {
    let (_trial, stack, client, url) = with_queue().await;
    let id = send(&client, &url, "a").await;
    let first = receive(&client, &url, 1, 0).await;
    assert_eq!((first[0].message_id(), first[0].body()), (Some(id.as_str()), Some("a")));
    assert!(receive(&client, &url, 1, 0).await.is_empty());
    assert_eq!(stack.queue_depth("work").await.in_flight, 1);

    let again = receive(&client, &url, 30, 5).await;
    let count = &again[0].attributes().unwrap()[&MessageSystemAttributeName::ApproximateReceiveCount];
    assert_eq!(count, "2");
    assert!(again[0].attributes().unwrap().contains_key(&MessageSystemAttributeName::SentTimestamp));

    let delete = |receipt: Option<&str>| {
        client.delete_message().queue_url(&url).receipt_handle(receipt.unwrap_or_default()).send()
    };
    delete(first[0].receipt_handle()).await.unwrap();
    assert_eq!(stack.queue_depth("work").await.total(), 1, "a receipt that was replaced deletes nothing");
    delete(again[0].receipt_handle()).await.unwrap();
    delete(again[0].receipt_handle()).await.unwrap();
    assert_eq!(stack.queue_depth("work").await.total(), 0);
    assert_eq!(delete(Some("nonsense")).await.unwrap_err().code(), Some("ReceiptHandleIsInvalid"));
}

#[tokio::test]
async fn a_delayed_message_comes_when_its_delay_is_over() {
    let (_trial, stack, client, url) = with_queue().await;
    client.send_message().queue_url(&url).message_body("later").delay_seconds(1).send().await.unwrap();
    assert!(receive(&client, &url, 30, 0).await.is_empty());
    assert_eq!(stack.queue_depth("work").await.delayed, 1);
    let start = Instant::now();
    assert_eq!(receive(&client, &url, 30, 10).await.len(), 1);
    assert!(start.elapsed() < Duration::from_secs(8), "the poll ends with the delay, not with its own time");
}

#[tokio::test]
async fn a_long_poll_ends_as_soon_as_a_message_is_sent() {
    let (_trial, _stack, client, url) = with_queue().await;
    let start = Instant::now();
    let (messages, _) = tokio::join!(receive(&client, &url, 30, 20), async {
        tokio::time::sleep(Duration::from_millis(200)).await;
        send(&client, &url, "now").await
    });
    assert_eq!(messages.len(), 1);
    assert!(start.elapsed() < Duration::from_secs(10));
}

#[tokio::test]
async fn visibility_can_be_ended_and_prolonged() {
    let (_trial, _stack, client, url) = with_queue().await;
    send(&client, &url, "a").await;
    let change = |message: &Message, seconds: i32| {
        let receipt = message.receipt_handle().unwrap_or_default();
        client.change_message_visibility().queue_url(&url).receipt_handle(receipt).visibility_timeout(seconds).send()
    };
    let held = receive(&client, &url, 30, 0).await;
    change(&held[0], 0).await.unwrap();
    assert_eq!(change(&held[0], 0).await.unwrap_err().code(), Some("AWS.SimpleQueueService.MessageNotInflight"));
    let held = receive(&client, &url, 1, 0).await;
    let entry = ChangeMessageVisibilityBatchRequestEntry::builder().id("a").visibility_timeout(60);
    let entry = entry.receipt_handle(held[0].receipt_handle().unwrap()).build().unwrap();
    let changed = client.change_message_visibility_batch().queue_url(&url).entries(entry).send().await.unwrap();
    assert_eq!((changed.successful().len(), changed.failed().len()), (1, 0));
    assert!(receive(&client, &url, 1, 2).await.is_empty());
}

#[tokio::test]
async fn a_message_received_too_often_moves_to_the_dead_letter_queue_and_back_on_request() {
    let trial = Trial::new();
    let stack = trial.start(vec![]).await;
    let client = sqs(&stack);
    let dead = client.create_queue().queue_name("work-dlq").send().await.unwrap().queue_url.unwrap();
    let arn = client.get_queue_attributes().queue_url(&dead).attribute_names(QueueAttributeName::QueueArn);
    let arn = arn.send().await.unwrap().attributes.unwrap()[&QueueAttributeName::QueueArn].clone();
    let policy = format!(r#"{{"deadLetterTargetArn":"{arn}","maxReceiveCount":"2"}}"#);
    let create = client.create_queue().queue_name("work").attributes(QueueAttributeName::RedrivePolicy, policy);
    let url = create.send().await.unwrap().queue_url.unwrap();

    let id = send(&client, &url, "poison").await;
    for _ in 0..2 {
        assert_eq!(receive(&client, &url, 0, 2).await.len(), 1);
    }
    assert!(receive(&client, &url, 0, 0).await.is_empty());
    let buried = receive(&client, &dead, 0, 0).await;
    assert_eq!(buried[0].message_id(), Some(id.as_str()));

    client.start_message_move_task().source_arn(&arn).send().await.unwrap();
    assert_eq!(stack.queue_depth("work-dlq").await.total(), 0);
    let back = receive(&client, &url, 0, 2).await;
    assert_eq!(back[0].attributes().unwrap()[&MessageSystemAttributeName::ApproximateReceiveCount], "1");
    let not_dead = client.start_message_move_task().source_arn(arn.replace("-dlq", "")).send().await;
    assert!(not_dead.is_err());
}

#[tokio::test]
async fn digests_of_bodies_and_attributes_are_those_the_sender_computes() {
    let (_trial, _stack, client, url) = with_queue().await;
    let text = MessageAttributeValue::builder().data_type("String").string_value("red").build().unwrap();
    let bytes = MessageAttributeValue::builder().data_type("Binary").binary_value(Blob::new([1, 2])).build().unwrap();
    let body = "é \"quoted\"\n😀";
    let message = client.send_message().queue_url(&url).message_body(body);
    let sent = message.message_attributes("colour", text).message_attributes("bytes", bytes).send().await.unwrap();
    let digest = format!("{:x}", md5::compute(body));
    assert_eq!(sent.md5_of_message_body(), Some(digest.as_str()));
    let got = receive(&client, &url, 30, 0).await;
    assert_eq!((got[0].body(), got[0].md5_of_body()), (Some(body), Some(digest.as_str())));
    assert_eq!(got[0].md5_of_message_attributes(), sent.md5_of_message_attributes());
    let by_hand =
        b"\0\0\0\x05bytes\0\0\0\x06Binary\x02\0\0\0\x02\x01\x02\0\0\0\x06colour\0\0\0\x06String\x01\0\0\0\x03red";
    assert_eq!(sent.md5_of_message_attributes(), Some(format!("{:x}", md5::compute(by_hand)).as_str()));
    assert_eq!(got[0].message_attributes().unwrap()["colour"].string_value(), Some("red"));
}

#[tokio::test]
async fn a_wrong_entry_fails_alone_and_a_wrong_batch_fails_whole() {
    let (_trial, stack, client, url) = with_queue().await;
    let entry =
        |id: &str, body: &str| SendMessageBatchRequestEntry::builder().id(id).message_body(body).build().unwrap();
    let batch = |entries| client.send_message_batch().queue_url(&url).set_entries(Some(entries)).send();

    let sent = batch(vec![entry("a", "fine"), entry("b", "\u{0}"), entry("c", "fine too")]).await.unwrap();
    assert_eq!((sent.successful().len(), sent.failed().len()), (2, 1));
    let failed = &sent.failed()[0];
    assert_eq!((failed.id(), failed.code(), failed.sender_fault()), ("b", "InvalidMessageContents", true));
    assert_eq!(sent.successful()[0].md5_of_message_body(), format!("{:x}", md5::compute("fine")));

    let code = |entries| async move { batch(entries).await.unwrap_err().code().unwrap_or_default().to_owned() };
    let many: Vec<_> = (0..11).map(|number| entry(&number.to_string(), "x")).collect();
    assert_eq!(code(many).await, "AWS.SimpleQueueService.TooManyEntriesInBatchRequest");
    assert_eq!(code(vec![]).await, "AWS.SimpleQueueService.EmptyBatchRequest");
    let twice = vec![entry("a", "x"), entry("a", "y")];
    assert_eq!(code(twice).await, "AWS.SimpleQueueService.BatchEntryIdsNotDistinct");
    let half = "x".repeat(600_000);
    let long = vec![entry("a", &half), entry("b", &half)];
    assert_eq!(code(long).await, "AWS.SimpleQueueService.BatchRequestTooLong");
    assert_eq!(stack.queue_depth("work").await.total(), 2, "what is refused is not stored");

    let held = receive(&client, &url, 30, 0).await;
    let mut delete = client.delete_message_batch().queue_url(&url);
    for (index, receipt) in [held[0].receipt_handle(), held[1].receipt_handle(), Some("nonsense")].iter().enumerate() {
        let entry = DeleteMessageBatchRequestEntry::builder().id(index.to_string()).receipt_handle(receipt.unwrap());
        delete = delete.entries(entry.build().unwrap());
    }
    let deleted = delete.send().await.unwrap();
    assert_eq!((deleted.successful().len(), deleted.failed()[0].code()), (2, "ReceiptHandleIsInvalid"));
    assert_eq!(stack.queue_depth("work").await.total(), 0);
}

#[tokio::test]
async fn a_message_may_have_one_mebibyte_and_no_more() {
    let (_trial, _stack, client, url) = with_queue().await;
    let send = |length| client.send_message().queue_url(&url).message_body("x".repeat(length)).send();
    send(1_048_576).await.unwrap();
    assert_eq!(send(1_048_577).await.unwrap_err().code(), Some("InvalidParameterValue"));
}

#[tokio::test]
async fn a_queue_that_does_not_exist_is_an_error_the_sdk_knows() {
    let (_trial, _stack, client, url) = with_queue().await;
    let error = client.send_message().queue_url(format!("{url}-other")).message_body("x").send().await.unwrap_err();
    assert_eq!(error.code(), Some("AWS.SimpleQueueService.NonExistentQueue"));
    assert!(error.into_service_error().is_queue_does_not_exist());
    let error = client.get_queue_url().queue_name("other").send().await.unwrap_err();
    assert!(error.into_service_error().is_queue_does_not_exist());
}

#[tokio::test]
async fn queues_are_found_listed_changed_and_purged() {
    let (_trial, stack, client, url) = with_queue().await;
    assert_eq!(client.get_queue_url().queue_name("work").send().await.unwrap().queue_url(), Some(url.as_str()));
    assert_eq!(stack.queue_url("work"), url);
    client.create_queue().queue_name("other").send().await.unwrap();
    let listed = client.list_queues().queue_name_prefix("wo").send().await.unwrap();
    assert_eq!(listed.queue_urls(), [url.as_str()]);
    let page = client.list_queues().max_results(1).send().await.unwrap();
    assert_eq!((page.queue_urls().len(), page.next_token()), (1, Some("other")));

    let set = client.set_queue_attributes().queue_url(&url).attributes(QueueAttributeName::VisibilityTimeout, "7");
    set.send().await.unwrap();
    send(&client, &url, "x").await;
    let get = client.get_queue_attributes().queue_url(&url).attribute_names(QueueAttributeName::All);
    let attributes = get.send().await.unwrap().attributes.unwrap();
    assert_eq!(attributes[&QueueAttributeName::VisibilityTimeout], "7");
    assert_eq!(attributes[&QueueAttributeName::ApproximateNumberOfMessages], "1");
    let create = client.create_queue().queue_name("work").attributes(QueueAttributeName::VisibilityTimeout, "8");
    assert_eq!(create.send().await.unwrap_err().code(), Some("QueueAlreadyExists"));

    client.purge_queue().queue_url(&url).send().await.unwrap();
    assert_eq!(stack.queue_depth("work").await.total(), 0);
}
