//! The whole plan before its first write: what is over a limit is held, the rest is released.

use crate::blob::{Phase, Stored, paths};
use crate::cycle::{priority, put_ready, wake_writer};
use crate::settle::{settle_cycle, side_by_side};
use crate::state::{Budget, Cycle, CycleState, Header, Held, JobState, Ready, Recovery, commit, headers};
use crate::{Environment, Job, StepError};
use futures_util::future::try_join_all;
use planning::{Census, Counted, Judgement, Plan, judge};
use ports::{Clock, Edit, Field, Table};
use sha2::{Digest, Sha256};
use std::time::Duration;

/// So many pieces of work are stored at once.
const SIDE_BY_SIDE: usize = 16;

/// Judges a cycle whose batches are all planned, and releases what may go ahead. Running it twice is harmless: the
/// release is one conditional transaction of the cycle and the budget.
pub async fn judge_cycle<E: Environment>(env: &E, job: &Job<'_>, number: u64) -> Result<(), StepError> {
    let cycle = Cycle::get(env.table(), job.name, number).await?.ok_or(StepError::Missing { what: "the cycle" })?;
    let released = match cycle.state {
        CycleState::Planning if cycle.planned.len() as u64 == cycle.batches => {
            let at = env.clock().now();
            let step = Cycle::step(job.name, number, CycleState::Planning, CycleState::Judging, at, Vec::new());
            match commit(env.table(), vec![step]).await {
                Err(error) if !error.is_conflict() => return Err(error.into()),
                _ => release(env, job, number).await?,
            }
        }
        CycleState::Judging => release(env, job, number).await?,
        CycleState::Writing if !cycle.released => cycle,
        _ => return Ok(()),
    };
    put_work(env, job, &released).await
}

/// The one transaction that decides; returns the cycle as it is afterwards.
async fn release<E: Environment>(env: &E, job: &Job<'_>, number: u64) -> Result<Cycle, StepError> {
    let headers = headers(env.table(), job.name, number).await?;
    let cycle = Cycle::get(env.table(), job.name, number).await?.ok_or(StepError::Missing { what: "the cycle" })?;
    if cycle.state != CycleState::Judging {
        return Ok(cycle);
    }
    let mut census = Census::default();
    for header in &headers {
        census.add(&header.census);
    }
    let state = JobState::get(env.table(), job.name).await?;
    let now = env.clock().now();
    let guards = &job.rules.guards;
    // What no limit of 24 hours is set on is not kept.
    let budget = if guards.by_day(&census).is_empty() { None } else { Some(Budget::get(env.table(), job.name).await?) };
    let spent = budget.as_ref().map(|budget| budget.spent(now)).unwrap_or_default();
    let judgement = judge(&census, state.population, &spent, &guards.limits);
    let held = match state.recovery {
        // Whoever does not know what was done before changes nothing without a person's word.
        Some(_) => census.iter().map(|(counted, _)| counted.clone()).collect(),
        None => judgement.held(),
    };
    let to_write = headers.iter().filter(|header| has_released(header, &held)).count() as u64;
    let to_write_field = Field::Number(i64::try_from(to_write).unwrap_or(i64::MAX));
    let mut edits = vec![Edit::Set("to_write", to_write_field)];
    let mut writes = Vec::new();
    if !held.is_empty() {
        let waiting = hold(env, job, &cycle, &held, &judgement, state.recovery).await?;
        edits.extend(Cycle::hold_edits(&held, &waiting.hash, &waiting.why));
        writes.push(waiting.put(job.name));
    }
    let spent = guards.by_day(&census.without(&held));
    if let Some(budget) = budget.filter(|_| !spent.is_empty()) {
        writes.push(budget.spend(job.name, now, &spent));
    }
    writes.push(Cycle::step(job.name, number, CycleState::Judging, CycleState::Writing, now, edits));
    match commit(env.table(), writes).await {
        // Somebody else judged, or another plan took from the budget: in the second case the message comes again.
        Err(error) if error.is_conflict() => {
            let cycle =
                Cycle::get(env.table(), job.name, number).await?.ok_or(StepError::Missing { what: "the cycle" })?;
            if cycle.state == CycleState::Judging { Err(error.into()) } else { Ok(cycle) }
        }
        Err(error) => Err(error.into()),
        Ok(()) => Cycle::get(env.table(), job.name, number).await?.ok_or(StepError::Missing { what: "the cycle" }),
    }
}

