//! A store that refuses calls because there are too many of them.

use crate::locked;
use ports::PortError;
use std::sync::{Arc, Mutex};

/// Refuses a share of the calls, or all of them from some call on. A clone is the same throttle. Nothing of a refused call
/// takes effect.
#[derive(Clone, Debug, Default)]
pub struct Throttle(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    percent: u64,
    /// Calls that still pass before all are refused.
    passes: Option<u64>,
    drawn: u64,
    refused: u64,
}

impl Throttle {
    /// Refuses so many of a hundred calls, drawn from a fixed row.
    pub fn refuse(&self, percent: u64) {
        let mut state = locked(&self.0);
        state.percent = percent;
        state.passes = None;
    }

    /// Lets so many calls pass and refuses all the others.
    pub fn refuse_all_after(&self, calls: u64) {
        locked(&self.0).passes = Some(calls);
    }

    /// Everything passes again.
    pub fn end(&self) {
        let mut state = locked(&self.0);
        state.percent = 0;
        state.passes = None;
    }

    /// How many calls were refused.
    pub fn refused(&self) -> u64 {
        locked(&self.0).refused
    }

    /// Passes one call or refuses it.
    pub(crate) fn pass(&self) -> Result<(), PortError> {
        let mut state = locked(&self.0);
        // Numerical Recipes' generator: the same row in every run.
        state.drawn = state.drawn.wrapping_mul(1_664_525).wrapping_add(1_013_904_223) % (1 << 32);
        let share = (state.drawn >> 16) % 100 < state.percent;
        let over = match &mut state.passes {
            Some(0) => true,
            Some(left) => {
                *left -= 1;
                false
            }
            None => false,
        };
        if share || over {
            state.refused += 1;
            return Err(PortError::Transient { what: "the store is throttled", retry_after: None, source: None });
        }
        Ok(())
    }
}
