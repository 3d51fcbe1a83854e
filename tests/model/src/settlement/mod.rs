//! The barrier before the judgement, and the settlement after the writes: what a cycle's item may go through.

mod bounded;

pub use bounded::{Choice, Fate, Hand, Scenario, World};

use std::collections::BTreeSet;

/// How far a cycle is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Phase {
    /// Its source is read and its batches are planned.
    #[default]
    Planning,
    /// What was released is written.
    Writing,
    /// It is over.
    Settled,
}

/// A cycle's item.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Cycle {
    /// How far it is.
    pub phase: Phase,
    /// How many batches there are, once the read is at its end.
    pub expected: Option<u64>,
    /// Batches that are planned.
    pub planned: BTreeSet<u64>,
    /// How many of them have released changes.
    pub to_write: u64,
    /// They stand where the writer finds them.
    pub released: bool,
    /// Those that are written.
    pub written: BTreeSet<u64>,
    /// How often it settled.
    pub settled: u64,
}

/// One step of a cycle's item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// The read is at its end: so many batches.
    Expect(u64),
    /// A batch is planned.
    Plan(u64),
    /// All are planned: the whole plan is judged, and so many batches have something to write.
    Judge(u64),
    /// The writer finds them.
    Release,
    /// A batch is written.
    Write(u64),
    /// The manifest and the watermark move.
    Settle,
}

/// A part of the settlement that can be left out, to see that it is needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Safeguard {
    /// The plan is judged only when every batch is planned.
    Barrier,
    /// A cycle settles only when every released batch is written.
    WrittenFirst,
    /// Steps are made on condition of the state before.
    StepCondition,
    /// The manifest takes the hash of final records only.
    FinalOnly,
    /// What is held is not written.
    Hold,
}

/// Why a step is not allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "each message says what it is")]
pub enum Refused {
    #[error("a batch is planned, or the read ends, after the plan was judged")]
    JudgedAlready,
    #[error("the plan is judged before every batch is planned, or once more")]
    NotAllPlanned,
    #[error("what is not judged is released or written")]
    NotJudged,
    #[error("the cycle settles before every released batch is written, or once more")]
    NotAllWritten,
}

impl Cycle {
    /// Takes one step. After an error the item is as it was.
    pub fn apply(&mut self, without: Option<Safeguard>, action: &Action) -> Result<(), Refused> {
        let has = |safeguard| without != Some(safeguard);
        let is = |phase| self.phase == phase || !has(Safeguard::StepCondition);
        match *action {
            Action::Expect(batches) if is(Phase::Planning) => self.expected = Some(batches),
            Action::Plan(batch) if is(Phase::Planning) => drop(self.planned.insert(batch)),
            Action::Expect(_) | Action::Plan(_) => return Err(Refused::JudgedAlready),
            Action::Judge(to_write) => {
                let all = self.expected == Some(self.planned.len() as u64) || !has(Safeguard::Barrier);
                if !is(Phase::Planning) || !all {
                    return Err(Refused::NotAllPlanned);
                }
                self.phase = Phase::Writing;
                self.to_write = to_write;
            }
            Action::Release if self.phase != Phase::Planning => self.released = true,
            Action::Write(batch) if self.phase != Phase::Planning => drop(self.written.insert(batch)),
            Action::Release | Action::Write(_) => return Err(Refused::NotJudged),
            Action::Settle => {
                let all = self.released && self.written.len() as u64 >= self.to_write;
                if !is(Phase::Writing) || (!all && has(Safeguard::WrittenFirst)) {
                    return Err(Refused::NotAllWritten);
                }
                self.phase = Phase::Settled;
                self.settled += 1;
            }
        }
        Ok(())
    }
}
