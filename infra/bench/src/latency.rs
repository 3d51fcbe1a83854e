//! How long the outside takes in the model: the assumptions of the floors, drawn from the seed.

use crate::clock::{Seeded, SimulatedClock};
use ports::Clock;
use std::time::Duration;

/// From and to, evenly drawn.
type Span = (Duration, Duration);

/// The modelled latencies.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Latencies {
    /// One request to the table.
    pub table: Span,
    /// One request that sends messages.
    pub queue: Span,
    /// From sending a message to its function's start.
    pub delivery: Span,
    /// One request to the blobs.
    pub blobs: Span,
    /// One request to the target.
    pub target: Span,
    /// One page of the source.
    pub source: Span,
}

const fn milliseconds(least: u64, most: u64) -> Span {
    (Duration::from_millis(least), Duration::from_millis(most))
}

impl Latencies {
    /// Those of the report.
    pub const MODELLED: Self = Self {
        table: milliseconds(3, 7),
        queue: milliseconds(5, 15),
        delivery: milliseconds(10, 50),
        blobs: milliseconds(15, 45),
        target: milliseconds(150, 500),
        source: milliseconds(15, 45),
    };
    /// For what is measured in real time.
    pub const NONE: Self = Self {
        table: milliseconds(0, 0),
        queue: milliseconds(0, 0),
        delivery: milliseconds(0, 0),
        blobs: milliseconds(0, 0),
        target: milliseconds(0, 0),
        source: milliseconds(0, 0),
    };
}

/// What every metered port needs.
#[derive(Clone, Debug)]
pub(crate) struct Model {
    pub clock: SimulatedClock,
    pub latencies: Latencies,
    dice: Seeded,
}

impl Model {
    pub fn new(clock: SimulatedClock, latencies: Latencies, seed: u64) -> Self {
        Self { clock, latencies, dice: Seeded::new(seed) }
    }

    /// A draw of one of the latencies.
    pub fn draw(&self, of: impl Fn(&Latencies) -> Span) -> Duration {
        self.dice.between(of(&self.latencies))
    }

    /// A request is on its way: its effect happens at the end of the wait.
    pub async fn wait(&self, of: impl Fn(&Latencies) -> Span) {
        self.clock.sleep(self.draw(of)).await;
    }
}
