//! A cycle of one record: the same steps, from the source to the target, in one invocation.

use crate::blob::{Reading, Stored, paths};
use crate::cycle::leave_work;
use crate::fetch::begin_beside;
use crate::fresh::Fresh;
use crate::settle::settle;
use crate::state::{Cycle, CycleState, Intent, JobState, Summary};
use crate::transform::{mark_planned, plan_of};
use crate::write::{Writing, write, write_alone};
use crate::{Environment, Job, StepError, judge_cycle};
use planning::{Census, Plan, judge};
use ports::{Clock, Condition, Entropy, Page, Source, Table, TargetWrite};
use record::{RecordId, RecordKey};
use std::collections::{BTreeMap, BTreeSet};

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
    /// It is planned, and what was released is written, unless the target's writer is somebody else: then it waits for
    /// that one, before all others.
    Planned {
        /// The cycle.
        cycle: u64,
    },
}

/// Reads one record, plans it and writes it. If another invocation holds the target's lease, that one writes it.
pub async fn on_demand<E: Environment, S: Source, T: TargetWrite>(
    env: &E,
    source: &S,
    target: &T,
    job: &Job<'_>,
    key: &RecordKey,
    writing: Writing<'_>,
) -> Result<OnDemandOutcome, StepError> {
    // The number comes first: whatever cycle has a higher one reads later, and what is read later wins.
    let number = begin_beside(env, job).await?;
    let page = source.read_one(key).await?;
    if page.records.is_empty() {
        return Ok(match page.rejected.into_iter().next() {
            Some(rejected) => OnDemandOutcome::Unreadable { reason: rejected.reason },
            None => OnDemandOutcome::NotInSource,
        });
    }
    // Whatever cycle has a higher number began to read after this one was done.
    let state = JobState::get(env.table(), job.name).await?;
    let record = RecordId::of(env.secret(), key);
    let cycle = begun(env, job, number, page.rows);
    let base = paths::cycle(job.name, number, &cycle.token);
    let fresh = &Fresh::new(env, &base);
    keep(fresh, job, &base, record, page, &state).await?;
    let plan = Box::pin(plan_of(fresh, target, job, &cycle, 1)).await?;
    fresh.store().await?;
    let census = Census::of(&plan);
    let guards = &job.rules.guards;
    let judgement = judge(&census, state.population, &Census::default(), &guards.limits);
    let done = Ok(OnDemandOutcome::Planned { cycle: number });
    if state.recovery.is_some() || !judgement.breaches.is_empty() || !guards.by_day(&census).is_empty() {
        fresh.share();
        by_guards(fresh, job, &cycle, &plan).await?;
        Box::pin(write(fresh, target, job.target, writing.jobs, writing.pace, 0, writing.deadline)).await?;
        return done;
    }
    let to_write = u64::from(plan.changes().next().is_some());
    let cycle = Cycle { state: CycleState::Writing, planned: BTreeSet::from([1]), released: true, to_write, ..cycle };
    if to_write == 0 {
        settle(fresh, job, &cycle, false).await?;
        return done;
    }
    let intent = Intent { job: job.name.to_owned(), cycle, record };
    if Box::pin(write_alone(fresh, target, job, &intent, &writing)).await?.is_none() {
        fresh.share();
        leave_work(fresh, job.target, &intent, 0).await?;
        // Whoever held the lease may have looked for more work just before.
        Box::pin(write(fresh, target, job.target, writing.jobs, writing.pace, 0, writing.deadline)).await?;
    }
    done
}

/// The cycle at its beginning.
pub(crate) fn begun<E: Environment>(env: &E, job: &Job<'_>, number: u64, rows: u64) -> Cycle {
    let (mut seed, mut token) = ([0; 16], [0; 16]);
    env.entropy().fill(&mut seed);
    env.entropy().fill(&mut token);
    let now = env.clock().now();
    Cycle {
        number,
        state: CycleState::Planning,
        partial: true,
        urgent: true,
        now,
        seed,
        rules: job.rules_hash(),
        token: RecordId(token).to_string()[..12].to_owned(),
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
        summary: Summary { rows, evaluated: 1, ..Summary::default() },
        touched_at: now,
    }
}

/// Keeps what was read, as a read of everybody does.
async fn keep<E: Environment>(
    env: &E,
    job: &Job<'_>,
    base: &str,
    record: RecordId,
    page: Page,
    state: &JobState,
) -> Result<(), StepError> {
    let mut contents: Vec<_> =
        page.records.iter().map(|record| record.content_hash(env.secret(), &job.rules.hash)).collect();
    contents.sort_unstable();
    contents.dedup();
    let (distrusts, contested) = (state.recovery.is_some(), state.open.is_some());
    let mut reading = Reading { rows: page.rows, until: state.last_cycle, distrusts, contested, ..Reading::default() };
    if contents.len() > 1 {
        reading.repeated = BTreeMap::from([(record, contents.len())]);
    }
    let first = page.records.into_iter().take(1).collect::<Vec<_>>();
    Stored::put(env, &paths::records(base, 1), &first).await?;
    Stored::put(env, &paths::reading(base), &reading).await?;
    Ok(())
}

/// A plan that a guard holds, or that counts for a limit of 24 hours, is judged and released like that of any cycle.
async fn by_guards<E: Environment>(env: &E, job: &Job<'_>, cycle: &Cycle, plan: &Plan) -> Result<(), StepError> {
    env.table().put(&Cycle::key(job.name, cycle.number), cycle.item(), Condition::Absent).await?;
    mark_planned(env, job, cycle.number, 1, plan).await?;
    judge_cycle(env, job, cycle.number).await
}
