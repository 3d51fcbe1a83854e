//! The table.

use crate::faults::Bug;
use crate::world::View;
use fakes::run_ready;
use ports::{Condition, Edit, Field, Item, Key, PortError, Table, Write};
use std::collections::BTreeMap;

/// The table as one invocation has it.
#[derive(Clone)]
pub struct SimTable {
    view: View,
}

impl SimTable {
    pub(super) fn new(view: View) -> Self {
        Self { view }
    }

    fn bug(&self) -> Option<Bug> {
        self.view.shared.core().bug
    }

    /// The condition as a wrong step would have it.
    fn condition(&self, key: &Key, edits: &[Edit], condition: Condition) -> Condition {
        let drops = match self.bug() {
            Some(Bug::LeaseUnconditional) => {
                key.sort == "LEASE" && edits.iter().any(|edit| matches!(edit, Edit::Set("holder", _)))
            }
            Some(Bug::CycleUnconditional) => key.sort == "JOB",
            Some(Bug::StepUnconditional) => key.sort.starts_with("CYCLE#"),
            _ => false,
        };
        if drops { Condition::Always } else { condition }
    }

    /// The edits as a wrong step would make them.
    fn edits(&self, key: &Key, mut edits: Vec<Edit>) -> Vec<Edit> {
        if self.bug() == Some(Bug::NoDrain) && edits.contains(&Edit::Remove("holder")) {
            edits.retain(|edit| !matches!(edit, Edit::Set("until", _) | Edit::Remove("until")));
            edits.push(Edit::Remove("until"));
        }
        if self.bug() == Some(Bug::GuardBypassed) && key.sort.starts_with("CYCLE#") {
            edits.retain(|edit| !matches!(edit, Edit::Set("held", _)));
        }
        edits
    }

    fn write(&self, write: Write) -> Option<Write> {
        let kept = |key: &Key| {
            let dropped = match self.bug() {
                Some(Bug::OpenSetDropped) => key.partition.ends_with("#OPEN"),
                Some(Bug::GuardBypassed) => key.sort.starts_with("HELD#"),
                _ => false,
            };
            !dropped
        };
        match write {
            Write::Put(key, item, condition) => kept(&key).then(|| {
                let condition = self.condition(&key, &[], condition);
                Write::Put(key, item, condition)
            }),
            Write::Update(key, edits, condition) => {
                let condition = self.condition(&key, &edits, condition);
                let edits = self.edits(&key, edits);
                Some(Write::Update(key, edits, condition))
            }
            other => Some(other),
        }
    }

    /// Carries out a write, and notes it in the history.
    fn carry_out(&self, write: Write) -> Result<Option<Item>, PortError> {
        let outside = &self.view.shared.outside;
        let Some(write) = self.write(write) else { return Ok(None) };
        let noted = write.clone();
        let done = match write {
            Write::Put(key, item, condition) => run_ready(outside.table.put(&key, item, condition)).map(|()| None),
            Write::Update(key, edits, condition) => run_ready(outside.table.update(&key, edits, condition)).map(Some),
            Write::Delete(key, condition) => run_ready(outside.table.delete(&key, condition)).map(|()| None),
            Write::Check(..) => run_ready(outside.table.transact(vec![write])).map(|()| None),
        };
        if done.is_ok() {
            self.note(&[noted]);
        }
        match done {
            Err(error) if error.is_conflict() && self.bug() == Some(Bug::ConflictIsSuccess) => Ok(None),
            other => other,
        }
    }

    fn note(&self, writes: &[Write]) {
        let mut core = self.view.shared.core();
        let now = core.now;
        for write in writes {
            core.history.written(now, self.view.invocation, write);
        }
        drop(core);
        crate::checks::after_writes(&self.view.shared, writes);
    }

    /// Reads that are old, for the mistake of reading whatever replica answers.
    fn stale(&self) -> Option<BTreeMap<Key, Item>> {
        let mut core = self.view.shared.core();
        if core.bug != Some(Bug::StaleState) {
            return None;
        }
        core.fires("stale state", 500).then(|| core.history.old_items().clone())
    }
}

fn is_conditional(condition: &Condition) -> bool {
    *condition != Condition::Always
}

impl Table for SimTable {
    async fn get(&self, key: &Key) -> Result<Option<Item>, PortError> {
        let outside = &self.view.shared.outside;
        self.view
            .call(false, || match self.stale() {
                Some(items) => Ok(items.get(key).cloned()),
                None => run_ready(outside.table.get(key)),
            })
            .await
    }

    async fn get_many(&self, keys: &[Key]) -> Result<BTreeMap<Key, Item>, PortError> {
        let outside = &self.view.shared.outside;
        self.view.call(false, || run_ready(outside.table.get_many(keys))).await
    }

    async fn put(&self, key: &Key, item: Item, condition: Condition) -> Result<(), PortError> {
        let repeats = is_conditional(&condition);
        self.view
            .call(repeats, || self.carry_out(Write::Put(key.clone(), item.clone(), condition.clone())).map(drop))
            .await
    }

    async fn update(&self, key: &Key, edits: Vec<Edit>, condition: Condition) -> Result<Item, PortError> {
        let repeats = is_conditional(&condition);
        self.view
            .call(repeats, || {
                let done = self.carry_out(Write::Update(key.clone(), edits.clone(), condition.clone()))?;
                // Where a mistake hides a conflict, the caller sees what it would have written.
                Ok(done.unwrap_or_else(|| {
                    let mut item = Item::from([("state".to_owned(), Field::Text("writing".to_owned()))]);
                    edits.clone().into_iter().for_each(|edit| edit.apply(&mut item));
                    item
                }))
            })
            .await
    }

    async fn delete(&self, key: &Key, condition: Condition) -> Result<(), PortError> {
        let repeats = is_conditional(&condition);
        self.view.call(repeats, || self.carry_out(Write::Delete(key.clone(), condition.clone())).map(drop)).await
    }

    async fn transact(&self, writes: Vec<Write>) -> Result<(), PortError> {
        if self.bug() == Some(Bug::TornTransaction) {
            for write in writes {
                self.view.call(true, || self.carry_out(write.clone()).map(drop)).await?;
            }
            return Ok(());
        }
        let outside = &self.view.shared.outside;
        // A transaction carries a token: repeating it within minutes is the same transaction.
        self.view
            .call(false, || {
                let writes: Vec<Write> = writes.iter().cloned().filter_map(|write| self.write(write)).collect();
                let done = run_ready(outside.table.transact(writes.clone()));
                match done {
                    Ok(()) => {
                        self.note(&writes);
                        Ok(())
                    }
                    Err(error) if error.is_conflict() && self.bug() == Some(Bug::ConflictIsSuccess) => Ok(()),
                    other => other,
                }
            })
            .await
    }

    async fn query(
        &self,
        partition: &str,
        prefix: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<(Key, Item)>, PortError> {
        let outside = &self.view.shared.outside;
        self.view.call(false, || run_ready(outside.table.query(partition, prefix, after, limit))).await
    }
}
