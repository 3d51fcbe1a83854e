//! What happened: what HR stated, what the target did, who wrote what; and a digest of all of it.

use crate::people::Statement;
use crate::requests::Sent;
use crate::trace;
use crate::world::Instant;
use model::trace::Event;
use ports::{Anchor, Item, Key, Write, WriteAction};
use record::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;

/// An account as the target has it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// The employee id, empty if it has none.
    pub id: String,
    /// The version of the statement that it shows.
    pub version: u64,
    /// Which statement about the person that is at the least, from 1: HR may take back what it stated, and state it again.
    pub at: usize,
}

/// The history of one run.
#[derive(Debug, Default)]
pub struct History {
    /// What HR stated about each person, oldest first.
    pub statements: BTreeMap<u64, Vec<Statement>>,
    /// Content hashes of statements: whose, and which version.
    pub contents: BTreeMap<[u8; 16], (u64, u64)>,
    /// Accounts that Tenure made or found.
    pub accounts: BTreeMap<Anchor, Seen>,
    /// Whose account was deleted, by anchor, and for which statement about the person.
    pub deleted: BTreeMap<Anchor, (String, usize)>,
    /// Up to which statement about a person, by key, everything is decided: nothing older may be done any more.
    pub decided: BTreeMap<String, usize>,
    /// Cycles whose held changes a person released.
    pub approved: BTreeSet<u64>,
    /// Whom somebody asked for, and which statement about the person was the newest then, from 1.
    pub asked: Vec<(String, usize)>,
    /// How many cycles of one record are under way, by the record's key.
    pub asking: BTreeMap<String, usize>,
    /// What must not happen, and did.
    pub violations: Vec<String>,
    /// Lines for people, if somebody asked for them.
    pub lines: Option<Vec<String>>,
    /// What the model of the protocol is to check.
    pub events: Vec<Event>,
    /// When the simulation began, in milliseconds since 1970.
    pub start: i64,
    digest: u64,
    steps: u64,
    old: BTreeMap<Key, Item>,
}

