//! Waits until everything that was set going has come to rest.

use crate::error::CommandError;
use crate::session::Session;
use jiff::Timestamp;
use pipeline::state::{Cycle, CycleState, JobState, Lease, Ready};
use ports::{Clock, ErrorChain, QueueName};
use std::time::Duration;

/// How often the state is looked at.
const LOOK: Duration = Duration::from_millis(40);
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
    Paused {
        until: Timestamp,
        why: String,
    },
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
        match look.rest {
            // Between two messages everything may look idle: only what stays so is at rest.
            Some(rest) if quiet >= 3 => return Ok(rest),
            Some(_) => quiet += 1,
            None => quiet = 0,
        }
        if clock.now().as_second() - moved_at.as_second() > PATIENCE_SECONDS {
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
}

async fn look(session: &Session, job: &str, target: &str) -> Result<Look, CommandError> {
    let failed = |error: pipeline::StepError| {
        CommandError::because(format!("the state cannot be read: {}", ErrorChain(&error)))
    };
    let table = &session.ports().table;
    let now = session.ports().clock.now();
    let state = JobState::get(table, job).await.map_err(failed)?;
    let cycle = match &state.open {
        Some(open) => Cycle::get(table, job, open.number).await.map_err(failed)?,
        None => None,
    };
    let ready = Ready::first(table, target, 100).await.map_err(failed)?;
    let paused = Lease::paused(table, target).await.map_err(failed)?.filter(|(until, ..)| *until > now);
    let mut messages = 0;
    if let Some(stack) = &session.stack {
        for queue in QueueName::ALL {
            let depth = stack.queue_depth(queue.function()).await;
            messages += depth.visible + depth.in_flight;
        }
    }
    let next = ready.iter().map(|ready| ready.not_before).min();
    let held = cycle.as_ref().is_some_and(|cycle| cycle.state == CycleState::HeldReading);
    let rest = match (messages, paused, next, &state.open) {
        (0, Some((until, why, _)), Some(_), _) => Some(Rest::Paused { until, why }),
        (0, _, Some(next), _) if next > now + jiff::SignedDuration::from_secs(30) => Some(Rest::Later(next)),
        (0, _, None, Some(open)) if held => Some(Rest::Held(open.number)),
        (0, _, None, None) => Some(Rest::Done),
        _ => None,
    };
    let mark = format!(
        "{:?} {:?} {messages} {}",
        state.open.as_ref().map(|open| open.number),
        cycle.as_ref().map(|cycle| (cycle.state, cycle.planned.len(), cycle.written.len())),
        ready.iter().map(|ready| format!("{}{}{:?}{}", ready.cycle, ready.batch, ready.phase, ready.attempts)).collect::<String>(),
    );
    Ok(Look { mark: Some(mark), cycle, rest })
}
