//! From Graph's reply to one write to what the caller is told. A reply says no more than what is known.

use crate::batch::{DEFAULT_WAIT, PartReply};
use crate::http::{error_code, is_missing};
use crate::schema::SCHEMA;
use crate::user::anchor;
use ports::{Reply, WriteAction};
use serde_json::Value;

/// What a reply means for the request it answers.
pub(crate) fn reply(part: &PartReply, action: &WriteAction) -> Reply {
    match part.status {
        200..=299 => match action {
            WriteAction::Create { .. } => anchor(&part.body).map_or(Reply::Unknown, Reply::Done),
            WriteAction::Update { anchor, .. } | WriteAction::Refer { anchor, .. } | WriteAction::Delete { anchor } => {
                Reply::Done(anchor.clone())
            }
        },
        404 if is_missing(404, &part.body) => match action {
            // What is to be gone is gone. Of an account the writer wants to hear it more than once: replicas lag.
            WriteAction::Refer { anchor, to: None, .. } => Reply::Done(anchor.clone()),
            _ => Reply::Missing,
        },
        401 | 403 => Reply::Denied { code: error_code(&part.body) },
        408 => Reply::Unknown,
        429 => Reply::Throttled(part.retry_after.unwrap_or(DEFAULT_WAIT)),
        400 | 409 if is_conflict(&part.body) => Reply::Taken,
        400..=499 => Reply::Refused { code: refusal(&part.body) },
        _ => Reply::Unknown,
    }
}

fn is_conflict(body: &Value) -> bool {
    let details = body.pointer("/error/details").and_then(Value::as_array).into_iter().flatten();
    let mut codes = details.filter_map(|detail| detail.get("code")?.as_str());
    codes.any(|code| code == "ObjectConflict")
        || body
            .pointer("/error/message")
            .and_then(Value::as_str)
            .is_some_and(|message| message.to_lowercase().contains("another object with the same value"))
}

/// The code, and which of our properties the error is about. The message may quote values and stays out.
fn refusal(body: &Value) -> String {
    let code = error_code(body);
    let message = body.pointer("/error/message").and_then(Value::as_str).unwrap_or_default();
    let target = body.pointer("/error/details/0/target").and_then(Value::as_str).unwrap_or_default();
    let property = property(target).or_else(|| property(message));
    property.map_or_else(|| code.clone(), |name| format!("{code} ({name})"))
}

/// The property of ours that a text names first. A word that starts like a sentence or is a value is none.
fn property(text: &str) -> Option<&'static str> {
    let mut words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '/');
    words.find_map(|word| {
        let name = |name: &'static str| name.split_once('/').map_or([name, name], |(outer, inner)| [outer, inner]);
        SCHEMA.attributes.iter().flat_map(|attribute| name(attribute.name)).find(|name| *name == word)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use ports::Anchor;
    use serde_json::json;
    use std::collections::BTreeMap;
    use std::time::Duration;

    fn create() -> WriteAction {
        WriteAction::Create { attributes: BTreeMap::new() }
    }

    fn update() -> WriteAction {
        WriteAction::Update { anchor: Anchor("1".to_owned()), attributes: BTreeMap::new() }
    }

    fn judged(status: u16, body: Value, action: &WriteAction) -> Reply {
        reply(&PartReply { status, body, retry_after: None }, action)
    }

    fn error(code: &str, message: &str) -> Value {
        json!({ "error": { "code": code, "message": message } })
    }

    #[test]
    fn only_a_success_is_done() {
        let done = Reply::Done(Anchor("1".to_owned()));
        assert_eq!(judged(201, json!({ "id": "1" }), &create()), done);
        assert_eq!(judged(201, json!({}), &create()), Reply::Unknown);
        assert_eq!(judged(204, Value::Null, &update()), done);
        for status in [100, 302, 408, 500, 502, 503, 504] {
            assert_eq!(judged(status, Value::Null, &update()), Reply::Unknown);
        }
    }

    #[test]
    fn a_conflict_is_known_by_its_details_or_its_message() {
        let message = "Another object with the same value for property userPrincipalName already exists.";
        assert_eq!(judged(400, error("Request_BadRequest", message), &create()), Reply::Taken);
        let details = json!({ "error": { "code": "Request_BadRequest", "message": "x", "details": [{ "code": "ObjectConflict" }] } });
        assert_eq!(judged(400, details, &update()), Reply::Taken);
    }

    #[test]
    fn a_refusal_names_the_code_and_the_property_but_no_value() {
        let refused = |code: &str| Reply::Refused { code: code.to_owned() };
        let message = "Invalid value 'Zoe Placeholder' specified for property 'department' of resource 'User'.";
        let body = error("Request_BadRequest", message);
        assert_eq!(judged(400, body, &create()), refused("Request_BadRequest (department)"));
        let body = error("Request_BadRequest", "Zoe Placeholder is no costCenter.");
        assert_eq!(judged(400, body, &create()), refused("Request_BadRequest (costCenter)"));
        assert_eq!(judged(424, error("FailedDependency", "x"), &create()), refused("FailedDependency"));
        assert_eq!(judged(400, Value::from("zoe@contoso.example"), &create()), refused("unknown"));
    }

    #[test]
    fn a_reference_that_is_to_be_gone_and_is_not_there_is_done() {
        let missing = || error("Request_ResourceNotFound", "x");
        let anchor = Anchor("1".to_owned());
        let refer = |to| WriteAction::Refer { anchor: Anchor("1".to_owned()), attribute: "manager".to_owned(), to };
        assert_eq!(judged(404, missing(), &WriteAction::Delete { anchor: anchor.clone() }), Reply::Missing);
        assert_eq!(judged(404, missing(), &refer(None)), Reply::Done(anchor.clone()));
        assert_eq!(judged(404, missing(), &refer(Some(Anchor("2".to_owned())))), Reply::Missing);
        assert_eq!(judged(404, missing(), &update()), Reply::Missing);
        let elsewhere =
            judged(404, error("BadRequest", "Resource not found for the segment."), &WriteAction::Delete { anchor });
        assert_eq!(elsewhere, Reply::Refused { code: "BadRequest".to_owned() });
    }

    #[test]
    fn throttling_and_denial_are_nobodys_record() {
        let denied = Reply::Denied { code: "Authorization_RequestDenied".to_owned() };
        assert_eq!(judged(403, error("Authorization_RequestDenied", "x"), &update()), denied);
        assert_eq!(judged(429, Value::Null, &update()), Reply::Throttled(Duration::from_secs(10)));
    }
}
