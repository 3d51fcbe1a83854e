//! One pass of a job.

use super::fields::{Fields, count, json, text};
use super::job::instant;
use crate::StepError;
use jiff::Timestamp;
use planning::Counted;
use ports::{Condition, Edit, Field, Item, Key, Table, Write};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// How far a cycle has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CycleState {
    /// The source is being read, in several invocations.
    Reading,
    /// The read is suspicious; nothing of it is used until a person releases it.
    HeldReading,
    /// Batches are being planned.
    Planning,
    /// Every batch is planned; the whole plan is judged.
    Judging,
    /// What was released is being written.
    Writing,
    /// Every planned change is done, held, rejected or escrowed.
    Settled,
    /// A person rejected the read.
    Rejected,
    /// A newer read took its place before anybody released it.
    Superseded,
}

impl CycleState {
    /// Its name in the table and for people.
    pub fn name(self) -> &'static str {
        match self {
            Self::Reading => "reading",
            Self::HeldReading => "held-reading",
            Self::Planning => "planning",
            Self::Judging => "judging",
            Self::Writing => "writing",
            Self::Settled => "settled",
            Self::Rejected => "rejected",
            Self::Superseded => "superseded",
        }
    }

    /// True when nothing more happens to it.
    pub fn is_over(self) -> bool {
        matches!(self, Self::Settled | Self::Rejected | Self::Superseded)
    }

    fn parse(name: &str) -> Result<Self, StepError> {
        let text = format!("\"{name}\"");
        serde_json::from_str(&text).map_err(|error| StepError::misshapen("a cycle's state", &error))
    }
}

/// What came of a cycle, in numbers: read = unchanged + skipped + planned + escrowed, planned = done + held + escrowed later.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// Rows that the source delivered.
    #[serde(default)]
    pub rows: u64,
    /// Rows that could not be read.
    #[serde(default)]
    pub rejected: u64,
    /// Keys that stand in the source several times with different content.
    #[serde(default)]
    pub repeated: u64,
    /// Known records that the read did not have.
    #[serde(default)]
    pub missing: u64,
    /// Records whose content was looked at.
    #[serde(default)]
    pub evaluated: u64,
    /// Changes done, by kind: `create`, `update`, `disable`, `enable`, `adopt`.
    #[serde(default)]
    pub done: BTreeMap<String, u64>,
    /// Changes held by a guard.
    #[serde(default)]
    pub held: u64,
    /// Records kept with a reason, to be tried again.
    #[serde(default)]
    pub escrowed: u64,
    /// References that wait for another record.
    #[serde(default)]
    pub pending: u64,
    /// Evaluated records that needed nothing.
    #[serde(default)]
    pub unchanged: u64,
}

/// A cycle's item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cycle {
    /// Its number within the job.
    pub number: u64,
    /// How far it is.
    pub state: CycleState,
    /// A cycle of one record, or of the open set only: it moves neither manifest nor watermark.
    pub partial: bool,
    /// Written before all others.
    pub urgent: bool,
    /// The instant that it takes for now.
    pub now: Timestamp,
    /// What random functions draw from.
    pub seed: [u8; 16],
    /// Digest of the rules.
    pub rules: String,
    /// Which attempt at reading it is made of: part of the paths of its blobs.
    pub token: String,
    /// Number of batches.
    pub batches: u64,
    /// Batches that are planned.
    pub planned: BTreeSet<u64>,
    /// Released batches that are written.
    pub written: BTreeSet<u64>,
    /// Number of batches with released changes.
    pub to_write: u64,
    /// The released batches stand in the target's partition of ready work.
    pub released: bool,
    /// What guards hold.
    pub held: Vec<Counted>,
    /// Hash of the held part of the plan, or of the held read.
    pub hold_hash: Option<String>,
    /// Why something is held.
    pub why: Vec<String>,
    /// How much was cut from unknown records: many are matched against one read of the target.
    pub unknown: u64,
    /// Where a read that takes several invocations goes on.
    pub cursor: Option<String>,
    /// How often the read was continued.
    pub continuation: u32,
    /// Numbers.
    pub summary: Summary,
    /// When it was last touched.
    pub touched_at: Timestamp,
}

impl Cycle {
    /// Where the item stands.
    pub fn key(job: &str, number: u64) -> Key {
        Key::new(format!("JOB#{job}"), format!("CYCLE#{number:010}"))
    }

    /// Reads it.
    pub async fn get(table: &impl Table, job: &str, number: u64) -> Result<Option<Self>, StepError> {
        table.get(&Self::key(job, number)).await?.map(|item| Self::from_item(number, &item)).transpose()
    }

