//! Answers of Microsoft Graph and of its token service: the first byte says what was asked, the second the status, the
//! first line the headers, the rest is the body.

use connector_graph::answers::{Raw, Written, accounts, renewal, written};
use jiff::{SignedDuration, Timestamp};
use ports::{Anchor, ErrorChain, PortError, Reply, WriteAction};
use record::Value;
use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::time::Duration;

const BASE: &str = "https://graph.microsoft.com/v1.0";
/// No code of an error looks like a part of this address.
const MAIL: &str = "zoe@";
const STATUSES: [u16; 16] = [200, 201, 204, 207, 302, 400, 401, 403, 404, 408, 409, 412, 429, 500, 503, 504];

/// An answer: nothing is taken for done that is not said to be, and no error holds what the body says.
pub fn graph(bytes: &[u8]) {
    let [asked, status, rest @ ..] = bytes else { return };
    let (line, body) = rest.split_at(rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len()));
    let mut values = line.split(|byte| *byte == b';');
    let mut header = |name| (name, values.next().unwrap_or_default());
    let headers = [header("Retry-After"), header("x-ms-throttle-limit-percentage")];
    // Most answers are a 200.
    let status = if status & 0x10 == 0 { STATUSES[usize::from(status & 15)] } else { 200 };
    let raw = Raw { status, headers: &headers, body };
    match asked & 3 {
        0 => users(raw),
        1 => token(raw),
        _ => batch(raw),
    }
}

fn shown(error: &PortError) -> String {
    let text = ErrorChain(error).to_string();
    assert!(!text.contains(MAIL) && text.len() < 500, "an error with a value: {text}");
    text
}

/// Either everybody on the page, or nobody.
fn users(raw: Raw<'_>) {
    let select: Vec<String> = connector_graph::schema().attributes.iter().map(|one| one.name.to_owned()).collect();
    let page = match accounts(raw, BASE, &select) {
        Ok(page) => page,
        Err(error) => {
            shown(&error);
            return;
        }
    };
    let body: Json = serde_json::from_slice(raw.body).expect("accounts of a body that is no JSON");
    assert_eq!(Some(page.accounts.len()), body["value"].as_array().map(Vec::len), "somebody is left out");
    for account in &page.accounts {
        usable(&account.anchor);
        for (name, value) in &account.attributes {
            assert!(select.contains(name), "an attribute that nobody asked for");
            assert!(!value.is_empty(), "an empty value of an account");
            assert!(value.values().iter().all(|text| !text.is_empty()), "an empty value in a list of an account");
        }
    }
    if let Some(next) = page.next {
        assert!(next.starts_with(&format!("{BASE}/")), "the token goes to another address");
    }
}

/// An id that requests can be addressed with: without one, an account could never be written again.
fn usable(anchor: &Anchor) {
    assert!(!matches!(anchor.0.as_str(), "" | "." | ".."), "an id that addresses nothing");
}

fn token(raw: Raw<'_>) {
    let asked_at = "2026-01-05T06:00:00Z".parse::<Timestamp>().expect("an instant");
    match renewal(raw, asked_at) {
        Ok(at) => {
            let life = at.duration_since(asked_at);
            assert!((SignedDuration::ZERO..=SignedDuration::from_hours(24)).contains(&life), "{life}");
        }
        Err(error) => assert!(!shown(&error).is_empty()),
    }
}

fn actions() -> Vec<WriteAction> {
    let anchor = |text: &str| Anchor(text.to_owned());
    let attributes = BTreeMap::from([("displayName".to_owned(), Value::from(MAIL))]);
    let changed = BTreeMap::from([("jobTitle".to_owned(), None)]);
    let manager = || "manager".to_owned();
    vec![
        WriteAction::Create { attributes },
        WriteAction::Update { anchor: anchor("a"), attributes: changed },
        WriteAction::Refer { anchor: anchor("b"), attribute: manager(), to: Some(anchor("a")) },
        WriteAction::Refer { anchor: anchor("c"), attribute: manager(), to: None },
        WriteAction::Delete { anchor: anchor("d") },
    ]
}

/// Every request has its reply; it depends on what is said about that request and on nothing else.
fn batch(raw: Raw<'_>) {
    let actions = actions();
    let all = written(raw, &actions);
    assert_eq!(all.replies.len(), actions.len());
    assert!(all.wait.is_none_or(|wait| wait <= Duration::from_mins(10)), "a wait without a bound");
    assert!(all.budget_used.is_none_or(|used| used.is_finite() && used >= 0.0), "a budget that is no share");
    let body: Json = serde_json::from_slice(raw.body).unwrap_or_default();
    let responses = body["responses"].as_array().cloned().unwrap_or_default();
    for (index, reply) in all.replies.iter().enumerate() {
        let id = (index + 1).to_string();
        let own: Vec<&Json> = responses.iter().filter(|one| one["id"] == id.as_str()).collect();
        let says = |range: std::ops::Range<u64>| {
            own.iter().any(|one| one["status"].as_u64().is_some_and(|status| range.contains(&status)))
        };
        match reply {
            Reply::Done(anchor) => {
                usable(anchor);
                assert!(says(200..300) || (index > 2 && says(404..405)), "done without being said so");
            }
            Reply::Taken | Reply::Missing => assert!(says(400..500), "refused without being said so"),
            Reply::Throttled(wait) => assert!(*wait <= Duration::from_mins(10), "a wait without a bound"),
            Reply::Refused { code } | Reply::Denied { code } => {
                let plain = |c: char| c.is_ascii_alphanumeric() || "_.-/() ".contains(c);
                assert!(!code.is_empty() && code.len() <= 120 && code.chars().all(plain), "no code: {code}");
            }
            Reply::Unknown => {}
        }
        let alone = answered(raw, &own.into_iter().cloned().collect::<Vec<_>>(), &actions);
        if raw.status == 200 {
            assert_eq!(*reply, alone.replies[index], "a reply depends on the other replies");
        }
    }
    if raw.status == 200 {
        let turned: Vec<Json> = responses.into_iter().rev().collect();
        assert_eq!(all.replies, answered(raw, &turned, &actions).replies, "the order of the replies means something");
    }
}

/// The same answer with other replies in it.
fn answered(raw: Raw<'_>, responses: &[Json], actions: &[WriteAction]) -> Written {
    let body = serde_json::to_vec(&serde_json::json!({ "responses": responses })).expect("values become JSON");
    written(Raw { body: &body, ..raw }, actions)
}
