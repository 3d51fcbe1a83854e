//! The end of a cycle: every planned change is done, held, rejected or escrowed. Only now the manifest and the watermark move.

mod verdicts;

use crate::blob::{Outcome, Outcomes, Phase, Reading, Stored, paths};
use crate::fetch::{combined, settled_state};
use crate::judge::is_held;
use crate::manifest::{Entry, Maker, Placed};
use crate::state::{Cycle, CycleState, JobState, OpenRecord, Ready, Recovery, Summary, commit, get_links, open_set};
use crate::{Environment, Job, Manifest, StepError, store_hint};
use futures_util::future::{try_join_all, try_join3};
use planning::{Plan, Reason};
use ports::{Clock, Condition, Queue, QueueName, Write};
use record::{RecordId, RecordKey};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;
use std::time::Duration;
use verdicts::{Final, Open, finals};

/// A record that fails for good this often in a row is no longer looked at immediately, only by later cycles.
const AT_ONCE_MAX: u32 = 3;
/// So much waiting work is looked at: what is for one record comes first.
const WAITING_MAX: usize = 100;
/// So many batches are read at once.
const BATCHES_AT_ONCE: u64 = 10;

/// Outcomes of every try at one half of a batch.
pub(crate) async fn outcomes<E: Environment>(
    env: &E,
    base: &str,
    batch: u64,
    phase: Phase,
    approved: bool,
) -> Result<BTreeMap<RecordId, Outcome>, StepError> {
    let mut all = BTreeMap::new();
    for attempt in 0.. {
        let path = paths::outcomes(base, batch, phase, approved, attempt);
        let Some(outcomes) = Stored::find::<Outcomes>(env, &path, "the outcomes of a batch").await? else { break };
        all.extend(outcomes.records.into_iter().map(|outcome| (outcome.record, outcome)));
    }
    Ok(all)
}

/// The batches of a cycle in rows that are read side by side: one after the other they would take longer than a function
/// may run, and all at once more memory than it has.
pub(crate) fn side_by_side(batches: u64) -> impl Iterator<Item = RangeInclusive<u64>> {
    let row = usize::try_from(BATCHES_AT_ONCE).unwrap_or(1);
    (1..=batches).step_by(row).map(move |first| first..=batches.min(first + BATCHES_AT_ONCE - 1))
}

/// The plan of a batch, what became of its accounts, and of its references.
async fn planned_and_done<E: Environment>(
    env: &E,
    base: &str,
    batch: u64,
) -> Result<(Plan, BTreeMap<RecordId, Outcome>, BTreeMap<RecordId, Outcome>), StepError> {
    let path = paths::plan(base, batch);
    let plan = Stored::get(env, &path, "a batch's plan");
    let accounts = outcomes(env, base, batch, Phase::Accounts, false);
    try_join3(plan, accounts, outcomes(env, base, batch, Phase::References, false)).await
}

/// Settles a cycle whose released batches are all written. Running it twice is harmless.
pub async fn settle_cycle<E: Environment>(env: &E, job: &Job<'_>, number: u64) -> Result<(), StepError> {
    let cycle = Cycle::get(env.table(), job.name, number).await?.ok_or(StepError::Missing { what: "the cycle" })?;
    if cycle.state != CycleState::Writing || !cycle.released || (cycle.written.len() as u64) < cycle.to_write {
        return Ok(());
    }
    settle(env, job, &cycle, true).await
}

