//! Schedules: the same event again and again.

use std::sync::Arc;

use tokio::time::{Instant, MissedTickBehavior, interval_at};

use crate::Schedule;
use crate::stop::Stopping;

use super::function::Function;

/// Invokes the function once a period until the stack stops, the first time after one period. A run that takes longer
/// than its period swallows the firings meanwhile; a failed one is not repeated before its time.
pub(crate) async fn fire(function: Arc<Function>, schedule: Schedule, mut stop: Stopping) {
    let mut ticks = interval_at(Instant::now() + schedule.every, schedule.every);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
    loop {
        tokio::select! {
            _ = ticks.tick() => {}
            () = stop.heard() => return,
        }
        // The function counts its failures; nobody waits for this answer.
        let _ = function.invoke(&schedule.payload).await;
    }
}
