//! A cycle with messages that come twice, steps that a crash ends half-way, and a manifest, as a model that stateright explores.

use super::{Action, Cycle, Phase, Safeguard};
use stateright::{Model, Property};
use std::collections::BTreeSet;

/// What becomes of a record's change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Fate {
    /// It is written.
    Done,
    /// It is written, or fails for good: both are tried.
    Unsure,
    /// A guard holds it.
    Held,
    /// Nothing is needed.
    Nothing,
}

/// A bounded cycle: the fates of the records of each batch.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// Batches.
    pub batches: Vec<Vec<Fate>>,
    /// How often an invocation may die.
    pub deaths: u8,
    /// What is left out.
    pub without: Option<Safeguard>,
}

/// What an invocation is at; each step of it may be its last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Hand {
    /// Nothing.
    Idle,
    /// It marked a batch planned, or the read ended: it saw that all are planned.
    Judging,
    /// It judged: it puts out the work, batch by batch.
    PuttingOut(u64),
    /// It writes a batch: this record is next.
    Writing(u64, usize),
    /// It saw that all is written: it has read these outcomes, and moves the manifest.
    Settling(u64),
}

/// A cycle and everything around it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct World {
    /// The cycle's item.
    pub cycle: Cycle,
    /// Two invocations side by side.
    pub hands: [Hand; 2],
    /// Work that the writer finds.
    pub ready: BTreeSet<u64>,
    /// Records whose outcome is known: done, or failed for good.
    pub outcomes: [BTreeSet<(u64, usize)>; 2],
    /// Records whose new hash the manifest has.
    pub manifest: BTreeSet<(u64, usize)>,
    /// Records in the open set.
    pub open: BTreeSet<(u64, usize)>,
    /// Deaths so far.
    pub deaths: u8,
}

/// One thing that may happen: of a hand, or a message that comes (again).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each choice says what it is")]
pub enum Choice {
    ReadEnds(usize),
    Planned(usize, u64),
    Resumed(usize),
    Judge(usize),
    PutOut(usize),
    Take(usize, u64),
    WriteOne(usize, bool),
    FinishBatch(usize),
    Settle(usize),
    Die(usize),
}

impl Scenario {
    fn fate(&self, batch: u64, at: usize) -> Option<Fate> {
        self.batches.get(usize::try_from(batch).ok()?)?.get(at).copied()
    }

    fn is_released(&self, batch: u64) -> bool {
        let records = usize::try_from(batch).ok().and_then(|at| self.batches.get(at));
        records.is_some_and(|records| records.iter().any(|fate| self.is_written(*fate)))
    }

    /// Without the hold, what is held is written like the rest.
    fn is_written(&self, fate: Fate) -> bool {
        matches!(fate, Fate::Done | Fate::Unsure) || (fate == Fate::Held && self.without == Some(Safeguard::Hold))
    }

    fn numbers(&self) -> impl Iterator<Item = u64> + use<> {
        0..self.batches.len() as u64
    }

    fn records(&self) -> impl Iterator<Item = (u64, usize, Fate)> {
        self.numbers()
            .zip(&self.batches)
            .flat_map(|(batch, records)| records.iter().enumerate().map(move |(at, fate)| (batch, at, *fate)))
    }

    fn seen(&self, world: &World) -> Hand {
        let cycle = &world.cycle;
        let is_written = cycle.released && cycle.written.len() as u64 >= cycle.to_write;
        let early = self.without == Some(Safeguard::WrittenFirst);
        match cycle.phase {
            Phase::Planning if cycle.expected == Some(cycle.planned.len() as u64) => Hand::Judging,
            Phase::Planning if self.without == Some(Safeguard::Barrier) => Hand::Judging,
            Phase::Writing if !cycle.released => Hand::PuttingOut(0),
            Phase::Writing if is_written || early => Hand::Settling(cycle.settled),
            _ => Hand::Idle,
        }
    }

