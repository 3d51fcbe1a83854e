//! The directory at one point in time, as the sum of the changes so far.

use super::clock::written;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

/// By these a user is found without looking at all of them.
const INDEXED: &[&str] = &["userPrincipalName", "employeeId", "mailNickname", "mail", "proxyAddresses"];
/// A deleted user can be restored for this long.
pub(super) const RETENTION_MS: u64 = 30 * 86_400_000;

/// What happened to a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Made or changed: these fields are set, or cleared where they are null.
    Set,
    Deleted,
    Restored,
    Purged,
}

/// One change of one user.
#[derive(Clone, Debug)]
pub(super) struct Change {
    pub at: u64,
    pub kind: Kind,
    pub id: String,
    pub fields: Map<String, Value>,
}

impl Change {
    pub fn to_entry(&self) -> Value {
        let kind = match self.kind {
            Kind::Set => "set",
            Kind::Deleted => "deleted",
            Kind::Restored => "restored",
            Kind::Purged => "purged",
        };
        json!({ "at": self.at, "kind": kind, "id": self.id, "fields": self.fields })
    }

    pub fn from_entry(entry: &Value) -> Option<Self> {
        let kind = match entry.get("kind")?.as_str()? {
            "set" => Kind::Set,
            "deleted" => Kind::Deleted,
            "restored" => Kind::Restored,
            "purged" => Kind::Purged,
            _ => return None,
        };
        let fields = entry.get("fields")?.as_object()?.clone();
        Some(Self { at: entry.get("at")?.as_u64()?, kind, id: entry.get("id")?.as_str()?.to_owned(), fields })
    }
}

/// One user. `fields` has no nulls; `manager` is the manager's id.
#[derive(Clone, Debug, Default)]
pub(super) struct User {
    pub id: String,
    pub fields: Map<String, Value>,
    pub deleted_at: Option<u64>,
}

impl User {
    pub fn text(&self, name: &str) -> Option<&str> {
        self.fields.get(name).and_then(Value::as_str)
    }

    pub fn flag(&self, name: &str) -> bool {
        self.fields.get(name).and_then(Value::as_bool).unwrap_or(false)
    }
}

/// What delta queries are answered from: which user was touched, and how.
pub(super) struct Touch {
    pub row: u64,
    pub change: Arc<Change>,
    /// The manager before the change.
    pub manager: Option<String>,
}

#[derive(Default)]
pub(super) struct State {
    rows: BTreeMap<u64, User>,
    by_id: HashMap<String, u64>,
    index: HashMap<(&'static str, String), BTreeSet<u64>>,
    touches: Vec<Touch>,
    next: u64,
}

impl State {
    /// A user that is not deleted, by id or by principal name.
    pub fn user(&self, key: &str) -> Option<&User> {
        let by_id = self.by_id.get(&key.to_lowercase()).copied();
        let row = by_id.or_else(|| self.having("userPrincipalName", key).and_then(|rows| rows.first().copied()));
        self.rows.get(&row?).filter(|user| user.deleted_at.is_none())
    }

    pub fn deleted_user(&self, id: &str) -> Option<&User> {
        self.rows.get(self.by_id.get(&id.to_lowercase())?).filter(|user| user.deleted_at.is_some())
    }

    pub fn has_id(&self, id: &str) -> bool {
        self.by_id.contains_key(&id.to_lowercase())
    }

    /// Users that are not deleted, from a row on, in the order in which they were made.
    pub fn users_from(&self, row: u64) -> impl Iterator<Item = (u64, &User)> {
        self.rows.range(row..).filter(|(_, user)| user.deleted_at.is_none()).map(|(row, user)| (*row, user))
    }

    pub fn deleted_from(&self, row: u64) -> impl Iterator<Item = (u64, &User)> {
        self.rows.range(row..).filter(|(_, user)| user.deleted_at.is_some()).map(|(row, user)| (*row, user))
    }

