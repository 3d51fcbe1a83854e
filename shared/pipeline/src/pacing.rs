//! The pace of a target's writer: a token bucket that never exceeds the documented budget, whichever way its window is read.

use jiff::Timestamp;

/// Tokens that bulk work leaves untouched at the full rate, so that a hire or a leaver never waits for the bucket.
const KEPT_FOR_URGENT: f64 = 30.0;
/// Tokens that come while a group is got ready, the first of a batch above all, so that none is lost.
const LATE: f64 = 5.0;
/// The requests of a window may arrive closer together than they were sent, by so many seconds.
const CLOSER: f64 = 0.5;
/// Refusals so close to each other are one: a group is refused request by request.
const ONE_EVENT_SECONDS: f64 = 10.0;
/// Windows without a refusal before the pace tries to be quicker again.
const QUIET_WINDOWS: f64 = 4.0;
/// How much of the documented rate comes back in the first window after that; each further one gives this much more.
const RECOVERY: f64 = 0.01;
/// Slower than this share of the documented rate it never gets.
const SHARE_MIN: f64 = 0.02;

/// A token bucket. One token is one write.
///
/// A target that refuses writes for its budget has less to give than is documented: the pace halves, and where that was
/// found lately already, steps back a little. After a while without a refusal it feels its way up again, slowly at first.
#[derive(Clone, Debug)]
pub struct Pace {
    /// Writes in a window, as documented.
    writes: f64,
    window: f64,
    /// What bulk work saves up at most.
    bulk: f64,
    tokens: f64,
    at: Timestamp,
    /// The share of the documented rate that the target is thought to take: 1 unless it has refused something.
    share: f64,
    /// Seconds since the last refusal; of no meaning at the full rate.
    quiet: f64,
    /// The target has just refused something: nothing is saved up while it is waited for.
    drained: bool,
}

impl Pace {
    /// A pace of at most `writes` in any `window_seconds`: the bucket's content and what flows in during a window
    /// never add up to more. It starts empty, because nobody knows what was written just before.
    pub fn new(writes: u32, window_seconds: u32, group_max: usize, now: Timestamp) -> Self {
        let (writes, window) = (f64::from(writes), f64::from(window_seconds));
        #[expect(clippy::cast_precision_loss, reason = "a group has a few dozen requests")]
        let bulk = group_max as f64 + LATE;
        Self { writes, window, bulk, tokens: 0.0, at: now, share: 1.0, quiet: 0.0, drained: false }
    }

    /// What may be saved up: never more than half of what the target is thought to take in a window.
    fn capacity(&self) -> f64 {
        (self.kept_for_urgent() + self.bulk).min(self.writes * self.share / 2.0).max(1.0)
    }

    fn kept_for_urgent(&self) -> f64 {
        KEPT_FOR_URGENT * self.share
    }

    fn refill(&mut self, now: Timestamp) {
        let elapsed = now.duration_since(self.at).as_secs_f64();
        if elapsed <= 0.0 {
            return;
        }
        if std::mem::take(&mut self.drained) {
            self.tokens = 0.0;
        } else {
            self.tokens = (self.tokens + elapsed * self.rate()).min(self.capacity());
        }
        self.at = now;
        if self.share < 1.0 {
            let probing = |quiet: f64| (quiet / self.window - QUIET_WINDOWS).max(0.0).powi(2) / 2.0;
            let gained = RECOVERY * (probing(self.quiet + elapsed) - probing(self.quiet));
            self.quiet += elapsed;
            self.share = (self.share + gained).min(1.0);
        }
    }

    /// Tokens a second: with what was saved up, a window never holds more than the target is thought to take.
    fn rate(&self) -> f64 {
        let writes = self.writes * self.share;
        (writes - self.capacity()).max(writes / 4.0) / (self.window + CLOSER)
    }

    /// How many of `wanted` writes may go now, and if none, after how many seconds to ask again.
    pub fn take(&mut self, wanted: usize, urgent: bool, now: Timestamp) -> Result<usize, f64> {
        self.refill(now);
        let floor = if urgent { 0.0 } else { self.kept_for_urgent().min(self.capacity() / 2.0) };
        let free = self.tokens - floor;
        #[expect(clippy::cast_precision_loss, reason = "a group has a few dozen requests")]
        let wanted = wanted as f64;
        // Bulk waits until a whole group may go: half-filled groups would cost requests for nothing.
        let enough = if urgent { 1.0 } else { wanted.min(self.capacity() - floor) };
        if free + 1e-9 < enough {
            return Err(((enough - free) / self.rate()).max(0.001));
        }
        let granted = free.min(wanted).floor();
        self.tokens -= granted;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 1 and a few dozen")]
        Ok(granted as usize)
    }

    /// The target has refused a write for its budget: the bucket is empty until it was waited for, and fills more slowly.
    pub fn throttled(&mut self, now: Timestamp) {
        let was_drained = self.drained;
        self.refill(now);
        self.tokens = 0.0;
        self.drained = true;
        if !was_drained {
            // Found lately, the limit is near; otherwise nobody knows where it is.
            let is_known = self.share < 1.0 && self.quiet > self.window;
            self.slow_down(if is_known { 0.95 } else { 0.5 });
        }
    }

    /// How much of its budget the target says is used, 1 for all of it.
    pub fn used(&mut self, share: f64, now: Timestamp) {
        self.refill(now);
        if share >= 1.0 {
            self.slow_down(0.9);
        } else if share > 0.95 {
            // There is nothing to be found further up.
            self.quiet = self.quiet.min(QUIET_WINDOWS * self.window);
        }
    }

