//! What must always hold, and what must stay possible.

use super::{Scenario, World};
use crate::protocol::RecordId;

/// When all is done, accounts show the newest statement.
pub const DIVERGENCE: &str = "no divergence";
/// No record has two accounts.
pub const DOUBLE: &str = "no double account";
/// When all is done, each account that we made has its link.
pub const ORPHAN: &str = "no orphan";
/// A link points at the account that was made for its record.
pub const WRONG: &str = "no foreign account";
/// Nobody is enabled by a statement older than the one that disabled them.
pub const REVIVED: &str = "no leaver comes back";
/// No two requests for one record may land.
pub const IN_FLIGHT: &str = "one request in flight";
/// The world in which every record shows its newest statement is reached.
pub const REACHED: &str = "the goal is reached";

impl Scenario {
    /// Whether the store takes everything for done: nothing would happen any more by itself.
    pub fn is_settled(&self, world: &World) -> bool {
        let all_planned = self.people.iter().zip(self.records()).all(|(person, record)| {
            let first = if person.linked { 2 } else { 1 };
            (first..=self.newest(record)).all(|version| world.planned.contains(&(record, version)))
        });
        all_planned
            && world.work.is_empty()
            && world.tasks.is_empty()
            && world.protocol.requests.is_empty()
            && self.records().all(|record| self.is_believed(world, record))
    }

    /// Whether the link says that the account shows the newest statement.
    fn is_believed(&self, world: &World, record: RecordId) -> bool {
        let content = self.statement(record, self.newest(record)).map(|statement| statement.content.map(Some));
        world.protocol.links.get(&record).map(|link| link.marks.map(|mark| mark.value)) == content
    }

    /// Whether everybody's account shows what it should, as the only one.
    pub fn is_goal(&self, world: &World) -> bool {
        self.is_settled(world) && self.converged(world) && self.no_double(world) && self.no_orphan(world)
    }

    pub(super) fn converged(&self, world: &World) -> bool {
        !self.is_settled(world)
            || self.records().all(|record| {
                let account =
                    world.protocol.links.get(&record).and_then(|link| world.protocol.accounts.get(link.account));
                let newest = self.statement(record, self.newest(record));
                account.map(|account| account.content) == newest.map(|statement| statement.content)
            })
    }

    pub(super) fn no_double(&self, world: &World) -> bool {
        self.records().all(|record| {
            world.protocol.accounts.iter().filter(|account| account.made_for == Some(record)).count() <= 1
        })
    }

    pub(super) fn no_orphan(&self, world: &World) -> bool {
        !self.is_settled(world)
            || world.protocol.accounts.iter().enumerate().all(|(at, account)| {
                account
                    .made_for
                    .is_none_or(|record| world.protocol.links.get(&record).is_some_and(|one| one.account == at))
            })
    }
}

pub(super) fn no_wrong(world: &World) -> bool {
    world.protocol.links.iter().all(|(record, link)| {
        world.protocol.accounts.get(link.account).is_some_and(|account| account.made_for == Some(*record))
    })
}

pub(super) fn no_revived(world: &World) -> bool {
    world.protocol.accounts.iter().all(|account| !account.revived)
}