    pub fn row(&self, row: u64) -> Option<&User> {
        self.rows.get(&row)
    }

    /// The rows of users that have a value, where values are looked up; case does not count.
    pub fn having(&self, attribute: &str, value: &str) -> Option<&BTreeSet<u64>> {
        let attribute = indexed(attribute)?;
        self.index.get(&(attribute, value.to_lowercase()))
    }

    /// Whether another user than `id` has a value.
    pub fn taken(&self, attribute: &str, value: &str, id: &str) -> bool {
        let rows = self.having(attribute, value).into_iter().flatten();
        rows.filter_map(|row| self.rows.get(row)).any(|user| user.id != id)
    }

    pub fn touches(&self) -> &[Touch] {
        &self.touches
    }

    /// Users whose time in the recycle bin is over.
    pub fn overdue(&self, now: u64) -> Vec<String> {
        let over = |user: &&User| user.deleted_at.is_some_and(|at| at.saturating_add(RETENTION_MS) <= now);
        self.rows.values().filter(over).map(|user| user.id.clone()).collect()
    }

    pub fn apply(&mut self, change: &Arc<Change>) {
        let known = self.by_id.get(&change.id.to_lowercase()).copied();
        let row = known.unwrap_or_else(|| {
            self.next += 1;
            self.by_id.insert(change.id.to_lowercase(), self.next);
            self.next
        });
        self.forget(row);
        let user = self.rows.entry(row).or_insert_with(|| User { id: change.id.clone(), ..User::default() });
        let manager = user.text("manager").map(str::to_owned);
        for (name, value) in &change.fields {
            if value.is_null() {
                user.fields.remove(name);
            } else {
                user.fields.insert(name.clone(), value.clone());
            }
        }
        match change.kind {
            Kind::Set => {}
            Kind::Deleted => user.deleted_at = Some(change.at),
            Kind::Restored => user.deleted_at = None,
            Kind::Purged => {
                self.rows.remove(&row);
                self.by_id.remove(&change.id.to_lowercase());
            }
        }
        self.remember(row);
        self.touches.push(Touch { row, change: Arc::clone(change), manager });
    }

    fn forget(&mut self, row: u64) {
        for key in self.keys(row) {
            if let Some(rows) = self.index.get_mut(&key) {
                rows.remove(&row);
                if rows.is_empty() {
                    self.index.remove(&key);
                }
            }
        }
    }

    fn remember(&mut self, row: u64) {
        for key in self.keys(row) {
            self.index.entry(key).or_default().insert(row);
        }
    }

    /// Deleted users have none: their values are free.
    fn keys(&self, row: u64) -> Vec<(&'static str, String)> {
        let Some(user) = self.rows.get(&row).filter(|user| user.deleted_at.is_none()) else { return Vec::new() };
        let mut keys = Vec::new();
        for name in INDEXED {
            match user.fields.get(*name) {
                Some(Value::String(text)) => keys.push((*name, text.to_lowercase())),
                Some(Value::Array(items)) => {
                    keys.extend(items.iter().filter_map(Value::as_str).map(|text| (*name, text.to_lowercase())));
                }
                _ => {}
            }
        }
        keys
    }

    /// A user with everything that is known, `manager` as an id.
    pub fn whole(&self, user: &User) -> Value {
        let mut whole = user.fields.clone();
        whole.insert("id".to_owned(), Value::from(user.id.as_str()));
        if user.text("manager").is_some_and(|manager| self.user(manager).is_none()) {
            whole.remove("manager");
        }
        if let Some(at) = user.deleted_at {
            whole.insert("deletedDateTime".to_owned(), Value::from(written(at)));
        }
        Value::Object(whole)
    }
}

/// The indexed attribute of this name.
pub(super) fn indexed(attribute: &str) -> Option<&'static str> {
    INDEXED.iter().find(|name| **name == attribute).copied()
}
