//! What is known about a job between cycles.

use super::fields::{Fields, count, text};
use super::recovery::Recovery;
use crate::StepError;
use jiff::Timestamp;
use ports::{Condition, Edit, Field, Item, Key, Table, Write};

/// The one item of a job.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct JobState {
    /// The number of the newest cycle, 0 before the first.
    pub last_cycle: u64,
    /// The cycle that is on; on-demand cycles run beside it.
    pub open: Option<OpenCycle>,
    /// Path of the manifest of the last settled cycle.
    pub manifest: Option<String>,
    /// Where the next incremental read starts.
    pub watermark: Option<String>,
    /// Digest of the source's structure as of the last settled full read.
    pub structure: Option<String>,
    /// Different keys in the last settled full read.
    pub rows: u64,
    /// Linked, in-scope records as of the last manifest; unknown before the first.
    pub population: Option<u64>,
    /// Digest of the rules that the manifest was made with.
    pub rules: Option<String>,
    /// When the last cycle settled.
    pub settled_at: Option<Timestamp>,
    /// What happened to the job's state, until a person has released a plan that was made since.
    pub recovery: Option<Recovery>,
    /// What the first manifest's path is made of; none before anything ever went wrong.
    pub root: Option<String>,
}

/// A cycle that has begun: everything in it takes the same instant for now and draws from the same seed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenCycle {
    /// Its number.
    pub number: u64,
    /// The instant that it takes for now.
    pub now: Timestamp,
    /// What random functions draw from.
    pub seed: [u8; 16],
}

impl JobState {
    /// Where the item stands.
    pub fn key(job: &str) -> Key {
        Key::new(format!("JOB#{job}"), "JOB")
    }

    /// Reads it, if it is there.
    pub async fn find(table: &impl Table, job: &str) -> Result<Option<Self>, StepError> {
        table.get(&Self::key(job)).await?.map(|item| Self::from_item(&item)).transpose()
    }

    /// Reads it; a job that never ran has an empty one.
    pub async fn get(table: &impl Table, job: &str) -> Result<Self, StepError> {
        Ok(Self::find(table, job).await?.unwrap_or_default())
    }

    fn from_item(item: &Item) -> Result<Self, StepError> {
        let fields = Fields::new(item, "a job's state");
        let open = match fields.number_if("open_cycle")? {
            None => None,
            Some(_) => Some(OpenCycle {
                number: fields.count("open_cycle")?,
                now: instant(fields.number("open_now")?)?,
                seed: fields
                    .bytes("open_seed")?
                    .try_into()
                    .map_err(|error| StepError::broken("a job's state", Box::new(error)))?,
            }),
        };
        let population = if item.contains_key("population") { Some(fields.count("population")?) } else { None };
        Ok(Self {
            last_cycle: fields.count("last_cycle")?,
            open,
            manifest: fields.text_if("manifest")?.map(str::to_owned),
            watermark: fields.text_if("watermark")?.map(str::to_owned),
            structure: fields.text_if("structure")?.map(str::to_owned),
            rows: fields.count("rows")?,
            population,
            rules: fields.text_if("rules")?.map(str::to_owned),
            settled_at: fields.number_if("settled_at")?.map(instant).transpose()?,
            recovery: fields.text_if("recovery")?.map(Recovery::parse).transpose()?,
            root: fields.text_if("root")?.map(str::to_owned),
        })
    }

    /// Begins the next cycle. Conflict: somebody else began one.
    pub async fn begin(
        &self,
        table: &impl Table,
        job: &str,
        now: Timestamp,
        seed: [u8; 16],
    ) -> Result<OpenCycle, StepError> {
        let number = self.last_cycle + 1;
        let mut edits = vec![
            Edit::Set("last_cycle", count(number)),
            Edit::Set("open_cycle", count(number)),
            Edit::Set("open_now", Field::Number(now.as_millisecond())),
            Edit::Set("open_seed", Field::Bytes(seed.to_vec())),
        ];
        // Only where the item was not there: otherwise both stand in it already.
        if self.last_cycle == 0 {
            edits.extend(self.recovery_edits());
        }
        let unmoved = Condition::Any(vec![Condition::Without("last_cycle"), same_count("last_cycle", self.last_cycle)]);
        let free = Condition::All(vec![Condition::Without("open_cycle"), unmoved]);
        table.update(&Self::key(job), edits, free).await?;
        // What a table returns has no finer grain than what it stores.
        Ok(OpenCycle { number, now: instant(now.as_millisecond())?, seed })
    }

    /// Takes a number for a cycle of one record, which runs beside whatever else is on. Conflict: the job's item is not
    /// there.
    pub async fn begin_beside(table: &impl Table, job: &str) -> Result<u64, StepError> {
        let item = table.update(&Self::key(job), vec![Edit::Add("last_cycle", 1)], Condition::Present).await?;
        Fields::new(&item, "a job's state").count("last_cycle")
    }

    /// Makes the item of a job that has none. Conflict: somebody else did.
    pub async fn create(&self, table: &impl Table, job: &str) -> Result<(), StepError> {
        let mut edits = vec![Edit::Set("last_cycle", count(self.last_cycle))];
        edits.extend(self.recovery_edits());
        table.update(&Self::key(job), edits, Condition::Absent).await?;
        Ok(())
    }

    /// The write that ends the open cycle without moving anything.
    pub fn close(job: &str, cycle: u64) -> Write {
        let edits = vec![Edit::Remove("open_cycle"), Edit::Remove("open_now"), Edit::Remove("open_seed")];
        Write::Update(Self::key(job), edits, same_count("open_cycle", cycle))
    }

    /// The write that ends the open cycle and moves the job to what it found. A job without a mark of recovery here loses
    /// the one it had in `before`.
    pub fn settle(&self, job: &str, cycle: u64, before: &Self) -> Write {
        let mut edits = vec![
            Edit::Remove("open_cycle"),
            Edit::Remove("open_now"),
            Edit::Remove("open_seed"),
            Edit::Set("rows", count(self.rows)),
        ];
        let texts = [
            ("manifest", &self.manifest),
            ("watermark", &self.watermark),
            ("structure", &self.structure),
            ("rules", &self.rules),
        ];
        edits.extend(
            texts.into_iter().filter_map(|(name, value)| value.as_ref().map(|value| Edit::Set(name, text(value)))),
        );
        if before.recovery.is_some() && self.recovery.is_none() {
            edits.push(Edit::Remove("recovery"));
        }
        edits.extend(self.population.map(|population| Edit::Set("population", count(population))));
        edits.extend(self.settled_at.map(|at| Edit::Set("settled_at", Field::Number(at.as_millisecond()))));
        Write::Update(Self::key(job), edits, same_count("open_cycle", cycle))
    }
}

pub(super) fn same_count(name: &'static str, value: u64) -> Condition {
    Condition::Equals(name, count(value))
}

/// An instant from milliseconds since 1970.
pub(super) fn instant(milliseconds: i64) -> Result<Timestamp, StepError> {
    Timestamp::from_millisecond(milliseconds).map_err(|error| StepError::broken("an instant in the state", error))
}
