//! What can go wrong between a request and its reply.

use jiff::Timestamp;
use ports::WriteAction;
use std::collections::BTreeMap;

/// What one request meets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It is applied, but the reply is unknown.
    LostReply,
    /// It never arrives; the reply is unknown.
    Dropped,
    /// The reply is unknown, and it is applied after so many further requests, at the latest when its life ends.
    Late(u64),
    /// Not applied; slow down.
    Throttled,
    /// Applied all the same; slow down.
    ThrottledApplied,
    /// Not applied: the target refuses it with this code.
    Refused(&'static str),
    /// Not applied: a permission is missing, with this code.
    Denied(&'static str),
    /// From this request on the target is down until [`crate::FakeTarget::set_down`] says otherwise.
    Down,
    /// Not applied, and the reply says that a value is taken although nobody has it.
    LyingTaken,
}

#[derive(Debug, Default)]
pub(super) struct Faults {
    pub(super) down: bool,
    /// Requests met so far.
    met: u64,
    scripted: BTreeMap<u64, Fault>,
    late: Vec<Late>,
}

#[derive(Debug)]
struct Late {
    action: WriteAction,
    due: u64,
    life_ends: Timestamp,
}

impl Faults {
    pub(super) fn script(&mut self, n: u64, fault: Fault) {
        self.scripted.insert(self.met + n.max(1), fault);
    }

    /// What the next request meets.
    pub(super) fn next(&mut self) -> Option<Fault> {
        self.met += 1;
        let fault = self.scripted.remove(&self.met);
        self.down |= fault == Some(Fault::Down);
        if self.down { Some(Fault::Down) } else { fault }
    }

    pub(super) fn delay(&mut self, action: WriteAction, due: u64, life_ends: Timestamp) {
        self.late.push(Late { action, due, life_ends });
    }

    pub(super) fn take_due(&mut self, received: u64, now: Timestamp) -> Vec<WriteAction> {
        let due = self.late.extract_if(.., |late| late.due <= received || late.life_ends <= now);
        due.map(|late| late.action).collect()
    }

    pub(super) fn take_late(&mut self) -> Vec<WriteAction> {
        self.late.drain(..).map(|late| late.action).collect()
    }
}
