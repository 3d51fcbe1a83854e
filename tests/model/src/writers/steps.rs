//! One choice carried out: the protocol is asked, and the writer goes on.

use super::decide::{Standing, is_under_way};
use super::{Choice, Design, Scenario, Step, Task, Work, World};
use crate::protocol::{
    Action, Answer, Asks, Link, Mark, Name, RecordId, Refused, RequestId, Rules, Safeguard, Version, WriterId,
};

impl Scenario {
    /// The world after a choice; `None` where it cannot be made.
    pub fn after(&self, world: &World, choice: &Choice) -> Option<World> {
        let mut after = world.clone();
        self.make(&mut after, choice)?;
        self.normalise(&mut after);
        Some(after)
    }

    fn make(&self, world: &mut World, choice: &Choice) -> Option<()> {
        let rules = self.rules();
        let writes_link = match *choice {
            Choice::Drop { writer, .. }
            | Choice::Claim { writer }
            | Choice::Record { writer }
            | Choice::Unsure { writer, .. } => Some(writer),
            _ => None,
        };
        if let Some(writer) = writes_link.filter(|writer| !world.is_in_time(&rules, *writer)) {
            return world.stops(&rules, writer);
        }
        let state = &mut world.protocol;
        match *choice {
            Choice::Pass => {
                // Whoever waits for an answer hears something before the life of a request is over.
                let last = |at| state.now + 1 >= at + rules.timing.life;
                if state.requests.values().any(|request| !request.heard && last(request.sent_at)) {
                    return None;
                }
                state.apply(&rules, &Action::Pass { by: 1 }).ok()
            }
            Choice::Plan { record, version, name } => self.plan(world, &rules, record, version, name),
            Choice::Take { writer } => {
                let until = state.clock(writer)? + rules.timing.lease;
                state.apply(&rules, &Action::Take { writer, until }).ok()
            }
            Choice::Renew { writer } => {
                let until = state.clock(writer)? + rules.timing.lease;
                match state.apply(&rules, &Action::Renew { writer, until }) {
                    Err(Refused::NotTheHolder) => world.stops(&rules, writer),
                    other => other.ok(),
                }
            }
            Choice::Release { writer } => {
                let until = if rules.has(Safeguard::Drain) { state.drained(&rules, writer) } else { None };
                state.apply(&rules, &Action::Release { writer, until }).ok()
            }
            Choice::Die { writer } => {
                let ahead = state.writers.get(&writer)?.ahead;
                state.apply(&rules, &Action::Die { writer }).ok()?;
                world.tasks.remove(&writer);
                world.spent.deaths += 1;
                state.apply(&rules, &Action::Join { writer, ahead }).ok()
            }
            Choice::Land { request } => state.apply(&rules, &Action::Land { request }).ok(),
            Choice::Begin { writer, work } => self.begin(world, &rules, writer, work),
            Choice::Drop { writer: _, work } => self.drop_work(world, &rules, work),
            Choice::Look { writer, stamps, names } => self.look(world, &rules, writer, stamps, names),
            Choice::Claim { writer } => self.claim(world, &rules, writer),
            Choice::Send { writer } => self.send(world, &rules, writer),
            Choice::Hear { writer, request, answer } => hear(world, &rules, writer, request, answer),
            Choice::Record { writer } => self.record(world, &rules, writer),
            Choice::Unsure { writer, escrow } => self.unsure(world, &rules, writer, escrow),
            Choice::GiveUp { writer } => {
                let work = world.tasks.remove(&writer)?.work;
                world.work.remove(&work);
                // A name that is no longer the record's stays as it is.
                let _ = state.apply(&rules, &Action::GiveUp { name: work.name?, record: work.record });
                Some(())
            }
        }
    }

    /// What `transform` does: the difference between the statement and what the link knows.
    fn plan(
        &self,
        world: &mut World,
        rules: &Rules,
        record: RecordId,
        version: Version,
        name: Option<Name>,
    ) -> Option<()> {
        let content = self.statement(record, version)?.content;
        let is_first = world.planned.insert((record, version));
        if !is_first && version != self.newest(record) {
            world.spent.again += 1;
        }
        let link = world.protocol.links.get(&record).copied();
        let cycle = if is_first { version } else { world.cycle + 1 };
        let mut sets = content.map(Some);
        if let Some(link) = &link {
            if self.design.is_leased() && link.read_in > version {
                return is_first.then_some(());
            }
            for (set, mark) in sets.iter_mut().zip(link.marks) {
                if self.design.is_leased() && mark.value == *set {
                    *set = None;
                }
            }
            if sets == [None, None] {
                return is_first.then_some(());
            }
        } else {
            let name = name?;
            if self.design == Design::LeaseWithDrain {
                world.protocol.apply(rules, &Action::Reserve { name, record }).ok()?;
            }
        }
        world.cycle = world.cycle.max(cycle);
        world.work.insert(Work { record, version, cycle, base: link.map_or(0, |link| link.version), name, sets });
        Some(())
    }

