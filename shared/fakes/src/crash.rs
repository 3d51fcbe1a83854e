//! The points at which the process may end: before and after the effect of every call.

use crate::locked;
use ports::PortError;
use std::sync::{Arc, Mutex};

/// Counts the points passed and, when armed, ends the process at one of them. A clone is the same counter.
#[derive(Clone, Debug, Default)]
pub struct Crash(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    passed: u64,
    fatal: Option<u64>,
    dead: bool,
}

impl Crash {
    /// The process ends at the `n`-th point from now, counted from 1: that call and every later one of every port
    /// fails, without effect, until [`Crash::disarm`].
    pub fn arm(&self, n: u64) {
        let mut state = locked(&self.0);
        state.fatal = Some(state.passed + n.max(1));
        state.dead = false;
    }

    /// The next process starts: calls work again.
    pub fn disarm(&self) {
        let mut state = locked(&self.0);
        state.fatal = None;
        state.dead = false;
    }

    /// How many points were passed alive.
    pub fn count(&self) -> u64 {
        locked(&self.0).passed
    }

    /// Whether the process has ended.
    pub fn is_dead(&self) -> bool {
        locked(&self.0).dead
    }

    /// Passes one point, or ends here.
    pub fn pass(&self) -> Result<(), PortError> {
        let mut state = locked(&self.0);
        let next = state.passed + 1;
        if state.dead || state.fatal.is_some_and(|fatal| next >= fatal) {
            state.dead = true;
            return Err(PortError::Transient { what: "the process has ended", retry_after: None, source: None });
        }
        state.passed = next;
        Ok(())
    }

    /// Carries out one call between its two points. A call that fails by itself has no second point.
    pub(crate) fn around<T>(&self, effect: impl FnOnce() -> Result<T, PortError>) -> Result<T, PortError> {
        self.pass()?;
        let done = effect()?;
        self.pass()?;
        Ok(done)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn after_the_fatal_point_nothing_works_until_disarmed() {
        let crash = Crash::default();
        assert!(crash.around(|| Ok(())).is_ok());
        crash.arm(2);
        let mut effects = 0;
        for _ in 0..3 {
            let call = crash.around(|| {
                effects += 1;
                Ok(())
            });
            assert!(call.is_err_and(|error| error.is_transient()));
        }
        assert_eq!((effects, crash.count(), crash.is_dead()), (1, 3, true), "the effect of the first call stands");
        crash.disarm();
        assert!(crash.around(|| Ok(())).is_ok());
        assert_eq!(crash.count(), 5);
    }
}
