//! What each function does with a message, as `functions/` does it.

use crate::ports::{SimPorts, SimSource, SimTarget, ports_of};
use crate::script::Script;
use crate::world::{Instant, SECOND, View};
use crate::{JOB, TARGET, checks};
use fakes::FakeEntropy;
use jiff::{SignedDuration, Timestamp};
use pipeline::state::Held;
use pipeline::{Job, OnDemandOutcome, Pace, StepError, Writing};
use planning::Rules;
use ports::{Clock, QueueName, TargetWrite};
use record::RecordKey;
use serde::de::DeserializeOwned;
use std::sync::Arc;

/// A message that failed so often for a reason that does not pass is given up.
const DELIVERIES_MAX: u32 = 4;

/// Who is invoked.
#[derive(Clone, Debug)]
pub enum Function {
    /// The function of a queue.
    Message {
        /// Which queue.
        queue: QueueName,
        /// What it was sent.
        body: String,
        /// How often.
        receives: u32,
    },
    /// The writer, by the schedule of each minute.
    Minute,
    /// A webhook that stores a hint.
    Ask(String),
    /// An operator who releases what is held.
    Approve,
}

impl Function {
    /// Its invocations last no longer (the template's timeouts).
    pub fn time_max(&self) -> Instant {
        match self {
            Self::Message { queue: QueueName::Fetch, .. } => 300 * SECOND,
            _ => 60 * SECOND,
        }
    }
}

struct Invocation {
    ports: SimPorts,
    source: SimSource,
    target: SimTarget,
    rules: Arc<Rules>,
    script: Arc<Script>,
}

/// One invocation from its start to its end.
pub async fn invoke(
    view: View,
    function: Function,
    rules: Arc<Rules>,
    script: Arc<Script>,
    entropy: FakeEntropy,
) -> Result<(), StepError> {
    let invocation = Invocation {
        ports: ports_of(&view, entropy),
        source: SimSource { view: view.clone() },
        target: SimTarget { view: view.clone(), group_max: script.group_max },
        rules,
        script,
    };
    match function {
        Function::Message { queue: QueueName::Fetch, body, .. } => invocation.fetch(&body).await,
        Function::Message { queue: QueueName::Transform, body, receives } => {
            invocation.transform(&body, receives).await
        }
        Function::Message { queue: QueueName::Write, body, .. } => {
            let message: messages::Write = decoded(&body);
            invocation.write(message.continuation).await
        }
        Function::Message { queue: QueueName::OnDemand, body, .. } => invocation.on_demand(&view, &body).await,
        Function::Minute => invocation.write(0).await,
        Function::Ask(key) => {
            pipeline::store_hint(&invocation.ports, JOB, &RecordKey::from(key.as_str())).await?;
            view.shared.core().history.asked_for(&key);
            Ok(())
        }
        Function::Approve => invocation.approve(&view).await,
    }
}

/// Bodies are ours, so they can be read.
fn decoded<T: DeserializeOwned>(body: &str) -> T {
    messages::decode(body).expect("a message that a step sent")
}

impl Invocation {
    fn job(&self) -> Job<'_> {
        Job { name: JOB, target: TARGET, rules: &self.rules, batch_size: self.script.batch_size }
    }

    fn in_milliseconds(&self, milliseconds: u64) -> Timestamp {
        self.ports.clock.now() + SignedDuration::from_millis(i64::try_from(milliseconds).unwrap_or(i64::MAX))
    }

    async fn fetch(&self, body: &str) -> Result<(), StepError> {
        let deadline = self.in_milliseconds(self.script.fetch_time);
        let message: messages::Fetch = decoded(body);
        pipeline::fetch(&self.ports, &self.source, &self.job(), &message, deadline).await.map(drop)
    }

    async fn transform(&self, body: &str, receives: u32) -> Result<(), StepError> {
        let message: messages::Transform = decoded(body);
        let job = self.job();
        match pipeline::transform(&self.ports, &self.target, &job, message.cycle, message.batch).await {
            Err(error) if receives >= DELIVERIES_MAX && !error.is_transient() => {
                pipeline::give_up_batch(&self.ports, &job, message.cycle, message.batch, &error.to_string()).await
            }
            other => other,
        }
    }

    async fn write(&self, continuation: u32) -> Result<(), StepError> {
        let deadline = self.in_milliseconds(self.script.write_time * 1000);
        let pace = Pace::new(3000, 150, self.target.group_max(), self.ports.clock.now());
        let job = self.job();
        let jobs = |name: &str| (name == JOB).then_some(job);
        pipeline::write(&self.ports, &self.target, TARGET, &jobs, pace, continuation, deadline).await.map(drop)
    }

    async fn on_demand(&self, view: &View, body: &str) -> Result<(), StepError> {
        let message: messages::OnDemand = decoded(body);
        let Some(key) = pipeline::read_hint(&self.ports, JOB, &message.hint).await? else { return Ok(()) };
        let deadline = self.in_milliseconds(self.script.write_time * 1000);
        let pace = Pace::new(3000, 150, self.target.group_max(), self.ports.clock.now());
        let job = self.job();
        let jobs = |name: &str| (name == JOB).then_some(job);
        let writing = Writing { jobs: &jobs, pace, deadline };
        let asking = Asking::begin(view, key.as_str());
        let done = pipeline::on_demand(&self.ports, &self.source, &self.target, &job, &key, writing).await;
        if let Ok(OnDemandOutcome::Planned { cycle }) = &done
            && asking.is_first
            && checks::is_final(&view.shared, *cycle, key.as_str())
        {
            let mut core = view.shared.core();
            let decided = core.history.decided.entry(key.as_str().to_owned()).or_default();
            *decided = asking.at.max(*decided);
        }
        done.map(drop)
    }

    async fn approve(&self, view: &View) -> Result<(), StepError> {
        for held in Held::all(&self.ports.table, JOB).await? {
            // Said before it is done: whatever becomes of this invocation, the person meant it.
            view.shared.core().history.approved.insert(held.cycle);
            pipeline::approve(&self.ports, &self.job(), &held.hash).await?;
        }
        Ok(())
    }
}

/// A cycle of one record under way. Two of one record at once know nothing of each other, and whichever is written last
/// stands until the next cycle of everybody.
struct Asking {
    view: View,
    key: String,
    /// The newest statement at its beginning, from 1: what it reads is at least as new.
    at: usize,
    /// Whether none other of the record was under way at its beginning.
    is_first: bool,
}

impl Asking {
    fn begin(view: &View, key: &str) -> Self {
        let mut core = view.shared.core();
        let at = core.history.statements_of(key).len();
        let others = core.history.asking.entry(key.to_owned()).or_default();
        *others += 1;
        Self { view: view.clone(), key: key.to_owned(), at, is_first: *others == 1 }
    }
}

impl Drop for Asking {
    fn drop(&mut self) {
        if let Some(others) = self.view.shared.core().history.asking.get_mut(&self.key) {
            *others -= 1;
        }
    }
}
