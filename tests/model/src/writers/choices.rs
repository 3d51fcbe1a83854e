//! Everything that may happen next.

use super::{Design, Scenario, Step, Work, World};
use crate::protocol::{Answer, Name, Owner, RecordId, RequestId, Safeguard, Version, WriterId};

/// One thing that may happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each choice's parameters say what they are")]
pub enum Choice {
    /// Time goes on by one tick.
    Pass,
    /// A message about a statement is planned; `name` is what it reserves.
    Plan { record: RecordId, version: Version, name: Option<Name> },
    /// A writer takes the lease.
    Take { writer: WriterId },
    /// It renews it.
    Renew { writer: WriterId },
    /// It gives it back.
    Release { writer: WriterId },
    /// It dies; another invocation takes its place.
    Die { writer: WriterId },
    /// It reads a link and begins a piece of work.
    Begin { writer: WriterId, work: Work },
    /// It reads a link and sees that nothing is to be done any more.
    Drop { writer: WriterId, work: Work },
    /// It looks for the record's account; whether each index shows what is new.
    Look { writer: WriterId, stamps: bool, names: bool },
    /// It notes in the link that a change is under way.
    Claim { writer: WriterId },
    /// It sends the request.
    Send { writer: WriterId },
    /// A request takes effect.
    Land { request: RequestId },
    /// A writer hears of a request.
    Hear { writer: WriterId, request: RequestId, answer: Answer },
    /// It notes what was done.
    Record { writer: WriterId },
    /// It notes that it does not know; `escrow`: it gives up on this piece of work.
    Unsure { writer: WriterId, escrow: bool },
    /// It gives the name up.
    GiveUp { writer: WriterId },
}

impl Scenario {
    /// What may happen next. Some of it the protocol will refuse.
    pub fn choices(&self, world: &World, choices: &mut Vec<Choice>) {
        choices.push(Choice::Pass);
        self.plans(world, choices);
        for (id, request) in &world.protocol.requests {
            if request.said.is_none() {
                choices.push(Choice::Land { request: *id });
            }
        }
        for (writer, knows) in &world.protocol.writers {
            let writer = *writer;
            if world.spent.deaths < self.troubles.deaths {
                choices.push(Choice::Die { writer });
            }
            if self.design.is_leased() {
                if knows.until.is_none() {
                    choices.push(Choice::Take { writer });
                } else {
                    choices.push(Choice::Renew { writer });
                }
            }
            match world.tasks.get(&writer) {
                Some(task) => self.goes_on(world, writer, task.step, choices),
                None if knows.until.is_some() || !self.design.is_leased() => {
                    if self.design.is_leased() {
                        choices.push(Choice::Release { writer });
                    }
                    for work in &world.work {
                        choices.push(Choice::Begin { writer, work: *work });
                        choices.push(Choice::Drop { writer, work: *work });
                    }
                }
                None => {}
            }
        }
    }

    fn goes_on(&self, world: &World, writer: WriterId, step: Step, choices: &mut Vec<Choice>) {
        match step {
            Step::Open => {
                self.looks(world, writer, choices);
                choices.extend([Choice::Claim { writer }, Choice::Send { writer }]);
            }
            Step::Cleared | Step::Claimed => choices.push(Choice::Send { writer }),
            Step::Waiting(request) => {
                if let Some(answer) = world.protocol.requests.get(&request).and_then(|request| request.said) {
                    choices.push(Choice::Hear { writer, request, answer });
                }
                if world.spent.unsure < self.troubles.unsure {
                    for answer in [Answer::Throttled, Answer::Unknown] {
                        choices.push(Choice::Hear { writer, request, answer });
                    }
                }
            }
            Step::Heard(Answer::Throttled | Answer::Unknown) => {
                choices.extend([false, true].map(|escrow| Choice::Unsure { writer, escrow }));
            }
            Step::Heard(Answer::Taken) => self.looks(world, writer, choices),
            Step::Heard(_) | Step::Ours(..) => choices.push(Choice::Record { writer }),
            Step::Theirs => choices.push(Choice::GiveUp { writer }),
        }
    }

    /// An index that lags may or may not show what is new.
    fn looks(&self, world: &World, writer: WriterId, choices: &mut Vec<Choice>) {
        let state = &world.protocol;
        let is_new = |made_at| state.now < made_at + self.timing.lag;
        let lags = state.accounts.iter().any(|account| is_new(account.made_at));
        for (stamps, names) in [(true, true), (false, true), (true, false), (false, false)] {
            if lags || (stamps && names) {
                choices.push(Choice::Look { writer, stamps, names });
            }
        }
    }

    /// Each statement is planned once at some time and in any order; the newest again whenever nothing else will bring it
    /// about (the next read sees it), and any other a bounded number of times.
    fn plans(&self, world: &World, choices: &mut Vec<Choice>) {
        for record in self.records() {
            let newest = self.newest(record);
            let first =
                if self.people.get(usize::try_from(record.0).unwrap_or(usize::MAX)).is_some_and(|one| one.linked) {
                    2
                } else {
                    1
                };
            for version in first..=newest {
                let is_planned = world.planned.contains(&(record, version));
                let waits = world.work.iter().any(|work| work.record == record && work.version == version);
                let looks_again = version == newest && self.design.is_leased();
                let may = !is_planned || (!waits && (looks_again || world.spent.again < self.troubles.again));
                if may {
                    self.names_for(world, record, version, choices);
                }
            }
        }
    }

    fn names_for(&self, world: &World, record: RecordId, version: Version, choices: &mut Vec<Choice>) {
        let state = &world.protocol;
        let Some(statement) = self.statement(record, version) else { return };
        if state.links.contains_key(&record) {
            choices.push(Choice::Plan { record, version, name: None });
            return;
        }
        if self.design == Design::NextNameOnConflict {
            choices.push(Choice::Plan { record, version, name: statement.names.first().copied() });
            return;
        }
        let rules = self.rules();
        let mine = |name: &&Name| state.names.get(name) == Some(&Owner::Record(record));
        if rules.has(Safeguard::NameKept)
            && let Some(name) = state.names.keys().find(mine)
        {
            choices.push(Choice::Plan { record, version, name: Some(*name) });
            return;
        }
        for name in &statement.names {
            match state.names.get(name) {
                Some(Owner::Foreign) => continue,
                // Without the condition, two that looked at the same time may both find a name free.
                Some(Owner::Record(owner)) if *owner != record => {
                    if !rules.has(Safeguard::ReservationCondition) {
                        choices.push(Choice::Plan { record, version, name: Some(*name) });
                    }
                    continue;
                }
                _ => choices.push(Choice::Plan { record, version, name: Some(*name) }),
            }
            return;
        }
    }
}
