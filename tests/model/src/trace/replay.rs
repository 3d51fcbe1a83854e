//! Each event as a step of the protocol. Whoever observes knows true time, so the margins for clocks that differ are what
//! an observer allows, not what it demands.

use super::event::{Event, Kind, Reply};
use crate::protocol::{
    Action, Answer, Asks, Link, Mark, Name, RecordId, Refused, RequestId, Rules, State, Time, Timing, WriterId,
};
use crate::settlement::{self, Cycle};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// The lengths of the real protocol, in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Constants {
    /// How long a lease lasts.
    pub lease: Time,
    /// By how much the clock of an invocation may be wrong.
    pub skew: Time,
    /// How long a request may take to land.
    pub life: Time,
}

impl Default for Constants {
    fn default() -> Self {
        Self { lease: 30_000, skew: 2_000, life: 10_000 }
    }
}

/// What a history came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Replayed {
    /// Events.
    pub events: usize,
    /// Times that the lease was taken.
    pub leases: usize,
    /// Requests that were sent.
    pub sent: usize,
    /// Requests that took effect.
    pub landed: usize,
    /// Links that were written.
    pub links: usize,
    /// Cycles that settled.
    pub settled: usize,
}

/// Why a history is not one of the protocol.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("event {index}: {why}")]
pub struct TraceError {
    /// Which event, from 0.
    pub index: usize,
    /// What is wrong with it.
    pub why: Why,
}

