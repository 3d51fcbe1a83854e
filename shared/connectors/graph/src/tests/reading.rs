//! What is found and read.

use super::hostile;
use super::world::{World, names, update};
use ports::{Anchor, PortError, Reply, TargetRead};
use record::Value;
use serde_json::json;
use simulators::graph::{Faults, Options};
use std::collections::BTreeSet;
use std::time::Duration;

fn seeded(world: &World, count: usize) {
    let user = |n: usize| {
        json!({
            "id": format!("id-{n:05}"), "accountEnabled": n.is_multiple_of(2), "displayName": format!("Person {n}"),
            "userPrincipalName": format!("p{n}@contoso.example"), "employeeId": format!("E{n}"),
        })
    };
    world.simulator.seed_users((0..count).map(user).collect());
}

#[tokio::test]
async fn many_values_are_looked_up_in_few_requests() {
    let world = World::start().await;
    seeded(&world, 700);
    let mut values: Vec<String> = (0..620).map(|n| format!("e{n}")).collect();
    values.extend(names(&["nobody", "", "e1"]));
    let found = world.target.find("employeeId", &values, &names(&["accountEnabled"])).await.unwrap();
    let anchors: BTreeSet<&Anchor> = found.iter().map(|account| &account.anchor).collect();
    assert_eq!((found.len(), anchors.len()), (620, 620));
    assert_eq!(found[0].attributes.len(), 2);
    // 621 values in parts of 15, 20 of them in a batch.
    assert_eq!((world.simulator.counts().parts, world.simulator.counts().batches), (42, 3));
}

#[tokio::test]
async fn several_accounts_with_one_value_are_all_found_over_pages() {
    let world = World::start().await;
    let user = |n: usize| json!({ "id": format!("id-{n}"), "displayName": "x", "employeeId": "same" });
    world.simulator.seed_users((0..1_500).map(user).collect());
    let found = world.target.find("employeeId", &names(&["same"]), &names(&["displayName"])).await.unwrap();
    assert_eq!(found.len(), 1_500);
}

#[tokio::test]
async fn an_attribute_that_graph_cannot_search_is_refused() {
    let world = World::start().await;
    for attribute in ["otherMails", "onPremisesExtensionAttributes/extensionAttribute1", "x eq 'y' or z"] {
        let found = world.target.find(attribute, &names(&["1"]), &[]).await;
        assert!(matches!(found, Err(PortError::Permanent { .. })), "{attribute}");
    }
    assert_eq!(world.simulator.counts().requests, 0);
}

#[tokio::test]
async fn accounts_that_are_gone_are_left_out() {
    let world = World::start().await;
    seeded(&world, 45);
    let mut anchors: Vec<Anchor> = (0..45).map(|n| Anchor(format!("id-{n:05}"))).collect();
    anchors.extend(["nobody", "", ".", "id-00001"].map(|id| Anchor(id.to_owned())));
    let read = world.target.read(&anchors, &names(&["accountEnabled", "department", "manager"])).await.unwrap();
    assert_eq!(read.len(), 45);
    assert_eq!(read[1].attributes.len(), 1);
    assert_eq!(read[1].attributes["accountEnabled"], Value::from("False"));
    assert_eq!(world.simulator.counts().batches, 3);
}

#[tokio::test]
async fn everybody_is_read_in_the_largest_pages() {
    let world = World::start().await;
    seeded(&world, 2_000);
    let (mut next, mut pages, mut ids) = (None, 0, BTreeSet::new());
    loop {
        let page = world.target.read_all(&names(&["employeeId"]), next.as_deref()).await.unwrap();
        ids.extend(page.accounts.into_iter().map(|account| account.anchor));
        pages += 1;
        next = page.next;
        if next.is_none() {
            break;
        }
    }
    assert_eq!((pages, ids.len()), (3, 2_000));
}

#[tokio::test]
async fn throttled_reads_wait_as_long_as_graph_wants_and_then_give_up() {
    let faults = Faults { throttle_429: 0.5, ..Faults::default() };
    let world = World::with(Options { faults, ..Options::default() }).await;
    seeded(&world, 30);
    let read = world.target.read(&[Anchor("id-00001".to_owned()), Anchor("id-00002".to_owned())], &[]).await.unwrap();
    assert_eq!(read.len(), 2);
    assert!(world.clock.slept().iter().all(|slept| *slept == Duration::from_secs(1)));
    world.simulator.set_faults(Faults { throttle_429: 1.0, ..Faults::default() });
    let before = world.clock.slept().len();
    for failed in [
        world.target.read(&[Anchor("id-00001".to_owned())], &[]).await.map(|_| ()),
        world.target.find("employeeId", &names(&["1"]), &[]).await.map(|_| ()),
        world.target.read_all(&[], None).await.map(|_| ()),
    ] {
        let wait = Some(Duration::from_secs(1));
        assert!(matches!(failed, Err(PortError::Transient { retry_after, .. }) if retry_after == wait), "{failed:?}");
    }
    assert_eq!(world.clock.slept().len(), before + 12);
}

#[tokio::test]
async fn reads_that_fail_now_and_then_are_asked_again() {
    let faults = Faults { error_500: 0.3, ..Faults::default() };
    let world = World::with(Options { faults, ..Options::default() }).await;
    seeded(&world, 20);
    let anchors: Vec<Anchor> = (0..20).map(|n| Anchor(format!("id-{n:05}"))).collect();
    assert_eq!(world.target.read(&anchors, &[]).await.unwrap().len(), 20);
    assert!(!world.clock.slept().is_empty());
}

#[tokio::test]
async fn hostile_texts_are_written_read_and_found_as_they_are() {
    let world = World::start().await;
    let texts: Vec<String> =
        hostile::texts().into_iter().filter(|text| text.chars().count() <= 16).step_by(7).collect();
    assert!(texts.len() > 100);
    for (n, text) in texts.iter().enumerate() {
        let anchor = world.create(&format!("p{n}")).await;
        let attributes =
            [("employeeId", Some(text.as_str())), ("department", Some(text)), ("businessPhones", Some(text))];
        assert_eq!(world.send(update(&anchor, &attributes)).await, Reply::Done(anchor.clone()), "{text:?}");
        let read = world.target.read(&[anchor], &names(&["employeeId", "department"])).await.unwrap();
        assert_eq!(read[0].attributes["department"].text(), text);
    }
    let found = world.target.find("employeeId", &texts, &[]).await.unwrap();
    let found: BTreeSet<&str> = found.iter().map(|account| account.attributes["employeeId"].text()).collect();
    assert_eq!(found, texts.iter().map(String::as_str).collect());
    let anchors: Vec<Anchor> = hostile::texts().into_iter().map(Anchor).collect();
    assert!(world.target.read(&anchors[..200], &[]).await.unwrap().is_empty());
}
