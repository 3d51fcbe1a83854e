//! One batch from records to a plan: links, matches, names, decisions.

use crate::blob::{Reading, Stored, paths};
use crate::compare_links::compare_links;
use crate::lookup::Lookup;
use crate::state::{Cycle, CycleState, Header, Lease, Ready, get_links};
use crate::{Environment, Job, StepError, judge_cycle};
use planning::{Before, Census, Inputs, Matches, Plan, Read, Subject, Verdict};
use ports::{Condition, Edit, Field, Table, TargetRead};
use record::{Record, RecordId, Value};
use std::collections::{BTreeMap, BTreeSet};

/// Plans one batch of a cycle, and judges the whole plan if it was the last one.
pub async fn transform<E: Environment, T: TargetRead>(
    env: &E,
    target: &T,
    job: &Job<'_>,
    number: u64,
    batch: u64,
) -> Result<(), StepError> {
    // A message is sent after its cycle is there: one without a cycle or a batch comes of a table that is gone.
    let Some(cycle) = Cycle::get(env.table(), job.name, number).await? else { return Ok(()) };
    if batch == 0 || batch > cycle.batches {
        return Ok(());
    }
    let planned = match cycle.state {
        CycleState::Planning if cycle.planned.contains(&batch) => cycle,
        CycleState::Planning => plan_batch(env, target, job, &cycle, batch).await?,
        CycleState::Judging => cycle,
        CycleState::Writing if !cycle.released => cycle,
        _ => return Ok(()),
    };
    if planned.planned.len() as u64 == planned.batches { judge_cycle(env, job, number).await } else { Ok(()) }
}

async fn plan_batch<E: Environment, T: TargetRead>(
    env: &E,
    target: &T,
    job: &Job<'_>,
    cycle: &Cycle,
    batch: u64,
) -> Result<Cycle, StepError> {
    let plan = plan_of(env, target, job, cycle, batch).await?;
    mark_planned(env, job, cycle.number, batch, &plan).await
}

/// The plan of one batch, stored with what it was decided on.
pub(crate) async fn plan_of<E: Environment, T: TargetRead>(
    env: &E,
    target: &T,
    job: &Job<'_>,
    cycle: &Cycle,
    batch: u64,
) -> Result<Plan, StepError> {
    let base = paths::cycle(job.name, cycle.number, &cycle.token);
    let inputs_path = paths::inputs(&base, batch);
    let inputs = if let Some(inputs) = Stored::find::<Inputs>(env, &inputs_path, "a batch's inputs").await? {
        inputs
    } else {
        let gathered = gather(env, target, job, cycle, &base, batch).await?;
        Stored::put_or_get(env, &inputs_path, gathered, "a batch's inputs").await?
    };
    let plan = planning::plan(&inputs, job.rules, env.secret());
    Stored::put_or_get(env, &paths::plan(&base, batch), plan, "a batch's plan").await
}

pub(crate) async fn mark_planned<E: Environment>(
    env: &E,
    job: &Job<'_>,
    number: u64,
    batch: u64,
    plan: &Plan,
) -> Result<Cycle, StepError> {
    let count =
        |of: fn(&Verdict) -> bool| plan.decisions.iter().filter(|decision| of(&decision.verdict)).count() as u64;
    let header = Header {
        batch,
        census: Census::of(plan),
        records: plan.decisions.len() as u64,
        unchanged: count(|verdict| matches!(verdict, Verdict::Nothing | Verdict::Skip(_))),
        escrowed: count(|verdict| matches!(verdict, Verdict::Escrow(_))),
    };
    header.put(env.table(), job.name, number).await?;
    let still = Condition::Equals("state", Field::Text(CycleState::Planning.name().to_owned()));
    let item = env.table().update(&Cycle::key(job.name, number), vec![Edit::Include("planned", batch)], still).await?;
    Cycle::from_item(number, &item)
}

