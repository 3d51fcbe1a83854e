//! Takes pages, keeps what needs looking at and cuts it into batches. Memory: 33 bytes a record read, and one batch.

use crate::blob::{Reading, Stored, paths};
use crate::manifest::Entry;
use crate::state::{Cycle, CycleState, JobState, OpenCycle, OpenRecord, Summary, open_set};
use crate::{Environment, Job, Manifest, StepError};
use messages::Mode;
use planning::Reason;
use ports::{Clock, Completeness, Condition, Entropy, Page, Table};
use record::{Record, RecordId};
use std::collections::{BTreeMap, BTreeSet, HashSet};

/// Rejected rows that are kept with their place; of more only the number.
const REJECTED_MAX: usize = 1_000;

/// What a later invocation needs to go on: numbers, what is read, records evaluated, rows that wait for the end.
type Checkpoint = (Reading, ports::Reading, u64, Vec<Record>);
/// Rows of one record with the hashes of their contents.
type Rows = BTreeMap<RecordId, Vec<([u8; 16], Record)>>;

/// A read in the making.
pub(super) struct Cutter {
    /// What the source is asked for.
    pub wanted: ports::Reading,
    pub open: OpenCycle,
    pub base: String,
    pub manifest: Manifest,
    pub open_set: BTreeMap<RecordId, OpenRecord>,
    pub reading: Reading,
    /// Entries of this part, in the order of the read.
    pub entries: Vec<Entry>,
    /// Entries of earlier parts.
    pub earlier: Vec<Entry>,
    pub batches: u64,
    pub unknown: u64,
    pub evaluated: u64,
    pub completeness: Option<Completeness>,
    token: String,
    buffer: Vec<Record>,
    cut: HashSet<RecordId>,
    /// Rows of keys that stood in the last read several times: looked at together, at the end.
    deferred: Rows,
    continuation: u32,
    stored: bool,
    /// No manifest is known yet.
    starts_over: bool,
}

impl Cutter {
    /// A fresh attempt at reading.
    pub async fn begin<E: Environment>(
        env: &E,
        job: &Job<'_>,
        state: &JobState,
        open: &OpenCycle,
        mode: Mode,
        manifest: Manifest,
    ) -> Result<Self, StepError> {
        let mut token = [0; 16];
        env.entropy().fill(&mut token);
        let token = RecordId(token).to_string()[..12].to_owned();
        let same_rules = state.rules.as_deref() == Some(&job.rules_hash());
        let wanted = match (&state.watermark, mode) {
            (Some(watermark), Mode::Incremental) if same_rules => ports::Reading::Since(watermark.clone()),
            _ => ports::Reading::Full,
        };
        let open_set = open_set(env.table(), job.name).await?;
        Ok(Self {
            wanted,
            open: open.clone(),
            base: paths::cycle(job.name, open.number, &token),
            manifest,
            open_set,
            reading: Reading { parts: 1, distrusts: state.recovery.is_some(), ..Reading::default() },
            entries: Vec::new(),
            earlier: Vec::new(),
            batches: 0,
            unknown: 0,
            evaluated: 0,
            completeness: None,
            token,
            buffer: Vec::new(),
            cut: HashSet::new(),
            deferred: BTreeMap::new(),
            continuation: 0,
            stored: false,
            starts_over: state.manifest.is_none(),
        })
    }

    /// Goes on where another invocation stopped.
    pub async fn go_on<E: Environment>(
        env: &E,
        job: &Job<'_>,
        state: &JobState,
        cycle: Cycle,
        manifest: Manifest,
    ) -> Result<Self, StepError> {
        let base = paths::cycle(job.name, cycle.number, &cycle.token);
        let checkpoint = format!("{base}/checkpoint-{:04}", cycle.continuation);
        let (reading, wanted, evaluated, deferred): Checkpoint =
            Stored::get(env, &checkpoint, "a read's checkpoint").await?;
        let open_set = open_set(env.table(), job.name).await?;
        let mut earlier = Vec::new();
        for part in 0..reading.parts {
            let path = paths::entries(&base, part);
            let part = Manifest::load_part(env, &path).await?;
            earlier.extend_from_slice(part.entries());
        }
        let cut = earlier.iter().filter(|entry| entry.linked).map(|entry| entry.record).collect();
        Ok(Self {
            wanted,
            open: OpenCycle { number: cycle.number, now: cycle.now, seed: cycle.seed },
            base,
            manifest,
            open_set,
            reading: Reading { parts: reading.parts + 1, ..reading },
            entries: Vec::new(),
            earlier,
            batches: cycle.batches,
            unknown: cycle.unknown,
            evaluated,
            completeness: None,
            token: cycle.token,
            buffer: Vec::new(),
            cut,
            deferred: by_record(env, job, deferred),
            continuation: cycle.continuation,
            stored: true,
            starts_over: state.manifest.is_none(),
        })
    }

