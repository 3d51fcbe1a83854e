//! The true state, its journal, and the replica that reads may see later.

use super::faults::Dice;
use super::journal::Journal;
use super::state::{Change, Kind, State};
use serde_json::{Map, Value};
use std::collections::VecDeque;
use std::io::{Error, ErrorKind, Result};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

pub(super) struct Directory {
    truth: State,
    replica: Option<State>,
    pending: VecDeque<Arc<Change>>,
    journal: Journal,
    lag_ms: u64,
}

impl Directory {
    pub fn open(path: Option<&Path>, lag: Duration) -> Result<Self> {
        let (journal, entries) = Journal::open(path)?;
        let lag_ms = u64::try_from(lag.as_millis()).unwrap_or(u64::MAX);
        let replica = (lag_ms > 0).then(State::default);
        let mut directory = Self { truth: State::default(), replica, pending: VecDeque::new(), journal, lag_ms };
        for entry in &entries {
            let damaged =
                || Error::new(ErrorKind::InvalidData, "the simulator's state file has an entry of an unknown kind");
            directory.settle_with(&Arc::new(Change::from_entry(entry).ok_or_else(damaged)?));
        }
        Ok(directory)
    }

    /// What writes are checked against.
    pub fn truth(&self) -> &State {
        &self.truth
    }

    /// What reads see.
    pub fn view(&self) -> &State {
        self.replica.as_ref().unwrap_or(&self.truth)
    }

    /// Carries a change out, once it stands in the journal.
    pub fn commit(&mut self, at: u64, kind: Kind, id: &str, fields: Map<String, Value>) -> Result<()> {
        let change = self.journaled(at, kind, id, fields)?;
        self.truth.apply(&change);
        if self.replica.is_some() {
            self.pending.push_back(change);
        }
        Ok(())
    }

    /// Puts a user there as if it had always been: replicas have it too.
    pub fn seed(&mut self, at: u64, id: &str, fields: Map<String, Value>) -> Result<()> {
        let change = self.journaled(at, Kind::Set, id, fields)?;
        self.settle_with(&change);
        Ok(())
    }

    /// Lets the replica catch up with what is older than its lag.
    pub fn settle(&mut self, now: u64) {
        let Some(replica) = &mut self.replica else { return };
        while let Some(change) = self.pending.pop_front_if(|change| change.at.saturating_add(self.lag_ms) <= now) {
            replica.apply(&change);
        }
    }

    /// Ends the time in the recycle bin of those whose days are over.
    pub fn purge_overdue(&mut self, now: u64) -> Result<()> {
        for id in self.truth.overdue(now) {
            self.commit(now, Kind::Purged, &id, Map::new())?;
        }
        Ok(())
    }

    /// An id that nobody has.
    pub fn new_id(&self, dice: &mut Dice) -> String {
        loop {
            let id = dice.id();
            if !self.truth.has_id(&id) {
                return id;
            }
        }
    }

    pub fn changes(&self) -> usize {
        self.truth.touches().len()
    }

    fn journaled(&mut self, at: u64, kind: Kind, id: &str, fields: Map<String, Value>) -> Result<Arc<Change>> {
        let change = Change { at, kind, id: id.to_owned(), fields };
        self.journal.append(&change.to_entry())?;
        Ok(Arc::new(change))
    }

    fn settle_with(&mut self, change: &Arc<Change>) {
        self.truth.apply(change);
        if let Some(replica) = &mut self.replica {
            replica.apply(change);
        }
    }
}