    /// Once for all that is refused together.
    fn slow_down(&mut self, by: f64) {
        if self.share >= 1.0 || self.quiet > ONE_EVENT_SECONDS {
            self.share = (self.share * by).max(SHARE_MIN);
        }
        self.quiet = 0.0;
    }

    /// What a successor needs to go on, in one number: thousandths of a token in the lower half; above it, by how many
    /// thousandths the rate is lowered, for how many seconds that was right, and whether the target is being waited for.
    /// And when that was so.
    pub fn state(&self) -> (i64, Timestamp) {
        #[expect(clippy::cast_possible_truncation, reason = "each part has its upper bound")]
        let (tokens, lowered, quiet) = (
            (self.tokens * 1000.0) as i64,
            ((1.0 - self.share) * 1000.0).ceil() as i64,
            self.quiet.min(f64::from(QUIET_MAX)) as i64,
        );
        (tokens | lowered << 32 | quiet << 42 | i64::from(self.drained) << 62, self.at)
    }

    /// Goes on where another holder of the lease left off.
    pub fn restore(&mut self, tokens: i64, at: Timestamp) {
        let part = |from: u32, bits: u32| {
            let part = (tokens >> from) & ((1 << bits) - 1);
            f64::from(u32::try_from(part).unwrap_or(0))
        };
        self.share = (1.0 - part(32, 10) / 1000.0).clamp(SHARE_MIN, 1.0);
        self.tokens = (part(0, 32) / 1000.0).clamp(0.0, self.capacity());
        self.quiet = part(42, 20);
        self.drained = part(62, 1) > 0.0;
        self.at = at;
    }
}

/// What fits into the state.
const QUIET_MAX: u32 = (1 << 20) - 1;

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
    /// A target whose budget is `limit` in any 150 s, refused writes included; how many were asked for and refused.
    fn against(pace: &mut Pace, limit: usize, from: Timestamp, seconds: i64) -> (usize, usize) {
        let mut window: std::collections::VecDeque<(Timestamp, usize)> = std::collections::VecDeque::new();
        let (mut now, mut asked, mut refused) = (from, 0, 0);
        while now < from + SignedDuration::from_secs(seconds) {
            while window.front().is_some_and(|(at, _)| *at + SignedDuration::from_secs(150) <= now) {
                window.pop_front();
            }
            let used: usize = window.iter().map(|(_, count)| count).sum();
            match pace.take(20, false, now) {
                Ok(count) => {
                    asked += count;
                    window.push_back((now, count));
                    if used + count > limit {
                        refused += used + count - limit;
                        pace.throttled(now);
                        // It says when there is room for the next one.
                        now = window.front().map_or(now, |(at, _)| *at + SignedDuration::from_secs(150));
                    }
                }
                Err(seconds) => now += SignedDuration::try_from(std::time::Duration::from_secs_f64(seconds)).unwrap(),
            }
        }
        (asked, refused)
    }

    #[test]
    fn half_of_the_budget_is_found_and_used() {
        let start = Timestamp::UNIX_EPOCH;
        let mut pace = Pace::new(3000, 150, 20, start);
        let (asked, refused) = against(&mut pace, 1500, start, 20_000);
        assert!(refused * 200 <= asked, "{refused} of {asked} were refused");
        assert!((asked - refused) * 100 >= 20_000 * 10 * 94, "the budget is used: {asked}");
    }

    #[test]
    fn a_refusal_that_was_none_of_the_budget_is_forgotten() {
        let start = Timestamp::UNIX_EPOCH;
        let mut pace = Pace::new(3000, 150, 20, start);
        let (before, _) = against(&mut pace, usize::MAX, start, 150);
        pace.throttled(start + SignedDuration::from_secs(150));
        let (slow, _) = against(&mut pace, usize::MAX, start + SignedDuration::from_secs(151), 150);
        assert!(slow * 2 <= before + 40, "{slow} after {before}");
        against(&mut pace, usize::MAX, start + SignedDuration::from_secs(301), 3_000);
        let (after, _) = against(&mut pace, usize::MAX, start + SignedDuration::from_secs(3_301), 150);
        assert!(after >= before, "{after} of {before}");
    }

    #[test]
    fn a_successor_is_as_careful_as_its_predecessor() {
        let start = Timestamp::UNIX_EPOCH;
        let later = |seconds| start + SignedDuration::from_secs(seconds);
        let mut pace = Pace::new(3000, 150, 20, start);
        let full = pace.state();
        pace.throttled(later(10));
        let mut waiting = Pace::new(3000, 150, 20, later(70));
        let (tokens, at) = pace.state();
        waiting.restore(tokens, at);
        assert!(waiting.take(20, true, later(70)).is_err(), "nothing was saved up");
        pace.take(20, false, later(70)).unwrap_err();
        let (tokens, at) = pace.state();
        let mut other = Pace::new(3000, 150, 20, later(80));
        other.restore(tokens, at);
        assert_eq!(other.take(20, false, later(71)), pace.take(20, false, later(71)));
        assert!((other.share - pace.share).abs() < 0.002 && other.share < 0.51);
        let mut fresh = Pace::new(3000, 150, 20, start);
        fresh.restore(full.0, full.1);
        assert!((fresh.share - 1.0).abs() < f64::EPSILON, "what older writers left means the full rate");
    }

    #[test]
    fn a_warning_slows_before_anything_is_refused() {
        let start = Timestamp::UNIX_EPOCH;
        let mut pace = Pace::new(3000, 150, 20, start);
        pace.used(0.97, start);
        assert!((pace.share - 1.0).abs() < f64::EPSILON, "all but used is not too much");
        pace.used(1.2, start);
        assert!(pace.share < 0.95);
    }
}