    fn make(&self, world: &mut World, choice: Choice) -> Option<()> {
        let without = self.without;
        match choice {
            Choice::ReadEnds(hand) => {
                world.cycle.apply(without, &Action::Expect(self.batches.len() as u64)).ok()?;
                world.hands[hand] = self.seen(world);
            }
            Choice::Planned(hand, batch) => {
                world.cycle.apply(without, &Action::Plan(batch)).ok()?;
                world.hands[hand] = self.seen(world);
            }
            Choice::Resumed(hand) => world.hands[hand] = self.seen(world),
            Choice::Judge(hand) => {
                let to_write = self.numbers().filter(|batch| self.is_released(*batch)).count() as u64;
                // Whoever comes second finds it judged, and goes on from there.
                let _ = world.cycle.apply(without, &Action::Judge(to_write));
                world.hands[hand] = if world.cycle.released { Hand::Idle } else { Hand::PuttingOut(0) };
            }
            Choice::PutOut(hand) => {
                let Hand::PuttingOut(batch) = world.hands[hand] else { return None };
                if batch < self.batches.len() as u64 {
                    if self.is_released(batch) && !world.cycle.written.contains(&batch) {
                        world.ready.insert(batch);
                    }
                    world.hands[hand] = Hand::PuttingOut(batch + 1);
                } else {
                    world.cycle.apply(without, &Action::Release).ok()?;
                    world.hands[hand] = self.seen(world);
                }
            }
            Choice::Take(hand, batch) => world.hands[hand] = Hand::Writing(batch, 0),
            Choice::WriteOne(hand, is_done) => {
                let Hand::Writing(batch, at) = world.hands[hand] else { return None };
                let fate = self.fate(batch, at)?;
                let is_known = world.outcomes.iter().any(|known| known.contains(&(batch, at)));
                if self.is_written(fate) && !is_known {
                    world.outcomes[usize::from(!is_done)].insert((batch, at));
                }
                if !is_done && fate != Fate::Unsure {
                    return None;
                }
                world.hands[hand] = Hand::Writing(batch, at + 1);
            }
            Choice::FinishBatch(hand) => {
                let Hand::Writing(batch, at) = world.hands[hand] else { return None };
                if self.fate(batch, at).is_some() {
                    return None;
                }
                if !world.cycle.written.contains(&batch) {
                    world.cycle.apply(without, &Action::Write(batch)).ok()?;
                    return Some(());
                }
                // The work goes last: until then a redelivery finds it and ends what a crash left half done.
                let seen = self.seen(world);
                if seen == Hand::Idle || !matches!(seen, Hand::Settling(_)) {
                    world.ready.remove(&batch);
                    world.hands[hand] = Hand::Idle;
                } else {
                    world.hands[hand] = seen;
                }
            }
            Choice::Settle(hand) => {
                self.settle(world);
                world.hands[hand] = Hand::Idle;
            }
            Choice::Die(hand) => {
                world.hands[hand] = Hand::Idle;
                world.deaths += 1;
            }
        }
        Some(())
    }

    /// The open set first, then the one conditional step with the manifest.
    fn settle(&self, world: &mut World) {
        let is_final =
            |batch: u64, at: usize, fate: Fate| fate == Fate::Nothing || world.outcomes[0].contains(&(batch, at));
        let all: Vec<(u64, usize, bool)> =
            self.records().map(|(batch, at, fate)| (batch, at, is_final(batch, at, fate))).collect();
        if world.cycle.apply(self.without, &Action::Settle).is_err() {
            return;
        }
        for (batch, at, is_final) in all {
            if is_final || self.without == Some(Safeguard::FinalOnly) {
                world.manifest.insert((batch, at));
            }
            if !is_final {
                world.open.insert((batch, at));
            }
        }
    }

    /// Whether the cycle is over and every record is either in the manifest or in the open set.
    pub fn is_goal(&self, world: &World) -> bool {
        world.cycle.settled == 1
            && self
                .records()
                .all(|(batch, at, _)| world.manifest.contains(&(batch, at)) != world.open.contains(&(batch, at)))
    }
}

impl Model for Scenario {
    type State = World;
    type Action = Choice;

    fn init_states(&self) -> Vec<World> {
        vec![World {
            cycle: Cycle::default(),
            hands: [Hand::Idle; 2],
            ready: BTreeSet::new(),
            outcomes: [BTreeSet::new(), BTreeSet::new()],
            manifest: BTreeSet::new(),
            open: BTreeSet::new(),
            deaths: 0,
        }]
    }

    fn actions(&self, world: &World, choices: &mut Vec<Choice>) {
        for hand in 0..2 {
            match world.hands[hand] {
                Hand::Idle => {
                    choices.extend([Choice::ReadEnds(hand), Choice::Resumed(hand)]);
                    choices.extend(self.numbers().map(|batch| Choice::Planned(hand, batch)));
                    choices.extend(world.ready.iter().map(|batch| Choice::Take(hand, *batch)));
                }
                Hand::Judging => choices.push(Choice::Judge(hand)),
                Hand::PuttingOut(_) => choices.push(Choice::PutOut(hand)),
                Hand::Writing(..) => {
                    choices.extend([true, false].map(|is_done| Choice::WriteOne(hand, is_done)));
                    choices.push(Choice::FinishBatch(hand));
                }
                Hand::Settling(_) => choices.push(Choice::Settle(hand)),
            }
            if world.hands[hand] != Hand::Idle && world.deaths < self.deaths {
                choices.push(Choice::Die(hand));
            }
        }
    }

    fn next_state(&self, world: &World, choice: Choice) -> Option<World> {
        let mut after = world.clone();
        self.make(&mut after, choice)?;
        (after != *world).then_some(after)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always("settles at most once", |_, world: &World| world.cycle.settled <= 1),
            Property::always("settles after every batch is planned and written", |model, world: &World| {
                world.cycle.settled == 0
                    || model.records().all(|(batch, at, fate)| {
                        world.cycle.planned.contains(&batch)
                            && (!matches!(fate, Fate::Done | Fate::Unsure)
                                || world.outcomes.iter().any(|known| known.contains(&(batch, at))))
                    })
            }),
            Property::always("the manifest hides nothing that is not final", |model, world: &World| {
                model.records().all(|(batch, at, fate)| {
                    !world.manifest.contains(&(batch, at))
                        || fate == Fate::Nothing
                        || world.outcomes[0].contains(&(batch, at))
                })
            }),
            Property::always("what is held is not written", |model, world: &World| {
                model.records().all(|(batch, at, fate)| {
                    fate != Fate::Held || !world.outcomes.iter().any(|known| known.contains(&(batch, at)))
                })
            }),
            Property::sometimes("the cycle settles", Self::is_goal),
        ]
    }
}