    /// Takes a page.
    pub async fn add<E: Environment>(&mut self, env: &E, job: &Job<'_>, page: Page) -> Result<(), StepError> {
        self.reading.rows += page.rows;
        self.reading.rejected_count += page.rejected.len() as u64;
        for rejected in page.rejected {
            self.reading.unreadable.extend(rejected.key.as_ref().map(|key| RecordId::of(env.secret(), key)));
            if self.reading.rejected.len() < REJECTED_MAX {
                // The key stays in the source; its place is enough to find it.
                self.reading.rejected.push(ports::Rejected { key: None, ..rejected });
            }
        }
        for record in page.records {
            self.take(env, job, record).await?;
        }
        if page.next.is_none() {
            self.completeness = page.completeness;
            self.reading.watermark = page.watermark;
            self.reading.full = !matches!(self.completeness, Some(Completeness::Delta));
        }
        self.reading.structure = self.reading.structure.take().or(page.structure);
        Ok(())
    }

    async fn take<E: Environment>(&mut self, env: &E, job: &Job<'_>, record: Record) -> Result<(), StepError> {
        let id = RecordId::of(env.secret(), &record.key);
        let content = record.content_hash(env.secret(), &job.rules.hash);
        if self.open_set.get(&id).is_some_and(|open| matches!(open.reason, Reason::RepeatedKey { .. })) {
            self.entries.push(Entry { record: id, content, linked: false, missing: false, unseen: false });
            self.deferred.entry(id).or_default().push((content, record));
            return Ok(());
        }
        let needed = self.needs_looking_at(id, content);
        let fresh = needed && self.cut.insert(id);
        // In a part of a read, `linked` says that the record was cut into a batch.
        self.entries.push(Entry { record: id, content, linked: fresh, missing: false, unseen: false });
        if fresh {
            if self.manifest.get(id).is_none_or(|entry| !entry.linked) {
                self.unknown += 1;
            }
            self.keep(env, job, record).await?;
        }
        Ok(())
    }

    /// Adds a record to the batch in the making.
    pub async fn keep<E: Environment>(&mut self, env: &E, job: &Job<'_>, record: Record) -> Result<(), StepError> {
        self.evaluated += 1;
        self.buffer.push(record);
        if self.buffer.len() >= job.batch_size.max(1) { self.flush(env).await } else { Ok(()) }
    }

    /// Looks at keys that were repeated last time: only if their rows are others than then.
    pub async fn keep_deferred<E: Environment>(&mut self, env: &E, job: &Job<'_>) -> Result<(), StepError> {
        for (id, mut rows) in std::mem::take(&mut self.deferred) {
            let same = self
                .open_set
                .get(&id)
                .is_some_and(|open| open.content == combined(rows.iter().map(|(content, _)| *content)));
            if !same && self.cut.insert(id) {
                let (_, record) = rows.swap_remove(0);
                self.keep(env, job, record).await?;
            }
        }
        Ok(())
    }

    /// Stores the batch in the making.
    pub async fn flush<E: Environment>(&mut self, env: &E) -> Result<(), StepError> {
        if self.buffer.is_empty() {
            return Ok(());
        }
        self.batches += 1;
        let records = std::mem::take(&mut self.buffer);
        Stored::put(env, &paths::records(&self.base, self.batches), &records).await?;
        Ok(())
    }

    fn needs_looking_at(&self, id: RecordId, content: [u8; 16]) -> bool {
        // Nothing that is known of anybody can be trusted.
        if self.reading.distrusts && self.starts_over {
            return true;
        }
        // The manifest still has what stood there before the open outcome: going back to that is a change too.
        let is_new = || self.manifest.get(id).is_none_or(|entry| entry.content != content);
        if let Some(open) = self.open_set.get(&id) {
            // Who only waits for somebody has an account, and others may wait for that: the manifest is to know it.
            let waits = open.awaits().is_some() && is_new();
            return open.content != content || waits || self.is_due(open);
        }
        is_new()
    }

    /// Whether an open record's time has come although its content is the same.
    pub fn is_due(&self, open: &OpenRecord) -> bool {
        let awaited = open.awaits().and_then(|other| self.manifest.get(other)).is_some_and(|entry| entry.linked);
        awaited || open.due.is_some_and(|due| due <= self.open.now.as_second())
    }

