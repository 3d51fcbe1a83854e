//! `$batch`: up to 20 requests in one. Replies come in any order and each is judged by itself.

use crate::GraphTarget;
use crate::http::{Answer, Http, Silence, error_code, retry_after};
use crate::token::TokenFailure;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::Duration;

/// Graph takes so many requests in one batch.
pub(crate) const PARTS_MAX: usize = 20;
/// Waited where Graph throttles without saying for how long.
pub(crate) const DEFAULT_WAIT: Duration = Duration::from_secs(10);

/// One request of a batch. It may hold a first password: there is no way to print it.
#[derive(Clone)]
pub(crate) struct Part {
    pub method: &'static str,
    /// Relative to the version, without a leading slash.
    pub url: String,
    pub body: Option<Value>,
}

/// What came of one request.
pub(crate) struct PartReply {
    pub status: u16,
    pub body: Value,
    pub retry_after: Option<Duration>,
}

impl PartReply {
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

/// What came of a batch.
pub(crate) struct BatchReply {
    /// In the order of the requests; `None` where no reply came.
    pub parts: Vec<Option<PartReply>>,
    /// How much of the budget is used, where Graph says so.
    pub budget_used: Option<f64>,
}

/// Why a batch came to nothing.
pub(crate) enum BatchFailure {
    /// No usable reply: whether anything was carried out is not known.
    Silent(Silence),
    /// The whole batch is throttled.
    Throttled(Duration),
    /// The token is not accepted (401), or what it permits is not enough (403).
    Denied { status: u16, code: String },
    /// There is no token; nothing was sent.
    Token(TokenFailure),
}

impl GraphTarget {
    /// Sends up to 20 requests together. What is refused for its token is sent once more with another one.
    pub(crate) async fn batch(&self, parts: &[Part]) -> Result<BatchReply, BatchFailure> {
        let token = self.tokens.get(None).await.map_err(BatchFailure::Token)?;
        let first = self.send_batch(parts, &token).await;
        let is_refused = |index: &usize| match &first {
            Ok(reply) => reply.parts[*index].as_ref().is_some_and(|part| part.status == 401),
            Err(failure) => matches!(failure, BatchFailure::Denied { status: 401, .. }),
        };
        let refused: Vec<usize> = (0..parts.len()).filter(is_refused).collect();
        if refused.is_empty() {
            return first;
        }
        let again: Vec<Part> = refused.iter().map(|index| parts[*index].clone()).collect();
        let second = match self.tokens.get(Some(&token)).await {
            Ok(token) => self.send_batch(&again, &token).await,
            Err(failure) => Err(BatchFailure::Token(failure)),
        };
        let Ok(mut reply) = first else { return second };
        match second {
            Ok(second) => {
                reply.budget_used = most(reply.budget_used, second.budget_used);
                for (index, part) in refused.into_iter().zip(second.parts) {
                    reply.parts[index] = part;
                }
            }
            Err(BatchFailure::Silent(_) | BatchFailure::Throttled(_)) => {
                for index in refused {
                    reply.parts[index] = None;
                }
            }
            // They stay refused.
            Err(BatchFailure::Denied { .. } | BatchFailure::Token(_)) => {}
        }
        Ok(reply)
    }

    async fn send_batch(&self, parts: &[Part], token: &SecretString) -> Result<BatchReply, BatchFailure> {
        let requests: Vec<Value> = parts.iter().enumerate().map(|(index, part)| request(index, part)).collect();
        let url = format!("{}/$batch", self.base);
        let id = self.client_request_id();
        let post = self.http.post(&url).bearer_auth(token.expose_secret()).header("client-request-id", &id);
        let answer = Http::send(post.json(&json!({ "requests": requests }))).await.map_err(BatchFailure::Silent)?;
        if answer.status != 200 {
            let request_id = answer.header("request-id").unwrap_or_default();
            tracing::warn!(status = answer.status, client_request_id = id, request_id, "a batch was not taken");
        }
        batch_reply(&answer, parts.len())
    }
}

impl GraphTarget {
    /// By this id Microsoft's support finds a request.
    fn client_request_id(&self) -> String {
        let mut bytes = [0; 16];
        self.entropy.fill(&mut bytes);
        let number = u128::from_be_bytes(bytes) & !(0xf << 76) & !(0x3 << 62) | (0x4 << 76) | (0x2 << 62);
        let hex = format!("{number:032x}");
        format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
    }
}

fn request(index: usize, part: &Part) -> Value {
    let mut request = json!({ "id": (index + 1).to_string(), "method": part.method, "url": format!("/{}", part.url) });
    if let Some(body) = &part.body {
        request["body"] = body.clone();
        request["headers"] = json!({ "Content-Type": "application/json" });
    }
    request
}

/// What an answer to a batch of so many requests says.
pub(crate) fn batch_reply(answer: &Answer, count: usize) -> Result<BatchReply, BatchFailure> {
    match answer.status {
        200 => Ok(replies(answer, count)),
        status @ (401 | 403) => Err(BatchFailure::Denied { status, code: error_code(&answer.body) }),
        429 => Err(BatchFailure::Throttled(answer.retry_after().unwrap_or(DEFAULT_WAIT))),
        _ => Err(BatchFailure::Silent(Silence::unusable(answer.retry_after()))),
    }
}

fn replies(answer: &Answer, count: usize) -> BatchReply {
    let mut by_id: BTreeMap<&str, Option<&Value>> = BTreeMap::new();
    for reply in answer.body.get("responses").and_then(Value::as_array).into_iter().flatten() {
        if let Some(id) = reply.get("id").and_then(Value::as_str) {
            // Of two replies to one request nobody knows which is true: it has none.
            by_id.entry(id).and_modify(|known| *known = None).or_insert(Some(reply));
        }
    }
    let mut budget_used = share(answer.header("x-ms-throttle-limit-percentage"));
    let parts = (1..=count).map(|id| {
        let reply = (*by_id.get(id.to_string().as_str())?)?;
        let status = u16::try_from(reply.get("status")?.as_u64()?).ok()?;
        budget_used = most(budget_used, share(header(reply, "x-ms-throttle-limit-percentage")));
        let body = reply.get("body").cloned().unwrap_or(Value::Null);
        Some(PartReply { status, body, retry_after: retry_after(header(reply, "Retry-After")) })
    });
    BatchReply { parts: parts.collect(), budget_used }
}

fn header<'r>(reply: &'r Value, name: &str) -> Option<&'r str> {
    let headers = reply.get("headers")?.as_object()?;
    headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).and_then(|(_, value)| value.as_str())
}

fn share(text: Option<&str>) -> Option<f64> {
    text?.trim().parse().ok().filter(|share: &f64| share.is_finite() && *share >= 0.0)
}

fn most(one: Option<f64>, other: Option<f64>) -> Option<f64> {
    one.into_iter().chain(other).reduce(f64::max)
}
