//! What is written, and what is said about it.

use super::world::{World, create, names, update};
use ports::{Anchor, Reply, TargetRead, WriteAction};
use record::{AttributeKind, Value};
use serde_json::json;
use simulators::graph::{Budget, Faults, Options};
use std::time::Duration;

fn refer(anchor: &Anchor, to: Option<&Anchor>) -> WriteAction {
    WriteAction::Refer { anchor: anchor.clone(), attribute: "manager".to_owned(), to: to.cloned() }
}

fn delete(anchor: &Anchor) -> WriteAction {
    WriteAction::Delete { anchor: anchor.clone() }
}

#[tokio::test]
async fn an_account_is_made_with_typed_attributes() {
    let world = World::start().await;
    let more = [
        ("employeeHireDate", "2026-02-01"),
        ("employeeOrgData/costCenter", "4711"),
        ("onPremisesExtensionAttributes/extensionAttribute7", "seven"),
        ("department", ""),
    ];
    let WriteAction::Create { mut attributes } = create("zoe", &more) else { unreachable!() };
    attributes.insert("otherMails".to_owned(), Value::Many(names(&["a@contoso.example", "b@contoso.example"])));
    let Reply::Done(anchor) = world.send(WriteAction::Create { attributes }).await else { panic!("not made") };
    let user = world.user(&anchor);
    assert_eq!(user["accountEnabled"], json!(true));
    assert_eq!(user["employeeHireDate"], json!("2026-02-01T00:00:00Z"));
    assert_eq!(user["employeeOrgData"]["costCenter"], json!("4711"));
    assert_eq!(user["onPremisesExtensionAttributes"]["extensionAttribute7"], json!("seven"));
    assert_eq!(user["otherMails"], json!(["a@contoso.example", "b@contoso.example"]));
    assert!(user.get("department").is_none_or(serde_json::Value::is_null));
}

#[tokio::test]
async fn a_leave_date_is_set_after_the_create() {
    let world = World::start().await;
    let Reply::Done(anchor) = world.send(create("zoe", &[("employeeLeaveDateTime", "2026-08-31")])).await else {
        panic!("not made")
    };
    assert_eq!(world.user(&anchor)["employeeLeaveDateTime"], json!("2026-08-31T00:00:00Z"));
    assert_eq!((world.simulator.counts().creates, world.simulator.counts().updates), (1, 1));
    // A date that is refused leaves an account that is not as it was asked for.
    assert_eq!(world.send(create("max", &[("employeeLeaveDateTime", "soon")])).await, Reply::Unknown);
    assert_eq!(world.simulator.users().len(), 2);
}

#[tokio::test]
async fn a_name_that_is_taken_is_said_to_be_and_its_holder_is_found() {
    let world = World::start().await;
    let anchor = world.create("zoe").await;
    assert_eq!(world.send(create("zoe", &[])).await, Reply::Taken);
    let select = names(&["employeeId", "displayName"]);
    let found = world.target.find("userPrincipalName", &names(&["ZOE@contoso.example"]), &select).await.unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!((&found[0].anchor, &found[0].attributes["employeeId"]), (&anchor, &Value::from("zoe")));
    let other = world.create("max").await;
    let rename = update(&other, &[("userPrincipalName", Some("zoe@contoso.example"))]);
    assert_eq!(world.send(rename).await, Reply::Taken);
}

#[tokio::test]
async fn an_update_touches_what_is_given_and_nothing_else() {
    let world = World::start().await;
    let anchor = world.create("zoe").await;
    let first = [("department", Some("Sales")), ("jobTitle", Some("Clerk")), ("businessPhones", Some("1"))];
    assert_eq!(world.send(update(&anchor, &first)).await, Reply::Done(anchor.clone()));
    let second = [("department", None), ("businessPhones", None), ("city", Some("Bern"))];
    assert_eq!(world.send(update(&anchor, &second)).await, Reply::Done(anchor.clone()));
    let user = world.user(&anchor);
    assert_eq!((&user["jobTitle"], &user["city"]), (&json!("Clerk"), &json!("Bern")));
    assert!(user.get("department").is_none_or(serde_json::Value::is_null));
    assert!(user.get("businessPhones").is_none_or(|phones| *phones == json!([])));
    assert_eq!(user["displayName"], json!("zoe"));
}