/// The same for a cycle whose item may not be in the table yet: then all of it is stored at once.
pub(crate) async fn settle<E: Environment>(
    env: &E,
    job: &Job<'_>,
    cycle: &Cycle,
    is_stored: bool,
) -> Result<(), StepError> {
    let number = cycle.number;
    let base = paths::cycle(job.name, number, &cycle.token);
    let reading: Reading = Stored::find(env, &paths::reading(&base), "a read").await?.unwrap_or_default();
    let open_before = open_set(env.table(), job.name).await?;
    let mut summary = Summary { ..cycle.summary.clone() };
    let mut all: BTreeMap<RecordId, Final> = BTreeMap::new();
    for batches in side_by_side(cycle.batches) {
        for (plan, accounts, references) in
            try_join_all(batches.map(|batch| planned_and_done(env, &base, batch))).await?
        {
            let hash = cycle.hold_hash.as_deref();
            all.extend(finals(&plan, &accounts, &references, &cycle.held, &cycle.why, hash, &mut summary));
        }
    }
    let state = JobState::get(env.table(), job.name).await?;
    let entries = if cycle.partial { Vec::new() } else { read_entries(env, &base, &reading).await? };
    give_combined_content(&mut all, &reading, &entries);
    // What no manifest learns now must not be taken for unchanged when the source goes back to what the manifest has.
    let known = if !cycle.partial || cycle.urgent {
        None
    } else {
        Manifest::of_job(env, job.name, state.manifest.as_deref()).await?
    };
    let is_ahead = |id: &RecordId, one: &Final| {
        cycle.partial
            && known.as_ref().and_then(|known| known.get(*id)).is_none_or(|entry| entry.content != one.content)
    };
    let again = store_open(env, job, cycle, &base, &open_before, &all, is_ahead).await?;
    read_anew(env, job, number, &all).await?;
    let mut writes = vec![settled(env, job, cycle, summary, is_stored)];
    let is_open = state.open.as_ref().is_some_and(|open| open.number == number);
    if is_open && cycle.partial {
        writes.push(JobState::close(job.name, number));
    } else if is_open {
        writes.push(move_job(env, job, cycle, &state, &reading, &entries, &all).await?);
    }
    match commit(env.table(), writes).await {
        // Somebody else has settled it, or this very write was sent twice: asking once more is harmless.
        Err(error) if error.is_conflict() => {}
        other => other?,
    }
    if again { look_again(env, job).await } else { Ok(()) }
}

/// The write that ends a cycle.
fn settled<E: Environment>(env: &E, job: &Job<'_>, cycle: &Cycle, summary: Summary, is_stored: bool) -> Write {
    let (from, to, touched_at) = (CycleState::Writing, CycleState::Settled, env.clock().now());
    if is_stored {
        return Cycle::step(job.name, cycle.number, from, to, touched_at, vec![Cycle::summary_edit(&summary)]);
    }
    let written = (1..=cycle.to_write).collect();
    let whole = Cycle { state: to, summary, touched_at, written, ..cycle.clone() };
    Write::Put(Cycle::key(job.name, cycle.number), whole.item(), Condition::Absent)
}

/// The write that moves the job to the cycle's manifest, or starts it over when its state turns out not to be the newest.
async fn move_job<E: Environment>(
    env: &E,
    job: &Job<'_>,
    cycle: &Cycle,
    state: &JobState,
    reading: &Reading,
    entries: &[Entry],
    all: &BTreeMap<RecordId, Final>,
) -> Result<Write, StepError> {
    let start_over = |why| state.starting_over(why, &cycle.seed).start_over_and_close(job.name);
    let Some(old) = Manifest::of_job(env, job.name, state.manifest.as_deref()).await? else {
        return Ok(start_over(Recovery::Manifest));
    };
    let manifest = next_manifest(&old, entries, all, reading);
    let by = Maker::new(cycle.number, &cycle.seed, Some(&cycle.token));
    let path = match manifest.store(env, job.name, state, &by).await? {
        Placed::New(path) => path,
        Placed::Again(path) if knows_what_was_done(env, job, all).await? => path,
        Placed::Again(_) | Placed::Forked => return Ok(start_over(Recovery::Restored)),
    };
    let mut settled = settled_state(env, job, state, reading, Some(path), &manifest);
    // Everybody was looked at, and nothing waits for a word.
    if state.manifest.is_none() && reading.full && reading.distrusts && cycle.held.is_empty() {
        settled.recovery = None;
    }
    Ok(settled.settle(job.name, cycle.number, state))
}

