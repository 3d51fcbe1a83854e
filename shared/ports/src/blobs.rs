//! Large immutable objects: what a batch read, what was planned, what came of it, and manifests.

use crate::PortError;
use bytes::Bytes;
use std::future::Future;

/// What a [`Blobs::put`] did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Put {
    /// The object is new.
    Created,
    /// There was one under this path; it stands as it was.
    Exists,
}

/// A store of objects by path (`jobs/<job>/cycles/<n>/…`). Objects never change once they are there.
pub trait Blobs: Send + Sync {
    /// Stores the bytes unless something stands there already. The first writer wins, atomically.
    fn put(&self, path: &str, bytes: Bytes) -> impl Future<Output = Result<Put, PortError>> + Send;

    /// The object, `None` if there is none.
    fn get(&self, path: &str) -> impl Future<Output = Result<Option<Bytes>, PortError>> + Send;

    /// Removes an object; nothing happens if there is none.
    fn delete(&self, path: &str) -> impl Future<Output = Result<(), PortError>> + Send;
}
