//! The one active writer of a target: takes the lease, works off what is released, hands on before its time is up.

use crate::cycle::{leave_work, wake_writer};
use crate::state::{Intent, Lease, Ready};
use crate::writer::{BatchEnd, Writer};
use crate::{Environment, Job, Jobs, Pace, StepError};
use jiff::{SignedDuration, Timestamp};
use ports::{Clock, Entropy, Queue, QueueName, TargetWrite};
use record::RecordId;
use std::time::Duration;

/// More hand-overs in a row than this are stopped: the schedule of each minute starts a fresh row.
const CONTINUATIONS_MAX: u32 = 5_000;
/// Ready work that is looked at in one go.
const LOOK: usize = 100;
/// The longest delay that a queue takes.
const DELAY_MAX: SignedDuration = SignedDuration::from_mins(15);

/// What a writer's invocation came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WriteOutcome {
    /// Another writer holds the lease; it will find the work.
    LeaseHeld,
    /// The target is paused.
    Paused {
        /// Until when.
        until: Timestamp,
        /// Why: a code of the target or a fixed phrase.
        why: String,
    },
    /// Nothing is left to do now.
    Idle {
        /// Pieces of work that were finished.
        finished: u64,
        /// When the next piece may be tried.
        next: Option<Timestamp>,
    },
    /// The time is up; a message wakes the next writer.
    HandedOn {
        /// Pieces of work that were finished.
        finished: u64,
    },
}

/// What a step that may write a target is given besides it.
#[derive(Clone)]
pub struct Writing<'a> {
    /// The jobs of the target, by name.
    pub jobs: Jobs<'a, 'a>,
    /// The pace of its writer.
    pub pace: Pace,
    /// When to hand on.
    pub deadline: Timestamp,
}

/// Works for one target until `deadline`. `job` gives the job of a name; work of a job that is no longer configured stays.
pub async fn write<E: Environment, T: TargetWrite>(
    env: &E,
    target: &T,
    name: &str,
    job: Jobs<'_, '_>,
    mut pace: Pace,
    continuation: u32,
    deadline: Timestamp,
) -> Result<WriteOutcome, StepError> {
    let now = env.clock().now();
    let paused = Lease::paused(env.table(), name).await?;
    let recovers = paused.is_some();
    if let Some((until, why, _)) = paused
        && until > now
    {
        return Ok(WriteOutcome::Paused { until, why });
    }
    let (holder, lag) = (new_holder(env), target.replica_lag());
    let Some(lease) = Lease::acquire(env.table(), name, &holder, now, &mut pace, lag, None).await? else {
        return Ok(WriteOutcome::LeaseHeld);
    };
    if let Some(left) = &lease.intent {
        // Its function died. Nobody knows how far it came, so that it counts as tried.
        leave_work(env, name, left, 1).await?;
    }
    let mut writer = Writer::new(env, target, name, lease, pace, deadline, recovers);
    let (finished, end) = work(env, &mut writer, name, job).await?;
    if Ready::first(env.table(), name, 1).await?.is_empty() {
        writer.end_doubt();
    }
    writer.release().await?;
    match end {
        Some(paused) => Ok(paused),
        None => look_once_more(env, name, job, continuation, finished).await,
    }
}

