//! Writing accounts. Every request has its reply, and all that is sent for a group is sent within one time-out.

use crate::GraphTarget;
use crate::batch::{BatchFailure, PARTS_MAX, Part, PartReply};
use crate::http::Silence;
use crate::odata::Segment;
use crate::password::first_password;
use crate::reply::reply;
use crate::schema::SCHEMA;
use crate::token::TokenFailure;
use crate::user::body;
use ports::{Anchor, ErrorChain, Reply, TargetWrite, WriteAction, WriteReport, WriteRequest};
use record::AttributeKind;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::time::{Instant, timeout_at};

/// Added to the time-out: what was sent last may still be on its way through Graph's front.
const AFTERLIFE: Duration = Duration::from_secs(5);
/// Graph replaces it as a whole: what a request does not name is cleared.
const ORG_DATA: [&str; 2] = ["employeeOrgData/costCenter", "employeeOrgData/division"];
/// Has a permission of its own, and is set after the create, not with it.
const LEAVE_DATE: &str = "employeeLeaveDateTime";

impl TargetWrite for GraphTarget {
    fn group_max(&self) -> usize {
        PARTS_MAX
    }

    fn request_life(&self) -> Duration {
        self.timeout + AFTERLIFE
    }

    async fn write(&self, requests: &[WriteRequest]) -> WriteReport {
        let deadline = Instant::now() + self.timeout;
        let mut group = Group { replies: vec![None; requests.len()], deadline, wait: None, budget_used: None };
        let whole = self.whole_org_data(requests, &mut group).await;
        let mut parts = Vec::new();
        for (index, request) in requests.iter().enumerate() {
            if group.replies[index].is_some() {
                continue;
            }
            match self.part(&request.action, whole.get(&index)) {
                Some(part) => parts.push((index, part)),
                None => group.replies[index] = Some(Reply::Refused { code: "NotWritable".to_owned() }),
            }
        }
        let answered = group.exchange(self, parts).await;
        let permitted = answered.iter().any(|(_, part)| part.is_success());
        for (index, part) in answered {
            group.replies[index] = Some(match reply(&part, &requests[index].action) {
                // Others pass: it is this account that the application may not touch, as one with an admin role.
                Reply::Denied { code } if permitted => Reply::Refused { code },
                reply => reply,
            });
        }
        self.set_leave_dates(requests, &mut group).await;
        let replies = group.replies.into_iter().map(|reply| reply.unwrap_or(Reply::Unknown)).collect();
        WriteReport { replies, wait: group.wait, budget_used: group.budget_used }
    }
}

impl GraphTarget {
    /// The request for an action; `None` for one that no request of Graph's stands for.
    fn part(&self, action: &WriteAction, org_data: Option<&Value>) -> Option<Part> {
        let part = |method, url, body| Some(Part { method, url, body });
        match action {
            WriteAction::Create { attributes } => {
                let named = attributes.iter().filter(|(name, value)| *name != LEAVE_DATE && !value.is_empty());
                let mut user = body(named.map(|(name, value)| (name, Some(value)))).ok()?;
                let password = first_password(self.entropy.as_ref());
                let profile = json!({ "forceChangePasswordNextSignIn": true, "password": password });
                user.insert("passwordProfile".to_owned(), profile);
                part("POST", "users".to_owned(), Some(Value::Object(user)))
            }
            WriteAction::Update { anchor, attributes } => {
                let mut user = body(attributes.iter().map(|(name, value)| (name, value.as_ref()))).ok()?;
                if let (Some(named), Some(Value::Object(known))) = (user.get_mut("employeeOrgData"), org_data) {
                    let named = named.as_object_mut()?;
                    for (name, value) in known.iter().filter(|(name, _)| !name.starts_with('@')) {
                        named.entry(name.clone()).or_insert_with(|| value.clone());
                    }
                }
                part("PATCH", user_url(anchor)?, Some(Value::Object(user)))
            }
            WriteAction::Refer { anchor, attribute, to } => {
                let known = SCHEMA.attribute(attribute).is_some_and(|one| one.kind == AttributeKind::Reference);
                let name = Segment::of(attribute).filter(|_| known)?;
                let url = format!("{}/{name}/$ref", user_url(anchor)?);
                match to {
                    Some(to) => {
                        part("PUT", url, Some(json!({ "@odata.id": format!("{}/{}", self.base, user_url(to)?) })))
                    }
                    None => part("DELETE", url, None),
                }
            }
            WriteAction::Delete { anchor } => part("DELETE", user_url(anchor)?, None),
        }
    }

