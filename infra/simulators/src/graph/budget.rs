//! Throttling of identity resources for one application in one tenant, as documented. How a window moves is not
//! documented, so both readings are there.

use std::collections::VecDeque;
use std::time::Duration;

/// How a budget's window is read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Window {
    /// What was used in the last window's length counts; refused requests count too.
    #[default]
    Sliding,
    /// A bucket that starts full and fills evenly.
    TokenBucket,
}

/// The budgets of one application in one tenant, and of the tenant.
#[derive(Clone, Copy, Debug)]
pub struct Budget {
    /// Writes in a window.
    pub writes: u32,
    /// The writes' window.
    pub window: Duration,
    /// How windows are read.
    pub reading: Window,
    /// Resource units in a window.
    pub resource_units: u32,
    /// The resource units' window.
    pub resource_window: Duration,
    /// Writes of all applications in the tenant, in a window.
    pub tenant_writes: u32,
    /// The window of the tenant's writes.
    pub tenant_window: Duration,
}

impl Default for Budget {
    fn default() -> Self {
        Self {
            writes: 3_000,
            window: Duration::from_secs(150),
            reading: Window::Sliding,
            resource_units: 8_000,
            resource_window: Duration::from_secs(10),
            tenant_writes: 18_000,
            tenant_window: Duration::from_mins(5),
        }
    }
}

/// One budget in use.
struct Meter {
    limit: f64,
    window_ms: f64,
    reading: Window,
    used: VecDeque<(u64, f64)>,
    sum: f64,
    tokens: f64,
    at: u64,
}

impl Meter {
    fn new(limit: u32, window: Duration, reading: Window, now: u64) -> Self {
        let limit = f64::from(limit);
        let window_ms = (window.as_secs_f64() * 1000.0).max(1.0);
        Self { limit, window_ms, reading, used: VecDeque::new(), sum: 0.0, tokens: limit, at: now }
    }

    /// Takes `cost`; if that is too much, for how many milliseconds to wait.
    fn take(&mut self, cost: f64, now: u64) -> Result<(), f64> {
        match self.reading {
            Window::TokenBucket => {
                self.tokens = (self.tokens + since(self.at, now) * self.limit / self.window_ms).min(self.limit);
                self.at = now;
                if self.tokens < cost {
                    return Err(((cost - self.tokens) * self.window_ms / self.limit).min(self.window_ms));
                }
                self.tokens -= cost;
                Ok(())
            }
            Window::Sliding => {
                while let Some((_, old)) = self.used.pop_front_if(|(at, _)| since(*at, now) >= self.window_ms) {
                    self.sum -= old;
                }
                let fits = self.sum + cost <= self.limit;
                let wait = if fits { 0.0 } else { self.until_room_for(cost, now) };
                self.used.push_back((now, cost));
                self.sum += cost;
                if fits { Ok(()) } else { Err(wait) }
            }
        }
    }

    /// When enough of what is counted will have left the window.
    fn until_room_for(&self, cost: f64, now: u64) -> f64 {
        let mut left = self.sum;
        for (at, old) in &self.used {
            left -= old;
            if left + cost <= self.limit {
                return self.window_ms - since(*at, now);
            }
        }
        self.window_ms
    }

    /// The share of the budget that is used, 1.0 for all of it.
    fn share(&self) -> f64 {
        match self.reading {
            Window::Sliding => self.sum / self.limit,
            Window::TokenBucket => 1.0 - self.tokens / self.limit,
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "milliseconds since 1970 are below 2^52")]
fn since(at: u64, now: u64) -> f64 {
    now.saturating_sub(at) as f64
}

/// Why a request is throttled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Exceeded {
    /// `Retry-After`.
    pub seconds: u64,
    /// The first word of `x-ms-throttle-scope`.
    pub scope: &'static str,
    /// `x-ms-throttle-information`.
    pub information: &'static str,
}

