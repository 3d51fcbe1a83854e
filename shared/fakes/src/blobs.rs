//! Objects in memory.

use crate::{Crash, Throttle, locked, refused};
use bytes::Bytes;
use ports::{Blobs, PortError, Put};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

/// A store of objects. A clone is the same store.
#[derive(Clone, Debug)]
pub struct FakeBlobs {
    crash: Crash,
    /// Refuses calls.
    pub throttle: Throttle,
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    objects: BTreeMap<String, Bytes>,
    puts: u64,
    gets: u64,
    deletes: u64,
}

impl FakeBlobs {
    /// An empty store.
    pub fn new(crash: Crash) -> Self {
        Self { crash, throttle: Throttle::default(), state: Arc::default() }
    }

    /// Every path, in order.
    pub fn paths(&self) -> Vec<String> {
        locked(&self.state).objects.keys().cloned().collect()
    }

    /// Every object, for comparing two worlds.
    pub fn objects(&self) -> BTreeMap<String, Bytes> {
        locked(&self.state).objects.clone()
    }

    /// How many puts were made, also those that found something.
    pub fn puts(&self) -> u64 {
        locked(&self.state).puts
    }

    /// How many gets were made.
    pub fn gets(&self) -> u64 {
        locked(&self.state).gets
    }

    /// How many deletes were made.
    pub fn deletes(&self) -> u64 {
        locked(&self.state).deletes
    }

    /// Replaces an object behind everybody's back, as a broken disk would.
    pub fn overwrite(&self, path: &str, bytes: impl Into<Bytes>) {
        locked(&self.state).objects.insert(path.to_owned(), bytes.into());
    }
}

/// Refuses paths that do not stand for the same object everywhere.
fn check(path: &str) -> Result<(), PortError> {
    let broken = path.split('/').any(|part| matches!(part, "" | "." | "..") || part.contains('#'));
    if broken { Err(refused("the path of a blob is malformed")) } else { Ok(()) }
}

impl Blobs for FakeBlobs {
    async fn put(&self, path: &str, bytes: Bytes) -> Result<Put, PortError> {
        check(path)?;
        self.throttle.pass()?;
        self.crash.around(|| {
            let mut state = locked(&self.state);
            state.puts += 1;
            if state.objects.contains_key(path) {
                return Ok(Put::Exists);
            }
            state.objects.insert(path.to_owned(), bytes);
            Ok(Put::Created)
        })
    }

    async fn get(&self, path: &str) -> Result<Option<Bytes>, PortError> {
        check(path)?;
        self.throttle.pass()?;
        self.crash.around(|| {
            let mut state = locked(&self.state);
            state.gets += 1;
            Ok(state.objects.get(path).cloned())
        })
    }

    async fn delete(&self, path: &str) -> Result<(), PortError> {
        check(path)?;
        self.throttle.pass()?;
        self.crash.around(|| {
            let mut state = locked(&self.state);
            state.deletes += 1;
            state.objects.remove(path);
            Ok(())
        })
    }
}