/// Everything that the decisions need, read once and stored.
async fn gather<E: Environment, T: TargetRead>(
    env: &E,
    target: &T,
    job: &Job<'_>,
    cycle: &Cycle,
    base: &str,
    batch: u64,
) -> Result<Inputs, StepError> {
    let records: Vec<Record> = Stored::get(env, &paths::records(base, batch), "the records of a batch").await?;
    let reading: Reading = Stored::find(env, &paths::reading(base), "a read").await?.unwrap_or_default();
    let mut subjects = subjects(env, job, cycle, records, &reading).await?;
    if reading.distrusts {
        compare_links(env, target, job, cycle, batch, &mut subjects).await?;
    }
    Lookup::begin(env, target, job, cycle, base).await?.look_up(&mut subjects).await?;
    let mut inputs = Inputs {
        job: job.name.to_owned(),
        cycle: cycle.number,
        batch,
        now: cycle.now,
        seed: cycle.seed,
        rules: job.rules_hash(),
        subjects,
    };
    fill_before(env, job, &mut inputs).await?;
    Ok(inputs)
}

async fn subjects<E: Environment>(
    env: &E,
    job: &Job<'_>,
    cycle: &Cycle,
    records: Vec<Record>,
    reading: &Reading,
) -> Result<Vec<Subject>, StepError> {
    let ids: Vec<RecordId> = records.iter().map(|record| RecordId::of(env.secret(), &record.key)).collect();
    let mut links = get_links(env.table(), job.name, ids.iter().copied()).await?;
    let contested = !links.is_empty() && (reading.contested || cycle.urgent && has_other_work(env, job).await?);
    let read_now = Read { from: cycle.number, until: reading.until.max(cycle.number) };
    let subjects = records.into_iter().zip(ids).map(|(record, id)| Subject {
        content: record.content_hash(env.secret(), &job.rules.hash),
        id,
        read_in: reading.read_in.get(&id).copied().unwrap_or(read_now),
        times: reading.repeated.get(&id).copied().unwrap_or(1),
        link: links.remove(&id),
        matches: Matches::NotLooked,
        names: BTreeMap::new(),
        before: BTreeMap::new(),
        before_sought: false,
        contested,
        record,
    });
    Ok(subjects.collect())
}

/// Whether something that was planned before waits to be written, or was begun by a function that died. Who has nothing to
/// change then says so, or the older plan would be carried out after all.
async fn has_other_work<E: Environment>(env: &E, job: &Job<'_>) -> Result<bool, StepError> {
    Ok(!Ready::first(env.table(), job.target, 1).await?.is_empty()
        || Lease::has_intent(env.table(), job.target).await?)
}

/// Looks up what earlier plans wrote, for the attributes that are about to change: a plan shows before and after.
async fn fill_before<E: Environment>(env: &E, job: &Job<'_>, inputs: &mut Inputs) -> Result<(), StepError> {
    let plan = planning::plan(inputs, job.rules, env.secret());
    let mut wanted: BTreeMap<(u64, u64), BTreeSet<(RecordId, String)>> = BTreeMap::new();
    for ((decision, change), subject) in plan.changes().filter_map(|(decision, change)| {
        inputs
            .subjects
            .iter()
            .find(|subject| subject.id == decision.record)
            .map(|subject| ((decision, change), subject))
    }) {
        let Some(link) = &subject.link else { continue };
        for (name, attribute) in &change.attributes {
            if let (Before::SetIn(_), Some(mark)) = (&attribute.before, link.marks.get(name)) {
                wanted.entry((mark.cycle, mark.batch)).or_default().insert((decision.record, name.clone()));
            }
        }
    }
    let sought: BTreeSet<RecordId> = wanted.values().flatten().map(|(record, _)| *record).collect();
    for subject in &mut inputs.subjects {
        subject.before_sought = sought.contains(&subject.id);
    }
    for ((cycle, batch), values) in wanted {
        let Some(earlier) = Cycle::get(env.table(), job.name, cycle).await? else { continue };
        let path = paths::plan(&paths::cycle(job.name, cycle, &earlier.token), batch);
        let Some(plan) = Stored::find::<Plan>(env, &path, "an earlier plan").await? else { continue };
        for (record, name) in values {
            let written = written_value(&plan, record, &name);
            if let (Some(value), Some(subject)) = (written, inputs.subjects.iter_mut().find(|one| one.id == record)) {
                subject.before.insert(name, value);
            }
        }
    }
    Ok(())
}

fn written_value(plan: &Plan, record: RecordId, name: &str) -> Option<Value> {
    let (_, change) = plan.changes().find(|(decision, _)| decision.record == record)?;
    change.attributes.get(name)?.after.clone()
}