impl History {
    /// Notes something: into the digest and, if asked for, as a line.
    pub fn note(&mut self, now: Instant, what: impl Display) {
        self.steps += 1;
        let text = format!("{:>12.3} {what}", seconds(now));
        for byte in text.bytes() {
            self.digest = (self.digest ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
        if let Some(lines) = &mut self.lines {
            lines.push(text);
        }
    }

    /// Notes what must not happen.
    pub fn violated(&mut self, now: Instant, what: impl Display) {
        self.note(now, format!("VIOLATION {what}"));
        self.violations.push(what.to_string());
    }

    /// Two runs of one seed have the same digest.
    pub fn digest(&self) -> u64 {
        self.digest
    }

    /// How much happened.
    pub fn steps(&self) -> u64 {
        self.steps
    }

    /// Somebody asked for a record, and was told that it is taken care of.
    pub fn asked_for(&mut self, key: &str) {
        self.asked.push((key.to_owned(), self.statements_of(key).len()));
    }

    /// Everything that HR stated about the person with this key, oldest first.
    pub fn statements_of(&self, key: &str) -> &[Statement] {
        let person: Option<u64> = key.strip_prefix('E').and_then(|number| number.parse().ok());
        person.and_then(|person| self.statements.get(&person)).map(Vec::as_slice).unwrap_or_default()
    }

    /// What HR stated about a person before its last statement.
    pub fn before_last(&self, person: u64) -> Option<Statement> {
        let all = self.statements.get(&person)?;
        all.len().checked_sub(2).map(|place| all[place].clone())
    }

    /// The first statement about a person that fits, from this one on; counted from 1.
    pub fn next_that(&self, key: &str, from: usize, fits: impl Fn(&Statement) -> bool) -> Option<usize> {
        let from = from.max(1);
        let found = self.statements_of(key).iter().skip(from - 1).position(fits);
        found.map(|place| place + from)
    }

    /// The last statement about a person that fits; counted from 1.
    pub fn last_that(&self, key: &str, fits: impl Fn(&Statement) -> bool) -> Option<usize> {
        self.statements_of(key).iter().rposition(fits).map(|place| place + 1)
    }

    /// Whether this statement about a person or a later one says that they are from outside.
    pub fn is_outside_since(&self, key: &str, at: usize) -> bool {
        self.next_that(key, at, |one| one.outside).is_some()
    }

    /// Up to which statement about a person the target shows everything: 0 for nothing.
    pub fn shows(&self, key: &str) -> usize {
        let seen = self.accounts.values().find(|seen| seen.id == key);
        let shown = seen.and_then(|seen| Some(self.last_that(key, |one| one.version == seen.version)?.max(seen.at)));
        shown.unwrap_or(0).max(self.deletion_of(key))
    }

    /// For which statement the last account of a person was deleted, 0 if none was.
    pub fn deletion_of(&self, key: &str) -> usize {
        self.deleted.values().filter(|(id, _)| id == key).map(|(_, at)| *at).max().unwrap_or(0)
    }

    /// A statement about the person with this key.
    pub fn statement(&self, key: &str, version: u64) -> Option<&Statement> {
        self.statements_of(key).iter().find(|statement| statement.version == version)
    }

    pub(crate) fn sent(&mut self, now: Instant, id: u64, sent: &Sent) {
        self.note(now, format!("{} sends {id}: {}", sent.invocation, shown(&sent.request.action)));
        let account = match &sent.request.action {
            WriteAction::Create { attributes } => attributes.get("employeeId").map(|id| id.text().to_owned()),
            WriteAction::Update { anchor, .. } | WriteAction::Refer { anchor, .. } | WriteAction::Delete { anchor } => {
                let deleted = || self.deleted.get(anchor).map(|(id, _)| id.clone());
                self.accounts.get(anchor).map(|seen| seen.id.clone()).or_else(deleted)
            }
        };
        let account = account.unwrap_or_default();
        self.events.push(trace::of_request(now, sent.invocation, id, &sent.request.action, &account));
    }

    pub(crate) fn written(&mut self, now: Instant, invocation: u64, write: &Write) {
        self.events.extend(trace::of_write(now, self.start, invocation, write));
        let (word, key) = match write {
            Write::Put(key, ..) => ("put", key),
            Write::Update(key, ..) => ("update", key),
            Write::Delete(key, _) => ("delete", key),
            Write::Check(key, _) => ("check", key),
        };
        let edits = match (&self.lines, write) {
            (Some(_), Write::Update(_, edits, _)) => format!(" {edits:?}"),
            (Some(_), Write::Put(key, item, _)) if key.sort == "LINK" => {
                let shown = ["version", "status", "deleting", "cycle", "read", "out"].map(|name| item.get(name));
                format!(" {shown:?}")
            }
            _ => String::new(),
        };
        self.note(now, format!("{invocation} {word} {} {}{edits}", key.partition, key.sort));
    }

    /// The table as it was some seconds ago.
    pub fn old_items(&self) -> &BTreeMap<Key, Item> {
        &self.old
    }

    /// Keeps the table as it is now, for reads that are too old.
    pub fn keep_items(&mut self, items: BTreeMap<Key, Item>) {
        self.old = items;
    }
}

/// Microseconds as seconds, for people.
#[expect(clippy::cast_precision_loss, reason = "a simulation lasts for days at most")]
pub fn seconds(instant: Instant) -> f64 {
    instant as f64 / 1e6
}

/// A request for people: invented ones only.
pub fn shown(action: &WriteAction) -> String {
    let pairs = |attributes: &mut dyn Iterator<Item = (&String, Option<&Value>)>| {
        let shown: Vec<String> =
            attributes.map(|(name, value)| format!("{name}={}", value.map_or("-", Value::text))).collect();
        shown.join(" ")
    };
    match action {
        WriteAction::Create { attributes } => {
            format!("create {}", pairs(&mut attributes.iter().map(|(name, value)| (name, Some(value)))))
        }
        WriteAction::Update { anchor, attributes } => {
            format!("update {} {}", anchor.0, pairs(&mut attributes.iter().map(|(name, value)| (name, value.as_ref()))))
        }
        WriteAction::Refer { anchor, attribute, to } => {
            format!("refer {} {attribute}={}", anchor.0, to.as_ref().map_or("-", |to| &to.0))
        }
        WriteAction::Delete { anchor } => format!("delete {}", anchor.0),
    }
}
