//! Small items with conditional writes: the only shared state.
//!
//! The shape is that of one DynamoDB table (partition key `pk`, sort key `sk`), cut down to what the steps use.
//! Every read is strongly consistent.

use crate::PortError;
use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;

/// Where an item stands.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// Items that are read together share it.
    pub partition: String,
    /// Orders items within the partition, by bytes.
    pub sort: String,
}

impl Key {
    /// A key of two parts.
    pub fn new(partition: impl Into<String>, sort: impl Into<String>) -> Self {
        Self { partition: partition.into(), sort: sort.into() }
    }
}

/// One field of an item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Field {
    /// Text.
    Text(String),
    /// A whole number.
    Number(i64),
    /// True or false.
    Flag(bool),
    /// Raw bytes.
    Bytes(Vec<u8>),
    /// A set of numbers, never empty.
    Numbers(BTreeSet<u64>),
}

/// An item's fields, its key left out. The field `ttl` (seconds since 1970) lets the table drop the item some time later.
pub type Item = BTreeMap<String, Field>;

/// What must hold for a write to happen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Condition {
    /// Nothing.
    Always,
    /// There is no such item.
    Absent,
    /// There is such an item.
    Present,
    /// The item is there and the field has this value.
    Equals(&'static str, Field),
    /// The field (or the whole item) is not there.
    Without(&'static str),
    /// The item is there and the numeric field is at most this.
    AtMost(&'static str, i64),
    /// All of them.
    All(Vec<Condition>),
    /// One of them.
    Any(Vec<Condition>),
}

/// A change of one field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Edit {
    /// Sets the field.
    Set(&'static str, Field),
    /// Takes the field away.
    Remove(&'static str),
    /// Adds to a number; a field that is not there counts as 0.
    Add(&'static str, i64),
    /// Puts a number into a set. Doing it twice is the same as once.
    Include(&'static str, u64),
}

/// One write of a transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Write {
    /// Stores the whole item.
    Put(Key, Item, Condition),
    /// Changes fields; makes the item if it is not there.
    Update(Key, Vec<Edit>, Condition),
    /// Takes the item away.
    Delete(Key, Condition),
    /// Writes nothing, but must hold.
    Check(Key, Condition),
}

/// The table. A condition that does not hold is [`PortError::Conflict`].
pub trait Table: Send + Sync {
    /// One item.
    fn get(&self, key: &Key) -> impl Future<Output = Result<Option<Item>, PortError>> + Send;

    /// Many items; those that are not there are left out. Any number of keys, no key twice.
    fn get_many(&self, keys: &[Key]) -> impl Future<Output = Result<BTreeMap<Key, Item>, PortError>> + Send;

    /// Stores the whole item.
    fn put(&self, key: &Key, item: Item, condition: Condition) -> impl Future<Output = Result<(), PortError>> + Send;

    /// Changes fields and returns the item as it is afterwards; makes it if it is not there (unless the condition forbids).
    fn update(
        &self,
        key: &Key,
        edits: Vec<Edit>,
        condition: Condition,
    ) -> impl Future<Output = Result<Item, PortError>> + Send;

    /// Takes the item away; without a condition it is no error if there is none.
    fn delete(&self, key: &Key, condition: Condition) -> impl Future<Output = Result<(), PortError>> + Send;

    /// All or nothing. At most 100 writes, no key twice.
    fn transact(&self, writes: Vec<Write>) -> impl Future<Output = Result<(), PortError>> + Send;

    /// Items of one partition whose sort key starts with `prefix` and comes after `after`, in order, at most `limit`.
    fn query(
        &self,
        partition: &str,
        prefix: &str,
        after: Option<&str>,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<(Key, Item)>, PortError>> + Send;
}

impl Condition {
    /// Whether it holds for an item (or for none): what the table decides, for stand-ins that decide in memory.
    pub fn holds(&self, item: Option<&Item>) -> bool {
        match self {
            Self::Always => true,
            Self::Absent => item.is_none(),
            Self::Present => item.is_some(),
            Self::Equals(name, value) => item.and_then(|item| item.get(*name)) == Some(value),
            Self::Without(name) => item.is_none_or(|item| !item.contains_key(*name)),
            Self::AtMost(name, most) => {
                matches!(item.and_then(|item| item.get(*name)), Some(Field::Number(number)) if number <= most)
            }
            Self::All(conditions) => conditions.iter().all(|condition| condition.holds(item)),
            Self::Any(conditions) => conditions.iter().any(|condition| condition.holds(item)),
        }
    }
}

impl Edit {
    /// Carries it out on an item in memory. A number added to what is no number replaces it.
    pub fn apply(self, item: &mut Item) {
        match self {
            Self::Set(name, value) => {
                item.insert(name.to_owned(), value);
            }
            Self::Remove(name) => {
                item.remove(name);
            }
            Self::Add(name, amount) => {
                let before = match item.get(name) {
                    Some(Field::Number(number)) => *number,
                    _ => 0,
                };
                item.insert(name.to_owned(), Field::Number(before + amount));
            }
            Self::Include(name, number) => {
                let mut numbers = match item.remove(name) {
                    Some(Field::Numbers(numbers)) => numbers,
                    _ => BTreeSet::new(),
                };
                numbers.insert(number);
                item.insert(name.to_owned(), Field::Numbers(numbers));
            }
        }
    }
}
