//! The real connector against the real simulator, whose clock is kept at the simulated time; and the source.

use crate::clock::locked;
use crate::company::{FilesAt, GraphAt};
use crate::latency::Model;
use crate::stack::BenchError;
use connector_files::FilesSource;
use connector_graph::GraphTarget;
use jiff::Timestamp;
use ports::{
    Account, AccountPage, Anchor, Clock, Page, PortError, Reading, Reply, Source, TargetRead, TargetWrite, WriteAction,
    WriteReport, WriteRequest,
};
use record::{RecordKey, TargetSchema};
use simulators::graph::{Budget, Counts, Options, Simulator};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// A running simulator and the connection to it.
struct Running {
    simulator: Simulator,
    target: GraphTarget,
    /// The simulated time at its start, and how far its clock was moved.
    from: Timestamp,
    moved: Duration,
}

/// What was seen at the door of the target.
#[derive(Default)]
pub(crate) struct Seen {
    /// When the first request with this employee id went out.
    pub first_sent: BTreeMap<String, Timestamp>,
    /// Writes that were done, and when.
    pub done: Vec<(Timestamp, u64)>,
    /// Writes that were refused for the budget.
    pub throttled: u64,
    /// Real time spent in the target.
    pub spent: Duration,
    done_so_far: u64,
    cut: Option<(u64, Budget)>,
    /// When the budget was cut.
    pub cut_at: Option<Timestamp>,
    before: Counts,
}

/// The target port of the steps.
pub(crate) struct MeteredTarget {
    model: Model,
    entropy: crate::clock::Seeded,
    state: PathBuf,
    running: tokio::sync::RwLock<Running>,
    pub seen: Mutex<Seen>,
}

impl MeteredTarget {
    /// An empty tenant with this budget. With `state`, its users survive a cut of the budget.
    pub async fn start(
        model: Model,
        entropy: crate::clock::Seeded,
        budget: Budget,
        folder: &Path,
    ) -> Result<Self, BenchError> {
        let state = folder.join("tenant.jsonl");
        let running = run(&model, &entropy, budget, &state).await?;
        Ok(Self { model, entropy, state, running: running.into(), seen: Mutex::default() })
    }

    /// After so many writes the budget is another one, and nobody is told.
    pub fn cut_after(&self, writes: u64, budget: Budget) {
        locked(&self.seen).cut = Some((writes, budget));
    }

    /// What the simulator was asked.
    pub async fn counts(&self) -> Counts {
        let now = self.running.read().await.simulator.counts();
        let before = locked(&self.seen).before;
        Counts {
            requests: now.requests + before.requests,
            batches: now.batches + before.batches,
            asked_writes: now.asked_writes + before.asked_writes,
            creates: now.creates + before.creates,
            updates: now.updates + before.updates,
            references: now.references + before.references,
            throttled: now.throttled + before.throttled,
            resource_units: now.resource_units + before.resource_units,
            ..now
        }
    }

    /// A request is on its way, and then the simulator's clock shows the simulated time.
    async fn arrive(&self) {
        self.model.wait(|latencies| latencies.target).await;
        self.running.write().await.move_to(self.model.clock.now());
    }

    /// Cuts the budget when its time has come: a simulator with the same users, whose window holds what was written.
    async fn cut_if_due(&self) {
        let due = {
            let mut seen = locked(&self.seen);
            let so_far = seen.done_so_far;
            let due = seen.cut.take_if(|(after, _)| so_far >= *after);
            due.map(|(_, budget)| (budget, seen.done.clone()))
        };
        let Some((budget, done)) = due else { return };
        let now = self.model.clock.now();
        let mut running = self.running.write().await;
        let Ok(mut next) = run(&self.model, &self.entropy, budget, &self.state).await else { return };
        let window = jiff::SignedDuration::try_from(budget.window).unwrap_or_default();
        next.from = now - window;
        // Its window is filled with deletes of nobody: they cost what the real writes cost.
        for (at, writes) in done.iter().filter(|(at, _)| *at > now - window) {
            next.move_to(*at);
            let anchor = Anchor("00000000-0000-4000-8000-000000000000".to_owned());
            let nobody = WriteRequest { action: WriteAction::Delete { anchor } };
            let filled = vec![nobody; usize::try_from(*writes).unwrap_or_default()];
            let _ = next.target.write(&filled).await;
        }
        let counts = running.simulator.counts();
        let filled = next.simulator.counts();
        *running = next;
        let mut seen = locked(&self.seen);
        seen.cut_at = Some(now);
        seen.before = Counts {
            requests: counts.requests.saturating_sub(filled.requests),
            batches: counts.batches.saturating_sub(filled.batches),
            asked_writes: counts.asked_writes.saturating_sub(filled.asked_writes),
            creates: counts.creates,
            updates: counts.updates,
            references: counts.references,
            ..counts
        };
    }
}

