//! From a configured connector to a source or a target.

use crate::{Clients, Settings, StartError, SystemClock, SystemEntropy};
use config::{Connector, GraphOptions};
use connector_files::FilesSource;
use connector_graph::GraphTarget;
use ports::{
    Account, AccountPage, Anchor, Page, PortError, Reading, Source, TargetRead, TargetWrite, WriteReport, WriteRequest,
};
use record::{RecordKey, TargetSchema};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// What a connector takes as a target; `None` for one that is only a source.
pub fn schemas(connector: &Connector) -> Option<&'static TargetSchema> {
    match connector {
        Connector::Files(_) => None,
        Connector::Graph(_) => Some(connector_graph::schema()),
        Connector::ActiveDirectory(_) => Some(connector_active_directory::schema()),
    }
}

/// Any source that this build knows.
#[derive(Debug)]
pub enum AnySource {
    /// HR files.
    Files(FilesSource),
}

impl AnySource {
    /// Opens a source.
    pub fn open(connector: &Connector, settings: &Settings) -> Result<Self, StartError> {
        match connector {
            Connector::Files(options) => {
                let what = "the HR file cannot be opened";
                let source = if let Some(address) = options.url.strip_prefix("s3://") {
                    let (bucket, key) = address.split_once('/').unwrap_or((address, ""));
                    let store = blobs::bucket(bucket, settings.environment.clone());
                    let store = store.map_err(|source| StartError::Port { what, source })?;
                    FilesSource::open(options.clone(), store, key.into())
                } else {
                    FilesSource::local(options.clone()).map_err(|source| StartError::Port { what, source })?
                };
                Ok(Self::Files(source))
            }
            Connector::Graph(_) | Connector::ActiveDirectory(_) => {
                Err(StartError::Unknown { what: "a source of this kind" })
            }
        }
    }
}

impl Source for AnySource {
    async fn read(&self, reading: &Reading, cursor: Option<&str>) -> Result<Page, PortError> {
        match self {
            Self::Files(source) => source.read(reading, cursor).await,
        }
    }

    async fn read_one(&self, key: &RecordKey) -> Result<Page, PortError> {
        match self {
            Self::Files(source) => source.read_one(key).await,
        }
    }
}

/// Any target that this build knows.
#[derive(Debug)]
pub struct AnyTarget {
    known: Known,
    refused: AtomicBool,
}

#[derive(Debug)]
enum Known {
    /// Microsoft Entra ID.
    Graph(GraphTarget),
}

impl AnyTarget {
    /// Connects to a target; its secret is read now, its token on first use.
    pub async fn connect(connector: &Connector, settings: &Settings, clients: &Clients) -> Result<Self, StartError> {
        if let Some(what) = connector.unwritable() {
            return Err(StartError::Unwritable { what });
        }
        match connector {
            Connector::Files(_) | Connector::ActiveDirectory(_) => {
                Err(StartError::Unknown { what: "a target of this kind" })
            }
            Connector::Graph(options) => {
                let options = addressed(options, settings);
                let secret = clients.secret(settings, &options.client_secret).await?;
                let target = GraphTarget::connect(options, secret, SystemEntropy, SystemClock);
                let target =
                    target.map_err(|source| StartError::Port { what: "the target cannot be set up", source })?;
                Ok(Self { known: Known::Graph(target), refused: AtomicBool::new(false) })
            }
        }
    }

    /// Whether the target itself has refused a read for good, and not something else on the way to it.
    pub fn has_refused(&self) -> bool {
        self.refused.load(Ordering::Relaxed)
    }

    fn noted<V>(&self, read: Result<V, PortError>) -> Result<V, PortError> {
        if matches!(read, Err(PortError::Permanent { .. })) {
            self.refused.store(true, Ordering::Relaxed);
        }
        read
    }
}

/// The local stack's simulator takes the place of Microsoft's addresses where the configuration says so.
fn addressed(options: &GraphOptions, settings: &Settings) -> GraphOptions {
    let mut options = options.clone();
    if let (true, Some(simulator)) = (options.base_url == "simulator", &settings.simulator) {
        options.base_url.clone_from(simulator);
        options.authority.clone_from(simulator);
    }
    options
}

impl TargetRead for AnyTarget {
    fn schema(&self) -> &'static TargetSchema {
        match &self.known {
            Known::Graph(target) => target.schema(),
        }
    }

    async fn find(&self, attribute: &str, values: &[String], select: &[String]) -> Result<Vec<Account>, PortError> {
        match &self.known {
            Known::Graph(target) => self.noted(target.find(attribute, values, select).await),
        }
    }

    async fn read(&self, anchors: &[Anchor], select: &[String]) -> Result<Vec<Account>, PortError> {
        match &self.known {
            Known::Graph(target) => self.noted(target.read(anchors, select).await),
        }
    }

    async fn read_all(&self, select: &[String], next: Option<&str>) -> Result<AccountPage, PortError> {
        match &self.known {
            Known::Graph(target) => self.noted(target.read_all(select, next).await),
        }
    }
}

impl TargetWrite for AnyTarget {
    fn group_max(&self) -> usize {
        match &self.known {
            Known::Graph(target) => target.group_max(),
        }
    }

    fn request_life(&self) -> Duration {
        match &self.known {
            Known::Graph(target) => target.request_life(),
        }
    }

    async fn write(&self, requests: &[WriteRequest]) -> WriteReport {
        match &self.known {
            Known::Graph(target) => target.write(requests).await,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use config::SecretReference;

    async fn target() -> AnyTarget {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let pairs = ["TABLE_NAME", "BLOB_URL", "CONFIG_URL", "STACK_SECRET_FILE", "GRAPH_CLIENT_SECRET"];
        let settings = Settings::from_pairs(pairs.map(|name| (name.to_owned(), "x".to_owned()))).unwrap();
        let options = GraphOptions {
            base_url: "http://127.0.0.1:9".to_owned(),
            authority: "http://127.0.0.1:9".to_owned(),
            tenant: "contoso.example".to_owned(),
            client_id: "of-nobody".to_owned(),
            client_secret: SecretReference::Environment("GRAPH_CLIENT_SECRET".to_owned()),
            writes: 1,
            window_seconds: 1,
            timeout_seconds: 1,
        };
        AnyTarget::connect(&Connector::Graph(options), &settings, &Clients::new(&settings)).await.unwrap()
    }

    #[tokio::test]
    async fn only_what_the_target_refuses_for_good_counts_as_refused() {
        let target = target().await;
        assert!(target.noted(Err::<(), _>(PortError::transient("a read failed", "cut off"))).is_err());
        assert!(!target.has_refused());
        assert!(target.noted(Err::<(), _>(PortError::permanent("a read is denied", "403"))).is_err());
        assert!(target.has_refused());
    }
}
