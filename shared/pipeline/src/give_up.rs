//! A batch that fails for good: it counts as planned, with every record kept under the reason.

use crate::blob::{Stored, paths};
use crate::state::Cycle;
use crate::transform::mark_planned;
use crate::{Environment, Job, StepError, judge_cycle};
use planning::{Decision, Plan, Reason, Verdict};
use record::{Record, RecordId};

/// Gives a batch up, so that the rest of the cycle goes on. `message` says why, without a value.
pub async fn give_up_batch<E: Environment>(
    env: &E,
    job: &Job<'_>,
    number: u64,
    batch: u64,
    message: &str,
) -> Result<(), StepError> {
    let cycle = Cycle::get(env.table(), job.name, number).await?.ok_or(StepError::Missing { what: "the cycle" })?;
    let base = paths::cycle(job.name, number, &cycle.token);
    let records: Vec<Record> =
        Stored::find(env, &paths::records(&base, batch), "the records of a batch").await?.unwrap_or_default();
    let decisions = records.iter().map(|record| Decision {
        record: RecordId::of(env.secret(), &record.key),
        key: record.key.clone(),
        content: record.content_hash(env.secret(), &job.rules.hash),
        read_in: planning::Read::at(number),
        link_version: 0,
        verdict: Verdict::Escrow(Reason::BatchFailed { message: message.to_owned() }),
        revisit: None,
    });
    let plan = Plan {
        job: job.name.to_owned(),
        cycle: number,
        batch,
        rules: job.rules_hash(),
        decisions: decisions.collect(),
    };
    let plan = Stored::put_or_get(env, &paths::plan(&base, batch), plan, "a batch's plan").await?;
    let planned = mark_planned(env, job, number, batch, &plan).await?;
    if planned.planned.len() as u64 == planned.batches { judge_cycle(env, job, number).await } else { Ok(()) }
}
