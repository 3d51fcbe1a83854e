//! A scenario as a model that stateright explores.

use super::checks::{self, no_revived, no_wrong};
use super::steps::first_link;
use super::{Choice, Scenario, Troubles, World};
use crate::protocol::{Account, RecordId, State, Writer, WriterId};
use stateright::{Model, Property};
use std::collections::{BTreeMap, BTreeSet};

impl Scenario {
    /// The world at the beginning.
    pub fn world(&self) -> World {
        let mut protocol = State::default();
        for (id, ahead) in (0..).zip(&self.clocks) {
            protocol.writers.insert(WriterId(id), Writer { ahead: *ahead, ..Writer::default() });
        }
        for name in &self.foreign {
            protocol.accounts.push(self.account(*name, None, [1, 0]));
        }
        for (person, record) in self.people.iter().zip(self.records()) {
            let Some(first) = person.statements.first().filter(|_| person.linked) else { continue };
            let name = first.names.first().copied().unwrap_or(crate::protocol::Name(1_000 + record.0));
            protocol.links.insert(record, first_link(protocol.accounts.len(), first.content));
            protocol.accounts.push(self.account(name, Some(record), first.content));
        }
        let cycle = self.people.iter().map(|person| person.statements.len() as u64).max().unwrap_or_default();
        World {
            protocol,
            work: BTreeSet::new(),
            tasks: BTreeMap::new(),
            planned: BTreeSet::new(),
            cycle,
            spent: Troubles::default(),
        }
    }

    fn account(&self, name: crate::protocol::Name, record: Option<RecordId>, content: [u8; 2]) -> Account {
        let made_at = -self.timing.lag;
        Account { name, stamp: record, made_for: record, content, by: [1; 2], made_at, revived: false }
    }
}

impl Model for Scenario {
    type State = World;
    type Action = Choice;

    fn init_states(&self) -> Vec<World> {
        vec![self.world()]
    }

    fn actions(&self, world: &World, choices: &mut Vec<Choice>) {
        self.choices(world, choices);
    }

    fn next_state(&self, world: &World, choice: Choice) -> Option<World> {
        self.after(world, &choice).filter(|after| after != world)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always(checks::DIVERGENCE, Self::converged),
            Property::always(checks::DOUBLE, Self::no_double),
            Property::always(checks::ORPHAN, Self::no_orphan),
            Property::always(checks::WRONG, |_, world| no_wrong(world)),
            Property::always(checks::REVIVED, |_, world| no_revived(world)),
            Property::always(checks::IN_FLIGHT, |model: &Self, world: &World| {
                let rules = model.rules();
                model.records().all(|record| world.protocol.under_way(&rules, record) <= 1)
            }),
            Property::sometimes(checks::REACHED, Self::is_goal),
        ]
    }
}
