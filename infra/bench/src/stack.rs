//! Tenure in one process: queues feed the steps as the functions are fed, beside each other, on simulated time.

use crate::carriers::{Carried, MeteredBlobs, MeteredQueue};
use crate::clock::{Seeded, SimulatedClock, Turn, locked};
use crate::company::{Company, FilesAt, JOB, TARGET};
use crate::latency::{Latencies, Model};
use crate::table::{Bill, Embedded, MeteredTable};
use crate::target::{MeteredSource, MeteredTarget};
use futures_util::future::{BoxFuture, FutureExt};
use futures_util::stream::FuturesUnordered;
use jiff::{SignedDuration, Timestamp};
use messages::Mode;
use pipeline::state::{JobState, Ready};
use pipeline::{Job, Pace, Ports, StepError, WriteOutcome, Writing};
use ports::{Clock, ErrorChain, Queue, QueueName};
use record::{RecordKey, Secret};
use simulators::graph::{Budget, Counts};
use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::Duration;
use tempfile::TempDir;

/// Invocations of each function at one time, as the template sets them.
const CONCURRENCY: [(QueueName, usize); 4] =
    [(QueueName::Fetch, 5), (QueueName::Transform, 10), (QueueName::Write, 2), (QueueName::OnDemand, 5)];
/// After so long a message whose function failed is seen again.
const VISIBILITY: Duration = Duration::from_mins(6);
/// The writer's schedule.
const MINUTE: SignedDuration = SignedDuration::from_mins(1);
/// The simulated clock begins here.
const BEGIN: i64 = 1_767_592_800;

/// A run that could not be carried through.
#[derive(Debug, thiserror::Error)]
pub enum BenchError {
    /// Something could not be started.
    #[error("{what} cannot be started: {reason}")]
    Start {
        /// What.
        what: &'static str,
        /// Why.
        reason: String,
    },
    /// A step failed.
    #[error("a step failed: {reason}")]
    Step {
        /// Why.
        reason: String,
    },
}

impl From<StepError> for BenchError {
    fn from(error: StepError) -> Self {
        Self::Step { reason: ErrorChain(&error).to_string() }
    }
}

/// What was used between two looks.
#[derive(Clone, Debug, Default)]
pub(crate) struct Used {
    pub bill: Bill,
    pub queue: Carried,
    pub blobs: Carried,
    pub graph: Counts,
    pub seconds: f64,
    pub invocations: BTreeMap<QueueName, u64>,
}

impl Used {
    pub fn write_units(&self) -> f64 {
        self.bill.values().map(|cost| cost.write).sum()
    }

    pub fn read_units(&self) -> f64 {
        self.bill.values().map(|cost| cost.read).sum()
    }

    /// Requests that changed state.
    pub fn state_writes(&self) -> u64 {
        let writes =
            self.bill.iter().filter(|((operation, _), _)| ["put", "update", "delete", "transact"].contains(operation));
        writes.map(|(_, cost)| cost.calls).sum()
    }

    /// Requests for links.
    pub fn link_reads(&self) -> u64 {
        let reads =
            self.bill.iter().filter(|((operation, kind), _)| operation.starts_with("get") && kind.starts_with("LINK"));
        reads.map(|(_, cost)| cost.calls).sum()
    }
}

/// Everything of one run.
pub(crate) struct Stack {
    pub ports: Ports<MeteredTable, MeteredQueue, MeteredBlobs, SimulatedClock, Seeded>,
    pub target: MeteredTarget,
    pub source: MeteredSource,
    pub file: FilesAt,
    pub company: Company,
    pub folder: TempDir,
    embedded: Embedded,
    invocations: Mutex<BTreeMap<QueueName, u64>>,
    counted: Mutex<(Counts, Timestamp)>,
}

/// What runs beside the invocations: an event of the outside world.
pub(crate) type Event<'a> = BoxFuture<'a, Result<(), StepError>>;

impl Stack {
    /// An empty stack with the company's file in the drop.
    pub async fn start(company: Company, budget: Budget, latencies: Latencies) -> Result<Self, BenchError> {
        let failed = |error: std::io::Error| BenchError::Start { what: "the folder", reason: error.to_string() };
        let folder = tempfile::tempdir().map_err(failed)?;
        let begin = Timestamp::from_second(BEGIN).unwrap_or(Timestamp::UNIX_EPOCH);
        let clock = SimulatedClock::at(begin);
        let model = Model::new(clock.clone(), latencies, company.seed ^ 1);
        let entropy = Seeded::new(company.seed ^ 2);
        let file = company.write(folder.path(), 0)?;
        let embedded = Embedded::start().await?;
        Ok(Self {
            ports: Ports {
                table: MeteredTable::new(embedded.table.clone(), model.clone()),
                queue: MeteredQueue::new(model.clone()),
                blobs: MeteredBlobs::new(model.clone(), false),
                clock,
                entropy,
                secret: Secret::new(b"of this bench"),
            },
            target: MeteredTarget::start(model.clone(), Seeded::new(company.seed ^ 3), budget, folder.path()).await?,
            source: MeteredSource::open(model, &file)?,
            file,
            company,
            folder,
            embedded,
            invocations: Mutex::default(),
            counted: Mutex::new((Counts::default(), begin)),
        })
    }

