//! The blob port on S3 and on folders. Objects are made whole or not at all, and never replaced.
//!
//! For S3 the binary installs a process-wide rustls provider (ring) before [`ObjectBlobs::open`]: the HTTP client is
//! built without one of its own. Needs a tokio runtime.

mod address;
mod error;

use address::Address;
use bytes::Bytes;
use error::{READ, WRITE, classify, refused};
use object_store::aws::{AmazonS3Builder, AmazonS3ConfigKey};
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{BackoffConfig, ClientOptions, Error, ObjectStore, ObjectStoreExt, PutMode, RetryConfig};
use ports::{Blobs, PortError, Put};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
const REQUEST_TIMEOUT: Duration = Duration::from_secs(20);
/// Repeating a put is safe: at worst it finds the object that its first attempt made.
const RETRIES_MAX: usize = 3;
const RETRY_TIMEOUT: Duration = Duration::from_secs(15);

/// A bucket (and a prefix within it) or a folder.
#[derive(Clone)]
pub struct ObjectBlobs {
    store: Arc<dyn ObjectStore>,
    prefix: String,
}

impl ObjectBlobs {
    /// Opens `s3://bucket/prefix`, `file:///folder` or a plain folder, which is made if it is not there.
    ///
    /// `options` are the `AWS_…` variables of the environment (credentials, `AWS_REGION`, `AWS_ENDPOINT_URL_S3`,
    /// `AWS_ALLOW_HTTP`); names that mean nothing to S3 are passed over. A folder needs none.
    pub fn open(address: &str, options: impl IntoIterator<Item = (String, String)>) -> Result<Self, PortError> {
        match Address::parse(address)? {
            Address::Folder(folder) => {
                let failed = |source| PortError::permanent("the blob folder could not be opened", source);
                std::fs::create_dir_all(&folder).map_err(failed)?;
                // Contents reach the disk before their name does, so that not even a power cut shows a torn object.
                let store = LocalFileSystem::new_with_prefix(&folder).map_err(|error| classify(READ, error))?;
                Ok(Self { store: Arc::new(store.with_fsync(true)), prefix: String::new() })
            }
            Address::Bucket { bucket, prefix } => Ok(Self { store: Arc::new(open_s3(&bucket, options)?), prefix }),
        }
    }

    fn path(&self, path: &str) -> Result<Path, PortError> {
        let whole = if self.prefix.is_empty() { path.to_owned() } else { format!("{}/{path}", self.prefix) };
        let broken = path.split('/').any(|part| matches!(part, "" | "." | "..") || part.contains('#'));
        let parsed = Path::parse(whole).ok().filter(|_| !broken);
        parsed.ok_or_else(|| refused("the path of a blob is malformed"))
    }
}

/// A bucket by itself, for a connector that reads objects by ranges. `options` as for [`ObjectBlobs::open`].
pub fn bucket(
    bucket: &str,
    options: impl IntoIterator<Item = (String, String)>,
) -> Result<Arc<dyn ObjectStore>, PortError> {
    Ok(Arc::new(open_s3(bucket, options)?))
}

fn open_s3(bucket: &str, options: impl IntoIterator<Item = (String, String)>) -> Result<impl ObjectStore, PortError> {
    let backoff = BackoffConfig { init_backoff: Duration::from_millis(50), ..BackoffConfig::default() };
    let retry = RetryConfig { backoff, max_retries: RETRIES_MAX, retry_timeout: RETRY_TIMEOUT };
    let client = ClientOptions::new().with_connect_timeout(CONNECT_TIMEOUT).with_timeout(REQUEST_TIMEOUT);
    let mut builder = AmazonS3Builder::new().with_client_options(client).with_retry(retry);
    for (name, value) in options {
        let name = name.to_ascii_lowercase();
        if let (true, Ok(key)) = (name.starts_with("aws_"), name.parse::<AmazonS3ConfigKey>()) {
            builder = builder.with_config(key, value);
        }
    }
    let failed =
        |error| PortError::permanent("the blob bucket's settings are not usable; check the AWS_ variables", error);
    builder.with_bucket_name(bucket).build().map_err(failed)
}

/// Leaves out the store: its own output holds its credentials' settings.
impl fmt::Debug for ObjectBlobs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ObjectBlobs").field("prefix", &self.prefix).finish_non_exhaustive()
    }
}

impl Blobs for ObjectBlobs {
    async fn put(&self, path: &str, bytes: Bytes) -> Result<Put, PortError> {
        match self.store.put_opts(&self.path(path)?, bytes.into(), PutMode::Create.into()).await {
            Ok(_) => Ok(Put::Created),
            // S3 answers 409 where two writers of one object met, and neither may have won: it is to be asked again.
            Err(error @ Error::AlreadyExists { .. }) if error::is_undecided(&error) => {
                Err(PortError::transient(WRITE, error))
            }
            Err(Error::AlreadyExists { .. }) => Ok(Put::Exists),
            Err(error) => Err(classify(WRITE, error)),
        }
    }

    async fn get(&self, path: &str) -> Result<Option<Bytes>, PortError> {
        let found = match self.store.get(&self.path(path)?).await {
            Ok(found) => found,
            Err(error) if error::is_absent(&error) => return Ok(None),
            Err(error) => return Err(classify(READ, error)),
        };
        Ok(Some(found.bytes().await.map_err(|error| classify(READ, error))?))
    }

    async fn delete(&self, path: &str) -> Result<(), PortError> {
        match self.store.delete(&self.path(path)?).await {
            Err(error) if !error::is_absent(&error) => Err(classify(WRITE, error)),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests;
