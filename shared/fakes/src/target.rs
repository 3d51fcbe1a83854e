//! A target in memory: unique attributes, lagging replicas, and replies that lie, come late or never.

mod accounts;
mod controls;
mod counts;
mod faults;
mod schema;

pub use counts::Counts;
pub use faults::Fault;
pub use schema::graph_like_schema;

use crate::clock::after;
use crate::{Crash, FakeClock, locked, refused};
use accounts::{Accounts, Refusal, anchor_of};
use faults::Faults;
use ports::{
    Account, AccountPage, Anchor, Clock, PortError, Reply, TargetRead, TargetWrite, WriteAction, WriteReport,
    WriteRequest,
};
use record::TargetSchema;
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

const PAGE_SIZE: usize = 999;
/// What a throttled reply asks for.
const THROTTLE_WAIT: Duration = Duration::from_secs(10);

/// Accounts in memory. A clone is the same target.
#[derive(Clone, Debug)]
pub struct FakeTarget {
    crash: Crash,
    clock: FakeClock,
    schema: &'static TargetSchema,
    state: Arc<Mutex<State>>,
}

#[derive(Debug)]
struct State {
    accounts: Accounts,
    faults: Faults,
    received: Counts,
    applied: Counts,
    history: Vec<WriteAction>,
    /// Reads and writes so far: what replicas lag by.
    operations: u64,
    lag: u64,
    group_max: usize,
    request_life: Duration,
    budget_used: Option<f64>,
}

impl FakeTarget {
    /// An empty target. Groups hold 20 requests and a request lives 10 s unless that is changed.
    pub fn new(crash: Crash, clock: FakeClock, schema: &'static TargetSchema) -> Self {
        let state = State {
            accounts: Accounts::new(schema),
            faults: Faults::default(),
            received: Counts::default(),
            applied: Counts::default(),
            history: Vec::new(),
            operations: 0,
            lag: 0,
            group_max: 20,
            request_life: Duration::from_secs(10),
            budget_used: None,
        };
        Self { crash, clock, schema, state: Arc::new(Mutex::new(state)) }
    }

    fn reading<T>(
        &self,
        count: impl FnOnce(&mut Counts),
        effect: impl FnOnce(&State) -> Result<T, PortError>,
    ) -> Result<T, PortError> {
        self.crash.around(|| {
            let mut state = locked(&self.state);
            count(&mut state.received);
            state.land_due(&self.clock);
            state.operations += 1;
            if state.faults.down {
                return Err(PortError::transient("the target did not answer", "the fake target is down"));
            }
            effect(&state)
        })
    }

    fn check_select(&self, select: &[String]) -> Result<(), PortError> {
        let known = select.iter().all(|name| self.schema.attribute(name).is_some());
        if known { Ok(()) } else { Err(refused("the target has no attribute of that name")) }
    }
}

impl State {
    fn visible(&self, anchor: &Anchor) -> bool {
        let made = self.accounts.made_at(anchor);
        made.is_none_or(|made| self.operations > made + self.lag)
    }

    fn shown(&self, anchor: &Anchor, select: &[String]) -> Option<Account> {
        let attributes = self.accounts.get(anchor).filter(|_| self.visible(anchor))?;
        let chosen = select.iter().filter_map(|name| Some((name.clone(), attributes.get(name)?.clone())));
        Some(Account { anchor: anchor.clone(), attributes: chosen.collect() })
    }

    fn apply(&mut self, action: &WriteAction) -> Reply {
        match self.accounts.apply(action.clone(), self.operations) {
            Ok(anchor) => {
                self.applied.add(action);
                Reply::Done(anchor)
            }
            Err(Refusal::Taken) => Reply::Taken,
            Err(Refusal::Missing) => Reply::Missing,
            Err(Refusal::Refused(code)) => Reply::Refused { code: code.to_owned() },
        }
    }

    /// Carries out the late requests whose time has come: enough others were received, or their life ends.
    fn land_due(&mut self, clock: &FakeClock) {
        let actions = self.faults.take_due(self.received.writes(), clock.now());
        for action in actions {
            self.apply(&action);
        }
    }

