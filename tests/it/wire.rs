//! Messages as they travel: golden texts of every version. A change that breaks one breaks what is in flight.

use messages::{Fetch, Mode, OnDemand, Transform, Write, decode, encode};

#[test]
fn messages_of_version_1_are_written_as_ever() {
    let fetch = Fetch { v: 1, job: "hr-to-entra".into(), mode: Mode::Incremental, cycle: None, continuation: 0 };
    assert_eq!(encode(&fetch), r#"{"v":1,"job":"hr-to-entra","mode":"incremental","continuation":0}"#);
    let goes_on = Fetch { mode: Mode::Full, cycle: Some(12), continuation: 3, ..fetch };
    assert_eq!(encode(&goes_on), r#"{"v":1,"job":"hr-to-entra","mode":"full","cycle":12,"continuation":3}"#);
    let transform = Transform { v: 1, job: "hr-to-entra".into(), cycle: 12, batch: 7 };
    assert_eq!(encode(&transform), r#"{"v":1,"job":"hr-to-entra","cycle":12,"batch":7}"#);
    let write = Write { v: 1, target: "entra".into(), continuation: 2 };
    assert_eq!(encode(&write), r#"{"v":1,"target":"entra","continuation":2}"#);
    let on_demand = OnDemand { v: 1, job: "hr-to-entra".into(), hint: "0f".repeat(16) };
    assert_eq!(encode(&on_demand), r#"{"v":1,"job":"hr-to-entra","hint":"0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f"}"#);
}

#[test]
fn what_a_schedule_or_an_older_stack_sends_is_read() {
    let fetch: Fetch = decode(r#"{"v":1,"job":"hr-to-entra","mode":"open"}"#).unwrap();
    assert_eq!((fetch.mode, fetch.cycle, fetch.continuation), (Mode::Open, None, 0));
    let write: Write = decode(r#"{"v":1,"target":"entra"}"#).unwrap();
    assert_eq!(write.continuation, 0);
}

#[test]
fn fields_of_a_newer_stack_are_passed_over() {
    let transform: Transform = decode(r#"{"v":1,"job":"j","cycle":1,"batch":2,"colour":"green"}"#).unwrap();
    assert_eq!((transform.cycle, transform.batch), (1, 2));
}

#[test]
fn what_is_no_message_is_an_error_without_its_text() {
    let error = decode::<Write>(r#"{"target": 7, "name": "Placeholder"}"#).unwrap_err();
    assert_eq!(error.to_string(), "the message cannot be read");
    assert!(decode::<Fetch>("").is_err());
}