    fn begin(&self, world: &mut World, rules: &Rules, writer: WriterId, work: Work) -> Option<()> {
        let link = world.protocol.links.get(&work.record).copied();
        let clock = world.protocol.clock(writer)?;
        let unanswered = world.protocol.writers.get(&writer)?.unanswered.get(&work.record);
        let is_busy = unanswered.is_some_and(|until| *until > clock) && rules.has(Safeguard::OneInFlight);
        let mine = |task: &Task| task.work == work;
        if is_busy
            || self.standing(&work, link.as_ref()) != Standing::Open
            || world.tasks.get(&writer).is_some_and(mine)
        {
            return None;
        }
        let later = |other: &&Work| other.record == work.record && other.version > work.version;
        if rules.leased
            && rules.has(Safeguard::LatestFirst)
            && world.work.iter().filter(later).any(|later| self.standing(later, link.as_ref()) == Standing::Open)
        {
            return None;
        }
        world.tasks.insert(writer, Task { work, link, step: Step::Open });
        Some(())
    }

    fn drop_work(&self, world: &mut World, rules: &Rules, work: Work) -> Option<()> {
        let link = world.protocol.links.get(&work.record).copied();
        match self.standing(&work, link.as_ref()) {
            Standing::Open => return None,
            Standing::Over => {}
            Standing::Superseded => {
                if let Some(later) = link.and_then(|link| self.distrusted(&work, &link)) {
                    let before = later.version - 1;
                    world.protocol.apply(rules, &Action::PutLink { record: work.record, before, link: later }).ok()?;
                }
            }
        }
        world.work.remove(&work).then_some(())
    }

    /// Before a create, and after one whose name is taken: is there an account of ours, or somebody else's?
    fn look(&self, world: &mut World, rules: &Rules, writer: WriterId, stamps: bool, names: bool) -> Option<()> {
        let task = world.tasks.get_mut(&writer)?;
        let name = task.work.name.filter(|_| task.link.is_none())?;
        let state = &world.protocol;
        let old = |made_at| state.now >= made_at + rules.timing.lag;
        let all = || state.accounts.iter().enumerate();
        let by_stamp = all().find(|(_, one)| one.stamp == Some(task.work.record) && (stamps || old(one.made_at)));
        if let Some((at, one)) = by_stamp {
            task.step = Step::Ours(at, one.content);
            return Some(());
        }
        if task.step == Step::Open {
            task.step = Step::Cleared;
            return Some(());
        }
        if self.design == Design::NextNameOnConflict {
            let candidates = &self.people.get(usize::try_from(task.work.record.0).ok()?)?.statements;
            let candidates = &candidates.get(usize::try_from(task.work.version).ok()?.checked_sub(1)?)?.names;
            let at = candidates.iter().position(|one| *one == name)?;
            task.work.name = Some(*candidates.get(at + 1)?);
            task.step = Step::Cleared;
            return Some(());
        }
        match all().find(|(_, one)| one.name == name && (names || old(one.made_at))) {
            Some((at, one)) if one.stamp == Some(task.work.record) || !rules.has(Safeguard::Stamp) => {
                task.step = Step::Ours(at, one.content);
            }
            Some(_) => task.step = Step::Theirs,
            // Taken, and nobody has it: later.
            None => drop(world.tasks.remove(&writer)),
        }
        Some(())
    }

    fn claim(&self, world: &mut World, rules: &Rules, writer: WriterId) -> Option<()> {
        let task = world.tasks.get_mut(&writer)?;
        let stands = task.link.filter(|_| self.claims(task))?;
        let link = self.link_under_way(task, &stands, false);
        let put = Action::PutLink { record: task.work.record, before: stands.version, link };
        if world.protocol.apply(rules, &put).is_err() {
            // Somebody else changed it: what is to be done is seen anew.
            world.tasks.remove(&writer);
            return Some(());
        }
        task.link = Some(link);
        task.step = Step::Claimed;
        Some(())
    }