#[tokio::test]
async fn half_of_the_organization_data_leaves_the_other_half() {
    let world = World::start().await;
    let anchor = world.create("zoe").await;
    let both = [("employeeOrgData/costCenter", Some("1")), ("employeeOrgData/division", Some("North"))];
    world.send(update(&anchor, &both)).await;
    assert_eq!(world.simulator.counts().parts, 2);
    let half = [("employeeOrgData/costCenter", Some("2"))];
    assert_eq!(world.send(update(&anchor, &half)).await, Reply::Done(anchor.clone()));
    assert_eq!(world.user(&anchor)["employeeOrgData"], json!({ "costCenter": "2", "division": "North" }));
    world.send(update(&anchor, &[("employeeOrgData/costCenter", None)])).await;
    assert_eq!(world.user(&anchor)["employeeOrgData"], json!({ "costCenter": null, "division": "North" }));
    assert_eq!(world.send(update(&Anchor("nobody".to_owned()), &half)).await, Reply::Missing);
}

#[tokio::test]
async fn a_manager_is_set_and_cleared_and_clearing_twice_is_done_too() {
    let world = World::start().await;
    let (zoe, max) = (world.create("zoe").await, world.create("max").await);
    assert_eq!(world.send(refer(&zoe, Some(&max))).await, Reply::Done(zoe.clone()));
    assert_eq!(world.user(&zoe)["manager"], json!(max.0));
    let read = world.target.read(std::slice::from_ref(&zoe), &names(&["manager"])).await.unwrap();
    assert_eq!(read[0].attributes["manager"], Value::from(max.0.as_str()));
    assert_eq!(world.send(refer(&zoe, None)).await, Reply::Done(zoe.clone()));
    assert_eq!(world.send(refer(&zoe, None)).await, Reply::Done(zoe.clone()));
    assert!(world.user(&zoe).get("manager").is_none_or(serde_json::Value::is_null));
    assert_eq!(world.send(refer(&zoe, Some(&Anchor("nobody".to_owned())))).await, Reply::Missing);
}

#[tokio::test]
async fn what_is_not_there_is_missing() {
    let world = World::start().await;
    let zoe = world.create("zoe").await;
    assert_eq!(world.send(delete(&zoe)).await, Reply::Done(zoe.clone()));
    assert_eq!(world.simulator.deleted().len(), 1);
    assert_eq!(world.send(delete(&zoe)).await, Reply::Missing);
    assert_eq!(world.send(update(&zoe, &[("city", Some("Bern"))])).await, Reply::Missing);
}

#[tokio::test]
async fn what_no_request_stands_for_is_refused_and_nothing_is_sent() {
    let world = World::start().await;
    let refused = Reply::Refused { code: "NotWritable".to_owned() };
    let nobody = Anchor(String::new());
    let unknown = WriteAction::Refer { anchor: Anchor("1".to_owned()), attribute: "sponsors".to_owned(), to: None };
    for action in [delete(&nobody), delete(&Anchor("..".to_owned())), unknown, create("zoe", &[("mailNicname", "z")])] {
        assert_eq!(world.send(action).await, refused);
    }
    assert_eq!(world.simulator.counts().requests, 0);
}

#[tokio::test]
async fn a_group_is_answered_request_by_request_in_its_order() {
    let world = World::start().await;
    let zoe = world.create("zoe").await;
    let long = "x".repeat(65);
    let mut actions: Vec<WriteAction> = (0..17).map(|n| create(&format!("p{n}"), &[])).collect();
    actions.insert(0, create("zoe", &[]));
    actions.insert(9, update(&zoe, &[("department", Some(&long))]));
    actions.insert(12, update(&Anchor("nobody".to_owned()), &[("city", Some("Bern"))]));
    let report = world.send_all(actions).await;
    assert_eq!(report.replies[0], Reply::Taken);
    assert_eq!(report.replies[9], Reply::Refused { code: "Request_BadRequest (department)".to_owned() });
    assert_eq!(report.replies[12], Reply::Missing);
    let done = report.replies.iter().filter(|reply| matches!(reply, Reply::Done(_))).count();
    assert_eq!((done, world.simulator.users().len()), (17, 18));
    assert_eq!(world.simulator.counts().batches, 2);
}

#[tokio::test]
async fn throttled_parts_say_how_long_to_wait_and_the_budget_is_told() {
    let budget = Budget { writes: 10, window: Duration::from_secs(150), ..Budget::default() };
    let world = World::with(Options { budget, ..Options::default() }).await;
    let report = world.send_all((0..12).map(|n| create(&format!("p{n}"), &[])).collect()).await;
    let throttled = report.replies.iter().filter(|reply| matches!(reply, Reply::Throttled(_))).count();
    assert_eq!(throttled, 2);
    let longest = report.replies.iter().filter_map(|reply| match reply {
        Reply::Throttled(wait) => Some(*wait),
        _ => None,
    });
    assert_eq!(report.wait, longest.max());
    assert!(report.wait.is_some_and(|wait| wait > Duration::from_secs(1)));
    assert!(report.budget_used.is_some_and(|used| used >= 0.8), "{:?}", report.budget_used);
}

