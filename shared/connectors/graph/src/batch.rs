//! `$batch`: up to 20 requests in one. Replies come in any order and each is judged by itself.

use crate::GraphTarget;
use crate::http::{Answer, Http, Silence, retry_after};
use ports::PortError;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::Duration;

/// Graph takes so many requests in one batch.
pub(crate) const PARTS_MAX: usize = 20;

/// One request of a batch. The URL is relative to the version, without a leading slash.
#[derive(Clone)]
pub(crate) struct Part {
    pub method: &'static str,
    pub url: String,
    pub body: Option<Value>,
    /// `$count` and other advanced queries want this header.
    pub advanced: bool,
}

/// What came of one request.
pub(crate) struct PartReply {
    pub status: u16,
    pub body: Value,
    pub retry_after: Option<Duration>,
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
    /// The credentials are refused.
    Denied(String),
    /// The token service failed.
    Token(PortError),
}

impl GraphTarget {
    /// Sends up to 20 requests together.
    pub(crate) async fn batch(&self, parts: &[Part]) -> Result<BatchReply, BatchFailure> {
        let requests: Vec<Value> = parts.iter().enumerate().map(|(index, part)| request(index, part)).collect();
        let payload = json!({ "requests": requests });
        let mut token = self.tokens.get(None).await.map_err(BatchFailure::Token)?;
        for last in [false, true] {
            let answer = self.post_batch(&payload, &token).await.map_err(BatchFailure::Silent)?;
            match answer.status {
                200 => return Ok(replies(&answer, parts.len())),
                401 if !last => {
                    token = self.tokens.get(Some(&token)).await.map_err(BatchFailure::Token)?;
                }
                401 | 403 => return Err(BatchFailure::Denied(crate::http::error_code(&answer.body))),
                429 => return Err(BatchFailure::Throttled(answer.retry_after().unwrap_or(DEFAULT_WAIT))),
                _ => break,
            }
        }
        Err(BatchFailure::Silent(Silence::unusable()))
    }

    async fn post_batch(&self, payload: &Value, token: &SecretString) -> Result<Answer, Silence> {
        let url = format!("{}/$batch", self.base);
        Http::send(self.http.post(&url).bearer_auth(token.expose_secret()).json(payload)).await
    }
}

/// Waited where Graph throttles without saying for how long.
pub(crate) const DEFAULT_WAIT: Duration = Duration::from_secs(10);

fn request(index: usize, part: &Part) -> Value {
    let mut request = json!({ "id": (index + 1).to_string(), "method": part.method, "url": format!("/{}", part.url) });
    let mut headers = serde_json::Map::new();
    if let Some(body) = &part.body {
        request["body"] = body.clone();
        headers.insert("Content-Type".to_owned(), Value::from("application/json"));
    }
    if part.advanced {
        headers.insert("ConsistencyLevel".to_owned(), Value::from("eventual"));
    }
    if !headers.is_empty() {
        request["headers"] = Value::Object(headers);
    }
    request
}

fn replies(answer: &Answer, count: usize) -> BatchReply {
    let mut by_id: BTreeMap<&str, &Value> = BTreeMap::new();
    for reply in answer.body.get("responses").and_then(Value::as_array).into_iter().flatten() {
        if let Some(id) = reply.get("id").and_then(Value::as_str) {
            by_id.insert(id, reply);
        }
    }
    let mut budget_used = answer.header("x-ms-throttle-limit-percentage").and_then(|text| text.parse().ok());
    let parts = (1..=count)
        .map(|id| {
            let reply = by_id.get(id.to_string().as_str())?;
            let status = reply.get("status").and_then(Value::as_u64).and_then(|status| u16::try_from(status).ok())?;
            let header = |name: &str| {
                let headers = reply.get("headers")?.as_object()?;
                headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).and_then(|(_, value)| value.as_str())
            };
            let used: Option<f64> = header("x-ms-throttle-limit-percentage").and_then(|text| text.parse().ok());
            budget_used = budget_used.into_iter().chain(used).fold(None, |most: Option<f64>, one| {
                Some(most.map_or(one, |most| most.max(one)))
            });
            let body = reply.get("body").cloned().unwrap_or(Value::Null);
            Some(PartReply { status, body, retry_after: retry_after(header("Retry-After")) })
        })
        .collect();
    BatchReply { parts, budget_used }
}
