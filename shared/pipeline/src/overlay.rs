//! For a dry run: the same steps read the real state and write to memory. What a plan shows is what a cycle would do.

use bytes::Bytes;
use ports::{Blobs, Condition, Edit, Item, Key, PortError, Put, Queue, QueueName, Table, Write};
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A table whose writes stay in memory.
pub struct OverlayTable<T> {
    below: T,
    written: Mutex<BTreeMap<Key, Option<Item>>>,
}

impl<T: Table> OverlayTable<T> {
    /// Lays memory over a table.
    pub fn new(below: T) -> Self {
        Self { below, written: Mutex::default() }
    }

    async fn write(&self, write: Write) -> Result<Option<Item>, PortError> {
        let (key, condition) = match &write {
            Write::Put(key, _, condition)
            | Write::Update(key, _, condition)
            | Write::Delete(key, condition)
            | Write::Check(key, condition) => (key.clone(), condition.clone()),
        };
        let before = self.get(&key).await?;
        if !condition.holds(before.as_ref()) {
            return Err(PortError::Conflict { what: "writing to memory" });
        }
        let after = match write {
            Write::Put(_, item, _) => Some(item),
            Write::Update(_, edits, _) => {
                let mut item = before.unwrap_or_default();
                for edit in edits {
                    edit.apply(&mut item);
                }
                Some(item)
            }
            Write::Delete(..) => None,
            Write::Check(..) => return Ok(before),
        };
        locked(&self.written).insert(key, after.clone());
        Ok(after)
    }
}

impl<T: Table> Table for OverlayTable<T> {
    async fn get(&self, key: &Key) -> Result<Option<Item>, PortError> {
        let here = locked(&self.written).get(key).cloned();
        match here {
            Some(item) => Ok(item),
            None => self.below.get(key).await,
        }
    }

    async fn get_many(&self, keys: &[Key]) -> Result<BTreeMap<Key, Item>, PortError> {
        let mut items = self.below.get_many(keys).await?;
        let written = locked(&self.written);
        for key in keys {
            match written.get(key) {
                Some(Some(item)) => {
                    items.insert(key.clone(), item.clone());
                }
                Some(None) => {
                    items.remove(key);
                }
                None => {}
            }
        }
        Ok(items)
    }

    async fn put(&self, key: &Key, item: Item, condition: Condition) -> Result<(), PortError> {
        self.write(Write::Put(key.clone(), item, condition)).await.map(|_| ())
    }

    async fn update(&self, key: &Key, edits: Vec<Edit>, condition: Condition) -> Result<Item, PortError> {
        Ok(self.write(Write::Update(key.clone(), edits, condition)).await?.unwrap_or_default())
    }

    async fn delete(&self, key: &Key, condition: Condition) -> Result<(), PortError> {
        self.write(Write::Delete(key.clone(), condition)).await.map(|_| ())
    }

    /// Not all or nothing: a dry run has nobody beside it, so the first conflict is the only one.
    async fn transact(&self, writes: Vec<Write>) -> Result<(), PortError> {
        for write in writes {
            self.write(write).await?;
        }
        Ok(())
    }

    async fn query(
        &self,
        partition: &str,
        prefix: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<(Key, Item)>, PortError> {
        let inside = |key: &Key| {
            key.partition == partition
                && key.sort.starts_with(prefix)
                && after.is_none_or(|after| key.sort.as_str() > after)
        };
        let hidden = locked(&self.written).keys().filter(|key| inside(key)).count();
        let below = self.below.query(partition, prefix, after, limit.saturating_add(hidden)).await?;
        let mut items: BTreeMap<Key, Item> = below.into_iter().collect();
        for (key, item) in locked(&self.written).iter().filter(|(key, _)| inside(key)) {
            match item {
                Some(item) => items.insert(key.clone(), item.clone()),
                None => items.remove(key),
            };
        }
        Ok(items.into_iter().take(limit).collect())
    }
}

/// Blobs whose writes stay in memory.
pub struct OverlayBlobs<B> {
    below: B,
    written: Mutex<BTreeMap<String, Bytes>>,
}

impl<B: Blobs> OverlayBlobs<B> {
    /// Lays memory over blobs.
    pub fn new(below: B) -> Self {
        Self { below, written: Mutex::default() }
    }
}

impl<B: Blobs> Blobs for OverlayBlobs<B> {
    async fn put(&self, path: &str, bytes: Bytes) -> Result<Put, PortError> {
        let mut written = locked(&self.written);
        if written.contains_key(path) {
            return Ok(Put::Exists);
        }
        written.insert(path.to_owned(), bytes);
        Ok(Put::Created)
    }

    async fn get(&self, path: &str) -> Result<Option<Bytes>, PortError> {
        let here = locked(&self.written).get(path).cloned();
        match here {
            Some(bytes) => Ok(Some(bytes)),
            None => self.below.get(path).await,
        }
    }

    async fn delete(&self, path: &str) -> Result<(), PortError> {
        locked(&self.written).remove(path);
        Ok(())
    }
}

/// A queue that keeps what is sent for the caller, in order.
#[derive(Default)]
pub struct CapturedQueue {
    sent: Mutex<Vec<(QueueName, String)>>,
}

impl CapturedQueue {
    /// Takes what was sent so far.
    pub fn take(&self) -> Vec<(QueueName, String)> {
        std::mem::take(&mut *locked(&self.sent))
    }
}

impl Queue for CapturedQueue {
    async fn send(&self, queue: QueueName, bodies: &[String], _delay: Duration) -> Result<(), PortError> {
        locked(&self.sent).extend(bodies.iter().map(|body| (queue, body.clone())));
        Ok(())
    }
}
