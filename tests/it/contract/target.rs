//! What every target does that is like Microsoft Graph: it starts empty and takes the attributes used here.

use super::{Real, contract};
use config::{GraphOptions, SecretReference};
use connector_graph::GraphTarget;
use fakes::{FakeTarget, World, graph_like_schema};
use ports::{Account, Anchor, PortError, Reply, TargetRead, TargetWrite, WriteAction, WriteRequest};
use record::Value;
use simulators::graph::{Options, Simulator};
use std::collections::BTreeMap;

contract! {
    rules: [
        what_is_made_is_found_and_read,
        replies_stand_in_the_order_of_the_requests,
        a_name_that_is_taken_is_said_to_be,
        an_update_sets_and_clears_exactly_what_it_names,
        a_reference_points_to_an_account_or_to_none,
        what_is_deleted_is_gone,
        a_refusal_is_a_reply_and_carries_no_value,
        everybody_comes_page_by_page,
        what_it_does_not_know_it_does_not_find,
        a_reference_that_is_not_there_can_be_cleared,
        a_reference_to_a_deleted_account_is_gone,
        the_name_of_a_deleted_account_is_free,
        an_account_may_be_given_its_own_name,
    ],
    fake: Some(super::fake()),
    graph: Some(super::graph().await),
}

pub(super) fn fake() -> Real<FakeTarget> {
    Real::alone(World::new(1).target(graph_like_schema()))
}

/// The connector, and the simulator of what it talks to.
pub(super) async fn graph() -> Real<GraphTarget, Simulator> {
    let options = Options { default_domain: "example.com".to_owned(), ..Options::default() };
    let secret = options.client_secret.clone();
    let simulator = Simulator::start(options.clone()).await.unwrap();
    let connector = GraphOptions {
        base_url: simulator.url(),
        authority: simulator.url(),
        tenant: options.tenant,
        client_id: options.client_id,
        client_secret: SecretReference::Environment("GRAPH_SECRET".to_owned()),
        writes: 3_000,
        window_seconds: 150,
        timeout_seconds: 10,
    };
    let World { entropy, clock, .. } = World::new(1);
    let port = GraphTarget::connect(connector, secret.into(), entropy, clock).unwrap();
    Real { port, keep: simulator }
}

pub(super) fn create(name: &str) -> WriteRequest {
    let attributes = BTreeMap::from([
        ("accountEnabled".to_owned(), Value::from("True")),
        ("displayName".to_owned(), "Invented Person".into()),
        ("mailNickname".to_owned(), name.into()),
        ("userPrincipalName".to_owned(), format!("{name}@example.com").into()),
        ("employeeId".to_owned(), name.into()),
        ("department".to_owned(), "Weaving".into()),
    ]);
    WriteRequest { action: WriteAction::Create { attributes } }
}

pub(super) fn update<const N: usize>(anchor: &Anchor, attributes: [(&str, Option<&str>); N]) -> WriteRequest {
    let attributes = attributes.map(|(name, value)| (name.to_owned(), value.map(Value::from)));
    WriteRequest { action: WriteAction::Update { anchor: anchor.clone(), attributes: attributes.into() } }
}

fn delete(anchor: &Anchor) -> WriteRequest {
    WriteRequest { action: WriteAction::Delete { anchor: anchor.clone() } }
}

pub(super) async fn send(target: &impl TargetWrite, request: WriteRequest) -> Reply {
    let mut report = target.write(&[request]).await;
    assert_eq!(report.replies.len(), 1);
    report.replies.remove(0)
}

pub(super) async fn made(target: &impl TargetWrite, name: &str) -> Anchor {
    match send(target, create(name)).await {
        Reply::Done(anchor) => anchor,
        other => panic!("not made: {other:?}"),
    }
}

pub(super) async fn read(target: &impl TargetRead, anchor: &Anchor, select: &[&str]) -> Option<Account> {
    let select: Vec<String> = select.iter().map(|name| (*name).to_owned()).collect();
    let mut found = target.read(std::slice::from_ref(anchor), &select).await.unwrap();
    assert!(found.len() <= 1);
    found.pop()
}

