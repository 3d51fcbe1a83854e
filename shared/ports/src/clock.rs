//! Time and randomness come in from outside.

use jiff::Timestamp;
use std::future::Future;
use std::time::Duration;

/// The time of day, and waiting.
pub trait Clock: Send + Sync {
    /// The instant it is.
    fn now(&self) -> Timestamp;

    /// Waits. A simulated clock moves on instead.
    fn sleep(&self, duration: Duration) -> impl Future<Output = ()> + Send;
}

/// Randomness for ids, seeds and first passwords.
pub trait Entropy: Send + Sync {
    /// Fills the buffer with unpredictable bytes.
    fn fill(&self, bytes: &mut [u8]);
}
