//! The pace of a target's writer: a token bucket that never exceeds the documented budget, whichever way its window is read.

use jiff::Timestamp;

/// Tokens that bulk work leaves untouched, so that a hire or a leaver never waits for the bucket.
const KEPT_FOR_URGENT: f64 = 30.0;

/// A token bucket. One token is one write.
#[derive(Clone, Debug)]
pub struct Pace {
    capacity: f64,
    per_second: f64,
    tokens: f64,
    at: Timestamp,
}

impl Pace {
    /// A pace of at most `writes` in any `window_seconds`: the bucket's content and what flows in during a window
    /// never add up to more. It starts empty, because nobody knows what was written just before.
    pub fn new(writes: u32, window_seconds: u32, group_max: usize, now: Timestamp) -> Self {
        let writes = f64::from(writes);
        #[expect(clippy::cast_precision_loss, reason = "a group has a few dozen requests")]
        let capacity = (KEPT_FOR_URGENT + group_max as f64 + 10.0).min(writes / 2.0).max(1.0);
        Self { capacity, per_second: (writes - capacity) / f64::from(window_seconds), tokens: 0.0, at: now }
    }

    fn refill(&mut self, now: Timestamp) {
        let elapsed = now.duration_since(self.at).as_secs_f64();
        if elapsed > 0.0 {
            self.tokens = (self.tokens + elapsed * self.per_second).min(self.capacity);
            self.at = now;
        }
    }

    /// How many of `wanted` writes may go now, and if none, after how many seconds to ask again.
    pub fn take(&mut self, wanted: usize, urgent: bool, now: Timestamp) -> Result<usize, f64> {
        self.refill(now);
        let floor = if urgent { 0.0 } else { KEPT_FOR_URGENT.min(self.capacity / 2.0) };
        let free = self.tokens - floor;
        #[expect(clippy::cast_precision_loss, reason = "a group has a few dozen requests")]
        let wanted = wanted as f64;
        // Bulk waits until a whole group may go: half-filled groups would cost requests for nothing.
        let enough = if urgent { 1.0 } else { wanted.min(self.capacity - floor) };
        if free + 1e-9 < enough {
            return Err(((enough - free) / self.per_second).max(0.001));
        }
        let granted = free.min(wanted).floor();
        self.tokens -= granted;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 1 and a few dozen")]
        Ok(granted as usize)
    }

    /// The target said that it is throttling: the bucket is empty, and fills more slowly for now.
    pub fn throttled(&mut self, now: Timestamp) {
        self.refill(now);
        self.tokens = 0.0;
    }

    /// What a successor needs to go on: thousandths of a token, and when they were counted.
    pub fn state(&self) -> (i64, Timestamp) {
        #[expect(clippy::cast_possible_truncation, reason = "a bucket holds at most a few thousand tokens")]
        let tokens = (self.tokens * 1000.0) as i64;
        (tokens, self.at)
    }

    /// Goes on where another holder of the lease left off.
    pub fn restore(&mut self, tokens: i64, at: Timestamp) {
        #[expect(clippy::cast_precision_loss, reason = "a bucket holds at most a few thousand tokens")]
        let tokens = tokens as f64 / 1000.0;
        self.tokens = tokens.clamp(0.0, self.capacity);
        self.at = at;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::SignedDuration;

    #[test]
    fn no_window_ever_holds_more_than_the_budget() {
        let start = Timestamp::UNIX_EPOCH;
        let mut pace = Pace::new(3000, 150, 20, start);
        let mut sent: Vec<(i64, usize)> = Vec::new();
        let mut now = start;
        while now < start + SignedDuration::from_secs(1000) {
            match pace.take(20, false, now) {
                Ok(count) => sent.push((now.as_millisecond(), count)),
                Err(_) => now += SignedDuration::from_millis(50),
            }
        }
        for (at, _) in &sent {
            let within: usize =
                sent.iter().filter(|(other, _)| (*at..at + 150_000).contains(other)).map(|(_, n)| n).sum();
            assert!(within <= 3000, "{within}");
        }
        let total: usize = sent.iter().map(|(_, count)| count).sum();
        assert!(total > 19_000, "the budget is used: {total}");
    }

    #[test]
    fn bulk_leaves_tokens_for_urgent_work() {
        let start = Timestamp::UNIX_EPOCH;
        let mut pace = Pace::new(3000, 150, 20, start);
        let later = start + SignedDuration::from_secs(60);
        while pace.take(20, false, later).is_ok() {}
        assert_eq!(pace.take(20, true, later), Ok(20));
    }

    #[test]
    fn a_small_budget_still_moves() {
        let start = Timestamp::UNIX_EPOCH;
        let mut pace = Pace::new(2, 1, 20, start);
        let later = start + SignedDuration::from_secs(5);
        assert!(pace.take(1, false, later).is_ok() || pace.take(1, true, later).is_ok());
    }
}
