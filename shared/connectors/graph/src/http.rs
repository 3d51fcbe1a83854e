//! One HTTP client with time-outs, and the few things that are read of a reply.

use ports::PortError;
use reqwest::header::HeaderMap;
use serde_json::Value;
use std::time::Duration;

/// Larger replies are not read: a page of 999 users has about 2 MB.
const REPLY_BYTES_MAX: usize = 32 << 20;
/// A connection that was idle for longer is not used again: the other side may have forgotten it.
const IDLE: Duration = Duration::from_secs(30);
/// Longest wait that is believed.
const WAIT_SECONDS_MAX: u64 = 600;

/// A reply that came.
pub(crate) struct Answer {
    pub status: u16,
    headers: HeaderMap,
    /// Null where the body is no JSON.
    pub body: Value,
}

/// Why no usable reply came. It says nothing about whether the request was carried out.
#[derive(Debug, thiserror::Error)]
#[error("{what}")]
pub(crate) struct Silence {
    what: &'static str,
    #[source]
    source: Option<reqwest::Error>,
    /// How long the other side asked to wait, if it said that much.
    pub wait: Option<Duration>,
}

impl Silence {
    /// A reply came, but nothing can be read from it.
    pub fn unusable(wait: Option<Duration>) -> Self {
        Self { what: "the reply is not usable", source: None, wait }
    }

    /// The time for the whole is up.
    pub fn out_of_time() -> Self {
        Self { what: "the time for it was up", source: None, wait: None }
    }
}

impl From<Silence> for PortError {
    fn from(silence: Silence) -> Self {
        let retry_after = silence.wait;
        Self::Transient { what: "microsoft graph did not answer", retry_after, source: Some(silence.into()) }
    }
}

/// The client. Clones share its connections.
#[derive(Clone)]
pub(crate) struct Http(reqwest::Client);

impl Http {
    pub fn new(timeout: Duration) -> Result<Self, PortError> {
        // A second installation in one process is refused, and harmless.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder()
            .timeout(timeout)
            .connect_timeout(timeout.min(Duration::from_secs(5)))
            .pool_idle_timeout(IDLE)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .user_agent(concat!("tenure/", env!("CARGO_PKG_VERSION")))
            .build();
        let failed =
            |error: reqwest::Error| PortError::permanent("the http client cannot be built", error.without_url());
        client.map(Self).map_err(failed)
    }

    pub fn get(&self, url: &str) -> reqwest::RequestBuilder {
        self.0.get(url)
    }

    pub fn post(&self, url: &str) -> reqwest::RequestBuilder {
        self.0.post(url)
    }

    /// Sends a request and reads the whole reply. Errors name no address: it may hold a value.
    pub async fn send(request: reqwest::RequestBuilder) -> Result<Answer, Silence> {
        let silent = |what: &'static str| {
            move |error: reqwest::Error| Silence { what, source: Some(error.without_url()), wait: None }
        };
        let mut reply = request.send().await.map_err(silent("the request got no reply"))?;
        let (status, headers) = (reply.status().as_u16(), reply.headers().clone());
        let mut bytes = Vec::new();
        while let Some(chunk) = reply.chunk().await.map_err(silent("the reply was cut off"))? {
            if bytes.len() + chunk.len() > REPLY_BYTES_MAX {
                return Err(Silence { what: "the reply is too large", source: None, wait: None });
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok(Answer::of(status, headers, &bytes))
    }
}

impl Answer {
    /// An answer from its parts.
    pub fn of(status: u16, headers: HeaderMap, bytes: &[u8]) -> Self {
        Self { status, headers, body: serde_json::from_slice(bytes).unwrap_or(Value::Null) }
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    pub fn retry_after(&self) -> Option<Duration> {
        retry_after(self.header("Retry-After"))
    }
}

/// `Retry-After` in seconds; Graph does not use dates.
pub(crate) fn retry_after(value: Option<&str>) -> Option<Duration> {
    value?.trim().parse().ok().map(|seconds: u64| Duration::from_secs(seconds.min(WAIT_SECONDS_MAX)))
}

/// Graph's error code, if it looks like one: letters, digits, dots, dashes and underscores, nothing that could be a value.
pub(crate) fn error_code(body: &Value) -> String {
    let code = body.pointer("/error/code").and_then(Value::as_str).unwrap_or_default();
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-');
    if code.is_empty() || code.len() > 80 || !code.chars().all(plain) { "unknown".to_owned() } else { code.to_owned() }
}

/// Whether an error says that the object is not there, and not that the address is wrong.
pub(crate) fn is_missing(status: u16, body: &Value) -> bool {
    let code = body.pointer("/error/code").and_then(Value::as_str);
    status == 404 && matches!(code, Some("Request_ResourceNotFound" | "Directory_ObjectNotFound"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_code_that_could_be_a_value_is_not_repeated() {
        assert_eq!(error_code(&json!({ "error": { "code": "Request_BadRequest" } })), "Request_BadRequest");
        for code in ["zoe@contoso.example", "Zoë", "two words", ""] {
            assert_eq!(error_code(&json!({ "error": { "code": code } })), "unknown");
        }
    }

    #[test]
    fn a_wait_is_bounded_and_in_seconds() {
        assert_eq!(retry_after(Some(" 17 ")), Some(Duration::from_secs(17)));
        assert_eq!(retry_after(Some("999999999")), Some(Duration::from_mins(10)));
        assert_eq!(retry_after(Some("Mon, 05 Jan 2026 00:00:00 GMT")), None);
    }
}