impl Running {
    /// The simulator's clock stands still but for this: how busy the machine is makes no difference.
    fn move_to(&mut self, now: Timestamp) {
        let since = Duration::try_from(now.duration_since(self.from)).unwrap_or_default();
        let by = since.saturating_sub(self.moved);
        self.simulator.advance(by);
        self.moved += by;
    }
}

async fn run(
    model: &Model,
    entropy: &crate::clock::Seeded,
    budget: Budget,
    state: &Path,
) -> Result<Running, BenchError> {
    let failed = |reason: String| BenchError::Start { what: "the target", reason };
    let still = Duration::try_from(model.clock.now().duration_since(Timestamp::UNIX_EPOCH)).ok();
    let options = Options { budget, state: Some(state.to_owned()), still, ..Options::default() };
    let GraphAt { tenant, client_id, secret } = GraphAt::of(&options);
    let simulator = Simulator::start(options).await.map_err(|error| failed(error.to_string()))?;
    let options = crate::company::graph_options(&simulator.url(), tenant, client_id);
    let target = GraphTarget::connect(options, secret, entropy.clone(), model.clock.clone());
    let target = target.map_err(|error| failed(error.to_string()))?;
    Ok(Running { simulator, target, from: model.clock.now(), moved: Duration::ZERO })
}

impl TargetRead for MeteredTarget {
    fn schema(&self) -> &'static TargetSchema {
        connector_graph::schema()
    }

    async fn find(&self, attribute: &str, values: &[String], select: &[String]) -> Result<Vec<Account>, PortError> {
        self.arrive().await;
        let (running, _asking, begun) = (self.running.read().await, self.model.clock.ask(), Instant::now());
        let answer = running.target.find(attribute, values, select).await;
        locked(&self.seen).spent += begun.elapsed();
        answer
    }

    async fn read(&self, anchors: &[Anchor], select: &[String]) -> Result<Vec<Account>, PortError> {
        self.arrive().await;
        let (running, _asking, begun) = (self.running.read().await, self.model.clock.ask(), Instant::now());
        let answer = running.target.read(anchors, select).await;
        locked(&self.seen).spent += begun.elapsed();
        answer
    }

    async fn read_all(&self, select: &[String], next: Option<&str>) -> Result<AccountPage, PortError> {
        self.arrive().await;
        let (running, _asking, begun) = (self.running.read().await, self.model.clock.ask(), Instant::now());
        let answer = running.target.read_all(select, next).await;
        locked(&self.seen).spent += begun.elapsed();
        answer
    }
}

impl TargetWrite for MeteredTarget {
    fn group_max(&self) -> usize {
        20
    }

    fn request_life(&self) -> Duration {
        Duration::from_secs(15)
    }

    async fn write(&self, requests: &[WriteRequest]) -> WriteReport {
        let sent = self.model.clock.now();
        for request in requests {
            if let WriteAction::Create { attributes } = &request.action
                && let Some(id) = attributes.get("employeeId")
            {
                locked(&self.seen).first_sent.entry(id.text().to_owned()).or_insert(sent);
            }
        }
        self.arrive().await;
        let asking = self.model.clock.ask();
        self.cut_if_due().await;
        let begun = Instant::now();
        let report = self.running.read().await.target.write(requests).await;
        drop(asking);
        let mut seen = locked(&self.seen);
        seen.spent += begun.elapsed();
        let count = |of: fn(&Reply) -> bool| report.replies.iter().filter(|reply| of(reply)).count() as u64;
        let (done, throttled) =
            (count(|reply| matches!(reply, Reply::Done(_))), count(|reply| matches!(reply, Reply::Throttled(_))));
        seen.throttled += throttled;
        seen.done_so_far += done;
        seen.done.push((self.model.clock.now(), done));
        report
    }
}

/// The source port of the steps.
pub(crate) struct MeteredSource {
    model: Model,
    inner: FilesSource,
    /// Pages read, and real time spent.
    pub seen: Mutex<(u64, Duration)>,
}

impl MeteredSource {
    pub fn open(model: Model, file: &FilesAt) -> Result<Self, BenchError> {
        let inner = FilesSource::local(file.options())
            .map_err(|error| BenchError::Start { what: "the source", reason: error.to_string() })?;
        Ok(Self { model, inner, seen: Mutex::default() })
    }

    async fn ask(&self, request: impl Future<Output = Result<Page, PortError>>) -> Result<Page, PortError> {
        self.model.wait(|latencies| latencies.source).await;
        let (_asking, begun) = (self.model.clock.ask(), Instant::now());
        let page = request.await;
        let mut seen = locked(&self.seen);
        seen.0 += 1;
        seen.1 += begun.elapsed();
        page
    }
}

impl Source for MeteredSource {
    async fn read(&self, reading: &Reading, cursor: Option<&str>) -> Result<Page, PortError> {
        self.ask(self.inner.read(reading, cursor)).await
    }

    async fn read_one(&self, key: &RecordKey) -> Result<Page, PortError> {
        self.ask(self.inner.read_one(key)).await
    }
}
