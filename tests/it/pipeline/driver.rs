//! Runs a world to rest: delivers messages to the steps as the functions do, and lets time pass while something waits.

use super::people;
use super::shown::{Shown, is_foreign, wait_for};
use fakes::{
    FakeBlobs, FakeClock, FakeEntropy, FakeQueue, FakeSource, FakeTable, FakeTarget, World, graph_like_schema,
    run_ready,
};
use jiff::{SignedDuration, Timestamp};
use messages::Mode;
use pipeline::state::{Cycle, JobState, OpenRecord, link_from, open_set};
use pipeline::{FetchOutcome, Job, Pace, Ports, StepError, WriteOutcome, Writing};
use planning::{Link, Mark, Rules};
use ports::{Clock, Queue, QueueName};
use record::{Anchor, Record, RecordId, RecordKey, Secret};
use std::collections::BTreeMap;
use std::time::Duration;

/// More rounds than any test needs.
const ROUNDS_MAX: usize = 3_000;
pub const JOB: &str = "hr-to-graph";
pub const TARGET: &str = "graph";

/// Everything that a job runs on.
pub type Everything = Ports<FakeTable, FakeQueue, FakeBlobs, FakeClock, FakeEntropy>;

/// One company: its source, its target, its rules, and the stack between them.
pub struct Company<T = FakeTarget> {
    pub world: World,
    pub ports: Everything,
    pub source: FakeSource,
    pub target: T,
    pub rules: Rules,
    pub batch_size: usize,
    /// How long an invocation of fetch may take; 0 hands on after each page.
    pub fetch_seconds: i64,
    /// How long an invocation of write may take.
    pub write_seconds: i64,
    /// What cannot be done is delivered again as well, as a queue does.
    pub insists: bool,
    /// What fetches came to, newest last.
    pub fetched: Vec<FetchOutcome>,
    /// What writers came to, newest last.
    pub wrote: Vec<WriteOutcome>,
}

/// An account without its anchor; references name the other account by its employee id.
pub type Seen = BTreeMap<String, String>;

impl Company {
    pub fn of(records: Vec<Record>) -> Self {
        Self::with_rules(records, people::rules())
    }

    pub fn with_rules(records: Vec<Record>, rules: Rules) -> Self {
        Self::over(records, rules, |world| world.target(graph_like_schema()))
    }
}

impl<T: Shown> Company<T> {
    /// A company whose accounts are in a target that is made for its world.
    pub fn over(records: Vec<Record>, rules: Rules, target: impl FnOnce(&World) -> T) -> Self {
        let world = World::new(7);
        let ports = Ports {
            table: world.table.clone(),
            queue: world.queue.clone(),
            blobs: world.blobs.clone(),
            clock: world.clock.clone(),
            entropy: world.entropy.clone(),
            secret: Secret::new(b"of this stack"),
        };
        let (source, target) = (world.source(records), target(&world));
        Self {
            world,
            ports,
            source,
            target,
            rules,
            batch_size: 50,
            fetch_seconds: 600,
            write_seconds: 60,
            insists: false,
            fetched: Vec::new(),
            wrote: Vec::new(),
        }
    }