    /// The newest cycles, newest first, at most `limit` of the last `limit` numbers.
    pub async fn newest(table: &impl Table, job: &str, last: u64, limit: u64) -> Result<Vec<Self>, StepError> {
        let after = Self::key(job, last.saturating_sub(limit));
        let most = usize::try_from(limit).unwrap_or(usize::MAX);
        let items = table.query(&after.partition, "CYCLE#", Some(&after.sort), most).await?;
        let mut cycles = Vec::new();
        for (key, item) in items.iter().rev() {
            let number = key
                .sort
                .trim_start_matches("CYCLE#")
                .parse()
                .map_err(|error| StepError::broken("a cycle's key", error))?;
            cycles.push(Self::from_item(number, item)?);
        }
        Ok(cycles)
    }

    pub(crate) fn from_item(number: u64, item: &Item) -> Result<Self, StepError> {
        let fields = Fields::new(item, "a cycle");
        Ok(Self {
            number,
            state: CycleState::parse(fields.text("state")?)?,
            partial: fields.flag("partial")?,
            urgent: fields.flag("urgent")?,
            now: instant(fields.number("now")?)?,
            seed: fields.bytes("seed")?.try_into().map_err(|_| StepError::Broken { what: "a cycle", source: None })?,
            rules: fields.text("rules")?.to_owned(),
            token: fields.text("token")?.to_owned(),
            batches: fields.count("batches")?,
            planned: fields.numbers("planned")?,
            written: fields.numbers("written")?,
            to_write: fields.count("to_write")?,
            released: fields.flag("released")?,
            held: fields.json("held")?,
            hold_hash: fields.text_if("hold_hash")?.map(str::to_owned),
            why: fields.json("why")?,
            unknown: fields.count("unknown")?,
            cursor: fields.text_if("cursor")?.map(str::to_owned),
            continuation: u32::try_from(fields.count("continuation")?).unwrap_or(u32::MAX),
            summary: fields.json("summary")?,
            touched_at: instant(fields.number("touched_at")?)?,
        })
    }

    /// The whole item, for the first write of a cycle.
    pub fn item(&self) -> Item {
        let mut item = Item::from([
            ("state".to_owned(), text(self.state.name())),
            ("now".to_owned(), Field::Number(self.now.as_millisecond())),
            ("seed".to_owned(), Field::Bytes(self.seed.to_vec())),
            ("rules".to_owned(), text(&self.rules)),
            ("token".to_owned(), text(&self.token)),
            ("batches".to_owned(), count(self.batches)),
            ("unknown".to_owned(), count(self.unknown)),
            ("continuation".to_owned(), count(u64::from(self.continuation))),
            ("summary".to_owned(), json(&self.summary)),
            ("touched_at".to_owned(), Field::Number(self.touched_at.as_millisecond())),
        ]);
        let flags = [("partial", self.partial), ("urgent", self.urgent), ("released", self.released)];
        item.extend(flags.into_iter().filter(|(_, on)| *on).map(|(name, _)| (name.to_owned(), Field::Flag(true))));
        let texts = [("cursor", &self.cursor), ("hold_hash", &self.hold_hash)];
        item.extend(
            texts.into_iter().filter_map(|(name, value)| value.as_ref().map(|value| (name.to_owned(), text(value)))),
        );
        if !self.why.is_empty() {
            item.insert("why".to_owned(), json(&self.why));
        }
        if self.to_write > 0 {
            item.insert("to_write".to_owned(), count(self.to_write));
        }
        let sets = [("planned", &self.planned), ("written", &self.written)];
        item.extend(
            sets.into_iter()
                .filter(|(_, set)| !set.is_empty())
                .map(|(name, set)| (name.to_owned(), Field::Numbers(set.clone()))),
        );
        item
    }

    /// Moves from one state to another. Conflict: somebody else did.
    pub fn step(job: &str, number: u64, from: CycleState, to: CycleState, at: Timestamp, mut more: Vec<Edit>) -> Write {
        more.push(Edit::Set("state", text(to.name())));
        more.push(Edit::Set("touched_at", Field::Number(at.as_millisecond())));
        Write::Update(Self::key(job, number), more, Condition::Equals("state", text(from.name())))
    }

    /// The edit that stores the numbers.
    pub fn summary_edit(summary: &Summary) -> Edit {
        Edit::Set("summary", json(summary))
    }

    /// The edits that store what is held and why.
    pub fn hold_edits(held: &[Counted], hash: &str, why: &[String]) -> Vec<Edit> {
        vec![Edit::Set("held", json(&held)), Edit::Set("hold_hash", text(hash)), Edit::Set("why", json(&why))]
    }
}