pub(super) async fn find(target: &impl TargetRead, attribute: &str, values: &[&str]) -> Vec<Account> {
    let values: Vec<String> = values.iter().map(|value| (*value).to_owned()).collect();
    target.find(attribute, &values, &["employeeId".to_owned()]).await.unwrap()
}

async fn what_is_made_is_found_and_read(target: &impl TargetWrite) {
    let anchor = made(target, "a1").await;
    made(target, "b2").await;
    let account = read(target, &anchor, &["department", "jobTitle", "accountEnabled"]).await.unwrap();
    let expected = [("accountEnabled".to_owned(), "True".into()), ("department".to_owned(), "Weaving".into())];
    assert!(account.attributes == expected.into(), "only what was asked for, and nothing without content");
    assert_eq!(find(target, "userPrincipalName", &["A1@EXAMPLE.com"]).await[0].anchor, anchor);
    assert_eq!(find(target, "employeeId", &["a1", "b2", "c3"]).await.len(), 2);
}

async fn replies_stand_in_the_order_of_the_requests(target: &impl TargetWrite) {
    let anchor = made(target, "a1").await;
    let gone = Anchor("00000000-0000-4000-8000-0000000000ff".to_owned());
    let requests =
        [update(&gone, [("department", None)]), create("a1"), update(&anchor, [("department", None)]), create("b2")];
    let report = target.write(&requests).await;
    let [Reply::Missing, Reply::Taken, Reply::Done(updated), Reply::Done(new)] = &report.replies[..] else {
        panic!("{:?}", report.replies);
    };
    assert!(*updated == anchor && *new != anchor);
}

async fn a_name_that_is_taken_is_said_to_be(target: &impl TargetWrite) {
    made(target, "a1").await;
    assert_eq!(send(target, create("A1")).await, Reply::Taken);
    let other = made(target, "b2").await;
    assert_eq!(send(target, update(&other, [("userPrincipalName", Some("a1@example.com"))])).await, Reply::Taken);
    assert_eq!(find(target, "userPrincipalName", &["a1@example.com"]).await.len(), 1);
}

async fn an_update_sets_and_clears_exactly_what_it_names(target: &impl TargetWrite) {
    let anchor = made(target, "a1").await;
    let change = [("jobTitle", Some("Weaver")), ("department", None), ("accountEnabled", Some("False"))];
    for _ in 0..2 {
        assert_eq!(
            send(target, update(&anchor, change)).await,
            Reply::Done(anchor.clone()),
            "twice is as good as once"
        );
    }
    let account = read(target, &anchor, &["jobTitle", "department", "accountEnabled", "displayName"]).await.unwrap();
    let names: Vec<&str> = account.attributes.keys().map(String::as_str).collect();
    assert_eq!(names, ["accountEnabled", "displayName", "jobTitle"]);
    assert_eq!(account.attributes["accountEnabled"].text(), "False");
}

fn refer(worker: &Anchor, to: Option<&Anchor>) -> WriteRequest {
    let (anchor, attribute) = (worker.clone(), "manager".to_owned());
    WriteRequest { action: WriteAction::Refer { anchor, attribute, to: to.cloned() } }
}

async fn a_reference_points_to_an_account_or_to_none(target: &impl TargetWrite) {
    let (boss, worker) = (made(target, "boss").await, made(target, "worker").await);
    assert_eq!(send(target, refer(&worker, Some(&boss))).await, Reply::Done(worker.clone()));
    let account = read(target, &worker, &["manager"]).await.unwrap();
    assert_eq!(account.attributes["manager"].text(), boss.0);
    assert_eq!(send(target, refer(&worker, None)).await, Reply::Done(worker.clone()));
    assert!(read(target, &worker, &["manager"]).await.unwrap().attributes.is_empty());
    let nobody = Anchor("00000000-0000-4000-8000-0000000000ff".to_owned());
    assert_eq!(send(target, refer(&worker, Some(&nobody))).await, Reply::Missing);
}

