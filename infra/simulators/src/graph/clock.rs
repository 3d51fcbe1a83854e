//! The simulator's clock: the machine's, moved on by tests, or one that only they move; and instants as Graph reads and
//! writes them.

use jiff::Timestamp;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The only place that asks the machine for the time.
#[derive(Clone, Copy, Debug)]
pub(super) struct Clock {
    /// When it stands still, since 1970; otherwise the machine's time counts.
    still: Option<Duration>,
    ahead: Duration,
}

impl Clock {
    /// A clock that shows the machine's time, or stands still at this time since 1970.
    pub fn new(still: Option<Duration>) -> Self {
        Self { still, ahead: Duration::ZERO }
    }

    /// Milliseconds since 1970.
    #[expect(clippy::disallowed_methods, reason = "a server of its own has a clock of its own, which tests can step")]
    pub fn now(&self) -> u64 {
        let machine = || SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let since = self.still.unwrap_or_else(machine) + self.ahead;
        u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
    }

    /// Moves the clock on.
    pub fn advance(&mut self, by: Duration) {
        self.ahead += by;
    }
}

/// An instant as Graph writes it, `2026-01-05T06:00:00Z`, from milliseconds since 1970.
pub(super) fn written(milliseconds: u64) -> String {
    let seconds = i64::try_from(milliseconds / 1000).unwrap_or(i64::MAX);
    Timestamp::from_second(seconds).unwrap_or(Timestamp::MAX).to_string()
}

/// An instant in UTC without fractions, as Graph gives it back; `None` when the text lacks a time or an offset.
pub(super) fn normalized(text: &str) -> Option<String> {
    let instant: Timestamp = text.parse().ok()?;
    Timestamp::from_second(instant.as_second()).ok().map(|instant| instant.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_are_written_as_graph_does() {
        assert_eq!(written(951_782_400_123), "2000-02-29T00:00:00Z");
        assert_eq!(written(1_767_592_800_000), "2026-01-05T06:00:00Z");
    }

    #[test]
    fn an_instant_needs_a_time_and_an_offset() {
        assert_eq!(normalized("2026-01-05T08:00:00.5+02:00").as_deref(), Some("2026-01-05T06:00:00Z"));
        assert_eq!(normalized("2026-01-05"), None);
        assert_eq!(normalized("2026-01-05T08:00:00"), None);
    }
}