    /// Ids that the read has delivered so far.
    pub fn seen(&self) -> BTreeSet<RecordId> {
        self.earlier.iter().chain(&self.entries).map(|entry| entry.record).collect()
    }

    /// Stores this part and the cycle's item, so that another invocation can go on.
    pub async fn checkpoint<E: Environment>(
        &mut self,
        env: &E,
        job: &Job<'_>,
        cursor: Option<String>,
    ) -> Result<Cycle, StepError> {
        self.flush(env).await?;
        self.store_part(env).await?;
        // Whoever was quicker may have ended the cycle meanwhile: it is not to be taken up again.
        let condition = self.unmoved();
        self.continuation += 1;
        let path = format!("{}/checkpoint-{:04}", self.base, self.continuation);
        let deferred: Vec<&Record> = self.deferred.values().flatten().map(|(_, record)| record).collect();
        Stored::put(env, &path, &(&self.reading, &self.wanted, self.evaluated, deferred)).await?;
        let mut cycle = self.cycle(env, job, CycleState::Reading);
        cycle.cursor = cursor;
        put_cycle(env, job, &cycle, condition).await?;
        Ok(cycle)
    }

    /// Stores ids and hashes of this part.
    pub async fn store_part<E: Environment>(&mut self, env: &E) -> Result<(), StepError> {
        let part = Manifest::part(std::mem::take(&mut self.entries));
        part.store_at(env, &paths::entries(&self.base, self.reading.parts - 1)).await?;
        self.earlier.extend_from_slice(part.entries());
        Ok(())
    }

    /// The condition under which the cycle's item may be written: nobody else got further.
    pub fn unmoved(&self) -> Condition {
        if self.stored {
            Condition::All(vec![
                Condition::Equals("continuation", ports::Field::Number(i64::from(self.continuation))),
                Condition::Equals("state", ports::Field::Text(CycleState::Reading.name().to_owned())),
            ])
        } else {
            Condition::Absent
        }
    }

    /// The cycle's item as it is now.
    pub fn cycle<E: Environment>(&self, env: &E, job: &Job<'_>, state: CycleState) -> Cycle {
        Cycle {
            number: self.open.number,
            state,
            partial: false,
            urgent: false,
            now: self.open.now,
            seed: self.open.seed,
            rules: job.rules_hash(),
            token: self.token.clone(),
            batches: self.batches,
            planned: BTreeSet::new(),
            written: BTreeSet::new(),
            to_write: 0,
            released: false,
            held: Vec::new(),
            hold_hash: None,
            why: Vec::new(),
            unknown: self.unknown,
            cursor: None,
            continuation: self.continuation,
            summary: self.summary(),
            touched_at: env.clock().now(),
        }
    }

    fn summary(&self) -> Summary {
        Summary {
            rows: self.reading.rows,
            rejected: self.reading.rejected_count,
            repeated: self.reading.repeated.len() as u64,
            evaluated: self.evaluated,
            ..Summary::default()
        }
    }
}

fn by_record<E: Environment>(env: &E, job: &Job<'_>, records: Vec<Record>) -> Rows {
    let mut rows = Rows::new();
    for record in records {
        let content = record.content_hash(env.secret(), &job.rules.hash);
        rows.entry(RecordId::of(env.secret(), &record.key)).or_default().push((content, record));
    }
    rows
}

/// One hash for all the contents under a repeated key, whatever their order.
pub(crate) fn combined(contents: impl IntoIterator<Item = [u8; 16]>) -> [u8; 16] {
    let distinct: BTreeSet<[u8; 16]> = contents.into_iter().collect();
    let mut sum = [0; 16];
    for content in distinct {
        sum.iter_mut().zip(content).for_each(|(byte, other)| *byte ^= other);
    }
    sum
}

/// Writes the cycle's item unless somebody else got further. A lost reply makes one's own write look like that, so what
/// stands there is read before it is believed; no two reads have the same token.
pub(super) async fn put_cycle<E: Environment>(
    env: &E,
    job: &Job<'_>,
    cycle: &Cycle,
    condition: Condition,
) -> Result<(), StepError> {
    let (key, item) = (Cycle::key(job.name, cycle.number), cycle.item());
    match env.table().put(&key, item.clone(), condition).await {
        Err(error) if error.is_conflict() && env.table().get(&key).await?.as_ref() == Some(&item) => Ok(()),
        written => Ok(written?),
    }
}