    pub fn job(&self) -> Job<'_> {
        Job { name: JOB, target: TARGET, rules: &self.rules, batch_size: self.batch_size }
    }

    pub fn now(&self) -> Timestamp {
        self.world.clock.now()
    }

    fn later(&self, seconds: i64) -> Timestamp {
        self.now() + SignedDuration::from_secs(seconds)
    }

    /// A cycle from its start until nothing is left to do; what its fetch came to.
    pub fn cycle(&mut self, mode: Mode) -> FetchOutcome {
        let first = self.fetched.len();
        self.start(mode);
        self.rest();
        self.fetched[first].clone()
    }

    /// A cycle that reads everybody.
    pub fn full(&mut self) -> FetchOutcome {
        self.cycle(Mode::Full)
    }

    /// A cycle of everybody in a process that may die in it.
    pub fn full_or_dead(&mut self) {
        self.start(Mode::Full);
        self.rest();
    }

    /// What the schedule sends.
    pub fn start(&self, mode: Mode) {
        let fetch = messages::Fetch { v: 1, job: JOB.to_owned(), mode, cycle: None, continuation: 0 };
        let _ = run_ready(self.world.queue.send(QueueName::Fetch, &[messages::encode(&fetch)], Duration::ZERO));
    }

    /// Asks for one record, as a webhook does.
    pub fn ask(&self, key: &str) {
        let _ = run_ready(pipeline::store_hint(&self.ports, JOB, &RecordKey::from(key)));
    }

    /// Delivers messages and lets time pass until nothing is left to do, or the process dies.
    pub fn rest(&mut self) {
        for _ in 0..ROUNDS_MAX {
            if self.world.faults.is_dead() || !self.round() {
                return;
            }
        }
        panic!("the world does not come to rest: {:?}", self.world.table.items().keys().collect::<Vec<_>>());
    }

    /// Delivers what lies in one queue now, and nothing that comes of it.
    pub fn deliver_once(&mut self, queue: QueueName) {
        for (receipt, body) in self.world.queue.receive(queue) {
            self.deliver(queue, &body).unwrap();
            self.world.queue.delete(receipt);
        }
    }

    /// Delivers everything visible once. What fails stays in flight until it is released; how many did.
    pub fn deliver_visible(&mut self) -> usize {
        let mut failed = 0;
        for queue in QueueName::ALL {
            for (receipt, body) in self.world.queue.receive(queue) {
                match self.deliver(queue, &body) {
                    Ok(()) => self.world.queue.delete(receipt),
                    Err(error) => {
                        assert!(error.is_transient(), "{queue:?}: {}", ports::ErrorChain(&error));
                        failed += 1;
                    }
                }
            }
        }
        failed
    }

    /// Delivers one visible message, chosen; it may come again although it was done.
    pub fn deliver_some(&mut self, choose: impl Fn(u64) -> usize, comes_again: bool) {
        let queue = QueueName::ALL[choose(4)];
        let mut received = self.world.queue.receive(queue);
        if received.is_empty() {
            return;
        }
        let (receipt, body) = received.remove(choose(received.len() as u64));
        for (other, _) in received {
            self.world.queue.release(other);
        }
        match self.deliver(queue, &body) {
            Ok(()) if !comes_again => self.world.queue.delete(receipt),
            Err(error) if !error.is_transient() && !self.insists => panic!("{queue:?}: {}", ports::ErrorChain(&error)),
            _ => self.world.queue.release(receipt),
        }
    }

    /// One delivery of everything visible; without any, time passes. False when nothing is left.
    fn round(&mut self) -> bool {
        let mut delivered = false;
        for queue in QueueName::ALL {
            for (receipt, body) in self.world.queue.receive(queue) {
                delivered = true;
                match self.deliver(queue, &body) {
                    Ok(()) => self.world.queue.delete(receipt),
                    Err(error) if error.is_transient() || self.insists => {
                        self.world.queue.release(receipt);
                        self.world.clock.advance(Duration::from_secs(30));
                    }
                    Err(error) => panic!("{queue:?}: {}", ports::ErrorChain(&error)),
                }
                if self.world.faults.is_dead() {
                    return true;
                }
            }
        }
        delivered || self.wait()
    }

    /// Lets time pass until a message shows or the writer's schedule of each minute comes.
    fn wait(&mut self) -> bool {
        let minute = self.later(60);
        match self.world.queue.next_visible_at() {
            Some(at) if at <= minute => {
                self.world.clock.set(at.max(self.now()));
                true
            }
            next => {
                let work = self.world.table.items().keys().any(|key| key.partition.starts_with("READY#"));
                if work || next.is_some() {
                    self.world.clock.set(minute);
                    let wake = messages::Write { v: 1, target: TARGET.to_owned(), continuation: 0 };
                    let _ =
                        run_ready(self.world.queue.send(QueueName::Write, &[messages::encode(&wake)], Duration::ZERO));
                }
                work || next.is_some()
            }
        }
    }

    pub fn deliver(&mut self, queue: QueueName, body: &str) -> Result<(), StepError> {
        match queue {
            QueueName::Fetch => {
                let message: messages::Fetch = messages::decode(body).unwrap();
                let outcome = wait_for(pipeline::fetch(
                    &self.ports,
                    &self.source,
                    &self.job(),
                    &message,
                    self.later(self.fetch_seconds),
                ))?;
                self.fetched.push(outcome);
            }
            QueueName::Transform => {
                let message: messages::Transform = messages::decode(body).unwrap();
                wait_for(pipeline::transform(&self.ports, &self.target, &self.job(), message.cycle, message.batch))?;
            }
            QueueName::Write => {
                let message: messages::Write = messages::decode(body).unwrap();
                self.write(message.continuation)?;
            }
            QueueName::OnDemand => {
                let message: messages::OnDemand = messages::decode(body).unwrap();
                let Some(key) = wait_for(pipeline::read_hint(&self.ports, JOB, &message.hint))? else { return Ok(()) };
                let pace = Pace::new(100_000, 1, self.target.group_max(), self.now());
                let (deadline, job) = (self.later(self.write_seconds), self.job());
                let jobs = |name: &str| (name == JOB).then_some(job);
                let writing = Writing { jobs: &jobs, pace, deadline };
                wait_for(pipeline::on_demand(&self.ports, &self.source, &self.target, &job, &key, writing))?;
            }
        }
        Ok(())
    }

    /// One invocation of the writer, with a budget that nothing here uses up.
    pub fn write(&mut self, continuation: u32) -> Result<WriteOutcome, StepError> {
        let pace = Pace::new(100_000, 1, self.target.group_max(), self.now());
        let deadline = self.later(self.write_seconds);
        let job = self.job();
        let jobs = |name: &str| (name == JOB).then_some(job);
        let outcome =
            wait_for(pipeline::write(&self.ports, &self.target, TARGET, &jobs, pace, continuation, deadline))?;
        self.wrote.push(outcome.clone());
        Ok(outcome)
    }

    pub fn state(&self) -> JobState {
        run_ready(JobState::get(&self.ports.table, JOB)).unwrap()
    }

    pub fn newest_cycle(&self) -> Cycle {
        run_ready(Cycle::get(&self.ports.table, JOB, self.state().last_cycle)).unwrap().unwrap()
    }

    pub fn id(&self, key: &str) -> RecordId {
        RecordId::of(&self.ports.secret, &RecordKey::from(key))
    }

    pub fn open(&self) -> BTreeMap<RecordId, OpenRecord> {
        run_ready(open_set(&self.ports.table, JOB)).unwrap()
    }

    /// The accounts by their employee id. Two with the same one are a failure.
    pub fn accounts(&self) -> BTreeMap<String, Seen> {
        let accounts = self.target.accounts();
        let id_of = |anchor: &str| accounts[&Anchor(anchor.to_owned())]["employeeId"].text().to_owned();
        let mut seen = BTreeMap::new();
        for attributes in accounts.values() {
            let shown = attributes.iter().map(|(name, value)| match name.as_str() {
                "manager" => (name.clone(), id_of(value.text())),
                _ => (name.clone(), value.values().join(",")),
            });
            let id = attributes["employeeId"].text().to_owned();
            assert!(seen.insert(id.clone(), shown.collect()).is_none(), "two accounts for {id}");
        }
        seen
    }

    /// One account's attribute, `""` where it has none.
    pub fn has(&self, id: &str, attribute: &str) -> String {
        self.accounts()
            .get(id)
            .unwrap_or_else(|| panic!("no account for {id}"))
            .get(attribute)
            .cloned()
            .unwrap_or_default()
    }

    pub fn links(&self) -> BTreeMap<RecordId, Link> {
        let prefix = format!("LINK#{JOB}#");
        let items = self.world.table.items().into_iter().filter_map(|(key, item)| {
            let record = key.partition.strip_prefix(&prefix)?.parse().unwrap();
            Some((record, link_from(record, &item).unwrap()))
        });
        items.collect()
    }

    /// Every link says what its account has, and every account has exactly one link.
    pub fn assert_consistent(&self) {
        let accounts = self.target.accounts();
        let links = self.links();
        let mut linked = BTreeMap::new();
        for link in links.values().filter(|link| link.is_live()) {
            assert!(linked.insert(link.anchor.clone(), link.record).is_none(), "two records share an account");
            let account = accounts.get(&link.anchor).expect("a link without an account");
            for (name, mark) in link.marks.iter() {
                let pending = self.open().get(&link.record).is_some_and(|open| open.awaits().is_some());
                if name == "manager" && pending {
                    assert_eq!(mark.fingerprint, Mark::UNKNOWN, "a reference that waits");
                    continue;
                }
                let attribute = self.rules.schema.attribute(name).unwrap();
                let expected = if name == "manager" {
                    let manager = account.get(name).map(|value| Anchor(value.text().to_owned()));
                    let manager = manager.and_then(|anchor| links.values().find(|link| link.anchor == anchor));
                    match manager {
                        Some(manager) => manager.record.0[..8].try_into().unwrap(),
                        None => [0; 8],
                    }
                } else {
                    planning::fingerprint(&self.ports.secret, attribute, account.get(name))
                };
                assert_ne!(mark.fingerprint, Mark::UNKNOWN, "{name} is not known");
                assert_eq!(mark.fingerprint, expected, "the link of {} is wrong about {name}", link.key.as_str());
            }
        }
        let ours = accounts.values().filter(|account| !is_foreign(account["employeeId"].text())).count();
        assert_eq!(linked.len(), ours, "an account without a link");
        assert!(self.world.queue.is_empty(), "messages are left");
        assert!(!self.world.table.items().keys().any(|key| key.partition.starts_with("READY#")), "work is left");
    }

    /// A second cycle over the same source does nothing at all.
    pub fn assert_quiet(&mut self) {
        self.assert_quiet_with(0);
    }

    /// A second cycle does nothing but write `open` records of the open set that are due each time.
    pub fn assert_quiet_with(&mut self, open: u64) {
        assert_eq!(self.state().open, None, "a cycle is still on");
        let before = self.accounts();
        let (writes, sends) = (self.target.writes(), self.world.queue.sends());
        let puts = self.world.blobs.puts();
        self.world.table.reset_units();
        let outcome = self.full();
        assert!(matches!(outcome, FetchOutcome::Settled { .. }), "{outcome:?}");
        let units = self.world.table.units();
        assert_eq!(self.target.writes() - writes, 0, "target writes");
        assert_eq!(self.world.queue.sends() - sends, 1, "messages besides the schedule's own");
        assert_eq!(units.get_manys, 0, "reads of links");
        let state_writes = units.puts + units.updates + units.deletes + units.transacts;
        assert!(state_writes <= 3 + open, "{units:?}");
        // Where rows that cannot be read stand is kept each time.
        let kept = u64::from(self.newest_cycle().summary.rejected > 0);
        assert_eq!(self.world.blobs.puts() - puts, kept, "a manifest was stored again");
        assert_eq!(self.accounts(), before);
        self.assert_consistent();
    }
}
