//! The points at which the process may end, or a call may fail: before and after the effect of every call.

use crate::locked;
use ports::PortError;
use std::sync::{Arc, Mutex};

/// What one call meets although the process goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// It fails as something that may pass. At the point before its effect nothing happened, at the one after it all did.
    Failed,
    /// Its first reply was lost and the client sent it once more: the caller hears what is said to the second one. Only
    /// single writes of the table meet this, at the point after their effect; a transaction has a token that makes it one.
    Resent,
}

/// Counts the points passed and, when armed, ends the process at one of them. A clone is the same counter.
#[derive(Clone, Debug, Default)]
pub struct Crash(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    passed: u64,
    fatal: Option<u64>,
    dead: bool,
    flaw: Option<(u64, Flaw)>,
}

impl Crash {
    /// The process ends at the `n`-th point from now, counted from 1: that call and every later one of every port
    /// fails, without effect, until [`Crash::disarm`].
    pub fn arm(&self, n: u64) {
        let mut state = locked(&self.0);
        state.fatal = Some(state.passed + n.max(1));
        state.dead = false;
    }

    /// The call at the `n`-th point from now, counted from 1, meets this; the process goes on.
    pub fn spoil(&self, n: u64, flaw: Flaw) {
        let mut state = locked(&self.0);
        state.flaw = Some((state.passed + n.max(1), flaw));
    }

    /// Whether a call is still to meet what [`Crash::spoil`] said, and it is told to forget it.
    pub fn forget_flaw(&self) -> bool {
        locked(&self.0).flaw.take().is_some()
    }

    /// Whether a call is still to meet what [`Crash::spoil`] said.
    pub fn has_flaw(&self) -> bool {
        locked(&self.0).flaw.is_some()
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
        if state.flaw == Some((next, Flaw::Failed)) {
            state.flaw = None;
            return Err(PortError::Transient { what: "no reply came", retry_after: None, source: None });
        }
        Ok(())
    }

    /// Whether the call between its points is sent once more; told once.
    pub(crate) fn is_resent(&self) -> bool {
        let mut state = locked(&self.0);
        let is_here = state.flaw == Some((state.passed + 1, Flaw::Resent));
        if is_here {
            state.flaw = None;
        }
        is_here
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

    #[test]
    fn one_call_fails_and_the_process_goes_on() {
        let crash = Crash::default();
        for (point, expected) in [(1, 1), (2, 2)] {
            crash.spoil(point, Flaw::Failed);
            let mut effects = 0;
            let mut call = || {
                crash.around(|| {
                    effects += 1;
                    Ok(())
                })
            };
            assert!(call().is_err_and(|error| error.is_transient()));
            assert!(call().is_ok());
            assert_eq!((effects, crash.is_dead(), crash.has_flaw()), (expected, false, false), "at point {point}");
        }
    }
}
