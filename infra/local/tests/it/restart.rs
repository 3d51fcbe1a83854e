//! What survives the stack, and who may use its folder.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use local::{LocalError, Stack};

use crate::trial::{Trial, example, queue, sqs, sqs_at, until};

#[tokio::test]
async fn messages_survive_and_those_in_flight_are_visible_again() {
    let trial = Trial::new();
    let stack = trial.start(vec![]).await;
    let client = sqs(&stack);
    let url = client.create_queue().queue_name("work").send().await.unwrap().queue_url.unwrap();
    for body in ["a", "b"] {
        client.send_message().queue_url(&url).message_body(body).send().await.unwrap();
    }
    client.send_message().queue_url(&url).message_body("c").delay_seconds(900).send().await.unwrap();
    client.receive_message().queue_url(&url).visibility_timeout(600).send().await.unwrap();
    let depth = stack.queue_depth("work").await;
    assert_eq!((depth.visible, depth.in_flight, depth.delayed), (1, 1, 1));
    // Not stopped but dropped, as when the process is killed.
    drop(stack);

    let stack = trial.start(vec![]).await;
    let depth = stack.queue_depth("work").await;
    assert_eq!((depth.visible, depth.in_flight, depth.delayed), (2, 0, 1));
    let url = stack.queue_url("work");
    let receive = sqs(&stack).receive_message().queue_url(url).max_number_of_messages(10).send().await.unwrap();
    let mut bodies: Vec<_> = receive.messages().iter().filter_map(|message| message.body()).collect();
    bodies.sort_unstable();
    assert_eq!(bodies, ["a", "b"]);
}

#[tokio::test]
async fn a_state_folder_has_one_user_at_a_time() {
    let trial = Trial::new();
    let stack = trial.start(vec![]).await;
    let error = Stack::start(trial.options(vec![])).await.err().unwrap();
    assert!(matches!(error, LocalError::InUse { .. }), "{error}");
    stack.stop().await;
    trial.start(vec![]).await;
}

#[tokio::test]
async fn stopping_ends_the_functions_and_a_message_under_way_comes_again() {
    let trial = Trial::new();
    let function = || {
        let mut function = trial.function("worker");
        function.queue = Some(queue("work"));
        function.timeout = Duration::from_secs(30);
        function
    };
    let stack = trial.start(vec![function()]).await;
    let send = sqs(&stack).send_message().queue_url(stack.queue_url("work")).message_body("hang");
    send.send().await.unwrap();
    until("the function has the message", async || trial.notes().len() == 1).await;
    let start = Instant::now();
    stack.stop().await;
    assert!(start.elapsed() < Duration::from_secs(10));

    let stack = trial.start(vec![function()]).await;
    until("the message comes again", async || trial.notes().len() == 2).await;
    assert_eq!(trial.notes()[1], "hang 1 1", "the receive that the stop cut off does not count");
    stack.stop().await;
}

#[tokio::test]
async fn options_that_contradict_themselves_are_refused() {
    let trial = Trial::new();
    let twice = vec![trial.function("a"), trial.function("a")];
    let mut stray = trial.function("b");
    stray.env.insert("OUT".into(), "{queue:nowhere}".into());
    let mut path = trial.function("c");
    path.name = "../c".into();
    for functions in [twice, vec![stray], vec![path]] {
        let error = Stack::start(trial.options(functions)).await.err().unwrap();
        assert!(matches!(error, LocalError::Options { .. }), "{error}");
    }
}

/// A stack in a process of its own, and the URL of its queue.
fn host(trial: &Trial) -> (Child, String) {
    let mut host = Command::new(example());
    let host = host.arg(trial.state()).env("TRIAL_NOTES", trial.notes_file());
    let mut child = host.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut url = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut url).unwrap();
    (child, url.trim().to_owned())
}

fn runs(process: &str) -> bool {
    let status = std::fs::read_to_string(Path::new("/proc").join(process).join("stat")).unwrap_or_default();
    // One that has ended but was not yet collected by its parent does not run.
    status.rsplit(')').next().is_some_and(|rest| !rest.is_empty() && !rest.trim_start().starts_with('Z'))
}

#[tokio::test]
async fn a_killed_stack_loses_no_message_and_leaves_no_function_behind() {
    let trial = Trial::new();
    let (mut child, url) = host(&trial);
    let client = sqs_at(url.split("/000000000000").next().unwrap());
    client.send_message().queue_url(&url).message_body("pid").send().await.unwrap();
    until("the function has the message", async || trial.notes().len() == 2).await;
    for _ in 0..50 {
        client.send_message().queue_url(&url).message_body("ok").send().await.unwrap();
    }
    let function = trial.notes()[1].clone();
    assert!(runs(&function));
    child.kill().unwrap();
    child.wait().unwrap();
    until("the function has ended", async || !runs(&function)).await;

    let stack = trial.start(vec![]).await;
    let depth = stack.queue_depth("work").await;
    assert_eq!((depth.visible, depth.in_flight, depth.delayed), (51, 0, 0));
}

#[tokio::test]
async fn a_process_that_does_not_heed_the_end_of_its_input_is_killed() {
    let trial = Trial::new();
    let mut deaf = trial.function("deaf");
    let script = "echo $$ > \"$TRIAL_NOTES\"; exec sleep 1000";
    deaf.command = ["sh", "-c", script].map(Into::into).into();
    let stack = trial.start(vec![deaf]).await;
    until("the process runs", async || trial.notes().len() == 1 && runs(&trial.notes()[0])).await;
    let start = Instant::now();
    stack.stop().await;
    assert!(start.elapsed() >= Duration::from_secs(2));
    assert!(!runs(&trial.notes()[0]));
}
