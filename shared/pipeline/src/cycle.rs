//! Giving a cycle a push: whatever message was lost is sent again.

use crate::blob::Phase;
use crate::state::{Cycle, CycleState, Ready};
use crate::{Environment, Job, StepError, judge_cycle, settle_cycle};
use ports::{Queue, QueueName};
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
        CycleState::Planning if cycle.planned.len() as u64 == cycle.batches => judge_cycle(env, job, cycle.number).await,
        CycleState::Planning => send_transforms(env, job, cycle).await,
        CycleState::Judging => judge_cycle(env, job, cycle.number).await,
        CycleState::Writing if !cycle.released => judge_cycle(env, job, cycle.number).await,
        CycleState::Writing if cycle.written.len() as u64 >= cycle.to_write => settle_cycle(env, job, cycle.number).await,
        CycleState::Writing => wake_writer(env, job.target, Duration::ZERO).await,
        CycleState::HeldReading | CycleState::Settled | CycleState::Rejected | CycleState::Superseded => Ok(()),
    }
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

/// Stores released work.
pub(crate) async fn put_ready<E: Environment>(env: &E, target: &str, ready: &Ready) -> Result<(), StepError> {
    use ports::Table;
    Ok(env.table().put(&ready.key(target), ready.item(), ports::Condition::Always).await?)
}
