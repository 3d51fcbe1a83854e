//! One piece of released work, and what one try at it found out.

use crate::Job;
use crate::blob::{Outcome, Phase, paths};
use crate::judge::is_held;
use crate::state::{Cycle, Ready};
use jiff::Timestamp;
use planning::{Change, Decision, Plan, Reason};
use record::RecordId;
use std::collections::{BTreeMap, BTreeSet};

/// How the work on one piece ended.
pub(crate) enum BatchEnd {
    /// Everything in it is final.
    Finished,
    /// Something is to be tried again later.
    Later,
    /// The invocation's time is up.
    OutOfTime,
    /// The target takes nothing from anybody.
    Paused {
        /// Until when.
        until: Timestamp,
        /// Why.
        why: String,
    },
}

/// What comes after one try at one half of a piece.
pub(super) enum Next {
    /// Nothing now.
    End(BatchEnd),
    /// The other half, at once.
    References(Ready),
}

/// What one try at a piece of work found out.
#[derive(Default)]
pub(crate) struct Progress {
    /// Final outcomes by record; `None` is done.
    pub outcomes: BTreeMap<RecordId, Outcome>,
    /// Changes that are to be tried again, and not before when.
    pub later: BTreeMap<RecordId, Timestamp>,
    pub(super) out_of_time: bool,
    /// The target refused everybody: its code.
    pub(super) denied: Option<String>,
    /// The target did not answer a whole group.
    pub(super) down: bool,
}

impl Progress {
    pub fn done(&mut self, record: RecordId, anchor: Option<record::Anchor>) {
        self.outcomes.insert(record, Outcome { record, anchor, reason: None });
    }

    /// One reference of several is done: another one's failure stands.
    pub fn done_unless_failed(&mut self, record: RecordId, anchor: record::Anchor) {
        self.outcomes.entry(record).or_insert(Outcome { record, anchor: Some(anchor), reason: None });
    }

    /// Everything of a group that has no outcome yet is to be tried again.
    pub fn put_off(&mut self, records: impl Iterator<Item = RecordId>, at: Timestamp) {
        for record in records {
            if !self.outcomes.contains_key(&record) {
                self.later.entry(record).or_insert(at);
            }
        }
    }

    /// Takes back what was found out about a record of which something is still to be done.
    pub fn not_yet(&mut self, record: RecordId) {
        if self.outcomes.get(&record).is_some_and(|outcome| outcome.reason.is_none()) {
            self.outcomes.remove(&record);
        }
    }

    pub fn fail(&mut self, record: RecordId, reason: Reason) {
        self.outcomes.insert(record, Outcome { record, anchor: None, reason: Some(reason) });
    }
}

/// One piece of work with what belongs to it.
pub(crate) struct Work<'p> {
    pub job: &'p Job<'p>,
    pub ready: &'p Ready,
    /// As what it stands in the table; `None`: it stands with the lease only, and so does its cycle.
    pub(super) stands: Option<&'p Ready>,
    pub cycle: &'p Cycle,
    pub plan: &'p Plan,
    pub(super) base: String,
    /// After an approval: the records that are still held by what was approved. The others were decided anew since.
    pub(super) still_held: BTreeSet<RecordId>,
}

impl<'p> Work<'p> {
    /// The changes of this piece: those that no guard holds, or, after an approval, those that one did and still does.
    pub(super) fn changes(&self) -> impl Iterator<Item = (&'p Decision, &'p Change)> + use<'_, 'p> {
        let ready = self.ready;
        self.plan.changes().filter(move |(decision, change)| {
            is_held(change, &ready.kinds) == ready.approved
                && (!ready.approved || self.still_held.contains(&decision.record))
        })
    }

    /// Its name among all pieces of a target: whatever a piece creates, it always creates under the same name.
    pub(super) fn piece(&self) -> String {
        format!("{}/{}/{}", self.job.name, self.cycle.number, self.ready.batch)
    }

    pub(super) fn outcomes_path(&self, phase: Phase, attempt: u32) -> String {
        paths::outcomes(&self.base, self.ready.batch, phase, self.ready.approved, attempt)
    }
}