/// Whether the table has the links that the outcomes speak of: one that was restored has not.
async fn knows_what_was_done<E: Environment>(
    env: &E,
    job: &Job<'_>,
    all: &BTreeMap<RecordId, Final>,
) -> Result<bool, StepError> {
    let done: BTreeMap<RecordId, u64> = all.iter().filter_map(|(record, one)| Some((*record, one.built_on?))).collect();
    let links = get_links(env.table(), job.name, done.keys().copied()).await?;
    Ok(done.iter().all(|(record, before)| links.get(record).is_some_and(|link| link.version > *before)))
}

/// Asks for records whose account shows something newer than what was read of them here. Before the cycle settles: asking
/// twice is harmless, not asking would leave them to the next read of everybody. Where a later read of the record waits to
/// be written nobody is asked: two that go on replacing each other would never come to an end.
async fn read_anew<E: Environment>(
    env: &E,
    job: &Job<'_>,
    number: u64,
    all: &BTreeMap<RecordId, Final>,
) -> Result<(), StepError> {
    let asked: Vec<(RecordId, &RecordKey)> =
        all.iter().filter_map(|(id, one)| Some((*id, one.read_anew.as_ref()?))).collect();
    if asked.is_empty() {
        return Ok(());
    }
    let waiting = Ready::first(env.table(), job.target, WAITING_MAX).await?;
    let later = waiting.iter().filter(|ready| ready.job == job.name && ready.cycle > number);
    let later: BTreeSet<RecordId> = later.filter_map(|ready| ready.only).collect();
    for (id, key) in asked {
        if !later.contains(&id) {
            store_hint(env, job.name, key).await?;
        }
    }
    Ok(())
}

/// Starts a cycle of the open set: something can be decided now that could not before.
async fn look_again<E: Environment>(env: &E, job: &Job<'_>) -> Result<(), StepError> {
    let fetch =
        messages::Fetch { v: 1, job: job.name.to_owned(), mode: messages::Mode::Open, cycle: None, continuation: 0 };
    Ok(env.queue().send(QueueName::Fetch, &[messages::encode(&fetch)], Duration::ZERO).await?)
}

async fn read_entries<E: Environment>(env: &E, base: &str, reading: &Reading) -> Result<Vec<Entry>, StepError> {
    let mut entries = Vec::new();
    for part in 0..reading.parts {
        let path = paths::entries(base, part);
        entries.extend_from_slice(Manifest::load_part(env, &path).await?.entries());
    }
    Ok(entries)
}

/// A repeated key is looked at again when any of its rows changes.
fn give_combined_content(all: &mut BTreeMap<RecordId, Final>, reading: &Reading, entries: &[Entry]) {
    for record in reading.repeated.keys() {
        if let Some(one) = all.get_mut(record) {
            let contents = entries.iter().filter(|entry| entry.record == *record).map(|entry| entry.content);
            one.content = combined(contents);
        }
    }
}

/// Records of the open set that needed nothing when this cycle looked at them, and whose link has moved on since: another
/// cycle has written them, and left them open for its own reason.
async fn outdated<E: Environment>(
    env: &E,
    job: &Job<'_>,
    before: &BTreeMap<RecordId, OpenRecord>,
    all: &BTreeMap<RecordId, Final>,
) -> Result<BTreeSet<RecordId>, StepError> {
    let as_of: BTreeMap<RecordId, u64> = all
        .iter()
        .filter(|(record, _)| before.contains_key(record))
        .filter_map(|(record, one)| Some((*record, one.as_of?)))
        .collect();
    let links = get_links(env.table(), job.name, as_of.keys().copied()).await?;
    Ok(links.into_values().filter(|link| link.version > as_of[&link.record]).map(|link| link.record).collect())
}

