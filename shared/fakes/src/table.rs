//! The table in memory: conditions, edits and transactions as `DynamoDB` has them, and its bill.

mod rules;

use crate::{Crash, Throttle, locked, refused};
use ports::{Condition, Edit, Field, Item, Key, PortError, Table, Write};
use rules::{check_key, check_size, check_write, edited, size};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

const TRANSACTION_WRITES_MAX: usize = 100;
const CONFLICT: PortError = PortError::Conflict { what: "a condition of the table did not hold" };

/// What was used so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Units {
    /// Write units: one per started KB, twice that in a transaction. A condition that fails is paid too.
    pub write: u64,
    /// Read units: one per started 4 KB, also for what is not there.
    pub read: u64,
    /// Calls of [`Table::get`].
    pub gets: u64,
    /// Calls of [`Table::get_many`].
    pub get_manys: u64,
    /// Calls of [`Table::put`].
    pub puts: u64,
    /// Calls of [`Table::update`].
    pub updates: u64,
    /// Calls of [`Table::delete`].
    pub deletes: u64,
    /// Calls of [`Table::transact`].
    pub transacts: u64,
    /// Calls of [`Table::query`].
    pub queries: u64,
}

/// The items at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot(BTreeMap<Key, Item>);

/// The table. A clone is the same table.
#[derive(Clone, Debug)]
pub struct FakeTable {
    crash: Crash,
    /// Refuses calls.
    pub throttle: Throttle,
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    items: BTreeMap<Key, Item>,
    units: Units,
}

impl FakeTable {
    /// An empty table.
    pub fn new(crash: Crash) -> Self {
        Self { crash, throttle: Throttle::default(), state: Arc::default() }
    }

    /// Everything in it.
    pub fn items(&self) -> BTreeMap<Key, Item> {
        locked(&self.state).items.clone()
    }

    /// Everything in it, to go back to.
    pub fn snapshot(&self) -> Snapshot {
        Snapshot(self.items())
    }

    /// Goes back; what was used stays counted.
    pub fn restore(&self, snapshot: &Snapshot) {
        locked(&self.state).items = snapshot.0.clone();
    }

    /// Everything is gone, as after somebody deleted the table and made another one.
    pub fn lose(&self) {
        locked(&self.state).items.clear();
    }

    /// What was used since the start or the last [`FakeTable::reset_units`].
    pub fn units(&self) -> Units {
        locked(&self.state).units
    }

    /// Starts counting anew.
    pub fn reset_units(&self) {
        locked(&self.state).units = Units::default();
    }

    /// Drops the items whose field `ttl` (seconds since 1970) has passed. Reads do not look at it, as in the real thing.
    pub fn sweep(&self, now: jiff::Timestamp) {
        let gone = |item: &Item| matches!(item.get("ttl"), Some(Field::Number(ttl)) if *ttl <= now.as_second());
        locked(&self.state).items.retain(|_, item| !gone(item));
    }

    fn call<T>(&self, effect: impl FnOnce(&mut State) -> Result<T, PortError>) -> Result<T, PortError> {
        self.throttle.pass()?;
        self.crash.around(|| effect(&mut locked(&self.state)))
    }

    /// One write, or the same one twice where its first reply is lost.
    fn write<T>(&self, effect: impl Fn(&mut State) -> Result<T, PortError>) -> Result<T, PortError> {
        self.call(|state| {
            let first = effect(state);
            if self.crash.is_resent() { effect(state) } else { first }
        })
    }
}

impl State {
    /// What the write would leave; nothing is changed yet. Pays `times` the price, whether the condition holds or not.
    fn outcome(&mut self, write: Write, times: u64) -> Result<(Key, Option<Item>), PortError> {
        let key = key_of(&write).clone();
        let before = self.items.get(&key);
        let bytes_before = before.map_or(0, |item| size(&key, item));
        let (Write::Put(_, _, condition)
        | Write::Update(_, _, condition)
        | Write::Delete(_, condition)
        | Write::Check(_, condition)) = &write;
        if !condition.holds(before) {
            self.units.write += times * units(bytes_before, 1024);
            return Err(CONFLICT);
        }
        let after = match write {
            Write::Put(_, item, _) => Some(item),
            Write::Update(_, edits, _) => Some(edited(before, edits)?),
            Write::Delete(..) => None,
            Write::Check(..) => before.cloned(),
        };
        if let Some(item) = &after {
            check_size(&key, item)?;
        }
        let bytes_after = after.as_ref().map_or(0, |item| size(&key, item));
        self.units.write += times * units(bytes_before.max(bytes_after), 1024);
        Ok((key, after))
    }

