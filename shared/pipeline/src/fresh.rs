//! The objects of a cycle that nobody else knows of yet: what this invocation has just made is not read back.

use crate::Environment;
use bytes::Bytes;
use futures_util::future::try_join_all;
use ports::{Blobs, PortError, Put};
use record::Secret;
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The ports of an invocation that makes a whole cycle by itself. It is its own blob store: objects of the cycle are
/// remembered, and not stored before [`Fresh::store`].
pub(crate) struct Fresh<'e, E> {
    env: &'e E,
    prefix: String,
    made: Mutex<Made>,
}

#[derive(Default)]
struct Made {
    objects: BTreeMap<String, Bytes>,
    /// From now on objects are stored as they are made.
    at_once: bool,
    /// Others may work on the cycle too.
    is_shared: bool,
}

impl<'e, E: Environment> Fresh<'e, E> {
    /// `base` is where the cycle's objects stand. Its token was drawn just now, so that nothing stands there yet.
    pub fn new(env: &'e E, base: &str) -> Self {
        Self { env, prefix: format!("{base}/"), made: Mutex::default() }
    }

    fn made(&self) -> MutexGuard<'_, Made> {
        self.made.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// From now on somebody else may make objects of the cycle.
    pub fn share(&self) {
        self.made().is_shared = true;
    }

    /// Stores what was made so far, side by side.
    pub async fn store(&self) -> Result<(), PortError> {
        let waiting = {
            let mut made = self.made();
            made.at_once = true;
            made.objects.clone()
        };
        let puts = waiting.iter().map(|(path, bytes)| self.env.blobs().put(path, bytes.clone()));
        try_join_all(puts).await.map(drop)
    }
}

impl<E: Environment> Environment for Fresh<'_, E> {
    type Table = E::Table;
    type Queue = E::Queue;
    type Blobs = Self;
    type Clock = E::Clock;
    type Entropy = E::Entropy;

    fn table(&self) -> &E::Table {
        self.env.table()
    }

    fn queue(&self) -> &E::Queue {
        self.env.queue()
    }

    fn blobs(&self) -> &Self {
        self
    }

    fn clock(&self) -> &E::Clock {
        self.env.clock()
    }

    fn entropy(&self) -> &E::Entropy {
        self.env.entropy()
    }

    fn secret(&self) -> &Secret {
        self.env.secret()
    }
}

impl<E: Environment> Blobs for Fresh<'_, E> {
    async fn put(&self, path: &str, bytes: Bytes) -> Result<Put, PortError> {
        if path.starts_with(&self.prefix) {
            let mut made = self.made();
            if made.objects.contains_key(path) {
                return Ok(Put::Exists);
            }
            if !made.at_once {
                made.objects.insert(path.to_owned(), bytes);
                return Ok(Put::Created);
            }
        }
        let put = self.env.blobs().put(path, bytes.clone()).await?;
        if path.starts_with(&self.prefix) {
            // A lost reply, or a successor that took over: what stands there counts.
            let stands = if put == Put::Exists { self.env.blobs().get(path).await?.unwrap_or(bytes) } else { bytes };
            self.made().objects.insert(path.to_owned(), stands);
        }
        Ok(put)
    }

    async fn get(&self, path: &str) -> Result<Option<Bytes>, PortError> {
        if path.starts_with(&self.prefix) {
            let made = self.made();
            let here = made.objects.get(path).cloned();
            if here.is_some() || !made.is_shared {
                return Ok(here);
            }
        }
        self.env.blobs().get(path).await
    }

    async fn delete(&self, path: &str) -> Result<(), PortError> {
        self.made().objects.remove(path);
        self.env.blobs().delete(path).await
    }
}
