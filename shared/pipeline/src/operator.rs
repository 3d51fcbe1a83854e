//! What a person may say: release what is held, reject it, ask for one record.

use crate::blob::Phase;
use crate::cycle::{priority, put_ready, resume, wake_writer};
use crate::state::{Budget, Cycle, CycleState, Held, JobState, Lease, OpenRecord, Ready, Recovery, headers, open_set};
use crate::{Environment, Job, StepError};
use planning::{Census, Counted, Reason};
use ports::{Clock, Entropy, ErrorChain, Field, Item, Key, PortError, Queue, QueueName, Table};
use record::{RecordId, RecordKey};
use std::time::Duration;

/// What a word of a person did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Approval {
    /// There is no hold with this hash: it was approved, rejected or replaced by a newer one.
    NoSuchHold,
    /// Several holds start with this text.
    Ambiguous {
        /// Their hashes.
        hashes: Vec<String>,
    },
    /// A held read goes ahead (or is dropped).
    Reading {
        /// Its cycle.
        cycle: u64,
    },
    /// Held changes go ahead (or are dropped).
    Plan {
        /// Their cycle.
        cycle: u64,
        /// How many.
        changes: u64,
    },
}

async fn find<E: Environment>(env: &E, job: &Job<'_>, hash: &str) -> Result<Result<Held, Approval>, StepError> {
    let mut found: Vec<Held> = Held::all(env.table(), job.name).await?;
    found.retain(|held| hash.len() >= 6 && held.hash.starts_with(hash));
    Ok(match found.len() {
        0 => Err(Approval::NoSuchHold),
        1 => Ok(found.remove(0)),
        _ => Err(Approval::Ambiguous { hashes: found.into_iter().map(|held| held.hash).collect() }),
    })
}

/// Releases what is held under the hash (its first 6 digits are enough). Once: the hold is gone afterwards, the guard stays on.
pub async fn approve<E: Environment>(env: &E, job: &Job<'_>, hash: &str) -> Result<Approval, StepError> {
    let held = match find(env, job, hash).await? {
        Ok(held) => held,
        Err(answer) => return Ok(answer),
    };
    let cycle = Cycle::get(env.table(), job.name, held.cycle).await?.ok_or(StepError::Missing { what: "the cycle" })?;
    if held.reading {
        let at = env.clock().now();
        let step = Cycle::step(job.name, held.cycle, CycleState::HeldReading, CycleState::Planning, at, Vec::new());
        match env.table().transact(vec![held.take(job.name), step]).await {
            Err(PortError::Conflict { .. }) => return Ok(Approval::NoSuchHold),
            other => other?,
        }
        // A read without a batch has nobody else to judge it.
        let cycle = Cycle { state: CycleState::Planning, ..cycle };
        resume(env, job, &cycle).await?;
        return Ok(Approval::Reading { cycle: held.cycle });
    }
    for header in headers(env.table(), job.name, held.cycle).await? {
        if !held.kinds.iter().any(|kind| header.census.count(kind) > 0) {
            continue;
        }
        let leavers = held.kinds.contains(&Counted::Disable);
        let ready = Ready {
            priority: priority(cycle.urgent, leavers, Phase::Accounts),
            job: job.name.to_owned(),
            cycle: held.cycle,
            batch: header.batch,
            phase: Phase::Accounts,
            kinds: held.kinds.clone(),
            approved: true,
            only: None,
            attempts: 0,
            not_before: env.clock().now(),
        };
        put_ready(env, job.target, &ready).await?;
    }
    // Last, so that a crash half-way leaves the hold there and the same word may be said again.
    take_and_spend(env, job, &held).await?;
    wake_writer(env, job.target, Duration::ZERO).await?;
    Ok(Approval::Plan { cycle: held.cycle, changes: held.changes })
}

/// Ends the hold. What a person releases counts for the limits of 24 hours too, once.
async fn take_and_spend<E: Environment>(env: &E, job: &Job<'_>, held: &Held) -> Result<(), StepError> {
    let mut census = Census::default();
    for header in headers(env.table(), job.name, held.cycle).await? {
        let kinds = held.kinds.iter().map(|kind| (kind.clone(), header.census.count(kind)));
        census.add(&Census::from(kinds.collect::<Vec<_>>()));
    }
    let spent = job.rules.guards.by_day(&census);
    for _ in 0..5 {
        let now = env.clock().now();
        let mut writes = vec![held.take(job.name)];
        if !spent.is_empty() {
            writes.push(Budget::get(env.table(), job.name).await?.spend(job.name, now, &spent));
        }
        if held.recovers {
            writes.push(JobState::recovered(job.name));
        }
        match env.table().transact(writes).await {
            Err(PortError::Conflict { .. }) => {}
            other => return Ok(other?),
        }
        let gone = !Held::all(env.table(), job.name).await?.iter().any(|one| one.hash == held.hash);
        if gone {
            return Ok(());
        }
    }
    Err(PortError::Conflict { what: "releasing what was held" }.into())
}

