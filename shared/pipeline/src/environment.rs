//! The ports that every step shares, in one bundle.

use ports::{Blobs, Clock, Entropy, Queue, Table};
use record::Secret;

/// What a step runs on. Sources and targets are separate arguments: few steps have one.
pub trait Environment: Send + Sync {
    /// Small items.
    type Table: Table;
    /// Messages.
    type Queue: Queue;
    /// Large objects.
    type Blobs: Blobs;
    /// Time.
    type Clock: Clock;
    /// Randomness.
    type Entropy: Entropy;

    /// Small items.
    fn table(&self) -> &Self::Table;
    /// Messages.
    fn queue(&self) -> &Self::Queue;
    /// Large objects.
    fn blobs(&self) -> &Self::Blobs;
    /// Time.
    fn clock(&self) -> &Self::Clock;
    /// Randomness.
    fn entropy(&self) -> &Self::Entropy;
    /// The stack's secret for hashes.
    fn secret(&self) -> &Secret;
}

/// The plain bundle.
pub struct Ports<T, Q, B, C, E> {
    /// Small items.
    pub table: T,
    /// Messages.
    pub queue: Q,
    /// Large objects.
    pub blobs: B,
    /// Time.
    pub clock: C,
    /// Randomness.
    pub entropy: E,
    /// The stack's secret for hashes.
    pub secret: Secret,
}

impl<T: Table, Q: Queue, B: Blobs, C: Clock, E: Entropy> Environment for Ports<T, Q, B, C, E> {
    type Table = T;
    type Queue = Q;
    type Blobs = B;
    type Clock = C;
    type Entropy = E;

    fn table(&self) -> &T {
        &self.table
    }

    fn queue(&self) -> &Q {
        &self.queue
    }

    fn blobs(&self) -> &B {
        &self.blobs
    }

    fn clock(&self) -> &C {
        &self.clock
    }

    fn entropy(&self) -> &E {
        &self.entropy
    }

    fn secret(&self) -> &Secret {
        &self.secret
    }
}
