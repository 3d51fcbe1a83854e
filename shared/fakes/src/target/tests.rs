//! What a writer can meet.

use super::*;
use crate::{World, run_ready};
use record::Value;

fn target() -> (World, FakeTarget) {
    let world = World::new(1);
    let target = world.target(graph_like_schema());
    (world, target)
}

fn create(name: &str) -> WriteRequest {
    let attributes = [
        ("accountEnabled", "True"),
        ("displayName", "Invented Person"),
        ("mailNickname", name),
        ("userPrincipalName", &format!("{name}@example.com")),
        ("employeeId", name),
    ];
    let attributes = attributes.into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect();
    WriteRequest { action: WriteAction::Create { attributes } }
}

fn send(target: &FakeTarget, request: WriteRequest) -> Reply {
    run_ready(target.write(&[request])).replies.remove(0)
}

fn found(target: &FakeTarget, name: &str) -> usize {
    run_ready(target.find("employeeId", &[name.to_owned()], &[])).unwrap().len()
}

#[test]
fn a_unique_value_is_taken_whatever_its_case() {
    let (_, target) = target();
    assert!(matches!(send(&target, create("a1")), Reply::Done(_)));
    assert_eq!(send(&target, create("A1")), Reply::Taken);
    assert_eq!((target.received().creates, target.applied().creates, target.accounts().len()), (2, 1, 1));
}

#[test]
fn the_replies_lie_as_scripted() {
    let (_, target) = target();
    let faults = [
        (Fault::LostReply, Reply::Unknown, 1),
        (Fault::Dropped, Reply::Unknown, 0),
        (Fault::Throttled, Reply::Throttled(THROTTLE_WAIT), 0),
        (Fault::ThrottledApplied, Reply::Throttled(THROTTLE_WAIT), 1),
        (Fault::Refused("Request_BadRequest"), Reply::Refused { code: "Request_BadRequest".to_owned() }, 0),
        (
            Fault::Denied("Authorization_RequestDenied"),
            Reply::Denied { code: "Authorization_RequestDenied".to_owned() },
            0,
        ),
        (Fault::LyingTaken, Reply::Taken, 0),
    ];
    for (n, (fault, reply, accounts)) in faults.into_iter().enumerate() {
        let name = format!("n{n}");
        target.fail_next(1, fault);
        assert_eq!(send(&target, create(&name)), reply, "{fault:?}");
        assert_eq!(found(&target, &name), accounts, "{fault:?}");
    }
}

#[test]
fn a_late_request_lands_after_others_or_when_its_life_ends() {
    let (world, target) = target();
    target.fail_next(1, Fault::Late(1));
    assert_eq!(send(&target, create("a1")), Reply::Unknown);
    assert_eq!(found(&target, "a1"), 0);
    send(&target, create("b1"));
    assert_eq!(found(&target, "a1"), 1);
    target.fail_next(1, Fault::Late(99));
    send(&target, create("c1"));
    assert_eq!(found(&target, "c1"), 0);
    world.clock.advance(target.request_life());
    assert_eq!(found(&target, "c1"), 1);
}

#[test]
fn a_target_that_is_down_applies_nothing_until_it_is_back() {
    let (_, target) = target();
    target.fail_next(2, Fault::Down);
    let report = run_ready(target.write(&[create("a1"), create("b1"), create("c1")]));
    assert!(matches!(report.replies[..], [Reply::Done(_), Reply::Unknown, Reply::Unknown]));
    let read = run_ready(target.find("employeeId", &["a1".to_owned()], &[]));
    assert!(read.is_err_and(|error| error.is_transient()));
    target.set_down(false);
    assert_eq!((found(&target, "a1"), found(&target, "b1")), (1, 0));
}

#[test]
fn a_new_account_is_seen_only_when_the_replicas_have_caught_up() {
    let (_, target) = target();
    target.set_lag(2);
    send(&target, create("a1"));
    assert_eq!([1, 2, 3].map(|_| found(&target, "a1")), [0, 0, 1]);
    assert_eq!(send(&target, create("a1")), Reply::Taken, "uniqueness does not lag");
}

#[test]
fn a_crash_leaves_half_a_group_applied() {
    let (world, target) = target();
    world.faults.arm(2);
    let report = run_ready(target.write(&[create("a1"), create("b1")]));
    assert_eq!(report.replies, [Reply::Unknown, Reply::Unknown]);
    world.faults.disarm();
    assert_eq!((found(&target, "a1"), found(&target, "b1")), (1, 0));
}

#[test]
fn what_the_schema_forbids_is_refused() {
    let (_, target) = target();
    let Reply::Done(anchor) = send(&target, create("a1")) else { panic!("not made") };
    let update = |name: &str, value: Option<&str>| WriteRequest {
        action: WriteAction::Update {
            anchor: anchor.clone(),
            attributes: [(name.to_owned(), value.map(Value::from))].into(),
        },
    };
    for (name, value) in [
        ("displayName", None),
        ("usageLocation", Some("DEU")),
        ("accountEnabled", Some("yes")),
        ("employeeHireDate", Some("soon")),
        ("department", Some("")),
        ("manager", Some("x")),
        ("shoeSize", Some("43")),
    ] {
        assert!(matches!(send(&target, update(name, value)), Reply::Refused { .. }), "{name}");
    }
    assert_eq!(send(&target, update("department", Some("Weaving"))), Reply::Done(anchor.clone()));
    assert_eq!(send(&target, update("department", None)), Reply::Done(anchor.clone()));
    assert!(!target.accounts()[&anchor].contains_key("department"));
}

#[test]
fn nobody_refers_to_an_account_that_is_gone() {
    let (_, target) = target();
    let boss = target.insert([("employeeId", "1")]);
    let worker = target.insert([("employeeId", "2")]);
    let refer = |to: Option<Anchor>| WriteRequest {
        action: WriteAction::Refer { anchor: worker.clone(), attribute: "manager".to_owned(), to },
    };
    assert_eq!(send(&target, refer(Some(boss.clone()))), Reply::Done(worker.clone()));
    let delete = WriteRequest { action: WriteAction::Delete { anchor: boss.clone() } };
    assert_eq!(send(&target, delete), Reply::Done(boss.clone()));
    assert!(!target.accounts()[&worker].contains_key("manager"));
    assert_eq!(send(&target, refer(Some(boss))), Reply::Missing);
    assert_eq!(send(&target, refer(None)), Reply::Done(worker.clone()));
}

#[test]
fn all_accounts_come_page_by_page() {
    let (_, target) = target();
    (0..1500).for_each(|n| drop(target.insert([("employeeId", n.to_string().as_str())])));
    let first = run_ready(target.read_all(&[], None)).unwrap();
    let second = run_ready(target.read_all(&[], first.next.as_deref())).unwrap();
    assert_eq!((first.accounts.len(), second.accounts.len(), second.next), (999, 501, None));
}
