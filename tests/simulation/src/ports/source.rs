//! The HR system.

use crate::world::View;
use fakes::run_ready;
use ports::{Page, PortError, Reading, Source};
use record::RecordKey;

/// The HR system as one invocation reads it.
#[derive(Clone)]
pub struct SimSource {
    /// The invocation's view.
    pub view: View,
}

impl SimSource {
    async fn asked<T: Send>(&self, mut answer: impl FnMut() -> Result<T, PortError> + Send) -> Result<T, PortError> {
        self.view.travel().await;
        let fails = {
            let mut core = self.view.shared.core();
            let share = core.faults.failed_source;
            core.fires("failed source", share)
        };
        let answered =
            if fails { Err(PortError::transient("the source did not answer", "simulated")) } else { answer() };
        self.view.travel().await;
        answered
    }
}

impl Source for SimSource {
    async fn read(&self, reading: &Reading, cursor: Option<&str>) -> Result<Page, PortError> {
        let outside = &self.view.shared.outside;
        self.asked(|| run_ready(outside.source.read(reading, cursor))).await
    }

    async fn read_one(&self, key: &RecordKey) -> Result<Page, PortError> {
        let outside = &self.view.shared.outside;
        self.asked(|| run_ready(outside.source.read_one(key))).await
    }
}
