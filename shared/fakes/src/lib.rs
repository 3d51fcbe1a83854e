//! In-memory stand-ins for every port, with crash points. Futures are ready at once, so no runtime is needed.
//!
//! The fakes are strict: what the real thing refuses, they refuse. The contract suite in `tests/it` runs the same
//! checks on them and on the adapters. They are a development dependency only.

mod blobs;
mod clock;
mod crash;
mod queue;
mod server;
mod source;
mod table;
mod target;
mod throttle;

pub use blobs::FakeBlobs;
pub use clock::{FakeClock, FakeEntropy};
pub use crash::{Crash, Flaw};
pub use queue::{FakeQueue, Receipt};
pub use server::{Answer, ScriptedServer};
pub use source::FakeSource;
pub use table::{FakeTable, Snapshot, Units};
pub use target::{Counts, FakeTarget, Fault, graph_like_schema};
pub use throttle::Throttle;

use jiff::Timestamp;
use record::{Record, TargetSchema};
use std::pin::pin;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

/// Everything outside, in memory. A clone is the same world.
#[derive(Clone, Debug)]
pub struct World {
    /// The state.
    pub table: FakeTable,
    /// The messages.
    pub queue: FakeQueue,
    /// The objects.
    pub blobs: FakeBlobs,
    /// The time: 2026-01-05T06:00:00Z until it is set or somebody waits.
    pub clock: FakeClock,
    /// Randomness that repeats with its seed.
    pub entropy: FakeEntropy,
    /// Where the process may end.
    pub faults: Crash,
}

impl World {
    /// An empty world.
    pub fn new(seed: u64) -> Self {
        let faults = Crash::default();
        let clock = FakeClock::at(Timestamp::from_second(1_767_592_800).expect("a year that exists"));
        Self {
            table: FakeTable::new(faults.clone()),
            queue: FakeQueue::new(faults.clone(), clock.clone()),
            blobs: FakeBlobs::new(faults.clone()),
            clock,
            entropy: FakeEntropy::seeded(seed),
            faults,
        }
    }

    /// A source that has these records, under the crash points of this world.
    pub fn source(&self, records: Vec<Record>) -> FakeSource {
        FakeSource::new(self.faults.clone(), records)
    }

    /// An empty target of this kind, under the crash points and the clock of this world.
    pub fn target(&self, schema: &'static TargetSchema) -> FakeTarget {
        FakeTarget::new(self.faults.clone(), self.clock.clone(), schema)
    }
}

/// The outcome of a future that never waits, as all futures over the fakes.
///
/// # Panics
/// If the future waits for something.
pub fn run_ready<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("this future waits for something outside the fakes"),
    }
}

/// A test that panicked while it held the lock must not hide its message behind those of others.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// An error of the caller: it would fail on the real thing too.
fn refused(what: &'static str) -> ports::PortError {
    ports::PortError::Permanent { what, source: None }
}
