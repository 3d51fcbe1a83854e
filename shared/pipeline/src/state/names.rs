//! The ledger of names: which record a unique value of a target belongs to. A name once given is never given to another.

use super::fields::{Fields, text};
use crate::StepError;
use jiff::Timestamp;
use ports::{Condition, Field, Item, Key, PortError, Table};
use record::{Anchor, RecordId, Secret};

/// Whom a name belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Owner {
    /// Nobody yet.
    Nobody,
    /// A record of a job.
    Record {
        /// The job.
        job: String,
        /// The record.
        record: RecordId,
    },
    /// An account that no record of ours has.
    Foreign,
}

/// Where a name stands. Targets compare names without case; the key holds a keyed hash, the item the name itself.
pub fn name_key(secret: &Secret, target: &str, attribute: &str, name: &str) -> Key {
    let mut hasher = secret.hasher("name");
    hasher.part(name.to_lowercase().as_bytes());
    Key::new(format!("NAME#{target}#{attribute}#{}", RecordId(hasher.finish())), "NAME")
}

/// Where the claim on an account that was there before us stands.
pub fn claim_key(target: &str, anchor: &Anchor) -> Key {
    Key::new(format!("CLAIM#{target}#{}", anchor.0), "CLAIM")
}

/// Where it stands who of a cycle is to have the account with a stamp.
pub fn stamp_key(secret: &Secret, job: &str, cycle: u64, attribute: &str, stamp: &str) -> Key {
    let mut hasher = secret.hasher("stamp");
    hasher.part(stamp.as_bytes());
    Key::new(format!("STAMP#{job}#{cycle}#{attribute}#{}", RecordId(hasher.finish())), "STAMP")
}

/// Takes a stamp for a record of a cycle; false if another record of the cycle has it. Needed no longer than the cycle.
pub async fn promise(
    table: &impl Table,
    key: &Key,
    job: &str,
    record: RecordId,
    expires_at: Timestamp,
) -> Result<bool, StepError> {
    let mine = Owner::Record { job: job.to_owned(), record };
    let item = Item::from([
        ("job".to_owned(), text(job)),
        ("record".to_owned(), text(record.to_string())),
        ("ttl".to_owned(), Field::Number(expires_at.as_second())),
    ]);
    match table.put(key, item, Condition::Absent).await {
        Ok(()) => Ok(true),
        Err(PortError::Conflict { .. }) => Ok(owner_of(table.get(key).await?.as_ref())? == mine),
        Err(error) => Err(error.into()),
    }
}

/// Whom an item of the ledger names.
pub fn owner_of(item: Option<&Item>) -> Result<Owner, StepError> {
    let Some(item) = item else { return Ok(Owner::Nobody) };
    let fields = Fields::new(item, "a name");
    if fields.flag("foreign")? {
        return Ok(Owner::Foreign);
    }
    let record = fields.text("record")?.parse().map_err(|error| StepError::broken("a name", Box::new(error)))?;
    Ok(Owner::Record { job: fields.text("job")?.to_owned(), record })
}

/// Takes a name for a record (or, without one, marks it as somebody else's) if it is free or its own already.
/// True when it is the record's afterwards.
pub async fn reserve(
    table: &impl Table,
    key: &Key,
    name: &str,
    job: &str,
    record: Option<RecordId>,
) -> Result<bool, StepError> {
    let mut item = Item::from([("name".to_owned(), text(name))]);
    match record {
        Some(record) => {
            item.insert("job".to_owned(), text(job));
            item.insert("record".to_owned(), text(record.to_string()));
        }
        None => {
            item.insert("foreign".to_owned(), Field::Flag(true));
        }
    }
    match table.put(key, item, Condition::Absent).await {
        Ok(()) => Ok(true),
        // A lost reply makes one's own write look like a conflict: see whose it is.
        Err(PortError::Conflict { .. }) => {
            let owner = owner_of(table.get(key).await?.as_ref())?;
            Ok(record.is_some_and(|record| owner == Owner::Record { job: job.to_owned(), record }))
        }
        Err(error) => Err(error.into()),
    }
}

/// Marks a name that a record reserved as belonging to an account that is none of ours.
pub async fn give_up(table: &impl Table, key: &Key, name: &str, record: RecordId) -> Result<(), StepError> {
    let item = Item::from([("name".to_owned(), text(name)), ("foreign".to_owned(), Field::Flag(true))]);
    let mine = Condition::Equals("record", text(record.to_string()));
    match table.put(key, item, mine).await {
        Ok(()) | Err(PortError::Conflict { .. }) => Ok(()),
        Err(error) => Err(error.into()),
    }
}
