//! The event source mapping: from a queue to a function on the real runtime.

use std::time::Duration;

use aws_sdk_sqs::types::SendMessageBatchRequestEntry;
use local::{Depth, FunctionOptions, Stack};

use crate::trial::{Trial, queue, sqs, until};

fn worker(trial: &Trial) -> FunctionOptions {
    let mut function = trial.function("worker");
    function.queue = Some(queue("work"));
    function
}

async fn send(stack: &Stack, bodies: &[&str]) {
    let mut batch = sqs(stack).send_message_batch().queue_url(stack.queue_url("work"));
    for (index, body) in bodies.iter().enumerate() {
        let entry = SendMessageBatchRequestEntry::builder().id(index.to_string()).message_body(*body);
        batch = batch.entries(entry.build().unwrap());
    }
    assert!(batch.send().await.unwrap().failed().is_empty());
}

async fn is_empty(stack: &Stack) -> bool {
    stack.queue_depth("work").await.total() == 0
}

#[tokio::test]
async fn only_what_failed_comes_again_and_goes_to_the_dead_letter_queue() {
    let trial = Trial::new();
    let stack = trial.start(vec![worker(&trial)]).await;
    send(&stack, &["ok", "fail"]).await;
    until("the queue is empty", async || is_empty(&stack).await).await;
    assert_eq!(stack.queue_depth("work-dlq").await, Depth { visible: 1, ..Depth::default() });
    let mut notes = trial.notes();
    notes.sort();
    assert_eq!(notes, ["fail 1 2", "fail 2 1", "fail 3 1", "ok 1 2"]);
    assert!(stack.failures().is_empty(), "a reported message is no failed invocation");

    assert_eq!(stack.redrive("work").await.unwrap(), 1);
    until("it was tried again", async || trial.notes().len() == 7).await;
    until("it is given up again", async || stack.queue_depth("work-dlq").await.total() == 1).await;
    assert_eq!(trial.notes()[4], "fail 1 1", "a message moved back counts from the start");
    assert!(stack.redrive("nothing").await.is_err());
}

#[tokio::test]
async fn a_process_that_dies_with_a_batch_loses_no_message() {
    let trial = Trial::new();
    let stack = trial.start(vec![worker(&trial)]).await;
    send(&stack, &["ok", "crash"]).await;
    until("the queue is empty", async || is_empty(&stack).await).await;
    // The one that kills the process ends up aside; its neighbour shares its fate while they share a batch.
    let dead = stack.queue_depth("work-dlq").await.total();
    assert!((1..=2).contains(&dead), "{dead}");
    assert_eq!(trial.notes().iter().filter(|note| note.starts_with("crash")).count(), 3);
    assert_eq!(stack.failures(), [("worker".to_owned(), 3)]);
}

#[tokio::test]
async fn a_batch_that_times_out_stays_in_the_queue() {
    let trial = Trial::new();
    let mut function = worker(&trial);
    function.timeout = Duration::from_millis(700);
    let stack = trial.start(vec![function]).await;
    send(&stack, &["hang"]).await;
    until("it was tried twice", async || trial.notes().len() >= 2).await;
    assert_eq!(trial.notes()[..2], ["hang 1 1", "hang 2 1"]);
}

#[tokio::test]
async fn a_window_gathers_messages_into_one_batch() {
    let trial = Trial::new();
    let mut function = worker(&trial);
    function.queue = Some(local::QueueOptions {
        window: Duration::from_secs(3),
        visibility: Duration::from_mins(1),
        batch_size: 3,
        ..queue("work")
    });
    let stack = trial.start(vec![function]).await;
    for body in ["a", "b", "c"] {
        send(&stack, &[body]).await;
    }
    until("the queue is empty", async || is_empty(&stack).await).await;
    let mut notes = trial.notes();
    notes.sort();
    assert_eq!(notes, ["a 1 3", "b 1 3", "c 1 3"]);
}

#[tokio::test]
async fn a_thousand_messages_arrive_each_once() {
    let trial = Trial::new();
    let mut function = worker(&trial);
    function.concurrency = 3;
    function.queue = Some(local::QueueOptions { visibility: Duration::from_mins(1), ..queue("work") });
    let stack = trial.start(vec![function]).await;
    for batch in 0..100 {
        let bodies: Vec<String> = (0..10).map(|index| format!("ok {batch}-{index}")).collect();
        send(&stack, &bodies.iter().map(String::as_str).collect::<Vec<_>>()).await;
    }
    until("the queue is empty", async || is_empty(&stack).await).await;
    let mut bodies: Vec<String> = trial.notes().iter().map(|note| note.split(' ').nth(1).unwrap().to_owned()).collect();
    bodies.sort();
    bodies.dedup();
    assert_eq!((bodies.len(), trial.notes().len()), (1000, 1000));
}