    /// Reads `employeeOrgData` of the accounts of which a request names only half of it, so that the other half stays.
    async fn whole_org_data(&self, requests: &[WriteRequest], group: &mut Group) -> BTreeMap<usize, Value> {
        let mut parts = Vec::new();
        for (index, request) in requests.iter().enumerate() {
            if let WriteAction::Update { anchor, attributes } = &request.action
                && ORG_DATA.iter().filter(|name| attributes.contains_key(**name)).count() == 1
                && let Some(user) = user_url(anchor)
            {
                parts.push((
                    index,
                    Part { method: "GET", url: format!("{user}?$select=id,employeeOrgData"), body: None },
                ));
            }
        }
        let mut whole = BTreeMap::new();
        for (index, part) in group.exchange(self, parts).await {
            match (part.status, part.body.get("employeeOrgData")) {
                (200, Some(data)) => {
                    whole.insert(index, data.clone());
                }
                (200, None) => group.replies[index] = Some(Reply::Unknown),
                _ => group.replies[index] = Some(reply(&part, &requests[index].action)),
            }
        }
        whole
    }

    /// Sets the leave dates of accounts that were just made. Where that fails, the create counts as not answered: the
    /// account is then found, compared and completed like any other whose reply was lost.
    async fn set_leave_dates(&self, requests: &[WriteRequest], group: &mut Group) {
        let mut parts = Vec::new();
        for (index, request) in requests.iter().enumerate() {
            if let WriteAction::Create { attributes } = &request.action
                && let Some((name, value)) = attributes.get_key_value(LEAVE_DATE).filter(|(_, value)| !value.is_empty())
                && let Some(Reply::Done(anchor)) = &group.replies[index]
                && let (Some(url), Ok(user)) = (user_url(anchor), body([(name, Some(value))]))
            {
                parts.push((index, Part { method: "PATCH", url, body: Some(Value::Object(user)) }));
            }
        }
        for (index, part) in group.exchange(self, parts).await {
            if !part.is_success() {
                tracing::warn!(status = part.status, "the leave date of a new account was not set");
                group.replies[index] = Some(Reply::Unknown);
            }
        }
    }
}

fn user_url(anchor: &Anchor) -> Option<String> {
    Segment::of(&anchor.0).map(|id| format!("users/{id}"))
}

/// What is known of a group of requests so far.
struct Group {
    replies: Vec<Option<Reply>>,
    deadline: Instant,
    wait: Option<Duration>,
    budget_used: Option<f64>,
}

impl Group {
    /// Sends parts for the requests of these indices and hands back the replies to them. Where there is none, the
    /// request's own reply says so.
    async fn exchange(&mut self, target: &GraphTarget, mut parts: Vec<(usize, Part)>) -> Vec<(usize, PartReply)> {
        let mut answered = Vec::new();
        while !parts.is_empty() {
            let rest = parts.split_off(parts.len().min(PARTS_MAX));
            let (indices, together): (Vec<usize>, Vec<Part>) = std::mem::replace(&mut parts, rest).into_iter().unzip();
            let out_of_time = |_| Err(BatchFailure::Silent(Silence::out_of_time()));
            match timeout_at(self.deadline, target.batch(&together)).await.unwrap_or_else(out_of_time) {
                Ok(batch) => {
                    self.budget_used = self.budget_used.into_iter().chain(batch.budget_used).reduce(f64::max);
                    for (index, part) in indices.into_iter().zip(batch.parts) {
                        match part {
                            Some(part) => {
                                self.note_wait(&part);
                                answered.push((index, part));
                            }
                            None => self.replies[index] = Some(Reply::Unknown),
                        }
                    }
                }
                Err(failure) => {
                    let reply = self.reply_to_all(failure);
                    for index in indices {
                        self.replies[index] = Some(reply.clone());
                    }
                }
            }
        }
        answered
    }

    fn note_wait(&mut self, part: &PartReply) {
        let default = (part.status == 429).then_some(crate::batch::DEFAULT_WAIT);
        let asked = part.retry_after.or(default).filter(|_| matches!(part.status, 429 | 500..));
        self.wait = self.wait.max(asked);
    }

    fn reply_to_all(&mut self, failure: BatchFailure) -> Reply {
        match failure {
            BatchFailure::Throttled(wait) => {
                self.wait = self.wait.max(Some(wait));
                Reply::Throttled(wait)
            }
            BatchFailure::Denied { code, .. } => Reply::Denied { code },
            BatchFailure::Token(TokenFailure::Refused { what, code }) => {
                tracing::error!(code, "{what}");
                Reply::Denied { code }
            }
            BatchFailure::Token(TokenFailure::Passing(error)) => {
                if let ports::PortError::Transient { retry_after, .. } = &error {
                    self.wait = self.wait.max(*retry_after);
                }
                tracing::warn!(error = %ErrorChain(&error), "no access token");
                Reply::Unknown
            }
            BatchFailure::Silent(silence) => {
                self.wait = self.wait.max(silence.wait);
                tracing::warn!(error = %ErrorChain(&silence), "no reply to a batch");
                Reply::Unknown
            }
        }
    }
}