/// The hold of what is over the limits, with the hash of exactly those changes.
async fn hold<E: Environment>(
    env: &E,
    job: &Job<'_>,
    cycle: &Cycle,
    held: &[Counted],
    judgement: &Judgement,
    recovery: Option<Recovery>,
) -> Result<Held, StepError> {
    let base = paths::cycle(job.name, cycle.number, &cycle.token);
    let mut digests: Vec<[u8; 32]> = Vec::new();
    let mut only_linked = 0;
    for batches in side_by_side(cycle.batches) {
        let plans =
            batches.map(async |batch| Stored::get::<Plan>(env, &paths::plan(&base, batch), "a batch's plan").await);
        for plan in try_join_all(plans).await? {
            digests.extend(plan.digests(|change| is_held(change, held)));
            only_linked += plan.changes().filter(|(_, change)| change.adopts && change.is_link_only()).count();
        }
    }
    let changes = digests.len() as u64;
    // In an order of their own: the same changes have the same hash, however the records were cut into batches.
    digests.sort_unstable();
    let mut whole = Sha256::new();
    whole.update(job.name.as_bytes());
    for digest in &digests {
        whole.update(digest);
    }
    let whole: [u8; 32] = whole.finalize().into();
    let mut short = [0; 16];
    short.copy_from_slice(&whole[..16]);
    let recovered = recovery.map(|recovery| {
        format!("{}; {only_linked} of {changes} changes only take over the account that is there", recovery.why())
    });
    Ok(Held {
        hash: record::RecordId(short).to_string(),
        cycle: cycle.number,
        reading: false,
        recovers: recovery.is_some() && !cycle.partial,
        kinds: held.to_vec(),
        changes,
        why: recovered.into_iter().chain(judgement.breaches.iter().map(ToString::to_string)).collect(),
    })
}

/// True for a change that counts for any of the held kinds.
pub(crate) fn is_held(change: &planning::Change, held: &[Counted]) -> bool {
    !held.is_empty() && change.counts_as().iter().any(|counted| held.contains(counted))
}

/// Whether anything of a batch may be released. Kinds overlap, so this errs towards work: a batch with nothing released
/// is written in no time.
fn has_released(header: &Header, held: &[Counted]) -> bool {
    let gravest = [Counted::Create, Counted::Update, Counted::Disable, Counted::Enable, Counted::Delete];
    gravest.iter().any(|counted| header.census.count(counted) > 0 && !held.contains(counted))
}

/// The record of a cycle of one record.
async fn only_record<E: Environment>(
    env: &E,
    job: &Job<'_>,
    cycle: &Cycle,
) -> Result<Option<record::RecordId>, StepError> {
    let base = paths::cycle(job.name, cycle.number, &cycle.token);
    let plan: Plan = Stored::get(env, &paths::plan(&base, 1), "a batch's plan").await?;
    Ok(plan.decisions.first().map(|decision| decision.record))
}

/// Puts released batches where the target's writer finds them, and wakes it.
async fn put_work<E: Environment>(env: &E, job: &Job<'_>, cycle: &Cycle) -> Result<(), StepError> {
    if cycle.state != CycleState::Writing || cycle.released {
        return Ok(());
    }
    let now = env.clock().now();
    let only = if cycle.urgent { only_record(env, job, cycle).await? } else { None };
    let headers = headers(env.table(), job.name, cycle.number).await?;
    let is_due = |header: &&Header| has_released(header, &cycle.held) && !cycle.written.contains(&header.batch);
    let due = headers.iter().filter(is_due).map(|header| {
        let leavers = header.census.count(&Counted::Disable) > 0 && !cycle.held.contains(&Counted::Disable);
        Ready {
            priority: priority(cycle.urgent, leavers, Phase::Accounts),
            job: job.name.to_owned(),
            cycle: cycle.number,
            batch: header.batch,
            phase: Phase::Accounts,
            kinds: cycle.held.clone(),
            approved: false,
            only,
            attempts: 0,
            not_before: now,
        }
    });
    for some in due.collect::<Vec<_>>().chunks(SIDE_BY_SIDE) {
        try_join_all(some.iter().map(|ready| put_ready(env, job.target, ready))).await?;
    }
    let key = Cycle::key(job.name, cycle.number);
    let item =
        env.table().update(&key, vec![Edit::Set("released", Field::Flag(true))], ports::Condition::Present).await?;
    // The writer may have been quick: whoever comes last, it or this step, settles the cycle.
    let cycle = Cycle::from_item(cycle.number, &item)?;
    if cycle.written.len() as u64 >= cycle.to_write {
        return settle_cycle(env, job, cycle.number).await;
    }
    wake_writer(env, job.target, Duration::ZERO).await
}
