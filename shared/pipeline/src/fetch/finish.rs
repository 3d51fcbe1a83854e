//! The end of a read: is it complete, is it plausible, and what goes on from here.

use super::FetchOutcome;
use super::cutter::{Cutter, put_cycle};
use super::open::add_due;
use crate::blob::{Stored, paths};
use crate::cycle::send_transforms;
use crate::manifest::{Entry, Maker, Placed};
use crate::state::{Cycle, CycleState, Held, JobState, Recovery};
use crate::{Environment, Job, Manifest, StepError};
use ports::{Clock, Completeness, Table, Write};
use record::RecordId;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// Proves the read, then settles the cycle, sends its batches on, or holds it.
pub(super) async fn finish<E: Environment>(
    env: &E,
    job: &Job<'_>,
    state: &JobState,
    mut cutter: Cutter,
) -> Result<FetchOutcome, StepError> {
    let (first, repeated) = sorted(&cutter);
    cutter.reading.repeated = repeated;
    cutter.reading.keys = first.len() as u64 + cutter.reading.unreadable.len() as u64;
    let why = suspicions(job, state, &cutter, &first);
    cutter.reading.proven = why.is_empty() && matches!(cutter.completeness, Some(Completeness::Proven { .. }));
    cutter.keep_deferred(env, job).await?;
    if why.is_empty() {
        add_due(env, job, &mut cutter).await?;
    }
    cutter.flush(env).await?;
    let missing = newly_missing(&cutter, &first);
    if cutter.batches == 0 && why.is_empty() {
        return settle_at_once(env, job, state, &cutter, &first, missing).await;
    }
    // Whatever cycle has a higher number began to read after this one was done.
    cutter.reading.until = JobState::get(env.table(), job.name).await?.last_cycle;
    cutter.store_part(env).await?;
    Stored::put(env, &paths::reading(&cutter.base), &cutter.reading).await?;
    let held = !why.is_empty();
    let mut cycle = cutter.cycle(env, job, if held { CycleState::HeldReading } else { CycleState::Planning });
    cycle.summary.missing = missing;
    if held {
        cycle.hold_hash = Some(read_hash(&first));
        cycle.why = why;
    }
    match hold_of(&cycle) {
        None => put_cycle(env, job, &cycle, cutter.unmoved()).await?,
        Some(kept) => {
            let put = Write::Put(Cycle::key(job.name, cycle.number), cycle.item(), cutter.unmoved());
            env.table().transact(vec![put, kept.put(job.name)]).await?;
        }
    }
    if let Some(hash) = cycle.hold_hash.clone() {
        return Ok(FetchOutcome::Held { cycle: cycle.number, hash });
    }
    send_transforms(env, job, &cycle).await?;
    Ok(FetchOutcome::Planning { cycle: cycle.number, batches: cycle.batches })
}

/// The hold that belongs to a held read.
pub(super) fn hold_of(cycle: &Cycle) -> Option<Held> {
    Some(Held {
        hash: cycle.hold_hash.clone()?,
        cycle: cycle.number,
        reading: true,
        recovers: false,
        kinds: Vec::new(),
        changes: cycle.summary.evaluated,
        why: cycle.why.clone(),
    })
}

/// Entries sorted by id, each once, and the ids that stand there several times with different content.
fn sorted(cutter: &Cutter) -> (Vec<Entry>, BTreeMap<RecordId, usize>) {
    let mut all: Vec<Entry> = cutter.earlier.iter().chain(&cutter.entries).copied().collect();
    all.sort_by_key(|entry| (entry.record, entry.content));
    all.dedup_by_key(|entry| (entry.record, entry.content));
    let mut repeated = BTreeMap::new();
    for pair in all.windows(2) {
        if pair[0].record == pair[1].record {
            *repeated.entry(pair[0].record).or_insert(1) += 1;
        }
    }
    all.dedup_by_key(|entry| entry.record);
    (all, repeated)
}

/// Why the read must not be used without a person's word; empty when nothing is wrong.
fn suspicions(job: &Job<'_>, state: &JobState, cutter: &Cutter, read: &[Entry]) -> Vec<String> {
    let reading = &cutter.reading;
    match &cutter.completeness {
        Some(Completeness::Delta) => return Vec::new(),
        Some(Completeness::Broken { reason, place }) => {
            return vec![format!("{}, line {}: {reason}", place.within, place.line)];
        }
        None => return vec!["the source did not say whether the read is complete".to_owned()],
        Some(Completeness::Proven { .. } | Completeness::Unproven) => {}
    }
    let mut why = Vec::new();
    if let (Some(before), Some(now)) = (&state.structure, &reading.structure)
        && before != now
    {
        why.push("the columns are not those of the last accepted read".to_owned());
    }
    if matches!(cutter.completeness, Some(Completeness::Proven { .. })) {
        return why;
    }
    let guards = &job.rules.guards;
    #[expect(clippy::cast_precision_loss, reason = "row numbers are far below 2^52")]
    let (rows, before) = (reading.keys as f64, state.rows as f64);
    if rows < before * guards.rows_min {
        why.push(format!(
            "{} records, {} in the last accepted read; at least {} % are expected",
            reading.keys,
            state.rows,
            guards.rows_min * 100.0
        ));
    }
    let missing = newly_missing(cutter, read);
    let (count, share) = guards.missing_max;
    #[expect(clippy::cast_precision_loss, reason = "populations are far below 2^52")]
    let allowed = (count as f64).max(share * state.population.unwrap_or(0) as f64);
    #[expect(clippy::cast_precision_loss, reason = "populations are far below 2^52")]
    if missing as f64 > allowed {
        why.push(format!("{missing} known records are missing, at most {allowed:.0} may be"));
    }
    why
}

