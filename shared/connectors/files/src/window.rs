//! A sliding view of the file: requests chunk after chunk, always of the pinned version, and forgets what was used.

use crate::cursor::Pin;
use crate::fault;
use object_store::path::Path;
use object_store::{GetOptions, GetRange, ObjectStore};
use ports::PortError;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The part of the file that is held just now.
pub(crate) struct Window<'a> {
    store: &'a dyn ObjectStore,
    path: &'a Path,
    pin: &'a Pin,
    chunk: u64,
    largest: &'a AtomicUsize,
    buffer: Vec<u8>,
    /// Bytes at the front of the buffer that were used.
    used: usize,
    /// Where the buffer's first byte stands in the file.
    offset: u64,
}

impl<'a> Window<'a> {
    pub(crate) fn new(
        store: &'a dyn ObjectStore,
        path: &'a Path,
        pin: &'a Pin,
        chunk: u64,
        largest: &'a AtomicUsize,
    ) -> Self {
        Self { store, path, pin, chunk, largest, buffer: Vec::new(), used: 0, offset: 0 }
    }

    /// Bytes that are here and not used yet.
    pub(crate) fn rest(&self) -> &[u8] {
        &self.buffer[self.used..]
    }

    /// Where the first byte of [`Window::rest`] stands in the file.
    pub(crate) fn position(&self) -> u64 {
        self.offset + self.used as u64
    }

    /// Whether all bytes of the file are used.
    pub(crate) fn is_spent(&self) -> bool {
        self.position() >= self.pin.size
    }

    /// Uses up bytes of [`Window::rest`].
    pub(crate) fn advance(&mut self, bytes: usize) {
        self.used = (self.used + bytes).min(self.buffer.len());
    }

    /// Goes on at this place of the file.
    pub(crate) fn seek(&mut self, position: u64) {
        let held = self.offset..=self.offset + self.buffer.len() as u64;
        if held.contains(&position) {
            self.used = usize::try_from(position - self.offset).unwrap_or(self.buffer.len());
        } else {
            self.buffer.clear();
            (self.used, self.offset) = (0, position);
        }
    }

    /// Makes sure that `bytes` bytes are here; false if the file ends before.
    pub(crate) async fn ensure(&mut self, bytes: usize) -> Result<bool, PortError> {
        while self.rest().len() < bytes {
            if !self.more().await? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Requests the next chunk; false if there is none.
    pub(crate) async fn more(&mut self) -> Result<bool, PortError> {
        let from = self.offset + self.buffer.len() as u64;
        if from >= self.pin.size {
            return Ok(false);
        }
        let to = from.saturating_add(self.chunk).min(self.pin.size);
        let options = GetOptions {
            range: Some(GetRange::Bounded(from..to)),
            if_match: self.pin.e_tag.clone(),
            ..GetOptions::default()
        };
        let answer = self.store.get_opts(self.path, options).await.map_err(fault::classified)?;
        let replaced = PortError::Conflict { what: "the file could not be read to its end" };
        if Pin::of(&answer.meta) != *self.pin {
            return Err(replaced);
        }
        let bytes = answer.bytes().await.map_err(fault::classified)?;
        if bytes.len() as u64 != to - from {
            return Err(replaced);
        }
        self.buffer.drain(..self.used);
        self.offset += self.used as u64;
        self.used = 0;
        self.buffer.extend_from_slice(&bytes);
        self.largest.fetch_max(self.buffer.len(), Ordering::Relaxed);
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use object_store::ObjectStoreExt;
    use object_store::memory::InMemory;

    #[tokio::test]
    async fn a_file_that_is_replaced_between_two_chunks_is_a_conflict() {
        let (store, path, largest) = (InMemory::new(), Path::from("workers"), AtomicUsize::new(0));
        store.put(&path, b"abcdefgh".to_vec().into()).await.unwrap();
        let pin = Pin::of(&store.head(&path).await.unwrap());
        let mut window = Window::new(&store, &path, &pin, 4, &largest);
        assert!(window.more().await.unwrap());
        store.put(&path, b"ABCDEFGH".to_vec().into()).await.unwrap();
        assert!(window.more().await.is_err_and(|error| error.is_conflict()));
        assert_eq!(window.rest(), b"abcd");
    }
}
