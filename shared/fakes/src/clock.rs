//! Time that moves only when told, and randomness that repeats.

use crate::locked;
use jiff::{SignedDuration, Timestamp};
use ports::{Clock, Entropy};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// A clock that stands still until it is set or somebody sleeps. A clone is the same clock.
#[derive(Clone, Debug)]
pub struct FakeClock(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    now: Timestamp,
    sleeps: u64,
    slept: Duration,
}

impl FakeClock {
    /// A clock that shows this instant.
    pub fn at(now: Timestamp) -> Self {
        Self(Arc::new(Mutex::new(State { now, sleeps: 0, slept: Duration::ZERO })))
    }

    /// Sets the time, also backwards.
    pub fn set(&self, now: Timestamp) {
        locked(&self.0).now = now;
    }

    /// Moves the time on.
    pub fn advance(&self, by: Duration) {
        let mut state = locked(&self.0);
        state.now = after(state.now, by);
    }

    /// How often somebody slept.
    pub fn sleeps(&self) -> u64 {
        locked(&self.0).sleeps
    }

    /// How long all sleeps were together.
    pub fn slept(&self) -> Duration {
        locked(&self.0).slept
    }
}

impl Clock for FakeClock {
    fn now(&self) -> Timestamp {
        locked(&self.0).now
    }

    async fn sleep(&self, duration: Duration) {
        self.advance(duration);
        let mut state = locked(&self.0);
        state.sleeps += 1;
        state.slept += duration;
    }
}

/// The instant so much later, at most the last one there is.
pub(crate) fn after(instant: Timestamp, by: Duration) -> Timestamp {
    SignedDuration::try_from(by).ok().and_then(|by| instant.checked_add(by).ok()).unwrap_or(Timestamp::MAX)
}

/// Repeatable randomness (the `SplitMix64` sequence, Steele and others 2014). A clone draws from the same sequence.
#[derive(Clone, Debug)]
pub struct FakeEntropy(Arc<Mutex<u64>>);

impl FakeEntropy {
    /// The same seed gives the same bytes.
    pub fn seeded(seed: u64) -> Self {
        Self(Arc::new(Mutex::new(seed)))
    }

    /// The next number of the sequence, for tests that need choices of their own.
    pub fn next_number(&self) -> u64 {
        let mut state = locked(&self.0);
        *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = *state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}

impl Entropy for FakeEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            let number = self.next_number().to_le_bytes();
            chunk.copy_from_slice(&number[..chunk.len()]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run_ready;

    #[test]
    fn sleeping_moves_the_clock_and_is_counted() {
        let clock = FakeClock::at(Timestamp::UNIX_EPOCH);
        run_ready(clock.sleep(Duration::from_secs(90)));
        assert_eq!(clock.now().as_second(), 90);
        assert_eq!((clock.sleeps(), clock.slept()), (1, Duration::from_secs(90)));
    }

    #[test]
    fn the_same_seed_gives_the_same_bytes() {
        let (one, two) = (FakeEntropy::seeded(7), FakeEntropy::seeded(7));
        let mut bytes = [[0; 13]; 3];
        one.fill(&mut bytes[0]);
        two.fill(&mut bytes[1]);
        two.fill(&mut bytes[2]);
        assert_eq!(bytes[0], bytes[1]);
        assert_ne!(bytes[1], bytes[2]);
    }
}
