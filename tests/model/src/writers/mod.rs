//! Programs that write, on top of the [`crate::protocol`]: what a writer reads, in which order it acts, and what it makes of an answer.
//! A [`Scenario`] bounds a world of a few writers and records, in which everything is tried that can happen.

mod bounded;
mod checks;
mod choices;
mod decide;
mod normal;
mod steps;

pub use checks::{DIVERGENCE, DOUBLE, IN_FLIGHT, ORPHAN, REACHED, REVIVED, WRONG};
pub use choices::Choice;

use crate::protocol::{Answer, Content, Link, Name, RecordId, RequestId, Rules, Safeguard, Sets, State, Time, Timing};
use crate::protocol::{Version, WriterId};
use std::collections::{BTreeMap, BTreeSet};

/// How a writer goes about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Design {
    /// Every message is written as it comes.
    LastWriterWins,
    /// The stored version is looked at, then written, then stored.
    CheckVersionThenWrite,
    /// The version is stored first, then written.
    ClaimThenWrite,
    /// The lease; but a name that is taken makes it try the next one.
    NextNameOnConflict,
    /// One writer holds the lease, names are reserved, accounts are adopted by their stamp.
    LeaseWithDrain,
}

impl Design {
    /// Whether it needs the lease.
    pub fn is_leased(self) -> bool {
        matches!(self, Self::NextNameOnConflict | Self::LeaseWithDrain)
    }
}

/// One statement of the source about a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// What its account is to show.
    pub content: Content,
    /// Names for it, the preferred one first.
    pub names: Vec<Name>,
}

/// A record and everything that is ever stated about it, oldest first. Versions count from 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// The statements.
    pub statements: Vec<Statement>,
    /// It has an account from the beginning, which shows the first statement.
    pub linked: bool,
}

/// How often each kind of trouble may happen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Troubles {
    /// Invocations that die.
    pub deaths: u8,
    /// Answers that are lost, come too late, or say "wait" whatever was done.
    pub unsure: u8,
    /// Statements that are planned once more from an old message.
    pub again: u8,
}

/// A bounded world.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// How writers go about it.
    pub design: Design,
    /// What is left out of the protocol.
    pub without: Option<Safeguard>,
    /// Lengths of time.
    pub timing: Timing,
    /// By how much the clock of each writer is ahead, never behind the first.
    pub clocks: Vec<Time>,
    /// Who is stated.
    pub people: Vec<Person>,
    /// Names of accounts that are none of ours.
    pub foreign: Vec<Name>,
    /// What may go wrong how often.
    pub troubles: Troubles,
}

impl Scenario {
    /// The protocol that it runs under.
    pub fn rules(&self) -> Rules {
        let without = if self.design == Design::LastWriterWins { Some(Safeguard::LinkCondition) } else { self.without };
        Rules { timing: self.timing, leased: self.design.is_leased(), without }
    }

    /// A person's statement.
    pub fn statement(&self, record: RecordId, version: Version) -> Option<&Statement> {
        let person = self.people.get(usize::try_from(record.0).ok()?)?;
        person.statements.get(usize::try_from(version).ok()?.checked_sub(1)?)
    }

    /// The number of a person's newest statement.
    pub fn newest(&self, record: RecordId) -> Version {
        let person = usize::try_from(record.0).ok().and_then(|at| self.people.get(at));
        person.map_or(0, |person| person.statements.len() as Version)
    }

    /// All records.
    pub fn records(&self) -> impl Iterator<Item = RecordId> + use<> {
        (0..self.people.len() as u64).map(RecordId)
    }
}

/// A planned change that is released.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Work {
    /// Which record.
    pub record: RecordId,
    /// The statement that it was planned from.
    pub version: Version,
    /// The cycle that planned it.
    pub cycle: u64,
    /// The version of the link that it was built on; 0: there was none.
    pub base: u64,
    /// The name of the account to make, if there is to be one.
    pub name: Option<Name>,
    /// What to set.
    pub sets: Sets,
}

/// How far a writer is with a piece of work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Step {
    /// The link was read.
    Open,
    /// No account with the record's stamp was seen.
    Cleared,
    /// The link says that the change is under way.
    Claimed,
    /// A request was sent.
    Waiting(RequestId),
    /// It was answered.
    Heard(Answer),
    /// An account with the record's stamp was seen, which shows this.
    Ours(usize, Content),
    /// The name is somebody else's.
    Theirs,
}

/// What a writer is at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Task {
    /// The piece of work.
    pub work: Work,
    /// The link as it was when the work began, or as this writer left it since.
    pub link: Option<Link>,
    /// How far it is.
    pub step: Step,
}

/// Everything that matters for what may happen next.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct World {
    /// Store, target, writers and requests.
    pub protocol: State,
    /// Released work.
    pub work: BTreeSet<Work>,
    /// What writers are at.
    pub tasks: BTreeMap<WriterId, Task>,
    /// Statements that were planned at least once.
    pub planned: BTreeSet<(RecordId, Version)>,
    /// The last cycle's number.
    pub cycle: u64,
    /// What went wrong so far.
    pub spent: Troubles,
}
