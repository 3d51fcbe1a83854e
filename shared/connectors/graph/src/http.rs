//! One HTTP client with time-outs, and the few things that are read of a reply.

use ports::PortError;
use reqwest::header::HeaderMap;
use serde_json::Value;
use std::time::Duration;

/// Larger replies are not read: a page of 999 users has about 2 MB.
const REPLY_BYTES_MAX: usize = 32 << 20;

/// A reply that came.
pub(crate) struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    /// Null where the body is no JSON.
    pub body: Value,
}

/// Why no reply came. It says nothing about whether the request was carried out.
#[derive(Debug, thiserror::Error)]
#[error("{what}")]
pub(crate) struct Silence {
    pub what: &'static str,
    #[source]
    source: Option<reqwest::Error>,
}

impl From<Silence> for PortError {
    fn from(silence: Silence) -> Self {
        Self::transient("microsoft graph did not answer", silence)
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
            .redirect(reqwest::redirect::Policy::none())
            .build();
        let client =
            client.map_err(|error| PortError::permanent("the http client cannot be built", error.without_url()))?;
        Ok(Self(client))
    }

    pub fn get(&self, url: &str) -> reqwest::RequestBuilder {
        self.0.get(url)
    }

    pub fn post(&self, url: &str) -> reqwest::RequestBuilder {
        self.0.post(url)
    }

    /// Sends a request and reads the whole reply.
    pub async fn send(request: reqwest::RequestBuilder) -> Result<Answer, Silence> {
        let silent = |what: &'static str| {
            move |error: reqwest::Error| Silence { what, source: Some(error.without_url()) }
        };
        let mut reply = request.send().await.map_err(silent("the request got no reply"))?;
        let (status, headers) = (reply.status().as_u16(), reply.headers().clone());
        let mut bytes = Vec::new();
        while let Some(chunk) = reply.chunk().await.map_err(silent("the reply was cut off"))? {
            if bytes.len() + chunk.len() > REPLY_BYTES_MAX {
                return Err(Silence { what: "the reply is too large", source: None });
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok(Answer { status, headers, body: serde_json::from_slice(&bytes).unwrap_or(Value::Null) })
    }
}

/// `Retry-After` in seconds; dates are not used by Graph.
pub(crate) fn retry_after(value: Option<&str>) -> Option<Duration> {
    value?.trim().parse::<u64>().ok().map(|seconds| Duration::from_secs(seconds.min(600)))
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    pub fn retry_after(&self) -> Option<Duration> {
        retry_after(self.header("Retry-After"))
    }
}

/// Graph's error code, if it looks like one: letters, digits, dots and underscores, nothing that could be a value.
pub(crate) fn error_code(body: &Value) -> String {
    let code = body.pointer("/error/code").and_then(Value::as_str).unwrap_or_default();
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-');
    if code.is_empty() || code.len() > 80 || !code.chars().all(plain) { "unknown".to_owned() } else { code.to_owned() }
}

impl Silence {
    /// A reply came, but nothing can be read from it.
    pub fn unusable() -> Self {
        Self { what: "the reply is not usable", source: None }
    }
}
