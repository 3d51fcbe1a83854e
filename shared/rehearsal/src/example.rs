//! Example people, as they stand in files beside the rules: given this record at this date, expect this.
//!
//! ```toml
//! job = "hr-to-entra"            # may be left out where there is one job
//! now = "2026-03-02T09:00:00Z"   # an instant, or a date for its first moment (UTC)
//!
//! [person]                       # what every record below begins with, as `tenure read` prints it
//! WorkerID = "90001"
//!
//! [[example]]
//! name = "someone who moves gets the new department, and keeps the name"
//! scenario = "transfer"
//! [[example.steps]]
//! expect = { change = "create" }
//! [[example.steps]]
//! now = "2026-06-01"
//! record = { Department = "Sales" }
//! absent = ["Phone"]
//! expect = { change = "update", changed = ["department"], attributes = { department = "Sales" } }
//! ```
//!
//! A step begins with the record of the step before. An example of one step needs no `steps`.

use crate::mistake::{ExampleMistake, Lines};
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use record::Value;
use regex::Regex;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::ops::Range;
use toml::Spanned;

/// One example: what happens to a person, step by step.
#[derive(Clone, Debug)]
pub struct Example {
    /// What it shows, as a sentence.
    pub name: String,
    /// The word of the catalogue of scenarios that it belongs to.
    pub scenario: Option<String>,
    /// The job whose rules it is about; `None` for the only one.
    pub job: Option<String>,
    /// Where it stands, from 1.
    pub line: usize,
    /// Accounts that are there before the first step.
    pub accounts: Vec<BTreeMap<String, Value>>,
    /// Names that somebody else has or had, by target attribute.
    pub taken: BTreeMap<String, Vec<String>>,
    /// What happens, in order.
    pub steps: Vec<Step>,
}

/// One read of a record, and what is to come of it.
#[derive(Clone, Debug)]
pub struct Step {
    /// What `Now()` says.
    pub now: Timestamp,
    /// What the source states.
    pub attributes: BTreeMap<String, Value>,
    /// How often the key stands in the source with different content; 1 is normal.
    pub times: usize,
    /// What is to come of it.
    pub expect: Expect,
    /// Where it stands, from 1.
    pub line: usize,
}

/// What is to come of a step. Whatever is left out may be anything.
#[derive(Clone, Debug, Default)]
pub struct Expect {
    /// `create`, `update`, `disable`, `enable`, `delete`, `nothing`, `skip` or `escrow`.
    pub change: Option<String>,
    /// Words of the reason for a skip or an escrow.
    pub reason: Option<String>,
    /// What the account has afterwards.
    pub attributes: BTreeMap<String, Wanted>,
    /// What the account has no value of afterwards.
    pub without: Vec<String>,
    /// All that is written, and nothing else.
    pub changed: Option<Vec<String>>,
    /// Whether an account is taken over that was there before.
    pub adopts: Option<bool>,
    /// The day (UTC) on which the rules say something else although the record stays as it is.
    pub revisit: Option<Date>,
}

/// A value, or what it has to look like.
#[derive(Clone, Debug)]
pub enum Wanted {
    /// Exactly this.
    Exactly(Value),
    /// Anything that this describes from beginning to end.
    Matches(Regex),
}

/// Words that `change` may have.
pub(crate) const CHANGES: [&str; 8] = ["create", "update", "disable", "enable", "delete", "nothing", "skip", "escrow"];

