//! The bill, as the table itself writes it.

use aws_sdk_dynamodb::types::ConsumedCapacity;
use std::sync::{Arc, Mutex, PoisonError};

/// What was consumed.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Units {
    /// Read units.
    pub read: f64,
    /// Write units, transactions included.
    pub write: f64,
    /// Requests that were answered.
    pub requests: u64,
}

/// Adds up; a clone adds to the same sums.
#[derive(Clone, Debug, Default)]
pub(crate) struct Meter(Arc<Mutex<Units>>);

impl Meter {
    pub(crate) fn units(&self) -> Units {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn read(&self, consumed: &[ConsumedCapacity]) {
        self.add(|units| units.read += total(consumed));
    }

    pub(crate) fn write(&self, consumed: &[ConsumedCapacity]) {
        self.add(|units| units.write += total(consumed));
    }

    fn add(&self, change: impl FnOnce(&mut Units)) {
        let mut units = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        units.requests += 1;
        change(&mut units);
    }
}

fn total(consumed: &[ConsumedCapacity]) -> f64 {
    consumed.iter().filter_map(ConsumedCapacity::capacity_units).sum()
}
