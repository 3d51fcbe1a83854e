//! Requests under way to the target: what becomes of each is decided when it is sent.

use crate::faults::Bug;
use crate::trace;
use crate::world::{Core, Due, Instant, SECOND};
use ports::{Reply, WriteRequest};
use std::collections::BTreeMap;
use std::time::Duration;

/// A request may take effect for so long after it was sent.
pub const LIFE: Instant = 10 * SECOND;
/// A client waits no longer for a reply.
const PATIENCE: Instant = 8 * SECOND;
/// What a throttled reply asks for.
pub const THROTTLE_WAIT: Duration = Duration::from_secs(3);

/// A request that was sent.
#[derive(Clone, Debug)]
pub struct Sent {
    /// Who sent it.
    pub invocation: u64,
    /// What it asks for.
    pub request: WriteRequest,
    /// What the client hears whatever happens, `None`: what the target says.
    pub hears: Option<Reply>,
    /// What the target said.
    pub said: Option<Reply>,
}

/// All requests that may still take effect or be heard of.
#[derive(Debug, Default)]
pub struct Requests {
    /// By their number.
    pub sent: BTreeMap<u64, Sent>,
    last: u64,
}

impl Core {
    /// Sends a request; its number, and when the client hears of it.
    pub fn send(&mut self, invocation: u64, request: WriteRequest) -> (u64, Instant) {
        self.requests.last += 1;
        let id = self.requests.last;
        let (now, lands_at) = (self.now, self.now + self.chance.between(20_000, 400_000));
        let soon = lands_at + self.chance.between(5_000, 50_000);
        let silence = if self.chance.is(500) { now + PATIENCE } else { soon };
        let throttled = || Some(Reply::Throttled(THROTTLE_WAIT));
        let faults = self.faults.clone();
        let (lands, hears, heard_at) = if self.fires("dropped", faults.dropped) {
            (None, Some(Reply::Unknown), silence)
        } else if self.fires("unanswered", faults.unanswered) {
            (Some(lands_at), Some(Reply::Unknown), silence)
        } else if self.fires("late", faults.late) {
            let given_up = now + self.chance.between(100_000, PATIENCE);
            (Some(self.chance.between(given_up, now + LIFE - 1)), Some(Reply::Unknown), given_up)
        } else if self.fires("throttled", faults.throttled) {
            (None, throttled(), soon)
        } else if self.fires("throttled but applied", faults.throttled_applied) {
            (Some(lands_at), throttled(), soon)
        } else {
            (Some(lands_at), None, soon)
        };
        let sent = Sent { invocation, request, hears, said: None };
        self.history.sent(now, id, &sent);
        self.requests.sent.insert(id, sent);
        if let Some(at) = lands {
            self.at(at, Due::Land(id));
        }
        (id, heard_at)
    }

    /// What the client hears of a request.
    pub fn heard(&mut self, id: u64) -> Reply {
        let Some(sent) = self.requests.sent.get(&id) else { return Reply::Unknown };
        let reply = sent.hears.clone().or_else(|| sent.said.clone()).unwrap_or(Reply::Unknown);
        let heard = trace::of_reply(self.now, id, &reply);
        self.history.events.push(heard);
        match reply {
            Reply::Unknown if self.bug == Some(Bug::SilenceIsRefusal) => Reply::Refused { code: "NoAnswer".to_owned() },
            reply => reply,
        }
    }
}
