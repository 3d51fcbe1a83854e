//! What becomes of values on their way to a target that is like Microsoft Graph, and on their way back.

use super::contract;
use super::target::{create, fake, find, graph, made, read, send, update};
use ports::{Account, Anchor, Reply, TargetWrite, WriteAction, WriteRequest};
use record::Value;
use std::collections::BTreeMap;

contract! {
    rules: [
        what_it_does_not_know_it_does_not_write,
        values_of_every_kind_come_back,
        odd_values_are_found,
        many_are_found_and_read_at_once,
        a_text_may_be_as_long_as_the_schema_says,
    ],
    fake: Some(super::fake()),
    graph: Some(super::graph().await),
}

async fn what_it_does_not_know_it_does_not_write(target: &impl TargetWrite) {
    let anchor = made(target, "a1").await;
    for change in [[("shoeSize", Some("43"))], [("manager", Some("b2"))]] {
        let reply = send(target, update(&anchor, change)).await;
        assert!(matches!(reply, Reply::Refused { .. }), "{reply:?}");
    }
}

async fn values_of_every_kind_come_back(target: &impl TargetWrite) {
    let anchor = made(target, "a1").await;
    let values: BTreeMap<String, Value> = [
        ("businessPhones", Value::Many(vec!["+49 30 1".to_owned()])),
        ("employeeHireDate", "2026-01-05T00:00:00Z".into()),
        ("onPremisesExtensionAttributes/extensionAttribute1", "Zoë \"Quoted\" \\ 日本".into()),
        ("usageLocation", "DE".into()),
        ("givenName", "Zoë".into()),
        ("accountEnabled", "False".into()),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into();
    let attributes = values.iter().map(|(name, value)| (name.clone(), Some(value.clone()))).collect();
    let action = WriteAction::Update { anchor: anchor.clone(), attributes };
    assert_eq!(send(target, WriteRequest { action }).await, Reply::Done(anchor.clone()));
    let names: Vec<&str> = values.keys().map(String::as_str).collect();
    let account = read(target, &anchor, &names).await.unwrap();
    assert!(account.attributes == values, "something came back as another");
    // Not everything that can be set can be cleared.
    let reply = send(target, update(&anchor, [("usageLocation", None)])).await;
    assert!(matches!(reply, Reply::Refused { .. }), "{reply:?}");
}

async fn odd_values_are_found(target: &impl TargetWrite) {
    let odd = ["o'neil", "a''b", "100%", "a+b", "a b", "a&b=c", "a/b", "#1", "a?b", "a\\b", "(a),b", "\"q\"", "Zoë"];
    let mut made = Vec::new();
    for (number, id) in odd.into_iter().enumerate() {
        let mut request = create(&format!("n{number}"));
        let WriteAction::Create { attributes } = &mut request.action else { unreachable!("it creates") };
        attributes.insert("employeeId".to_owned(), id.into());
        let Reply::Done(anchor) = send(target, request).await else { panic!("{id} was not made") };
        made.push(anchor);
    }
    for (anchor, id) in made.iter().zip(odd) {
        let found = find(target, "employeeId", &[id]).await;
        assert_eq!(found.iter().map(|account| &account.anchor).collect::<Vec<_>>(), [anchor], "{id}");
        assert_eq!(found[0].attributes["employeeId"].text(), id);
    }
    assert_eq!(find(target, "employeeId", &odd).await.len(), odd.len());
}

async fn many_are_found_and_read_at_once(target: &impl TargetWrite) {
    let names: Vec<String> = (0..45).map(|n| format!("n{n:02}")).collect();
    let mut anchors = Vec::new();
    for group in names.chunks(target.group_max()) {
        let requests: Vec<WriteRequest> = group.iter().map(|name| create(name)).collect();
        anchors.extend(target.write(&requests).await.replies.into_iter().map(|reply| match reply {
            Reply::Done(anchor) => anchor,
            other => panic!("{other:?}"),
        }));
    }
    anchors.push(Anchor("00000000-0000-4000-8000-0000000000ff".to_owned()));
    let select = ["employeeId".to_owned()];
    let of = |accounts: Vec<Account>| {
        let mut ids: Vec<String> =
            accounts.iter().map(|account| account.attributes["employeeId"].text().to_owned()).collect();
        ids.sort();
        ids
    };
    assert_eq!(of(target.read(&anchors, &select).await.unwrap()), names);
    let wanted: Vec<String> = names.iter().cloned().chain(["nobody".to_owned()]).collect();
    assert_eq!(of(target.find("employeeId", &wanted, &select).await.unwrap()), names);
    assert!(target.read(&[], &select).await.unwrap().is_empty());
    assert!(target.find("employeeId", &[], &select).await.unwrap().is_empty());
}

async fn a_text_may_be_as_long_as_the_schema_says(target: &impl TargetWrite) {
    let anchor = made(target, "a1").await;
    for name in ["department", "jobTitle", "givenName", "displayName"] {
        let most = target.schema().attribute(name).unwrap().length_max;
        let (whole, long) = ("ä".repeat(most), "ä".repeat(most + 1));
        assert_eq!(send(target, update(&anchor, [(name, Some(&whole))])).await, Reply::Done(anchor.clone()), "{name}");
        let reply = send(target, update(&anchor, [(name, Some(&long))])).await;
        assert!(matches!(reply, Reply::Refused { .. }), "{name}: {reply:?}");
    }
}