/// Drops what is held under the hash. Rejected changes are planned again only when their record changes.
pub async fn reject<E: Environment>(env: &E, job: &Job<'_>, hash: &str) -> Result<Approval, StepError> {
    let held = match find(env, job, hash).await? {
        Ok(held) => held,
        Err(answer) => return Ok(answer),
    };
    if held.reading {
        let at = env.clock().now();
        let step = Cycle::step(job.name, held.cycle, CycleState::HeldReading, CycleState::Rejected, at, Vec::new());
        let writes = vec![held.take(job.name), step, JobState::close(job.name, held.cycle)];
        return match env.table().transact(writes).await {
            Err(PortError::Conflict { .. }) => Ok(Approval::NoSuchHold),
            other => {
                other?;
                Ok(Approval::Reading { cycle: held.cycle })
            }
        };
    }
    for open in open_set(env.table(), job.name).await?.into_values() {
        if matches!(&open.reason, Reason::Held { hash, .. } if *hash == held.hash) {
            OpenRecord { reason: Reason::Rejected, due: None, ..open }.put(env.table(), job.name).await?;
        }
    }
    match env.table().transact(vec![held.take(job.name)]).await {
        Err(PortError::Conflict { .. }) => Ok(Approval::NoSuchHold),
        other => {
            other?;
            Ok(Approval::Plan { cycle: held.cycle, changes: held.changes })
        }
    }
}

/// Declares a job's state out of date, as after a restore of the table: the next cycle looks at everybody, and its plan is
/// held. False for a job that never ran, which has nothing to forget.
pub async fn recover<E: Environment>(env: &E, job: &Job<'_>) -> Result<bool, StepError> {
    let Some(state) = JobState::find(env.table(), job.name).await? else { return Ok(false) };
    let mut root = [0; 16];
    env.entropy().fill(&mut root);
    let over = state.starting_over(Recovery::Declared, &root);
    env.table().transact(vec![over.start_over_and_close(job.name)]).await?;
    Ok(true)
}

/// Notes what keeps a target from being read, where an operator sees it: credentials that are refused, a permission that
/// is missing. What fails by itself and may pass is not noted. The work stays and is tried again.
pub async fn note_trouble<E: Environment>(env: &E, target: &str, error: &StepError) -> Result<(), StepError> {
    if let StepError::Port(PortError::Permanent { .. }) = error {
        let why = ErrorChain(error).to_string();
        Lease::pause(env.table(), target, env.clock().now(), &why).await?;
    }
    Ok(())
}

/// Stores the key of a record that somebody asks for and queues the id of the hint: the message holds no person.
pub async fn store_hint<E: Environment>(env: &E, job: &str, key: &RecordKey) -> Result<RecordId, StepError> {
    let id = RecordId::of(env.secret(), key);
    let day_later = env.clock().now().as_second() + 86_400;
    let item = Item::from([
        ("key".to_owned(), Field::Text(key.as_str().to_owned())),
        ("ttl".to_owned(), Field::Number(day_later)),
    ]);
    env.table().put(&hint_key(job, &id.to_string()), item, ports::Condition::Always).await?;
    let message = messages::OnDemand { v: 1, job: job.to_owned(), hint: id.to_string() };
    env.queue().send(QueueName::OnDemand, &[messages::encode(&message)], Duration::ZERO).await?;
    Ok(id)
}

/// The key behind a hint; `None` when it has expired.
pub async fn read_hint<E: Environment>(env: &E, job: &str, hint: &str) -> Result<Option<RecordKey>, StepError> {
    let item = env.table().get(&hint_key(job, hint)).await?;
    Ok(item.and_then(|item| match item.get("key") {
        Some(Field::Text(key)) => Some(RecordKey::from(key.as_str())),
        _ => None,
    }))
}

fn hint_key(job: &str, hint: &str) -> Key {
    Key::new(format!("JOB#{job}#HINT"), hint)
}
