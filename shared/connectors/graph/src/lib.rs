//! Microsoft Entra ID through Microsoft Graph v1.0: users, their attributes and their managers.
//!
//! Requests travel in a `$batch`; a reply that says nothing about what happened is [`ports::Reply::Unknown`].
//! Nothing that may hold a value gets into an error: no address, no message of Graph's, no body.

pub mod answers;
mod batch;
mod http;
mod odata;
mod password;
mod read;
mod reply;
mod schema;
#[cfg(test)]
mod tests;
mod token;
mod user;
mod write;

use config::GraphOptions;
use http::Http;
use ports::{Clock, Entropy, PortError};
use record::TargetSchema;
use secrecy::SecretString;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use token::Tokens;

/// What Graph takes for a user.
pub fn schema() -> &'static TargetSchema {
    &schema::SCHEMA
}

/// One tenant, seen as one application.
pub struct GraphTarget {
    http: Http,
    tokens: Tokens,
    base: String,
    waits: Arc<dyn Waits>,
    entropy: Arc<dyn Entropy>,
    timeout: Duration,
}

impl GraphTarget {
    /// Sets the connection up; nothing is sent yet.
    pub fn connect(
        options: GraphOptions,
        secret: SecretString,
        entropy: impl Entropy + 'static,
        clock: impl Clock + 'static,
    ) -> Result<Self, PortError> {
        let timeout = Duration::from_secs(options.timeout_seconds.max(1).into());
        let http = Http::new(timeout)?;
        let waits: Arc<dyn Waits> = Arc::new(clock);
        let base = format!("{}/v1.0", options.base_url.trim_end_matches('/'));
        let tokens = Tokens::new(options, secret, http.clone(), Arc::clone(&waits))?;
        Ok(Self { http, tokens, base, waits, entropy: Arc::new(entropy), timeout })
    }
}

/// Leaves out the secret and the token.
impl fmt::Debug for GraphTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GraphTarget").field("base", &self.base).finish_non_exhaustive()
    }
}

/// The clock behind a pointer: its own trait returns a future that cannot be.
pub(crate) trait Waits: Send + Sync {
    fn now(&self) -> jiff::Timestamp;
    fn sleep(&self, duration: Duration) -> std::pin::Pin<Box<dyn Future<Output = ()> + Send + '_>>;
}

impl<C: Clock> Waits for C {
    fn now(&self) -> jiff::Timestamp {
        Clock::now(self)
    }

    fn sleep(&self, duration: Duration) -> std::pin::Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(Clock::sleep(self, duration))
    }
}