/// How many known records are missing for the first time.
fn newly_missing(cutter: &Cutter, read: &[Entry]) -> u64 {
    if !cutter.reading.full {
        return 0;
    }
    let here = |id: &RecordId| {
        read.binary_search_by_key(id, |entry| entry.record).is_ok() || cutter.reading.unreadable.contains(id)
    };
    let missing = |entry: &&Entry| entry.linked && !entry.unseen && !here(&entry.record);
    cutter.manifest.entries().iter().filter(missing).count() as u64
}

/// Hash of what was read: the same read gives the same hash, so that an approval holds for it.
fn read_hash(read: &[Entry]) -> String {
    let mut digest = Sha256::new();
    for entry in read {
        digest.update(entry.record.0);
        digest.update(entry.content);
    }
    let bytes: [u8; 32] = digest.finalize().into();
    let mut short = [0; 16];
    short.copy_from_slice(&bytes[..16]);
    RecordId(short).to_string()
}

/// A cycle without a batch ends where it began: two items, and a manifest only if somebody went missing or came back.
async fn settle_at_once<E: Environment>(
    env: &E,
    job: &Job<'_>,
    state: &JobState,
    cutter: &Cutter,
    read: &[Entry],
    missing: u64,
) -> Result<FetchOutcome, StepError> {
    let manifest = after_read(cutter, read);
    let path = if manifest == cutter.manifest && state.manifest.is_some() {
        state.manifest.clone()
    } else {
        let by = Maker::new(cutter.open.number, &cutter.open.seed, None);
        match manifest.store(env, job.name, state, &by).await? {
            Placed::New(path) | Placed::Again(path) => Some(path),
            Placed::Forked => None,
        }
    };
    if cutter.reading.rejected_count > 0 {
        // Where the unreadable rows stand is all that is worth keeping of a read without a change.
        Stored::put(env, &paths::reading(&cutter.base), &cutter.reading).await?;
    }
    let mut cycle = cutter.cycle(env, job, CycleState::Settled);
    cycle.summary.missing = missing;
    let moved = if path.is_some() {
        let settled = settled_state(env, job, state, &cutter.reading, path, &manifest);
        settled.settle(job.name, cycle.number, state)
    } else {
        let over = JobState { open: Some(cutter.open.clone()), ..state.clone() };
        over.starting_over(Recovery::Restored, &cutter.open.seed).start_over_and_close(job.name)
    };
    let writes = vec![Write::Put(Cycle::key(job.name, cycle.number), cycle.item(), cutter.unmoved()), moved];
    env.table().transact(writes).await?;
    Ok(FetchOutcome::Settled { cycle: cycle.number })
}

/// The job's state after a cycle.
pub(crate) fn settled_state<E: Environment>(
    env: &E,
    job: &Job<'_>,
    state: &JobState,
    reading: &crate::blob::Reading,
    manifest: Option<String>,
    content: &Manifest,
) -> JobState {
    let mut settled = state.clone();
    settled.manifest = manifest;
    settled.watermark = reading.watermark.clone().or_else(|| state.watermark.clone());
    if reading.full {
        settled.structure = reading.structure.clone().or_else(|| state.structure.clone());
        settled.rows = reading.keys;
        // Rules that were only applied to a delta have not been applied to everybody.
        settled.rules = Some(job.rules_hash());
    }
    settled.population = Some(content.population());
    settled.settled_at = Some(env.clock().now());
    settled
}

/// The old manifest with who is missing and who is back.
fn after_read(cutter: &Cutter, read: &[Entry]) -> Manifest {
    if !cutter.reading.full {
        return cutter.manifest.clone();
    }
    let here = |id: &RecordId| {
        read.binary_search_by_key(id, |entry| entry.record).is_ok() || cutter.reading.unreadable.contains(id)
    };
    let entries = cutter
        .manifest
        .entries()
        .iter()
        .map(|entry| entry.after_read(here(&entry.record), cutter.reading.proven))
        .collect();
    Manifest::new(entries)
}

/// The source was replaced while it was read: the cycle ends without a result.
pub(super) async fn replaced<E: Environment>(
    env: &E,
    job: &Job<'_>,
    _state: &JobState,
    cutter: &Cutter,
) -> Result<FetchOutcome, StepError> {
    let mut cycle = cutter.cycle(env, job, CycleState::Superseded);
    cycle.why = vec!["the source was replaced while it was read; the next cycle reads it anew".to_owned()];
    cycle.touched_at = env.clock().now();
    let writes = vec![
        Write::Put(Cycle::key(job.name, cycle.number), cycle.item(), cutter.unmoved()),
        JobState::close(job.name, cycle.number),
    ];
    env.table().transact(writes).await?;
    Ok(FetchOutcome::Overtaken)
}