#[tokio::test]
async fn a_failure_inside_of_a_batch_is_unknown_whether_it_was_carried_out_or_not() {
    for faults in
        [Faults { error_500: 1.0, ..Faults::default() }, Faults { error_503_applied: 1.0, ..Faults::default() }]
    {
        let world = World::with(Options { faults, ..Options::default() }).await;
        assert_eq!(world.send(create("zoe", &[])).await, Reply::Unknown);
    }
    let faults = Faults { throttle_429_applied: 1.0, ..Faults::default() };
    let world = World::with(Options { faults, ..Options::default() }).await;
    assert_eq!(world.send(create("zoe", &[])).await, Reply::Throttled(Duration::from_secs(1)));
    assert_eq!(world.simulator.users().len(), 1);
}

#[tokio::test]
async fn an_account_that_may_not_be_touched_does_not_stop_the_others() {
    let world = World::start().await;
    let zoe = world.create("zoe").await;
    world.simulator.seed_users(vec![json!({ "id": "admin", "isManagementRestricted": true })]);
    let change = |anchor: &Anchor| update(anchor, &[("city", Some("Bern"))]);
    let admin = Anchor("admin".to_owned());
    let code = "Authorization_RequestDenied".to_owned();
    assert_eq!(world.send(change(&admin)).await, Reply::Denied { code: code.clone() });
    let report = world.send_all(vec![change(&admin), change(&zoe)]).await;
    assert_eq!(report.replies, [Reply::Refused { code }, Reply::Done(zoe)]);
}

#[tokio::test]
async fn every_text_is_taken_at_its_full_length_and_not_beyond() {
    let world = World::start().await;
    let anchor = world.create("zoe").await;
    let texts = crate::schema().attributes.iter().filter(|attribute| {
        matches!(attribute.kind, AttributeKind::Text | AttributeKind::Texts)
            && attribute.length_max > 2
            && !attribute.unique
    });
    let mut checked = 0;
    for attribute in texts {
        let full = "x".repeat(attribute.length_max);
        let taken = world.send(update(&anchor, &[(attribute.name, Some(&full))])).await;
        assert_eq!(taken, Reply::Done(anchor.clone()), "{}", attribute.name);
        let beyond = world.send(update(&anchor, &[(attribute.name, Some(&format!("{full}x")))])).await;
        assert!(matches!(beyond, Reply::Refused { .. }), "{}", attribute.name);
        checked += 1;
    }
    assert!(checked > 30);
}

#[tokio::test]
async fn every_attribute_can_be_written_read_and_cleared_where_it_can() {
    let world = World::start().await;
    let (zoe, max) = (world.create("zoe").await, world.create("max").await);
    for attribute in crate::schema().attributes {
        let text = match (attribute.name, attribute.kind) {
            (_, AttributeKind::Flag) => "False",
            (_, AttributeKind::Instant) => "2026-02-01T08:00:00Z",
            ("userPrincipalName" | "mail", _) => "zoe.b@contoso.example",
            ("usageLocation", _) => "CH",
            ("userType", _) => "Guest",
            ("ageGroup", _) => "Adult",
            ("consentProvidedForMinor", _) => "Granted",
            _ => "value",
        };
        let is_reference = attribute.kind == AttributeKind::Reference;
        let (action, shown) = if is_reference {
            (refer(&zoe, Some(&max)), max.0.as_str())
        } else {
            (update(&zoe, &[(attribute.name, Some(text))]), text)
        };
        assert_eq!(world.send(action).await, Reply::Done(zoe.clone()), "{}", attribute.name);
        let read = || async { world.target.read(std::slice::from_ref(&zoe), &names(&[attribute.name])).await.unwrap() };
        assert_eq!(read().await[0].attributes[attribute.name].text(), shown, "{}", attribute.name);
        if attribute.clearable {
            let clear = if is_reference { refer(&zoe, None) } else { update(&zoe, &[(attribute.name, None)]) };
            assert_eq!(world.send(clear).await, Reply::Done(zoe.clone()), "{}", attribute.name);
            assert!(read().await[0].attributes.is_empty(), "{}", attribute.name);
        }
    }
}