type Fields = BTreeMap<String, Spanned<toml::Value>>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileTable {
    job: Option<String>,
    now: Option<Spanned<toml::Value>>,
    #[serde(default)]
    person: Fields,
    #[serde(default)]
    example: Vec<Spanned<ExampleTable>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ExampleTable {
    name: String,
    scenario: Option<String>,
    job: Option<String>,
    now: Option<Spanned<toml::Value>>,
    #[serde(default)]
    record: Fields,
    #[serde(default)]
    absent: Vec<String>,
    times: Option<usize>,
    #[serde(default)]
    accounts: Vec<Fields>,
    #[serde(default)]
    taken: BTreeMap<String, Vec<String>>,
    expect: Option<ExpectTable>,
    #[serde(default)]
    steps: Vec<Spanned<StepTable>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StepTable {
    now: Option<Spanned<toml::Value>>,
    #[serde(default)]
    record: Fields,
    #[serde(default)]
    absent: Vec<String>,
    times: Option<usize>,
    expect: ExpectTable,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ExpectTable {
    change: Option<Spanned<String>>,
    reason: Option<String>,
    #[serde(default)]
    attributes: Fields,
    #[serde(default)]
    without: Vec<String>,
    changed: Option<Vec<String>>,
    adopts: Option<bool>,
    revisit: Option<Spanned<toml::Value>>,
}

/// Reads a file of examples, or everything that is wrong with it.
pub fn read(text: &str) -> Result<Vec<Example>, Vec<ExampleMistake>> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reading = Reading { lines: Lines::of(text), mistakes: Vec::new() };
    let file: FileTable = match toml::from_str(text) {
        Ok(file) => file,
        Err(error) => {
            reading.wrong(error.span().unwrap_or(0..0), error.message().trim());
            return Err(reading.mistakes);
        }
    };
    if file.example.is_empty() {
        reading.wrong(0..0, "there are no examples; begin each with [[example]]");
    }
    let now = file.now.and_then(|now| reading.instant(&now));
    let person = reading.values(file.person);
    let examples = file.example.into_iter().filter_map(|one| reading.example(one, file.job.as_ref(), now, &person));
    let examples: Vec<Example> = examples.collect();
    if reading.mistakes.is_empty() { Ok(examples) } else { Err(reading.mistakes) }
}

struct Reading<'a> {
    lines: Lines<'a>,
    mistakes: Vec<ExampleMistake>,
}

impl Reading<'_> {
    fn wrong(&mut self, span: Range<usize>, message: impl Into<String>) {
        let (line, column) = self.lines.place(span.start);
        self.mistakes.push(ExampleMistake { line, column, message: message.into() });
    }

    fn example(
        &mut self,
        table: Spanned<ExampleTable>,
        job: Option<&String>,
        now: Option<Timestamp>,
        person: &BTreeMap<String, Value>,
    ) -> Option<Example> {
        let span = table.span();
        let table = table.into_inner();
        let now = table.now.as_ref().map_or(now, |now| self.instant(now));
        let mut attributes = person.clone();
        attributes.extend(self.values(table.record));
        attributes.retain(|name, _| !table.absent.contains(name));
        let mut steps = Vec::new();
        match (table.expect, table.steps) {
            (Some(expect), stands) if stands.is_empty() => {
                steps.push(self.step(span.clone(), now, (attributes, table.times), expect)?);
            }
            (None, stands) if !stands.is_empty() => {
                let mut now = now;
                for step in stands {
                    let (span, step) = (step.span(), step.into_inner());
                    now = step.now.as_ref().map_or(now, |now| self.instant(now));
                    attributes.extend(self.values(step.record));
                    attributes.retain(|name, _| !step.absent.contains(name));
                    steps.extend(self.step(span, now, (attributes.clone(), step.times), step.expect));
                }
            }
            _ => {
                self.wrong(span, "an example has either `expect` or `steps`, each with its own `expect`");
                return None;
            }
        }
        Some(Example {
            name: table.name,
            scenario: table.scenario,
            job: table.job.or_else(|| job.cloned()),
            line: self.lines.place(span.start).0,
            accounts: table.accounts.into_iter().map(|account| self.values(account)).collect(),
            taken: table.taken,
            steps,
        })
    }

    fn step(
        &mut self,
        span: Range<usize>,
        now: Option<Timestamp>,
        (attributes, times): (BTreeMap<String, Value>, Option<usize>),
        expect: ExpectTable,
    ) -> Option<Step> {
        let line = self.lines.place(span.start).0;
        let expect = self.expect(expect);
        let Some(now) = now else {
            self.wrong(span, "no date; write now = \"2026-03-02\" here or at the top of the file");
            return None;
        };
        Some(Step { now, attributes, times: times.unwrap_or(1), expect, line })
    }

    fn expect(&mut self, table: ExpectTable) -> Expect {
        if let Some(change) = table.change.as_ref().filter(|change| !CHANGES.contains(&change.get_ref().as_str())) {
            let message = format!("unknown `change`: `{}`; known are {}", change.get_ref(), CHANGES.join(", "));
            self.wrong(change.span(), message);
        }
        let revisit = table.revisit.and_then(|day| self.instant(&day));
        Expect {
            change: table.change.map(Spanned::into_inner),
            reason: table.reason,
            attributes: self.wanted(table.attributes),
            without: table.without,
            changed: table.changed,
            adopts: table.adopts,
            revisit: revisit.map(|at| at.to_zoned(TimeZone::UTC).date()),
        }
    }

    fn wanted(&mut self, fields: Fields) -> BTreeMap<String, Wanted> {
        let mut all = BTreeMap::new();
        for (name, field) in fields {
            let pattern = field.get_ref().get("matches").and_then(toml::Value::as_str).map(str::to_owned);
            let wanted = match pattern.map(|pattern| Regex::new(&format!("^(?:{pattern})$"))) {
                Some(Ok(pattern)) => Some(Wanted::Matches(pattern)),
                Some(Err(_)) => {
                    self.wrong(field.span(), "`matches` is no regular expression");
                    None
                }
                None => self.value(&field).map(Wanted::Exactly),
            };
            all.extend(wanted.map(|wanted| (name, wanted)));
        }
        all
    }

    fn values(&mut self, fields: Fields) -> BTreeMap<String, Value> {
        fields.into_iter().filter_map(|(name, field)| Some((name, self.value(&field)?))).collect()
    }

    fn value(&mut self, field: &Spanned<toml::Value>) -> Option<Value> {
        let value = match field.get_ref() {
            toml::Value::Array(values) => values.iter().map(text).collect::<Option<Vec<_>>>().map(Value::Many),
            other => text(other).map(Value::One),
        };
        if value.is_none() {
            self.wrong(field.span(), "a value is a text, a number, true or false, a date, or a list of texts");
        }
        value
    }

    fn instant(&mut self, value: &Spanned<toml::Value>) -> Option<Timestamp> {
        let text = text(value.get_ref()).unwrap_or_default();
        let midnight = || text.parse::<Date>().ok()?.to_zoned(TimeZone::UTC).ok();
        let instant = text.parse::<Timestamp>().ok().or_else(|| midnight().map(|at| at.timestamp()));
        if instant.is_none() {
            self.wrong(value.span(), "this is no date; write 2026-03-02 or 2026-03-02T09:00:00Z");
        }
        instant
    }
}

/// A plain value as the text that a source would state.
fn text(value: &toml::Value) -> Option<String> {
    Some(match value {
        toml::Value::String(text) => text.clone(),
        toml::Value::Integer(number) => number.to_string(),
        toml::Value::Boolean(flag) => if *flag { "True" } else { "False" }.to_owned(),
        toml::Value::Datetime(instant) => instant.to_string(),
        toml::Value::Float(_) | toml::Value::Array(_) | toml::Value::Table(_) => return None,
    })
}
