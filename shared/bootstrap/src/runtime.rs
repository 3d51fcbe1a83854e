//! Everything that one process of a function keeps between events.

use crate::{AnySource, AnyTarget, Clients, Settings, StartError, SystemClock, SystemEntropy, schemas};
use blobs::ObjectBlobs;
use config::{Config, Connector};
use pipeline::{Environment, Job, Pace, Ports};
use ports::{Blobs, Clock, ErrorChain, PortError};
use queue_sqs::SqsQueue;
use record::Secret;
use secrecy::ExposeSecret;
use std::collections::BTreeMap;
use std::sync::Arc;
use store_dynamodb::DynamoTable;
use tokio::sync::Mutex;

/// The ports of a function in a deployment or on the local stack.
pub type RuntimePorts = Ports<DynamoTable, SqsQueue, ObjectBlobs, SystemClock, SystemEntropy>;

/// What a process of a function keeps.
pub struct Runtime {
    /// The settings.
    pub settings: Settings,
    /// The AWS clients.
    pub clients: Clients,
    /// The configuration.
    pub config: Config,
    /// The ports.
    pub ports: RuntimePorts,
    /// Connections to targets, kept from one event to the next.
    targets: Mutex<BTreeMap<String, Arc<AnyTarget>>>,
}

impl Runtime {
    /// Reads settings, configuration and the stack's secret, and builds the ports.
    pub async fn start(settings: Settings) -> Result<Self, StartError> {
        // A second installation in one process is refused, and harmless.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let clients = Clients::new(&settings);
        let config = load_config(&settings).await?;
        let secret = clients.secret(&settings, &settings.stack_secret).await?;
        let blobs = ObjectBlobs::open(&settings.blobs, settings.environment.clone())
            .map_err(|source| StartError::Port { what: "the blobs cannot be opened", source })?;
        let ports = Ports {
            table: DynamoTable::new(clients.dynamodb.clone(), settings.table.clone()),
            queue: SqsQueue::new(clients.sqs.clone(), settings.queues.clone()),
            blobs,
            clock: SystemClock,
            entropy: SystemEntropy,
            secret: Secret::new(secret.expose_secret().as_bytes()),
        };
        Ok(Self { settings, clients, config, ports, targets: Mutex::default() })
    }

    /// A job as the steps see it.
    pub fn job(&self, name: &str) -> Option<Job<'_>> {
        self.config.jobs.get(name).map(|job| Job {
            name: &job.name,
            target: &job.target,
            rules: &job.rules,
            batch_size: job.batch_size,
        })
    }

    /// A job that must be configured.
    pub fn expect_job(&self, name: &str) -> Result<Job<'_>, StartError> {
        self.job(name).ok_or(StartError::Unknown { what: "the job" })
    }

    /// The source of a job.
    pub fn source_of(&self, job: &str) -> Result<AnySource, StartError> {
        let job = self.config.jobs.get(job).ok_or(StartError::Unknown { what: "the job" })?;
        AnySource::open(self.connector(&job.source)?, &self.settings)
    }

    /// A target by its connector's name.
    pub async fn target(&self, connector: &str) -> Result<Arc<AnyTarget>, StartError> {
        let mut targets = self.targets.lock().await;
        if let Some(target) = targets.get(connector) {
            return Ok(Arc::clone(target));
        }
        let target = AnyTarget::connect(self.connector(connector)?, &self.settings, &self.clients).await?;
        let target = Arc::new(target);
        targets.insert(connector.to_owned(), Arc::clone(&target));
        Ok(target)
    }

    /// Drops the connection to a target that refuses us: the next one reads the secret anew, which somebody may have renewed.
    pub async fn forget_target(&self, connector: &str) {
        self.targets.lock().await.remove(connector);
    }

    fn connector(&self, name: &str) -> Result<&Connector, StartError> {
        self.config.connectors.get(name).ok_or(StartError::Unknown { what: "the connector" })
    }

    /// A fresh pace for a target: what it is allowed by its documentation.
    pub fn pace(&self, connector: &str, group_max: usize) -> Result<Pace, StartError> {
        let (writes, window) = match self.connector(connector)? {
            Connector::Graph(options) => (options.writes, options.window_seconds),
            Connector::Files(_) | Connector::ActiveDirectory(_) => {
                return Err(StartError::Unknown { what: "a target of this kind" });
            }
        };
        Ok(Pace::new(writes, window, group_max, self.ports.clock().now()))
    }
}

/// The configuration from a path or from S3.
async fn load_config(settings: &Settings) -> Result<Config, StartError> {
    let failed = |source| StartError::Port { what: "the configuration cannot be read", source };
    let text = match settings.config.rsplit_once('/').filter(|_| settings.config.starts_with("s3://")) {
        Some((folder, name)) => {
            let blobs = ObjectBlobs::open(folder, settings.environment.clone()).map_err(failed)?;
            let missing = || failed(PortError::Permanent { what: "there is no object under CONFIG_URL", source: None });
            let bytes = blobs.get(name).await.map_err(failed)?.ok_or_else(missing)?;
            String::from_utf8_lossy(&bytes).into_owned()
        }
        None => std::fs::read_to_string(&settings.config)
            .map_err(|error| failed(PortError::permanent("there is no file under CONFIG_URL", error)))?,
    };
    let config = config::load(&text, &settings.config, &schemas).map_err(|mistakes| StartError::Configuration {
        mistakes: mistakes.iter().map(ToString::to_string).collect(),
    })?;
    for warning in &config.warnings {
        tracing::warn!(%warning, "the configuration has a warning");
    }
    Ok(config)
}

impl Runtime {
    /// Starts from the process's own environment; an error is logged with everything underneath.
    pub async fn load() -> Result<Self, lambda_runtime::Error> {
        let settings = Settings::load()?;
        crate::init_log(&settings.log_level);
        let started = Self::start(settings).await;
        started.map_err(|error| {
            tracing::error!(error = %ErrorChain(&error), "the function cannot start");
            error.into()
        })
    }
}
