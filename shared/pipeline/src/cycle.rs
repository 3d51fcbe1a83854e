//! Giving a cycle a push: whatever message was lost is sent again.

use crate::blob::Phase;
use crate::state::{Cycle, CycleState, Intent, Lease, Ready, commit};
use crate::{Environment, Job, StepError, judge_cycle, settle_cycle};
use jiff::{SignedDuration, Timestamp};
use ports::{Clock, Condition, Queue, QueueName, Table, Write};
use std::time::Duration;

/// Sends a message for each batch that is not planned yet.
pub(crate) async fn send_transforms<E: Environment>(env: &E, job: &Job<'_>, cycle: &Cycle) -> Result<(), StepError> {
    let bodies: Vec<String> = (1..=cycle.batches)
        .filter(|batch| !cycle.planned.contains(batch))
        .map(|batch| {
            messages::encode(&messages::Transform { v: 1, job: job.name.to_owned(), cycle: cycle.number, batch })
        })
        .collect();
    if !bodies.is_empty() {
        env.queue().send(QueueName::Transform, &bodies, Duration::ZERO).await?;
    }
    Ok(())
}

/// Wakes the writer of a target.
pub(crate) async fn wake_writer<E: Environment>(env: &E, target: &str, delay: Duration) -> Result<(), StepError> {
    let wake = messages::encode(&messages::Write { v: 1, target: target.to_owned(), continuation: 0 });
    Ok(env.queue().send(QueueName::Write, &[wake], delay).await?)
}

/// Takes whatever step a cycle is waiting for. Harmless while somebody else is at it.
pub async fn resume<E: Environment>(env: &E, job: &Job<'_>, cycle: &Cycle) -> Result<(), StepError> {
    match cycle.state {
        CycleState::Reading => {
            let go_on = messages::Fetch {
                v: 1,
                job: job.name.to_owned(),
                mode: messages::Mode::Full,
                cycle: Some(cycle.number),
                continuation: cycle.continuation,
            };
            Ok(env.queue().send(QueueName::Fetch, &[messages::encode(&go_on)], Duration::ZERO).await?)
        }
        CycleState::Planning if cycle.planned.len() as u64 == cycle.batches => {
            judge_cycle(env, job, cycle.number).await
        }
        CycleState::Planning => send_transforms(env, job, cycle).await,
        CycleState::Judging => judge_cycle(env, job, cycle.number).await,
        CycleState::Writing if !cycle.released => judge_cycle(env, job, cycle.number).await,
        CycleState::Writing if cycle.written.len() as u64 >= cycle.to_write => {
            settle_cycle(env, job, cycle.number).await
        }
        CycleState::Writing => wake_writer(env, job.target, Duration::ZERO).await,
        CycleState::HeldReading | CycleState::Settled | CycleState::Rejected | CycleState::Superseded => Ok(()),
    }
}

/// A cycle of one record that nobody touched for so long is looked after.
const IDLE: SignedDuration = SignedDuration::from_mins(2);
/// One that nothing was released of is given up after so long: its message came again and began another.
const FORGOTTEN: SignedDuration = SignedDuration::from_mins(20);

/// Looks after cycles of one record whose function died half-way: no other message leads to them. The one that stands with
/// the lease is the next writer's.
pub(crate) async fn sweep<E: Environment>(env: &E, job: &Job<'_>, last: u64) -> Result<(), StepError> {
    let now = env.clock().now();
    if Lease::has_intent(env.table(), job.target).await? {
        wake_writer(env, job.target, Duration::ZERO).await?;
    }
    for cycle in Cycle::newest(env.table(), job.name, last, 100).await? {
        if !cycle.urgent || cycle.state.is_over() || now < cycle.touched_at + IDLE {
            continue;
        }
        if cycle.state == CycleState::Writing {
            resume(env, job, &cycle).await?;
        } else if now >= cycle.touched_at + FORGOTTEN {
            let over = Cycle::step(job.name, cycle.number, cycle.state, CycleState::Superseded, now, Vec::new());
            match commit(env.table(), vec![over]).await {
                Err(error) if !error.is_conflict() => return Err(error.into()),
                _ => {}
            }
        }
    }
    Ok(())
}

/// The order of released work: single records first, then leavers, then the rest; references last.
pub(crate) fn priority(urgent: bool, leavers: bool, phase: Phase) -> u8 {
    match (urgent, phase, leavers) {
        (true, _, _) => 0,
        (false, Phase::References, _) => 3,
        (false, Phase::Accounts, true) => 1,
        (false, Phase::Accounts, false) => 2,
    }
}

/// Leaves a cycle of one record to whoever writes the target next. Doing it twice is harmless.
pub(crate) async fn leave_work<E: Environment>(
    env: &E,
    target: &str,
    intent: &Intent,
    attempts: u32,
) -> Result<(), StepError> {
    let ready = Ready { attempts, ..ready_of(intent, env.clock().now()) };
    leave_cycle(env, &intent.job, &intent.cycle, &ready, target).await
}

/// Stores a released cycle that stands nowhere yet, and what is to be written of it.
pub(crate) async fn leave_cycle<E: Environment>(
    env: &E,
    job: &str,
    cycle: &Cycle,
    ready: &Ready,
    target: &str,
) -> Result<(), StepError> {
    let whole = Write::Put(Cycle::key(job, cycle.number), cycle.item(), Condition::Absent);
    let work = Write::Put(ready.key(target), ready.item(), Condition::Always);
    match env.table().transact(vec![whole, work]).await {
        // Somebody has left it already, or ended it.
        Err(error) if error.is_conflict() => Ok(()),
        other => Ok(other?),
    }
}

/// The work on a cycle of one record.
pub(crate) fn ready_of(intent: &Intent, now: Timestamp) -> Ready {
    Ready {
        priority: priority(true, false, Phase::Accounts),
        job: intent.job.clone(),
        cycle: intent.cycle.number,
        batch: 1,
        phase: Phase::Accounts,
        kinds: Vec::new(),
        approved: false,
        only: Some(intent.record),
        attempts: 0,
        not_before: now,
    }
}

/// Stores released work.
pub(crate) async fn put_ready<E: Environment>(env: &E, target: &str, ready: &Ready) -> Result<(), StepError> {
    Ok(env.table().put(&ready.key(target), ready.item(), Condition::Always).await?)
}
