//! State that was lost or damaged is noticed where it is read anyway; a job whose state is as it was pays nothing for it.

use crate::state::{JobState, OpenCycle, Recovery};
use crate::{Environment, Job, Manifest, StepError};
use ports::{Entropy, Table};

/// The job's state. A job without any has never run, or its table was lost: the first manifest of its history tells.
pub(super) async fn state<E: Environment>(env: &E, job: &Job<'_>) -> Result<JobState, StepError> {
    match JobState::find(env.table(), job.name).await? {
        Some(state) => Ok(state),
        None => first(env, job).await,
    }
}

async fn first<E: Environment>(env: &E, job: &Job<'_>) -> Result<JobState, StepError> {
    let state = JobState::default();
    if !Manifest::ever(env, job.name).await? {
        return Ok(state);
    }
    let mut root = [0; 16];
    env.entropy().fill(&mut root);
    Ok(state.starting_over(Recovery::Lost, &root))
}

/// Takes a number for a cycle of one record. Such a cycle may be the first to find the table lost.
pub(crate) async fn begin_beside<E: Environment>(env: &E, job: &Job<'_>) -> Result<u64, StepError> {
    match JobState::begin_beside(env.table(), job.name).await {
        Err(error) if error.is_conflict() => {
            let state = JobState { last_cycle: 1, ..first(env, job).await? };
            match state.create(env.table(), job.name).await {
                Err(error) if error.is_conflict() => JobState::begin_beside(env.table(), job.name).await,
                other => other.map(|()| 1),
            }
        }
        other => other,
    }
}

/// The manifest that a read is compared with. Without one that can be trusted the job starts over.
pub(super) async fn manifest<E: Environment>(
    env: &E,
    job: &Job<'_>,
    state: &mut JobState,
    open: &OpenCycle,
) -> Result<Manifest, StepError> {
    if let Some(manifest) = Manifest::of_job(env, job.name, state.manifest.as_deref()).await? {
        return Ok(manifest);
    }
    *state = state.starting_over(Recovery::Manifest, &open.seed);
    env.table().transact(vec![state.start_over(job.name, open.number)]).await?;
    Ok(Manifest::default())
}