/// What is wrong with an event.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Why {
    /// The protocol does not allow it.
    #[error(transparent)]
    Protocol(#[from] Refused),
    /// The settlement does not allow it.
    #[error(transparent)]
    Settlement(#[from] settlement::Refused),
    /// The lease was given back, or had been another's, when the request was sent.
    #[error("a request was sent by a writer that does not hold the lease")]
    NotTheHolder,
    /// What another writer sent may still land.
    #[error("the lease was taken while a request of another writer may still land")]
    StillInFlight,
    /// Two requests for one record may land.
    #[error("two requests for one record are under way")]
    TwoInFlight,
    /// A second account was made for a record.
    #[error("a second account was made for one record")]
    SecondAccount,
}

/// Holds a history against the protocol.
pub fn replay(events: &[Event], constants: Constants) -> Result<Replayed, TraceError> {
    let timing = Timing {
        lease: constants.lease,
        skew: 0,
        life: constants.life,
        lag: 0,
        tolerance: constants.skew,
        rounding: 1,
    };
    let mut replayer = Replayer { rules: Some(Rules::whole(timing)), ..Replayer::default() };
    for (index, event) in events.iter().enumerate() {
        replayer.take(event).map_err(|why| TraceError { index, why })?;
    }
    Ok(Replayed { events: events.len(), ..replayer.replayed })
}

#[derive(Default)]
struct Replayer {
    rules: Option<Rules>,
    state: State,
    records: HashMap<String, RecordId>,
    names: HashMap<String, Name>,
    given_up: BTreeSet<(Name, RecordId)>,
    made: BTreeSet<RecordId>,
    /// Records whose link says that the account was deleted.
    ended: BTreeSet<RecordId>,
    deletions: BTreeSet<RequestId>,
    dead: BTreeSet<WriterId>,
    cycles: BTreeMap<String, Cycle>,
    replayed: Replayed,
}

impl Replayer {
    fn take(&mut self, event: &Event) -> Result<(), Why> {
        match event {
            Event::LeaseTaken { writer, at, until } => self.lease_taken(WriterId(*writer), *at, *until),
            Event::LeaseRenewed { writer, at, until } => {
                self.pass(*at)?;
                self.apply(&Action::Renew { writer: WriterId(*writer), until: *until })
            }
            Event::LeaseReleased { writer, at, drained_until } => {
                self.pass(*at)?;
                self.apply(&Action::Release { writer: WriterId(*writer), until: *drained_until })
            }
            Event::Sent { writer, record, request, kind, at } => {
                self.pass(*at)?;
                let record = self.record(record);
                self.sent(WriterId(*writer), record, RequestId(*request), kind)
            }
            Event::Landed { request, at } => {
                self.pass(*at)?;
                self.landed(RequestId(*request))
            }
            Event::Replied { request, at, answer } => {
                self.pass(*at)?;
                self.replied(RequestId(*request), *answer)
            }
            Event::NameReserved { name, record } => {
                let (name, record) = (self.name(name), self.record(record));
                self.apply(&Action::Reserve { name, record })
            }
            Event::NameGivenUp { name, record } => {
                let (name, record) = (self.name(name), self.record(record));
                self.given_up.insert((name, record));
                self.apply(&Action::GiveUp { name, record })
            }
            Event::LinkWritten { record, version, read_in, is_live, writer } => {
                let record = self.record(record);
                if *is_live {
                    self.ended.remove(&record);
                } else {
                    self.ended.insert(record);
                }
                self.link_written(WriterId(*writer), record, *version, *read_in)
            }
            Event::WriterDied { writer } => {
                let writer = WriterId(*writer);
                if self.dead.insert(writer) && self.state.writers.contains_key(&writer) {
                    self.apply(&Action::Die { writer })?;
                }
                Ok(())
            }
            Event::CycleExpected { cycle, batches } => self.cycle(cycle, &settlement::Action::Expect(*batches)),
            Event::CyclePlanned { cycle, batch } => self.cycle(cycle, &settlement::Action::Plan(*batch)),
            Event::CycleJudged { cycle, to_write } => self.cycle(cycle, &settlement::Action::Judge(*to_write)),
            Event::CycleReleased { cycle } => self.cycle(cycle, &settlement::Action::Release),
            Event::BatchWritten { cycle, batch } => self.cycle(cycle, &settlement::Action::Write(*batch)),
            Event::CycleSettled { cycle } => {
                self.replayed.settled += 1;
                self.cycle(cycle, &settlement::Action::Settle)
            }
        }
    }

    fn cycle(&mut self, cycle: &str, action: &settlement::Action) -> Result<(), Why> {
        Ok(self.cycles.entry(cycle.to_owned()).or_default().apply(None, action)?)
    }

    fn rules(&self) -> Result<Rules, Why> {
        self.rules.ok_or(Why::Protocol(Refused::NoSuchWriter))
    }

    fn apply(&mut self, action: &Action) -> Result<(), Why> {
        let rules = self.rules()?;
        Ok(self.state.apply(&rules, action)?)
    }

    fn pass(&mut self, at: Time) -> Result<(), Why> {
        if self.state.now == 0 && self.state.writers.is_empty() {
            self.state.now = at;
        }
        self.apply(&Action::Pass { by: at - self.state.now })?;
        // What can no longer land and was heard of is over.
        let (now, life) = (self.state.now, self.rules()?.timing.life);
        self.state.requests.retain(|_, request| !request.heard || now <= request.sent_at + life + 1);
        Ok(())
    }

    fn lease_taken(&mut self, writer: WriterId, at: Time, until: Time) -> Result<(), Why> {
        self.pass(at)?;
        let rules = self.rules()?;
        // To the millisecond: what is rounded down must not look like a request that is still under way.
        let exact = Rules { timing: Timing { rounding: 0, ..rules.timing }, ..rules };
        let others = self.state.requests.values().filter(|request| request.writer != writer);
        if others.into_iter().any(|request| request.may_land(&self.state, &exact)) {
            return Err(Why::StillInFlight);
        }
        if self.dead.contains(&writer) {
            return Err(Why::Protocol(Refused::NoSuchWriter));
        }
        if !self.state.writers.contains_key(&writer) {
            self.apply(&Action::Join { writer, ahead: 0 })?;
        }
        self.replayed.leases += 1;
        self.apply(&Action::Take { writer, until })
    }

    fn sent(&mut self, writer: WriterId, record: RecordId, request: RequestId, kind: &Kind) -> Result<(), Why> {
        if self.dead.contains(&writer) {
            return Err(Why::Protocol(Refused::NoSuchWriter));
        }
        if self.state.lease.holder != Some(writer) {
            return Err(Why::NotTheHolder);
        }
        let asks = match kind {
            Kind::Update | Kind::Delete => Asks::Update { account: usize::MAX, sets: [None, None] },
            Kind::Create { names, stamped } => {
                for name in names {
                    let name = self.name(name);
                    match self.state.may_create(record, name) {
                        Err(Refused::NameNotReserved) if self.given_up.contains(&(name, record)) => {}
                        Err(Refused::HasAccount) if self.ended.contains(&record) => {}
                        other => other?,
                    }
                }
                let name = names.first().map_or(Name(u64::MAX), |name| self.name(name));
                Asks::Create { name, stamped: *stamped, content: [0, 0] }
            }
        };
        let rules = self.rules()?;
        let exact = Rules { timing: Timing { rounding: 0, ..rules.timing }, ..rules };
        if self.state.under_way(&exact, record) > 0 {
            return Err(Why::TwoInFlight);
        }
        self.replayed.sent += 1;
        if *kind == Kind::Delete {
            self.deletions.insert(request);
        }
        self.apply(&Action::Send { writer, request, record, version: 0, asks })
    }

    fn landed(&mut self, request: RequestId) -> Result<(), Why> {
        let sent = self.state.requests.get(&request).ok_or(Refused::NoSuchRequest)?;
        let (record, is_create) = (sent.record, matches!(sent.asks, Asks::Create { .. }));
        self.apply(&Action::Land { request })?;
        self.replayed.landed += 1;
        if self.deletions.remove(&request) {
            // The protocol knows no end of an account: this one stays, without a name that another may want.
            self.made.remove(&record);
            for account in self.state.accounts.iter_mut().filter(|account| account.made_for == Some(record)) {
                account.name = Name(u64::MAX - 1);
            }
        }
        if is_create && !self.made.insert(record) {
            return Err(Why::SecondAccount);
        }
        Ok(())
    }

    fn replied(&mut self, request: RequestId, reply: Reply) -> Result<(), Why> {
        let said = self.state.requests.get(&request).ok_or(Refused::NoSuchRequest)?.said;
        let answer = match reply {
            Reply::Done => match said {
                Some(said @ Answer::Done(_)) => said,
                _ => return Err(Why::Protocol(Refused::NotWhatTheTargetSaid)),
            },
            Reply::Taken => Answer::Taken,
            Reply::Refused => Answer::Refused,
            Reply::Throttled => Answer::Throttled,
            Reply::Unknown => Answer::Unknown,
        };
        self.apply(&Action::Hear { request, answer })
    }

    fn link_written(&mut self, writer: WriterId, record: RecordId, version: u64, read_in: u64) -> Result<(), Why> {
        if self.dead.contains(&writer) {
            return Err(Why::Protocol(Refused::NoSuchWriter));
        }
        let stands = self.state.links.get(&record);
        if stands.is_some_and(|stands| stands.read_in > read_in) {
            return Err(Why::Protocol(Refused::LinkGoesBack));
        }
        let before = stands.map_or(0, |stands| stands.version);
        let mark = Mark { value: None, cycle: 0 };
        let link = Link { version, read_in, cycle: 0, account: 0, marks: [mark; 2], enabling: false };
        self.replayed.links += 1;
        self.apply(&Action::PutLink { record, before, link })
    }

    fn record(&mut self, record: &str) -> RecordId {
        let next = RecordId(self.records.len() as u64);
        *self.records.entry(record.to_owned()).or_insert(next)
    }

    fn name(&mut self, name: &str) -> Name {
        let next = Name(self.names.len() as u64);
        *self.names.entry(name.to_owned()).or_insert(next)
    }
}
