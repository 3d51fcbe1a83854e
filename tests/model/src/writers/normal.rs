//! Worlds that differ only in what no longer matters are one: time is counted from now, and what is over is forgotten.

use super::{Scenario, World};
use crate::protocol::Time;

impl Scenario {
    pub(super) fn normalise(&self, world: &mut World) {
        let timing = self.timing;
        let state = &mut world.protocol;
        let now = std::mem::take(&mut state.now);
        let ended = |sent_at: Time| sent_at + timing.life <= 0;
        for request in state.requests.values_mut() {
            request.sent_at -= now;
        }
        // What was not heard of by now never will be, and can no longer land.
        state.requests.retain(|_, request| !(request.heard && (request.said.is_some() || ended(request.sent_at))));
        for account in &mut state.accounts {
            account.made_at = (account.made_at - now).max(-timing.lag);
        }
        // A lease that is over for the clock that is behind the most is over for everybody.
        state.lease.until = state.lease.until.map(|until| until - now).filter(|until| *until > -timing.skew);
        for writer in state.writers.values_mut() {
            // A lease that can no longer be sent under is as good as one that has just ended.
            writer.until = writer.until.map(|until| (until - now).max(writer.ahead));
            for until in writer.unanswered.values_mut() {
                *until -= now;
            }
            let clock = writer.ahead;
            writer.unanswered.retain(|_, until| *until > clock);
        }
    }
}
