//! Waits until everything that was set going has come to rest.

use crate::error::CommandError;
use crate::session::Session;
use jiff::Timestamp;
use pipeline::state::{Cycle, CycleState, JobState, Lease, Ready};
use ports::{Clock, ErrorChain, QueueName};
use std::time::Duration;

/// How often the state is looked at.
const LOOK: Duration = Duration::from_millis(40);
/// What was left half-way by a process that died gets a push this often; on a deployed stack the schedules do that.
const PUSH_SECONDS: i64 = 2;
/// A message that is with a function for longer than this, while nothing moves, has failed and comes back in some minutes;
/// what it stands for is taken from the state.
const FAILED_SECONDS: i64 = 15;
/// Without any progress for so long, waiting ends.
const PATIENCE_SECONDS: i64 = 120;

/// How everything came to rest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Rest {
    /// Nothing is left to do.
    Done,
    /// A read is held.
    Held(u64),
    /// The target is paused.
    Paused { until: Timestamp, why: String },
    /// Something is to be tried again later.
    Later(Timestamp),
    /// Nothing moved for a long time.
    Stuck,
}

/// Waits for a job and its target. `progress` is told how far the open cycle is.
pub(crate) async fn wait(
    session: &Session,
    job: &str,
    target: &str,
    mut progress: impl FnMut(&Cycle),
) -> Result<Rest, CommandError> {
    let clock = &session.ports().clock;
    let mut seen = None;
    let mut moved_at = clock.now();
    let mut pushed_at = clock.now();
    let mut quiet = 0;
    loop {
        let look = look(session, job, target).await?;
        if look.mark != seen {
            seen.clone_from(&look.mark);
            moved_at = clock.now();
        }
        if let Some(cycle) = &look.cycle {
            progress(cycle);
        }
        let in_hand = look.in_flight && clock.now().as_second() - moved_at.as_second() < FAILED_SECONDS;
        match look.rest {
            Some(rest @ Rest::Paused { .. }) => return Ok(rest),
            _ if in_hand => quiet = 0,
            // Between two messages everything may look idle: only what stays so is at rest.
            Some(rest) if quiet >= 3 => return Ok(rest),
            Some(_) => quiet += 1,
            None => quiet = 0,
        }
        let now = clock.now();
        if look.idle && now.as_second() - moved_at.max(pushed_at).as_second() >= PUSH_SECONDS {
            pushed_at = now;
            push(session, job, target, look.cycle.as_ref()).await?;
        }
        if now.as_second() - moved_at.as_second() > PATIENCE_SECONDS {
            return Ok(Rest::Stuck);
        }
        clock.sleep(LOOK).await;
    }
}

struct Look {
    /// Whatever changes when something moves.
    mark: Option<String>,
    cycle: Option<Cycle>,
    /// `None` while something is under way.
    rest: Option<Rest>,
    /// Nobody is at it: no message is on its way.
    idle: bool,
    /// A function has a message, or had it and failed.
    in_flight: bool,
}

/// Takes the step that the open cycle waits for, and wakes the writer.
async fn push(session: &Session, job: &str, target: &str, cycle: Option<&Cycle>) -> Result<(), CommandError> {
    let failed = |error: pipeline::StepError| CommandError::failed("a half-finished cycle cannot go on", error);
    let job = session.runtime.expect_job(job).map_err(|error| CommandError::failed("no such job", error))?;
    if let Some(cycle) = cycle {
        match pipeline::resume(session.ports(), &job, cycle).await {
            Err(error) if !error.is_transient() => return Err(failed(error)),
            _ => {}
        }
    }
    let wake = messages::Write { v: 1, target: target.to_owned(), continuation: 0 };
    session.send(QueueName::Write, &wake).await.map(|_| ())
}

async fn look(session: &Session, job: &str, target: &str) -> Result<Look, CommandError> {
    let failed =
        |error: pipeline::StepError| CommandError::because(format!("the state cannot be read: {}", ErrorChain(&error)));
    let table = &session.ports().table;
    let now = session.ports().clock.now();
    let state = JobState::get(table, job).await.map_err(failed)?;
    let cycle = match &state.open {
        Some(open) => Cycle::get(table, job, open.number).await.map_err(failed)?,
        None => None,
    };
    let ready = Ready::first(table, target, 100).await.map_err(failed)?;
    let paused = Lease::paused(table, target).await.map_err(failed)?.filter(|(until, ..)| *until > now);
    let (mut messages, mut in_flight) = (0, 0);
    if let Some(stack) = &session.stack {
        for queue in QueueName::ALL {
            let depth = stack.queue_depth(queue.function()).await;
            messages += depth.visible;
            in_flight += depth.in_flight;
        }
    }
    let next = ready.iter().map(|ready| ready.not_before).min();
    let held = cycle.as_ref().is_some_and(|cycle| cycle.state == CycleState::HeldReading);
    let rest = match (messages, paused, next, &state.open) {
        // Messages that failed are on their way again in some minutes; nobody waits for them.
        (_, Some((until, why, _)), next, open) if next.is_some() || open.is_some() => Some(Rest::Paused { until, why }),
        (0, _, Some(next), _) if next > now + jiff::SignedDuration::from_secs(30) => Some(Rest::Later(next)),
        (0, _, None, Some(open)) if held => Some(Rest::Held(open.number)),
        (0, _, None, None) => Some(Rest::Done),
        _ => None,
    };
    let waiting: Vec<_> = ready.iter().map(|ready| (ready.cycle, ready.batch, ready.phase, ready.attempts)).collect();
    let mark = format!(
        "{:?} {:?} {messages} {in_flight} {waiting:?}",
        state.open.as_ref().map(|open| open.number),
        cycle.as_ref().map(|cycle| (cycle.state, cycle.planned.len(), cycle.written.len())),
    );
    Ok(Look {
        mark: Some(mark),
        cycle,
        rest,
        idle: messages + in_flight == 0 && session.stack.is_some(),
        in_flight: in_flight > 0,
    })
}