/// Writes one cycle under the lease, which keeps it meanwhile, and nothing else. `None` where the lease cannot be had or the
/// target is paused: then nothing was done.
pub(crate) async fn write_alone<E: Environment, T: TargetWrite>(
    env: &E,
    target: &T,
    job: &Job<'_>,
    intent: &Intent,
    writing: &Writing<'_>,
) -> Result<Option<WriteOutcome>, StepError> {
    let (now, name) = (env.clock().now(), job.target);
    let paused = Lease::paused(env.table(), name).await?;
    if paused.as_ref().is_some_and(|(until, ..)| *until > now) {
        return Ok(None);
    }
    let (holder, lag, mut pace) = (new_holder(env), target.replica_lag(), writing.pace.clone());
    let lease = Lease::acquire(env.table(), name, &holder, now, &mut pace, lag, Some(intent)).await?;
    let Some(lease) = lease else { return Ok(None) };
    let mut writer = Writer::new(env, target, name, lease, pace, writing.deadline, paused.is_some());
    let others = Ready::first(env.table(), name, LOOK).await?;
    writer.note_retries(others.iter().any(|ready| ready.attempts > 0));
    writer.note_promised(&others);
    let end = writer.process_intent(job, intent).await?;
    if others.is_empty() {
        writer.end_doubt();
    }
    writer.release().await?;
    match end {
        BatchEnd::Paused { until, why } => Ok(Some(WriteOutcome::Paused { until, why })),
        end => {
            let finished = u64::from(matches!(end, BatchEnd::Finished));
            look_once_more(env, name, writing.jobs, 0, finished).await.map(Some)
        }
    }
}

/// A name for a holder of the lease.
fn new_holder<E: Environment>(env: &E) -> String {
    let mut holder = [0; 16];
    env.entropy().fill(&mut holder);
    RecordId(holder).to_string()
}

/// Whoever put work here while the lease was held found it held and went away: look once more.
async fn look_once_more<E: Environment>(
    env: &E,
    name: &str,
    job: Jobs<'_, '_>,
    continuation: u32,
    finished: u64,
) -> Result<WriteOutcome, StepError> {
    let next = next_time(env, name, job).await?;
    let now = env.clock().now();
    if next.is_some_and(|next| next <= now) {
        hand_on(env, name, continuation).await?;
        return Ok(WriteOutcome::HandedOn { finished });
    }
    if let Some(next) = next {
        let delay = next.duration_since(now).min(DELAY_MAX);
        wake_writer(env, name, Duration::try_from(delay).unwrap_or_default()).await?;
    }
    Ok(WriteOutcome::Idle { finished, next })
}

/// Works off ready work in order until nothing is due, the time is up, or the target is paused.
async fn work<E: Environment, T: TargetWrite>(
    env: &E,
    writer: &mut Writer<'_, E, T>,
    name: &str,
    job: Jobs<'_, '_>,
) -> Result<(u64, Option<WriteOutcome>), StepError> {
    let mut finished = 0;
    while !writer.is_late() {
        let now = env.clock().now();
        let ready = Ready::first(env.table(), name, LOOK).await?;
        writer.note_retries(ready.iter().any(|ready| ready.attempts > 0));
        writer.note_promised(&ready);
        let Some((ready, found)) = ready
            .into_iter()
            .filter(|ready| ready.not_before <= now)
            .find_map(|ready| job(&ready.job).map(|found| (ready, found)))
        else {
            break;
        };
        match writer.process(&found, ready, job).await? {
            BatchEnd::Finished => finished += 1,
            BatchEnd::Later | BatchEnd::OutOfTime => {}
            BatchEnd::Paused { until, why } => return Ok((finished, Some(WriteOutcome::Paused { until, why }))),
        }
    }
    Ok((finished, None))
}

async fn next_time<E: Environment>(env: &E, name: &str, job: Jobs<'_, '_>) -> Result<Option<Timestamp>, StepError> {
    let ready = Ready::first(env.table(), name, LOOK).await?;
    Ok(ready.iter().filter(|ready| job(&ready.job).is_some()).map(|ready| ready.not_before).min())
}

async fn hand_on<E: Environment>(env: &E, name: &str, continuation: u32) -> Result<(), StepError> {
    if continuation >= CONTINUATIONS_MAX {
        return Err(StepError::Endless { what: "write", continuations: continuation });
    }
    let wake = messages::Write { v: 1, target: name.to_owned(), continuation: continuation + 1 };
    Ok(env.queue().send(QueueName::Write, &[messages::encode(&wake)], Duration::ZERO).await?)
}
