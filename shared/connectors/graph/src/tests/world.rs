//! A simulator with a connector to it, on a clock that moves both.

use crate::GraphTarget;
use config::{GraphOptions, SecretReference};
use jiff::Timestamp;
use ports::{Anchor, Clock, Entropy, Reply, TargetWrite, WriteAction, WriteReport, WriteRequest};
use record::Value;
use secrecy::SecretString;
use simulators::graph::{Options, Simulator};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Numbers that repeat from run to run and look random enough.
#[derive(Default)]
pub(crate) struct CountingEntropy(AtomicU64);

impl Entropy for CountingEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        for byte in bytes {
            let count = self.0.fetch_add(1, Ordering::Relaxed).wrapping_add(1);
            *byte = count.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes()[0];
        }
    }
}

/// Stands still until somebody sleeps; the simulator's clock moves with it.
#[derive(Clone)]
pub(crate) struct TestClock {
    simulator: Option<Arc<Simulator>>,
    slept: Arc<Mutex<Vec<Duration>>>,
}

impl TestClock {
    pub fn of(simulator: Option<Arc<Simulator>>) -> Self {
        Self { simulator, slept: Arc::default() }
    }

    /// Every sleep so far.
    pub fn slept(&self) -> Vec<Duration> {
        self.slept.lock().unwrap().clone()
    }

    pub fn advance(&self, by: Duration) {
        self.slept.lock().unwrap().push(by);
        if let Some(simulator) = &self.simulator {
            simulator.advance(by);
        }
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        let total: Duration = self.slept().iter().sum();
        Timestamp::from_second(1_800_000_000).unwrap() + total
    }

    async fn sleep(&self, duration: Duration) {
        self.advance(duration);
    }
}

/// Options for a connector to this address.
pub(crate) fn options(url: &str) -> GraphOptions {
    let known = Options::default();
    GraphOptions {
        base_url: url.to_owned(),
        authority: url.to_owned(),
        tenant: known.tenant,
        client_id: known.client_id,
        client_secret: SecretReference::Environment("GRAPH_SECRET".to_owned()),
        writes: 3_000,
        window_seconds: 150,
        timeout_seconds: 1,
    }
}

/// A connector to this address, with the secret that the simulator knows.
pub(crate) fn connected(options: GraphOptions, clock: TestClock) -> GraphTarget {
    let secret = SecretString::from(Options::default().client_secret);
    GraphTarget::connect(options, secret, CountingEntropy::default(), clock).unwrap()
}

/// A simulator and a connector to it.
pub(crate) struct World {
    pub simulator: Arc<Simulator>,
    pub clock: TestClock,
    pub target: GraphTarget,
}

impl World {
    pub async fn start() -> Self {
        Self::with(Options::default()).await
    }

    pub async fn with(simulated: Options) -> Self {
        let simulator = Arc::new(Simulator::start(simulated).await.unwrap());
        let clock = TestClock::of(Some(Arc::clone(&simulator)));
        let target = connected(options(&simulator.url()), clock.clone());
        Self { simulator, clock, target }
    }

    /// What is said to one request.
    pub async fn send(&self, action: WriteAction) -> Reply {
        self.send_all(vec![action]).await.replies.remove(0)
    }

    pub async fn send_all(&self, actions: Vec<WriteAction>) -> WriteReport {
        let requests: Vec<WriteRequest> = actions.into_iter().map(|action| WriteRequest { action }).collect();
        let report = self.target.write(&requests).await;
        assert_eq!(report.replies.len(), requests.len());
        report
    }

    /// Makes an account that must succeed.
    pub async fn create(&self, name: &str) -> Anchor {
        match self.send(create(name, &[])).await {
            Reply::Done(anchor) => anchor,
            other => panic!("{other:?}"),
        }
    }

    /// One user as it truly is.
    pub fn user(&self, anchor: &Anchor) -> serde_json::Value {
        let users = self.simulator.users();
        users.into_iter().find(|user| user["id"] == anchor.0.as_str()).unwrap()
    }
}

/// A create with everything that is required, and more.
pub(crate) fn create(name: &str, more: &[(&str, &str)]) -> WriteAction {
    let principal = format!("{name}@contoso.example");
    let required = [
        ("accountEnabled", "True"),
        ("displayName", name),
        ("mailNickname", name),
        ("userPrincipalName", &principal),
        ("employeeId", name),
    ];
    let pairs = required.iter().chain(more);
    WriteAction::Create { attributes: pairs.map(|(name, value)| ((*name).to_owned(), Value::from(*value))).collect() }
}

/// An update; `None` clears.
pub(crate) fn update(anchor: &Anchor, attributes: &[(&str, Option<&str>)]) -> WriteAction {
    let attributes: BTreeMap<String, Option<Value>> =
        attributes.iter().map(|(name, value)| ((*name).to_owned(), value.map(Value::from))).collect();
    WriteAction::Update { anchor: anchor.clone(), attributes }
}

pub(crate) fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}