    fn receive(&mut self, action: &WriteAction, clock: &FakeClock) -> Reply {
        // What has reached the end of its life took effect before this request came.
        self.land_due(clock);
        self.operations += 1;
        self.received.add(action);
        self.history.push(action.clone());
        let reply = match self.faults.next() {
            None => self.apply(action),
            Some(Fault::LostReply) => {
                self.apply(action);
                Reply::Unknown
            }
            Some(Fault::Dropped | Fault::Down) => Reply::Unknown,
            Some(Fault::Late(others)) => {
                let life_ends = after(clock.now(), self.request_life);
                self.faults.delay(action.clone(), self.received.writes() + others, life_ends);
                Reply::Unknown
            }
            Some(Fault::Throttled) => Reply::Throttled(THROTTLE_WAIT),
            Some(Fault::ThrottledApplied) => {
                self.apply(action);
                Reply::Throttled(THROTTLE_WAIT)
            }
            Some(Fault::Refused(code)) => Reply::Refused { code: code.to_owned() },
            Some(Fault::Denied(code)) => Reply::Denied { code: code.to_owned() },
            Some(Fault::LyingTaken) => Reply::Taken,
        };
        self.land_due(clock);
        reply
    }
}

impl TargetRead for FakeTarget {
    fn schema(&self) -> &'static TargetSchema {
        self.schema
    }

    async fn find(&self, attribute: &str, values: &[String], select: &[String]) -> Result<Vec<Account>, PortError> {
        self.reading(
            |counts| counts.finds += 1,
            |state| {
                self.check_select(select)?;
                let matchable = self.schema.attribute(attribute).is_some_and(|attribute| attribute.matchable);
                if !matchable {
                    return Err(refused("the target does not find accounts by this attribute"));
                }
                let anchors = state.accounts.find(attribute, values);
                Ok(anchors.iter().filter_map(|anchor| state.shown(anchor, select)).collect())
            },
        )
    }

    async fn read(&self, anchors: &[Anchor], select: &[String]) -> Result<Vec<Account>, PortError> {
        self.reading(
            |counts| counts.reads += 1,
            |state| {
                self.check_select(select)?;
                Ok(anchors.iter().filter_map(|anchor| state.shown(anchor, select)).collect())
            },
        )
    }

    async fn read_all(&self, select: &[String], next: Option<&str>) -> Result<AccountPage, PortError> {
        self.reading(
            |counts| counts.read_alls += 1,
            |state| {
                self.check_select(select)?;
                let anchors = state.accounts.page(next, PAGE_SIZE);
                let next = anchors.last().filter(|_| anchors.len() == PAGE_SIZE).map(|anchor| anchor.0.clone());
                let accounts = anchors.iter().filter_map(|anchor| state.shown(anchor, select)).collect();
                Ok(AccountPage { accounts, next })
            },
        )
    }
}

impl TargetWrite for FakeTarget {
    fn group_max(&self) -> usize {
        locked(&self.state).group_max
    }

    fn request_life(&self) -> Duration {
        locked(&self.state).request_life
    }

    /// None that a clock measures: see [`FakeTarget::set_lag`].
    fn replica_lag(&self) -> Duration {
        Duration::ZERO
    }

    /// Passes a point before the first request and one after each. Once the process has ended, nothing more is applied
    /// and every reply is unknown.
    ///
    /// # Panics
    /// If the caller breaks the contract: too large a group, or two requests to one account.
    async fn write(&self, requests: &[WriteRequest]) -> WriteReport {
        let mut state = locked(&self.state);
        assert!(requests.len() <= state.group_max, "a group has more requests than travel together");
        let anchors: Vec<&Anchor> = requests.iter().filter_map(|request| anchor_of(&request.action)).collect();
        assert_eq!(
            anchors.iter().collect::<BTreeSet<_>>().len(),
            anchors.len(),
            "a group has two requests to one account"
        );
        let unknown = || WriteReport { replies: vec![Reply::Unknown; requests.len()], wait: None, budget_used: None };
        if self.crash.pass().is_err() {
            return unknown();
        }
        state.received.groups += 1;
        let mut replies = Vec::with_capacity(requests.len());
        for request in requests {
            replies.push(state.receive(&request.action, &self.clock));
            if self.crash.pass().is_err() {
                return unknown();
            }
        }
        let throttled = replies.iter().any(|reply| matches!(reply, Reply::Throttled(_)));
        WriteReport { replies, wait: throttled.then_some(THROTTLE_WAIT), budget_used: state.budget_used }
    }
}

#[cfg(test)]
mod tests;
