//! Access tokens by client secret (OAuth 2.0 client credentials), kept until shortly before they expire.

use crate::Waits;
use crate::http::{Answer, Http};
use crate::odata::Segment;
use config::GraphOptions;
use jiff::{SignedDuration, Timestamp};
use ports::PortError;
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use std::sync::Arc;
use tokio::sync::Mutex;

/// A token is renewed so long before it expires; one that lives shorter than twice this, at half of its life.
const EARLY_SECONDS: i64 = 300;

pub(crate) struct Token {
    value: SecretString,
    pub renewed_at: Timestamp,
}

/// Why there is no token.
#[derive(Debug)]
pub(crate) enum TokenFailure {
    /// The token service does not accept who we say we are.
    Refused {
        /// What to do about it.
        what: &'static str,
        /// `AADSTS` and a number, or the OAuth error code.
        code: String,
    },
    /// It may work later.
    Passing(PortError),
}

impl From<TokenFailure> for PortError {
    fn from(failure: TokenFailure) -> Self {
        match failure {
            TokenFailure::Refused { what, code } => Self::permanent(what, code),
            TokenFailure::Passing(error) => error,
        }
    }
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
    pub fn new(
        options: GraphOptions,
        secret: SecretString,
        http: Http,
        waits: Arc<dyn Waits>,
    ) -> Result<Self, PortError> {
        let authority = options.authority.trim_end_matches('/');
        let tenant = Segment::of(&options.tenant);
        let tenant = tenant.ok_or(PortError::Permanent { what: "the tenant is not named: set it", source: None })?;
        Ok(Self {
            http,
            url: format!("{authority}/{tenant}/oauth2/v2.0/token"),
            scope: format!("{}/.default", options.base_url.trim_end_matches('/')),
            client_id: options.client_id,
            secret,
            waits,
            current: Mutex::default(),
        })
    }

    /// A token that is good for some minutes. `not` is one that was refused.
    pub async fn get(&self, not: Option<&SecretString>) -> Result<SecretString, TokenFailure> {
        let mut current = self.current.lock().await;
        let refused = |token: &Token| not.is_some_and(|not| not.expose_secret() == token.value.expose_secret());
        if let Some(token) = current.as_ref()
            && token.renewed_at > self.waits.now()
            && !refused(token)
        {
            return Ok(token.value.clone());
        }
        let token = self.fetch().await?;
        let value = token.value.clone();
        *current = Some(token);
        Ok(value)
    }

    async fn fetch(&self) -> Result<Token, TokenFailure> {
        let form = [
            ("grant_type", "client_credentials"),
            ("client_id", &self.client_id),
            ("client_secret", self.secret.expose_secret()),
            ("scope", &self.scope),
        ];
        let asked_at = self.waits.now();
        let answer = Http::send(self.http.post(&self.url).form(&form)).await;
        let answer = answer.map_err(|silence| passing("the token service did not answer", silence))?;
        token_of(&answer, asked_at)
    }
}

/// What an answer of the token service says.
pub(crate) fn token_of(answer: &Answer, asked_at: Timestamp) -> Result<Token, TokenFailure> {
    match answer.status {
        200 => token(answer, asked_at),
        400..=403 => Err(refusal(&answer.body)),
        429 => Err(TokenFailure::Passing(PortError::Transient {
            what: "the token service throttles",
            retry_after: answer.retry_after(),
            source: None,
        })),
        _ => Err(unusable("an unexpected status")),
    }
}

fn token(answer: &Answer, asked_at: Timestamp) -> Result<Token, TokenFailure> {
    let value =
        answer.body.get("access_token").and_then(Value::as_str).ok_or_else(|| unusable("no access token in it"))?;
    // Some token services write the number as a text.
    let life = answer.body.get("expires_in");
    let seconds = life.and_then(|life| life.as_i64().or_else(|| life.as_str()?.parse().ok())).unwrap_or(0);
    let seconds = seconds.clamp(0, 86_400);
    let early = EARLY_SECONDS.min(seconds / 2);
    Ok(Token { value: SecretString::from(value), renewed_at: asked_at + SignedDuration::from_secs(seconds - early) })
}

fn refusal(body: &Value) -> TokenFailure {
    let number = body.pointer("/error_codes/0").and_then(Value::as_u64);
    let what = match number {
        Some(90_002 | 900_021 | 900_023) => "the token service does not know the tenant: correct it",
        Some(700_016) => "the token service does not know the application in this tenant: correct the client id",
        _ if body.get("error").and_then(Value::as_str) == Some("invalid_client") => {
            "the token service refused the client secret: renew it and update the secret"
        }
        _ => "the token service refused the application: check tenant, client id and secret",
    };
    TokenFailure::Refused { what, code: code(number, body) }
}

/// The description that comes with it may hold names and stays out.
fn code(number: Option<u64>, body: &Value) -> String {
    let word = body.get("error").and_then(Value::as_str).unwrap_or_default();
    let plain =
        !word.is_empty() && word.len() <= 40 && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    number.map_or_else(|| if plain { word } else { "unknown" }.to_owned(), |number| format!("AADSTS{number}"))
}

fn unusable(why: &'static str) -> TokenFailure {
    passing("the token service gave an unusable reply", why)
}

fn passing(what: &'static str, source: impl Into<ports::BoxError>) -> TokenFailure {
    TokenFailure::Passing(PortError::transient(what, source))
}