    fn send(&self, world: &mut World, rules: &Rules, writer: WriterId) -> Option<()> {
        let task = world.tasks.get_mut(&writer)?;
        let asks = match &task.link {
            Some(link) => Asks::Update { account: link.account, sets: task.work.sets },
            None => Asks::Create {
                name: task.work.name?,
                stamped: rules.has(Safeguard::Stamp),
                content: task.work.sets.map(Option::unwrap_or_default),
            },
        };
        if task.step == Step::Open && (task.link.is_none() || self.claims(task)) {
            return None;
        }
        let request = (0..=world.protocol.requests.len() as u64)
            .map(RequestId)
            .find(|id| !world.protocol.requests.contains_key(id))?;
        let (record, version) = (task.work.record, task.work.version);
        world.protocol.apply(rules, &Action::Send { writer, request, record, version, asks }).ok()?;
        task.step = Step::Waiting(request);
        Some(())
    }

    /// What was done, or found, goes into the link; if that is no longer what this was built on, it is seen anew.
    fn record(&self, world: &mut World, rules: &Rules, writer: WriterId) -> Option<()> {
        let task = world.tasks.remove(&writer)?;
        let link = match task.step {
            Step::Heard(Answer::Done(account)) => self.link_after(&task, account, None),
            Step::Ours(account, shown) => self.link_after(&task, account, Some(shown)),
            _ => return None,
        };
        let before = self.before(&task);
        let put = world.protocol.apply(rules, &Action::PutLink { record: task.work.record, before, link });
        if self.design == Design::LastWriterWins && put.is_ok() {
            world.work.remove(&task.work);
        }
        Some(())
    }

    fn unsure(&self, world: &mut World, rules: &Rules, writer: WriterId, escrow: bool) -> Option<()> {
        let task = world.tasks.remove(&writer)?;
        if !self.design.is_leased() {
            return (!escrow).then_some(());
        }
        if let Some(stands) = task.link.filter(|_| rules.has(Safeguard::UnsureNoted)) {
            let link: Link = self.link_under_way(&task, &stands, true);
            let before = if is_under_way(&task.work, &stands) { stands.version } else { self.before(&task) };
            let _ = world.protocol.apply(rules, &Action::PutLink { record: task.work.record, before, link });
        }
        if escrow {
            world.work.remove(&task.work);
        }
        Some(())
    }
}

impl World {
    /// Whether a writer's own clock says that nobody else can have the lease.
    fn is_in_time(&self, rules: &Rules, writer: WriterId) -> bool {
        let until = self.protocol.writers.get(&writer).and_then(|knows| knows.until);
        let clock = self.protocol.clock(writer).unwrap_or_default();
        !rules.leased
            || !rules.has(Safeguard::RecordInTime)
            || until.is_some_and(|until| clock + rules.timing.skew < until)
    }

    /// A writer that sees that its lease is over ends; another invocation takes its place.
    fn stops(&mut self, rules: &Rules, writer: WriterId) -> Option<()> {
        if self.tasks.get(&writer).is_some_and(|task| matches!(task.step, Step::Waiting(_))) {
            return None;
        }
        self.tasks.remove(&writer);
        let ahead = self.protocol.writers.get(&writer)?.ahead;
        self.protocol.apply(rules, &Action::Die { writer }).ok()?;
        self.protocol.apply(rules, &Action::Join { writer, ahead }).ok()
    }
}

fn hear(world: &mut World, rules: &Rules, writer: WriterId, request: RequestId, answer: Answer) -> Option<()> {
    let refused: Result<(), Refused> = world.protocol.apply(rules, &Action::Hear { request, answer });
    refused.ok()?;
    if matches!(answer, Answer::Throttled | Answer::Unknown) {
        world.spent.unsure += 1;
    }
    world.tasks.get_mut(&writer)?.step = Step::Heard(answer);
    Some(())
}

/// The link of a record that has an account from the beginning.
pub(super) fn first_link(account: usize, content: [u8; 2]) -> Link {
    let marks = content.map(|value| Mark { value: Some(value), cycle: 1 });
    Link { version: 1, read_in: 1, cycle: 1, account, marks, enabling: false }
}
