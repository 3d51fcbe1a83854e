//! The ports as one invocation has them: each call takes time, may fail on the way there or back, and may be the last.

mod blobs;
mod queue;
mod source;
mod table;
mod target;

pub use blobs::SimBlobs;
pub use queue::SimQueue;
pub use source::SimSource;
pub use table::SimTable;
pub use target::SimTarget;

use crate::world::View;
use fakes::FakeEntropy;
use jiff::Timestamp;
use pipeline::Ports;
use ports::{Clock, PortError};
use record::Secret;
use std::time::Duration;

/// Everything that an invocation runs on.
pub type SimPorts = Ports<SimTable, SimQueue, SimBlobs, SimClock, FakeEntropy>;

/// The ports of one invocation.
pub fn ports_of(view: &View, entropy: FakeEntropy) -> SimPorts {
    Ports {
        table: SimTable::new(view.clone()),
        queue: SimQueue { view: view.clone() },
        blobs: SimBlobs { view: view.clone() },
        clock: SimClock { view: view.clone() },
        entropy,
        secret: secret(),
    }
}

/// The stack's secret.
pub fn secret() -> Secret {
    Secret::new(b"of a simulated stack")
}

/// The clock of one invocation.
#[derive(Clone)]
pub struct SimClock {
    view: View,
}

impl Clock for SimClock {
    fn now(&self) -> Timestamp {
        self.view.time_of_day()
    }

    async fn sleep(&self, duration: Duration) {
        self.view.pause(u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)).await;
    }
}

/// What becomes of a call on its way.
enum Fate {
    Arrives,
    IsLost,
    ReplyIsLost,
    IsRepeated,
}

impl View {
    fn fate(&self, conditional: bool) -> Fate {
        let mut core = self.shared.core();
        let faults = core.faults.clone();
        if core.fires("lost call", faults.lost_call) {
            Fate::IsLost
        } else if core.fires("lost reply", faults.lost_reply) {
            Fate::ReplyIsLost
        } else if conditional && core.fires("repeated call", faults.repeated_call) {
            Fate::IsRepeated
        } else {
            Fate::Arrives
        }
    }

    /// Carries out one call between its way there and its way back. `effect` is run once, or twice where a client that
    /// heard nothing repeats it.
    async fn call<T: Send>(
        &self,
        conditional: bool,
        mut effect: impl FnMut() -> Result<T, PortError> + Send,
    ) -> Result<T, PortError> {
        self.travel().await;
        let fate = self.fate(conditional);
        let done = match fate {
            Fate::IsLost => Err(PortError::transient("the call did not arrive", "simulated")),
            Fate::Arrives => effect(),
            Fate::ReplyIsLost => {
                drop(effect());
                Err(PortError::transient("the reply did not arrive", "simulated"))
            }
            Fate::IsRepeated => {
                drop(effect());
                effect()
            }
        };
        self.travel().await;
        done
    }
}