/// Brings the open set up to date. True when some of it should be looked at again at once.
async fn store_open<E: Environment>(
    env: &E,
    job: &Job<'_>,
    cycle: &Cycle,
    base: &str,
    before: &BTreeMap<RecordId, OpenRecord>,
    all: &BTreeMap<RecordId, Final>,
    is_ahead: impl Fn(&RecordId, &Final) -> bool,
) -> Result<bool, StepError> {
    let now = env.clock().now().as_second();
    let mut again = false;
    let outdated = outdated(env, job, before, all).await?;
    for (record, one) in all {
        // What another cycle left open since is not for this one to close.
        if outdated.contains(record) {
            continue;
        }
        let ahead = Open { reason: Reason::Ahead, revisit: Some(now) };
        let may_be_ahead = one.open.as_ref().is_none_or(|open| open.reason == Reason::Due);
        let open =
            if one.is_settled && may_be_ahead && is_ahead(record, one) { Some(&ahead) } else { one.open.as_ref() };
        let Some(open) = open else {
            if before.contains_key(record) {
                OpenRecord::close(env.table(), job.name, *record, cycle.number).await?;
            }
            continue;
        };
        let same = before.get(record).filter(|old| {
            std::mem::discriminant(&old.reason) == std::mem::discriminant(&open.reason) && old.content == one.content
        });
        let attempts = same.map_or(0, |old| old.attempts + 1);
        let due = open.due(now, attempts);
        again |= open.reason != Reason::Ahead && due.is_some_and(|due| due <= now) && attempts < AT_ONCE_MAX;
        let stored = OpenRecord {
            record: *record,
            content: one.content,
            reason: open.reason.clone(),
            cycle: cycle.number,
            batch: one.batch,
            read_in: one.read_in,
            records: paths::records(base, one.batch),
            attempts,
            due,
        };
        stored.put(env.table(), job.name).await?;
    }
    // News to those who wait: somebody has an account since this cycle, or stands in the manifest since it.
    let is_news = |one: &Final| one.is_new || !cycle.partial && one.linked && one.is_settled;
    again |= before.values().filter(|old| !all.contains_key(&old.record)).any(|old| {
        old.awaits().and_then(|awaited| all.get(&awaited)).is_some_and(is_news)
            || (!old.is_ahead() && old.due.is_some_and(|due| due <= now) && old.attempts < AT_ONCE_MAX)
    });
    Ok(again)
}

/// The next manifest: the new hash only for records that are done or need nothing.
fn next_manifest(old: &Manifest, read: &[Entry], all: &BTreeMap<RecordId, Final>, reading: &Reading) -> Manifest {
    let mut entries: BTreeMap<RecordId, Entry> = old.entries().iter().map(|entry| (entry.record, *entry)).collect();
    if reading.full {
        let here: BTreeSet<RecordId> =
            read.iter().map(|entry| entry.record).chain(reading.unreadable.iter().copied()).collect();
        for entry in entries.values_mut() {
            *entry = entry.after_read(here.contains(&entry.record), reading.proven);
        }
    }
    for (record, one) in all {
        let known = entries.get(record).copied();
        let content = if one.is_settled { one.content } else { known.map_or([0; 16], |entry| entry.content) };
        let linked = if one.keeps_link { known.map_or(one.linked, |entry| entry.linked) } else { one.linked };
        if one.is_settled || known.is_some() || linked {
            entries.insert(*record, Entry { record: *record, content, linked, missing: false, unseen: false });
        }
    }
    Manifest::new(entries.into_values().collect())
}

/// After approved changes of a batch were written: what is done leaves the open set.
pub(crate) async fn close_approved<E: Environment>(
    env: &E,
    job: &Job<'_>,
    cycle: &Cycle,
    plan: &Plan,
    ready: &Ready,
) -> Result<(), StepError> {
    let base = paths::cycle(job.name, cycle.number, &cycle.token);
    let accounts = outcomes(env, &base, ready.batch, Phase::Accounts, true).await?;
    let references = outcomes(env, &base, ready.batch, Phase::References, true).await?;
    let mut approved = plan.clone();
    // Those without an outcome were decided anew by a later cycle before anybody released them.
    approved.decisions.retain(|decision| {
        accounts.contains_key(&decision.record) && decision.change().is_some_and(|change| is_held(change, &ready.kinds))
    });
    let mut summary = Summary::default();
    let all = finals(&approved, &accounts, &references, &[], &[], None, &mut summary).into_iter().collect();
    read_anew(env, job, cycle.number, &all).await?;
    let before = open_set(env.table(), job.name).await?;
    if store_open(env, job, cycle, &base, &before, &all, |_, _| true).await? {
        look_again(env, job).await
    } else {
        Ok(())
    }
}
