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
    /// Cycles whose held changes a person released.
    pub approved: BTreeSet<u64>,
    /// Whom somebody asked for, and which statement was the newest then.
    pub asked: Vec<(String, u64)>,
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
        let person = key.strip_prefix('E').and_then(|number| number.parse().ok()).unwrap_or(0);
        let newest = self.statements.get(&person).and_then(|all| all.last()).map(|statement| statement.version);
        self.asked.extend(newest.map(|version| (key.to_owned(), version)));
    }

    /// A statement about the person with this key.
    pub fn statement(&self, key: &str, version: u64) -> Option<&Statement> {
        let person: u64 = key.strip_prefix('E')?.parse().ok()?;
        self.statements.get(&person)?.iter().find(|statement| statement.version == version)
    }

    pub(crate) fn sent(&mut self, now: Instant, id: u64, sent: &Sent) {
        self.note(now, format!("{} sends {id}: {}", sent.invocation, shown(&sent.request.action)));
        let account = match &sent.request.action {
            WriteAction::Create { attributes } => attributes.get("employeeId").map(|id| id.text().to_owned()),
            WriteAction::Update { anchor, .. } | WriteAction::Refer { anchor, .. } | WriteAction::Delete { anchor } => {
                self.accounts.get(anchor).map(|seen| seen.id.clone())
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
