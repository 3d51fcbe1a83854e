//! Simulated time: it stands still while anything is computed or really asked, and jumps to the next timer when all wait.

use futures_util::stream::{FuturesUnordered, Stream};
use jiff::{SignedDuration, Timestamp};
use ports::{Clock, Entropy};
use std::collections::BTreeMap;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

/// What a mutex guards, also after a panic.
pub(crate) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The clock of everything in one run. A clone is the same clock.
#[derive(Clone, Debug)]
pub(crate) struct SimulatedClock(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    now: Timestamp,
    timers: BTreeMap<(Timestamp, u64), Waker>,
    last: u64,
    /// Real requests that are under way: time stands still for them.
    asking: u32,
}

/// What ended a turn of the world.
pub(crate) enum Turn<T> {
    /// One of the futures came to its end.
    Ended(T),
    /// The time that was waited for has come.
    Time,
    /// Nothing runs and nothing is waited for.
    Nothing,
}

/// Keeps time from moving on while it lives.
pub(crate) struct Asking(SimulatedClock);

impl Drop for Asking {
    fn drop(&mut self) {
        locked(&self.0.0).asking -= 1;
    }
}

impl SimulatedClock {
    pub fn at(now: Timestamp) -> Self {
        Self(Arc::new(Mutex::new(State { now, timers: BTreeMap::new(), last: 0, asking: 0 })))
    }

    /// A real request begins.
    pub fn ask(&self) -> Asking {
        locked(&self.0).asking += 1;
        Asking(self.clone())
    }

    /// Runs the futures until one ends, or all wait and `until` is what comes next.
    pub async fn turn<F: Future>(
        &self,
        futures: &mut FuturesUnordered<F>,
        until: Option<Timestamp>,
    ) -> Turn<F::Output> {
        poll_fn(|context| {
            loop {
                let woken = Arc::new(Woken { again: AtomicBool::new(false), outer: context.waker().clone() });
                let waker = Waker::from(Arc::clone(&woken));
                match Pin::new(&mut *futures).poll_next(&mut Context::from_waker(&waker)) {
                    Poll::Ready(Some(output)) => return Poll::Ready(Turn::Ended(output)),
                    Poll::Pending if woken.again.load(Ordering::Acquire) => continue,
                    Poll::Pending if locked(&self.0).asking > 0 => return Poll::Pending,
                    _ => {}
                }
                match self.jump(until) {
                    Jump::Timer => {}
                    Jump::Until => return Poll::Ready(Turn::Time),
                    Jump::Nowhere if futures.is_empty() => return Poll::Ready(Turn::Nothing),
                    Jump::Nowhere => return Poll::Pending,
                }
            }
        })
        .await
    }

    fn jump(&self, until: Option<Timestamp>) -> Jump {
        let mut state = locked(&self.0);
        let timer = state.timers.first_key_value().map(|((at, _), _)| *at);
        match (timer, until) {
            (Some(at), until) if until.is_none_or(|until| at <= until) => {
                state.now = state.now.max(at);
                let waker = state.timers.pop_first().map(|(_, waker)| waker);
                drop(state);
                if let Some(waker) = waker {
                    waker.wake();
                }
                Jump::Timer
            }
            (_, Some(until)) => {
                state.now = state.now.max(until);
                Jump::Until
            }
            _ => Jump::Nowhere,
        }
    }
}

enum Jump {
    Timer,
    Until,
    Nowhere,
}

struct Woken {
    again: AtomicBool,
    outer: Waker,
}

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.again.store(true, Ordering::Release);
        self.outer.wake_by_ref();
    }
}

impl Clock for SimulatedClock {
    fn now(&self) -> Timestamp {
        locked(&self.0).now
    }

    async fn sleep(&self, duration: Duration) {
        if duration.is_zero() {
            return;
        }
        let key = {
            let mut state = locked(&self.0);
            state.last += 1;
            (state.now + SignedDuration::try_from(duration).unwrap_or(SignedDuration::MAX), state.last)
        };
        let mut begun = false;
        poll_fn(|context| {
            let mut state = locked(&self.0);
            if begun && !state.timers.contains_key(&key) {
                return Poll::Ready(());
            }
            begun = true;
            state.timers.insert(key, context.waker().clone());
            Poll::Pending
        })
        .await;
    }
}

/// Repeatable randomness (the `SplitMix64` sequence). A clone draws from the same sequence.
#[derive(Clone, Debug)]
pub(crate) struct Seeded(Arc<Mutex<u64>>);

impl Seeded {
    pub fn new(seed: u64) -> Self {
        Self(Arc::new(Mutex::new(seed)))
    }

    pub fn next(&self) -> u64 {
        let mut state = locked(&self.0);
        *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = *state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A time between the two, in nanoseconds, so that no two waits end together.
    pub fn between(&self, (least, most): (Duration, Duration)) -> Duration {
        let span = u64::try_from(most.saturating_sub(least).as_nanos()).unwrap_or(u64::MAX);
        least + Duration::from_nanos(if span == 0 { 0 } else { self.next() % span })
    }
}

impl Entropy for Seeded {
    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            let number = self.next().to_le_bytes();
            chunk.copy_from_slice(&number[..chunk.len()]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn waits_beside_each_other_do_not_add_up() {
        let clock = SimulatedClock::at(Timestamp::UNIX_EPOCH);
        let wait = |seconds| {
            let clock = &clock;
            async move { clock.sleep(Duration::from_secs(seconds)).await }
        };
        let mut both: FuturesUnordered<_> = [wait(3), wait(5)].into_iter().collect();
        assert!(matches!(clock.turn(&mut both, None).await, Turn::Ended(())));
        assert_eq!(clock.now().as_second(), 3);
        assert!(matches!(clock.turn(&mut both, Timestamp::from_second(4).ok()).await, Turn::Time));
        assert!(matches!(clock.turn(&mut both, None).await, Turn::Ended(())));
        assert_eq!(clock.now().as_second(), 5);
        assert!(matches!(clock.turn(&mut both, None).await, Turn::Nothing));
    }
}
