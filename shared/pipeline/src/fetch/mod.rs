//! Reads a source page by page, drops what the manifest knows, adds the open set, cuts batches and proves the read complete.

mod cutter;
mod finish;
mod open;
mod recovery;

use crate::cycle::{resume, sweep};
use crate::state::{Cycle, CycleState, JobState, OpenCycle};
use crate::{Environment, Job, StepError};
use cutter::Cutter;
pub(crate) use cutter::combined;
pub(crate) use finish::settled_state;
use jiff::Timestamp;
use messages::Mode;
use ports::{Clock, Entropy, PortError, Queue, QueueName, Source};
pub(crate) use recovery::begin_beside;
use std::time::Duration;

/// A read that is continued more often than this is stopped.
const CONTINUATIONS_MAX: u32 = 500;

/// What a fetch came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FetchOutcome {
    /// Nothing had changed; the cycle is over.
    Settled {
        /// The cycle.
        cycle: u64,
    },
    /// Batches are on their way.
    Planning {
        /// The cycle.
        cycle: u64,
        /// How many.
        batches: u64,
    },
    /// The read is held: nothing of it is used until a person releases it.
    Held {
        /// The cycle.
        cycle: u64,
        /// Hash of the read, to approve or reject it.
        hash: String,
    },
    /// The read goes on in another invocation.
    Continues {
        /// The cycle.
        cycle: u64,
    },
    /// Another cycle of the job is still on; it was given a push, and nothing new was started.
    Busy {
        /// The cycle that is on.
        cycle: u64,
    },
    /// Somebody else took this step in the meantime.
    Overtaken,
}

/// Starts a cycle of a job, or goes on with one (`request.cycle`). Hands on to itself before `deadline`.
pub async fn fetch<E: Environment, S: Source>(
    env: &E,
    source: &S,
    job: &Job<'_>,
    request: &messages::Fetch,
    deadline: Timestamp,
) -> Result<FetchOutcome, StepError> {
    let outcome = match request.cycle {
        Some(cycle) => continue_cycle(env, source, job, request, cycle, deadline).await,
        None => start_cycle(env, source, job, request, deadline).await,
    };
    match outcome {
        Err(error) if error.is_conflict() => Ok(FetchOutcome::Overtaken),
        other => other,
    }
}

async fn start_cycle<E: Environment, S: Source>(
    env: &E,
    source: &S,
    job: &Job<'_>,
    request: &messages::Fetch,
    deadline: Timestamp,
) -> Result<FetchOutcome, StepError> {
    let mut state = recovery::state(env, job).await?;
    sweep(env, job, state.last_cycle).await?;
    let open = match state.open.clone() {
        None => begin(env, job, &state).await?,
        Some(open) => match Cycle::get(env.table(), job.name, open.number).await? {
            // It began and nothing more is known: it is read again under the same number; whoever finishes first counts.
            None => open,
            // A newer read takes the place of a held one; a cycle without a read leaves it for a person.
            Some(cycle) if cycle.state == CycleState::HeldReading && request.mode != Mode::Open => {
                let at = env.clock().now();
                let over = Cycle::step(
                    job.name,
                    cycle.number,
                    CycleState::HeldReading,
                    CycleState::Superseded,
                    at,
                    Vec::new(),
                );
                let mut writes = vec![over, JobState::close(job.name, cycle.number)];
                writes.extend(finish::hold_of(&cycle).map(|held| held.take(job.name)));
                ports::Table::transact(env.table(), writes).await?;
                state.open = None;
                begin(env, job, &state).await?
            }
            Some(cycle) => {
                resume(env, job, &cycle).await?;
                return Ok(FetchOutcome::Busy { cycle: cycle.number });
            }
        },
    };
    let manifest = recovery::manifest(env, job, &mut state, &open).await?;
    let cutter = Cutter::begin(env, job, &state, &open, request.mode, manifest).await?;
    if request.mode == Mode::Open {
        return open::open_only(env, job, cutter).await;
    }
    read(env, source, job, &state, cutter, None, deadline).await
}

