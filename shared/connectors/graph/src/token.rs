//! Access tokens by client secret (OAuth 2.0 client credentials), kept until shortly before they expire.

use crate::Waits;
use crate::http::Http;
use config::GraphOptions;
use jiff::{SignedDuration, Timestamp};
use ports::PortError;
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use std::sync::Arc;
use tokio::sync::Mutex;

/// A token is renewed so long before it expires.
const EARLY: SignedDuration = SignedDuration::from_mins(5);

struct Token {
    value: SecretString,
    expires_at: Timestamp,
}

/// The tokens of one application in one tenant.
pub(crate) struct Tokens {
    http: Http,
    url: String,
    scope: String,
    client_id: String,
    secret: SecretString,
    waits: Arc<dyn Waits>,
    /// One refresh at a time: the others wait for it.
    current: Mutex<Option<Token>>,
}

impl Tokens {
    pub fn new(options: &GraphOptions, secret: SecretString, http: Http, waits: Arc<dyn Waits>) -> Self {
        let authority = options.authority.trim_end_matches('/');
        Self {
            http,
            url: format!("{authority}/{}/oauth2/v2.0/token", crate::odata::encoded(&options.tenant)),
            scope: format!("{}/.default", options.base_url.trim_end_matches('/')),
            client_id: options.client_id.clone(),
            secret,
            waits,
            current: Mutex::default(),
        }
    }

    /// A token that is good for some minutes. `not` is one that was refused.
    pub async fn get(&self, not: Option<&SecretString>) -> Result<SecretString, PortError> {
        let mut current = self.current.lock().await;
        let refused = |token: &Token| not.is_some_and(|not| not.expose_secret() == token.value.expose_secret());
        if let Some(token) = current.as_ref().filter(|token| token.expires_at > self.waits.now() + EARLY && !refused(token)) {
            return Ok(token.value.clone());
        }
        let token = self.fetch().await?;
        let value = token.value.clone();
        *current = Some(token);
        Ok(value)
    }

    async fn fetch(&self) -> Result<Token, PortError> {
        let form = [
            ("grant_type", "client_credentials"),
            ("client_id", &self.client_id),
            ("client_secret", self.secret.expose_secret()),
            ("scope", &self.scope),
        ];
        let answer = Http::send(self.http.post(&self.url).form(&form)).await?;
        let text = |name: &str| answer.body.get(name).and_then(Value::as_str);
        match answer.status {
            200 => {
                let value = text("access_token").ok_or_else(|| unusable("no access token in it"))?;
                let seconds = answer.body.get("expires_in").and_then(Value::as_i64).unwrap_or(300).clamp(0, 86_400);
                Ok(Token { value: SecretString::from(value), expires_at: self.waits.now() + SignedDuration::from_secs(seconds) })
            }
            400..=403 => {
                let code = text("error").unwrap_or("unknown").to_owned();
                Err(PortError::permanent(
                    "the token service refused the application's credentials: check tenant and client id, renew the secret",
                    Refusal(code),
                ))
            }
            429 => Err(PortError::Transient {
                what: "the token service throttles",
                retry_after: answer.retry_after(),
                source: None,
            }),
            _ => Err(unusable("an unexpected status")),
        }
    }
}

/// The OAuth error code, e.g. `invalid_client`; its description may hold names and stays out.
#[derive(Debug, thiserror::Error)]
#[error("error code {0}")]
struct Refusal(String);

fn unusable(why: &'static str) -> PortError {
    PortError::transient("the token service gave an unusable reply", why)
}
