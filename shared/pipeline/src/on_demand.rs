//! A cycle of one record: the same steps, in one invocation.

use crate::blob::{Reading, Stored, paths};
use crate::cycle::wake_writer;
use crate::state::{Cycle, CycleState, JobState, Summary};
use crate::{Environment, Job, StepError, transform};
use ports::{Clock, Condition, Entropy, Source, Table, TargetRead};
use record::{RecordId, RecordKey};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// What became of a record that was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OnDemandOutcome {
    /// The source does not have it. Absence ends nobody.
    NotInSource,
    /// The source has it, but its row cannot be read.
    Unreadable {
        /// Why, without a value.
        reason: String,
    },
    /// It is planned; what was released waits for the target's writer, before all others.
    Planned {
        /// The cycle.
        cycle: u64,
    },
}

/// Reads one record and plans it. The caller then runs the writer; if another one holds the lease, that one does the work.
pub async fn on_demand<E: Environment, S: Source, T: TargetRead>(
    env: &E,
    source: &S,
    target: &T,
    job: &Job<'_>,
    key: &RecordKey,
) -> Result<OnDemandOutcome, StepError> {
    // The number comes first: whatever cycle has a higher one reads later, and what is read later wins.
    let number = JobState::begin_beside(env.table(), job.name).await?;
    let page = source.read_one(key).await?;
    let Some(first) = page.records.first().cloned() else {
        return Ok(match page.rejected.into_iter().next() {
            Some(rejected) => OnDemandOutcome::Unreadable { reason: rejected.reason },
            None => OnDemandOutcome::NotInSource,
        });
    };
    let now = env.clock().now();
    let (mut seed, mut token) = ([0; 16], [0; 16]);
    env.entropy().fill(&mut seed);
    env.entropy().fill(&mut token);
    let token = RecordId(token).to_string()[..12].to_owned();
    let base = paths::cycle(job.name, number, &token);
    let mut contents: Vec<_> =
        page.records.iter().map(|record| record.content_hash(env.secret(), &job.rules.hash)).collect();
    contents.sort_unstable();
    contents.dedup();
    // Whatever cycle has a higher number began to read after this one was done.
    let until = JobState::get(env.table(), job.name).await?.last_cycle;
    let mut reading = Reading { rows: page.rows, until, ..Reading::default() };
    if contents.len() > 1 {
        reading.repeated = BTreeMap::from([(RecordId::of(env.secret(), key), contents.len())]);
    }
    Stored::put(env, &paths::records(&base, 1), &vec![first]).await?;
    Stored::put(env, &paths::reading(&base), &reading).await?;
    let cycle = Cycle {
        number,
        state: CycleState::Planning,
        partial: true,
        urgent: true,
        now,
        seed,
        rules: job.rules_hash(),
        token,
        batches: 1,
        planned: BTreeSet::new(),
        written: BTreeSet::new(),
        to_write: 0,
        released: false,
        held: Vec::new(),
        hold_hash: None,
        why: Vec::new(),
        unknown: 0,
        cursor: None,
        continuation: 0,
        summary: Summary { rows: page.rows, evaluated: 1, ..Summary::default() },
        touched_at: now,
    };
    env.table().put(&Cycle::key(job.name, number), cycle.item(), Condition::Absent).await?;
    transform(env, target, job, number, 1).await?;
    wake_writer(env, job.target, Duration::ZERO).await?;
    Ok(OnDemandOutcome::Planned { cycle: number })
}