async fn begin<E: Environment>(env: &E, job: &Job<'_>, state: &JobState) -> Result<OpenCycle, StepError> {
    let mut seed = [0; 16];
    env.entropy().fill(&mut seed);
    match state.begin(env.table(), job.name, env.clock().now(), seed).await {
        // A lost reply makes one's own write look like somebody else's: see whose it is.
        Err(error) if error.is_conflict() => {
            let open = JobState::get(env.table(), job.name).await?.open;
            open.filter(|open| open.seed == seed).ok_or(error)
        }
        begun => begun,
    }
}

async fn continue_cycle<E: Environment, S: Source>(
    env: &E,
    source: &S,
    job: &Job<'_>,
    request: &messages::Fetch,
    number: u64,
    deadline: Timestamp,
) -> Result<FetchOutcome, StepError> {
    // A message is sent after its cycle is there: this one comes of a table that is gone.
    let Some(cycle) = Cycle::get(env.table(), job.name, number).await? else { return Ok(FetchOutcome::Overtaken) };
    if cycle.state != CycleState::Reading || cycle.continuation != request.continuation {
        // It comes again after its own work: what it had to send may be lost. An older one was answered long ago.
        let steps = u32::from(cycle.state == CycleState::Reading);
        if request.continuation.checked_add(steps) == Some(cycle.continuation) {
            resume(env, job, &cycle).await?;
        }
        return Ok(FetchOutcome::Busy { cycle: number });
    }
    if cycle.continuation > CONTINUATIONS_MAX {
        return Err(StepError::Endless { what: "fetch", continuations: cycle.continuation });
    }
    let mut state = JobState::get(env.table(), job.name).await?;
    let cursor = cycle.cursor.clone();
    let open = OpenCycle { number: cycle.number, now: cycle.now, seed: cycle.seed };
    let manifest = recovery::manifest(env, job, &mut state, &open).await?;
    let cutter = Cutter::go_on(env, job, &state, cycle, manifest).await?;
    read(env, source, job, &state, cutter, cursor, deadline).await
}

/// Reads pages until the source has no more or the time is up.
async fn read<E: Environment, S: Source>(
    env: &E,
    source: &S,
    job: &Job<'_>,
    state: &JobState,
    mut cutter: Cutter,
    mut cursor: Option<String>,
    deadline: Timestamp,
) -> Result<FetchOutcome, StepError> {
    loop {
        let page = match source.read(&cutter.wanted, cursor.as_deref()).await {
            // The source changed under the read: what was cut so far is of no use, the next cycle reads it anew.
            Err(PortError::Conflict { .. }) if cursor.is_some() => {
                return finish::replaced(env, job, state, &cutter).await;
            }
            page => page?,
        };
        let next = page.next.clone();
        cutter.add(env, job, page).await?;
        if next.is_none() {
            return finish::finish(env, job, state, cutter).await;
        }
        if next == cursor {
            return Err(StepError::Endless { what: "a page of the source", continuations: 1 });
        }
        cursor = next;
        if env.clock().now() >= deadline {
            return hand_on(env, job, cutter, cursor).await;
        }
    }
}

/// Stores how far the read is and sends the message that goes on with it.
async fn hand_on<E: Environment>(
    env: &E,
    job: &Job<'_>,
    mut cutter: Cutter,
    cursor: Option<String>,
) -> Result<FetchOutcome, StepError> {
    let cycle = cutter.checkpoint(env, job, cursor).await?;
    let go_on = messages::Fetch {
        v: 1,
        job: job.name.to_owned(),
        mode: Mode::Full,
        cycle: Some(cycle.number),
        continuation: cycle.continuation,
    };
    env.queue().send(QueueName::Fetch, &[messages::encode(&go_on)], Duration::ZERO).await?;
    Ok(FetchOutcome::Continues { cycle: cycle.number })
}
