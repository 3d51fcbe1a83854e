//! Writing accounts. Every request has its reply, and a reply says no more than what is known.

use crate::GraphTarget;
use crate::batch::{BatchFailure, DEFAULT_WAIT, PARTS_MAX, Part, PartReply};
use crate::http::error_code;
use crate::odata::encoded;
use crate::password::first_password;
use crate::schema::SCHEMA;
use crate::user::body;
use ports::{Anchor, PortError, Reply, TargetWrite, WriteAction, WriteReport, WriteRequest};
use serde_json::{Value, json};
use std::time::Duration;

/// Added to the time-out: what was sent last may still be on its way through Graph's front.
const AFTERLIFE: Duration = Duration::from_secs(5);

impl TargetWrite for GraphTarget {
    fn group_max(&self) -> usize {
        PARTS_MAX
    }

    fn request_life(&self) -> Duration {
        self.timeout + AFTERLIFE
    }

    async fn write(&self, requests: &[WriteRequest]) -> WriteReport {
        let parts: Vec<Part> = requests.iter().map(|request| self.part(&request.action)).collect();
        let everybody = |reply: Reply| vec![reply; requests.len()];
        match self.batch(&parts).await {
            Ok(batch) => {
                let replies: Vec<Reply> = batch
                    .parts
                    .iter()
                    .zip(requests)
                    .map(|(part, request)| part.as_ref().map_or(Reply::Unknown, |part| reply(part, &request.action)))
                    .collect();
                let wait = replies.iter().filter_map(|reply| match reply {
                    Reply::Throttled(wait) => Some(*wait),
                    _ => None,
                });
                WriteReport { wait: wait.max(), replies, budget_used: batch.budget_used }
            }
            Err(BatchFailure::Throttled(wait)) => {
                WriteReport { replies: everybody(Reply::Throttled(wait)), wait: Some(wait), budget_used: None }
            }
            Err(BatchFailure::Denied(code)) => {
                WriteReport { replies: everybody(Reply::Denied { code }), ..WriteReport::default() }
            }
            Err(BatchFailure::Token(error @ PortError::Permanent { .. })) => {
                tracing::error!(error = %ports::ErrorChain(&error), "no access token");
                let code = "credentials refused by the token service".to_owned();
                WriteReport { replies: everybody(Reply::Denied { code }), ..WriteReport::default() }
            }
            Err(BatchFailure::Silent(silence)) => {
                tracing::warn!(error = %ports::ErrorChain(&silence), "no reply to a batch");
                WriteReport { replies: everybody(Reply::Unknown), ..WriteReport::default() }
            }
            Err(BatchFailure::Token(_)) => WriteReport { replies: everybody(Reply::Unknown), ..WriteReport::default() },
        }
    }
}

impl GraphTarget {
    fn part(&self, action: &WriteAction) -> Part {
        let part = |method, url, body| Part { method, url, body, advanced: false };
        match action {
            WriteAction::Create { attributes } => {
                let mut user = body(attributes.iter().map(|(name, value)| (name, Some(value))));
                let password = first_password(self.entropy.as_ref());
                let profile = json!({ "forceChangePasswordNextSignIn": true, "password": password });
                user.insert("passwordProfile".to_owned(), profile);
                part("POST", "users".to_owned(), Some(Value::Object(user)))
            }
            WriteAction::Update { anchor, attributes } => {
                let user = body(attributes.iter().map(|(name, value)| (name, value.as_ref())));
                part("PATCH", user_url(anchor), Some(Value::Object(user)))
            }
            WriteAction::Refer { anchor, attribute, to: Some(to) } => {
                let id = format!("{}/{}", self.base, user_url(to));
                let url = format!("{}/{}/$ref", user_url(anchor), encoded(attribute));
                part("PUT", url, Some(json!({ "@odata.id": id })))
            }
            WriteAction::Refer { anchor, attribute, to: None } => {
                part("DELETE", format!("{}/{}/$ref", user_url(anchor), encoded(attribute)), None)
            }
            WriteAction::Delete { anchor } => part("DELETE", user_url(anchor), None),
        }
    }
}

fn user_url(anchor: &Anchor) -> String {
    format!("users/{}", encoded(&anchor.0))
}

fn reply(part: &PartReply, action: &WriteAction) -> Reply {
    match part.status {
        200..=299 => match action {
            WriteAction::Create { .. } => match part.body.get("id").and_then(Value::as_str) {
                Some(id) => Reply::Done(Anchor(id.to_owned())),
                None => Reply::Unknown,
            },
            WriteAction::Update { anchor, .. } | WriteAction::Refer { anchor, .. } | WriteAction::Delete { anchor } => {
                Reply::Done(anchor.clone())
            }
        },
        404 => match action {
            // What is to be gone is gone.
            WriteAction::Delete { anchor } | WriteAction::Refer { anchor, to: None, .. } => Reply::Done(anchor.clone()),
            _ => Reply::Missing,
        },
        401 | 403 => Reply::Denied { code: error_code(&part.body) },
        429 => Reply::Throttled(part.retry_after.unwrap_or(DEFAULT_WAIT)),
        400 | 409 if is_conflict(&part.body) => Reply::Taken,
        400..=499 if part.status != 408 => Reply::Refused { code: refusal(&part.body) },
        _ => Reply::Unknown,
    }
}

fn is_conflict(body: &Value) -> bool {
    let details = body.pointer("/error/details").and_then(Value::as_array).into_iter().flatten();
    let conflict = |code: Option<&Value>| code.and_then(Value::as_str).is_some_and(|code| code == "ObjectConflict");
    details.map(|detail| detail.get("code")).any(conflict)
        || body
            .pointer("/error/message")
            .and_then(Value::as_str)
            .is_some_and(|message| message.contains("Another object with the same value"))
}

/// The code, and which of our properties the message is about. The message itself may quote values and stays out.
fn refusal(body: &Value) -> String {
    let code = error_code(body);
    let message = body.pointer("/error/message").and_then(Value::as_str).unwrap_or_default();
    let named = SCHEMA.attributes.iter().map(|attribute| attribute.name).find(|name| {
        message.split(|c: char| !c.is_ascii_alphanumeric() && c != '/').any(|word| word == *name)
    });
    named.map_or_else(|| code.clone(), |name| format!("{code} ({name})"))
}
