//! Attempts and pauses between them.

use crate::error::certainly_not_done;
use aws_sdk_dynamodb::config::http::HttpResponse;
use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::config::{Builder, Config};
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use std::time::Duration;

const PAUSE_FIRST: Duration = Duration::from_millis(25);
/// How often a throttled write is sent.
const WRITE_ATTEMPTS_MAX: u32 = 4;

/// A write that can be repeated keeps the client's retries. Another one is sent once: after a lost reply the
/// repetition would meet its own effect and call it a conflict, or add twice.
pub(crate) fn attempts(repeatable: bool) -> Builder {
    let config = Config::builder();
    if repeatable { config } else { config.retry_config(RetryConfig::disabled()) }
}

/// Sends until the service does more than ask for patience. Only what was certainly not done is sent again.
pub(crate) async fn patiently<T, E, F>(send: impl Fn() -> F) -> Result<T, SdkError<E, HttpResponse>>
where
    E: ProvideErrorMetadata,
    F: Future<Output = Result<T, SdkError<E, HttpResponse>>>,
{
    let mut attempt = 0;
    loop {
        match send().await {
            Err(error) if attempt + 1 < WRITE_ATTEMPTS_MAX && certainly_not_done(&error) => pause(attempt).await,
            reply => return reply,
        }
        attempt += 1;
    }
}

/// Waits twice as long each time.
pub(crate) async fn pause(attempt: u32) {
    tokio::time::sleep(PAUSE_FIRST * 2_u32.pow(attempt.min(6))).await;
}
