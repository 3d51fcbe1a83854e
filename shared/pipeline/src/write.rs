//! The one active writer of a target: takes the lease, works off what is released, hands on before its time is up.

use crate::cycle::wake_writer;
use crate::state::{Lease, Ready};
use crate::writer::{BatchEnd, Writer};
use crate::{Environment, Jobs, Pace, StepError};
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
    let mut holder = [0; 16];
    env.entropy().fill(&mut holder);
    let holder = RecordId(holder).to_string();
    let Some(lease) = Lease::acquire(env.table(), name, &holder, now, &mut pace, target.replica_lag()).await? else {
        return Ok(WriteOutcome::LeaseHeld);
    };
    let mut writer = Writer::new(env, target, name, lease, pace, deadline, recovers);
    let (finished, end) = work(env, &mut writer, name, job).await?;
    if Ready::first(env.table(), name, 1).await?.is_empty() {
        writer.end_doubt();
    }
    writer.release().await?;
    // Whoever put work here while the lease was held found it held and went away: look once more.
    let next = next_time(env, name, job).await?;
    let now = env.clock().now();
    match (end, next) {
        (Some(paused), _) => Ok(paused),
        (None, Some(next)) if next <= now => {
            hand_on(env, name, continuation).await?;
            Ok(WriteOutcome::HandedOn { finished })
        }
        (None, next) => {
            if let Some(next) = next {
                let delay = next.duration_since(now).min(DELAY_MAX);
                wake_writer(env, name, Duration::try_from(delay).unwrap_or_default()).await?;
            }
            Ok(WriteOutcome::Idle { finished, next })
        }
    }
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
