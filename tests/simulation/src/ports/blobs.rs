//! Objects.

use crate::world::View;
use bytes::Bytes;
use fakes::run_ready;
use ports::{Blobs, PortError, Put};

/// The store of objects as one invocation has it.
#[derive(Clone)]
pub struct SimBlobs {
    pub(super) view: View,
}

impl Blobs for SimBlobs {
    async fn put(&self, path: &str, bytes: Bytes) -> Result<Put, PortError> {
        let outside = &self.view.shared.outside;
        let manifest = path
            .contains("/manifests/")
            .then(|| crate::checks::manifest_with_all(&self.view.shared, path, &bytes))
            .flatten();
        let bytes = manifest.unwrap_or(bytes);
        self.view.call(true, || run_ready(outside.blobs.put(path, bytes.clone()))).await
    }

    async fn get(&self, path: &str) -> Result<Option<Bytes>, PortError> {
        let outside = &self.view.shared.outside;
        self.view.call(false, || run_ready(outside.blobs.get(path))).await
    }

    async fn delete(&self, path: &str) -> Result<(), PortError> {
        let outside = &self.view.shared.outside;
        self.view.call(false, || run_ready(outside.blobs.delete(path))).await
    }
}
