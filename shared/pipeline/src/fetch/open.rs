//! The open set's share of a cycle: records whose time has come although nobody stated anything new.

use super::FetchOutcome;
use super::cutter::{Cutter, put_cycle};
use crate::blob::Stored;
use crate::cycle::send_transforms;
use crate::state::{Cycle, CycleState, JobState, OpenRecord};
use crate::{Environment, Job, StepError, paths};
use ports::{Table, Write};
use record::{Record, RecordId};
use std::collections::BTreeMap;

/// Adds open records that are due and did not come with the read, as the source stated them last.
pub(super) async fn add_due<E: Environment>(env: &E, job: &Job<'_>, cutter: &mut Cutter) -> Result<(), StepError> {
    // After a full read, who is due has come with it, or is missing and stays as it is.
    if cutter.reading.full {
        return Ok(());
    }
    let seen = cutter.seen();
    let due: Vec<OpenRecord> = cutter
        .open_set
        .values()
        .filter(|open| !open.is_ahead() && !seen.contains(&open.record) && cutter.is_due(open))
        .cloned()
        .collect();
    cutter.reading.read_in.extend(due.iter().map(|open| (open.record, open.read_in)));
    for record in stored_records(env, &due).await? {
        cutter.keep(env, job, record).await?;
    }
    Ok(())
}

/// A cycle of nothing but the open set.
pub(super) async fn open_only<E: Environment>(
    env: &E,
    job: &Job<'_>,
    mut cutter: Cutter,
) -> Result<FetchOutcome, StepError> {
    add_due(env, job, &mut cutter).await?;
    cutter.flush(env).await?;
    let over = cutter.batches == 0;
    let mut cycle = cutter.cycle(env, job, if over { CycleState::Settled } else { CycleState::Planning });
    cycle.partial = true;
    if over {
        let writes = vec![
            Write::Put(Cycle::key(job.name, cycle.number), cycle.item(), cutter.unmoved()),
            JobState::close(job.name, cycle.number),
        ];
        env.table().transact(writes).await?;
        return Ok(FetchOutcome::Settled { cycle: cycle.number });
    }
    cutter.store_part(env).await?;
    Stored::put(env, &paths::reading(&cutter.base), &cutter.reading).await?;
    put_cycle(env, job, &cycle, cutter.unmoved()).await?;
    send_transforms(env, job, &cycle).await?;
    Ok(FetchOutcome::Planning { cycle: cycle.number, batches: cycle.batches })
}

/// The records behind entries of the open set. Those whose object has expired are left out: the next full read has them.
async fn stored_records<E: Environment>(env: &E, open: &[OpenRecord]) -> Result<Vec<Record>, StepError> {
    let mut by_object: BTreeMap<&str, Vec<RecordId>> = BTreeMap::new();
    for one in open {
        by_object.entry(&one.records).or_default().push(one.record);
    }
    let mut found = Vec::new();
    for (path, wanted) in by_object {
        let Some(records) = Stored::find::<Vec<Record>>(env, path, "the records of a batch").await? else { continue };
        found.extend(records.into_iter().filter(|record| wanted.contains(&RecordId::of(env.secret(), &record.key))));
    }
    Ok(found)
}