async fn what_is_deleted_is_gone(target: &impl TargetWrite) {
    let anchor = made(target, "a1").await;
    assert_eq!(send(target, delete(&anchor)).await, Reply::Done(anchor.clone()));
    assert_eq!(read(target, &anchor, &[]).await, None);
    assert!(find(target, "employeeId", &["a1"]).await.is_empty());
    // What is to be gone is gone: whether a target says so or that there is nothing is its own affair.
    assert!(matches!(send(target, delete(&anchor)).await, Reply::Done(_) | Reply::Missing));
    assert_eq!(send(target, update(&anchor, [("jobTitle", Some("Weaver"))])).await, Reply::Missing);
}

async fn a_refusal_is_a_reply_and_carries_no_value(target: &impl TargetWrite) {
    let anchor = made(target, "a1").await;
    let long = "Long".repeat(100);
    for change in [[("displayName", None)], [("department", Some(long.as_str()))]] {
        let Reply::Refused { code } = send(target, update(&anchor, change)).await else {
            panic!("it was not refused");
        };
        assert!(!code.is_empty() && !code.contains("Long"), "{code}");
    }
    let account = read(target, &anchor, &["department"]).await.unwrap();
    assert_eq!(account.attributes["department"].text(), "Weaving");
}

async fn everybody_comes_page_by_page(target: &impl TargetWrite) {
    let names: Vec<String> = (0..45).map(|n| format!("n{n:02}")).collect();
    for group in names.chunks(target.group_max()) {
        let requests: Vec<WriteRequest> = group.iter().map(|name| create(name)).collect();
        assert!(target.write(&requests).await.replies.iter().all(|reply| matches!(reply, Reply::Done(_))));
    }
    let select = ["employeeId".to_owned()];
    let mut page = target.read_all(&select, None).await.unwrap();
    let mut seen = Vec::new();
    loop {
        seen.extend(page.accounts.iter().map(|account| account.attributes["employeeId"].text().to_owned()));
        let Some(next) = page.next else { break };
        page = target.read_all(&select, Some(&next)).await.unwrap();
    }
    seen.sort();
    assert_eq!(seen, names);
}

async fn what_it_does_not_know_it_does_not_find(target: &impl TargetWrite) {
    let shoe = ["43".to_owned()];
    assert!(matches!(target.find("shoeSize", &shoe, &[]).await, Err(PortError::Permanent { .. })));
}

async fn a_reference_that_is_not_there_can_be_cleared(target: &impl TargetWrite) {
    let worker = made(target, "worker").await;
    for _ in 0..2 {
        assert_eq!(send(target, refer(&worker, None)).await, Reply::Done(worker.clone()));
    }
}

async fn a_reference_to_a_deleted_account_is_gone(target: &impl TargetWrite) {
    let (boss, worker) = (made(target, "boss").await, made(target, "worker").await);
    for _ in 0..2 {
        assert_eq!(send(target, refer(&worker, Some(&boss))).await, Reply::Done(worker.clone()), "twice is once");
    }
    assert_eq!(send(target, delete(&boss)).await, Reply::Done(boss.clone()));
    assert!(read(target, &worker, &["manager"]).await.unwrap().attributes.is_empty());
    assert_eq!(send(target, refer(&worker, Some(&boss))).await, Reply::Missing);
}

async fn the_name_of_a_deleted_account_is_free(target: &impl TargetWrite) {
    let first = made(target, "a1").await;
    assert_eq!(send(target, create("a1")).await, Reply::Taken);
    assert_eq!(send(target, delete(&first)).await, Reply::Done(first.clone()));
    let second = made(target, "a1").await;
    assert_ne!(first, second);
    assert_eq!(find(target, "userPrincipalName", &["a1@example.com"]).await[0].anchor, second);
}

async fn an_account_may_be_given_its_own_name(target: &impl TargetWrite) {
    let anchor = made(target, "a1").await;
    for name in ["a1@example.com", "A1@example.com"] {
        let reply = send(target, update(&anchor, [("userPrincipalName", Some(name))])).await;
        assert_eq!(reply, Reply::Done(anchor.clone()));
        let account = read(target, &anchor, &["userPrincipalName"]).await.unwrap();
        assert_eq!(account.attributes["userPrincipalName"].text(), name, "as it was written, case and all");
    }
}