    fn write(&mut self, write: Write) -> Result<(), PortError> {
        check_write(&write)?;
        let (key, item) = self.outcome(write, 1)?;
        self.store(key, item);
        Ok(())
    }

    fn store(&mut self, key: Key, item: Option<Item>) {
        match item {
            Some(item) => self.items.insert(key, item),
            None => self.items.remove(&key),
        };
    }

    fn read(&mut self, key: &Key) -> Option<Item> {
        let item = self.items.get(key);
        self.units.read += units(item.map_or(0, |item| size(key, item)), 4096);
        item.cloned()
    }
}

fn key_of(write: &Write) -> &Key {
    let (Write::Put(key, ..) | Write::Update(key, ..) | Write::Delete(key, ..) | Write::Check(key, ..)) = write;
    key
}

fn units(bytes: usize, per_unit: usize) -> u64 {
    bytes.div_ceil(per_unit).max(1) as u64
}

impl Table for FakeTable {
    async fn get(&self, key: &Key) -> Result<Option<Item>, PortError> {
        self.call(|state| {
            state.units.gets += 1;
            check_key(key)?;
            Ok(state.read(key))
        })
    }

    async fn get_many(&self, keys: &[Key]) -> Result<BTreeMap<Key, Item>, PortError> {
        if keys.is_empty() {
            return Ok(BTreeMap::new());
        }
        if keys.iter().collect::<BTreeSet<_>>().len() < keys.len() {
            return Err(refused("a key stands twice in one read of many items"));
        }
        self.call(|state| {
            state.units.get_manys += 1;
            keys.iter().try_for_each(check_key)?;
            Ok(keys.iter().filter_map(|key| Some((key.clone(), state.read(key)?))).collect())
        })
    }

    async fn put(&self, key: &Key, item: Item, condition: Condition) -> Result<(), PortError> {
        self.write(|state| {
            state.units.puts += 1;
            state.write(Write::Put(key.clone(), item.clone(), condition.clone()))
        })
    }

    async fn update(&self, key: &Key, edits: Vec<Edit>, condition: Condition) -> Result<Item, PortError> {
        self.write(|state| {
            state.units.updates += 1;
            state.write(Write::Update(key.clone(), edits.clone(), condition.clone()))?;
            Ok(state.items[key].clone())
        })
    }

    async fn delete(&self, key: &Key, condition: Condition) -> Result<(), PortError> {
        self.write(|state| {
            state.units.deletes += 1;
            state.write(Write::Delete(key.clone(), condition.clone()))
        })
    }

    async fn transact(&self, writes: Vec<Write>) -> Result<(), PortError> {
        if writes.is_empty() {
            return Ok(());
        }
        if writes.len() > TRANSACTION_WRITES_MAX {
            return Err(refused("a transaction has more than 100 writes"));
        }
        if writes.iter().map(key_of).collect::<BTreeSet<_>>().len() < writes.len() {
            return Err(refused("a key stands twice in one transaction"));
        }
        self.call(|state| {
            state.units.transacts += 1;
            writes.iter().try_for_each(check_write)?;
            // Every write is judged on the state before, and pays, before any of them is done.
            let outcomes: Vec<_> = writes.into_iter().map(|write| state.outcome(write, 2)).collect();
            let mut changed = Vec::new();
            let mut conflict = false;
            for outcome in outcomes {
                match outcome {
                    Ok(change) => changed.push(change),
                    Err(error) if error.is_conflict() => conflict = true,
                    Err(error) => return Err(error),
                }
            }
            if conflict {
                return Err(CONFLICT);
            }
            for (key, item) in changed {
                state.store(key, item);
            }
            Ok(())
        })
    }

    async fn query(
        &self,
        partition: &str,
        prefix: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<(Key, Item)>, PortError> {
        self.call(|state| {
            state.units.queries += 1;
            let start = Key::new(partition, prefix.max(after.unwrap_or("")));
            let found: Vec<(Key, Item)> = state
                .items
                .range(start..)
                .take_while(|(key, _)| key.partition == partition && key.sort.starts_with(prefix))
                .filter(|(key, _)| after.is_none_or(|after| key.sort.as_str() > after))
                .take(limit)
                .map(|(key, item)| (key.clone(), item.clone()))
                .collect();
            let bytes = found.iter().map(|(key, item)| size(key, item)).sum();
            state.units.read += units(bytes, 4096);
            Ok(found)
        })
    }
}

#[cfg(test)]
mod tests;
