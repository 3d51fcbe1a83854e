//! Reads what cycles left behind: plans and outcomes are the log.

use crate::error::CommandError;
use crate::session::Session;
use pipeline::state::{Cycle, JobState};
use pipeline::{Environment, Outcome, Outcomes, Phase, Stored, paths};
use planning::Plan;
use ports::ErrorChain;
use record::RecordId;
use std::collections::BTreeMap;

/// A failure to read state.
pub(crate) fn unreadable(error: &pipeline::StepError) -> CommandError {
    CommandError::because(format!("the state cannot be read: {}", ErrorChain(error)))
}

/// The newest cycles, newest first.
pub(crate) async fn newest(session: &Session, job: &str, limit: u64) -> Result<Vec<Cycle>, CommandError> {
    let table = &session.ports().table;
    let state = JobState::get(table, job).await.map_err(|error| unreadable(&error))?;
    Cycle::newest(table, job, state.last_cycle, limit).await.map_err(|error| unreadable(&error))
}

/// The plans of a cycle that are still kept.
pub(crate) async fn plans<E: Environment>(env: &E, job: &str, cycle: &Cycle) -> Result<Vec<Plan>, CommandError> {
    let base = paths::cycle(job, cycle.number, &cycle.token);
    let mut plans = Vec::new();
    for batch in 1..=cycle.batches {
        let plan = Stored::find::<Plan>(env, &paths::plan(&base, batch), "a batch's plan").await;
        plans.extend(plan.map_err(|error| unreadable(&error))?);
    }
    Ok(plans)
}

/// What came of one batch, by record: accounts first, then references over them where they failed.
pub(crate) async fn outcomes(
    session: &Session,
    job: &str,
    cycle: &Cycle,
    batch: u64,
) -> Result<BTreeMap<RecordId, Outcome>, CommandError> {
    let base = paths::cycle(job, cycle.number, &cycle.token);
    let mut all = BTreeMap::new();
    for (phase, approved) in
        [(Phase::Accounts, false), (Phase::References, false), (Phase::Accounts, true), (Phase::References, true)]
    {
        for attempt in 0.. {
            let path = paths::outcomes(&base, batch, phase, approved, attempt);
            let found = Stored::find::<Outcomes>(session.ports(), &path, "the outcomes of a batch").await;
            let Some(outcomes) = found.map_err(|error| unreadable(&error))? else { break };
            for outcome in outcomes.records {
                if phase == Phase::Accounts || outcome.reason.is_some() {
                    all.insert(outcome.record, outcome);
                }
            }
        }
    }
    Ok(all)
}