    pub fn job(&self) -> Job<'_> {
        let job = &self.file.config.jobs[JOB];
        Job { name: &job.name, target: &job.target, rules: &job.rules, batch_size: job.batch_size }
    }

    pub fn now(&self) -> Timestamp {
        self.ports.clock.now()
    }

    /// What was used since the last look.
    pub async fn used(&self) -> Used {
        let graph = self.target.counts().await;
        let (before, since) = std::mem::replace(&mut *locked(&self.counted), (graph, self.now()));
        Used {
            bill: self.ports.table.take_bill(),
            queue: self.ports.queue.take_carried(),
            blobs: self.ports.blobs.take_carried(),
            graph: Counts {
                requests: graph.requests - before.requests,
                batches: graph.batches - before.batches,
                asked_writes: graph.asked_writes - before.asked_writes,
                creates: graph.creates - before.creates,
                updates: graph.updates - before.updates,
                references: graph.references - before.references,
                throttled: graph.throttled - before.throttled,
                resource_units: graph.resource_units - before.resource_units,
                ..graph
            },
            seconds: self.now().duration_since(since).as_secs_f64(),
            invocations: std::mem::take(&mut locked(&self.invocations)),
        }
    }

    /// What the schedule sends, and everything that comes of it.
    pub async fn cycle(&self, mode: Mode, events: Vec<Event<'_>>) -> Result<Used, BenchError> {
        let fetch = messages::Fetch { v: 1, job: JOB.to_owned(), mode, cycle: None, continuation: 0 };
        let start = async move {
            let sent = self.ports.queue.send(QueueName::Fetch, &[messages::encode(&fetch)], Duration::ZERO).await;
            Ok(sent?)
        };
        self.rest(events.into_iter().chain([start.boxed()]).collect()).await?;
        Ok(self.used().await)
    }

    /// One record is asked for, as a webhook does.
    pub async fn ask(&self, key: &str) -> Result<(), StepError> {
        pipeline::store_hint(&self.ports, JOB, &RecordKey::from(key)).await.map(drop)
    }

    /// Feeds the functions until nothing is left to do.
    pub async fn rest(&self, events: Vec<Event<'_>>) -> Result<(), BenchError> {
        let running = FuturesUnordered::new();
        for event in events {
            running.push(async move { (None, event.await) }.boxed());
        }
        let mut running = running;
        let mut active: BTreeMap<QueueName, usize> = BTreeMap::new();
        loop {
            let mut free = Vec::new();
            for (queue, most) in CONCURRENCY {
                let count = active.entry(queue).or_default();
                while *count < most {
                    let Some(body) = self.ports.queue.receive(queue) else {
                        free.push(queue);
                        break;
                    };
                    *count += 1;
                    *locked(&self.invocations).entry(queue).or_default() += 1;
                    running.push(
                        async move { (Some((queue, body.clone())), Box::pin(self.invoke(queue, &body)).await) }.boxed(),
                    );
                }
            }
            match self.ports.clock.turn(&mut running, self.ports.queue.next_at(&free)).await {
                Turn::Ended((None, outcome)) => outcome?,
                Turn::Ended((Some((queue, body)), outcome)) => {
                    *active.entry(queue).or_default() -= 1;
                    match outcome {
                        Err(error) if error.is_transient() => self.ports.queue.put_back(queue, body, VISIBILITY),
                        outcome => outcome?,
                    }
                }
                Turn::Time => {}
                Turn::Nothing => {
                    if !self.wake_by_schedule().await? {
                        return Ok(());
                    }
                }
            }
        }
    }

    /// The writer's schedule of each minute, where nothing else is on its way. False when nothing is left to do.
    async fn wake_by_schedule(&self) -> Result<bool, BenchError> {
        let open = JobState::get(&self.embedded.table, JOB).await?.open.is_some();
        if !open && Ready::first(&self.embedded.table, TARGET, 1).await?.is_empty() {
            return Ok(false);
        }
        let wake = messages::Write { v: 1, target: TARGET.to_owned(), continuation: 0 };
        let delay = Duration::try_from(MINUTE).unwrap_or_default();
        self.ports.queue.put_back(QueueName::Write, messages::encode(&wake), delay);
        Ok(true)
    }

    async fn invoke(&self, queue: QueueName, body: &str) -> Result<(), StepError> {
        let broken =
            |error: messages::MessageError| StepError::Broken { what: "a message", source: Some(error.into()) };
        match queue {
            QueueName::Fetch => {
                let message: messages::Fetch = messages::decode(body).map_err(broken)?;
                Box::pin(pipeline::fetch(&self.ports, &self.source, &self.job(), &message, self.later(270))).await?;
            }
            QueueName::Transform => {
                let message: messages::Transform = messages::decode(body).map_err(broken)?;
                let (cycle, batch) = (message.cycle, message.batch);
                Box::pin(pipeline::transform(&self.ports, &self.target, &self.job(), cycle, batch)).await?;
            }
            QueueName::Write => {
                let message: messages::Write = messages::decode(body).map_err(broken)?;
                Box::pin(self.write(message.continuation)).await?;
            }
            QueueName::OnDemand => {
                let message: messages::OnDemand = messages::decode(body).map_err(broken)?;
                let Some(key) = pipeline::read_hint(&self.ports, JOB, &message.hint).await? else { return Ok(()) };
                let jobs = |name: &str| (name == JOB).then(|| self.job());
                let pace = Pace::new(3_000, 150, 20, self.now());
                let writing = Writing { jobs: &jobs, pace, deadline: self.later(40) };
                let (ports, job) = (&self.ports, self.job());
                Box::pin(pipeline::on_demand(ports, &self.source, &self.target, &job, &key, writing)).await?;
            }
        }
        Ok(())
    }

    async fn write(&self, continuation: u32) -> Result<WriteOutcome, StepError> {
        let pace = Pace::new(3_000, 150, 20, self.now());
        let jobs = |name: &str| (name == JOB).then(|| self.job());
        let deadline = self.later(40);
        Box::pin(pipeline::write(&self.ports, &self.target, TARGET, &jobs, pace, continuation, deadline)).await
    }

    fn later(&self, seconds: i64) -> Timestamp {
        self.now() + SignedDuration::from_secs(seconds)
    }
}