/// All budgets in use.
pub(super) struct Meters {
    writes: Meter,
    tenant: Meter,
    units: Meter,
}

impl Meters {
    pub fn new(budget: &Budget, now: u64) -> Self {
        let reading = budget.reading;
        Self {
            writes: Meter::new(budget.writes, budget.window, reading, now),
            tenant: Meter::new(budget.tenant_writes, budget.tenant_window, reading, now),
            units: Meter::new(budget.resource_units, budget.resource_window, reading, now),
        }
    }

    /// Takes what one request costs from each budget that it touches.
    pub fn take(&mut self, writes: bool, units: u32, now: u64) -> Result<(), Exceeded> {
        let units = self.units.take(f64::from(units), now).map_err(|wait| ("Tenant_Application", UNITS, wait));
        let (own, tenant) = if writes {
            let own = self.writes.take(1.0, now).map_err(|wait| ("Tenant_Application", WRITES, wait));
            (own, self.tenant.take(1.0, now).map_err(|wait| ("Tenant", WRITES, wait)))
        } else {
            (Ok(()), Ok(()))
        };
        let exceeded = |(scope, information, wait): (&'static str, &'static str, f64)| {
            let seconds = Duration::from_secs_f64((wait / 1000.0).ceil().max(1.0)).as_secs();
            Exceeded { seconds, scope, information }
        };
        own.and(tenant).and(units).map_err(exceeded)
    }

    /// How much of the fullest budget is used, as Graph tells it: from 0.8 to 1.8, and nothing below.
    pub fn warning(&self) -> Option<f64> {
        let share = self.writes.share().max(self.tenant.share()).max(self.units.share());
        (share > 0.8).then_some(share.min(1.8))
    }
}

const WRITES: &str = "WriteLimitExceeded";
const UNITS: &str = "ResourceUnitLimitExceeded";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sliding_window_forgets_what_is_older_than_itself() {
        let mut meter = Meter::new(2, Duration::from_secs(10), Window::Sliding, 0);
        assert!(meter.take(1.0, 0).is_ok() && meter.take(1.0, 4_000).is_ok());
        assert_eq!(meter.take(1.0, 5_000), Err(5_000.0), "room when the first one leaves");
        assert!(meter.take(1.0, 10_000).is_err(), "the refused one counts");
        assert!(meter.take(1.0, 20_000).is_ok());
    }

    #[test]
    fn a_bucket_fills_evenly() {
        let mut meter = Meter::new(10, Duration::from_secs(10), Window::TokenBucket, 0);
        (0..10).for_each(|_| assert!(meter.take(1.0, 0).is_ok()));
        assert_eq!(meter.take(1.0, 0), Err(1_000.0));
        assert!(meter.take(1.0, 1_000).is_ok());
    }

    #[test]
    fn a_budget_of_nothing_lets_nothing_in() {
        for reading in [Window::Sliding, Window::TokenBucket] {
            let mut meter = Meter::new(0, Duration::from_secs(10), reading, 0);
            assert_eq!(meter.take(1.0, 0), Err(10_000.0));
        }
    }

    #[test]
    fn the_budget_that_is_used_up_is_named() {
        let budget = Budget { writes: 2, tenant_writes: 3, resource_units: 100, ..Budget::default() };
        let mut meters = Meters::new(&budget, 0);
        assert_eq!(meters.warning(), None);
        assert!(meters.take(true, 1, 0).is_ok() && meters.take(true, 1, 0).is_ok());
        assert_eq!(meters.warning(), Some(1.0));
        let exceeded = meters.take(true, 1, 0).unwrap_err();
        assert_eq!((exceeded.information, exceeded.scope), ("WriteLimitExceeded", "Tenant_Application"));
        assert!(meters.take(false, 97, 0).is_ok(), "reads have units left");
        assert_eq!(meters.take(false, 1, 0).unwrap_err().information, "ResourceUnitLimitExceeded");
    }
}
